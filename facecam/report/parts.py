"""What a report consists of, as data: sections of sentences, charts and tables. Drawing computes nothing of it.

Times are local and carry no zone. Texts are as they are in the log: whoever draws them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

Array = NDArray[Any]
"""(n,) numbers, or datetime64[ms] for times."""

Unit = Literal["text", "count", "number", "share", "seconds", "time"]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Bars from `begin` to `end` (datetime64[ms]) in the rows that `row` numbers, the first on top."""

    rows: tuple[str, ...]
    row: Array
    begin: Array
    end: Array


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """One line per name over the times `x`; NaN where there is nothing. `y_range` fixes the axis."""

    x: Array
    lines: Mapping[str, Array]
    y_label: str
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
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
class Heat:
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
    body: Timeline | Lines | Bars | Heat
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`digits` of a number."""

    head: str
    unit: Unit = "text"
    digits: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of plain values, None for absent; of `of_rows` in all, where the rest is left out."""

    key: str
    title: str
    columns: tuple[Column, ...]
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
