"""Who was there, when, how long and with whom; and those whom nobody knows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facecam.logbook.answers import people
from facecam.logbook.answers.local import local_times
from facecam.logbook.answers.spans import joined, pieces
from facecam.report.facts import Facts
from facecam.report.parts import Chart, Column, Heat, Section, Timeline
from facecam.report.tables import length, some, table

UNKNOWN = "(nobody known)"
ROWS, BARS = 24, 1500
"""What a timeline holds at most. Bars that are too many are joined over longer gaps."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LENGTH = Column("Time there", "seconds")


def who(facts: Facts) -> Section:
    """When each person was there, as a picture and per person, day and pair."""
    seen = people.first_last_seen(facts.visits).sort_values("seconds", ascending=False, kind="stable").reset_index()
    days = people.attendance(facts.visits).reset_index().sort_values(["day", "name"], ascending=[False, True], kind="stable")
    met = people.together(facts.presence).reset_index()
    seen = seen.assign(first=local_times(seen["first_utc"]), last=local_times(seen["last_utc"]))
    days = days.assign(day=days["day"].dt.strftime("%Y-%m-%d").astype(str), weekday=days["day"].dt.day_name().astype(str))
    day_columns = {"day": Column("Day"), "weekday": Column("Weekday"), "name": Column("Name")}
    day_columns |= {"first": Column("Came", "time"), "last": Column("Went", "time")}
    tables = [
        table("people", "People", seen, {
            "name": Column("Name"), "visits": Column("Visits", "count"), "seconds": _LENGTH,
            "first": Column("First seen", "time"), "last": Column("Last seen", "time"), "sightings": Column("Sightings", "count"),
        }),
        table("attendance", "Days", days, {**day_columns, "visits": Column("Visits", "count"), "seconds": _LENGTH}),
        table("together", "Together before one camera", met, {
            "name_1": Column("Name"), "name_2": Column("and"), "times": Column("Times", "count"), "seconds": _LENGTH,
        }),
    ]  # fmt: skip
    sentence = f"Whoever is out of sight for less than {people.VISIT_GAP_S:.0f} seconds has not gone. "
    sentence += f"People are together while both are before one camera, gaps under {people.PRESENCE_GAP_S:.0f} seconds closed."
    charts = _timeline(facts, list(seen["name"].astype(str)))
    if not charts:
        sentence = "Nobody was recognised, and nobody unknown was seen."
    return Section("who", "Who was there", (sentence,), charts, tuple(one for one in tables if one.rows))


def _timeline(facts: Facts, names: list[str]) -> tuple[Chart, ...]:
    spans = pd.concat(
        [facts.visits.assign(row=facts.visits["name"].astype(str)), facts.unknown.assign(row=UNKNOWN)], ignore_index=True
    )[["row", "begin_utc", "end_utc", "sightings"]]
    if spans.empty:
        return ()
    rows = [*names[:ROWS], *([UNKNOWN] if len(facts.unknown) else [])]
    spans, gap_s = spans[spans["row"].isin(rows)], people.VISIT_GAP_S
    while len(spans) > BARS:
        gap_s *= 2
        spans = joined(spans, ["row"], gap_s)
    place = pd.Index(rows).get_indexer(pd.Index(spans["row"]))
    begin, end = local_times(spans["begin_utc"]).to_numpy(), local_times(spans["end_utc"]).to_numpy()
    wide = gap_s > people.VISIT_GAP_S
    note = f"Drawn with gaps of up to {length(gap_s)} closed: there are too many to show. " if wide else ""
    note += f"The {ROWS} who were there longest of {len(names)}." if len(names) > ROWS else ""
    return (Chart("timeline", "Presence over time", Timeline(tuple(rows), place, begin, end), note),)


def strangers(facts: Facts) -> Section:
    """The tracks that nobody was known by."""
    found = facts.unknown.sort_values("begin_utc", ascending=False, kind="stable")
    found = found.assign(begin=local_times(found["begin_utc"]), headroom=found["distance_l2"] - found["threshold_l2"])
    longer = int((found["seconds"] >= 1).sum())
    sentence = (
        f"{some(len(found), 'face')} came that belong to nobody enrolled; {longer:,} of them stayed for a second or longer. "
        "A stranger is one by the face's track: who goes and comes back counts again."
        if len(found)
        else "No face came that was decided to be nobody's."
    )
    columns = {
        "begin": Column("Came", "time"), "seconds": Column("Stayed", "seconds"), "source": Column("Source"),
        "sightings": Column("Sightings", "count"), "nearest_name": Column("Nearest person"),
        "distance_l2": Column("Least distance (plain L2)", "number", 3),
        "headroom": Column("Beyond the threshold by", "number", 3),
    }  # fmt: skip
    tables = (table("unknown", "Unknown visitors, the newest first", found, columns),) if len(found) else ()
    return Section("unknown", "Unknown visitors", (sentence,), (), tables)


def hours(facts: Facts) -> Section:
    """How much of each hour of the week somebody was there."""
    spans = pd.concat([facts.visits, facts.unknown], ignore_index=True)[["begin_utc", "end_utc", "sightings"]]
    cut = pieces(joined(spans.assign(all=0), ["all"], 0.0))
    begin = local_times(cut["begin_utc"])
    minutes = np.zeros((7, 24))
    if len(cut):
        np.add.at(minutes, (begin.dt.day_of_week.to_numpy(int), begin.dt.hour.to_numpy(int)), cut["seconds"].to_numpy(float) / 60)
    columns = tuple(f"{hour:02d}" for hour in range(24))
    heat = Chart("hours", "Minutes with somebody there, by weekday and hour", Heat(WEEKDAYS, columns, minutes, "min"))
    if not minutes.any():
        return Section("hours", "Hours and weekdays", ("Nobody was there for long enough to fill a minute of the week.",))
    sentence = "Somebody means at least one person or unknown face, by any camera; several at once count once. Local time."
    return Section("hours", "Hours and weekdays", (sentence,), (heat,))
