"""Live session: sources, recognizer and log in worker threads, controlled by a window or a service.

    capture threads ── preview ───────────────────────▶ caller
           └────────── inbox ──▶ recognition thread ── results ──▶ caller, with status()

Every arrow is a queue with one slot per source that keeps the latest value, so nothing shown or logged is late.
"""

from __future__ import annotations

import dataclasses
import threading
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Self

from facecam.enrollment.corrections import Correction
from facecam.errors import FacecamError, LogError
from facecam.gallery.gallery import Gallery
from facecam.logbook.schema import check_labels, new_session_id
from facecam.logbook.writer import LogWriter
from facecam.recognition.person_groups import GroupMatcher
from facecam.recognizer import Recognizer
from facecam.session.capture_worker import CaptureOutputs, CaptureWorker
from facecam.session.config import SessionConfig
from facecam.session.enrollment_service import EnrollmentCommand, EnrollmentStatus
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.markers import Marker, marker_text
from facecam.session.recognition_worker import RecognitionWorker
from facecam.session.recording import RecordingController
from facecam.session.status import CommandResult, SessionStatus, SourceState, overall_state
from facecam.settings import Mode, Settings
from facecam.types import Frame, Result, SourceTime

CLOSING_S = 3.0
"""Time that `stop()` waits for a driver call to return; the thread ends when it does."""


def open_recognizer(config: SessionConfig) -> Recognizer:
    """Open the recognizer of a session: load its networks and read its gallery."""
    return Recognizer(config.settings, config.gallery_dir, config.mode)


