"""How fast recognition was, and what it could not keep up with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facecam.report.facts import Facts
from facecam.report.parts import Bars, Chart, Column, Lines, Section
from facecam.report.tables import some, table


def speed(facts: Facts) -> Section:
    """Time per frame, and dropped frames."""
    frames = frames_of(facts.log)
    if frames.empty:
        return Section("speed", "Speed", ("No frame with a time to recognise it was logged.",))
    frames = frames.assign(bin=facts.bins(frames))
    dropped = facts.log.groupby("session_id", observed=True)["dropped_frames"].max().fillna(0).rename("dropped")
    found = frames.groupby("session_id", observed=True)["total_ms"]
    table_rows = found.agg(["size", "median", "max"]).join(found.quantile(0.95).rename("p95")).join(dropped).reset_index()
    columns = {
        "session_id": Column("Session"), "size": Column("Frames logged", "count"), "median": Column("Median (ms)", "number", 1),
        "p95": Column("95 % under (ms)", "number", 1), "max": Column("Longest (ms)", "number", 1),
        "dropped": Column("Frames dropped", "count"),
    }  # fmt: skip
    total_ms = frames["total_ms"].astype(float)
    sentence = (
        f"Half of {some(len(frames), 'logged frame')} took less than {total_ms.median():.1f} ms to recognise, 95 % less than "
        f"{total_ms.quantile(0.95):.1f} ms. {some(int(dropped.sum()), 'frame was', 'frames were')} dropped to keep up: a live "
        "picture is never late, so what comes too fast is left out. Of a stretch without faces only the first frame is logged."
    )
    charts = (_latency(facts, frames), *_dropped(facts))
    return Section("speed", "Speed", (sentence,), charts, (table("speed", "Sessions", table_rows, columns),))


def frames_of(log: pd.DataFrame) -> pd.DataFrame:
    """One row per frame that has a time: it repeats on the rows of a frame's faces."""
    timed = log.loc[log["total_ms"].notna(), ["session_id", "source", "camera_id", "frame_index", "mode", "local", "total_ms"]]
    return timed.drop_duplicates(["session_id", "source", "camera_id", "frame_index", "mode"])


def _latency(facts: Facts, frames: pd.DataFrame) -> Chart:
    steps = frames.groupby("bin")["total_ms"]
    wide = facts.at_every_bin(pd.DataFrame({"half under": steps.quantile(0.5), "95 % under": steps.quantile(0.95)}))
    lines = {name: wide[name].to_numpy(float, na_value=np.nan) for name in ("half under", "95 % under")}
    return Chart("latency", "Time to recognise a frame", Lines(wide.index.to_numpy(), lines, "ms"))


def _dropped(facts: Facts) -> tuple[Chart, ...]:
    rows = facts.log.loc[facts.log["dropped_frames"].notna(), ["session_id", "local", "dropped_frames"]]
    if rows.empty or not rows["dropped_frames"].max():
        return ()
    steps = rows.assign(bin=facts.bins(rows)).groupby(["session_id", "bin"], observed=True)["dropped_frames"]
    reached = steps.max().astype(float).groupby("session_id", observed=True).cummax()
    before = reached.groupby("session_id", observed=True).shift(fill_value=0.0)
    fresh = (reached - before).groupby("bin").sum()
    body = Bars(fresh.index.to_numpy(), {"dropped": fresh.to_numpy(float)}, "frames", width=facts.step_ms)
    return (Chart("dropped", "Dropped frames over time", body),)
