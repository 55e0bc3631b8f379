"""`python -m benchmarks.window`: how smoothly the window paints, how old what it shows is, and how soon it answers.

All three are measured in one run, on a composed video that comes as a camera's would, while everything is recognized. Painted
means that Qt has painted: what the screen itself adds is not seen from here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

from benchmarks import compose, machine
from facecam.capture.demo import demo_picture
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import Frame, Image
from facecam.ui.app import make_app
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.video.video_view import VideoView
from facecam.ui.window.window import Window

FPS = 30.0
_KEPT_FRAMES = 90
_WARM_UP_S = 3.0
_INPUT_EVERY_S = 0.11
"""No multiple of a frame's time: events come at every point between two frames."""

_NAMES = ("eileen_collins", "grace_hopper")


class SteadyCamera:
    """Delivers pictures at a fixed rate for ever, stamped when they are due, as a camera does."""

    source, camera_id, live = "camera", "", True
    fps: float | None = FPS
    frame_count: int | None = None

    def __init__(self, pictures: list[Image], started_at_s: float) -> None:
        self.size_wh: tuple[int, int] | None = (pictures[0].shape[1], pictures[0].shape[0])
        self._pictures = pictures
        self._started_at_s = started_at_s
        self._index = 0
        self._due_s = time.monotonic()

    def read(self) -> Frame:
        """The next picture, when it is due."""
        self._due_s += 1 / FPS
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        index, self._index = self._index, self._index + 1
        place = index % (2 * len(self._pictures) - 2)
        bgr = self._pictures[place if place < len(self._pictures) else 2 * len(self._pictures) - 2 - place]
        now_s = time.monotonic()
        return Frame(bgr, index, (now_s - self._started_at_s) * 1e3, now_s, self.source)

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> SteadyCamera:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Measured:
    """What was seen since the warm-up, in ms."""

    painted_at_ms: list[float] = field(default_factory=list)
    paints_ms: list[float] = field(default_factory=list)
    ages_ms: list[float] = field(default_factory=list)
    answers_ms: list[float] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    recognized: list[int] = field(default_factory=list)

    def report(self, seconds: float) -> dict[str, Any]:
        """The figures by name."""
        return {
            "seconds": round(seconds, 1),
            "pictures_shown_per_s": round(len(self.shown) / seconds, 2),
            "paints_per_s": round(len(self.painted_at_ms) / seconds, 2),
            "recognized_per_s": round((self.recognized[-1] - self.recognized[0]) / seconds, 2) if self.recognized else 0.0,
            "interval_ms": spread(np.diff(self.painted_at_ms)),
            "paint_ms": spread(self.paints_ms),
            "age_ms": spread(self.ages_ms),
            "answer_ms": spread(self.answers_ms),
        }


def spread(values: Any) -> dict[str, float]:
    """Median, 95th and 99th percentile and the largest."""
    if not len(values):
        return {}
    names = ("median", "p95", "p99", "max")
    return {name: round(float(np.percentile(values, share)), 2) for name, share in zip(names, (50, 95, 99, 100), strict=True)}


class Watch(QObject):
    """Sees every paint of the picture, and every key and mouse event that a thread of its own has posted to it."""

    def __init__(self, view: VideoView, live: SessionController) -> None:
        super().__init__(view)
        self.measured = Measured()
        self.counts = False
        self._view, self._live = view, live
        self._posted: dict[int, float] = {}
        self._paint, self._event = view.paintEvent, view.event
        view.paintEvent = self._painted  # type: ignore[method-assign]
        view.event = self._handled  # type: ignore[method-assign]

    def post(self, number: int) -> None:
        """Post a key or a mouse movement, from any thread."""
        if number % 2:
            event: QEvent = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
        else:
            place, none = QPointF(10 + number % 300, 10 + number % 200), Qt.MouseButton.NoButton
            event = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
        event.setAccepted(False)
        self._posted[number] = time.perf_counter()
        QCoreApplication.postEvent(self._view, event)

    def _painted(self, event: QPaintEvent) -> None:
        begun_s = time.perf_counter()
        self._paint(event)
        done_s = time.perf_counter()
        frame = self._live.frames.get(0)
        if self.counts and frame is not None:
            self.measured.painted_at_ms.append(done_s * 1e3)
            self.measured.paints_ms.append((done_s - begun_s) * 1e3)
            self.measured.ages_ms.append((time.monotonic() - frame.captured_at_s) * 1e3)
            self.measured.shown.add(frame.index)
            if self._live.session is not None:
                self.measured.recognized.append(self._live.session.status().recognized)

    def _handled(self, event: QEvent) -> bool:
        handled = self._event(event)
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseMove) and self._posted and not event.spontaneous():
            first = min(self._posted)
            waited_ms = (time.perf_counter() - self._posted.pop(first)) * 1e3
            if self.counts:
                self.measured.answers_ms.append(waited_ms)
        return handled


def measure(case: compose.Case, seconds: float, window_wh: tuple[int, int]) -> dict[str, Any]:
    """Show the case for so long, and tell what was seen."""
    pictures = compose.frames(case, _KEPT_FRAMES)
    app = make_app("en")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        for person in _NAMES:
            (folder / "gallery" / person).mkdir(parents=True)
            (folder / "gallery" / person / f"{person}.jpg").write_bytes(demo_picture(person).read_bytes())

        def begin(wish: SessionRequest) -> Session:
            source = SourceConfig("camera", lambda started_at_s: SteadyCamera(pictures, started_at_s))
            return Session(SessionConfig(wish.settings, (source,), folder / "gallery", log_dir=folder / "logs"))

        from facecam.ui.preferences import open_store

        live = SessionController(
            begin, SessionRequest(("camera",), Settings()), places=AppPaths(folder / "gallery", folder / "logs")
        )
        window = Window(live, open_store())
        window.resize(*window_wh)
        watch = Watch(window.video, live)
        live.start()
        window.show()
        took_s = _run(app, watch, seconds)
        live.stop()
        report = watch.measured.report(took_s)
        report["picture_px"] = [window.video.width(), window.video.height()]
        window.close()
    return report


def _run(app: QCoreApplication, watch: Watch, seconds: float) -> float:
    """Let the loop run for the warm-up and so many seconds more; how long it was."""
    over = threading.Event()

    def post() -> None:
        number = 0
        while not over.wait(_INPUT_EVERY_S):
            watch.post(number)
            number += 1

    hand = threading.Thread(target=post, name="hand")
    begun_s = [0.0]

    def begin() -> None:
        watch.counts, begun_s[0] = True, time.perf_counter()
        QTimer.singleShot(round(seconds * 1e3), app.quit)

    hand.start()
    QTimer.singleShot(round(_WARM_UP_S * 1e3), begin)
    app.exec()
    took_s = time.perf_counter() - begun_s[0]
    watch.counts = False
    over.set()
    hand.join()
    return took_s


def main(arguments: list[str]) -> int:
    """Measure once and print JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.window", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--faces", type=int, default=5)
    parser.add_argument("--size", default="1280x720", help="of the video")
    parser.add_argument("--window", default="1280x860", help="of the window")
    asked = parser.parse_args(arguments)
    size, window = (tuple(map(int, text.split("x"))) for text in (asked.size, asked.window))
    case = compose.Case((size[0], size[1]), asked.faces)
    report = measure(case, asked.seconds, (window[0], window[1]))
    facts = {"case": str(case), "frames": compose.material(), "platform": os.environ.get("QT_QPA_PLATFORM", "the system's")}
    print(json.dumps({**machine.describe(), **facts, **report}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
