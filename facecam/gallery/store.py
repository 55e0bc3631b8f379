"""Changing a gallery: adding, renaming and removing people and their photos.

Each change is one rename or one file moved into place, so that whatever interrupts it leaves a gallery that can be read.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import GalleryError
from facecam.fileio import create_atomic, write_atomic
from facecam.gallery.cache import CACHE_FOLDER, forget_missing
from facecam.gallery.people import (
    PERSON_FILE,
    REJECTED,
    TRASH_PREFIX,
    DamagedPersonFileError,
    Person,
    PersonFile,
    display_name,
    folder_name,
    photos_in,
    read_people,
    read_person,
    rename_person,
    write_person_once,
)
from facecam.gallery.quarantine import quarantined_photos
from facecam.types import Image

THUMBNAILS = "thumbnails"
"""`<gallery>/.cache/thumbnails/<person_id>/` is where small pictures of a person may be kept; they go when the person goes."""

JPEG_QUALITY = 97
"""At 97 a re-read face differs from the original by less than the camera's noise; 100 doubles the size for nothing."""


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """What went with a person."""

    name: str
    folders: tuple[Path, ...]
    photos: int
    cached_verdicts: int
    thumbnails: int
    rejected: int = 0
    set_aside: int = 0


class GalleryFolder:
    """A gallery's folder as something to change. It keeps nothing in memory: each call looks at the folder as it is now."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def person(self, name: str) -> Person:
        """The person with this name; GalleryError names those there are."""
        people = read_people(self.root)
        found = people.find(name)
        if found is None:
            names = ", ".join(person.name for person in people.people[:20]) or "nobody"
            raise GalleryError(f"there is no {display_name(name)!r} in {self.root}; enrolled: {names}")
        return found

    def ensure_person(self, name: str, consent: str = "") -> Person:
        """The person with this name, added when there is none. `consent` is what a new person agreed to, in words."""
        return read_people(self.root).find(name) or self.add_person(PersonFile.new(name, consent))

    def find(self, person_id: str, name: str) -> Person | None:
        """The person with this id, whatever the name is here; else the one with this name; None when there is neither."""
        people = read_people(self.root)
        return next((person for person in people.people if person.person_id == person_id), None) or people.find(name)

    def add_person(self, new: PersonFile, toml: bytes | None = None) -> Person:
        """Add somebody who is not there yet. `toml` is what person.toml shall hold, when it comes from elsewhere."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder = self._free_folder(new.name)
            folder.mkdir(exist_ok=True)
            if toml is not None:
                create_atomic(folder / PERSON_FILE, toml)
            written = write_person_once(folder, new)
        except (OSError, DamagedPersonFileError) as error:
            raise GalleryError(f"{new.name} cannot be added to {self.root}: {error}") from error
        if written.name != new.name:
            raise GalleryError(f"another program has just taken {folder} for {written.name}; try again")
        return Person(written.person_id, written.name, (folder,), photos_in(folder), written.created_at, written.consent)

    def add_photo(self, person: Person, bgr: Image) -> Path:
        """Save a picture (height, width, 3) uint8 among the person's photos; where it is now."""
        return self.add_jpeg(person, encode_jpeg(bgr))

    def add_jpeg(self, person: Person, jpeg: bytes) -> Path:
        """Save a JPEG file's content among the person's photos. The same content twice is one photo."""
        path = self.photo_path(person, jpeg)
        try:
            if not path.exists():
                write_atomic(path, jpeg)
        except OSError as error:
            raise GalleryError(f"a photo of {person.name} cannot be saved in {path.parent}: {error.strerror}") from error
        return path

    def add_rejected(self, person: Person, jpeg: bytes) -> Path:
        """Save a JPEG file's content as a face that is not this person's; where it is now."""
        path = person.folders[0] / REJECTED / self.photo_path(person, jpeg).name
        try:
            path.parent.mkdir(exist_ok=True)
            write_atomic(path, jpeg)
        except OSError as error:
            raise GalleryError(f"a picture cannot be saved in {path.parent}: {error.strerror}") from error
        return path

    def photo_path(self, person: Person, jpeg: bytes) -> Path:
        """Where `add_jpeg` would save this content; the name comes from the content."""
        return person.folders[0] / f"{hashlib.sha256(jpeg).hexdigest()[:16]}.jpg"

    def rename(self, old: str, new: str) -> Person:
        """Give a person another name, which names the folder too; the person_id stays. GalleryError when it is someone else's."""
        person, name = self.person(old), display_name(new)
        if name == person.name:
            return person
        if read_people(self.root).find(name) is not None:
            raise GalleryError(f"{name} is there already; rename or remove that person first, or enroll more photos of them")
        for folder in person.folders:
            file = PersonFile(person.person_id, name, person.created_at, person.consent)
            try:
                rename_person(folder, file)
            except OSError as error:
                raise GalleryError(f"{folder} cannot be changed: {error.strerror}; {person.name} keeps the name") from error
            self._move(folder, name)
        return self.person(name)

    def remove(self, name: str) -> RemovalResult:
        """Delete a person: photos, also those set aside, rejected faces, what the caches know of them, thumbnails. For good."""
        person = self.person(name)
        aside = sum(len(quarantined_photos(folder)) for folder in person.folders)
        rejected = sum(len(photos_in(folder / REJECTED)) for folder in person.folders)
        try:
            for folder in person.folders:
                self._delete(folder)
            forgotten = forget_missing(self.root)
            thumbnails = self.root / CACHE_FOLDER / THUMBNAILS / person.person_id
            count = len(photos_in(thumbnails))
            if thumbnails.exists():
                shutil.rmtree(thumbnails)
        except OSError as error:
            raise GalleryError(f"{person.name} is not wholly removed: {error}; delete the rest in {self.root}") from error
        return RemovalResult(person.name, person.folders, len(person.photos), forgotten, count, rejected, aside)

    def _delete(self, folder: Path) -> None:
        """Move the folder aside in one step, then delete it. Of a link to elsewhere only the link goes."""
        if folder.is_symlink():
            folder.unlink()
            return
        trash = self.root / f"{TRASH_PREFIX}{uuid.uuid4().hex}"
        folder.replace(trash)
        shutil.rmtree(trash)

    def _free_folder(self, name: str) -> Path:
        """A folder for a new person: one that is not there, or an empty one of that very name that somebody made ready."""
        ready = self.root / folder_name(name)
        if ready.is_dir() and read_person(ready) is None:
            return ready
        return self.root / folder_name(name, [entry.name for entry in self.root.iterdir()])

    def _move(self, folder: Path, name: str) -> None:
        """Let the folder be called like the person. When the system refuses, it keeps its name: person.toml has the right one."""
        others = [entry.name for entry in self.root.iterdir() if entry.name != folder.name]
        target = self.root / folder_name(name, others)
        with contextlib.suppress(OSError):
            folder.rename(target)


def encode_jpeg(bgr: Image) -> bytes:
    """The picture as a JPEG file's content. GalleryError when it is too large for the format (65,535 px)."""
    import cv2

    refused = GalleryError(f"a picture of {bgr.shape[1]} x {bgr.shape[0]} px cannot be saved as JPEG")
    try:
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise refused from error
    if not done:
        raise refused
    return data.tobytes()
