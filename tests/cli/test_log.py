"""`facecam log`: list, schema, export and merge."""

from __future__ import annotations

import csv
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet
import pytest

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


def test_the_schema_as_json_is_the_data_dictionary(facecam: Command) -> None:
    result = facecam("log", "schema", "--json", "-")

    found = json.loads(result.stdout)
    assert (result.returncode, list(found)) == (0, list(NAMES))
    assert found["t_ms"]["Units"] == "ms"


LISTED = ["session_id", "started_at_utc", "time_origin", "duration_s", "processed_at_utc", "ended_at_utc", "frames", "rows"]


def labeled_session(folder: Path) -> Path:
    """Write the log of a film of an hour, taken on the day before its recognition, and return its path."""
    frames = {"read": 100, "analyzed": 90, "with_faces": 20, "dropped": 0, "span_ms": 3_600_000.0}
    source = {"source": "=film.mkv", "live": False, "started_at_utc": "2026-01-01T10:00:00.000+00:00", "from_ms": 0.0}
    source |= {"time_origin": "file"}
    details = {"source": "=film.mkv", "sources": [source | {"frames": frames}]}
    session = SessionInfo(
        "20260102T030400Z-beef",
        datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "0.1.0",
        labels={"participant": "007", "condition": "2"},
        details=details,
    )
    with LogWriter(folder, session) as writer:
        writer.event(Event("state", "running"), 0.0)
    return writer.path


def test_the_list_has_the_recordings_start_duration_frames_and_labels(facecam: Command, tmp_path: Path) -> None:
    labeled_session(tmp_path / "logs")

    line = facecam("log", "list", "logs").stdout.splitlines()[1]

    assert line.startswith("20260102T030400Z-beef  2026-01-01 10:00:00  1:00:00   90      1 ")
    assert "  participant=007; condition=2  =film.mkv  " in line


def test_the_list_as_json_has_numbers_times_and_labels(facecam: Command, tmp_path: Path) -> None:
    log = labeled_session(tmp_path / "logs")

    (found,) = json.loads(facecam("log", "list", "logs", "--json", "-").stdout)

    assert {name: found[name] for name in ("session_id", "started_at_utc", "duration_s", "frames", "rows", "labels")} == {
        "session_id": "20260102T030400Z-beef",
        "started_at_utc": "2026-01-01T10:00:00.000+00:00",
        "duration_s": 3600.0,
        "frames": 90,
        "rows": 1,
        "labels": {"participant": "007", "condition": "2"},
    }
    assert (found["processed_at_utc"], found["time_origin"]) == ("2026-01-02T03:04:00.000+00:00", "file")
    assert Path(found["log"]) == Path("logs") / log.relative_to(tmp_path / "logs")


