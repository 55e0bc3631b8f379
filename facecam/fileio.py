"""Atomic file writes: data goes to a hidden file in the target's folder, is flushed to disk and moved over the target."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART_PREFIX = ".part-"
"""Prefix of unfinished files. One that a power cut leaves behind is never read."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`; readers see the old or the new content, even after a power cut. OSError as from open()."""
    with atomic_path(path) as part:
        part.write_bytes(data)


def create_atomic(path: Path, data: bytes) -> bool:
    """Write `data` to `path` unless the file exists, and return whether it was created. One of two processes at once succeeds."""
    with _part_of(path) as part:
        part.write_bytes(data)
        _flush(part)
        try:
            os.link(part, path)
        except FileExistsError:
            return False
        except OSError:  # A file system without hard links (FAT, some network shares): the last writer wins.
            if path.exists():
                return False
            part.replace(path)
    return True


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a hidden path for content too large for memory. The file replaces `path` at the end and is deleted after an error."""
    with _part_of(path) as part:
        yield part
        _flush(part)
        part.replace(path)


@contextmanager
def _part_of(path: Path) -> Iterator[Path]:
    """Yield an unused hidden path in the same folder, and delete the file that is left there."""
    part = path.parent / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _flush(part: Path) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())
