"""Read the people in a gallery folder: names, person.toml files and lists of photos. No image is opened here.

    gallery/<person>/person.toml   the person's id and name; written when a folder of photos is first read
    gallery/<person>/*.jpg ...     photos of this person
    gallery/<person>/.negatives/   faces that a user marked as not this person
    gallery/<person>/.aside/       photos in quarantine, see service.py
    gallery/.cache/, .trash-*      can be deleted at any time

Names are unique: folders with the same name in person.toml are one person with several folders. The display name is the one users
see and logs carry; the folder's name is a safe stand-in that is not read once a person.toml exists. A person_id never changes,
whatever happens to the name or the folder.
"""

from __future__ import annotations

import json
import shutil
import tomllib
import unicodedata
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facecam.errors import GalleryError
from facecam.fileio import create_atomic, write_atomic
from facecam.imageio import IMAGE_SUFFIXES

PERSON_FILE = "person.toml"
FORMAT_VERSION = 1

_NAMESPACE = uuid.UUID("6f2c6a0e-52c8-4c1e-9d0b-6d1f4f0a7c11")
"""Arbitrary fixed value that keeps ids derived from folder names distinct from other UUIDs."""

REJECTED_FOLDER = ".negatives"
"""Subfolder of a person's folder with images of faces that a user marked as not this person."""

TRASH_PREFIX = ".trash-"
"""Prefix of a removed person's folder: renamed in one step, then deleted. The next read deletes what an interruption left."""

MAX_NAME_CHARACTERS = 200
MAX_FOLDER_BYTES = 100
"""UTF-8 bytes: with a prefix and a photo's name it stays under the 255 bytes of common file systems."""

_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: the only invisible characters that belong to the spelling of names (Persian, Indic)."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that Windows, macOS or Linux refuses in a file name or reads as part of a path."""

_WINDOWS_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"] + [port + number for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
"""Windows opens a device under these names, whatever extension follows."""


def display_name(text: str) -> str:
    """Return the name as it is stored: NFC, single spaces. GalleryError when it is too long or cannot be shown as text."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise GalleryError(f"{text!r} cannot be used as a name: it has no visible character; write at least one letter")
    unprintable = next((character for character in name if not (character.isprintable() or character in _JOINERS)), None)
    if unprintable is not None:
        raise GalleryError(f"{text!r} cannot be used as a name: remove the unprintable character U+{ord(unprintable):04X}")
    if len(name) > MAX_NAME_CHARACTERS:
        raise GalleryError(f"the name {name[:20]!r}... has {len(name)} characters; use at most {MAX_NAME_CHARACTERS}")
    return name


def folder_name(name: str, taken: Collection[str] = ()) -> str:
    """Return a name for the person's folder: one path component on every system, and not one of the folders `taken`.

    Names that differ only in case or composition share a folder on some systems, so they count as taken too. A number is added
    until the name is free.
    """
    base = _truncate("".join("_" if c in _FORBIDDEN else c for c in display_name(name)), MAX_FOLDER_BYTES)
    if base.startswith(".") or base.partition(".")[0].rstrip(" ").upper() in _WINDOWS_DEVICES:
        base = _truncate("_" + base, MAX_FOLDER_BYTES)
    used = {folder_key(folder) for folder in taken}
    candidate, number = base, 1
    while folder_key(candidate) in used:
        number += 1
        ending = f" ({number})"
        candidate = _truncate(base, MAX_FOLDER_BYTES - len(ending)) + ending
    return candidate


def folder_key(folder: str) -> str:
    """Return a key that is equal for names that some file system treats as the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folder).casefold())


def _truncate(text: str, limit_bytes: int) -> str:
    """Cut to at most `limit_bytes` of UTF-8 without separating a character from its marks; no dot or space at the end."""
    if len(text.encode("utf-8")) > limit_bytes:
        while len(text.encode("utf-8")) > limit_bytes:
            text = text[:-1]
        whole = text
        while whole and unicodedata.category(whole[-1])[0] == "M":
            whole = whole[:-1]
        text = whole[:-1] or text
    return text.rstrip(". ") or "_"


