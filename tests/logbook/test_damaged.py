"""Damaged logs: a bad line costs that line and is named, and a file that is no log is refused at once."""

from __future__ import annotations

import json
import os
import random
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.errors import FacecamError, LogError
from facecam.logbook.export import export_log, merge_logs
from facecam.logbook.lines import LogWarning
from facecam.logbook.reader import read_log
from facecam.logbook.replay import replay_decisions
from facecam.logbook.schema import HEADER, NAMES, SessionInfo
from facecam.logbook.sessions import list_sessions, read_details
from facecam.logbook.writer import LogWriter
from facecam.report import Format
from facecam.report.page import write_report
from facecam.types import Event
from tests.cli.conftest import run_in
from tools.fuzz.mutations import mutate

Make = Callable[..., Any]

BAD_CELLS = {
    "a NUL byte": ("message", b"a\0b"),
    "NUL bytes of a block that was never written": ("message", bytes(5000)),
    "a date that does not exist": ("ts_utc", b"2026-02-30T03:04:05.250Z"),
    "a year without local time": ("ts_utc", b"9999-12-31T23:59:59.999Z"),
    "no time": ("ts_utc", b""),
    "a date of a spreadsheet": ("ts_utc", b"02.01.2026 03:04"),
    "a decimal comma": ("distance_l2", b'"0,2"'),
    "a text for a number": ("frame_index", b"soon"),
    "a number beyond 64 bits": ("frame_index", b"99999999999999999999"),
    "an infinite number": ("distance_l2", b"inf"),
    "no number": ("p_happy", b"nan"),
    "a number for yes or no": ("embedded", b"2"),
    "bytes that are not UTF-8": ("name", b"J\xfcrgen"),
    "a cell of 1 MB": ("message", b"x" * 2**20),
    "a line of 9 MB": ("message", b"x" * 9 * 2**20),
    "one cell more": ("message", b"a,b"),
    "an odd quote at the start of a cell": ("message", b'"a'),
    "an odd quote within a cell": ("message", b'a"b'),
}


@pytest.fixture
def log(tmp_path: Path, session: SessionInfo, sighting: Make, result: Make) -> Path:
    """Log of twelve frames with one face each, whose messages have quotes and line feeds in every third row."""
    with LogWriter(tmp_path / "logs", session) as writer:
        for index in range(12):
            person = sighting(("Ada", "Grace", "Bo\n=1")[index % 3])
            writer.write(result(person, frame_index=index, t_ms=index * 100.0), 0)
    return writer.path


@pytest.fixture
def replayable(log: Path) -> Path:
    """Log of the fixture `log` whose JSON has the parameters that a replay needs."""
    details = log.with_suffix(".json")
    parameters = {"margin_l2": 0.03, "unsure_band_l2": 0.03, "enter_after_sightings": 3, "follow": True}
    details.write_text(json.dumps(json.loads(details.read_text(encoding="utf-8")) | {"deciding": parameters}), encoding="utf-8")
    return log


def damage(log: Path, column: str, cell: bytes, index: int = 5) -> int:
    """Replace a cell of the row of one frame, which is the only one of its line, and return the line's number."""
    data = log.read_bytes().split(b"\n")
    (number,) = [n for n, line in enumerate(data) if line.split(b",")[4:5] == [str(index).encode()]]
    cells = data[number].split(b",")
    cells[NAMES.index(column)] = cell
    data[number] = b",".join(cells)
    log.write_bytes(b"\n".join(data))
    return number + 1


@pytest.mark.parametrize("column_cell", BAD_CELLS.values(), ids=BAD_CELLS)
def test_one_bad_row_costs_that_row_and_is_named(log: Path, tmp_path: Path, column_cell: tuple[str, bytes]) -> None:
    number = damage(log, *column_cell, index=4)
    rest = [index for index in range(12) if index != 4]
    message = rf"{log.name}: 1 damaged line is left out: {number} \(line {number}: "

    with pytest.warns(LogWarning, match=message):
        assert read_log(log).frame_index.tolist() == rest
    with pytest.warns(LogWarning, match=message):
        assert export_log(log, tmp_path / "log.parquet", lambda *_: None) == 11
    assert pd.read_parquet(tmp_path / "log.parquet").frame_index.tolist() == rest
    with pytest.warns(LogWarning, match=message):
        assert merge_logs(log, tmp_path / "merged.csv", lambda *_: None).rows == 11
    assert read_log(tmp_path / "merged.csv").frame_index.tolist() == rest


