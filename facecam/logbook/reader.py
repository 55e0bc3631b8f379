"""Logs as one pandas DataFrame, ready for questions."""

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

import facecam.logbook.queries  # noqa: F401 - what is read can be asked: df.facecam.visits()
from facecam.errors import LogError
from facecam.logbook.schema import COLUMNS, NAMES, ColumnKind
from facecam.logbook.sessions import (
    LogHeader,
    Logs,
    LogWarning,
    WholeLines,
    find_logs,
    header_of,
    warn_of_odd,
    warn_of_torn,
    whole_lines,
)

# MERGED logbook.tables: A log's file as Arrow tables: one of the whole, or one small one after the other. Nothing here goes row by row.

_ARROW_TYPES: dict[ColumnKind, Any] = {
    "text": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}
TYPES = {column.name: _ARROW_TYPES[column.kind] for column in COLUMNS}
"""The type of each column that this version knows."""

_BLOCK_BYTES = 1 << 22


def read_table(path: Path, columns: Sequence[str] | None) -> Any:
    """The file's whole lines as a table of those of the columns that it has, texts still escaped; None reads all of them.

    LogWarning for lines left out, LogError when a cell is not what its column holds.
    """
    header = header_of(path)
    wanted = header if columns is None else [name for name in header if name in columns]
    lines = whole_lines(path)
    warn_of_torn(path, lines)
    if not header:
        return pa.table({})
    odd: list[int] = []
    with _damage_of(path), path.open("rb") as file:
        table = pa.csv.read_csv(
            pa.PythonFile(LogHeader(file, lines.end), mode="r"), **_options(wanted or header[:1], TYPES, lines, odd)
        )
    warn_of_odd(path, len(odd))
    return table


def batches(path: Path, types: dict[str, Any]) -> Iterator[Any]:
    """The same, some thousand rows at a time, with `types` for the columns: memory stays small however long the log is."""
    header = header_of(path)
    lines = whole_lines(path)
    warn_of_torn(path, lines)
    if not header:
        return
    odd: list[int] = []
    with _damage_of(path), path.open("rb") as file:
        yield from pa.csv.open_csv(pa.PythonFile(LogHeader(file, lines.end), mode="r"), **_options(header, types, lines, odd))
    warn_of_odd(path, len(odd))


@contextmanager
def _damage_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise LogError(f"the log {path} is damaged: {error}; mend or remove the line and read it again") from error


def _options(wanted: Sequence[str], types: dict[str, Any], lines: WholeLines, odd: list[int]) -> dict[str, Any]:
    """How Arrow reads a log; lines of another length than the header's are skipped and noted in `odd`."""

    def skip(line: Any) -> str:
        odd.append(line.actual_columns)
        return "skip"

    return {
        "read_options": pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
        # Looking for line feeds between quotes takes half as long again.
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


def joined(tables: list[Any]) -> Any:
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


def unescaped(column: Any) -> Any:
    """Texts, an array or chunks of it, without the `'` that keeps a spreadsheet from running them; others as they are."""
    return pa.compute.replace_substring_regex(column, r"\A'", "") if pa.types.is_string(column.type) else column


__all__ = ["LogWarning", "read_log"]

_PANDAS_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow"),
}


def read_log(
    logs: Logs,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Every row of a log with its later parts, of all logs below a folder, or of several of them, in the order of their names.

    Texts that repeat are categories, times are UTC, numbers are nullable. Columns that only a newer version knows stand behind
    the others. `columns` reads only these, in that order. LogError for what is no log; LogWarning for lines left out.
    """
    paths = find_logs(logs)
    if columns is not None and (unknown := [name for name in columns if name not in _known_columns(paths)]):
        raise LogError(f"no log has a column {unknown[0]}; `facecam log schema` lists the columns")
    tables = []
    for path in paths:
        tables.append(read_table(path, columns))  # noqa: PERF401 - the warnings count stack frames
    table = joined(tables) if tables else pa.table({})
    count = table.num_rows
    tables.clear()
    names = list(columns) if columns is not None else [*NAMES, *(name for name in table.column_names if name not in TYPES)]
    series: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        if name in table.column_names:
            series[name] = _pandas_column(table.column(name))
            # A large log need not be in memory twice: each column is given up as soon as it is converted.
            table = table.drop_columns([name])
        else:
            series[name] = _pandas_column(pa.chunked_array([pa.nulls(count, TYPES[name])]))
    return pd.DataFrame(series, copy=False)


def as_pandas_knows(types: Mapping[str, Any]) -> dict[bytes, bytes]:
    """What a Parquet file of these columns must say, so that pandas reads them with the types that `read_log` gives."""
    empty = pd.DataFrame({name: _pandas_column(pa.chunked_array([pa.nulls(0, kind)])) for name, kind in types.items()})
    metadata: dict[bytes, bytes] = pa.Schema.from_pandas(empty).metadata
    return metadata


def _known_columns(paths: Iterable[Path]) -> set[str]:
    return set(NAMES).union(*(header_of(path) for path in paths))


def _pandas_column(column: Any) -> Any:
    """The column as pandas holds it, with escaped texts as they were."""
    if pa.types.is_dictionary(column.type):
        return _categorical(column)
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    return unescaped(column).to_pandas(types_mapper=_PANDAS_TYPES.get)


def _categorical(column: Any) -> Any:
    """Categories in alphabetical order, as `groupby` shows them."""
    array = column.unify_dictionaries().combine_chunks()
    texts = unescaped(array.dictionary)
    names, new_codes = np.unique(np.array(texts.to_pylist(), dtype=object), return_inverse=True)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    # The code -1 stands for "absent"; it picks the last entry here, which is -1 too.
    codes = np.append(new_codes, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=str)))
