"""Add, rename and remove people and photos in a gallery folder.

Each change is one rename or one file moved into place, so the gallery can be read after any interruption.
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
    photos_in,
    read_people,
    read_person_file,
    write_person_name,
)
from facecam.gallery.quarantine import quarantined_photos
from facecam.types import Image

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
