"""A lesson in a running session: frames are fed, progress is asked for, the folder holds the label at the end."""

from __future__ import annotations

import itertools
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
from facecam.training.live_teaching import RUNNING, TeachingPace, TeachingPhase, TeachingProgress, TeachingService
from facecam.types import Frame, Label

# A scene is alone for 0.6 s, so the room is seen for half a second.
PACE = TeachingPace(room_s=0.5, thing_s=3.0, silent_s=1.0)


@pytest.fixture
def teaching(tmp_path: Path) -> Iterator[TeachingService]:
    teaching = TeachingService(tmp_path, Settings(), PACE)
    yield teaching
    teaching.close()


def frames(portraits: dict[str, Path]) -> Iterator[Frame]:
    """A cup held up before a wall."""
    wall = cv2.GaussianBlur(np.random.default_rng(4).integers(60, 200, (480, 640, 3), np.uint8), (0, 0), 9)
    film = scenes.Film("wall", (np.asarray(wall, np.uint8),))
    for shot in scenes.scene(film, read_image(portraits["coffee"]), 1, 4.0):
        yield shot.frame


def shown(pipeline: ObjectPipeline, portraits: dict[str, Path]) -> tuple[Label, ...]:
    """What the live mode says of the cup after a second."""
    watching = pipeline.watching()
    return [pipeline.next(frame, watching).labels for frame in itertools.islice(frames(portraits), 24)][-1]


def until_over(teaching: TeachingService) -> TeachingProgress:
    while teaching.progress().phase in RUNNING:
        time.sleep(0.02)
    return teaching.progress()


def wait_for(teaching: TeachingService, phase: TeachingPhase) -> None:
    while teaching.progress().phase is not phase:
        assert teaching.progress().phase in RUNNING, teaching.progress().message
        time.sleep(0.02)


def test_a_lesson_goes_from_the_room_over_the_thing_to_a_label_that_is_known(
    teaching: TeachingService, portraits: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path))
    pipeline = ObjectPipeline(Settings())
    before = shown(pipeline, portraits)
    phases = []

    teaching.start("my cup")
    wait_for(teaching, TeachingPhase.ROOM)
    for frame in frames(portraits):
        teaching.feed(frame)
        time.sleep(0.05)
        phases.append(teaching.progress().phase)
    done = until_over(teaching)

    assert done.phase is TeachingPhase.DONE, done.message
    assert [phase for phase in dict.fromkeys(phases) if phase in (TeachingPhase.ROOM, TeachingPhase.THING)] == [
        TeachingPhase.ROOM,
        TeachingPhase.THING,
    ]
    assert done.views >= 8
    assert done.checked is not None
    assert list(teaching.labels()) == ["my cup"]
    assert shown(pipeline, portraits)[0].name == "my cup"

    teaching.forget("my cup")
    assert until_over(teaching).phase is TeachingPhase.DONE
    assert shown(pipeline, portraits) == before

    teaching.undo()
    assert until_over(teaching).phase is TeachingPhase.DONE
    assert list(teaching.labels()) == ["my cup"]
    pipeline.close()


def test_a_second_lesson_waits_for_the_end_of_the_first_and_canceling_changes_nothing(teaching: TeachingService) -> None:
    teaching.start("mug")
    with pytest.raises(TeachingError, match="going on"):
        teaching.start("torch")

    teaching.cancel()

    assert until_over(teaching).phase is TeachingPhase.IDLE
    assert teaching.labels() == {}


def test_a_camera_that_gives_nothing_ends_the_lesson(teaching: TeachingService) -> None:
    teaching.start("mug")

    ended = until_over(teaching)

    assert ended.phase is TeachingPhase.FAILED
    assert "no picture for 1 s" in ended.message


def test_what_was_never_taught_cannot_be_forgotten(teaching: TeachingService) -> None:
    teaching.forget("mug")

    ended = until_over(teaching)

    assert ended.phase is TeachingPhase.FAILED
    assert "'mug' was not taught" in ended.message


def test_a_label_that_cannot_be_shown_is_refused_at_once(teaching: TeachingService) -> None:
    with pytest.raises(TeachingError, match="is no label"):
        teaching.start(" ")
    assert teaching.progress().phase is TeachingPhase.IDLE
