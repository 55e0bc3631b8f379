"""`python -m benchmarks.explaining_live`: what laying heat maps over the live picture costs recognition.

One process recognizes frames as fast as it can, in turn without and with the thread that explains, and says how many a second it
came to. A camera leaves recognition pauses, in which that thread works; here it has none, so that this is the most it can cost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.compose import VGA, Case, frames
from benchmarks.whole_frame import enroll
from facecam.recognizer import Recognizer
from facecam.session.explanation_worker import ExplanationWorker
from facecam.settings import Mode, Settings
from facecam.types import Frame, Image

_FACES = 2


@dataclass(slots=True)
class Turn:
    """One stretch: recognized frames a second, and heat maps a second."""

    frames_per_s: float
    maps_per_s: float


class Course:
    """A recognizer that goes through the same pictures again and again."""

    def __init__(self, recognizer: Recognizer, pictures: list[Image], settings: Settings) -> None:
        self._recognizer, self._pictures, self._settings = recognizer, pictures, settings
        self._index = 0

    def turn(self, seconds: float, *, explained: bool) -> Turn:
        """Recognize for so long, with or without explanations."""
        thread = ExplanationWorker(self._settings.identify) if explained else None
        seen: set[float] = set()
        if thread is not None:
            thread.start()
        self._go(1.0, thread, set())
        started = time.perf_counter()
        count = self._go(seconds, thread, seen)
        lasted = time.perf_counter() - started
        if thread is not None:
            thread.stop()
            thread.join()
        return Turn(count / lasted, len(seen) / lasted)

    def _go(self, seconds: float, thread: ExplanationWorker | None, seen: set[float]) -> int:
        until, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < until:
            self._index += 1
            at_s = self._index / 30
            place = self._index % (2 * len(self._pictures) - 2)
            bgr = self._pictures[place if place < len(self._pictures) else 2 * len(self._pictures) - 2 - place]
            frame = Frame(bgr, self._index, at_s * 1e3, at_s, "composed")
            result = self._recognizer(frame)
            count += 1
            if thread is not None:
                thread.ask(0, frame, result, self._recognizer.gallery)
                seen |= {found.captured_at_s for found, _ in thread.explained(0, result)}
        return count


def main(arguments: list[str]) -> int:
    """Print a line for each mode."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explaining_live", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="turns of each kind (6)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a turn (4)")
    asked = parser.parse_args(arguments)
    pictures = frames(Case(VGA, _FACES), 30, 9)
    with tempfile.TemporaryDirectory() as folder:
        gallery = enroll(Path(folder) / "gallery", frames(Case(VGA, 1), 2, 9))
        for mode in Mode:
            with Recognizer(Settings(), gallery, mode) as recognizer:
                course = Course(recognizer, pictures, Settings())
                turns = [
                    (course.turn(asked.seconds, explained=False), course.turn(asked.seconds, explained=True))
                    for _ in range(asked.rounds)
                ]
            ratio = float(np.median([with_it.frames_per_s / without.frames_per_s for without, with_it in turns]))
            plain, beside, maps = (
                float(np.median(some))
                for some in (
                    [without.frames_per_s for without, _ in turns],
                    [with_it.frames_per_s for _, with_it in turns],
                    [with_it.maps_per_s for _, with_it in turns],
                )
            )
            print(
                f"{mode}: {plain:.1f} frames/s, beside explanations {beside:.1f} ({ratio:.2f} of it), {maps:.2f} maps/s",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
