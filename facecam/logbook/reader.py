"""Logs as one pandas DataFrame, ready for questions. The bulk is done by pyarrow; nothing here goes row by row.

A session that was killed may leave half a line at the end of its log. It is found by counting quotes: a line feed ends a line
exactly when an even number of quotes stands before it.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

import facecam.logbook.answers  # noqa: F401 - what is read can be asked: df.facecam.visits()
from facecam.errors import LogError
from facecam.logbook.schema import COLUMNS, HEADER, NAMES, ColumnKind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ARROW_TYPES: dict[ColumnKind, Any] = {
    "text": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}
_TYPES = {column.name: _ARROW_TYPES[column.kind] for column in COLUMNS}
_PANDAS_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow"),
}

_BEGINNING = HEADER.split(",ts_utc,")[0].encode()
_CHUNK_BYTES = 1 << 22


class LogWarning(UserWarning):
    """Part of a log could not be read and was left out."""


def read_log(
    logs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Every row of a log, of all logs below a folder, or of several of them, in the order of their names.

    Texts that repeat are categories, times are UTC, numbers are nullable. Columns that only a newer version knows stand behind
    the others. `columns` reads only these, in that order. LogError for what is no log; LogWarning for lines left out.
    """
    paths = _find(logs)
    if columns is not None and (unknown := [name for name in columns if name not in _known_columns(paths)]):
        raise LogError(f"no log has a column {unknown[0]}; `facecam log schema` lists the columns")
    tables = []
    for path in paths:
        tables.append(_read(path, columns))  # noqa: PERF401 - the warnings count stack frames
    table = _joined(tables) if tables else pa.table({})
    count = table.num_rows
    tables.clear()
    names = list(columns) if columns is not None else [*NAMES, *(name for name in table.column_names if name not in _TYPES)]
    series: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        if name in table.column_names:
            series[name] = _pandas_column(table.column(name))
            # A large log need not be in memory twice: each column is given up as soon as it is converted.
            table = table.drop_columns([name])
        else:
            series[name] = _pandas_column(pa.chunked_array([pa.nulls(count, _TYPES[name])]))
    return pd.DataFrame(series, copy=False)


