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

from facecam.errors import SettingsError
from facecam.messages import visible
from facecam.settings import Mode
from facecam.types import EXPRESSIONS, Event, Expression, Label, Result, Sighting, SourceTime, TimeOrigin

SCHEMA_VERSION = 6
"""Version of the rows that this program writes. The reader returns rows of earlier versions in the form of this one."""

DECISION_PARAMETERS_KEY = "deciding"
"""Key of the decision parameters in the session's JSON."""

EVENTS = ("seen", "enter", "exit", "empty", "error", "state", "correction", "marker", "frames")
"""Event kinds: a sighting or labels (`seen`), or something that happened."""

_ESCAPED = frozenset("=+-@\t\r\n'\"＝＋－＠")
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


def _label_columns(place: int) -> tuple[Column, ...]:
    return (
        Column(f"label_{place}", "category", f"Label number {place} of the frame, best first"),
        Column(f"label_{place}_id", "category", f"WordNet id of label_{place}: names repeat, ids do not"),
        Column(f"p_{place}", "float", f"Probability of label_{place}", digits=4),
    )


COLUMNS = (
    Column("schema_version", "int", "Version of the log format in which the row was written"),
    Column("session_id", "category", "The session: its start in UTC and four random digits; the file's name"),
    Column("ts_utc", "time", "When, ISO 8601 with milliseconds: live by this machine's clock, for files when they were recorded"),
    Column("t_ms", "float", "The session's time; for files the media's time", "ms", 3),
    Column("frame_index", "int", "Number of the frame in its source, from 0"),
    Column("source", "category", "Where the frame comes from: camera, file, address or `demo`"),
    Column("camera_id", "category", "Which camera, where there are several"),
    Column("mode", "category", "What is recognized: faces or objects"),
    Column("event", "category", "What the row is about: " + ", ".join(EVENTS)),
    Column("message", "text", "What happened, as text for people"),
    Column("track_id", "int", "The face's track: the same number is the same face over frames"),
    Column("track_age_ms", "float", "Time since the track began", "ms", 3),
    Column("faces_in_frame", "int", "How many faces the frame shows"),
    Column("x", "float", "Left edge of the face's box", "px", 1),
    Column("y", "float", "Upper edge of the face's box", "px", 1),
    Column("w", "float", "Width of the face's box", "px", 1),
    Column("h", "float", "Height of the face's box", "px", 1),
    Column("frame_w", "int", "Width of the frame", "px"),
    Column("frame_h", "int", "Height of the frame", "px"),
    Column("detect_score", "float", "The detector's score of the face, 0 to 1", digits=6),
    Column("sharpness", "float", "Variance of the Laplacian of the aligned crop", digits=3),
    Column("brightness", "float", "Mean luminance of the aligned crop, 0 to 255", digits=3),
    Column("yaw_deg", "float", "Head turned to the side", "degrees", 2),
    Column("pitch_deg", "float", "Head turned up or down", "degrees", 2),
    Column("roll_deg", "float", "Head tilted, the angle of the eye line", "degrees", 2),
    Column("gate", "category", "The first quality gate that the face failed: low_score, too_small, blurry ...; empty if none"),
    Column("embedded", "bool", "1 when the network ran on this very frame, else 0"),
    Column("nearest_name", "category", "The nearest person, however far"),
    Column(
        "distance_l2",
        "float",
        "Distance to the nearest person: nearest sample or mean of the samples, 0 to 2",
        "plain L2",
        6,
    ),
    Column("second_name", "category", "The nearest other person"),
    Column("second_distance_l2", "float", "Distance to the nearest other person", "plain L2", 6),
    Column("margin_l2", "float", "second_distance_l2 - distance_l2", "plain L2", 6),
    Column("threshold_l2", "float", "Match threshold of the gallery in this frame", "plain L2", 6),
    Column("sample_id", "category", "The nearest person's nearest sample"),
    Column("sighting_decision", "category", "This face alone: known, unsure, unknown, or skipped if it was not compared"),
    Column("evidence_weight", "float", "How much this sighting counted among its track's votes", digits=6),
    Column("votes_for", "float", "The track's votes for its decision", digits=6),
    Column("votes_total", "float", "All of the track's votes", digits=6),
    Column("decision", "category", "The track's: known, unsure, unknown, skipped"),
    Column("reason", "category", "Why the track's decision is what it is, a code"),
    Column("name", "category", "The person; filled only where decision is known"),
    Column("expression", "category", "The likeliest of the seven expressions; unclear if none reaches 0.4"),
    *(Column(f"p_{name}", "float", f"Probability that the face shows {name}", digits=4) for name in EXPRESSIONS),
    Column("valence", "float", "Unpleasant (-1) to pleasant (1), from the seven probabilities", digits=4),
    *(column for place in range(1, LABELS_PER_FRAME + 1) for column in _label_columns(place)),
    Column("detect_ms", "float", "Time to find the frame's faces", "ms", 2),
    Column("embed_ms", "float", "Time to embed the frame's faces", "ms", 2),
    Column("total_ms", "float", "Time to recognize the frame", "ms", 2),
    Column("dropped_frames", "int", "Frames that the session had dropped until then, to keep up"),
    Column("embed_model", "category", "The embedding network's weights"),
    Column("expression_model", "category", "The expression network's weights"),
    Column("gallery_revision", "category", "State of the gallery that was compared with"),
    Column("event_code", "category", "What an event is about, a code"),
    Column("event_person", "category", "Person of a correction or an enrollment; on `enter`, the track's earlier name"),
    Column("last_seen_ms", "float", "On `exit`, the session's time at which the face was last seen", "ms", 3),
    Column("rejected_l2", "float", "Distance to the nearest image that a user rejected for the nearest person", "plain L2", 6),
    Column("required_margin_l2", "float", "From this event on: least margin_l2 for a name", "plain L2", 6),
    Column("unsure_band_l2", "float", "From this event on: up to this far above the threshold is unsure", "plain L2", 6),
    Column("enter_after_sightings", "int", "From this event on: sightings that must agree before a track has a name"),
    Column("follow", "bool", "From this event on: 1 when faces of settled tracks are not compared in every frame"),
    Column("sample_distance_l2", "float", "Distance to sample_id, where the mean of the samples is nearer", "plain L2", 6),
    Column("own_threshold_l2", "float", "Match threshold of the nearest person: threshold_l2 or less", "plain L2", 6),
    Column("threshold_reduction_l2", "float", "How much lower it is because many faces resemble the person", "plain L2", 6),
    Column("threshold_limit_l2", "float", "Upper limit of it because the person's samples are much alike", "plain L2", 6),
    Column("ts_origin", "category", "Where ts_utc comes from: clock (live), given, container, file; the last two are estimates"),
    Column("person_id", "category", "The person's id, which a rename keeps; filled only with name"),
    Column("expression_read", "bool", "1 when the expression was read on this very frame, 0 when an earlier reading is repeated"),
    Column("session_labels", "text", "The session's labels: name=value, separated by `; `"),
    Column("marker", "category", "Text of a marker"),
    Column("frames_read", "int", "On `frames`, how many frames the source has delivered so far"),
    Column("frames_analyzed", "int", "On `frames`, how many of them were analyzed"),
    Column("frames_with_faces", "int", "On `frames`, how many of the analyzed ones show at least one face"),
    Column("frames_span_ms", "float", "On `frames`, time from the first analyzed frame to the end of the last", "ms", 3),
    Column("live_score", "float", "How much the face looks like a living one, 0 to 1; empty where it was not scored", digits=4),
    Column("presentation_check", "bool", "From this event on: 1 when a name needs live scores"),
)
"""All columns in order.

Version 1 had those up to `gallery_revision`, version 2 those up to `follow`, version 3 those up to `threshold_limit_l2`,
version 4 those up to `frames_span_ms`. Version 6 added a value of `expression`.
"""

