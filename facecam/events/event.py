"""Events for other programs and their JSON form, which docs/reference/events.md describes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

SCHEMA_VERSION = 1
"""Version of the JSON form. It changes when a field is renamed, removed or gets another meaning, not when one is added."""


class EventKind(StrEnum):
    """Kind of an event."""

    PERSON_ARRIVED = "person_arrived"
    PERSON_LEFT = "person_left"
    STRANGER_ARRIVED = "stranger_arrived"
    OBJECT_SHOWN = "object_shown"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that happened in a session, for other programs.

    Attributes:
        kind: What happened.
        at_utc: When it happened. For a file, the time of its recording.
        t_ms: The same in the session's time, as in its log.
        session_id: Session id, as in the log; None before the session has one.
        source: Source without credentials; None when a person left who was seen by several.
        person_id: Id of an enrolled person.
        name: Name of an enrolled person, or of a taught object.
        track_id: Latest track of the visitor.
        visitor_id: The visitor, in this session.
        distance_l2: Distance to the nearest sample of the gallery, 0 to 2.
        visit_s: Time from the arrival of a person to the last sighting, when the person has left.
        reason: `absent` or `session_ended` when a person has left.
    """

    kind: EventKind
    at_utc: datetime
    t_ms: float
    session_id: str | None
    source: str | None = None
    person_id: str | None = None
    name: str | None = None
    track_id: int | None = None
    visitor_id: str | None = None
    distance_l2: float | None = None
    visit_s: float | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the fields of the JSON form; all of them, None for those that do not apply."""
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": self.kind.value,
            "t_utc": f"{self.at_utc.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{self.at_utc.microsecond // 1000:03d}Z",
            "t_ms": round(self.t_ms, 3),
            "session_id": self.session_id,
            "source": self.source,
            "person_id": self.person_id,
            "name": self.name,
            "track_id": self.track_id,
            "visitor_id": self.visitor_id,
            "distance_l2": None if self.distance_l2 is None else round(self.distance_l2, 4),
            "visit_s": None if self.visit_s is None else round(self.visit_s, 3),
            "reason": self.reason,
        }

    def to_json(self) -> str:
        """Return the event as one line of JSON in ASCII, without a line end."""
        return json.dumps(self.to_dict(), separators=(",", ":"))
