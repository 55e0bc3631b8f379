"""Moments joined to spans of time, spans cut to pieces. Whole columns at once: a million moments take about a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

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
