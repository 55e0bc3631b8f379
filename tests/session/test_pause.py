"""Pausing a session: a file waits, a camera stays open and its frames are discarded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from facecam.logbook.reader import read_log
from facecam.logbook.sessions import read_details
from facecam.session.status import SourceState
from tests.session.conftest import Rig, ScriptedSource

Wait = Callable[[Callable[[], bool]], None]


def test_a_paused_camera_is_not_recognized_and_resumes_at_once(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(lambda started_at_s: ScriptedSource(started_at_s, source="camera 0"))
    session.start()
    wait_for(lambda: session.status().recognized > 10)
    session.pause(True)
    wait_for(lambda: bool(rig.recognizers[0].finished))
    recognized, frames = session.status().recognized, session.status().sources[0].frames
    time.sleep(0.2)

    assert session.status().recognized == recognized
    assert session.status().sources[0].frames > frames
    assert session.status().state is SourceState.RUNNING
    session.pause(False)
    wait_for(lambda: session.status().recognized > recognized + 5)
    session.stop()
    assert session.log is not None
    log = read_log(session.log.path)
    assert list(log[log.event == "state"].event_code) == ["running", "paused", "resumed"]


def test_the_sessions_json_has_the_parts_of_a_recording_also_while_it_runs(rig: Rig, wait_for: Wait, tmp_path: Path) -> None:
    session = rig.session(lambda started_at_s: ScriptedSource(started_at_s, source="camera 0", speed=20.0))
    session.start()
    wait_for(lambda: session.status().recognized > 5)
    session.recording.start(tmp_path / "lesson.mp4")
    wait_for(lambda: session.recording.duration_s > 1)
    assert session.log is not None

    def parts() -> list[list[float]]:
        (video,) = read_details(session.log.path)["recordings"]
        assert (video["path"], video["source"]) == (str(tmp_path / "lesson.mp4"), "camera 0")
        return video["parts"]

    wait_for(lambda: "recordings" in read_details(session.log.path))
    assert parts()[-1][1] is None
    session.pause(True)
    time.sleep(0.3)
    duration_s = session.recording.duration_s
    session.pause(False)
    wait_for(lambda: session.recording.duration_s > duration_s + 1)
    session.stop()

    times_ms = [t_ms for _, _, t_ms in rig.recognizers[0].recognized]
    first, second = parts()
    assert first[2] == 0.0
    assert first[0] in times_ms
    assert times_ms[times_ms.index(first[1]) + 1] == second[0]
    assert second[2] == pytest.approx(first[1] - first[0] + 1000 / 30)
    assert second[1] == times_ms[-1]


def test_a_paused_file_resumes_at_its_position_and_rate(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(partial(ScriptedSource, live=False, count=60, fps=100.0))
    session.start()
    wait_for(lambda: session.status().recognized > 5)
    session.pause(True)
    time.sleep(0.3)
    before = session.status().sources[0].frames
    time.sleep(0.2)
    assert session.status().sources[0].frames == before
    begun_s = time.monotonic()
    session.pause(False)
    wait_for(lambda: session.wait(0))
    took_s = time.monotonic() - begun_s

    indexes = [index for _, index, _ in rig.recognizers[0].recognized]
    assert indexes[-1] == 59
    assert took_s > (60 - before - 2) / 100, "it does not hurry to catch up"
    assert rig.recognizers[0].finished[0][1] == 590.0, "no track ends while a video is paused"


def test_the_first_frame_of_a_video_is_shown_while_the_networks_load(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(partial(ScriptedSource, live=False, count=3))
    slow, may_load = session._recognition_worker._open_recognizer, threading.Event()
    session._recognition_worker._open_recognizer = lambda config: (may_load.wait(60), slow(config))[1]
    session.start()
    taken = session.preview.take(60.0)

    assert taken is not None
    assert taken[1].index == 0
    assert not session.status().ready
    may_load.set()
    wait_for(lambda: session.wait(0))
    assert next(index for _, index, _ in rig.recognizers[0].recognized) == 0
