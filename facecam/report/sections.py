"""Sections of a report: sentences, charts and tables on presence, decisions, expressions, objects, speed and log quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from facecam.logbook.dictionary import SESSION_LABEL_PREFIX
from facecam.logbook.queries import CAMERA_KEYS, EXPRESSION_COLUMNS, PRESENCE_GAP_S, clock_numbers
from facecam.logbook.spans import join_spans, local_times, split_spans, zoned_times
from facecam.messages import caption
from facecam.report.parts import (
    STEP_KEYS,
    BarChart,
    Chart,
    HeatmapChart,
    Mark,
    ReportFacts,
    Section,
    Table,
    TableColumn,
    TimelineChart,
    format_count,
    format_duration,
    steps_note,
    table,
)
from facecam.types import CLEAR_FROM, ESTIMATED_ORIGINS, EXPRESSIONS, UNCLEAR, VISIT_GAP_S, EventCode, TimeOrigin

UNKNOWN_ROW = "(unknown)"
MAX_TIMELINE_ROWS, MAX_TIMELINE_BARS = 24, 1500
"""Limits of the timeline. With too many bars, longer gaps are closed."""

CLOSE_CALL_L2 = 0.02
"""Largest distance to the threshold, on either side, of a close call."""

MAX_LINES, MAX_OBJECT_BARS, MAX_ERRORS = 8, 15, 50
SMALL_PX = 40

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES_OF_RECORDING_VERSION = 4
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
_DURATION, _READINGS = TableColumn("Duration", "seconds"), TableColumn("Readings", "count")


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
    counts = facts.frame_counts
    figures = {
        "Sessions": f"{log['session_id'].nunique():,}",
        "Sources": f"{len(counts):,}",
        "Time with frames": _total_of(log.facecam.sessions()["seconds"], format_duration),
        "Frames analyzed": _total_of(counts["analyzed"], "{:,}".format),
        "Frames with faces": _total_of(counts["with_faces"], "{:,}".format),
        "Frames logged": f"{len(facts.logged_frames):,}",
        "Faces detected": f"{len(facts.faces):,}",
        "Faces of these people": f"{int(facts.visits['sightings'].sum()):,}",
        "People recognized": f"{known:,}",
        "Visits of these people": f"{len(facts.visits):,}",
        "Unknown visitors": f"{len(facts.unknown):,}",
        "Rows": f"{len(log):,}",
    }
    found = pd.DataFrame(figures.items(), columns=["what", "value"])
    columns = {"what": TableColumn("What"), "value": TableColumn("Figure")}
    note = "Logged frames are those with faces or, in objects mode, all, and the first of each period without."
    return Section("summary", "Summary", (sentence, note), (), (table("summary", "Key figures", found, columns),))


def _total_of(values: pd.Series[Any], text: Callable[[Any], str]) -> str:
    """Return the sum as text, and that it is not complete where sessions before version 4 have no counts."""
    if values.isna().all():
        return "not counted"
    total = values.dropna().sum()
    counted = text(float(total) if isinstance(total, float) else int(total))
    return f"{counted} in {len(values.dropna())} of {len(values)}" if values.isna().any() else counted


def sessions(facts: ReportFacts) -> Section:
    """Return the sessions with their labels, the frames of their sources, and the markers."""
    found = facts.log.facecam.sessions().reset_index()
    found = found.assign(first=zoned_times(found["first_utc"]), last=zoned_times(found["last_utc"]))
    columns = {
        "session_id": TableColumn("Session"),
        "first": TableColumn("First row", "time"),
        "last": TableColumn("Last row", "time"),
    }
    columns |= {"seconds": TableColumn("Time with frames", "seconds"), "sources": TableColumn("Sources", "count")}
    columns |= {"rows": TableColumn("Rows", "count")}
    columns |= {name: TableColumn(name.removeprefix(SESSION_LABEL_PREFIX)) for name in facts.label_columns}
    first = facts.log.loc[facts.log["ts_origin"].notna(), [*CAMERA_KEYS, "ts_origin"]].drop_duplicates(CAMERA_KEYS)
    frames = facts.frame_counts.merge(first, on=CAMERA_KEYS, how="left")
    frames = frames.assign(origin=frames["ts_origin"].astype(object).map(_ORIGINS))
    frame_columns = {"session_id": TableColumn("Session"), "source": TableColumn("Source"), "origin": TableColumn("Its time")}
    frame_columns |= {"read": TableColumn("Frames read", "count"), "analyzed": TableColumn("Frames analyzed", "count")}
    frame_columns |= {"with_faces": TableColumn("Frames with faces", "count"), "dropped": TableColumn("Frames dropped", "count")}
    frame_columns |= {"seconds": TableColumn("Time with frames", "seconds")}
    markers = facts.markers.assign(when=zoned_times(facts.markers["ts_utc"]), at_s=facts.markers["t_ms"] / 1000)
    marker_columns = {"when": TableColumn("When", "time"), "marker": TableColumn("Marker"), "session_id": TableColumn("Session")}
    marker_columns |= {"at_s": TableColumn("Session time (s)", "number", 1)}
    tables = (
        table("sessions", "Sessions", found, columns),
        table("frames", "Frames of each source", frames, frame_columns),
        table("markers", "Markers", markers, marker_columns),
    )
    sentences = ["No result joins two sessions. Times of files that are estimates are not compared with other clocks."]
    if frames["analyzed"].isna().any():
        sentences.append("Sessions without counts of frames are older than version 4 of the log, or have recorded none.")
    return Section("sessions", "Sessions", tuple(sentences), (), tuple(one for one in tables if one.rows))


_ORIGINS = {
    TimeOrigin.CLOCK: "this machine's clock",
    TimeOrigin.GIVEN: "given",
    TimeOrigin.CONTAINER: "the file's header (estimate)",
    TimeOrigin.FILE: "the file's own time (estimate)",
}


def labels(facts: ReportFacts) -> Section | None:
    """Return figures per value of each session label; None without labels."""
    if not facts.label_columns:
        return None
    rows: list[dict[str, Any]] = []
    seconds = facts.log.facecam.sessions()["seconds"]
    readings, has_expressions = facts.log.facecam.readings(), facts.has_expressions
    for column in facts.label_columns:
        label_of = facts.log.drop_duplicates("session_id").set_index("session_id")[column]
        for value in sorted(label_of.dropna().unique()):
            own = label_of.index[label_of == value]
            visits = facts.visits[facts.visits["session_id"].isin(own)]
            known = readings[readings["name"].notna() & readings["session_id"].isin(own)]
            observed_s = seconds.reindex(own)
            rows.append(
                {
                    "label": column.removeprefix(SESSION_LABEL_PREFIX), "value": value, "sessions": len(own),
                    "seconds": None if observed_s.isna().any() else float(observed_s.sum()),
                    "people": visits["name"].nunique(), "visits": len(visits), "present": visits["seconds"].sum(),
                    "unknown": int(facts.unknown["session_id"].isin(own).sum()), "n": len(known),
                    **known[[*EXPRESSION_COLUMNS, "valence", UNCLEAR]].mean().to_dict(),
                }
            )  # fmt: skip
    if not rows:
        return None
    columns = {"label": TableColumn("Label"), "value": TableColumn("Value"), "sessions": TableColumn("Sessions", "count")}
    columns |= {
        "seconds": TableColumn("Time with frames", "seconds"),
        "people": TableColumn("People", "count"),
        "visits": _VISITS,
    }
    columns |= {"present": TableColumn("Duration of visits", "seconds"), "unknown": TableColumn("Unknown visitors", "count")}
    sentence = "Figures per value of each session label."
    if has_expressions:
        columns |= {"n": _READINGS} | _expression_columns()
        sentence += (
            " Expressions are means over the readings of known people in these sessions. Readings of one person are not "
            "independent of each other: compare people or sessions, not readings."
        )
    return Section("labels", "Session labels", (sentence,), (), (table("labels", "Labels", pd.DataFrame(rows), columns),))


def presence(facts: ReportFacts) -> Section:
    """Return when each person was present: a timeline, and tables per person, day and pair."""
    people = facts.log.facecam.first_last_seen().sort_values("seconds", ascending=False, kind="stable").reset_index()
    people = people.assign(first=zoned_times(people["first_utc"]), last=zoned_times(people["last_utc"]))
    days = facts.log.facecam.attendance().reset_index().sort_values(["day", "name"], ascending=[False, True], kind="stable")
    days = days.assign(day=days["day"].dt.strftime("%Y-%m-%d").astype(str), weekday=days["day"].dt.day_name().astype(str))
    pairs = facts.log.facecam.together().reset_index()
    people_columns = {"name": _NAME, "visits": _VISITS, "seconds": _DURATION, "share": TableColumn("Share of the time", "share")}
    people_columns |= {
        "first": TableColumn("First seen", "time"),
        "last": TableColumn("Last seen", "time"),
        "sightings": _SIGHTINGS,
    }
    day_columns = {"day": TableColumn("Day"), "weekday": TableColumn("Weekday"), "name": _NAME}
    day_columns |= {"first": TableColumn("Arrived", "time"), "last": TableColumn("Left", "time")}
    pair_columns = {"name_1": _NAME, "name_2": TableColumn("and"), "times": TableColumn("Times", "count"), "seconds": _DURATION}
    tables = (
        table("people", "People", people, people_columns),
        table("attendance", "Days", days, {**day_columns, "visits": _VISITS, "seconds": _DURATION}),
        table("together", "Together in front of one camera", pairs, pair_columns),
    )
    charts = _presence_timeline(facts, list(people["name"].astype(str)))
    if not charts:
        return Section("presence", "Presence", ("No person was recognized, and no unknown face appeared.",))
    rules = (
        f"A visit ends when a person is out of sight for {VISIT_GAP_S:.0f} seconds or longer, and with the session. People are "
        f"together while both are in front of one camera; gaps under {PRESENCE_GAP_S:.0f} seconds are closed."
    )
    sentences = [rules]
    if people["share"].notna().any():
        sentences.append("The share is the duration divided by the time with frames of all sessions.")
    elif len(people):
        sentences.append("The share of the time is left out, because some sessions have no counts of frames.")
    return Section("presence", "Presence", tuple(sentences), charts, tuple(one for one in tables if one.rows))


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
    spans = _split_at_clock_changes(spans)
    row = pd.Index(rows).get_indexer(pd.Index(spans["row"]))
    begin = local_times(spans["begin_utc"]).to_numpy("datetime64[ms]")
    end = begin + (spans["end_utc"] - spans["begin_utc"]).to_numpy("timedelta64[ms]")
    has_wide_gaps = gap_s > VISIT_GAP_S
    note = f"Gaps of up to {format_duration(gap_s)} are closed, because there are too many to show. " if has_wide_gaps else ""
    if len(names) > MAX_TIMELINE_ROWS:
        note += f"The {MAX_TIMELINE_ROWS} of {len(names)} people with the longest presence."
    return (Chart("timeline", "Presence over time", TimelineChart(tuple(rows), row, begin, end, facts.marks), note),)


def _split_at_clock_changes(spans: pd.DataFrame) -> pd.DataFrame:
    """Split the spans during which the clock changes: on an axis of the clock's time they are not one bar."""
    clock = local_times(spans["end_utc"]) - local_times(spans["begin_utc"])
    changes = (clock != spans["end_utc"] - spans["begin_utc"]).to_numpy()
    if not changes.any():
        return spans
    return pd.concat([spans[~changes], split_spans(spans[changes])], ignore_index=True)


