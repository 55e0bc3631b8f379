"""How a result becomes rows of the log: one per face or per frame's labels, and one per event. Pure: no files, no clock."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from facecam.logbook.schema import LABELS_PER_FRAME, SCHEMA_VERSION, Value, cells, row
from facecam.mode import Mode
from facecam.types import EXPRESSIONS, Event, Expression, Label, Result, Sighting

REJECTED = "rejected_l2 "
"""How the message of a `seen` row begins: then comes the distance to the nearest face that is not the nearest person's."""

SESSION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


def new_session_id(now_utc: datetime) -> str:
    """`YYYYMMDDTHHMMSSZ-xxxx`: the start in UTC, and four random digits for sessions that start in the same second."""
    return f"{now_utc.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What is the same for every row of a session.

    `details` goes to the session's json: source, size_wh, networks with hashes, settings, gallery revision.
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
            raise ValueError(f"started_at_utc is {self.started_at_utc}, expected a time in UTC that says so")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from that belongs to no recognised frame; what does not apply stays empty."""

    source: str = ""
    camera_id: str = ""
    mode: Mode | None = None


def rows(result: Result, session: SessionInfo, dropped_frames: int) -> list[list[str]]:
    """One row per face (mode faces) or one with the best labels (mode objects), then one per event of the result."""
    frame = _frame_values(result, dropped_frames) | _session_values(session, result.t_ms)
    times = {"detect_ms": result.detect_ms, "embed_ms": result.embed_ms, "total_ms": result.total_ms}
    seen = cells(frame | times | {"event": "seen"})
    if result.mode is Mode.FACES:
        made = [
            row({**seen, **cells(_sighting_values(sighting)), **_expression_cells(sighting.expression)})
            for sighting in result.sightings
        ]
    else:
        made = [row(seen | cells(_label_values(result.labels)))]
    for event in result.events:
        # `empty` is its frame's only row; beside others the times would count twice in a mean.
        alone = times if event.kind == "empty" else {}
        made.append(row(cells(frame | alone | _event_values(event))))
    return made


def event_row(event: Event, session: SessionInfo, t_ms: float, origin: Origin | None = None) -> list[str]:
    """The row of an event outside any result: a camera that went away, a picture that cannot be read, a correction."""
    origin = origin or Origin()
    place = {"source": origin.source, "camera_id": origin.camera_id, "mode": origin.mode}
    return row(cells(_session_values(session, t_ms) | place | _event_values(event)))


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
    box, quality, vote = sighting.face.box, sighting.quality, sighting.vote
    values: dict[str, Value] = {
        "track_id": vote.track_id,
        "track_age_ms": vote.track_age_ms,
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
        "sighting_decision": sighting.decision.kind,
        "margin_l2": sighting.decision.margin_l2,
        "evidence_weight": sighting.evidence_weight,
        "votes_for": vote.votes_for,
        "votes_total": vote.votes_total,
        "decision": vote.decision.kind,
        "reason": vote.decision.reason,
        "name": vote.decision.name,
    }
    if nearest := sighting.decision.nearest:
        values |= {"nearest_name": nearest.name, "distance_l2": nearest.distance_l2, "sample_id": nearest.sample_id}
        if nearest.rejected_l2 is not None:
            values |= {"message": f"{REJECTED}{nearest.rejected_l2:.6f}"}
    if second := sighting.decision.second:
        values |= {"second_name": second.name, "second_distance_l2": second.distance_l2}
    return values


@lru_cache(maxsize=64)
def _expression_cells(shown: Expression | None) -> Mapping[str, str]:
    """A face's expression, remembered: between two readings the last one stands for several frames."""
    if shown is None:
        return {}
    values: dict[str, Value] = {f"p_{name}": p for name, p in zip(EXPRESSIONS, shown.probabilities, strict=True)}
    return cells(values | {"expression": shown.label, "valence": shown.valence})


def _label_values(labels: tuple[Label, ...]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for place, label in enumerate(labels[:LABELS_PER_FRAME], start=1):
        values |= {f"label_{place}": label.name, f"label_{place}_id": label.label_id, f"p_{place}": label.probability}
    return values


def _event_values(event: Event) -> dict[str, Value]:
    decision = None if event.name is None else "known"
    return {"event": event.kind, "message": event.message, "track_id": event.track_id, "name": event.name, "decision": decision}
