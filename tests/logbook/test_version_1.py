"""Logs of schema version 1, written by facecam 0.1.0 from the demo, are read, reported and replayed with the same decisions.

The first log is that of `facecam demo`. During the second session, a name was rejected and that was undone, a face was named,
the match threshold was changed, and the session went on in objects mode. Version 0.1.0 itself computed the expected values.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import facecam
from facecam.cli.main import application
from facecam.errors import LogError
from facecam.logbook.export import export_log, merge_logs
from facecam.logbook.schema import NAMES, SCHEMA_VERSION, SessionInfo, csv_line
from facecam.logbook.writer import LogWriter
from facecam.types import DecisionParameters, Event, EventCode

LOGS = Path(__file__).parent / "version_1"
DEMO = LOGS / "20261130T023832Z-f198.csv"
CORRECTED = LOGS / "20261130T024050Z-e797.csv"


def replay(log: Path, *options: str) -> dict[str, object]:
    result = CliRunner().invoke(application("replay"), ["replay", str(log), *options, "--json", "-"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    found: dict[str, object] = json.loads(result.stdout[result.stdout.index("{") :])
    return found


def test_both_logs_are_read_with_every_row() -> None:
    log = facecam.read_log(LOGS)

    assert len(log) == 697
    assert log["event"].value_counts().to_dict() == {"seen": 682, "enter": 5, "exit": 4, "correction": 3, "state": 2, "empty": 1}
    decisions = log[log["event"] == "seen"]["decision"].value_counts().to_dict()
    assert {name: count for name, count in decisions.items() if count} == {
        "known": 411,
        "unknown": 178,
        "unsure": 39,
        "skipped": 16,
    }


def test_visits_are_those_that_version_1_found() -> None:
    visits = facecam.read_log(LOGS).facecam.visits()

    found = [
        (name, round(seconds, 3), count)
        for name, seconds, count in visits[["name", "seconds", "sightings"]].itertuples(index=False)
    ]
    assert found == [("Eileen Collins", 5.9, 178), ("Eileen Collins", 5.9, 128), ("Grace Hopper", 3.467, 105)]


@pytest.mark.parametrize(("log", "rows", "embedded"), [(DEMO, 341, 20), (CORRECTED, 303, 56)], ids=["demo", "corrected"])
def test_replay_repeats_every_decision(log: Path, rows: int, embedded: int) -> None:
    found = replay(log)

    assert (found["rows"], found["embedded"], found["same"]) == (rows, embedded, rows)
    assert found["agreeing"] == dict.fromkeys(("sighting_decision", "decision", "reason", "name"), rows)


@pytest.mark.parametrize(
    ("log", "agreeing"),
    [
        (DEMO, {"sighting_decision": 330, "decision": 163, "reason": 161, "name": 163}),
        (CORRECTED, {"sighting_decision": 275, "decision": 70, "reason": 41, "name": 70}),
    ],
    ids=["demo", "corrected"],
)
def test_replay_with_another_threshold_decides_as_version_1_did(log: Path, agreeing: dict[str, int]) -> None:
    assert replay(log, "--threshold-l2", "0.03")["agreeing"] == agreeing


def test_values_in_messages_are_returned_in_columns() -> None:
    log = facecam.read_log(LOGS)

    corrections = log[log["event"] == "correction"]
    assert corrections[["event_code", "event_person"]].to_numpy().tolist() == [
        ["name_rejected", "Eileen Collins"], ["rejection_undone", "Eileen Collins"], ["name_assigned", "Grace Hopper"],
    ]  # fmt: skip
    exits = log[log["event"] == "exit"]
    assert exits.last_seen_ms.tolist() == [5967, 8533, 5967, 8067]
    assert log[log["event"] == "state"].event_code.tolist() == ["settings_changed", "mode_changed"]
    seen = log[log["event"] == "seen"]
    assert seen["message"].isna().all()
    assert seen["rejected_l2"].notna().sum() == 25
    assert set(log["schema_version"]) == {1}
    assert exits.t_ms.tolist() == exits.last_seen_ms.tolist(), "from version 4 on, the row has the time of the last sighting"
    assert exits[["frame_index", "faces_in_frame"]].isna().all(axis=None)
    begun = log.groupby("session_id", observed=True).first()
    for row in exits.itertuples():
        start = begun.loc[row.session_id]
        assert (row.ts_utc - start.ts_utc).total_seconds() * 1000 == round(row.t_ms) - round(start.t_ms)
    assert facecam.read_log(LOGS, columns=["rejected_l2"]).equals(log[["rejected_l2"]])


EVENTS = (
    ("enter", "was Ada", "name_changed", "Ada"),
    ("enter", "was unknown", "name_changed", None),
    ("enter", "", None, None),
    ("empty", "no face in the picture", "no_face", None),
    ("error", "frame 7: odd picture", "frame_failed", None),
    ("error", "not changed: no such network", "command_refused", None),
    ("error", "enrolment: 'Ann' was ended: no network", "enrollment_ended", "'Ann'"),
    ("error", "a text of another program", None, None),
    ("state", "paused", "paused", None),
    ("state", "running: goes on", "resumed", None),
    ("state", "running: pictures of 640 x 480", "running", None),
    ("state", "reconnecting: camera 0 does not answer", "reconnecting", None),
    ("state", "failed: no camera", "failed", None),
    ("state", "mode: objects", "mode_changed", None),
    ("state", "settings: log.keep_days 0 -> 3", "settings_changed", None),
    ("state", "gallery: 2 people, 5 photos", "gallery_changed", None),
    ("state", "the system's clock moved by +60 s, or the machine slept", "clock_moved", None),
    ("state", "deleted 2 sessions that ended more than 3 days ago: a, b", "logs_deleted", None),
    ("state", "enrollment: Ann begins", "enrollment_begun", "Ann"),
    ("state", "enrollment: Ann is saved, pictures: 5", "enrollment_saved", "Ann"),
    ("state", "enrolment: Ann is recognised", "enrollment_recognized", "Ann"),
    ("state", "enrollment: Ann is not recognized: margin", "enrollment_not_recognized", "Ann"),
    ("state", "enrollment: Ann is undone", "enrollment_undone", "Ann"),
    ("state", "enrollment: Ann is not enrolled: canceled", "enrollment_ended", "Ann"),
    ("correction", "undone: named: =Mary", "assignment_undone", "=Mary"),
)
READINGS = 114
"""Readings among the 644 rows of faces, fewer than 5 per second and face."""

PARAMETERS = 'deciding: {"margin_l2": 0.05, "unsure_band_l2": 0.03, "enter_after_sightings": 4, "follow": false}'


def as_version_1(log: Path) -> None:
    """Rewrite a log as version 1 would have written it: with fewer columns and the number 1."""
    kept = NAMES.index("event_code")
    rows = list(csv.reader(io.StringIO(log.read_text(encoding="utf-8"), newline="")))
    rows = [["1" if cell == str(SCHEMA_VERSION) else cell for cell in row[:1]] + row[1:kept] for row in rows]
    log.write_text("".join(map(csv_line, rows)), "utf-8")


@pytest.fixture
def both_versions(tmp_path: Path) -> tuple[Path, Path]:
    """A log with every message of version 1, and one of this version with the same rows."""
    logs = []
    for number in range(2):
        started = datetime(2026, 1, 2, 3, 4, number, tzinfo=UTC)
        with LogWriter(tmp_path, SessionInfo(f"20260102T03040{number}Z-beef", started, "0.1.0")) as writer:
            for event, message, code, person in EVENTS:
                writer.event(Event(event, message, 1, code=code and EventCode(code), person=person), 0.0)
            parameters = DecisionParameters(0.05, 0.03, 4, follow=False)
            writer.event(Event("state", PARAMETERS, code=EventCode.DECISION_PARAMETERS, parameters=parameters), 0.0)
            writer.event(Event("exit", "last seen at 5967 ms", 1, last_seen_ms=5967.0), 0.0)
        logs.append(writer.path)
    as_version_1(logs[0])
    return logs[0], logs[1]


def test_every_message_of_version_1_gives_the_columns_of_version_2(both_versions: tuple[Path, Path]) -> None:
    old, new = map(facecam.read_log, both_versions)

    assert old["event_code"].dropna().tolist() == [code for _, _, code, _ in EVENTS if code] + ["decision_parameters"]
    differing = ["schema_version", "session_id", "ts_utc", "ts_origin", "presentation_check"]
    pd.testing.assert_frame_equal(old.drop(columns=differing), new.drop(columns=differing))


def test_merged_and_exported_logs_of_both_versions_have_equal_columns(both_versions: tuple[Path, Path], tmp_path: Path) -> None:
    merge_logs(both_versions, tmp_path / "all.csv", lambda _done, _total: None)
    export_log([*both_versions, LOGS], tmp_path / "all.parquet", lambda _done, _total: None)

    merged = facecam.read_log(tmp_path / "all.csv").drop(columns="machine")
    expected = facecam.read_log(both_versions).sort_values("ts_utc", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(merged, expected)
    assert merged["schema_version"].value_counts().to_dict() == {1: len(EVENTS) + 2, SCHEMA_VERSION: len(EVENTS) + 2}
    exported = pd.read_parquet(tmp_path / "all.parquet")
    expected = facecam.read_log([*both_versions, LOGS])
    for column in ("event_code", "event_person", "rejected_l2", "follow"):
        assert exported[column].astype(str).tolist() == expected[column].astype(str).tolist()


def test_a_long_log_with_few_messages_has_the_columns_in_every_part_of_it(tmp_path: Path) -> None:
    header, *rows = DEMO.read_text(encoding="utf-8").splitlines(keepends=True)
    seen = [row for row in rows if ",seen," in row]
    log = tmp_path / "long.csv"
    log.write_text("".join([header, *seen * 80, *rows]), encoding="utf-8")

    frame = facecam.read_log(log)

    assert log.stat().st_size > 8_000_000, "the file is read in blocks of 4 MB"
    assert frame["last_seen_ms"].dropna().tolist() == [5967, 8533]
    assert export_log(log, tmp_path / "long.parquet", lambda _done, _total: None) == len(frame)


def test_a_damaged_number_in_a_message_costs_only_that_number(both_versions: tuple[Path, Path]) -> None:
    old = both_versions[0]
    old.write_text(old.read_text(encoding="utf-8").replace("5967 ms", "5.9.67 ms"), encoding="utf-8")

    log = facecam.read_log(old)

    (row,) = log[log.message.fillna("").str.contains("5.9.67 ms", regex=False)].itertuples()
    assert pd.isna(row.last_seen_ms)
    assert len(log) == len(facecam.read_log(both_versions[1]))


def test_a_report_names_the_people_of_both_logs(tmp_path: Path) -> None:
    page = tmp_path / "report.html"

    result = CliRunner().invoke(application("report"), ["report", str(LOGS), "-o", str(page)])

    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    assert "Eileen Collins" in text
    assert "Grace Hopper" in text


def rewritten(log: Path, old: str, new: str) -> Path:
    text = log.read_text(encoding="utf-8")
    assert old in text
    log.write_text(text.replace(old, new), encoding="utf-8")
    return log


@pytest.mark.parametrize("value", ["true", "1e400", str(10**30)])
def test_a_parameter_that_does_not_fit_its_column_names_the_file(both_versions: tuple[Path, Path], value: str) -> None:
    old = rewritten(both_versions[0], '""enter_after_sightings"": 4', f'""enter_after_sightings"": {value}')

    with pytest.raises(LogError, match=r"beef\.csv is damaged: "):
        facecam.read_log(old)


@pytest.mark.parametrize("missing", ["margin_l2", "follow"])
def test_a_log_with_a_missing_parameter_is_read_but_not_replayed(
    tmp_path: Path, both_versions: tuple[Path, Path], missing: str
) -> None:
    old = rewritten(both_versions[0], f'""{missing}""', '""other""')
    details = json.loads(CORRECTED.with_suffix(".json").read_text(encoding="utf-8"))
    old.with_suffix(".json").write_text(json.dumps(details), encoding="utf-8")

    assert facecam.read_log(old)["event_code"].dropna().tolist()[-1] == "decision_parameters"
    result = CliRunner().invoke(application("replay"), ["replay", str(old)])

    assert isinstance(result.exception, LogError)
    assert f"{missing}, so the log cannot be replayed" in str(result.exception)


@pytest.mark.parametrize(
    ("event", "message", "code", "person"),
    [
        ("correction", "not: undone: named: Ann", "name_rejected", "undone: named: Ann"),
        ("correction", "named: not: Ann", "name_assigned", "not: Ann"),
        ("correction", "undone: not: Ann: Ben", "rejection_undone", "Ann: Ben"),
        ("correction", "undone: named: 'Ann", "assignment_undone", "'Ann"),
        ("state", "enrollment: Ann is saved, Ben is recognized", "enrollment_recognized", "Ann is saved, Ben"),
        ("state", "enrollment: Ann is saved, Ben begins", "enrollment_begun", "Ann is saved, Ben"),
        ("state", "enrollment: is undone is undone", "enrollment_undone", "is undone"),
        ("enter", "was was unknown", "name_changed", "was unknown"),
    ],
)
def test_a_name_that_looks_like_a_message_is_a_name(tmp_path: Path, event: str, message: str, code: str, person: str) -> None:
    with LogWriter(tmp_path, SessionInfo("20260102T030400Z-beef", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "0.1.0")) as writer:
        writer.event(Event(event, message, 1), 0.0)
    log = writer.path
    assert facecam.read_log(log)[["event_code", "event_person"]].isna().all(axis=None), "version 2 has columns for these"
    as_version_1(log)

    assert facecam.read_log(log)[["event_code", "event_person"]].to_numpy().tolist() == [[code, person]]


def test_a_reading_of_an_expression_is_a_row_whose_values_differ_from_those_before() -> None:
    log = facecam.read_log(LOGS)
    expected, last = [], {}
    probabilities = [column for column in NAMES if column.startswith("p_") and not column[2:].isdigit()]
    for row in log[["session_id", "track_id", *probabilities]].itertuples(index=False):
        values = tuple(row[2:])
        if pd.isna(values[0]):
            expected.append(None)
            continue
        track = row[:2]
        expected.append(last.get(track) != values)
        last[track] = values

    found = log["expression_read"].astype(object).where(log["expression_read"].notna(), None).tolist()
    assert found == expected
    assert (found.count(True), found.count(False)) == (READINGS, 644 - READINGS)


def test_a_reading_that_a_later_part_of_the_log_repeats_is_one(tmp_path: Path) -> None:
    header, *rows = DEMO.read_text(encoding="utf-8").splitlines(keepends=True)
    (seen,) = [row for row in rows if ",seen," in row][50:51]
    for part in ("", ".2"):
        (tmp_path / f"{DEMO.stem}{part}.csv").write_text(header + seen, encoding="utf-8")
    log = tmp_path / DEMO.name
    export_log(log, tmp_path / "all.parquet", lambda _done, _total: None)

    assert facecam.read_log(log)["expression_read"].tolist() == [True, False]
    assert pd.read_parquet(tmp_path / "all.parquet")["expression_read"].tolist() == [True, False]


def test_readings_are_found_over_the_blocks_of_a_long_file(tmp_path: Path) -> None:
    header, *rows = DEMO.read_text(encoding="utf-8").splitlines(keepends=True)
    (seen,) = [row for row in rows if ",seen," in row][50:51]
    log = tmp_path / "long.csv"
    log.write_text("".join([header, *[seen] * 30_000]), encoding="utf-8")

    frame = facecam.read_log(log, columns=["expression_read"])

    assert log.stat().st_size > 8_000_000, "the file is read in blocks of 4 MB"
    assert frame["expression_read"].sum() == 1
