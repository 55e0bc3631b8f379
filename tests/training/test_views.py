"""Which views are kept, and which of a source's frames they come from."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.objects.taught import FEATURES, unit_rows
from facecam.training.object_teaching import (
    BLOCKS,
    INTERVAL_MS,
    MIN_VIEWS,
    MOST_VIEWS,
    CapturePhase,
    ViewCollector,
    Views,
    background_views,
    from_photos,
    variations,
)
from facecam.types import Box, Floats, Frame
from tests.training.conftest import ColorReader, colored

PLACE = Box(60, 40, 40, 40)


def frame(color: str, number: int) -> Frame:
    """A blot with noise around it, a tenth of a second after the one before."""
    picture = np.random.default_rng(number).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    picture[36:84, 50:110] = colored(color, number)
    return Frame(picture, number, number * 100.0, number / 10, "test")


def there(frame: Frame, stays: bool) -> Box | None:
    return PLACE


def nowhere(frame: Frame, stays: bool) -> Box | None:
    return None


def unit(index: int) -> Floats:
    row = np.zeros(FEATURES, np.float32)
    row[index] = 1
    return row


def test_a_view_like_one_that_was_kept_is_dropped() -> None:
    views = Views()

    assert [views.keep(unit(0)), views.keep(unit(0)), views.keep(unit(1))] == [True, False, True]
    assert (len(views.views), views.alike) == (2, 1)


def test_a_thing_held_still_gives_no_more_than_its_squares(reader: ColorReader) -> None:
    collector = ViewCollector(reader, there, 0, None)

    for _ in range(12):
        collector.take(frame("red", 1))

    assert collector.views.seen == 12
    assert len(collector.views.views) <= 3


def test_what_is_beside_the_thing_is_learned_as_background(reader: ColorReader) -> None:
    collector = ViewCollector(reader, there, 0, None)

    for number in range(8):
        collector.take(frame("red", number))

    assert collector.views.label("mug").beside.shape == (2 * 4, FEATURES)


def test_a_corner_that_shows_the_thing_is_not_beside_it(reader: ColorReader) -> None:
    collector = ViewCollector(reader, lambda frame, stays: Box(0, 0, 90, 40), 0, None)

    for number in range(4):
        collector.take(frame("red", number))

    assert len(collector.views.beside) == 3


def test_where_nothing_is_ever_new_the_middle_is_learned(reader: ColorReader) -> None:
    collector = ViewCollector(reader, nowhere, 0, None)

    for number in range(30):
        collector.take(frame(("red", "green", "blue")[number % 3], number))

    assert collector.views.without == 30
    assert len(collector.views.label("mug").views) > 1


def test_the_middle_of_frames_without_the_thing_is_not_learned_as_the_thing(reader: ColorReader) -> None:
    collector = ViewCollector(reader, nowhere, 0, None)
    for number in range(MIN_VIEWS):
        collector.views.keep(unit(500 + number))

    collector.take(frame("red", 1))

    assert collector.views.label("mug").views.shape == (MIN_VIEWS, FEATURES)


def test_the_room_comes_first_then_the_thing_then_it_is_done(reader: ColorReader) -> None:
    stays: list[bool] = []

    def find(frame: Frame, stay: bool) -> Box | None:
        stays.append(stay)
        return PLACE

    collector = ViewCollector(reader, find, 1.0, 2.0)
    parts = []
    for number in range(40):
        taken = frame("red", number)
        if collector.wants(taken):
            collector.take(taken)
            parts.append(collector.part)

    assert parts == [CapturePhase.ROOM] * 10 + [CapturePhase.THING] * 21 + [CapturePhase.DONE]
    assert stays == [False] * 11 + [True] * 21
    assert collector.views.seen == 21


def test_frames_that_come_too_soon_are_not_wanted(reader: ColorReader) -> None:
    collector = ViewCollector(reader, there, 0, None)
    first = frame("red", 0)
    collector.take(first)

    assert not collector.wants(first)
    assert not collector.wants(Frame(first.bgr, 1, INTERVAL_MS - 1, 0.09, "test"))
    assert collector.wants(Frame(first.bgr, 1, INTERVAL_MS, 0.1, "test"))


def test_the_background_is_taught_by_whole_frames(reader: ColorReader) -> None:
    collector = ViewCollector(reader, there, 2.0, 5.0, empty=True)

    for number in range(6):
        collector.take(frame("red", number))

    assert collector.part is CapturePhase.THING
    assert len(collector.views.views) >= 6
    assert collector.views.beside == []


def test_views_are_numbered_in_blocks_of_time() -> None:
    views = Views(views=[unit(n) for n in range(25)])

    assert views.label("mug").blocks.tolist() == sorted(n * BLOCKS // 25 for n in range(25))


def test_what_was_new_for_a_moment_is_beside_the_thing() -> None:
    random = np.random.default_rng(3)
    thing, arm = (
        unit_rows(unit(n) + random.normal(0, 0.01, (count, FEATURES)).astype(np.float32)) for n, count in ((0, 30), (1, 4))
    )

    label = Views(views=[*arm, *thing]).label("mug")

    assert np.array_equal(label.views, thing)
    assert np.array_equal(label.beside, arm)


def test_a_thing_whose_sides_are_all_different_keeps_them() -> None:
    assert len(Views(views=[unit(n) for n in range(25)]).label("mug").views) == 25


def test_no_more_views_are_kept_than_there_is_room_for() -> None:
    views = Views()
    for number in range(MOST_VIEWS + 20):
        views.keep(unit(number))

    assert len(views.views) == MOST_VIEWS


def test_one_photo_gives_several_views(reader: ColorReader) -> None:
    found = from_photos([colored("blue", 1)], reader, lambda done, total: None)

    assert found.seen == 1
    assert len(found.views) + found.alike == len(variations(colored("blue", 1))) == 9


def test_nothing_is_known_before_anything_is_taught(reader: ColorReader) -> None:
    found = background_views(reader)

    assert found.name == "background"
    assert len(found.views) == len(set(found.blocks)) > 30


@pytest.mark.parametrize("part", list(CapturePhase))
def test_only_a_part_that_runs_has_a_share(reader: ColorReader, part: CapturePhase) -> None:
    collector = ViewCollector(reader, there, 1.0, 2.0)
    collector.part = part

    assert collector.done_share() == 0
