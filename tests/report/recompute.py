"""Recompute every number of a report from the CSV files of its logs, with the standard library only, and list the differences.

    python tests/report/recompute.py LOGS report.html [ZONE]

It states the rules of docs/guides/logs.md and report.md a second time, in plain loops, and shares no code with facecam.
"""

from __future__ import annotations

import csv
import html.parser
import itertools
import json
import math
import re
import statistics
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Span = dict[str, Any]

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
PROBABILITIES = [f"p_{name}" for name in EXPRESSIONS]
MEANS = [*PROBABILITIES, "valence", "unclear"]
CAMERA = ("session_id", "source", "camera_id")
TEXTS = frozenset(
    (
        *("session_id", "source", "camera_id", "mode", "event", "message", "gate", "nearest_name", "decision", "reason", "name"),
        *("sighting_decision", "label_1", "label_1_id", "embed_model", "expression_model", "gallery_revision", "event_code"),
        *("event_person", "person_id", "session_labels", "marker", "ts_origin", "expression", "second_name", "sample_id"),
    )
)
DAY_MS, QUARTER_MS = 86_400_000, 900_000
VISIT_MS, PRESENCE_MS = 10_000, 5_000
STEPS_MS = [1000 * s for s in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800)]
MONDAY_MS = 4 * DAY_MS
MAX_BINS, MAX_LINES = 120, 8
_WITHHELD = ("corrected", "name_taken", "presentation_attack", "still_picture")


def read_rows(folder: Path) -> list[Row]:
    """Return the rows of all logs in the order of their files, in the form of the newest version."""
    rows: list[Row] = []
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [upgraded({name: value_of(name, cell) for name, cell in row.items()}) for row in csv.DictReader(file)]
    mark_readings(rows)
    return rows


def value_of(name: str, cell: str) -> Any:
    if cell == "":
        return None
    if name == "ts_utc":
        return round(datetime.fromisoformat(cell).timestamp() * 1000)
    if name in TEXTS:
        return cell.removeprefix("'")
    if name in ("embedded", "expression_read"):
        return cell == "1"
    try:
        return float(cell) if "." in cell else int(cell)
    except ValueError:
        return cell


def upgraded(row: Row) -> Row:
    """Return a row of an earlier version with the columns of version 4."""
    row = defaultdict(lambda: None, row)
    if row["schema_version"] == 1 and row["message"]:
        found = re.fullmatch(r"last seen at ([0-9.]+) ms", row["message"]) if row["event"] == "exit" else None
        if found:
            row["last_seen_ms"] = float(found[1])
        if row["event"] == "correction" and row["message"].startswith("not: "):
            row["event_code"] = "name_rejected"
    if row["schema_version"] < 3 and row["distance_l2"] is not None:
        row["own_threshold_l2"] = row["threshold_l2"]
    if row["schema_version"] < 4 and row["event"] == "exit" and row["last_seen_ms"] is not None:
        row["ts_utc"] += round(row["last_seen_ms"]) - round(row["t_ms"])
        row["t_ms"] = row["last_seen_ms"]
    row["camera"] = tuple(row[name] or "" for name in CAMERA)
    row["labels"] = dict(pair.split("=", 1) for pair in (row["session_labels"] or "").split("; ") if "=" in pair)
    return row


def mark_readings(rows: Sequence[Row]) -> None:
    """Before version 4 a reading is an expression that differs from that of the track's row before."""
    last: dict[Any, Any] = {}
    for row in rows:
        values = [row[name] for name in PROBABILITIES]
        row["unclear"] = float(None not in values and max(values) < 0.4)
        if row["schema_version"] < 4 and None not in values:
            key = row["session_id"], row["track_id"]
            row["expression_read"] = last.get(key) != values
            last[key] = values


def faces_of(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["event"] == "seen" and row["mode"] == "faces"]


def name_people(rows: Sequence[Row]) -> None:
    """Set `person` of each row of a face: the name of its track."""
    current_name = current_names(faces_of(rows))
    tracks: dict[Any, list[tuple[Row | None, str | None]]] = defaultdict(list)
    for row in rows:
        track = row["session_id"], row["track_id"]
        if row["event_code"] == "name_rejected" and row["track_id"] is not None:
            tracks[track].append((None, "unknown"))
        elif row["event"] == "seen" and row["mode"] == "faces":
            row["person"] = current_name(row)
            if row["schema_version"] >= 4 and row["track_id"] is not None:
                is_nobody = row["decision"] == "unknown" or row["reason"] in _WITHHELD
                state = "name" if row["person"] else "unknown" if is_nobody else None
                tracks[track].append((row, state))
    for own in tracks.values():
        fill_track(own)


def current_names(faces: Sequence[Row]) -> Callable[[Row], str | None]:
    """Return the function from a row to its name: that of the person's last session, if the person was renamed."""
    identified = [row for row in faces if row["person_id"] and row["name"]]
    latest = {row["person_id"]: row["name"] for row in sorted(identified, key=lambda row: row["session_id"])}
    owners = defaultdict(set)
    for row in identified:
        owners[row["name"]].add(row["person_id"])
    former = {name: latest[min(ids)] for name, ids in owners.items() if len(ids) == 1 and name not in latest.values()}

    def name_of(row: Row) -> str | None:
        if not row["name"]:
            return None
        return latest.get(row["person_id"]) if row["person_id"] else former.get(row["name"], row["name"])

    return name_of


