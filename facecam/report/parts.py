"""Report contents as data: sections of sentences, charts and tables, and the log data that the sections share.

Times are local and without a zone. Texts are unescaped; the page and the charts escape them.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from facecam.errors import LogError
from facecam.logbook.dictionary import is_label_column
from facecam.logbook.queries import CAMERA_KEYS, EXPRESSION_COLUMNS, LogQueries
from facecam.logbook.reader import LogWarning, expand_labels, read_log
from facecam.logbook.sessions import SessionSummary, list_sessions, session_summary
from facecam.logbook.spans import local_times
from facecam.types import EXPRESSIONS

Array = NDArray[Any]
"""Shape (n,): numbers, or datetime64[ms] for times."""

MAX_ROWS = 200
"""Rows of a table in a report; the log has all of them."""

Unit = Literal["text", "count", "number", "share", "seconds", "time", "clock", "status", "spans"]
"""`clock` is a time of the day; the cells of `status` are a class of the page with its text, those of `spans` pairs of shares."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Vertical line with its text, at a number or a time (datetime64[ms])."""

    text: str
    at: Any

    @property
    def is_time(self) -> bool:
        return isinstance(self.at, np.datetime64)


@dataclass(frozen=True, slots=True, eq=False)
class TimelineChart:
    """Bars from `begin` to `end` (datetime64[ms]). `row` holds the index of each bar's row; the first row is on top."""

    rows: tuple[str, ...]
    row: Array
    begin: Array
    end: Array
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """One line per column over the times of the index, in its order, with missing values for gaps. `y_range` fixes the axis."""

    data: pd.DataFrame
    y_label: str
    y_range: tuple[float, float] | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BarChart:
    """Stacked bars with one part per column.

    The index has texts (horizontal bars), or times or numbers: left edges of bars of this `width`, one for all or one per bar, in
    milliseconds on a time axis.
    """

    data: pd.DataFrame
    value_label: str
    position_label: str = ""
    width: float | Array = 0.0
    marks: tuple[Mark, ...] = ()

    @property
    def is_horizontal(self) -> bool:
        return not (isinstance(self.data.index, pd.DatetimeIndex) or pd.api.types.is_numeric_dtype(self.data.index))

    @property
    def widths(self) -> Array:
        """Width of each bar."""
        return np.broadcast_to(np.asarray(self.width, float), len(self.data))


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
    """A report. `warnings` are sentences about parts of the logs that were left out. `language` is `en` or `de`."""

    title: str
    made: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()
    heading: str = "facecam report"
    language: str = "en"

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
        return [None if pd.isna(value) else value.to_pydatetime().replace(microsecond=0) for value in values]
    if column.unit == "text":
        return [None if pd.isna(value) else str(value) for value in values]
    is_count = column.unit == "count"
    return [None if pd.isna(value) else int(value) if is_count else round(float(value), 6) for value in values]


_FORMATS: dict[Unit, Callable[[Any, TableColumn, str], str]] = {
    "count": lambda value, _, language: _in_language(f"{value:,}", language),
    "number": lambda value, column, language: _in_language(f"{value:.{column.digits}f}", language),
    "share": lambda value, _, language: _in_language(f"{100 * value:.1f} %", language),
    "seconds": lambda value, *_: format_duration(value),
    "time": lambda value, _, language: format_time(value, language),
    "clock": lambda value, *_: f"{value:%H:%M:%S}",
    "status": lambda value, *_: str(value[1]),
    "spans": lambda value, *_: ", ".join(f"{begin:.0%} to {end:.0%}" for begin, end in value),
    "text": lambda value, *_: str(value),
}


def format_value(value: Any, column: TableColumn, language: str = "en") -> str:
    """Return the value as text, empty for None. `language` is `en` or `de`."""
    return "" if value is None else _FORMATS[column.unit](value, column, language)


def sort_value(value: Any, column: TableColumn) -> str:
    """Return the value that a table is sorted by and saves as CSV: times as ISO 8601 with their zone."""
    if value is None:
        return ""
    match column.unit:
        case "time" | "clock":
            return str(value.isoformat(" ", "seconds"))
        case "status" | "spans":
            return format_value(value, column)
        case _:
            return str(value)


def format_time(time: datetime, language: str = "en", *, with_seconds: bool = True) -> str:
    """Return a time such as `2026-01-02 03:04:05`, in German `02.01.2026 03:04:05`."""
    clock = "%H:%M:%S" if with_seconds else "%H:%M"
    return f"{time:%d.%m.%Y {clock}}" if language == "de" else f"{time:%Y-%m-%d {clock}}"


