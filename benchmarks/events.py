"""Cost of events for recognition: `python -m benchmarks.events` prints a Markdown table.

Sessions recognize the demo's portraits, played as a live camera would deliver them, with two events per second to a command that
works, hangs, crashes or floods, and without events. They take turns, so that other load on the machine affects all of them alike;
a ratio is computed within each round. Each figure is the median over the rounds; the gap is the longest time between two
recognized frames, which a frame that was dropped makes longer.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import logging
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.presentation_cost import enroll
from facecam.capture.demo import DemoSource
from facecam.events.event import EventKind, SessionEvent
from facecam.events.publisher import EventOptions, EventPublisher
from facecam.events.worker import EventFeed
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import Frame, Result

OFF = "no events"
COMMANDS = {
    "works": "cat",
    "hangs": "sleep 1000",
    "crashes": "sh -c 'kill -SEGV $$'",
    "floods": "head -c 20000000 /dev/zero",
}
_EVENTS_PER_S = 2.0
_WARM_UP_FRAMES = 30


class FrameTimes:
    """Sink that keeps the time of each recognized frame."""

    def __init__(self) -> None:
        self.total_ms: list[float] = []
        self.at_s: list[float] = []

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:  # noqa: ARG002 - as of its protocol
        self.total_ms.append(result.total_ms)
        self.at_s.append(time.monotonic())

    def close(self) -> None:
        """Keep the times."""

    def figures(self) -> dict[str, float]:
        """Return median and 95th percentile of the time of a frame, and the longest gap between two, in milliseconds."""
        total_ms = self.total_ms[_WARM_UP_FRAMES:]
        gaps_ms = np.diff(self.at_s[_WARM_UP_FRAMES:]) * 1e3
        return {"median": statistics.median(total_ms), "p95": float(np.percentile(total_ms, 95)), "gap": float(gaps_ms.max())}


def run(gallery: Path, name: str) -> tuple[dict[str, float], str]:
    """Run a session and return its figures, and the numbers of its events."""
    times, feed, status = FrameTimes(), EventFeed(), ""
    sources = (SourceConfig("demo", lambda _: DemoSource()),)
    config = SessionConfig(Settings().replace({"track.presentation_check": False}), sources, gallery, sinks=(times,))
    with ExitStack() as stack:
        if name == OFF:
            session = stack.enter_context(Session(config))
            while not session.wait(0.1):
                pass
            return times.figures(), "-"
        publisher = stack.enter_context(EventPublisher(EventOptions(commands=(COMMANDS[name],), timeout_s=1.0), io.StringIO()))
        session = Session(dataclasses.replace(config, sinks=(times, feed)))
        publisher.watch(session, feed)
        stack.enter_context(session)
        while not session.wait(1 / _EVENTS_PER_S):
            publisher.publish(SessionEvent(EventKind.PERSON_ARRIVED, datetime.now(UTC), 0.0, "benchmark", "demo", "1", "Ada"))
        status = publisher.status()
    assert not any(thread.name.startswith("events") for thread in threading.enumerate())
    return times.figures(), status.removeprefix("events: ")


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args(arguments)
    logging.getLogger("facecam").setLevel(logging.ERROR)
    names = (OFF, *COMMANDS)
    rounds: list[dict[str, dict[str, float]]] = []
    counts: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        gallery = enroll(Path(folder) / "gallery", 1)
        for number in range(args.rounds):
            found = {}
            for name in names[number % len(names) :] + names[: number % len(names)]:
                found[name], counts[name] = run(gallery, name)
            rounds.append(found)
    print("| command | frame, median | frame, 95th percentile | longest gap | median relative to no events | events |")
    print("|---|---|---|---|---|---|")
    for name in names:
        median, p95, gap = (statistics.median(found[name][figure] for found in rounds) for figure in ("median", "p95", "gap"))
        ratio = statistics.median(found[name]["median"] / found[OFF]["median"] for found in rounds)
        print(f"| {name} | {median:.2f} ms | {p95:.2f} ms | {gap:.0f} ms | {ratio:.3f} | {counts[name]} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
