"""Recordings that are started and stopped while a session runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from facecam.session.recording import RecordingController
from facecam.settings import Mode
from facecam.types import Box, Decision, DecisionStatus, Face, Frame, Quality, Result, Sighting, TrackDecision
from tests.session.conftest import Rig, ScriptedSource
from tests.session.test_recording_sink import frames_in

Wait = Callable[[Callable[[], bool]], None]
SIZE_WH = (160, 120)


def face_in_noise(number: int, kind: DecisionStatus = DecisionStatus.UNKNOWN) -> tuple[Frame, Result]:
    """Return a frame of fine noise with one face in its middle."""
    noise = np.random.default_rng(number).integers(0, 255, (120, 160, 3), np.uint8)
    frame = Frame(noise, number, number * 50.0, number * 0.05, "fake")
    decision = Decision(kind, "test", "Ann" if kind is DecisionStatus.KNOWN else None)
    face = Face(Box(60, 40, 40, 40), 1.0, np.zeros((5, 2), np.float32))
    sighting = Sighting(face, Quality(0, 0, 0), None, True, decision, 1.0, TrackDecision(1, 0.0, decision))
    return frame, Result(number, frame.t_ms, "fake", "", SIZE_WH, Mode.FACES, (sighting,))


def record(controller: RecordingController, path: Path, frames: int) -> None:
    controller.start(path)
    for number in range(frames):
        controller(*face_in_noise(number), 0)


def test_frames_between_start_and_stop_are_in_the_video(tmp_path: Path) -> None:
    controller = RecordingController(lambda slot: 20.0)
    controller(*face_in_noise(0), 0)
    record(controller, tmp_path / "a.avi", 4)

    assert controller.path == tmp_path / "a.avi"
    assert controller.started_at_s is not None
    controller.stop()
    controller(*face_in_noise(9), 0)
    assert (controller.path, controller.started_at_s, controller.saved_path) == (None, None, tmp_path / "a.avi")
    assert frames_in(tmp_path / "a.avi") == 4


def test_a_new_recording_finishes_the_previous_one(tmp_path: Path) -> None:
    controller = RecordingController(lambda slot: 20.0)
    record(controller, tmp_path / "a.avi", 2)
    record(controller, tmp_path / "b.avi", 3)
    controller.close()

    assert (frames_in(tmp_path / "a.avi"), frames_in(tmp_path / "b.avi")) == (2, 3)


def test_a_recording_that_cannot_be_written_is_reported_and_does_not_end_the_session(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(ScriptedSource)
    session.start()
    session.recording.start(rig.folder / "nowhere" / "a.mp4")
    wait_for(lambda: bool(session.recording.fault))
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)

    assert "does not exist" in session.recording.fault
    assert session.recording.path is None
    assert session.error is None


def test_a_running_recording_is_finished_with_the_session(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(ScriptedSource)
    session.start()
    session.recording.start(rig.folder / "a.avi")
    wait_for(lambda: session.status().recognized > 10)
    session.stop()

    assert session.recording.saved_path == rig.folder / "a.avi"
    assert frames_in(rig.folder / "a.avi") > 3


def test_a_recording_without_a_frame_saves_no_file(tmp_path: Path) -> None:
    controller = RecordingController(lambda slot: 20.0)
    controller.start(tmp_path / "a.avi")
    controller.stop()

    assert controller.saved_path is None
    assert list(tmp_path.iterdir()) == []
