"""Whether anything in a gallery's folder has changed, told without opening a photo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from facecam.identify.people import REJECTED

Look = frozenset[tuple[str, int, int]]
"""Path, time of the last change (ns) and size in bytes of every file that could matter."""


def look_at(root: Path) -> Look:
    """How the folder is now: two looks differ when a picture or person.toml was added, removed, renamed or written."""
    return frozenset(_files(root))


def _files(root: Path) -> Iterator[tuple[str, int, int]]:
    for person in _entries(root):
        for file in (*_entries(person.path), *_entries(Path(person.path, REJECTED))):
            try:
                stat = file.stat()
            except OSError:
                continue  # gone since it was listed: the next look tells
            yield file.path, stat.st_mtime_ns, stat.st_size


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """What lies in a folder, without hidden things; nothing in what is no folder or cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return []
