"""Who was there, when, how long and with whom; and those whom nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from facecam.logbook import queries
from facecam.logbook.queries import joined, local_times, pieces
from facecam.report.facts import ReportFacts
from facecam.report.parts import (
    BarChart,
    Chart,
    HeatmapChart,
    LineChart,
    Section,
    Table,
    TableColumn,
    TimelineChart,
    length,
    some,
    table,
)
from facecam.types import EXPRESSIONS

UNKNOWN = "(nobody known)"
ROWS, PRESENCE_BARS = 24, 1500
"""What a timeline holds at most. Bars that are too many are joined over longer gaps."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LENGTH = TableColumn("Time there", "seconds")


def who(facts: ReportFacts) -> Section:
    """When each person was there, as a picture and per person, day and pair."""
    seen = queries.first_last_seen(facts.visits).sort_values("seconds", ascending=False, kind="stable").reset_index()
    days = queries.attendance(facts.visits).reset_index().sort_values(["day", "name"], ascending=[False, True], kind="stable")
    met = queries.together(facts.presence).reset_index()
    seen = seen.assign(first=local_times(seen["first_utc"]), last=local_times(seen["last_utc"]))
    days = days.assign(day=days["day"].dt.strftime("%Y-%m-%d").astype(str), weekday=days["day"].dt.day_name().astype(str))
    day_columns = {"day": TableColumn("Day"), "weekday": TableColumn("Weekday"), "name": TableColumn("Name")}
    day_columns |= {"first": TableColumn("Came", "time"), "last": TableColumn("Went", "time")}
    tables = [
        table("people", "People", seen, {
            "name": TableColumn("Name"), "visits": TableColumn("Visits", "count"), "seconds": _LENGTH,
            "first": TableColumn("First seen", "time"), "last": TableColumn("Last seen", "time"), "sightings": TableColumn("Sightings", "count"),
        }),
        table("attendance", "Days", days, {**day_columns, "visits": TableColumn("Visits", "count"), "seconds": _LENGTH}),
        table("together", "Together before one camera", met, {
            "name_1": TableColumn("Name"), "name_2": TableColumn("and"), "times": TableColumn("Times", "count"), "seconds": _LENGTH,
        }),
    ]  # fmt: skip
    sentence = f"Whoever is out of sight for less than {queries.VISIT_GAP_S:.0f} seconds has not gone. "
    sentence += f"People are together while both are before one camera, gaps under {queries.PRESENCE_GAP_S:.0f} seconds closed."
    charts = _timeline(facts, list(seen["name"].astype(str)))
    if not charts:
        sentence = "Nobody was recognized, and nobody unknown was seen."
    return Section("who", "Who was there", (sentence,), charts, tuple(one for one in tables if one.rows))


def _timeline(facts: ReportFacts, names: list[str]) -> tuple[Chart, ...]:
    spans = pd.concat(
        [facts.visits.assign(row=facts.visits["name"].astype(str)), facts.unknown.assign(row=UNKNOWN)], ignore_index=True
    )[["row", "begin_utc", "end_utc", "sightings"]]
    if spans.empty:
        return ()
    rows = [*names[:ROWS], *([UNKNOWN] if len(facts.unknown) else [])]
    spans, gap_s = spans[spans["row"].isin(rows)], queries.VISIT_GAP_S
    while len(spans) > PRESENCE_BARS:
        gap_s *= 2
        spans = joined(spans, ["row"], gap_s)
    place = pd.Index(rows).get_indexer(pd.Index(spans["row"]))
    begin, end = local_times(spans["begin_utc"]).to_numpy(), local_times(spans["end_utc"]).to_numpy()
    wide = gap_s > queries.VISIT_GAP_S
    note = f"Drawn with gaps of up to {length(gap_s)} closed: there are too many to show. " if wide else ""
    note += f"The {ROWS} who were there longest of {len(names)}." if len(names) > ROWS else ""
    return (Chart("timeline", "Presence over time", TimelineChart(tuple(rows), place, begin, end), note),)


def strangers(facts: ReportFacts) -> Section:
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
        "begin": TableColumn("Came", "time"), "seconds": TableColumn("Stayed", "seconds"), "source": TableColumn("Source"),
        "sightings": TableColumn("Sightings", "count"), "nearest_name": TableColumn("Nearest person"),
        "distance_l2": TableColumn("Least distance (plain L2)", "number", 3),
        "headroom": TableColumn("Beyond the threshold by", "number", 3),
    }  # fmt: skip
    tables = (table("unknown", "Unknown visitors, the newest first", found, columns),) if len(found) else ()
    return Section("unknown", "Unknown visitors", (sentence,), (), tables)


