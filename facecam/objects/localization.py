"""Where something is held up: what differs from a background that is learned while nothing has a name.

The background is a small picture that follows the scene slowly. What differs from it is something new, or somebody who moves;
which of the two, the classifier says: what gets no name becomes background within seconds, what has one is kept out of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Box, Floats, Image

# MERGED objects.skin: What is a hand: small beside the face that is in view, and largely of its color. Pure.
#
# Chroma alone: a hand held out is lighter or darker than the face, but hardly of another hue (Phung, Bouzerdoum and Chai, 2005).

# How far a pixel's Cr and Cb may be from the face's, of 256.
_NEAR = 9.0
_LEARNS = 0.2
# A hand with its forearm is no larger than so many faces.
_FACES = 3.0
# How much of it must have the color; the rest is sleeve, and what was learned too late.
_SKIN = 0.45


class SkinTone:
    """What is known of the skin of whoever is in view; nothing before the first face."""

    def __init__(self) -> None:
        self._cr_cb: Floats | None = None
        self._face_px = 0

    def learn(self, bgr: Floats, face: tuple[slice, slice]) -> None:
        """Take in the middle of a face in `bgr` (rows, columns, 3) float32, 0 to 255."""
        rows, columns = face
        middle = bgr[_half(rows), _half(columns)]
        if middle.size == 0:
            return
        seen = np.median(_chroma(middle).reshape(-1, 2), axis=0).astype(np.float32)
        self._face_px = (rows.stop - rows.start) * (columns.stop - columns.start)
        self._cr_cb = seen if self._cr_cb is None else self._cr_cb + np.float32(_LEARNS) * (seen - self._cr_cb)

    def is_hand(self, bgr: Floats, mask: NDArray[np.uint8]) -> bool:
        """Whether what `mask` (rows, columns) covers of `bgr` is a hand; never while no face was seen."""
        return int(np.count_nonzero(mask)) <= _FACES * self._face_px and self.share(bgr, mask) > _SKIN

    def share(self, bgr: Floats, mask: NDArray[np.uint8]) -> float:
        """How much of what `mask` (rows, columns) covers of `bgr` has that color, 0 to 1; 0 while no face was seen."""
        covered = int(np.count_nonzero(mask))
        if self._cr_cb is None or covered == 0:
            return 0.0
        off = np.abs(_chroma(bgr) - self._cr_cb)
        alike = (off[..., 0] < _NEAR) & (off[..., 1] < _NEAR)
        return int(np.count_nonzero(alike & (mask > 0))) / covered


def _half(part: slice) -> slice:
    """The middle half of a range."""
    quarter = (part.stop - part.start) // 4
    return slice(part.start + quarter, part.stop - quarter)


def _chroma(bgr: Floats) -> Floats:
    """(rows, columns, 2) float32: Cr and Cb, 0 to 255."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(bgr / np.float32(255)), cv2.COLOR_BGR2YCrCb)[..., 1:] * 255, np.float32)


Mask = NDArray[np.uint8]
Area = tuple[slice, slice]
"""Rows and columns."""

_WIDTH_PX = 160
# A channel that is off by more has changed; a sensor's noise, blurred, stays below.
_CHANGED = 22.0
# Of the small picture: less is a hand's shadow, more is another scene.
_LEAST, _MOST = 0.012, 0.5
# How fast the background takes over what is like it, what differs, and what has a name.
_ALIKE_S, _DIFFERENT_S, _NAMED_S = 0.5, 6.0, 60.0
# A face's box reaches from brow to chin; hair and neck move with it.
_AROUND_FACE = 1.5
# On each side of a patch, so much of what differs may be left out: an arm, a shadow, the edge of a sleeve.
_STRAY = 0.05
# How much of its shorter side is named, and of its longer one at least, as a share of that.
CROP_SCALES = (0.95, 0.7)
"""Frame by frame in turns: what a thing is stays the same in both, what the network takes a hand for seldom does."""
_OF_LONGER = 0.67
_GUIDE = 0.55
_PAUSE_MS = 1500.0


@dataclass(slots=True, eq=False)
class _Scene:
    """The background (rows, 160, 3) float32 and when it was last looked at."""

    background: Floats
    t_ms: float


