"""DataFrame of log data whose CSV files a spreadsheet opens without running anything."""

from __future__ import annotations

from typing import Any

import pandas as pd

from facecam.logbook.schema import escape


class LogTable(pd.DataFrame):
    """DataFrame whose `to_csv` escapes texts like the log: one that begins like a formula gets a leading `'`.

    Tables derived from it, for example by `groupby` or `merge`, are of this class too.
    """

    @property
    def _constructor(self) -> type[LogTable]:
        return LogTable

    def to_csv(self, *args: Any, **options: Any) -> Any:
        """Write the table as CSV, with the arguments of `pandas.DataFrame.to_csv`."""
        return _escaped(self).to_csv(*args, **options)


def _escaped(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with escaped texts in its cells, its index and its column names."""
    found = pd.DataFrame({place: _escaped_texts(table.iloc[:, place]) for place in range(table.shape[1])}, index=table.index)
    found.columns = table.columns.map(_escaped_text) if table.shape[1] else table.columns
    index = table.index
    levels = [_escaped_texts(pd.Series(index.get_level_values(number))) for number in range(index.nlevels)]
    names = list(map(_escaped_text, index.names))
    found.index = pd.MultiIndex.from_arrays(levels, names=names) if len(levels) > 1 else pd.Index(levels[0], name=names[0])
    return found


def _escaped_texts(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.rename_categories(_escaped_text)
    is_text = pd.api.types.is_string_dtype(column.dtype) or pd.api.types.is_object_dtype(column.dtype)
    return column.map(_escaped_text, na_action="ignore") if is_text else column


def _escaped_text(value: Any) -> Any:
    return escape(value) if isinstance(value, str) else value
