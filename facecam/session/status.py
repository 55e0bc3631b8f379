"""Status of a session and its sources, and results of commands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from facecam.enrollment.corrections import Correction
from facecam.errors import FacecamError
from facecam.gallery.undo import GalleryChange
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.session.gallery_monitor import LoadedGallery
from facecam.settings import Mode, Settings
from facecam.types import Event


class SourceState(StrEnum):
    """State of a source. IDLE is before the start and after the end; FAILED stays until a new start."""

    IDLE = "idle"
    OPENING = "opening"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """Status of one source. `message` is a text for the user when something is wrong, else "".

    `fps` is measured over about the last second, `nominal_fps` is what the source reports. `frames` counts the delivered frames
    over all reconnections, `dropped` those that were not recognized. `frame_count` is the source's length, None when unknown;
    `length_ms` that of a source in which `Session.seek` can move.
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
    length_ms: float | None = None


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """Status of the whole session.

    Attributes:
        state: State of all sources together.
        message: The first sentence about something wrong, else "".
        ready: Whether the networks are loaded.
        recognized: Number of recognized frames.
        log_fault: Message when the log cannot be written.
        gallery_progress: Photos read and their number: before `ready`, those of the gallery (None when unknown); afterward, those
            for settings that wait until the gallery is embedded with them (None without such, (0, 0) when unknown).
        gallery_fault: Message when the recognized people may not be those in the gallery folder, such as a network share that is
            gone.
    """

    state: SourceState
    message: str
    sources: tuple[SourceStatus, ...]
    ready: bool = False
    recognized: int = 0
    log_fault: str | None = None
    gallery_progress: tuple[int, int] | None = None
    gallery_fault: str | None = None


def overall_state(states: tuple[SourceState, ...]) -> SourceState:
    """Return the state of several sources together: running if any is, else the most hopeful one."""
    for state in (SourceState.RUNNING, SourceState.RECONNECTING, SourceState.OPENING, SourceState.FAILED):
        if state in states:
            return state
    return SourceState.IDLE


Command = Settings | Mode | LoadedGallery | Correction | EnrollmentCommand


@dataclass(frozen=True, slots=True, eq=False)
class CommandResult:
    """Result of a command and its event in the log.

    `error` says why the command was refused, None when it was applied. `undoable` and `redoable` are the corrections that
    UndoCorrection and RedoCorrection would take next.
    """

    command: Command
    event: Event
    error: FacecamError | None = None
    undoable: GalleryChange | None = None
    redoable: GalleryChange | None = None
