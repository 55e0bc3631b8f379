"""Export of logs: many logs merged into one CSV sorted by time, or converted to Parquet.

Merging copies lines unchanged and keeps only an index of them in memory, 50 bytes per row. Parquet is a tenth of the size of CSV
and typed; it is written in row groups, so memory stays small however long the logs are.
"""

from __future__ import annotations

import os
import re
import warnings
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from facecam.errors import LogError
from facecam.fileio import atomic_path, check_output
from facecam.logbook.lines import KINDS, LogWarning, RowCheck, find_whole_lines, open_log, read_header, rows, split_cells
from facecam.logbook.reader import COLUMN_TYPES, concat_tables, pandas_metadata, read_batches, read_table
from facecam.logbook.schema import NAMES, SESSION_ID, csv_line, escape
from facecam.logbook.sessions import LogPaths, find_logs, read_details, session_id_of

MACHINE = "machine"
"""Additional column of a merged log: the computer's name from the session's JSON."""

_STAMP_BYTES = len("2026-01-02T03:04:05.678")
_CELLS_BEFORE_MESSAGE = NAMES.index("message")
_FIRST_CELLS = NAMES.index("ts_utc") + 1
_BATCH_ROWS = 50_000

_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_FORMULA = re.compile(rb',"?(?:[=+@\t\r"]|\xef\xbc[\x8b\x8d\x9d\xa0]|-(?!\d++(?:\.\d*+)?(?:,|$)))')
"""A cell that begins like one that `escape` changes. Numbers may be negative."""

_RARE_BYTES = b'=+@\t\r"\xef'
_MINUS = re.compile(rb",-(?!\d++(?:\.\d*+)?(?:,|$))")
"""Bytes without which no line has a formula: looking for these first takes a fifth of the time."""


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """Rows and sessions written, and the files left out because another file has all their rows."""

    rows: int
    sessions: int
    duplicates: tuple[Path, ...]


def merge_logs(
    logs: LogPaths, target: Path, report_progress: Callable[[int, int], None], *, overwrite: bool = False
) -> MergeSummary:
    """Write every row of the logs to `target`, sorted by ts_utc. Of several copies of a session the longest is used.

    `report_progress(done, total)` counts rows.

    Raises:
        LogError: A log cannot be read, two sessions have the same name, or the target cannot be written.
        OutputError: The target is one of the logs, or exists and `overwrite` is false.
    """
    paths = find_logs(logs)
    check_output(target, paths, overwrite=overwrite)
    without_rows: list[str] = []
    lines = pd.concat(
        [_index_lines(path, without_rows).assign(file=number) for number, path in enumerate(paths)], ignore_index=True
    )
    if lines.empty and without_rows:
        raise LogError(without_rows[0])
    selected = _longest_copies(lines, paths)
    # By time, then session, then position in the session: the result does not depend on the order of the logs.
    ordered = selected.sort_values(["ts_utc", "session"], kind="stable")
    headers = [read_header(path) for path in paths]
    found = dict.fromkeys(name for own in headers for name in own)
    header = [*NAMES, *(name for name in found if name not in {*NAMES, MACHINE}), MACHINE]
    converters = [_line_converter(path, own, header) for path, own in zip(paths, headers, strict=True)]
    try:
        with atomic_path(target) as part, part.open("wb") as out:
            out.write(csv_line([_neutralized(name) for name in header]).encode())
            for start in range(0, len(ordered), _BATCH_ROWS):
                report_progress(start, len(ordered))
                out.writelines(_merged_lines(ordered.iloc[start : start + _BATCH_ROWS], paths, converters))
    except OSError as error:
        # Arrow's error has a number, and a text of its own.
        reason = os.strerror(error.errno) if error.errno else error
        raise LogError(f"{target} cannot be written ({reason}); choose another place with -o") from error
    unused = sorted(set(lines["file"]) - set(selected["file"]))
    return MergeSummary(len(ordered), selected["session"].nunique(), tuple(paths[number] for number in unused))