class ObjectLocator:
    """Finds the region of one source's frames that is new in the picture. Remembers the background."""

    def __init__(self) -> None:
        self._scene: _Scene | None = None
        self.began_anew = False
        """Whether the last frame was the first one, or the first of another scene."""
        self._skin = SkinTone()

    def find(self, bgr: Image, t_ms: float, faces: Sequence[Box], named: Box | None) -> Box | None:
        """The box about what is new in this frame, None when nothing is.

        `faces` are left out. `named` is the region that has a label: it does not become background.
        """
        small = _small(bgr)
        scene, self.began_anew = self._scene, False
        if scene is None or small.shape != scene.background.shape or not 0 <= t_ms - scene.t_ms <= _PAUSE_MS:
            self._begin_anew(small, t_ms)
            return None
        scale = bgr.shape[1] / _WIDTH_PX
        different = changed(small, scene.background)
        if np.count_nonzero(different) > _MOST * different.size:
            self._begin_anew(small, t_ms)
            return None
        self._learn(small, different, t_ms, None if named is None else pixels(named, 1 / scale, different.shape))
        places = [pixels(grown(face, _AROUND_FACE), 1 / scale, different.shape) for face in faces]
        for face in faces:
            self._skin.learn(small, pixels(face, 1 / scale, different.shape))
        patch = largest_patch(different, places)
        if patch is None or self._skin.is_hand(small[patch], different[patch]):
            return None
        rows, columns = patch
        return Box(
            columns.start * scale, rows.start * scale, (columns.stop - columns.start) * scale, (rows.stop - rows.start) * scale
        )

    def _begin_anew(self, small: Floats, t_ms: float) -> None:
        self._scene, self.began_anew = _Scene(small, t_ms), True

    def _learn(self, small: Floats, different: Mask, t_ms: float, named: Area | None) -> None:
        assert self._scene is not None
        elapsed_s = (t_ms - self._scene.t_ms) / 1e3
        alike, other, kept = (1 - math.exp(-elapsed_s / each) for each in (_ALIKE_S, _DIFFERENT_S, _NAMED_S))
        share = np.where(different > 0, np.float32(other), np.float32(alike))
        if named is not None:
            share[named] = kept
        self._scene.background += share[:, :, np.newaxis] * (small - self._scene.background)
        self._scene.t_ms = t_ms


def guide_box(size_wh: tuple[int, int]) -> Box:
    """The square in the middle of a frame of this size, where an object is looked for when nothing is new anywhere."""
    side = min(size_wh) * _GUIDE
    return Box((size_wh[0] - side) / 2, (size_wh[1] - side) / 2, side, side)


def central_square(box: Box, size_wh: tuple[int, int], share: float) -> Box:
    """The square to be named of what lies in `box`, inside a frame of this size: the middle, of something long most of it.

    `share` says how much of the shorter side.

    A network for photographs is used to a thing that fills the picture; its edge, and the hand there, lead it astray.
    """
    side = min(max(min(box.w, box.h), box.longer_side_px * _OF_LONGER) * share, *size_wh)
    x = min(max(0.0, box.x + (box.w - side) / 2), size_wh[0] - side)
    y = min(max(0.0, box.y + (box.h - side) / 2), size_wh[1] - side)
    return Box(x, y, side, side)


def changed(small: Floats, background: Floats) -> Mask:
    """(rows, columns) 1 where a pixel differs from the background by more than noise, without holes and what is thin.

    What all pixels have in common, a lamp or the camera's exposure, is no difference.
    """
    off = small - background
    off -= np.median(off[::4, ::4].reshape(-1, 3), axis=0)
    blue, green, red = cv2.split(np.abs(off))
    mask = (np.maximum(np.maximum(blue, green), red) > _CHANGED).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)


def largest_patch(mask: Mask, left_out: Sequence[Area]) -> Area | None:
    """Rows and columns of the largest connected patch, without its stray ends; None when it is too small to be an object.

    A patch that lies largely in what is left out does not count. One that only reaches into it does: a thing before a face.
    """
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    beside = stats[:, cv2.CC_STAT_AREA].copy()
    for area in left_out:
        beside -= np.bincount(numbers[area].ravel(), minlength=count).astype(beside.dtype)
    counts = (2 * beside >= stats[:, cv2.CC_STAT_AREA]) & (stats[:, cv2.CC_STAT_AREA] >= _LEAST * mask.size)
    counts[0] = False
    if not counts.any():
        return None
    number = int(np.argmax(np.where(counts, stats[:, cv2.CC_STAT_AREA], 0)))
    x, y, w, h = (int(value) for value in stats[number, :4])
    inside = numbers[y : y + h, x : x + w] == number
    return _extent(inside.sum(axis=1), y), _extent(inside.sum(axis=0), x)


