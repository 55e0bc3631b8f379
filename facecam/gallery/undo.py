"""Undo of gallery changes: one type of entry, a bounded journal, and snapshots of removed files.

GalleryService makes the entries. They find people by their IDs, and files in the folders that the people have now, so a change
can be undone after a person was renamed. Removed files are kept in memory until the program ends, not in a folder: what is
removed leaves the disk at once.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from facecam.errors import GalleryError
from facecam.fileio import write_atomic
from facecam.gallery.people import Person

MAX_UNDO_STEPS = 20

MAX_SNAPSHOT_BYTES = 512 * 2**20
"""More than a hundred photos from a phone, and more than anyone enrolls of one person."""


class ChangeKind(StrEnum):
    """Kind of a gallery change."""

    PHOTOS_ADDED = "photos_added"
    FACE_REJECTED = "face_rejected"
    RENAMED = "renamed"
    MERGED = "merged"
    PERSON_REMOVED = "person_removed"
    PHOTOS_REMOVED = "photos_removed"
    QUARANTINED = "quarantined"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, eq=False)
class GalleryChange:
    """Completed change of a gallery, with the facts to describe it and the function that undoes it.

    Attributes:
        kind: What was done.
        undo: Reverts the change. Raises GalleryError, with nothing changed, when that is not possible any more.
        people: The people concerned, as they were before the change or as they were added.
        paths: Photos added, moved or removed: where they are after the change, or were before the removal. Of a removed person
            the folders.
        name: The new name of a renamed person, the name of the person merged into, or the name of a quarantine set.
        is_new_person: True if the person was added with the photos.
        photos, quarantined, rejected: Numbers of the photos, quarantined photos and rejected faces that were moved or removed.
        cached_entries: Number of cache entries removed.
        track_id: Track whose name was corrected, None for other changes.
    """

    kind: ChangeKind
    undo: Callable[[], None] = field(repr=False)
    people: tuple[Person, ...]
    paths: tuple[Path, ...] = ()
    name: str = ""
    is_new_person: bool = False
    photos: int = 0
    quarantined: int = 0
    rejected: int = 0
    cached_entries: int = 0
    track_id: int | None = None

    @property
    def person(self) -> Person:
        """The person concerned, or the first of several."""
        return self.people[0]


class UndoJournal:
    """The latest changes, at most `limit`. An entry is dropped once it is undone; a failed undo keeps it."""

    def __init__(self, limit: int = MAX_UNDO_STEPS) -> None:
        self._changes: deque[GalleryChange] = deque(maxlen=limit)

    @property
    def changes(self) -> tuple[GalleryChange, ...]:
        """All changes that can be undone, the oldest first."""
        return tuple(self._changes)

    @property
    def last(self) -> GalleryChange | None:
        """The change that `undo` reverts, None without one."""
        return self._changes[-1] if self._changes else None

    def record(self, change: GalleryChange) -> GalleryChange:
        """Add a change and return it."""
        self._changes.append(change)
        return change

    def undo(self) -> GalleryChange:
        """Undo the last change and return it.

        Raises:
            GalleryError: There is none, or it cannot be undone.
        """
        change = self.last
        if change is None:
            raise GalleryError("there is nothing to undo")
        change.undo()
        self._changes.pop()
        return change


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content: bytes
    modified_ns: int


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """Contents and times of files, kept in memory. `links` are symbolic links to folders with their targets."""

    files: tuple[_File, ...]
    links: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def capture(cls, paths: Iterable[Path]) -> FileSnapshot:
        """Read files, folders with everything in them, and links without what they point to. Missing files are left out.

        GalleryError when they are larger than MAX_SNAPSHOT_BYTES or cannot be read.
        """
        files: list[_File] = []
        links: list[tuple[Path, str]] = []
        total = 0
        for path in paths:
            if path.is_symlink():
                links.append((path, str(path.readlink())))
                continue
            for file in sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]:
                with contextlib.suppress(FileNotFoundError):
                    stat = file.stat()
                    total += stat.st_size
                    if total > MAX_SNAPSHOT_BYTES:
                        raise GalleryError(f"{path} has more than {MAX_SNAPSHOT_BYTES >> 20} MB, too much to keep for undo")
                    files.append(_File(file, file.read_bytes(), stat.st_mtime_ns))
        return cls(tuple(files), tuple(links))

    def restore(self, folders: Mapping[Path, Path] | None = None) -> None:
        """Write all files back; `folders` maps folders that were renamed meanwhile to the present ones.

        GalleryError, before anything is written, when another file has one of the paths.
        """
        targets = [(file, relocated(file.path, folders or {})) for file in self.files]
        for file, target in targets:
            if target.exists() and target.read_bytes() != file.content:
                raise GalleryError(f"{target} is another file now and would be overwritten: move it, then try again")
        try:
            for path, link_target in self.links:
                if not path.is_symlink():
                    path.symlink_to(link_target, target_is_directory=True)
            for file, target in targets:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(target, file.content)
                os.utime(target, ns=(file.modified_ns, file.modified_ns))
        except OSError as error:
            raise GalleryError(f"{error.filename} cannot be restored: {error.strerror}; make the folder writable") from error


def relocated(path: Path, folders: Mapping[Path, Path]) -> Path:
    """Return the path in the folder that its folder has become."""
    for old, new in folders.items():
        if path.is_relative_to(old):
            return new / path.relative_to(old)
    return path
