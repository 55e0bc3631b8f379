"""The logs of many machines as one CSV, in the order of time. Lines are copied as they stand: every cell stays what it was.

Only where the lines are is held in memory, and of each its time: 50 bytes a row.
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
from facecam.fileio import whole_file
from facecam.logbook.reader import TYPES, as_pandas_knows, batches, joined, read_table, unescaped
from facecam.logbook.schema import NAMES, SESSION_ID, csv_line, escape
from facecam.logbook.sessions import (
    Logs,
    LogWarning,
    WholeLines,
    find_logs,
    header_of,
    session_of,
    warn_of_odd,
    warn_of_torn,
    whole_lines,
)

MACHINE = "machine"
"""The column that a merged log has beside the others: the name of the computer, by the session's json."""

_STAMP_BYTES = len("2026-01-02T03:04:05.678Z")
_CELLS_BEFORE_MESSAGE = NAMES.index("message")
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What became of it: rows written, sessions in them, and files of which nothing was needed, since another has it all."""

    rows: int
    sessions: int
    duplicates: tuple[Path, ...]


@dataclass(slots=True)
class _Index:
    """A file's lines: where each begins and ends, its ts_utc, and the place of its session in `sessions`."""

    path: Path
    header: list[str]
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    session: array[int] = field(default_factory=lambda: array("l"))
    stamps: bytearray = field(default_factory=bytearray)
    sessions: dict[str, int] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """The same for all parts of a session in one folder."""
        named = SESSION_ID.fullmatch(session_of(self.path))
        return str(self.path.resolve().with_name(session_of(self.path)) if named else self.path.resolve())

    def times(self) -> NDArray[np.bytes_]:
        """ts_utc as text, which sorts as the times do."""
        count = len(self.starts)
        return np.ndarray(count, f"S{_STAMP_BYTES}", bytes(self.stamps)) if count else np.array([], f"S{_STAMP_BYTES}")

    def first(self, session: str) -> list[bytes]:
        """How the session's earliest line begins."""
        own = np.flatnonzero(np.asarray(self.session) == self.sessions[session])
        place = int(own[np.argsort(self.times()[own], kind="stable")[0]])
        return _bytes(self.path, [(self.starts[place], self.ends[place])])[0].split(b",")[:_CELLS_BEFORE_MESSAGE]


def merge(logs: Logs, target: Path, told: Callable[[int, int], None]) -> MergeSummary:
    """Write every row of the logs to `target`, sorted by ts_utc; a session that is there twice only once, from its longest copy.

    `told(done, total)` counts rows. LogError when a log cannot be read, when two sessions have the same name, and when the target
    exists or cannot be written.
    """
    if target.exists():
        raise LogError(f"{target} exists already; a log is never overwritten: choose another file with -o")
    indexes = [_indexed(path) for path in find_logs(logs)]
    chosen = _chosen(indexes)
    kept = [_kept(index, chosen) for index in indexes]
    times = np.concatenate([index.times()[rows] for index, rows in zip(indexes, kept, strict=True)])
    files = np.repeat(np.arange(len(indexes)), [len(rows) for rows in kept])
    places = np.concatenate(kept)
    order = _order(times, np.concatenate([_ranks(index, chosen)[rows] for index, rows in zip(indexes, kept, strict=True)]))
    header = _common_header(indexes)
    try:
        with whole_file(target) as part, part.open("xb") as out:
            out.write(csv_line(header).encode())
            for start in range(0, len(order), _ROWS_AT_ONCE):
                told(start, len(order))
                some = order[start : start + _ROWS_AT_ONCE]
                out.writelines(_lines(indexes, files[some], places[some], header))
    except OSError as error:
        raise LogError(f"{target} cannot be written ({error.strerror or error}); choose another place with -o") from error
    unneeded = tuple(index.path for index, rows in zip(indexes, kept, strict=True) if index.sessions and not len(rows))
    return MergeSummary(len(order), len(chosen), unneeded)


