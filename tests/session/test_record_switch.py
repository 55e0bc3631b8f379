"""A recording that somebody begins and ends while the session runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from facecam.session.recording import RecordingController
from facecam.settings import Mode
from facecam.types import Box, Decision, DecisionStatus, Face, Frame, Quality, Result, Sighting, TrackDecision
from tests.session.conftest import Rig, ScriptedSource
from tests.session.test_recording import frames_in

Wait = Callable[[Callable[[], bool]], None]
SIZE_WH = (160, 120)


def stranger(number: int, kind: DecisionStatus = DecisionStatus.UNKNOWN) -> tuple[Frame, Result]:
    """A frame of fine noise with one face in its middle."""
    noise = np.random.default_rng(number).integers(0, 255, (120, 160, 3), np.uint8)
    frame = Frame(noise, number, number * 50.0, number * 0.05, "fake")
    decision = Decision(kind, "test", "Ann" if kind is DecisionStatus.KNOWN else None)
    face = Face(Box(60, 40, 40, 40), 1.0, np.zeros((5, 2), np.float32))
    sighting = Sighting(face, Quality(0, 0, 0), None, True, decision, 1.0, TrackDecision(1, 0.0, decision))
    return frame, Result(number, frame.t_ms, "fake", "", SIZE_WH, Mode.FACES, (sighting,))


def record(switch: RecordingController, path: Path, frames: int) -> None:
    switch.start(path)
    for number in range(frames):
        switch(*stranger(number), 0)


def test_what_comes_between_start_and_stop_is_in_the_film(tmp_path: Path) -> None:
    switch = RecordingController(lambda slot: 20.0)
    switch(*stranger(0), 0)
    record(switch, tmp_path / "a.avi", 4)

    assert switch.path == tmp_path / "a.avi"
    assert switch.since_s is not None
    switch.stop()
    switch(*stranger(9), 0)
    assert (switch.path, switch.since_s, switch.saved) == (None, None, tmp_path / "a.avi")
    assert frames_in(tmp_path / "a.avi") == 4


def test_a_new_recording_finishes_the_one_before(tmp_path: Path) -> None:
    switch = RecordingController(lambda slot: 20.0)
    record(switch, tmp_path / "a.avi", 2)
    record(switch, tmp_path / "b.avi", 3)
    switch.close()

    assert (frames_in(tmp_path / "a.avi"), frames_in(tmp_path / "b.avi")) == (2, 3)


def test_a_recording_that_cannot_be_written_is_told_and_does_not_end_the_session(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(ScriptedSource)
    session.start()
    session.recording.start(rig.folder / "nowhere" / "a.mp4")
    wait_for(lambda: bool(session.recording.fault))
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)

    assert "there is no folder" in session.recording.fault
    assert session.recording.path is None
    assert session.error is None


def test_a_recording_that_runs_is_finished_with_the_session(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(ScriptedSource)
    session.start()
    session.recording.start(rig.folder / "a.avi")
    wait_for(lambda: session.status().recognized > 10)
    session.stop()

    assert session.recording.saved == rig.folder / "a.avi"
    assert frames_in(rig.folder / "a.avi") > 3


def test_without_a_picture_nothing_is_said_to_be_saved(tmp_path: Path) -> None:
    switch = RecordingController(lambda slot: 20.0)
    switch.start(tmp_path / "a.avi")
    switch.stop()

    assert switch.saved is None
    assert list(tmp_path.iterdir()) == []
