"""Sections of a report: sentences, charts and tables on presence, decisions, expressions, objects, speed and log quality."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from facecam.logbook.queries import EXPRESSION_COLUMNS, PRESENCE_GAP_S, join_spans, local_times, split_spans
from facecam.messages import caption
from facecam.report.parts import (
    BarChart,
    Chart,
    HeatmapChart,
    LineChart,
    ReportFacts,
    Section,
    Table,
    TableColumn,
    TimelineChart,
    format_count,
    format_duration,
    table,
)
from facecam.types import EXPRESSIONS, VISIT_GAP_S, EventCode

UNKNOWN_ROW = "(unknown)"
MAX_TIMELINE_ROWS, MAX_TIMELINE_BARS = 24, 1500
"""Limits of the timeline. With too many bars, longer gaps are closed."""

CLOSE_CALL_L2 = 0.02
"""Largest distance to the threshold, on either side, of a close call."""

MAX_LINES, MAX_OBJECT_BARS, MAX_ERRORS = 8, 15, 50
MIN_PROBABILITY = 0.5
SMALL_PX = 40

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STATUSES = ("known", "unsure", "unknown")

EXPRESSIONS_NOTE = (
    (
        "An expression is not an emotion. The figures say how similar a face is to images that people labeled with these seven "
        "words. They do not say what a person feels, thinks or intends."
    ),
    (
        "A resting face is often classified as sad, angry or neutral; light, glasses, beards, age and head pose change the "
        "figures. Valence ranges from unpleasant (-1) to pleasant (1): the same seven probabilities, each with a "
        "rough weight."
    ),
    "Compare one person over time, not people with each other, and do not base decisions about people on these figures.",
)

_NAME, _VISITS, _SIGHTINGS = TableColumn("Name"), TableColumn("Visits", "count"), TableColumn("Sightings", "count")
_DURATION = TableColumn("Duration", "seconds")


def summary(facts: ReportFacts) -> Section:
    """Return the log's period and key figures."""
    log = facts.log
    begin, end = log["local"].min(), log["local"].max()
    is_moment = begin.floor("min") == end.floor("min")
    when = f"On {begin:%Y-%m-%d at %H:%M}" if is_moment else f"From {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    known = facts.visits["name"].nunique()
    sentence = f"{when}, {format_count(known, 'person was', 'people were')} recognized"
    sentence += f" in {format_count(len(facts.visits), 'visit')}" if known else ""
    sentence += f", and {format_count(len(facts.unknown), 'unknown face')} appeared." if len(facts.unknown) else "."
    frames = log.loc[log["event"] == "seen", ["session_id", "source", "camera_id", "frame_index"]].drop_duplicates()
    spans = log.groupby("session_id", observed=True)["ts_utc"].agg(["min", "max"])
    faces = facts.faces
    figures = {
        "Sessions": f"{log['session_id'].nunique():,}",
        "Time logged": format_duration(float((spans["max"] - spans["min"]).dt.total_seconds().sum())),
        "Sources": f"{log[['source', 'camera_id']].dropna(subset='source').drop_duplicates().shape[0]:,}",
        "Frames logged": f"{len(frames):,}",
        "Faces detected": f"{len(faces):,}",
        "Faces with a name": f"{int(faces['name'].notna().sum()):,}",
        "People recognized": f"{known:,}",
        "Visits of these people": f"{len(facts.visits):,}",
        "Unknown visitors": f"{len(facts.unknown):,}",
        "Rows": f"{len(log):,}",
    }
    found = pd.DataFrame(figures.items(), columns=["what", "value"])
    columns = {"what": TableColumn("What"), "value": TableColumn("Figure")}
    return Section("summary", "Summary", (sentence,), (), (table("summary", "Key figures", found, columns),))


