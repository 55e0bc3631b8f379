"""Queries over a log's DataFrame, available as `df.facecam`: presence, visits, attendance, expressions, objects, frames, markers.

Presence is computed from rows and visits from presence. Work is done on whole columns: the presence in a million rows takes a
tenth of a second.

Rules that all queries share:

- No result joins two sessions. Within a session, cameras and files are joined only where their times are certain: `ts_origin` is
  `clock` or `given`.
- From version 4 on a track is one person: its rows before the name was decided count for that person.
- A duration is the time from the first sighting to the last. A single sighting lasts 0 seconds.
- A gap is at least 2.5 times the mean interval between the source's frames: in a time-lapse, one missed frame ends no visit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import Day, Tick

from facecam.errors import LogError
from facecam.logbook.dictionary import SESSION_LABEL_PREFIX, is_label_column
from facecam.logbook.log_table import LogTable
from facecam.logbook.spans import (
    BEGIN,
    COUNT,
    END,
    SECONDS,
    dense_codes,
    epoch_ms,
    group_codes,
    join_sightings,
    join_spans,
    overlapping_spans,
    split_spans,
    zoned_times,
)
from facecam.logbook.track_people import FACE_COLUMNS, person_of_each_face
from facecam.types import CLEAR_FROM, ESTIMATED_ORIGINS, EXPRESSIONS, UNCLEAR, VISIT_GAP_S, EventCode

EXPRESSION_COLUMNS = [f"p_{name}" for name in EXPRESSIONS]

CAMERA_KEYS = ["session_id", "source", "camera_id"]
"""Columns that identify one camera in one session. Two files of one session share times but show different moments."""

PRESENCE_GAP_S = 5.0
"""A person who is back within this time has not left; the window uses the same figure."""

_LEAST_GAP_FRAMES = 2.5
"""A gap has at least this many mean frame intervals, so that one missed frame does not end a visit."""

_LEAST_INTERVALS = 10
"""Fewer intervals between frames do not tell how many frames a source shows."""

_FRAME_COUNTS = {
    "frames_read": "read",
    "frames_analyzed": "analyzed",
    "frames_with_faces": "with_faces",
    "dropped_frames": "dropped",
}

_Queries = TypeVar("_Queries", bound=type)


def _return_log_tables(queries: _Queries) -> _Queries:
    """Let every public method return its table as a LogTable, whose CSV files escape formulas."""
    for name, query in list(vars(queries).items()):
        if not name.startswith("_"):
            setattr(queries, name, _returning_log_table(query))
    return queries


def _returning_log_table(query: Callable[..., pd.DataFrame]) -> Callable[..., LogTable]:
    @functools.wraps(query)
    def returning(*args: Any, **options: Any) -> LogTable:
        return LogTable(query(*args, **options))

    return returning


@pd.api.extensions.register_dataframe_accessor("facecam")
@_return_log_tables
class LogQueries:
    """Queries over a log from `read_log`, which may hold several sessions and cameras.

    Each returns a new DataFrame, empty when nothing matches. Times are UTC in columns that end in `_utc` and local otherwise;
    all keep their time zone. Durations are seconds from the first sighting to the last. A column missing from the log raises
    LogError.

    The examples query a log of ten minutes in which Ada comes twice, Grace once and an unknown person once. The session has the
    label `condition=2`, and the markers `task` and `pause` after one and five minutes.
    """

    def __init__(self, log: pd.DataFrame) -> None:
        if "event" not in log.columns:
            raise AttributeError("`facecam` needs a log from facecam.read_log(); this DataFrame has no column `event`")
        self._log = pd.DataFrame(log)  # tables of a subclass take a fifth more time

    def presence(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return the spans in which each camera saw each person; gaps shorter than `gap_s` are bridged.

        >>> log.facecam.presence()[["name", "begin_utc", "seconds"]]
            name                 begin_utc  seconds
        0    Ada 2026-01-02 03:04:05.250+00:00     60.0
        1    Ada 2026-01-02 03:09:05.250+00:00     30.0
        2  Grace 2026-01-02 03:04:35.250+00:00    120.0
        """
        rows = self._faces("ts_utc", "ts_origin", *CAMERA_KEYS)
        return self._join_sightings(rows[rows["name"].notna()], ["name", *CAMERA_KEYS], gap_s, ("ts_origin",))

    def visits(self, gap_s: float = VISIT_GAP_S) -> pd.DataFrame:
        """Return each person's visits over all cameras of a session; an absence shorter than `gap_s` does not end a visit.

        Sources whose times are estimates (`ts_origin` is `container` or `file`) stay apart.

        >>> log.facecam.visits().name.value_counts()
        name
        Ada      2
        Grace    1
        Name: count, dtype: int64
        """
        spans = self.presence(gap_s)
        keys = ["name", "session_id", "clock"]
        return join_spans(spans.assign(clock=clock_numbers(spans)), keys, gap_s).drop(columns="clock")

    def first_last_seen(self) -> pd.DataFrame:
        """Return the first and last time, the number of visits, the total duration and the share of the log of each person.

        `share` is the duration divided by the time of all frames in the log; absent unless all sessions have counted them.

        >>> log.facecam.first_last_seen()[["first_utc", "visits", "seconds", "share"]]
                              first_utc  visits  seconds  share
        name
        Ada   2026-01-02 03:04:05.250+00:00       2     90.0   0.15
        Grace 2026-01-02 03:04:35.250+00:00       1    120.0    0.2
        """
        found = self.visits().groupby("name", observed=True)
        first_last = found.agg(first_utc=(BEGIN, "min"), last_utc=(END, "max"), visits=(BEGIN, "size"))
        people = first_last.join(found[[SECONDS, COUNT]].sum())
        whole_s = self._observed_seconds().sum(skipna=False)
        return people.assign(share=people[SECONDS].astype("Float64") / (pd.NA if pd.isna(whole_s) or not whole_s else whole_s))

    def attendance(self, zone: str | None = None) -> pd.DataFrame:
        """Return arrival, departure, visits and duration per day and person.

        Times and days are local to this machine, or to a `zone` like "Europe/Berlin".

        >>> log.facecam.attendance("Asia/Tokyo")[["first", "visits"]]
                                             first  visits
        day        name
        2026-01-02 Ada   2026-01-02 12:04:05.250+09:00       2
                   Grace 2026-01-02 12:04:35.250+09:00       1
        """
        cut = split_spans(self.visits().reset_index(names="visit"))
        begin, end = zoned_times(cut[BEGIN], zone), zoned_times(cut[END], zone)
        # A piece that ends at midnight ends on the day on which it began.
        day = begin.dt.tz_localize(None).dt.normalize()
        found = cut.assign(day=day, first=begin, last=end).groupby(["day", "name"], observed=True)
        return found.agg(first=("first", "min"), last=("last", "max"), visits=("visit", "nunique"), seconds=(SECONDS, "sum"))

    def together(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return how often and how long each pair of people was in front of one camera together, longest first.

        >>> log.facecam.together()[["times", "seconds"]]
                       times  seconds
        name_1 name_2
        Ada    Grace       1     30.0
        """
        met = overlapping_spans(self.presence(gap_s), CAMERA_KEYS, "name")
        found = met.groupby(["name_1", "name_2"]).agg(
            times=(BEGIN, "size"), seconds=(SECONDS, "sum"), first_utc=(BEGIN, "min"), last_utc=(END, "max")
        )
        return found.sort_values("seconds", ascending=False, kind="stable")

    def unknown_visits(self) -> pd.DataFrame:
        """Return the tracks that stayed unknown, with duration, and the nearest enrolled person with distance and threshold.

        >>> log.facecam.unknown_visits()[["track_id", "seconds", "nearest_name", "distance_l2"]]
           track_id  seconds nearest_name  distance_l2
        0         4     10.0        Grace         0.45
        """
        keys = [*CAMERA_KEYS, "track_id"]
        nearest_columns = ["nearest_name", "distance_l2", "threshold_l2", "own_threshold_l2"]
        rows = self._faces("ts_utc", *keys, "decision", *nearest_columns)
        rows = rows[rows["track_id"].notna()]
        decided = rows.loc[rows["decision"].isin(["known", "unknown"]), [*keys, "ts_utc", "decision"]]
        final = decided.sort_values("ts_utc", kind="stable").drop_duplicates(keys, keep="last")
        unknown = final.loc[final["decision"] == "unknown", keys]
        rows = rows[rows["name"].isna()]
        rows = rows.assign(row=range(len(rows))).merge(unknown, on=keys)
        nearest = rows.sort_values("distance_l2", kind="stable").drop_duplicates(keys)
        found = rows.groupby(keys, observed=True, dropna=False).agg(
            **{BEGIN: ("ts_utc", "min"), END: ("ts_utc", "max"), COUNT: ("row", "size")}
        )
        found.insert(2, SECONDS, (found[END] - found[BEGIN]).dt.total_seconds())
        found = found.reset_index().merge(nearest[[*keys, *nearest_columns]], on=keys)
        return found.sort_values([BEGIN, "track_id"], kind="stable", ignore_index=True)

    def expressions(self, by: str | Sequence[str] = "name") -> pd.DataFrame:
        """Return the mean expression probabilities and valence per person. An expression is not an emotion.

        Only readings count: rows on which the expression was read, of faces that passed the quality gates. Rows between readings
        repeat the last one and are not samples.

        Args:
            by: "name" for the enrolled people; "track" for every face, with the name if it has one; "marker" for the marker that
                was set last; or a column such as "session_condition". Several give one row per combination.

        Returns:
            Means, `n` (number of readings, which a test of significance needs), `missing` (share of the sightings on which the
            face failed a gate or no expression was read), `sightings`, and `unclear` (share of the readings in which no
            expression reaches 0.4; they count in the means). By track also `name`, the last one.

        >>> log.facecam.expressions()[["p_happy", "p_neutral", "valence", "n", "missing"]]
               p_happy  p_neutral  valence   n  missing
        name
        Ada        0.6        0.4    0.486  92  0.000000
        Grace      0.1        0.9    0.081  61  0.495868
        """
        rows, keys = self._expression_rows(by)
        found = self._mean_expressions(rows, keys)
        if "track_id" not in keys or "name" in keys:
            return found
        return found.assign(name=rows.groupby(keys, observed=True, dropna=False)["name"].last())

    def readings(self) -> pd.DataFrame:
        """Return one row per reading of an expression, as `expressions` counts them: the samples of a statistical test.

        Columns are the person's name (absent if not enrolled), session, source, camera, track, time, probabilities, valence, and
        `unclear`: 1 if no probability reaches 0.4, else 0.

        >>> log.facecam.readings().groupby("name", observed=True).size().to_dict()
        {'Ada': 92, 'Grace': 61}
        """
        times = ("ts_utc", "t_ms")
        rows, keys = self._expression_rows("track", "name", *times)
        return self._readings(rows)[[*keys, "name", *times, *EXPRESSION_COLUMNS, "valence", UNCLEAR]]

    def sentiment(
        self,
        every: str = "1min",
        by: str | Sequence[str] = "name",
        *,
        align: Literal["start"] | None = None,
        zone: str | None = "UTC",
    ) -> pd.DataFrame:
        """Return the mean expressions over time: columns and `by` as in `expressions`, per session, source and bin.

        Args:
            every: Width of the bins, any pandas frequency: "10s", "1h", "1D", "W", "ME".
            by: As in `expressions`.
            align: "start" for bins of the session's time (`t_ms`), which begins at 0 in every session and every file, so that
                sessions can be compared. The index then has `begin_s` in seconds.
            zone: Time zone of bins of a day or longer, and None for this machine's. The index has `begin_utc` for UTC, and
                otherwise `begin` in that zone.

        Raises:
            LogError: The frequency or the zone is unknown, or `align` is used with a frequency that has no fixed length.

        >>> log.facecam.sentiment("5min").droplevel(["session_id", "source", "camera_id"])["valence"]
        name   begin_utc
        Ada    2026-01-02 03:00:00+00:00    0.486
               2026-01-02 03:05:00+00:00    0.486
        Grace  2026-01-02 03:00:00+00:00    0.081
               2026-01-02 03:05:00+00:00    0.081
        Name: valence, dtype: Float64
        """
        offset = _frequency(every)
        rows, keys = self._expression_rows(by, "ts_utc", "t_ms", *CAMERA_KEYS)
        keys = [*CAMERA_KEYS, *(key for key in keys if key not in CAMERA_KEYS)]
        if align is not None:
            rows, keys = rows.assign(begin_s=_aligned(rows["t_ms"], offset, every)), [*keys, "begin_s"]
            return self._mean_expressions(rows[rows["begin_s"].notna()], keys)
        name = BEGIN if zone == "UTC" else "begin"
        times = zoned_times(rows["ts_utc"], zone)
        return self._mean_expressions(rows.assign(**{name: _bins(times, every, offset)}), [*keys, name])

    def objects(self, least_p: float = 0.0, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return the objects that were shown to the camera, most frequent first.

        A label is in the log exactly when it was shown on the screen, by the rule of `facecam.objects.evidence.EvidenceRule`; all
        of these count. Taught and trained labels have no `label_1_id`. `least_p` leaves out labels below a probability.

        >>> log.facecam.objects()[["times", "seconds", "frames"]]
                                times  seconds  frames
        label_1    label_1_id
        coffee mug n03063599        2     14.0      16
        my mug     NaN              1      9.0      10
        banana     n07753592        1      4.0       5
        """
        keys = ["label_1", "label_1_id"]
        rows = self._rows("objects", "ts_utc", *CAMERA_KEYS, *keys, "p_1")
        rows = rows[rows["label_1"].notna() & (rows["p_1"] >= least_p).fillna(value=False)]
        spans = self._join_sightings(rows, [*keys, *CAMERA_KEYS], gap_s)
        found = spans.groupby(keys, observed=True, dropna=False).agg(
            times=(BEGIN, "size"),
            seconds=(SECONDS, "sum"),
            frames=(COUNT, "sum"),
            first_utc=(BEGIN, "min"),
            last_utc=(END, "max"),
        )
        # Both groupings have the same groups in the same order.
        found["mean_p"] = rows.groupby(keys, observed=True, dropna=False)["p_1"].mean().array
        return found.sort_values("frames", ascending=False, kind="stable")

    def object_spans(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return the spans in which each camera was shown an object, in order of time. A span ends where another label follows.

        >>> log.facecam.object_spans()[["label_1", "seconds"]]
              label_1  seconds
        0  coffee mug      7.0
        1  coffee mug      7.0
        2      banana      4.0
        3      my mug      9.0
        """
        rows = self._rows("objects", "ts_utc", *CAMERA_KEYS, "label_1")
        return self._join_runs(rows[rows["label_1"].notna()], "label_1", CAMERA_KEYS, gap_s)

    def expression_spans(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return the spans in which each person showed an expression, in order of time. A span ends where another one follows.

        `unclear` and faces that fail a quality gate end a span and have none of their own.

        >>> log.facecam.expression_spans()[["name", "expression", "seconds"]]
            name expression  seconds
        0    Ada      happy     60.0
        1  Grace    neutral     60.0
        2    Ada      happy     30.0
        """
        rows = self._faces("ts_utc", *CAMERA_KEYS, "gate", "expression")
        rows = rows[rows["name"].notna()]
        is_clear = (rows["gate"].isna() & (rows["expression"] != UNCLEAR).fillna(value=False)).to_numpy(bool)
        rows = rows.assign(expression=rows["expression"].where(is_clear))
        return self._join_runs(rows, "expression", ["name", *CAMERA_KEYS], gap_s)

    def decisions(self) -> pd.DataFrame:
        """Return the number of faces and tracks for each decision and its reason.

        >>> log.facecam.decisions()[["faces", "tracks"]]
                          faces  tracks
        decision reason
        known    votes      213       3
        unknown  too_far     11       1
        """
        keys = ["decision", "reason"]
        rows = self._rows("faces", *CAMERA_KEYS, "track_id", *keys)
        found = rows.groupby(keys, observed=True, dropna=False)
        tracks = rows.drop_duplicates().groupby(keys, observed=True, dropna=False).size()
        counted = found.size().rename("faces").to_frame()
        counted = counted.assign(share=counted["faces"] / max(len(rows), 1), tracks=tracks.array)
        return counted.sort_values("faces", ascending=False, kind="stable")

    def frames(self) -> pd.DataFrame:
        """Return the frames of each source of each session: read, analyzed, with faces, dropped, and their time in seconds.

        Logs before version 4 have not counted them; their values are absent.

        >>> log.facecam.frames()[["source", "read", "analyzed", "with_faces", "dropped", "seconds"]]
              source  read  analyzed  with_faces  dropped  seconds
        0  clip.mkv   600       590         190        3    600.0
        """
        log = self._columns("event", *CAMERA_KEYS, *_FRAME_COUNTS, "frames_span_ms")
        about_frames = log["event"].isin(["seen", "empty", "frames"]) & log["source"].notna()
        sources = log.loc[about_frames, CAMERA_KEYS].drop_duplicates()
        last = log[log["event"] == "frames"].drop_duplicates(CAMERA_KEYS, keep="last")
        found = sources.merge(last.drop(columns="event"), on=CAMERA_KEYS, how="left")
        found = found.assign(seconds=found["frames_span_ms"] / 1000).drop(columns="frames_span_ms")
        return found.rename(columns=_FRAME_COUNTS).sort_values(CAMERA_KEYS, kind="stable", ignore_index=True)

    def sessions(self) -> pd.DataFrame:
        """Return one row per session: first and last time, seconds with frames, number of sources and rows, and its labels.

        >>> log.facecam.sessions()[["seconds", "sources", "rows", "session_condition"]]
                               seconds  sources  rows session_condition
        session_id
        20260102T030405Z-beef    600.0        1   260                 2
        """
        labels = list(filter(is_label_column, self._log.columns))
        log = self._columns("session_id", "ts_utc", "source", *labels)
        by_session = log.groupby("session_id", observed=True)
        found = by_session.agg(first_utc=("ts_utc", "min"), last_utc=("ts_utc", "max"))
        cameras = self.frames().groupby("session_id", observed=True).size()
        found = found.assign(
            seconds=self._observed_seconds().reindex(found.index),
            sources=cameras.reindex(found.index, fill_value=0),
            rows=by_session.size(),
        )
        return found.join(log.drop_duplicates("session_id").set_index("session_id")[labels])

    def markers(self) -> pd.DataFrame:
        """Return the markers in order of time.

        >>> log.facecam.markers()[["ts_utc", "marker"]]
                                 ts_utc marker
        0 2026-01-02 03:05:05.250+00:00   task
        1 2026-01-02 03:09:05.250+00:00  pause
        """
        columns = ["session_id", "ts_utc", "t_ms", "marker"]
        log = self._columns("event", *columns)
        return log.loc[log["event"] == "marker", columns].sort_values(columns[:2], kind="stable", ignore_index=True)

    def where(self, **labels: object) -> pd.DataFrame:
        """Return the rows of the sessions with these labels, for further queries. A list allows several values.

        >>> log.facecam.where(condition=2).facecam.visits().name.nunique()
        2
        >>> log.facecam.where(condition=["1", "3"]).empty
        True
        """
        chosen = np.ones(len(self._log), bool)
        for name, value in labels.items():
            values = value if isinstance(value, (list, tuple, set)) else [value]
            chosen &= self._label(name).isin(list(map(str, values))).to_numpy()
        return self._log[chosen]

    def between(self, begin: str, end: str) -> pd.DataFrame:
        """Return the rows of each session from a marker `begin` to the next marker `end`, for further queries.

        Without a later `end`, the rows to the session's end. In files whose times are estimates (`ts_origin`), markers and rows
        are compared by `t_ms`. Counts of frames are left out, since they count from the start of
        the session: `frames()` and `share` have no values for part of one.

        Raises:
            LogError: No session has a marker `begin`.

        >>> part = log.facecam.between("task", "pause")
        >>> part.facecam.visits()[["name", "seconds"]]
            name  seconds
        0    Ada      0.0
        1  Grace     90.0
        """
        log = self._columns("event", "session_id", "ts_utc", "t_ms", "ts_origin")
        log, markers = log.astype({"t_ms": float}), self.markers().astype({"t_ms": float})
        is_estimated = self._has_estimated_time(log)
        if begin not in set(markers["marker"]):
            found = ", ".join(sorted(set(markers["marker"].dropna())))
            if not found:
                raise LogError("no session has a marker {begin!r}; markers of this log: none", begin=begin)
            raise LogError("no session has a marker {begin!r}; markers of this log: {found}", begin=begin, found=found)
        chosen = np.zeros(len(log), bool)
        for session, own in markers.groupby("session_id", observed=True):
            in_session = (log["session_id"] == session).to_numpy()
            ends = own[own["marker"] == end].sort_values("t_ms", kind="stable")
            for start in own[own["marker"] == begin].itertuples():
                within = in_session & np.where(is_estimated, log["t_ms"] >= start.t_ms, log["ts_utc"] >= start.ts_utc)
                for stop in ends[ends["t_ms"] > start.t_ms].head(1).itertuples():
                    within &= np.where(is_estimated, log["t_ms"] < stop.t_ms, log["ts_utc"] < stop.ts_utc)
                chosen |= within
        return self._log[chosen & (log["event"] != "frames").to_numpy()]

    def _columns(self, *names: str) -> pd.DataFrame:
        """Return these columns. LogError for one that the log lacks."""
        if missing := [name for name in names if name not in self._log.columns]:
            raise LogError(
                "this query needs the column {column}, which was not read: add it to read_log(columns=...)", column=missing[0]
            )
        return self._log[list(dict.fromkeys(names))]

    def _label(self, name: str) -> pd.Series[Any]:
        """Return the column of a session label. LogError for one that no session has."""
        known = list(filter(is_label_column, self._log.columns))
        if (column := f"{SESSION_LABEL_PREFIX}{name}") in known:
            return self._log[column]
        if not known:
            raise LogError("no session has a label {name}; labels of this log: none", name=name)
        listed = ", ".join(column.removeprefix(SESSION_LABEL_PREFIX) for column in known)
        raise LogError("no session has a label {name}; labels of this log: {listed}", name=name, listed=listed)

    def _rows(self, mode: str, *names: str) -> pd.DataFrame:
        """Return these columns of the rows about faces or objects."""
        rows: pd.DataFrame = self._columns(*names).loc[self._is_about(mode)]
        return rows

    def _is_about(self, mode: str) -> Any:
        """Return which rows, (n,) bool, are about faces or objects."""
        log = self._columns("event", "mode")
        return ((log["event"] == "seen") & (log["mode"] == mode)).to_numpy()

    def _faces(self, *names: str) -> pd.DataFrame:
        """Return these columns of the rows about faces, and `name`: the person to whom the row's track belongs."""
        log = self._columns("event_code", "session_id", "track_id")
        is_rejection = (log["event_code"].isin([EventCode.NAME_REJECTED]) & log["track_id"].notna()).to_numpy()
        faces = self._rows("faces", *FACE_COLUMNS, *names)
        rejections = log.loc[is_rejection, ["session_id", "track_id"]]
        position = np.flatnonzero(self._is_about("faces"))
        people = person_of_each_face(faces, position, rejections, np.flatnonzero(is_rejection))
        return faces.assign(name=people)[list(dict.fromkeys(["name", *names]))]

    def _join_sightings(self, rows: pd.DataFrame, keys: list[str], gap_s: float, kept: tuple[str, ...] = ()) -> pd.DataFrame:
        """Merge rows of equal keys to spans, with a longer gap for sources that show few frames."""
        sparse = self._sparse_cameras(gap_s)
        if sparse.empty:
            return join_sightings(rows, keys, gap_s, kept)
        gaps = rows[CAMERA_KEYS].merge(sparse, on=CAMERA_KEYS, how="left")["gap_s"].fillna(gap_s)
        return join_sightings(rows, keys, gaps.set_axis(rows.index), kept)

    def _join_runs(self, rows: pd.DataFrame, column: str, keys: list[str], gap_s: float) -> pd.DataFrame:
        """Merge rows of equal keys that follow each other with one value in a column to spans, in order of time."""
        group, value = group_codes(rows, keys), group_codes(rows, [column])
        order = np.lexsort((epoch_ms(rows["ts_utc"]), group))
        group, value = group[order], value[order]
        run = np.zeros(len(rows), np.int64)
        run[order] = np.cumsum(np.r_[True, (group[1:] != group[:-1]) | (value[1:] != value[:-1])])[: len(rows)]
        rows = rows.assign(run=run)[rows[column].notna()]
        found = self._join_sightings(rows, [*keys, column, "run"], gap_s).drop(columns="run")
        return found.sort_values([BEGIN, *keys], kind="stable", ignore_index=True)

    def _sparse_cameras(self, gap_s: float) -> pd.DataFrame:
        """Return the cameras whose frames are so far apart that they need a longer gap: CAMERA_KEYS and `gap_s`."""
        log = self._columns("event", "ts_utc", *CAMERA_KEYS, "frames_analyzed", "frames_span_ms")
        longest_ms = gap_s * 1000 / _LEAST_GAP_FRAMES
        camera = dense_codes(group_codes(log, CAMERA_KEYS))
        is_count = (log["event"] == "frames").to_numpy()
        counted = log[is_count].set_axis(camera[is_count])
        counted = counted[~counted.index.duplicated(keep="last")]
        mean_ms = (counted["frames_span_ms"] / counted["frames_analyzed"].where(counted["frames_analyzed"] > 0)).dropna()
        usual_ms = _usual_intervals(log, camera, set(mean_ms.index[mean_ms <= longest_ms]), longest_ms)
        # A camera that was away for an hour has a long mean, too.
        least_ms = pd.concat([mean_ms.astype(float), usual_ms], axis=1).min(axis=1)
        least_ms = least_ms[least_ms > longest_ms]
        first = [int(np.argmax(camera == number)) for number in least_ms.index]
        return log.iloc[first][CAMERA_KEYS].assign(gap_s=least_ms.to_numpy(float) * _LEAST_GAP_FRAMES / 1000)

    def _observed_seconds(self) -> pd.Series[Any]:
        """Return the time of the frames of each session; absent if a source has not counted them.

        A session that was killed or still runs has frames after the last count.
        """
        frames = self.frames()
        log = self._columns("event", "ts_utc", "ts_origin", *CAMERA_KEYS)
        last = log[log["event"] == "frames"].drop_duplicates(CAMERA_KEYS, keep="last").drop(columns="event")
        seen = log[log["event"].isin(["seen", "empty"])].drop_duplicates(CAMERA_KEYS, keep="last")
        spans = frames.merge(last, on=CAMERA_KEYS, how="left")
        spans = spans.merge(seen[[*CAMERA_KEYS, "ts_utc"]].rename(columns={"ts_utc": END}), on=CAMERA_KEYS, how="left")
        spans = spans[spans[SECONDS].notna()]
        length = pd.to_timedelta(spans[SECONDS].astype(float), unit="s")
        begin_utc = (spans["ts_utc"] - length).dt.as_unit("ms")
        spans = spans.assign(begin_utc=begin_utc, end_utc=spans[["ts_utc", END]].max(axis=1), sightings=1)
        joined = join_spans(spans.assign(clock=clock_numbers(spans)), ["session_id", "clock"], 0.0)
        whole = joined.groupby("session_id", observed=True)[SECONDS].sum().astype("Float64")
        incomplete = set(frames.loc[frames[SECONDS].isna(), "session_id"])
        sessions = pd.Index(frames["session_id"].unique(), name="session_id")
        return whole.reindex(sessions).mask(sessions.isin(incomplete)).rename(SECONDS)

    def _expression_rows(self, by: str | Sequence[str], *names: str) -> tuple[pd.DataFrame, list[str]]:
        """Return the rows of faces with their number in the log, `row`, and the columns to group by.

        `usable` are those that passed the gates, `reading` those of them whose expression was just read.
        """
        given = [by] if isinstance(by, str) else list(by)
        keys = [key for name in given for key in ([*CAMERA_KEYS, "track_id"] if name == "track" else [name])]
        keys = list(dict.fromkeys(keys))
        columns = [name for name in keys if name != "marker"]
        columns += ["session_id", "ts_utc", "t_ms", "ts_origin"] if "marker" in keys else []
        rows = self._faces("gate", "expression_read", "valence", *columns, *names)
        rows = rows.assign(row=np.flatnonzero(self._is_about("faces")))
        if "marker" in keys:
            rows = rows.assign(marker=self._last_markers(rows))
        if "name" in keys:
            rows = rows[rows["name"].notna()]
        if "track_id" in keys:
            rows = rows[rows["track_id"].notna()]
        is_usable = (rows["valence"].notna() & rows["gate"].isna()).to_numpy()
        is_reading = is_usable & rows["expression_read"].fillna(value=False).to_numpy(bool)
        return rows.assign(usable=is_usable, reading=is_reading), keys

    def _readings(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the readings among `_expression_rows`, with their probabilities: copying those of all rows takes longer."""
        readings = rows[rows["reading"]]
        probabilities = self._columns(*EXPRESSION_COLUMNS).iloc[readings["row"]]
        readings = readings.assign(**{name: probabilities[name].array for name in EXPRESSION_COLUMNS})
        return readings.assign(**{UNCLEAR: (readings[EXPRESSION_COLUMNS].max(axis=1) < CLEAR_FROM).astype("Float64")})

    def _mean_expressions(self, rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
        """Return the means of the readings, their number, the share of sightings without one, and the sightings, by keys."""
        sightings = rows.groupby(keys, observed=True, dropna=False)["usable"].agg(["size", "mean"])
        readings = self._readings(rows).groupby(keys, observed=True, dropna=False)
        found = readings[[*EXPRESSION_COLUMNS, "valence", UNCLEAR]].mean().assign(n=readings.size())
        found = found.reindex(sightings.index)
        unclear = found.pop(UNCLEAR)
        found = found.assign(
            n=found["n"].fillna(0).astype("int64"), missing=1 - sightings["mean"].astype(float), **{COUNT: sightings["size"]}
        )
        return found.assign(**{UNCLEAR: unclear})

    def _last_markers(self, rows: pd.DataFrame) -> Any:
        """Return the text of the session's last marker before each row."""
        markers = self.markers()
        table = pd.concat([rows[["session_id"]], markers[["session_id"]]], ignore_index=True)
        session = group_codes(table, ["session_id"])
        is_estimated = self._has_estimated_time(rows)
        # Each marker is among the times in UTC of its session, and among those in t_ms.
        marked = session[len(rows) :]
        clock = np.r_[2 * session[: len(rows)] + is_estimated, 2 * marked, 2 * marked + 1]
        own_ms = np.where(is_estimated, rows["t_ms"].astype(float), epoch_ms(rows["ts_utc"]))
        at_ms = np.r_[own_ms, epoch_ms(markers["ts_utc"]), markers["t_ms"].astype(float)]
        order = np.lexsort((np.arange(len(at_ms)) < len(rows), at_ms, clock))
        texts = pd.Series([None] * len(rows) + 2 * markers["marker"].astype(object).tolist(), dtype=object).iloc[order]
        last = texts.groupby(clock[order]).ffill()
        return last.sort_index().iloc[: len(rows)].astype("category").array

    def _has_estimated_time(self, rows: pd.DataFrame) -> Any:
        """Return which rows, (n,) bool, have a UTC time that is an estimate, or belong to a session with such a marker."""
        log = self._columns("event", "session_id", "ts_origin")
        is_marker = (log["event"] == "marker") & log["ts_origin"].isin(ESTIMATED_ORIGINS)
        sessions = log.loc[is_marker, "session_id"].unique()
        return (rows["ts_origin"].isin(ESTIMATED_ORIGINS) | rows["session_id"].isin(sessions)).to_numpy()


def clock_numbers(spans: pd.DataFrame) -> Any:
    """Return a number for each span: 0 where the time is certain, and one per camera where it is an estimate."""
    return np.where(spans["ts_origin"].isin(ESTIMATED_ORIGINS), 1 + group_codes(spans, CAMERA_KEYS), 0)


def _usual_intervals(log: pd.DataFrame, camera: Any, known: set[int], longest_ms: float) -> pd.Series[Any]:
    """Return the lower quartile of the time between two frames with rows, by camera; 0 where it is at most `longest_ms`.

    Without a face a frame has no row. But the first frame without one has, so that a quarter of the intervals are those between
    two frames of the source. Cameras that are `known` to show more frames, or have fewer than _LEAST_INTERVALS, are left out.
    """
    is_other = ~np.isin(np.arange(camera.max(initial=-1) + 1), list(known))
    rows = np.flatnonzero(log["event"].isin(["seen", "empty"]).to_numpy() & is_other[camera])
    rows = rows[np.argsort(camera[rows], kind="stable")]
    camera = camera[rows]
    step_ms = np.diff(epoch_ms(log["ts_utc"].iloc[rows]))
    is_step = (camera[1:] == camera[:-1]) & (step_ms > 0)
    steps = pd.Series(step_ms[is_step], camera[1:][is_step])
    short = (steps <= longest_ms).groupby(level=0).agg(["mean", "size"])
    short = short[short["size"] >= _LEAST_INTERVALS]
    sparse = steps[steps.index.isin(short.index[short["mean"] < 0.25])]
    return sparse.groupby(level=0).quantile(0.25).reindex(short.index, fill_value=0.0)


def _frequency(every: str) -> pd.tseries.offsets.BaseOffset:
    try:
        return to_offset(every)
    except ValueError as error:
        raise LogError("{every!r} is not a pandas frequency; use one like 10s, 5min, 1h, 1D, W or ME", every=every) from error


def _aligned(t_ms: pd.Series[Any], offset: pd.tseries.offsets.BaseOffset, every: str) -> Any:
    """Return the begin of each time's bin in seconds."""
    if not isinstance(offset, (Tick, Day)):
        raise LogError("bins of {every} have no fixed length; with align, use one like 10s, 5min, 1h or 1D", every=every)
    width_s = pd.Timedelta(offset.n, "D").total_seconds() if isinstance(offset, Day) else pd.Timedelta(offset).total_seconds()
    return np.floor(t_ms / 1000 / width_s) * width_s


def _bins(times: pd.Series[Any], every: str, offset: pd.tseries.offsets.BaseOffset) -> pd.Series[Any]:
    """Return the begin of each time's bin: the bins of DataFrame.resample, of which those of weeks and months are whole days."""
    zone = times.dt.tz
    if times.empty:
        return times
    if isinstance(offset, Tick) and not isinstance(offset, Day):
        return pd.Series(times.dt.tz_convert("UTC").dt.floor(every).dt.tz_convert(zone))
    days = times.dt.tz_localize(None).dt.normalize()
    different = pd.DatetimeIndex(days.dropna().unique()).sort_values()
    grouper = pd.Grouper(freq=every, label="left")
    # Bins that end on a day, as those of weeks and months, begin after the day that ends the bin before.
    later = pd.Timedelta(1 if grouper.closed == "right" else 0, "D")
    sizes = pd.Series(1, different).groupby(grouper).size()
    begins = pd.Series(pd.DatetimeIndex(sizes.index).repeat(sizes.to_numpy()) + later, different)
    naive = days.map(begins).astype(days.dtype)
    # A day without midnight begins when its clocks begin; one with two midnights at the first.
    return pd.Series(naive.dt.tz_localize(zone, ambiguous=np.ones(len(naive), bool), nonexistent="shift_forward"))
