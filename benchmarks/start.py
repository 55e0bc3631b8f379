"""Time from the command to the first image in the window: `python -m benchmarks.start`, on a virtual display.

Measured from outside: a process is started, and the screen is polled until it shows an image.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import machine
from facecam.capture.demo import demo_image
from tests.ui.virtual_display import VirtualDisplay, missing_programs

_COLORS = 30.0
"""Standard deviation of brightness; buttons alone stay below it, images do not."""

_PATIENCE_S = 60.0


_ALONE = """
import gc
gc.disable()  # as the command itself does first
import facecam.cli.main as app, facecam.cli.runner as job, sys
opened = job.open_source
job.open_source = lambda text, settings, started_at_s: opened("demo", settings, started_at_s)
sys.argv = ["facecam"]
app.main()
"""
"""`facecam` without arguments, with the demo instead of the camera, which few benchmark machines have."""

_COMMANDS = {"facecam": ["-c", _ALONE], "facecam run --source demo": ["-m", "facecam", "run", "--source", "demo", "--no-log"]}


def seconds_to_picture(display: VirtualDisplay, words: list[str], bytecode: Path) -> float:
    """Return the seconds from the start of the process to the image. Bytecode is kept, as for an installed program."""
    environment = display.environment() | {"PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun_s = time.monotonic()
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, *words], cwd=display.home, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            while time.monotonic() - begun_s < _PATIENCE_S:
                # A few lines in the middle of the window: the demo's first image is a bright portrait.
                if display.pixels(slice(370, 374))[:, 250:600].std() > _COLORS:
                    return time.monotonic() - begun_s
                time.sleep(0.01)
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)
            while display.pixels(slice(370, 374)).any():  # the next one begins on an empty screen
                time.sleep(0.05)
    raise SystemExit("no image came")


def main(arguments: list[str]) -> int:
    """Measure and print JSON; the first start warms the caches and does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    args = parser.parse_args(arguments)
    if missing := missing_programs():
        raise SystemExit(missing)
    took_s: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        person = home / "gallery" / "Eileen Collins"
        person.mkdir(parents=True)
        (person / "portrait.jpg").write_bytes(demo_image("eileen_collins").read_bytes())
        with VirtualDisplay(home) as display:
            for _ in range(args.starts + 1):
                for command, words in _COMMANDS.items():  # in turn: what else the machine does falls on both
                    took_s[command].append(round(seconds_to_picture(display, words, home / "bytecode"), 3))
    figures = {
        command: {"first_s": took[0], "starts_s": took[1:], "median_s": round(statistics.median(took[1:]), 3)}
        for command, took in took_s.items()
    }
    print(json.dumps({**machine.describe(), **figures}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
