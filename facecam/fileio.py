"""Files that are either whole or not there: written beside their target, flushed to the disk, moved over it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART_PREFIX = ".part-"
"""What an unfinished file is called; one that stays behind after a power cut is never read."""


def write_atomic(path: Path, data: bytes) -> None:
    """Make `path` hold `data`. Readers see the old content or the new one, also after a power cut. OSError as from open()."""
    part = _written_part(path, data)
    try:
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def create_atomic(path: Path, data: bytes) -> bool:
    """Make `path` hold `data` unless it exists already; whether this call made it. Of two processes at once one wins."""
    part = _written_part(path, data)
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links (FAT, some network shares): the last one wins
        if path.exists():
            return False
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A hidden file beside `path` for what is too much for memory: moved over it at the end, deleted after an error."""
    part = path.parent / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _written_part(path: Path, data: bytes) -> Path:
    """A complete hidden file beside `path`, which its caller moves or deletes."""
    part = path.parent / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part
