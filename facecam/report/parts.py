"""What a report consists of, as data: sections of sentences, charts and tables. Drawing computes nothing of it.

Times are local and carry no zone. Texts are as they are in the log: whoever draws them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]
"""(n,) numbers, or datetime64[ms] for times."""

Unit = Literal["text", "count", "number", "share", "seconds", "time"]


@dataclass(frozen=True, slots=True, eq=False)
class TimelineChart:
    """Bars from `begin` to `end` (datetime64[ms]) in the rows that `row` numbers, the first on top."""

    rows: tuple[str, ...]
    row: Array
    begin: Array
    end: Array


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """One line per name over the times `x`; NaN where there is nothing. `y_range` fixes the axis."""

    x: Array
    lines: Mapping[str, Array]
    y_label: str
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BarChart:
    """Bars of stacked parts at `places`: texts (then the bars lie), times or numbers, which are left edges of bars `width` wide.

    `marks` are upright lines with a name, at numbers.
    """

    places: Array
    parts: Mapping[str, Array]
    value_label: str
    place_label: str = ""
    width: float = 0.0
    marks: Mapping[str, float] | None = None

    @property
    def lying(self) -> bool:
        return self.places.dtype.kind in "OU"


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapChart:
    """A field per row and column; `values` is (rows, columns)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """`key` is its name in the page; `note` says in a sentence what is to be seen."""

    key: str
    title: str
    body: TimelineChart | LineChart | BarChart | HeatmapChart
    note: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`digits` of a number."""

    head: str
    unit: Unit = "text"
    digits: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of plain values, None for absent; of `of_rows` in all, where the rest is left out."""

    key: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    of_rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    key: str
    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    title: str
    made: str
    sections: tuple[Section, ...]

    @property
    def charts(self) -> list[Chart]:
        return [chart for section in self.sections for chart in section.charts]


# MERGED report.tables: Tables from DataFrames, and how a value is written in one.

ROWS_SHOWN = 200
"""A report is for reading; all rows are a question to the log away."""


def table(key: str, title: str, found: pd.DataFrame, columns: Mapping[str, TableColumn]) -> Table:
    """The first rows of these columns of `found`, by its columns' names."""
    head = found.head(ROWS_SHOWN)
    values = [_plain(head[name], column) for name, column in columns.items()]
    return Table(key, title, tuple(columns.values()), tuple(zip(*values, strict=True)), len(found))


def _plain(values: pd.Series[Any], column: TableColumn) -> list[Any]:
    """Python's own values, None for absent."""
    if column.unit == "time":
        return [None if pd.isna(value) else value.isoformat(" ", "seconds") for value in values]
    if column.unit == "text":
        return [None if pd.isna(value) else str(value) for value in values]
    whole = column.unit == "count"
    return [None if pd.isna(value) else int(value) if whole else round(float(value), 6) for value in values]


def shown(value: Any, column: TableColumn) -> str:
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
