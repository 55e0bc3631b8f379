"""Overlay rendering: box strokes, caption placement and the label panel.

Everything scales with the height of the frame, and no plate leaves it. Text is on a dark plate of 89 % opacity: white and light
gray have a contrast of more than 7 : 1 over any image (WCAG 2.2 AA requires 4.5 : 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.rendering.annotations import AnnotationBar, Color, FaceAnnotation, Overlay, Stroke
from facecam.rendering.text import Mask, blend, render_line
from facecam.types import Box, Image


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Rectangle in pixels; x and y are its left and upper edge. Unlike a Box it may be empty."""

    x: float
    y: float
    w: float
    h: float

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """Corners clockwise from the upper left."""
        right, bottom = self.x + self.w, self.y + self.h
        return (self.x, self.y), (right, self.y), (right, bottom), (self.x, bottom)

    def intersection_px(self, other: Rectangle) -> float:
        """Return the area of the intersection in square pixels."""
        width = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        height = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(0.0, width) * max(0.0, height)


@dataclass(frozen=True, slots=True)
class CaptionSpace:
    """Surroundings of a caption plate: the frame size, the plates already placed, and the boxes of other faces."""

    frame_wh: tuple[int, int]
    plates: tuple[Rectangle, ...]
    boxes: tuple[Rectangle, ...]


def place_caption(
    box: Rectangle, plate_wh: tuple[int, int], space: CaptionSpace, last: int | None = None
) -> tuple[Rectangle, int]:
    """Return the caption plate of `box` and the index of its position: the first around or in the box that hides least.

    Text of other plates counts most, then this face, then other faces. The plate is inside the frame if it fits. The `last`
    position is kept until another one hides clearly less, so that plates do not jump.
    """
    positions = _positions(box, plate_wh, space.frame_wh)
    weighted = [*((plate, 4) for plate in space.plates), (box, 2), *((other, 1) for other in space.boxes)]

    def hidden_px(index: int) -> float:
        return round(sum(positions[index].intersection_px(other) * weight for other, weight in weighted), 1)

    # The first position is the most readable: return to it as soon as it hides nothing.
    for index in (0, last or 0):
        if not hidden_px(index):
            return positions[index], index
    hidden = [hidden_px(index) for index in range(len(positions))]
    best = min(range(len(positions)), key=hidden.__getitem__)  # the first of equals
    if last is not None and hidden[last] - hidden[best] <= _HYSTERESIS * plate_wh[0] * plate_wh[1]:
        best = last
    return positions[best], best


_HYSTERESIS = 0.12
"""Weighted share of a plate by which another position must hide less before the plate moves there."""


def _positions(box: Rectangle, plate_wh: tuple[int, int], frame_wh: tuple[int, int]) -> list[Rectangle]:
    w, h = plate_wh
    gap = max(2.0, h / 12)
    above, below, right = box.y - h - gap, box.y + box.h + gap, box.x + box.w
    center = box.x + (box.w - w) / 2
    corners = [(x, y) for y in (above, below) for x in (box.x, right - w, center)]
    corners += [(x, y) for y in (box.y, box.y + box.h - h) for x in (right + gap, box.x - w - gap)]
    corners += [(center, box.y + gap), (center, box.y + box.h - h - gap)]
    return [Rectangle(max(0, min(round(x), frame_wh[0] - w)), max(0, min(round(y), frame_wh[1] - h)), w, h) for x, y in corners]


Point = tuple[float, float]
Segment = tuple[Point, Point]


def segments(stroke: Stroke, rectangle: Rectangle, unit_px: float) -> list[Segment]:
    """Return the lines of a rectangle in this stroke; dashes and gaps are multiples of the line thickness `unit_px`."""
    corners = rectangle.corners
    sides = [(corners[number], corners[(number + 1) % 4]) for number in range(4)]
    shorter = min(rectangle.w, rectangle.h)
    match stroke:
        case Stroke.SOLID:
            return sides
        case Stroke.CORNERS:
            arm = max(2 * unit_px, shorter * 0.24)
            return [piece for side in sides for piece in _ends(side, arm)]
        case Stroke.DASHED:
            return [piece for side in sides for piece in _dashes(side, min(8 * unit_px, shorter / 4), 0.6)]
        case Stroke.DOTTED:
            return [piece for side in sides for piece in _dashes(side, max(5.0, 4 * unit_px), 0.0)]


def _ends(side: Segment, arm: float) -> list[Segment]:
    length = math.dist(*side)
    share = min(0.5, arm / length) if length else 0.0
    return [(side[0], _along(side, share)), (_along(side, 1 - share), side[1])]


def _dashes(side: Segment, period: float, filled: float) -> Iterator[Segment]:
    """Yield evenly spaced dashes (dots if `filled` is 0) along a side, with one at either end."""
    count = max(1, round(math.dist(*side) / max(period, 1.0)))
    for number in range(count + 1):
        center = number / count
        half = filled / 2 / count
        yield _along(side, max(0.0, center - half)), _along(side, min(1.0, center + half))


