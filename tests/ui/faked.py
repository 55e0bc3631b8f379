"""Frames and results made by hand, for a Live that runs no session."""

from __future__ import annotations

import time

import numpy as np

from facecam.settings import Mode, Settings
from facecam.types import (
    EXPRESSIONS,
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Expression,
    Face,
    Frame,
    Label,
    Quality,
    Result,
    Sighting,
    TrackDecision,
)
from facecam.ui.session_controller import SessionController, SessionRequest

SIZE_WH = (640, 480)


def idle_live(*sources: str) -> SessionController:
    """A Live that runs nothing: what it has is put into it by `show`."""

    def begin(wish: SessionRequest) -> object:
        raise AssertionError("no session is wanted here")

    return SessionController(begin, SessionRequest(sources or ("fake.mp4",), Settings()))  # type: ignore[arg-type]


def frame_of(bgr: np.ndarray | None = None, index: int = 0, at_s: float | None = None) -> Frame:
    """A frame; gray, unless it is given."""
    picture = np.full((SIZE_WH[1], SIZE_WH[0], 3), 90, np.uint8) if bgr is None else bgr
    return Frame(picture, index, index * 1000 / 30, time.monotonic() if at_s is None else at_s, "fake")


def sighting(box: Box, kind: DecisionStatus = DecisionStatus.KNOWN, name: str = "Ann", track_id: int = 1) -> Sighting:
    """A face at a place, decided."""
    nearest = Candidate(name, "id", "sample", 0.2)
    decision = Decision(
        kind, "test", name if kind is DecisionStatus.KNOWN else None, nearest if kind is not DecisionStatus.SKIPPED else None
    )
    probabilities = tuple(0.9 if label == "happy" else 0.1 / 6 for label in EXPRESSIONS)
    face = Face(box, 1.0, np.zeros((5, 2), np.float32))
    gate = "blurry" if kind is DecisionStatus.SKIPPED else None
    return Sighting(
        face, Quality(0, 0, 0), gate, True, decision, 1.0, TrackDecision(track_id, 0.0, decision), Expression(probabilities)
    )


def result_of(frame: Frame, *sightings: Sighting, labels: tuple[Label, ...] = ()) -> Result:
    """What was recognized in a frame."""
    mode = Mode.OBJECTS if labels else Mode.FACES
    return Result(frame.index, frame.t_ms, frame.source, "", frame.size_wh, mode, sightings, labels)


def show(live: SessionController, frame: Frame, *sightings: Sighting, slot: int = 0, labels: tuple[Label, ...] = ()) -> None:
    """Let a Live have this frame, recognized."""
    live.frames[slot] = frame
    live.pictured.emit(slot)
    live.results[slot] = frame, result_of(frame, *sightings, labels=labels)
    live.recognized.emit(slot)