def _find(logs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The files that are meant, each once, in their order; what lies in a folder and is no log is left out with a warning."""
    given = [logs] if isinstance(logs, (str, os.PathLike)) else logs
    found: dict[Path, Path] = {}
    for path in map(Path, given):
        if path.is_dir():
            below = _logs_below(path)
            if not below:
                raise LogError(f"there is no log below {path}; `facecam run --log {path}` writes one there")
        else:
            _header(path)
            below = [path]
        found |= {file.resolve(): file for file in below if file.resolve() not in found}
    return list(found.values())


def _order(path: Path) -> tuple[Path, str, int]:
    """The later parts of a session (`<session id>.2.csv`) behind its first."""
    session, _, part = path.stem.partition(".")
    return path.parent, session, int(part) if part.isdecimal() else 1


def _logs_below(folder: Path) -> list[Path]:
    found = []
    for file in sorted(folder.rglob("*.csv"), key=_order):
        try:
            _header(file)
        except LogError as error:
            warnings.warn(f"left out: {error}", LogWarning, stacklevel=4)
        else:
            found.append(file)
    return found


def _header(path: Path) -> list[str]:
    """The log's columns; none when the session was killed before it wrote them all. LogError when the file is no log."""
    try:
        with path.open("rb") as file:
            line = file.readline(1 << 16)
    except OSError as error:
        raise LogError(f"the log {path} cannot be read: {error.strerror or error}") from error
    if line.endswith(b"\n") and line.startswith(_BEGINNING + b","):
        return line.decode("utf-8", "replace").rstrip("\r\n").split(",")
    if HEADER.encode().startswith(line):
        return []
    raise LogError(
        f"{path} is no log of facecam: its first line should begin with {_BEGINNING.decode()}; name a file that `run` wrote"
    )


def _known_columns(paths: Iterable[Path]) -> set[str]:
    return set(NAMES).union(*(_header(path) for path in paths))


def _read(path: Path, columns: Sequence[str] | None) -> Any:
    """The file's whole lines as a table of the columns that it has."""
    header = _header(path)
    wanted = header if columns is None else [name for name in header if name in columns]
    size, end = _whole_lines(path)
    if size > end:
        warnings.warn(f"{path}: the last line is torn ({size - end} bytes) and left out", LogWarning, stacklevel=3)
    if not header:
        return pa.table({})
    if not wanted:
        wanted = header[:1]
    odd: list[int] = []

    def skip(line: Any) -> str:
        odd.append(line.actual_columns)
        return "skip"

    try:
        with path.open("rb") as file:
            table = _parse(_Head(file, end), wanted, skip)
    except (OSError, pa.ArrowInvalid) as error:
        raise LogError(f"the log {path} is damaged: {error}; mend or remove the line and read it again") from error
    if odd:
        warnings.warn(f"{path}: {len(odd)} lines with too few or too many columns are left out", LogWarning, stacklevel=3)
    return table


def _parse(file: io.RawIOBase, wanted: list[str], skip: Callable[[Any], str]) -> Any:
    return pa.csv.read_csv(
        pa.PythonFile(file, mode="r"),
        read_options=pa.csv.ReadOptions(block_size=_CHUNK_BYTES),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pa.csv.ConvertOptions(
            include_columns=wanted,
            column_types=_TYPES,
            null_values=[""],
            strings_can_be_null=True,
            true_values=["1"],
            false_values=["0"],
        ),
    )


def _whole_lines(path: Path) -> tuple[int, int]:
    """The file's size, and how much of it is whole lines."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        odd, start, end = False, 0, 0
        for chunk in _chunks(file, size):
            end_here, odd_here = _last_end(chunk, odd)
            if end_here:
                end = start + end_here
            odd ^= odd_here
            start += len(chunk)
    return start, end


def _last_end(chunk: bytes, odd: bool) -> tuple[int, bool]:
    """Where in the chunk its last whole line ends (0: nowhere), and whether it holds an odd number of quotes.

    `odd` says the same of all that stands before the chunk.
    """
    odd_here = chunk.count(b'"') % 2 == 1
    end, inside = len(chunk), odd ^ odd_here
    while (feed := chunk.rfind(b"\n", 0, end)) >= 0:
        inside ^= chunk.count(b'"', feed + 1, end) % 2 == 1
        if not inside:
            return feed + 1, odd_here
        end = feed
    return 0, odd_here


def _chunks(file: io.BufferedReader, size: int) -> Iterator[bytes]:
    """The file's first `size` bytes: a session that is still running adds more meanwhile."""
    while size > 0 and (chunk := file.read(min(size, _CHUNK_BYTES))):
        size -= len(chunk)
        yield chunk


class _Head(io.RawIOBase):
    """A file's first `size` bytes as a file of their own."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        count = self._file.readinto(room[: min(len(room), self._left)])
        self._left -= count
        return count


def _joined(tables: list[Any]) -> Any:
    """The tables below each other. A column that is new to this version may differ in type: then it is text everywhere."""
    kinds: dict[str, set[Any]] = {}
    for table in tables:
        for column in table.schema:
            kinds.setdefault(column.name, set()).add(column.type)
    mixed = {name for name, types in kinds.items() if len(types - {pa.null()}) > 1}
    for name in mixed:
        for number, table in enumerate(tables):
            if name in table.column_names:
                place = table.column_names.index(name)
                tables[number] = table.set_column(place, name, table.column(name).cast(pa.string()))
    return pa.concat_tables(tables, promote_options="default")


def _pandas_column(column: Any) -> Any:
    """The column as pandas holds it, with escaped texts as they were."""
    if pa.types.is_dictionary(column.type):
        return _categorical(column)
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    if pa.types.is_string(column.type):
        column = pa.compute.replace_substring_regex(column, r"\A'", "")
    return column.to_pandas(types_mapper=_PANDAS_TYPES.get)


def _categorical(column: Any) -> Any:
    """Categories in alphabetical order, as `groupby` shows them."""
    array = column.unify_dictionaries().combine_chunks()
    texts = pa.compute.replace_substring_regex(array.dictionary, r"\A'", "")
    names, new_codes = np.unique(np.array(texts.to_pylist(), dtype=object), return_inverse=True)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    # The code -1 stands for "absent"; it picks the last entry here, which is -1 too.
    codes = np.append(new_codes, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=str)))
