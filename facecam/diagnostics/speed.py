"""Recognition speed of this machine: each stage alone, then all of them, on the first seconds of the demo with its one face.

The time of the embedding networks is kept in the user's cache folder, where the settings page finds it.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import timeit
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from facecam.diagnostics.machine import SLOW_FPS, Finding, Verdict, check_compiled_networks
from facecam.fileio import MAX_TEXT_BYTES, cache_dir, create_private_folder, parse_json, read_regular, write_private
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.settings import IdentifySettings, Settings

if TYPE_CHECKING:
    from facecam.types import Image

COMPARED_NETWORKS = (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)
_COSTS_FILE = "embedding_costs.json"
_NO_GALLERY = "no-gallery"
"""Name of a folder that does not exist: a gallery without people."""

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

    Expressions are not among them if they are off.

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
    works: dict[str, Callable[[], object]] = {
        "search": lambda: detector.detect(bgr),
        "following": lambda: detector.confirm(bgr, carried),
        "embedding": lambda: embedder.embed([align(bgr, faces[0].landmarks_xy, embedder.network.alignment)]),
    }
    if settings.express.enabled:
        reader = ExpressionReader(threads)
        works["expression"] = lambda: reader.read(bgr, faces)
    classifier = Classifier(threads)
    works["object label"] = lambda: classifier.classify(bgr)
    return {name: _median_ms(work) for name, work in works.items()}


def measure_embedding_costs(
    settings: IdentifySettings, report_progress: Callable[[int, int], None] | None = None
) -> dict[str, float]:
    """Return the milliseconds per face of COMPARED_NETWORKS, alignment included, and store them for `embedding_costs`.

    The networks take turns, and the shortest time of each counts: other load on the machine only adds to it.
    """
    from dataclasses import replace

    from facecam.embedding.embedder import Embedder, align

    bgr = _demo_frames(1)[0]
    works = {}
    for name in COMPARED_NETWORKS:
        embedder = Embedder(replace(settings, network=name))
        # The time does not depend on what the image shows.
        alignment = embedder.network.alignment
        works[name] = lambda embedder=embedder, alignment=alignment: embedder.embed(
            [align(bgr, alignment.template_xy, alignment)]
        )
    times_s: dict[str, list[float]] = {name: [] for name in works}
    for run in range(_WARM_UP_RUNS + 2 * _RUNS):
        for name, work in works.items():
            times_s[name].append(timeit.timeit(work, number=1))
        if report_progress is not None:
            report_progress(run + 1, _WARM_UP_RUNS + 2 * _RUNS)
    costs_ms = {name: round(1e3 * min(times), 2) for name, times in times_s.items()}
    _store_costs({_cost_key(name, settings): cost_ms for name, cost_ms in costs_ms.items()})
    return costs_ms


def embedding_costs(settings: IdentifySettings) -> dict[str, float]:
    """Return the stored milliseconds per face of COMPARED_NETWORKS for these settings, {} unless both were measured."""
    stored = _stored_costs()
    measured = {name: stored.get(_cost_key(name, settings)) for name in COMPARED_NETWORKS}
    costs_ms = {name: cost_ms for name, cost_ms in measured.items() if isinstance(cost_ms, float)}
    return costs_ms if costs_ms.keys() == measured.keys() else {}


def _cost_key(name: str, settings: IdentifySettings) -> str:
    averaging = "mirrored" if settings.mirrored else "single"
    return f"{name}:{embedding_network(name).sha256[:16]}:{averaging}:{settings.threads}"


def _costs_path() -> Path:
    return cache_dir() / _COSTS_FILE


def _stored_costs() -> Mapping[str, object]:
    """Return what was measured on this machine; nothing if the file is missing or damaged."""
    try:
        stored = parse_json(read_regular(_costs_path(), MAX_TEXT_BYTES))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _store_costs(costs_ms: Mapping[str, float]) -> None:
    path = _costs_path()
    with contextlib.suppress(OSError):  # The figures are only shown; without a file they are measured again.
        create_private_folder(path.parent)
        write_private(path, (json.dumps({**_stored_costs(), **costs_ms}, indent=2) + "\n").encode())


def measure_fps(settings: Settings) -> float:
    """Return the recognizer's frames per second on the demo with an empty gallery, without reading and logging."""
    from facecam.recognizer import Recognizer
    from facecam.types import Frame

    with Recognizer(settings, cache_dir() / _NO_GALLERY) as recognizer:
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
