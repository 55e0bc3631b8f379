"""Export of logs: many logs merged into one CSV sorted by time, or converted to Parquet.

Merging copies lines unchanged and keeps only an index of them in memory, 50 bytes per row. Parquet is a tenth of the size of CSV
and typed; it is written in row groups, so memory stays small however long the logs are.
"""

from __future__ import annotations

import csv
import io
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
from facecam.logbook.reader import COLUMN_TYPES, concat_tables, pandas_metadata, read_batches, read_table
from facecam.logbook.schema import NAMES, SESSION_ID, csv_line, escape
from facecam.logbook.sessions import (
    LogPaths,
    LogWarning,
    find_logs,
    find_whole_lines,
    read_details,
    read_header,
    session_id_of,
    warn_skipped_lines,
)

MACHINE = "machine"
"""Additional column of a merged log: the computer's name from the session's JSON."""

_STAMP_BYTES = len("2026-01-02T03:04:05.678Z")
_CELLS_BEFORE_MESSAGE = NAMES.index("message")
_BATCH_ROWS = 50_000


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
    lines = pd.concat([_index_lines(path).assign(file=number) for number, path in enumerate(paths)], ignore_index=True)
    selected = _longest_copies(lines, paths)
    # By time, then session, then position in the session: the result does not depend on the order of the logs.
    ordered = selected.sort_values(["ts_utc", "session"], kind="stable")
    headers = [read_header(path) for path in paths]
    found = dict.fromkeys(name for own in headers for name in own)
    header = [*NAMES, *(name for name in found if name not in {*NAMES, MACHINE}), MACHINE]
    converters = [_line_converter(path, own, header) for path, own in zip(paths, headers, strict=True)]
    try:
        with atomic_path(target) as part, part.open("wb") as out:
            out.write(csv_line(header).encode())
            for start in range(0, len(ordered), _BATCH_ROWS):
                report_progress(start, len(ordered))
                out.writelines(_merged_lines(ordered.iloc[start : start + _BATCH_ROWS], paths, converters))
    except OSError as error:
        raise LogError(f"{target} cannot be written ({error.strerror or error}); choose another place with -o") from error
    unused = sorted(set(lines["file"]) - set(selected["file"]))
    return MergeSummary(len(ordered), selected["session"].nunique(), tuple(paths[number] for number in unused))


def _index_lines(path: Path) -> pd.DataFrame:
    """Return start, end, ts_utc, session and log of a file's whole lines. All parts of a session in one folder are one log.

    Like `read_log`, skip lines with too few or too many columns.
    """
    starts, ends, codes, stamps = array("q"), array("q"), array("l"), bytearray()
    sessions: dict[str, int] = {}
    columns, odd = len(read_header(path)), 0
    for start, end, line, quoted in _records(path, *find_whole_lines(path)):
        if start == 0 or not line.strip():
            continue
        if (len(_split(path, line)) if quoted else line.count(b",") + 1) != columns:
            odd += 1
            continue
        _, session, stamp, _ = line.split(b",", 3)
        if len(stamp) != _STAMP_BYTES:
            raise LogError(f"the log {path} is damaged: {stamp!r} is not a time; fix or remove the line and merge again")
        starts.append(start)
        ends.append(end)
        stamps += stamp
        codes.append(sessions.setdefault(session.decode(), len(sessions)))
    warn_skipped_lines(path, odd)
    try:
        times = np.frombuffer(bytes(stamps), f"S{_STAMP_BYTES}").astype(f"S{_STAMP_BYTES - 1}").astype("datetime64[ms]")
    except ValueError as error:
        raise LogError(f"the log {path} is damaged: {error}; fix or remove the line and merge again") from error
    log = path.resolve().with_name(session_id_of(path)) if SESSION_ID.fullmatch(session_id_of(path)) else path.resolve()
    names = np.array([*sessions], object)[np.asarray(codes)] if sessions else np.array([], object)
    return pd.DataFrame({"start": starts, "end": ends, "ts_utc": times, "session": names, "log": str(log)})


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


def _records(path: Path, whole_end: int, any_quotes: bool) -> Iterator[tuple[int, int, bytes, bool]]:
    """Yield start, end and bytes of each whole line, and whether it has quotes."""
    start = end = 0
    record = b""
    with path.open("rb") as file:
        while end < whole_end:
            piece = file.readline()
            if not piece:
                return
            record += piece
            end += len(piece)
            quotes = record.count(b'"') if any_quotes else 0
            if quotes % 2 == 0:
                yield start, end, record, quotes > 0
                start, record = end, b""


def _split(path: Path, line: bytes) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line.decode("utf-8", "replace"), newline="")))
    except csv.Error as error:
        raise LogError(f"the log {path} is damaged: {error}; fix or remove the line and merge again") from error


def _merged_lines(lines: pd.DataFrame, paths: Sequence[Path], converters: Sequence[Callable[[bytes], bytes]]) -> list[bytes]:
    """Read indexed lines. Files are opened one after the other: there may be more than can be open at once."""
    merged = [b""] * len(lines)
    lines = lines.reset_index(drop=True)
    for number in lines["file"].unique().tolist():
        own = lines[lines["file"] == number]
        with paths[number].open("rb") as file:
            for at, start, end in zip(own.index, own["start"], own["end"], strict=True):
                file.seek(start)
                merged[at] = converters[number](file.read(end - start).rstrip(b"\r\n"))
    return merged


def _line_converter(path: Path, own_header: list[str], header: list[str]) -> Callable[[bytes], bytes]:
    """Return a function that converts a line of the file. An older version's columns are the first ones of a newer's."""
    if own_header == header:
        return lambda line: line + b"\n"
    machine = escape(str(read_details(path).get("machine", "")))
    if MACHINE not in own_header and header[: len(own_header)] == own_header:
        added = [""] * (len(header) - len(own_header) - 1) + [machine]
        end = b"," + csv_line(added).encode("utf-8", "backslashreplace")
        return lambda line: line + end

    def convert(line: bytes) -> bytes:
        texts = {MACHINE: machine, **dict(zip(own_header, _split(path, line), strict=True))}
        return csv_line([texts.get(name, "") for name in header]).encode("utf-8", "backslashreplace")

    return convert


_GROUP_ROWS = 100_000


def export_parquet(logs: LogPaths, target: Path, report_progress: Callable[[int, int], None]) -> int:
    """Write every row of the logs to a Parquet file, with the order and types of `read_log`, and return the number of rows.

    `report_progress(done, total)` counts files. Raises LogError when a log cannot be read or the target cannot be written.
    """
    paths = find_logs(logs)
    types = COLUMN_TYPES | _newer_types(paths)
    schema = pa.schema(types.items()).with_metadata(pandas_metadata(types))
    rows = 0
    try:
        with atomic_path(target) as part, pa.parquet.ParquetWriter(str(part), schema, compression="zstd") as writer:
            for done, path in enumerate(paths):
                report_progress(done, len(paths))
                for table in _row_groups(path, schema):
                    writer.write_table(table)
                    rows += table.num_rows
    except OSError as error:
        raise LogError(f"{target} cannot be written ({error.strerror or error}); choose another place with -o") from error
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


def _row_groups(path: Path, schema: Any) -> Iterator[Any]:
    """Yield the log's rows as tables of `schema`, each large enough for a row group."""
    waiting: list[Any] = []
    for batch in read_batches(path, types=dict(zip(schema.names, schema.types, strict=True))):
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
