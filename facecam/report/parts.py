"""Report contents as data: sections of sentences, charts and tables, and the log data that the sections share.

Times are local and without a zone. Texts are unescaped; the page and the charts escape them.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facecam.logbook.queries import local_times
from facecam.logbook.reader import LogWarning, read_log
from facecam.logbook.sessions import SessionSummary, list_sessions, session_summary
from facecam.types import EXPRESSIONS

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
    """One line per column over the times of the index, with missing values for gaps. `y_range` fixes the axis."""

    data: pd.DataFrame
    y_label: str
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BarChart:
    """Stacked bars with one part per column. `marks` are vertical lines by name.

    The index has texts (horizontal bars), or times or numbers (left edges of bars of this `width`).
    """

    data: pd.DataFrame
    value_label: str
    position_label: str = ""
    width: float = 0.0
    marks: Mapping[str, float] | None = None

    @property
    def is_horizontal(self) -> bool:
        return not (isinstance(self.data.index, pd.DatetimeIndex) or pd.api.types.is_numeric_dtype(self.data.index))


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapChart:
    """One cell per row and column."""

    data: pd.DataFrame
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
    """A report. `warnings` are sentences about parts of the logs that were left out."""

    title: str
    made: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()

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


COLUMNS = (
    *("session_id", "ts_utc", "frame_index", "source", "camera_id", "mode", "event", "message", "track_id", "w", "gate"),
    *("embedded", "nearest_name", "distance_l2", "margin_l2", "threshold_l2", "own_threshold_l2"),
    *("sighting_decision", "decision", "reason", "name"),
    *(f"p_{name}" for name in EXPRESSIONS),
    *("valence", "label_1", "label_1_id", "p_1", "total_ms", "dropped_frames"),
    *("embed_model", "expression_model", "gallery_revision", "event_code"),
)

MAX_BINS = 120
_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800)


@dataclass(frozen=True, slots=True, eq=False)
class ReportFacts:
    """The log, with a column `local` of local times, and the results of queries as in `df.facecam`."""

    log: pd.DataFrame
    visits: pd.DataFrame
    unknown: pd.DataFrame
    warnings: tuple[str, ...]
    sessions: tuple[SessionSummary, ...]

    @property
    def faces(self) -> pd.DataFrame:
        return self.log[(self.log["event"] == "seen") & (self.log["mode"] == "faces")]

    @property
    def step_ms(self) -> int:
        """Return the bin width of charts over time: the shortest round duration that gives at most MAX_BINS bins."""
        local = self.log["local"]
        span_s = (local.max() - local.min()).total_seconds() if local.notna().any() else 0.0
        weeks_s = int(np.ceil(span_s / MAX_BINS / _STEPS_S[-1])) * _STEPS_S[-1]
        return 1000 * next((step for step in _STEPS_S if span_s / step <= MAX_BINS), weeks_s)

    def bins(self, rows: pd.DataFrame) -> pd.Series[Any]:
        """Return the start of each row's bin, in local time."""
        # Bins of days begin at midnight, bins of weeks on Monday; 1970 began on a Thursday.
        monday = pd.Timedelta(4, "D")
        return (rows["local"] - monday).dt.floor(f"{self.step_ms}ms").add(monday).dt.as_unit("ms")

    def at_every_bin(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Return figures indexed by bin with empty rows for missing bins, so that a line has gaps there."""
        step = pd.Timedelta(self.step_ms, "ms")
        return figures.reindex(pd.date_range(figures.index.min(), figures.index.max(), freq=step, unit="ms"))


def read_facts(logs: Sequence[str | os.PathLike[str]]) -> ReportFacts:
    """Read logs (files or folders) and run the queries that several sections need. LogError as from `read_log`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LogWarning)
        log = read_log(logs, columns=COLUMNS)
    log = log.assign(local=local_times(log["ts_utc"]))
    return ReportFacts(
        log=log,
        visits=log.facecam.visits(),
        unknown=log.facecam.unknown_visits(),
        warnings=tuple(str(warning.message) for warning in caught if issubclass(warning.category, LogWarning)),
        sessions=_sessions(logs),
    )


def _sessions(logs: Sequence[str | os.PathLike[str]]) -> tuple[SessionSummary, ...]:
    """Return the sessions of the logs, as far as their JSON files exist."""
    found: dict[str, SessionSummary] = {}
    for path in map(Path, logs):
        summaries = list_sessions(path) if path.is_dir() else filter(None, [session_summary(path)])
        found |= {summary.session_id: summary for summary in summaries}
    return tuple(found[name] for name in sorted(found))