def _along(side: Segment, share: float) -> Point:
    (x1, y1), (x2, y2) = side
    return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share


PLATE_BGR: Color = (28, 24, 22)
PLATE_OPACITY = 0.89
TITLE_BGR: Color = (255, 255, 255)
DETAIL_BGR: Color = (222, 222, 222)
_EDGE_BGR: Color = (20, 20, 20)

_MANY_FACES = 4
"""With this many other faces or more, a caption is at most 30 % as wide as the frame, else 45 %."""

_MAX_OVERLAP = 0.06
"""Share of a plate that may cover other plates before it loses a line."""

_SHIFT = 4
"""Fractional bits of OpenCV's coordinates: sixteenths of a pixel."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes in pixels that scale with the frame."""

    title: int
    detail: int
    stroke: int
    gap: int
    radius: int

    @classmethod
    def for_frame(cls, width: int, height: int) -> _Sizes:
        unit = min(height, width * 0.75)
        return cls(
            title=max(10, round(unit / 30)),
            detail=max(9, round(unit / 38)),
            stroke=max(1, round(unit / 240)),
            gap=max(2, round(unit / 110)),
            radius=max(2, round(unit / 100)),
        )


def draw_overlay(bgr: Image, overlay: Overlay) -> None:
    """Draw `overlay` into `bgr` (height, width, 3) uint8, which may differ in size from the frame it was made for."""
    height, width = bgr.shape[:2]
    sizes = _Sizes.for_frame(width, height)
    x_factor, y_factor = width / overlay.size_wh[0], height / overlay.size_wh[1]
    scaled = [(mark, _scaled(mark.box, x_factor, y_factor)) for mark in overlay.marks]
    for mark, rectangle in scaled:
        _draw_box(bgr, mark, rectangle, sizes)
    boxes = [rectangle for _, rectangle in scaled]
    panel = _panel(overlay.bars, (width, height), sizes)
    plates = [panel] if panel else []
    for mark, rectangle in sorted(scaled, key=lambda pair: -pair[1].w * pair[1].h):  # the nearest faces first
        others = tuple(box for box in boxes if box is not rectangle)
        plates += _draw_caption(bgr, mark, rectangle, CaptionSpace((width, height), tuple(plates), others), sizes)
    if panel:
        _draw_panel(bgr, overlay.bars, panel, sizes)


def _scaled(box: Box, x_factor: float, y_factor: float) -> Rectangle:
    return Rectangle(box.x * x_factor, box.y * y_factor, box.w * x_factor, box.h * y_factor)


