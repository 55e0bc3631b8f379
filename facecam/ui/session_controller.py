"""Bridge between the window and the running session: one timer polls, signals announce changes.

No signal carries a frame: queued signals would keep frames for as long as the window is busy (measured: seconds of lag and
gigabytes). Receivers read the newest values from the controller instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.capture.devices import CameraSystem
from facecam.enrollment.corrections import Correction
from facecam.gallery.gallery import Gallery
from facecam.rendering.privacy import FaceCover
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.session.gallery_monitor import EndedSession
from facecam.session.session import CLOSING_S, Session
from facecam.session.status import Command, SessionStatus, SourceState
from facecam.session.visitors import VisitorTracker
from facecam.settings import Mode, Settings
from facecam.types import Box, Frame, Result

POLL_MS = 16
"""Twice per frame of a 30 fps camera: a frame waits half a frame interval at most."""

_POLLS_PER_STATUS = 12
_ENDED_POLL_MS = 100


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """Sources (as the command line names them), settings, mode and labels of the session to run."""

    sources: tuple[str, ...]
    settings: Settings
    mode: Mode = Mode.FACES
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppPaths:
    """Gallery folder, log folder and the configuration file given by the user; None where unknown."""

    gallery_dir: Path | None = None
    log_dir: Path | None = None
    config: Path | None = None


class SessionController(QObject):
    """Runs one session at a time and holds its newest values. For the GUI thread.

    Attributes:
        frames: Newest frame of each source, by slot (from 0).
        results: Newest recognized frame of each source and its result.
        covered_frames: Newest frame of each source that was searched whole for faces, and the areas of strangers in it.
        visitor_tracker: Visitors of this session, present and past.
    """

    frame_received = Signal(int)
    """A source has a new frame in `frames`."""
    recognized = Signal(int)
    """A source has a new entry in `results`."""
    status_changed = Signal()
    gallery_changed = Signal()
    request_changed = Signal()
    covering_changed = Signal()
    """`covers_strangers` has changed."""
    settings_changed = Signal()
    """The settings in use have changed, see `settings`."""
    visitors_changed = Signal()
    """Emitted about five times a second while a visitor is present."""
    command_finished = Signal(object)
    """A CommandResult: a correction was carried out, or a command was refused."""
    started = Signal()
    """A session has started; the previous one has ended."""
    ended = Signal()
    """The sources are exhausted, `finish` was called, or the session failed (`session.error`)."""

    def __init__(
        self,
        create_session: Callable[[SessionRequest], Session],
        request: SessionRequest,
        parent: QObject | None = None,
        *,
        paths: AppPaths | None = None,
        camera_system: CameraSystem | None = None,
    ) -> None:
        """`create_session` returns a session for a request, without starting it."""
        super().__init__(parent)
        self._create_session = create_session
        self._ending: threading.Thread | None = None
        self._starts_next = self._starts_paused = False
        self.is_finished = False
        """`finish` has ended the session."""
        self._is_paused = False
        self._paused_at_s = 0.0
        self._loops = False
        self._covers_strangers = False
        self._polls = 0
        self._presence_revision = 0
        self.session: Session | None = None
        """The running session, or the last one."""
        self.request = request
        self.session_labels: Mapping[str, str] = request.labels
        """Labels of the running session; those of `request` are of the next one."""
        self.paths = paths or AppPaths()
        self.camera_system = camera_system or CameraSystem()
        self.full_addresses: dict[str, str] = {}
        """Addresses that were opened, with their passwords, by what the list of recent ones keeps of them. In memory only."""
        self.frames: dict[int, Frame] = {}
        self.results: dict[int, tuple[Frame, Result]] = {}
        self.covered_frames: dict[int, tuple[Frame, tuple[Box, ...]]] = {}
        self._face_covers: dict[int, FaceCover] = {}
        self.recognized.connect(self._cover_strangers)  # Before all views, which show what it has covered.
        self.status = SessionStatus(SourceState.IDLE, "", ())
        self.gallery: Gallery | None = None
        self._polled_settings: Settings | None = None
        self.visitor_tracker = VisitorTracker()
        self._ended_session: EndedSession | None = None
        self._ended_settings: Settings | None = None
        """Settings with which the frames of the ended session were decided again; None before."""
        self._ended_timer = QTimer(self, interval=_ENDED_POLL_MS)
        self._ended_timer.timeout.connect(self._poll_ended)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def log_path(self) -> Path | None:
        return self.session.log.path if self.session and self.session.log else None

    @property
    def gallery_dir(self) -> Path | None:
        """The gallery's folder, None while it is unknown."""
        return self.paths.gallery_dir or (self.gallery.folder if self.gallery is not None else None)

    @property
    def settings(self) -> Settings:
        """The settings in use. Those of `request` may wait until the gallery is embedded with them."""
        if self._ended_settings is not None:
            return self._ended_settings
        return self.request.settings if self.session is None else self.session.settings

    @property
    def is_running(self) -> bool:
        """True while frames arrive: not while paused, between two sessions, or after the end."""
        return self._timer.isActive() and not self._is_paused and self._ending is None

    @property
    def has_session(self) -> bool:
        """True while a session runs, also while it is paused."""
        return self.session is not None and self._ending is None and not self.session.wait(0)

    @property
    def is_switching(self) -> bool:
        """True while a session is ending."""
        return self._ending is not None

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    def pause(self, on: bool) -> None:
        """Pause or resume a running session. A paused one neither recognizes nor logs."""
        if self.session is not None and self.has_session and on is not self._is_paused:
            self._is_paused = on
            self.session.pause(on)
            if on:
                self._paused_at_s = time.monotonic()
            else:
                self.visitor_tracker.skip_pause(time.monotonic() - self._paused_at_s)

    @property
    def is_recording(self) -> bool:
        """True while a recording of the session is running."""
        return self.session is not None and self.session.recording.path is not None

    @property
    def covers_strangers(self) -> bool:
        """True if the window and its recordings cover the faces of everyone who is not known."""
        return self._covers_strangers

    @covers_strangers.setter
    def covers_strangers(self, on: bool) -> None:
        if on is not self._covers_strangers:
            self._covers_strangers = on
            if self.session is not None:
                self.session.searches_every_frame = on
            self.covering_changed.emit()

    def _cover_strangers(self, slot: int) -> None:
        """Take over the areas of strangers in a new result, also while they are not covered: one who is hidden then stays so."""
        frame, result = self.results[slot]
        areas = self._face_covers.setdefault(slot, FaceCover()).update(result)
        if result.mode is not Mode.FACES:
            self.covered_frames.pop(slot, None)
        elif result.is_searched:
            self.covered_frames[slot] = frame, areas

    @property
    def length_ms(self) -> float | None:
        """Length of the longest file, None unless every source is a file in which `seek` can move."""
        lengths = [source.length_ms for source in self.status.sources]
        known = [length_ms for length_ms in lengths if length_ms is not None]
        return max(known) if known and len(known) == len(lengths) else None

    @property
    def position_ms(self) -> float:
        """Media time of the newest frame."""
        return max((frame.t_ms for frame in self.frames.values()), default=0.0)

    def seek(self, t_ms: float) -> None:
        """Continue the files at another time; a paused one shows one frame."""
        if self.has_session and self.session is not None and self.length_ms is not None:
            self.session.seek(min(max(0.0, t_ms), self.length_ms))

    def step(self) -> None:
        """Pause the files, or show the next frame of the paused ones."""
        if not self.has_session or self.session is None or self.length_ms is None:
            return
        if self._is_paused:
            self.session.step()
        else:
            self.pause(True)

    def play_again(self) -> None:
        """Start files that have ended from their beginning; anything else goes on."""
        if self.session is not None and self._ending is None and self.session.wait(0) and self.length_ms is not None:
            self.start()

    def loop(self, on: bool) -> None:
        """Begin the files of this and later sessions again at their end, or no longer."""
        self._loops = on
        if self.session is not None:
            self.session.loop(on)

    def start(self, *, paused: bool = False) -> None:
        """Start a session for `request`; a running one is stopped first, which may take a moment."""
        self._clear_frames()
        self._starts_next, self._starts_paused = True, paused
        if self._ending is not None:
            return  # The session that starts next uses the newest request.
        if self.session is not None and not self.session.wait(0):
            self._end(self.session)
        else:
            self._start_now()

    def finish(self) -> None:
        """End the session; `ended` follows. Its last image and its visitors stay."""
        if self.session is not None and self._ending is None and not self.session.wait(0):
            self._starts_next, self.is_finished = False, True
            self._end(self.session)

    def _clear_frames(self) -> None:
        self.frames.clear()
        self.results.clear()
        self.covered_frames.clear()
        self._face_covers.clear()

    def drop_ended_session(self) -> threading.Thread | None:
        """Drop the images and the visitors of an ended session, and stop reading the gallery for it.

        Returns:
            The thread that may still be reading, None without one.
        """
        self._clear_frames()
        self.visitor_tracker, self._presence_revision = VisitorTracker(), -1
        ended = self._leave_ended_session()
        self.visitors_changed.emit()
        self.status_changed.emit()
        return ended

    def read_gallery_again(self) -> None:
        """Read the gallery again for a session that has ended, after `drop_ended_session`."""
        if self.session is None or self.has_session or self.is_switching or self._ended_session is not None:
            return
        self._watch_ended(self.session)
        if self._ended_session is not None:
            self._ended_session.apply(replace(self.request.settings))  # other settings make it read at once

    def _end(self, session: Session) -> None:
        # A camera or a long log takes time to close, and the window must not freeze meanwhile.
        self._ending = threading.Thread(target=session.stop, name="ending", daemon=True)
        self._ending.start()
        self._timer.start()

    def _start_now(self) -> None:
        self._leave_ended_session()
        self._ending, self._is_paused, self.is_finished = None, False, False
        leave_after_s = self.request.settings.track.leave_after_ms / 1e3
        self.visitor_tracker, self._presence_revision = VisitorTracker(leave_after_s), -1
        self.session, self.session_labels = self._create_session(self.request), self.request.labels
        self.session.loop(self._loops)
        self.session.searches_every_frame = self._covers_strangers
        self.session.start()
        self.pause(self._starts_paused)
        self._polls = 0
        self._timer.start()
        self.started.emit()

    def stop(self) -> bool:
        """Stop the session; return False when a driver does not release its thread."""
        self._timer.stop()
        if self._ending is not None:
            self._ending.join()
            self._ending = None
        if (ended := self._leave_ended_session()) is not None:
            ended.join(CLOSING_S)
        return self.session.stop() if self.session else True

    def open(self, *sources: str) -> None:
        """Switch to other sources."""
        self.request = replace(self.request, sources=sources)
        self.start()
        self.request_changed.emit()

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """Give the next session these labels. Those of the running one stay, because its rows have them."""
        self.request = replace(self.request, labels=dict(labels))
        self.request_changed.emit()

    def change(self, to: Settings | Mode | Correction | EnrollmentCommand) -> None:
        """Apply settings, a mode, a correction or an enrollment command from the next frame on."""
        if isinstance(to, Settings):
            self.request = replace(self.request, settings=to)
        elif isinstance(to, Mode):
            self.request = replace(self.request, mode=to)
        if self.session is not None and self._ending is None:
            self.session.apply(to)
        if self._ended_session is not None and isinstance(to, Settings):
            self._ended_session.apply(to)
        if isinstance(to, Settings | Mode):
            self.request_changed.emit()

    def _poll(self) -> None:
        session = self.session
        assert session is not None
        if self._ending is not None:
            if self._ending.is_alive():
                return
            if self._starts_next:
                self._start_now()
                return
            self._ending = None
        has_ended = session.wait(0)  # Read first: everything that an ended session left is then taken below.
        self.visitor_tracker.use_matcher(session.group_matcher)
        for _ in self.request.sources:
            if (received := session.preview.take()) is not None:
                slot, self.frames[slot] = received
                self.frame_received.emit(slot)
            if (recognized := session.results.take()) is not None:
                slot, (frame, result) = recognized
                self.visitor_tracker.update(slot, frame, result)
                self._show_result(slot, (frame, result))
        self._polls += 1
        if self._polls % _POLLS_PER_STATUS == 1:
            self._poll_status(session, has_ended=has_ended)

    def _show_result(self, slot: int, recognized: tuple[Frame, Result]) -> None:
        is_decided_again = slot in self.results and self.results[slot][0] is recognized[0]
        if is_decided_again and not recognized[1].is_searched:
            self.covered_frames.pop(slot, None)  # It may show somebody who is a stranger now.
        self.results[slot] = recognized
        self.recognized.emit(slot)

    def _poll_status(self, session: Session, *, has_ended: bool) -> None:
        gallery, status = session.gallery, session.status()
        if gallery is not self.gallery:
            self.gallery = gallery
            self.gallery_changed.emit()
        if session.settings is not self._polled_settings:
            self._polled_settings = session.settings
            self.settings_changed.emit()
        if status != self.status:
            self.status = status
            self.status_changed.emit()
        for result in session.take_command_results():
            if result.error is not None:
                self._withdraw(result.command, session)
            self.command_finished.emit(result)
        if has_ended:
            self.visitor_tracker.end()
        elif not self._is_paused:  # Visitors do not leave while the video is paused.
            self.visitor_tracker.advance(time.monotonic())
        if self.visitor_tracker.revision != self._presence_revision:
            self._presence_revision = self.visitor_tracker.revision
            self.visitors_changed.emit()
        if has_ended:
            self._timer.stop()
            self._watch_ended(session)
            self.ended.emit()

    def _watch_ended(self, session: Session) -> None:
        """Keep what an ended session shows up to date."""
        if session.gallery is None:
            return
        self._ended_session = EndedSession(session.gallery.folder, session.settings, self.results)
        if self.request.settings != session.settings:
            self._ended_session.apply(self.request.settings)
        self._ended_session.start()
        self._ended_timer.start()

    def _poll_ended(self) -> None:
        """Take over what the changed gallery, or other settings, make of the last frames of an ended session."""
        while self._ended_session is not None and not self._ended_session.decisions.empty():
            decided = self._ended_session.decisions.get()
            self._ended_settings, self.gallery = decided.settings, decided.gallery
            self.visitor_tracker.use_matcher(decided.group_matcher)
            for slot, recognized in decided.results.items():
                self._show_result(slot, recognized)
            self.gallery_changed.emit()
            self.settings_changed.emit()
            self.visitors_changed.emit()

    def _leave_ended_session(self) -> EndedSession | None:
        """Stop the thread of the ended session and return it, None without one."""
        ended, self._ended_session, self._ended_settings = self._ended_session, None, None
        self._ended_timer.stop()
        if ended is not None:
            ended.stop()
        return ended

    def _withdraw(self, refused: Command, session: Session) -> None:
        """Return to the settings and the mode that the session has accepted, unless others were requested meanwhile."""
        request = self.request
        if refused is request.settings:
            self.request = replace(request, settings=session.accepted_settings)
        elif refused is request.mode:
            self.request = replace(request, mode=session.mode)
        if self.request != request:
            self.request_changed.emit()
