"""A session's log on disk: `<session id>.csv`, and the parts that it goes on in, `<session id>.2.csv` and so on, beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from facecam.logbook.rows import SESSION_ID
from facecam.logbook.schema import HEADER


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


class Part:
    """An open file of a log, its header written. OSError from the start when it cannot be made or exists already.

    Afterwards nothing is raised for what the disk does: what it does not take is handed back.
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
