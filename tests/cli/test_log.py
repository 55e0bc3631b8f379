"""`facecam log`: list, schema, export and merge."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet

from facecam.logbook.reader import read_log
from facecam.logbook.schema import NAMES, SessionInfo
from facecam.logbook.sessions import list_sessions
from facecam.logbook.writer import LogWriter
from facecam.types import Event
from tests.cli.conftest import Command


def test_the_schema_lists_every_column_in_order(facecam: Command) -> None:
    result = facecam("log", "schema")

    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == list(NAMES)


def test_the_list_shows_ended_and_unfinished_sessions(facecam: Command, tmp_path: Path) -> None:
    for number, ended in enumerate((True, False)):
        started = datetime(2026, 1, 2, 3, 4, number, tzinfo=UTC)
        session = SessionInfo(f"20260102T03040{number}Z-beef", started, "0.1.0", details={"source": "[red]clip.mkv"})
        writer = LogWriter(tmp_path, session)
        writer.event(Event("state", "running"), 0.0)
        running_details = writer.details_path.read_bytes()
        writer.close()
        if not ended:
            writer.details_path.write_bytes(running_details)
    (tmp_path / "20260102T030409Z-beef.json").write_text("[]", encoding="utf-8")

    result = facecam("log", "list", str(tmp_path))

    lines = result.stdout.splitlines()
    assert (result.returncode, len(lines)) == (0, 3)
    assert lines[1].startswith("20260102T030400Z-beef  2026-01-02 03:04:00")
    assert "[red]clip.mkv" in lines[1]
    assert "not ended" in lines[2]
    assert lines[2].endswith("20260102T030401Z-beef.csv")


def test_a_missing_folder_is_an_error_and_an_empty_one_is_not(facecam: Command, tmp_path: Path) -> None:
    missing = facecam("log", "list", "missing")
    assert (missing.returncode, "folder missing does not exist" in missing.stderr) == (1, True)
    result = facecam("log", "list", str(tmp_path))
    assert (result.returncode, result.stdout) == (0, "")


def session_at(folder: Path, second: int) -> Path:
    started = datetime(2026, 1, 2, 3, 4, second, tzinfo=UTC)
    with LogWriter(folder, SessionInfo(f"20260102T0304{second:02}Z-beef", started, "0.1.0")) as writer:
        writer.event(Event("state", "running"), 0.0)
    return writer.path


def test_export_prints_the_number_of_rows(facecam: Command, tmp_path: Path) -> None:
    session_at(tmp_path / "logs", 1)
    target = tmp_path / "logs.parquet"

    result = facecam("log", "export", str(tmp_path / "logs"), "-o", str(target))

    assert (result.returncode, result.stdout) == (0, f"1 rows in {target}\n")
    assert pyarrow.parquet.read_table(target, columns=["message"]).to_pydict() == {"message": ["running"]}


def test_merge_reports_rows_sessions_and_skipped_copies(facecam: Command, tmp_path: Path) -> None:
    first, second = session_at(tmp_path / "hall", 2), session_at(tmp_path / "door", 1)
    copy = tmp_path / "copy" / first.name
    copy.parent.mkdir()
    copy.write_bytes(first.read_bytes() + b"1,torn")
    target = tmp_path / "all.csv"

    result = facecam("log", "merge", str(first), str(second), str(copy), "-o", str(target))

    assert (result.returncode, result.stdout) == (0, f"2 rows of 2 sessions in {target}\n")
    assert f"skipped: {copy} (another copy contains all of it)" in result.stderr
    assert read_log(target).session_id.tolist() == [second.stem, first.stem]
    again = facecam("log", "merge", str(first), "-o", str(target))
    assert (again.returncode, "--overwrite" in again.stderr) == (2, True)
    assert read_log(target).session_id.nunique() == 2


def test_a_skipped_line_is_reported(facecam: Command, tmp_path: Path) -> None:
    log = session_at(tmp_path, 1)
    log.write_bytes(log.read_bytes() + b"1,torn")

    result = facecam("log", "export", str(log), "-o", str(tmp_path / "log.parquet"))

    assert result.stderr == f"{log}: the last line is incomplete (6 bytes) and skipped\n"


def test_thousands_of_sessions_are_listed_quickly(tmp_path: Path) -> None:
    first = session_at(tmp_path, 0)
    log, details = first.read_bytes(), first.with_suffix(".json").read_bytes()
    for number in range(2000):
        path = first.with_name(f"20260102T040000Z-{number:04x}.csv")
        path.write_bytes(log)
        path.with_suffix(".json").write_bytes(details)

    started_s = time.process_time()
    sessions = list_sessions(tmp_path)
    took_s = time.process_time() - started_s

    assert len(sessions) == 2001
    assert took_s < 2, "half a millisecond each would be ten times what it takes"


def test_a_session_with_several_sources_lists_them(facecam: Command, tmp_path: Path) -> None:
    started = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    details = {"source": ["a.mkv", "b.mkv"]}
    LogWriter(tmp_path, SessionInfo("20260102T030400Z-beef", started, "0.1.0", details=details)).close()

    assert "  a.mkv, b.mkv  " in facecam("log", "list", str(tmp_path)).stdout


def test_replay_of_a_folder_asks_for_one_log(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()

    done = facecam("replay", "logs")

    assert (done.returncode, done.stderr) == (1, "facecam: logs is a folder; name one CSV log in it\n")
