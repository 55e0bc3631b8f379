"""Who was there, when and with whom. Pure: tables in, tables out; visits rest on presence, and that on a log's rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from facecam.errors import LogError
from facecam.types import EXPRESSIONS

# MERGED logbook.answers.spans: Moments joined to spans of time, spans cut to pieces. Whole columns at once: a million moments take about a second.

BEGIN, END, SECONDS, COUNT = "begin_utc", "end_utc", "seconds", "sightings"

PIECE_MS = 15 * 60 * 1000
"""Every offset from UTC in use, and every change of one, falls on a quarter of an hour."""


def moments(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The rows as spans of no length."""
    found = rows[keys].copy()
    found[BEGIN] = found[END] = rows["ts_utc"]
    found[COUNT] = 1
    return found


def joined(spans: pd.DataFrame, keys: list[str], gap_s: float) -> pd.DataFrame:
    """The spans of equal keys, those that overlap or stand less than `gap_s` apart made one; ordered by keys and begin."""
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
    found[BEGIN], found[END] = utc(begin[starts]), utc(reached[last])
    found[COUNT] = np.add.reduceat(spans[COUNT].to_numpy()[order], starts)
    return _with_seconds(found)


def overlaps(spans: pd.DataFrame, keys: list[str], who: str) -> pd.DataFrame:
    """Where spans of equal keys but different `who` lie over each other: `who` of both, in alphabetical order, and the span."""
    group = spans.groupby(keys, observed=True, dropna=False).ngroup().to_numpy()
    begin, end, names = epoch_ms(spans[BEGIN]), epoch_ms(spans[END]), spans[who].astype(str).to_numpy(dtype=object)
    # One number line for all groups: each has a stretch of its own on it.
    earliest = begin.min(initial=np.iinfo(np.int64).max)
    stretch = end.max(initial=0) - earliest + 1
    begin_on_line = group * stretch + (begin - earliest)
    order = np.argsort(begin_on_line, kind="stable")
    begin_on_line = begin_on_line[order]
    reach = begin_on_line + (end - begin)[order]
    count = np.searchsorted(begin_on_line, reach, side="right") - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), count)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    one, other = order[first], order[second]
    apart = names[one] != names[other]
    one, other = one[apart], other[apart]
    swap = names[one] > names[other]
    found = pd.DataFrame(
        {
            f"{who}_1": np.where(swap, names[other], names[one]),
            f"{who}_2": np.where(swap, names[one], names[other]),
            BEGIN: utc(begin[other]),
            END: utc(np.minimum(end[one], end[other])),
        }
    )
    return _with_seconds(found.assign(**{COUNT: 1}))


