"""What the pictures of the window are taken of: windows on the demo, on a wall of portraits, on a thing held up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks import scenes
from facecam.capture.demo import demo_picture
from facecam.capture.source import Source, open_source
from facecam.errors import CameraError
from facecam.imageio import read_image
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.types import DecisionStatus, Frame, Image, Label
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.window.window import Window

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
SIZE_WH = (1280, 800)
PATIENCE_S = 120.0


class Wall:
    """A camera that looks at a wall of portraits, never quite still."""

    camera_id, live, frame_count = "", True, None
    fps: float | None = 10.0

    def __init__(self, bgr: Image, started_at_s: float, source: str = "camera 0") -> None:
        self.source = source
        self.size_wh: tuple[int, int] | None = (bgr.shape[1], bgr.shape[0])
        self._bgr, self._started_at_s, self._index = bgr, started_at_s, 0

    def picture(self) -> Image:
        """What is before it."""
        return np.roll(self._bgr, self._index % 3, axis=1)

    def read(self) -> Frame:
        """The wall, moved a little, with a camera's noise."""
        time.sleep(0.1)
        index, self._index = self._index, self._index + 1
        moved = self.picture().astype(np.int16)
        noisy = moved + np.random.default_rng(index).integers(-2, 3, moved.shape)
        now_s = time.monotonic()
        bgr = np.clip(noisy, 0, 255).astype(np.uint8)
        return Frame(bgr, index, (now_s - self._started_at_s) * 1e3, now_s, self.source)

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> Wall:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Lesson(Wall):
    """A camera that looks at a room; from `held_from_s` on its clock somebody holds up the demo's cup."""

    held_from_s = math.inf

    def __init__(self, started_at_s: float) -> None:
        shade = np.linspace(150, 175, 640)[None, :, None] * np.ones((480, 640, 3))
        super().__init__(shade.astype(np.uint8), started_at_s)
        cup = read_image(demo_picture("coffee"))
        scale = 360 / max(cup.shape)
        self._cup = np.asarray(cv2.resize(cup, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)

    def picture(self) -> Image:
        """The room, with the cup once it is held up."""
        bgr, shown_s = self._bgr.copy(), time.monotonic() - self.held_from_s
        if shown_s > 0:
            scenes.paste(bgr, self._cup, scenes.Motion.of(4), shown_s)
        return bgr


def portrait(name: str) -> Image:
    """A bundled portrait."""
    return read_image(demo_picture(name.lower().replace(" ", "_")))


def wall(columns: int, rows: int) -> Image:
    """The two portraits in turn, in 1280x720."""
    wide, high = 1280 // columns, 720 // rows
    picture = np.full((720, 1280, 3), (150, 162, 168), np.uint8)
    for place in range(columns * rows):
        row, column = divmod(place, columns)
        bgr = portrait((EILEEN, GRACE)[(place + row) % 2])
        side = min(bgr.shape[:2])
        left = (bgr.shape[1] - side) // 2
        factor = min(wide, high)
        shown = cv2.resize(bgr[:side, left : left + side], (factor, factor), interpolation=cv2.INTER_AREA)
        y, x = row * high + (high - factor) // 2, column * wide + (wide - factor) // 2
        picture[y : y + factor, x : x + factor] = shown
    return picture


@dataclass
class Stage:
    """Makes windows on what a picture needs, in a home of its own."""

    folder: Path
    app: QApplication
    made: list[tuple[SessionController, Window]] = field(default_factory=list)
    lesson: Lesson | None = None

    def enroll(self, *names: str) -> None:
        """Have exactly these people in the gallery."""
        gallery = self.folder / "gallery"
        gallery.mkdir(exist_ok=True)
        for name in names:
            (gallery / name).mkdir(exist_ok=True)
            source = EILEEN if name not in (EILEEN, GRACE) else name
            picture = demo_picture(source.lower().replace(" ", "_"))
            (gallery / name / "portrait.jpg").write_bytes(picture.read_bytes())

    def open(self, source: str = "demo", mode: Mode = Mode.FACES, *, size_wh: tuple[int, int] = SIZE_WH) -> Window:
        """A window on "demo", on "wall:COLUMNSxROWS", on a "lesson", or on a camera that is not there."""
        places = AppPaths(self.folder / "gallery", self.folder / "logs")
        live = SessionController(self._begin, SessionRequest((source,), Settings(), mode), places=places)
        window = Window(live, open_store())
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
        window.resize(*size_wh)
        window.show()
        live.start()
        self.made.append((live, window))
        return window

    def close(self) -> None:
        """End all that was opened."""
        for live, window in self.made:
            live.stop()
            window.close()
            window.deleteLater()
        self.made.clear()
        pause(50)

    def _begin(self, wish: SessionRequest) -> Session:
        def opened(text: str, started_at_s: float) -> Source:
            if text.startswith("wall:"):
                columns, rows = map(int, text.removeprefix("wall:").split("x"))
                return Wall(wall(columns, rows), started_at_s)
            if text == "lesson":
                self.lesson = Lesson(started_at_s)
                return self.lesson
            if text == "0":
                raise CameraError("there is no camera 0 and no other on this machine; plug one in, or try without: facecam demo")
            return open_source(text, wish.settings.capture, started_at_s)

        sources = tuple(SourceConfig(text, lambda at, text=text: opened(text, at)) for text in wish.sources)  # type: ignore[misc]
        return Session(SessionConfig(wish.settings, sources, self.folder / "gallery", wish.mode, self.folder / "logs"))


def pause(ms: int) -> None:
    """Let the window live for so long. QTest.qWait keeps Python's lock meanwhile, and recognition waits for it."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], object]) -> None:
    """Let the window live until it is so."""
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until_s:
            raise SystemExit("what the picture is to show does not come")
        pause(20)


def hold(window: Window) -> None:
    """Hold the picture once what is shown is what was recognized last: a busy machine is a step behind."""
    live = window.live
    live.pause(True)
    wait_for(lambda: all(slot in live.results and live.results[slot][0] is frame for slot, frame in live.frames.items()))
    pause(300)


def kinds(window: Window) -> list[DecisionStatus]:
    """How the faces in the picture are decided."""
    return [s.track_decision.decision.status for _, result in window.live.results.values() for s in result.sightings]


def tracks(window: Window, kind: DecisionStatus) -> list[int]:
    """The tracks that are decided so."""
    found = [s for _, result in window.live.results.values() for s in result.sightings]
    return [s.track_decision.track_id for s in found if s.track_decision.decision.status is kind]


def named(window: Window) -> list[Label]:
    """What is held up, the likeliest name of each source."""
    return [label for _, result in window.live.results.values() for label in result.labels[:1]]
