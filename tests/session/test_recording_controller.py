"""Recordings that are started and stopped while a session runs: their files, their appearance, and their errors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facecam.logbook.reader import read_log
from facecam.rendering.annotations import CaptionTexts
from facecam.rendering.privacy import COVER_BGR
from facecam.session.recording import RecordingController, RecordingView
from facecam.settings import Mode
from facecam.types import Box, Candidate, Decision, DecisionStatus, Face, Frame, Quality, Result, Sighting, TrackDecision
from tests.session.conftest import Rig, ScriptedSource
from tests.session.video_files import fill, frame_times_ms, frames_in, images_in, small_disk

Wait = Callable[[Callable[[], bool]], None]
SIZE_WH = (320, 240)
BOX = Box(40, 100, 60, 60)


def face_in_noise(number: int, kind: DecisionStatus = DecisionStatus.UNKNOWN) -> tuple[Frame, Result]:
    """Return a frame of fine noise with one face in its middle."""
    noise = np.random.default_rng(number).integers(0, 255, (120, 160, 3), np.uint8)
    frame = Frame(noise, number, number * 50.0, number * 0.05, "fake")
    decision = Decision(kind, "test", "Ann" if kind is DecisionStatus.KNOWN else None)
    face = Face(Box(60, 40, 40, 40), 1.0, np.zeros((5, 2), np.float32))
    sighting = Sighting(face, Quality(0, 0, 0), None, True, decision, 1.0, TrackDecision(1, 0.0, decision))
    return frame, Result(number, frame.t_ms, "fake", "", (160, 120), Mode.FACES, (sighting,))


def face_at(box: Box, number: int = 0, *, status: DecisionStatus = DecisionStatus.UNKNOWN) -> tuple[Frame, Result]:
    """Return a frame, black on the left and with white squares on the right, and one face in it."""
    image = np.zeros((240, 320, 3), np.uint8)
    image[:, 160:] = np.kron(np.indices((30, 20)).sum(axis=0) % 2, np.ones((8, 8)))[..., None] * 255
    frame = Frame(image, number, number * 50.0, number * 0.05, "fake")
    decision = Decision(status, "test", "Ann" if status is DecisionStatus.KNOWN else None, Candidate("1", "Ann", "s", 0.31))
    face = Face(box, 1.0, np.zeros((5, 2), np.float32))
    sighting = Sighting(face, Quality(0, 0, 0), None, True, decision, 1.0, TrackDecision(1, 0.0, decision))
    return frame, Result(number, frame.t_ms, "fake", "", SIZE_WH, Mode.FACES, (sighting,))


def record(controller: RecordingController, path: Path, frames: int) -> None:
    controller.start(path)
    for number in range(frames):
        controller(*face_at(BOX, number), 0)


def recorded_image(folder: Path, view: RecordingView, *shown: tuple[Frame, Result]) -> np.ndarray:
    """Return the last image of a recording with this appearance."""
    path = folder / f"{len(list(folder.iterdir()))}.mp4"
    controller = RecordingController()
    controller.view_of = lambda slot: view
    controller.start(path)
    for frame, result in shown or [face_at(BOX)]:
        controller(frame, result, 0)
    controller.stop()
    assert not controller.fault
    return images_in(path)[-1].astype(int)


def box_columns(folder: Path, view: RecordingView, *shown: tuple[Frame, Result]) -> tuple[int, int]:
    """Return the first and the last column of the box that a recording without captions shows."""
    image = recorded_image(folder, replace(view, texts=CaptionTexts("", "", "", "")), *shown)
    bare = recorded_image(folder, replace(view, annotated=False), *shown)
    columns = np.flatnonzero((np.abs(image - bare).max(axis=2) > 60).any(axis=0))
    return int(columns.min()), int(columns.max())


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "disk", "2m")


def test_frames_between_start_and_stop_are_in_the_video(tmp_path: Path) -> None:
    controller = RecordingController()
    controller(*face_at(BOX), 0)
    record(controller, tmp_path / "a.mp4", 4)

    assert controller.path == tmp_path / "a.mp4"
    assert controller.duration_s == pytest.approx(0.15)
    controller.stop()
    controller(*face_at(BOX, 9), 0)
    assert (controller.path, controller.saved_path) == (None, tmp_path / "a.mp4")
    np.testing.assert_allclose(frame_times_ms(tmp_path / "a.mp4"), [0, 50, 100, 150], atol=1)


def test_a_new_recording_finishes_the_previous_one(tmp_path: Path) -> None:
    controller = RecordingController()
    record(controller, tmp_path / "a.mp4", 2)
    record(controller, tmp_path / "b.mkv", 3)
    controller.close()

    assert (frames_in(tmp_path / "a.mp4"), frames_in(tmp_path / "b.mkv")) == (2, 3)


def test_a_second_source_has_a_video_of_its_own(tmp_path: Path) -> None:
    controller = RecordingController()
    controller.start(tmp_path / "a.mp4")
    controller(*face_at(BOX), 1)
    controller.stop()

    assert [path.name for path in tmp_path.iterdir()] == ["a-2.mp4"]
    assert controller.saved_path == tmp_path / "a-2.mp4"
    assert [(video.path.name, video.slot, video.is_running) for video in controller.recorded()] == [("a-2.mp4", 1, False)]


def test_stopping_a_recording_does_not_end_the_next_one(tmp_path: Path) -> None:
    controller = RecordingController()
    record(controller, tmp_path / "a.mp4", 2)
    record(controller, tmp_path / "b.mp4", 2)
    controller.stop(tmp_path / "a.mp4")
    controller(*face_at(BOX, 2), 0)
    controller.stop(tmp_path / "b.mp4")

    assert (frames_in(tmp_path / "a.mp4"), frames_in(tmp_path / "b.mp4")) == (2, 3)


def test_the_result_of_a_recording_is_known_once_it_has_ended(tmp_path: Path) -> None:
    controller = RecordingController()
    results: list[Path | None] = []
    controller.start(tmp_path / "a.mp4")
    for number in range(60):
        controller(*face_in_noise(number), 0)

    def observe() -> None:
        while controller.path is not None:
            pass
        results.append(controller.saved_path)

    observer = threading.Thread(target=observe)
    observer.start()
    controller.stop()
    observer.join()

    assert results == [tmp_path / "a.mp4"]


def test_an_unexpected_error_ends_the_recording_and_not_the_session(tmp_path: Path) -> None:
    controller = RecordingController()
    record(controller, tmp_path / "a.mp4", 5)

    def fail(slot: int) -> RecordingView:
        raise RuntimeError("the view is closed")

    controller.view_of = fail
    controller(*face_at(BOX, 5), 0)

    assert (controller.path, controller.faults) == (None, [controller.fault])
    assert "a.mp4 cannot be recorded (RuntimeError: the view is closed)" in controller.fault
    assert controller.events.get_nowait().message == f"recording: {controller.fault}"
    assert frames_in(tmp_path / "a.mp4") == 5


def test_a_recording_without_a_frame_saves_no_file(tmp_path: Path) -> None:
    controller = RecordingController()
    controller.start(tmp_path / "a.mp4")
    controller.stop()

    assert controller.saved_path is None
    assert list(tmp_path.iterdir()) == []


def test_a_running_recording_is_finished_with_the_session(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(ScriptedSource)
    session.start()
    session.recording.start(rig.folder / "a.mp4")
    wait_for(lambda: session.status().recognized > 10)
    session.stop()

    assert session.recording.saved_path == rig.folder / "a.mp4"
    assert frames_in(rig.folder / "a.mp4") > 3


def test_a_recording_that_cannot_be_written_is_reported_and_logged_and_the_session_continues(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(ScriptedSource)
    session.start()
    session.recording.start(rig.folder / "nowhere" / "a.mp4")
    wait_for(lambda: bool(session.recording.fault))
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)
    session.stop()

    assert "does not exist" in session.recording.fault
    assert session.recording.faults == [session.recording.fault]
    assert session.recording.path is None
    assert session.error is None
    assert session.log is not None
    log = read_log(session.log.path)
    (message,) = log[log.event_code == "recording_failed"].message
    assert message == f"recording: {session.recording.fault}"
    assert session.log.rows_lost == 0


def test_a_recording_whose_end_cannot_be_written_is_logged_too(rig: Rig, wait_for: Wait, disk: Path) -> None:
    session = rig.session(ScriptedSource)
    session.recording.min_free_bytes = 0
    session.start()
    session.recording.start(disk / "a.mp4")
    wait_for(lambda: session.status().recognized > 5)
    fill(disk)
    session.stop()

    assert "is full" in session.recording.fault
    assert session.log is not None
    log = read_log(session.log.path)
    assert list(log[log.event == "error"].event_code) == ["recording_failed"]
    assert session.log.rows_lost == 0


def test_a_mirrored_recording_shows_the_image_mirrored_and_each_box_at_its_face(tmp_path: Path) -> None:
    plain = recorded_image(tmp_path, RecordingView(annotated=False))
    mirrored = recorded_image(tmp_path, RecordingView(mirrored=True, annotated=False))

    assert np.abs(plain[:, ::-1] - mirrored).mean() < 10
    assert np.abs(plain - mirrored).mean() > 100
    left, right = box_columns(tmp_path, RecordingView(mirrored=True))
    assert (left, right) == (pytest.approx(320 - BOX.x - BOX.w, abs=4), pytest.approx(320 - BOX.x, abs=4))


def test_the_text_of_a_mirrored_recording_can_be_read(tmp_path: Path) -> None:
    """With a symmetric image, only a caption could differ."""
    _, result = face_at(Box(130, 100, 60, 60))
    black = Frame(np.zeros((240, 320, 3), np.uint8), 0, 0.0, 0.0, "fake")
    plain = recorded_image(tmp_path, RecordingView(), (black, result))
    mirrored = recorded_image(tmp_path, RecordingView(mirrored=True), (black, result))

    assert np.abs(plain - mirrored).mean() < 0.2
    assert np.abs(plain - plain[:, ::-1]).mean() > 1, "the caption is not symmetric"


def test_the_texts_of_a_recording_are_those_of_the_view(tmp_path: Path) -> None:
    english = recorded_image(tmp_path, RecordingView())
    german = recorded_image(tmp_path, RecordingView(texts=CaptionTexts(unknown="Unbekannt", distance="", share="")))
    without = recorded_image(tmp_path, RecordingView(texts=CaptionTexts(distance="", share="")))

    assert np.abs(english - without).mean() > 0.2, "the distance is missing"
    assert np.abs(german - without).mean() > 0.2, "the language differs"


@pytest.mark.parametrize(("status", "is_covered"), [(DecisionStatus.UNKNOWN, True), (DecisionStatus.KNOWN, False)])
def test_only_strangers_are_covered(tmp_path: Path, status: DecisionStatus, is_covered: bool) -> None:
    shown = face_at(Box(200, 80, 60, 60), status=status)

    image = recorded_image(tmp_path, RecordingView(annotated=False, covers_strangers=True), shown)

    distance = np.abs(image[76:144, 196:264].astype(int) - COVER_BGR)
    assert bool(distance.max() < 12) is is_covered, "the video is compressed"


def test_a_stranger_lost_just_before_a_recording_stays_covered_in_it(tmp_path: Path) -> None:
    seen, (frame, result) = face_at(Box(200, 80, 60, 60)), face_at(Box(200, 80, 60, 60), 1)
    controller = RecordingController()
    controller.view_of = lambda slot: RecordingView(annotated=False, covers_strangers=True)
    controller(*seen, 0)
    controller.start(tmp_path / "video.mp4")
    controller(frame, replace(result, sightings=()), 0)
    controller.stop()

    assert np.abs(images_in(tmp_path / "video.mp4")[-1][76:144, 196:264].astype(int) - COVER_BGR).max() < 12


@pytest.mark.parametrize("covers", [True, False])
def test_a_frame_that_was_not_searched_whole_is_recorded_only_without_covering(tmp_path: Path, covers: bool) -> None:
    controller = RecordingController()
    controller.view_of = lambda slot: RecordingView(annotated=False, covers_strangers=covers)
    controller.start(tmp_path / "a.mp4")
    for number in range(6):
        frame, result = face_at(BOX, number)
        controller(frame, replace(result, is_searched=number > 1), 0)
    controller.stop()

    assert frames_in(tmp_path / "a.mp4") == (4 if covers else 6)


def test_a_heatmap_over_a_stranger_is_covered(tmp_path: Path) -> None:
    controller = RecordingController()
    controller.view_of = lambda slot: RecordingView(covers_strangers=True)
    controller.draw_heatmaps = lambda bgr, result, slot: bgr.fill(255)
    controller.start(tmp_path / "video.mp4")
    controller(*face_at(Box(200, 80, 60, 60)), 0)
    controller.stop()

    image = images_in(tmp_path / "video.mp4")[0].astype(int)
    assert np.abs(image[95:125, 215:245] - COVER_BGR).max() < 12
    assert image[:20, :20].min() > 200


def test_a_smoothed_recording_keeps_a_box_still_that_jitters(tmp_path: Path) -> None:
    shown = [face_at(Box(40 + 2 * (number % 2), 100, 60, 60), number) for number in range(20)]
    moved_px = {
        smoothed: abs(box_columns(tmp_path, view, *shown)[0] - box_columns(tmp_path, view, *shown[:-1])[0])
        for smoothed in (False, True)
        if (view := RecordingView(smoothed=smoothed))
    }

    assert moved_px[True] < moved_px[False]


def test_heatmaps_are_recorded_only_with_annotations(tmp_path: Path) -> None:
    drawn: list[int] = []
    controller = RecordingController()
    controller.draw_heatmaps = lambda bgr, result, slot: drawn.append(slot)
    views = iter([RecordingView(), RecordingView(annotated=False)])
    controller.view_of = lambda slot: next(views)
    record(controller, tmp_path / "a.mp4", 2)
    controller.stop()

    assert drawn == [0]
