"""Digit preprocessing: handwriting on paper as data sets of digits hold it, light strokes on black that fill their square.

1. Take the central square, gray, at most 320 px a side, slightly smoothed.
2. Find the paper: the largest bright region (Otsu, "A threshold selection method from gray-level histograms", IEEE Trans.
   SMC 9, 1979) that is about as wide as high, fills its rectangle and is mostly blank. Without one, use the square itself.
3. Subtract the surroundings: dark strokes where the border is light (closing minus image), light ones where it is dark
   (image minus opening). The neighborhood is larger than a stroke and smaller than a shadow, so uneven light does no harm.
4. Keep what lies above Otsu's threshold of that difference if its contrast is at least MIN_CONTRAST. Drop components that
   touch the edge (the paper's rim, a thumb) or are small compared with the largest.
5. Fit the strokes' rectangle into a square with the data set's margin and average it down.
"""

from __future__ import annotations

import cv2
import numpy as np

from facecam.types import Image

MIN_CONTRAST = 30
"""Gray levels between strokes and paper: pencil on white has 60 and more, noise and folds below 20."""

_WORK_PX = 320
_MIN_PAPER_SHARE = 0.04
_RIM_SHARE = 0.07
_MIN_COMPONENT_SHARE = 0.08

_Rectangle = tuple[int, int, int, int]


def extract_digit(bgr: Image, size_px: int, margin: float) -> Image | None:
    """Return the digit in `bgr` (height, width, 3) uint8 as (size_px, size_px) uint8, light on black; None without strokes.

    `margin` is the free space on each side, as a share of the result's side.
    """
    gray = _central_gray(bgr)
    paper, whole = _find_paper(gray), (0, 0, gray.shape[1], gray.shape[0])
    for x, y, w, h in (whole,) if paper is None else (paper, whole):
        strokes = _extract_strokes(gray[y : y + h, x : x + w])
        if strokes is not None:
            return _fit_square(strokes, size_px, margin)
    return None


def central_square_of(bgr: Image) -> Image:
    """Return the largest centered square of an image, as a view."""
    height, width = bgr.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return bgr[top : top + side, left : left + side]


def _central_gray(bgr: Image) -> Image:
    square = cv2.cvtColor(central_square_of(bgr), cv2.COLOR_BGR2GRAY)
    if len(square) > _WORK_PX:
        square = cv2.resize(square, (_WORK_PX, _WORK_PX), interpolation=cv2.INTER_AREA)
    elif len(square) < _WORK_PX // 2:
        square = cv2.resize(square, (_WORK_PX // 2,) * 2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(square, (0, 0), 1.0), np.uint8)


def _find_paper(gray: Image) -> _Rectangle | None:
    """Return the paper without its rim as x, y, width, height."""
    _, bright = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:3]:
        area = cv2.contourArea(contour)
        (_, _), (w, h), _ = cv2.minAreaRect(contour)
        if area < _MIN_PAPER_SHARE * gray.size or area < 0.7 * w * h or max(w, h) > 3 * min(w, h):
            continue
        inside = np.zeros_like(gray)
        cv2.drawContours(inside, [contour], -1, 255, cv2.FILLED)
        if np.mean(bright[inside > 0] > 0) < 0.6:  # a light ring on black is a zero, not a sheet
            continue
        x, y, width, height = cv2.boundingRect(contour)
        rim = round(_RIM_SHARE * min(width, height))
        if min(width, height) > 2 * rim + 8:
            return x + rim, y + rim, width - 2 * rim, height - 2 * rim
    return None


def _extract_strokes(gray: Image) -> Image | None:
    """Return the contrast of the strokes, 0 to 255, cropped to them; None when it is too low."""
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    dark_on_light = float(np.median(border)) > (int(gray.min()) + int(gray.max())) / 2
    neighborhood = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(0.35 * min(gray.shape))) | 1,) * 2)
    operation = cv2.MORPH_BLACKHAT if dark_on_light else cv2.MORPH_TOPHAT
    contrast = np.asarray(cv2.morphologyEx(gray, operation, neighborhood), np.uint8)
    level, mask = cv2.threshold(contrast, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if level < MIN_CONTRAST / 2 or np.percentile(contrast[mask > 0], 75) < MIN_CONTRAST:
        return None
    strokes = _stroke_components(np.asarray(mask, np.uint8))
    if strokes is None:
        return None
    x, y, w, h = cv2.boundingRect(strokes)
    top = max(float(np.percentile(contrast[strokes > 0], 80)), 1.0)
    near = cv2.dilate(strokes, np.ones((3, 3), np.uint8))
    light = np.where(near > 0, np.minimum(contrast * (255 / top), 255), 0).astype(np.uint8)
    return np.asarray(light[y : y + h, x : x + w], np.uint8)


def _stroke_components(mask: Image) -> Image | None:
    """Remove components of `mask` (255 where set) that touch the edge or are small; None when nothing is left."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    x, y, w, h, area = stats.T
    is_inside = (x > 0) & (y > 0) & (x + w < mask.shape[1]) & (y + h < mask.shape[0])
    is_inside[0] = False  # the rest of the image
    largest = int(area[is_inside].max(initial=0))
    if largest < 0.003 * mask.size or h[is_inside].max(initial=0) < 0.08 * len(mask):
        return None
    strokes = np.flatnonzero(is_inside & (area >= _MIN_COMPONENT_SHARE * largest))
    return np.asarray(np.isin(numbers, strokes) * 255, np.uint8)


def _fit_square(strokes: Image, size_px: int, margin: float) -> Image:
    height, width = strokes.shape
    side = round(max(height, width) / (1 - 2 * margin))
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = strokes
    return np.asarray(cv2.resize(square, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8)