def hours(facts: ReportFacts) -> Section:
    """How much of each hour of the week somebody was there."""
    spans = pd.concat([facts.visits, facts.unknown], ignore_index=True)[["begin_utc", "end_utc", "sightings"]]
    cut = pieces(joined(spans.assign(all=0), ["all"], 0.0))
    begin = local_times(cut["begin_utc"])
    minutes = np.zeros((7, 24))
    if len(cut):
        np.add.at(minutes, (begin.dt.day_of_week.to_numpy(int), begin.dt.hour.to_numpy(int)), cut["seconds"].to_numpy(float) / 60)
    columns = tuple(f"{hour:02d}" for hour in range(24))
    heat = Chart("hours", "Minutes with somebody there, by weekday and hour", HeatmapChart(WEEKDAYS, columns, minutes, "min"))
    if not minutes.any():
        return Section("hours", "Hours and weekdays", ("Nobody was there for long enough to fill a minute of the week.",))
    sentence = "Somebody means at least one person or unknown face, by any camera; several at once count once. Local time."
    return Section("hours", "Hours and weekdays", (sentence,), (heat,))


# MERGED report.sections.summary: What there is to know at a glance.


def summary(facts: ReportFacts) -> Section:
    """The log in a sentence and in figures."""
    log = facts.log
    begin, end = log["local"].min(), log["local"].max()
    at_once = begin.floor("min") == end.floor("min")
    when = f"On {begin:%Y-%m-%d at %H:%M}" if at_once else f"From {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    known = facts.visits["name"].nunique()
    first = f"{when}, {some(known, 'person was', 'people were')} recognized"
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
        "People recognized": f"{known:,}",
        "Visits of theirs": f"{len(facts.visits):,}",
        "Unknown visitors": f"{len(facts.unknown):,}",
        "Rows": f"{len(log):,}",
    }
    found = pd.DataFrame(figures.items(), columns=["what", "value"])
    columns = {"what": TableColumn("What"), "value": TableColumn("Figure")}
    return Section("summary", "Summary", (first,), (), (table("summary", "In figures", found, columns),))


# MERGED report.sections.decisions: How safe the decisions were: distances beside the threshold, and the reasons.

CLOSE_L2 = 0.02
"""Nearer to the threshold than this, on either side, is a close call."""

_KINDS = ("known", "unsure", "unknown")


def decisions(facts: ReportFacts) -> Section:
    """Distances of all faces that were compared, and what the tracks were decided to be."""
    reasons = queries.decisions(facts.log).reset_index()
    columns = {"decision": TableColumn("Decision"), "reason": TableColumn("Reason"), "faces": TableColumn("Faces", "count")}
    columns |= {"share": TableColumn("Share", "share"), "tracks": TableColumn("Tracks", "count")}
    by_reason = table("reasons", "Decisions by reason, as the faces' tracks had them", reasons, columns)
    rows = facts.faces
    rows = rows[rows["embedded"].fillna(value=False) & rows["distance_l2"].notna()]
    if rows.empty:
        sentence = "No face was compared with anybody: either none was good enough, or nobody is enrolled."
        return Section("decisions", "How safe the decisions were", (sentence,), (), (by_reason,) if by_reason.rows else ())
    per_person = _per_person(rows)
    tables = (per_person, by_reason) if per_person.rows else (by_reason,)
    return Section("decisions", "How safe the decisions were", _sentences(rows), (_histogram(rows),), tables)


def _sentences(rows: pd.DataFrame) -> tuple[str, ...]:
    known = rows[rows["sighting_decision"] == "known"]
    headroom = (rows["threshold_l2"] - rows["distance_l2"]).dropna()
    close = int((headroom.abs() < CLOSE_L2).sum())
    compared = (
        f"{some(len(rows), 'face was', 'faces were')} compared with the enrolled people; {len(known):,} were near enough to one "
        "and clearly nearer than to the next. A distance is plain L2 between two embeddings, 0 to 2: smaller is more alike."
    )
    safe = (
        f"{some(close, 'face')} ({close / len(rows):.1%}) lay within {CLOSE_L2} of the threshold, on either side: close calls. "
        "The farther the known ones stay to its left and the others to its right, the safer the names."
    )
    lead = known["margin_l2"].median()
    if pd.isna(lead):
        return compared, safe
    return compared, safe, f"Half of the known faces were at least {lead:.3f} nearer to their person than to the next."


