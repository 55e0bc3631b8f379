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
from itertools import chain
from pathlib import Path

from facecam.errors import GalleryError
from facecam.fileio import write_atomic
from facecam.gallery.people import PERSON_FILE, Person

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
        self._changes.remove(change)
        return change


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content: bytes
    modified_ns: int


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """Contents and times of files, kept in memory. `links` are symbolic links with their targets."""

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
        for path in chain.from_iterable(map(_with_content, paths)):
            try:
                if path.is_symlink():
                    links.append((path, str(path.readlink())))
                elif path.is_file():
                    stat = path.stat()
                    total += stat.st_size
                    if total > MAX_SNAPSHOT_BYTES:
                        limit_mb = MAX_SNAPSHOT_BYTES >> 20
                        raise GalleryError(f"{path.parent} has more than {limit_mb} MB, too much to keep for undo")
                    files.append(_File(path, path.read_bytes(), stat.st_mtime_ns))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise GalleryError(f"{path} cannot be read: {error.strerror}; nothing was changed") from error
        return cls(tuple(files), tuple(links))

    def restore(self, folders: Mapping[Path, Path] | None = None) -> None:
        """Write all files back; `folders` maps folders that were renamed meanwhile to the present ones.

        GalleryError, with nothing written, when a file cannot be written or another one has its path.
        """
        # person.toml comes first: photos without it would get a new one, with another ID, from whoever reads the gallery.
        ordered = sorted(self.files, key=lambda file: file.path.name != PERSON_FILE)
        files = [(file, relocated(file.path, folders or {})) for file in ordered]
        links = [(relocated(path, folders or {}), link_target) for path, link_target in self.links]
        targets = [target for _, target in files] + [target for target, _ in links]
        new = [target for target in targets if not os.path.lexists(target)]
        unchanged = {target for file, target in files if _has_content(target, file.content)}
        unchanged |= {target for target, link_target in links if target.is_symlink() and str(target.readlink()) == link_target}
        other = next((target for target in targets if target not in unchanged and target not in new), None)
        if other is not None:
            raise GalleryError(f"{other} is another file now and would be overwritten: move it, then try again")
        try:
            for target in targets:
                target.parent.mkdir(parents=True, exist_ok=True)
            for target, link_target in links:
                if target in new:
                    target.symlink_to(link_target, target_is_directory=(target.parent / link_target).is_dir())
            for file, target in files:
                write_atomic(target, file.content)
                os.utime(target, ns=(file.modified_ns, file.modified_ns))
        except OSError as error:
            for target in new:
                with contextlib.suppress(OSError):
                    target.unlink(missing_ok=True)
            remove_empty(folder for target in new for folder in (target.parent, target.parent.parent))
            advice = "free some space, or make the folder writable, then try again"
            raise GalleryError(f"{new[0] if new else targets[0]} cannot be restored: {error.strerror}; {advice}") from error


def _with_content(path: Path) -> list[Path]:
    return sorted(path.rglob("*")) if path.is_dir() and not path.is_symlink() else [path]


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def remove_empty(folders: Iterable[Path]) -> None:
    """Delete the empty ones of these folders, the deepest first."""
    for folder in sorted(set(folders), reverse=True):
        with contextlib.suppress(OSError):  # it has other files, or is a file
            folder.rmdir()


def relocated(path: Path, folders: Mapping[Path, Path]) -> Path:
    """Return the path in the folder that its folder has become."""
    for old, new in folders.items():
        if path.is_relative_to(old):
            return new / path.relative_to(old)
    return path
