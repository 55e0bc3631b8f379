"""Figures made with OpenCV: image sheets, face comparisons, scale labels and heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.rendering.annotations import Color
from facecam.rendering.text import blend, render_line
from facecam.types import Box, Floats, Image

_BACKGROUND: Color = (28, 24, 22)
_TEXT: Color = (255, 255, 255)
_DETAIL: Color = (222, 222, 222)

_MARGIN_PX, _SHEET_GAP_PX = 24, 12
_SHEET_TITLE_PX, _LINE_PX, _SHEET_CAPTION_PX = 24, 16, 15


@dataclass(frozen=True, slots=True, eq=False)
class SheetPanel:
    """Image (height, width, 3) uint8 BGR at display size, with a caption below it ("" for none)."""

    bgr: Image
    caption: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SheetRow:
    """Row of images with a heading above it ("" for none)."""

    panels: tuple[SheetPanel, ...]
    heading: str = ""


def draw_sheet(title: str, lines: Sequence[str], rows: Sequence[SheetRow]) -> Image:
    """Return a sheet (height, width, 3) uint8 BGR: title, text lines, then the rows. Long texts end in an ellipsis."""
    width = max(sum(panel.bgr.shape[1] + _SHEET_GAP_PX for panel in row.panels) for row in rows) - _SHEET_GAP_PX
    strips = [_text(title, _SHEET_TITLE_PX, _TEXT, width), *(_text(text, _LINE_PX, _DETAIL, width) for text in lines)]
    for row in rows:
        strips.append(_empty(_SHEET_GAP_PX, width))
        if row.heading:
            strips.append(_text(row.heading, _LINE_PX, _TEXT, width))
        strips.append(_images(row, width))
    height = sum(map(len, strips))
    sheet = _empty(height + 2 * _MARGIN_PX, width + 2 * _MARGIN_PX)
    sheet[_MARGIN_PX : _MARGIN_PX + height, _MARGIN_PX : _MARGIN_PX + width] = np.vstack(strips)
    return sheet


def _empty(height: int, width: int) -> Image:
    return np.full((height, width, 3), _BACKGROUND, np.uint8)


def _text(text: str, height_px: int, color: Color, width: int) -> Image:
    mask = render_line(text, height_px, bold=height_px == _SHEET_TITLE_PX, max_px=width)
    strip = _empty(round(1.2 * len(mask)), width)
    blend(strip, mask, (0, 0), color)
    return strip


def _images(row: SheetRow, width: int) -> Image:
    captioned = [np.vstack([panel.bgr, *_caption(panel)]) for panel in row.panels]
    strip = _empty(max(map(len, captioned)), width)
    left = 0
    for image in captioned:
        strip[: len(image), left : left + image.shape[1]] = image
        left += image.shape[1] + _SHEET_GAP_PX
    return strip


def _caption(panel: SheetPanel) -> list[Image]:
    width = panel.bgr.shape[1]
    return [_empty(_SHEET_GAP_PX // 2, width), _text(panel.caption, _SHEET_CAPTION_PX, _DETAIL, width)] if panel.caption else []


_SAME: Color = (115, 158, 0)
_DIFFERENT: Color = (0, 94, 213)
"""Colors for one person and for two people, which can be told apart with any color vision."""

_FACE_PX = 288


def draw_comparison(
    crops_rgb: tuple[Image, Image], captions: tuple[str, str], verdict: str, figures: str, *, is_same: bool
) -> Image:
    """Return a sheet (height, width, 3) uint8 BGR with two aligned crops (n, n, 3) uint8 RGB, framed in the verdict's color."""
    faces = [
        cv2.resize(cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), (_FACE_PX,) * 2, interpolation=cv2.INTER_CUBIC) for crop in crops_rgb
    ]
    panels = tuple(SheetPanel(np.asarray(bgr, np.uint8), text) for bgr, text in zip(faces, captions, strict=True))
    sheet = draw_sheet(verdict, (figures,), [SheetRow(panels)])
    color = _SAME if is_same else _DIFFERENT
    cv2.rectangle(sheet, (0, 0), (sheet.shape[1] - 1, sheet.shape[0] - 1), color, 6)
    return sheet