def _draw_box(bgr: Image, mark: FaceAnnotation, rectangle: Rectangle, sizes: _Sizes) -> None:
    """Draw the stroke over a wider dark one, which keeps it visible on a background of its own color."""
    thickness = max(2, sizes.stroke) if mark.stroke is Stroke.DOTTED else sizes.stroke
    lines = segments(mark.stroke, rectangle, sizes.stroke)
    _draw_lines(bgr, lines, _EDGE_BGR, thickness + 2 * max(1, sizes.stroke // 2))
    _draw_lines(bgr, lines, mark.color_bgr, thickness)


def _draw_lines(bgr: Image, lines: Iterable[Segment], color: Color, thickness: int) -> None:
    factor = 1 << _SHIFT
    for (x1, y1), (x2, y2) in lines:
        begin, end = (round(x1 * factor), round(y1 * factor)), (round(x2 * factor), round(y2 * factor))
        cv2.line(bgr, begin, end, color, thickness, cv2.LINE_AA, _SHIFT)


def _draw_caption(bgr: Image, mark: FaceAnnotation, box: Rectangle, space: CaptionSpace, sizes: _Sizes) -> list[Rectangle]:
    """Draw the caption of a box and return its plate, or nothing if the frame has no space for text."""
    width, height = space.frame_wh
    strip = 2 * sizes.stroke
    share = 0.45 if len(space.boxes) < _MANY_FACES else 0.3
    max_px = min(width - strip - 2 * sizes.gap, max(round(width * share), round(box.w)))
    if max_px < 2 * sizes.title or height < 3 * sizes.title:
        return []
    lines = [(render_line(mark.title, sizes.title, bold=True, max_px=max_px), TITLE_BGR)]
    if mark.detail and height > 6 * sizes.title:
        lines.append((render_line(mark.detail, sizes.detail, max_px=max_px), DETAIL_BGR))
    while lines:
        widths, heights = zip(*(mask.shape[::-1] for mask, _ in lines), strict=True)
        plate_wh = max(widths) + strip + 2 * sizes.gap, sum(heights) + sizes.gap
        plate, _ = place_caption(box, plate_wh, space)
        if sum(plate.intersection_px(other) for other in space.plates) <= _MAX_OVERLAP * plate.w * plate.h:
            _draw_text(bgr, (int(plate.x), int(plate.y)), plate_wh, lines, (strip, mark.color_bgr, sizes))
            return [plate]
        lines.pop()  # among many faces the second line is dropped first, then the first
    return []


def _draw_text(
    bgr: Image,
    left_top: tuple[int, int],
    plate_wh: tuple[int, int],
    lines: Sequence[tuple[Mask, Color]],
    style: tuple[int, Color, _Sizes],
) -> None:
    x, y = left_top
    strip, color, sizes = style
    _draw_plate(bgr, left_top, plate_wh, sizes.radius)
    bgr[max(0, y + sizes.radius) : max(0, y + plate_wh[1] - sizes.radius), max(0, x) : max(0, x + strip)] = color
    top = y + sizes.gap // 2
    for mask, text_color in lines:
        blend(bgr, mask, (x + strip + sizes.gap, top), text_color)
        top += len(mask)


def _panel(bars: Sequence[AnnotationBar], frame_wh: tuple[int, int], sizes: _Sizes) -> Rectangle | None:
    """Return the plate of as many rows as fit, in the upper left corner, or None without any."""
    width, height = frame_wh
    gap = 2 * sizes.gap
    inner = min(round(width * 0.42), width - 4 * gap)
    rows = min(len(bars), (height - 3 * gap) // _row_px(sizes))
    return Rectangle(gap, gap, inner + 2 * gap, rows * _row_px(sizes) + gap) if inner >= 3 * sizes.title and rows > 0 else None


def _row_px(sizes: _Sizes) -> int:
    return round(sizes.title * 1.36) + _bar_px(sizes) + 2 * sizes.gap


def _bar_px(sizes: _Sizes) -> int:
    return max(3, sizes.title // 3)


def _draw_panel(bgr: Image, bars: Sequence[AnnotationBar], panel: Rectangle, sizes: _Sizes) -> None:
    """Draw the text of each row of the panel and a bar below it."""
    gap, thick, row = int(panel.x), _bar_px(sizes), _row_px(sizes)
    inner = int(panel.w) - 2 * gap
    _draw_plate(bgr, (gap, gap), (int(panel.w), int(panel.h)), sizes.radius)
    for number, bar in enumerate(bars[: int(panel.h) // row]):
        top = gap + gap // 2 + number * row
        mask = render_line(bar.text, sizes.title, bold=number == 0, max_px=inner)
        blend(bgr, mask, (2 * gap, top), TITLE_BGR if number == 0 else DETAIL_BGR)
        top += mask.shape[0]
        _draw_lines(bgr, [_bar_line(2 * gap, top, inner, thick)], (88, 84, 82), thick)
        if bar.fraction > 0:
            filled = max(thick, round(inner * bar.fraction))
            _draw_lines(bgr, [_bar_line(2 * gap, top, filled, thick)], bar.color_bgr, thick)


def _bar_line(left: int, top: int, length: int, thick: int) -> Segment:
    """Return the line with round ends that fills a rectangle exactly."""
    y = top + thick / 2
    return (left + thick / 2, y), (left + max(thick, length) - thick / 2, y)


def _draw_plate(bgr: Image, left_top: tuple[int, int], size_wh: tuple[int, int], radius: int) -> None:
    """Draw a plate with round corners. The equal rows between them use a lookup table, several times faster than blending."""
    x, y = left_top
    mask = _plate(*size_wh, radius)
    rows = slice(max(0, y + radius), max(0, y + size_wh[1] - radius))
    between = bgr[rows, x : x + size_wh[0]]
    if between.size:
        between[:] = cv2.LUT(between, _plate_table())
    blend(bgr, mask[:radius], left_top, PLATE_BGR)
    blend(bgr, mask[-radius:], (x, y + size_wh[1] - radius), PLATE_BGR)


@cache
def _plate_table() -> NDArray[np.uint8]:
    """Return (1, 256, 3): each value of each channel under a plate."""
    below = np.arange(256)[np.newaxis, :, np.newaxis]
    return np.round(below * (1 - PLATE_OPACITY) + np.array(PLATE_BGR) * PLATE_OPACITY).astype(np.uint8)


@lru_cache(maxsize=256)
def _plate(width: int, height: int, radius: int) -> Mask:
    """Return a rectangle with round corners filled with PLATE_OPACITY."""
    radius = min(radius, width // 2, height // 2)
    mask = np.zeros((height, width), np.uint8)
    opacity = round(PLATE_OPACITY * 255)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, opacity, cv2.FILLED, cv2.LINE_AA)
    mask[radius : height - radius] = opacity
    mask[:, radius : width - radius] = opacity
    return mask