NAMES = tuple(column.name for column in COLUMNS)


def csv_line(texts: Sequence[str], separator: str = ",") -> str:
    """Join texts to one line with a line feed, quoting those with a separator, a quote or a line break."""
    line = separator.join(texts)
    # Nearly every line is plain, and checking it once is cheaper than checking each of its cells.
    if line.count(separator) != len(texts) - 1 or '"' in line or "\n" in line or "\r" in line:
        line = separator.join(_quoted(text, separator) for text in texts)
    return line + "\n"


def escape(text: str) -> str:
    """Escape a text so that no spreadsheet runs it. A NUL character, which ends texts in other programs, becomes U+FFFD."""
    text = text.replace("\0", "\ufffd")
    return "'" + text if text[:1] in _ESCAPED else text


def format_cells(values: Mapping[str, Value]) -> dict[str, str]:
    """Format values as text, by the column's name. Raises KeyError for an unknown column."""
    return {name: "" if value is None else _FORMATTERS[name](value) for name, value in values.items()}


def formatter(name: str) -> Callable[[Any], str]:
    """Return the function that formats the values of a column as text. Raises KeyError for an unknown column."""
    return _FORMATTERS[name]


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


def _quoted(cell: str, separator: str) -> str:
    if '"' in cell or separator in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def csv_lines(table: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the header and the rows as lines of a complete log."""
    yield HEADER
    yield from map(csv_line, table)


HEADER = csv_line(NAMES)
"""First line of every log."""


SESSION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


def new_session_id(now_utc: datetime) -> str:
    """Return `YYYYMMDDTHHMMSSZ-xxxx`: the start in UTC and four random digits, which separate starts in the same second."""
    return f"{now_utc.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


MAX_LABELS = 20
_LABEL_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LABEL_VALUE = re.compile(r"[^;=\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,100}")
_RESERVED_LABELS = ("id", "labels")
"""Names of which `session_<name>` is a column of the log."""


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of a session with spaces around the values removed.

    Raises:
        SettingsError: There are too many, or a name or a value is not possible.
    """
    if len(labels) > MAX_LABELS:
        raise SettingsError("a session has {count} labels; give at most {limit}", count=len(labels), limit=MAX_LABELS)
    checked = {name: value.strip() for name, value in labels.items()}
    for name, value in checked.items():
        if not _LABEL_NAME.fullmatch(name):
            raise SettingsError(
                "{name!r} cannot be the name of a session label; use 1 to 32 of a-z, 0-9 and _, beginning with a letter",
                name=name,
            )
        if name in _RESERVED_LABELS:
            raise SettingsError(
                "session_{name} is a column of every log; choose another name than {name} for the label", name=name
            )
        if not _LABEL_VALUE.fullmatch(value) or visible(value) != value:
            raise SettingsError(
                "{value!r} cannot be the value of the session label {name}; use 1 to 100 characters without ; and = in one line",
                value=value,
                name=name,
            )
    return checked


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """Values that every row of a session shares.

    `started_at_utc` is the start of recognition, and for live sources the time of t_ms 0. `labels` are the user's. `details` goes
    to the session's JSON: source, size_wh, networks with hashes, settings, gallery revision.
    """

    session_id: str
    started_at_utc: datetime
    app_version: str
    embed_model: str = ""
    expression_model: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not SESSION_ID.fullmatch(self.session_id):
            raise ValueError(f"session_id is {self.session_id!r}, expected YYYYMMDDTHHMMSSZ-xxxx as new_session_id() makes it")
        if self.started_at_utc.utcoffset() != timedelta(0):
            raise ValueError(f"started_at_utc is {self.started_at_utc}, expected a UTC time with its time zone")

    @property
    def labels_text(self) -> str:
        """The labels as in the column `session_labels`."""
        return "; ".join(f"{name}={value}" for name, value in self.labels.items())


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """Origin of an event outside a recognized frame; fields that do not apply stay empty.

    `time` gives the row its UTC time, None the session's start.
    """

    source: str = ""
    camera_id: str = ""
    mode: Mode | None = None
    time: SourceTime | None = None


def result_rows(
    result: Result, session: SessionInfo, dropped_frames: int, time: SourceTime | None = None, folder: str | None = None
) -> list[list[str]]:
    """Return one row per face (mode faces) or one with the best labels (mode objects), then one per event.

    Changes of state, such as of the decision parameters, come first: they apply to this frame. `time` is that of the result's
    source; None for a live one. Images of a `folder` are one source: it is that of their rows, and the image stands in `message`.
    """
    frame = _frame_values(result, dropped_frames)
    if folder is not None and folder != result.source:
        frame |= {"source": folder, "message": result.source.removeprefix(folder).lstrip("/\\")}
    times = {"detect_ms": result.detect_ms, "embed_ms": result.embed_ms, "total_ms": result.total_ms}
    seen = format_cells(frame | _session_values(session, result.t_ms, time) | times | {"event": "seen"})
    if result.mode is Mode.FACES:
        table = [
            row_cells(
                {
                    **seen,
                    **format_cells(_sighting_values(sighting, result.threshold_l2)),
                    **_expression_cells(sighting.expression),
                }
            )
            for sighting in result.sightings
        ]
    else:
        table = [row_cells(seen | format_cells(_label_values(result.labels)))]
    changes: list[list[str]] = []
    for event in result.events:
        # `empty` is its frame's only row; in other events' rows the times would count twice in a mean.
        own_times = times if event.kind == "empty" else {}
        about_track = {} if event.last_seen_ms is None else {"frame_index": event.last_seen_index, "faces_in_frame": None}
        session_values = _session_values(session, _event_ms(event, result.t_ms), time)
        row = row_cells(format_cells(frame | about_track | own_times | session_values | _event_values(event)))
        (changes if event.kind == "state" else table).append(row)
    return [*changes, *table]


def event_row(event: Event, session: SessionInfo, t_ms: float, origin: RowOrigin | None = None) -> list[str]:
    """Return the row of an event outside a result: a lost camera, an unreadable image, a correction."""
    origin = origin or RowOrigin()
    values = {"source": origin.source, "camera_id": origin.camera_id, "mode": origin.mode, "frame_index": event.last_seen_index}
    session_values = _session_values(session, _event_ms(event, t_ms), origin.time)
    return row_cells(format_cells(session_values | values | _event_values(event)))


def _event_ms(event: Event, t_ms: float) -> float:
    """Return the time of an event that was noticed at `t_ms`: a person leaves when they are last seen."""
    return t_ms if event.last_seen_ms is None else event.last_seen_ms


def _session_values(session: SessionInfo, t_ms: float, time: SourceTime | None) -> dict[str, Value]:
    time = time or SourceTime(session.started_at_utc, TimeOrigin.CLOCK)
    return {
        "schema_version": SCHEMA_VERSION,
        "session_id": session.session_id,
        "ts_utc": time.zero_utc + timedelta(milliseconds=round(t_ms)),
        "ts_origin": time.origin,
        "t_ms": t_ms,
        "embed_model": session.embed_model,
        "expression_model": session.expression_model,
        "session_labels": session.labels_text or None,
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


def _sighting_values(sighting: Sighting, threshold_l2: float | None) -> dict[str, Value]:
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
        "person_id": track.decision.person_id,
        "expression_read": None if sighting.expression is None else sighting.expression_read,
        "live_score": track.live_score if track.is_scored else None,
    }
    if nearest := sighting.decision.nearest:
        values |= {"nearest_name": nearest.name, "distance_l2": nearest.distance_l2, "sample_id": nearest.sample_id}
        values |= {"rejected_l2": nearest.rejected_l2, "sample_distance_l2": nearest.sample_l2}
        values |= {
            "own_threshold_l2": None if threshold_l2 is None else nearest.own_threshold_l2(threshold_l2),
            "threshold_reduction_l2": nearest.threshold_reduction_l2,
            "threshold_limit_l2": nearest.threshold_limit_l2,
        }
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
    values: dict[str, Value] = {
        "event": event.kind,
        "message": event.message,
        "track_id": event.track_id,
        "name": event.name,
        "decision": None if event.name is None else "known",
        "event_code": event.code,
        "event_person": event.person,
        "last_seen_ms": event.last_seen_ms,
        "person_id": event.person_id,
        "marker": event.marker,
    }
    if (counts := event.frames) is not None:
        values |= {
            "frames_read": counts.read,
            "frames_analyzed": counts.analyzed,
            "frames_with_faces": counts.with_faces,
            "frames_span_ms": counts.span_ms,
            "dropped_frames": counts.dropped,
        }
    if (parameters := event.parameters) is not None:
        values |= {
            "required_margin_l2": parameters.margin_l2,
            "unsure_band_l2": parameters.unsure_band_l2,
            "enter_after_sightings": parameters.enter_after_sightings,
            "follow": parameters.follow,
            "presentation_check": parameters.presentation_check,
        }
    return values
