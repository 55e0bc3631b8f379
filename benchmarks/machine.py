"""Description of the machine: processor, cores, threads, versions, and its load before the run."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from facecam import __version__
from facecam.settings import Settings

_PACKAGES = (
    "ai-edge-litert",
    "tensorflow",
    "keras",
    "mtcnn",
    "opencv-python",
    "numpy",
    "dlib",
    "face_recognition",
    "faiss-cpu",
)


def version(package: str) -> str | None:
    """Return the installed version; None when the package is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def describe() -> dict[str, Any]:
    """Return the facts that a reader of the figures needs, as plain values."""
    settings = Settings()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": processor(),
        "cores": cores(),
        "load before the run": "unknown" if busy is None else f"{busy:.2f}",
        "system": f"{platform.system()} {platform.release()}",
        "threads": {
            "facecam detect": settings.detect.threads,
            "facecam identify": settings.identify.threads,
            "TensorFlow": "its default, all cores",
            "dlib": 1,
            "faiss": "its default, all cores",
        },
        "versions": {
            "facecam": __version__,
            "Python": platform.python_version(),
            **{package: version(package) or "not installed" for package in _PACKAGES},
        },
    }


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """Return the processor's model name where the system provides it."""
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def resident_mb(*, peak: bool = False) -> float | None:
    """Return this process's current or peak memory in MB; None where the system does not provide it.

    Read from /proc: getrusage's peak would include the parent's memory from before exec.
    """
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    wanted = "VmHWM:" if peak else "VmRSS:"
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(wanted))
    return int(line.split()[1]) / 1024
