"""The session as the window sees it: polled by one timer, told in signals that carry no frame.

A frame in a queued signal would be kept for as long as the window is busy: measured, seconds of lag and gigabytes. The timer
takes what is newest, and whoever is told reads it here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.enrollment.corrections import Correction
from facecam.gallery.gallery import Gallery
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.session.session import Session
from facecam.session.status import SessionStatus, SourceState
from facecam.session.visitors import Presence
from facecam.settings import Mode, Settings
from facecam.types import Frame, Result

POLL_MS = 16
"""Twice per frame of a 30 fps camera: a picture waits half a frame at most."""

_STATUS_EVERY = 12

_IDLE = SessionStatus(SourceState.IDLE, "", ())


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What is to be seen: sources as the command line names them, and how they are looked at."""

    sources: tuple[str, ...]
    settings: Settings
    mode: Mode = Mode.FACES


@dataclass(frozen=True, slots=True)
class AppPaths:
    """Where things lie, None where that is not known: the people's folder, the logs, the configuration file that was named."""

    gallery_dir: Path | None = None
    log_dir: Path | None = None
    config: Path | None = None


class SessionController(QObject):
    """Runs one session at a time and keeps the newest of everything, by source (`slot`, from 0). For the GUI's thread.

    `frames` holds each source's newest frame, `results` its newest recognized frame and what was recognized in it. `presence`
    is who is and was there in this session.
    """

    pictured = Signal(int)
    """A source has a new frame in `frames`."""
    recognized = Signal(int)
    """A source has a new entry in `results`."""
    status_changed = Signal()
    """`status` is another one."""
    gallery_changed = Signal()
    """`gallery` is another one."""
    wish_changed = Signal()
    """`wish` is another one."""
    presence_changed = Signal()
    """`presence` may be another one; about five times a second while somebody is there."""
    answered = Signal(object)
    """An Outcome: a correction was carried out, or something that was asked for was refused."""
    begun = Signal()
    """A session has been started; the one before has ended."""
    ended = Signal()
    """The session has ended by itself: its sources are over, or `error` says what failed."""

    def __init__(
        self,
        begin: Callable[[SessionRequest], Session],
        wish: SessionRequest,
        parent: QObject | None = None,
        *,
        places: AppPaths | None = None,
    ) -> None:
        """`begin` makes a session, not started, of a wish."""
        super().__init__(parent)
        self._begin = begin
        self._session: Session | None = None
        self._ending: threading.Thread | None = None
        self._paused = False
        self._polls = 0
        self.wish = wish
        self.places = places or AppPaths()
        self.frames: dict[int, Frame] = {}
        self.results: dict[int, tuple[Frame, Result]] = {}
        self.status = _IDLE
        self.gallery: Gallery | None = None
        self.presence = Presence()
        self._presence_told = 0
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def session(self) -> Session | None:
        """The running session, or the one that ended last."""
        return self._session

    @property
    def log_path(self) -> Path | None:
        """Where the session writes its rows."""
        return self._session.log.path if self._session and self._session.log else None

    @property
    def running(self) -> bool:
        """Whether pictures come: False while paused, between two sessions, and after the end."""
        return self._timer.isActive() and not self._paused and self._ending is None

    @property
    def changing(self) -> bool:
        """Whether the session before is still ending."""
        return self._ending is not None

    @property
    def paused(self) -> bool:
        """Whether the picture is held."""
        return self._paused

    def pause(self, on: bool) -> None:
        """Hold the picture or go on. Nothing is recognized or logged meanwhile; what comes next is not held."""
        if self._session is not None and on is not self._paused:
            self._paused = on
            self._session.pause(on)

    def start(self) -> None:
        """Begin with what is wished for; what runs is ended first, which may take a moment."""
        self.frames.clear()
        self.results.clear()
        if self._ending is not None:
            return  # what begins then is what is wished for then
        if self._session is not None and not self._session.wait(0):
            # A camera or a long log takes its time to close, and the window must not stand still for it.
            self._ending = threading.Thread(target=self._session.stop, name="ending", daemon=True)
            self._ending.start()
            self._timer.start()
        else:
            self._start_now()

    def _start_now(self) -> None:
        self._ending, self._paused = None, False
        self.frames.clear()
        self.results.clear()
        self.presence, self._presence_told = Presence(), -1
        self._session = self._begin(self.wish)
        self._session.start()
        self._polls = 0
        self._timer.start()
        self.begun.emit()

    def stop(self) -> bool:
        """End the session; False when a driver keeps its thread."""
        self._timer.stop()
        if self._ending is not None:
            self._ending.join()
            self._ending = None
        return self._session.stop() if self._session else True

    def open(self, *sources: str) -> None:
        """Look at other sources from now on."""
        self.wish = replace(self.wish, sources=sources)
        self.start()
        self.wish_changed.emit()

    def change(self, to: Settings | Mode | Correction | EnrollmentCommand) -> None:
        """Go on with other settings, in another mode, with what the user said of a face, or with an enrollment, from the next
        frame on.
        """
        if isinstance(to, Settings):
            self.wish = replace(self.wish, settings=to)
        elif isinstance(to, Mode):
            self.wish = replace(self.wish, mode=to)
        if self._session is not None and self._ending is None:
            self._session.change(to)
        if isinstance(to, Settings | Mode):
            self.wish_changed.emit()

    def _poll(self) -> None:
        session = self._session
        assert session is not None
        if self._ending is not None:
            if not self._ending.is_alive():
                self._start_now()
            return
        for _ in self.wish.sources:
            if (taken := session.preview.take()) is not None:
                self.frames[taken[0]] = taken[1]
                self.pictured.emit(taken[0])
            if (recognized := session.results.take()) is not None:
                self.results[recognized[0]] = recognized[1]
                self.presence.see(recognized[0], *recognized[1])
                self.recognized.emit(recognized[0])
        self._polls += 1
        if self._polls % _STATUS_EVERY == 1:
            self._look_at_status(session)

    def _look_at_status(self, session: Session) -> None:
        gallery, status = session.gallery, session.status()
        if gallery is not self.gallery:
            self.gallery = gallery
            self.gallery_changed.emit()
        if status != self.status:
            self.status = status
            self.status_changed.emit()
        for outcome in session.take_outcomes():
            self.answered.emit(outcome)
        ended = session.wait(0)
        self._look_at_presence(ended=ended)
        if ended:
            self._timer.stop()
            self.ended.emit()

    def _look_at_presence(self, *, ended: bool) -> None:
        if ended:
            self.presence.end()
        elif not self._paused:  # nobody leaves a picture that is held
            self.presence.pass_time(time.monotonic())
        if self.presence.revision != self._presence_told:
            self._presence_told = self.presence.revision
            self.presence_changed.emit()