def unknown_visitors(facts: ReportFacts) -> Section:
    """Return the tracks that match no enrolled person."""
    found = facts.unknown.sort_values("begin_utc", ascending=False, kind="stable")
    found = found.assign(begin=zoned_times(found["begin_utc"]), headroom=found["distance_l2"] - found["own_threshold_l2"])
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
    known, unknown = facts.log.facecam.presence(VISIT_GAP_S), facts.unknown
    origins = facts.log.loc[facts.log["ts_origin"].notna(), [*CAMERA_KEYS, "ts_origin"]].drop_duplicates(CAMERA_KEYS)
    columns = [*CAMERA_KEYS, "begin_utc", "end_utc", "sightings", "ts_origin"]
    spans = pd.concat([known[columns], unknown.merge(origins, on=CAMERA_KEYS, how="left")[columns]], ignore_index=True)
    parts = split_spans(join_spans(spans.assign(clock=clock_numbers(spans)), ["session_id", "clock"], 0.0))
    begin = local_times(parts["begin_utc"])
    minutes = np.zeros((7, 24))
    if len(parts):
        cells = begin.dt.day_of_week.to_numpy(int), begin.dt.hour.to_numpy(int)
        np.add.at(minutes, cells, parts["seconds"].to_numpy(float) / 60)
    if not minutes.any():
        return Section("hours", "Hours and weekdays", ("No presence was long enough to appear in this chart.",))
    heatmap = HeatmapChart(pd.DataFrame(minutes, WEEKDAYS, [f"{hour:02d}" for hour in range(24)]), "min")
    chart = Chart("hours", "Minutes with at least one face, by weekday and hour", heatmap)
    sentence = (
        "Minutes in which a camera saw at least one person or unknown face; several at once in a session count once. Local time."
    )
    return Section("hours", "Hours and weekdays", (sentence,), (chart,))


