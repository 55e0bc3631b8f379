"""The four ways to draw a box, as line segments. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from facecam.overlay.placing import Rectangle
from facecam.overlay.shapes import Stroke

Point = tuple[float, float]
Segment = tuple[Point, Point]


def segments(stroke: Stroke, rectangle: Rectangle, unit_px: float) -> list[Segment]:
    """The lines that draw a rectangle in this stroke; dashes and gaps are multiples of `unit_px`, the line's thickness."""
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
    """Dashes (dots when `filled` is 0) that divide a side evenly, with one at either end."""
    count = max(1, round(math.dist(*side) / max(period, 1.0)))
    for number in range(count + 1):
        middle = number / count
        half = filled / 2 / count
        yield _along(side, max(0.0, middle - half)), _along(side, min(1.0, middle + half))


def _along(side: Segment, share: float) -> Point:
    (x1, y1), (x2, y2) = side
    return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
