"""Garbage collection in the GUI thread only, at a point where Qt delivers no other event."""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

THRESHOLDS = (700, 10, 10)
"""As in Python: objects created and not deleted, collections of generation 0, and of generation 1."""

_POLL_MS = 100

_FULL_INTERVAL_FACTOR = 100
"""The next full collection waits for this many times the duration of the last one, so full ones take 1 % of the time at most."""


class GarbageCollector(QObject):
    """Replaces Python's automatic garbage collector while windows exist.

    The automatic one runs in the thread whose allocation exceeds a threshold, in the middle of what that thread is doing.
    Windows, pages and session controllers are parts of reference cycles. A worker of the session would destroy them and stop
    their timers while the GUI thread uses them, and the GUI thread itself would destroy widgets while Qt lays them out or
    delivers an event to them. Either can end in a segmentation fault. A timer collects the garbage of all threads instead, at
    the same thresholds.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = False
        self._full_due_s = 0.0
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self.collect_due)

    @property
    def is_active(self) -> bool:
        """True between `start` and `stop`."""
        return self._timer.isActive()

    def start(self) -> None:
        """Turn the automatic collector off and collect by a timer.

        What exists now is left out until `stop`: modules and widgets stay until the end, and visiting them takes most of the
        time of a full collection.
        """
        self._was_enabled = gc.isenabled()
        gc.disable()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Collect everything, and leave the automatic collector as `start` found it."""
        self._timer.stop()
        gc.collect()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def collect_due(self) -> None:
        """Collect the oldest generation whose threshold is exceeded, if any. For the GUI thread."""
        exceeded = [count > threshold for count, threshold in zip(gc.get_count(), THRESHOLDS, strict=True)]
        if exceeded[2] and (begun_s := time.monotonic()) >= self._full_due_s:
            gc.collect()
            done_s = time.monotonic()
            self._full_due_s = done_s + _FULL_INTERVAL_FACTOR * (done_s - begun_s)
        elif exceeded[1]:
            gc.collect(1)
        elif exceeded[0]:
            gc.collect(0)
