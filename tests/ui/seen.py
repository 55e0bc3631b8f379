"""The two bundled portraits side by side, as the real networks see them with one of the two enrolled."""

from __future__ import annotations

import shutil
import time
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.demo import DemoSource, demo_picture
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
EVERY_FRAME = Settings().replace({"follow.enabled": False})


def enroll(folder: Path, *names: str) -> Path:
    """A gallery made by hand."""
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(demo_picture(name.lower().replace(" ", "_")), folder / name)
    return folder


@cache
def picture(*names: str) -> Image:
    """These portraits side by side."""
    bgrs = [read_image(demo_picture(name.lower().replace(" ", "_"))) for name in names]
    return np.hstack([np.asarray(cv2.resize(bgr, (480, 480), interpolation=cv2.INTER_AREA), np.uint8) for bgr in bgrs])


class Sight:
    """What a session sees of some portraits, frame by frame, without its threads, in a time of its own that begins now."""

    def __init__(self, folder: Path, *names: str, settings: Settings = EVERY_FRAME) -> None:
        self.recognizer = Recognizer(settings, folder)
        self.names = names
        self.seen: list[tuple[Frame, Result]] = []
        self._at_s = time.monotonic()

    @property
    def gallery(self) -> Gallery:
        return self.recognizer.gallery

    def look(self, live: SessionController, times: int = 6, *, empty: bool = False) -> Result:
        """Show Live so many frames, a tenth of a second apart."""
        bgr = picture(*self.names)
        for _ in range(times):
            self._at_s += 0.1
            frame = Frame(np.zeros_like(bgr) if empty else bgr, len(self.seen), self._at_s * 1e3, self._at_s, "portraits")
            self.seen.append((frame, self.recognizer(frame)))
            live.presence.see(0, *self.seen[-1])
        live.gallery = self.recognizer.gallery
        live.presence_changed.emit()
        return self.seen[-1][1]

    def pass_time(self, live: SessionController, seconds: float) -> None:
        """Let time pass in which nobody is seen."""
        self._at_s += seconds
        self.look(live, times=1, empty=True)


def live_of_portraits(folder: Path, *names: str) -> SessionController:
    """A Live, not started, whose source shows these portraits for as long as it is asked."""
    bgr = picture(*names)

    def begin(wish: SessionRequest) -> Session:
        source = SourceConfig("fake", lambda s: ScriptedSource(s, fps=15.0, picture=lambda i: np.roll(bgr, i % 3, axis=1)))
        return Session(SessionConfig(wish.settings, (source,), folder / "gallery", log_dir=folder / "logs"))

    return SessionController(begin, SessionRequest(("fake",), EVERY_FRAME))


def live_of_the_demo(folder: Path) -> SessionController:
    """A Live, not started, of the demo; none of its frames is left out, however slow the machine is."""

    def begin(wish: SessionRequest) -> Session:
        demo = SourceConfig("demo", lambda _: DemoSource())
        return Session(SessionConfig(wish.settings, (demo,), folder / "gallery", log_dir=folder / "logs", every_frame=True))

    return SessionController(begin, SessionRequest(("demo",), Settings()))


def tracks(live: SessionController) -> dict[str | None, int]:
    """The track of everybody who is here and decided, by name; None for a stranger."""
    decided = (card for card in live.presence.cards if card.here and card.kind in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN))
    return {card.name: card.last_track_id for card in decided}
