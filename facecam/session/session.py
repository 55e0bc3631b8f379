"""A live session: sources, recognizer and log at work in threads of their own, and what a window or a service asks of them.

    capture threads ── preview ─────────────────────▶ whoever shows it
           └────────── inbox ──▶ recognize thread ── results ──▶ whoever shows them, with status()

Every arrow is a mailbox with one slot per source: the newest wins, so nothing that is shown or logged is late.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

from facecam.enrollment.corrections import Correction
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.logbook.writer import LogWriter
from facecam.recognizer import Recognizer
from facecam.session.capture_worker import CaptureOutputs, CaptureWorker
from facecam.session.config import SessionConfig
from facecam.session.enrollment_service import EnrollmentCommand, EnrollmentStatus
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.recognition_worker import RecognitionWorker
from facecam.session.recording import RecordingController
from facecam.session.status import CommandResult, SessionStatus, SourceState, StartupProgress, overall
from facecam.settings import Mode, Settings
from facecam.types import Frame, Result

CLOSING_S = 3.0
"""How long an end waits for a driver that does not return; its thread ends by itself once it does."""


def open_recognizer(plan: SessionConfig) -> Recognizer:
    """The recognizer that a plan asks for, its networks compiled and its gallery read."""
    return Recognizer(plan.settings, plan.gallery_dir, plan.mode)


class Session:
    """Runs a plan from `start()` until its sources have ended, `stop()`, or a fault. Its methods are for one thread.

    `preview` holds each source's newest frame, `results` its newest recognized frame with what was recognized; slots are the
    plan's sources, from 0. `recording` writes a video while it is told to; `preparing` is for whoever opens the recognizer.
    """

    def __init__(self, plan: SessionConfig, open_recognizer: Callable[[SessionConfig], Recognizer] = open_recognizer) -> None:
        self.preview: LatestValueQueue[Frame] = LatestValueQueue()
        self.results: LatestValueQueue[tuple[Frame, Result]] = LatestValueQueue()
        self.started_at_s = time.monotonic()
        self._started = False
        inbox: LatestValueQueue[Frame] = LatestValueQueue()
        go = threading.Event()
        self._paused = threading.Event()
        outlets = CaptureOutputs(self.preview, inbox, go, self._paused)
        self.preparing = StartupProgress()
        self.recording = RecordingController(lambda slot: self._feeds[slot].status().nominal_fps)
        plan = dataclasses.replace(plan, sinks=(*plan.sinks, self.recording))
        self._feeds = [
            CaptureWorker(source.name, slot, partial(source.open_it, self.started_at_s), outlets, every_frame=plan.every_frame)
            for slot, source in enumerate(plan.sources)
        ]
        self._go = go
        self._inbox = inbox
        self._recognize = RecognitionWorker(
            plan,
            self._feeds,
            inbox,
            self.results,
            go=go,
            started_at_s=self.started_at_s,
            open_recognizer=open_recognizer,
        )

    @property
    def log(self) -> LogWriter | None:
        """The log, from when it is open."""
        return self._recognize.log

    @property
    def gallery(self) -> Gallery | None:
        """The people faces are compared with: None until they are read, and as long as only objects are looked at."""
        return self._recognize.gallery

    @property
    def error(self) -> FacecamError | None:
        """What made the session, or the first source that failed, end; None while and when all is well."""
        errors = [self._recognize.error, *(feed.error for feed in self._feeds)]
        return next((error for error in errors if error is not None), None)

    def start(self) -> None:
        """Begin; returns at once."""
        self._started = True
        for feed in self._feeds:
            feed.start()
        self._recognize.start()

    def wait(self, timeout_s: float) -> bool:
        """Whether everything has ended by itself within that time."""
        self._recognize.join(timeout_s)
        return not self._recognize.is_alive()

    @property
    def guided(self) -> EnrollmentStatus | None:
        """How far the enrollment before the camera is, None without one. For any thread."""
        return self._recognize.guiding.now

    def change(self, to: Settings | Mode | Correction | EnrollmentCommand) -> None:
        """Go on with other settings, in another mode, with what somebody said of a face, or with an enrollment, from the next
        frame on. While somebody is enrolled the session goes on when its sources have ended.
        """
        self._recognize.change(to)

    def pause(self, on: bool) -> None:
        """Hold the picture or go on: meanwhile a file waits, and nothing of a live source is shown, recognized or logged."""
        if on:
            self._paused.set()
        else:
            self._paused.clear()

    def take_outcomes(self) -> list[CommandResult]:
        """What became of the corrections, and of the changes that were refused, since this was last asked."""
        waiting = self._recognize.outcomes
        return [waiting.popleft() for _ in range(len(waiting))]

    def status(self) -> SessionStatus:
        """How everything is now."""
        sources = tuple(feed.status() for feed in self._feeds)
        failed = self._recognize.error
        state = SourceState.FAILED if failed else overall(tuple(source.state for source in sources))
        message = str(failed) if failed else next((source.message for source in sources if source.message), "")
        fault = self.log.fault if self.log else None
        step = None if self._go.is_set() else self.preparing.step
        return SessionStatus(state, message, sources, self._go.is_set(), self._recognize.recognized, fault, step)

    def stop(self) -> bool:
        """End it: the log is closed, the cameras are given back. False when a driver keeps its thread beyond CLOSING_S."""
        if not self._started:
            return True
        until_s = time.monotonic() + CLOSING_S
        for feed in self._feeds:
            feed.stop()
        self._recognize.stop()
        for mailbox in (self.preview, self._inbox, self.results):
            mailbox.close()
        for thread in (self._recognize, *self._feeds):
            thread.join(max(0.0, until_s - time.monotonic()))
        return not any(thread.is_alive() for thread in (self._recognize, *self._feeds))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
