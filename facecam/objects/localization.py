"""Object localization: the region of a frame that differs from a background learned while nothing has a label.

The background is a small image that follows the scene slowly. What differs from it is a new object or a person who moves; the
classifier decides which: a region without a label becomes background within seconds, a labeled one does not. Hands are told
apart by the skin color of the face in view, people's clothes by having no colors that are new to the image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Box, Floats, Image

Mask = NDArray[np.uint8]
Area = tuple[slice, slice]
"""Rows and columns."""

CROP_SCALES = (0.95, 0.7)
"""Sides of the classified square, alternating from frame to frame: an object keeps its label in both, a hand seldom does."""

_WIDTH_PX = 160
# Least change of a channel; a sensor's noise, blurred, stays below.
_MIN_DIFFERENCE = 22.0
# Share of the small image: less is a hand's shadow, more is another scene.
_MIN_CHANGED_SHARE, _MAX_CHANGED_SHARE = 0.012, 0.5
# Time constants of the background for pixels that match it, that differ, and that have a label.
_SIMILAR_S, _DIFFERENT_S, _LABELED_S = 0.5, 6.0, 60.0
# A face's box reaches from brow to chin; hair and neck move with it.
_FACE_ENLARGEMENT = 1.5
# Share of a component's pixels cut off on each side: an arm, a shadow, the edge of a sleeve.
_TRIMMED_SHARE = 0.05
_MIN_SHARE_OF_LONGER_SIDE = 0.67
_GUIDE_SHARE = 0.55
_MAX_PAUSE_MS = 1500.0

# Skin is compared by chroma alone: a hand held out is lighter or darker than the face, but hardly of another hue (Phung,
# Bouzerdoum, Chai, "Skin segmentation using color pixel classification", IEEE TPAMI 27, 2005). Cr and Cb, 0 to 255.
_MAX_CHROMA_DISTANCE = 9.0
_SKIN_LEARNING_RATE = 0.2
# A hand with its forearm is at most this many times as large as the face.
_MAX_HAND_FACES = 3.0
# The rest of a hand is sleeve.
_MIN_SKIN_SHARE = 0.45

# Bins of L, a and b, 0 to 255 each: light changes with every movement, hue hardly. One bin stays free at either end.
_LAB_STEPS = np.array([24, 5, 5], np.uint8)
_LAB_BINS = tuple(255 // int(step) + 3 for step in _LAB_STEPS)
# Fewer pixels of the small image are noise, or the edge between two colors.
_MIN_BIN_PX = 4


@dataclass(slots=True, eq=False)
class _Background:
    """Background (rows, 160, 3) float32 and the time of its last update."""

    pixels: Floats
    t_ms: float


class ObjectLocator:
    """Background model of one source. `scene_changed` is set when the last frame began a new background."""

    def __init__(self) -> None:
        self._background: _Background | None = None
        self.scene_changed = False
        self._skin = SkinTone()

    def find(self, bgr: Image, t_ms: float, faces: Sequence[Box], labeled_region: Box | None) -> Box | None:
        """Return the box of the new object in this frame, or None; `faces` are ignored.

        `labeled_region` has a label and does not become background.
        """
        small, background = _downscale(bgr), self._background
        different = None
        if background is not None and small.shape == background.pixels.shape and 0 <= t_ms - background.t_ms <= _MAX_PAUSE_MS:
            different = difference_mask(small, background.pixels)
        self.scene_changed = different is None or int(np.count_nonzero(different)) > _MAX_CHANGED_SHARE * different.size
        if background is None or different is None or self.scene_changed:
            self._background = _Background(small, t_ms)
            return None
        scale = bgr.shape[1] / _WIDTH_PX
        shape = different.shape
        _update(background, small, different, t_ms, None if labeled_region is None else area_of(labeled_region, 1 / scale, shape))
        for face in faces:
            self._skin.update(small, area_of(face, 1 / scale, shape))
        found = largest_component(different, [area_of(_enlarged(face, _FACE_ENLARGEMENT), 1 / scale, shape) for face in faces])
        if found is None or self._skin.is_hand(small[found], different[found]):
            return None
        rows, columns = found
        w, h = columns.stop - columns.start, rows.stop - rows.start
        return Box(columns.start * scale, rows.start * scale, w * scale, h * scale)


def _update(background: _Background, small: Floats, different: Mask, t_ms: float, labeled: Area | None) -> None:
    elapsed_s = (t_ms - background.t_ms) / 1e3
    similar, other, slow = (1 - math.exp(-elapsed_s / each) for each in (_SIMILAR_S, _DIFFERENT_S, _LABELED_S))
    share = np.where(different > 0, np.float32(other), np.float32(similar))
    if labeled is not None:
        share[labeled] = slow
    background.pixels += share[:, :, np.newaxis] * (small - background.pixels)
    background.t_ms = t_ms


class SkinTone:
    """Skin color of the face in view, unknown before the first face."""

    def __init__(self) -> None:
        self._cr_cb: Floats | None = None
        self._face_px = 0

    def update(self, bgr: Floats, face: Area) -> None:
        """Learn from the middle of a face in `bgr` (rows, columns, 3) float32, 0 to 255."""
        rows, columns = face
        middle = bgr[_middle_half(rows), _middle_half(columns)]
        if middle.size == 0:
            return
        median = np.median(_chroma(middle).reshape(-1, 2), axis=0).astype(np.float32)
        self._face_px = (rows.stop - rows.start) * (columns.stop - columns.start)
        self._cr_cb = median if self._cr_cb is None else self._cr_cb + np.float32(_SKIN_LEARNING_RATE) * (median - self._cr_cb)

    def is_hand(self, bgr: Floats, mask: Mask) -> bool:
        """Return whether the pixels of `bgr` under `mask` (rows, columns) are a hand; False before the first face."""
        covered_px = int(np.count_nonzero(mask))
        if self._cr_cb is None or not 0 < covered_px <= _MAX_HAND_FACES * self._face_px:
            return False
        distance = np.abs(_chroma(bgr) - self._cr_cb)
        is_skin = (distance[..., 0] < _MAX_CHROMA_DISTANCE) & (distance[..., 1] < _MAX_CHROMA_DISTANCE)
        return int(np.count_nonzero(is_skin & (mask > 0))) / covered_px > _MIN_SKIN_SHARE


def _middle_half(part: slice) -> slice:
    quarter = (part.stop - part.start) // 4
    return slice(part.start + quarter, part.stop - quarter)


def _chroma(bgr: Floats) -> Floats:
    """Return Cr and Cb, (rows, columns, 2) float32, 0 to 255."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(bgr / np.float32(255)), cv2.COLOR_BGR2YCrCb)[..., 1:] * 255, np.float32)