def presence(facts: ReportFacts) -> Section:
    """Return when each person was present: a timeline, and tables per person, day and pair."""
    people = facts.log.facecam.first_last_seen().sort_values("seconds", ascending=False, kind="stable").reset_index()
    people = people.assign(first=local_times(people["first_utc"]), last=local_times(people["last_utc"]))
    days = facts.log.facecam.attendance().reset_index().sort_values(["day", "name"], ascending=[False, True], kind="stable")
    days = days.assign(day=days["day"].dt.strftime("%Y-%m-%d").astype(str), weekday=days["day"].dt.day_name().astype(str))
    pairs = facts.log.facecam.together().reset_index()
    people_columns = {"name": _NAME, "visits": _VISITS, "seconds": _DURATION, "first": TableColumn("First seen", "time")}
    people_columns |= {"last": TableColumn("Last seen", "time"), "sightings": _SIGHTINGS}
    day_columns = {"day": TableColumn("Day"), "weekday": TableColumn("Weekday"), "name": _NAME}
    day_columns |= {"first": TableColumn("Arrived", "time"), "last": TableColumn("Left", "time")}
    pair_columns = {"name_1": _NAME, "name_2": TableColumn("and"), "times": TableColumn("Times", "count"), "seconds": _DURATION}
    tables = (
        table("people", "People", people, people_columns),
        table("attendance", "Days", days, {**day_columns, "visits": _VISITS, "seconds": _DURATION}),
        table("together", "Together in front of one camera", pairs, pair_columns),
    )
    charts = _presence_timeline(facts, list(people["name"].astype(str)))
    sentence = (
        f"A visit ends when a person is out of sight for {VISIT_GAP_S:.0f} seconds or longer. People are together while "
        f"both are in front of one camera; gaps under {PRESENCE_GAP_S:.0f} seconds are closed."
        if charts
        else "No person was recognized, and no unknown face appeared."
    )
    return Section("presence", "Presence", (sentence,), charts, tuple(one for one in tables if one.rows))


def _presence_timeline(facts: ReportFacts, names: list[str]) -> tuple[Chart, ...]:
    spans = pd.concat(
        [facts.visits.assign(row=facts.visits["name"].astype(str)), facts.unknown.assign(row=UNKNOWN_ROW)], ignore_index=True
    )[["row", "begin_utc", "end_utc", "sightings"]]
    if spans.empty:
        return ()
    rows = [*names[:MAX_TIMELINE_ROWS], *([UNKNOWN_ROW] if len(facts.unknown) else [])]
    spans, gap_s = spans[spans["row"].isin(rows)], VISIT_GAP_S
    while len(spans) > MAX_TIMELINE_BARS:
        gap_s *= 2
        spans = join_spans(spans, ["row"], gap_s)
    row = pd.Index(rows).get_indexer(pd.Index(spans["row"]))
    begin, end = local_times(spans["begin_utc"]).to_numpy(), local_times(spans["end_utc"]).to_numpy()
    has_wide_gaps = gap_s > VISIT_GAP_S
    note = f"Gaps of up to {format_duration(gap_s)} are closed, because there are too many to show. " if has_wide_gaps else ""
    if len(names) > MAX_TIMELINE_ROWS:
        note += f"The {MAX_TIMELINE_ROWS} of {len(names)} people with the longest presence."
    return (Chart("timeline", "Presence over time", TimelineChart(tuple(rows), row, begin, end), note),)


def unknown_visitors(facts: ReportFacts) -> Section:
    """Return the tracks that match no enrolled person."""
    found = facts.unknown.sort_values("begin_utc", ascending=False, kind="stable")
    found = found.assign(begin=local_times(found["begin_utc"]), headroom=found["distance_l2"] - found["own_threshold_l2"])
    if found.empty:
        return Section("unknown", "Unknown visitors", ("No face was decided to be unknown.",))
    longer = int((found["seconds"] >= 1).sum())
    sentence = (
        f"{format_count(len(found), 'face')} appeared and matched no enrolled person; {longer:,} of them stayed for a second or "
        "longer. Unknown visitors are counted by face tracks: a person who leaves and returns counts again."
    )
    columns = {
        "begin": TableColumn("Arrived", "time"), "seconds": TableColumn("Stayed", "seconds"), "source": TableColumn("Source"),
        "sightings": _SIGHTINGS, "nearest_name": TableColumn("Nearest person"),
        "distance_l2": TableColumn("Smallest distance (plain L2)", "number", 3),
        "headroom": TableColumn("Beyond the threshold by", "number", 3),
    }  # fmt: skip
    tables = (table("unknown", "Unknown visitors, newest first", found, columns),)
    return Section("unknown", "Unknown visitors", (sentence,), (), tables)


