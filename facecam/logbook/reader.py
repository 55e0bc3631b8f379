"""Reading logs as one pandas DataFrame, by way of Arrow tables. Only the messages of version 1 are parsed row by row.

No type is guessed: the schema gives that of each column, `machine` and session labels are repeating texts, and a column that only
a newer version knows is text.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

import facecam.logbook.queries  # noqa: F401 - registers df.facecam
from facecam.errors import LogError
from facecam.fileio import parse_json
from facecam.logbook.dictionary import MACHINE, SESSION_LABEL_PREFIX, is_label_column
from facecam.logbook.lines import FilePrefix, LogWarning, RowCheck, RowFile, find_whole_lines, open_log, read_header
from facecam.logbook.log_table import LogTable
from facecam.logbook.parquet_logs import is_parquet, parquet_batches
from facecam.logbook.schema import COLUMNS, NAMES, SCHEMA_VERSION, SESSION_ID, ColumnKind
from facecam.logbook.sessions import LogPaths, find_logs, session_id_of
from facecam.types import CLEAR_FROM, EXPRESSIONS, UNCLEAR, EventCode

_ARROW_TYPES: dict[ColumnKind, Any] = {
    "text": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}
COLUMN_TYPES = {column.name: _ARROW_TYPES[column.kind] for column in COLUMNS}
"""Arrow type of each column of this version."""

_BLOCK_BYTES = 1 << 22

_TIMES_END_MS = 1000 * 86400 * 376_200
"""Milliseconds from 1970 to the year 3000."""

_PERSON = "(?P<event_person>.*)"
_V1_MESSAGES: dict[str, tuple[tuple[EventCode | None, str], ...]] = {
    "seen": ((None, "rejected_l2 (?P<rejected_l2>[0-9.]+)"),),
    "enter": ((EventCode.NAME_CHANGED, "was unknown"), (EventCode.NAME_CHANGED, f"was {_PERSON}")),
    "exit": ((None, "last seen at (?P<last_seen_ms>[0-9.]+) ms"),),
    "empty": ((EventCode.NO_FACE, ".*"),),
    "correction": (
        (EventCode.NAME_REJECTED, f"not: {_PERSON}"),
        (EventCode.NAME_ASSIGNED, f"named: {_PERSON}"),
        (EventCode.REJECTION_UNDONE, f"undone: not: {_PERSON}"),
        (EventCode.ASSIGNMENT_UNDONE, f"undone: named: {_PERSON}"),
    ),
    "error": (
        (EventCode.FRAME_FAILED, "frame [0-9]+: .*"),
        (EventCode.COMMAND_REFUSED, "not changed: .*"),
        (EventCode.ENROLLMENT_ENDED, f"enroll?ment: {_PERSON} was ended: .*"),
    ),
    "state": (
        (EventCode.PAUSED, "paused"),
        (EventCode.RESUMED, "running: (resumed|goes on)"),
        *((code, f"{code}(: .*)?") for code in (EventCode.OPENING, EventCode.RUNNING, EventCode.RECONNECTING, EventCode.FAILED)),
        (EventCode.MODE_CHANGED, "mode: .*"),
        (EventCode.SETTINGS_CHANGED, "settings: .*"),
        (EventCode.DECISION_PARAMETERS, r"deciding: (?P<parameters>\{.*\})"),
        (EventCode.GALLERY_CHANGED, "gallery: .*"),
        (EventCode.CLOCK_MOVED, "the system's clock moved.*"),
        (EventCode.LOGS_DELETED, "deleted [0-9]+ sessions .*"),
        (EventCode.ENROLLMENT_BEGUN, f"enroll?ment: {_PERSON} begins"),
        (EventCode.ENROLLMENT_SAVED, f"enroll?ment: {_PERSON} is saved, [a-z]+: [0-9]+"),
        (EventCode.ENROLLMENT_RECOGNIZED, f"enroll?ment: {_PERSON} is recogni[sz]ed"),
        (EventCode.ENROLLMENT_NOT_RECOGNIZED, f"enroll?ment: {_PERSON} is not recogni[sz]ed: .*"),
        (EventCode.ENROLLMENT_UNDONE, f"enroll?ment: {_PERSON} is undone"),
        (EventCode.ENROLLMENT_ENDED, f"enroll?ment: {_PERSON} is not enrolled: .*"),
    ),
}
"""Codes and patterns of the messages in logs of version 1, by event. Groups are columns of version 2."""

_V1_COLUMNS = ("schema_version", "event", "message")
_V2_COLUMNS = NAMES[NAMES.index("event_code") : NAMES.index("follow") + 1]
_OWN_THRESHOLD = "own_threshold_l2"
_OWN_THRESHOLD_VERSION = 3
_OWN_THRESHOLD_FROM = ("schema_version", "threshold_l2", "distance_l2")
_V4_COLUMN, _V4 = "ts_origin", 4
_EXIT_CHANGES = ("t_ms", "ts_utc", "frame_index", "faces_in_frame")
_EXIT_FROM = ("schema_version", "event", "t_ms", "ts_utc", "last_seen_ms")
_READING = "expression_read"
_PROBABILITIES = tuple(f"p_{name}" for name in EXPRESSIONS)
_READING_FROM = ("schema_version", "session_id", "track_id", *_PROBABILITIES)
_EXPRESSION, _EXPRESSION_VERSION = "expression", 6
_EXPRESSION_FROM = ("schema_version", *_PROBABILITIES)
_LABELS = "session_labels"

MAX_LABEL_NAMES = 200
"""Maximum number of names of session labels in the logs that are read together. Each becomes a column."""


def column_type(name: str) -> Any:
    """Return the Arrow type of a column; text for one that only a newer version knows."""
    is_category = name == MACHINE.name or is_label_column(name)
    return COLUMN_TYPES.get(name, _ARROW_TYPES["category"] if is_category else pa.string())


def other_types(paths: Sequence[Path]) -> dict[str, Any]:
    """Return name and Arrow type of the columns that the logs have besides those of the schema: unknown ones, then labels."""
    headers = [read_header(path) for path in paths]
    names = [name for header in headers for name in header if name not in COLUMN_TYPES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # reported when the rows are read
        labels = [name for path, header in zip(paths, headers, strict=True) if _LABELS in header for name in _file_labels(path)]
    return {name: column_type(name) for name in [*names, *labels]}


def _file_labels(path: Path) -> Iterator[str]:
    """Yield the columns of the session labels of a file. All rows of a session have the same labels."""
    for batch in read_batches(path, [_LABELS]):
        yield from expand_labels(batch.column(_LABELS))
        if SESSION_ID.fullmatch(session_id_of(path)):
            return


Readings = dict[tuple[Any, Any], Any]
"""The last seven probabilities of each track so far, by session and track: those of a repeated reading are the same."""


def read_table(
    path: Path, columns: Sequence[str] | None, without_rows: list[str] | None = None, readings: Readings | None = None
) -> Any:
    """Read the file's rows as a table of decoded columns: the requested ones (None: all), and possibly others.

    Warns with LogWarning about lines that are left out. The message of a file of which no line is a row is added to
    `without_rows`. `readings` are those of the session's earlier parts. Raises LogError when the file cannot be read.
    """
    batches = list(read_batches(path, columns, read=pa.csv.read_csv, without_rows=without_rows, readings=readings))
    empty = {name: pa.nulls(0, column_type(name)) for name in read_header(path)}
    return pa.Table.from_batches(batches) if batches else pa.table(empty)


def read_batches(
    path: Path,
    columns: Sequence[str] | None = None,
    types: dict[str, Any] = COLUMN_TYPES,
    read: Callable[..., Any] = pa.csv.open_csv,
    without_rows: list[str] | None = None,
    *,
    readings: Readings | None = None,
) -> Iterator[Any]:
    """Read the file in decoded batches of some thousand rows: with `open_csv` one after the other, so that memory stays small.

    `columns`, `without_rows`, `readings` and errors as in `read_table`. Columns of session labels are added if they are among the
    `types`.
    """
    header = read_header(path)
    included = _included(header, columns)
    labels = [name for name in types if is_label_column(name) and name not in header]
    readings = {} if readings is None else readings
    if is_parquet(path):
        with _log_errors(path):
            decoder = _Decoder(readings, has_old_rows=_may_have_old_rows(header), labels=labels, is_escaped=False)
            yield from map(decoder.decode, parquet_batches(path, included, {name: column_type(name) for name in included}))
        return
    whole = find_whole_lines(path)
    if not header:
        return
    done = 0
    with _log_errors(path), open_log(path) as file:

        def batches(source: io.RawIOBase, *, quoted: bool) -> Iterator[Any]:
            found = read(pa.PythonFile(source, mode="r"), **_options(included, types, quoted=quoted))
            decoder = _Decoder(readings, has_old_rows=_may_have_old_rows(header), labels=labels)
            yield from map(decoder.decode, found.to_batches() if isinstance(found, pa.Table) else found)

        if not whole.is_damaged:
            try:
                for batch in batches(FilePrefix(file, whole.end), quoted=whole.has_quotes):
                    yield batch
                    done += batch.num_rows
            except ValueError:
                file.seek(0)
            else:
                return
        # Checking each line takes three times as long, but leaves out only those that are damaged.
        check = RowCheck(header, included)
        for batch in batches(RowFile(file, whole.end, check), quoted=True):
            again = min(done, batch.num_rows)
            done -= again
            yield batch.slice(again)
    check.warn(path, stacklevel=4)
    if without_rows is not None and check.damaged and not check.rows:
        without_rows.append(check.message(path))


def _included(header: Sequence[str], columns: Sequence[str] | None) -> list[str]:
    """Return the columns to read: the requested ones, and those from which they are computed in older logs."""
    wanted = set(header if columns is None else columns)
    if any(map(is_label_column, wanted)):
        wanted.add(_LABELS)
    if _may_have_old_rows(header):
        if wanted.intersection(_EXIT_CHANGES):
            wanted.update(_EXIT_FROM)
        if _READING in wanted or columns is None:
            wanted.update(_READING_FROM)
    if wanted.intersection(("message", *_V2_COLUMNS)):
        wanted.update(_V1_COLUMNS)
    if _OWN_THRESHOLD in wanted:
        wanted.update(_OWN_THRESHOLD_FROM)
    if _EXPRESSION in wanted:
        wanted.update(_EXPRESSION_FROM)
    return [name for name in header if name in wanted] or list(header[:1])


def _may_have_old_rows(header: Sequence[str]) -> bool:
    """Return whether rows of a file may be older than version 4. A merged log has rows of several."""
    return _V4_COLUMN not in header or MACHINE.name in header


class _Decoder:
    """Converts the batches of a file, in order, to the original texts and the form of this version.

    Args:
        readings: The last readings so far, which are updated.
        has_old_rows: Rows may be older than version 4.
        labels: Columns of session labels to add.
        is_escaped: Texts have the leading `'` of CSV files.
    """

    def __init__(self, readings: Readings, *, has_old_rows: bool, labels: Sequence[str], is_escaped: bool = True) -> None:
        self._is_escaped = is_escaped
        self._has_old_rows = has_old_rows
        self._labels = labels
        self._readings = readings

    def decode(self, batch: Any) -> Any:
        """Return the decoded batch. ValueError for a number or time that is none."""
        _check_values(batch)
        decoded = _unescape if self._is_escaped else (lambda column: column)
        columns = {name: decoded(batch.column(name)) for name in batch.schema.names}
        if columns.keys() >= set(_V1_COLUMNS):
            columns = {name: pa.nulls(batch.num_rows, COLUMN_TYPES[name]) for name in _V2_COLUMNS} | columns
            columns |= _upgrade_v1(columns)
        if columns.keys() >= set(_OWN_THRESHOLD_FROM):
            columns[_OWN_THRESHOLD] = _upgrade_own_threshold(columns)
        if columns.keys() >= {_EXPRESSION, *_EXPRESSION_FROM}:
            columns[_EXPRESSION] = _upgrade_expressions(columns)
        if self._has_old_rows and columns.keys() >= set(_EXIT_FROM):
            columns |= _upgrade_exits(columns)
        if self._has_old_rows and columns.keys() >= set(_READING_FROM):
            columns[_READING] = self._upgrade_readings(columns)
        if self._labels and _LABELS in columns:
            found = expand_labels(columns[_LABELS])
            columns |= {name: found.get(name, pa.nulls(batch.num_rows, column_type(name))) for name in self._labels}
        return pa.RecordBatch.from_pydict(columns)

    def _upgrade_readings(self, columns: dict[str, Any]) -> Any:
        """Return `expression_read`, for rows before version 4 from the values: those of a repeated reading are the same."""
        values = np.column_stack([_numbers(columns[name]) for name in _PROBABILITIES])
        present = columns.get(_READING, pa.nulls(len(values), pa.bool_()))
        is_old = _is_before(columns["schema_version"], _V4) & ~np.isnan(values).any(axis=1)
        rows = np.flatnonzero(is_old)
        if not len(rows):
            return present
        track = columns["track_id"].fill_null(-1).to_numpy(zero_copy_only=False)[rows]
        session = pd.factorize(columns["session_id"].dictionary_decode().take(pa.array(rows)).to_numpy(zero_copy_only=False))
        order = np.lexsort((np.arange(len(rows)), track, session[0]))
        ordered, values = (session[0][order], track[order]), values[rows[order]]
        is_first = np.r_[True, (ordered[0][1:] != ordered[0][:-1]) | (ordered[1][1:] != ordered[1][:-1])]
        is_repeated = np.r_[False, (values[1:] == values[:-1]).all(axis=1)] & ~is_first
        firsts = np.flatnonzero(is_first)
        for first, last in zip(firsts, np.r_[firsts[1:], len(rows)] - 1, strict=True):
            key = session[1][ordered[0][first]], ordered[1][first]
            before = self._readings.get(key)
            is_repeated[first] = before is not None and bool((before == values[first]).all())
            self._readings[key] = values[last]
        is_reading = np.zeros(len(is_old), bool)
        is_reading[rows[order]] = ~is_repeated
        return pa.compute.coalesce(present, pa.array(is_reading, mask=~is_old))


def _numbers(column: Any) -> Any:
    """Return the numbers (n,) float64, NaN for absent ones."""
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _is_before(versions: Any, version: int) -> Any:
    """Return which rows, (n,) bool, are older than this version of the log."""
    return versions.fill_null(SCHEMA_VERSION).to_numpy(zero_copy_only=False) < version


def _upgrade_expressions(columns: dict[str, Any]) -> Any:
    """Return `expression`, for rows before version 6 `unclear` where no probability reaches CLEAR_FROM."""
    is_old = _is_before(columns["schema_version"], _EXPRESSION_VERSION)
    if not is_old.any():
        return columns[_EXPRESSION]
    largest = pa.compute.max_element_wise(*(columns[name] for name in _PROBABILITIES))
    is_unclear = pa.compute.less(largest, CLEAR_FROM).fill_null(False).to_numpy(zero_copy_only=False)
    is_unclear &= is_old & columns[_EXPRESSION].is_valid().to_numpy(zero_copy_only=False)
    if not is_unclear.any():
        return columns[_EXPRESSION]
    texts = pa.compute.if_else(pa.array(is_unclear), UNCLEAR, columns[_EXPRESSION].dictionary_decode())
    return texts.dictionary_encode().cast(columns[_EXPRESSION].type)


def _upgrade_exits(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the changed columns where rows of `exit` before version 4 have the time at which the exit was noticed.

    From version 4 on they have that of the last sighting. Its frame is not known.
    """
    t_ms, last_ms = _numbers(columns["t_ms"]), _numbers(columns["last_seen_ms"])
    is_exit = pa.compute.equal(columns["event"].dictionary_decode(), "exit").fill_null(False).to_numpy(zero_copy_only=False)
    moved = is_exit & _is_before(columns["schema_version"], _V4) & ~np.isnan(t_ms) & ~np.isnan(last_ms)
    times = columns["ts_utc"].cast(pa.int64()).to_numpy()
    shift_ms = np.where(moved, np.rint(last_ms) - np.rint(t_ms), 0.0)
    moved &= (times + shift_ms >= 0) & (times + shift_ms < _TIMES_END_MS)
    if not moved.any():
        return {}
    kind = columns["ts_utc"].type
    upgraded = {"ts_utc": pa.array(times + np.where(moved, shift_ms, 0).astype(np.int64)).cast(kind)}
    is_moved = pa.array(moved)
    upgraded["t_ms"] = pa.compute.if_else(is_moved, columns["last_seen_ms"], columns["t_ms"])
    for name in columns.keys() & {"frame_index", "faces_in_frame"}:
        upgraded[name] = pa.compute.if_else(is_moved, pa.scalar(None, columns[name].type), columns[name])
    return upgraded