def pieces(spans: pd.DataFrame) -> pd.DataFrame:
    """The spans cut at every quarter of an hour, so that each piece lies within one hour of any time zone."""
    begin, end = epoch_ms(spans[BEGIN]), epoch_ms(spans[END])
    count = np.maximum(end - 1, begin) // PIECE_MS - begin // PIECE_MS + 1
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    cut = spans.iloc[np.repeat(np.arange(len(spans)), count)].reset_index(drop=True)
    edge = (np.repeat(begin // PIECE_MS, count) + number) * PIECE_MS
    cut[BEGIN] = utc(np.maximum(np.repeat(begin, count), edge))
    cut[END] = utc(np.minimum(np.repeat(end, count), edge + PIECE_MS))
    return _with_seconds(cut)


def epoch_ms(times: pd.Series[Any]) -> Any:
    """(n,) int64: milliseconds since 1970 in UTC."""
    return times.dt.as_unit("ms").astype("int64").to_numpy()


def utc(times_ms: Any) -> Any:
    """The UTC times of such milliseconds."""
    return pd.to_datetime(np.asarray(times_ms, np.int64), unit="ms", utc=True).as_unit("ms")


def _with_seconds(spans: pd.DataFrame) -> pd.DataFrame:
    length = (spans[END] - spans[BEGIN]).dt.total_seconds()
    columns = [name for name in spans.columns if name not in (SECONDS, COUNT)]
    return spans[columns].assign(**{SECONDS: length, COUNT: spans[COUNT]}).reset_index(drop=True)


# MERGED logbook.answers.local: UTC times as clocks on the wall show them: on this machine, or in a named time zone.


def local_times(times_utc: pd.Series[Any], zone: str | None = None) -> pd.Series[Any]:
    """The times without a zone, as the machine's clock shows them, or one in the zone ("Europe/Berlin"). LogError for no zone.

    The machine is asked once per quarter of an hour, since only it knows its own rules for summer time.
    """
    now = epoch_ms(times_utc.dropna())
    quarters, place = np.unique(now // PIECE_MS, return_inverse=True)
    wall = _zone(zone)
    offsets_ms = [_offset_ms(int(quarter) * PIECE_MS, wall) for quarter in quarters]
    shown = now + np.array(offsets_ms, np.int64)[place] if len(now) else now
    found = pd.Series(shown.astype("datetime64[ms]"), index=times_utc.dropna().index, name=times_utc.name)
    return found.reindex(times_utc.index)


def _offset_ms(at_ms: int, wall: ZoneInfo | None) -> int:
    offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(wall).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LogError(f"there is no time zone {name!r}; name one like Europe/Berlin, or none for this machine's") from error


PLACE = ["session_id", "source", "camera_id"]
"""What sees the same things at the same time. Two files of one session have the same times and show different moments."""

PRESENCE_GAP_S = 5.0
VISIT_GAP_S = 10.0
"""As in the window: whoever is back within this time has not been away."""


def columns_of(log: pd.DataFrame, *names: str) -> pd.DataFrame:
    """These columns of the log. LogError when it was read without one."""
    if missing := [name for name in names if name not in log.columns]:
        raise LogError(f"this needs the column {missing[0]}, which the log was read without: add it to read_log(columns=...)")
    return log[list(names)]


def faces(log: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The rows of faces, with these columns."""
    rows = columns_of(log, "event", "mode", *names)
    return rows.loc[(rows["event"] == "seen") & (rows["mode"] == "faces"), list(names)]


def named(log: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The rows of faces that have a name."""
    rows = faces(log, "name", *names)
    return rows[rows["name"].notna()]


def presence(log: pd.DataFrame, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
    return joined(moments(named(log, "ts_utc", *PLACE), ["name", *PLACE]), ["name", *PLACE], gap_s)


def visits(presence: pd.DataFrame, gap_s: float = VISIT_GAP_S) -> pd.DataFrame:
    return joined(presence, ["name"], gap_s)


def first_last_seen(visits: pd.DataFrame) -> pd.DataFrame:
    found = visits.groupby("name", observed=True)
    first_last = found.agg(first_utc=(BEGIN, "min"), last_utc=(END, "max"), visits=(BEGIN, "size"))
    return first_last.join(found[[SECONDS, COUNT]].sum())


def attendance(visits: pd.DataFrame, zone: str | None = None) -> pd.DataFrame:
    cut = pieces(visits.assign(visit=range(len(visits))))
    begin, end = local_times(cut[BEGIN], zone), local_times(cut[END], zone)
    # A piece that ends at midnight ends on the day on which it began.
    found = cut.assign(day=begin.dt.normalize(), first=begin, last=end).groupby(["day", "name"], observed=True)
    return found.agg(first=("first", "min"), last=("last", "max"), visits=("visit", "nunique"), seconds=(SECONDS, "sum"))


def together(presence: pd.DataFrame) -> pd.DataFrame:
    met = overlaps(presence, PLACE, "name")
    found = met.groupby(["name_1", "name_2"]).agg(
        times=(BEGIN, "size"), seconds=(SECONDS, "sum"), first_utc=(BEGIN, "min"), last_utc=(END, "max")
    )
    return found.sort_values("seconds", ascending=False, kind="stable")


def unknown_visits(log: pd.DataFrame) -> pd.DataFrame:
    keys = [*PLACE, "track_id"]
    rows = faces(log, "ts_utc", *keys, "decision", "nearest_name", "distance_l2", "threshold_l2")
    rows = rows[rows["track_id"].notna()]
    decided = rows.loc[rows["decision"].isin(["known", "unknown"]), [*keys, "ts_utc", "decision"]]
    stood_for = decided.sort_values("ts_utc", kind="stable").drop_duplicates(keys, keep="last")
    unknown = stood_for.loc[stood_for["decision"] == "unknown", keys]
    rows = rows.assign(row=range(len(rows))).merge(unknown, on=keys)
    nearest = rows.sort_values("distance_l2", kind="stable").drop_duplicates(keys)
    found = rows.groupby(keys, observed=True, dropna=False).agg(
        **{BEGIN: ("ts_utc", "min"), END: ("ts_utc", "max"), COUNT: ("row", "size")}
    )
    found.insert(2, SECONDS, (found[END] - found[BEGIN]).dt.total_seconds())
    found = found.reset_index().merge(nearest[[*keys, "nearest_name", "distance_l2", "threshold_l2"]], on=keys)
    return found.sort_values([BEGIN, "track_id"], kind="stable", ignore_index=True)


# MERGED logbook.answers.shown: What faces and pictures showed, and why they were decided as they were. Pure: a log's rows in, tables out.

MIX = [f"p_{name}" for name in EXPRESSIONS]


def expressions(log: pd.DataFrame) -> pd.DataFrame:
    rows = named(log, *MIX, "valence")
    rows = rows[rows["valence"].notna()]
    found = rows.groupby("name", observed=True)
    return found[[*MIX, "valence"]].mean().assign(**{COUNT: found.size()})


def sentiment(log: pd.DataFrame, every: str = "1min") -> pd.DataFrame:
    rows = named(log, "ts_utc", *MIX, "valence")
    rows = rows[rows["valence"].notna() & rows["ts_utc"].notna()]
    rows = rows.assign(**{BEGIN: rows["ts_utc"].dt.floor(every)})
    found = rows.groupby(["name", BEGIN], observed=True)
    return found[[*MIX, "valence"]].mean().assign(**{COUNT: found.size()})


def objects(log: pd.DataFrame, least_p: float = 0.5, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
    keys = ["label_1", "label_1_id"]
    rows = columns_of(log, "event", "mode", "ts_utc", *PLACE, *keys, "p_1")
    rows = rows[(rows["event"] == "seen") & (rows["mode"] == "objects") & (rows["p_1"] >= least_p).fillna(value=False)]
    times = joined(moments(rows, [*keys, *PLACE]), [*keys, *PLACE], gap_s)
    found = times.groupby(keys, observed=True).agg(
        times=(BEGIN, "size"), seconds=(SECONDS, "sum"), frames=(COUNT, "sum"), first_utc=(BEGIN, "min"), last_utc=(END, "max")
    )
    found["mean_p"] = rows.groupby(keys, observed=True)["p_1"].mean()
    return found.sort_values("frames", ascending=False, kind="stable")


def decisions(log: pd.DataFrame) -> pd.DataFrame:
    rows = faces(log, *PLACE, "track_id", "decision", "reason")
    found = rows.groupby(["decision", "reason"], observed=True)
    tracks = rows.drop_duplicates().groupby(["decision", "reason"], observed=True).size()
    counted = pd.DataFrame({"faces": found.size(), "share": found.size() / max(len(rows), 1), "tracks": tracks})
    return counted.sort_values("faces", ascending=False, kind="stable")


# MERGED logbook.answers.accessor: `df.facecam`: one method per question. The work is done in people.py and shown.py.


@pd.api.extensions.register_dataframe_accessor("facecam")
class LogQueries:
    """Questions to a log as `read_log` gives it; several sessions and cameras may stand in it.

    Every answer is a new DataFrame, empty when there is nothing to say. Times end in `_utc`, other ones are local; lengths are
    seconds from the first sighting to the last. A question whose columns the log was read without is a LogError.

    The examples ask a log of ten minutes, in which Ada comes twice, Grace once, and somebody whom nobody knows.
    """

    def __init__(self, log: pd.DataFrame) -> None:
        if "event" not in log.columns:
            raise AttributeError("only a log has `facecam`, as facecam.read_log() gives it; this has no column `event`")
        self._log = log

    def presence(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """When each person was seen by each camera; gaps shorter than `gap_s` are bridged.

        >>> log.facecam.presence()[["name", "begin_utc", "seconds"]]
            name                 begin_utc  seconds
        0    Ada 2026-01-02 03:04:05.250+00:00     60.0
        1    Ada 2026-01-02 03:09:05.250+00:00     30.0
        2  Grace 2026-01-02 03:04:35.250+00:00    120.0
        """
        return presence(self._log, gap_s)

    def visits(self, gap_s: float = VISIT_GAP_S) -> pd.DataFrame:
        """When each person was there, whichever camera saw it; who is back within `gap_s` has not been away.

        >>> log.facecam.visits().name.value_counts()
        name
        Ada      2
        Grace    1
        Name: count, dtype: int64
        """
        return visits(self.presence(), gap_s)

    def first_last_seen(self) -> pd.DataFrame:
        """Per person: seen first, seen last, how many visits, how long in all.

        >>> log.facecam.first_last_seen()[["first_utc", "visits", "seconds"]]
                              first_utc  visits  seconds
        name
        Ada   2026-01-02 03:04:05.250+00:00       2     90.0
        Grace 2026-01-02 03:04:35.250+00:00       1    120.0
        """
        return first_last_seen(self.visits())

    def attendance(self, zone: str | None = None) -> pd.DataFrame:
        """Per day and person: came, went, visits, how long. In this machine's local time, or in a zone like "Europe/Berlin".

        >>> log.facecam.attendance("Asia/Tokyo")[["first", "visits"]]
                                       first  visits
        day        name
        2026-01-02 Ada   2026-01-02 12:04:05.250       2
                   Grace 2026-01-02 12:04:35.250       1
        """
        return attendance(self.visits(), zone)

    def together(self, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """Who was before the same camera at the same time: per pair how often and how long, the longest first.

        >>> log.facecam.together()[["times", "seconds"]]
                       times  seconds
        name_1 name_2
        Ada    Grace       1     30.0
        """
        return together(self.presence(gap_s))

    def unknown_visits(self) -> pd.DataFrame:
        """The tracks that nobody was known by: when, how long, and the nearest that an enrolled person came to it.

        >>> log.facecam.unknown_visits()[["track_id", "seconds", "nearest_name", "distance_l2"]]
           track_id  seconds nearest_name  distance_l2
        0         4     10.0        Grace         0.45
        """
        return unknown_visits(self._log)

    def expressions(self) -> pd.DataFrame:
        """Per person the mean of the seven probabilities and of valence. What a face shows is not what a person feels.

        >>> log.facecam.expressions()[["p_happy", "p_neutral", "valence"]]
               p_happy  p_neutral  valence
        name
        Ada        0.6        0.4    0.486
        Grace      0.1        0.9    0.081
        """
        return expressions(self._log)

    def sentiment(self, every: str = "1min") -> pd.DataFrame:
        """The same over time: per person and minute, or any step that pandas knows ("10s", "1h").

        >>> log.facecam.sentiment("5min")["valence"]
        name   begin_utc
        Ada    2026-01-02 03:00:00+00:00    0.486
               2026-01-02 03:05:00+00:00    0.486
        Grace  2026-01-02 03:00:00+00:00    0.081
               2026-01-02 03:05:00+00:00    0.081
        Name: valence, dtype: Float64
        """
        return sentiment(self._log, every)

    def objects(self, least_p: float = 0.5, gap_s: float = PRESENCE_GAP_S) -> pd.DataFrame:
        """What was held up: labels of at least this probability, the most frequent first.

        >>> log.facecam.objects()[["times", "seconds", "frames"]]
                                times  seconds  frames
        label_1    label_1_id
        coffee mug n03063599        2     14.0      16
        banana     n07753592        1      4.0       5
        """
        return objects(self._log, least_p, gap_s)

    def decisions(self) -> pd.DataFrame:
        """Why faces have the name they have, or none: how many faces and tracks stand for each reason.

        >>> log.facecam.decisions()[["faces", "tracks"]]
                          faces  tracks
        decision reason
        known    votes      213       3
        unknown  too_far     11       1
        """
        return decisions(self._log)