def hours(facts: ReportFacts) -> Section:
    """Return how much of each hour of the week at least one face was present."""
    spans = pd.concat([facts.visits, facts.unknown], ignore_index=True)[["begin_utc", "end_utc", "sightings"]]
    parts = split_spans(join_spans(spans.assign(all=0), ["all"], 0.0))
    begin = local_times(parts["begin_utc"])
    minutes = np.zeros((7, 24))
    if len(parts):
        cells = begin.dt.day_of_week.to_numpy(int), begin.dt.hour.to_numpy(int)
        np.add.at(minutes, cells, parts["seconds"].to_numpy(float) / 60)
    if not minutes.any():
        return Section("hours", "Hours and weekdays", ("No presence was long enough to appear in this chart.",))
    heatmap = HeatmapChart(pd.DataFrame(minutes, WEEKDAYS, [f"{hour:02d}" for hour in range(24)]), "min")
    chart = Chart("hours", "Minutes with at least one face, by weekday and hour", heatmap)
    sentence = "Minutes in which any camera saw at least one person or unknown face; several at once count once. Local time."
    return Section("hours", "Hours and weekdays", (sentence,), (chart,))


def decisions(facts: ReportFacts) -> Section:
    """Return the distances of all compared faces, and the decisions on tracks with their reasons."""
    reasons = facts.log.facecam.decisions().reset_index()
    reasons["reason"] = reasons["reason"].astype(str).map(caption)
    columns = {"decision": TableColumn("Decision"), "reason": TableColumn("Reason"), "faces": TableColumn("Faces", "count")}
    columns |= {"share": TableColumn("Share", "share"), "tracks": TableColumn("Tracks", "count")}
    by_reason = table("reasons", "Decisions on face tracks, by reason", reasons, columns)
    rows = facts.faces
    rows = rows[rows["embedded"].fillna(value=False) & rows["distance_l2"].notna()]
    if rows.empty:
        sentence = "No face was compared: none was good enough, or no person is enrolled."
        return Section("decisions", "Decisions", (sentence,), (), (by_reason,) if by_reason.rows else ())
    per_person = _distances_per_person(rows)
    tables = (per_person, by_reason) if per_person.rows else (by_reason,)
    return Section("decisions", "Decisions", _decision_sentences(rows), (_distance_histogram(rows),), tables)


def _decision_sentences(rows: pd.DataFrame) -> tuple[str, ...]:
    known = rows[rows["sighting_decision"] == "known"]
    headroom = (rows["own_threshold_l2"] - rows["distance_l2"]).dropna()
    close = int((headroom.abs() < CLOSE_CALL_L2).sum())
    compared = (
        f"{format_count(len(rows), 'face was', 'faces were')} compared with the enrolled people; {len(known):,} were within the "
        "threshold of one person and clearly farther from the next. A distance is plain L2 from the face's embedding to that of "
        "the person's nearest photo, or to the mean of the person's photos if that is nearer, 0 to 2: smaller means more similar."
    )
    if lowered := rows.loc[rows["own_threshold_l2"] < rows["threshold_l2"], "nearest_name"].nunique():
        people = format_count(lowered, "person has", "people have")
        compared += f" {people} a lower threshold: many faces resemble them, or their photos are very similar."
    reliability = (
        f"{format_count(close, 'face')} ({close / len(rows):.1%}) were within {CLOSE_CALL_L2} of the threshold, on either side: "
        "close calls. Names are more reliable the farther known faces lie to the left of the threshold and other faces to its "
        "right."
    )
    margin = known["margin_l2"].median()
    if pd.isna(margin):
        return compared, reliability
    return compared, reliability, f"Half of the known faces were at least {margin:.3f} nearer to their person than to the next."


