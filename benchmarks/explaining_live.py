"""Cost of live heat maps for recognition: `python -m benchmarks.explaining_live`.

One process recognizes frames as fast as possible, alternately without and with the explanation thread. With a camera that thread
uses the pauses between frames; here there are none, so this is its maximum cost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.compose import VGA, Case, forward_and_back, frames
from benchmarks.whole_frame import enroll
from facecam.recognizer import Recognizer
from facecam.session.explanation_worker import ExplanationWorker
from facecam.settings import Mode, Settings
from facecam.types import Frame, Image

_FACES = 2


@dataclass(slots=True)
class Turn:
    """Rates of one turn: recognized frames and heat maps per second."""

    frames_per_s: float
    maps_per_s: float


class LoopedRecognition:
    """Recognizer that processes the same images again and again."""

    def __init__(self, recognizer: Recognizer, images: list[Image], settings: Settings) -> None:
        self._recognizer, self._images, self._settings = recognizer, images, settings
        self._index = 0

    def turn(self, seconds: float, *, explained: bool) -> Turn:
        """Recognize for `seconds`, with or without explanations."""
        thread = ExplanationWorker(self._settings.identify) if explained else None
        explained_at_s: set[float] = set()
        if thread is not None:
            thread.start()
        self._recognize(1.0, thread, set())
        started = time.perf_counter()
        count = self._recognize(seconds, thread, explained_at_s)
        lasted = time.perf_counter() - started
        if thread is not None:
            thread.stop()
            thread.join()
        return Turn(count / lasted, len(explained_at_s) / lasted)

    def _recognize(self, seconds: float, thread: ExplanationWorker | None, explained_at_s: set[float]) -> int:
        until, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < until:
            self._index += 1
            at_s = self._index / 30
            bgr = forward_and_back(self._images, self._index)
            frame = Frame(bgr, self._index, at_s * 1e3, at_s, "composed")
            result = self._recognizer(frame)
            count += 1
            if thread is not None:
                thread.submit(0, frame, result, self._recognizer.gallery)
                explained_at_s |= {found.captured_at_s for found, _ in thread.explanations(0, result)}
        return count


def main(arguments: list[str]) -> int:
    """Print a line for each mode."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explaining_live", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="turns of each kind (6)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a turn (4)")
    args = parser.parse_args(arguments)
    images = frames(Case(VGA, _FACES), 30, 9)
    with tempfile.TemporaryDirectory() as folder:
        gallery = enroll(Path(folder) / "gallery", frames(Case(VGA, 1), 2, 9))
        for mode in Mode:
            with Recognizer(Settings(), gallery, mode) as recognizer:
                recognition = LoopedRecognition(recognizer, images, Settings())
                turns = [
                    (recognition.turn(args.seconds, explained=False), recognition.turn(args.seconds, explained=True))
                    for _ in range(args.rounds)
                ]
            ratio = float(np.median([with_it.frames_per_s / without.frames_per_s for without, with_it in turns]))
            plain, explained, maps = (
                float(np.median(some))
                for some in (
                    [without.frames_per_s for without, _ in turns],
                    [with_it.frames_per_s for _, with_it in turns],
                    [with_it.maps_per_s for _, with_it in turns],
                )
            )
            print(
                f"{mode}: {plain:.1f} frames/s, with explanations {explained:.1f} ({ratio:.2f} of it), {maps:.2f} maps/s",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