def decisions(facts: ReportFacts) -> Section:
    """Return the distances of all compared faces, and the decisions on tracks with their reasons."""
    reasons = facts.log.facecam.decisions().reset_index()
    reasons["reason"] = reasons["reason"].astype(object).map(caption, na_action="ignore")
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
    marks: tuple[Mark, ...] = ()
    if len(threshold):
        low, high = float(threshold.min()), float(threshold.max())
        ends = {"threshold": low} if low == high else {"lowest threshold": low, "highest threshold": high}
        marks = tuple(Mark(f"{name} {at:.3f}", at) for name, at in ends.items())
    body = BarChart(pd.DataFrame(parts, edges[:-1]), "faces", "distance to the nearest person (plain L2)", float(edges[1]), marks)
    beyond = int((distances > top).sum())
    note = f"The last bar includes {format_count(beyond, 'face')} beyond the axis." if beyond else ""
    return Chart("distances", "Distances and threshold", body, note)


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


def expressions(facts: ReportFacts) -> Section | None:
    """Return the expressions of known people over time and per person, with valence; None if the log has no expression."""
    if not facts.has_expressions:
        return None
    readings = facts.log.facecam.readings()
    readings = readings[readings["name"].notna()]
    if readings.empty:
        return Section("expressions", "Expressions", (*EXPRESSIONS_NOTE, "No expression of a known person was read."))
    readings = readings.assign(local=local_times(readings["ts_utc"]))
    people = facts.log.facecam.expressions().reset_index()
    people = people[people["n"] > 0].sort_values("n", ascending=False, kind="stable")
    columns = {"name": _NAME, "n": _READINGS, "missing": TableColumn("Missing", "share")} | _expression_columns()
    tables = (table("expressions", "Mean per person", people, columns),)
    sentence = (
        f"{format_count(len(readings), 'reading')}: only frames on which an expression was read count, of faces that passed the "
        "quality checks. Missing is the share of a person's sightings that failed them or had no reading yet. A reading is "
        f"unclear if no expression reaches {100 * CLEAR_FROM:.0f} %: charts show their share separately, and the means in "
        "the table include them."
    )
    charts = (
        _expressions_over_time(facts, readings),
        _expressions_per_person(readings, people),
        _valence_over_time(facts, readings, people),
    )
    return Section("expressions", "Expressions", (*EXPRESSIONS_NOTE, sentence), charts, tables)


