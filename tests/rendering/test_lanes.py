"""Labels of a scale: beside their ticks, and never over each other."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from facecam.rendering.figures import place_labels

TICKS = st.lists(st.tuples(st.floats(-50, 400), st.floats(0, 500)), max_size=6)


@given(TICKS, st.floats(20, 400), st.floats(0, 20))
def test_no_label_lies_over_another_or_leaves_the_room(ticks: list[tuple[float, float]], room_px: float, gap_px: float) -> None:
    places = place_labels(ticks, room_px, gap_px)

    assert len(places) == len(ticks)
    assert not any(one.meets(other, gap_px) for one, other in itertools.combinations(places, 2))
    assert all(place.left_px >= 0 and place.left_px + place.width_px <= room_px + 1e-6 for place in places)


def test_labels_that_do_not_meet_are_all_next_to_the_scale_below_their_ticks() -> None:
    places = place_labels([(50, 40), (150, 40)], 300, 5)

    assert [(place.left_px, place.lane) for place in places] == [(30, 0), (130, 0)]


def test_of_two_that_would_meet_the_later_one_goes_a_lane_farther() -> None:
    places = place_labels([(50, 40), (60, 40)], 300, 5)

    assert [place.lane for place in places] == [0, 1]
