"""Markers of the session's own program and of `facecam mark`."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.errors import LogError, SettingsError
from facecam.logbook.reader import read_log
from facecam.logbook.schema import SessionInfo, new_session_id
from facecam.logbook.writer import LogWriter
from facecam.session import markers
from facecam.session.markers import MarkerFolder, marker_text, send_marker
from facecam.session.session import Session
from tests.session.conftest import Rig, ScriptedSource
from tests.session.test_record import RECORDED, video

Wait = Callable[..., None]

KILLED = """
import os, sys, time
from datetime import datetime, UTC
from pathlib import Path
from facecam.logbook.schema import SessionInfo, new_session_id
from facecam.logbook.writer import LogWriter
from facecam.session.markers import MarkerFolder
now = datetime.now(UTC)
log = LogWriter(Path(sys.argv[1]), SessionInfo(new_session_id(now), now, "0.1.0"))
MarkerFolder(Path(sys.argv[1]), log.path.stem)
print("open", flush=True)
time.sleep(600)
"""


def camera(started_at_s: float) -> ScriptedSource:
    return ScriptedSource(started_at_s)


def markers_of(session: Session) -> pd.DataFrame:
    assert session.log is not None
    return read_log(session.log.path).query("event == 'marker'")


def test_a_marker_is_a_row_with_the_time_of_the_call(rig: Rig, wait_for: Wait) -> None:
    busy = threading.Event()
    with rig.session(camera, work=lambda frame: (busy.wait(0.5) if frame.index > 20 else None, None)[1]) as session:
        wait_for(lambda: session.status().recognized > 3)
        before_s = time.monotonic()
        session.mark(" begin ")
        after_s = time.monotonic()
        wait_for(lambda: len(markers_of(session)) == 1)

    (row,) = markers_of(session).itertuples()
    assert (row.marker, row.mode, row.ts_origin) == ("begin", "objects", "clock")
    assert (before_s - session.started_at_s) * 1e3 - 0.01 <= row.t_ms <= (after_s - session.started_at_s) * 1e3 + 0.01
    assert pd.isna(row.source)


def test_a_marker_from_an_earlier_moment_has_its_time(rig: Rig, wait_for: Wait) -> None:
    with rig.session(camera) as session:
        wait_for(lambda: session.status().recognized > 3)
        session.mark("pressed", at_s=session.started_at_s + 0.125)

    assert list(markers_of(session).t_ms) == [125.0]


def test_a_marker_before_the_log_is_open_is_not_lost(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(camera)
    session.mark("early")
    with session:
        wait_for(lambda: session.status().recognized > 3)

    assert list(markers_of(session).marker) == ["early"]


def test_a_marker_in_a_video_has_the_media_time_that_was_shown(rig: Rig, wait_for: Wait) -> None:
    shown: dict[str, float] = {}

    def work(frame: Any) -> None:
        if frame.index == 20:
            shown["at_s"] = time.monotonic()

    with rig.session(video(30), work=work) as session:
        wait_for(lambda: "at_s" in shown)
        session.mark("now", at_s=shown["at_s"])
        assert session.wait(30)

    (row,) = markers_of(session).itertuples()
    assert row.t_ms == 1900.0, "frame 20 was not recognized yet"
    assert row.ts_utc == pd.Timestamp(RECORDED.zero_utc) + pd.Timedelta(milliseconds=1900)
    assert row.ts_origin == "container"


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "x" * 201, "a\x1bb"])
def test_a_text_that_is_not_one_line_is_refused(rig: Rig, text: str) -> None:
    with pytest.raises(SettingsError, match="the marker"):
        rig.session(camera).mark(text)
    assert marker_text("x" * 200) == "x" * 200


def test_a_session_without_a_log_or_after_its_end_takes_no_marker(rig: Rig) -> None:
    with pytest.raises(LogError, match="writes no log"):
        rig.session(camera, log=False).mark("begin")
    with rig.session(video(2), every_frame=True) as session:
        assert session.wait(30)
        with pytest.raises(LogError, match="has ended"):
            session.mark("late")


def test_a_marker_after_the_log_is_closed_is_refused_and_not_lost(rig: Rig, wait_for: Wait) -> None:
    closing, may_close = threading.Event(), threading.Event()
    with rig.session(camera) as session:
        wait_for(lambda: session.status().recognized > 3)
        rig.recognizers[0].before_closing = lambda: (closing.set(), may_close.wait(30))
        stopping = threading.Thread(target=session.stop)
        stopping.start()
        assert closing.wait(30)
        with pytest.raises(LogError, match="has ended"):
            session.mark("late")
        may_close.set()
        stopping.join(30)


def test_a_sent_marker_reaches_every_running_session(rig: Rig, wait_for: Wait) -> None:
    with rig.session(camera) as one, rig.session(camera) as other:
        wait_for(lambda: min(session.status().recognized for session in (one, other)) > 3)
        before_s = time.monotonic()
        marked, silent = send_marker(rig.folder / "logs", "begin")
        rows = [markers_of(session) for session in (one, other)]

    assert one.log is not None
    assert other.log is not None
    assert (sorted(marked), silent) == (sorted([one.log.path.stem, other.log.path.stem]), [])
    assert [list(each.marker) for each in rows] == [["begin"], ["begin"]], "the rows are written when the command returns"
    for session, each in zip((one, other), rows, strict=True):
        assert each.t_ms.iloc[0] >= (before_s - session.started_at_s) * 1e3 - 0.01
    assert not (rig.folder / "logs" / ".marks").exists()


def test_a_slow_frame_delays_the_row_and_not_its_time(rig: Rig, wait_for: Wait) -> None:
    started, release = threading.Event(), threading.Event()

    def work(frame: Any) -> None:
        if frame.index >= 3:
            started.set()
            release.wait(30)

    with rig.session(camera, work=work) as session:
        assert started.wait(30)
        sent_s = time.monotonic()
        sender = threading.Thread(target=send_marker, args=(rig.folder / "logs", "begin"))
        sender.start()
        wait_for(lambda: bool(list((rig.folder / "logs" / ".marks").glob("*/*.mark"))))
        written_s = time.monotonic()
        release.set()
        sender.join()

    (row,) = markers_of(session).itertuples()
    assert (sent_s - session.started_at_s) * 1e3 - 0.01 <= row.t_ms <= (written_s - session.started_at_s) * 1e3


def test_without_a_running_session_nothing_is_marked(tmp_path: Path, rig: Rig) -> None:
    with pytest.raises(LogError, match="no session is running"):
        send_marker(tmp_path / "missing", "begin")
    with rig.session(video(2), every_frame=True) as session:
        assert session.wait(30)
    with pytest.raises(LogError, match="no session is running"):
        send_marker(rig.folder / "logs", "begin")


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no kill -9")
def test_what_a_killed_session_left_swallows_no_marker_and_is_deleted(rig: Rig, wait_for: Wait) -> None:
    logs = rig.folder / "logs"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(logs)], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "open\n"
        os.kill(killed.pid, signal.SIGKILL)
    assert len(list((logs / ".marks").iterdir())) == 1

    with rig.session(camera) as session:
        wait_for(lambda: session.status().recognized > 3)
        marked, silent = send_marker(logs, "begin")

    assert session.log is not None
    assert (marked, silent) == ([session.log.path.stem], [])
    assert not (logs / ".marks").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows only the answer tells which sessions run")
def test_a_marker_that_waits_for_a_killed_session_is_not_taken_for_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: Wait
) -> None:
    monkeypatch.setattr(markers, "ANSWER_S", 2.0)
    now = datetime.now(UTC)
    answers: list[tuple[list[str], list[str]]] = []
    with LogWriter(tmp_path, SessionInfo(new_session_id(now), now, "0.1.0")) as log:
        MarkerFolder(tmp_path, log.path.stem)
        waiting = threading.Thread(target=lambda: answers.append(send_marker(tmp_path, "begin")))
        waiting.start()
        wait_for(lambda: bool(list(tmp_path.glob(".marks/*/*.mark"))))
    with pytest.raises(LogError, match="no session is running"):
        send_marker(tmp_path, "later")
    waiting.join()

    assert answers == [([], [log.path.stem])]


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows only the answer tells which sessions run")
def test_markers_that_killed_programs_left_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / ".marks" / "20260102T030405Z-beef"
    folder.mkdir(parents=True)
    for name in ("1.mark", "2.taken", "3.part"):
        (folder / name).touch()
        os.utime(folder / name, (0, 0))

    with pytest.raises(LogError, match="no session is running"):
        send_marker(tmp_path, "begin")
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_does_not_answer_is_named_and_the_marker_is_withdrawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markers, "ANSWER_S", 0.3)
    now = datetime.now(UTC)
    with LogWriter(tmp_path, SessionInfo(new_session_id(now), now, "0.1.0")) as log:
        folder = MarkerFolder(tmp_path, log.path.stem)
        assert send_marker(tmp_path, "begin") == ([], [log.path.stem])
        assert folder.take(now=True) == [], "it does not appear later, after the user was told"
        folder.close()


def test_a_marker_whose_row_waits_for_room_on_the_disk_is_not_confirmed(tmp_path: Path) -> None:
    folder = MarkerFolder(tmp_path, "20260102T030405Z-beef")
    sent = tmp_path / ".marks" / "20260102T030405Z-beef" / "1.mark"
    sent.write_text('{"text": "begin", "at_s": 0.0, "at_unix_s": 0.0, "machine": ""}', encoding="utf-8")

    (marker,) = folder.take(now=True)
    assert marker.text == "begin"
    assert [path.suffix for path in sent.parent.iterdir()] == [".taken"]
    folder.confirm()
    assert list(sent.parent.iterdir()) == []
    folder.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_user_can_read_and_send_markers(tmp_path: Path) -> None:
    folder = MarkerFolder(tmp_path, "20260102T030405Z-beef")

    for path in (tmp_path / ".marks", tmp_path / ".marks" / "20260102T030405Z-beef"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_marker_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = MarkerFolder(tmp_path, "20260102T030405Z-beef")
    for number, content in enumerate((b"{", b"[]", b'{"text": "a\\nb"}', b"x" * 10_000)):
        (tmp_path / ".marks" / "20260102T030405Z-beef" / f"{number}.mark").write_bytes(content)

    assert folder.take(now=True) == []
    assert caplog.text.count("is not a marker and was left out") == 4
    folder.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_is_named_and_leaves_no_piece_of_a_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    open_file = os.open

    def open_on_full_disk(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).suffix == ".part":
            os.close(open_file(path, flags, mode))
            return open_file("/dev/full", os.O_WRONLY)
        return open_file(path, flags, mode)

    with LogWriter(tmp_path, SessionInfo(new_session_id(now), now, "0.1.0")) as log:
        folder = MarkerFolder(tmp_path, log.path.stem)
        monkeypatch.setattr(os, "open", open_on_full_disk)
        with pytest.raises(LogError, match="check the folder and its disk"):
            send_marker(tmp_path, "begin")
        monkeypatch.undo()
        folder.close()
    assert not (tmp_path / ".marks").exists()
