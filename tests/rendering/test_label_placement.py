"""Placement of scale labels near their ticks without overlap."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from facecam.rendering.figures import place_labels

TICKS = st.lists(st.tuples(st.floats(-50, 400), st.floats(0, 500)), max_size=6)


@given(TICKS, st.floats(20, 400), st.floats(0, 20))
def test_labels_neither_overlap_nor_leave_the_scale(ticks: list[tuple[float, float]], total_px: float, gap_px: float) -> None:
    positions = place_labels(ticks, total_px, gap_px)

    assert len(positions) == len(ticks)
    assert not any(one.collides(other, gap_px) for one, other in itertools.combinations(positions, 2))
    assert all(position.left_px >= 0 and position.left_px + position.width_px <= total_px + 1e-6 for position in positions)


def test_labels_without_collisions_are_in_the_first_lane_below_their_ticks() -> None:
    positions = place_labels([(50, 40), (150, 40)], 300, 5)

    assert [(position.left_px, position.lane) for position in positions] == [(30, 0), (130, 0)]


def test_of_two_colliding_labels_the_later_one_is_in_the_next_lane() -> None:
    positions = place_labels([(50, 40), (60, 40)], 300, 5)

    assert [position.lane for position in positions] == [0, 1]