class ColorHistogram:
    """Colors of `bgr` (height, width, 3) uint8, with their neighboring bins."""

    def __init__(self, bgr: Image) -> None:
        self._scale = _WIDTH_PX / bgr.shape[1]
        counts = np.bincount(self._bins(bgr), minlength=int(np.prod(_LAB_BINS))).reshape(_LAB_BINS)
        known = counts >= _MIN_BIN_PX
        for axis in range(3):
            known = known | np.roll(known, 1, axis) | np.roll(known, -1, axis)
        self._known: NDArray[np.bool_] = known.ravel()

    def new_share(self, part: Image) -> float:
        """Return the share of `part` (rows, columns, 3) uint8 with other colors; it comes from an image of the same size.

        A person who moves brings no new colors: sleeves, hands and hair were elsewhere in the image before.
        """
        return 1.0 - float(self._known[self._bins(part)].mean())

    def _bins(self, bgr: Image) -> NDArray[np.intp]:
        size_wh = max(1, round(bgr.shape[1] * self._scale)), max(1, round(bgr.shape[0] * self._scale))
        small = cv2.GaussianBlur(cv2.resize(bgr, size_wh, interpolation=cv2.INTER_AREA), (3, 3), 0)
        lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).reshape(-1, 3) // _LAB_STEPS + 1
        return np.asarray(np.ravel_multi_index(tuple(lab.T.astype(np.intp)), _LAB_BINS), np.intp)


