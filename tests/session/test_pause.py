"""Holding the picture: a file waits, a camera stays open and nothing of it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from facecam.logbook.reader import read_log
from facecam.session.status import SourceState
from tests.session.conftest import Rig, ScriptedSource

Wait = Callable[[Callable[[], bool]], None]


def test_nothing_of_a_paused_camera_is_recognized_and_its_picture_is_there_again_at_once(rig: Rig, wait_for: Wait) -> None:
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
    said = list(log[log.event == "state"].message)
    assert [message for message in said if "pause" in message or "goes on" in message] == ["paused", "running: goes on"]


def test_a_paused_file_goes_on_where_it_was_at_its_own_rate(rig: Rig, wait_for: Wait) -> None:
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

    indexes = [index for _, index, _ in rig.recognizers[0].seen]
    assert indexes[-1] == 59
    assert took_s > (60 - before - 2) / 100, "it does not hurry to catch up"
    assert rig.recognizers[0].finished[0][1] == 590.0, "nobody leaves while a film is held"


def test_a_films_first_picture_is_shown_while_recognition_is_made_ready(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(partial(ScriptedSource, live=False, count=3))
    slow = session._recognize._open_recognizer
    session._recognize._open_recognizer = lambda plan: (time.sleep(0.5), slow(plan))[1]
    session.start()
    begun_s = time.monotonic()
    taken = session.preview.take(2.0)

    assert taken is not None
    assert taken[1].index == 0
    assert time.monotonic() - begun_s < 0.4
    assert not session.status().ready
    wait_for(lambda: session.wait(0))
    assert next(index for _, index, _ in rig.recognizers[0].seen) == 0