def _index_lines(path: Path, without_rows: list[str]) -> pd.DataFrame:
    """Return start, end, ts_utc, session and log of a file's rows. All parts of a session in one folder are one log.

    Like `read_log`, leave out damaged lines; `without_rows` as in `read_table`.
    """
    starts, ends, codes, stamps = array("q"), array("q"), array("l"), bytearray()
    sessions: dict[str, int] = {}
    check = RowCheck(read_header(path))
    whole = find_whole_lines(path)
    with open_log(path) as file:
        for start, line in rows(file, whole.end, check):
            cells = line.split(b",", _FIRST_CELLS)[:_FIRST_CELLS]
            _, session, stamp = [cell.encode() for cell in split_cells(line)[:_FIRST_CELLS]] if b'"' in b"".join(cells) else cells
            starts.append(start)
            ends.append(start + len(line))
            stamps += stamp.removesuffix(b"Z").ljust(_STAMP_BYTES, b"\0")
            codes.append(sessions.setdefault(session.decode(), len(sessions)))
    check.warn(path, stacklevel=4)
    if check.damaged and not check.rows:
        without_rows.append(check.message(path))
    times = np.frombuffer(bytes(stamps), f"S{_STAMP_BYTES}").astype("datetime64[ms]")
    log = path.resolve().with_name(session_id_of(path)) if SESSION_ID.fullmatch(session_id_of(path)) else path.resolve()
    names = np.array([*sessions], object)[np.asarray(codes)] if sessions else np.array([], object)
    # With types also for a file without rows, whose columns would make those of all files float.
    places = {"start": np.asarray(starts, np.int64), "end": np.asarray(ends, np.int64)}
    return pd.DataFrame({**places, "ts_utc": times, "session": names, "log": str(log)})


def _longest_copies(lines: pd.DataFrame, paths: Sequence[Path]) -> pd.DataFrame:
    """Return the lines of the log with the most rows of each session. LogError when a name stands for different sessions."""
    counts = lines.groupby(["session", "log"], sort=False, as_index=False).size()
    copied = lines[lines["session"].isin(counts.loc[counts["session"].duplicated(), "session"])]
    firsts = copied.sort_values("ts_utc", kind="stable").drop_duplicates(["session", "log"]).sort_values("file")
    for session, own in firsts.groupby("session"):
        cells = [line.split(b",")[:_CELLS_BEFORE_MESSAGE] for line in _merged_lines(own, paths, [bytes] * len(paths))]
        for cell, number in zip(cells, own["file"], strict=True):
            if cell != cells[0]:
                first, other = paths[own["file"].iloc[0]], paths[number]
                raise LogError(f"{first} and {other} contain different sessions with the name {session}; leave one out")
    longest = counts.sort_values("size", ascending=False, kind="stable").drop_duplicates("session").set_index("session")["log"]
    return lines[lines["log"] == lines["session"].map(longest)]


def _merged_lines(lines: pd.DataFrame, paths: Sequence[Path], converters: Sequence[Callable[[bytes], bytes]]) -> list[bytes]:
    """Read indexed lines. Files are opened one after the other: there may be more than can be open at once."""
    merged = [b""] * len(lines)
    lines = lines.reset_index(drop=True)
    for number in lines["file"].unique().tolist():
        own = lines[lines["file"] == number]
        with open_log(paths[number]) as file:
            for at, start, end in zip(own.index, own["start"], own["end"], strict=True):
                file.seek(start)
                merged[at] = converters[number](file.read(end - start).rstrip(b"\r\n"))
    return merged