def guide_box(size_wh: tuple[int, int]) -> Box:
    """Return the central square of a frame, where an object is expected when nothing in the frame is new."""
    side = min(size_wh) * _GUIDE_SHARE
    return Box((size_wh[0] - side) / 2, (size_wh[1] - side) / 2, side, side)


def central_square(box: Box, size_wh: tuple[int, int], share: float) -> Box:
    """Return the square to classify inside `box` and inside the frame: its middle, most of it for a long object.

    `share` is its side relative to the box's shorter one. Classifiers trained on photos expect an object that fills the image;
    its edge, and the hand there, mislead them.
    """
    side = min(max(min(box.w, box.h), box.longer_side_px * _MIN_SHARE_OF_LONGER_SIDE) * share, *size_wh)
    x = min(max(0.0, box.x + (box.w - side) / 2), size_wh[0] - side)
    y = min(max(0.0, box.y + (box.h - side) / 2), size_wh[1] - side)
    return Box(x, y, side, side)


def difference_mask(small: Floats, background: Floats) -> Mask:
    """Return (rows, columns), 1 where a pixel differs from the background by more than noise; holes and thin parts are removed.

    A change common to all pixels, by a lamp or the camera's exposure, is ignored.
    """
    difference = small - background
    difference -= np.median(difference[::4, ::4].reshape(-1, 3), axis=0)
    blue, green, red = cv2.split(np.abs(difference))
    mask = (np.maximum(np.maximum(blue, green), red) > _MIN_DIFFERENCE).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)


def largest_component(mask: Mask, excluded: Sequence[Area]) -> Area | None:
    """Return the largest connected component without its thin ends; None when it is too small for an object.

    A component that lies mostly in the excluded areas does not count. One that only reaches into them does: an object in front
    of a face.
    """
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    outside = stats[:, cv2.CC_STAT_AREA].copy()
    for area in excluded:
        outside -= np.bincount(numbers[area].ravel(), minlength=count).astype(outside.dtype)
    counts = (2 * outside >= stats[:, cv2.CC_STAT_AREA]) & (stats[:, cv2.CC_STAT_AREA] >= _MIN_CHANGED_SHARE * mask.size)
    counts[0] = False
    if not counts.any():
        return None
    number = int(np.argmax(np.where(counts, stats[:, cv2.CC_STAT_AREA], 0)))
    x, y, w, h = (int(value) for value in stats[number, :4])
    inside = numbers[y : y + h, x : x + w] == number
    return _trimmed(inside.sum(axis=1), y), _trimmed(inside.sum(axis=0), x)


def _trimmed(counts: NDArray[np.int64], first: int) -> slice:
    """Return the range that holds all but a few pixels, given their number per row or column from `first` on."""
    share = np.cumsum(counts) / counts.sum()
    return slice(first + int(np.searchsorted(share, _TRIMMED_SHARE)), first + int(np.searchsorted(share, 1 - _TRIMMED_SHARE)) + 1)


def _enlarged(box: Box, factor: float) -> Box:
    w, h = box.w * factor, box.h * factor
    return Box(box.x - (w - box.w) / 2, box.y - (h - box.h) / 2, w, h)


def interpolate(a: Box, b: Box, share: float) -> Box:
    """Return the box that lies `share` of the way from `a` to `b`."""
    x, y, w, h = (u + share * (v - u) for u, v in ((a.x, b.x), (a.y, b.y), (a.w, b.w), (a.h, b.h)))
    return Box(x, y, w, h)


def area_of(box: Box, scale: float, shape: tuple[int, ...]) -> Area:
    """Return the rows and columns of an array of this shape that `box`, times `scale`, covers."""
    (x1, y1, x2, y2) = (value * scale for value in box.xyxy)
    rows = slice(max(0, min(shape[0], int(y1))), max(0, min(shape[0], math.ceil(y2))))
    columns = slice(max(0, min(shape[1], int(x1))), max(0, min(shape[1], math.ceil(x2))))
    return rows, columns


def _downscale(bgr: Image) -> Floats:
    """Return the frame as (rows, 160, 3) float32, blurred."""
    rows = max(8, round(bgr.shape[0] * _WIDTH_PX / bgr.shape[1]))
    small = cv2.resize(bgr, (_WIDTH_PX, rows), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32)