def expand_labels(texts: Any) -> dict[str, Any]:
    """Return one dictionary array per session label in an array of `session_labels`, by column: `session_condition`.

    LogError for more than MAX_LABEL_NAMES, each of which takes memory for every row.
    """
    encoded = texts.dictionary_encode()
    labels = [_parse_labels(text) for text in encoded.dictionary.to_pylist()]
    _check_label_count({name for own in labels for name in own})
    return {
        name: pa.DictionaryArray.from_arrays(encoded.indices, pa.array([own.get(name) for own in labels], pa.string()))
        .dictionary_decode()
        .dictionary_encode()
        .cast(column_type(name))
        for name in dict.fromkeys(name for own in labels for name in own)
    }


def _check_label_count(names: Collection[str]) -> None:
    if len(names) > MAX_LABEL_NAMES:
        raise LogError(
            "the sessions have labels with {count} names, more than the {limit} that facecam reads; read fewer logs at once",
            count=len(names),
            limit=MAX_LABEL_NAMES,
        )


def _parse_labels(text: str) -> dict[str, str]:
    """Return the labels in a text `name=value; name=value` by column."""
    pairs = (piece.partition("=") for piece in text.split("; "))
    found = {f"{SESSION_LABEL_PREFIX}{name}": value for name, _, value in pairs if name and value}
    return {name: value for name, value in found.items() if is_label_column(name)}


