"""Cost of the check for presentation attacks: `python -m benchmarks.presentation_cost` prints JSON.

Two recognizers take turns on the same video, one with the check and one without: the processor's milliseconds per frame in the
steady state, with named faces in view. The time to the first name and the memory of the networks are measured beside them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from benchmarks import machine
from benchmarks.compose import VGA, Case, clips, frame, frames
from benchmarks.interleaved import Contestant, Turns, take_turns
from facecam.presentation.detector import PresentationDetector
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import Box, Frame

ON, OFF = "with the check", "without"
_CASES = (Case(VGA, 1), Case(VGA, 3))
_FRAME_MS = 1000 / 30
_TURN_FRAMES = 90
"""Frames of a turn: a named face is scored every one or two seconds."""

_VIDEO_FRAMES = 118
_PHOTO_EVERY = 6


def enroll(gallery: Path, people: int) -> Path:
    """Write a gallery with a person for each of the first clips, with every sixth of its images."""
    for clip in clips()[:people]:
        (gallery / clip.name).mkdir(parents=True)
        for number, image in enumerate(clip.frames[::_PHOTO_EVERY]):
            cv2.imwrite(str(gallery / clip.name / f"{number}.png"), image)
    return gallery


def steady(case: Case, rounds: int) -> dict[str, object]:
    """Return the milliseconds per frame of both recognizers, their ratio, and the share of frames with a name and a score."""
    images = frames(case, _VIDEO_FRAMES)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        gallery = enroll(folder / "gallery", case.faces)
        counted: dict[str, list[tuple[bool, bool]]] = {ON: [], OFF: []}

        def work(name: str) -> Callable[[int], object]:
            settings = Settings().replace({"track.presentation_check": name == ON})
            recognizer, index = stack.enter_context(Recognizer(settings, gallery)), iter(range(10**9))

            def run(_: int) -> None:
                number = next(index)
                result = recognizer(Frame(images[number % len(images)], number, number * _FRAME_MS, 0.0, "video"))
                decided = [sighting.track_decision for sighting in result.sightings]
                counted[name].append((any(d.decision.name for d in decided), any(d.is_scored for d in decided)))

            return run

        turns = Turns(rounds=rounds, warm_up=2, clock=time.process_time)
        times = take_turns([Contestant(name, work(name), _TURN_FRAMES) for name in (OFF, ON)], turns)
    ratios = [with_check / without for with_check, without in zip(times[ON], times[OFF], strict=True)]
    return {
        "ms_per_frame": {name: round(statistics.median(values), 3) for name, values in times.items()},
        "dearer_percent": round((statistics.median(ratios) - 1) * 100, 2),
        "dearer_percent_10_90": [round((float(value) - 1) * 100, 2) for value in np.percentile(ratios, (10, 90))],
        "named": {name: round(float(np.mean([named for named, _ in rows])), 3) for name, rows in counted.items()},
        "scored": round(float(np.mean([scored for _, scored in counted[ON]])), 4),
    }


def first_name_ms(check: bool) -> list[float]:
    """Return the media time until the first name, once for each of several places in the video."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        gallery = enroll(Path(folder) / "gallery", 1)
        with Recognizer(Settings().replace({"track.presentation_check": check}), gallery) as recognizer:
            for slot in range(12):
                for number in range(90):
                    shown = Frame(frame(Case(VGA, 1), 9 * slot + number), number, number * _FRAME_MS, 0.0, "video")
                    result = recognizer(shown, slot)
                    if any(sighting.track_decision.decision.name for sighting in result.sightings):
                        found.append(round(number * _FRAME_MS, 1))
                        break
                recognizer.finish(90 * _FRAME_MS, slot)
    return found


def memory_mb() -> float:
    """Return how much the resident memory grows by the networks and their first score of one face."""
    image = frame(Case(VGA, 1), 0)
    before = machine.resident_mb()
    detector = PresentationDetector(threads=1)
    detector.live_scores(image, [Box(280, 180, 80, 90)])
    grown = machine.resident_mb() - before
    del detector
    return round(grown, 1)


def figures(rounds: int) -> Iterator[tuple[str, object]]:
    """Yield all figures by name."""
    yield "memory_mb", memory_mb()
    yield "steady", {str(case): steady(case, rounds) for case in _CASES}
    yield "first_name_ms", {name: first_name_ms(name == ON) for name in (ON, OFF)}


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.presentation_cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args(arguments)
    print(json.dumps({**machine.describe(), **dict(figures(args.rounds))}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