def fill_track(own: Sequence[tuple[Row | None, str | None]]) -> None:
    """Give the undecided rows of a track a name. Rows before the first name belong to it, and rows after to the last so far."""
    named = [row["person"] for row, state in own if row and state == "name"]
    if not named:
        return
    is_one_person = len(set(named)) == 1 and not any(state == "unknown" for _, state in own)
    current, is_named = named[0], False
    for row, state in own:
        if row and state == "name":
            current, is_named = row["person"], True
        elif state == "unknown" and is_named and not is_one_person:
            current = None
        if row:
            row["person"] = current


def join(spans: Iterable[Span], key: Callable[[Span], Any], gap_ms: float | Callable[[Span], float]) -> list[Span]:
    """Merge spans of one key that are less than a gap apart."""
    groups: dict[Any, list[Span]] = defaultdict(list)
    for span in spans:
        groups[key(span)].append(span)
    found = []
    for own in groups.values():
        reached = None
        for span in sorted(own, key=lambda span: span["begin"]):
            if reached is None or span["begin"] - reached["end"] >= (gap_ms(span) if callable(gap_ms) else gap_ms):
                reached = dict(span)
                found.append(reached)
            else:
                reached["end"] = max(reached["end"], span["end"])
                reached["count"] += span["count"]
    return found


def seconds(span: Span) -> float:
    return (span["end"] - span["begin"]) / 1000


def quantile(values: Iterable[float], share: float) -> float:
    """Return the quantile by linear interpolation."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


class Log:
    """Rows of a report and what several of its parts share."""

    def __init__(self, folder: Path, zone: str) -> None:
        self.folder, self.zone = folder, ZoneInfo(zone)
        self.rows = read_rows(folder)
        name_people(self.rows)
        self.faces = faces_of(self.rows)
        self.origins: dict[Any, str] = {}
        for row in self.rows:
            if row["ts_origin"]:
                self.origins.setdefault(row["camera"], row["ts_origin"])
        self.sessions = sorted({row["session_id"] for row in self.rows})
        self.counts = {row["camera"]: row for row in self.rows if row["event"] == "frames"}
        self.cameras = sorted(
            {row["camera"] for row in self.rows if row["event"] in ("seen", "empty", "frames") and row["source"]}
        )
        self.frames: dict[Any, Row] = {}
        for row in self.rows:
            if row["event"] in ("seen", "empty"):
                self.frames.setdefault((row["camera"], row["frame_index"]), row)
        self.visits = join(self.presence(VISIT_MS), lambda span: (span["person"], self.clock(span)), VISIT_MS)
        self.unknown = self.unknown_tracks()
        self.observed = {session: self.observed_s(session) for session in self.sessions}
        self.readings = [
            row for row in self.faces if self.is_usable(row) and row["expression_read"] and row["track_id"] is not None
        ]
        local = [self.wall_ms(row["ts_utc"]) for row in self.rows]
        self.local_ends = min(local), max(local)
        first, last = self.local_ends
        weeks = STEPS_MS[-1] * math.ceil((last - first) / (MAX_BINS - 1) / STEPS_MS[-1])
        fits = (step for step in STEPS_MS if self.bin(last, step) - self.bin(first, step) < MAX_BINS * step)
        self.step_ms = next(fits, weeks)

    def local(self, ms: float) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.zone)

    def wall_ms(self, ms: float) -> float:
        """Return the time as the clock on the wall shows it, as if it were UTC."""
        offset = self.local(ms).utcoffset()
        assert offset is not None
        return ms + offset.total_seconds() * 1000

    @staticmethod
    def bin(wall_ms: float, step_ms: int) -> float:
        return (wall_ms - MONDAY_MS) // step_ms * step_ms + MONDAY_MS

    def clock(self, span: Span) -> Any:
        """Return what has one clock: a session, or a file whose time is an estimate."""
        is_estimate = self.origins.get(span["camera"]) in ("container", "file")
        return span["camera"][0], span["camera"] if is_estimate else None

    def gap(self, camera: Any, gap_ms: float) -> float:
        """Return the gap, which is longer for a source that shows few frames."""
        counts, longest = self.counts.get(camera), gap_ms / 2.5
        mean = counts["frames_span_ms"] / counts["frames_analyzed"] if counts and counts["frames_analyzed"] else None
        if mean is not None and mean <= longest:
            return gap_ms
        times = [row["ts_utc"] for row in self.rows if row["camera"] == camera and row["event"] in ("seen", "empty")]
        steps = [after - before for before, after in itertools.pairwise(times) if after > before]
        candidates = [] if mean is None else [mean]
        if len(steps) >= 10:
            is_sparse = sum(step <= longest for step in steps) / len(steps) < 0.25
            candidates.append(quantile(steps, 0.25) if is_sparse else 0)
        least = min(candidates, default=0)
        return least * 2.5 if least > longest else gap_ms

    def presence(self, gap_ms: float) -> list[Span]:
        gaps = {camera: self.gap(camera, gap_ms) for camera in self.cameras}
        points = ({"camera": row["camera"], "person": row["person"], "begin": row["ts_utc"], "end": row["ts_utc"], "count": 1}
                  for row in self.faces if row["person"])  # fmt: skip
        return join(points, lambda span: (span["person"], span["camera"]), lambda span: gaps[span["camera"]])

    def unknown_tracks(self) -> list[Span]:
        tracks: dict[Any, list[Row]] = defaultdict(list)
        for row in self.faces:
            if row["track_id"] is not None:
                tracks[row["camera"], row["track_id"]].append(row)
        found = []
        for (camera, _), own in tracks.items():
            decided = sorted((row for row in own if row["decision"] in ("known", "unknown")), key=lambda row: row["ts_utc"])
            rows = [row for row in own if not row["person"]]
            if not decided or decided[-1]["decision"] != "unknown" or not rows:
                continue
            nearest = min(rows, key=lambda row: math.inf if row["distance_l2"] is None else row["distance_l2"])
            times = [row["ts_utc"] for row in rows]
            found.append({"camera": camera, "begin": min(times), "end": max(times), "count": len(rows), "nearest": nearest})
        return found

    def observed_s(self, session: str) -> float | None:
        cameras = [camera for camera in self.cameras if camera[0] == session]
        if not cameras or any(camera not in self.counts for camera in cameras):
            return None
        spans = []
        for camera in cameras:
            counts = self.counts[camera]
            spans.append(
                {
                    "camera": camera,
                    "begin": math.floor(counts["ts_utc"] - counts["frames_span_ms"]),
                    "end": counts["ts_utc"],
                    "count": 1,
                }
            )
        return sum(map(seconds, join(spans, self.clock, 0)))

    @staticmethod
    def is_usable(row: Row) -> bool:
        return row["valence"] is not None and row["gate"] is None

    def steps(self, rows: Sequence[Row]) -> list[tuple[int, float, float, float]]:
        """Return source, bin, left edge and width of each row's step: sources in one bin share its width."""
        sources = {camera: number for number, camera in enumerate(sorted({row["camera"] for row in rows}))}
        pairs = [(self.bin(self.wall_ms(row["ts_utc"]), self.step_ms), sources[row["camera"]]) for row in rows]
        in_bin: dict[float, list[int]] = defaultdict(list)
        for at, source in sorted(set(pairs)):
            in_bin[at].append(source)
        found = []
        for at, source in pairs:
            place, count = in_bin[at].index(source), len(in_bin[at])
            begin, end = self.step_ms * place // count, self.step_ms * (place + 1) // count
            found.append((source, at, at + begin, end - begin))
        return found


