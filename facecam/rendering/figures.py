"""Rows of pictures on a dark sheet, with words over each row and below each picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.rendering.annotations import Color
from facecam.rendering.text import line
from facecam.types import Box, Floats, Image

_BACKGROUND: Color = (28, 24, 22)
_TEXT: Color = (255, 255, 255)
_DETAIL: Color = (222, 222, 222)

_MARGIN_PX, _SHEET_GAP_PX = 24, 12
_SHEET_TITLE_PX, _WORDS_PX, _SHEET_CAPTION_PX = 24, 16, 15


@dataclass(frozen=True, slots=True, eq=False)
class SheetPanel:
    """A picture (height, width, 3) uint8 BGR as large as it is to be shown, and what stands below it ("" for nothing)."""

    bgr: Image
    caption: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SheetRow:
    """Pictures side by side, and what stands over them ("" for nothing)."""

    panels: tuple[SheetPanel, ...]
    heading: str = ""


def draw_sheet(title: str, words: Sequence[str], rows: Sequence[SheetRow]) -> Image:
    """The sheet (height, width, 3) uint8 BGR: the title, lines of words, then the rows. What is too long ends in an ellipsis."""
    width = max(sum(panel.bgr.shape[1] + _SHEET_GAP_PX for panel in row.panels) for row in rows) - _SHEET_GAP_PX
    strips = [_text(title, _SHEET_TITLE_PX, _TEXT, width), *(_text(text, _WORDS_PX, _DETAIL, width) for text in words)]
    for row in rows:
        strips.append(_empty(_SHEET_GAP_PX, width))
        if row.heading:
            strips.append(_text(row.heading, _WORDS_PX, _TEXT, width))
        strips.append(_pictures(row, width))
    high = sum(map(len, strips))
    sheet = _empty(high + 2 * _MARGIN_PX, width + 2 * _MARGIN_PX)
    sheet[_MARGIN_PX : _MARGIN_PX + high, _MARGIN_PX : _MARGIN_PX + width] = np.vstack(strips)
    return sheet


def _empty(high: int, wide: int) -> Image:
    return np.full((high, wide, 3), _BACKGROUND, np.uint8)


def _text(text: str, height_px: int, color: Color, width: int) -> Image:
    ink = line(text, height_px, bold=height_px == _SHEET_TITLE_PX, widest_px=width)
    strip = _empty(round(1.2 * len(ink)), width)
    share = ink[..., np.newaxis].astype(np.float32) / 255
    place = strip[: len(ink), : ink.shape[1]]
    place[:] = np.round(place * (1 - share) + np.array(color, np.float32) * share)
    return strip


def _pictures(row: SheetRow, width: int) -> Image:
    captioned = [np.vstack([panel.bgr, *_caption(panel)]) for panel in row.panels]
    strip = _empty(max(map(len, captioned)), width)
    left = 0
    for picture in captioned:
        strip[: len(picture), left : left + picture.shape[1]] = picture
        left += picture.shape[1] + _SHEET_GAP_PX
    return strip


def _caption(panel: SheetPanel) -> list[Image]:
    wide = panel.bgr.shape[1]
    return [_empty(_SHEET_GAP_PX // 2, wide), _text(panel.caption, _SHEET_CAPTION_PX, _DETAIL, wide)] if panel.caption else []


# MERGED overlay.comparison: Two aligned faces side by side with what was found about them, as a picture.

_SAME: Color = (115, 158, 0)
_OTHER: Color = (0, 94, 213)
"""The figures' colors for one person and for two: told apart with any color vision, and the words say it too."""

