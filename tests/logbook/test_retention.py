"""Deletion of old sessions, and of nothing else."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facecam.logbook.schema import SessionInfo, new_session_id
from facecam.logbook.sessions import delete_old_sessions, is_in_use, lock_shared
from facecam.logbook.writer import LogWriter
from facecam.session.housekeeping import LogRetention
from facecam.types import Event
from tests.logbook.conftest import RAM_FOLDER

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def logged(folder: Path, began: datetime, ended: datetime | None) -> LogWriter:
    """Write a session of three parts. Without an end it was killed, and its files changed when it began."""
    with LogWriter(folder, SessionInfo(new_session_id(began), began, "0.1.0"), part_bytes=1) as log:
        for number in range(2):
            log.event(Event("state", str(number)), 0.0)
    details = json.loads(log.details_path.read_text(encoding="utf-8"))
    log.details_path.write_text(json.dumps(details | {"ended_at_utc": ended and ended.isoformat()}), encoding="utf-8")
    for path in files_of(log):
        os.utime(path, (began.timestamp(), began.timestamp()))
    return log


def files_of(log: LogWriter) -> list[Path]:
    return sorted(log.path.parent.glob(f"{log.path.stem}*"))


def test_old_sessions_are_deleted_completely_and_listed(tmp_path: Path) -> None:
    old = [logged(tmp_path, NOW - timedelta(days=days), NOW - timedelta(days=days - 1)) for days in (40, 32)]
    killed = logged(tmp_path, NOW - timedelta(days=31), None)
    young = logged(tmp_path, NOW - timedelta(days=40), NOW - timedelta(days=29))
    assert len(files_of(young)) == 4

    assert delete_old_sessions(tmp_path, 30, NOW) == [log.path.stem for log in (*old, killed)]

    assert [files_of(log) for log in (*old, killed)] == [[], [], []]
    assert len(files_of(young)) == 4
    assert delete_old_sessions(tmp_path, 30, NOW) == []


def test_only_files_of_sessions_are_deleted(tmp_path: Path) -> None:
    log = logged(tmp_path, NOW - timedelta(days=40), NOW - timedelta(days=40))
    day = log.path.parent
    name = log.path.stem
    others = [
        day / "notes.csv",
        day / f"{name}.csv.bak",
        day / f"{name}.copy.csv",
        day / f"{name}.html",
        day / "20250101T000000Z-beef.csv",
        tmp_path / f"{name}.csv",
        tmp_path / "2020-01-01" / "holidays.json",
        tmp_path / "old" / f"{name}.csv",
    ]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("precious", encoding="utf-8")
    folder = day / f"{name}.7.csv"
    folder.mkdir()

    assert delete_old_sessions(tmp_path, 1, NOW) == [name]

    assert all(path.read_text(encoding="utf-8") == "precious" for path in others)
    assert folder.is_dir()
    assert not log.path.exists()


def test_a_running_session_is_not_deleted(tmp_path: Path) -> None:
    began = NOW - timedelta(days=40)
    with LogWriter(tmp_path, SessionInfo(new_session_id(began), began, "0.1.0"), part_bytes=1) as running:
        for number in range(2):
            running.event(Event("state", str(number)), 0.0)
        for path in files_of(running):
            os.utime(path, (began.timestamp(), began.timestamp()))
        assert delete_old_sessions(tmp_path, 30, NOW) == []
        assert len(files_of(running)) == 4


def test_a_file_of_an_impossible_time_stays_and_stops_nothing() -> None:
    far = 1e12
    with tempfile.TemporaryDirectory(dir=RAM_FOLDER) as folder:
        old = logged(Path(folder), NOW - timedelta(days=40), NOW - timedelta(days=40))
        killed = logged(Path(folder), NOW - timedelta(days=40), None)
        for path in files_of(killed):
            os.utime(path, (far, far))
        if killed.path.stat().st_mtime < far:
            pytest.skip("this file system has no such times")
        retention = LogRetention(Path(folder), now_utc=lambda: NOW)

        event = retention.delete_expired(30)

        assert event is not None
        assert old.path.stem in event.message
        assert len(files_of(killed)) == 4


def test_a_missing_folder_has_nothing_to_delete(tmp_path: Path) -> None:
    assert delete_old_sessions(tmp_path / "nothing", 1, NOW) == []


def test_retention_runs_every_hour_and_reports_deleted_sessions(tmp_path: Path) -> None:
    now_s = 50.0
    retention = LogRetention(tmp_path, clock=lambda: now_s, now_utc=lambda: NOW)
    first = logged(tmp_path, NOW - timedelta(days=40), NOW - timedelta(days=40))

    assert retention.delete_expired(0) is None, "0 days keeps all sessions"
    assert first.path.exists()
    event = retention.delete_expired(5)
    assert event is not None
    assert event.kind == "state"
    assert event.message == f"deleted 1 session that ended more than 5 days ago: {first.path.stem}"

    second = logged(tmp_path, NOW - timedelta(days=40), NOW - timedelta(days=40))
    assert retention.delete_expired(5) is None
    now_s += 3600
    assert retention.delete_expired(5) is not None
    assert not second.path.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_changed_retention_applies_at_once(tmp_path: Path) -> None:
    retention = LogRetention(tmp_path, clock=lambda: 0.0, now_utc=lambda: NOW)
    logged(tmp_path, NOW - timedelta(days=3), NOW - timedelta(days=3))
    old = logged(tmp_path, NOW - timedelta(days=40), NOW - timedelta(days=40))
    assert retention.delete_expired(90) is None

    assert retention.delete_expired(30) is not None
    assert not old.path.exists()


@pytest.mark.parametrize("ahead", [timedelta(days=365), timedelta(days=10 * 365)])
def test_a_clock_that_is_far_ahead_for_one_start_deletes_nothing(tmp_path: Path, ahead: timedelta) -> None:
    logs = [logged(tmp_path, NOW - timedelta(days=days), NOW - timedelta(days=days)) for days in (200, 40, 2)]
    wrong = NOW + ahead
    begun = logged(tmp_path, wrong, None)
    retention = LogRetention(tmp_path, now_utc=lambda: wrong)

    assert retention.delete_expired(30) is None
    assert delete_old_sessions(tmp_path, 30, wrong + timedelta(hours=5)) == []
    assert [len(files_of(log)) for log in (*logs, begun)] == [4] * 4

    assert delete_old_sessions(tmp_path, 30, NOW) == [log.path.stem for log in logs[:2]], "when the clock is right again"


def test_after_half_a_year_without_a_session_deletion_begins_a_day_later(tmp_path: Path) -> None:
    old = logged(tmp_path, NOW - timedelta(days=300), NOW - timedelta(days=300))
    logged(tmp_path, NOW, NOW + timedelta(hours=1))

    assert delete_old_sessions(tmp_path, 30, NOW + timedelta(hours=2)) == []
    assert delete_old_sessions(tmp_path, 30, NOW + timedelta(hours=26)) == [old.path.stem]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may delete everything")
def test_a_session_that_cannot_be_deleted_is_reported_and_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = logged(tmp_path, NOW - timedelta(days=40), NOW - timedelta(days=40))
    log.path.parent.chmod(0o500)
    try:
        assert delete_old_sessions(tmp_path, 30, NOW) == []
    finally:
        log.path.parent.chmod(0o700)
    assert "cannot be deleted" in caplog.text
    assert len(files_of(log)) == 4


@contextmanager
def checking(path: Path) -> Iterator[None]:
    """Check all the time, as other programs do, whether a file is being written."""
    ended = threading.Event()

    def check() -> None:
        while not ended.is_set():
            is_in_use(path)

    threads = [threading.Thread(target=check) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="this system deletes no open file, and needs no lock")
def test_a_file_that_is_only_checked_by_others_is_not_in_use(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.touch()

    with checking(path):
        assert not any(is_in_use(path) for _ in range(500))


@pytest.mark.skipif(sys.platform == "win32", reason="this system deletes no open file, and needs no lock")
def test_a_file_is_in_use_also_if_others_check_it_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.touch()

    for _ in range(50):
        with path.open("rb") as file:
            with checking(path):
                lock_shared(file)
            assert is_in_use(path)
