"""Windows for screenshots, with the demo, a wall of portraits or an object as their source."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks import scenes
from facecam.capture.demo import demo_image
from facecam.capture.source import Source, open_source
from facecam.errors import CameraMissingError
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


class PortraitWallCamera:
    """Live source that shows an image with small movements and camera noise."""

    camera_id, live, frame_count, time = "", True, None, None
    fps: float | None = 10.0

    def __init__(self, bgr: Image, started_at_s: float, source: str = "camera 0") -> None:
        self.source = source
        self.size_wh: tuple[int, int] | None = (bgr.shape[1], bgr.shape[0])
        self._bgr, self._started_at_s, self._index = bgr, started_at_s, 0

    def scene(self) -> Image:
        """Return the image in front of the camera."""
        return np.roll(self._bgr, self._index % 3, axis=1)

    def read(self) -> Frame:
        """Return the next frame, at 10 fps."""
        time.sleep(0.1)
        index, self._index = self._index, self._index + 1
        moved = self.scene().astype(np.int16)
        noisy = moved + np.random.default_rng(index).integers(-2, 3, moved.shape)
        now_s = time.monotonic()
        bgr = np.clip(noisy, 0, 255).astype(np.uint8)
        return Frame(bgr, index, (now_s - self._started_at_s) * 1e3, now_s, self.source)

    def close(self) -> None:
        """Release nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ObjectCamera(PortraitWallCamera):
    """Live source that shows an empty scene, and from `shown_from_s` of its clock the demo's cup."""

    shown_from_s = math.inf

    def __init__(self, started_at_s: float) -> None:
        shade = np.linspace(150, 175, 640)[None, :, None] * np.ones((480, 640, 3))
        super().__init__(shade.astype(np.uint8), started_at_s)
        cup = read_image(demo_image("coffee"))
        scale = 360 / max(cup.shape)
        self._cup = np.asarray(cv2.resize(cup, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)

    def scene(self) -> Image:
        """Return the empty scene, or the scene with the moving cup."""
        bgr, elapsed_s = self._bgr.copy(), time.monotonic() - self.shown_from_s
        if elapsed_s > 0:
            scenes.paste(bgr, self._cup, scenes.Motion.for_scene(4), elapsed_s)
        return bgr


def portrait(name: str) -> Image:
    """Return a bundled portrait."""
    return read_image(demo_image(name.lower().replace(" ", "_")))


def portrait_wall(columns: int, rows: int) -> Image:
    """Return a 1280x720 grid of the two portraits."""
    cell_width, cell_height = 1280 // columns, 720 // rows
    wall = np.full((720, 1280, 3), (150, 162, 168), np.uint8)
    for number in range(columns * rows):
        row, column = divmod(number, columns)
        bgr = portrait((EILEEN, GRACE)[(number + row) % 2])
        side = min(bgr.shape[:2])
        left = (bgr.shape[1] - side) // 2
        size = min(cell_width, cell_height)
        resized = cv2.resize(bgr[:side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)
        y, x = row * cell_height + (cell_height - size) // 2, column * cell_width + (cell_width - size) // 2
        wall[y : y + size, x : x + size] = resized
    return wall


@dataclass
class Stage:
    """Opens and closes windows for screenshots, with the gallery and logs in its own folder."""

    folder: Path
    app: QApplication
    opened: list[tuple[SessionController, Window]] = field(default_factory=list)
    object_camera: ObjectCamera | None = None

    def enroll(self, *names: str) -> None:
        """Add people to the gallery, each with one portrait."""
        gallery = self.folder / "gallery"
        gallery.mkdir(exist_ok=True)
        for name in names:
            (gallery / name).mkdir(exist_ok=True)
            source = EILEEN if name not in (EILEEN, GRACE) else name
            photo = demo_image(source.lower().replace(" ", "_"))
            (gallery / name / "portrait.jpg").write_bytes(photo.read_bytes())

    def enroll_photos(self, name: str, photos: Sequence[Path]) -> None:
        """Add a person to the gallery with copies of these photos."""
        folder = self.folder / "gallery" / name
        folder.mkdir(parents=True)
        for photo in photos:
            shutil.copy(photo, folder)

    def open(self, source: str = "demo", mode: Mode = Mode.FACES, *, size_wh: tuple[int, int] = SIZE_WH) -> Window:
        """Open a window with the source "demo", "wall:COLUMNSxROWS", "object", or a missing camera."""
        paths = AppPaths(self.folder / "gallery", self.folder / "logs")
        # The people of a wall are portraits; the demo is exempt from the check.
        settings = Settings().replace({"track.presentation_check": not source.startswith("wall:")})
        controller = SessionController(self._create_session, SessionRequest((source,), settings, mode), paths=paths)
        window = Window(controller, open_store())
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
        window.resize(*size_wh)
        window.show()
        controller.start()
        self.opened.append((controller, window))
        return window

    def close(self) -> None:
        """Close all windows and sessions."""
        for controller, window in self.opened:
            controller.stop()
            window.close()
            window.deleteLater()
        self.opened.clear()
        pause(50)

    def _create_session(self, request: SessionRequest) -> Session:
        def open_stage_source(text: str, started_at_s: float) -> Source:
            if text.startswith("wall:"):
                columns, rows = map(int, text.removeprefix("wall:").split("x"))
                return PortraitWallCamera(portrait_wall(columns, rows), started_at_s)
            if text == "object":
                self.object_camera = ObjectCamera(started_at_s)
                return self.object_camera
            if text == "0":
                raise CameraMissingError("camera 0 does not exist, and this machine has no other; plug one in")
            return open_source(text, request.settings.capture, started_at_s)

        sources = tuple(SourceConfig(text, partial(open_stage_source, text)) for text in request.sources)
        return Session(SessionConfig(request.settings, sources, self.folder / "gallery", request.mode, self.folder / "logs"))


def pause(ms: int) -> None:
    """Run the event loop for some time. QTest.qWait would hold the GIL, which recognition needs."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], object]) -> None:
    """Run the event loop until the condition is true."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise SystemExit("timeout: the state for the screenshot was not reached")
        pause(20)


def freeze(window: Window) -> None:
    """Pause and wait until the shown frame is the recognized one, because a busy machine lags behind."""
    controller = window.controller
    controller.pause(True)
    results = controller.results
    wait_for(lambda: all(slot in results and results[slot][0] is frame for slot, frame in controller.frames.items()))
    pause(300)


def statuses(window: Window) -> list[DecisionStatus]:
    """Return the decisions on the visible faces."""
    return [s.track_decision.decision.status for _, result in window.controller.results.values() for s in result.sightings]


def tracks(window: Window, status: DecisionStatus) -> list[int]:
    """Return the ids of tracks with a status."""
    found = [s for _, result in window.controller.results.values() for s in result.sightings]
    return [s.track_decision.track_id for s in found if s.track_decision.decision.status is status]


def best_labels(window: Window) -> list[Label]:
    """Return the most likely object label of each source."""
    return [label for _, result in window.controller.results.values() for label in result.labels[:1]]