def _distance_histogram(rows: pd.DataFrame) -> Chart:
    distances = rows["distance_l2"].to_numpy(float)
    threshold = rows["own_threshold_l2"].dropna()
    top = max(float(np.quantile(distances, 0.999)), float(threshold.max()) if len(threshold) else 0.0) * 1.05
    edges = np.linspace(0, top, 61)
    statuses = rows["sighting_decision"].to_numpy(object)
    # The last bar includes everything beyond the axis.
    parts = {status: np.histogram(np.minimum(distances[statuses == status], top), edges)[0] for status in _STATUSES}
    marks = {}
    if len(threshold):
        low, high = float(threshold.min()), float(threshold.max())
        marks = {"threshold": low} if low == high else {"lowest threshold": low, "highest threshold": high}
    body = BarChart(pd.DataFrame(parts, edges[:-1]), "faces", "distance to the nearest person (plain L2)", float(edges[1]), marks)
    return Chart("distances", "Distances and threshold", body)


def _distances_per_person(rows: pd.DataFrame) -> Table:
    known = rows[rows["sighting_decision"] == "known"]
    known = known.assign(headroom=known["own_threshold_l2"] - known["distance_l2"])
    people = known.groupby("nearest_name", observed=True)
    figures = people.agg(
        faces=("distance_l2", "size"),
        median=("distance_l2", "median"),
        threshold=("own_threshold_l2", "median"),
        least=("headroom", "min"),
        margin=("margin_l2", "median"),
    )
    figures["p95"] = people["distance_l2"].quantile(0.95)
    columns = {
        "nearest_name": _NAME, "faces": TableColumn("Faces compared", "count"),
        "median": TableColumn("Median distance", "number", 3), "p95": TableColumn("95 % nearer than", "number", 3),
        "threshold": TableColumn("Median threshold", "number", 3),
        "least": TableColumn("Smallest distance to threshold", "number", 3),
        "margin": TableColumn("Median margin to next person", "number", 3),
    }  # fmt: skip
    return table("distances-person", "Known faces, per person", figures.reset_index(), columns)


def expressions(facts: ReportFacts) -> Section:
    """Return the expressions of known people over time and per person, with valence."""
    rows = facts.faces
    rows = rows[rows["name"].notna() & rows["valence"].notna() & rows["local"].notna()]
    if rows.empty:
        return Section("expressions", "Expressions", (*EXPRESSIONS_NOTE, "No expression of a known person was logged."))
    people = rows.facecam.expressions().sort_values("sightings", ascending=False, kind="stable").reset_index()
    columns = {"name": _NAME, "sightings": _SIGHTINGS}
    columns |= {f"p_{name}": TableColumn(name.capitalize(), "share") for name in EXPRESSIONS}
    tables = (table("expressions", "Mean per person", people, columns | {"valence": TableColumn("Valence", "number", 2)}),)
    rows = rows.assign(bin=facts.bins(rows))
    charts = _expressions_over_time(facts, rows), _expressions_per_person(people), _valence_over_time(facts, rows, people)
    return Section("expressions", "Expressions", EXPRESSIONS_NOTE, charts, tables)


def _expressions_over_time(facts: ReportFacts, rows: pd.DataFrame) -> Chart:
    mean = rows.groupby("bin")[EXPRESSION_COLUMNS].mean().set_axis(EXPRESSIONS, axis="columns")
    body = BarChart(mean, "mean probability", width=facts.step_ms)
    return Chart("expression-time", "Expressions over time, all known people", body)


def _expressions_per_person(people: pd.DataFrame) -> Chart:
    top = people.head(3 * MAX_LINES).set_index("name")[EXPRESSION_COLUMNS].set_axis(EXPRESSIONS, axis="columns")
    return Chart("expression-person", "Expressions per person", BarChart(top, "mean probability"))


def _valence_over_time(facts: ReportFacts, rows: pd.DataFrame, people: pd.DataFrame) -> Chart:
    names = list(people["name"].head(MAX_LINES).astype(str))
    mean = rows[rows["name"].isin(names)].groupby(["bin", "name"], observed=True)["valence"].mean()
    by_name = facts.at_every_bin(mean.unstack("name"))
    note = f"The {MAX_LINES} of {len(people)} people with the most sightings." if len(people) > MAX_LINES else ""
    body = LineChart(by_name[names], "valence", (-1.0, 1.0))
    return Chart("valence", "Valence over time, per person", body, note)


