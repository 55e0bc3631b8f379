"""Background checks of a running session: clock jumps and deletion of old logs and caches."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from facecam.errors import FacecamError
from facecam.fileio import cache_dir, data_dir
from facecam.logbook.sessions import confirms_clock, delete_old_sessions, is_clock_confirmed, is_in_use
from facecam.messages import count_of
from facecam.privacy.places import MEDIA_NAME, PlaceKind, forgetting_folder, stored_places, window_files
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
_NAMED_TIME = len("facecam 2026-01-02 03.04.05")


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
        sessions, days = count_of(len(deleted), "session"), count_of(keep_days, "day")
        message = f"deleted {sessions} that ended more than {days} ago: {', '.join(deleted)}"
        _log.warning("%s: %s", self._folder, message)
        return Event("state", message, code=EventCode.LOGS_DELETED)


class MediaRetention:
    """Deletes the window's recordings older than `recording.keep_days`, and snapshots older than `snapshot.keep_days`.

    At the start and every hour, but not when the setting changes: the user is not asked. Nothing is deleted unless one of the
    files, or a session in `log_dir`, confirms that the clock is right. `clock` returns monotonic seconds.
    """

    def __init__(
        self,
        log_dir: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        now_utc: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._log_dir = log_dir
        self._clock = clock
        self._now_utc = now_utc
        self._next_at_s = clock()

    def delete_expired(self, recording_days: int, snapshot_days: int) -> list[Event]:
        """Delete old files when it is time; return an event for each kind of which some were deleted."""
        if self._clock() < self._next_at_s:
            return []
        self._next_at_s = self._clock() + _DELETE_INTERVAL_S
        events = []
        for kind, noun, keep_days, code in (
            (PlaceKind.RECORDINGS, "recording", recording_days, EventCode.RECORDINGS_DELETED),
            (PlaceKind.SNAPSHOTS, "snapshot", snapshot_days, EventCode.SNAPSHOTS_DELETED),
        ):
            deleted = self._delete_old(window_files(kind), keep_days) if keep_days else []
            if deleted:
                names = ", ".join(path.name for path in deleted)
                message = f"deleted {count_of(len(deleted), noun)} more than {count_of(keep_days, 'day')} old: {names}"
                _log.warning("%s: %s", deleted[0].parent, message)
                events.append(Event("state", message, code=code))
        return events

    def _delete_old(self, files: Sequence[Path], keep_days: int) -> list[Path]:
        """Delete files that were written more than `keep_days` days ago, by their names and by their times, and return them."""
        now_utc = self._now_utc()
        ages = {path: now_utc - written for path in files if (written := _written_utc(path)) is not None}
        old = [path for path, age in ages.items() if age > timedelta(days=keep_days)]
        if not old or not (any(map(confirms_clock, ages.values())) or self._has_session_confirmed(now_utc)):
            return []
        deleted = []
        for path in old:
            try:
                if not is_in_use(path):
                    path.unlink()
                    deleted.append(path)
            except OSError as error:
                _log.warning("%s cannot be deleted: %s", path, error.strerror)
        return deleted

    def _has_session_confirmed(self, now_utc: datetime) -> bool:
        try:
            return self._log_dir is not None and is_clock_confirmed(self._log_dir, now_utc)
        except OSError as error:
            _log.info("%s cannot be read: %s", self._log_dir, error.strerror)
            return False


def _written_utc(path: Path) -> datetime | None:
    """Return when a file of the window was written: the later of the time in its name and its last change."""
    try:
        named = datetime.strptime(path.name[:_NAMED_TIME], MEDIA_NAME).astimezone()
        return max(named.astimezone(UTC), datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except (OSError, ValueError, OverflowError):
        return None


def finish_interrupted_removal(gallery: Path, log_dir: Path | None) -> None:
    """Finish a `facecam forget` that was interrupted. What cannot be changed now is tried again at the next start."""
    if not forgetting_folder().is_dir():
        return
    from facecam.privacy.forgetting import finish_interrupted

    places = stored_places(gallery.absolute(), (log_dir or data_dir() / "logs").absolute())
    try:
        for line in finish_interrupted(gallery.absolute(), places):
            _log.warning("%s", line)
    except FacecamError as error:
        _log.warning("the interrupted removal of a person cannot be finished now: %s", error)


def delete_old_compiled_networks() -> None:
    """Delete the networks that earlier versions compiled into the user's cache; they now come compiled."""
    folder = cache_dir() / "compiled"
    with contextlib.suppress(OSError):
        for path in folder.glob("*.litert"):
            path.unlink()
        folder.rmdir()
