"""Which files are meant by a log's name, and which of their bytes are whole lines.

A session that was killed may leave half a line at the end of its log. It is found by counting quotes: a line feed ends a line
exactly when an even number of quotes stands before it.
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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from facecam.errors import LogError
from facecam.logbook.schema import HEADER, SESSION_ID

# MERGED logbook.part: A session's log on disk: `<session id>.csv`, and the parts that it goes on in, `<session id>.2.csv` and so on, beside it.


def session_of(path: Path) -> str:
    """The session that a file's name says, whichever part it is."""
    return path.name.partition(".")[0]


def number_of(path: Path) -> int:
    """Which part of its session a file is by its name; the first is 1."""
    number = path.stem.partition(".")[2]
    return int(number) if number.isdecimal() else 1


def first_part(path: Path) -> Path:
    """The first part of the session that a file is a part of; a file that is named otherwise is its own."""
    return path.with_name(f"{session_of(path)}.csv") if SESSION_ID.fullmatch(session_of(path)) else path


def part_path(first: Path, number: int) -> Path:
    """What a later part of a log is called."""
    return first.with_suffix(f".{number}.csv")


def parts_of(path: Path) -> list[Path]:
    """The file and, when it is a session's first part, the others beside it, in their order."""
    if not SESSION_ID.fullmatch(path.stem):
        return [path]
    later = [part for part in path.parent.glob(f"{path.stem}.*.csv") if part.stem.partition(".")[2].isdecimal()]
    return [path, *sorted(later, key=number_of)]


class LogPart:
    """An open file of a log, its header written. OSError from the start when it cannot be made or exists already.

    Afterward nothing is raised for what the disk does: what it does not take is handed back.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("xb", buffering=0)
        _hold(self._file)
        self.size_bytes = 0
        if (error := self.append([HEADER.encode()])[1]) is not None:
            self._file.close()
            self.path.unlink(missing_ok=True)
            raise error

    def append(self, lines: Sequence[bytes]) -> tuple[int, OSError | None]:
        """How many of the lines are in the file, wholly, and the error that stopped the others; of them nothing stays."""
        data, taken, error = b"".join(lines), 0, None
        try:
            # A disk's last room is filled by a short write.
            while taken < len(data):
                taken += self._file.write(data[taken:])
        except OSError as stopped:
            error = stopped
        count = len(lines) if error is None else _whole(lines, taken)
        self.size_bytes += sum(map(len, lines[:count]))
        if error is not None:
            self.cut()
        return count, error

    def cut(self) -> OSError | None:
        """Cut off what stands behind the last whole line, and say why not when that fails."""
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
        """Give the file back. A second call does nothing."""
        # A network's disk may say only now that it is full. What is whole in the file stays so, and there is nothing left to do.
        with suppress(OSError):
            self._file.close()


def _whole(lines: Sequence[bytes], taken: int) -> int:
    """How many of the lines lie within the first `taken` bytes."""
    count = 0
    for line in lines:
        taken -= len(line)
        if taken < 0:
            break
        count += 1
    return count


if sys.platform == "win32":

    def _hold(file: BinaryIO) -> None:
        """Windows deletes no file that is open."""

    def in_use(path: Path) -> bool:  # noqa: ARG001
        """Whether a session is writing this file. Deleting says so itself here."""
        return False

else:
    import fcntl

    def _hold(file: BinaryIO) -> None:
        """Let every process see that this file is being written, until it is closed or the process is gone."""
        with suppress(OSError):  # a network's disk without locks
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def in_use(path: Path) -> bool:
        """Whether a session is writing this file. OSError when it cannot be opened."""
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


Logs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A log, a folder of logs, or several of them."""

_BEGINNING = HEADER.split(",t_ms,")[0].encode()
_CHUNK_BYTES = 1 << 22


class LogWarning(UserWarning):
    """Part of a log could not be read and was left out."""


@dataclass(frozen=True, slots=True)
class WholeLines:
    """A file's size, how much of it is whole lines, and whether it has any quotes: without them a line feed ends a line."""

    size_bytes: int
    end: int
    quoted: bool


def find_logs(logs: Logs) -> list[Path]:
    """The files that are meant, each once, in their order; what lies in a folder and is no log is left out with a warning.

    A session's first part brings the others that lie beside it.
    """
    given = [logs] if isinstance(logs, (str, os.PathLike)) else logs
    found: dict[Path, Path] = {}
    for path in map(Path, given):
        if path.is_dir():
            below = _logs_below(path)
            if not below:
                raise LogError(f"there is no log below {path}; `facecam run --log {path}` writes one there")
        else:
            below = parts_of(path)
            for part in below:
                header_of(part)
        found |= {file.resolve(): file for file in below if file.resolve() not in found}
    return list(found.values())


