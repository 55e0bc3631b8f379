"""Deletes logs that are older than the user wants to keep them: whole sessions, their own files, nothing else."""

from __future__ import annotations

import json
import logging
import re
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from facecam.logbook.part import in_use, number_of, session_of

_OWN = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{4})((\.\d+)?\.csv|\.json)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_logger = logging.getLogger(__name__)


def delete_old_sessions(folder: Path, keep_days: int, now_utc: datetime) -> list[str]:
    """Delete the sessions in `folder/<UTC date>/` that ended more than `keep_days` days ago; their ids, oldest first.

    A session that is still written, by whichever process, stays whole, and so does one with a file that cannot be deleted.
    """
    before = now_utc - timedelta(days=keep_days)
    deleted: list[str] = []
    for day in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not _DAY.fullmatch(day.name) or day.name > f"{before:%Y-%m-%d}" or day.is_symlink() or not day.is_dir():
            continue
        sessions = _sessions_of(day)
        deleted += [session for session, files in sessions.items() if _ended_utc(files) < before and _delete(session, files)]
        if deleted and sessions:
            with suppress(OSError):  # there is something else in it
                day.rmdir()
    return deleted


def _sessions_of(day: Path) -> dict[str, list[Path]]:
    """The files of each session that began that day: its json, then its parts from the last to the first."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(day.iterdir()):
        if _OWN.fullmatch(path.name) and path.name.startswith(day.name.replace("-", "")) and path.is_file():
            found[session_of(path)].append(path)
    return {
        session: sorted(files, key=lambda path: (path.suffix == ".csv", -number_of(path))) for session, files in found.items()
    }


def _ended_utc(files: list[Path]) -> datetime:
    """When the session ended, by its json; when its files last changed, for one that was killed."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(files[0].read_text(encoding="utf-8")) if files[0].suffix == ".json" else {}
        return datetime.fromisoformat(content["ended_at_utc"]).astimezone(UTC)
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)


def _delete(session: str, files: list[Path]) -> bool:
    """Whether all of the session's files are gone. The parts go first, the last of them before all others."""
    parts = [path for path in files if path.suffix == ".csv"]
    try:
        if any(map(in_use, parts)):
            return False
        for path in [*parts, *(path for path in files if path not in parts)]:
            path.unlink()
    except OSError as error:
        _logger.warning("the old log of session %s cannot be deleted: %s", session, error)
        return False
    return True
