"""Add, rename and remove people and photos in a gallery folder, and quarantine photos.

Each change is one rename or one file moved into place, so the gallery can be read after any interruption. Quarantined photos are
in `<gallery>/<person>/.aside/<set>/<photo>`: they move with their person's folder and are deleted with the person, and their path
says where they came from, so no separate list can get out of step.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from facecam.errors import GalleryError
from facecam.fileio import create_atomic, write_atomic
from facecam.gallery.cache import CACHE_FOLDER, prune_caches
from facecam.gallery.people import (
    PERSON_FILE,
    REJECTED_FOLDER,
    TRASH_PREFIX,
    DamagedPersonFileError,
    Person,
    PersonFile,
    create_person_file,
    display_name,
    folder_name,
    gallery_entries,
    photos_in,
    read_people,
    read_person_file,
    write_person_name,
)
from facecam.types import Image

QUARANTINE_FOLDER = ".aside"

_SET_NAME = re.compile(r"(\d{4,})-\d{8}T\d{6}Z")
"""Number and time of a set. The number orders them, because clocks can be set back."""


@dataclass(frozen=True, slots=True)
class QuarantineSet:
    """Photos quarantined together, with the paths they have now."""

    name: str
    photos: tuple[Path, ...]


def quarantine_sets(root: Path) -> tuple[QuarantineSet, ...]:
    """Return the quarantined photos of the gallery at `root`, the oldest set first."""
    sets: dict[str, list[Path]] = {}
    for path in _all_set_folders(root):
        if photos := photos_in(path):
            sets.setdefault(path.name, []).extend(photos)
    found = (QuarantineSet(name, tuple(sorted(photos))) for name, photos in sets.items())
    return tuple(sorted(found, key=lambda one: (_number(one.name), one.name)))


def quarantined_photos(folder: Path) -> tuple[Path, ...]:
    """Return the quarantined photos in one of a person's folders."""
    return tuple(photo for path in _set_folders(folder) for photo in photos_in(path))


def quarantine(root: Path, photos: Iterable[Path], now: datetime | None = None) -> QuarantineSet:
    """Move photos out of use as one set. After an interruption or GalleryError each is in its old place or in the set."""
    last = max((_number(path.name) for path in _all_set_folders(root)), default=0)
    name = f"{last + 1:04}-{(now or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    moved: list[Path] = []
    for photo in photos:
        target = photo.parent / QUARANTINE_FOLDER / name / photo.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            photo.replace(target)
        except FileNotFoundError:  # another program has deleted it: then it is out of use
            continue
        except OSError as error:
            done = f"{len(moved)} photos were; restore them with --undo"
            raise GalleryError(f"{photo} cannot be quarantined: {error.strerror}; {done}") from error
        moved.append(target)
    return QuarantineSet(name, tuple(moved))


def restore(root: Path) -> QuarantineSet:
    """Move the newest set back and return it with its restored paths. The next call restores the set before it.

    GalleryError, before anything is moved, when nothing is in quarantine or another file has a photo's old path.
    """
    sets = quarantine_sets(root)
    if not sets:
        raise GalleryError(f"no photo is quarantined in {root}")
    newest = sets[-1]
    targets = [photo.parents[2] / photo.name for photo in newest.photos]
    taken = next((target for target in targets if target.exists()), None)
    if taken is not None:
        raise GalleryError(f"{taken} exists again and would be overwritten: move it, then call --undo again")
    for photo, target in zip(newest.photos, targets, strict=True):
        try:
            photo.rename(target)
        except OSError as error:
            raise GalleryError(f"{photo} cannot be moved back: {error.strerror}; call --undo again to continue") from error
    for folder in {photo.parent for photo in newest.photos}:
        with contextlib.suppress(OSError):  # other files in it are not ours to delete
            folder.rmdir()
            folder.parent.rmdir()
    return QuarantineSet(newest.name, tuple(targets))


def _number(name: str) -> int:
    found = _SET_NAME.fullmatch(name)
    return int(found.group(1)) if found else 0


def _all_set_folders(root: Path) -> list[Path]:
    return [path for folder in gallery_entries(root) if folder.is_dir() for path in _set_folders(folder)]


def _set_folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / QUARANTINE_FOLDER).iterdir() if _SET_NAME.fullmatch(path.name))
    except OSError:
        return []


THUMBNAIL_FOLDER = "thumbnails"
"""`<gallery>/.cache/thumbnails/<person_id>/` can hold thumbnails of a person; they are deleted with the person."""

JPEG_QUALITY = 97
"""At 97 a face read again differs from the original by less than the camera's noise; 100 doubles the size for nothing."""


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """Folders and counts of what was deleted with a person."""

    name: str
    folders: tuple[Path, ...]
    photos: int
    cached_entries: int
    thumbnails: int
    rejected: int = 0
    quarantined: int = 0


