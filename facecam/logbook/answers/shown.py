"""What faces and pictures showed, and why they were decided as they were. Pure: a log's rows in, tables out."""

from __future__ import annotations

import pandas as pd

from facecam.logbook.answers.people import PLACE, PRESENCE_GAP_S, columns_of, faces, named
from facecam.logbook.answers.spans import BEGIN, COUNT, END, SECONDS, joined, moments
from facecam.types import EXPRESSIONS

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
