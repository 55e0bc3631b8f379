"""The data dictionary next to CSV files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facecam.logbook.dictionary import data_dictionary, dictionary_path, write_dictionary
from facecam.logbook.reader import read_log
from facecam.logbook.schema import COLUMNS, EVENTS, NAMES, SessionInfo
from facecam.logbook.sessions import delete_old_sessions, list_sessions
from facecam.logbook.writer import LogWriter
from facecam.messages import MESSAGES
from facecam.types import EXPRESSIONS, UNCLEAR, DecisionStatus, Event, EventCode, TimeOrigin

Make = Callable[..., Any]
KEYS = {"LongName", "Description", "Format", "Levels", "Units", "Delimiter", "TermURL"}
"""Keys of a column in BIDS."""


def test_every_column_is_described_in_the_form_of_bids() -> None:
    found = data_dictionary()

    assert list(found) == list(NAMES)
    assert all(set(column) <= KEYS for column in found.values())
    assert {name: column["Description"] for name, column in found.items()} == {one.name: one.description for one in COLUMNS}
    assert found["t_ms"] == {"Description": "The session's time; for files the media's time", "Format": "number", "Units": "ms"}
    assert found["session_labels"]["Delimiter"] == "; "


def test_the_levels_of_a_column_are_all_its_values() -> None:
    found = {name: set(column.get("Levels", ())) for name, column in data_dictionary().items()}

    assert found["event"] == set(EVENTS)
    assert found["event_code"] == set(EventCode)
    assert found["decision"] == found["sighting_decision"] == set(DecisionStatus)
    assert found["ts_origin"] == set(TimeOrigin)
    assert found["expression"] == {*EXPRESSIONS, UNCLEAR}
    assert found["mode"] == {"faces", "objects"}
    assert found["embedded"] == found["expression_read"] == found["follow"] == {"0", "1"}


def test_the_levels_of_gate_and_reason_are_the_codes_of_the_source() -> None:
    found = data_dictionary()
    source = Path(__file__).parents[2] / "facecam" / "recognition"
    gates = re.search(r"Codes in order: (.*)\.", (source / "quality.py").read_text(encoding="utf-8"))
    decided = "".join((source / name).read_text(encoding="utf-8") for name in ("matching.py", "tracking.py"))

    assert gates is not None
    assert list(found["gate"]["Levels"]) == gates[1].split(", ")
    assert set(found["reason"]["Levels"]) >= set(re.findall(r'Decision\(DecisionStatus\.\w+, "(\w+)"', decided))
    assert set(found["reason"]["Levels"]) <= set(MESSAGES)


def test_columns_that_are_added_are_described_too() -> None:
    found = data_dictionary(["machine", "session_condition", "mood"])

    assert found["machine"]["Format"] == "string"
    assert found["session_condition"]["Description"] == "Value of the session's label condition"
    assert found["mood"] == {"Description": "mood, a column of a newer version of facecam"}


def test_a_session_writes_the_dictionary_next_to_its_log(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        path = writer.path.with_name("columns.json")

    assert json.loads(path.read_text(encoding="utf-8")) == data_dictionary()


def test_a_folder_has_one_dictionary_which_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "columns.json"
    path.write_text('{"schema_version": {"Description": "that of an earlier version"}}', encoding="utf-8")

    write_dictionary(tmp_path)

    assert json.loads(path.read_text(encoding="utf-8")) == data_dictionary()


@pytest.mark.parametrize("content", ['{"mine": 1}', "no JSON", "[1]"])
def test_a_file_of_the_user_with_that_name_stays(tmp_path: Path, content: str) -> None:
    (tmp_path / "columns.json").write_text(content, encoding="utf-8")

    write_dictionary(tmp_path)

    assert (tmp_path / "columns.json").read_text(encoding="utf-8") == content


def test_a_dictionary_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    write_dictionary(tmp_path / "missing")
    (tmp_path / "columns.json").mkdir()
    write_dictionary(tmp_path)


def test_the_dictionary_is_neither_a_log_nor_a_session(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        writer.event(Event("state", "running"), 0.0)

    assert len(list_sessions(tmp_path)) == len(read_log(tmp_path)) == 1


def test_the_dictionary_is_deleted_with_the_last_session_of_its_day(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        day = writer.path.parent
    details = json.loads(writer.details_path.read_text(encoding="utf-8"))
    ended = {"ended_at_utc": session.started_at_utc.isoformat()}
    writer.details_path.write_text(json.dumps(details | ended), encoding="utf-8")

    assert delete_old_sessions(tmp_path, 30, session.started_at_utc + timedelta(days=60)) == [session.session_id]
    assert not day.exists()


def test_the_dictionary_of_an_export_has_the_name_of_its_file() -> None:
    assert dictionary_path(Path("out/all.csv")) == Path("out/all.columns.json")