def _histogram(rows: pd.DataFrame) -> Chart:
    distances = rows["distance_l2"].to_numpy(float)
    threshold = rows["threshold_l2"].dropna()
    top = max(float(np.quantile(distances, 0.999)), float(threshold.max()) if len(threshold) else 0.0) * 1.05
    edges = np.linspace(0, top, 61)
    kinds = rows["sighting_decision"].to_numpy(object)
    # What lies beyond the axis is counted in its last bar.
    parts = {kind: np.histogram(np.minimum(distances[kinds == kind], top), edges)[0].astype(float) for kind in _KINDS}
    marks = {}
    if len(threshold):
        low, high = float(threshold.min()), float(threshold.max())
        marks = {"threshold": low} if low == high else {"lowest threshold": low, "highest threshold": high}
    body = BarChart(edges[:-1], parts, "faces", "distance to the nearest person (plain L2)", float(edges[1]), marks)
    return Chart("distances", "Distances and threshold", body)


def _per_person(rows: pd.DataFrame) -> Table:
    known = rows[rows["sighting_decision"] == "known"]
    known = known.assign(headroom=known["threshold_l2"] - known["distance_l2"])
    found = known.groupby("nearest_name", observed=True)
    figures = found.agg(
        faces=("distance_l2", "size"), median=("distance_l2", "median"), least=("headroom", "min"), margin=("margin_l2", "median")
    )
    figures["p95"] = found["distance_l2"].quantile(0.95)
    columns = {
        "nearest_name": TableColumn("Name"), "faces": TableColumn("Faces compared", "count"),
        "median": TableColumn("Median distance", "number", 3),
        "p95": TableColumn("95 % nearer than", "number", 3), "least": TableColumn("Least room to threshold", "number", 3),
        "margin": TableColumn("Median lead over next", "number", 3),
    }  # fmt: skip
    return table("distances-person", "Known faces, per person", figures.reset_index(), columns)


# MERGED report.sections.expressions: What the faces of known people showed, and what that does not say.

LINES = 8

MEANING = (
    (
        "An expression is not an emotion. The figures say how much a face looks like pictures that people labeled with these "
        "seven words. They do not say what somebody feels, thinks or intends."
    ),
    (
        "A face at rest is often read as sad, angry or neutral; light, glasses, beards, age and a turned head move the figures. "
        "Valence goes from unpleasant (-1) to pleasant (1): the same seven probabilities, with one rough weight each."
    ),
    "Look at how one person changes over time rather than at who scores higher, and decide nothing about anybody by it.",
)


def expressions(facts: ReportFacts) -> Section:
    """The mix over time and per person, and valence over time."""
    rows = facts.faces
    rows = rows[rows["name"].notna() & rows["valence"].notna() & rows["local"].notna()]
    title = "Expressions"
    if rows.empty:
        return Section("expressions", title, (*MEANING, "No expression of a known person was logged."))
    found = queries.expressions(rows).sort_values("sightings", ascending=False, kind="stable").reset_index()
    columns = {"name": TableColumn("Name"), "sightings": TableColumn("Sightings", "count")}
    columns |= {f"p_{name}": TableColumn(name.capitalize(), "share") for name in EXPRESSIONS}
    tables = (table("expressions", "Mean per person", found, columns | {"valence": TableColumn("Valence", "number", 2)}),)
    rows = rows.assign(bin=facts.bins(rows))
    return Section("expressions", title, MEANING, (_over_time(facts, rows), _mix(found), _valence(facts, rows, found)), tables)


def _over_time(facts: ReportFacts, rows: pd.DataFrame) -> Chart:
    mean = rows.groupby("bin")[queries.MIX].mean()
    parts = {name: mean[f"p_{name}"].to_numpy(float) for name in EXPRESSIONS}
    body = BarChart(mean.index.to_numpy(), parts, "mean probability", width=facts.step_ms)
    return Chart("expression-time", "Expressions over time, all known people", body)


def _mix(found: pd.DataFrame) -> Chart:
    top = found.head(3 * LINES)
    parts = {name: top[f"p_{name}"].to_numpy(float) for name in EXPRESSIONS}
    body = BarChart(top["name"].astype(str).to_numpy(object), parts, "mean probability")
    return Chart("expression-person", "Expressions per person", body)