def local_text(log: Log, ms: float) -> str:
    return log.local(ms).replace(microsecond=0).isoformat(" ")


ORIGINS = {"clock": "this machine's clock", "given": "given", "container": "the file's header (estimate)",
           "file": "the file's own time (estimate)"}  # fmt: skip


def tables(log: Log, caption: Callable[[str], str]) -> dict[str, list[list[Any]]]:
    """Return the rows of every table, in any order."""
    found = {
        "summary": summary_rows(log), "sessions": session_rows(log), "frames": frame_rows(log), "markers": marker_rows(log),
        "labels": label_rows(log), "people": people_rows(log), "attendance": day_rows(log), "together": pair_rows(log),
        "expressions": expression_rows(log), "distances-person": distance_rows(log), "reasons": reason_rows(log, caption),
        "unknown": unknown_rows(log), "objects": object_rows(log), "speed": speed_rows(log), "errors": error_rows(log),
    }  # fmt: skip
    return {key: rows for key, rows in found.items() if rows}


def duration(value: float) -> str:
    if value < 59.5:
        return f"{value:.0f} s" if value >= 9.95 else f"{value:.1f} s"
    if value < 3599.5:
        return f"{round(value) // 60}:{round(value) % 60:02d} min"
    return f"{round(value / 60) // 60}:{round(value / 60) % 60:02d} h"


def total_of(values: Sequence[float | None], text: Callable[[Any], str]) -> str:
    counted = [value for value in values if value is not None]
    if not counted:
        return "not counted"
    return text(sum(counted)) + (f" in {len(counted)} of {len(values)}" if len(counted) < len(values) else "")


def summary_rows(log: Log) -> list[list[Any]]:
    counts = [log.counts.get(camera) for camera in log.cameras]
    thousands = "{:,}".format
    figures = {
        "Sessions": thousands(len(log.sessions)), "Sources": thousands(len(log.cameras)),
        "Time with frames": total_of(list(log.observed.values()), duration),
        "Frames analyzed": total_of([row and row["frames_analyzed"] for row in counts], thousands),
        "Frames with faces": total_of([row and row["frames_with_faces"] for row in counts], thousands),
        "Frames logged": thousands(len(log.frames)), "Faces detected": thousands(len(log.faces)),
        "Faces of these people": thousands(sum(bool(row["person"]) for row in log.faces)),
        "People recognized": thousands(len({row["person"] for row in log.faces if row["person"]})),
        "Visits of these people": thousands(len(log.visits)), "Unknown visitors": thousands(len(log.unknown)),
        "Rows": thousands(len(log.rows)),
    }  # fmt: skip
    return [list(pair) for pair in figures.items()]


