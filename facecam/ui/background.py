"""Work that would hold up the window, done in a plain thread while a timer looks whether it is finished."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.errors import FacecamError

Told = Callable[[int, int], None]
"""Called by the work with how much is done and how much there is; it does not return once the work is unwanted."""

T = TypeVar("T")

_LOOK_MS = 30


class _UnwantedError(Exception):
    """Nobody waits for this work any more."""


class _Thread(threading.Thread):
    """Does one piece of work. `told` is how far it is; at the end there is `result`, or `error`, or neither if unwanted."""

    def __init__(self, work: Callable[[Told], object]) -> None:
        super().__init__(name="window work", daemon=True)
        self._work = work
        self.unwanted = threading.Event()
        self.told = (0, 0)
        self.done = False
        self.result: object = None
        # Of what dies of something else the traceback goes to the thread's hook, as everywhere.
        self.error: FacecamError | None = FacecamError("this failed inside; please report it with what the terminal says")

    def run(self) -> None:
        try:
            self.result = self._work(self._tell)
            self.done, self.error = True, None
        except _UnwantedError:
            self.error = None
        except FacecamError as error:
            self.error = error
        except OSError as error:
            self.error = FacecamError(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}")

    def _tell(self, done: int, total: int) -> None:
        self.told = done, total
        if self.unwanted.is_set():
            raise _UnwantedError


class _Holder:
    """Holds the running thread for one that is half gone when it is told of its end."""

    def __init__(self) -> None:
        self.thread: _Thread | None = None

    def let_go(self) -> None:
        if self.thread is not None:
            self.thread.unwanted.set()
        self.thread = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Callable[[Told], object]
    then: Callable[[Any], None]
    failed: Callable[[FacecamError], None]


class Jobs(QObject):
    """Does one piece of work after the other, each in a thread of its own. For the GUI's thread.

    When this object goes, what runs is let go of: it ends with its next `told`, and nothing is called.
    """

    progressed = Signal(int, int)
    """How much of the running work is done, of how much."""
    busy_changed = Signal(bool)
    """Whether something runs or waits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Waiting] = deque()
        self._job: _Waiting | None = None
        self._running = _Holder()
        self._told = (0, 0)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        # Of a bound method Qt would hold its object weakly, and that goes with this one.
        self.destroyed.connect(partial(_Holder.let_go, self._running))

    @property
    def busy(self) -> bool:
        """Whether something runs or waits."""
        return self._running.thread is not None or bool(self._waiting)

    def add(self, work: Callable[[Told], T], then: Callable[[T], None], failed: Callable[[FacecamError], None]) -> None:
        """Have `work` done after what waits already; then `then(result)` or `failed(error)` is called here."""
        was_busy = self.busy
        self._waiting.append(_Waiting(work, then, failed))
        if not was_busy:
            self.busy_changed.emit(True)
            self._next()

    def cancel(self) -> None:
        """Forget what waits, and let go of what runs: neither `then` nor `failed` is called."""
        was_busy = self.busy
        self._waiting.clear()
        self._let_go()
        if was_busy:
            self.busy_changed.emit(False)

    def close(self, patience_s: float = 2.0) -> None:
        """The same, and wait for the thread, at most that long: a file that is being written is finished."""
        thread = self._running.thread
        self.cancel()
        if thread is not None:
            thread.join(patience_s)

    def _let_go(self) -> None:
        self._timer.stop()
        self._running.let_go()
        self._job = None

    def _next(self) -> None:
        self._job = self._waiting.popleft()
        self._running.thread, self._told = _Thread(self._job.work), (0, 0)
        self._running.thread.start()
        self._timer.start()

    def _look(self) -> None:
        thread, job = self._running.thread, self._job
        if thread is None or job is None:
            return
        if thread.told != self._told:
            self._told = thread.told
            self.progressed.emit(*self._told)
        if thread.is_alive():
            return
        self._let_go()
        try:
            if thread.done:
                job.then(thread.result)
            elif thread.error is not None:
                job.failed(thread.error)
        finally:
            self._go_on()

    def _go_on(self) -> None:
        if self._running.thread is not None:  # what was called has asked for more, which has begun
            return
        if self._waiting:
            self._next()
        else:
            self.busy_changed.emit(False)
