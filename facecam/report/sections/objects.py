"""What was held up."""

from __future__ import annotations

from facecam.logbook.answers import shown
from facecam.logbook.answers.local import local_times
from facecam.report.facts import Facts
from facecam.report.parts import Bars, Chart, Column, Section
from facecam.report.tables import some, table

LEAST_P = 0.5
BARS = 15


def objects(facts: Facts) -> Section | None:
    """The labels that were likely enough, None when no objects were asked for."""
    frames = int(((facts.log["event"] == "seen") & (facts.log["mode"] == "objects")).sum())
    if not frames:
        return None
    found = shown.objects(facts.log, LEAST_P).reset_index()
    found = found.assign(first=local_times(found["first_utc"]), last=local_times(found["last_utc"]))
    sure = int(found["frames"].sum())
    sentence = (
        f"{some(frames, 'frame was', 'frames were')} classified; {sure:,} had a label of at least {LEAST_P:.0%}. The network "
        "always names one of a thousand kinds of things, also where none is seen: the probability says how far to believe it."
    )
    if found.empty:
        return Section("objects", "Objects", (sentence,))
    columns = {
        "label_1": Column("Label"), "label_1_id": Column("WordNet id"), "times": Column("Times", "count"),
        "frames": Column("Frames", "count"), "seconds": Column("Shown for", "seconds"),
        "mean_p": Column("Mean probability", "share"),
        "first": Column("First", "time"), "last": Column("Last", "time"),
    }  # fmt: skip
    top = found.head(BARS)
    body = Bars(top["label_1"].astype(str).to_numpy(object), {"frames": top["frames"].to_numpy(float)}, "frames")
    charts = (Chart("objects", "Most frequent labels", body),)
    return Section("objects", "Objects", (sentence,), charts, (table("objects", "Labels", found, columns),))
