"""A heat map laid over a picture: nothing where it is cold, from blue over green to yellow where it is hot.

The colours are matplotlib's "viridis", as OpenCV has it: they grow brighter evenly, and are told apart with any colour vision and
in grey. Where a heat map lies is an affine transform from its pixels to the picture's, since a face may be turned.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Box, Floats, Picture

_COVERS = 0.72
"""How much of the picture the hottest colour covers: what lies below must still be seen."""

_COLD, _HOT = 0.2, 0.75
"""Below nothing is laid over the picture; from here on, as much as there ever is."""

_RIM = 0.08
"""The share of a map's side in which it fades."""

_FAINT = 70
"""The darkest colours would only look like shadows."""


@cache
def colours() -> NDArray[np.uint8]:
    """(256, 4) uint8 blue, green, red, alpha for heat 0 to 255. Do not write into it."""
    level = np.linspace(_FAINT, 255, 256).round().astype(np.uint8)
    bgr = cv2.applyColorMap(level[:, np.newaxis], cv2.COLORMAP_VIRIDIS)[:, 0]
    rise = np.clip((np.linspace(0, 1, 256) - _COLD) / (_HOT - _COLD), 0, 1)
    alpha = rise * rise * (3 - 2 * rise) * _COVERS * 255
    return np.ascontiguousarray(np.column_stack([bgr, alpha.round().astype(np.uint8)]))


def painted(heat: Floats) -> NDArray[np.uint8]:
    """(n, n, 4) uint8 blue, green, red, alpha of a heat map (n, n) float32, 0 to 1; it fades out at its rim."""
    bgra = colours()[np.clip(heat * 255, 0, 255).astype(np.uint8)]
    bgra[..., 3] = np.round(bgra[..., 3] * _fading(len(heat)))
    return bgra


@cache
def _fading(side: int) -> Floats:
    """(side, side) float32, 1 but near the rim: where the map ends is no edge of what it shows."""
    inside = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5) / max(1.0, _RIM * side)
    near = np.clip(inside, 0, 1).astype(np.float32)
    both: Floats = near[:, np.newaxis] * near[np.newaxis]
    return both


def over_square(square: Box, side_px: int) -> Floats:
    """The (2, 3) transform of a heat map of `side_px` that lies over a square of the picture."""
    factor = square.w / side_px
    edge = (factor - 1) / 2  # positions are those of pixels' centres
    return np.array([[factor, 0, square.x + edge], [0, factor, square.y + edge]], np.float32)


def lay(bgr: Picture, heat: Floats, to_picture: Floats) -> None:
    """Paint a heat map (n, n) float32, 0 to 1, into `bgr` (height, width, 3) uint8, where the (2, 3) transform puts it."""
    side = len(heat)
    corners = np.array([[x, y, 1] for x in (0, side) for y in (0, side)], np.float32) @ to_picture.T
    left, top = (max(0, int(value)) for value in np.floor(corners.min(axis=0)))
    right, bottom = (int(value) + 1 for value in np.ceil(corners.max(axis=0)))
    place = bgr[top : max(top, bottom), left : max(left, right)]
    if not place.size:
        return
    moved = to_picture.copy()
    moved[:, 2] -= left, top
    coloured = cv2.warpAffine(painted(heat), moved, (place.shape[1], place.shape[0]), flags=cv2.INTER_LINEAR)
    share = coloured[..., 3:].astype(np.float32) / 255
    place[:] = np.round(place * (1 - share) + coloured[..., :3] * share)
