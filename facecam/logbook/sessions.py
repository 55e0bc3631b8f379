"""Files of a session's log: their names and parts, whole lines, listing sessions and deleting old ones.

A session's log is `<session id>.csv`, continued in `<session id>.2.csv` and so on, with `<session id>.json` next to it. A killed
session may leave half a line at the end. It is found by counting quotes: a line feed ends a line exactly when an even number of
quotes precedes it.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from facecam.errors import LogError
from facecam.logbook.schema import HEADER, SESSION_ID

_SESSION_FILE = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{4})((\.\d+)?\.csv|\.json)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_logger = logging.getLogger(__name__)


def session_id_of(path: Path) -> str:
    """Return the session id in the name of any part."""
    return path.name.partition(".")[0]


def part_number(path: Path) -> int:
    """Return the part number in a file's name; the first part is 1."""
    number = path.stem.partition(".")[2]
    return int(number) if number.isdecimal() else 1


def first_part(path: Path) -> Path:
    """Return the first part of a file's session, or the file itself when its name has no session id."""
    return path.with_name(f"{session_id_of(path)}.csv") if SESSION_ID.fullmatch(session_id_of(path)) else path


def part_path(first: Path, number: int) -> Path:
    """Return the path of a later part."""
    return first.with_suffix(f".{number}.csv")


def session_parts(path: Path) -> list[Path]:
    """Return the file and, when it is a session's first part, the later parts in order."""
    if not SESSION_ID.fullmatch(path.stem):
        return [path]
    later = [part for part in path.parent.glob(f"{path.stem}.*.csv") if part.stem.partition(".")[2].isdecimal()]
    return [path, *sorted(later, key=part_number)]


class LogPart:
    """Open file of a log with its header written. The constructor raises OSError when it exists or cannot be created.

    Later errors of the disk are returned, not raised.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("xb", buffering=0)
        _lock_shared(self._file)
        self.size_bytes = 0
        if (error := self.append([HEADER.encode()])[1]) is not None:
            self._file.close()
            self.path.unlink(missing_ok=True)
            raise error

    def append(self, lines: Sequence[bytes]) -> tuple[int, OSError | None]:
        """Write lines; return how many are in the file and the error that stopped the others. No partial line remains."""
        data, written, error = b"".join(lines), 0, None
        try:
            # A nearly full disk makes a short write.
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as stopped:
            error = stopped
        count = sum(end <= written for end in accumulate(map(len, lines)))
        self.size_bytes += sum(map(len, lines[:count]))
        if error is not None:
            self.cut()
        return count, error

    def cut(self) -> OSError | None:
        """Truncate the file after its last whole line; return the error when that fails."""
        try:
            self._file.truncate(self.size_bytes)
            self._file.seek(self.size_bytes)
        except OSError as error:
            return error
        return None

    def fileno(self) -> int:
        """For os.fsync."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        # A network disk may report only now that it is full. Whole lines stay whole, and nothing else can be done.
        with suppress(OSError):
            self._file.close()


if sys.platform == "win32":

    def _lock_shared(file: BinaryIO) -> None:
        """Do nothing: Windows deletes no open file."""

    def is_in_use(path: Path) -> bool:  # noqa: ARG001
        """Return False: deleting a file that is being written fails on Windows."""
        return False

else:
    import fcntl

    def _lock_shared(file: BinaryIO) -> None:
        """Mark the file as being written, until it is closed or the process ends."""
        with suppress(OSError):  # a network disk without locks
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def is_in_use(path: Path) -> bool:
        """Return whether a session is writing this file. Raises OSError when it cannot be opened."""
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


LogPaths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A log, a folder of logs, or several of them."""

_BEGINNING = HEADER.split(",t_ms,")[0].encode()
_CHUNK_BYTES = 1 << 22


class LogWarning(UserWarning):
    """Part of a log could not be read and was left out."""


def find_logs(logs: LogPaths) -> list[Path]:
    """Return the files of the given logs and folders once each, in order, with the later parts of each first part.

    Other CSV files in a folder are skipped with a LogWarning. Raises LogError for a given file that is not a log.
    """
    given = [logs] if isinstance(logs, (str, os.PathLike)) else logs
    found: dict[Path, Path] = {}
    for path in map(Path, given):
        if path.is_dir():
            files = _logs_below(path)
            if not files:
                raise LogError(f"no log was found below {path}; `facecam run --log {path}` writes one there")
        else:
            files = session_parts(path)
            for part in files:
                read_header(part)
        found |= {file.resolve(): file for file in files if file.resolve() not in found}
    return list(found.values())


def _logs_below(folder: Path) -> list[Path]:
    found = []
    # By part number: `.10.csv` comes after `.2.csv`.
    for file in sorted(folder.rglob("*.csv"), key=lambda path: (path.parent, session_id_of(path), part_number(path))):
        try:
            read_header(file)
        except LogError as error:
            warnings.warn(f"skipped: {error}", LogWarning, stacklevel=4)
        else:
            found.append(file)
    return found


def read_header(path: Path) -> list[str]:
    """Return the log's columns, [] when the session was killed before it wrote them all. Raises LogError for other files."""
    try:
        with path.open("rb") as file:
            line = file.readline(1 << 16)
    except OSError as error:
        raise LogError(f"the log {path} cannot be read: {error.strerror or error}; check the path and its permissions") from error
    if line.endswith(b"\n") and line.startswith(_BEGINNING + b","):
        return line.decode("utf-8", "replace").rstrip("\r\n").split(",")
    if HEADER.encode().startswith(line):
        return []
    raise LogError(
        f"{path} is not a facecam log: its first line should begin with {_BEGINNING.decode()}; use a file that `run` wrote"
    )