def _check_values(batch: Any) -> None:
    """Raise ValueError for infinite numbers and for times outside the years that `RowCheck` accepts."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_floating(column.type) and pa.compute.all(pa.compute.is_finite(column)).as_py() is False:
            raise ValueError(f"{name} has a number that is not finite")
        if pa.types.is_timestamp(column.type) and name in COLUMN_TYPES:
            found = pa.compute.min_max(column.cast(pa.int64())).as_py()
            if column.null_count or (len(column) and not 0 <= found["min"] <= found["max"] < _TIMES_END_MS):
                raise ValueError(f"{name} has an impossible time")


def _unescape(column: Any) -> Any:
    """Remove the leading `'` that keeps spreadsheets from running a text; other types are returned unchanged."""
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _unescape(column.dictionary))
    return pa.compute.replace_substring_regex(column, r"\A'", "") if pa.types.is_string(column.type) else column


def _upgrade_v1(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the changed columns where rows of version 1 have values of version 2's columns in their messages."""
    version, event, message = (columns[name] for name in _V1_COLUMNS)
    is_old = version.fill_null(SCHEMA_VERSION).to_numpy() == 1
    rows = np.flatnonzero(is_old & message.is_valid().to_numpy(zero_copy_only=False))
    if not len(rows):
        return {}
    found = list(map(_v1_values, event.take(rows).to_pylist(), message.take(rows).to_pylist()))
    place = np.full(len(message), -1)
    place[rows] = np.arange(len(rows))
    index = pa.array(place, mask=place < 0)
    upgraded: dict[str, Any] = {}
    for name in _V2_COLUMNS:
        kind = COLUMN_TYPES[name]
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        values = pa.array([values.get(name) for values in found], plain).take(index)
        upgraded[name] = pa.compute.coalesce(values, columns[name].cast(plain)).cast(kind)
    is_seen = np.zeros(len(message), bool)
    is_seen[rows] = ["rejected_l2" in values for values in found]
    return upgraded | {"message": pa.compute.if_else(pa.array(is_seen), pa.scalar(None, pa.string()), message)}


