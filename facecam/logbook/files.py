"""Which files are meant by a log's name, and which of their bytes are whole lines.

A session that was killed may leave half a line at the end of its log. It is found by counting quotes: a line feed ends a line
exactly when an even number of quotes stands before it.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import LogError
from facecam.logbook.part import number_of, parts_of, session_of
from facecam.logbook.schema import HEADER

Logs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A log, a folder of logs, or several of them."""

_BEGINNING = HEADER.split(",t_ms,")[0].encode()
_CHUNK_BYTES = 1 << 22


class LogWarning(UserWarning):
    """Part of a log could not be read and was left out."""


@dataclass(frozen=True, slots=True)
class Lines:
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


def whole_lines(path: Path) -> Lines:
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
    return Lines(start, end, quoted)


def warn_of_torn(path: Path, lines: Lines) -> None:
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


class Head(io.RawIOBase):
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