def _valence(facts: ReportFacts, rows: pd.DataFrame, found: pd.DataFrame) -> Chart:
    names = list(found["name"].head(LINES).astype(str))
    mean = rows[rows["name"].isin(names)].groupby(["bin", "name"], observed=True)["valence"].mean()
    wide = facts.at_every_bin(mean.unstack("name"))
    lines = {name: wide[name].to_numpy(float, na_value=np.nan) for name in names}
    note = f"The {LINES} with most sightings of {len(found)}." if len(found) > LINES else ""
    body = LineChart(wide.index.to_numpy(), lines, "valence", (-1.0, 1.0))
    return Chart("valence", "Valence over time, per person", body, note)


# MERGED report.sections.objects: What was held up.

LEAST_P = 0.5
OBJECTS_BARS = 15


def objects(facts: ReportFacts) -> Section | None:
    """The labels that were likely enough, None when no objects were asked for."""
    frames = int(((facts.log["event"] == "seen") & (facts.log["mode"] == "objects")).sum())
    if not frames:
        return None
    found = queries.objects(facts.log, LEAST_P).reset_index()
    found = found.assign(first=local_times(found["first_utc"]), last=local_times(found["last_utc"]))
    sure = int(found["frames"].sum())
    sentence = (
        f"{some(frames, 'frame was', 'frames were')} classified; {sure:,} had a label of at least {LEAST_P:.0%}. The network "
        "always names one of a thousand kinds of things, also where none is seen: the probability says how far to believe it."
    )
    if found.empty:
        return Section("objects", "Objects", (sentence,))
    columns = {
        "label_1": TableColumn("Label"), "label_1_id": TableColumn("WordNet id"), "times": TableColumn("Times", "count"),
        "frames": TableColumn("Frames", "count"), "seconds": TableColumn("Shown for", "seconds"),
        "mean_p": TableColumn("Mean probability", "share"),
        "first": TableColumn("First", "time"), "last": TableColumn("Last", "time"),
    }  # fmt: skip
    top = found.head(OBJECTS_BARS)
    body = BarChart(top["label_1"].astype(str).to_numpy(object), {"frames": top["frames"].to_numpy(float)}, "frames")
    charts = (Chart("objects", "Most frequent labels", body),)
    return Section("objects", "Objects", (sentence,), charts, (table("objects", "Labels", found, columns),))


# MERGED report.sections.quality: What the reader of a report should know of the log itself: what is missing, what was changed meanwhile, what is weak.

SMALL_PX = 40
MESSAGES = 50


def quality(facts: ReportFacts) -> Section:
    """One sentence per thing that was found, and the errors."""
    found = [*facts.warnings, *_endings(facts), *_changes(facts.log), *_faces(facts.faces), *_events(facts.log)]
    errors = facts.log.loc[facts.log["event"] == "error", ["local", "source", "message"]].tail(MESSAGES)
    columns = {"local": TableColumn("When", "time"), "source": TableColumn("Source"), "message": TableColumn("What")}
    tables = (table("errors", "Errors, the last ones", errors, columns),) if len(errors) else ()
    return Section("quality", "About this log", tuple(found) or ("Nothing is known to be wrong with this log.",), (), tables)


def _endings(facts: ReportFacts) -> Iterator[str]:
    if without := [one.session_id for one in facts.endings if not one.ended]:
        yield f"{some(len(without), 'session')} still ran or did not come to an orderly end: {_few(without)}."
    if lost := sum(one.rows_lost for one in facts.endings):
        yield f"{some(lost, 'row')} never reached the disk, which was full or gone."


def _changes(log: pd.DataFrame) -> Iterator[str]:
    for column, what in (("embed_model", "embedding network"), ("expression_model", "expression network")):
        if (count := log[column].nunique()) > 1:
            yield f"{count} different versions of the {what} were at work; their figures do not compare."
    if (count := log["gallery_revision"].nunique()) > 1:
        yield f"The gallery changed: people or photos were added or removed, {count} states in all."
    if log.loc[log["event"] == "seen"].groupby("session_id", observed=True)["source"].nunique().max() > 1:
        yield "A session had several sources. Where these are files each has its own time, which begins with the session's start."


