"""Lines of a log file: its header, its whole lines, and the rows among damaged ones.

A killed session may leave half a line at the end. It is found by counting quotes: a line feed ends a line exactly when an even
number of quotes precedes it. One damaged line costs that line: `rows` leaves it out, also when its quotes would swallow others.
"""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from facecam.errors import LogError
from facecam.fileio import open_regular
from facecam.logbook.parquet_logs import is_parquet, parquet_header
from facecam.logbook.schema import COLUMNS, HEADER, ColumnKind, csv_line
from facecam.messages import TranslatableText

MAX_LINE_BYTES = 1 << 17
"""Maximum size of a row, which is that of a cell for Python's csv module. One with two paths of 4 KB has less than 20 KB."""

MAX_COLUMNS = 1000
"""Maximum number of columns of a log. This version writes fewer than 100, and a newer one will not need ten times as many."""

_BEGINNING = HEADER.split(",t_ms,")[0]
_CHUNK_BYTES = 1 << 22
_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = b"\xff\xfe", b"\xfe\xff"
_FIRST_CELLS = re.compile(rb"\d{1,3},\d{8}T\d{6}Z-[0-9a-f]{4},")
_LISTED = 10


class LogWarning(UserWarning):
    """Part of a log could not be read and was left out."""


def open_log(path: Path) -> BinaryIO:
    """Open a log for reading. Raises LogError when that fails, also for one that was deleted meanwhile."""
    try:
        return open_regular(path)
    except OSError as error:
        raise LogError(
            "the log {path} cannot be read: {reason}; check the path and its permissions",
            path=path,
            reason=error,
        ) from error


def read_header(path: Path) -> list[str]:
    """Return the log's columns, [] when the session was killed before it wrote them all. Raises LogError for other files."""
    if is_parquet(path):
        return parquet_header(path)
    with open_log(path) as file:
        line = file.readline(1 << 16).removeprefix(_BOM)
    if line.endswith(b"\n"):
        # A spreadsheet may have put the names in quotes.
        header = split_cells(line)
        if ",".join(header).startswith(f"{_BEGINNING},"):
            (most_frequent, count), *_ = Counter(header).most_common(1)
            if count > 1:
                raise LogError(
                    "the log {path} is damaged: it has the column {column!r} twice; use the original file",
                    path=path,
                    column=most_frequent,
                )
            if len(header) > MAX_COLUMNS:
                raise LogError(
                    "the log {path} has {count} columns, more than the {limit} that facecam reads; use the original file",
                    path=path,
                    count=len(header),
                    limit=MAX_COLUMNS,
                )
            return header
    if HEADER.encode().startswith(line):
        return []
    first, second = _BEGINNING.split(",")[:2]
    if line[:2] in _UTF16_BOMS or re.match(rf'"?{first}"?[;\t]"?{second}'.encode(), line):
        raise LogError(
            "{path} was saved by a spreadsheet, which changed separators, dates and numbers; use the original file that "
            "`facecam run` wrote",
            path=path,
        )
    raise LogError(
        "{path} is not a facecam log: its first line should begin with {beginning}; use a file that `run` wrote",
        path=path,
        beginning=_BEGINNING,
    )


def split_cells(line: bytes) -> list[str]:
    """Return the cells of a line, [] when it has none or has a cell of more than MAX_LINE_BYTES."""
    try:
        return next(csv.reader(io.StringIO(line.decode("utf-8", "replace").rstrip("\r\n"), newline="")), [])
    except csv.Error:
        return []


@dataclass(frozen=True, slots=True)
class WholeLines:
    """End of a file's last whole line; without quotes every line feed ends a line.

    `is_damaged` means that something is in the file which no log has: a NUL byte, an endless line, an odd quote.
    """

    end: int
    has_quotes: bool
    is_damaged: bool