def test_a_report_leaves_bad_rows_out_and_says_so_on_stderr_too(log: Path, tmp_path: Path) -> None:
    number = damage(log, "ts_utc", b"2026-02-30T03:04:05.250Z", index=4)

    done = run_in(tmp_path, "report", "logs", "-o", "report.html")

    assert done.returncode == 0, done.stderr
    sentence = f"{log.name}: 1 damaged line is left out: {number}"
    assert sentence in done.stderr
    assert sentence in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_bad_row_far_behind_costs_neither_rows_nor_memory(log: Path, tmp_path: Path) -> None:
    """Export reads 4 MB at a time, and has written the first rows before it meets the bad one."""
    header, _, data = log.read_bytes().partition(b"\n")
    log.write_bytes(header + b"\n" + data * 3000 + data.replace(b",0.200000,", b",far,", 1) + data * 10)

    with pytest.warns(LogWarning, match="1 damaged line is left out"):
        rows = export_log(log, tmp_path / "log.parquet", lambda *_: None)

    expected = [*range(12)] * 3000 + [*range(1, 12)] + [*range(12)] * 10
    assert rows == len(expected)
    assert pd.read_parquet(tmp_path / "log.parquet", columns=["frame_index"]).frame_index.tolist() == expected


def test_a_bad_cell_in_a_column_that_is_not_read_costs_nothing(log: Path) -> None:
    damage(log, "message", b"\xff", index=4)
    damage(log, "distance_l2", b"far", index=7)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_log(log, columns=["frame_index"]).frame_index.tolist() == [*range(12)]


def test_many_bad_rows_are_counted_and_the_first_ones_named(log: Path) -> None:
    header, *rows = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(header + b"".join(row + b"1,2\n1,2\n" for row in rows if row.count(b",") > 50))

    with pytest.warns(LogWarning, match=r"left out: 3, 4, 6, .* \.\.\. \(line 3: it has 2 cells, expected"):
        read_log(log)


@pytest.mark.parametrize("change", ["mark", "line feeds", "quoted names", "short numbers"])
def test_a_log_that_a_spreadsheet_saved_without_changing_its_meaning_is_read(log: Path, tmp_path: Path, change: str) -> None:
    expected = read_log(log)
    header, _, rows = log.read_bytes().partition(b"\n")
    changed = {
        "mark": b"\xef\xbb\xbf" + header + b"\n" + rows,
        "line feeds": (header + b"\n" + rows).replace(b"\n", b"\r\n").replace(b"Bo\r\n", b"Bo\n"),
        "quoted names": b",".join(b'"%s"' % name for name in header.split(b",")) + b"\n" + rows,
        "short numbers": (header + b"\n" + rows).replace(b",0.200000,", b",0.2,").replace(b",-3.50,", b",-3.5,"),
    }[change]
    log.write_bytes(changed)

    pd.testing.assert_frame_equal(read_log(log), expected)
    merge_logs(log, tmp_path / "merged.csv", lambda *_: None)
    pd.testing.assert_frame_equal(read_log(tmp_path / "merged.csv").drop(columns="machine"), expected)
    export_log(log, tmp_path / "log.parquet", lambda *_: None)
    assert pd.read_parquet(tmp_path / "log.parquet").name.tolist() == expected.name.tolist()


@pytest.mark.parametrize("change", ["semicolons", "tabs", "UTF-16"])
def test_a_log_with_other_separators_is_refused_with_advice(log: Path, tmp_path: Path, change: str) -> None:
    text = log.read_text(encoding="utf-8")
    log.write_bytes(
        {
            "semicolons": b"\xef\xbb\xbf" + text.replace(",", ";").encode(),
            "tabs": text.replace(",", "\t").encode(),
            "UTF-16": text.encode("utf-16"),
        }[change]
    )

    for command in (["report", log], ["log", "export", log, "-o", "x.parquet"], ["log", "merge", log, "-o", "x.csv"]):
        done = run_in(tmp_path, *command)
        assert done.returncode == 1
        assert "was saved by a spreadsheet" in done.stderr
        assert done.stderr.endswith("use the original file that `facecam run` wrote\n")


