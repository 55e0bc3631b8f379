"""TeachingService: teaching from frames that are fed, progress, forgetting and undo."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import scenes
from facecam.errors import TeachingError
from facecam.imageio import read_image
from facecam.objects.pipeline import ObjectPipeline
from facecam.settings import Settings
from facecam.training.live_teaching import RUNNING, TeachingProgress, TeachingService
from facecam.training.object_teaching import TeachingPhase
from facecam.types import Frame, Label

# A scene starts with 0.6 s of background, so half a second of it is the empty scene.
SCENE_S, OBJECT_S = 0.5, 3.0


@pytest.fixture
def teaching(tmp_path: Path) -> Iterator[TeachingService]:
    teaching = TeachingService(tmp_path, Settings(), scene_s=SCENE_S, object_s=OBJECT_S, timeout_s=1.0)
    yield teaching
    teaching.close()


def frames(portraits: dict[str, Path]) -> Iterator[Frame]:
    """Yield frames of a cup in front of a wall."""
    wall = cv2.GaussianBlur(np.random.default_rng(4).integers(60, 200, (480, 640, 3), np.uint8), (0, 0), 9)
    video = scenes.Background("wall", (np.asarray(wall, np.uint8),))
    for shot in scenes.scene(video, read_image(portraits["coffee"]), 1, 4.0):
        yield shot.frame


def live_labels(pipeline: ObjectPipeline, portraits: dict[str, Path]) -> tuple[Label, ...]:
    """Return the live mode's labels of the cup after a second."""
    state = pipeline.new_state()
    return [pipeline.observe(frame, state).labels for frame in itertools.islice(frames(portraits), 24)][-1]


def wait_until_ended(teaching: TeachingService) -> TeachingProgress:
    while teaching.progress().phase in RUNNING:
        time.sleep(0.02)
    return teaching.progress()


def wait_for(teaching: TeachingService, phase: TeachingPhase) -> None:
    while teaching.progress().phase is not phase:
        assert teaching.progress().phase in RUNNING, teaching.progress().message
        time.sleep(0.02)


def test_teaching_goes_through_scene_and_object_to_a_label_that_is_recognized(
    teaching: TeachingService, portraits: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path))
    pipeline = ObjectPipeline(Settings())
    before = live_labels(pipeline, portraits)
    phases = []

    teaching.start("my cup")
    wait_for(teaching, TeachingPhase.SCENE)
    for frame in frames(portraits):
        teaching.feed(frame)
        while not teaching._frames.empty() and teaching.progress().phase in (TeachingPhase.SCENE, TeachingPhase.OBJECT):
            time.sleep(0.001)
        phases.append(teaching.progress().phase)
    done = wait_until_ended(teaching)

    assert done.phase is TeachingPhase.DONE, done.message
    assert [phase for phase in dict.fromkeys(phases) if phase in (TeachingPhase.SCENE, TeachingPhase.OBJECT)] == [
        TeachingPhase.SCENE,
        TeachingPhase.OBJECT,
    ]
    assert done.views >= 8
    assert done.evaluation is not None
    assert list(teaching.labels()) == ["my cup"]
    assert live_labels(pipeline, portraits)[0].name == "my cup"
    state = pipeline.new_state()
    taught = [pipeline.observe(frame, state).taught for frame in itertools.islice(frames(portraits), 24)]
    assert all(taught), "also while nothing new is in view"
    assert {label.name for labels in taught for label in labels} == {"my cup"}
    assert taught[-1][0].probability > 0.5 > taught[0][0].probability, "the scene is empty at first"

    teaching.forget("my cup")
    assert wait_until_ended(teaching).phase is TeachingPhase.DONE
    assert live_labels(pipeline, portraits) == before

    teaching.undo()
    assert wait_until_ended(teaching).phase is TeachingPhase.DONE
    assert list(teaching.labels()) == ["my cup"]


def test_teaching_cannot_start_twice_and_canceling_changes_nothing(teaching: TeachingService) -> None:
    teaching.start("mug")
    with pytest.raises(TeachingError, match="in progress"):
        teaching.start("torch")

    teaching.cancel()

    assert wait_until_ended(teaching).phase is TeachingPhase.IDLE
    assert teaching.labels() == {}


def test_teaching_fails_without_frames(teaching: TeachingService) -> None:
    teaching.start("mug")

    ended = wait_until_ended(teaching)

    assert ended.phase is TeachingPhase.FAILED
    assert "no image for 1 s" in ended.message


def test_forgetting_an_unknown_label_fails(teaching: TeachingService) -> None:
    teaching.forget("mug")

    ended = wait_until_ended(teaching)

    assert ended.phase is TeachingPhase.FAILED
    assert "'mug' was not taught" in ended.message


def test_an_invalid_label_is_refused_at_once(teaching: TeachingService) -> None:
    with pytest.raises(TeachingError, match="cannot be a label"):
        teaching.start(" ")
    assert teaching.progress().phase is TeachingPhase.IDLE


def test_an_object_is_taught_from_photos_with_the_refused_ones_by_name(
    teaching: TeachingService, portraits: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(portraits["coffee"], folder / "cup.jpg")
    (folder / "torn.jpg").write_bytes(b"no image")

    teaching.start_photos("my cup", [folder, portraits["cat"]])
    done = wait_until_ended(teaching)

    assert done.phase is TeachingPhase.DONE, done.message
    assert [photo.path.name for photo in done.refused] == ["torn.jpg"]
    assert done.views >= 8
    assert list(teaching.labels()) == ["my cup"]


def test_photos_that_cannot_be_read_are_named_when_nothing_is_taught(teaching: TeachingService, tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"no image")

    teaching.start_photos("my cup", [tmp_path / "torn.jpg"])
    ended = wait_until_ended(teaching)

    assert ended.phase is TeachingPhase.FAILED
    assert "none of the photos could be read" in ended.message
    assert [photo.path.name for photo in ended.refused] == ["torn.jpg"]


def test_canceled_photos_change_nothing(teaching: TeachingService, portraits: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        shutil.copy(portraits["coffee"], folder / f"{number}.jpg")

    teaching.start_photos("my cup", [folder])
    wait_for(teaching, TeachingPhase.PHOTOS)
    teaching.cancel()

    assert wait_until_ended(teaching).phase is TeachingPhase.IDLE
    assert teaching.labels() == {}
