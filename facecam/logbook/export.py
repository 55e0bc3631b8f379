"""Export of logs: many logs merged into one CSV sorted by time, or converted to Parquet.

Merging copies lines unchanged and keeps only an index of them in memory, 50 bytes per row. Parquet is a tenth of the size of CSV
and typed; it is written in row groups, so memory stays small however long the logs are.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from facecam.errors import LogError
from facecam.fileio import atomic_path
from facecam.logbook.reader import COLUMN_TYPES, concat_tables, pandas_metadata, read_batches, read_table, unescape_column
from facecam.logbook.schema import NAMES, SESSION_ID, csv_line, escape
from facecam.logbook.sessions import (
    LogPaths,
    LogWarning,
    WholeLines,
    find_logs,
    find_whole_lines,
    read_header,
    session_id_of,
    warn_skipped_lines,
    warn_torn_line,
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


@dataclass(slots=True)
class _Index:
    """Index of a file's lines: start, end, ts_utc and the position of the session in `sessions`."""

    path: Path
    header: list[str]
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    session: array[int] = field(default_factory=lambda: array("l"))
    stamps: bytearray = field(default_factory=bytearray)
    sessions: dict[str, int] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """Identifier that all parts of a session in one folder share."""
        is_session = SESSION_ID.fullmatch(session_id_of(self.path))
        return str(self.path.resolve().with_name(session_id_of(self.path)) if is_session else self.path.resolve())

    def times(self) -> NDArray[np.bytes_]:
        """Return ts_utc as text, which sorts like the times."""
        count = len(self.starts)
        return np.ndarray(count, f"S{_STAMP_BYTES}", bytes(self.stamps)) if count else np.array([], f"S{_STAMP_BYTES}")

    def first_cells(self, session: str) -> list[bytes]:
        """Return the leading cells of the session's earliest line."""
        own = np.flatnonzero(np.asarray(self.session) == self.sessions[session])
        place = int(own[np.argsort(self.times()[own], kind="stable")[0]])
        return _read_lines(self.path, [(self.starts[place], self.ends[place])])[0].split(b",")[:_CELLS_BEFORE_MESSAGE]


def merge_logs(logs: LogPaths, target: Path, report_progress: Callable[[int, int], None]) -> MergeSummary:
    """Write every row of the logs to `target`, sorted by ts_utc. Of several copies of a session the longest is used.

    `report_progress(done, total)` counts rows.

    Raises:
        LogError: A log cannot be read, two sessions have the same name, or the target exists or cannot be written.
    """
    if target.exists():
        raise LogError(f"{target} exists already; logs are never overwritten, choose another file with -o")
    indexes = [_index_file(path) for path in find_logs(logs)]
    sources = _session_sources(indexes)
    selected = [_selected_lines(index, sources) for index in indexes]
    times = np.concatenate([index.times()[rows] for index, rows in zip(indexes, selected, strict=True)])
    files = np.repeat(np.arange(len(indexes)), [len(rows) for rows in selected])
    places = np.concatenate(selected)
    ranks = np.concatenate([_session_ranks(index, sources)[rows] for index, rows in zip(indexes, selected, strict=True)])
    # By time, then session, then position in the session: the result does not depend on the order of the logs.
    order = np.argsort(ranks, kind="stable")
    order = order[np.argsort(times[order], kind="stable")]
    header = _common_header(indexes)
    try:
        with atomic_path(target) as part, part.open("xb") as out:
            out.write(csv_line(header).encode())
            for start in range(0, len(order), _BATCH_ROWS):
                report_progress(start, len(order))
                batch = order[start : start + _BATCH_ROWS]
                out.writelines(_merged_lines(indexes, files[batch], places[batch], header))
    except OSError as error:
        raise LogError(f"{target} cannot be written ({error.strerror or error}); choose another place with -o") from error
    unused = tuple(index.path for index, rows in zip(indexes, selected, strict=True) if index.sessions and not len(rows))
    return MergeSummary(len(order), len(sources), unused)


def _session_ranks(index: _Index, sources: dict[str, str]) -> NDArray[np.intp]:
    """Return the rank of each line's session among all sessions."""
    place = {session: rank for rank, session in enumerate(sorted(sources))}
    ranks = np.array([place[session] for session in index.sessions], np.intp)
    return ranks[np.asarray(index.session)] if index.sessions else ranks


def _index_file(path: Path) -> _Index:
    """Index a file's whole lines; like `read_log`, skip those with too few or too many columns."""
    index, lines, odd = _Index(path, read_header(path)), find_whole_lines(path), 0
    warn_torn_line(path, lines)
    for start, end, head, quoted in _records(path, lines):
        if start == 0 or not head.strip():
            continue
        cell_count = len(_split(path, head)) if quoted else head.count(b",") + 1
        if cell_count != len(index.header):
            odd += 1
            continue
        _, session, stamp, _ = head.split(b",", 3)
        if len(stamp) != _STAMP_BYTES:
            raise LogError(f"the log {path} is damaged: {stamp!r} is not a time; fix or remove the line and merge again")
        index.starts.append(start)
        index.ends.append(end)
        index.stamps += stamp
        index.session.append(index.sessions.setdefault(session.decode(), len(index.sessions)))
    warn_skipped_lines(path, odd)
    return index


