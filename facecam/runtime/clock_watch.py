"""Whether the system's clock still agrees with the session's: rows are stamped by the latter, which no one can set."""

from __future__ import annotations

import time
from collections.abc import Callable

from facecam.types import Event

_TOLERATED_S = 2.0
"""Clocks that are kept by NTP drift and are slewed by less than this within a session of hours."""


class ClockWatch:
    """Compares the wall clock with the monotonic one. Both clocks give seconds and may be replaced."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset_s = wall() - monotonic()

    def look(self) -> Event | None:
        """What to log when the wall clock has jumped since the last look; None as long as it has not."""
        moved_s = self._wall() - self._monotonic() - self._offset_s
        if abs(moved_s) <= _TOLERATED_S:
            return None
        self._offset_s += moved_s
        return Event(
            "state",
            f"the system's clock moved by {moved_s:+.0f} s, or the machine slept; ts_utc goes on from the session's start",
        )
