"""Where the labels of a scale's ticks go: each as near its tick as it can, none over another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A label's left edge and width in pixels, and its lane; lane 0 is the one next to the scale."""

    left_px: float
    width_px: float
    lane: int

    def meets(self, other: Place, gap_px: float) -> bool:
        """Whether the two are nearer than `gap_px` in one lane."""
        apart = max(self.left_px - other.left_px - other.width_px, other.left_px - self.left_px - self.width_px)
        return self.lane == other.lane and apart < gap_px


def place_labels(ticks: Sequence[tuple[float, float]], room_px: float, gap_px: float) -> list[Place]:
    """The place of each label, given its tick's position and its width; the first ones choose first.

    Within the room whenever they fit it; one that is wider than the room is cut to it.
    """
    places: list[Place] = []
    for at_px, width_px in ticks:
        width = min(width_px, room_px)
        left = min(max(0.0, at_px - width / 2), room_px - width)
        lane = 0
        while any(Place(left, width, lane).meets(other, gap_px) for other in places):
            lane += 1
        places.append(Place(left, width, lane))
    return places
