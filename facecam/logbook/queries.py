"""Queries over a log's DataFrame, available as `df.facecam`: presence, visits, attendance, expressions, objects, decisions.

Presence is computed from rows and visits from presence. Work is done on whole columns: the presence in a million rows takes a
tenth of a second.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from facecam.errors import LogError
from facecam.types import EXPRESSIONS, VISIT_GAP_S

BEGIN, END, SECONDS, COUNT = "begin_utc", "end_utc", "seconds", "sightings"
EXPRESSION_COLUMNS = [f"p_{name}" for name in EXPRESSIONS]

CAMERA_KEYS = ["session_id", "source", "camera_id"]
"""Columns that identify one camera in one session. Two files of one session share times but show different moments."""

PRESENCE_GAP_S = 5.0
"""A person who is back within this time has not left; the window uses the same figure."""

QUARTER_HOUR_MS = 15 * 60 * 1000
"""Every offset from UTC in use, and every change of one, falls on a quarter of an hour."""


@pd.api.extensions.register_dataframe_accessor("facecam")
class LogQueries:
    """Queries over a log from `read_log`, which may hold several sessions and cameras.

    Each returns a new DataFrame, empty when nothing matches. Times are UTC in columns that end in `_utc` and local otherwise;
    durations are seconds from the first sighting to the last. A column missing from the log raises LogError.

    The examples query a log of ten minutes in which Ada comes twice, Grace once and an unknown person once.
    """

    def __init__(self, log: pd.DataFrame) -> None:
        if "event" not in log.columns:
            raise AttributeError("`facecam` needs a log from facecam.read_log(); this DataFrame has no column `event`")
        self._log = log

    def presence(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return the spans in which each camera saw each person; gaps shorter than `gap_s` are bridged.

        >>> log.facecam.presence()[["name", "begin_utc", "seconds"]]
            name                 begin_utc  seconds
        0    Ada 2026-01-02 03:04:05.250+00:00     60.0
        1    Ada 2026-01-02 03:09:05.250+00:00     30.0
        2  Grace 2026-01-02 03:04:35.250+00:00    120.0
        """
        rows = self._rows("faces", "name", "ts_utc", *CAMERA_KEYS)
        return _join_sightings(rows[rows["name"].notna()], ["name", *CAMERA_KEYS], gap_s)

    def visits(self, gap_s: float = VISIT_GAP_S) -> pd.DataFrame:
        """Return each person's visits over all cameras; an absence shorter than `gap_s` does not end a visit.

        >>> log.facecam.visits().name.value_counts()
        name
        Ada      2
        Grace    1
        Name: count, dtype: int64
        """
        return join_spans(self.presence(), ["name"], gap_s)

    def first_last_seen(self) -> pd.DataFrame:
        """Return the first and last time, the number of visits and the total duration of each person.

        >>> log.facecam.first_last_seen()[["first_utc", "visits", "seconds"]]
                              first_utc  visits  seconds
        name
        Ada   2026-01-02 03:04:05.250+00:00       2     90.0
        Grace 2026-01-02 03:04:35.250+00:00       1    120.0
        """
        found = self.visits().groupby("name", observed=True)
        first_last = found.agg(first_utc=(BEGIN, "min"), last_utc=(END, "max"), visits=(BEGIN, "size"))
        return first_last.join(found[[SECONDS, COUNT]].sum())

    def attendance(self, zone: str | None = None) -> pd.DataFrame:
        """Return arrival, departure, visits and duration per day and person.

        Times are local to this machine, or in a `zone` like "Europe/Berlin".

        >>> log.facecam.attendance("Asia/Tokyo")[["first", "visits"]]
                                       first  visits
        day        name
        2026-01-02 Ada   2026-01-02 12:04:05.250       2
                   Grace 2026-01-02 12:04:35.250       1
        """
        cut = split_spans(self.visits().reset_index(names="visit"))
        begin, end = local_times(cut[BEGIN], zone), local_times(cut[END], zone)
        # A piece that ends at midnight ends on the day on which it began.
        found = cut.assign(day=begin.dt.normalize(), first=begin, last=end).groupby(["day", "name"], observed=True)
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
        rows = self._rows("faces", "ts_utc", *keys, "decision", *nearest_columns)
        rows = rows[rows["track_id"].notna()]
        decided = rows.loc[rows["decision"].isin(["known", "unknown"]), [*keys, "ts_utc", "decision"]]
        final = decided.sort_values("ts_utc", kind="stable").drop_duplicates(keys, keep="last")
        unknown = final.loc[final["decision"] == "unknown", keys]
        rows = rows.assign(row=range(len(rows))).merge(unknown, on=keys)
        nearest = rows.sort_values("distance_l2", kind="stable").drop_duplicates(keys)
        found = rows.groupby(keys, observed=True, dropna=False).agg(
            **{BEGIN: ("ts_utc", "min"), END: ("ts_utc", "max"), COUNT: ("row", "size")}
        )
        found.insert(2, SECONDS, (found[END] - found[BEGIN]).dt.total_seconds())
        found = found.reset_index().merge(nearest[[*keys, *nearest_columns]], on=keys)
        return found.sort_values([BEGIN, "track_id"], kind="stable", ignore_index=True)

    def expressions(self) -> pd.DataFrame:
        """Return the mean expression probabilities and valence per person. An expression is not an emotion.

        >>> log.facecam.expressions()[["p_happy", "p_neutral", "valence"]]
               p_happy  p_neutral  valence
        name
        Ada        0.6        0.4    0.486
        Grace      0.1        0.9    0.081
        """
        return self._mean_expressions()

    def sentiment(self, every: str = "1min") -> pd.DataFrame:
        """Return the mean expressions over time, per person and `every` step: any pandas frequency ("10s", "1h").

        >>> log.facecam.sentiment("5min")["valence"]
        name   begin_utc
        Ada    2026-01-02 03:00:00+00:00    0.486
               2026-01-02 03:05:00+00:00    0.486
        Grace  2026-01-02 03:00:00+00:00    0.081
               2026-01-02 03:05:00+00:00    0.081
        Name: valence, dtype: Float64
        """
        return self._mean_expressions(every)

    def objects(self, least_p: float = 0.5, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Return the recognized objects with a probability of at least `least_p`, most frequent first.

        >>> log.facecam.objects()[["times", "seconds", "frames"]]
                                times  seconds  frames
        label_1    label_1_id
        coffee mug n03063599        2     14.0      16
        banana     n07753592        1      4.0       5
        """
        keys = ["label_1", "label_1_id"]
        rows = self._rows("objects", "ts_utc", *CAMERA_KEYS, *keys, "p_1")
        rows = rows[(rows["p_1"] >= least_p).fillna(value=False)]
        spans = _join_sightings(rows, [*keys, *CAMERA_KEYS], gap_s)
        found = spans.groupby(keys, observed=True).agg(
            times=(BEGIN, "size"),
            seconds=(SECONDS, "sum"),
            frames=(COUNT, "sum"),
            first_utc=(BEGIN, "min"),
            last_utc=(END, "max"),
        )
        found["mean_p"] = rows.groupby(keys, observed=True)["p_1"].mean()
        return found.sort_values("frames", ascending=False, kind="stable")

    def decisions(self) -> pd.DataFrame:
        """Return the number of faces and tracks for each decision and its reason.

        >>> log.facecam.decisions()[["faces", "tracks"]]
                          faces  tracks
        decision reason
        known    votes      213       3
        unknown  too_far     11       1
        """
        rows = self._rows("faces", *CAMERA_KEYS, "track_id", "decision", "reason")
        found = rows.groupby(["decision", "reason"], observed=True)
        tracks = rows.drop_duplicates().groupby(["decision", "reason"], observed=True).size()
        counted = pd.DataFrame({"faces": found.size(), "share": found.size() / max(len(rows), 1), "tracks": tracks})
        return counted.sort_values("faces", ascending=False, kind="stable")

    def _rows(self, mode: str, *names: str) -> pd.DataFrame:
        """Return these columns of the rows about faces or objects."""
        if missing := [name for name in ("mode", *names) if name not in self._log.columns]:
            raise LogError(f"this query needs the column {missing[0]}, which was not read: add it to read_log(columns=...)")
        return self._log.loc[(self._log["event"] == "seen") & (self._log["mode"] == mode), list(names)]

    def _mean_expressions(self, every: str | None = None) -> pd.DataFrame:
        """Return the means per person, and per step of time if there is one."""
        means = [*EXPRESSION_COLUMNS, "valence"]
        rows = self._rows("faces", "name", *([] if every is None else ["ts_utc"]), *means)
        rows = rows[rows["valence"].notna()]
        keys = ["name"]
        if every is not None:
            rows, keys = rows.assign(**{BEGIN: rows["ts_utc"].dt.floor(every)}), ["name", BEGIN]
        found = rows.groupby(keys, observed=True)
        return found[means].mean().assign(**{COUNT: found.size()})


def local_times(times_utc: pd.Series[Any], zone: str | None = None) -> pd.Series[Any]:
    """Convert UTC times to naive local times of this machine, or of a zone like "Europe/Berlin".

    The offset is looked up once per quarter of an hour, since only the machine knows its rules for daylight saving time.

    Raises:
        LogError: The zone is unknown.
    """
    at_ms = epoch_ms(times_utc.dropna())
    quarters, place = np.unique(at_ms // QUARTER_HOUR_MS, return_inverse=True)
    zone_info = _zone(zone)
    offsets_ms = [_offset_ms(int(quarter) * QUARTER_HOUR_MS, zone_info) for quarter in quarters]
    local_ms = at_ms + np.array(offsets_ms, np.int64)[place] if len(at_ms) else at_ms
    found = pd.Series(local_ms.astype("datetime64[ms]"), index=times_utc.dropna().index, name=times_utc.name)
    return found.reindex(times_utc.index)


def _offset_ms(at_ms: int, zone: ZoneInfo | None) -> int:
    offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LogError(f"unknown time zone {name!r}; use a name like Europe/Berlin, or none for this machine's zone") from error


def _join_sightings(rows: pd.DataFrame, keys: list[str], gap_s: float) -> pd.DataFrame:
    """Merge rows of equal keys that are less than `gap_s` apart to spans."""
    points = rows[keys].copy()
    points[BEGIN] = points[END] = rows["ts_utc"]
    points[COUNT] = 1
    return join_spans(points, keys, gap_s)


def join_spans(spans: pd.DataFrame, keys: list[str], gap_s: float) -> pd.DataFrame:
    """Merge spans of equal keys that overlap or are less than `gap_s` apart; ordered by keys and begin."""
    spans = spans[spans[BEGIN].notna()]
    if spans.empty:
        return _with_seconds(spans[[*keys, BEGIN, END, COUNT]])
    group = spans.groupby(keys, observed=True, dropna=False, sort=True).ngroup().to_numpy()
    begin, end = epoch_ms(spans[BEGIN]), epoch_ms(spans[END])
    order = np.lexsort((begin, group))
    group, begin = group[order], begin[order]
    reached = pd.Series(end[order]).groupby(group).cummax().to_numpy()
    starts = np.flatnonzero(np.r_[True, (group[1:] != group[:-1]) | (begin[1:] - reached[:-1] >= gap_s * 1000)])
    last = np.r_[starts[1:], len(group)] - 1
    found = spans.iloc[order[starts]][keys].reset_index(drop=True)
    found[BEGIN], found[END] = utc_times(begin[starts]), utc_times(reached[last])
    found[COUNT] = np.add.reduceat(spans[COUNT].to_numpy()[order], starts)
    return _with_seconds(found)


def overlapping_spans(spans: pd.DataFrame, keys: list[str], column: str) -> pd.DataFrame:
    """Return the overlap of each two spans with equal keys and different values in `column`, as sorted pairs of values."""
    group = spans.groupby(keys, observed=True, dropna=False).ngroup().to_numpy()
    begin, end, names = epoch_ms(spans[BEGIN]), epoch_ms(spans[END]), spans[column].astype(str).to_numpy(dtype=object)
    # All groups share one number line, on which each has its own range.
    earliest = begin.min(initial=np.iinfo(np.int64).max)
    group_range = end.max(initial=0) - earliest + 1
    begin_on_line = group * group_range + (begin - earliest)
    order = np.argsort(begin_on_line, kind="stable")
    begin_on_line = begin_on_line[order]
    reach = begin_on_line + (end - begin)[order]
    count = np.searchsorted(begin_on_line, reach, side="right") - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), count)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    one, other = order[first], order[second]
    different = names[one] != names[other]
    one, other = one[different], other[different]
    swap = names[one] > names[other]
    found = pd.DataFrame(
        {
            f"{column}_1": np.where(swap, names[other], names[one]),
            f"{column}_2": np.where(swap, names[one], names[other]),
            BEGIN: utc_times(begin[other]),
            END: utc_times(np.minimum(end[one], end[other])),
        }
    )
    return _with_seconds(found.assign(**{COUNT: 1}))


def split_spans(spans: pd.DataFrame) -> pd.DataFrame:
    """Split the spans at every quarter of an hour, so that each part lies within one hour of any time zone."""
    begin, end = epoch_ms(spans[BEGIN]), epoch_ms(spans[END])
    count = np.maximum(end - 1, begin) // QUARTER_HOUR_MS - begin // QUARTER_HOUR_MS + 1
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    cut = spans.iloc[np.repeat(np.arange(len(spans)), count)].reset_index(drop=True)
    edge = (np.repeat(begin // QUARTER_HOUR_MS, count) + number) * QUARTER_HOUR_MS
    cut[BEGIN] = utc_times(np.maximum(np.repeat(begin, count), edge))
    cut[END] = utc_times(np.minimum(np.repeat(end, count), edge + QUARTER_HOUR_MS))
    return _with_seconds(cut)


def epoch_ms(times: pd.Series[Any]) -> Any:
    """Return the times as milliseconds since 1970, (n,) int64."""
    return times.dt.as_unit("ms").astype("int64").to_numpy()


def utc_times(times_ms: Any) -> Any:
    """Return the UTC times of milliseconds since 1970."""
    return pd.to_datetime(np.asarray(times_ms, np.int64), unit="ms", utc=True).as_unit("ms")


def _with_seconds(spans: pd.DataFrame) -> pd.DataFrame:
    length = (spans[END] - spans[BEGIN]).dt.total_seconds()
    columns = [name for name in spans.columns if name not in (SECONDS, COUNT)]
    return spans[columns].assign(**{SECONDS: length, COUNT: spans[COUNT]}).reset_index(drop=True)
