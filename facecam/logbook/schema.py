"""Columns of the log, and conversion of results and events to rows. Pure: no files, no clock.

A cell is text: a number with its column's digits, empty for an absent value. Spreadsheets run a cell that begins like a formula,
so such a text gets a leading `'`, as does one that begins with `'` itself: removing one leading `'` restores the original.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any, Literal

from facecam.settings import Mode
from facecam.types import EXPRESSIONS, Event, Expression, Label, Result, Sighting

SCHEMA_VERSION = 1

EVENTS = ("seen", "enter", "exit", "empty", "error", "state", "correction")
"""Event kinds: a sighting or labels (`seen`), or something that happened."""

ESCAPED = tuple("=+-@\t\r\n'\"＝＋－＠")
"""A text that begins with one of these is written with a leading `'`."""

LABELS_PER_FRAME = 3

ColumnKind = Literal["text", "category", "int", "float", "bool", "time"]
Value = str | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `digits` is the number of decimals of a float; a category is a repeating text."""

    name: str
    kind: ColumnKind
    description: str
    unit: str = ""
    digits: int = 0


def _category(name: str, description: str) -> Column:
    return Column(name, "category", description)


def _int(name: str, description: str, unit: str = "") -> Column:
    return Column(name, "int", description, unit)


def _float(name: str, digits: int, description: str, unit: str = "") -> Column:
    return Column(name, "float", description, unit, digits)


def _label_columns(place: int) -> tuple[Column, ...]:
    return (
        _category(f"label_{place}", f"Label number {place} of the frame, best first"),
        _category(f"label_{place}_id", f"WordNet id of label_{place}: names repeat, ids do not"),
        _float(f"p_{place}", 4, f"Probability of label_{place}"),
    )


COLUMNS = (
    _int("schema_version", "Version of these columns"),
    _category("session_id", "The session: its start in UTC and four random digits; the file's name"),
    Column("ts_utc", "time", "When: the session's start plus t_ms, ISO 8601 with milliseconds"),
    _float("t_ms", 3, "The session's time; for files the media's time", "ms"),
    _int("frame_index", "Number of the frame in its source, from 0"),
    _category("source", "Where the frame comes from: camera, file, address or `demo`"),
    _category("camera_id", "Which camera, where there are several"),
    _category("mode", "What is recognized: faces or objects"),
    _category("event", "What the row is about: " + ", ".join(EVENTS)),
    Column("message", "text", "What happened; on a `seen` row, the distance to the nearest face rejected for the nearest person"),
    _int("track_id", "The face's track: the same number is the same face over frames"),
    _float("track_age_ms", 3, "Time since the track began", "ms"),
    _int("faces_in_frame", "How many faces the frame shows"),
    _float("x", 1, "Left edge of the face's box", "px"),
    _float("y", 1, "Upper edge of the face's box", "px"),
    _float("w", 1, "Width of the face's box", "px"),
    _float("h", 1, "Height of the face's box", "px"),
    _int("frame_w", "Width of the frame", "px"),
    _int("frame_h", "Height of the frame", "px"),
    _float("detect_score", 6, "The detector's score of the face, 0 to 1"),
    _float("sharpness", 3, "Variance of the Laplacian of the aligned crop"),
    _float("brightness", 3, "Mean luminance of the aligned crop, 0 to 255"),
    _float("yaw_deg", 2, "Head turned to the side", "degrees"),
    _float("pitch_deg", 2, "Head turned up or down", "degrees"),
    _float("roll_deg", 2, "Head tilted, the angle of the eye line", "degrees"),
    _category("gate", "Why the face was not compared: low_score, too_small, blurry ...; empty when it was"),
    Column("embedded", "bool", "1 when the network ran on this very frame, else 0"),
    _category("nearest_name", "The nearest person, however far"),
    _float("distance_l2", 6, "Distance to the nearest person's nearest sample, 0 to 2", "plain L2"),
    _category("second_name", "The nearest other person"),
    _float("second_distance_l2", 6, "Distance to the nearest other person", "plain L2"),
    _float("margin_l2", 6, "second_distance_l2 - distance_l2", "plain L2"),
    _float("threshold_l2", 6, "The largest distance that could be named in this frame", "plain L2"),
    _category("sample_id", "The sample that distance_l2 is measured to"),
    _category("sighting_decision", "This face alone: known, unsure, unknown, skipped"),
    _float("evidence_weight", 6, "How much this sighting counted among its track's votes"),
    _float("votes_for", 6, "The track's votes for its decision"),
    _float("votes_total", 6, "All of the track's votes"),
    _category("decision", "The track's: known, unsure, unknown, skipped"),
    _category("reason", "Why the track's decision is what it is, a code"),
    _category("name", "The person; filled only where decision is known"),
    _category("expression", "The likeliest of the seven expressions"),
    *(_float(f"p_{name}", 4, f"Probability that the face shows {name}") for name in EXPRESSIONS),
    _float("valence", 4, "Unpleasant (-1) to pleasant (1), from the seven probabilities"),
    *(column for place in range(1, LABELS_PER_FRAME + 1) for column in _label_columns(place)),
    _float("detect_ms", 2, "Time to find the frame's faces", "ms"),
    _float("embed_ms", 2, "Time to embed the frame's faces", "ms"),
    _float("total_ms", 2, "Time to recognize the frame", "ms"),
    _int("dropped_frames", "Frames that the session had dropped until then, to keep up"),
    _category("embed_model", "The embedding network's weights"),
    _category("expression_model", "The expression network's weights"),
    _category("gallery_revision", "State of the gallery that was compared with"),
)

