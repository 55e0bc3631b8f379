"""`python -m benchmarks.start`: how long from the command to the first picture in the window, on a display in memory.

Seen from outside, as a person sees it: a process is started, and the screen is watched until a picture stands on it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import machine
from facecam.capture.demo import demo_picture
from tests.ui.desk import Desk, missing_for_a_desk

_COLOURS = 30.0
"""Buttons alone spread less over the scale of brightness than any picture does."""

_PATIENCE_S = 60.0


def seconds_to_picture(desk: Desk) -> float:
    """From the start of the process to the picture."""
    begun_s = time.monotonic()
    desk.begin("--source", "demo", "--no-log")
    while time.monotonic() - begun_s < _PATIENCE_S:
        # The middle of the window: the demo's first picture is a bright portrait.
        if desk.pixels()[250:500, 250:600].std() > _COLOURS:
            return time.monotonic() - begun_s
        time.sleep(0.01)
    raise SystemExit(f"no picture came: {desk.said}")


def main(arguments: list[str]) -> int:
    """Measure and print JSON; the first start warms the caches and does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    asked = parser.parse_args(arguments)
    if missing := missing_for_a_desk():
        raise SystemExit(missing)
    took_s = []
    with tempfile.TemporaryDirectory() as name:
        person = Path(name) / "gallery" / "Eileen Collins"
        person.mkdir(parents=True)
        (person / "portrait.jpg").write_bytes(demo_picture("eileen_collins").read_bytes())
        for _ in range(asked.starts + 1):
            with Desk(Path(name)) as desk:
                took_s.append(round(seconds_to_picture(desk), 3))
    figures = {"first_s": took_s[0], "starts_s": took_s[1:], "median_s": round(statistics.median(took_s[1:]), 3)}
    print(json.dumps({**machine.describe(), **figures}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
