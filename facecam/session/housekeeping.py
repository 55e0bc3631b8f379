"""Background checks of a running session: gallery changes, clock jumps and deletion of old logs and caches."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from facecam.errors import FacecamError
from facecam.gallery.gallery import FolderFingerprint, Gallery, analysis_conditions, folder_fingerprint
from facecam.logbook.sessions import delete_old_sessions
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Event, EventCode

_log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.4
_MAX_CHANGING_POLLS = 3
"""A folder that keeps changing, while many photos are copied, is read after this many polls."""


class GalleryMonitor(threading.Thread):
    """Thread that calls `deliver` with the reloaded gallery soon after each change of its folder.

    `fingerprint` is the folder from which the current gallery was read. `settings` may be replaced from another thread. The
    thread reads with networks of its own, so that a photo of 20 megapixels does not delay live frames.
    """

    def __init__(
        self, folder: Path, settings: Settings, fingerprint: FolderFingerprint, deliver: Callable[[Gallery], None]
    ) -> None:
        super().__init__(name="gallery", daemon=True)
        self.settings = settings
        self._folder = folder
        self._fingerprint = fingerprint
        self._deliver = deliver
        self._stopping = threading.Event()

    def close(self) -> None:
        """Stop and wait, at most for the photo that is being read. Safe before `start()`."""
        self._stopping.set()
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        previous, changing = self._fingerprint, 0
        while not self._stopping.wait(POLL_INTERVAL_S):
            now = folder_fingerprint(self._folder)
            changing = changing + 1 if now != previous else 0
            if now != self._fingerprint and (changing == 0 or changing >= _MAX_CHANGING_POLLS):
                self._fingerprint, changing = now, 0
                self._reload()
            previous = now

    def _reload(self) -> None:
        # One thread per network, because the recognizer uses the others.
        settings = self.settings.replace({"detect.threads": 1, "identify.threads": 1})
        try:
            with open_face_analyzer(settings) as analyzer:
                self._deliver(
                    Gallery.load(self._folder, analyzer, self._check_stopping, conditions=analysis_conditions(settings))
                )
        except _StoppedError:
            _log.debug("reading the gallery was stopped; the photos read so far are cached")
        except FacecamError as error:
            _log.warning("the gallery was not reloaded: %s", error)

    def _check_stopping(self, _done: int, _total: int) -> None:
        if self._stopping.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """The session ended while photos were being read."""


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
    """Deletes sessions older than `log.keep_days`, at the start and every hour. `clock` returns monotonic seconds."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._next_at_s = clock()

    def delete_expired(self, keep_days: int) -> Event | None:
        """Delete old sessions when it is time; return an event when some were deleted."""
        if not keep_days or self._clock() < self._next_at_s:
            return None
        self._next_at_s = self._clock() + _DELETE_INTERVAL_S
        try:
            deleted = delete_old_sessions(self._folder, keep_days, datetime.now(UTC))
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
    cache = os.environ.get("FACECAM_CACHE") or platformdirs.user_cache_dir("facecam", appauthor=False)
    folder = Path(cache) / "compiled"
    with contextlib.suppress(OSError):
        for path in folder.glob("*.litert"):
            path.unlink()
        folder.rmdir()
