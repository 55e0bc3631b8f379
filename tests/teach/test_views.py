"""Which frames and photos are kept, and what is seen beside the thing."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.objects.features import guide_crop
from facecam.objects.taught_head import FEATURES
from facecam.teach.views import BLOCKS, MOST_VIEWS, Views, background_views, from_frames, from_photos, variations
from facecam.types import Floats, Picture
from tests.teach.conftest import ColourReader, coloured


def frame(colour: str, number: int) -> Picture:
    """A blot in the middle of a frame with noise around it."""
    picture = np.random.default_rng(number).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    picture[36:84, 50:110] = coloured(colour, number)
    return picture


def unit(index: int) -> Floats:
    row = np.zeros(FEATURES, np.float32)
    row[index] = 1
    return row


def test_a_view_like_one_that_was_kept_is_dropped() -> None:
    views = Views()

    assert [views.keep(unit(0)), views.keep(unit(0)), views.keep(unit(1))] == [True, False, True]
    assert (len(views.views), views.alike) == (2, 1)


def test_a_thing_held_still_gives_one_view(reader: ColourReader) -> None:
    found = from_frames([frame("red", 1)] * 12, reader, lambda views: None)

    assert (found.seen, len(found.views), found.alike) == (12, 1, 11)


def test_the_corners_of_every_fourth_frame_are_what_is_beside(reader: ColourReader) -> None:
    found = from_frames([frame("red", number) for number in range(9)], reader, lambda views: None)

    assert len(found.beside) == 3 * 4
    assert found.label("mug").beside.shape == (12, FEATURES)


def test_frames_in_which_nothing_is_seen_are_counted_and_teach_nothing(reader: ColourReader) -> None:
    found = from_frames([frame("red", 1), frame("red", 2)], reader, lambda views: None, where=lambda bgr: None)

    assert (found.without, found.views, found.beside) == (2, [], [])


def test_views_are_numbered_in_blocks_of_time() -> None:
    views = Views(views=[unit(n) for n in range(25)])

    assert views.label("mug").blocks.tolist() == sorted(n * BLOCKS // 25 for n in range(25))


def test_no_more_views_are_kept_than_there_is_room_for() -> None:
    views = Views()
    for number in range(MOST_VIEWS + 20):
        views.keep(unit(number))

    assert len(views.views) == MOST_VIEWS


def test_one_photo_gives_several_views(reader: ColourReader) -> None:
    found = from_photos([coloured("blue", 1)], reader, lambda done, total: None)

    assert found.seen == 1
    assert len(found.views) + found.alike == len(variations(coloured("blue", 1))) == 9


def test_nothing_is_known_before_anything_is_taught(reader: ColourReader) -> None:
    found = background_views(reader)

    assert found.name == "background"
    assert len(found.views) == len(set(found.blocks)) > 30


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (1, 1), (1080, 1920)])
def test_the_guide_box_is_a_square_in_the_middle(shape: tuple[int, int]) -> None:
    marked = np.zeros((*shape, 3), np.uint8)
    marked[shape[0] // 2, shape[1] // 2] = 255

    box = guide_crop(marked)

    assert box.shape[0] == box.shape[1] <= min(shape)
    assert box.max() == 255
