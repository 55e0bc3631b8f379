"""The thread that explains beside recognition: the newest wins, faces take turns, and it ends when it is asked to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image
from facecam.recognizer import Recognizer
from facecam.session.explanation_worker import Explanation, ExplanationWorker
from facecam.settings import Mode, Settings
from facecam.types import Box, Frame, Label, Result

PATIENCE_S = 300.0
"""It works only when others leave it time: on a busy machine an explanation may take a minute."""

ONE_CROP = Settings().replace({"identify.mirrored": False}).identify
"""Half the work of the default."""


@pytest.fixture
def explaining() -> Iterator[ExplanationWorker]:
    made = ExplanationWorker(ONE_CROP)
    made.start()
    yield made
    made.stop()
    made.join(PATIENCE_S)
    assert not made.is_alive()
    assert made.error is None


def until(condition: Callable[[], object]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s, "it does not come"
        time.sleep(0.01)


def frame_of(path: Path, index: int = 0) -> Frame:
    return Frame(read_image(path), index, 0.0, float(index), "test")


def known(gallery: Path, frame: Frame) -> tuple[Recognizer, Result]:
    """A frame as it is recognized after a second in which nothing moved."""
    recognizer = Recognizer(Settings(), gallery)
    for number in range(8):
        result = recognizer(replace(frame, index=number, t_ms=number * 100.0))
    return recognizer, result


def test_a_known_face_gets_a_map_that_lies_on_it(
    explaining: ExplanationWorker, gallery: Path, portraits: dict[str, Path]
) -> None:
    frame = frame_of(portraits["eileen_collins"])
    recognizer, result = known(gallery, frame)
    explaining.ask(0, frame, result, recognizer.gallery)
    until(lambda: explaining.explained(0, result))

    ((found, to_frame),) = explaining.explained(0, result)
    assert found.about == "Eileen Collins"
    assert found.heat.shape == (96, 96)
    box = result.sightings[0].face.box
    x, y = to_frame @ (48, 40, 1)
    assert box.x < x < box.x + box.w
    assert box.y < y < box.y + box.h
    painted = frame.bgr.copy()
    explaining.lay(painted, result, 0)
    changed = np.argwhere((painted != frame.bgr).any(axis=2))
    assert len(changed) > 500
    assert (changed.min(axis=0) > (box.y - box.h, box.x - box.w)).all()
    assert (changed.max(axis=0) < (box.y + 2 * box.h, box.x + 2 * box.w)).all()


def test_a_stranger_gets_none(explaining: ExplanationWorker, gallery: Path, portraits: dict[str, Path]) -> None:
    stranger, friend = frame_of(portraits["grace_hopper"]), frame_of(portraits["eileen_collins"])
    recognizer, unknown = known(gallery, stranger)
    explaining.ask(1, stranger, unknown, recognizer.gallery)
    _, result = known(gallery, friend)
    until(lambda: explaining._questions.holds(1) is False)
    explaining.ask(0, friend, result, recognizer.gallery)
    until(lambda: explaining.explained(0, result))

    assert explaining.explained(1, unknown) == []


def test_an_object_gets_a_map_over_where_it_was_looked_at(explaining: ExplanationWorker, portraits: dict[str, Path]) -> None:
    frame = frame_of(portraits["coffee"])
    label = Label("espresso", "n07920052", 0.9)
    result = Result(0, 0.0, "test", "", frame.size_wh, Mode.OBJECTS, labels=(label,))
    explaining.ask(0, frame, result, None)
    until(lambda: explaining.explained(0, result))

    ((found, to_frame),) = explaining.explained(0, result)
    assert found.about == "espresso"
    assert not explaining.loading
    middle = np.array(frame.size_wh) / 2
    assert np.abs(to_frame @ (111.5, 111.5, 1) - middle).max() < 2

    held = replace(result, region=Box(0, 0, 200, 180))
    explaining.ask(0, frame, held, None)
    until(lambda: explaining.explained(0, held)[0][1][0, 2] != to_frame[0, 2])
    ((_, to_region),) = explaining.explained(0, held)
    assert np.abs(to_region @ (111.5, 111.5, 1) - (100, 90)).max() < 2

    nothing = replace(result, labels=(Label("my mug", "", 1.0),))
    explaining.ask(0, frame, nothing, None)
    until(lambda: explaining.explained(0, nothing) == [])


def test_of_two_frames_that_wait_the_newer_is_explained(gallery: Path, portraits: dict[str, Path]) -> None:
    old, new = frame_of(portraits["eileen_collins"], 1), frame_of(portraits["eileen_collins"], 2)
    recognizer, result = known(gallery, old)
    explaining = ExplanationWorker(ONE_CROP)
    explaining.ask(0, old, result, recognizer.gallery)
    explaining.ask(0, new, result, recognizer.gallery)
    explaining.start()
    until(lambda: explaining.explained(0, result))
    explaining.stop()
    explaining.join(PATIENCE_S)

    assert explaining.explained(0, result)[0][0].captured_at_s == new.captured_at_s


def test_two_faces_take_turns(explaining: ExplanationWorker, tmp_path: Path, portraits: dict[str, Path]) -> None:
    grace, eileen = (read_image(portraits[name]) for name in ("grace_hopper", "eileen_collins"))
    canvas = np.zeros((max(len(grace), len(eileen)), grace.shape[1] + eileen.shape[1], 3), np.uint8)
    canvas[: len(grace), : grace.shape[1]] = grace
    canvas[: len(eileen), grace.shape[1] :] = eileen
    for name in ("grace_hopper", "eileen_collins"):
        (tmp_path / "two" / name).mkdir(parents=True)
        (tmp_path / "two" / name / "portrait.jpg").write_bytes(portraits[name].read_bytes())
    recognizer, result = known(tmp_path / "two", Frame(canvas, 0, 0.0, 0.0, "test"))

    def both() -> bool:
        explaining.ask(0, Frame(canvas, 0, 0.0, time.monotonic(), "test"), result, recognizer.gallery)
        return len(explaining.explained(0, result)) == 2

    until(both)
    assert {found.about for found, _ in explaining.explained(0, result)} == {"grace_hopper", "eileen_collins"}
    assert isinstance(explaining.explained(0, result)[0][0], Explanation)


def test_it_ends_at_once_in_the_midst_of_an_explanation(gallery: Path, portraits: dict[str, Path]) -> None:
    frame = frame_of(portraits["eileen_collins"])
    recognizer, result = known(gallery, frame)
    explaining = ExplanationWorker(ONE_CROP)
    explaining.start()
    explaining.ask(0, frame, result, recognizer.gallery)
    until(lambda: explaining.loading)
    started_s = time.monotonic()
    explaining.stop()
    explaining.join(PATIENCE_S)

    assert time.monotonic() - started_s < 2
    assert explaining.error is None
    assert not explaining.loading
