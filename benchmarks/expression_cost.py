"""Cost of expressions: `python -m benchmarks.expression_cost --old FILE.litert` prints Markdown tables.

FILE is the network that facecam shipped before: `git show 2e19647:models/fer_mini_xception.litert > FILE.litert`. Readings of
both networks take turns, and so do recognizers with the old network, with the new one and without expressions. See
docs/internals/expressions.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks import machine
from benchmarks.compose import VGA, Case, clips, frames
from benchmarks.interleaved import Contestant, Summary, Turns, summarize, take_turns
from benchmarks.presentation_cost import enroll
from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import similarity_transform
from facecam.expression.reader import FRAME_XY, NETWORK, ExpressionReader, Gray, network_input
from facecam.networks.litert import CompiledNetwork, FixedBatchNetwork, open_network, softmax
from facecam.recognizer import Recognizer
from facecam.settings import DetectSettings, Settings
from facecam.types import Expression, Face, Floats, Frame, Image

OLD, NEW, OFF = "mini-Xception", "facecam v1", "off"
_CASES = (Case(VGA, 1), Case(VGA, 3))
_FRAME_MS = 1000 / 30
_TURN_FRAMES = 60
_VIDEO_FRAMES = 118
_MEMORY_FRAMES = 60


class MiniXception:
    """The network that facecam shipped before, with its framing and calibration."""

    SIDE_PX = 64
    BIAS = np.array([-0.615, -0.176, -2.086, 0.610, -0.301, 0.400, 2.169], np.float32)
    TEMPERATURE = 0.988
    _FINE_XY = (FRAME_XY + np.float32(0.5)) * np.float32(2 * 64 / 48) - np.float32(0.5)

    def __init__(self, path: Path, threads: int) -> None:
        self.network = CompiledNetwork(path.name, path.read_bytes(), threads)
        self._batches = FixedBatchNetwork(self.network, (1, 2, 4, 8))

    def frame_gray(self, bgr: Image, landmarks_xy: Floats) -> Gray:
        """Return (64, 64) uint8: the face with these landmarks (5, 2), upright and framed as in FER+."""
        fine_px, flags = 2 * self.SIDE_PX, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        to_image = similarity_transform(self._FINE_XY, landmarks_xy)
        fine = cv2.warpAffine(bgr, to_image, (fine_px, fine_px), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        small = cv2.resize(fine, (self.SIDE_PX, self.SIDE_PX), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)

    def raw(self, inputs: Sequence[Floats]) -> Floats:
        """Return (n, 7) uncalibrated probabilities of inputs (64, 64, 1) in -1..1."""
        return self._batches(np.stack(inputs))

    def read(self, bgr: Image, faces: Sequence[Face]) -> list[Expression]:
        """Return the calibrated expression of each face."""
        if not faces:
            return []
        raw = self.raw([network_input(self.frame_gray(bgr, face.landmarks_xy)) for face in faces])
        calibrated = softmax(np.log(np.maximum(raw, 1e-9)) / np.float32(self.TEMPERATURE) + self.BIAS)
        return [Expression(tuple(map(float, row))) for row in calibrated]


def reading_rows(old: Path, rounds: int) -> Iterator[str]:
    """Yield the times of one call of each network, and of one reading of a face with framing and contrast."""
    image = clips()[0].frames[0]
    face = max(Mtcnn(DetectSettings()).detect(image), key=lambda found: found.box.longer_side_px)
    for threads in (1, 2):
        before, now, network = MiniXception(old, threads), ExpressionReader(threads), open_network(NETWORK, threads)
        old_input = network_input(before.frame_gray(image, face.landmarks_xy))[np.newaxis]
        new_input = np.ascontiguousarray(old_input[:, :48, :48])
        works: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "network": (partial(before.network, old_input), partial(network, new_input)),
            "reading": (partial(before.read, image, [face]), partial(now.read, image, [face])),
        }
        for name, (by_old, by_new) in works.items():
            found = _in_turns({OLD: by_old, NEW: by_new}, Turns(rounds, warm_up=10, lead=2, rest_s=0.001), 10)
            ratio = 1 / (found[NEW].times_as_fast or 1)
            yield f"| {name}, threads: {threads} | {found[OLD].median_ms:.3f} | {found[NEW].median_ms:.3f} | {ratio:.2f} |"


def _in_turns(works: dict[str, Callable[[], object]], turns: Turns, calls: int) -> dict[str, Summary]:
    contestants = [Contestant(name, lambda _, work=work: work(), calls) for name, work in works.items()]
    return summarize(take_turns(contestants, turns), OLD)


def frame_rows(old: Path, rounds: int) -> Iterator[str]:
    """Yield the processor's milliseconds per frame in the steady state, with named faces in view."""
    for case in _CASES:
        images = frames(case, _VIDEO_FRAMES)
        with ExitStack() as stack:
            gallery = enroll(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "gallery", case.faces)
            works = {name: _recognize(stack.enter_context(recognizer(name, old, gallery)), images) for name in (OLD, NEW, OFF)}
            turns = Turns(rounds, warm_up=2, clock=time.process_time)
            found = _in_turns(works, turns, _TURN_FRAMES)
        times = " | ".join(f"{found[name].median_ms:.2f}" for name in (OLD, NEW, OFF))
        changes = " | ".join(f"{100 / (found[name].times_as_fast or 1) - 100:+.1f} %" for name in (NEW, OFF))
        yield f"| {case} | {times} | {changes} |"


