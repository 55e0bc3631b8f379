"""UTC times of recordings: given by the user, from a file's header, or from the time at which the file was last changed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from facecam.errors import ImageError, SettingsError
from facecam.imageio import read_exif_time
from facecam.messages import TranslatableText
from facecam.types import SourceTime, TimeOrigin

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(2900, 1, 1, tzinfo=UTC)

_EARLIEST_HEADER = datetime(1980, 1, 2, tzinfo=UTC)
"""Headers that were never set read 1904 (MP4) or 1970, and a camera whose battery is empty starts in 1980."""

_HEADER_KEYS = ("com.apple.quicktime.creationdate", "creation_time")
"""Keys of FFmpeg's metadata, the one that has a time zone first."""

_DATE_AND_TIME = re.compile(r"[\dW-]+[T ]\d")
_NO_COLON = re.compile(r"(?<=[+-]\d\d)(?=\d\d$)")


def parse_started_at(text: str) -> datetime:
    """Return the UTC time of an ISO 8601 text; without a time zone it is the local time of this machine.

    Raises:
        SettingsError: The text is not a date with a time, lies outside the years 1970 to 2899, or is a local time that happens
            twice or not at all because the clocks change.
    """
    expected = TranslatableText("write a date and a time, such as 2026-03-01T09:30:00 (local) or 2026-03-01T08:30:00Z")
    stripped = text.strip()
    found = later = None
    if _DATE_AND_TIME.match(stripped):
        with contextlib.suppress(ValueError, OverflowError, OSError):
            time = datetime.fromisoformat(stripped)
            found, later = (time.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if found is None:
        raise SettingsError("{text!r} is not a time; {expected}", text=text, expected=expected)
    if not _EARLIEST <= found < _END:
        raise SettingsError("{text!r} is outside the years 1970 to 2899; {expected}", text=text, expected=expected)
    if found != later:
        raise SettingsError(
            "{text!r} happens twice or not at all, because the clocks change; write it with a zone, such as "
            "2026-10-25T02:30:00+01:00",
            text=text,
        )
    return found


def header_time(metadata: Mapping[str, str], now_utc: datetime | None = None) -> SourceTime | None:
    """Return the creation time in a container's metadata; None without one, or when the clock that set it was wrong."""
    values = {key.lower(): value for key, value in metadata.items()}
    for key in _HEADER_KEYS:
        try:
            time = datetime.fromisoformat(_NO_COLON.sub(":", values[key].strip()))
            found = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except (KeyError, ValueError, OverflowError):
            continue
        if _EARLIEST_HEADER <= found <= (now_utc or datetime.now(UTC)):
            return SourceTime(found, TimeOrigin.CONTAINER)
    return None


def file_time(path: Path, duration_ms: float = 0.0) -> SourceTime:
    """Return the start of a recording of this length that ended when its file was last changed.

    A time before 1970 or in the future, which a file system can state, is replaced by the nearest possible one.
    """
    now_utc = datetime.now(UTC)
    try:
        ended_utc = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now_utc)
        return SourceTime(max(_EARLIEST, ended_utc - timedelta(milliseconds=duration_ms)), TimeOrigin.FILE)
    except (OSError, ValueError, OverflowError):
        return SourceTime(now_utc, TimeOrigin.FILE)


def image_time(path: Path) -> SourceTime:
    """Return when an image was taken by its EXIF data, else when its file was last changed.

    EXIF times without a time zone are the local time of this machine.
    """
    try:
        taken = read_exif_time(path)
        found = None if taken is None else taken.astimezone(UTC)
    except (ImageError, ValueError, OverflowError, OSError):
        found = None
    if found is not None and _EARLIEST_HEADER <= found <= datetime.now(UTC):
        return SourceTime(found, TimeOrigin.CONTAINER)
    return file_time(path)