def label_names(log: Log) -> list[str]:
    return list(dict.fromkeys(name for row in log.rows for name in row["labels"]))


def session_rows(log: Log) -> list[list[Any]]:
    found = []
    for session in log.sessions:
        own = [row for row in log.rows if row["session_id"] == session]
        times = [row["ts_utc"] for row in own]
        sources = sum(camera[0] == session for camera in log.cameras)
        labels = [own[0]["labels"].get(name) for name in label_names(log)]
        found.append(
            [session, local_text(log, min(times)), local_text(log, max(times)), log.observed[session], sources, len(own), *labels]
        )
    return found


def frame_rows(log: Log) -> list[list[Any]]:
    found = []
    for camera in log.cameras:
        counts = log.counts.get(camera)
        columns = ("frames_read", "frames_analyzed", "frames_with_faces", "dropped_frames")
        numbers = [None] * 5 if counts is None else [*(counts[name] for name in columns), counts["frames_span_ms"] / 1000]
        found.append([camera[0], camera[1], ORIGINS.get(log.origins.get(camera, "")), *numbers])
    return found


def marker_rows(log: Log) -> list[list[Any]]:
    markers = [row for row in log.rows if row["event"] == "marker"]
    return [[local_text(log, row["ts_utc"]), row["marker"], row["session_id"], row["t_ms"] / 1000] for row in markers]


def means(rows: Sequence[Row]) -> list[float | None]:
    return [statistics.fmean(row[name] for row in rows) if rows else None for name in MEANS]


def label_rows(log: Log) -> list[list[Any]]:
    found = []
    label_of = {row["session_id"]: row["labels"] for row in reversed(log.rows)}
    for name in label_names(log):
        for value in sorted({labels[name] for labels in label_of.values() if name in labels}):
            own = {session for session, labels in label_of.items() if labels.get(name) == value}
            visits = [span for span in log.visits if span["camera"][0] in own]
            observed = [log.observed[session] for session in own]
            readings = [row for row in log.readings if row["session_id"] in own and row["person"]]
            found.append([
                name, value, len(own), None if None in observed else math.fsum(filter(None, observed)),
                len({span["person"] for span in visits}), len(visits), math.fsum(map(seconds, visits)),
                sum(span["camera"][0] in own for span in log.unknown), len(readings), *means(readings),
            ])  # fmt: skip
    return found


