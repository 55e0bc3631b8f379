"""The thread that owns one source: opens, reads and closes it, and opens it again when it was lost."""

from __future__ import annotations

import dataclasses
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple, TypeVar

import numpy as np

from facecam.capture.source import Source
from facecam.errors import AccessDeniedError, CameraError
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.status import SourceState, SourceStatus
from facecam.types import Event, Frame, Image

# MERGED runtime.picture_watch: Whether a live picture still lives. Pure: time comes with the frames.

FROZEN_AFTER_MS = 2000.0
BLACK_AFTER_MS = 2000.0

_BLACK = 20
"""No pixel of a covered lens is brighter: sensors show noise of a few levels, and coded video has its black at 16."""

_EVERY = 8


class FrameFault(StrEnum):
    """What is wrong with pictures that do arrive."""

    FROZEN = "frozen"
    BLACK = "black"


class FrameHealthMonitor:
    """Looks at every frame of one live source.

    A sensor's noise changes every picture, so the same one for two seconds is a device or driver that repeats its last. Some
    pictures are still for good reason, a coded stream of an empty room or a drawn one: what comes again after reconnecting was
    no fault, and is not called frozen a second time.
    """

    def __init__(self) -> None:
        self._seen: Image | None = None
        self._still_since_ms = 0.0
        self._black_since_ms: float | None = None
        self._stands_still: Image | None = None

    def see(self, frame: Frame) -> FrameFault | None:
        """What has been wrong for long enough to be said, with this frame."""
        if self._seen is None or not _same(self._seen, frame.bgr):
            self._seen, self._still_since_ms = frame.bgr, frame.t_ms
        if not _black(frame.bgr):
            self._black_since_ms = None
        elif self._black_since_ms is None:
            self._black_since_ms = frame.t_ms
        if self._black_since_ms is not None:
            return FrameFault.BLACK if frame.t_ms - self._black_since_ms >= BLACK_AFTER_MS else None
        if frame.t_ms - self._still_since_ms < FROZEN_AFTER_MS or self._known_to_stand_still(frame.bgr):
            return None
        self._stands_still = frame.bgr
        return FrameFault.FROZEN

    def reopened(self) -> None:
        """The source was opened again: the next picture is a first one."""
        self._seen = self._black_since_ms = None

    def _known_to_stand_still(self, bgr: Image) -> bool:
        return self._stands_still is not None and _same(self._stands_still, bgr)


def _same(one: Image, other: Image) -> bool:
    """Whether two pictures are equal in every pixel; most differences show in a 64th of them."""
    if one.shape != other.shape or not np.array_equal(one[::_EVERY, ::_EVERY], other[::_EVERY, ::_EVERY]):
        return False
    return np.array_equal(one, other)


def _black(bgr: Image) -> bool:
    return int(bgr[::_EVERY, ::_EVERY].max()) <= _BLACK


_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_HELD_S = 0.02

RETRY_AFTER_S = (0.5, 1.0, 2.0, 5.0)
"""How long to wait before each attempt to open a lost source; the last is repeated for as long as it takes."""

STUCK_AFTER_S = 3.0
"""A call into a driver that takes longer is called a device that does not answer."""


class CaptureOutputs(NamedTuple):
    """Where frames go: `preview` to be shown, `inbox` to be recognized. `go` says when a file may begin: once it is ready.

    While `paused` is set a file waits, and what a live source delivers goes nowhere.
    """

    preview: LatestValueQueue[Frame]
    inbox: LatestValueQueue[Frame]
    go: threading.Event
    paused: threading.Event