def find_whole_lines(path: Path) -> WholeLines:
    """Find the end of the file's last whole line. Warns with LogWarning when the last line is incomplete.

    `stacklevel` of the warning points to the reader's caller.
    """
    with open_log(path) as file:
        size = os.fstat(file.fileno()).st_size
        odd, quoted, damaged, start, end = False, False, False, 0, 0
        # Only the first `size` bytes: a running session may append more meanwhile.
        while start < size and (chunk := file.read(min(size - start, _CHUNK_BYTES))):
            quotes = chunk.count(b'"')
            if end_here := _last_line_end(chunk, quotes, odd):
                end = start + end_here
            odd ^= quotes % 2 == 1
            quoted |= quotes > 0
            damaged |= b"\0" in chunk or _has_long_line(chunk)
            start += len(chunk)
        if start > end:
            file.seek(end)
            torn = file.read(min(start - end, MAX_LINE_BYTES + 1))
            if _has_odd_quote(torn):
                return WholeLines(start, has_quotes=True, is_damaged=True)
            warnings.warn(f"{path}: the last line is incomplete ({start - end} bytes) and skipped", LogWarning, stacklevel=5)
    return WholeLines(end, quoted, damaged)


def _has_odd_quote(torn: bytes) -> bool:
    """Return whether an odd quote is the reason that the end of a file seems to be within a line.

    A session writes one row at a time: an incomplete line begins like a row and has no other one in it.
    """
    first, *later = torn.split(b"\n")
    is_row = bool(_FIRST_CELLS.match(first)) or not later
    return len(torn) > MAX_LINE_BYTES or not is_row or any(map(_FIRST_CELLS.match, later))


def _last_line_end(chunk: bytes, quotes: int, odd: bool) -> int:
    """Return the end of the chunk's last whole line, 0 for none. `odd`: an odd number of quotes precedes the chunk."""
    end, inside = len(chunk), odd ^ (quotes % 2 == 1)
    while (feed := chunk.rfind(b"\n", 0, end)) >= 0:
        inside ^= chunk.count(b'"', feed + 1, end) % 2 == 1
        if not inside:
            return feed + 1
        end = feed
    return 0


def _has_long_line(chunk: bytes) -> bool:
    """Return whether a piece of half a line's maximum size has no line feed. Shorter lines need not be looked at one by one."""
    piece = MAX_LINE_BYTES // 2
    return any(chunk.find(b"\n", start, start + piece) < 0 for start in range(0, len(chunk) - piece + 1, piece))


_CELLS: Mapping[ColumnKind, str] = {
    "int": r"(?:-?\d{1,18}+)?+",
    "float": r"(?:-?(?:\d{1,200}+(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d{1,2}+)?+)?+",
    "bool": r"[01]?+",
    # Times are computed with milliseconds and time zones: those of the years 1 and 9999 have no local time.
    "time": r"(?:19[7-9]|2\d\d)\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,3})?Z",
    "text": r"[^,\"\r\n\0]*+",
    "category": r"[^,\"\r\n\0]*+",
}
KINDS: Mapping[str, ColumnKind] = {column.name: column.kind for column in COLUMNS}
_QUOTED = re.compile(rb'"((?:[^"]|"")*)"')
_PLAIN = re.compile(rb'[^",\r\n\0]*')


