"""Time of each stage of a frame and the bound of each network: `python -m benchmarks.stages` prints a Markdown table.

The bound is the network's multiply-adds over the rate that a large float32 matrix product reaches here with as many threads.
One face, 640x480, default settings; medians over many calls in one process.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.compose import VGA, Case, frames
from facecam.detection import pyramid
from facecam.detection.boxes import square
from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import Embedder, align
from facecam.expression.reader import ExpressionReader
from facecam.logbook.writer import LogWriter
from facecam.networks.embedding_networks import embedding_network
from facecam.networks.litert import open_network
from facecam.recognition.quality import measure_quality
from facecam.recognizer import Recognizer
from facecam.session.config import describe_session
from facecam.settings import Mode, Settings
from facecam.types import Frame, Image

_CALLS = 60
_GEMM_SIDE = 1536
_PROPOSALS = 24
# Millions of multiply-adds per crop, counted from the layers' shapes.
_RNET_MMAC, _ONET_MMAC, _NN4_MMAC, _EXPRESSION_MMAC = 1.53, 12.9, 200.0, 70.2


@dataclass(frozen=True, slots=True)
class Stage:
    """A measured stage: milliseconds of one call, multiply-adds in millions (None without a network), and when it runs."""

    name: str
    took_ms: float
    mmac: float | None
    when: str


def median_ms(call: Callable[[], object], calls: int = _CALLS) -> float:
    """Return the median time of a call, after one that does not count."""
    call()
    times = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1e3


def gemm_gmac_per_s() -> float:
    """Return the rate of a float32 matrix product in billions of multiply-adds a second."""
    a = np.random.default_rng(0).random((_GEMM_SIDE, _GEMM_SIDE), np.float32)
    return _GEMM_SIDE**3 / (median_ms(lambda: a @ a, 7) / 1e3) / 1e9


def pnet_mmac(plan: pyramid.CanvasLayout) -> float:
    """Return P-Net's multiply-adds over a canvas: 270 for each pixel, then 1440 + 4608 + 160 for each of a quarter as many."""
    return plan.w * plan.h * (270 + (1440 + 4608 + 160) / 4) / 1e6


def detection(bgr: Image, settings: Settings) -> Iterator[Stage]:
    """Yield the cascade's stages on one frame; R-Net on as many crops as a frame with one face usually has proposals."""
    plan = pyramid.layout((bgr.shape[1], bgr.shape[0]), settings.detect.min_face_size_px, settings.detect.scale_factor)
    assert plan is not None
    every = f"a search: every {settings.follow.detect_moving_every_frames} to {settings.follow.detect_every_frames} frames"
    scales, threads = pyramid.Pyramid(), settings.detect.threads
    yield Stage("pyramid", median_ms(lambda: next(scales.tiles(bgr, plan))), None, every)
    pnet = open_network("pnet", threads)
    rnet = open_network("rnet", threads)
    canvas, _ = next(scales.tiles(bgr, plan))
    yield Stage("P-Net", median_ms(lambda: pnet(canvas)), pnet_mmac(plan), every)
    patches = np.zeros((_PROPOSALS, 24, 24, 3), np.float32)
    yield Stage(f"R-Net on {_PROPOSALS} crops", median_ms(lambda: rnet(patches)), _RNET_MMAC * _PROPOSALS, every)
    detector = Mtcnn(settings.detect)
    yield Stage("the whole search", median_ms(lambda: detector.detect(bgr)), None, every)
    face = square(np.array([detector.detect(bgr)[0].box.xyxy], np.float32))
    yield Stage("O-Net with its crop", median_ms(lambda: detector.confirm(bgr, face)), _ONET_MMAC, "following: between searches")


def recognition(bgr: Image, settings: Settings) -> Iterator[Stage]:
    """Yield the stages of one face after detection."""
    face = Mtcnn(settings.detect).detect(bgr)[0]
    alignment = embedding_network(settings.identify.network).alignment
    crop = align(bgr, face.landmarks_xy, alignment)
    settled = f"a settled track: every {settings.follow.embed_every_ms:.0f} ms"
    measured_ms = median_ms(lambda: measure_quality(face, align(bgr, face.landmarks_xy, alignment)))
    yield Stage("align and quality", measured_ms, None, settled)
    embedder = Embedder(settings.identify)
    yield Stage("nn4.small2, face and mirror image", median_ms(lambda: embedder.embed([crop])), 2 * _NN4_MMAC, settled)
    reader = ExpressionReader(settings.identify.threads)
    when = f"every {settings.follow.express_every_ms:.0f} ms"
    yield Stage("expression", median_ms(lambda: reader.read(bgr, [face])), _EXPRESSION_MMAC, when)


def steady_frame(images: list[Image], settings: Settings) -> Stage:
    """Return the mean time of consecutive frames, log rows included."""
    with tempfile.TemporaryDirectory() as folder:
        recognizer = Recognizer(settings, Path(folder) / "gallery")
        with LogWriter(Path(folder), describe_session(settings, Mode.FACES, ["profile"], "")) as log:
            times = []
            for index in range(6 * len(images)):
                started = time.perf_counter()
                image = images[index % len(images)]
                log.write(recognizer(Frame(image, index, index * 1000 / 30, started, "profile")), 0)
                times.append(time.perf_counter() - started)
    return Stage("a frame in the steady state, mean", float(np.mean(times[30:])) * 1e3, None, "every frame")


def main() -> None:
    """Measure and print."""
    settings = Settings()
    images = list(frames(Case(VGA, 1), 60, 3))
    rate = gemm_gmac_per_s()
    stages = [*detection(images[0], settings), *recognition(images[0], settings), steady_frame(images, settings)]
    for name, value in machine.describe().items():
        print(f"- {name}: {value}", file=sys.stderr)
    print(f"Matrix products reach {rate:.0f} billion multiply-adds a second.\n")
    print("| stage | ms | multiply-adds, millions | bound, ms | of the bound's rate | when |\n|---|---|---|---|---|---|")
    for stage in stages:
        bound = None if stage.mmac is None else stage.mmac / rate
        cells = ("", "", "") if bound is None else (f"{stage.mmac:.1f}", f"{bound:.2f}", f"{bound / stage.took_ms:.0%}")
        print(f"| {stage.name} | {stage.took_ms:.2f} | {' | '.join(cells)} | {stage.when} |")


if __name__ == "__main__":
    main()
