"""Where a caption goes: beside its box, inside the frame, over as little else as may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle in pixels; x and y are its left and upper edge."""

    x: float
    y: float
    w: float
    h: float

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """Clockwise from the upper left."""
        right, bottom = self.x + self.w, self.y + self.h
        return (self.x, self.y), (right, self.y), (right, bottom), (self.x, bottom)

    def shared_px(self, other: Rectangle) -> float:
        """The area that both cover."""
        wide = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        high = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(0.0, wide) * max(0.0, high)


def place(
    box: Rectangle, plate_wh: tuple[int, int], frame_wh: tuple[int, int], plates: Iterable[Rectangle], boxes: Iterable[Rectangle]
) -> Rectangle:
    """Where the plate of `box` goes: of the places around and in the box, in this order, the first that hides least.

    Words of other plates count most, then this very face, then the other `boxes`. Inside the frame whenever the plate fits.
    """
    wide, high = plate_wh
    gap = max(2.0, high / 12)
    above, below, right = box.y - high - gap, box.y + box.h + gap, box.x + box.w
    middle = box.x + (box.w - wide) / 2
    wishes = [(x, y) for y in (above, below) for x in (box.x, right - wide, middle)]
    wishes += [(x, y) for y in (box.y, box.y + box.h - high) for x in (right + gap, box.x - wide - gap)]
    wishes += [(middle, box.y + gap), (middle, box.y + box.h - high - gap)]
    weighted = [*((plate, 4) for plate in plates), (box, 2), *((other, 1) for other in boxes)]

    def hidden(plate: Rectangle) -> float:
        return round(sum(plate.shared_px(other) * weight for other, weight in weighted), 1)

    inside = [Rectangle(_within(x, frame_wh[0] - wide), _within(y, frame_wh[1] - high), wide, high) for x, y in wishes]
    return min(inside, key=hidden)  # the first of equals


def _within(position: float, last: int) -> int:
    return max(0, min(round(position), last))