def _records(path: Path, lines: WholeLines) -> Iterator[tuple[int, int, bytes, bool]]:
    """Yield start, end and bytes of each whole line, and whether it has quotes."""
    start = end = 0
    record = b""
    with path.open("rb") as file:
        while end < lines.end:
            piece = file.readline()
            if not piece:
                return
            record += piece
            end += len(piece)
            quotes = record.count(b'"') if lines.quoted else 0
            if quotes % 2 == 0:
                yield start, end, record, quotes > 0
                start, record = end, b""


def _split(path: Path, line: bytes) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line.decode("utf-8", "replace"), newline="")))
    except csv.Error as error:
        raise LogError(f"the log {path} is damaged: {error}; fix or remove the line and merge again") from error


def _session_sources(indexes: Sequence[_Index]) -> dict[str, str]:
    """Return the log with the most rows of each session."""
    counts: dict[str, dict[str, int]] = {}
    firsts: dict[str, _Index] = {}
    for index in indexes:
        log, rows = index.log, np.bincount(np.asarray(index.session)).tolist() if index.sessions else []
        for session, place in index.sessions.items():
            logs = counts.setdefault(session, {})
            other = firsts.setdefault(session, index)
            if logs and log not in logs and index.first_cells(session) != other.first_cells(session):
                raise LogError(f"{other.path} and {index.path} contain different sessions with the name {session}; leave one out")
            logs[log] = logs.get(log, 0) + rows[place]
    return {session: max(logs, key=logs.__getitem__) for session, logs in counts.items()}


def _selected_lines(index: _Index, sources: dict[str, str]) -> NDArray[np.intp]:
    """Return the positions of the lines whose session is taken from this log."""
    log = index.log
    wanted = np.array([sources[session] == log for session in index.sessions], bool)
    return np.flatnonzero(wanted[np.asarray(index.session)]) if index.sessions else np.array([], np.intp)


def _common_header(indexes: Iterable[_Index]) -> list[str]:
    """Return the columns of all logs: those of this version, then newer ones, then the machine."""
    found = dict.fromkeys(name for index in indexes for name in index.header)
    return [*NAMES, *(name for name in found if name not in {*NAMES, MACHINE}), MACHINE]


def _merged_lines(indexes: Sequence[_Index], files: NDArray[np.intp], places: NDArray[np.intp], header: list[str]) -> list[bytes]:
    """Return the lines for the merged log. Files are opened one after the other: there may be more than can be open at once."""
    merged = [b""] * len(files)
    for number in np.unique(files).tolist():
        index, own = indexes[number], np.flatnonzero(files == number)
        spans = [(index.starts[place], index.ends[place]) for place in places[own].tolist()]
        convert = _line_converter(index, header)
        for at, line in zip(own.tolist(), _read_lines(index.path, spans), strict=True):
            merged[at] = convert(line)
    return merged


def _read_lines(path: Path, spans: Sequence[tuple[int, int]]) -> list[bytes]:
    with path.open("rb") as file:
        lines = []
        for start, end in spans:
            file.seek(start)
            lines.append(file.read(end - start).rstrip(b"\r\n"))
    return lines


def _line_converter(index: _Index, header: list[str]) -> Callable[[bytes], bytes]:
    """Return a function that converts a line of the file. An older version's columns are the first ones of a newer's."""
    if index.header == header:
        return lambda line: line + b"\n"
    machine = escape(_machine(index.path))
    if MACHINE not in index.header and header[: len(index.header)] == index.header:
        added = [""] * (len(header) - len(index.header) - 1) + [machine]
        end = b"," + csv_line(added).encode("utf-8", "backslashreplace")
        return lambda line: line + end

    def convert(line: bytes) -> bytes:
        texts = {MACHINE: machine, **dict(zip(index.header, _split(index.path, line), strict=True))}
        return csv_line([texts.get(name, "") for name in header]).encode("utf-8", "backslashreplace")

    return convert


def _machine(path: Path) -> str:
    """Return the computer's name from the session's JSON, or "" when it is missing."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(path.with_name(f"{session_id_of(path)}.json").read_text(encoding="utf-8"))["machine"])
    return ""


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
    for batch in read_batches(path, dict(zip(schema.names, schema.types, strict=True))):
        waiting.append(_conform(batch, schema))
        if sum(part.num_rows for part in waiting) >= _GROUP_ROWS:
            yield pa.Table.from_batches(waiting).unify_dictionaries()
            waiting.clear()
    if waiting:
        yield pa.Table.from_batches(waiting).unify_dictionaries()


def _conform(batch: Any, schema: Any) -> Any:
    """Return the batch with all columns of `schema` and texts unescape_column."""
    present = set(batch.schema.names)
    columns = [
        _unescape(batch.column(field.name)) if field.name in present else pa.nulls(batch.num_rows, field.type) for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _unescape(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, unescape_column(column.dictionary))
    return unescape_column(column)
