"""Who a gallery's folder says there is. Folders and photos only: no picture is opened here.

    gallery/<person>/person.toml   who it is (person_file.py); written when a folder of photos is first seen
    gallery/<person>/*.jpg ...     photos of this person
    gallery/<person>/.negatives/   faces that somebody said are not this person
    gallery/<person>/.aside/       photos out of use, until they are brought back (set_aside.py)
    gallery/.cache/, .trash-*      what may be deleted at any time

Names are unique: folders that carry the same name are one person with several folders.
"""

from __future__ import annotations

import json
import re
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
from facecam.imageio import PICTURE_SUFFIXES

# MERGED identify.names: A person's name in any script -> the name of their folder. Pure: no files are touched here.
#
# The display name is what people read and what the log carries; the folder's name is only a safe stand-in for it, and nothing is
# ever read back from it once a person.toml is there.

MAX_NAME_CHARACTERS = 200
MAX_FOLDER_BYTES = 100
"""UTF-8 bytes: with a prefix and a photo's name it stays under the 255 bytes of common file systems."""

_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: invisible, yet part of how Persian and Indic names are spelled. No other format character is."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""What one of Windows, macOS and Linux refuses inside a file's name, or reads as a path."""

_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"] + [port + number for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
"""Windows opens a device under these names, whatever extension follows."""


def display_name(text: str) -> str:
    """The name as it is kept and compared: NFC, blanks folded to single spaces. GalleryError when it cannot be shown as text."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise GalleryError(f"{text!r} is no name: it has nothing that can be seen; write at least one letter")
    unprintable = next((character for character in name if not (character.isprintable() or character in _JOINERS)), None)
    if unprintable is not None:
        raise GalleryError(f"{text!r} is no name: it contains U+{ord(unprintable):04X}, which cannot be printed; leave it out")
    if len(name) > MAX_NAME_CHARACTERS:
        raise GalleryError(f"the name {name[:20]!r}... has {len(name)} characters, at most {MAX_NAME_CHARACTERS} are kept")
    return name


def folder_name(name: str, taken: Collection[str] = ()) -> str:
    """A name for the person's folder: one path component on every system, and not one of `taken`.

    `taken` are the folders that exist. Names that differ only in case or in composition share a folder on some systems, so
    they count as taken too, and a number is added until the name is free.
    """
    base = _component(display_name(name))
    used = {folder_key(folder) for folder in taken}
    candidate, number = base, 1
    while folder_key(candidate) in used:
        number += 1
        ending = f" ({number})"
        candidate = _cut(base, MAX_FOLDER_BYTES - len(ending)) + ending
    return candidate


def folder_key(folder: str) -> str:
    """Equal for two names that some file system would take for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folder).casefold())


def _component(name: str) -> str:
    safe = "".join("_" if character in _FORBIDDEN else character for character in name)
    safe = _cut(safe, MAX_FOLDER_BYTES)
    if safe.startswith(".") or safe.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        safe = _cut("_" + safe, MAX_FOLDER_BYTES)
    return safe


def _cut(text: str, limit_bytes: int) -> str:
    """The longest beginning of at most `limit_bytes` of UTF-8 that parts no character from its marks; no dot, no blank last."""
    if len(text.encode("utf-8")) > limit_bytes:
        while len(text.encode("utf-8")) > limit_bytes:
            text = text[:-1]
        whole = text
        while whole and unicodedata.category(whole[-1])[0] == "M":
            whole = whole[:-1]
        text = whole[:-1] or text
    return text.rstrip(". ") or "_"


# MERGED identify.person_file: person.toml: who the photos beside it show. Its person_id never changes, whatever the name or the folder becomes.

PERSON_FILE = "person.toml"
FORMAT_VERSION = 1

_NAME_LINE = re.compile(r"^[ \t]*name[ \t]*=.*$", re.MULTILINE)
_NAMESPACE = uuid.UUID("6f2c6a0e-52c8-4c1e-9d0b-6d1f4f0a7c11")
"""Any fixed value: it keeps ids derived from folder names apart from everybody else's."""


