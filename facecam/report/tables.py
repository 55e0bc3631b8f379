"""Tables from DataFrames, and how a value is written in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from facecam.report.parts import Column, Table

ROWS_SHOWN = 200
"""A report is for reading; all rows are a question to the log away."""


def table(key: str, title: str, found: pd.DataFrame, columns: Mapping[str, Column]) -> Table:
    """The first rows of these columns of `found`, by its columns' names."""
    head = found.head(ROWS_SHOWN)
    values = [_plain(head[name], column) for name, column in columns.items()]
    return Table(key, title, tuple(columns.values()), tuple(zip(*values, strict=True)), len(found))


def _plain(values: pd.Series[Any], column: Column) -> list[Any]:
    """Python's own values, None for absent."""
    if column.unit == "time":
        return [None if pd.isna(value) else value.isoformat(" ", "seconds") for value in values]
    if column.unit == "text":
        return [None if pd.isna(value) else str(value) for value in values]
    whole = column.unit == "count"
    return [None if pd.isna(value) else int(value) if whole else round(float(value), 6) for value in values]


def shown(value: Any, column: Column) -> str:
    """The value as it is read; empty for absent."""
    if value is None:
        return ""
    match column.unit:
        case "count":
            return f"{value:,}"
        case "number":
            return f"{value:.{column.digits}f}"
        case "share":
            return f"{100 * value:.1f} %"
        case "seconds":
            return length(value)
        case _:
            return str(value)


def length(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3:20 min`, `2:03 h`."""
    if seconds < 59.5:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.1f} s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}:{minutes:02d} h"


def some(count: int, one: str, many: str = "") -> str:
    """`1 person`, `3 people`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
