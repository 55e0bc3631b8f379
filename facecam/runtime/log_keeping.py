"""Old logs are deleted while a session runs: when it begins, and every hour, since a service may run for months."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from facecam.logbook.retention import delete_old_sessions
from facecam.types import Event

_EVERY_S = 3600.0

_logger = logging.getLogger(__name__)


class LogKeeping:
    """Deletes what is older than `log.keep_days`. `clock` is monotonic seconds."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._next_at_s = clock()

    def look(self, keep_days: int) -> Event | None:
        """What to log when sessions were deleted; None when none was, or it is not yet time to look again."""
        if not keep_days or self._clock() < self._next_at_s:
            return None
        self._next_at_s = self._clock() + _EVERY_S
        try:
            deleted = delete_old_sessions(self._folder, keep_days, datetime.now(UTC))
        except OSError as error:
            _logger.warning("old logs cannot be deleted: %s", error)
            return None
        if not deleted:
            return None
        message = f"deleted {len(deleted)} sessions that ended more than {keep_days} days ago: {', '.join(deleted)}"
        _logger.warning("%s: %s", self._folder, message)
        return Event("state", message)
