"""Logs in several parts, after a size or at midnight, are read as one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.logbook.reader import LogWarning, read_log
from facecam.logbook.schema import HEADER, SessionInfo
from facecam.logbook.sessions import list_sessions
from facecam.logbook.writer import LogWriter
from facecam.types import Event

Make = Callable[..., Any]
DAY_MS = 86_400_000


@pytest.fixture
def log(tmp_path: Path, session: SessionInfo, sighting: Make, result: Make) -> Path:
    """Log of 80 frames in parts of about 3 kB."""
    with LogWriter(tmp_path, session, part_bytes=3000) as writer:
        for index in range(80):
            writer.write(result(sighting(), frame_index=index), 0)
    return writer.path


def parts(log: Path) -> list[Path]:
    return sorted(log.parent.glob("*.csv"), key=lambda path: (len(path.name), path.name))


def test_each_part_has_the_header_and_about_the_maximum_size(log: Path, session: SessionInfo) -> None:
    found = parts(log)

    assert [path.name for path in found] == [log.name, *(f"{session.session_id}.{n}.csv" for n in range(2, len(found) + 1))]
    assert len(found) >= 10, "part 10 must sort after part 2"
    for path in found:
        assert path.read_text(encoding="utf-8").startswith(HEADER)
    assert all(3000 <= path.stat().st_size < 3500 for path in found[:-1])


def test_reading_the_first_part_reads_the_whole_session(log: Path) -> None:
    frame = read_log(log)

    assert frame.frame_index.tolist() == list(range(80))
    pd.testing.assert_frame_equal(frame, read_log(log.parent))
    pd.testing.assert_frame_equal(frame, read_log([log, *parts(log)]))
    begin, end = len(read_part(log)), len(read_part(log)) + len(read_part(parts(log)[1]))
    assert read_log(parts(log)[1]).frame_index.tolist() == list(range(begin, end))


def read_part(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[1:]


def test_a_copy_under_another_name_is_read_alone(log: Path, tmp_path: Path) -> None:
    shutil.copy(log, tmp_path / "one.csv")
    shutil.copy(parts(log)[1], tmp_path / "one.2.csv")

    assert len(read_log(tmp_path / "one.csv")) == len(read_part(log))


def test_a_torn_part_loses_only_its_last_line(log: Path) -> None:
    torn = parts(log)[2]
    torn.write_bytes(torn.read_bytes()[:-30])

    with pytest.warns(LogWarning, match=r"\.3\.csv: the last line is incomplete"):
        assert len(read_log(log)) == 79


def test_a_part_whose_header_is_torn_is_empty(log: Path) -> None:
    last = parts(log)[-1]
    lost = len(read_part(last))
    last.write_bytes(last.read_bytes()[:40])

    with pytest.warns(LogWarning, match="incomplete"):
        assert len(read_log(log)) == 80 - lost


def test_a_new_utc_day_begins_a_part_which_also_has_late_rows_of_the_previous_day(tmp_path: Path, session: SessionInfo) -> None:
    midnight = replace(session, started_at_utc=datetime(2026, 1, 2, 23, 59, 59, tzinfo=UTC), session_id="20260102T235959Z-beef")
    with LogWriter(tmp_path, midnight) as writer:
        for t_ms in (0.0, 999.0, 1000.0, 500.0, 3 * DAY_MS):
            writer.event(Event("state", f"{t_ms:g}"), t_ms)

    days = [[line.split(",")[2][:10] for line in read_part(path)] for path in parts(writer.path)]
    assert days == [["2026-01-02"] * 2, ["2026-01-03", "2026-01-02"], ["2026-01-05"]]
    assert {path.parent.name for path in parts(writer.path)} == {"2026-01-02"}, "a session stays together"
    assert read_log(writer.path).message.tolist() == ["0", "999", "1000", "500", "2.592e+08"]


def test_an_existing_file_is_not_overwritten_by_a_part(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session, part_bytes=1) as writer:
        writer.path.with_suffix(".2.csv").write_text("precious", encoding="utf-8")
        for number in range(2):
            writer.event(Event("state", str(number)), 0.0)

    assert writer.path.with_suffix(".2.csv").read_text(encoding="utf-8") == "precious"
    assert [len(read_part(writer.path.with_suffix(f".{n}.csv"))) for n in (3, 4)] == [1, 1]
    assert writer.rows_lost == 0


def test_a_part_that_cannot_be_created_is_retried(tmp_path: Path, session: SessionInfo) -> None:
    now_s = [0.0]
    with LogWriter(tmp_path, session, part_bytes=1, clock=lambda: now_s[0]) as writer:
        writer.path.parent.rename(tmp_path / "away")
        writer.event(Event("state", "first"), 0.0)
        assert "No such file" in (writer.fault or "")
        (tmp_path / "away").rename(writer.path.parent)
        now_s[0] = 1.0
        writer.event(Event("state", "second"), 0.0)
        assert writer.fault is None

    interrupted = "the log could not be written for 1 s (No such file or directory); 0 rows are lost"
    assert read_log(writer.path).message.tolist() == ["first", "second", interrupted]


def test_a_listed_session_includes_all_its_parts(log: Path, tmp_path: Path) -> None:
    (found,) = list_sessions(tmp_path)

    assert (found.path, found.rows) == (log, 80)
    assert found.size_bytes == sum(path.stat().st_size for path in parts(log))