def _expression_columns() -> dict[str, TableColumn]:
    columns = {f"p_{name}": TableColumn(name.capitalize(), "share") for name in EXPRESSIONS}
    return columns | {"valence": TableColumn("Valence", "number", 2), UNCLEAR: TableColumn("Unclear", "share")}


def _chart_parts(readings: pd.DataFrame) -> pd.DataFrame:
    """Return the probabilities of the readings, and 1 as `unclear` for each unclear one instead of its probabilities."""
    clear = readings[EXPRESSION_COLUMNS].mul(1 - readings[UNCLEAR], axis="index").set_axis(EXPRESSIONS, axis="columns")
    return clear.assign(**{UNCLEAR: readings[UNCLEAR]}) if readings[UNCLEAR].any() else clear


def _expressions_over_time(facts: ReportFacts, readings: pd.DataFrame) -> Chart:
    steps = facts.steps(readings)
    mean = _chart_parts(readings).groupby([steps["left"], steps["width_ms"]]).mean()
    body = facts.bars(mean, "mean probability")
    return Chart("expression-time", "Expressions over time, all known people", body, steps_note(len(mean)))


def _expressions_per_person(readings: pd.DataFrame, people: pd.DataFrame) -> Chart:
    names = people["name"].head(3 * MAX_LINES)
    top = _chart_parts(readings).groupby(readings["name"], observed=True).mean().reindex(pd.Index(names, name="name"))
    return Chart("expression-person", "Expressions per person", BarChart(top, "mean probability"))


