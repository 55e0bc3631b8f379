"""Heat maps: where in a square picture lies what decided. And the test of them: cover their hottest part, and look again. Pure.

The test by deletion: Petsiuk, Das, Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018.
"""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Floats, Picture

Mask = NDArray[np.bool_]


class Cover(StrEnum):
    """What stands in the place of what is covered."""

    GREY = "grey"
    """One grey for all pictures, 127 of 255."""
    BLUR = "blur"
    """The picture itself without its details: a Gaussian of a twelfth of the side. Adds no edges of its own."""


GREY = 127
_BLUR_SHARE = 1 / 12


def spread(cells: Floats, side_px: int) -> Floats:
    """(side_px, side_px) float32 of (n, n) `cells`: from 0 to 1 at the hottest place. What speaks against counts as nothing.

    0 everywhere where no cell is positive.
    """
    heat = cv2.resize(np.maximum(cells, 0).astype(np.float32), (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    highest = float(heat.max())
    result: Floats = np.clip(heat / highest, 0, 1) if highest > 0 else np.zeros_like(heat)
    return result


def hottest(heat: Floats, share: float) -> Mask:
    """The hottest `share` of the pixels, exactly as many; of equally hot ones the upper left first."""
    count = round(share * heat.size)
    mask = np.zeros(heat.size, bool)
    mask[np.argsort(-heat, axis=None, kind="stable")[:count]] = True
    return mask.reshape(heat.shape)


def covering(rgb: Picture, cover: Cover) -> Picture:
    """What is put over `rgb` (n, n, 3) uint8 where it is covered, of the same shape."""
    if cover is Cover.GREY:
        return np.full_like(rgb, GREY)
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), len(rgb) * _BLUR_SHARE), np.uint8)


def covered(rgb: Picture, mask: Mask, cover: Cover) -> Picture:
    """A copy of `rgb` that is covered where `mask` is true."""
    return np.where(mask[..., np.newaxis], covering(rgb, cover), rgb)
