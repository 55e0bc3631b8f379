"""CapturedViews and ViewCollector: selection of views from frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.imageio import write_image
from facecam.objects.taught import FEATURES, unit_rows
from facecam.training.object_teaching import (
    BLOCKS,
    INTERVAL_MS,
    MAX_VIEWS,
    MIN_VIEWS,
    CapturedViews,
    RefusedPhoto,
    TeachingPhase,
    ViewCollector,
    background_views,
    photos_in,
    variations,
    views_from_photos,
)
from facecam.types import Box, Floats, Frame
from tests.training.conftest import ColorFeatures, colored

REGION = Box(60, 40, 40, 40)


def frame(color: str, number: int) -> Frame:
    """Return a disk with noise around it; frames are a tenth of a second apart."""
    image = np.random.default_rng(number).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    image[36:84, 50:110] = colored(color, number)
    return Frame(image, number, number * 100.0, number / 10, "test")


def find_region(frame: Frame, stays_new: bool) -> Box | None:
    return REGION


def find_nothing(frame: Frame, stays_new: bool) -> Box | None:
    return None


def unit(index: int) -> Floats:
    row = np.zeros(FEATURES, np.float32)
    row[index] = 1
    return row


def test_a_duplicate_view_is_dropped() -> None:
    views = CapturedViews()

    assert [views.add(unit(0)), views.add(unit(0)), views.add(unit(1))] == [True, False, True]
    assert (len(views.views), views.duplicates) == (2, 1)


def test_an_object_held_still_gives_few_views(features: ColorFeatures) -> None:
    collector = ViewCollector(features, find_region, 0, None)

    for _ in range(12):
        collector.add(frame("red", 1))

    assert collector.views.frames == 12
    assert len(collector.views.views) <= 3


def test_the_corners_become_negatives(features: ColorFeatures) -> None:
    collector = ViewCollector(features, find_region, 0, None)

    for number in range(8):
        collector.add(frame("red", number))

    assert collector.views.label("mug").negatives.shape == (2 * 4, FEATURES)


def test_a_corner_that_shows_the_object_is_not_a_negative(features: ColorFeatures) -> None:
    collector = ViewCollector(features, lambda frame, stays_new: Box(0, 0, 90, 40), 0, None)

    for number in range(4):
        collector.add(frame("red", number))

    assert len(collector.views.negatives) == 3


def test_the_center_is_learned_when_nothing_is_ever_new(features: ColorFeatures) -> None:
    collector = ViewCollector(features, find_nothing, 0, None)

    for number in range(30):
        collector.add(frame(("red", "green", "blue")[number % 3], number))

    assert len(collector.views.center_views) == 30
    assert len(collector.views.label("mug").views) > 1


def test_the_center_of_empty_frames_is_ignored_once_there_are_enough_views(features: ColorFeatures) -> None:
    collector = ViewCollector(features, find_nothing, 0, None)
    for number in range(MIN_VIEWS):
        collector.views.add(unit(500 + number))

    collector.add(frame("red", 1))

    assert collector.views.label("mug").views.shape == (MIN_VIEWS, FEATURES)


def test_the_phases_are_scene_object_done(features: ColorFeatures) -> None:
    flags: list[bool] = []

    def find(frame: Frame, stays_new: bool) -> Box | None:
        flags.append(stays_new)
        return REGION

    collector = ViewCollector(features, find, 1.0, 2.0)
    phases = []
    for number in range(40):
        current = frame("red", number)
        if collector.wants(current):
            collector.add(current)
            phases.append(collector.phase)

    assert phases == [TeachingPhase.SCENE] * 10 + [TeachingPhase.OBJECT] * 21 + [TeachingPhase.DONE]
    assert flags == [False] * 11 + [True] * 21
    assert collector.views.frames == 21


def test_frames_within_the_interval_are_skipped(features: ColorFeatures) -> None:
    collector = ViewCollector(features, find_region, 0, None)
    first = frame("red", 0)
    collector.add(first)

    assert not collector.wants(first)
    assert not collector.wants(Frame(first.bgr, 1, INTERVAL_MS - 1, 0.09, "test"))
    assert collector.wants(Frame(first.bgr, 1, INTERVAL_MS, 0.1, "test"))


def test_the_background_is_learned_from_whole_frames(features: ColorFeatures) -> None:
    collector = ViewCollector(features, find_region, 2.0, 5.0, background_only=True)

    for number in range(6):
        collector.add(frame("red", number))

    assert collector.phase is TeachingPhase.OBJECT
    assert len(collector.views.views) >= 6
    assert collector.views.negatives == []


def test_views_are_numbered_in_blocks_of_time() -> None:
    views = CapturedViews(views=[unit(n) for n in range(25)])

    assert views.label("mug").blocks.tolist() == sorted(n * BLOCKS // 25 for n in range(25))


def test_outliers_become_negatives() -> None:
    random = np.random.default_rng(3)
    object_views, arm_views = (
        unit_rows(unit(n) + random.normal(0, 0.01, (count, FEATURES)).astype(np.float32)) for n, count in ((0, 30), (1, 4))
    )

    label = CapturedViews(views=[*arm_views, *object_views]).label("mug")

    assert np.array_equal(label.views, object_views)
    assert np.array_equal(label.negatives, arm_views)


def test_an_object_whose_sides_all_differ_keeps_its_views() -> None:
    assert len(CapturedViews(views=[unit(n) for n in range(25)]).label("mug").views) == 25


def test_at_most_max_views_are_stored() -> None:
    views = CapturedViews()
    for number in range(MAX_VIEWS + 20):
        views.add(unit(number))

    assert len(views.views) == MAX_VIEWS


def test_one_photo_gives_several_views_and_an_unreadable_one_is_reported(features: ColorFeatures, tmp_path: Path) -> None:
    write_image(tmp_path / "1.png", colored("blue", 1))
    (tmp_path / "torn.png").write_bytes(b"no image")
    refused: list[RefusedPhoto] = []
    steps: list[tuple[int, int]] = []

    found = views_from_photos(
        [tmp_path / "1.png", tmp_path / "torn.png"], features, lambda done, total: steps.append((done, total)), refused.append
    )

    assert found.frames == 1
    assert [photo.path.name for photo in refused] == ["torn.png"]
    assert steps == [(1, 2), (2, 2)]
    assert len(found.views) + found.duplicates == len(variations(colored("blue", 1))) == 9


def test_photos_of_which_none_can_be_read_are_an_error(features: ColorFeatures, tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"no image")

    with pytest.raises(TeachingError, match="none of the photos could be read"):
        views_from_photos([tmp_path / "torn.png"], features, lambda done, total: None, lambda photo: None)


def test_a_folder_stands_for_the_images_directly_in_it(tmp_path: Path) -> None:
    photos = [tmp_path / "mug" / name for name in ("1.jpg", "2.png")]
    (tmp_path / "mug" / "deeper").mkdir(parents=True)
    for path in (*photos, tmp_path / "mug" / "notes.txt", tmp_path / "mug" / "deeper" / "3.jpg"):
        path.write_bytes(b"")

    assert photos_in([tmp_path / "mug", photos[0]]) == photos


def test_a_folder_with_only_folders_has_no_photos(tmp_path: Path) -> None:
    (tmp_path / "photos" / "mug").mkdir(parents=True)
    (tmp_path / "photos" / "mug" / "1.jpg").write_bytes(b"")

    with pytest.raises(TeachingError, match=r"no photo is directly in .*photos; choose the folder that contains the photos"):
        photos_in([tmp_path / "photos"])


def test_the_initial_background_has_views_in_separate_blocks(features: ColorFeatures) -> None:
    found = background_views(features)

    assert found.name == "background"
    assert len(found.views) == len(set(found.blocks)) > 30


@pytest.mark.parametrize("phase", [TeachingPhase.SCENE, TeachingPhase.OBJECT, TeachingPhase.DONE])
def test_a_phase_without_frames_has_no_share(features: ColorFeatures, phase: TeachingPhase) -> None:
    collector = ViewCollector(features, find_region, 1.0, 2.0)
    collector.phase = phase

    assert collector.phase_share() == 0