def _valence_over_time(facts: ReportFacts, readings: pd.DataFrame, people: pd.DataFrame) -> Chart:
    names = list(people["name"].head(MAX_LINES).astype(str))
    own = readings[readings["name"].isin(names)]
    steps = facts.steps(own)
    mean = own["valence"].groupby([*(steps[key] for key in STEP_KEYS), own["name"].astype(str)]).mean().unstack("name")
    note = f"The {MAX_LINES} of {len(people)} people with the most readings. " if len(people) > MAX_LINES else ""
    body = facts.lines(mean[names], "valence", (-1.0, 1.0))
    return Chart("valence", "Valence over time, per person", body, note + steps_note(len(mean)))


def objects(facts: ReportFacts) -> Section | None:
    """Return the labels that were shown; None if the log has no object recognition."""
    frames = int(((facts.log["event"] == "seen") & (facts.log["mode"] == "objects")).sum())
    if not frames:
        return None
    found = facts.log.facecam.objects().reset_index()
    found = found.assign(first=zoned_times(found["first_utc"]), last=zoned_times(found["last_utc"]))
    sentence = (
        f"{format_count(frames, 'frame was', 'frames were')} classified; {int(found['frames'].sum()):,} showed an object by the "
        "rule of the screen, and these count here. Labels without a WordNet id were taught or trained. A network returns one of "
        "its classes even when none of them is visible: the probability says how reliable it is."
    )
    if found.empty:
        return Section("objects", "Objects", (sentence, "No object was shown."))
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
        *(*facts.warnings, *_ending_sentences(facts), *_clock_sentences(facts), *_change_sentences(facts.log)),
        *(*_face_sentences(facts.faces), *_event_sentences(facts.log)),
    ]
    errors = facts.log.loc[facts.log["event"] == "error", ["ts_utc", "source", "message"]].tail(MAX_ERRORS)
    errors = errors.assign(when=zoned_times(errors["ts_utc"]))
    columns = {"when": TableColumn("When", "time"), "source": TableColumn("Source"), "message": TableColumn("What")}
    tables = (table("errors", "Latest errors", errors, columns),) if len(errors) else ()
    return Section("quality", "About this log", tuple(findings) or ("This log has no known problems.",), (), tables)


def _ending_sentences(facts: ReportFacts) -> Iterator[str]:
    if unfinished := [session.session_id for session in facts.sessions if session.ended_at_utc is None]:
        names = ", ".join(unfinished[:5]) + (" ..." if len(unfinished) > 5 else "")
        yield f"{format_count(len(unfinished), 'session was', 'sessions were')} interrupted or had not ended: {names}."
    if lost := sum(session.rows_lost for session in facts.sessions):
        yield f"{format_count(lost, 'row')} never reached the disk, which was full or unavailable."


def _clock_sentences(facts: ReportFacts) -> Iterator[str]:
    sessions = facts.log.groupby("session_id", observed=True)["ts_utc"].agg(["min", "max"])
    on_the_clock = local_times(sessions["max"]) - local_times(sessions["min"])
    if (on_the_clock != sessions["max"] - sessions["min"]).any():
        yield "The clock went forward or back during a session: on the axes an hour is missing, or appears twice."


def _change_sentences(log: pd.DataFrame) -> Iterator[str]:
    for column, what in (("embed_model", "embedding network"), ("expression_model", "expression network")):
        is_used = column == "embed_model" or log["valence"].notna().any()
        if is_used and (count := log[column].nunique()) > 1:
            yield f"{count} versions of the {what} were used; their figures are not comparable."
    if (count := log["gallery_revision"].nunique()) > 1:
        yield f"The gallery changed: people or photos were added or removed ({count} states)."
    origins = log["ts_origin"].value_counts()
    for origin in ESTIMATED_ORIGINS:
        if origins.get(origin, 0):
            count = log.loc[log["ts_origin"] == origin, CAMERA_KEYS].drop_duplicates().shape[0]
            yield f"{format_count(count, 'source has its', 'sources have their')} times from {_ORIGINS[origin]}."
    is_old = log["schema_version"].lt(_TIMES_OF_RECORDING_VERSION).fillna(value=False)
    if is_old.any() and not is_old.all():
        yield "Some sessions are older than version 4 of the log, where rows of files have the time of processing."
    elif is_old.any():
        yield "The log is older than version 4, where rows of files have the time of processing."


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
    if count := len(log.loc[log["event_code"] == EventCode.SPARSE_FRAMES, CAMERA_KEYS].drop_duplicates()):
        yield f"{format_count(count, 'source')} showed so few frames that faces were decided on single sightings."
    if count := int(events.get("correction", 0)):
        yield f"{format_count(count, 'correction was', 'corrections were')} made in the window."