class Session:
    """Runs from `start()` until its sources have ended, `stop()`, or an error. Call its methods from one thread.

    SettingsError for labels that are not possible.

    Attributes:
        preview: The newest frame of each source; slots number the sources from 0.
        results: The newest recognized frame of each source and its result.
        recording: Starts and stops a video recording.
        has_log: Whether the session writes a log, which may not be open yet.
        gallery_progress: Photos read before recognition and their number, set by the one who opens the recognizer; None when
            unknown.
    """

    def __init__(self, config: SessionConfig, open_recognizer: Callable[[SessionConfig], Recognizer] = open_recognizer) -> None:
        self.preview: LatestValueQueue[Frame] = LatestValueQueue()
        self.results: LatestValueQueue[tuple[Frame, Result]] = LatestValueQueue()
        self.started_at_s = time.monotonic()
        self._started = False
        self._own_id = new_session_id(datetime.now(UTC))
        self.has_log = config.writes_log
        self._outputs = outputs = CaptureOutputs(self.preview, LatestValueQueue(), threading.Event(), threading.Event())
        self.gallery_progress: tuple[int, int] | None = None
        self.recording = RecordingController()
        config = dataclasses.replace(config, sinks=(*config.sinks, self.recording), labels=check_labels(config.labels))
        self._capture_workers = [
            CaptureWorker(
                source.name, slot, partial(source.open_source, self.started_at_s), outputs, every_frame=config.every_frame
            )
            for slot, source in enumerate(config.sources)
        ]
        self._recognition_worker = RecognitionWorker(
            config,
            self._capture_workers,
            outputs,
            self.results,
            started_at_s=self.started_at_s,
            open_recognizer=open_recognizer,
            recording=self.recording,
        )

    @property
    def log(self) -> LogWriter | None:
        """The log; None before it is open and without one."""
        return self._recognition_worker.log

    @property
    def gallery(self) -> Gallery | None:
        """The gallery; None until it is read, and in a session that has only recognized objects."""
        return self._recognition_worker.gallery

    @property
    def group_matcher(self) -> GroupMatcher | None:
        """Compares groups of faces with the gallery in use; None until it is read. A change replaces it."""
        return self._recognition_worker.group_matcher

    @property
    def session_id(self) -> str | None:
        """The session's id as in its log; None before the log is open. Without a log, the session has an id of its own."""
        if self.log is not None:
            return self.log.details_path.stem
        return None if self.has_log else self._own_id

    def source_time(self, slot: int) -> SourceTime | None:
        """Return the UTC time of t_ms 0 of a source; None for one that is live or not open."""
        return self._capture_workers[slot].time

    @property
    def settings(self) -> Settings:
        """The settings in use. Applied ones that need other embeddings are in use only when the gallery has these."""
        return self._recognition_worker.settings

    @property
    def mode(self) -> Mode:
        """The mode in use."""
        return self._recognition_worker.mode

    @property
    def accepted_settings(self) -> Settings:
        """The settings that wait until the gallery is embedded with them, else those in use."""
        # Read in this order: settings that stop waiting in between are in use then.
        return self._recognition_worker.waiting_settings or self.settings

    @property
    def searches_every_frame(self) -> bool:
        """True if every frame is searched whole for faces, from the next one on. Otherwise most frames only follow known faces.

        To cover strangers, show only results with `is_searched`. May be set from any thread, also before the start.
        """
        return self._recognition_worker.searches_every_frame

    @searches_every_frame.setter
    def searches_every_frame(self, on: bool) -> None:
        self._recognition_worker.searches_every_frame = on

    @property
    def error(self) -> FacecamError | None:
        """The error that ended the session or its first failed source; None without one."""
        errors = [self._recognition_worker.error, *(worker.error for worker in self._capture_workers)]
        return next((error for error in errors if error is not None), None)

    def start(self) -> None:
        """Start the threads and return at once."""
        self._started = True
        for worker in self._capture_workers:
            worker.start()
        self._recognition_worker.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the session to end; return whether it did within `timeout_s`."""
        self._recognition_worker.join(timeout_s)
        return not self._recognition_worker.is_alive()

    @property
    def enrollment(self) -> EnrollmentStatus | None:
        """Status of the running guided enrollment, None without one. Usable from any thread."""
        return self._recognition_worker.enrollment.status

    def apply(self, command: Settings | Mode | Correction | EnrollmentCommand) -> None:
        """Apply settings, a mode, a correction or an enrollment command from the next frame on.

        Settings that need other embeddings, such as those of another network, take effect when a thread has embedded the
        gallery with them; `status().gallery_progress` counts the photos. Until then recognition continues with the settings and
        the gallery in use, and settings that are applied meanwhile replace the waiting ones.

        During an enrollment the session continues after its sources have ended.
        """
        self._recognition_worker.apply(command)

    def change(self, command: Settings | Mode | Correction | EnrollmentCommand) -> None:
        """Deprecated name of `apply`."""
        warnings.warn("Session.change is deprecated, use Session.apply", DeprecationWarning, stacklevel=2)
        self.apply(command)

    def mark(self, text: str, at_s: float | None = None) -> None:
        """Add a marker to the log: a short text at a moment. Usable from any thread.

        Args:
            text: One line of 1 to 200 characters.
            at_s: The moment (time.monotonic), now by default. For a file it becomes the media time shown then.

        Raises:
            SettingsError: The text is not possible.
            LogError: The session has no log, or has ended.
        """
        marker = Marker(marker_text(text), time.monotonic() if at_s is None else at_s)
        if not self.has_log:
            raise LogError("this session writes no log, so that the marker has no place; start it without --no-log")
        if not self._recognition_worker.takes_markers:
            raise LogError("the session has ended; start another one to add markers to its log")
        self._recognition_worker.mark(marker)

    def pause(self, on: bool) -> None:
        """Pause or resume: a paused file waits, and a paused live source is not shown, recognized or logged."""
        if on:
            self._outputs.paused.set()
        else:
            self._outputs.paused.clear()

    def seek(self, t_ms: float) -> None:
        """Continue the files at another time. Their tracks end, and the log has an event with the code `seeked`.

        While paused, one frame is shown and recognized. Sources whose `length_ms` is None do not move.
        """
        for worker in self._capture_workers:
            worker.seek(t_ms)

    def step(self) -> None:
        """Show and recognize the next frame of each paused file."""
        for worker in self._capture_workers:
            worker.step()

    def loop(self, on: bool) -> None:
        """Begin files again at their end, or no longer."""
        for worker in self._capture_workers:
            worker.loops = on

    def take_command_results(self) -> list[CommandResult]:
        """Return the results of corrections and the refused commands since the last call."""
        waiting = self._recognition_worker.command_results
        return [waiting.popleft() for _ in range(len(waiting))]

    def status(self) -> SessionStatus:
        """Return the current status of the session and its sources."""
        sources = tuple(worker.status() for worker in self._capture_workers)
        failed = self._recognition_worker.error
        state = SourceState.FAILED if failed else overall_state(tuple(source.state for source in sources))
        message: str = failed.text if failed else next((source.message for source in sources if source.message), "")
        fault = self.log.fault if self.log else None
        is_ready = self._outputs.ready.is_set()
        worker = self._recognition_worker
        progress = worker.gallery_progress if is_ready else self.gallery_progress
        return SessionStatus(state, message, sources, is_ready, worker.recognized, fault, progress, worker.gallery_fault)

    def stop(self) -> bool:
        """Stop the threads, close the log and release the cameras. False when a driver call lasts longer than CLOSING_S."""
        if not self._started:
            return True
        deadline_s = time.monotonic() + CLOSING_S
        for worker in self._capture_workers:
            worker.stop()
        self._recognition_worker.stop()
        for latest in (self.preview, self._outputs.inbox, self.results):
            latest.close()
        for thread in (self._recognition_worker, *self._capture_workers):
            thread.join(max(0.0, deadline_s - time.monotonic()))
        return not any(thread.is_alive() for thread in (self._recognition_worker, *self._capture_workers))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