def _line_converter(path: Path, own_header: list[str], header: list[str]) -> Callable[[bytes], bytes]:
    """Return a function that converts a line of the file. An older version's columns are the first ones of a newer's."""
    is_text = [KINDS.get(name, "text") in ("text", "category") for name in own_header]
    machine = escape(str(read_details(path).get("machine", "")))
    added = [""] * (len(header) - len(own_header) - 1) + [machine]
    is_beginning = MACHINE not in own_header and header[: len(own_header)] == own_header
    end = b"\n" if own_header == header else b"," + csv_line(added).encode("utf-8", "backslashreplace")

    def convert(line: bytes) -> bytes:
        if (own_header == header or is_beginning) and not _has_formula(line):
            return line + end
        cells = [_neutralized(cell) if text else cell for cell, text in zip(split_cells(line), is_text, strict=True)]
        texts = {MACHINE: machine, **dict(zip(own_header, cells, strict=True))}
        return csv_line([texts.get(name, "") for name in header]).encode("utf-8", "backslashreplace")

    return convert


def _has_formula(line: bytes) -> bool:
    is_plain = len(line.translate(None, _RARE_BYTES)) == len(line) and not _MINUS.search(line)
    return not is_plain and bool(_FORMULA.search(line))


def _neutralized(cell: str) -> str:
    """Escape a cell that another program wrote or saved, which may have removed the leading `'` of a formula."""
    return cell if cell.startswith("'") or _NUMBER.fullmatch(cell) else escape(cell)


_GROUP_ROWS = 100_000


def export_parquet(logs: LogPaths, target: Path, report_progress: Callable[[int, int], None]) -> int:
    """Write every row of the logs to a Parquet file, with the order and types of `read_log`, and return the number of rows.

    `report_progress(done, total)` counts files. Raises LogError when a log cannot be read, no line of all logs is a row, or the
    target cannot be written.
    """
    paths = find_logs(logs)
    types = COLUMN_TYPES | _newer_types(paths)
    schema = pa.schema(types.items()).with_metadata(pandas_metadata(types))
    rows = 0
    without_rows: list[str] = []
    try:
        with atomic_path(target) as part, pa.parquet.ParquetWriter(str(part), schema, compression="zstd") as writer:
            for done, path in enumerate(paths):
                report_progress(done, len(paths))
                for table in _row_groups(path, schema, without_rows):
                    writer.write_table(table)
                    rows += table.num_rows
            if not rows and without_rows:
                raise LogError(without_rows[0])
    except OSError as error:
        # Arrow's error has a number, and a text of its own.
        reason = os.strerror(error.errno) if error.errno else error
        raise LogError(f"{target} cannot be written ({reason}); choose another place with -o") from error
    return rows


def _newer_types(paths: Sequence[Path]) -> dict[str, Any]:
    """Infer the types of columns that only a newer version knows from their cells."""
    newer = list(dict.fromkeys(name for path in paths for name in read_header(path) if name not in COLUMN_TYPES))
    if not newer:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # reported when the rows are read
        whole = concat_tables([read_table(path, newer) for path in paths])
    types = {name: whole.schema.field(name).type for name in newer}
    return {name: pa.string() if pa.types.is_null(kind) else kind for name, kind in types.items()}


def _row_groups(path: Path, schema: Any, without_rows: list[str]) -> Iterator[Any]:
    """Yield the log's rows as tables of `schema`, each large enough for a row group."""
    waiting: list[Any] = []
    types = dict(zip(schema.names, schema.types, strict=True))
    for batch in read_batches(path, types=types, without_rows=without_rows):
        waiting.append(_conform(batch, schema))
        if sum(part.num_rows for part in waiting) >= _GROUP_ROWS:
            yield pa.Table.from_batches(waiting).unify_dictionaries()
            waiting.clear()
    if waiting:
        yield pa.Table.from_batches(waiting).unify_dictionaries()


def _conform(batch: Any, schema: Any) -> Any:
    """Return the batch with all columns of `schema`."""
    present = set(batch.schema.names)
    columns = [batch.column(field.name) if field.name in present else pa.nulls(batch.num_rows, field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