def _extent(counts: NDArray[np.int64], first: int) -> slice:
    """From where to where all but a few of the pixels lie, given how many there are in each column or row from `first` on."""
    share = np.cumsum(counts) / counts.sum()
    return slice(first + int(np.searchsorted(share, _STRAY)), first + int(np.searchsorted(share, 1 - _STRAY)) + 1)


def grown(box: Box, factor: float) -> Box:
    """`box` with both sides times `factor` about its middle."""
    w, h = box.w * factor, box.h * factor
    return Box(box.x - (w - box.w) / 2, box.y - (h - box.h) / 2, w, h)


def between(a: Box, b: Box, share: float) -> Box:
    """The box that lies `share` of the way from `a` to `b`."""
    x, y, w, h = (u + share * (v - u) for u, v in ((a.x, b.x), (a.y, b.y), (a.w, b.w), (a.h, b.h)))
    return Box(x, y, w, h)


def overlap(a: Box, b: Box) -> float:
    """Shared area over joint area, 0 to 1."""
    w = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    h = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    shared = max(0.0, w) * max(0.0, h)
    return shared / (a.w * a.h + b.w * b.h - shared)


def pixels(box: Box, scale: float, shape: tuple[int, ...]) -> Area:
    """Rows and columns of an array of this shape that a box covers, its position times `scale`."""
    (x1, y1, x2, y2) = (value * scale for value in box.xyxy)
    rows = slice(max(0, min(shape[0], int(y1))), max(0, min(shape[0], math.ceil(y2))))
    columns = slice(max(0, min(shape[1], int(x1))), max(0, min(shape[1], math.ceil(x2))))
    return rows, columns


def _small(bgr: Image) -> Floats:
    """(rows, 160, 3) float32, blurred."""
    rows = max(8, round(bgr.shape[0] * _WIDTH_PX / bgr.shape[1]))
    small = cv2.resize(bgr, (_WIDTH_PX, rows), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32)


# MERGED objects.colors: Which colors a picture has, and how much of another one is new to it. Pure.
#
# Whoever moves before the camera brings no new colors: sleeves, hands and hair were in the picture before, elsewhere. What is held
# up mostly does.

Numbers = NDArray[np.intp]

# Steps of L, a and b, 0 to 255 each: light changes with every movement, hue hardly. A bin stays free at either end.
_STEPS = np.array([24, 5, 5], np.uint8)
_BINS = tuple(255 // int(step) + 3 for step in _STEPS)
# Fewer pixels of the small picture are noise, or the rim between two colors.
_LEAST_PX = 4


class ColorHistogram:
    """The colors of `bgr` (height, width, 3) uint8, with those next to them."""

    def __init__(self, bgr: Image) -> None:
        self._scale = _WIDTH_PX / bgr.shape[1]
        counts = np.bincount(self._numbers(bgr), minlength=int(np.prod(_BINS))).reshape(_BINS)
        known = counts >= _LEAST_PX
        for axis in range(3):
            known = known | np.roll(known, 1, axis) | np.roll(known, -1, axis)
        self._known: NDArray[np.bool_] = known.ravel()

    def new_share(self, part: Image) -> float:
        """How much of `part` (rows, columns, 3) uint8 has other colors, 0 to 1; of a picture as large as this one."""
        return 1.0 - float(self._known[self._numbers(part)].mean())

    def _numbers(self, bgr: Image) -> Numbers:
        """The bin of each pixel of the small picture."""
        size_wh = max(1, round(bgr.shape[1] * self._scale)), max(1, round(bgr.shape[0] * self._scale))
        small = cv2.GaussianBlur(cv2.resize(bgr, size_wh, interpolation=cv2.INTER_AREA), (3, 3), 0)
        lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).reshape(-1, 3) // _STEPS + 1
        return np.asarray(np.ravel_multi_index(tuple(lab.T.astype(np.intp)), _BINS), np.intp)