def _in_language(number: str, language: str) -> str:
    return number.translate(str.maketrans(",.", ".,")) if language == "de" else number


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
    *("schema_version", "t_ms", "ts_origin", "person_id", "event_person", "last_seen_ms", "expression_read", "session_labels"),
    *("marker", "frames_read", "frames_analyzed", "frames_with_faces", "frames_span_ms"),
)

MAX_BINS = 120
MAX_BARS = 600
"""Steps that a chart over time shows at most: sources at the same time have their own."""

_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800)


@dataclass(frozen=True, slots=True, eq=False)
class ReportFacts:
    """The log, with a column `local` of local times as on a clock, and the results of queries as in `df.facecam`."""

    log: pd.DataFrame
    visits: pd.DataFrame
    unknown: pd.DataFrame
    frame_counts: pd.DataFrame
    markers: pd.DataFrame
    warnings: tuple[str, ...]
    sessions: tuple[SessionSummary, ...]

    @property
    def faces(self) -> pd.DataFrame:
        return self.log[(self.log["event"] == "seen") & (self.log["mode"] == "faces")]

    @property
    def has_expressions(self) -> bool:
        """True if any row has an expression, also of an unknown face."""
        return bool(self.log["valence"].notna().any())

    @property
    def logged_frames(self) -> pd.DataFrame:
        """One row per logged frame: each frame with a face, or in objects mode, and the first of a period without."""
        rows = self.log[self.log["event"].isin(["seen", "empty"])]
        # The rows of a frame's faces repeat its recognition time.
        return rows.drop_duplicates([*CAMERA_KEYS, "frame_index"])

    @property
    def label_columns(self) -> list[str]:
        """The columns of session labels in the log."""
        return list(filter(is_label_column, self.log.columns))

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The markers for charts over time."""
        times = local_times(self.markers["ts_utc"]).to_numpy("datetime64[ms]")
        return tuple(Mark(str(text), at) for text, at in zip(self.markers["marker"], times, strict=True))

    @property
    def step_ms(self) -> int:
        """Return the bin width of charts over time: the shortest round duration that gives at most MAX_BINS bins."""
        local = self.log["local"]
        if not local.notna().any():
            return 1000 * _STEPS_S[0]
        ends = pd.Series([local.min(), local.max()])
        weeks_s = int(np.ceil((ends[1] - ends[0]).total_seconds() / (MAX_BINS - 1) / _STEPS_S[-1])) * _STEPS_S[-1]
        steps_ms = (1000 * step for step in (*_STEPS_S, weeks_s))
        return next(
            (step for step in steps_ms if _floor(ends, step).diff().iloc[1] < pd.Timedelta(MAX_BINS * step, "ms")), weeks_s
        )

    def steps(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the step of each row in a chart over time: columns `source` (a number), `bin`, `left` and `width_ms`.

        No step has rows of two sources. Those that have rows in the same bin share its width, in the order of their names.
        """
        group = rows.groupby(CAMERA_KEYS, observed=True, dropna=False).ngroup()
        firsts = rows[CAMERA_KEYS].astype(object).fillna("").assign(group=group).drop_duplicates("group")
        source = group.map(dict(zip(firsts.sort_values(CAMERA_KEYS)["group"], range(len(firsts)), strict=True))).to_numpy()
        found = pd.DataFrame({"source": source, "bin": _floor(rows["local"], self.step_ms)}, rows.index)
        pairs = found.drop_duplicates().sort_values(["bin", "source"]).dropna()
        by_bin = pairs.groupby("bin")["source"]
        number, count = by_bin.cumcount().to_numpy(), by_bin.transform("size").to_numpy()
        begin_ms, end_ms = self.step_ms * number // count, self.step_ms * (number + 1) // count
        left = pairs["bin"] + pd.Series(begin_ms.astype("timedelta64[ms]"), pairs.index)
        places = pairs.assign(left=left.dt.as_unit("ms"), width_ms=end_ms - begin_ms)
        # A left merge keeps the order of the rows.
        return found.merge(places, on=["source", "bin"], how="left").set_axis(rows.index)

    def bars(self, figures: pd.DataFrame, value_label: str) -> BarChart:
        """Return a chart of figures that are indexed by `left` and `width_ms`."""
        figures = figures.sort_index().tail(MAX_BARS)
        width = figures.index.get_level_values("width_ms").to_numpy(float)
        data = figures.set_axis(pd.DatetimeIndex(figures.index.get_level_values("left")))
        return BarChart(data, value_label, width=width, marks=self.marks)

    def lines(self, figures: pd.DataFrame, y_label: str, y_range: tuple[float, float] | None = None) -> LineChart:
        """Return a chart of figures that are indexed as in `steps`, with points in the middle of the steps.

        A line has gaps where bins are missing, and never joins two sources.
        """
        figures = figures.sort_index().tail(MAX_BARS)
        levels = figures.index.to_frame(index=False)
        half = pd.to_timedelta(levels["width_ms"] // 2, unit="ms")
        middle = (levels["left"] + half).dt.as_unit("ms")
        has_gap = (levels["bin"].diff() > pd.Timedelta(self.step_ms, "ms")) | (levels["source"].diff() != 0)
        gaps = np.flatnonzero(has_gap.to_numpy())[1:]
        drawn = figures.set_axis(pd.DatetimeIndex(middle)).astype(float)
        empty = pd.DataFrame(np.nan, drawn.index[gaps], drawn.columns)
        order = np.argsort(np.r_[np.arange(len(drawn)), gaps - 0.5], kind="stable")
        return LineChart(pd.concat([drawn, empty]).iloc[order] if len(gaps) else drawn, y_label, y_range, self.marks)


STEP_KEYS = ["source", "bin", "left", "width_ms"]


def steps_note(count: int) -> str:
    """Return a sentence when a chart cannot show all of its steps."""
    return f"The latest {MAX_BARS} of {count:,} steps." if count > MAX_BARS else ""


def _floor(local: pd.Series[Any], step_ms: int) -> pd.Series[Any]:
    """Return the start of each time's bin."""
    # Bins of days begin at midnight, bins of weeks on Monday; 1970 began on a Thursday.
    monday = pd.Timedelta(4, "D")
    return (local - monday).dt.floor(f"{step_ms}ms").add(monday).dt.as_unit("ms")


def read_rows(logs: Sequence[str | os.PathLike[str]], labels: Mapping[str, str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read logs (files or folders), and only the sessions with these labels. Also returns sentences about what was left out.

    LogError as from `read_log`, and when no session has the labels.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LogWarning)
        log = read_log(logs, columns=COLUMNS)
    names = expand_labels(pa.table({"labels": log["session_labels"]})["labels"].combine_chunks())
    log = log.assign(**{name: values.to_pandas() for name, values in names.items()})
    log = LogQueries(log).where(**labels) if labels else log
    if labels and log.empty:
        listed = ", ".join(f"{name}={value}" for name, value in labels.items())
        raise LogError("no session has the labels {labels}", labels=listed)
    return log, tuple(str(warning.message) for warning in caught if issubclass(warning.category, LogWarning))


def read_facts(
    logs: Sequence[str | os.PathLike[str]],
    labels: Mapping[str, str] | None = None,
    between: tuple[str, str] | None = None,
    *,
    with_expressions: bool = True,
) -> ReportFacts:
    """Read logs as in `read_rows`, only their rows between two markers if given, and run the queries that sections share.

    Without `with_expressions`, the expressions in the logs are left out.
    """
    log, left_out = read_rows(logs, labels or {})
    if not with_expressions:
        columns = [*EXPRESSION_COLUMNS, "valence", "expression_read", "expression_model"]
        log = log.assign(**{name: log[name].iloc[:0].reindex(log.index) for name in columns})
    if between is not None:
        log = pd.DataFrame(log.facecam.between(*between))
    log = log.assign(local=local_times(log["ts_utc"]))
    return ReportFacts(
        log=log,
        visits=log.facecam.visits(),
        unknown=log.facecam.unknown_visits(),
        frame_counts=log.facecam.frames(),
        markers=log.facecam.markers(),
        warnings=left_out,
        sessions=tuple(
            session
            for session in _sessions(logs)
            if (not labels and between is None) or session.session_id in set(log["session_id"])
        ),
    )


def _sessions(logs: Sequence[str | os.PathLike[str]]) -> tuple[SessionSummary, ...]:
    """Return the sessions of the logs, as far as their JSON files exist."""
    found: dict[str, SessionSummary] = {}
    for path in map(Path, logs):
        summaries = list_sessions(path) if path.is_dir() else filter(None, [session_summary(path)])
        found |= {summary.session_id: summary for summary in summaries}
    return tuple(found[name] for name in sorted(found))
