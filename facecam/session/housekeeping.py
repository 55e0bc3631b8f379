"""The thread that looks at the people's folder while a session runs, and reads it anew with networks of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery, Look, folder_fingerprint, reading_conditions
from facecam.logbook.sessions import delete_old_sessions
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Event

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.4
_PATIENCE_LOOKS = 3
"""A folder that changes at every look, since a hundred photos are being copied, is read in between all the same."""


class GalleryMonitor(threading.Thread):
    """Calls `deliver` with the gallery as it is now, soon after each change of its folder.

    `seen` is the folder as the current gallery was read from it. `settings` may be replaced from another thread. Reading
    happens here, so that a photo of 20 megapixels costs the live picture no frame.
    """

    def __init__(self, folder: Path, settings: Settings, seen: Look, deliver: Callable[[Gallery], None]) -> None:
        super().__init__(name="gallery", daemon=True)
        self.settings = settings
        self._folder = folder
        self._seen = seen
        self._deliver = deliver
        self._stopping = threading.Event()

    def close(self) -> None:
        """End it and wait for it: for no longer than the photo that is being read takes. Harmless before the start."""
        self._stopping.set()
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        before, changing = self._seen, 0
        while not self._stopping.wait(LOOK_EVERY_S):
            now = folder_fingerprint(self._folder)
            changing = changing + 1 if now != before else 0
            if now != self._seen and (changing == 0 or changing >= _PATIENCE_LOOKS):
                self._seen, changing = now, 0
                self._read()
            before = now

    def _read(self) -> None:
        # One thread is enough beside a recognizer that wants both.
        settings = self.settings.replace({"detect.threads": 1, "identify.threads": 1})
        try:
            with open_face_analyzer(settings) as reader:
                self._deliver(Gallery.load(self._folder, reader, self._go_on, conditions=reading_conditions(settings)))
        except _EndedError:
            _log.debug("what was read of the gallery is in its cache")
        except FacecamError as error:
            _log.warning("the gallery is used as it was: %s", error)

    def _go_on(self, _done: int, _total: int) -> None:
        """Called after each photo."""
        if self._stopping.is_set():
            raise _EndedError


class _EndedError(Exception):
    """The session ends while photos are being read."""


# MERGED runtime.clock_watch: Whether the system's clock still agrees with the session's: rows are stamped by the latter, which no one can set.

_TOLERATED_S = 2.0
"""Clocks that are kept by NTP drift and are slewed by less than this within a session of hours."""


class ClockMonitor:
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


# MERGED runtime.log_keeping: Old logs are deleted while a session runs: when it begins, and every hour, since a service may run for months.

_EVERY_S = 3600.0

_logger = logging.getLogger(__name__)


class LogRetention:
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