class DamagedPersonFileError(ValueError):
    """The file is there and says nothing usable. It is reported and left as it is: its owner may still mend it."""


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What person.toml holds. `consent` is what the person agreed to, in words; empty when nobody wrote it down."""

    person_id: str
    name: str
    created_at: datetime
    consent: str = ""

    @classmethod
    def new(cls, name: str, consent: str = "") -> PersonFile:
        """A person seen for the first time, now."""
        return cls(uuid.uuid4().hex, display_name(name), datetime.now(UTC).replace(microsecond=0), consent)

    @classmethod
    def derived(cls, folder: Path) -> PersonFile:
        """A stand-in for a folder that cannot hold the file: the same id each time, from the folder's name."""
        created_at = datetime.fromtimestamp(int(folder.stat().st_mtime), UTC)
        return cls(cls.derived_id(folder), display_name(folder.name), created_at)

    @staticmethod
    def derived_id(folder: Path) -> str:
        """An id that follows from the folder's name."""
        return uuid.uuid5(_NAMESPACE, readable(folder.name)).hex


def read_person(folder: Path) -> PersonFile | None:
    """What the folder's person.toml says, None when it has none.

    GalleryError when a newer facecam wrote it, DamagedPersonFileError when it makes no sense, OSError when it cannot be read.
    """
    path = folder / PERSON_FILE
    try:
        return parse_person(path.read_bytes(), path)
    except FileNotFoundError:
        return None


def parse_person(toml: bytes, path: Path | str) -> PersonFile:
    """What the content of a person.toml says; `path` names it in errors. GalleryError and DamagedPersonFileError as above."""
    try:
        table = tomllib.loads(toml.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DamagedPersonFileError(str(error)) from error
    version = table.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise GalleryError(f"{path} has format {version}, this facecam knows {FORMAT_VERSION}: update facecam or move it away")
    return _parse(table)


def rename_person(folder: Path, person: PersonFile) -> None:
    """Give person.toml the name that `person` has. What its owner added to the file stays, unless it could not be understood."""
    path = folder / PERSON_FILE
    try:
        text = path.read_text(encoding="utf-8")
        wanted = {**tomllib.loads(text), "name": person.name}
        renamed = _NAME_LINE.sub(lambda _: f"name = {_quoted(person.name)}", text, count=1)
        if tomllib.loads(renamed) != wanted or _parse(wanted) != person:
            renamed = to_toml(person)
    except (FileNotFoundError, ValueError, RecursionError):
        renamed = to_toml(person)
    write_atomic(path, renamed.encode("utf-8"))


def write_person_once(folder: Path, person: PersonFile) -> PersonFile:
    """Write person.toml unless another process was first; what the folder says afterward."""
    if create_atomic(folder / PERSON_FILE, to_toml(person).encode("utf-8")):
        return person
    return read_person(folder) or person


def to_toml(person: PersonFile) -> str:
    """The file's text. A JSON string is a valid TOML basic string except for DEL, which display names do not contain."""
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


def readable(name: str) -> str:
    """A file's name as text that can be encoded: bytes that are no UTF-8 become replacement characters."""
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _quoted(text: str) -> str:
    return json.dumps(readable(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _parse(table: dict[str, Any]) -> PersonFile:
    try:
        person_id, name, consent = table["person_id"], display_name(table["name"]), table.get("consent", "")
        created_at = table["created"]
    except (KeyError, TypeError, GalleryError) as error:
        raise DamagedPersonFileError(f"person_id, name or created is missing or no text: {error}") from error
    if not (isinstance(person_id, str) and len(person_id) == 32 and set(person_id) <= set("0123456789abcdef")):
        raise DamagedPersonFileError(f"person_id is {person_id!r}, expected 32 hexadecimal digits")
    if not isinstance(created_at, datetime):
        raise DamagedPersonFileError(f"created is {created_at!r}, expected a date with time")
    if isinstance(consent, bool):
        consent = "yes" if consent else ""
    return PersonFile(person_id, name, created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC), str(consent))


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