def _upgrade_own_threshold(columns: dict[str, Any]) -> Any:
    """Return each compared face's own match threshold: before version 3 that of the gallery."""
    version, threshold, distance = (columns[name] for name in _OWN_THRESHOLD_FROM)
    present = columns.get(_OWN_THRESHOLD, pa.nulls(len(version), threshold.type))
    is_old = pa.compute.less(version.fill_null(SCHEMA_VERSION), _OWN_THRESHOLD_VERSION)
    return pa.compute.if_else(pa.compute.and_(is_old, distance.is_valid()), threshold, present)


def _v1_values(event: str, message: str) -> dict[str, Any]:
    """Return the values of version 2's columns in a message of version 1, none of those in a damaged one."""
    for code, pattern in _V1_MESSAGES.get(event, ()):
        if (match := re.fullmatch(pattern, message, re.DOTALL)) is not None:
            values: dict[str, Any] = match.groupdict()
            try:
                for name in {"rejected_l2", "last_seen_ms"} & values.keys():
                    values[name] = float(values[name])
                if parameters := values.pop("parameters", None):
                    found: dict[str, Any] = parse_json(parameters.encode())
                    values |= found | {"required_margin_l2": found.get("margin_l2")}
            except ValueError:
                return {}
            return values | {"event_code": code}
    return {}


