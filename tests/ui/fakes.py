"""Frames and results for a SessionController without a session, and a system tray."""

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
from facecam.ui.tray import TrayFinder

SIZE_WH = (640, 480)


def idle_controller(*sources: str) -> SessionController:
    """Return a controller without a session; `show_result` gives it frames and results."""

    def create_session(request: SessionRequest) -> object:
        raise AssertionError("no session expected")

    return SessionController(create_session, SessionRequest(sources or ("fake.mp4",), Settings()))  # type: ignore[arg-type]


class FakeTrayFinder(TrayFinder):
    """Finds a tray on the offscreen platform, which has none."""

    has_tray = True

    def is_available(self) -> bool:
        return self.has_tray


def make_frame(bgr: np.ndarray | None = None, index: int = 0, at_s: float | None = None) -> Frame:
    """Return a frame, gray by default."""
    image = np.full((SIZE_WH[1], SIZE_WH[0], 3), 90, np.uint8) if bgr is None else bgr
    return Frame(image, index, index * 1000 / 30, time.monotonic() if at_s is None else at_s, "fake")


def make_sighting(box: Box, status: DecisionStatus = DecisionStatus.KNOWN, name: str = "Ann", track_id: int = 1) -> Sighting:
    """Return a decided face."""
    nearest = Candidate(name, "id", "sample", 0.2)
    decision = Decision(
        status,
        "test",
        name if status is DecisionStatus.KNOWN else None,
        nearest if status is not DecisionStatus.SKIPPED else None,
    )
    probabilities = tuple(0.9 if label == "happy" else 0.1 / 6 for label in EXPRESSIONS)
    face = Face(box, 1.0, np.zeros((5, 2), np.float32))
    gate = "blurry" if status is DecisionStatus.SKIPPED else None
    return Sighting(
        face, Quality(0, 0, 0), gate, True, decision, 1.0, TrackDecision(track_id, 0.0, decision), Expression(probabilities)
    )


def make_result(frame: Frame, *sightings: Sighting, labels: tuple[Label, ...] = ()) -> Result:
    """Return the result of a frame."""
    mode = Mode.OBJECTS if labels else Mode.FACES
    return Result(frame.index, frame.t_ms, frame.source, "", frame.size_wh, mode, sightings, labels)


def show_result(
    controller: SessionController, frame: Frame, *sightings: Sighting, slot: int = 0, labels: tuple[Label, ...] = ()
) -> None:
    """Give a controller a frame and its result."""
    controller.frames[slot] = frame
    controller.frame_received.emit(slot)
    controller.results[slot] = frame, make_result(frame, *sightings, labels=labels)
    controller.recognized.emit(slot)