def find_whole_lines(path: Path) -> tuple[int, bool]:
    """Return the end of the file's last whole line, and whether it has quotes: without them every line feed ends a line.

    Warns with LogWarning when the last line is incomplete.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        odd, quoted, start, end = False, False, 0, 0
        # Only the first `size` bytes: a running session may append more meanwhile.
        while start < size and (chunk := file.read(min(size - start, _CHUNK_BYTES))):
            quotes = chunk.count(b'"')
            if end_here := _last_line_end(chunk, quotes, odd):
                end = start + end_here
            odd ^= quotes % 2 == 1
            quoted |= quotes > 0
            start += len(chunk)
    if torn := start - end:
        warnings.warn(f"{path}: the last line is incomplete ({torn} bytes) and skipped", LogWarning, stacklevel=5)
    return end, quoted


def warn_skipped_lines(path: Path, count: int) -> None:
    """Warn when lines with another number of columns than the header were skipped. `stacklevel` points to the reader's caller."""
    if count:
        warnings.warn(f"{path}: {count} lines with too few or too many columns are skipped", LogWarning, stacklevel=5)


def _last_line_end(chunk: bytes, quotes: int, odd: bool) -> int:
    """Return the end of the chunk's last whole line, 0 for none. `odd`: an odd number of quotes precedes the chunk."""
    end, inside = len(chunk), odd ^ (quotes % 2 == 1)
    while (feed := chunk.rfind(b"\n", 0, end)) >= 0:
        inside ^= chunk.count(b'"', feed + 1, end) % 2 == 1
        if not inside:
            return feed + 1
        end = feed
    return 0


class FilePrefix(io.RawIOBase):
    """Readable file of another file's first `size` bytes."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session, from its JSON. `ended_at_utc` and `rows` are None while it runs and when it was killed.

    `path` is the log's first part, `size_bytes` the size of all parts.
    """

    session_id: str
    path: Path
    source: str
    started_at_utc: datetime
    ended_at_utc: datetime | None
    rows: int | None
    rows_lost: int
    size_bytes: int


def list_sessions(folder: Path) -> list[SessionSummary]:
    """Return the sessions with logs below the folder, oldest first. Reads only their JSON files, and skips other ones."""
    files = [found for directory, _, _ in os.walk(folder) for found in _session_files(Path(directory)).values()]
    return sorted(filter(None, map(_summary, files)), key=lambda summary: summary.session_id)


def session_summary(log: Path) -> SessionSummary | None:
    """Return the session of a log, any of its parts; None without its JSON."""
    return _summary(_session_files(log.parent).get(session_id_of(log), []))


def read_details(log: Path) -> dict[str, Any]:
    """Return the content of the JSON next to a log, any part of a session; {} when it is missing or damaged."""
    with suppress(OSError, ValueError):
        content = json.loads(log.with_name(f"{session_id_of(log)}.json").read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    return {}


def _summary(files: Sequence[Path]) -> SessionSummary | None:
    log = files[-1] if files else Path()
    if log.suffix != ".csv" or part_number(log) != 1:
        return None
    content = read_details(log)
    try:
        ended = content["ended_at_utc"]
        return SessionSummary(
            session_id=session_id_of(log),
            path=log,
            source=str(content.get("source", "")),
            started_at_utc=datetime.fromisoformat(content["started_at_utc"]),
            ended_at_utc=datetime.fromisoformat(ended) if ended else None,
            rows=int(content["rows"]) if ended else None,
            rows_lost=int(content["rows_lost"]),
            size_bytes=sum(part.stat().st_size for part in files if part.suffix == ".csv"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _session_files(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each session in the folder: its JSON, then its parts from last to first."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in folder.iterdir() if folder.is_dir() else []:
        if _SESSION_FILE.fullmatch(path.name) and path.is_file():
            found[session_id_of(path)].append(path)
    return {
        session: sorted(files, key=lambda path: (path.suffix == ".csv", -part_number(path)))
        for session, files in sorted(found.items())
    }


def delete_old_sessions(folder: Path, keep_days: int, now_utc: datetime) -> list[str]:
    """Delete the sessions in `folder/<UTC date>/` that ended more than `keep_days` days ago; return their ids, oldest first.

    Only a session's own files are deleted. A session that any process is still writing stays, as does one with a file that
    cannot be deleted.
    """
    cutoff = now_utc - timedelta(days=keep_days)
    deleted: list[str] = []
    for day in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not _DAY.fullmatch(day.name) or day.name > f"{cutoff:%Y-%m-%d}" or day.is_symlink() or not day.is_dir():
            continue
        date = day.name.replace("-", "")
        sessions = {session: files for session, files in _session_files(day).items() if session.startswith(date)}
        deleted += [session for session, files in sessions.items() if _ended_utc(files) < cutoff and _delete(session, files)]
        if deleted and sessions:
            with suppress(OSError):  # it has other files
                day.rmdir()
    return deleted


def _ended_utc(files: list[Path]) -> datetime:
    """Return when the session ended by its JSON or, for a killed session, when its files last changed."""
    with suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat(read_details(files[0])["ended_at_utc"]).astimezone(UTC)
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)


def _delete(session: str, files: list[Path]) -> bool:
    """Delete a session's files, the parts from last to first, then the JSON. Returns whether that succeeded."""
    parts = [path for path in files if path.suffix == ".csv"]
    try:
        if any(map(is_in_use, parts)):
            return False
        for path in [*parts, *(path for path in files if path not in parts)]:
            path.unlink()
    except OSError as error:
        _logger.warning("the old log of session %s cannot be deleted: %s", session, error)
        return False
    return True