def test_the_list_as_csv_has_a_column_per_label_no_formula_and_a_dictionary(facecam: Command, tmp_path: Path) -> None:
    labeled_session(tmp_path / "logs")

    done = facecam("log", "list", "logs", "--csv", "sessions.csv")

    with (tmp_path / "sessions.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (done.returncode, list(row)[:8]) == (0, LISTED)
    assert row["started_at_utc"] == "2026-01-01T10:00:00.000Z"
    assert (row["source"], row["session_participant"], row["session_condition"]) == ("'=film.mkv", "007", "2")
    about = json.loads((tmp_path / "sessions.columns.json").read_text(encoding="utf-8"))
    assert list(about) == list(row)
    assert about["duration_s"]["Units"] == "s"


def test_the_list_as_csv_has_a_spreadsheets_form(facecam: Command, tmp_path: Path) -> None:
    labeled_session(tmp_path / "logs")

    facecam("log", "list", "logs", "--csv", "sessions.csv", "--locale", "DE")

    text = (tmp_path / "sessions.csv").read_bytes().decode()
    assert text.startswith("\ufeffsession_id;started_at_utc;")
    assert ";2026-01-01 10:00:00,000;file;3600,0;" in text


def test_a_locale_without_a_csv_file_is_a_usage_error(facecam: Command, tmp_path: Path) -> None:
    assert facecam("log", "list", str(tmp_path), "--locale", "de").returncode == 2


def test_an_empty_folder_has_an_empty_list_as_json(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()

    assert json.loads(facecam("log", "list", "logs", "--json", "-").stdout) == []


@pytest.mark.parametrize("name", ["all.csv", "all.parquet", "all.xlsx"])
def test_the_suffix_chooses_the_format_of_an_export(facecam: Command, tmp_path: Path, name: str) -> None:
    session_at(tmp_path / "logs", 1)

    done = facecam("log", "export", "logs", "-o", name)

    head = {"all.csv": b"schema_ver", "all.parquet": b"PAR1", "all.xlsx": b"PK"}[name]
    assert (done.returncode, done.stdout) == (0, f"1 rows in {name}\n")
    assert (tmp_path / name).read_bytes().startswith(head)


def test_subtitles_and_tiers_are_exported_to_a_file_or_a_folder(facecam: Command, tmp_path: Path) -> None:
    session_at(tmp_path / "logs", 1)
    (tmp_path / "all").mkdir()

    done = facecam("log", "export", "logs", "-o", "all.vtt")
    tiers = facecam("log", "export", "logs", "-o", "all", "--format", "elan")
    again = facecam("log", "export", "logs", "-o", "all", "--format", "elan")

    session = next((tmp_path / "logs").rglob("*.json")).stem
    assert (done.returncode, done.stdout) == (0, f"no subtitles in all.vtt, for session {session}, from its start\n")
    assert (tmp_path / "all.vtt").read_text(encoding="utf-8") == "WEBVTT\n"
    assert (tiers.returncode, tiers.stdout.split(",")[0]) == (0, f"no annotations in all/{session}.eaf")
    assert (again.returncode, "add --overwrite" in again.stderr) == (1, True)


def test_an_exported_csv_file_has_its_dictionary_which_is_checked_like_the_file(facecam: Command, tmp_path: Path) -> None:
    session_at(tmp_path / "logs", 1)
    (tmp_path / "all.columns.json").write_text("mine", encoding="utf-8")

    refused = facecam("log", "export", "logs", "-o", "all.csv")
    assert (refused.returncode, "all.columns.json exists" in refused.stderr) == (2, True)
    assert not (tmp_path / "all.csv").exists()
    assert facecam("log", "export", "logs", "-o", "all.csv", "--overwrite").returncode == 0
    assert list(json.loads((tmp_path / "all.columns.json").read_text(encoding="utf-8"))) == list(NAMES)


def test_a_csv_file_is_exported_for_a_german_spreadsheet(facecam: Command, tmp_path: Path) -> None:
    session_at(tmp_path / "logs", 1)

    assert facecam("log", "export", "logs", "-o", "all.csv", "--locale", "de").returncode == 0
    assert (tmp_path / "all.csv").read_bytes().startswith("\ufeffschema_version;session_id;ts_utc;".encode())


def test_a_pipe_needs_the_format_of_the_export(facecam: Command, facecam_process: Command, tmp_path: Path) -> None:
    session_at(tmp_path / "logs", 1)

    assert "add --format" in facecam("log", "export", "logs", "-o", "/dev/stdout").stderr
    done = facecam_process("log", "export", "logs", "-o", "/dev/stdout", "--format", "csv")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, ",".join(NAMES))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "all.xlsx", "--locale", "de"], "it is for CSV files, and all.xlsx is written as xlsx"),
        (["-o", "all.vtt", "--locale", "de"], "it is for CSV files, and all.vtt is written as webvtt"),
        (["-o", "all.eaf", "--format", "webvtt"], "all.eaf cannot be written in this format: --format is webvtt"),
        (["-o", "all.csv", "--format", "xlsx"], "all.csv cannot be written in this format: --format is xlsx"),
        (["-o", "all.csv", "--locale", "tlh"], "'tlh' is not one of 'en', 'de'"),
    ],
)
def test_contradicting_options_of_an_export_are_usage_errors(
    facecam: Command, tmp_path: Path, options: list[str], message: str
) -> None:
    session_at(tmp_path / "logs", 1)

    done = facecam("log", "export", "logs", *options)

    assert (done.returncode, message in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_an_export_to_xlsx_without_xlsxwriter_says_what_to_install(
    facecam: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_at(tmp_path / "logs", 1)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)

    done = facecam("log", "export", "logs", "-o", "all.xlsx")

    assert (done.returncode, "pip install facecam[xlsx]" in done.stderr) == (1, True)
    assert not (tmp_path / "all.xlsx").exists()