NAMES = tuple(column.name for column in COLUMNS)
_ESCAPED = frozenset(ESCAPED)


def csv_line(texts: Sequence[str]) -> str:
    """Join texts to one line with a line feed, quoting those with a comma, a quote or a line break."""
    line = ",".join(texts)
    # Nearly every line is plain, and checking it once is cheaper than checking each of its cells.
    if line.count(",") != len(texts) - 1 or '"' in line or "\n" in line or "\r" in line:
        line = ",".join(map(_quoted, texts))
    return line + "\n"


def escape(text: str) -> str:
    """Escape a text so that no spreadsheet runs it."""
    return "'" + text if text[:1] in _ESCAPED else text


def unescape(cell: str) -> str:
    """Return the text that was escaped."""
    return cell.removeprefix("'")


def format_cells(values: Mapping[str, Value]) -> dict[str, str]:
    """Format values as text, by the column's name. Raises KeyError for an unknown column."""
    return {name: "" if value is None else _FORMATTERS[name](value) for name, value in values.items()}


def row_cells(texts: Mapping[str, str]) -> list[str]:
    """Return one text per column, in the order of COLUMNS; "" for columns without one."""
    return list({**_EMPTY, **texts}.values())


def _formatter(column: Column) -> Callable[[Any], str]:
    """Return the column's formatting function, created once: a log has thousands of cells a second."""
    digits = f"z.{column.digits}f"

    def number(value: float) -> str:
        return format(value, digits) if isfinite(value) else ""

    def whole(value: float) -> str:
        return str(int(value)) if isfinite(value) else ""

    def time(value: datetime) -> str:
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"

    kinds: dict[str, Callable[[Any], str]] = {"int": whole, "float": number, "bool": whole, "time": time}
    return kinds.get(column.kind, escape)


_FORMATTERS = {column.name: _formatter(column) for column in COLUMNS}
_EMPTY = dict.fromkeys(NAMES, "")


