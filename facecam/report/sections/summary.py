"""What there is to know at a glance."""

from __future__ import annotations

import pandas as pd

from facecam.report.facts import Facts
from facecam.report.parts import Column, Section
from facecam.report.tables import length, some, table


def summary(facts: Facts) -> Section:
    """The log in a sentence and in figures."""
    log = facts.log
    begin, end = log["local"].min(), log["local"].max()
    at_once = begin.floor("min") == end.floor("min")
    when = f"On {begin:%Y-%m-%d at %H:%M}" if at_once else f"From {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    known = facts.visits["name"].nunique()
    first = f"{when}, {some(known, 'person was', 'people were')} recognised"
    first += f" in {some(len(facts.visits), 'visit')}" if known else ""
    first += f", and {some(len(facts.unknown), 'unknown face')} came." if len(facts.unknown) else "."
    frames = log.loc[log["event"] == "seen", ["session_id", "source", "camera_id", "frame_index"]].drop_duplicates()
    spans = log.groupby("session_id", observed=True)["ts_utc"].agg(["min", "max"])
    faces = facts.faces
    figures = {
        "Sessions": f"{log['session_id'].nunique():,}",
        "Time logged": length(float((spans["max"] - spans["min"]).dt.total_seconds().sum())),
        "Sources": f"{log[['source', 'camera_id']].dropna(subset='source').drop_duplicates().shape[0]:,}",
        "Frames logged": f"{len(frames):,}",
        "Faces seen": f"{len(faces):,}",
        "Faces with a name": f"{int(faces['name'].notna().sum()):,}",
        "People recognised": f"{known:,}",
        "Visits of theirs": f"{len(facts.visits):,}",
        "Unknown visitors": f"{len(facts.unknown):,}",
        "Rows": f"{len(log):,}",
    }
    found = pd.DataFrame(figures.items(), columns=["what", "value"])
    columns = {"what": Column("What"), "value": Column("Figure")}
    return Section("summary", "Summary", (first,), (), (table("summary", "In figures", found, columns),))