def _ranks(index: _Index, chosen: dict[str, str]) -> NDArray[np.intp]:
    """Of each line the place of its session among all."""
    place = {session: rank for rank, session in enumerate(sorted(chosen))}
    ranks = np.array([place[session] for session in index.sessions], np.intp)
    return ranks[np.asarray(index.session)] if index.sessions else ranks


def _order(times: NDArray[np.bytes_], ranks: NDArray[np.intp]) -> NDArray[np.intp]:
    """By time, then by session, then as the lines stand in it: the same however the logs were named."""
    order = np.argsort(ranks, kind="stable")
    return order[np.argsort(times[order], kind="stable")]


def _indexed(path: Path) -> _Index:
    """Where the file's whole lines are. Lines with too few or too many columns are left out, as `read_log` does."""
    index, lines, odd = _Index(path, header_of(path)), whole_lines(path), 0
    warn_of_torn(path, lines)
    for start, end, head, quoted in _records(path, lines):
        if start == 0 or not head.strip():
            continue
        if _cells(path, head, quoted) != len(index.header):
            odd += 1
            continue
        _, session, stamp, _ = head.split(b",", 3)
        if len(stamp) != _STAMP_BYTES:
            raise LogError(f"the log {path} is damaged: {stamp!r} is no time; mend or remove the line and merge again")
        index.starts.append(start)
        index.ends.append(end)
        index.stamps += stamp
        index.session.append(index.sessions.setdefault(session.decode(), len(index.sessions)))
    warn_of_odd(path, odd)
    return index


def _records(path: Path, lines: WholeLines) -> Iterator[tuple[int, int, bytes, bool]]:
    """Of each whole line of the table: where it begins and ends, itself, and whether it has quotes."""
    start = end = 0
    held = b""
    with path.open("rb") as file:
        while end < lines.end:
            piece = file.readline()
            if not piece:
                return
            held += piece
            end += len(piece)
            quotes = held.count(b'"') if lines.quoted else 0
            if quotes % 2 == 0:
                yield start, end, held, quotes > 0
                start, held = end, b""


def _cells(path: Path, line: bytes, quoted: bool) -> int:
    return len(_split(path, line)) if quoted else line.count(b",") + 1


def _split(path: Path, line: bytes) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line.decode("utf-8", "replace"), newline="")))
    except csv.Error as error:
        raise LogError(f"the log {path} is damaged: {error}; mend or remove the line and merge again") from error


def _chosen(indexes: Sequence[_Index]) -> dict[str, str]:
    """Of each session, the log that has the most of its rows."""
    counts: dict[str, dict[str, int]] = {}
    firsts: dict[str, _Index] = {}
    for index in indexes:
        log, rows = index.log, np.bincount(np.asarray(index.session)).tolist() if index.sessions else []
        for session, place in index.sessions.items():
            logs = counts.setdefault(session, {})
            other = firsts.setdefault(session, index)
            if logs and log not in logs and index.first(session) != other.first(session):
                raise LogError(f"{other.path} and {index.path} have different sessions of the same name {session}; leave one out")
            logs[log] = logs.get(log, 0) + rows[place]
    return {session: max(logs, key=logs.__getitem__) for session, logs in counts.items()}


def _kept(index: _Index, chosen: dict[str, str]) -> NDArray[np.intp]:
    """The places of the lines whose session is taken from this log."""
    log = index.log
    wanted = np.array([chosen[session] == log for session in index.sessions], bool)
    return np.flatnonzero(wanted[np.asarray(index.session)]) if index.sessions else np.array([], np.intp)


def _common_header(indexes: Iterable[_Index]) -> list[str]:
    """All columns that any log has: those of this version, then newer ones, the machine last."""
    there = dict.fromkeys(name for index in indexes for name in index.header)
    return [*NAMES, *(name for name in there if name not in {*NAMES, MACHINE}), MACHINE]


def _lines(indexes: Sequence[_Index], files: NDArray[np.intp], places: NDArray[np.intp], header: list[str]) -> list[bytes]:
    """The lines as they are in the merged log. Each file is opened once: there may be more of them than can be open together."""
    made = [b""] * len(files)
    for number in np.unique(files).tolist():
        index, own = indexes[number], np.flatnonzero(files == number)
        spans = [(index.starts[place], index.ends[place]) for place in places[own].tolist()]
        fit = _fitting(index, header)
        for at, line in zip(own.tolist(), _bytes(index.path, spans), strict=True):
            made[at] = fit(line)
    return made


