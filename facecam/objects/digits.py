"""A figure written on paper, as sets of handwritten digits hold it: light strokes on black that fill their square. Pure.

1. The middle square of the picture, gray, at most 320 px a side, slightly smoothed.
2. The paper: the largest bright patch (Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. SMC 9, 1979)
   that is about as wide as high, fills its rectangle and is mostly blank. Without one the square itself is looked at.
3. What differs from its surroundings: dark strokes where the border is light (closing minus picture), light ones where it is dark
   (picture minus opening). The neighborhood is larger than a stroke and smaller than a shadow, so uneven light does no harm.
4. Strokes are what lies above Otsu's threshold of that difference, if they stand out by MIN_CONTRAST; patches that touch the edge
   (the paper's own rim, a thumb) or are small beside the largest are dropped.
5. Their rectangle, filled up to a square with the margin that the set leaves, averaged down.
"""

from __future__ import annotations

import cv2
import numpy as np

from facecam.types import Image

MIN_CONTRAST = 30
"""Gray levels between strokes and paper: pencil on white is 60 and more, noise and folds below 20."""

_WORK_PX = 320
_MIN_PAPER_SHARE = 0.04
_RIM = 0.07
_SMALL_PATCH = 0.08

Box = tuple[int, int, int, int]


def figure_on_paper(bgr: Image, size_px: int, margin: float) -> Image | None:
    """(size_px, size_px) uint8, light on black: the figure in `bgr` (height, width, 3) uint8; None when nothing is written there.

    `margin` is what stays free on each side, as a share of the result's side.
    """
    gray = _middle(bgr)
    for x, y, w, h in (*_papers(gray), (0, 0, gray.shape[1], gray.shape[0])):
        strokes = _strokes(gray[y : y + h, x : x + w])
        if strokes is not None:
            return _framed(strokes, size_px, margin)
    return None


def _middle(bgr: Image) -> Image:
    height, width = bgr.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = cv2.cvtColor(bgr[top : top + side, left : left + side], cv2.COLOR_BGR2GRAY)
    if side > _WORK_PX:
        square = cv2.resize(square, (_WORK_PX, _WORK_PX), interpolation=cv2.INTER_AREA)
    elif side < _WORK_PX // 2:
        square = cv2.resize(square, (_WORK_PX // 2,) * 2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(square, (0, 0), 1.0), np.uint8)


def _papers(gray: Image) -> list[Box]:
    """The inside of the patch of paper, x, y, width, height; empty when there is none."""
    _, bright = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:3]:
        area = cv2.contourArea(outline)
        (_, _), (w, h), _ = cv2.minAreaRect(outline)
        if area < _MIN_PAPER_SHARE * gray.size or area < 0.7 * w * h or max(w, h) > 3 * min(w, h):
            continue
        inside = np.zeros_like(gray)
        cv2.drawContours(inside, [outline], -1, 255, cv2.FILLED)
        if np.mean(bright[inside > 0] > 0) < 0.6:  # a light ring on black is a zero, and no sheet
            continue
        x, y, width, height = cv2.boundingRect(outline)
        rim = round(_RIM * min(width, height))
        if min(width, height) > 2 * rim + 8:
            return [(x + rim, y + rim, width - 2 * rim, height - 2 * rim)]
    return []


def _strokes(gray: Image) -> Image | None:
    """How far each pixel stands out, 0 to 255, cut to the strokes' rectangle; None when nothing stands out enough."""
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    dark_on_light = float(np.median(border)) > (int(gray.min()) + int(gray.max())) / 2
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(0.35 * min(gray.shape))) | 1,) * 2)
    how = cv2.MORPH_BLACKHAT if dark_on_light else cv2.MORPH_TOPHAT
    apart = np.asarray(cv2.morphologyEx(gray, how, around), np.uint8)
    level, mask = cv2.threshold(apart, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if level < MIN_CONTRAST / 2 or np.percentile(apart[mask > 0], 75) < MIN_CONTRAST:
        return None
    kept = _patches(np.asarray(mask, np.uint8))
    if kept is None:
        return None
    x, y, w, h = cv2.boundingRect(kept)
    top = max(float(np.percentile(apart[kept > 0], 80)), 1.0)
    near = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    light = np.where(near > 0, np.minimum(apart * (255 / top), 255), 0).astype(np.uint8)
    return np.asarray(light[y : y + h, x : x + w], np.uint8)


def _patches(mask: Image) -> Image | None:
    """The strokes of `mask`, 255 where they are, without what touches the edge or is small; None when nothing is left."""
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    inside = [
        number
        for number in range(1, count)
        if stats[number][0] > 0
        and stats[number][1] > 0
        and stats[number][0] + stats[number][2] < width
        and stats[number][1] + stats[number][3] < height
    ]
    if not inside:
        return None
    largest = max(int(stats[number][4]) for number in inside)
    if largest < 0.003 * mask.size or max(stats[number][3] for number in inside) < 0.08 * height:
        return None
    kept = [number for number in inside if stats[number][4] >= _SMALL_PATCH * largest]
    return np.asarray(np.isin(numbers, kept) * 255, np.uint8)


def _framed(strokes: Image, size_px: int, margin: float) -> Image:
    """The strokes in the middle of a square of size_px a side."""
    height, width = strokes.shape
    side = round(max(height, width) / (1 - 2 * margin))
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = strokes
    return np.asarray(cv2.resize(square, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8)
