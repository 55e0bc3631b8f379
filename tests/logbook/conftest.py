"""Factories of sightings, results and sessions; a test states only the fields that matter to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecam.logbook.schema import SessionInfo
from facecam.settings import Mode
from facecam.types import Box, Candidate, Decision, DecisionStatus, Expression, Face, Quality, Result, Sighting, TrackDecision

RAM_FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
"""Parent of the folders of property tests, which write hundreds of logs: on a disk they would mostly wait for fsync."""


def _sighting(name: str = "Ada", status: DecisionStatus = DecisionStatus.KNOWN, **changes: Any) -> Sighting:
    nearest, second = Candidate(name, "p1", "ada-1.jpg", 0.2), Candidate("Grace", "p2", "grace-7.jpg", 0.45)
    decision = Decision(status, "match", name if status is DecisionStatus.KNOWN else None, nearest, second)
    fields: dict[str, Any] = {
        "face": Face(Box(10.04, 20.06, 60.0, 72.0), 0.9987654, np.zeros((5, 2), np.float32)),
        "quality": Quality(sharpness=120.5, brightness=99.25, yaw_deg=-3.5, pitch_deg=0.001, roll_deg=-0.001),
        "gate": None,
        "embedded": True,
        "decision": decision,
        "evidence_weight": 0.75,
        "track_decision": TrackDecision(track_id=4, track_age_ms=133.4, decision=decision, votes_for=3.5, votes_total=4.0),
        "expression": Expression((0.1, 0.0, 0.1, 0.6, 0.1, 0.05, 0.05)),
    }
    return Sighting(**(fields | changes))


def _result(*sightings: Sighting, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "frame_index": 7,
        "t_ms": 233.333,
        "source": "clip.mkv",
        "camera_id": "",
        "size_wh": (640, 480),
        "mode": Mode.FACES,
        "sightings": sightings,
        "threshold_l2": 0.322,
        "gallery_revision": "r1",
        "detect_ms": 12.341,
        "embed_ms": 3.0,
        "total_ms": 20.0,
    }
    return Result(**(fields | changes))


@pytest.fixture(scope="session")
def sighting() -> Callable[..., Sighting]:
    """Return a factory of sightings of a known person; keywords change any field."""
    return _sighting


@pytest.fixture(scope="session")
def result() -> Callable[..., Result]:
    """Return a factory of results with the given sightings; keywords change any field."""
    return _result


@pytest.fixture(scope="session")
def session() -> SessionInfo:
    return SessionInfo(
        session_id="20260102T030405Z-beef",
        started_at_utc=datetime(2026, 1, 2, 3, 4, 5, 250_000, tzinfo=UTC),
        app_version="0.1.0",
        embed_model="nn4",
        expression_model="fer",
        details={"source": "clip.mkv", "size_wh": [640, 480], "gallery_revision": "r1"},
    )


HAPPY = Expression((0.0, 0.0, 0.0, 0.6, 0.0, 0.0, 0.4))
PLAIN = Expression((0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.9))


@pytest.fixture(scope="session")
def face_of(sighting: Callable[..., Sighting]) -> Callable[..., Sighting]:
    """Return a factory of faces whose track has the name, is unknown with None, or undecided with "". Keywords change fields."""

    def make(name: str | None, track_id: int, expression: Expression | None = PLAIN, **changes: Any) -> Sighting:
        person, reason = changes.pop("person_id", f"id of {name}"), changes.pop("reason", "few_sightings")
        nearest = Candidate(name or "Grace", person, "p/1.jpg", 0.2 if name else 0.45)
        kind = DecisionStatus.KNOWN if name else DecisionStatus.UNKNOWN
        alone = Decision(kind, "match" if name else "too_far", name or None, nearest)
        track = replace(alone, reason="votes") if name else alone
        if name == "":
            track = Decision(DecisionStatus.UNSURE, reason, None, nearest)
        fields = {"track_decision": TrackDecision(track_id, 0.0, track, 3.0, 3.0), "expression_read": expression is not None}
        return sighting(decision=alone, expression=expression, **(fields | changes))

    return make
