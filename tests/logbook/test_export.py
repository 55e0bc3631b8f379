"""Export to CSV, Parquet and XLSX with every type, and to the merged CSV of many machines."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from facecam.errors import LogError, OutputError
from facecam.logbook import CsvLocale
from facecam.logbook.export import export_log, merge_logs
from facecam.logbook.reader import LogWarning, read_log
from facecam.logbook.schema import HEADER, SessionInfo
from facecam.logbook.schema import NAMES as COLUMN_NAMES
from facecam.logbook.writer import LogWriter
from facecam.types import Event

Make = Callable[..., Any]
NAMES = ("Ada, Countess", '=Grace "Amazing"', "李\n小龙", "'quoted'", "Bo")


def no_progress(done: int, total: int) -> None:
    """Ignore progress."""


@pytest.fixture
def logs(tmp_path: Path, session: SessionInfo, sighting: Make, result: Make) -> list[Path]:
    """Three overlapping sessions on two machines, one of them in parts."""
    made = []
    for number, machine in enumerate(("hall", "hall", "door")):
        started = session.started_at_utc + timedelta(milliseconds=250 * number)
        info = replace(session, session_id=f"20260102T03040{number}Z-beef", started_at_utc=started)
        with LogWriter(tmp_path / machine, info, part_bytes=2000 if number == 1 else 10**9) as writer:
            for index in range(10):
                # A clip's time may run backwards between two sources.
                t_ms = index * 100.0 if index != 5 else 50.0
                seen = result(sighting(NAMES[index % 5]), frame_index=index, t_ms=t_ms, camera_id=str(number))
                writer.write(seen, 0)
            writer.event(Event("state", "+over, and\nout"), 1000.0)
        details = json.loads(writer.details_path.read_text(encoding="utf-8"))
        writer.details_path.write_text(json.dumps(details | {"machine": f"={machine}"}), encoding="utf-8")
        made.append(writer.path)
    return made


def newer(log: Path, folder: Path) -> Path:
    """Return the log as a newer version with two more columns would have written it."""
    lines = log.read_text(encoding="utf-8").replace("李\n小龙", "李").replace("and\nout", "and out").splitlines()
    path = folder / log.name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([lines[0] + ",mood,pulse", *(line + ",'=calm,61" for line in lines[1:])]) + "\n", encoding="utf-8")
    shutil.copy(log.with_suffix(".json"), folder)
    return path


def by_time(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["ts_utc", "session_id"], kind="stable", ignore_index=True)


def check_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Compare types and values; Parquet keeps categories in order of appearance."""
    found = pd.read_parquet(path)
    categories = frame.select_dtypes("category").columns
    assert (found[categories].dtypes == "category").all()
    texts = dict.fromkeys(categories, "string")
    pd.testing.assert_frame_equal(found.astype(texts), pd.DataFrame(frame).astype(texts))


