"""Logs as one pandas DataFrame, ready for questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

import facecam.logbook.answers  # noqa: F401 - what is read can be asked: df.facecam.visits()
from facecam.errors import LogError
from facecam.logbook.files import Logs, LogWarning, find_logs, header_of
from facecam.logbook.schema import NAMES
from facecam.logbook.tables import TYPES, joined, read_table, unescaped

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
