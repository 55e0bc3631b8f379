"""A training program that is killed after some steps and started again with the same command."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]

Steps = list[list[str]]
"""Rows of a run's log of steps."""


def kill_and_resume(module: str, arguments: Sequence[str], folder: Path, steps: int) -> tuple[Steps, Steps, int]:
    """Kill a run after `steps` steps and repeat the command. Return the rows of both processes and the exit code of the first."""
    command, log = [sys.executable, "-m", module, *arguments], folder / "steps.csv"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and (not log.exists() or len(log.read_text().splitlines()) < steps):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    killed = [line.split(",") for line in log.read_text().splitlines()]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return killed, [line.split(",") for line in log.read_text().splitlines()][len(killed) :], process.returncode
