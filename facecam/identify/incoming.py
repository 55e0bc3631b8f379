"""People on their way into a gallery: a folder with a folder of photos for each, or a ZIP file of the same. Nothing is unpacked.

Names inside a ZIP file are labels here, never paths: what is taken from it is bytes, and the gallery finds the place for them.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from facecam.errors import GalleryError
from facecam.identify.people import photos_in
from facecam.identify.person_file import PERSON_FILE, DamagedPersonFileError, PersonFile, parse_person
from facecam.picture import PICTURE_SUFFIXES

MAX_FILE_BYTES = 64 * 2**20
"""More than a photo of a hundred megapixels as JPEG."""

MAX_PACKAGE_BYTES = 16 * 2**30
MAX_ENTRIES = 200_000

_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class IncomingPhoto:
    """A photo that is read when it is its turn. `label` is what it is called in reports."""

    label: str
    file_name: str
    read: Callable[[], bytes]


@dataclass(slots=True)
class IncomingPerson:
    """Somebody to be imported. `file` is their person.toml, None for a plain folder of photos; `toml` is its text as it was."""

    folder_name: str
    file: PersonFile | None = None
    toml: bytes = b""
    photos: list[IncomingPhoto] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the person is called: in person.toml, else like the folder."""
        return self.file.name if self.file is not None else self.folder_name


@contextmanager
def open_incoming(source: Path) -> Iterator[list[IncomingPerson]]:
    """The people in a folder or ZIP file, in the order of their folders' names.

    GalleryError, before anything is imported, when there is nobody, or when a ZIP file is damaged, encrypted, too large, or
    names a place outside of itself.
    """
    if source.is_dir():
        yield _some(_in_folder(source), source)
        return
    try:
        with zipfile.ZipFile(source) as package:
            yield _some(_in_package(package, source), source)
    except FileNotFoundError as error:
        raise GalleryError(f"there is no folder or ZIP file {source}; nothing was imported") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise GalleryError(f"{source} is neither a folder nor a ZIP file that can be read: {error}") from error


def _some(people: list[IncomingPerson], source: Path) -> list[IncomingPerson]:
    if not people:
        raise GalleryError(f"{source} holds no folder with photos: it takes one folder for each person, called like the person")
    return people


def _in_folder(source: Path) -> list[IncomingPerson]:
    people: list[IncomingPerson] = []
    for folder in sorted(path for path in source.iterdir() if path.is_dir() and not path.name.startswith(".")):
        photos = photos_in(folder)
        toml = folder / PERSON_FILE
        if photos or toml.is_file():
            person = IncomingPerson(folder.name)
            if toml.is_file():
                _introduce(person, toml.read_bytes())
            person.photos = [IncomingPhoto(str(photo), photo.name, photo.read_bytes) for photo in photos]
            people.append(person)
    return people


def _in_package(package: zipfile.ZipFile, source: Path) -> list[IncomingPerson]:
    entries = package.infolist()
    _refuse_package(entries, source)
    people: dict[str, IncomingPerson] = {}
    for entry in sorted(entries, key=lambda entry: entry.filename):
        path = PurePosixPath(entry.filename)
        if entry.is_dir() or len(path.parts) < 2 or any(part.startswith(".") for part in path.parts):
            continue
        person = people.setdefault(str(path.parent), IncomingPerson(path.parent.name))
        if path.name == PERSON_FILE:
            _introduce(person, _member(package, entry))
        elif path.suffix.lower() in PICTURE_SUFFIXES:
            person.photos.append(IncomingPhoto(entry.filename, path.name, partial(_member, package, entry)))
    return [person for person in people.values() if person.photos or person.file is not None]


def _introduce(person: IncomingPerson, toml: bytes) -> None:
    """Let person.toml say who it is; one that makes no sense counts as absent, and the folder's name stands."""
    try:
        person.file, person.toml = parse_person(toml, f"{person.folder_name}/{PERSON_FILE}"), toml
    except DamagedPersonFileError:
        person.file = None


def _refuse_package(entries: list[zipfile.ZipInfo], source: Path) -> None:
    """GalleryError for a package that no gallery was ever exported to."""
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_PACKAGE_BYTES:
        raise GalleryError(f"{source} holds more than {MAX_ENTRIES} files or {MAX_PACKAGE_BYTES >> 30} GB: import it in parts")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        outside = path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in path.parts[0]
        if outside or stat.S_ISLNK(entry.external_attr >> 16):
            raise GalleryError(f"{source} is refused: {entry.filename!r} in it points outside of it; nothing was imported")
        if entry.flag_bits & _ENCRYPTED:
            raise GalleryError(f"{source} is encrypted: unpack it, then import the folder")


def _member(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """What an entry holds. OSError when it is damaged, or larger than MAX_FILE_BYTES whatever its header says."""
    try:
        with package.open(entry) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise OSError(f"{entry.filename} is damaged: {error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise OSError(f"{entry.filename} has more than {MAX_FILE_BYTES >> 20} MB")
    return data