def _quoted(cell: str) -> str:
    if '"' in cell or "," in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def csv_lines(table: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the header and the rows as lines of a complete log."""
    yield HEADER
    yield from map(csv_line, table)


HEADER = csv_line(NAMES)
"""First line of every log."""


REJECTED = "rejected_l2 "
"""Prefix of a `seen` row's message, followed by the distance to the nearest face rejected for the nearest person."""

SESSION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


def new_session_id(now_utc: datetime) -> str:
    """Return `YYYYMMDDTHHMMSSZ-xxxx`: the start in UTC and four random digits, which separate starts in the same second."""
    return f"{now_utc.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """Values that every row of a session shares.

    `details` goes to the session's JSON: source, size_wh, networks with hashes, settings, gallery revision.
    """

    session_id: str
    started_at_utc: datetime
    app_version: str
    embed_model: str = ""
    expression_model: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not SESSION_ID.fullmatch(self.session_id):
            raise ValueError(f"session_id is {self.session_id!r}, expected YYYYMMDDTHHMMSSZ-xxxx as new_session_id() makes it")
        if self.started_at_utc.utcoffset() != timedelta(0):
            raise ValueError(f"started_at_utc is {self.started_at_utc}, expected a UTC time with its time zone")


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """Origin of an event outside a recognized frame; fields that do not apply stay empty."""

    source: str = ""
    camera_id: str = ""
    mode: Mode | None = None


def result_rows(result: Result, session: SessionInfo, dropped_frames: int) -> list[list[str]]:
    """Return one row per face (mode faces) or one with the best labels (mode objects), then one per event."""
    frame = _frame_values(result, dropped_frames) | _session_values(session, result.t_ms)
    times = {"detect_ms": result.detect_ms, "embed_ms": result.embed_ms, "total_ms": result.total_ms}
    seen = format_cells(frame | times | {"event": "seen"})
    if result.mode is Mode.FACES:
        table = [
            row_cells({**seen, **format_cells(_sighting_values(sighting)), **_expression_cells(sighting.expression)})
            for sighting in result.sightings
        ]
    else:
        table = [row_cells(seen | format_cells(_label_values(result.labels)))]
    for event in result.events:
        # `empty` is its frame's only row; in other events' rows the times would count twice in a mean.
        own_times = times if event.kind == "empty" else {}
        table.append(row_cells(format_cells(frame | own_times | _event_values(event))))
    return table


def event_row(event: Event, session: SessionInfo, t_ms: float, origin: RowOrigin | None = None) -> list[str]:
    """Return the row of an event outside a result: a lost camera, an unreadable image, a correction."""
    origin = origin or RowOrigin()
    values = {"source": origin.source, "camera_id": origin.camera_id, "mode": origin.mode}
    return row_cells(format_cells(_session_values(session, t_ms) | values | _event_values(event)))


def _session_values(session: SessionInfo, t_ms: float) -> dict[str, Value]:
    return {
        "schema_version": SCHEMA_VERSION,
        "session_id": session.session_id,
        "ts_utc": session.started_at_utc + timedelta(milliseconds=round(t_ms)),
        "t_ms": t_ms,
        "embed_model": session.embed_model,
        "expression_model": session.expression_model,
    }


def _frame_values(result: Result, dropped_frames: int) -> dict[str, Value]:
    return {
        "frame_index": result.frame_index,
        "source": result.source,
        "camera_id": result.camera_id,
        "mode": result.mode,
        "faces_in_frame": len(result.sightings) if result.mode is Mode.FACES else None,
        "frame_w": result.size_wh[0],
        "frame_h": result.size_wh[1],
        "threshold_l2": result.threshold_l2,
        "dropped_frames": dropped_frames,
        "gallery_revision": result.gallery_revision,
    }


def _sighting_values(sighting: Sighting) -> dict[str, Value]:
    box, quality, track = sighting.face.box, sighting.quality, sighting.track_decision
    values: dict[str, Value] = {
        "track_id": track.track_id,
        "track_age_ms": track.track_age_ms,
        "x": box.x,
        "y": box.y,
        "w": box.w,
        "h": box.h,
        "detect_score": sighting.face.score,
        "sharpness": quality.sharpness,
        "brightness": quality.brightness,
        "yaw_deg": quality.yaw_deg,
        "pitch_deg": quality.pitch_deg,
        "roll_deg": quality.roll_deg,
        "gate": sighting.gate,
        "embedded": sighting.embedded,
        "sighting_decision": sighting.decision.status,
        "margin_l2": sighting.decision.margin_l2,
        "evidence_weight": sighting.evidence_weight,
        "votes_for": track.votes_for,
        "votes_total": track.votes_total,
        "decision": track.decision.status,
        "reason": track.decision.reason,
        "name": track.decision.name,
    }
    if nearest := sighting.decision.nearest:
        values |= {"nearest_name": nearest.name, "distance_l2": nearest.distance_l2, "sample_id": nearest.sample_id}
        if nearest.rejected_l2 is not None:
            values |= {"message": f"{REJECTED}{nearest.rejected_l2:.6f}"}
    if second := sighting.decision.second:
        values |= {"second_name": second.name, "second_distance_l2": second.distance_l2}
    return values


@lru_cache(maxsize=64)
def _expression_cells(expression: Expression | None) -> Mapping[str, str]:
    """Return the cells of an expression, cached: several frames share one between two readings."""
    if expression is None:
        return {}
    values: dict[str, Value] = {f"p_{name}": p for name, p in zip(EXPRESSIONS, expression.probabilities, strict=True)}
    return format_cells(values | {"expression": expression.label, "valence": expression.valence})


def _label_values(labels: tuple[Label, ...]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for place, label in enumerate(labels[:LABELS_PER_FRAME], start=1):
        values |= {f"label_{place}": label.name, f"label_{place}_id": label.label_id, f"p_{place}": label.probability}
    return values


def _event_values(event: Event) -> dict[str, Value]:
    decision = None if event.name is None else "known"
    return {"event": event.kind, "message": event.message, "track_id": event.track_id, "name": event.name, "decision": decision}