def _bytes(path: Path, spans: Sequence[tuple[int, int]]) -> list[bytes]:
    with path.open("rb") as file:
        lines = []
        for start, end in spans:
            file.seek(start)
            lines.append(file.read(end - start).rstrip(b"\r\n"))
    return lines


def _fitting(index: _Index, header: list[str]) -> Callable[[bytes], bytes]:
    """What makes a line of the file one of the merged log. An older version's columns are the first ones of a newer's."""
    if index.header == header:
        return lambda line: line + b"\n"
    machine = escape(_machine(index.path))
    if MACHINE not in index.header and header[: len(index.header)] == index.header:
        added = [""] * (len(header) - len(index.header) - 1) + [machine]
        end = b"," + csv_line(added).encode("utf-8", "backslashreplace")
        return lambda line: line + end

    def fit(line: bytes) -> bytes:
        texts = {MACHINE: machine, **dict(zip(index.header, _split(index.path, line), strict=True))}
        return csv_line([texts.get(name, "") for name in header]).encode("utf-8", "backslashreplace")

    return fit


def _machine(path: Path) -> str:
    """The computer's name, by the session's json; empty when that does not say."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(path.with_name(f"{session_of(path)}.json").read_text(encoding="utf-8"))["machine"])
    return ""


# MERGED logbook.export: Logs as one Parquet file: a tenth of the size, and every column with its type. Memory stays small however much there is.

_GROUP_ROWS = 100_000


def export_parquet(logs: Logs, target: Path, told: Callable[[int, int], None]) -> int:
    """Write every row of the logs to `target`, as `read_log` orders and types them; how many rows there are.

    `told(done, total)` counts files. LogError when a log cannot be read or the target cannot be written.
    """
    paths = find_logs(logs)
    types = TYPES | _newer_types(paths)
    schema = pa.schema(types.items()).with_metadata(as_pandas_knows(types))
    rows = 0
    try:
        with whole_file(target) as part, pa.parquet.ParquetWriter(str(part), schema, compression="zstd") as writer:
            for done, path in enumerate(paths):
                told(done, len(paths))
                for table in _groups(path, schema):
                    writer.write_table(table)
                    rows += table.num_rows
    except OSError as error:
        raise LogError(f"{target} cannot be written ({error.strerror or error}); choose another place with -o") from error
    return rows


def _newer_types(paths: Sequence[Path]) -> dict[str, Any]:
    """The types of the columns that only a newer version knows, which no one but their cells can tell."""
    newer = list(dict.fromkeys(name for path in paths for name in header_of(path) if name not in TYPES))
    if not newer:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # they are told when the rows are read
        whole = joined([read_table(path, newer) for path in paths])
    types = {name: whole.schema.field(name).type for name in newer}
    return {name: pa.string() if pa.types.is_null(kind) else kind for name, kind in types.items()}


def _groups(path: Path, schema: Any) -> Iterator[Any]:
    """The log's rows as tables of `schema`, each large enough for a row group of its own."""
    waiting: list[Any] = []
    for batch in batches(path, dict(zip(schema.names, schema.types, strict=True))):
        waiting.append(_in_order(batch, schema))
        if sum(part.num_rows for part in waiting) >= _GROUP_ROWS:
            yield pa.Table.from_batches(waiting).unify_dictionaries()
            waiting.clear()
    if waiting:
        yield pa.Table.from_batches(waiting).unify_dictionaries()


def _in_order(batch: Any, schema: Any) -> Any:
    """The batch with all columns of `schema`, texts as they were before they were escaped."""
    there = set(batch.schema.names)
    columns = [
        _plain(batch.column(field.name)) if field.name in there else pa.nulls(batch.num_rows, field.type) for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _plain(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, unescaped(column.dictionary))
    return unescaped(column)
