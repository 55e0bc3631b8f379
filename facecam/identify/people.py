"""Who a gallery's folder says there is. Folders and photos only: no picture is opened here.

    gallery/<person>/person.toml   who it is (person_file.py); written when a folder of photos is first seen
    gallery/<person>/*.jpg ...     photos of this person
    gallery/<person>/.negatives/   faces that somebody said are not this person
    gallery/<person>/.aside/       photos out of use, until they are brought back (set_aside.py)
    gallery/.cache/, .trash-*      what may be deleted at any time

Names are unique: folders that carry the same name are one person with several folders.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from facecam.errors import GalleryError
from facecam.identify.names import display_name
from facecam.identify.person_file import DamagedPersonFileError, PersonFile, read_person, write_person_once
from facecam.picture import PICTURE_SUFFIXES

REJECTED = ".negatives"
"""The folder inside a person's folder for pictures of faces that were taken for the person and are somebody else's."""

TRASH_PREFIX = ".trash-"
"""A person being removed: moved aside in one step, then deleted; what a power cut leaves is deleted by the next look."""


@dataclass(frozen=True, slots=True)
class Person:
    """An enrolled person and where the photos are. `folders` has one entry, unless several carry the same name."""

    person_id: str
    name: str
    folders: tuple[Path, ...]
    photos: tuple[Path, ...]
    created_at: datetime
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A photo or folder that does not count, and the code for why.

    Photos: unreadable, no_face, several_faces, no_person (lies outside a person's folder), or a gate's code. Folders: bad_name,
    person_file_damaged, duplicate_person_id; the last two still count, under a stand-in id.
    """

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class People:
    """Everyone in the folder, by name, and what is wrong with it."""

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]

    def find(self, name: str) -> Person | None:
        """The person with exactly this name (NFC), None when there is none."""
        wanted = display_name(name)
        return next((person for person in self.people if person.name == wanted), None)


def read_people(root: Path) -> People:
    """Everyone whose folder lies in `root`; nobody when it does not exist.

    A folder of photos without person.toml is a person named like the folder, and gets its person.toml when it can be written.
    GalleryError when `root` cannot be read or a newer facecam wrote it.
    """
    entries = _entries(root)
    problems = [Problem(path, "no_person") for path in entries if _is_photo(path)]
    known: list[tuple[Path, PersonFile]] = []
    unnamed: list[Path] = []
    for folder in (path for path in entries if path.is_dir()):
        try:
            person = read_person(folder)
        except (DamagedPersonFileError, OSError):
            problems.append(Problem(folder, "person_file_damaged"))
            _stand_in(folder, known, problems)
            continue
        if person is not None:
            known.append((folder, person))
        elif photos_in(folder):
            unnamed.append(folder)
    for folder in unnamed:
        _introduce(folder, known, problems)
    return People(_merged(known, problems), tuple(problems))


def photos_in(folder: Path) -> tuple[Path, ...]:
    """The pictures that lie directly in a person's folder, in the order of their names."""
    try:
        return tuple(sorted(path for path in folder.iterdir() if _is_photo(path)))
    except OSError:
        return ()


def _entries(root: Path) -> list[Path]:
    """What lies in the gallery, sorted, without hidden things; remains of a removal are deleted on the way."""
    try:
        entries = sorted(root.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GalleryError(f"the gallery {root} cannot be read: {error.strerror}; name another folder with --gallery") from error
    for path in entries:
        if path.name.startswith(TRASH_PREFIX):
            shutil.rmtree(path, ignore_errors=True)
    return [path for path in entries if not path.name.startswith(".")]


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def _introduce(folder: Path, known: list[tuple[Path, PersonFile]], problems: list[Problem]) -> None:
    """Give a folder of photos its person.toml; a folder that cannot be written gets a stand-in."""
    try:
        known.append((folder, write_person_once(folder, PersonFile.new(folder.name))))
    except GalleryError:
        problems.append(Problem(folder, "bad_name"))
    except (DamagedPersonFileError, OSError):
        _stand_in(folder, known, problems)


def _stand_in(folder: Path, known: list[tuple[Path, PersonFile]], problems: list[Problem]) -> None:
    try:
        known.append((folder, PersonFile.derived(folder)))
    except (GalleryError, OSError):
        problems.append(Problem(folder, "bad_name"))


def _merged(known: list[tuple[Path, PersonFile]], problems: list[Problem]) -> tuple[Person, ...]:
    """One Person per name, one name per id; of two the folder that sorts first decides."""
    people: dict[str, Person] = {}
    names: dict[str, str] = {}
    for folder, file in sorted(known, key=lambda pair: pair[0].name):
        photos = photos_in(folder)
        if file.name in people:
            first = people[file.name]
            people[file.name] = replace(first, folders=(*first.folders, folder), photos=first.photos + photos)
            continue
        person_id = file.person_id
        if person_id in names:
            problems.append(Problem(folder, "duplicate_person_id"))
            person_id = PersonFile.derived_id(folder)
        names[person_id] = file.name
        people[file.name] = Person(person_id, file.name, (folder,), photos, file.created_at, file.consent)
    return tuple(sorted(people.values(), key=lambda person: person.name))