_FACE_PX, _COMPARISON_GAP_PX = 288, 24
_COMPARISON_CAPTION_PX, _COMPARISON_TITLE_PX, _DETAIL_PX = 15, 24, 16


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands on the picture: a caption under each face, the verdict, and the figures that it rests on."""

    captions: tuple[str, str]
    verdict: str
    figures: str
    same: bool


def draw_comparison(crops_rgb: tuple[Image, Image], comparison: Comparison) -> Image:
    """The picture (height, width, 3) uint8 BGR; the crops are (96, 96, 3) uint8 RGB, as they were embedded."""
    width = 3 * _COMPARISON_GAP_PX + 2 * _FACE_PX
    captions_y = 2 * _COMPARISON_GAP_PX + _FACE_PX - _COMPARISON_GAP_PX // 2
    title_y = captions_y + _COMPARISON_CAPTION_PX + _COMPARISON_GAP_PX
    figures_y = title_y + round(1.5 * _COMPARISON_TITLE_PX)
    bgr = np.full((figures_y + _DETAIL_PX + _COMPARISON_GAP_PX, width, 3), _BACKGROUND, np.uint8)
    color = _SAME if comparison.same else _OTHER
    for number, (crop, caption) in enumerate(zip(crops_rgb, comparison.captions, strict=True)):
        left = _COMPARISON_GAP_PX + number * (_FACE_PX + _COMPARISON_GAP_PX)
        face = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), (_FACE_PX, _FACE_PX), interpolation=cv2.INTER_CUBIC)
        bgr[_COMPARISON_GAP_PX : _COMPARISON_GAP_PX + _FACE_PX, left : left + _FACE_PX] = face
        _write(bgr, caption, (left, captions_y), _COMPARISON_CAPTION_PX, _DETAIL)
    cv2.rectangle(bgr, (0, 0), (width - 1, len(bgr) - 1), color, 6)
    _write(bgr, comparison.verdict, (_COMPARISON_GAP_PX, title_y), _COMPARISON_TITLE_PX, _TEXT)
    _write(bgr, comparison.figures, (_COMPARISON_GAP_PX, figures_y), _DETAIL_PX, _DETAIL)
    return bgr


def _write(bgr: Image, text: str, left_top: tuple[int, int], height_px: int, color: Color) -> None:
    left, top = left_top
    widest = _FACE_PX if height_px == _COMPARISON_CAPTION_PX else bgr.shape[1] - left - _COMPARISON_GAP_PX
    ink = line(text, height_px, bold=height_px == _COMPARISON_TITLE_PX, widest_px=widest)
    place = bgr[top : top + ink.shape[0], left : left + ink.shape[1]]
    share = ink[: place.shape[0], : place.shape[1], np.newaxis].astype(np.float32) / 255
    place[:] = np.round(place * (1 - share) + np.array(color, np.float32) * share)


# MERGED overlay.lanes: Where the labels of a scale's ticks go: each as near its tick as it can, none over another. Pure.


@dataclass(frozen=True, slots=True)
class LabelPosition:
    """A label's left edge and width in pixels, and its lane; lane 0 is the one next to the scale."""

    left_px: float
    width_px: float
    lane: int

    def meets(self, other: LabelPosition, gap_px: float) -> bool:
        """Whether the two are nearer than `gap_px` in one lane."""
        apart = max(self.left_px - other.left_px - other.width_px, other.left_px - self.left_px - self.width_px)
        return self.lane == other.lane and apart < gap_px


def place_labels(ticks: Sequence[tuple[float, float]], room_px: float, gap_px: float) -> list[LabelPosition]:
    """The place of each label, given its tick's position and its width; the first ones choose first.

    Within the room whenever they fit it; one that is wider than the room is cut to it.
    """
    places: list[LabelPosition] = []
    for at_px, width_px in ticks:
        width = min(width_px, room_px)
        left = min(max(0.0, at_px - width / 2), room_px - width)
        lane = 0
        while any(LabelPosition(left, width, lane).meets(other, gap_px) for other in places):
            lane += 1
        places.append(LabelPosition(left, width, lane))
    return places


# MERGED overlay.heat: A heat map laid over a picture: nothing where it is cold, from blue over green to yellow where it is hot.
#
# The colors are matplotlib's "viridis", as OpenCV has it: they grow brighter evenly, and are told apart with any color vision and
# in gray. Where a heat map lies is an affine transform from its pixels to the picture's, since a face may be turned.

_COVERS = 0.72
"""How much of the picture the hottest color covers: what lies below must still be seen."""

_COLD, _HOT = 0.2, 0.75
"""Below nothing is laid over the picture; from here on, as much as there ever is."""

_RIM = 0.08
"""The share of a map's side in which it fades."""

_FAINT = 70
"""The darkest colors would only look like shadows."""


@cache
def heatmap_colors() -> NDArray[np.uint8]:
    """(256, 4) uint8 blue, green, red, alpha for heat 0 to 255. Do not write into it."""
    level = np.linspace(_FAINT, 255, 256).round().astype(np.uint8)
    bgr = cv2.applyColorMap(level[:, np.newaxis], cv2.COLORMAP_VIRIDIS)[:, 0]
    rise = np.clip((np.linspace(0, 1, 256) - _COLD) / (_HOT - _COLD), 0, 1)
    alpha = rise * rise * (3 - 2 * rise) * _COVERS * 255
    return np.ascontiguousarray(np.column_stack([bgr, alpha.round().astype(np.uint8)]))


def painted(heat: Floats) -> NDArray[np.uint8]:
    """(n, n, 4) uint8 blue, green, red, alpha of a heat map (n, n) float32, 0 to 1; it fades out at its rim."""
    bgra = heatmap_colors()[np.clip(heat * 255, 0, 255).astype(np.uint8)]
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
    edge = (factor - 1) / 2  # positions are those of pixels' centers
    return np.array([[factor, 0, square.x + edge], [0, factor, square.y + edge]], np.float32)


def draw_heatmap(bgr: Image, heat: Floats, to_picture: Floats) -> None:
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
    colored = cv2.warpAffine(painted(heat), moved, (place.shape[1], place.shape[0]), flags=cv2.INTER_LINEAR)
    share = colored[..., 3:].astype(np.float32) / 255
    place[:] = np.round(place * (1 - share) + colored[..., :3] * share)
