"""Background checks of a running session: clock jumps and deletion of old logs and caches."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from facecam.fileio import cache_dir
from facecam.logbook.sessions import delete_old_sessions
from facecam.types import Event, EventCode

_log = logging.getLogger(__name__)

_TOLERANCE_S = 2.0
"""Clocks synchronized by NTP drift less than this in a session of hours."""


class ClockMonitor:
    """Detects jumps of the wall clock against the monotonic clock, which stamps the log's rows. Both return seconds."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset_s = wall() - monotonic()

    def check(self) -> Event | None:
        """Return an event when the wall clock has jumped since the last check."""
        moved_s = self._wall() - self._monotonic() - self._offset_s
        if abs(moved_s) <= _TOLERANCE_S:
            return None
        self._offset_s += moved_s
        return Event(
            "state",
            f"the system's clock moved by {moved_s:+.0f} s, or the machine slept; ts_utc goes on from the session's start",
            code=EventCode.CLOCK_MOVED,
        )


_DELETE_INTERVAL_S = 3600.0


class LogRetention:
    """Deletes sessions older than `log.keep_days`: at the start, every hour, and when the setting changes.

    `clock` returns monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        now_utc: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._now_utc = now_utc
        self._next_at_s = clock()
        self._keep_days = 0

    def delete_expired(self, keep_days: int) -> Event | None:
        """Delete old sessions when it is time; return an event when some were deleted."""
        has_changed, self._keep_days = keep_days != self._keep_days, keep_days
        if not keep_days or (self._clock() < self._next_at_s and not has_changed):
            return None
        self._next_at_s = self._clock() + _DELETE_INTERVAL_S
        try:
            deleted = delete_old_sessions(self._folder, keep_days, self._now_utc())
        except OSError as error:
            _log.warning("old logs could not be deleted: %s", error)
            return None
        if not deleted:
            return None
        message = f"deleted {len(deleted)} sessions that ended more than {keep_days} days ago: {', '.join(deleted)}"
        _log.warning("%s: %s", self._folder, message)
        return Event("state", message, code=EventCode.LOGS_DELETED)


def delete_old_compiled_networks() -> None:
    """Delete the networks that earlier versions compiled into the user's cache; they now come compiled."""
    folder = cache_dir() / "compiled"
    with contextlib.suppress(OSError):
        for path in folder.glob("*.litert"):
            path.unlink()
        folder.rmdir()
