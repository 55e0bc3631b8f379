"""Which colours a picture has, and how much of another one is new to it. Pure.

Whoever moves before the camera brings no new colours: sleeves, hands and hair were in the picture before, elsewhere. What is held
up mostly does.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Picture

Numbers = NDArray[np.intp]

_WIDTH_PX = 160
# Steps of L, a and b, 0 to 255 each: light changes with every movement, hue hardly. A bin stays free at either end.
_STEPS = np.array([24, 5, 5], np.uint8)
_BINS = tuple(255 // int(step) + 3 for step in _STEPS)
# Fewer pixels of the small picture are noise, or the rim between two colours.
_LEAST_PX = 4


class Colours:
    """The colours of `bgr` (height, width, 3) uint8, with those next to them."""

    def __init__(self, bgr: Picture) -> None:
        self._scale = _WIDTH_PX / bgr.shape[1]
        counts = np.bincount(self._numbers(bgr), minlength=int(np.prod(_BINS))).reshape(_BINS)
        known = counts >= _LEAST_PX
        for axis in range(3):
            known = known | np.roll(known, 1, axis) | np.roll(known, -1, axis)
        self._known: NDArray[np.bool_] = known.ravel()

    def new_share(self, part: Picture) -> float:
        """How much of `part` (rows, columns, 3) uint8 has other colours, 0 to 1; of a picture as large as this one."""
        return 1.0 - float(self._known[self._numbers(part)].mean())

    def _numbers(self, bgr: Picture) -> Numbers:
        """The bin of each pixel of the small picture."""
        size_wh = max(1, round(bgr.shape[1] * self._scale)), max(1, round(bgr.shape[0] * self._scale))
        small = cv2.GaussianBlur(cv2.resize(bgr, size_wh, interpolation=cv2.INTER_AREA), (3, 3), 0)
        lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).reshape(-1, 3) // _STEPS + 1
        return np.asarray(np.ravel_multi_index(tuple(lab.T.astype(np.intp)), _BINS), np.intp)