def test_a_log_whose_dates_a_spreadsheet_changed_is_refused_with_advice(log: Path, tmp_path: Path) -> None:
    log.write_text(log.read_text(encoding="utf-8").replace("2026-01-02T03:04:", "02.01.2026 03:04:"), encoding="utf-8")

    for command in (["report", log], ["log", "export", log, "-o", "x.parquet"], ["log", "merge", log, "-o", "x.csv"]):
        done = run_in(tmp_path, *command)
        assert done.returncode == 1
        assert "(line 2: ts_utc is '02.01.2026 03:04:05.250Z'); no row is left; if a spreadsheet saved the file" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == []


def test_a_report_on_a_folder_goes_on_without_the_log_of_a_spreadsheet(log: Path, session: SessionInfo, tmp_path: Path) -> None:
    (log.parent / "saved.csv").write_text(log.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")

    done = run_in(tmp_path, "report", "logs", "-o", "report.html")

    assert done.returncode == 0, done.stderr
    assert "saved.csv was saved by a spreadsheet" in done.stderr


FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "＝1", "-cmd", '"=1')


def test_formulas_that_lost_their_escape_are_escaped_by_a_merge(log: Path, tmp_path: Path) -> None:
    """A spreadsheet that saves a log drops the leading `'`, and another program may never have written it."""
    for index, text in zip(range(12), FORMULAS, strict=False):
        if index % 3 < 2:
            damage(log, "name", ('"' + text.replace('"', '""') + '"').encode(), index)
            damage(log, "sample_id", text.encode().replace(b'"', b""), index)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = read_log(log)

    merge_logs(log, tmp_path / "merged.csv", lambda *_: None)

    text = (tmp_path / "merged.csv").read_text(encoding="utf-8")
    for formula in ("=1+1", "+1", "-cmd", "@SUM(A1)", "＝1"):
        assert f",{formula}" not in text
        assert f',"{formula}' not in text
    pd.testing.assert_frame_equal(read_log(tmp_path / "merged.csv").drop(columns="machine"), expected)
    assert "-3.50" in text, "a negative number stays one"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_device_as_a_log_or_its_details_is_refused_at_once(log: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    details = log.with_suffix(".json")
    details.unlink()
    os.mkfifo(details)
    started_s = time.monotonic()

    for path in (pipe, Path("/dev/zero"), Path("/dev/stdin")):
        for command in (["report", path], ["replay", path], ["log", "merge", path, "-o", "x.csv"]):
            done = run_in(tmp_path, *command)
            assert done.returncode == 1
            assert "not a file" in done.stderr
    assert "is a pipe, not a file" in run_in(tmp_path, "replay", log).stderr
    assert run_in(tmp_path, "log", "list", "logs").returncode == 0
    assert run_in(tmp_path, "report", "logs").returncode == 0
    assert time.monotonic() - started_s < 20, "each took less than a second, most of it for the report"


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"a":' * 50_000, b"\xff", b"1e999", b"null", b"[]", b"{}", b'"' + b"x" * 2**21, b'{"started_at_utc": 5}'],
    ids=["lists", "objects", "letters", "number", "null", "list", "empty", "large", "kind"],
)
def test_details_that_cannot_be_read_hide_nothing_else(log: Path, content: bytes) -> None:
    log.with_suffix(".json").write_bytes(content)

    assert read_details(log) in ({}, {"started_at_utc": 5})
    assert list_sessions(log.parent) == []
    with pytest.raises(LogError):
        list(replay_decisions(log))
    assert len(read_log(log)) == 12


@pytest.mark.parametrize("key", ["started_at_utc", "ended_at_utc", "rows", "rows_lost", "duration_s", "source"])
@pytest.mark.parametrize("value", [None, "", 5, -1, 1e400, "0001-01-01T00:00:00+14:00", "2026-01-02T03:04:05", [], {}, "x"])
def test_odd_details_are_listed_or_left_out(log: Path, tmp_path: Path, key: str, value: object) -> None:
    details = log.with_suffix(".json")
    content = json.loads(details.read_text(encoding="utf-8"))
    details.write_text(json.dumps(content | {key: value}), encoding="utf-8")

    for session in list_sessions(tmp_path):
        assert session.duration_s is None or session.duration_s >= 0
        if session.ended_at_utc is not None:
            assert session.ended_at_utc.utcoffset() == session.started_at_utc.utcoffset()
    assert run_in(tmp_path, "log", "list", "logs").returncode == 0


