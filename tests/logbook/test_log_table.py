"""Tables of a log as CSV files of pandas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.logbook.log_table import LogTable
from facecam.logbook.reader import read_log
from facecam.logbook.schema import SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.types import Candidate, Decision, DecisionStatus, TrackDecision

Make = Callable[..., Any]


def track_of(name: str) -> TrackDecision:
    decision = Decision(DecisionStatus.KNOWN, "votes", name, Candidate(name, f"id of {name}", "1.jpg", 0.2))
    return TrackDecision(len(name), 0.0, decision, 3.0, 3.0)


@pytest.fixture
def log(tmp_path: Path, sighting: Make, result: Make, session: SessionInfo) -> pd.DataFrame:
    faces = [sighting(name, expression_read=True, track_decision=track_of(name)) for name in ("=HYPERLINK(1)", "Ada")]
    with LogWriter(tmp_path, session) as writer:
        for number in range(5):
            writer.write(result(*faces, frame_index=number, t_ms=number * 40.0), 0)
    return read_log(writer.path)


def first_letters(text: str) -> set[str]:
    return {cell[:1] for row in csv.reader(io.StringIO(text)) for cell in row}


@pytest.mark.parametrize("query", ["presence", "visits", "first_last_seen", "attendance", "together", "expressions", "sentiment"])
def test_no_csv_file_of_a_query_has_a_formula(log: pd.DataFrame, query: str) -> None:
    text = getattr(log.facecam, query)().to_csv()

    assert "'=HYPERLINK(1)" in text
    assert "=" not in first_letters(text)


def test_attendance_to_csv_escapes_formulas(log: pd.DataFrame) -> None:
    rows = list(csv.DictReader(io.StringIO(log.facecam.attendance("UTC").to_csv())))

    assert [row["name"] for row in rows] == ["'=HYPERLINK(1)", "Ada"]


def test_the_csv_file_of_a_log_has_no_formula(log: pd.DataFrame) -> None:
    assert "=" not in first_letters(log.to_csv(index=False))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"index": False},
        {"sep": ";"},
        {"columns": ["x", "text"]},
        {"header": False},
        {"float_format": "%.2f"},
        {"na_rep": "NA"},
    ],
)
def test_a_table_without_formulas_is_written_as_by_pandas(options: dict[str, Any]) -> None:
    frame = pd.DataFrame(
        {
            "text": pd.array(["a", None, "c"], dtype="string"),
            "kind": pd.Categorical(["one", "two", None]),
            "x": pd.array([1.5, None, -2.0], dtype="Float64"),
            "at": pd.to_datetime(["2026-01-02T03:04:05.250Z", None, "2026-01-02"], utc=True, format="ISO8601"),
        },
        index=pd.MultiIndex.from_tuples([("p", 1), ("q", 2), ("r", 3)], names=["letter", "number"]),
    )

    assert LogTable(frame).to_csv(**options) == frame.to_csv(**options)


def test_texts_in_the_index_the_header_and_the_index_names_are_escaped() -> None:
    table = LogTable({"=a": ["@b", None]}, index=pd.Index(["-c", "d"], name="+e"))

    assert table.to_csv() == "'+e,'=a\n'-c,'@b\nd,\n"


def test_a_table_derived_from_one_stays_one(log: pd.DataFrame) -> None:
    assert isinstance(log[log["name"] == "Ada"].sort_values("t_ms").assign(one=1), LogTable)
