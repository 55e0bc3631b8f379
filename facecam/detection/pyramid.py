"""A picture at every scale on one canvas, so that P-Net sees all of them in one call.

P-Net's window is 12 pixels at stride 2 without padding: a level that starts at even coordinates gives on the canvas exactly
the numbers that it gives alone, but for windows that reach into a neighbor, which are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Floats, Image

CELL_PX = 12
STRIDE_PX = 2
_GAP_PX = 2
_INTERPOLATED = 0.75


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """One scale of the picture: `scale` times its size, w x h pixels at (x, y) of the canvas, with cells_wh windows."""

    scale: float
    x: int
    y: int
    w: int
    h: int

    @property
    def cells_wh(self) -> tuple[int, int]:
        """P-Net's output for this level: its pooling rounds up, so that an odd level has a last, partly filled window."""
        return (self.w - 1) // 2 - 4, (self.h - 1) // 2 - 4


@dataclass(frozen=True)
class CanvasLayout:
    """Where the levels lie on a canvas of w x h pixels."""

    w: int
    h: int
    levels: tuple[PyramidLevel, ...]

    @cached_property
    def level_of_cell(self) -> NDArray[np.intp]:
        """(rows, columns) of P-Net's output: the level that the window lies in, -1 where it lies in none or across two."""
        cells = np.full(((self.h - 1) // 2 - 4, (self.w - 1) // 2 - 4), -1)
        for number, level in enumerate(self.levels):
            columns, rows = level.cells_wh
            x, y = level.x // STRIDE_PX, level.y // STRIDE_PX
            cells[y : y + rows, x : x + columns] = number
        return cells

    @cached_property
    def scales_and_origins(self) -> tuple[Floats, Floats]:
        """(levels,) scales and (levels, 2) left upper corners on the canvas."""
        scales = np.array([level.scale for level in self.levels], np.float32)
        return scales, np.array([(level.x, level.y) for level in self.levels], np.float32)


@lru_cache(maxsize=16)
def layout(size_wh: tuple[int, int], min_face_size_px: int, scale_factor: float) -> CanvasLayout | None:
    """All levels for faces of `min_face_size_px` and up, packed; None when the picture is too small for any."""
    scale = CELL_PX / min_face_size_px
    sizes = []
    while min(size_wh) * scale >= CELL_PX:
        sizes.append((scale, int(size_wh[0] * scale), int(size_wh[1] * scale)))
        scale *= scale_factor
    if not sizes:
        return None
    widest = sizes[0][1]
    candidates = [_pack(sizes, widest + step * max(widest // 12, 1)) for step in range(13)]
    return min(candidates, key=lambda packed: packed.w * packed.h)


def _pack(sizes: list[tuple[float, int, int]], width: int) -> CanvasLayout:
    """Skyline packing, largest first: each level goes where its upper edge comes to lie highest. Counted in strides."""
    skyline = np.zeros(_strides(width + _GAP_PX), int)
    levels = []
    for scale, w, h in sizes:
        taken = _strides(w + _GAP_PX)
        tops = np.lib.stride_tricks.sliding_window_view(skyline, taken).max(axis=1)
        x = int(tops.argmin())
        y = int(tops[x])
        skyline[x : x + taken] = y + _strides(h + _GAP_PX)
        levels.append(PyramidLevel(scale, x * STRIDE_PX, y * STRIDE_PX, w, h))
    right = max(level.x + level.w for level in levels)
    bottom = max(level.y + level.h for level in levels)
    return CanvasLayout(STRIDE_PX * _strides(right + 1), STRIDE_PX * _strides(bottom + 1), tuple(levels))


def _strides(size_px: int) -> int:
    """So many strides cover this many pixels."""
    return -(-size_px // STRIDE_PX)


class Pyramid:
    """Fills one reused canvas per layout; the canvas is float32 BGR in 0..255, as the networks take it."""

    def __init__(self) -> None:
        self._layout: CanvasLayout | None = None
        self._canvas: Floats = np.zeros((1, 0, 0, 3), np.float32)

    def fill(self, bgr: Image, plan: CanvasLayout) -> Floats:
        """The canvas (1, h, w, 3) with every level of `bgr` in its place; valid until the next call.

        A level is made from the picture halved as often as it stays larger. What is left to shrink is averaged by area, or
        interpolated where it is so little that no pixel is passed over: both are near to the package's averaging of the
        whole picture (on 120 WIDER pictures 99 % of its boxes are found either way), and six times as fast.
        """
        if plan is not self._layout:
            self._layout = plan
            self._canvas = np.zeros((1, plan.h, plan.w, 3), np.float32)
        halved, shrunk = bgr, 1.0
        for level in plan.levels:
            while level.scale <= shrunk / 2:
                size_wh = (halved.shape[1] + 1) // 2, (halved.shape[0] + 1) // 2
                halved, shrunk = np.asarray(cv2.resize(halved, size_wh, interpolation=cv2.INTER_AREA), np.uint8), shrunk / 2
            method = cv2.INTER_LINEAR if level.scale > _INTERPOLATED * shrunk else cv2.INTER_AREA
            place = self._canvas[0, level.y : level.y + level.h, level.x : level.x + level.w]
            place[...] = cv2.resize(halved, (level.w, level.h), interpolation=method)
        return self._canvas


def proposals(output: Floats, plan: CanvasLayout, min_logit: float) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Boxes (n, 4) in the picture's pixels, face logits (n,) and level numbers (n,) of all windows above `min_logit`.

    `output` is P-Net's (rows, columns, 5) for the whole canvas.
    """
    row, column = np.nonzero(output[..., 4] > min_logit)
    number = plan.level_of_cell[row, column]
    row, column, number = (part[number >= 0] for part in (row, column, number))
    hit = output[row, column]
    scales, origins_xy = plan.scales_and_origins
    corner = np.stack([column, row], axis=1).astype(np.float32) * STRIDE_PX - origins_xy[number]
    window = np.concatenate([corner + 1, corner + CELL_PX], axis=1)  # from 1: as the package counts
    return (window + hit[:, :4] * (CELL_PX - 1)) / scales[number, None], hit[:, 4], number