class RowCheck:
    """Check of a log's lines, which counts the rows and notes the other lines.

    A row has the header's number of cells, and its cells have the form of their columns. Only a time must not be empty. With
    `checked`, only these columns count. Columns that this version does not know may have any text.
    """

    def __init__(self, header: Sequence[str], checked: Iterable[str] | None = None) -> None:
        names = set(header if checked is None else checked)
        self.header = header
        self._kinds = [KINDS.get(name, "text") if name in names else "text" for name in header]
        cells = [f"({_CELLS[kind]})" if kind == "time" else _CELLS[kind] for kind in self._kinds]
        self._pattern = re.compile((",".join(cells) + r"\r?\n").encode())
        self.rows = 0
        self.damaged: list[int] = []
        self._reason = ""

    def accepts(self, line: bytes) -> bool:
        """Return whether a line, or several with quoted line feeds, is a row."""
        if len(line) > MAX_LINE_BYTES or b"\0" in line:
            return False
        found = self._pattern.fullmatch(_QUOTED.sub(_unquoted, line) if b'"' in line else line)
        if found is None:
            return False
        try:
            line.decode()
            for time in found.groups():
                datetime.fromisoformat(time.decode())
        except ValueError:
            return False
        return True

    def reject(self, number: int, line: bytes) -> None:
        """Note the number of a line that is not a row."""
        self._reason = self._reason or self._describe(line)
        self.damaged.append(number)

    def _describe(self, line: bytes) -> TranslatableText:
        if len(line) > MAX_LINE_BYTES:
            return TranslatableText("it has more than {limit} KB", limit=MAX_LINE_BYTES // 1024)
        if b"\0" in line:
            return TranslatableText("it has a NUL byte")
        cells = split_cells(line)
        if len(cells) != len(self.header):
            return TranslatableText("it has {count} cells, expected {expected}", count=len(cells), expected=len(self.header))
        for name, kind, cell in zip(self.header, self._kinds, cells, strict=True):
            if kind not in ("text", "category") and not RowCheck([name]).accepts(f"{cell}\n".encode()):
                if not cell:
                    return TranslatableText("{column} is empty", column=name)
                return TranslatableText("{column} is {value!r}", column=name, value=cell[:40])
        return TranslatableText("its quotes or letters are damaged")

    def warn(self, path: Path, stacklevel: int) -> None:
        """Warn with LogWarning about the lines that are not rows."""
        if self.damaged:
            warnings.warn(self.message(path), LogWarning, stacklevel=stacklevel + 1)

    def message(self, path: Path) -> TranslatableText:
        """Return a sentence with the lines that are not rows, and advice when no row is left."""
        numbers = ", ".join(map(str, self.damaged[:_LISTED])) + (" ..." if len(self.damaged) > _LISTED else "")
        values = {"path": path, "lines": numbers, "line": self.damaged[0], "reason": self._reason}
        count = len(self.damaged)
        text = TranslatableText(
            "{path}: {count} damaged lines are left out: {lines} (line {line}: {reason})", **values, count=count
        )
        if count == 1:
            text = TranslatableText("{path}: 1 damaged line is left out: {lines} (line {line}: {reason})", **values)
        if self.rows:
            return text
        return TranslatableText(
            "{text}; no row is left; if a spreadsheet saved the file, use the original that `facecam run` wrote: spreadsheets "
            "change dates and numbers",
            text=text,
        )


def _unquoted(found: re.Match[bytes]) -> bytes:
    """Return the text between quotes, or a letter in its place if it needs the quotes."""
    return found[1] if _PLAIN.fullmatch(found[1]) else b"q"


def rows(file: BinaryIO, end: int, check: RowCheck) -> Iterator[tuple[int, bytes]]:
    """Yield the start and the bytes of each row of a file up to `end`, without the header. `check` notes the other lines.

    A row may span several lines. If these do not form one, only the first is left out: an odd quote costs its own line.
    """
    lines = _read_lines(file, end)
    ahead: deque[tuple[int, int, bytes]] = deque()  # lines that were read to complete a row
    next(lines, None)
    while line := ahead.popleft() if ahead else next(lines, None):
        number, start, record = line
        later = []
        quotes, size = record.count(b'"'), len(record)
        while quotes % 2 and size <= MAX_LINE_BYTES and (more := ahead.popleft() if ahead else next(lines, None)):
            later.append(more)
            quotes += more[2].count(b'"')
            size += len(more[2])
        whole = b"".join((record, *(more[2] for more in later))) if later else record
        if check.accepts(whole):
            check.rows += 1
            yield start, whole
            continue
        ahead.extendleft(reversed(later))
        if record.strip():
            check.reject(number, record)


def _read_lines(file: BinaryIO, end: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, start and bytes of each line up to `end`; of an overlong line one byte more than a row may have."""
    number, start = 1, 0
    while line := file.readline(max(0, min(end - start, MAX_LINE_BYTES + 1))):
        yield number, start, line
        start += len(line)
        while not line.endswith(b"\n") and (line := file.readline(max(0, min(end - start, MAX_LINE_BYTES)))):
            start += len(line)
        number += 1


class FilePrefix(io.RawIOBase):
    """Readable file of another file's first `size` bytes."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


class RowFile(io.RawIOBase):
    """Readable file of a log's header and rows, without the lines that are not rows."""

    def __init__(self, file: BinaryIO, end: int, check: RowCheck) -> None:
        self._pieces = (piece for _, piece in rows(file, end, check))
        self._buffer = bytearray(csv_line(check.header).encode())

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while (size < 0 or len(self._buffer) < size) and (piece := next(self._pieces, b"")):
            self._buffer += piece
        data = bytes(self._buffer if size < 0 else self._buffer[:size])
        del self._buffer[: len(data)]
        return data
