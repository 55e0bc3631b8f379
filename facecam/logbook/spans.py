"""Spans of time: sightings joined to spans, spans joined, overlapped and split, and their times in a zone.

Work is done on whole columns: a million sightings are joined in a tenth of a second.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from dateutil.tz import tzlocal  # type: ignore[import-untyped] # pandas needs it, and brings it

from facecam.errors import LogError

BEGIN, END, SECONDS, COUNT = "begin_utc", "end_utc", "seconds", "sightings"

QUARTER_HOUR_MS = 15 * 60 * 1000
"""Every offset from UTC in use, and every change of one, falls on a quarter of an hour."""

_RADIX_SORTED = 1 << 16
"""NumPy sorts numbers below this in linear time."""


def join_sightings(
    rows: pd.DataFrame, keys: list[str], gap_s: float | pd.Series[Any], kept: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Merge rows of equal keys that are less than `gap_s` apart to spans. `kept` as in `join_spans`."""
    points = rows[[*keys, *kept]].copy()
    points[BEGIN] = points[END] = rows["ts_utc"]
    points[COUNT] = 1
    return join_spans(points, keys, gap_s, kept)


def join_spans(spans: pd.DataFrame, keys: list[str], gap_s: float | pd.Series[Any], kept: tuple[str, ...] = ()) -> pd.DataFrame:
    """Merge spans of equal keys that overlap or are less than `gap_s` apart.

    Args:
        spans: Columns `begin_utc`, `end_utc` and `sightings` besides the keys. Those without a begin are left out.
        keys: Columns whose values are equal in a merged span. An absent value equals an absent one.
        gap_s: Seconds, or a series with those of each span.
        kept: Further columns, whose value in a merged span is that of its first.

    Returns:
        Keys, begin, end, seconds, sightings and kept columns, ordered by keys and begin.
    """
    gaps_ms = gap_s * 1000
    if spans[BEGIN].isna().any():
        spans = spans[spans[BEGIN].notna()]
        gaps_ms = gaps_ms.loc[spans.index] if isinstance(gaps_ms, pd.Series) else gaps_ms
    if spans.empty:
        return _with_seconds(spans[[*keys, BEGIN, END, COUNT, *kept]])
    group = group_codes(spans, keys)
    begin, end = epoch_ms(spans[BEGIN]), epoch_ms(spans[END])
    order = _sorted_by_group(group, begin)
    group, begin = group[order], begin[order]
    reached = _greatest_so_far(end[order], group)
    least = gaps_ms.to_numpy(float)[order][1:] if isinstance(gaps_ms, pd.Series) else gaps_ms
    starts = np.flatnonzero(np.r_[True, (group[1:] != group[:-1]) | (begin[1:] - reached[:-1] >= least)])
    last = np.r_[starts[1:], len(group)] - 1
    found = spans.iloc[order[starts]][[*keys, *kept]].reset_index(drop=True)
    found[BEGIN], found[END] = utc_times(begin[starts]), utc_times(reached[last])
    found[COUNT] = np.add.reduceat(spans[COUNT].to_numpy()[order], starts)
    return _with_seconds(found[[*keys, BEGIN, END, COUNT, *kept]])


def group_codes(table: pd.DataFrame, keys: list[str]) -> Any:
    """Return a number for each row, (n,) int64: equal for rows of equal keys, in the order of the keys, absent values last."""
    combined = np.zeros(len(table), np.int64)
    for key in keys:
        column = table[key]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, count = column.cat.codes.to_numpy(), len(column.cat.categories)
        elif (numbers := _close_numbers(column)) is not None:
            codes, count = numbers, int(numbers.max()) + 1
        else:
            codes, values = pd.factorize(column, sort=True)
            count = len(values)
        if (is_absent := codes < 0).any():
            codes, count = np.where(is_absent, count, codes.astype(np.int64)), count + 1
        if count > 1:
            combined *= count
            combined += codes
    return combined