def objects(facts: ReportFacts) -> Section | None:
    """Return the labels of sufficient probability; None if the log has no object recognition."""
    frames = int(((facts.log["event"] == "seen") & (facts.log["mode"] == "objects")).sum())
    if not frames:
        return None
    found = facts.log.facecam.objects(MIN_PROBABILITY).reset_index()
    found = found.assign(first=local_times(found["first_utc"]), last=local_times(found["last_utc"]))
    sentence = (
        f"{format_count(frames, 'frame was', 'frames were')} classified; {int(found['frames'].sum()):,} had a label of at least "
        f"{MIN_PROBABILITY:.0%}. The network always returns one of a thousand classes, even when none is visible: the "
        "probability says how reliable it is."
    )
    if found.empty:
        return Section("objects", "Objects", (sentence,))
    columns = {
        "label_1": TableColumn("Label"), "label_1_id": TableColumn("WordNet id"), "times": TableColumn("Times", "count"),
        "frames": TableColumn("Frames", "count"), "seconds": TableColumn("Visible for", "seconds"),
        "mean_p": TableColumn("Mean probability", "share"),
        "first": TableColumn("First", "time"), "last": TableColumn("Last", "time"),
    }  # fmt: skip
    body = BarChart(found.head(MAX_OBJECT_BARS).set_index("label_1")[["frames"]], "frames")
    charts = (Chart("objects", "Most frequent labels", body),)
    return Section("objects", "Objects", (sentence,), charts, (table("objects", "Labels", found, columns),))


def quality(facts: ReportFacts) -> Section:
    """Return one sentence per limitation of the log, and the logged errors."""
    findings = [
        *(*facts.warnings, *_ending_sentences(facts), *_change_sentences(facts.log)),
        *(*_face_sentences(facts.faces), *_event_sentences(facts.log)),
    ]
    errors = facts.log.loc[facts.log["event"] == "error", ["local", "source", "message"]].tail(MAX_ERRORS)
    columns = {"local": TableColumn("When", "time"), "source": TableColumn("Source"), "message": TableColumn("What")}
    tables = (table("errors", "Latest errors", errors, columns),) if len(errors) else ()
    return Section("quality", "About this log", tuple(findings) or ("This log has no known problems.",), (), tables)


def _ending_sentences(facts: ReportFacts) -> Iterator[str]:
    if unfinished := [session.session_id for session in facts.sessions if session.ended_at_utc is None]:
        names = ", ".join(unfinished[:5]) + (" ..." if len(unfinished) > 5 else "")
        yield f"{format_count(len(unfinished), 'session was', 'sessions were')} interrupted or had not ended: {names}."
    if lost := sum(session.rows_lost for session in facts.sessions):
        yield f"{format_count(lost, 'row')} never reached the disk, which was full or unavailable."


def _change_sentences(log: pd.DataFrame) -> Iterator[str]:
    for column, what in (("embed_model", "embedding network"), ("expression_model", "expression network")):
        if (count := log[column].nunique()) > 1:
            yield f"{count} versions of the {what} were used; their figures are not comparable."
    if (count := log["gallery_revision"].nunique()) > 1:
        yield f"The gallery changed: people or photos were added or removed ({count} states)."
    if log.loc[log["event"] == "seen"].groupby("session_id", observed=True)["source"].nunique().max() > 1:
        yield "A session had several sources. Each file has its own time, which begins with the start of the session."


def _face_sentences(faces: pd.DataFrame) -> Iterator[str]:
    if not len(faces):
        return
    if small := int((faces["w"] < SMALL_PX).sum()):
        share = f"{format_count(small, 'face')} of {len(faces):,} ({small / len(faces):.0%})"
        yield f"{share} had a width of less than {SMALL_PX} pixels, where names are less reliable."
    gates = faces["gate"].value_counts()
    if refused := int(gates.sum()):
        reasons = ", ".join(f"{caption(str(gate))} {count:,}" for gate, count in gates.items() if count)
        share = f"{format_count(refused, 'face was', 'faces were')} not good enough to be compared ({refused / len(faces):.0%})"
        yield f"{share}: {reasons}."


