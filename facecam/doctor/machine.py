"""The ground that facecam stands on: operating system, memory, packages, clock."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from facecam import __version__
from facecam.doctor.check import Finding, Verdict

MEMINFO = Path("/proc/meminfo")

PACKAGES = (
    "numpy",
    "opencv-python",
    "ai-edge-litert",
    "tensorflow",
    "PySide6-Essentials",
)
"""Asked for their version only: importing TensorFlow would take longer than all the rest of the doctor."""

OPENCVS = ("opencv-python", "opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")
"""They all bring the same module cv2: two of them overwrite each other's files."""

# What compiling the networks takes at its peak; recognising takes a third of it.
_LITTLE_MEMORY_BYTES = 1.0e9

_PLAUSIBLE_YEARS = range(2025, 2100)
# A step or a drift of the wall clock; being interrupted between two readings takes less.
_APART_S = 0.1
# Windows' coarsest timer is 16 ms; with more, frames of a camera with 30 a second would get the same time.
_COARSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that a log's times come from, in seconds, and the finest step of the monotonic one."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    resolution_s: float = time.get_clock_info("monotonic").resolution


def system(meminfo: Path = MEMINFO) -> Finding:
    """Operating system, Python, processors, and the memory that is free."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{_system_name()}, Python {platform.python_version()}, {processors} processor{'s'[: processors > 1]}"
    free = free_memory_bytes(meminfo)
    if free is None:
        return Finding("system", Verdict.OK, found)
    found += f", {free / 1e9:.1f} GB of memory free"
    if free < _LITTLE_MEMORY_BYTES:
        advice = "Close other programs: compiling the networks, once, takes about 1 GB"
        return Finding("system", Verdict.WARNING, found, advice)
    return Finding("system", Verdict.OK, found)


def free_memory_bytes(meminfo: Path = MEMINFO) -> int | None:
    """What programs may still take without swapping, as Linux estimates it; None on other systems."""
    if not meminfo.is_file():
        return None
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def packages(names: Sequence[str] = PACKAGES) -> Iterator[Finding]:
    """The versions of what facecam is built on, and a fault for each that is not installed."""
    versions = {name: installed_version(name) for name in names}
    there = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    yield Finding("packages", Verdict.OK, f"facecam {__version__}; {there}")
    for name, version in versions.items():
        if version is None:
            yield Finding("packages", Verdict.FAULT, f"{name} is not installed", "Install facecam again, as the README says")
    rivals = [name for name in OPENCVS if installed_version(name)]
    if len(rivals) > 1:
        advice = f"Uninstall all of them, then install {OPENCVS[0]} alone"
        yield Finding("packages", Verdict.WARNING, f"{' and '.join(rivals)} overwrite each other's files", advice)


def installed_version(name: str) -> str | None:
    """A distribution's version without importing it; None when it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def clock(clocks: Clocks | None = None, interval_s: float = 0.2) -> Finding:
    """Whether the times in a log can be trusted: the date, and that wall and monotonic clock run alike for `interval_s`."""
    clocks = clocks or Clocks()
    wall_s, monotonic_s = clocks.wall(), clocks.monotonic()
    time.sleep(interval_s)
    apart_s = (clocks.wall() - wall_s) - (clocks.monotonic() - monotonic_s)
    now = datetime.fromtimestamp(wall_s, UTC)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now.year not in _PLAUSIBLE_YEARS:
        return Finding("clock", Verdict.FAULT, found, "Set the date: logs are named and stamped by it")
    if abs(apart_s) > _APART_S:
        found = f"the wall clock moved {apart_s * 1e3:+.0f} ms against the monotonic one within {interval_s:g} s"
        return Finding("clock", Verdict.WARNING, found, "Wait until the clock is set, or see what sets it: logs take its time")
    if clocks.resolution_s > _COARSE_S:
        found += f", but the monotonic clock moves in steps of {clocks.resolution_s * 1e3:.0f} ms"
        return Finding(
            "clock", Verdict.WARNING, found, "Expect frames with the same time in the log: this system has no finer one"
        )
    return Finding("clock", Verdict.OK, f"{found}, and the monotonic clock runs alike")


def _system_name() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not Linux, or one that does not say
        name = f"{platform.system()} {platform.release()}"
    return f"{name} ({platform.machine()})"