def by_person(spans: Iterable[Span]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        found[span["person"]].append(span)
    return found


def people_rows(log: Log) -> list[list[Any]]:
    observed = [log.observed[camera[0]] for camera in log.cameras]
    sessions = {camera[0] for camera in log.cameras}
    whole = None if None in observed else math.fsum(log.observed[session] or 0 for session in sessions)
    found = []
    for name, own in by_person(log.visits).items():
        length = math.fsum(map(seconds, own))
        first, last = min(span["begin"] for span in own), max(span["end"] for span in own)
        share = length / whole if whole else None
        count = sum(span["count"] for span in own)
        found.append([name, len(own), length, share, local_text(log, first), local_text(log, last), count])
    return found


def quarters(span: Span) -> Iterator[Span]:
    begin = span["begin"]
    while True:
        end = min(span["end"], (begin // QUARTER_MS + 1) * QUARTER_MS)
        yield span | {"begin": begin, "end": end}
        if end >= span["end"]:
            return
        begin = end


def day_rows(log: Log) -> list[list[Any]]:
    days: dict[Any, list[tuple[int, Span]]] = defaultdict(list)
    for number, visit in enumerate(log.visits):
        for part in quarters(visit):
            days[log.local(part["begin"]).date(), visit["person"]].append((number, part))
    found = []
    for (day, name), own in days.items():
        first, last = min(part["begin"] for _, part in own), max(part["end"] for _, part in own)
        length = math.fsum(seconds(part) for _, part in own)
        visits = len({number for number, _ in own})
        found.append([day.isoformat(), f"{day:%A}", name, local_text(log, first), local_text(log, last), visits, length])
    return found


def pair_rows(log: Log) -> list[list[Any]]:
    pairs: dict[Any, list[float]] = defaultdict(list)
    spans = log.presence(PRESENCE_MS)
    for number, one in enumerate(spans):
        for other in spans[number + 1 :]:
            begin, end = max(one["begin"], other["begin"]), min(one["end"], other["end"])
            if one["camera"] == other["camera"] and one["person"] != other["person"] and begin <= end:
                pairs[tuple(sorted((one["person"], other["person"])))].append((end - begin) / 1000)
    return [[*names, len(lengths), math.fsum(lengths)] for names, lengths in pairs.items()]


def expression_rows(log: Log) -> list[list[Any]]:
    found = []
    for name in {row["person"] for row in log.faces if row["person"]}:
        own = [row for row in log.faces if row["person"] == name]
        readings = [row for row in own if log.is_usable(row) and row["expression_read"]]
        if readings:
            missing = 1 - sum(map(log.is_usable, own)) / len(own)
            found.append([name, len(readings), missing, *means(readings)])
    return found


def compared(log: Log) -> list[Row]:
    return [row for row in log.faces if row["embedded"] and row["distance_l2"] is not None]


def distance_rows(log: Log) -> list[list[Any]]:
    people = defaultdict(list)
    for row in compared(log):
        if row["sighting_decision"] == "known":
            people[row["nearest_name"]].append(row)
    found = []
    for name, own in people.items():
        distances = [row["distance_l2"] for row in own]
        thresholds = [row["own_threshold_l2"] for row in own]
        margins = [row["margin_l2"] for row in own if row["margin_l2"] is not None]
        least = min(row["own_threshold_l2"] - row["distance_l2"] for row in own)
        middle = (statistics.median(distances), quantile(distances, 0.95), statistics.median(thresholds))
        found.append([name, len(own), *middle, least, statistics.median(margins) if margins else None])
    return found


def reason_rows(log: Log, caption: Callable[[str], str]) -> list[list[Any]]:
    groups = defaultdict(list)
    for row in log.faces:
        groups[row["decision"], row["reason"]].append((row["camera"], row["track_id"]))
    whole = len(log.faces)
    return [[decision, caption(reason), len(own), len(own) / whole, len(set(own))] for (decision, reason), own in groups.items()]


def unknown_rows(log: Log) -> list[list[Any]]:
    found = []
    for span in log.unknown:
        near = span["nearest"]
        beyond = None if near["distance_l2"] is None else near["distance_l2"] - near["own_threshold_l2"]
        found.append([local_text(log, span["begin"]), seconds(span), span["camera"][1], span["count"], near["nearest_name"],
                      near["distance_l2"], beyond])  # fmt: skip
    return found


def shown_objects(log: Log) -> list[Row]:
    return [row for row in log.rows if row["event"] == "seen" and row["mode"] == "objects" and row["label_1"]]


def at_row(row: Row) -> Span:
    return {"begin": row["ts_utc"], "end": row["ts_utc"], "count": 1}


def object_rows(log: Log) -> list[list[Any]]:
    gaps = {camera: log.gap(camera, PRESENCE_MS) for camera in log.cameras}
    points = (
        {"camera": row["camera"], "label": (row["label_1"], row["label_1_id"]), **at_row(row)} for row in shown_objects(log)
    )
    labels = defaultdict(list)
    for span in join(points, lambda span: (span["label"], span["camera"]), lambda span: gaps[span["camera"]]):
        labels[span["label"]].append(span)
    found = []
    for label, own in labels.items():
        p = [row["p_1"] for row in shown_objects(log) if (row["label_1"], row["label_1_id"]) == label]
        ends = local_text(log, min(span["begin"] for span in own)), local_text(log, max(span["end"] for span in own))
        count, length = sum(span["count"] for span in own), math.fsum(map(seconds, own))
        found.append([*label, len(own), count, length, statistics.fmean(p), *ends])
    return found


def speed_rows(log: Log) -> list[list[Any]]:
    found = []
    for session in log.sessions:
        frames = [row for row in log.frames.values() if row["session_id"] == session]
        times = [row["total_ms"] for row in frames if row["total_ms"] is not None]
        counts = [row["dropped_frames"] for camera, row in log.counts.items() if camera[0] == session]
        logged = [row["dropped_frames"] or 0 for row in log.rows if row["session_id"] == session and row["event"] != "frames"]
        dropped = sum(counts) if counts else max(logged, default=0)
        if times:
            found.append([session, len(frames), statistics.median(times), quantile(times, 0.95), max(times), dropped])
    return found


def error_rows(log: Log) -> list[list[Any]]:
    return [[local_text(log, row["ts_utc"]), row["source"], row["message"]] for row in log.rows if row["event"] == "error"][-50:]


def charts(log: Log) -> dict[str, Any]:
    """Return what each chart shows, by its own axes."""
    return {
        "timeline": timeline(log), "hours": hours(log), "expression-time": expression_bars(log), "valence": valence_lines(log),
        "expression-person": {
            name: parts(log, [row for row in log.readings if row["person"] == name]) for name, *_ in expression_rows(log)
        },
        "distances": histogram(log), "objects": {row[0]: row[3] for row in object_rows(log)}, "latency": latency_lines(log),
        "dropped": dropped_bars(log),
    }  # fmt: skip


def clock_text(wall_ms: float) -> str:
    return (datetime(1970, 1, 1) + timedelta(milliseconds=wall_ms)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]  # noqa: DTZ001


def timeline(log: Log) -> list[Any]:
    bars = []
    for name, span in [*((span["person"], span) for span in log.visits), *(("(unknown)", span) for span in log.unknown)]:
        is_whole = log.wall_ms(span["end"]) - log.wall_ms(span["begin"]) == span["end"] - span["begin"]
        parts = [span] if is_whole else quarters(span)
        bars += [(name, clock_text(log.wall_ms(part["begin"])), part["end"] - part["begin"]) for part in parts]
    return sorted(bars)


def hours(log: Log) -> dict[tuple[str, str], float]:
    minutes: dict[tuple[str, str], float] = defaultdict(float)
    for span in join([*log.presence(VISIT_MS), *log.unknown], log.clock, 0):
        for part in quarters(span):
            local = log.local(part["begin"])
            minutes[f"{local:%A}", f"{local:%H}"] += seconds(part) / 60
    return {cell: value for cell, value in minutes.items() if value}


def grouped(keys: Iterable[Any], values: Iterable[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        found[key].append(value)
    return found


def expression_bars(log: Log) -> dict[str, Any]:
    rows = [row for row in log.readings if row["person"]]
    if not rows:
        return {}
    steps = grouped(((left, width) for _, _, left, width in log.steps(rows)), rows)
    return {
        name: sorted((clock_text(at), width, parts(log, own)[name]) for (at, width), own in steps.items())
        for name in parts(log, rows)
    }


def parts(log: Log, readings: Sequence[Row]) -> dict[str, float]:
    """Return the parts of a bar: an unclear reading counts as such, the others by their probabilities."""
    found = {name: statistics.fmean(row[f"p_{name}"] * (1 - row["unclear"]) for row in readings) for name in EXPRESSIONS}
    if any(row["unclear"] for row in log.readings if row["person"]):
        found["unclear"] = statistics.fmean(row["unclear"] for row in readings)
    return found


def lines(log: Log, rows: Sequence[Row], values: Callable[[list[Row]], dict[str, float]]) -> dict[str, list[Any]]:
    """Return the points of each line, with None where it stops."""
    steps = sorted(grouped(log.steps(rows), rows).items())
    names = list(dict.fromkeys(name for _, own in steps for name in values(own)))
    found: dict[str, list[Any]] = {name: [] for name in names}
    last: tuple[int, float] | None = None
    for (source, at, left, width), own in steps:
        middle = clock_text(left + width // 2)
        is_gap = last is not None and (source != last[0] or at - last[1] > log.step_ms)
        last = source, at
        figures = values(own)
        for name in names:
            found[name] += [(middle, None)] * is_gap + [(middle, figures.get(name))]
    return found


def valence_lines(log: Log) -> dict[str, list[Any]]:
    people = sorted(expression_rows(log), key=lambda row: -row[1])[:MAX_LINES]
    names = {row[0] for row in people}
    rows = [row for row in log.readings if row["person"] in names]
    return lines(
        log, rows, lambda own: {name: statistics.fmean(values) for name, values in
                                grouped((row["person"] for row in own), (row["valence"] for row in own)).items()},
    )  # fmt: skip


def latency_lines(log: Log) -> dict[str, list[Any]]:
    rows = [row for row in log.frames.values() if row["total_ms"] is not None]

    def values(own: list[Row]) -> dict[str, float]:
        times = [row["total_ms"] for row in own]
        return {"median": statistics.median(times), "95 % under": quantile(times, 0.95)}

    return lines(log, rows, values)


def dropped_bars(log: Log) -> list[Any] | None:
    rows = [row for row in log.frames.values() if row["dropped_frames"] is not None]
    if not any(row["dropped_frames"] for row in rows):
        return None
    highest: Counter[str] = Counter()
    new = []
    for row in rows:
        new.append(max(0, row["dropped_frames"] - highest[row["session_id"]]))
        highest[row["session_id"]] = max(highest[row["session_id"]], row["dropped_frames"])
    steps = grouped(((left, width) for _, _, left, width in log.steps(rows)), new)
    return sorted((clock_text(left), width, sum(own)) for (left, width), own in steps.items())


def histogram(log: Log) -> dict[str, Any]:
    rows = compared(log)
    thresholds = [row["own_threshold_l2"] for row in rows if row["own_threshold_l2"] is not None]
    if not thresholds:
        return {}
    top = max(quantile((row["distance_l2"] for row in rows), 0.999), *thresholds) * 1.05
    edges = [top / 60 * number for number in range(60)]
    bars = {status: [0] * 60 for status in ("known", "unsure", "unknown")}
    for row in rows:
        bars[row["sighting_decision"]][max(0, bisect_right(edges, min(row["distance_l2"], top)) - 1)] += 1
    return {"edges": edges, "bars": bars, "marks": sorted({min(thresholds), max(thresholds)})}


def counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentences(log: Log) -> list[str]:
    """Return the sentences of the report that state numbers, or their beginnings."""
    people = len({row["person"] for row in log.faces if row["person"]})
    begin, end = (datetime(1970, 1, 1) + timedelta(milliseconds=ms) for ms in log.local_ends)  # noqa: DTZ001
    stayed = sum(seconds(span) >= 1 for span in log.unknown)
    rows = compared(log)
    known = [row for row in rows if row["sighting_decision"] == "known"]
    shown = len(shown_objects(log))
    close = sum(abs(row["own_threshold_l2"] - row["distance_l2"]) < 0.02 for row in rows if row["own_threshold_l2"] is not None)
    margins = [row["margin_l2"] for row in known if row["margin_l2"] is not None]
    times = [row["total_ms"] for row in log.frames.values() if row["total_ms"] is not None]
    dropped = sum(row[-1] for row in speed_rows(log))
    objects = [row for row in log.rows if row["event"] == "seen" and row["mode"] == "objects"]
    gated = Counter(row["gate"] for row in log.faces if row["gate"])
    small = sum(row["w"] < 40 for row in log.faces)
    visits = f" in {counted(len(log.visits), 'visit')}" if log.visits else ""
    first, last = f"{begin:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}"
    when = f"On {begin:%Y-%m-%d at %H:%M}" if first == last else f"From {first} to {last}"
    unknown = f", and {counted(len(log.unknown), 'unknown face')} appeared." if log.unknown else "."
    readings, whole = sum(bool(row["person"]) for row in log.readings), sum(gated.values())
    faces = counted(len(log.unknown), "face")
    possible = {
        f"{when}, {counted(people, 'person was', 'people were')} recognized{visits}{unknown}": True,
        f"Half of {counted(len(log.frames), 'logged frame')} took less than {statistics.median(times):.1f} ms to recognize, 95 % "
        f"less than {quantile(times, 0.95):.1f} ms. {counted(dropped, 'frame was', 'frames were')} dropped": True,
        f"{faces} appeared and matched no enrolled person; {stayed:,} of them stayed for a second or longer.": log.unknown,
        f"{counted(readings, 'reading')}:": readings,
        f"{counted(len(rows), 'face was', 'faces were')} compared with the enrolled people; {len(known):,} were within": rows,
        f"{counted(close, 'face')} ({close / max(len(rows), 1):.1%}) were within 0.02 of the threshold": rows,
        f"{counted(len(objects), 'frame was', 'frames were')} classified; {shown:,} showed an object": objects,
        f"Half of the known faces were at least {statistics.median(margins or [0]):.3f} nearer to their person":
            margins,
        f"{counted(small, 'face')} of {len(log.faces):,} ({small / max(len(log.faces), 1):.0%}) had a":
            small,
        f"{counted(whole, 'face was', 'faces were')} not good enough to be compared ({whole / max(len(log.faces), 1):.0%}": whole,
    }  # fmt: skip
    return [sentence for sentence, applies in possible.items() if applies] + change_sentences(log)


def change_sentences(log: Log) -> list[str]:
    found = []
    for column, what in (("embed_model", "embedding network"), ("expression_model", "expression network")):
        if (count := len({row[column] for row in log.rows if row[column]})) > 1:
            found.append(f"{count} versions of the {what} were used")
    if (count := len({row["gallery_revision"] for row in log.rows if row["gallery_revision"]})) > 1:
        found.append(f"people or photos were added or removed ({count} states)")
    if errors := sum(row["event"] == "error" for row in log.rows):
        found.append(f"{counted(errors, 'error')} occurred.")
    if sparse := len({row["camera"] for row in log.rows if row["event_code"] == "sparse_frames"}):
        found.append(f"{counted(sparse, 'source')} showed so few frames that faces were decided on single sightings.")
    return found


class PageReader(html.parser.HTMLParser):
    """Tables, sentences and charts of a report's page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.sentences: list[str] = []
        self.charts: dict[str, Any] = {}
        self._table: list[list[str]] | None = None
        self._text: list[str] | None = None
        self._value: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "table":
            self._table = self.tables[(given.get("id") or "").removeprefix("table-")] = []
        elif tag == "tr" and self._table is not None:
            self._table.append([])
        elif tag in ("td", "p") or (tag == "script" and given.get("id") == "charts"):
            self._text, self._value = [], given.get("data-value")

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = None
        if self._text is None or tag not in ("td", "p", "script"):
            return
        text, self._text = "".join(self._text), None
        if tag == "td" and self._table is not None:
            self._table[-1].append(text if self._value is None else self._value)
        elif tag == "p":
            self.sentences.append(text)
        elif tag == "script":
            self.charts = json.loads(text)


ANY = "any text"
"""Stands for the wording of a reason, which no CSV has."""


def is_same(expected: Any, shown: Any) -> bool:
    """Return whether a number or text of the page is the expected one. The page rounds numbers to six decimals."""
    if expected is ANY:
        return True
    if isinstance(expected, (list, tuple)):
        return isinstance(shown, (list, tuple)) and len(expected) == len(shown) and all(map(is_same, expected, shown))
    if expected is None:
        return shown in ("", None)
    if isinstance(expected, (int, float)):
        try:
            return math.isclose(expected, float(str(shown).replace(",", "")), rel_tol=1e-6, abs_tol=2e-6)
        except ValueError:
            return False
    return str(expected) == shown


def differences(folder: Path, page: str, zone: str, caption: Callable[[str], str] = lambda _: ANY) -> list[str]:
    """Return a sentence for each number, axis or label of the page that the logs do not give."""
    log, shown = Log(folder, zone), PageReader(page)
    expected_tables = tables(log, caption)
    one_sided = expected_tables.keys() ^ {key for key, rows in shown.tables.items() if rows}
    found = [f"table {key}: only on one side" for key in one_sided]
    for key, expected in expected_tables.items():
        rows = [row for row in shown.tables.get(key, []) if row]
        left = list(rows)
        for row in expected:
            match = next((one for one in left if is_same(row, one)), None)
            if match is None:
                near = [one for one in left if one and str(one[0]) == str(row[0])][:1] or left[:1]
                found.append(f"table {key}: expected {row}, the page has {near}")
            else:
                left.remove(match)
        found += [f"table {key}: the page has {row} besides" for row in left]
    text = " ".join(shown.sentences)
    found += [f"missing sentence: {sentence}" for sentence in sentences(log) if sentence not in text]
    return found + list(chart_differences(charts(log), shown.charts))


def chart_differences(expected: dict[str, Any], figures: dict[str, Any]) -> Iterator[str]:
    for key in {key for key, value in expected.items() if value} ^ figures.keys():
        yield f"chart {key}: only on one side"
    for key in expected.keys() & figures.keys():
        data, layout = figures[key]["data"], figures[key]["layout"]
        shown = READERS[key](data, layout)
        if not is_same(_plain(expected[key]), _plain(shown)):
            yield f"chart {key}: expected {_plain(expected[key])}, the page has {_plain(shown)}"
        yield from axis_differences(key, layout)


AXES = {
    "timeline": ("date", None, "", ""), "hours": ("category", "category", "hour", ""),
    "expression-time": ("date", None, "", "mean probability"), "expression-person": (None, None, "mean probability", ""),
    "valence": ("date", None, "", "valence"), "distances": ("linear", None, "distance to the nearest person (plain L2)", "faces"),
    "objects": (None, None, "frames", ""), "latency": ("date", None, "", "ms"), "dropped": ("date", None, "", "frames"),
}  # fmt: skip
"""Type and title of both axes."""


def axis_differences(key: str, layout: dict[str, Any]) -> Iterator[str]:
    x, y = layout["xaxis"], layout["yaxis"]
    shown = x.get("type"), y.get("type"), x.get("title", {}).get("text", ""), y.get("title", {}).get("text", "")
    if shown != AXES[key]:
        yield f"chart {key}: its axes are {shown}, expected {AXES[key]}"
    if key == "valence" and y.get("range") != [-1, 1]:
        yield f"chart {key}: the axis of valence is {y.get('range')}"
    if key in ("expression-time", "latency", "dropped", "distances") and y.get("rangemode") != "tozero":
        yield f"chart {key}: the vertical axis does not begin at 0"
    if key in ("timeline", "expression-person", "objects", "hours") and y.get("autorange") != "reversed":
        yield f"chart {key}: the first row is not on top"


def _plain(value: Any) -> Any:
    """Return dictionaries as sorted pairs."""
    if isinstance(value, dict):
        return [[list(key) if isinstance(key, tuple) else key, _plain(one)] for key, one in sorted(value.items())]
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _rows_of(layout: dict[str, Any]) -> list[str]:
    axis = layout["yaxis"]
    assert axis["tickvals"] == list(range(len(axis["ticktext"])))
    return list(axis["ticktext"])


def _read_timeline(data: Any, layout: Any) -> Any:
    rows, (trace,) = _rows_of(layout), data
    return sorted((rows[y], base, x) for y, base, x in zip(trace["y"], trace["base"], trace["x"], strict=True))


def _read_hours(data: Any, _: Any) -> Any:
    (trace,) = data
    return {
        (day, hour): z
        for day, row in zip(trace["y"], trace["z"], strict=True)
        for hour, z in zip(trace["x"], row, strict=True)
        if z
    }


def _read_bars(data: Any, _: Any) -> Any:
    return {trace["name"]: sorted(zip(trace["x"], trace["width"], trace["y"], strict=True)) for trace in data}


def _read_lines(data: Any, _: Any) -> Any:
    return {trace["name"]: list(zip(trace["x"], trace["y"], strict=True)) for trace in data}


def _read_people(data: Any, layout: Any) -> Any:
    rows = _rows_of(layout)
    return {name: {trace["name"]: trace["x"][trace["y"].index(at)] for trace in data} for at, name in enumerate(rows)}


def _read_histogram(data: Any, layout: Any) -> Any:
    edges = data[0]["x"]
    assert all(abs(width - edges[1]) < 1e-9 for trace in data for width in trace["width"])
    marks = sorted(shape["x0"] for shape in layout["shapes"])
    assert all(
        f"{at:.3f}" in note["text"] for at, note in zip(marks, sorted(layout["annotations"], key=lambda n: n["x"]), strict=True)
    )
    return {"edges": edges, "bars": {trace["name"]: trace["y"] for trace in data}, "marks": marks}


def _read_objects(data: Any, layout: Any) -> Any:
    (trace,) = data
    return {name: trace["x"][trace["y"].index(at)] for at, name in enumerate(_rows_of(layout))}


READERS: dict[str, Callable[[Any, Any], Any]] = {
    "timeline": _read_timeline, "hours": _read_hours, "expression-time": _read_bars, "valence": _read_lines,
    "expression-person": _read_people, "distances": _read_histogram, "objects": _read_objects, "latency": _read_lines,
    "dropped": lambda data, layout: _read_bars(data, layout)["dropped"],
}  # fmt: skip


if __name__ == "__main__":
    different = differences(Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8"), *sys.argv[3:4] or ["UTC"])
    sys.exit("\n".join(different) or None)