def _event_sentences(log: pd.DataFrame) -> Iterator[str]:
    events, codes = log["event"].value_counts(), log["event_code"].value_counts()
    if count := int(events.get("error", 0)):
        yield f"{format_count(count, 'error')} occurred."
    if count := int(codes.get(EventCode.RECONNECTING, 0)):
        yield f"A source was lost and reopened {format_count(count, 'time')}."
    if count := int(codes.get(EventCode.CLOCK_MOVED, 0)):
        times = format_count(count, "time")
        yield f"The system clock was set, or the computer slept, {times}; times count from the start of the session."
    if count := int(events.get("correction", 0)):
        yield f"{format_count(count, 'correction was', 'corrections were')} made in the window."


def speed(facts: ReportFacts) -> Section:
    """Return the time per frame and the dropped frames."""
    # The rows of a frame's faces repeat its recognition time.
    keys = ["session_id", "source", "camera_id", "frame_index", "mode"]
    frames = facts.log.loc[facts.log["total_ms"].notna(), [*keys, "local", "total_ms"]].drop_duplicates(keys)
    if frames.empty:
        return Section("speed", "Speed", ("No recognition time was logged.",))
    frames = frames.assign(bin=facts.bins(frames))
    dropped = facts.log.groupby("session_id", observed=True)["dropped_frames"].max().fillna(0).rename("dropped")
    sessions = frames.groupby("session_id", observed=True)["total_ms"]
    rows = sessions.agg(["size", "median", "max"]).join(sessions.quantile(0.95).rename("p95")).join(dropped).reset_index()
    columns = {
        "session_id": TableColumn("Session"), "size": TableColumn("Frames logged", "count"),
        "median": TableColumn("Median (ms)", "number", 1), "p95": TableColumn("95 % under (ms)", "number", 1),
        "max": TableColumn("Longest (ms)", "number", 1), "dropped": TableColumn("Frames dropped", "count"),
    }  # fmt: skip
    total_ms = frames["total_ms"].astype(float)
    sentence = (
        f"Half of {format_count(len(frames), 'logged frame')} took less than {total_ms.median():.1f} ms to recognize, 95 % less "
        f"than {total_ms.quantile(0.95):.1f} ms. {format_count(int(dropped.sum()), 'frame was', 'frames were')} dropped: live "
        "frames that arrive too fast are skipped, so that the image is never late. Of a period without faces only the first "
        "frame is logged."
    )
    charts = (_latency_chart(facts, frames), *_dropped_frames_chart(facts))
    return Section("speed", "Speed", (sentence,), charts, (table("speed", "Sessions", rows, columns),))


def _latency_chart(facts: ReportFacts, frames: pd.DataFrame) -> Chart:
    bins = frames.groupby("bin")["total_ms"]
    wide = facts.at_every_bin(pd.DataFrame({"median": bins.quantile(0.5), "95 % under": bins.quantile(0.95)}))
    return Chart("latency", "Time to recognize a frame", LineChart(wide, "ms"))


def _dropped_frames_chart(facts: ReportFacts) -> tuple[Chart, ...]:
    rows = facts.log.loc[facts.log["dropped_frames"].notna(), ["session_id", "local", "dropped_frames"]]
    if rows.empty or not rows["dropped_frames"].max():
        return ()
    bins = rows.assign(bin=facts.bins(rows)).groupby(["session_id", "bin"], observed=True)["dropped_frames"]
    total = bins.max().astype(float).groupby("session_id", observed=True).cummax()
    previous = total.groupby("session_id", observed=True).shift(fill_value=0.0)
    per_bin = (total - previous).groupby("bin").sum().to_frame("dropped")
    body = BarChart(per_bin, "frames", width=facts.step_ms)
    return (Chart("dropped", "Dropped frames over time", body),)


SECTIONS = (summary, presence, hours, expressions, decisions, unknown_visitors, objects, speed, quality)
"""Functions of the sections of a report, in order."""