class CaptureWorker(threading.Thread):
    """Feeds one slot of both mailboxes until the source ends or `stop()`.

    `open_it` is called in this thread, and again after each loss. A source that does not open at first, or that refuses, has
    FAILED; one that was seen once is tried for as long as it takes. With `every_frame`, a file waits for each of its frames to
    be taken; else it plays at its own rate.
    """

    def __init__(
        self, name: str, slot: int, open_it: Callable[[], Source], outlets: CaptureOutputs, *, every_frame: bool
    ) -> None:
        # A driver may never return: then this thread must not keep the program from ending.
        super().__init__(name=f"capture {slot}", daemon=True)
        self.slot = slot
        self._open_it = open_it
        self._outlets = outlets
        self._every_frame = every_frame
        self._stopping = threading.Event()
        self._status = SourceStatus(name, SourceState.IDLE)
        self._reports: queue.SimpleQueue[tuple[float, Event]] = queue.SimpleQueue()
        self._calling_since_s: float | None = None
        self._said_stuck = False
        self._was_paused = False
        self._watch = FrameHealthMonitor()
        self._rate = _Rate()
        self.opened = threading.Event()
        """Set once it is known whether the source opens."""
        self.delivering = False
        """Whether more frames may follow soon: between the first after an opening and the loss or end."""
        self.error: CameraError | None = None

    def status(self) -> SourceStatus:
        """How the source is now; a call that hangs in its driver shows here too. For any thread."""
        status, dropped = self._status, self._outlets.inbox.dropped(self.slot)
        status = dataclasses.replace(status, dropped=dropped, fps=self._rate.now(time.monotonic()))
        if self._stuck():
            state = SourceState.RECONNECTING if status.state is SourceState.RUNNING else status.state
            return dataclasses.replace(status, state=state, message=_stuck_sentence(status.source))
        return status

    def reports(self) -> Iterator[tuple[float, Event]]:
        """What has happened since the last call: when (time.monotonic) and what, for the log. For one thread."""
        while not self._reports.empty():
            yield self._reports.get()
        stuck = self._stuck()
        if stuck and not self._said_stuck:
            status = self.status()
            yield time.monotonic(), Event("state", f"{status.state}: {status.message}")
        self._said_stuck = stuck

    def stop(self) -> None:
        """Ask for the end. The thread ends once its source's last call returns."""
        self._stopping.set()

    def run(self) -> None:
        try:
            self._run()
        except Exception as error:
            # The text of a foreign error may hold an address with its password; where it happened may be told.
            name = type(error).__name__
            self._fail(CameraError(f"{self._status.source} failed inside ({name}); start it again, and please report this"))
            _log.error("%s: %s\n%s", self._status.source, name, "".join(traceback.format_tb(error.__traceback__)))
        finally:
            self.delivering = False
            self.opened.set()

    def _run(self) -> None:
        self._change(SourceState.OPENING)
        attempt = 0
        while not self._stopping.is_set():
            frames_before = self._status.frames
            try:
                self._play()
                break
            except CameraError as error:
                self.delivering = False
                if isinstance(error, AccessDeniedError) or not self._status.frames or not self._status.live:
                    return self._fail(error)
                self._change(SourceState.RECONNECTING, str(error))
                attempt = 0 if self._status.frames > frames_before else attempt + 1
                self._stopping.wait(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
        self._change(SourceState.IDLE)
        return None

    def _play(self) -> None:
        """Open the source, deliver what it has, and close it, however that ends."""
        source = self._opened()
        try:
            self._read(source, self._status.frames)
        finally:
            self._timed(source.close)

    def _opened(self) -> Source:
        source = self._timed(self._open_it)
        assert source is not None
        self._watch.reopened()
        self._status = dataclasses.replace(
            self._status,
            source=source.source,
            camera_id=source.camera_id,
            live=source.live,
            size_wh=source.size_wh,
            nominal_fps=source.fps,
            frame_count=source.frame_count,
        )
        self.opened.set()
        return source

    def _read(self, source: Source, first_index: int) -> None:
        """Deliver frame after frame; CameraError when the source is lost, or only repeats itself."""
        pace = _Pace(self._stopping)
        while not self._stopping.is_set():
            frame = self._timed(source.read)
            if frame is None:
                return
            self._tell_of_pauses()
            if source.live:
                # After a reconnection the source counts from 0 again; the log's frame_index goes on.
                frame = dataclasses.replace(frame, index=frame.index + first_index) if first_index else frame
                self._running(frame, "" if self._examine(frame) is None else _black_sentence(source.source))
            else:
                if not self._held(frame):
                    pace = _Pace(self._stopping)
                if not self._every_frame:
                    pace.wait_for(frame.t_ms)
                self._running(frame, "")
            self._deliver(frame, wait=self._every_frame and not source.live)

    def _held(self, frame: Frame) -> bool:
        """Hold a file's frame until it may be recognized; whether that was at once. The first is shown meanwhile."""
        go, paused = self._outlets.go, self._outlets.paused
        if go.is_set() and not paused.is_set():
            return True
        if not self._status.frames:
            self._outlets.preview.put(frame, self.slot)
        while not self._stopping.is_set() and (paused.is_set() or not go.is_set()):
            self._stopping.wait(_HELD_S)
        return False

    def _tell_of_pauses(self) -> None:
        """A line in the log where somebody holds a live picture, and where it goes on."""
        paused = self._outlets.paused.is_set()
        if paused is not self._was_paused and self._status.live:
            self._reports.put((time.monotonic(), Event("state", "paused" if paused else "running: goes on")))
        self._was_paused = paused

    def _examine(self, frame: Frame) -> FrameFault | None:
        fault = self._watch.see(frame)
        if fault is FrameFault.FROZEN:
            raise CameraError(f"{frame.source} repeats the same picture; it is opened again. If that does not help, replug it")
        return fault

    def _deliver(self, frame: Frame, *, wait: bool) -> None:
        if self._status.live and self._outlets.paused.is_set():
            self.delivering = False  # the camera stays open, so that its picture is there again at once
            return
        self.delivering = True
        self._outlets.preview.put(frame, self.slot)
        if wait:
            self._outlets.inbox.put_when_taken(frame, self.slot)
        else:
            self._outlets.inbox.put(frame, self.slot)

    def _running(self, frame: Frame, message: str) -> None:
        """Count a frame, and tell when that is news: after an opening, a change of size, black pictures or their end."""
        before = self._status
        resized = before.state is SourceState.RUNNING and before.live and before.size_wh not in (None, frame.size_wh)
        self._rate.count(frame.captured_at_s)
        self._status = dataclasses.replace(before, size_wh=frame.size_wh, frames=before.frames + 1)
        if before.state is not SourceState.RUNNING or before.message != message or resized:
            wide, high = frame.size_wh
            self._change(SourceState.RUNNING, message, f"pictures of {wide} x {high}")

    def _change(self, state: SourceState, message: str = "", said: str = "") -> None:
        """Pass to another state; live sources' changes are for the log."""
        before = self._status
        again = state is SourceState.RUNNING and before.state is SourceState.RECONNECTING
        self._status = dataclasses.replace(before, state=state, message=message, reconnections=before.reconnections + again)
        words = message or said
        if (before.live or state is SourceState.FAILED) and state in (
            SourceState.RUNNING,
            SourceState.RECONNECTING,
            SourceState.FAILED,
        ):
            self._reports.put((time.monotonic(), Event("state", f"{state}: {words}" if words else state)))
            _log.info("%s is %s: %s", before.source, state, words)

    def _fail(self, error: CameraError) -> None:
        self.error = error
        self._change(SourceState.FAILED, str(error))
        self.opened.set()

    def _timed(self, call: Callable[[], _T]) -> _T:
        """Make a call that may hang, and let others see since when."""
        self._calling_since_s = time.monotonic()
        try:
            return call()
        finally:
            self._calling_since_s = None

    def _stuck(self) -> bool:
        since_s = self._calling_since_s
        return since_s is not None and self._status.live and time.monotonic() - since_s > STUCK_AFTER_S


class _Pace:
    """Holds a file to its own rate."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._begun_s: float | None = None

    def wait_for(self, t_ms: float) -> None:
        """Return when a frame of this media time is due: the first one at once."""
        now_s = time.monotonic()
        if self._begun_s is None:
            self._begun_s = now_s - t_ms / 1e3
        early_s = self._begun_s + t_ms / 1e3 - now_s
        if early_s > 0:
            self._stopping.wait(early_s)


class _Rate:
    """Frames per second, of the last full second and what has come since."""

    def __init__(self) -> None:
        self._from_s = 0.0
        self._count = 0
        self._fps = 0.0

    def count(self, at_s: float) -> None:
        self._count += 1
        if at_s - self._from_s >= 1:
            self._fps = self._count / (at_s - self._from_s) if self._from_s else 0.0
            self._from_s, self._count = at_s, 0

    def now(self, at_s: float) -> float:
        """The rate; 0 when nothing has come for two seconds."""
        return self._fps if at_s - self._from_s < 2 else 0.0


def _stuck_sentence(source: str) -> str:
    return f"{source} does not answer; check its cable and power"


def _black_sentence(source: str) -> str:
    return f"{source} shows only black; open its cover, and see that this program may use it"