def _order(path: Path) -> tuple[Path, str, int]:
    """The later parts of a session (`<session id>.2.csv`) behind its first."""
    return path.parent, session_of(path), number_of(path)


def _logs_below(folder: Path) -> list[Path]:
    found = []
    for file in sorted(folder.rglob("*.csv"), key=_order):
        try:
            header_of(file)
        except LogError as error:
            warnings.warn(f"left out: {error}", LogWarning, stacklevel=4)
        else:
            found.append(file)
    return found


def header_of(path: Path) -> list[str]:
    """The log's columns; none when the session was killed before it wrote them all. LogError when the file is no log."""
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
        f"{path} is no log of facecam: its first line should begin with {_BEGINNING.decode()}; name a file that `run` wrote"
    )


def whole_lines(path: Path) -> WholeLines:
    """How much of the file can be read."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        odd, quoted, start, end = False, False, 0, 0
        for chunk in _chunks(file, size):
            quotes = chunk.count(b'"')
            if end_here := _last_end(chunk, quotes, odd):
                end = start + end_here
            odd ^= quotes % 2 == 1
            quoted |= quotes > 0
            start += len(chunk)
    return WholeLines(start, end, quoted)


def warn_of_torn(path: Path, lines: WholeLines) -> None:
    """A LogWarning when the last line is torn, for whoever called the caller's caller."""
    if torn := lines.size_bytes - lines.end:
        warnings.warn(f"{path}: the last line is torn ({torn} bytes) and left out", LogWarning, stacklevel=4)


def warn_of_odd(path: Path, count: int) -> None:
    """The same for lines that are not as long as the header."""
    if count:
        warnings.warn(f"{path}: {count} lines with too few or too many columns are left out", LogWarning, stacklevel=4)


def _last_end(chunk: bytes, quotes: int, odd: bool) -> int:
    """Where in the chunk its last whole line ends, 0 for nowhere. `odd` says whether an odd number of quotes stands before it."""
    end, inside = len(chunk), odd ^ (quotes % 2 == 1)
    while (feed := chunk.rfind(b"\n", 0, end)) >= 0:
        inside ^= chunk.count(b'"', feed + 1, end) % 2 == 1
        if not inside:
            return feed + 1
        end = feed
    return 0


def _chunks(file: io.BufferedReader, size: int) -> Iterator[bytes]:
    """The file's first `size` bytes: a session that is still running adds more meanwhile."""
    while size > 0 and (chunk := file.read(min(size, _CHUNK_BYTES))):
        size -= len(chunk)
        yield chunk


class LogHeader(io.RawIOBase):
    """A file's first `size` bytes as a file of their own."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """As of any file."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


# MERGED logbook.sessions: Which sessions a folder holds, from the small json beside each log: no log is read.


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session. `ended_at_utc` and `rows` are None while it runs, and for one that was killed; `path` is the log's first part,
    `size_bytes` that of all.
    """

    session_id: str
    path: Path
    source: str
    started_at_utc: datetime
    ended_at_utc: datetime | None
    rows: int | None
    rows_lost: int
    size_bytes: int


def sessions_below(folder: Path) -> list[SessionSummary]:
    """The sessions whose logs lie below the folder, oldest first. A json that is no session's is passed over."""
    found: list[SessionSummary] = []
    for place, _, names in os.walk(folder):
        logs: dict[str, list[Path]] = {}
        for name in names:
            if name.endswith(".csv"):
                logs.setdefault(session_of(Path(name)), []).append(Path(place, name))
        details = [Path(place, name) for name in names if name.endswith(".json") and SESSION_ID.fullmatch(name[: -len(".json")])]
        found += [summary for path in details if (summary := _summary(path, logs.get(path.stem, []))) is not None]
    return sorted(found, key=lambda summary: summary.session_id)


def _summary(details: Path, parts: list[Path]) -> SessionSummary | None:
    log = details.with_suffix(".csv")
    if log not in parts:
        return None
    try:
        content = json.loads(details.read_text(encoding="utf-8"))
        ended = content["ended_at_utc"]
        return SessionSummary(
            session_id=details.stem,
            path=log,
            source=str(content.get("source", "")),
            started_at_utc=datetime.fromisoformat(content["started_at_utc"]),
            ended_at_utc=datetime.fromisoformat(ended) if ended else None,
            rows=int(content["rows"]) if ended else None,
            rows_lost=int(content["rows_lost"]),
            size_bytes=sum(part.stat().st_size for part in parts),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


# MERGED logbook.retention: Deletes logs that are older than the user wants to keep them: whole sessions, their own files, nothing else.

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