def _faces(faces: pd.DataFrame) -> Iterator[str]:
    if not len(faces):
        return
    if small := int((faces["w"] < SMALL_PX).sum()):
        share = f"{some(small, 'face')} of {len(faces):,} ({small / len(faces):.0%})"
        yield f"{share} were under {SMALL_PX} pixels wide, where names are weaker."
    gates = faces["gate"].value_counts()
    if refused := int(gates.sum()):
        reasons = ", ".join(f"{gate} {count:,}" for gate, count in gates.items() if count)
        yield f"{some(refused, 'face')} ({refused / len(faces):.0%}) were not good enough to be compared: {reasons}."


def _events(log: pd.DataFrame) -> Iterator[str]:
    counts = log["event"].value_counts()
    said = log.loc[log["event"] == "state", "message"].fillna("")
    if count := int(counts.get("error", 0)):
        yield f"{some(count, 'error')} happened."
    if count := int(said.str.startswith("reconnecting").sum()):
        yield f"A source was lost and opened again {some(count, 'time')}."
    if count := int(said.str.startswith("the system's clock moved").sum()):
        yield f"The system's clock was set, or the machine slept, {some(count, 'time')}; times go on from the session's start."
    if count := int(counts.get("correction", 0)):
        yield f"{some(count, 'correction')} came from somebody at the window."


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


# MERGED report.sections.speed: How fast recognition was, and what it could not keep up with.


def speed(facts: ReportFacts) -> Section:
    """Time per frame, and dropped frames."""
    frames = frames_of(facts.log)
    if frames.empty:
        return Section("speed", "Speed", ("No frame with a time to recognize it was logged.",))
    frames = frames.assign(bin=facts.bins(frames))
    dropped = facts.log.groupby("session_id", observed=True)["dropped_frames"].max().fillna(0).rename("dropped")
    found = frames.groupby("session_id", observed=True)["total_ms"]
    table_rows = found.agg(["size", "median", "max"]).join(found.quantile(0.95).rename("p95")).join(dropped).reset_index()
    columns = {
        "session_id": TableColumn("Session"), "size": TableColumn("Frames logged", "count"), "median": TableColumn("Median (ms)", "number", 1),
        "p95": TableColumn("95 % under (ms)", "number", 1), "max": TableColumn("Longest (ms)", "number", 1),
        "dropped": TableColumn("Frames dropped", "count"),
    }  # fmt: skip
    total_ms = frames["total_ms"].astype(float)
    sentence = (
        f"Half of {some(len(frames), 'logged frame')} took less than {total_ms.median():.1f} ms to recognize, 95 % less than "
        f"{total_ms.quantile(0.95):.1f} ms. {some(int(dropped.sum()), 'frame was', 'frames were')} dropped to keep up: a live "
        "picture is never late, so what comes too fast is left out. Of a stretch without faces only the first frame is logged."
    )
    charts = (_latency(facts, frames), *_dropped(facts))
    return Section("speed", "Speed", (sentence,), charts, (table("speed", "Sessions", table_rows, columns),))


def frames_of(log: pd.DataFrame) -> pd.DataFrame:
    """One row per frame that has a time: it repeats on the rows of a frame's faces."""
    timed = log.loc[log["total_ms"].notna(), ["session_id", "source", "camera_id", "frame_index", "mode", "local", "total_ms"]]
    return timed.drop_duplicates(["session_id", "source", "camera_id", "frame_index", "mode"])


def _latency(facts: ReportFacts, frames: pd.DataFrame) -> Chart:
    steps = frames.groupby("bin")["total_ms"]
    wide = facts.at_every_bin(pd.DataFrame({"half under": steps.quantile(0.5), "95 % under": steps.quantile(0.95)}))
    lines = {name: wide[name].to_numpy(float, na_value=np.nan) for name in ("half under", "95 % under")}
    return Chart("latency", "Time to recognize a frame", LineChart(wide.index.to_numpy(), lines, "ms"))


def _dropped(facts: ReportFacts) -> tuple[Chart, ...]:
    rows = facts.log.loc[facts.log["dropped_frames"].notna(), ["session_id", "local", "dropped_frames"]]
    if rows.empty or not rows["dropped_frames"].max():
        return ()
    steps = rows.assign(bin=facts.bins(rows)).groupby(["session_id", "bin"], observed=True)["dropped_frames"]
    reached = steps.max().astype(float).groupby("session_id", observed=True).cummax()
    before = reached.groupby("session_id", observed=True).shift(fill_value=0.0)
    fresh = (reached - before).groupby("bin").sum()
    body = BarChart(fresh.index.to_numpy(), {"dropped": fresh.to_numpy(float)}, "frames", width=facts.step_ms)
    return (Chart("dropped", "Dropped frames over time", body),)