class GalleryFolder:
    """Editable view of a gallery folder. Keeps nothing in memory: each call reads the folder's current state."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def person(self, name: str) -> Person:
        """Return the person with this name. GalleryError lists the enrolled people when there is none."""
        people = read_people(self.root)
        found = people.find(name)
        if found is None:
            names = ", ".join(person.name for person in people.people[:20]) or "none"
            raise GalleryError(f"{display_name(name)!r} is not enrolled in {self.root}; enrolled people: {names}")
        return found

    def ensure_person(self, name: str, consent: str = "") -> Person:
        """Return the person with this name, added if new. `consent` is what a new person agreed to, in words."""
        return read_people(self.root).find(name) or self.add_person(PersonFile.new(name, consent))

    def find(self, person_id: str, name: str) -> Person | None:
        """Return the person with this id under any name, else the one with this name, else None."""
        people = read_people(self.root)
        return next((person for person in people.people if person.person_id == person_id), None) or people.find(name)

    def add_person(self, new: PersonFile, toml: bytes | None = None) -> Person:
        """Add a person who is not enrolled yet; `toml` replaces the content of person.toml, for imports."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder = self._free_folder(new.name)
            folder.mkdir(exist_ok=True)
            if toml is not None:
                create_atomic(folder / PERSON_FILE, toml)
            written = create_person_file(folder, new)
        except (OSError, DamagedPersonFileError) as error:
            raise GalleryError(f"{new.name} cannot be added to {self.root}: {error}") from error
        if written.name != new.name:
            raise GalleryError(f"another program has just taken {folder} for {written.name}; try again")
        return Person(written.person_id, written.name, (folder,), photos_in(folder), written.created_at, written.consent)

    def add_jpeg(self, person: Person, jpeg: bytes) -> Path:
        """Save a JPEG file's content as a photo of the person. The same content twice is one photo."""
        path = self.photo_path(person, jpeg)
        try:
            if not path.exists():
                write_atomic(path, jpeg)
        except OSError as error:
            raise GalleryError(f"a photo of {person.name} cannot be saved in {path.parent}: {error.strerror}") from error
        return path

    def add_rejected(self, person: Person, jpeg: bytes) -> Path:
        """Save a JPEG file's content as a face that is not this person's and return its path."""
        path = person.folders[0] / REJECTED_FOLDER / self.photo_path(person, jpeg).name
        try:
            path.parent.mkdir(exist_ok=True)
            write_atomic(path, jpeg)
        except OSError as error:
            raise GalleryError(f"an image cannot be saved in {path.parent}: {error.strerror}") from error
        return path

    def photo_path(self, person: Person, jpeg: bytes) -> Path:
        """Return the path where `add_jpeg` saves this content; the file name is its hash."""
        return person.folders[0] / f"{hashlib.sha256(jpeg).hexdigest()[:16]}.jpg"

    def rename(self, old: str, new: str) -> Person:
        """Rename a person and their folder; the person_id stays. GalleryError when the name is taken."""
        person, name = self.person(old), display_name(new)
        if name == person.name:
            return person
        if read_people(self.root).find(name) is not None:
            raise GalleryError(
                f"{name} is enrolled already: rename or remove that person first, or enroll photos under that name"
            )
        for folder in person.folders:
            try:
                write_person_name(folder, PersonFile(person.person_id, name, person.created_at, person.consent))
            except OSError as error:
                raise GalleryError(f"{folder} cannot be changed: {error.strerror}; {person.name} keeps the name") from error
            others = [entry.name for entry in self.root.iterdir() if entry.name != folder.name]
            with contextlib.suppress(OSError):  # a folder that cannot be renamed keeps its name: person.toml has the right one
                folder.rename(self.root / folder_name(name, others))
        return self.person(name)

    def remove(self, name: str) -> RemovalResult:
        """Permanently delete a person: photos, quarantined photos, rejected faces, cache entries and thumbnails."""
        person = self.person(name)
        quarantined = sum(len(quarantined_photos(folder)) for folder in person.folders)
        rejected = sum(len(photos_in(folder / REJECTED_FOLDER)) for folder in person.folders)
        try:
            for folder in person.folders:
                self._delete(folder)
            pruned = prune_caches(self.root)
            thumbnails = self.root / CACHE_FOLDER / THUMBNAIL_FOLDER / person.person_id
            count = len(photos_in(thumbnails))
            if thumbnails.exists():
                shutil.rmtree(thumbnails)
        except OSError as error:
            raise GalleryError(f"{person.name} is only partly removed: {error}; delete the rest in {self.root}") from error
        return RemovalResult(person.name, person.folders, len(person.photos), pruned, count, rejected, quarantined)

    def _delete(self, folder: Path) -> None:
        """Rename the folder in one step, then delete it. Of a symbolic link only the link is deleted."""
        if folder.is_symlink():
            folder.unlink()
            return
        trash = self.root / f"{TRASH_PREFIX}{uuid.uuid4().hex}"
        folder.replace(trash)
        while trash.exists():
            with contextlib.suppress(FileNotFoundError):  # `gallery_entries` deletes it at the same time in another thread
                shutil.rmtree(trash)

    def _free_folder(self, name: str) -> Path:
        """Return an unused folder for a new person, or an existing one of that name without person.toml."""
        prepared = self.root / folder_name(name)
        if prepared.is_dir() and read_person_file(prepared) is None:
            return prepared
        return self.root / folder_name(name, [entry.name for entry in self.root.iterdir()])


def encode_jpeg(bgr: Image) -> bytes:
    """Return an image as a JPEG file's content. GalleryError when it is too large for the format (65,535 px)."""
    import cv2

    refused = GalleryError(f"an image of {bgr.shape[1]} x {bgr.shape[0]} px cannot be saved as JPEG")
    try:
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise refused from error
    if not done:
        raise refused
    return data.tobytes()
