"""`read_log` returns the original texts, typed columns and only whole lines."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.errors import LogError
from facecam.logbook.lines import WholeLines, _last_line_end, find_whole_lines, open_log, read_header
from facecam.logbook.reader import LogWarning, read_log
from facecam.logbook.schema import COLUMNS, HEADER, NAMES, SCHEMA_VERSION, SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.settings import Mode
from facecam.types import Candidate, Decision, DecisionStatus, Event, Expression, Result, TrackDecision
from tests.logbook.conftest import RAM_FOLDER
from tests.logbook.earlier_versions import rewrite

Make = Callable[..., Any]

DTYPES = {
    "text": "string",
    "category": "category",
    "int": "Int64",
    "float": "Float64",
    "bool": "boolean",
    "time": "datetime64[ms, UTC]",
}


@pytest.fixture
def log(tmp_path: Path, session: SessionInfo, sighting: Make, result: Make) -> Path:
    """Log of three sightings and two events."""
    unknown = sighting("Ada", DecisionStatus.UNKNOWN, expression=Expression((0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.8)))
    with LogWriter(tmp_path, session) as writer:
        writer.write(result(sighting("Grace"), unknown, events=(Event("enter", "Grace came", 4, "Grace"),)), 0)
        writer.write(result(sighting("Ada"), frame_index=8, t_ms=266.667), 1)
        writer.event(Event("state", "camera gone"), 300.0)
    return writer.path


def test_every_column_has_its_type_and_position(log: Path) -> None:
    frame = read_log(log)

    assert list(frame.columns) == list(NAMES)
    kinds = {column.name: str(frame[column.name].dtype) for column in COLUMNS}
    assert kinds == {column.name: DTYPES[column.kind] for column in COLUMNS}


@pytest.mark.parametrize("columns", [None, ["expression"]])
def test_expressions_of_version_5_without_a_likely_class_are_unclear(log: Path, columns: list[str] | None) -> None:
    rows = (
        log.read_text()
        .replace(f"\n{SCHEMA_VERSION},", "\n5,")
        .replace("happy,0.1000,0.0000,0.1000,0.6000", "happy,0.1000,0.0000,0.1000,0.3000")
    )
    log.write_text(rows)

    assert read_log(log, columns=columns).expression.dropna().tolist() == ["unclear", "neutral", "unclear"]


def test_common_pandas_expressions_work(log: Path) -> None:
    frame = read_log(log)

    assert frame.groupby("name", observed=True).p_happy.mean().round(4).to_dict() == {"Ada": 0.6, "Grace": 0.6}
    assert frame.event.tolist() == ["seen", "seen", "enter", "seen", "state"]
    assert frame[frame.name == "Ada"].frame_index.tolist() == [8]
    assert frame[frame.distance_l2 < frame.threshold_l2].shape[0] == 3
    assert frame[frame.embedded.fillna(value=False)].shape[0] == 3
    assert frame.name.isna().tolist() == [False, True, False, False, True]
    assert list(frame.name.cat.categories) == ["Ada", "Grace"]
    assert frame.ts_utc.iloc[-1] == pd.Timestamp("2026-01-02T03:04:05.550Z")
    assert (frame.ts_utc.max() - frame.ts_utc.min()).total_seconds() == pytest.approx(0.067)
    assert frame.message.dropna().tolist() == ["Grace came", "camera gone"]


def test_only_the_requested_columns_are_read_in_the_requested_order(log: Path) -> None:
    frame = read_log(log, columns=["name", "t_ms"])

    assert list(frame.columns) == ["name", "t_ms"]
    pd.testing.assert_frame_equal(frame, read_log(log)[["name", "t_ms"]])


def test_a_column_that_no_log_has_is_an_error(log: Path) -> None:
    with pytest.raises(LogError, match="no log has a column nmae"):
        read_log(log, columns=["nmae"])


def test_an_empty_log_gives_an_empty_frame_with_the_same_types(tmp_path: Path, session: SessionInfo, log: Path) -> None:
    with LogWriter(tmp_path / "empty", session) as writer:
        pass
    frame = read_log(writer.path)

    assert len(frame) == 0
    assert frame.dtypes.astype(str).to_dict() == read_log(log).dtypes.astype(str).to_dict()
    assert read_log([]).dtypes.astype(str).to_dict() == frame.dtypes.astype(str).to_dict()


# A NUL character, which ends texts in other programs, is replaced.
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
texts = text.filter(bool)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts, text, st.floats(0, 2)), min_size=1, max_size=5))
def test_any_text_survives_a_round_trip(rows: list[tuple[str, str, str, float]]) -> None:
    session = SessionInfo("20260102T030405Z-beef", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "0.1.0")
    with tempfile.TemporaryDirectory(dir=RAM_FOLDER) as folder:
        with LogWriter(Path(folder), session) as writer:
            for name, source, message, t_ms in rows:
                writer.write(result_of(name, source, message, t_ms), 0)
        frame = read_log(writer.path)

    assert frame.name.tolist() == [name for name, *_ in rows]
    assert frame.source.tolist() == [source for _, source, *_ in rows]
    assert frame.message.fillna("").tolist() == [message for _, _, message, _ in rows]
    assert frame.t_ms.tolist() == [pytest.approx(t_ms, abs=0.0005) for *_, t_ms in rows]


def result_of(name: str, source: str, message: str, t_ms: float) -> Result:
    return Result(0, t_ms, source, "", (640, 480), Mode.FACES, events=(Event("correction", message, name=name),))


@pytest.mark.parametrize(
    "name", ["Ada, Countess", 'Grace "Amazing" Hopper', "=cmd|' /C calc'!A0", "'Ada", "NA", "null", "1", "李\n小龙", "-"]
)
def test_a_persons_name_is_the_same_in_every_column(
    tmp_path: Path, session: SessionInfo, sighting: Make, result: Make, name: str
) -> None:
    person = Candidate(name, "p1", "+1.jpg", 0.1)
    decision = Decision(DecisionStatus.KNOWN, "match", name, person, replace(person, distance_l2=0.2))
    with LogWriter(tmp_path, session) as writer:
        writer.write(result(sighting(decision=decision, track_decision=TrackDecision(1, 0.0, decision))), 0)
    frame = read_log(writer.path)

    assert (frame.name[0], frame.nearest_name[0], frame.second_name[0], frame.sample_id[0]) == (name, name, name, "+1.jpg")
    assert len(frame) == 1


def test_the_own_threshold_in_logs_of_version_2_is_that_of_the_gallery(log: Path) -> None:
    rewrite(log, 2)

    frame = read_log(log)

    seen = frame["distance_l2"].notna()
    assert (seen.sum(), len(frame)) == (3, 5)
    assert (frame.own_threshold_l2[seen] == frame.threshold_l2[seen]).all()
    assert frame.own_threshold_l2[~seen].isna().all()
    assert frame[["sample_distance_l2", "threshold_reduction_l2", "threshold_limit_l2"]].isna().all(axis=None)
    assert read_log(log, columns=["own_threshold_l2"]).equals(frame[["own_threshold_l2"]])


def test_a_line_torn_at_any_byte_is_skipped_and_the_others_are_whole(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        for number in range(2):
            writer.event(Event("state", f'"{number}"\n,"\n\n""'), float(number))
    data = writer.path.read_bytes()
    first_end = data.rindex(f"\n{SCHEMA_VERSION},2026".encode()) + 1
    torn = tmp_path / "torn.csv"

    for end in range(first_end + 1, len(data)):
        torn.write_bytes(data[:end])
        with pytest.warns(LogWarning, match="the last line is incomplete"):
            frame = read_log(torn, columns=["message"])
        assert frame.message.tolist() == ['"0"\n,"\n\n""'], f"torn at {end}"
    torn.write_bytes(data)
    assert len(read_log(torn)) == 2


def test_a_torn_line_is_found_over_chunks_of_any_size(tmp_path: Path, log: Path) -> None:
    data = log.read_bytes()
    cut = tmp_path / "cut.csv"
    cut.write_bytes(data[:-20])
    end = data[:-20].rindex(b"\n") + 1

    for size in (1, 7, 64, 1000):
        ends, odd, start = 0, False, 0
        for offset in range(0, len(data) - 20, size):
            chunk = data[: len(data) - 20][offset : offset + size]
            here = _last_line_end(chunk, chunk.count(b'"'), odd)
            ends = start + here if here else ends
            odd ^= chunk.count(b'"') % 2 == 1
            start += len(chunk)
        assert ends == end
    with pytest.warns(LogWarning, match=f"incomplete .{len(data) - 20 - end} bytes"):
        assert find_whole_lines(cut) == WholeLines(end, has_quotes=False, is_damaged=False)


@pytest.mark.parametrize("length", [0, 1, 100, len(HEADER) - 1])
def test_a_log_killed_before_its_header_was_whole_is_empty(tmp_path: Path, length: int) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER[:length], encoding="utf-8")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)
        frame = read_log(path)

    assert (len(frame), list(frame.columns)) == (0, list(NAMES))


def test_a_file_that_is_not_a_log_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(LogError, match=r"is not a facecam log.*use a file that"):
        read_log(path)
    with pytest.raises(LogError, match="No such file"):
        read_log(tmp_path / "missing.csv")


def test_a_log_that_is_deleted_while_it_is_read_is_a_log_error(log: Path) -> None:
    log.unlink()

    for read in (find_whole_lines, read_header, open_log):
        with pytest.raises(LogError, match="cannot be read: No such file or directory"):
            read(log)


def test_a_folder_is_read_with_all_its_logs_in_order_and_a_warning_about_other_files(
    log: Path, session: SessionInfo, tmp_path: Path
) -> None:
    later = replace(session, session_id="20260103T000000Z-0001", started_at_utc=datetime(2026, 1, 3, tzinfo=UTC))
    with LogWriter(tmp_path, later) as writer:
        writer.event(Event("state", "second day"), 0.0)
    part = log.with_name(f"{session.session_id}.2.csv")
    part.write_bytes(log.read_bytes().replace(b"camera gone", b"second part"))
    (tmp_path / "prices.csv").write_text("a,b\n", encoding="utf-8")

    with pytest.warns(LogWarning, match=r"skipped.*prices"):
        frame = read_log(tmp_path)

    assert frame.message.dropna().tolist() == ["Grace came", "camera gone", "Grace came", "second part", "second day"]
    assert list(frame.session_id.cat.categories) == [session.session_id, later.session_id]
    assert frame.index.tolist() == list(range(11))


def test_a_tilde_is_the_home_folder(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(log.parents[1]))

    assert len(read_log(f"~/{log.parent.name}")) == len(read_log(log))


def test_several_logs_are_read_once_each(log: Path) -> None:
    assert len(read_log([log, str(log), log.parent])) == 5


def test_a_folder_without_a_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no log was found below"):
        read_log(tmp_path)


def test_columns_of_a_newer_version_come_last(log: Path, tmp_path: Path) -> None:
    newer, other = tmp_path / "newer.csv", tmp_path / "other.csv"
    lines = log.read_text(encoding="utf-8").splitlines()
    newer.write_text("\n".join([lines[0] + ",mood,pulse", *(line + ",'=calm,61" for line in lines[1:])]) + "\n", encoding="utf-8")
    other.write_text("\n".join([lines[0] + ",pulse", *(line + ",fast" for line in lines[1:])]) + "\n", encoding="utf-8")

    frame = read_log(newer)
    assert list(frame.columns) == [*NAMES, "mood", "pulse"]
    assert (frame.mood[0], frame.pulse[0], str(frame.pulse.dtype)) == ("=calm", "61", "string")
    assert read_log(newer, columns=["pulse"]).pulse.tolist() == ["61"] * 5
    both = read_log([log, newer, other])
    assert both.pulse.fillna("").tolist() == [""] * 5 + ["61"] * 5 + ["fast"] * 5


def test_a_column_that_an_older_version_lacks_is_absent(log: Path) -> None:
    lines = log.read_text(encoding="utf-8").splitlines()
    log.write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n", encoding="utf-8")

    frame = read_log(log)
    assert frame.follow.isna().all()
    assert str(frame.follow.dtype) == "boolean"


def test_a_text_that_is_absent_in_every_row_keeps_its_type(
    tmp_path: Path, session: SessionInfo, sighting: Make, result: Make
) -> None:
    with LogWriter(tmp_path, session) as writer:
        writer.write(result(sighting()), 0)

    assert read_log(writer.path).message.dtype == read_log([]).message.dtype


def test_a_log_is_read_while_its_session_runs(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        for number in range(3):
            writer.event(Event("state", str(number)), 0.0)
            assert read_log(writer.path).message.tolist() == [str(n) for n in range(number + 1)]
