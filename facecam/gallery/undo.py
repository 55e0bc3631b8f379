"""People and photos removed from a gallery for good, and until the program ends put back on demand."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facecam.errors import GalleryError
from facecam.fileio import write_atomic
from facecam.gallery.cache import forget_missing
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import PERSON_FILE
from facecam.gallery.store import GalleryFolder, RemovalResult
from facecam.types import Sample

# MERGED identify.kept_files: Files that are about to go, kept in memory so that they can be put back as they were, byte for byte.
#
# In memory and not in a folder of leftovers: what is removed from a gallery is gone from the disk at once.

MOST_BYTES = 512 * 2**20
"""More than hundred photos as a phone takes them; nobody keeps so many of one person."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content: bytes
    modified_ns: int


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """What files held when they were read. `links` are folders that were links, and where they led."""

    files: tuple[_File, ...]
    links: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def of(cls, paths: Iterable[Path]) -> FileSnapshot:
        """These files, and of folders everything in them; of a link only the link. What has just vanished is left out.

        GalleryError when they are too large to be kept, or one cannot be read.
        """
        files: list[_File] = []
        links: list[tuple[Path, str]] = []
        total = 0
        for path in paths:
            if path.is_symlink():
                links.append((path, str(path.readlink())))
                continue
            for file in sorted(_below(path)):
                with contextlib.suppress(FileNotFoundError):
                    stat = file.stat()
                    total += stat.st_size
                    if total > MOST_BYTES:
                        raise GalleryError(f"{path} has more than {MOST_BYTES >> 20} MB, which cannot be kept to be taken back")
                    files.append(_File(file, file.read_bytes(), stat.st_mtime_ns))
        return cls(tuple(files), tuple(links))

    def put_back(self) -> None:
        """Make all of it be there again. GalleryError, before anything is written, when a place is taken by something else."""
        self._refuse_taken()
        try:
            for path, target in self.links:
                if not path.is_symlink():
                    path.symlink_to(target, target_is_directory=True)
            for file in self.files:
                file.path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(file.path, file.content)
                os.utime(file.path, ns=(file.modified_ns, file.modified_ns))
        except OSError as error:
            raise GalleryError(
                f"{error.filename} cannot be put back: {error.strerror}; see that the folder can be written"
            ) from error

    def _refuse_taken(self) -> None:
        for file in self.files:
            if file.path.exists() and file.path.read_bytes() != file.content:
                raise GalleryError(f"{file.path} is another file now, and would be overwritten: move it away, then try again")


def _below(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_file()]


@dataclass(frozen=True, slots=True)
class RemovedPerson:
    """What went with a person, and the files as they were."""

    removal: RemovalResult
    files: FileSnapshot

    def take_back(self) -> None:
        """Put the person back. GalleryError when a place is taken meanwhile."""
        self.files.put_back()


@dataclass(frozen=True, slots=True)
class RemovedPhotos:
    """The photos that went, and the files as they were. `cached_verdicts` is what the caches held of them."""

    photos: tuple[Path, ...]
    cached_verdicts: int
    files: FileSnapshot

    def take_back(self) -> None:
        """Put the photos back. GalleryError when their person's folder has gone, or a place is taken."""
        gone = next((photo.parent for photo in self.photos if not photo.parent.is_dir()), None)
        if gone is not None:
            raise GalleryError(f"{gone} has gone since: the person was renamed or removed, and the photos have no place")
        self.files.put_back()


def remove_person(root: Path, name: str) -> RemovedPerson:
    """Delete a person as GalleryFolder.remove does; the folders' content is kept in memory. GalleryError when it is too much."""
    person = GalleryFolder(root).person(name)
    files = FileSnapshot.of(person.folders)
    return RemovedPerson(GalleryFolder(root).remove(person.name), files)


def remove_photos(root: Path, photos: Sequence[Path]) -> RemovedPhotos:
    """Delete photos, and what the caches hold of them. GalleryError when one cannot be deleted; those before it are gone."""
    files = FileSnapshot.of(photos)
    for photo in photos:
        try:
            photo.unlink(missing_ok=True)
        except OSError as error:
            raise GalleryError(f"{photo} cannot be deleted: {error.strerror}") from error
    return RemovedPhotos(tuple(photos), forget_missing(root), files)


