"""Person files in a change of the gallery: the person.toml of each person, with the recorded and the withdrawn consent."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from facecam.errors import GalleryError
from facecam.gallery.people import (
    PERSON_FILE,
    DamagedPersonFileError,
    Person,
    PersonFile,
    read_person_file,
    renamed_toml,
    to_toml,
)
from facecam.gallery.transaction import Transaction


def write_person_files(change: Transaction, people: Iterable[Person]) -> None:
    """Write the person.toml of people without one, so that their id no longer depends on the folder's name, and new consent."""
    for person in people:
        path = person.folders[0] / PERSON_FILE
        file = person.to_file()
        if not os.path.lexists(path):
            change.write(path, to_toml(file).encode("utf-8"))
        elif person.consent and _lacks_consent(person.folders[0]):
            change.write(path, renamed_toml(person.folders[0], file), replace=True)


def write_consent(change: Transaction, person: Person, consent: str, withdrawn: str) -> None:
    """Write both texts into the first of the person's folders, whose person.toml is the person's own."""
    folder = person.folders[0]
    file = replace(_stored_file(person, folder), consent=consent, withdrawn=withdrawn)
    change.write(folder / PERSON_FILE, renamed_toml(folder, file, replaces_consent=True), replace=True)


def consents_of(person: Person) -> tuple[str, str]:
    """Return the recorded and the withdrawn consent."""
    return person.consent, person.withdrawn


def merged_consents(person: Person, other: Person | PersonFile) -> tuple[str, str]:
    """Return the recorded and the withdrawn consent of a person to whom those of the other are added."""
    return person.consent or ("" if person.withdrawn else other.consent), person.withdrawn or other.withdrawn


def _lacks_consent(folder: Path) -> bool:
    """Return whether a folder's person.toml is valid and records no consent."""
    try:
        found = read_person_file(folder)
    except DamagedPersonFileError:
        return False
    return found is not None and not found.consent


def changed_file(person: Person, folder: Path) -> PersonFile:
    """Return the content of person.toml for one of the person's folders. The first folder's is the person's own."""
    stored = _stored_file(person, folder)
    return person.to_file() if folder == person.folders[0] else stored


def _stored_file(person: Person, folder: Path) -> PersonFile:
    """Return the content of a folder's person.toml, that of the person without one. GalleryError when it is damaged."""
    try:
        return read_person_file(folder) or person.to_file()
    except DamagedPersonFileError as error:
        raise GalleryError(
            "{path} is damaged ({error}): repair or delete it, then try again", path=folder / PERSON_FILE, error=error
        ) from error


def check_person_file(folder: Path) -> None:
    """Raise GalleryError if the folder has a person.toml that cannot be used, so that its person is unknown."""
    try:
        read_person_file(folder)
    except (DamagedPersonFileError, OSError) as error:
        raise GalleryError(
            "{path} cannot be used ({error}): repair it, then try again", path=folder / PERSON_FILE, error=error
        ) from error
