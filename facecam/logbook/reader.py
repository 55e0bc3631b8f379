"""Reading logs as one pandas DataFrame, by way of Arrow tables. Nothing here loops over rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from facecam.logbook.schema import COLUMNS, NAMES, ColumnKind
from facecam.logbook.sessions import (
    FilePrefix,
    LogPaths,
    LogWarning,
    WholeLines,
    find_logs,
    find_whole_lines,
    read_header,
    warn_skipped_lines,
    warn_torn_line,
)

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


def read_table(path: Path, columns: Sequence[str] | None) -> Any:
    """Read the file's whole lines as a table, with texts still escaped.

    `columns` selects from the file's columns, None all. Warns with LogWarning about skipped lines; raises LogError for a cell
    that does not fit its column.
    """
    header = read_header(path)
    wanted = header if columns is None else [name for name in header if name in columns]
    lines = find_whole_lines(path)
    warn_torn_line(path, lines)
    if not header:
        return pa.table({})
    skipped: list[int] = []
    with _log_errors(path), path.open("rb") as file:
        table = pa.csv.read_csv(
            pa.PythonFile(FilePrefix(file, lines.end), mode="r"), **_options(wanted or header[:1], COLUMN_TYPES, lines, skipped)
        )
    warn_skipped_lines(path, len(skipped))
    return table


def read_batches(path: Path, types: dict[str, Any]) -> Iterator[Any]:
    """Read the file in batches of some thousand rows, with `types` for the columns, so that memory stays small."""
    header = read_header(path)
    lines = find_whole_lines(path)
    warn_torn_line(path, lines)
    if not header:
        return
    skipped: list[int] = []
    with _log_errors(path), path.open("rb") as file:
        yield from pa.csv.open_csv(
            pa.PythonFile(FilePrefix(file, lines.end), mode="r"), **_options(header, types, lines, skipped)
        )
    warn_skipped_lines(path, len(skipped))


@contextmanager
def _log_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise LogError(f"the log {path} is damaged: {error}; fix or remove the line and read it again") from error


def _options(wanted: Sequence[str], types: dict[str, Any], lines: WholeLines, skipped: list[int]) -> dict[str, Any]:
    """Return Arrow's reading options; lines with another number of columns than the header are skipped and added to `skipped`."""

    def skip(line: Any) -> str:
        skipped.append(line.actual_columns)
        return "skip"

    return {
        "read_options": pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
        # Looking for line feeds between quotes takes 50 % more time.
        "parse_options": pa.csv.ParseOptions(newlines_in_values=lines.quoted, invalid_row_handler=skip),
        "convert_options": pa.csv.ConvertOptions(
            include_columns=wanted,
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            true_values=["1"],
            false_values=["0"],
        ),
    }


def concat_tables(tables: list[Any]) -> Any:
    """Concatenate tables. A column unknown to this version that differs in type between tables becomes text."""
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


def unescape_column(column: Any) -> Any:
    """Remove the leading `'` that keeps spreadsheets from running a text; other types are returned unchanged."""
    return pa.compute.replace_substring_regex(column, r"\A'", "") if pa.types.is_string(column.type) else column


__all__ = ["LogWarning", "read_log"]

_PANDAS_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow"),
}


def read_log(logs: LogPaths, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read logs as one DataFrame, in the order of their names.

    Repeating texts are categories, times are UTC, numbers are nullable. Columns that only a newer version knows come last.

    Args:
        logs: A log, which includes its later parts; a folder with logs; or several of these.
        columns: Columns to read, in this order; None reads all.

    Raises:
        LogError: A file is not a log or is damaged, or no log has a requested column.

    Warns:
        LogWarning: Lines or files were skipped.
    """
    paths = find_logs(logs)
    if columns is not None and (unknown := [name for name in columns if name not in _known_columns(paths)]):
        raise LogError(f"no log has a column {unknown[0]}; `facecam log schema` lists the columns")
    tables = []
    for path in paths:
        tables.append(read_table(path, columns))  # noqa: PERF401 - the warnings count stack frames
    table = concat_tables(tables) if tables else pa.table({})
    count = table.num_rows
    tables.clear()
    names = list(columns) if columns is not None else [*NAMES, *(name for name in table.column_names if name not in COLUMN_TYPES)]
    series: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        if name in table.column_names:
            series[name] = _pandas_column(table.column(name))
            # Each column is released once it is converted, so that a large log is not in memory twice.
            table = table.drop_columns([name])
        else:
            series[name] = _pandas_column(pa.chunked_array([pa.nulls(count, COLUMN_TYPES[name])]))
    return pd.DataFrame(series, copy=False)


def pandas_metadata(types: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Return the Parquet metadata with which pandas reads these columns with the types of `read_log`."""
    empty = pd.DataFrame({name: _pandas_column(pa.chunked_array([pa.nulls(0, kind)])) for name, kind in types.items()})
    metadata: dict[bytes, bytes] = pa.Schema.from_pandas(empty).metadata
    return metadata


def _known_columns(paths: Iterable[Path]) -> set[str]:
    return set(NAMES).union(*(read_header(path) for path in paths))


def _pandas_column(column: Any) -> Any:
    """Convert a column to pandas, with texts unescaped."""
    if pa.types.is_dictionary(column.type):
        return _categorical(column)
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    return unescape_column(column).to_pandas(types_mapper=_PANDAS_TYPES.get)


def _categorical(column: Any) -> Any:
    """Convert to a categorical in alphabetical order, the order in which `groupby` lists groups."""
    array = column.unify_dictionaries().combine_chunks()
    texts = unescape_column(array.dictionary)
    names, new_codes = np.unique(np.array(texts.to_pylist(), dtype=object), return_inverse=True)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    # The code -1 stands for "absent"; it picks the last entry here, which is -1 too.
    codes = np.append(new_codes, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=str)))
