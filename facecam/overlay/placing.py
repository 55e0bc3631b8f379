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


@dataclass(frozen=True, slots=True)
class Room:
    """What a plate shares the frame with: the frame's size, the plates that have their place, and the other faces' boxes."""

    frame_wh: tuple[int, int]
    plates: tuple[Rectangle, ...]
    boxes: tuple[Rectangle, ...]


def place(
    box: Rectangle, plate_wh: tuple[int, int], frame_wh: tuple[int, int], plates: Iterable[Rectangle], boxes: Iterable[Rectangle]
) -> Rectangle:
    """Where the plate of `box` goes: of the places around and in the box, in this order, the first that hides least.

    Words of other plates count most, then this very face, then the other `boxes`. Inside the frame whenever the plate fits.
    """
    return place_again(None, box, plate_wh, Room(frame_wh, tuple(plates), tuple(boxes)))[0]


def place_again(before: int | None, box: Rectangle, plate_wh: tuple[int, int], room: Room) -> tuple[Rectangle, int]:
    """The same and its number; the place numbered `before` is kept as long as none hides clearly less, so that plates rest."""
    spots = _spots(box, plate_wh, room.frame_wh)
    weighted = [*((plate, 4) for plate in room.plates), (box, 2), *((other, 1) for other in room.boxes)]

    def hides(number: int) -> float:
        return round(sum(spots[number].shared_px(other) * weight for other, weight in weighted), 1)

    # The first place is the best one to read: back to it as soon as it hides nothing.
    for number in (0, before or 0):
        if not hides(number):
            return spots[number], number
    hidden = [hides(number) for number in range(len(spots))]
    best = min(range(len(spots)), key=hidden.__getitem__)  # the first of equals
    if before is not None and hidden[before] - hidden[best] <= _REST * plate_wh[0] * plate_wh[1]:
        best = before
    return spots[best], best


_REST = 0.12
"""How much of a plate, by area and weight, may hide more than it would elsewhere before it moves there."""


def _spots(box: Rectangle, plate_wh: tuple[int, int], frame_wh: tuple[int, int]) -> list[Rectangle]:
    wide, high = plate_wh
    gap = max(2.0, high / 12)
    above, below, right = box.y - high - gap, box.y + box.h + gap, box.x + box.w
    middle = box.x + (box.w - wide) / 2
    wishes = [(x, y) for y in (above, below) for x in (box.x, right - wide, middle)]
    wishes += [(x, y) for y in (box.y, box.y + box.h - high) for x in (right + gap, box.x - wide - gap)]
    wishes += [(middle, box.y + gap), (middle, box.y + box.h - high - gap)]
    return [Rectangle(_within(x, frame_wh[0] - wide), _within(y, frame_wh[1] - high), wide, high) for x, y in wishes]


def _within(position: float, last: int) -> int:
    return max(0, min(round(position), last))
