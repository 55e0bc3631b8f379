"""Report contents as data: sections of sentences, charts and tables, and the formatting of values.

Times are local and without a zone. Texts are unescaped; the page and the charts escape them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]
"""Shape (n,): numbers, or datetime64[ms] for times."""

MAX_ROWS = 200
"""Rows of a table in a report; the log has all of them."""

Unit = Literal["text", "count", "number", "share", "seconds", "time"]


@dataclass(frozen=True, slots=True, eq=False)
class TimelineChart:
    """Bars from `begin` to `end` (datetime64[ms]). `row` holds the index of each bar's row; the first row is on top."""

    rows: tuple[str, ...]
    row: Array
    begin: Array
    end: Array


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """One line per name over the times `x`, with NaN for gaps. `y_range` fixes the axis."""

    x: Array
    lines: Mapping[str, Array]
    y_label: str
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BarChart:
    """Stacked bars at `positions`: texts (horizontal bars), or times or numbers (left edges of bars of this `width`).

    `marks` are vertical lines by name.
    """

    positions: Array
    parts: Mapping[str, Array]
    value_label: str
    position_label: str = ""
    width: float = 0.0
    marks: Mapping[str, float] | None = None

    @property
    def is_horizontal(self) -> bool:
        return self.positions.dtype.kind in "OU"


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapChart:
    """One cell per row and column; `values` has shape (rows, columns)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart with its id in the page and a sentence that explains it."""

    key: str
    title: str
    body: TimelineChart | LineChart | BarChart | HeatmapChart
    note: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """Heading and unit of a column; `digits` are the decimals of a number."""

    head: str
    unit: Unit = "text"
    digits: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of plain values (None: absent), the first of `of_rows` in total."""

    key: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    of_rows: int

    @property
    def note(self) -> str:
        return f"The first {len(self.rows)} of {self.of_rows:,} rows." if self.of_rows > len(self.rows) else ""


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


def table(key: str, title: str, found: pd.DataFrame, columns: Mapping[str, TableColumn]) -> Table:
    """Return a table of the first rows of a DataFrame, with the columns named by the keys."""
    head = found.head(MAX_ROWS)
    values = [_plain(head[name], column) for name, column in columns.items()]
    return Table(key, title, tuple(columns.values()), tuple(zip(*values, strict=True)), len(found))


def _plain(values: pd.Series[Any], column: TableColumn) -> list[Any]:
    """Return built-in Python values, None for absent ones."""
    if column.unit == "time":
        return [None if pd.isna(value) else value.isoformat(" ", "seconds") for value in values]
    if column.unit == "text":
        return [None if pd.isna(value) else str(value) for value in values]
    is_count = column.unit == "count"
    return [None if pd.isna(value) else int(value) if is_count else round(float(value), 6) for value in values]


def format_value(value: Any, column: TableColumn) -> str:
    """Return the value as text, empty for None."""
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
            return format_duration(value)
        case _:
            return str(value)


def format_duration(seconds: float) -> str:
    """Return a duration such as `0.4 s`, `12 s`, `3:20 min` or `2:03 h`."""
    if seconds < 59.5:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.1f} s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}:{minutes:02d} h"


def format_count(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun, such as `1 person` or `3 people`. `many` defaults to `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
