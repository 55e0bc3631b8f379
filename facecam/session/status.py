"""How a session and its sources are, as data: what a status bar, a service's log or a test looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from facecam.enrollment.corrections import Correction
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.networks.convert import ensure_compiled, ensure_fetched, missing
from facecam.recognizer import Recognizer, networks_for
from facecam.session.config import SessionConfig
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.settings import Mode, Settings
from facecam.types import Event


class SourceState(StrEnum):
    """IDLE is before the start and after the end; FAILED stays until a new start."""

    IDLE = "idle"
    OPENING = "opening"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source. `message` is a sentence for the user when something is wrong, else "".

    `fps` is measured over the last second or so, `nominal_fps` what the source says of itself. `frames` counts what it
    delivered, over all reconnections, and `dropped` what of that nobody had time to recognize. `frame_count` is how many there
    will be, None when that is unknown.
    """

    source: str
    state: SourceState
    message: str = ""
    camera_id: str = ""
    live: bool = True
    size_wh: tuple[int, int] | None = None
    fps: float = 0.0
    nominal_fps: float | None = None
    frames: int = 0
    dropped: int = 0
    frame_count: int | None = None
    reconnections: int = 0


class StartupWork(StrEnum):
    """NETWORKS are compiled once on a machine; the GALLERY's new photos are read when it is opened."""

    NETWORKS = "networks"
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True)
class StartupStep:
    """What is done now, and how much of it; `total` is 0 while that is not known."""

    work: StartupWork
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """The whole session. `ready` says whether the networks are loaded; `recognized` counts frames, `rows_lost` the log's.

    `message` is the first sentence that something is wrong; `log_fault` the log's own. `preparing` is what takes time before
    anything is recognized, None when that is not known or over.
    """

    state: SourceState
    message: str
    sources: tuple[SourceStatus, ...]
    ready: bool = False
    recognized: int = 0
    log_fault: str | None = None
    preparing: StartupStep | None = None


def overall(states: tuple[SourceState, ...]) -> SourceState:
    """One word for several sources: running if any is, else the most hopeful of them."""
    for state in (SourceState.RUNNING, SourceState.RECONNECTING, SourceState.OPENING, SourceState.FAILED):
        if state in states:
            return state
    return SourceState.IDLE


# MERGED runtime.preparing: What takes time before anything is recognized, and how far it is.


class StartupProgress:
    """Keeps the step that a recognizer's opening is at. Set in one thread, looked at in others."""

    def __init__(self) -> None:
        self.step: StartupStep | None = None

    def open_recognizer(self, plan: SessionConfig) -> Recognizer:
        """The recognizer that a plan asks for; meanwhile `step` tells how far it is."""
        names = networks_for(plan.settings, plan.mode)
        if missing(names):
            told = self._tell(StartupWork.NETWORKS)
            told(0, len(names))
            ensure_fetched(names, told)
            ensure_compiled(names, lambda done, total, _: told(done, total))
        self.step = None
        return Recognizer(plan.settings, plan.gallery_dir, plan.mode, progress=self._tell(StartupWork.GALLERY))

    def _tell(self, work: StartupWork) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            self.step = StartupStep(work, done, total)

        return told


# MERGED runtime.outcome: What became of something that a running session was asked to change, for whoever asked.

Change = Settings | Mode | Gallery | Correction | EnrollmentCommand


@dataclass(frozen=True, slots=True, eq=False)
class CommandResult:
    """What was asked for, and the event that the log tells it by; `error` says why nothing was changed, None when it was."""

    asked: Change
    event: Event
    error: FacecamError | None = None