def recognizer(name: str, old: Path, gallery: Path) -> Recognizer:
    """Return a recognizer with the old network, the new one, or without expressions."""
    made = Recognizer(Settings().replace({"express.enabled": name == NEW}), gallery)
    if name == OLD:  # The new network is never opened, and its memory not used.
        made._settings = Settings()  # noqa: SLF001
        made._expressions = MiniXception(old, Settings().identify.threads)  # type: ignore[assignment]  # noqa: SLF001
    return made


def _recognize(made: Recognizer, images: Sequence[Image]) -> Callable[[], object]:
    numbers = iter(range(10**9))

    def recognize() -> None:
        number = next(numbers)
        made(Frame(images[number % len(images)], number, number * _FRAME_MS, 0.0, "video"))

    return recognize


def memory_mb(name: str, old: Path, case: Case) -> float:
    """Return the resident memory of this process after two seconds of video."""
    images = frames(case, _VIDEO_FRAMES)
    with tempfile.TemporaryDirectory() as folder, recognizer(name, old, enroll(Path(folder) / "gallery", case.faces)) as made:
        recognize = _recognize(made, images)
        for _ in range(_MEMORY_FRAMES):
            recognize()
        return machine.resident_mb() or 0.0


def memory_rows(old: Path) -> Iterator[str]:
    """Yield the memory with each network, the median of three processes."""
    for number, case in enumerate(_CASES):
        found = []
        for name in (OLD, NEW, OFF):
            command = [sys.executable, "-m", "benchmarks.expression_cost", "--old", str(old), "--memory-of", name, str(number)]
            runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(3)]
            found.append(float(np.median([float(out) for out in runs])))
        yield f"| {case} | {' | '.join(f'{one:.1f}' for one in found)} |"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.expression_cost", description=__doc__)
    parser.add_argument("--old", type=Path, required=True, help="mini-Xception, a .litert file")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory-of", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory_of:
        name, number = options.memory_of
        print(memory_mb(name, options.old, _CASES[int(number)]))
        return
    print(f"| one face, median, ms | {OLD} | {NEW} | ratio |\n|---|---|---|---|")
    for row in reading_rows(options.old, 10 * options.rounds):
        print(row, flush=True)
    print(f"\n| processor time per frame, median, ms | {OLD} | {NEW} | {OFF} | {NEW} | {OFF} |\n|---|---|---|---|---|---|")
    for row in frame_rows(options.old, options.rounds):
        print(row, flush=True)
    print(f"\n| resident memory, MB | {OLD} | {NEW} | {OFF} |\n|---|---|---|---|")
    for row in memory_rows(options.old):
        print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
