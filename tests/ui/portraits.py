"""Controllers and results on the bundled portraits, recognized by the real networks."""

from __future__ import annotations

import shutil
import time
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.demo import DemoSource, demo_image
from facecam.gallery.gallery import Gallery
from facecam.imageio import read_image
from facecam.recognizer import Recognizer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import DecisionStatus, Frame, Image, Result
from facecam.ui.session_controller import SessionController, SessionRequest
from tests.session.conftest import ScriptedSource

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
EVERY_FRAME = Settings().replace({"follow.enabled": False, "track.presentation_check": False})
"""The people are photos: the check for presentation attacks would give some of them their name later."""


def enroll_portraits(folder: Path, *names: str) -> Path:
    """Copy bundled portraits into a gallery folder."""
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(demo_image(name.lower().replace(" ", "_")), folder / name)
    return folder


@cache
def portraits_image(*names: str) -> Image:
    """Return these portraits side by side."""
    bgrs = [read_image(demo_image(name.lower().replace(" ", "_"))) for name in names]
    return np.hstack([np.asarray(cv2.resize(bgr, (480, 480), interpolation=cv2.INTER_AREA), np.uint8) for bgr in bgrs])


class PortraitStream:
    """Recognizes portraits frame by frame with a simulated clock, and feeds a controller without a session."""

    def __init__(self, folder: Path, *names: str, settings: Settings = EVERY_FRAME) -> None:
        self.recognizer = Recognizer(settings, folder)
        self.names = names
        self.results: list[tuple[Frame, Result]] = []
        self._at_s = time.monotonic()

    @property
    def gallery(self) -> Gallery:
        return self.recognizer.gallery

    def show(self, controller: SessionController, times: int = 6, *, empty: bool = False) -> Result:
        """Feed the controller frames that are a tenth of a second apart."""
        bgr = portraits_image(*self.names)
        for _ in range(times):
            self._at_s += 0.1
            frame = Frame(np.zeros_like(bgr) if empty else bgr, len(self.results), self._at_s * 1e3, self._at_s, "portraits")
            self.results.append((frame, self.recognizer(frame)))
            controller.visitor_tracker.use_matcher(self.recognizer.group_matcher)
            controller.visitor_tracker.update(0, *self.results[-1])
        controller.gallery = self.recognizer.gallery
        controller.visitors_changed.emit()
        return self.results[-1][1]

    def pass_time(self, controller: SessionController, seconds: float) -> None:
        """Let time pass without visitors."""
        self._at_s += seconds
        self.show(controller, times=1, empty=True)


def portraits_controller(folder: Path, *names: str) -> SessionController:
    """Return a controller, not started, whose source shows these portraits endlessly."""
    bgr = portraits_image(*names)

    def create_session(request: SessionRequest) -> Session:
        source = SourceConfig("fake", lambda s: ScriptedSource(s, fps=15.0, image=lambda i: np.roll(bgr, i % 3, axis=1)))
        return Session(SessionConfig(request.settings, (source,), folder / "gallery", log_dir=folder / "logs"))

    return SessionController(create_session, SessionRequest(("fake",), EVERY_FRAME))


def demo_controller(folder: Path) -> SessionController:
    """Return a controller, not started, on the demo; no frame is dropped, however slow the machine."""

    def create_session(request: SessionRequest) -> Session:
        demo = SourceConfig("demo", lambda _: DemoSource())
        return Session(SessionConfig(request.settings, (demo,), folder / "gallery", log_dir=folder / "logs", every_frame=True))

    return SessionController(create_session, SessionRequest(("demo",), Settings()))


def tracks_by_name(controller: SessionController) -> dict[str | None, int]:
    """Map the names of present, decided visitors to their tracks; None is a stranger."""
    decided = (
        visitor
        for visitor in controller.visitor_tracker.visitors
        if visitor.is_present and visitor.status in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN)
    )
    return {visitor.name: visitor.last_track_id for visitor in decided}
