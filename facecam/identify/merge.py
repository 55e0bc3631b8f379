"""Two entries of a gallery that are one person: everything of one goes to the other. It can be taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facecam.errors import GalleryError
from facecam.identify.folder import GalleryFolder
from facecam.identify.gallery import Gallery, Sample
from facecam.identify.kept_files import KeptFiles
from facecam.identify.person_file import PERSON_FILE


@dataclass(slots=True)
class Merge:
    """What was done. `moved` are files with the places they came from; `forgotten` counts rejected faces that are dropped."""

    name: str
    into: str
    photos: int
    forgotten: int
    dropped: KeptFiles
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


def merge(gallery: Gallery, name: str, into: str, threshold_l2: float) -> Merge:
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
    done = Merge(source.name, target.name, len(source.photos), len(wrong), KeptFiles.of(dropped))
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
