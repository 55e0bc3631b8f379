"""Thread that owns one source: it opens, reads and closes it, reconnects lost sources and detects frozen or black images."""

from __future__ import annotations

import dataclasses
import logging
import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np

from facecam.capture.source import Seekable, Source
from facecam.errors import AccessDeniedError, CameraError
from facecam.messages import TranslatableText
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.status import SourceState, SourceStatus
from facecam.types import Event, EventCode, Frame, Image, SourceTime

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

RETRY_AFTER_S = (0.5, 1.0, 2.0, 5.0)
"""Delays before each attempt to open a lost source; the last one is repeated without end."""

STUCK_AFTER_S = 3.0
"""A source whose driver call takes longer is reported as not answering."""

_HOLD_POLL_S = 0.02
_LONGEST_WAIT_S = 0.05
_MAX_SEEKS = 64

FROZEN_AFTER_MS = 2000.0
BLACK_AFTER_MS = 2000.0

_MAX_BLACK = 20
"""Brightest pixel of a covered lens: sensors have noise of a few levels, and black is 16 in coded video."""

_STEP_PX = 8
"""Images are compared at every eighth row and column first."""


class FrameFault(StrEnum):
    """Fault of the images that a source delivers."""

    FROZEN = "frozen"
    BLACK = "black"


class FrameHealthMonitor:
    """Detects frozen and black images of one live source. Pure: time comes with the frames.

    Sensor noise changes every image, so an image that stays equal for two seconds is repeated by the device or driver. Some
    images are still for a reason, such as a coded stream of an empty room or a drawn image: an image that returns after
    reconnecting is not reported as frozen again.
    """

    def __init__(self) -> None:
        self._last_image: Image | None = None
        self._still_since_ms = 0.0
        self._black_since_ms: float | None = None
        self._still_image: Image | None = None

    def check(self, frame: Frame) -> FrameFault | None:
        """Return the fault that has lasted long enough to be reported with this frame."""
        if self._last_image is None or not _equal(self._last_image, frame.bgr):
            self._last_image, self._still_since_ms = frame.bgr, frame.t_ms
        if not _is_black(frame.bgr):
            self._black_since_ms = None
        elif self._black_since_ms is None:
            self._black_since_ms = frame.t_ms
        if self._black_since_ms is not None:
            return FrameFault.BLACK if frame.t_ms - self._black_since_ms >= BLACK_AFTER_MS else None
        if frame.t_ms - self._still_since_ms < FROZEN_AFTER_MS:
            return None
        if self._still_image is not None and _equal(self._still_image, frame.bgr):
            return None
        self._still_image = frame.bgr
        return FrameFault.FROZEN

    def reset(self) -> None:
        """Forget the last image after the source was reopened."""
        self._last_image = self._black_since_ms = None


def _equal(one: Image, other: Image) -> bool:
    """Return whether two images are equal in every pixel, checking a 64th of them first."""
    if one.shape != other.shape or not np.array_equal(one[::_STEP_PX, ::_STEP_PX], other[::_STEP_PX, ::_STEP_PX]):
        return False
    return np.array_equal(one, other)


def _is_black(bgr: Image) -> bool:
    return int(bgr[::_STEP_PX, ::_STEP_PX].max()) <= _MAX_BLACK


class CaptureOutputs(NamedTuple):
    """Queues for the frames: `preview` for display, `inbox` for recognition. A file starts once `ready` is set.

    While `paused` is set, a file waits and the frames of a live source are discarded.
    """

    preview: LatestValueQueue[Frame]
    inbox: LatestValueQueue[Frame]
    ready: threading.Event
    paused: threading.Event


