"""Log parts and retention in a session, as the settings request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facecam.errors import LogError
from facecam.logbook.reader import read_log
from facecam.logbook.schema import SessionInfo, new_session_id
from facecam.logbook.sessions import session_parts
from facecam.logbook.writer import LogWriter
from facecam.settings import Settings
from tests.session.conftest import Rig, ScriptedSource


def write_old_session(folder: Path) -> LogWriter:
    """Write a log that ended 40 days ago."""
    started = datetime.now(UTC) - timedelta(days=40)
    with LogWriter(folder, SessionInfo(new_session_id(started), started, "0.1.0")) as old:
        pass
    details = json.loads(old.details_path.read_text(encoding="utf-8"))
    old.details_path.write_text(json.dumps(details | {"ended_at_utc": started.isoformat()}), encoding="utf-8")
    return old


@pytest.mark.parametrize("keep_days", [0, 7])
def test_a_session_deletes_old_logs_at_its_start_and_splits_its_log_into_parts(rig: Rig, tmp_path: Path, keep_days: int) -> None:
    old = write_old_session(tmp_path / "logs")
    settings = Settings().replace({"log.keep_days": keep_days, "log.part_mb": 0.01})

    video = lambda started_at_s: ScriptedSource(started_at_s, live=False, fps=30.0, count=150, frame_count=150)  # noqa: E731
    session = rig.session(video, every_frame=True, settings=settings)
    session.start()
    assert session.wait(30)

    assert session.error is None
    assert session.log is not None
    log = read_log(session.log.path)
    assert log[log.event != "state"].frame_index.dropna().tolist() == list(range(150))
    assert len(session_parts(session.log.path)) > 1
    messages = log[log.event_code == "logs_deleted"].message.tolist()
    assert old.path.exists() is (keep_days == 0)
    assert messages == ([f"deleted 1 session that ended more than 7 days ago: {old.path.stem}"] if keep_days else [])


def test_a_session_without_a_log_still_deletes_old_logs(rig: Rig, tmp_path: Path) -> None:
    old = write_old_session(tmp_path / "logs")
    settings = Settings().replace({"log.keep_days": 7, "log.enabled": False})

    video = lambda started_at_s: ScriptedSource(started_at_s, live=False, fps=30.0, count=30, frame_count=30)  # noqa: E731
    session = rig.session(video, every_frame=True, settings=settings)
    session.start()
    assert session.wait(30)

    assert session.error is None
    assert session.log is None
    assert not session.has_log
    assert not old.path.exists()
    with pytest.raises(LogError):
        session.mark("a moment")
