"""ExplanationWorker: the newest result wins, faces take turns, and the thread stops on request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image
from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognizer import Recognizer
from facecam.session.explanation_worker import Explanation, ExplanationWorker
from facecam.settings import Mode, Settings
from facecam.types import Box, Frame, Label, Result

PATIENCE_S = 300.0
"""The process has low priority: on a busy machine an explanation may take a minute."""

ONE_CROP = Settings().replace({"identify.mirrored": False})
"""Settings with half the work of the default."""


@pytest.fixture(scope="module")
def worker() -> Iterator[ExplanationWorker]:
    """A running worker; each test uses slots of its own."""
    worker = ExplanationWorker(ONE_CROP.identify)
    worker.start()
    yield worker
    worker.stop()
    worker.join(PATIENCE_S)
    assert not worker.is_alive()
    assert worker.error is None


def until(condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition did not hold in time"
        time.sleep(0.01)


def frame_of(path: Path, index: int = 0) -> Frame:
    return Frame(read_image(path), index, 0.0, float(index), "test")


def recognized(gallery: Path, frame: Frame, settings: Settings = ONE_CROP) -> tuple[Recognizer, Result]:
    """Return the result of a frame after a second in which nothing moved."""
    recognizer = Recognizer(settings, gallery)
    for number in range(8):
        result = recognizer(replace(frame, index=number, t_ms=number * 100.0))
    return recognizer, result


def test_a_known_face_gets_a_heat_map_over_the_face(worker: ExplanationWorker, gallery: Path, portraits: dict[str, Path]) -> None:
    frame = frame_of(portraits["eileen_collins"])
    recognizer, result = recognized(gallery, frame)
    worker.submit(0, frame, result, recognizer.gallery)
    until(lambda: worker.explanations(0, result))

    ((explanation, to_frame),) = worker.explanations(0, result)
    assert explanation.subject == "Eileen Collins"
    assert explanation.heatmap.shape == (96, 96)
    box = result.sightings[0].face.box
    x, y = to_frame @ (48, 40, 1)
    assert box.x < x < box.x + box.w
    assert box.y < y < box.y + box.h
    drawn = frame.bgr.copy()
    worker.draw_heatmaps(drawn, result, 0)
    changed = np.argwhere((drawn != frame.bgr).any(axis=2))
    assert len(changed) > 500
    assert (changed.min(axis=0) > (box.y - box.h, box.x - box.w)).all()
    assert (changed.max(axis=0) < (box.y + 2 * box.h, box.x + 2 * box.w)).all()


def test_the_heat_map_of_the_high_accuracy_network_lies_over_the_face(gallery: Path, portraits: dict[str, Path]) -> None:
    settings = Settings().replace({"identify.network": HIGH_ACCURACY_NETWORK, "identify.mirrored": False})
    frame = frame_of(portraits["eileen_collins"])
    recognizer, result = recognized(gallery, frame, settings)
    worker = ExplanationWorker(settings.identify)
    worker.submit(0, frame, result, recognizer.gallery)
    worker.start()
    until(lambda: worker.explanations(0, result))
    worker.stop()
    worker.join(PATIENCE_S)

    ((explanation, to_frame),) = worker.explanations(0, result)
    alignment = embedding_network(HIGH_ACCURACY_NETWORK).alignment
    assert explanation.heatmap.shape == (alignment.size_px, alignment.size_px)
    assert worker.error is None
    landmarks = np.column_stack([alignment.template_xy, np.ones(5)]) @ to_frame.T
    assert np.abs(landmarks - result.sightings[0].face.landmarks_xy).max() < result.sightings[0].face.box.w / 10


def test_an_unknown_face_gets_no_heat_map(worker: ExplanationWorker, gallery: Path, portraits: dict[str, Path]) -> None:
    unknown_frame, known_frame = frame_of(portraits["grace_hopper"]), frame_of(portraits["eileen_collins"])
    recognizer, unknown = recognized(gallery, unknown_frame)
    worker.submit(1, unknown_frame, unknown, recognizer.gallery)
    _, result = recognized(gallery, known_frame)
    until(lambda: worker._requests.has_item(1) is False)
    worker.submit(2, known_frame, result, recognizer.gallery)
    until(lambda: worker.explanations(2, result))

    assert worker.explanations(1, unknown) == []


def test_a_face_that_another_network_compared_gets_no_heat_map(
    worker: ExplanationWorker, gallery: Path, portraits: dict[str, Path]
) -> None:
    frame = frame_of(portraits["eileen_collins"])
    high_accuracy = ONE_CROP.replace({"identify.network": HIGH_ACCURACY_NETWORK})
    recognizer, result = recognized(gallery, frame, high_accuracy)
    assert result.sightings[0].track_decision.decision.name is not None
    worker.submit(5, frame, result, recognizer.gallery)
    recognizer, own_result = recognized(gallery, frame)
    until(lambda: worker._requests.has_item(5) is False)
    worker.submit(6, frame, own_result, recognizer.gallery)
    until(lambda: worker.explanations(6, own_result))

    assert worker.explanations(5, result) == []


def test_an_object_gets_a_heat_map_over_its_region(worker: ExplanationWorker, portraits: dict[str, Path]) -> None:
    frame = frame_of(portraits["coffee"])
    label = Label("espresso", "n07920052", 0.9)
    result = Result(0, 0.0, "test", "", frame.size_wh, Mode.OBJECTS, labels=(label,))
    worker.submit(3, frame, result, None)
    until(lambda: worker.explanations(3, result))

    ((explanation, to_frame),) = worker.explanations(3, result)
    assert explanation.subject == "espresso"
    assert not worker.loading
    middle = np.array(frame.size_wh) / 2
    assert np.abs(to_frame @ (111.5, 111.5, 1) - middle).max() < 2

    held = replace(result, region=Box(0, 0, 200, 180))
    worker.submit(3, frame, held, None)
    until(lambda: worker.explanations(3, held)[0][1][0, 2] != to_frame[0, 2])
    ((_, to_region),) = worker.explanations(3, held)
    assert np.abs(to_region @ (111.5, 111.5, 1) - (100, 90)).max() < 2

    nothing = replace(result, labels=(Label("my mug", "", 1.0),))
    worker.submit(3, frame, nothing, None)
    until(lambda: worker.explanations(3, nothing) == [])


def test_of_two_waiting_frames_the_newer_is_explained(gallery: Path, portraits: dict[str, Path]) -> None:
    old, new = frame_of(portraits["eileen_collins"], 1), frame_of(portraits["eileen_collins"], 2)
    recognizer, result = recognized(gallery, old)
    worker = ExplanationWorker(ONE_CROP.identify)
    worker.submit(0, old, result, recognizer.gallery)
    worker.submit(0, new, result, recognizer.gallery)
    worker.start()
    until(lambda: worker.explanations(0, result))
    worker.stop()
    worker.join(PATIENCE_S)

    assert worker.explanations(0, result)[0][0].captured_at_s == new.captured_at_s


def test_two_faces_take_turns(worker: ExplanationWorker, tmp_path: Path, portraits: dict[str, Path]) -> None:
    grace, eileen = (read_image(portraits[name]) for name in ("grace_hopper", "eileen_collins"))
    canvas = np.zeros((max(len(grace), len(eileen)), grace.shape[1] + eileen.shape[1], 3), np.uint8)
    canvas[: len(grace), : grace.shape[1]] = grace
    canvas[: len(eileen), grace.shape[1] :] = eileen
    for name in ("grace_hopper", "eileen_collins"):
        (tmp_path / "two" / name).mkdir(parents=True)
        (tmp_path / "two" / name / "portrait.jpg").write_bytes(portraits[name].read_bytes())
    recognizer, result = recognized(tmp_path / "two", Frame(canvas, 0, 0.0, 0.0, "test"))

    def both() -> bool:
        worker.submit(4, Frame(canvas, 0, 0.0, time.monotonic(), "test"), result, recognizer.gallery)
        return len(worker.explanations(4, result)) == 2

    until(both)
    assert {explanation.subject for explanation, _ in worker.explanations(4, result)} == {"grace_hopper", "eileen_collins"}
    assert isinstance(worker.explanations(4, result)[0][0], Explanation)


def test_it_stops_at_once_during_an_explanation(gallery: Path, portraits: dict[str, Path]) -> None:
    frame = frame_of(portraits["eileen_collins"])
    recognizer, result = recognized(gallery, frame)
    worker = ExplanationWorker(ONE_CROP.identify)
    worker.start()
    worker.submit(0, frame, result, recognizer.gallery)
    until(lambda: worker.loading)
    worker.stop()
    worker.join(PATIENCE_S)

    assert not worker.is_alive()
    assert not worker.explanations(0, result), "it does not finish the explanation first"
    assert worker.error is None
    assert not worker.loading


def test_a_failing_explanation_is_skipped(gallery: Path, portraits: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    frame = frame_of(portraits["eileen_collins"])
    recognizer, result = recognized(gallery, frame)
    (sighting,) = result.sightings
    flat = replace(sighting.face, landmarks_xy=np.full((5, 2), np.nan, np.float32))
    bad = replace(result, sightings=(replace(sighting, face=flat),))
    worker = ExplanationWorker(ONE_CROP.identify)
    worker.start()
    worker.submit(0, frame, bad, recognizer.gallery)
    until(lambda: "an explanation failed" in caplog.text)
    worker.submit(0, frame, result, recognizer.gallery)
    until(lambda: worker.explanations(0, result))
    assert worker._process is not None
    worker._process._process.kill()
    worker.submit(0, frame_of(portraits["eileen_collins"], 7), result, recognizer.gallery)
    until(lambda: caplog.text.count("an explanation failed") == 2)
    worker.submit(0, frame_of(portraits["eileen_collins"], 8), result, recognizer.gallery)
    until(lambda: worker.explanations(0, result)[0][0].captured_at_s == 8)
    worker.stop()
    worker.join(PATIENCE_S)

    assert worker.error is None


def test_failing_explanations_end_with_a_message(portraits: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("odd picture")

    monkeypatch.setattr(ExplanationWorker, "_explain", fail)
    worker = ExplanationWorker(ONE_CROP.identify)
    frame = frame_of(portraits["cat"])
    worker.start()

    def has_ended() -> bool:
        worker.submit(0, frame, Result(0, 0.0, "test", "", frame.size_wh, Mode.FACES), None)
        return not worker.is_alive()

    until(has_ended)

    assert str(worker.error) == "explanations stopped: internal error (odd picture); switch them off and on again"