@dataclass(frozen=True, slots=True)
class LabelPosition:
    """Left edge and width of a scale label in pixels, and its lane; lane 0 is next to the scale."""

    left_px: float
    width_px: float
    lane: int

    def collides(self, other: LabelPosition, gap_px: float) -> bool:
        """Return True if the two are nearer than `gap_px` in one lane."""
        distance = max(self.left_px - other.left_px - other.width_px, other.left_px - self.left_px - self.width_px)
        return self.lane == other.lane and distance < gap_px


def place_labels(ticks: Sequence[tuple[float, float]], total_px: float, gap_px: float) -> list[LabelPosition]:
    """Place labels as near their ticks as possible without overlap, given (tick position, label width); first come first served.

    Labels stay within `total_px`; a wider one is cut to it.
    """
    positions: list[LabelPosition] = []
    for at_px, width_px in ticks:
        width = min(width_px, total_px)
        left = min(max(0.0, at_px - width / 2), total_px - width)
        lane = 0
        while any(LabelPosition(left, width, lane).collides(other, gap_px) for other in positions):
            lane += 1
        positions.append(LabelPosition(left, width, lane))
    return positions


_MAX_ALPHA = 0.72
"""Opacity of the hottest color: the image below must stay visible."""

_COLD, _HOT = 0.2, 0.75
"""Heat at which the overlay starts, and at which it reaches its full opacity."""

_MARGIN_SHARE = 0.08
"""Share of the side over which the map fades out."""

_MIN_LEVEL = 70
"""Lowest color level that is used: the darkest colors would look like shadows."""


@cache
def heatmap_colors() -> NDArray[np.uint8]:
    """Return (256, 4) uint8 blue, green, red, alpha for heat 0 to 255, read-only by convention.

    The colors are matplotlib's "viridis" from OpenCV: evenly brighter, and distinguishable with any color vision and in gray.
    """
    level = np.linspace(_MIN_LEVEL, 255, 256).round().astype(np.uint8)
    bgr = cv2.applyColorMap(level[:, np.newaxis], cv2.COLORMAP_VIRIDIS)[:, 0]
    rise = np.clip((np.linspace(0, 1, 256) - _COLD) / (_HOT - _COLD), 0, 1)
    alpha = rise * rise * (3 - 2 * rise) * _MAX_ALPHA * 255
    return np.ascontiguousarray(np.column_stack([bgr, alpha.round().astype(np.uint8)]))


def colorize_heatmap(heat: Floats) -> NDArray[np.uint8]:
    """Return (n, n, 4) uint8 blue, green, red, alpha of a heat map (n, n) float32, 0 to 1, fading out at its edges."""
    bgra = heatmap_colors()[np.clip(heat * 255, 0, 255).astype(np.uint8)]
    bgra[..., 3] = np.round(bgra[..., 3] * _edge_fade(len(heat)))
    return bgra


@cache
def _edge_fade(side: int) -> Floats:
    """Return (side, side) float32, 1 except near the edges, which are not edges of the explanation."""
    inside = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5) / max(1.0, _MARGIN_SHARE * side)
    ramp = np.clip(inside, 0, 1).astype(np.float32)
    fade: Floats = ramp[:, np.newaxis] * ramp[np.newaxis]
    return fade


def square_transform(square: Box, side_px: int) -> Floats:
    """Return the (2, 3) transform from a heat map of `side_px` to a square of the image."""
    factor = square.w / side_px
    edge = (factor - 1) / 2  # positions are pixel centers
    return np.array([[factor, 0, square.x + edge], [0, factor, square.y + edge]], np.float32)


def draw_heatmap(bgr: Image, heat: Floats, to_image: Floats) -> None:
    """Draw a heat map (n, n) float32, 0 to 1, into `bgr` (height, width, 3) uint8 at the (2, 3) transform."""
    side = len(heat)
    corners = np.array([[x, y, 1] for x in (0, side) for y in (0, side)], np.float32) @ to_image.T
    left, top = (max(0, int(value)) for value in np.floor(corners.min(axis=0)))
    right, bottom = (int(value) + 1 for value in np.ceil(corners.max(axis=0)))
    target = bgr[top : max(top, bottom), left : max(left, right)]
    if not target.size:
        return
    moved = to_image.copy()
    moved[:, 2] -= left, top
    size_wh = target.shape[1], target.shape[0]
    colored = np.asarray(cv2.warpAffine(colorize_heatmap(heat), moved, size_wh, flags=cv2.INTER_LINEAR), np.uint8)
    blend(target, colored[..., 3], (0, 0), colored[..., :3])
