"""Who was there, when and with whom. Pure: tables in, tables out; visits rest on presence, and that on a log's rows."""

from __future__ import annotations

import pandas as pd

from facecam.errors import LogError
from facecam.logbook.answers.local import local_times
from facecam.logbook.answers.spans import BEGIN, COUNT, END, SECONDS, joined, moments, overlaps, pieces

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