class CaptureWorker(threading.Thread):
    """Fills one slot of both queues until the source ends or `stop()`.

    `open_source` is called in this thread, and again after each loss. A source that does not open at first, or denies access,
    has FAILED; one that has delivered a frame is retried without end. With `every_frame`, a file waits for each of its frames
    to be taken; otherwise it plays at its own rate.

    Attributes:
        settled: Set once it is known whether the source opens.
        has_opened: True once the source was open.
        delivering: More frames may follow soon: between the first frame after opening and the loss or end.
        resumed_at_s: Capture time of the first frame after the last pause; None without one.
        sought_at_s: Capture times of the first frames after the newest seeks.
        loops: A file begins again at its end.
        time: UTC time of a recording's t_ms 0; None for a live source.
        error: The error that ended the source.
    """

    def __init__(
        self, name: str, slot: int, open_source: Callable[[], Source], outputs: CaptureOutputs, *, every_frame: bool
    ) -> None:
        # A daemon, because a driver call may never return and must not keep the program from exiting.
        super().__init__(name=f"capture {slot}", daemon=True)
        self.slot = slot
        self._open_source = open_source
        self._outputs = outputs
        self._every_frame = every_frame
        self._stopping = threading.Event()
        self._status = SourceStatus(name, SourceState.IDLE)
        self._events: queue.SimpleQueue[tuple[float, Event]] = queue.SimpleQueue()
        self._calling_since_s: float | None = None
        self._reported_stuck = False
        self._was_paused = False
        self._health = FrameHealthMonitor()
        self._rate = _Rate()
        self.settled = threading.Event()
        self.has_opened = False
        self.delivering = False
        self.resumed_at_s: float | None = None
        self.sought_at_s: deque[float] = deque(maxlen=_MAX_SEEKS)
        self.loops = False
        self._seeks: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._steps = threading.Semaphore(0)
        self.time: SourceTime | None = None
        self.error: CameraError | None = None

    def status(self) -> SourceStatus:
        """Return the source's status, including a driver call that hangs. Usable from any thread."""
        status, dropped = self._status, self._outputs.inbox.dropped(self.slot)
        status = dataclasses.replace(status, dropped=dropped, fps=self._rate.now(time.monotonic()))
        if self._stuck():
            state = SourceState.RECONNECTING if status.state is SourceState.RUNNING else status.state
            message = TranslatableText("{source} does not answer; check its cable and power", source=status.source)
            return dataclasses.replace(status, state=state, message=message)
        return status

    def take_events(self) -> Iterator[tuple[float, Event]]:
        """Yield the events since the last call with their time (time.monotonic). For one thread."""
        while not self._events.empty():
            yield self._events.get()
        stuck = self._stuck()
        if stuck and not self._reported_stuck:
            status = self.status()
            yield time.monotonic(), Event("state", f"{status.state}: {status.message}", code=EventCode(status.state.value))
        self._reported_stuck = stuck

    def stop(self) -> None:
        """Request the end. The thread ends when the source's current call returns."""
        self._stopping.set()

    def seek(self, t_ms: float) -> None:
        """Request that a file continues at `t_ms`; of several requests, the newest counts. A paused file shows one frame."""
        self._seeks.put(t_ms)

    def step(self) -> None:
        """Deliver one more frame of a paused file."""
        self._steps.release()

    def run(self) -> None:
        try:
            self._run()
        except Exception as error:
            self._fail(self._internal_error(error))
        finally:
            self.delivering = False
            self.settled.set()

    def _run(self) -> None:
        self._set_state(SourceState.OPENING)
        attempt = 0
        while not self._stopping.is_set():
            frames_before = self._status.frames
            try:
                self._read_source()
                break
            except Exception as error:  # also of a library: a live source is opened again
                lost = error if isinstance(error, CameraError) else self._internal_error(error)
                self.delivering = False
                if isinstance(error, AccessDeniedError) or not self._status.frames or not self._status.live:
                    return self._fail(lost)
                self._set_state(SourceState.RECONNECTING, lost.text)
                attempt = 0 if self._status.frames > frames_before else attempt + 1
                self._stopping.wait(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
        self._set_state(SourceState.IDLE)
        return None

    def _read_source(self) -> None:
        """Open the source, deliver its frames and close it."""
        source = self._timed(self._open_source)
        assert source is not None
        self._health.reset()
        self._status = dataclasses.replace(
            self._status,
            source=source.source,
            camera_id=source.camera_id,
            live=source.live,
            size_wh=source.size_wh,
            nominal_fps=source.fps,
            frame_count=source.frame_count,
            length_ms=source.length_ms if isinstance(source, Seekable) and not source.live else None,
        )
        self.time = source.time
        self.has_opened = True
        self.settled.set()
        try:
            self._read_frames(source, self._status.frames)
        finally:
            self._timed(source.close)

    def _read_frames(self, source: Source, first_index: int) -> None:
        """Deliver frames until the end. Raises CameraError when the source is lost or frozen."""
        if not source.live:
            self._read_file(source)
            return
        while not self._stopping.is_set():
            frame = self._timed(source.read)
            if frame is None:
                return
            self._log_pause(frame)
            # After a reconnection the source counts from 0 again, but the log's frame_index continues.
            frame = dataclasses.replace(frame, index=frame.index + first_index) if first_index else frame
            self._count_frame(frame, self._health_message(frame))
            self._deliver(frame, wait=False)

    def _read_file(self, source: Source) -> None:
        """Deliver the frames of a file at its own rate, or with `every_frame` as fast as they are taken."""
        started_s: float | None = None
        was_sought = has_looped = False
        while not self._stopping.is_set():
            if self._seek(source):
                started_s, was_sought = None, True
            frame = self._timed(source.read)
            if frame is None:
                if not self.loops or self._status.length_ms is None or has_looped:
                    return
                has_looped = True
                self.seek(0.0)
                continue
            if not self._wait_until_ready(frame, was_sought=was_sought):
                started_s = None
            if not self._every_frame:
                # The first frame, and the first after a pause, is due at once.
                started_s = time.monotonic() - frame.t_ms / 1e3 if started_s is None else started_s
                self._wait_until(started_s + frame.t_ms / 1e3)
            if not self._seeks.empty():
                continue
            if was_sought:
                self.sought_at_s.append(frame.captured_at_s)
            was_sought = has_looped = False
            self._count_frame(frame, "")
            self._deliver(frame, wait=self._every_frame)

    def _seek(self, source: Source) -> bool:
        """Carry out the newest request to seek; return whether there was one."""
        t_ms: float | None = None
        while not self._seeks.empty():
            t_ms = self._seeks.get()
        if t_ms is None or self._status.length_ms is None or not isinstance(source, Seekable):
            return False
        self._timed(partial(source.seek, t_ms))
        return True

    def _wait_until(self, due_s: float) -> None:
        """Wait until a frame is due, or a seek makes it superfluous."""
        while self._seeks.empty() and (remaining_s := due_s - time.monotonic()) > 0:
            if self._stopping.wait(min(remaining_s, _LONGEST_WAIT_S)):
                return

    def _wait_until_ready(self, frame: Frame, *, was_sought: bool) -> bool:
        """Hold a file's frame until it may be recognized; return whether that was at once. The first is shown meanwhile.

        A pause holds neither the first frame after a seek nor those of `step`.
        """
        ready, paused = self._outputs.ready, self._outputs.paused
        if ready.is_set() and not paused.is_set():
            return True
        if not self._status.frames:
            self._outputs.preview.put(frame, self.slot)
        while not self._stopping.is_set() and (paused.is_set() or not ready.is_set()) and self._seeks.empty():
            if ready.is_set() and (was_sought or self._steps.acquire(blocking=False)):
                break
            self._stopping.wait(_HOLD_POLL_S)
        return False

    def _log_pause(self, frame: Frame) -> None:
        """Log where a live source is paused and resumed."""
        paused = self._outputs.paused.is_set()
        if self._was_paused and not paused and self._status.live:  # a file's time stands still in a pause
            self.resumed_at_s = frame.captured_at_s
        if paused is not self._was_paused and self._status.live:
            message, code = ("paused", EventCode.PAUSED) if paused else ("running: resumed", EventCode.RESUMED)
            self._events.put((time.monotonic(), Event("state", message, code=code)))
        self._was_paused = paused

    def _health_message(self, frame: Frame) -> str:
        fault = self._health.check(frame)
        if fault is FrameFault.FROZEN:
            raise CameraError(
                "{source} repeats the same image; it is opened again. If that does not help, replug it", source=frame.source
            )
        if fault is FrameFault.BLACK:
            return TranslatableText(
                "{source} shows only black; open its cover and check that this program may use it", source=frame.source
            )
        return ""

    def _deliver(self, frame: Frame, *, wait: bool) -> None:
        if self._status.live and self._outputs.paused.is_set():
            self.delivering = False  # the camera stays open, so that it can resume at once
            return
        self.delivering = True
        self._outputs.preview.put(frame, self.slot)
        put = self._outputs.inbox.put_blocking if wait else self._outputs.inbox.put
        put(frame, self.slot)

    def _count_frame(self, frame: Frame, message: str) -> None:
        """Count a frame; report RUNNING after opening, a change of size, and the start or end of black images."""
        before = self._status
        resized = before.state is SourceState.RUNNING and before.live and before.size_wh not in (None, frame.size_wh)
        self._rate.count(frame.captured_at_s)
        self._status = dataclasses.replace(before, size_wh=frame.size_wh, frames=before.frames + 1)
        if before.state is not SourceState.RUNNING or before.message != message or resized:
            width, height = frame.size_wh
            self._set_state(SourceState.RUNNING, message, f"pictures of {width} x {height}")

    def _set_state(self, state: SourceState, message: str = "", detail: str = "") -> None:
        """Change the state, and log it for live sources and failures."""
        before = self._status
        reconnected = state is SourceState.RUNNING and before.state is SourceState.RECONNECTING
        self._status = dataclasses.replace(before, state=state, message=message, reconnections=before.reconnections + reconnected)
        text = message or detail
        if state is SourceState.FAILED or (before.live and state in (SourceState.RUNNING, SourceState.RECONNECTING)):
            event = Event("state", f"{state}: {text}" if text else state, code=EventCode(state.value))
            self._events.put((time.monotonic(), event))
            _log.info("%s is %s: %s", before.source, state, text)

    def _internal_error(self, error: Exception) -> CameraError:
        # The text of a foreign error may contain an address with a password, so only its place is logged.
        name, source = type(error).__name__, self._status.source
        _log.error("%s: %s\n%s", source, name, "".join(traceback.format_tb(error.__traceback__)))
        return CameraError("{source} failed inside ({name}); start it again and please report this", source=source, name=name)

    def _fail(self, error: CameraError) -> None:
        # Frames of a traceback would keep images in memory, and refer to this thread.
        self.error = error.with_traceback(None)
        self._set_state(SourceState.FAILED, error.text)

    def _timed(self, call: Callable[[], _T]) -> _T:
        """Make a call that may hang, with its start visible to other threads."""
        self._calling_since_s = time.monotonic()
        try:
            return call()
        finally:
            self._calling_since_s = None

    def _stuck(self) -> bool:
        since_s = self._calling_since_s
        return since_s is not None and self._status.live and time.monotonic() - since_s > STUCK_AFTER_S


class _Rate:
    """Frames per second over the last full second."""

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
        """Return the rate, 0 when no frame has arrived for two seconds."""
        return self._fps if at_s - self._from_s < 2 else 0.0
