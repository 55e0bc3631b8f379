"""What a session is asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from facecam.capture.source import Source
from facecam.mode import Mode
from facecam.settings import Settings
from facecam.types import Frame, Result


class Sink(Protocol):
    """Takes every recognised frame, in the recogniser's thread, and is closed there. What it raises ends the session."""

    def __call__(self, frame: Frame, result: Result, slot: int) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source: how it is named until it is open, and what opens it, given the session's start (time.monotonic)."""

    name: str
    open_it: Callable[[float], Source]


@dataclass(frozen=True, slots=True)
class Plan:
    """Sources and what becomes of them. No `log_dir`: no log.

    With `every_frame` files are not held to their own rate, and none of their frames is left out.
    """

    settings: Settings
    sources: tuple[SourcePlan, ...]
    gallery_dir: Path
    mode: Mode = Mode.FACES
    log_dir: Path | None = None
    every_frame: bool = False
    sinks: tuple[Sink, ...] = ()