@contextmanager
def _log_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, OverflowError, pa.ArrowException) as error:
        raise LogError(
            "the log {path} is damaged: {error}; fix or remove the line and read it again", path=path, error=error
        ) from error


def _options(included: Sequence[str], types: dict[str, Any], *, quoted: bool) -> dict[str, Any]:
    """Return Arrow's reading options."""
    return {
        "read_options": pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
        # Looking for line feeds between quotes takes 50 % more time.
        "parse_options": pa.csv.ParseOptions(newlines_in_values=quoted),
        "convert_options": pa.csv.ConvertOptions(
            include_columns=included,
            column_types={name: types.get(name, column_type(name)) for name in included},
            null_values=[""],
            strings_can_be_null=True,
            true_values=["1"],
            false_values=["0"],
        ),
    }


__all__ = ["LogWarning", "read_log"]

_PANDAS_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow"),
}


def read_log(logs: LogPaths, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read logs as one DataFrame, in the order of their names.

    Repeating texts are categories, times are UTC, numbers are nullable. Rows of earlier versions are returned in the form of this
    one. After the columns of the schema come those that only a newer version knows, as text, then one column per session label:
    `session_condition`.

    Args:
        logs: A log, which includes its later parts; a folder with logs; or several of these.
        columns: Columns to read, in this order; None reads all. With `session_labels` come the columns of the labels.

    Raises:
        LogError: A file is not a log, no line of all files is a row, or no log has a requested column.

    Warns:
        LogWarning: Damaged lines or other files were left out.
    """
    paths = find_logs(logs)
    known = set(NAMES).union(*map(read_header, paths))
    if unknown := [name for name in columns or () if name not in known and not is_label_column(name)]:
        raise LogError("no log has a column {column}; `facecam log schema` lists the columns", column=unknown[0])
    tables: list[Any] = []
    without_rows: list[str] = []
    readings: Readings = {}
    for path in paths:
        tables.append(read_table(path, columns, without_rows, readings))  # noqa: PERF401 - the warnings count stack frames
    table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
    count = table.num_rows
    if not count and without_rows:
        raise LogError(without_rows[0])
    tables.clear()
    labels = _label_columns(table)
    if unknown := [name for name in columns or () if name not in known and name not in labels]:
        raise LogError(
            "no session has a label {label}; set one with `run --label`", label=unknown[0].removeprefix(SESSION_LABEL_PREFIX)
        )
    others = [name for name in table.column_names if name not in COLUMN_TYPES and name not in labels]
    names = [*NAMES, *others, *labels] if columns is None else [*columns, *(labels if _LABELS in columns else [])]
    series: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        if name in labels:
            series[name] = _pandas_column(labels[name])
        elif name in table.column_names:
            series[name] = _pandas_column(table.column(name))
            # Each column is released once it is converted, so that a large log is not in memory twice.
            table = table.drop_columns([name])
        else:
            series[name] = _pandas_column(pa.chunked_array([pa.nulls(count, COLUMN_TYPES[name])]))
    return LogTable(pd.DataFrame(series, copy=False))


def _label_columns(table: Any) -> dict[str, Any]:
    """Return the columns of session labels of a table: those in the file, and those from `session_labels`."""
    labels = {name: table.column(name) for name in table.column_names if is_label_column(name)}
    if _LABELS in table.column_names:
        found = [expand_labels(chunk) for chunk in table.column(_LABELS).chunks]
        _check_label_count({name for own in found for name in own})
        for name in dict.fromkeys(name for own in found for name in own):
            chunks = [
                own.get(name, pa.nulls(len(chunk), column_type(name)))
                for own, chunk in zip(found, table.column(_LABELS).chunks, strict=True)
            ]
            labels[name] = pa.chunked_array(chunks, column_type(name))
    return labels


def pandas_metadata(types: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Return the Parquet metadata with which pandas reads these columns with the types of `read_log`."""
    empty = pd.DataFrame({name: _pandas_column(pa.chunked_array([pa.nulls(0, kind)])) for name, kind in types.items()})
    metadata: dict[bytes, bytes] = pa.Schema.from_pandas(empty).metadata
    return metadata


def _pandas_column(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        return _categorical(column)
    return column.to_pandas(types_mapper=_PANDAS_TYPES.get)


def _categorical(column: Any) -> Any:
    """Convert to a categorical in alphabetical order, the order in which `groupby` lists groups."""
    array = column.unify_dictionaries().combine_chunks()
    names, new_codes = np.unique(np.array(array.dictionary.to_pylist(), dtype=object), return_inverse=True)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    # The code -1 stands for "absent"; it picks the last entry here, which is -1 too.
    codes = np.append(new_codes, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=str)))
