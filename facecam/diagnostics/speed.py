"""Recognition speed of this machine: each stage alone, then all of them, on the first seconds of the demo with its one face."""

from __future__ import annotations

import statistics
import tempfile
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from facecam.diagnostics.machine import SLOW_FPS, Finding, Verdict, check_compiled_networks
from facecam.settings import Settings

if TYPE_CHECKING:
    from facecam.types import Image

_RUNS = 15
_WARM_UP_RUNS = 3
# Enough frames for a few searches among those that follow a face, and few enough to wait for.
_FRAMES = 90
_WARM_UP_FRAMES = 10


def check_speed(settings: Settings) -> Iterator[Finding]:
    """Report the stage times and the frame rate. Nothing is measured if a network is missing or damaged."""
    if settings.detect.detector != "fast":
        # The mtcnn package loads TensorFlow, which takes seconds.
        yield Finding("speed", Verdict.OK, "not measured with the mtcnn package; to measure it: facecam bench --source demo")
    elif any(finding.verdict is Verdict.FAULT for finding in check_compiled_networks(settings)):
        yield Finding("speed", Verdict.OK, "not measured: a network cannot be opened")
    else:
        stages = ", ".join(f"{name} {ms:.1f} ms" for name, ms in measure_stages(settings).items())
        yield Finding("stages", Verdict.OK, stages)
        yield rate_speed(measure_fps(settings))


def rate_speed(fps: float) -> Finding:
    """Return a warning if the frame rate is too low to follow a face."""
    found = f"recognizes about {fps:.0f} frames per second (640x480, one face)"
    if fps < SLOW_FPS:
        return Finding("speed", Verdict.WARNING, found, "Close other programs, or raise detect.min_face_size_px")
    return Finding("speed", Verdict.OK, found)


def measure_stages(settings: Settings) -> dict[str, float]:
    """Return the median milliseconds of each stage in the first frame of the demo, 640x480 with one face.

    Raises ModelError if no face is found.
    """
    import numpy as np

    from facecam.detection import boxes
    from facecam.detection.mtcnn import Mtcnn
    from facecam.embedding.embedder import Embedder, align
    from facecam.errors import ModelError
    from facecam.expression.reader import ExpressionReader
    from facecam.objects.classifier import Classifier

    bgr, threads = _demo_frames(1)[0], settings.identify.threads
    detector, embedder = Mtcnn(settings.detect), Embedder(settings.identify)
    faces = list(detector.detect(bgr)[:1])
    if not faces:
        raise ModelError("no face found in the demo's portrait; set [detect] back to its defaults")
    carried = boxes.square(np.array([faces[0].box.xyxy], np.float32))
    expressions, classifier = ExpressionReader(threads), Classifier(threads)
    return {
        "search": _median_ms(lambda: detector.detect(bgr)),
        "following": _median_ms(lambda: detector.confirm(bgr, carried)),
        "embedding": _median_ms(lambda: embedder.embed([align(bgr, faces[0].landmarks_xy)])),
        "expression": _median_ms(lambda: expressions.read(bgr, faces)),
        "object label": _median_ms(lambda: classifier.classify(bgr)),
    }


def measure_fps(settings: Settings) -> float:
    """Return the recognizer's frames per second on the demo with an empty gallery, without reading and logging."""
    from facecam.recognizer import Recognizer
    from facecam.types import Frame

    with tempfile.TemporaryDirectory() as empty_gallery, Recognizer(settings, Path(empty_gallery)) as recognizer:
        times_ms = [
            recognizer(Frame(bgr, index, index * 1000 / 30, 0.0, "demo")).total_ms
            for index, bgr in enumerate(_demo_frames(_FRAMES))
        ]
    return 1000 / statistics.mean(times_ms[_WARM_UP_FRAMES:])


def _demo_frames(count: int) -> list[Image]:
    """Return the first frames of the demo: 640x480, with a face as large as that of a person at a webcam."""
    from facecam.capture.demo import DemoSource

    with DemoSource() as demo:
        return [frame.bgr for _ in range(count) if (frame := demo.read()) is not None]


def _median_ms(work: Callable[[], object]) -> float:
    """Return the median duration. The first runs allocate buffers and fill caches, so they do not count."""
    return 1e3 * statistics.median(timeit.repeat(work, number=1, repeat=_WARM_UP_RUNS + _RUNS)[_WARM_UP_RUNS:])
