"""How fast this machine recognizes: each stage on its own, then all of them, on the demo's first seconds and their one face."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facecam.diagnostics.findings import Finding, Verdict
from facecam.settings import Settings

if TYPE_CHECKING:
    from facecam.types import Image

_RUNS = 15
_WARM_UP_RUNS = 3
# Long enough for a few searches among the frames that follow a face, short enough to wait for.
_FRAMES = 90
_WARM_UP_FRAMES = 10
# Below this, a face moves too far between two frames to be followed.
_SLOW_FPS = 10


@dataclass(frozen=True, slots=True)
class StageTimes:
    """The median milliseconds of each stage for one face, and for one object's label, in a frame of 640x480."""

    search_ms: float
    follow_ms: float
    embed_ms: float
    express_ms: float
    label_ms: float

    def __str__(self) -> str:
        return (
            f"search {self.search_ms:.1f} ms, following {self.follow_ms:.1f}, embedding {self.embed_ms:.1f}, "
            f"expression {self.express_ms:.1f}, object label {self.label_ms:.1f}"
        )


def speed(settings: Settings) -> Iterator[Finding]:
    """The stages' times, and what they come to; nothing is measured when a network would have to be compiled first."""
    from facecam.diagnostics.machine import ready

    if settings.detect.detector != "fast":
        # The mtcnn package is TensorFlow, which takes seconds to load.
        yield Finding("speed", Verdict.OK, "not measured with the mtcnn package: facecam bench --source demo does it")
    elif not ready(settings):
        yield Finding("speed", Verdict.OK, "not measured: the networks are not compiled yet")
    else:
        yield Finding("stages", Verdict.OK, str(stage_times(settings)))
        yield rated(recognized_per_second(settings))


def rated(fps: float) -> Finding:
    """Whether so many frames per second are enough to follow a face."""
    found = f"recognizes about {fps:.0f} frames per second, of 640x480 with one face"
    if fps < _SLOW_FPS:
        return Finding("speed", Verdict.WARNING, found, "Close other programs, or raise detect.min_face_size_px")
    return Finding("speed", Verdict.OK, found)


def stage_times(settings: Settings) -> StageTimes:
    """Each stage on the demo's first frame. The networks must be compiled; ModelError when no face is found there."""
    import numpy as np

    from facecam.detection import boxes
    from facecam.detection.mtcnn import Mtcnn
    from facecam.embedding.embedder import Embedder, align
    from facecam.errors import ModelError
    from facecam.expression.reader import ExpressionReader
    from facecam.objects.classifier import Classifier

    bgr, threads = _demo_pictures(1)[0], settings.identify.threads
    detector, embedder = Mtcnn(settings.detect), Embedder(settings.identify)
    faces = list(detector.detect(bgr)[:1])
    if not faces:
        raise ModelError("no face is found in the demo's portrait; set [detect] back to its defaults")
    carried = boxes.square(np.array([faces[0].box.xyxy], np.float32))
    expressions, classifier = ExpressionReader(threads), Classifier(threads)
    return StageTimes(
        search_ms=_median_ms(lambda: detector.detect(bgr)),
        follow_ms=_median_ms(lambda: detector.confirm(bgr, carried)),
        embed_ms=_median_ms(lambda: embedder.embed([align(bgr, faces[0].landmarks_xy)])),
        express_ms=_median_ms(lambda: expressions.read(bgr, faces)),
        label_ms=_median_ms(lambda: classifier.classify(bgr)),
    )


def recognized_per_second(settings: Settings) -> float:
    """Frames of the demo that the whole recognizer does in a second, reading and logging left out; nobody is enrolled."""
    from facecam.recognizer import Recognizer
    from facecam.types import Frame

    with tempfile.TemporaryDirectory() as nobody, Recognizer(settings, Path(nobody)) as recognizer:
        spent_ms = [
            recognizer(Frame(bgr, index, index * 1000 / 30, 0.0, "demo")).total_ms
            for index, bgr in enumerate(_demo_pictures(_FRAMES))
        ]
    return 1000 / statistics.mean(spent_ms[_WARM_UP_FRAMES:])


def _demo_pictures(count: int) -> list[Image]:
    """The demo's first frames, 640x480: a portrait that fills as much of it as somebody before a webcam."""
    from facecam.capture.demo import DemoSource

    with DemoSource() as demo:
        return [frame.bgr for _ in range(count) if (frame := demo.read()) is not None]


def _median_ms(work: Callable[[], object]) -> float:
    """The median of some runs; the first few, which plan and fill caches, are not counted."""
    spent = []
    for _ in range(_WARM_UP_RUNS + _RUNS):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1e3)
    return statistics.median(spent[_WARM_UP_RUNS:])