def _close_numbers(column: pd.Series[Any]) -> Any:
    """Return integers less the smallest, (n,) int64; None for other values, and for integers too far apart to be counted."""
    if not pd.api.types.is_integer_dtype(column.dtype) or column.empty or column.hasnans:
        return None
    values = column.to_numpy(np.int64)
    least = int(values.min())
    return values - least if int(values.max()) - least <= len(values) else None


def dense_codes(group: Any) -> Any:
    """Return the numbers (n,) of groups, at most n of them or renumbered, so that arrays with an entry per group stay small."""
    return pd.factorize(group)[0] if group.max(initial=0) > len(group) else group


def _sorted_by_group(group: Any, begin: Any) -> Any:
    """Return the order of the rows by group, then begin."""
    if len(begin) > 1 and (np.diff(begin) < 0).any():
        return np.lexsort((begin, group))
    if group.max(initial=0) >= _RADIX_SORTED:
        group = pd.factorize(group, sort=True)[0]
    small = group.astype(np.uint16) if group.max(initial=0) < _RADIX_SORTED else group
    return np.argsort(small, kind="stable")


def _greatest_so_far(end: Any, group: Any) -> Any:
    """Return the greatest end among the rows of the same group so far. Groups are in ascending order."""
    if (np.diff(end)[group[1:] == group[:-1]] >= 0).all():
        return end
    return pd.Series(end).groupby(group).cummax().to_numpy()


def overlapping_spans(spans: pd.DataFrame, keys: list[str], column: str) -> pd.DataFrame:
    """Return the overlap of each two spans with equal keys and different values in `column`, as sorted pairs of values."""
    group = pd.factorize(group_codes(spans, keys))[0]
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
    """Return the spans with their length in seconds before the number of sightings."""
    length = (spans[END] - spans[BEGIN]).dt.total_seconds()
    names = [name for name in spans.columns if name != SECONDS]
    place = names.index(COUNT)
    return spans.assign(**{SECONDS: length})[[*names[:place], SECONDS, *names[place:]]].reset_index(drop=True)


def zoned_times(times_utc: pd.Series[Any], zone: str | None = None) -> pd.Series[Any]:
    """Convert UTC times to those of this machine's time zone, or of one like "Europe/Berlin". They keep their zone.

    Raises:
        LogError: The zone is unknown.
    """
    zoned: pd.Series[Any] = times_utc.dt.tz_convert(time_zone(zone))
    return zoned


def local_times(times_utc: pd.Series[Any], zone: str | None = None) -> pd.Series[Any]:
    """Convert UTC times to naive times as a clock on the wall shows them, for axes and calendars; `zone` as in `zoned_times`.

    In the hour that a clock repeats in autumn, two moments have the same naive time.
    """
    naive: pd.Series[Any] = zoned_times(times_utc, zone).dt.tz_localize(None)
    return naive


def time_zone(name: str | None) -> tzinfo:
    """Return the time zone of that name, or this machine's. LogError if it is unknown."""
    if name is None:
        return _machine_zone(os.environ.get("TZ"), time.tzname)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LogError(
            "unknown time zone {name!r}; use a name like Europe/Berlin, or none for this machine's zone", name=name
        ) from error


@lru_cache(maxsize=8)
def _machine_zone(variable: str | None, _abbreviations: tuple[str, str]) -> tzinfo:
    """Return this machine's time zone: a named one if possible, which files of times can state."""
    if variable is None:
        name = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2]
    else:
        name = variable.removeprefix(":").rpartition("zoneinfo/")[2]
    unnamed: tzinfo = tzlocal()
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return unnamed
    year = datetime.now(UTC).year
    moments = [datetime(year, month, 1, tzinfo=UTC) for month in range(1, 13)]
    # Only the machine knows its rules: a variable that was changed after the start, for example, has no effect.
    agrees = all(moment.astimezone(zone).utcoffset() == moment.astimezone().utcoffset() for moment in moments)
    return zone if agrees else unnamed