def test_parquet_has_the_rows_and_types_of_read_log(logs: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "all.parquet"
    assert export_log(tmp_path, target, no_progress) == 33

    check_parquet(target, read_log(tmp_path))
    assert str(pq.read_schema(target).field("ts_utc").type) == "timestamp[ms, tz=UTC]"
    assert not list(tmp_path.glob(".part*"))


def test_columns_of_a_newer_version_go_to_parquet_as_text(logs: list[Path], tmp_path: Path) -> None:
    several = [logs[0], newer(logs[2], tmp_path / "newer")]
    export_log(several, tmp_path / "all.parquet", no_progress)

    frame = pd.read_parquet(tmp_path / "all.parquet")
    check_parquet(tmp_path / "all.parquet", read_log(several))
    assert frame.pulse.dropna().tolist() == ["61"] * 11
    assert frame.mood.iloc[-1] == "=calm"


def test_an_empty_log_becomes_an_empty_table(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        pass
    assert export_log(writer.path, tmp_path / "none.parquet", no_progress) == 0
    check_parquet(tmp_path / "none.parquet", read_log(writer.path))


def test_an_empty_log_of_a_newer_version_keeps_its_columns(logs: list[Path], tmp_path: Path) -> None:
    path = newer(logs[0], tmp_path / "newer")
    path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    export_log(path, tmp_path / "none.parquet", no_progress)

    assert list(read_log(path).columns[-2:]) == ["mood", "pulse"]
    check_parquet(tmp_path / "none.parquet", read_log(path))
    assert len(read_log([path, logs[0]])) == 11


def test_a_failed_export_leaves_the_existing_file(logs: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "all.parquet"
    target.write_text("precious", encoding="utf-8")
    (tmp_path / "other.csv").write_text("a,b\n", encoding="utf-8")

    with pytest.raises(LogError, match="is not a facecam log"):
        export_log([*logs, tmp_path / "other.csv"], target, no_progress)
    assert target.read_text(encoding="utf-8") == "precious"
    with pytest.raises(OutputError, match=r"cannot be written.*-o"):
        export_log(logs[0], tmp_path / "nowhere" / "all.parquet", no_progress)
    assert not list(tmp_path.glob(".part*"))


@pytest.mark.parametrize("name", ["all.csv", "all.parquet", "all.xlsx"])
def test_every_format_has_every_row(logs: list[Path], tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    assert export_log(logs, target, no_progress) == 33

    read = {".csv": read_log, ".parquet": pd.read_parquet, ".xlsx": pd.read_excel}[target.suffix]
    found = read(target)
    assert (len(found), list(found.columns)) == (33, list(read_log(logs).columns))
    assert not list(tmp_path.glob(".part*"))


def test_an_exported_csv_file_is_a_log_with_the_same_cells(logs: list[Path], tmp_path: Path) -> None:
    export_log(logs[0], tmp_path / "all.csv", no_progress)

    assert (tmp_path / "all.csv").read_bytes() == logs[0].read_bytes()
    summary = merge_logs([logs[0], tmp_path / "all.csv"], tmp_path / "merged.csv", no_progress)
    assert (summary.rows, summary.sessions) == (11, 1)


def test_rows_of_earlier_versions_are_exported_in_the_form_of_this_one(tmp_path: Path) -> None:
    log = Path(__file__).parent / "version_1" / "20261130T023832Z-f198.csv"
    export_log(log, tmp_path / "all.csv", no_progress)

    pd.testing.assert_frame_equal(read_log(tmp_path / "all.csv"), read_log(log))
    assert (tmp_path / "all.csv").read_text(encoding="utf-8").partition("\n")[0] == HEADER.strip()


@pytest.mark.filterwarnings("ignore::facecam.logbook.reader.LogWarning")
def test_a_csv_file_for_a_spreadsheet_is_refused_as_a_log(logs: list[Path], tmp_path: Path) -> None:
    export_log(logs, tmp_path / "german.csv", no_progress, locale=CsvLocale.DE)
    export_log(logs, tmp_path / "english.csv", no_progress, locale=CsvLocale.EN)

    with pytest.raises(LogError, match="was saved by a spreadsheet"):
        read_log(tmp_path / "german.csv")
    with pytest.raises(LogError, match="no row is left; if a spreadsheet saved the file, use the original"):
        read_log(tmp_path / "english.csv")


def test_a_csv_file_for_a_spreadsheet_has_its_numbers_and_times(logs: list[Path], tmp_path: Path) -> None:
    export_log(logs[0], tmp_path / "german.csv", no_progress, locale=CsvLocale.DE)

    with (tmp_path / "german.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file, delimiter=";"))
    shown = {name: row[name] for name in ("ts_utc", "t_ms", "frame_index", "distance_l2", "embedded", "name")}
    assert shown == {
        "ts_utc": "2026-01-02 03:04:05,250",
        "t_ms": "0,000",
        "frame_index": "0",
        "distance_l2": "0,200000",
        "embedded": "1",
        "name": "Ada, Countess",
    }


def test_session_labels_are_columns_of_every_export(tmp_path: Path, session: SessionInfo) -> None:
    labeled = replace(session, labels={"participant": "007", "condition": "=2"})
    with LogWriter(tmp_path / "logs", labeled) as writer:
        writer.event(Event("state", "running"), 0.0)
    for name in ("all.csv", "all.parquet", "all.xlsx"):
        export_log(tmp_path / "logs", tmp_path / name, no_progress)

    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["session_participant"], row["session_condition"]) == ("007", "'=2")
    parquet = pd.read_parquet(tmp_path / "all.parquet")
    assert (parquet.session_participant.tolist(), parquet.session_condition.tolist()) == (["007"], ["=2"])
    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx")["Log"]
    assert [cell.value for cell in sheet[2]][-2:] == ["007", "=2"]
    about = json.loads((tmp_path / "all.columns.json").read_text(encoding="utf-8"))
    assert list(about) == list(read_log(tmp_path / "logs").columns)


def test_a_workbook_has_the_data_dictionary_as_a_sheet(logs: list[Path], tmp_path: Path) -> None:
    export_log(logs[0], tmp_path / "all.xlsx", no_progress)

    _, about = openpyxl.load_workbook(tmp_path / "all.xlsx")
    rows = {row[0]: row[1:] for row in about.iter_rows(values_only=True)}
    assert rows["column"] == ("Description", "Format", "Units", "Levels")
    assert rows["x"] == ("Left edge of the face's box", "number", "px", None)
    assert rows["embedded"][3] == "0: no; 1: yes"
    assert set(rows) == {"column", *COLUMN_NAMES}


@pytest.mark.parametrize("name", ["007", "NA", "1e5", "0123456789e1"])
def test_the_name_of_a_machine_stays_a_text(logs: list[Path], tmp_path: Path, name: str) -> None:
    details = logs[0].with_suffix(".json")
    content = json.loads(details.read_text(encoding="utf-8"))
    details.write_text(json.dumps(content | {"machine": name}), encoding="utf-8")
    merge_logs(logs[0], tmp_path / "merged.csv", no_progress)
    for suffix in ("csv", "parquet", "xlsx"):
        export_log(tmp_path / "merged.csv", tmp_path / f"all.{suffix}", no_progress)

    assert set(read_log(tmp_path / "merged.csv").machine) == {name}
    assert set(read_log(tmp_path / "all.csv").machine) == {name}
    assert set(pd.read_parquet(tmp_path / "all.parquet").machine) == {name}
    header, first, *_ = openpyxl.load_workbook(tmp_path / "all.xlsx")["Log"].iter_rows(values_only=True)
    assert first[header.index("machine")] == name
    about = json.loads((tmp_path / "merged.columns.json").read_text(encoding="utf-8"))
    assert about["machine"]["Description"] == "Name of the computer that wrote the row's session"


def test_an_empty_log_becomes_an_empty_file_of_every_format(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        pass
    for suffix in ("csv", "xlsx"):
        assert export_log(writer.path, tmp_path / f"none.{suffix}", no_progress) == 0

    assert read_log(tmp_path / "none.csv").empty
    assert openpyxl.load_workbook(tmp_path / "none.xlsx")["Log"].max_row == 1


@pytest.mark.filterwarnings("ignore::facecam.logbook.reader.LogWarning")
def test_an_export_without_any_row_left_is_an_error_and_no_file(logs: list[Path], tmp_path: Path) -> None:
    logs[0].write_text(HEADER + "1,broken\n", encoding="utf-8")

    for suffix in ("csv", "parquet", "xlsx"):
        with pytest.raises(LogError, match="no row is left"):
            export_log(logs[0], tmp_path / f"all.{suffix}", no_progress)
        assert not (tmp_path / f"all.{suffix}").exists()


CHILD = """
import sys
import warnings
from pathlib import Path
from benchmarks.machine import resident_mb
from facecam.logbook.export import export_log
before = resident_mb(peak=True)
export_log([sys.argv[1]] , Path(sys.argv[2]), lambda done, total: None)
print(resident_mb(peak=True) - before)
"""


@pytest.mark.long
@pytest.mark.parametrize("name", ["long.parquet", "exported.csv"])
def test_an_export_keeps_only_a_part_of_a_long_log_in_memory(logs: list[Path], tmp_path: Path, name: str) -> None:
    head, _, rows = logs[0].read_bytes().partition(b"\n")
    log = tmp_path / "long.csv"
    log.write_bytes(head + b"\n" + rows * 60_000)

    command = [sys.executable, "-c", CHILD, str(log), str(tmp_path / name)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])

    is_csv = name.endswith(".csv")
    assert (tmp_path / name).stat().st_size > 10**8 if is_csv else pq.read_metadata(tmp_path / name).num_rows == 660_000
    assert float(done.stdout) < 400, "MB; 290 were measured, as for a million rows; the table whole takes 600"


def test_a_merged_log_has_all_rows_in_order_of_time(logs: list[Path], tmp_path: Path) -> None:
    merged = merge_logs([tmp_path / "hall", tmp_path / "door"], tmp_path / "all.csv", no_progress)

    frame = read_log(tmp_path / "all.csv")
    assert (merged.rows, merged.sessions, merged.duplicates) == (33, 3, ())
    assert frame.ts_utc.is_monotonic_increasing
    pd.testing.assert_frame_equal(frame.drop(columns="machine"), by_time(read_log(logs)))
    machines = frame.groupby("session_id", observed=True).machine.unique().map(list)
    assert machines.tolist() == [["=hall"], ["=hall"], ["=door"]]
    assert frame.camera_id.nunique() == 3


def test_merging_again_changes_nothing_and_copies_count_once(logs: list[Path], tmp_path: Path) -> None:
    merge_logs(logs, tmp_path / "all.csv", no_progress)
    shutil.copytree(tmp_path / "hall", tmp_path / "backup")
    cut = next((tmp_path / "backup").rglob(logs[0].name))
    cut.write_bytes(b"".join(cut.read_bytes().splitlines(keepends=True)[:3]))

    merged = merge_logs([tmp_path / "backup", *logs, tmp_path / "all.csv"], tmp_path / "again.csv", no_progress)

    assert (merged.rows, merged.sessions) == (33, 3)
    assert cut in merged.duplicates
    assert tmp_path / "all.csv" in merged.duplicates
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "all.csv").read_bytes()
    alone = merge_logs(tmp_path / "all.csv", tmp_path / "third.csv", no_progress)
    assert alone.rows == 33
    assert (tmp_path / "third.csv").read_bytes() == (tmp_path / "all.csv").read_bytes()


def test_logs_of_different_versions_are_merged(logs: list[Path], tmp_path: Path) -> None:
    merge_logs(logs[0], tmp_path / "old.csv", no_progress)
    several = [tmp_path / "old.csv", newer(logs[2], tmp_path / "newer"), logs[1]]
    merge_logs(several, tmp_path / "all.csv", no_progress)

    frame = read_log(tmp_path / "all.csv")
    expected = by_time(read_log(several)).drop(columns="machine")
    pd.testing.assert_frame_equal(frame.drop(columns="machine"), expected)
    assert list(frame.columns[-3:]) == ["mood", "pulse", "machine"]
    assert frame.machine.value_counts().to_dict() == {"=hall": 22, "=door": 11}
    assert frame.mood.dropna().unique().tolist() == ["=calm"]


def test_two_sessions_of_the_same_name_are_refused(logs: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other" / logs[0].name
    other.parent.mkdir()
    other.write_text(logs[2].read_text(encoding="utf-8").replace("20260102T030402Z", "20260102T030400Z"))

    with pytest.raises(LogError, match="different sessions with the name 20260102T030400Z-beef; leave one out"):
        merge_logs([logs[0], other], tmp_path / "all.csv", no_progress)
    assert not (tmp_path / "all.csv").exists()


def test_incomplete_and_odd_lines_are_not_merged(logs: list[Path], tmp_path: Path) -> None:
    lines = logs[0].read_bytes().splitlines(keepends=True)
    logs[0].write_bytes(b"".join([*lines[:2], b"1,broken\n", b"\n", b'1,"20",2026-01-02T03:04:05.250Z,\n', *lines[2:]])[:-30])

    with pytest.warns(LogWarning):
        expected = by_time(read_log(logs[0]))
    with pytest.warns(LogWarning) as warned:
        merge_logs(logs[0], tmp_path / "all.csv", no_progress)
    assert sorted(str(warning.message).partition(": ")[2][:8] for warning in warned) == ["2 damage", "the last"]
    pd.testing.assert_frame_equal(read_log(tmp_path / "all.csv").drop(columns="machine"), expected)
    assert 8 <= len(expected) <= 10


def test_merging_overwrites_no_file(logs: list[Path], tmp_path: Path) -> None:
    before = logs[1].read_bytes()
    with pytest.raises(OutputError, match="is an input"):
        merge_logs(logs, logs[1], no_progress)
    assert logs[1].read_bytes() == before


@pytest.mark.parametrize("content", ["", HEADER[:100], HEADER], ids=["no header", "half a header", "no row"])
def test_a_session_without_rows_does_not_prevent_merging(logs: list[Path], tmp_path: Path, content: str) -> None:
    empty = logs[0].with_name("20260101T000000Z-0000.csv")
    empty.write_text(content, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)
        summary = merge_logs([empty, *logs], tmp_path / "all.csv", no_progress)

    assert summary.rows == len(read_log(logs)) == len(read_log(tmp_path / "all.csv"))


def test_an_empty_log_merges_to_a_header(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        pass
    assert merge_logs(writer.path, tmp_path / "all.csv", no_progress).rows == 0
    assert len(read_log(tmp_path / "all.csv")) == 0