class DamagedPersonFileError(ValueError):
    """A person.toml exists but cannot be used. It is reported and left unchanged, so that its owner can repair it."""


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Content of a person.toml. `consent` is what the person agreed to, in words; empty when not recorded."""

    person_id: str
    name: str
    created_at: datetime
    consent: str = ""

    @classmethod
    def new(cls, name: str, consent: str = "") -> PersonFile:
        """Return the file of a new person, created now."""
        return cls(uuid.uuid4().hex, display_name(name), datetime.now(UTC).replace(microsecond=0), consent)

    @classmethod
    def derived(cls, folder: Path) -> PersonFile:
        """Return a stand-in for a folder without a usable file; its id follows from the folder's name."""
        created_at = datetime.fromtimestamp(int(folder.stat().st_mtime), UTC)
        return cls(cls.derived_id(folder), display_name(folder.name), created_at)

    @staticmethod
    def derived_id(folder: Path) -> str:
        """Return the id that follows from the folder's name."""
        return uuid.uuid5(_NAMESPACE, utf8_text(folder.name)).hex


def read_person_file(folder: Path) -> PersonFile | None:
    """Return the folder's person.toml, None without one.

    GalleryError when a newer facecam wrote it, DamagedPersonFileError when it is not valid, OSError when it cannot be read.
    """
    path = folder / PERSON_FILE
    try:
        return parse_person_file(path.read_bytes(), path)
    except FileNotFoundError:
        return None


def parse_person_file(toml: bytes, path: Path | str) -> PersonFile:
    """Parse the content of a person.toml; `path` names it in errors. Raises like `read_person_file`, except OSError."""
    try:
        table = tomllib.loads(toml.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DamagedPersonFileError(str(error)) from error
    version = table.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise GalleryError(f"{path} has format {version}, this facecam reads {FORMAT_VERSION}: update facecam or move the file")
    return _parse(table)


def write_person_name(folder: Path, person: PersonFile) -> None:
    """Write the person's name into person.toml. Other lines that the owner added stay, unless the file is not valid."""
    import tomlkit

    path = folder / PERSON_FILE
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        document["name"], document["person_id"] = person.name, person.person_id
        renamed = tomlkit.dumps(document)
        if _parse(tomllib.loads(renamed)) != person:
            renamed = to_toml(person)
    except (FileNotFoundError, ValueError, RecursionError):
        renamed = to_toml(person)
    write_atomic(path, renamed.encode("utf-8"))


def create_person_file(folder: Path, person: PersonFile) -> PersonFile:
    """Write person.toml unless it exists already, and return the content it then has."""
    if create_atomic(folder / PERSON_FILE, to_toml(person).encode("utf-8")):
        return person
    return read_person_file(folder) or person


def to_toml(person: PersonFile) -> str:
    created = person.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"format_version = {FORMAT_VERSION}\n"
        "# Never change the id: the rest may be edited.\n"
        f"person_id = {_quoted(person.person_id)}\n"
        f"name = {_quoted(person.name)}\n"
        "# What this person agreed to, in your words, and when.\n"
        f"consent = {_quoted(person.consent)}\n"
        f"created = {created}\n"
    )


