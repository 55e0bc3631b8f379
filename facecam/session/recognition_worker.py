"""The thread that owns the recognizer and the log: takes the newest frame, recognizes it, logs it, passes it on."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from facecam.enrollment.corrections import AssignName, AssignNameToImage, RejectName, UndoCorrection
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery, folder_fingerprint
from facecam.logbook.schema import RowOrigin
from facecam.logbook.writer import LogWriter
from facecam.recognizer import Recognizer
from facecam.session.capture_worker import CaptureWorker
from facecam.session.config import SessionConfig, deciding, describe, difference, who_is_enrolled
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentService, EnrollmentStep
from facecam.session.housekeeping import ClockMonitor, GalleryMonitor, LogRetention
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.status import Change, CommandResult
from facecam.settings import Mode, Settings
from facecam.types import Event, Frame, Result

_log = logging.getLogger(__name__)

BAD_FRAMES = 5
"""So many frames in a row that cannot be recognized are no accident."""

_TICK_S = 0.1
_OPENING_S = 3.0
_OUTCOMES_KEPT = 100


class RecognitionWorker(threading.Thread):
    """Recognizes what comes into `inbox` until every feed has ended, `stop()`, or a fault, which is in `error` then.

    `go` is set when the networks and the gallery are there. `started_at_s` (time.monotonic) is when t_ms is 0.
    """

    def __init__(
        self,
        plan: SessionConfig,
        feeds: Sequence[CaptureWorker],
        inbox: LatestValueQueue[Frame],
        results: LatestValueQueue[tuple[Frame, Result]],
        *,
        go: threading.Event,
        started_at_s: float,
        open_recognizer: Callable[[SessionConfig], Recognizer],
    ) -> None:
        super().__init__(name="recognize", daemon=True)
        self._plan = plan
        self._feeds = feeds
        self._inbox = inbox
        self._results = results
        self._go = go
        self._started_at_s = started_at_s
        self._open_recognizer = open_recognizer
        self._stopping = threading.Event()
        self._changes: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._recognizer: Recognizer | None = None
        self._settings = plan.settings
        self._watch: GalleryMonitor | None = None
        self._clock = ClockMonitor()
        self._keeping: LogRetention | None = None
        self._last: dict[int, Frame] = {}
        self._problem: FacecamError | None = None
        self._bad_frames = 0
        self.error: FacecamError | None = None
        self.log: LogWriter | None = None
        self.recognized = 0
        self.outcomes: deque[CommandResult] = deque(maxlen=_OUTCOMES_KEPT)
        self.guiding = EnrollmentService()

    @property
    def gallery(self) -> Gallery | None:
        """The people faces are compared with; None until they are read."""
        gallery = None if self._recognizer is None else self._recognizer.gallery
        return gallery if gallery is not None and gallery.embedding_id else None

    def change(self, to: Change) -> None:
        """Go on with other settings, in another mode, with these people, or with what somebody said of a face. For any thread."""
        self._changes.put(to)

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    def run(self) -> None:
        stack = contextlib.ExitStack()
        done = self._guarded(lambda: self._open(stack)) and self._guarded(self._loop)
        # Who ends the program by Ctrl-C ends the child that compiles networks, too: no fault.
        self.error = None if done or self._stopping.is_set() else self._problem
        if not self._guarded(stack.close):
            self.error = self.error or self._problem
        self._inbox.close()
        for feed in self._feeds:
            feed.stop()

    def _guarded(self, step: Callable[[], None]) -> bool:
        """Whether a step went well; else `_problem` says in a sentence what did not."""
        try:
            step()
            return True
        except FacecamError as error:
            self._problem = error
        except Exception as error:
            _log.debug("recognition failed inside", exc_info=True)
            self._problem = FacecamError(f"recognition failed inside ({type(error).__name__}: {error}); please report this")
        return False

    def _open(self, stack: contextlib.ExitStack) -> None:
        for sink in self._plan.sinks:
            stack.callback(sink.close)
        seen = folder_fingerprint(self._plan.gallery_dir)
        self._recognizer = stack.enter_context(self._open_recognizer(self._plan))
        self._watch = GalleryMonitor(self._plan.gallery_dir, self._settings, seen, self.change)
        stack.callback(self._watch.close)
        self._open_log(stack)
        if self._recognizer.mode is Mode.FACES:
            self._watch.start()
        self._go.set()

    def _open_log(self, stack: contextlib.ExitStack) -> None:
        """Open the log once the sources are open, or have had time for it: its json says what they are."""
        assert self._recognizer is not None
        until_s = time.monotonic() + _OPENING_S
        for feed in self._feeds:
            feed.opened.wait(max(0.0, until_s - time.monotonic()))
        states = [feed.status() for feed in self._feeds]
        if self._plan.log_dir is None or all(feed.error is not None and not feed.status().live for feed in self._feeds):
            return
        started_at_utc = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._started_at_s)
        names, revision = [status.source for status in states], self._recognizer.gallery.revision
        info = describe(self._settings, self._recognizer.mode, names, revision, started_at_utc=started_at_utc)
        opened = [
            {"source": status.source, "camera_id": status.camera_id, "size_wh": status.size_wh, "fps": status.nominal_fps}
            for status in states
        ]
        info = dataclasses.replace(info, details={**info.details, "sources": opened})
        part_bytes = round(self._settings.log.part_mb * 1e6)
        self.log = stack.enter_context(LogWriter(self._plan.log_dir, info, part_bytes=part_bytes))
        self._keeping = LogRetention(self._plan.log_dir)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._apply_changes()
            taken = self._inbox.take(_TICK_S)
            self._log_what_happened()
            if taken is not None:
                self._recognize(*taken)
            self._finish_silent()
            # Whoever enrolls from a film chooses the pictures when it is over.
            if not any(feed.is_alive() for feed in self._feeds) and not self._last and self.guiding.now is None:
                break
        self._log_what_happened()
        for slot in list(self._last):
            self._finish(slot)

    def _recognize(self, slot: int, frame: Frame) -> None:
        """Recognize a frame; a bad one is logged and skipped, too many in a row end the session."""
        results: list[Result] = []

        def recognize() -> None:
            assert self._recognizer is not None
            self._recognizer.embed_every_face = self.guiding.wants(slot)
            results.append(self._recognizer(frame, slot))

        self._last[slot] = frame
        if not self._guarded(recognize):
            self._skip(slot, frame)
            return
        self._bad_frames = 0
        if self.log is not None:
            self.log.write(results[0], self._inbox.dropped(slot))
        self.recognized += 1
        for sink in self._plan.sinks:
            sink(frame, results[0], slot)
        self._results.put((frame, results[0]), slot)
        if results[0].mode is Mode.FACES and self.guiding.wants(slot):
            self._enroll_from(frame)

    def _enroll_from(self, frame: Frame) -> None:
        """Pass the frame that was just recognized to whoever is being enrolled; what goes wrong there ends that alone."""
        assert self._recognizer is not None
        recognizer = self._recognizer
        if not self._guarded(lambda: self._say(*self.guiding.observe(frame, recognizer))):
            assert self._problem is not None
            self._say(self.guiding.fail(self._problem))

    def _skip(self, slot: int, frame: Frame) -> None:
        assert self._problem is not None
        self._bad_frames += 1
        self._event(Event("error", f"frame {frame.index}: {self._problem}"), frame.t_ms, slot)
        if self._bad_frames == BAD_FRAMES:
            raise FacecamError(f"{BAD_FRAMES} frames in a row could not be recognized, the last one since {self._problem}")

    def _finish_silent(self) -> None:
        """Let go of everybody in a source that was lost or has ended, once its last frame is recognized."""
        for slot in list(self._last):
            if not self._feeds[slot].delivering and not self._inbox.holds(slot):
                self._finish(slot)

    def _finish(self, slot: int) -> None:
        assert self._recognizer is not None
        last = self._last.pop(slot)
        for event in self._recognizer.finish(last.t_ms, slot):
            self._event(event, last.t_ms, slot)

    def _apply_changes(self) -> None:
        while not self._changes.empty():
            change = self._changes.get()
            if not self._guarded(lambda change=change: self._apply(change)):  # type: ignore[misc]
                event = Event("error", f"not changed: {self._problem}")
                self._say(event)
                self.outcomes.append(CommandResult(change, event, self._problem))

    def _apply(self, change: Change) -> None:
        assert self._recognizer is not None
        assert self._watch is not None
        if isinstance(change, RejectName | AssignName | AssignNameToImage | UndoCorrection):
            event = self._recognizer.correct(change)
            self._say(event)
            self.outcomes.append(CommandResult(change, event))
            return
        if isinstance(change, BeginEnrollment | EnrollmentStep | EndEnrollment):
            self._say(*self.guiding.carry_out(change, self._recognizer, self._settings))
            return
        if isinstance(change, Gallery):
            if change.revision != self._recognizer.gallery.revision:
                self._recognizer.use_gallery(change)
                self._say(who_is_enrolled(change))
            return
        if isinstance(change, Settings):
            before, self._settings = self._settings, change
            self._recognizer.change(change)
            self._watch.settings = change
            self._say(Event("state", "settings: " + difference(before, change)))
            if deciding(change) != deciding(before):
                self._say(Event("state", deciding(change).message()))
        elif change is not self._recognizer.mode:
            for slot in list(self._last):
                self._finish(slot)
            self._recognizer.mode = change
            self._recognizer.open()
            self._say(Event("state", f"mode: {change}"))
        if self._recognizer.mode is Mode.FACES and self._watch.ident is None:
            self._watch.start()

    def _log_what_happened(self) -> None:
        """Rows for what the sources and the system's clock did meanwhile."""
        live = False
        for feed in self._feeds:
            live = live or feed.status().live
            for at_s, event in feed.reports():
                self._event(event, self._t_ms(at_s, feed.slot), feed.slot)
        jumped = self._clock.look()
        if jumped is not None and live:
            self._say(jumped)
        if self._keeping is not None and (deleted := self._keeping.look(self._settings.log.keep_days)) is not None:
            self._say(deleted)

    def _t_ms(self, at_s: float, slot: int) -> float:
        """The session's time of a moment; of a file the media's time that it had come to."""
        if self._feeds[slot].status().live:
            return max(0.0, (at_s - self._started_at_s) * 1e3)
        return self._last[slot].t_ms if slot in self._last else 0.0

    def _event(self, event: Event, t_ms: float, slot: int) -> None:
        if self.log is not None:
            status = self._feeds[slot].status()
            self.log.event(event, t_ms, RowOrigin(status.source, status.camera_id, self._mode()))

    def _say(self, *events: Event) -> None:
        """Log what concerns the whole session."""
        for event in events:
            if self.log is None:
                return
            self.log.event(event, self._t_ms(time.monotonic(), 0), RowOrigin(mode=self._mode()))

    def _mode(self) -> Mode:
        return self._plan.mode if self._recognizer is None else self._recognizer.mode
