"""Frame intervals, age of the displayed image and response time of the window: `python -m benchmarks.window`.

All are measured in one run on a composed video at a camera's rate, while everything is recognized. Times end when Qt has
painted; the display's own latency is not included.
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
from facecam.capture.demo import demo_image
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import Frame, Image
from facecam.ui.app import make_app
from facecam.ui.garbage_collector import GarbageCollector
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.video.video_view import VideoView
from facecam.ui.window.window import Window

FPS = 30.0
_FRAMES = 90
_WARM_UP_S = 3.0
_INPUT_EVERY_S = 0.11
"""Not a multiple of a frame's time, so that events come at every point between two frames."""

_NAMES = ("eileen_collins", "grace_hopper")


class SteadyCamera:
    """Source that delivers images at a fixed rate without end, stamped when they are due, like a camera."""

    source, camera_id, live = "camera", "", True
    fps: float | None = FPS
    frame_count: int | None = None
    time: None = None

    def __init__(self, images: list[Image], started_at_s: float) -> None:
        self.size_wh: tuple[int, int] | None = (images[0].shape[1], images[0].shape[0])
        self._images = images
        self._started_at_s = started_at_s
        self._index = 0
        self._due_s = time.monotonic()

    def read(self) -> Frame:
        """Return the next image, when it is due."""
        self._due_s += 1 / FPS
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        index, self._index = self._index, self._index + 1
        bgr = compose.forward_and_back(self._images, index)
        now_s = time.monotonic()
        return Frame(bgr, index, (now_s - self._started_at_s) * 1e3, now_s, self.source)

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> SteadyCamera:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Measurements:
    """Measurements since the warm-up, in ms."""

    painted_at_ms: list[float] = field(default_factory=list)
    paints_ms: list[float] = field(default_factory=list)
    ages_ms: list[float] = field(default_factory=list)
    answers_ms: list[float] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    recognized: list[int] = field(default_factory=list)

    def report(self, seconds: float) -> dict[str, Any]:
        """Return the figures by name."""
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
    """Return median, 95th and 99th percentile and maximum."""
    if not len(values):
        return {}
    names = ("median", "p95", "p99", "max")
    return {name: round(float(np.percentile(values, share)), 2) for name, share in zip(names, (50, 95, 99, 100), strict=True)}


class PaintRecorder(QObject):
    """Records every paint of the video view, and every key and mouse event posted to it."""

    def __init__(self, view: VideoView, controller: SessionController) -> None:
        super().__init__(view)
        self.measurements = Measurements()
        self.counts = False
        self._view, self._controller = view, controller
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
        frame = self._controller.frames.get(0)
        if self.counts and frame is not None:
            self.measurements.painted_at_ms.append(done_s * 1e3)
            self.measurements.paints_ms.append((done_s - begun_s) * 1e3)
            self.measurements.ages_ms.append((time.monotonic() - frame.captured_at_s) * 1e3)
            self.measurements.shown.add(frame.index)
            if self._controller.session is not None:
                self.measurements.recognized.append(self._controller.session.status().recognized)

    def _handled(self, event: QEvent) -> bool:
        handled = self._event(event)
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseMove) and self._posted and not event.spontaneous():
            first = min(self._posted)
            waited_ms = (time.perf_counter() - self._posted.pop(first)) * 1e3
            if self.counts:
                self.measurements.answers_ms.append(waited_ms)
        return handled


def measure(case: compose.Case, seconds: float, window_wh: tuple[int, int]) -> dict[str, Any]:
    """Show the case for `seconds` and return the figures."""
    images = compose.frames(case, _FRAMES)
    app = make_app("en")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        for person in _NAMES:
            (folder / "gallery" / person).mkdir(parents=True)
            (folder / "gallery" / person / f"{person}.jpg").write_bytes(demo_image(person).read_bytes())

        def begin(request: SessionRequest) -> Session:
            source = SourceConfig("camera", lambda started_at_s: SteadyCamera(images, started_at_s))
            return Session(SessionConfig(request.settings, (source,), folder / "gallery", log_dir=folder / "logs"))

        from facecam.ui.preferences import open_store

        controller = SessionController(
            begin, SessionRequest(("camera",), Settings()), paths=AppPaths(folder / "gallery", folder / "logs")
        )
        window = Window(controller, open_store())
        window.resize(*window_wh)
        recorder = PaintRecorder(window.video, controller)
        controller.start()
        window.show()
        GarbageCollector(app).start()
        took_s = _run(app, recorder, seconds)
        controller.stop()
        report = recorder.measurements.report(took_s)
        report["picture_px"] = [window.video.width(), window.video.height()]
        window.close()
    return report


def _run(app: QCoreApplication, recorder: PaintRecorder, seconds: float) -> float:
    """Run the event loop for the warm-up and `seconds` more; return the measured seconds."""
    over = threading.Event()

    def post() -> None:
        number = 0
        while not over.wait(_INPUT_EVERY_S):
            recorder.post(number)
            number += 1

    poster = threading.Thread(target=post, name="input")
    begun_s = [0.0]

    def begin() -> None:
        recorder.counts, begun_s[0] = True, time.perf_counter()
        QTimer.singleShot(round(seconds * 1e3), app.quit)

    poster.start()
    QTimer.singleShot(round(_WARM_UP_S * 1e3), begin)
    app.exec()
    took_s = time.perf_counter() - begun_s[0]
    recorder.counts = False
    over.set()
    poster.join()
    return took_s


def main(arguments: list[str]) -> int:
    """Measure once and print JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.window", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--faces", type=int, default=5)
    parser.add_argument("--size", default="1280x720", help="of the video")
    parser.add_argument("--window", default="1280x860", help="of the window")
    args = parser.parse_args(arguments)
    size, window = (tuple(map(int, text.split("x"))) for text in (args.size, args.window))
    case = compose.Case((size[0], size[1]), args.faces)
    report = measure(case, args.seconds, (window[0], window[1]))
    facts = {"case": str(case), "frames": compose.material(), "platform": os.environ.get("QT_QPA_PLATFORM", "the system's")}
    print(json.dumps({**machine.describe(), **facts, **report}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
