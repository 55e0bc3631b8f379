"""Undoable removal and merging of people and photos.

Removed files are kept in memory until the program ends, not in a folder: what is removed leaves the disk at once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facecam.errors import GalleryError
from facecam.fileio import write_atomic
from facecam.gallery.cache import prune_caches
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import PERSON_FILE
from facecam.gallery.store import GalleryFolder, RemovalResult
from facecam.types import Sample

MAX_SNAPSHOT_BYTES = 512 * 2**20
"""More than a hundred photos from a phone, and more than anyone enrolls of one person."""


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

    def restore(self) -> None:
        """Write all files back. GalleryError, before anything is written, when another file has one of the paths."""
        for file in self.files:
            if file.path.exists() and file.path.read_bytes() != file.content:
                raise GalleryError(f"{file.path} is another file now and would be overwritten: move it, then try again")
        try:
            for path, target in self.links:
                if not path.is_symlink():
                    path.symlink_to(target, target_is_directory=True)
            for file in self.files:
                file.path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(file.path, file.content)
                os.utime(file.path, ns=(file.modified_ns, file.modified_ns))
        except OSError as error:
            raise GalleryError(f"{error.filename} cannot be restored: {error.strerror}; make the folder writable") from error


@dataclass(frozen=True, slots=True)
class RemovedPerson:
    """Removed person with a snapshot of the files."""

    removal: RemovalResult
    files: FileSnapshot

    def undo(self) -> None:
        """Restore the person. GalleryError when another file has one of the paths."""
        self.files.restore()


@dataclass(frozen=True, slots=True)
class RemovedPhotos:
    """Removed photos with a snapshot of the files. `cached_entries` counts the cache entries dropped."""

    photos: tuple[Path, ...]
    cached_entries: int
    files: FileSnapshot

    def undo(self) -> None:
        """Restore the photos. GalleryError when their person's folder is missing or another file has one of the paths."""
        missing = next((photo.parent for photo in self.photos if not photo.parent.is_dir()), None)
        if missing is not None:
            raise GalleryError(f"{missing} no longer exists: the person was renamed or removed, so the photos cannot be restored")
        self.files.restore()


def remove_person(root: Path, name: str) -> RemovedPerson:
    """Delete a person like GalleryFolder.remove, with undo. GalleryError when the folders are too large to keep in memory."""
    person = GalleryFolder(root).person(name)
    files = FileSnapshot.capture(person.folders)
    return RemovedPerson(GalleryFolder(root).remove(person.name), files)


def remove_photos(root: Path, photos: Sequence[Path]) -> RemovedPhotos:
    """Delete photos and their cache entries. GalleryError when one cannot be deleted; those before it are gone."""
    files = FileSnapshot.capture(photos)
    for photo in photos:
        try:
            photo.unlink(missing_ok=True)
        except OSError as error:
            raise GalleryError(f"{photo} cannot be deleted: {error.strerror}") from error
    return RemovedPhotos(tuple(photos), prune_caches(root), files)


@dataclass(slots=True)
class MergeResult:
    """Undoable merge of `name` into `into`.

    `moved` holds old and new path of each file, `dropped` the deleted files, `dropped_rejections` of them rejected faces.
    """

    name: str
    into: str
    photos: int
    dropped_rejections: int
    dropped: FileSnapshot
    moved: list[tuple[Path, Path]] = field(default_factory=list)

    def undo(self) -> None:
        """Move every file back. GalleryError, before anything is moved, when one of them is missing."""
        missing = next((now for _, now in self.moved if not now.exists()), None)
        if missing is not None:
            raise GalleryError(f"{missing} no longer exists, so merging {self.name} into {self.into} cannot be undone")
        self.dropped.restore()
        try:
            for source, now in reversed(self.moved):
                source.parent.mkdir(parents=True, exist_ok=True)
                now.rename(source)
                _remove_if_empty(now.parent)
        except OSError as error:
            raise GalleryError(f"{error.filename} cannot be moved back: {error.strerror}; try again") from error


def merge_people(gallery: Gallery, name: str, into: str, threshold_l2: float) -> MergeResult:
    """Move everything in the folders of `name` to `into` and remove `name`. Both are read from the folder as it is now.

    Rejected faces move too, except those within `threshold_l2` of the other of the two and nearer to them than to the person they
    were rejected for: "not Ann" marked a face of Ben, and both are one person now. `gallery` provides those distances.
    GalleryError when a file cannot be moved; everything is moved back then.
    """
    folder = GalleryFolder(gallery.folder)
    source, target = folder.person(name), folder.person(into)
    if source.person_id == target.person_id:
        raise GalleryError(f"{source.name} cannot be merged with themselves: choose another person")
    if any(path.is_symlink() for path in source.folders):
        raise GalleryError(f"{source.name} is a link to another folder: move its photos into {target.folders[0]} by hand")
    obsolete = _obsolete_rejections(gallery, (source.person_id, target.person_id), threshold_l2)
    dropped = [*obsolete, *(path / PERSON_FILE for path in source.folders)]
    merged = MergeResult(source.name, target.name, len(source.photos), len(obsolete), FileSnapshot.capture(dropped))
    try:
        for path in source.folders:
            _move_files(path, target.folders[0], set(dropped), merged.moved)
        for path in dropped:
            path.unlink(missing_ok=True)
        for path in source.folders:
            for subfolder in sorted((below for below in path.rglob("*") if below.is_dir()), reverse=True):
                _remove_if_empty(subfolder)
            _remove_if_empty(path)
    except OSError as error:
        merged.undo()
        raise GalleryError(f"{error.filename} cannot be moved: {error.strerror}; {source.name} is unchanged") from error
    return merged


def _move_files(folder: Path, to: Path, excluded: set[Path], moved: list[tuple[Path, Path]]) -> None:
    """Move all other files, numbered where the name is taken, and append their paths to `moved` one by one."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path not in excluded):
        wanted = target = to / file.relative_to(folder)
        number = 1
        while target.exists():
            number += 1
            target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
        moved.append((file, target))


def _obsolete_rejections(gallery: Gallery, ids: tuple[str, str], threshold_l2: float) -> list[Path]:
    """Return the rejected faces of each person that show the other one, by their distances."""
    photos = {person_id: gallery.samples_of(person_id) for person_id in ids}
    other = {ids[0]: ids[1], ids[1]: ids[0]}
    obsolete: list[Path] = []
    for face in (face for face in gallery.rejected if face.person_id in other):
        other_l2 = _nearest_l2(face, photos[other[face.person_id]])
        if other_l2 <= threshold_l2 and other_l2 < _nearest_l2(face, photos[face.person_id]):
            obsolete.append(face.photo)
    return obsolete


def _nearest_l2(face: Sample, samples: Sequence[Sample]) -> float:
    return min((float(np.linalg.norm(sample.embedding - face.embedding)) for sample in samples), default=2.0)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # another program has put a file there
        folder.rmdir()