# MERGED identify.merge: Two entries of a gallery that are one person: everything of one goes to the other. It can be taken back.


@dataclass(slots=True)
class MergeResult:
    """What was done. `moved` are files with the places they came from; `forgotten` counts rejected faces that are dropped."""

    name: str
    into: str
    photos: int
    forgotten: int
    dropped: FileSnapshot
    moved: list[tuple[Path, Path]] = field(default_factory=list)

    def take_back(self) -> None:
        """Undo it: every file is where it was. GalleryError, before anything is moved, when one of them has gone."""
        gone = next((now for _, now in self.moved if not now.exists()), None)
        if gone is not None:
            raise GalleryError(f"{gone} has gone since, so {self.name} and {self.into} cannot be parted again")
        self.dropped.put_back()
        try:
            for before, now in reversed(self.moved):
                before.parent.mkdir(parents=True, exist_ok=True)
                now.rename(before)
                _remove_empty(now.parent)
        except OSError as error:
            raise GalleryError(f"{error.filename} cannot be moved back: {error.strerror}; try again") from error


def merge(gallery: Gallery, name: str, into: str, threshold_l2: float) -> MergeResult:
    """Give `into` all that `name` has: photos, those set aside, and what else lies in the folder. `name` is nobody then.

    Rejected faces stay with `into`, but not those that the other of the two is within `threshold_l2` of, and nearer: "this is
    not A" was said of B's face. The gallery is asked for that only; the folder is looked at anew. GalleryError when a file
    cannot be moved.
    """
    folder = GalleryFolder(gallery.folder)
    source, target = folder.person(name), folder.person(into)
    if source.person_id == target.person_id:
        raise GalleryError(f"{source.name} is one person already")
    if any(place.is_symlink() for place in source.folders):
        raise GalleryError(f"{source.name} is a link to another folder: move its photos into {target.folders[0]} by hand")
    wrong = _said_of_each_other(gallery, (source.person_id, target.person_id), threshold_l2)
    dropped = [*wrong, *(place / PERSON_FILE for place in source.folders)]
    done = MergeResult(source.name, target.name, len(source.photos), len(wrong), FileSnapshot.of(dropped))
    try:
        for place in source.folders:
            _move_all(place, target.folders[0], set(dropped), done.moved)
        for path in dropped:
            path.unlink(missing_ok=True)
        for place in source.folders:
            _remove_empty_below(place)
    except OSError as error:
        done.take_back()
        raise GalleryError(f"{error.filename} cannot be moved: {error.strerror}; {source.name} stays as it was") from error
    return done


def _move_all(folder: Path, to: Path, but: set[Path], moved: list[tuple[Path, Path]]) -> None:
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path not in but):
        place = _free(to / file.relative_to(folder))
        place.parent.mkdir(parents=True, exist_ok=True)
        file.rename(place)
        moved.append((file, place))


def _free(path: Path) -> Path:
    """The path, with a number in its name when it is taken."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate


def _said_of_each_other(gallery: Gallery, ids: tuple[str, str], threshold_l2: float) -> list[Path]:
    """The rejected faces of either that are the other's, by their distances."""
    photos = {person_id: gallery.samples_of(person_id) for person_id in ids}
    other = {ids[0]: ids[1], ids[1]: ids[0]}
    wrong: list[Path] = []
    for face in (face for face in gallery.rejected if face.person_id in other):
        others_l2 = _nearest_l2(face, photos[other[face.person_id]])
        if others_l2 <= threshold_l2 and others_l2 < _nearest_l2(face, photos[face.person_id]):
            wrong.append(face.photo)
    return wrong


def _nearest_l2(face: Sample, samples: Sequence[Sample]) -> float:
    return min((float(np.linalg.norm(sample.embedding - face.embedding)) for sample in samples), default=2.0)


def _remove_empty_below(folder: Path) -> None:
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        _remove_empty(path)
    _remove_empty(folder)


def _remove_empty(folder: Path) -> None:
    """Remove the folder, unless somebody has put something there meanwhile."""
    with contextlib.suppress(OSError):
        folder.rmdir()