def speed(facts: ReportFacts) -> Section:
    """Return the time per frame and the dropped frames."""
    frames = facts.logged_frames
    timed = frames[frames["total_ms"].notna()]
    if timed.empty:
        return Section("speed", "Speed", ("No recognition time was logged.",))
    dropped = _dropped_frames(facts)
    by_session = timed.groupby("session_id", observed=True)["total_ms"]
    rows = by_session.agg(["median", "max"]).join(by_session.quantile(0.95).rename("p95")).join(dropped)
    rows = rows.join(frames.groupby("session_id", observed=True).size().rename("size")).reset_index()
    columns = {
        "session_id": TableColumn("Session"), "size": TableColumn("Frames logged", "count"),
        "median": TableColumn("Median (ms)", "number", 1), "p95": TableColumn("95 % under (ms)", "number", 1),
        "max": TableColumn("Longest (ms)", "number", 1), "dropped": TableColumn("Frames dropped", "count"),
    }  # fmt: skip
    total_ms = timed["total_ms"].astype(float)
    sentence = (
        f"Half of {format_count(len(frames), 'logged frame')} took less than {total_ms.median():.1f} ms to recognize, 95 % less "
        f"than {total_ms.quantile(0.95):.1f} ms. {format_count(int(dropped.sum()), 'frame was', 'frames were')} dropped: live "
        "frames that arrive too fast are skipped, so that the image is never late."
    )
    charts = (_latency_chart(facts, timed), *_dropped_frames_chart(facts, frames))
    return Section("speed", "Speed", (sentence,), charts, (table("speed", "Sessions", rows, columns),))


def _dropped_frames(facts: ReportFacts) -> pd.Series[Any]:
    """Return the dropped frames of each session: those of its sources, before version 4 the number in its last rows."""
    logged = facts.log[facts.log["event"] != "frames"].groupby("session_id", observed=True)["dropped_frames"].max()
    counted = facts.frame_counts.groupby("session_id", observed=True)["dropped"].sum(min_count=1)
    return counted.combine_first(logged).fillna(0).astype("int64").rename("dropped")


def _latency_chart(facts: ReportFacts, frames: pd.DataFrame) -> Chart:
    steps = facts.steps(frames)
    by_step = frames["total_ms"].groupby([steps[key] for key in STEP_KEYS])
    wide = pd.DataFrame({"median": by_step.quantile(0.5), "95 % under": by_step.quantile(0.95)})
    return Chart("latency", "Time to recognize a frame", facts.lines(wide, "ms"), steps_note(len(wide)))


def _dropped_frames_chart(facts: ReportFacts, frames: pd.DataFrame) -> tuple[Chart, ...]:
    rows = frames[frames["dropped_frames"].notna()]
    if rows.empty or not rows["dropped_frames"].max():
        return ()
    # The count is that of the session so far, over all of its sources.
    previous = (
        rows["dropped_frames"].groupby(rows["session_id"], observed=True).cummax().groupby(rows["session_id"], observed=True)
    )
    new = previous.diff().fillna(previous.transform("first")).astype(float)
    steps = facts.steps(rows)
    per_step = new.groupby([steps["left"], steps["width_ms"]]).sum().to_frame("dropped")
    chart = facts.bars(per_step, "frames")
    return (Chart("dropped", "Dropped frames over time", chart, steps_note(len(per_step))),)


SECTIONS = (summary, sessions, labels, presence, hours, expressions, decisions, unknown_visitors, objects, speed, quality)
"""Functions of the sections of a report, in order."""