def utf8_text(name: str) -> str:
    """Return a file name as valid UTF-8 text: other bytes become replacement characters."""
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _quoted(text: str) -> str:
    """Quote for TOML. A JSON string is a valid TOML basic string except for DEL."""
    return json.dumps(utf8_text(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _parse(table: dict[str, Any]) -> PersonFile:
    try:
        person_id, name, created_at = table["person_id"], display_name(table["name"]), table["created"]
    except (KeyError, TypeError, GalleryError) as error:
        raise DamagedPersonFileError(f"person_id, name or created is missing or invalid: {error}") from error
    if not (isinstance(person_id, str) and len(person_id) == 32 and set(person_id) <= set("0123456789abcdef")):
        raise DamagedPersonFileError(f"person_id is {person_id!r}, expected 32 hexadecimal digits")
    if not isinstance(created_at, datetime):
        raise DamagedPersonFileError(f"created is {created_at!r}, expected a date with time")
    consent = table.get("consent", "")
    if isinstance(consent, bool):
        consent = "yes" if consent else ""
    return PersonFile(person_id, name, created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC), str(consent))


@dataclass(frozen=True, slots=True)
class Person:
    """Enrolled person with folders and photos. `folders` has one entry, unless several hold the same name."""

    person_id: str
    name: str
    folders: tuple[Path, ...]
    photos: tuple[Path, ...]
    created_at: datetime
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem with a photo or folder: reason code, and the measured values in words (often empty).

    Photos: unreadable, no_face, several_faces, no_person (outside of a person's folder), or a gate's code. Folders: bad_name,
    person_file_damaged, duplicate_person_id; the last two are used under a stand-in id. See verify.py for further codes.
    """

    path: Path
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Everyone in a gallery folder by name, and the problems found."""

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]

    def find(self, name: str) -> Person | None:
        """Return the person with exactly this name (NFC), None without one."""
        name = display_name(name)
        return next((person for person in self.people if person.name == name), None)


def read_people(root: Path) -> People:
    """Return everyone with a folder in `root`, empty when it does not exist. GalleryError when it cannot be read.

    A folder of photos without person.toml is a person named like the folder, and gets its person.toml if it is writable.
    """
    entries = gallery_entries(root)
    problems = [Problem(path, "no_person") for path in entries if _is_photo(path)]
    known: list[tuple[Path, PersonFile]] = []
    unnamed: list[Path] = []
    for folder in (path for path in entries if path.is_dir()):
        try:
            person = read_person_file(folder)
        except (DamagedPersonFileError, OSError):
            problems.append(Problem(folder, "person_file_damaged"))
            _add_stand_in(folder, known, problems)
            continue
        if person is not None:
            known.append((folder, person))
        elif photos_in(folder):
            unnamed.append(folder)
    for folder in unnamed:
        try:
            known.append((folder, create_person_file(folder, PersonFile.new(folder.name))))
        except GalleryError:
            problems.append(Problem(folder, "bad_name"))
        except (DamagedPersonFileError, OSError):
            _add_stand_in(folder, known, problems)
    return People(_merged(known, problems), tuple(problems))


def photos_in(folder: Path) -> tuple[Path, ...]:
    """Return the images directly in a person's folder, sorted by name."""
    try:
        return tuple(sorted(path for path in folder.iterdir() if _is_photo(path)))
    except OSError:
        return ()


def gallery_entries(root: Path) -> list[Path]:
    """Return the gallery's entries, sorted, without hidden ones; deletes what an interrupted removal left."""
    try:
        entries = sorted(root.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GalleryError(f"the gallery {root} cannot be read: {error.strerror}; choose another with --gallery") from error
    for path in entries:
        if path.name.startswith(TRASH_PREFIX):
            if path.is_symlink():  # what it points to stays
                path.unlink(missing_ok=True)
            shutil.rmtree(path, ignore_errors=True)
    return [path for path in entries if not path.name.startswith(".")]


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def _add_stand_in(folder: Path, known: list[tuple[Path, PersonFile]], problems: list[Problem]) -> None:
    try:
        known.append((folder, PersonFile.derived(folder)))
    except (GalleryError, OSError):
        problems.append(Problem(folder, "bad_name"))


def _merged(known: list[tuple[Path, PersonFile]], problems: list[Problem]) -> tuple[Person, ...]:
    """Merge into one Person per name and one name per id; the folder that sorts first decides."""
    people: dict[str, Person] = {}
    used_ids: set[str] = set()
    for folder, file in sorted(known, key=lambda pair: pair[0].name):
        photos = photos_in(folder)
        if file.name in people:
            first = people[file.name]
            people[file.name] = replace(first, folders=(*first.folders, folder), photos=first.photos + photos)
            continue
        person_id = file.person_id
        if person_id in used_ids:
            problems.append(Problem(folder, "duplicate_person_id"))
            person_id = PersonFile.derived_id(folder)
        used_ids.add(person_id)
        people[file.name] = Person(person_id, file.name, (folder,), photos, file.created_at, file.consent)
    return tuple(sorted(people.values(), key=lambda person: person.name))
