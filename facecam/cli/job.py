"""What `run` and `demo` ask for, as data, and how its sources are opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from facecam.capture.excerpt import Excerpt
from facecam.capture.source import Source, open_source
from facecam.errors import FacecamError
from facecam.mode import Mode
from facecam.settings import Settings


@dataclass(frozen=True, slots=True)
class Extract:
    """Which frames are wanted: every N-th, between two times of the media."""

    every: int = 1
    from_ms: float = 0.0
    to_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be played, and what is to become of it. No `log_dir`: no log."""

    settings: Settings
    sources: tuple[str, ...]
    mode: Mode
    gallery_dir: Path
    log_dir: Path | None
    record: Path | None
    window: bool
    extract: Extract = Extract()


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done: frames recognised, the log, if there is one, and what ended it, if something did."""

    frames: int
    log_path: Path | None
    error: FacecamError | None
    log_fault: str = ""


def shown(text: str) -> str:
    """How a source is named until it is open: an address without its credentials."""
    if "://" not in text:
        return text
    from facecam.capture.address import masked  # brings sockets and TLS, which a camera does not need

    return masked(text)


def open_job_source(text: str, job: Job, started_at_s: float, *, whole: bool = False) -> Source:
    """The source, of which only the frames come that the job wants; all of them with `whole`."""
    source = open_source(text, job.settings.capture, started_at_s)
    wanted = job.extract
    return source if whole or wanted == Extract() else Excerpt(source, wanted.every, wanted.from_ms, wanted.to_ms)