def test_the_duration_of_a_session_does_not_depend_on_the_system_clock(tmp_path: Path, session: SessionInfo) -> None:
    """`session` began in January, so that by the system clock it lasted for months; then the clock is set back."""

    def listed() -> str:
        return run_in(tmp_path, "log", "list", tmp_path).stdout

    now_s = [100.0]
    with LogWriter(tmp_path, session, clock=lambda: now_s[0]) as writer:
        writer.event(Event("state", "running"), 0.0)
        now_s[0] += 83.5
    assert list_sessions(tmp_path)[0].duration_s == 83.5
    assert "0:01:23" in listed()

    details = json.loads(writer.details_path.read_text(encoding="utf-8"))
    earlier = details | {"started_at_utc": "2036-01-02T03:04:05.000+00:00"}
    writer.details_path.write_text(json.dumps(earlier), encoding="utf-8")
    assert "0:01:23" in listed()
    # Earlier versions did not write the duration.
    del earlier["duration_s"]
    writer.details_path.write_text(json.dumps(earlier), encoding="utf-8")
    assert list_sessions(tmp_path)[0].duration_s is None
    assert "unknown" in listed()


@pytest.mark.parametrize("seconds", [3, pytest.param(600, marks=[pytest.mark.long, pytest.mark.timeout(1000)])])
def test_random_damage_is_read_or_refused_with_a_sentence(replayable: Path, tmp_path: Path, seconds: int) -> None:
    log = replayable
    data, details = log.read_bytes(), log.with_suffix(".json").read_bytes()
    deadline, tried, read = time.monotonic() + seconds, 0, 0
    seed = 15
    while time.monotonic() < deadline or tried < 12:
        moves = random.Random(seed)
        log.write_bytes(mutate(data, [data], moves) if moves.random() < 0.9 else data)
        log.with_suffix(".json").write_bytes(mutate(details, [details], moves) if moves.random() < 0.3 else details)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", LogWarning)
                rows = len(read_log(log))
                assert export_log(log, tmp_path / "fuzz.parquet", lambda *_: None) == rows
                merged = merge_logs(log, tmp_path / "fuzz.csv", lambda *_: None, overwrite=True)
                # Arrow reads some forms of numbers, such as 0e90000, which only count as damaged beside a damaged line.
                assert merged.rows <= rows
                list_sessions(tmp_path)
                if seed % 50 == 0:
                    write_report([log], tmp_path / "fuzz.html", Format.HTML)
                list(replay_decisions(log))
            read += 1
        except FacecamError:
            pass
        except Exception as error:  # the seed repeats it
            raise AssertionError(f"seed {seed}: {error!r}") from error
        tried += 1
        seed += 1
    print(f"{tried} damaged logs, {read} of them read")  # noqa: T201
    assert 0 < read <= tried


def test_a_column_twice_is_refused_with_a_sentence(log: Path) -> None:
    log.write_bytes(log.read_bytes().replace(b",votes_for,", b",evidence_weight,", 1))

    with pytest.raises(LogError, match="has the column 'evidence_weight' twice; use the original file"):
        read_log(log)


def test_the_header_alone_is_an_empty_log_and_a_part_of_it_too(tmp_path: Path) -> None:
    session = SessionInfo("20260102T030405Z-beef", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "0.1.0")
    with LogWriter(tmp_path, session) as writer:
        pass
    writer.path.write_bytes(b"\xef\xbb\xbf" + HEADER.encode())

    assert len(read_log(writer.path)) == 0


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("threshold_l2", b""),
        ("threshold_l2", b"-1.5"),
        ("threshold_l2", b"999"),
        ("distance_l2", b""),
        ("second_distance_l2", b""),
        ("evidence_weight", b""),
        ("track_id", b""),
        ("frame_index", b""),
        ("t_ms", b""),
    ],
)
def test_a_replay_leaves_out_a_row_without_what_it_needs(replayable: Path, column: str, cell: bytes) -> None:
    damage(replayable, column, cell, index=4)

    with pytest.warns(LogWarning, match=f"{replayable.name}: 1 rows of faces lack what a replay needs and are left out"):
        assert [row.frame_index for row in replay_decisions(replayable)] == [index for index in range(12) if index != 4]


@pytest.mark.parametrize("key", ["margin_l2", "unsure_band_l2", "enter_after_sightings"])
@pytest.mark.parametrize("value", ["x", [], {}])
def test_parameters_of_the_wrong_kind_are_refused_with_a_sentence(replayable: Path, key: str, value: object) -> None:
    details = replayable.with_suffix(".json")
    content = json.loads(details.read_text(encoding="utf-8"))
    content["deciding"][key] = value
    details.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(LogError, match=r"its decision parameters are .*; use the original file"):
        list(replay_decisions(replayable))
