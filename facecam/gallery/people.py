"""Read the people in a gallery folder: names, person.toml files and lists of photos. No image is opened here.

    gallery/<person>/person.toml   the person's id and name; written by the first change of the person
    gallery/<person>/*.jpg ...     photos of this person
    gallery/<person>/.negatives/   faces that a user marked as not this person
    gallery/<person>/.aside/       photos in quarantine, see quarantine.py
    gallery/.encryption.toml       in an encrypted gallery, see encryption.py; other hidden files: see transaction.py

Reading writes nothing: until a folder of photos has a person.toml, its name stands for the person's, and the id follows from it.
Names are unique: folders with the same name and id are one person with several folders. The display name is the one users see and
logs carry; the folder's name is not read once a person.toml exists. Its person_id never changes.

In an encrypted gallery, folders and photos have names that say nothing, and each person has a person.toml. A person whose
person.toml cannot be decrypted is left out.
"""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facecam.errors import GalleryError
from facecam.fileio import MAX_TEXT_BYTES, parse_toml
from facecam.gallery.encryption import HEADER_FILE, MISSING, EncryptedFileError, is_opaque
from facecam.gallery.files import encryption_key, manifest, read_gallery_file
from facecam.gallery.transaction import PendingMoves
from facecam.imageio import IMAGE_SUFFIXES
from facecam.messages import TranslatableText

PERSON_FILE = "person.toml"
FORMAT_VERSION = 1
_WITHDRAWN = "consent_withdrawn"

_NAMESPACE = uuid.UUID("6f2c6a0e-52c8-4c1e-9d0b-6d1f4f0a7c11")
"""Arbitrary fixed value that keeps ids derived from folder names distinct from other UUIDs."""

REJECTED_FOLDER = ".negatives"
"""Subfolder of a person's folder with images of faces that a user marked as not this person."""

_MAX_READS = 5
"""A change that falls into a read makes it read again; in a gallery that never rests, the last read counts."""

_MAX_NESTED = 10_000
"""Maximum number of files counted below one person's folder: a photo library can have more."""

_SYSTEM_NAME = re.compile(
    r"@eaDir|@Recycle|#recycle|\$RECYCLE\.BIN|__MACOSX|(eh)?thumbs\.db|desktop\.ini|System Volume Information", re.IGNORECASE
)
"""Files and folders of Synology, QNAP, macOS and Windows. Some hold thumbnails named like the photos."""

MAX_NAME_CHARACTERS = 200
MAX_FOLDER_BYTES = 100
"""UTF-8 bytes: with a prefix and a photo's name it stays under the 255 bytes of common file systems."""

_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: the only invisible characters that belong to the spelling of names (Persian, Indic)."""

_BLANK = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Letters and marks without a shape, with which a name would look like another one."""

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
        raise GalleryError("{text!r} cannot be used as a name: it has no visible character; write at least one letter", text=text)
    unprintable = next((one for one in name if one in _BLANK or not (one.isprintable() or one in _JOINERS)), None)
    if unprintable is not None:
        raise GalleryError(
            "{text!r} cannot be used as a name: remove the unprintable character U+{code:04X}", text=text, code=ord(unprintable)
        )
    if len(name) > MAX_NAME_CHARACTERS:
        raise GalleryError(
            "the name {name!r}... has {count} characters; use at most {limit}",
            name=name[:20],
            count=len(name),
            limit=MAX_NAME_CHARACTERS,
        )
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


class NewerPersonFileError(GalleryError):
    """A newer version of facecam wrote the person.toml. That person is reported and left out."""


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Content of a person.toml. `consent` is what the person agreed to, in words; empty when not recorded.

    `withdrawn` is an earlier consent that was withdrawn, with the date.
    """

    person_id: str
    name: str
    created_at: datetime
    consent: str = ""
    withdrawn: str = ""

    @classmethod
    def new(cls, name: str, consent: str = "") -> PersonFile:
        """Return the file of a new person, created now."""
        return cls(uuid.uuid4().hex, display_name(name), datetime.now(UTC).replace(microsecond=0), consent)

    @classmethod
    def derived(cls, folder: Path, name: str) -> PersonFile:
        """Return a stand-in for a folder of this name without a usable file; its id follows from the name."""
        created_at = datetime.fromtimestamp(int(folder.stat().st_mtime), UTC)
        return cls(cls.derived_id(name), display_name(name), created_at)

    @staticmethod
    def derived_id(folder_name: str) -> str:
        """Return the id that follows from a folder's name."""
        return uuid.uuid5(_NAMESPACE, utf8_text(folder_name)).hex


def read_person_file(folder: Path) -> PersonFile | None:
    """Return the folder's person.toml, None without one.

    Raises:
        NewerPersonFileError: A newer version of facecam wrote it.
        DamagedPersonFileError: It is not valid.
        OSError: It cannot be read.
    """
    return _read_person_file(folder / PERSON_FILE)


def _read_person_file(path: Path) -> PersonFile | None:
    try:
        return parse_person_file(read_gallery_file(path, MAX_TEXT_BYTES), path)
    except FileNotFoundError:
        return None


def parse_person_file(toml: bytes, path: Path | str) -> PersonFile:
    """Parse the content of a person.toml; `path` names it in errors. Raises like `read_person_file`, except OSError."""
    try:
        table = parse_toml(toml)
    except ValueError as error:
        raise DamagedPersonFileError(TranslatableText("{error}", error=error)) from error
    version = table.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise NewerPersonFileError(
            "{path} has format {version}, this facecam reads {known}: update facecam or move the file",
            path=path,
            version=version,
            known=FORMAT_VERSION,
        )
    return _parse(table)


def renamed_toml(folder: Path, person: PersonFile, *, replaces_consent: bool = False) -> bytes:
    """Return the folder's person.toml with this person's name and id; a new one if there is none, or it is not valid.

    The person's consent is added where none is recorded; with `replaces_consent` it replaces the one recorded, and the withdrawn
    one too. Other lines that the owner added stay.
    """
    import tomlkit

    try:
        toml = read_gallery_file(folder / PERSON_FILE, MAX_TEXT_BYTES)
        parse_toml(toml)
        document = tomlkit.parse(toml.decode("utf-8-sig"))
        document["name"], document["person_id"] = person.name, person.person_id
        if person.consent and not document.get("consent"):
            document["consent"] = person.consent
        if replaces_consent:
            document["consent"] = person.consent
            document.pop(_WITHDRAWN, None)
            if person.withdrawn:
                document[_WITHDRAWN] = person.withdrawn
        renamed = tomlkit.dumps(document).encode("utf-8")
        if _parse(parse_toml(renamed)) == person:
            return renamed
    except (FileNotFoundError, ValueError, RecursionError):
        pass
    return to_toml(person).encode("utf-8")


def to_toml(person: PersonFile) -> str:
    created = person.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    withdrawn = f"{_WITHDRAWN} = {_quoted(person.withdrawn)}\n" if person.withdrawn else ""
    return (
        f"format_version = {FORMAT_VERSION}\n"
        "# Never change the id: the rest may be edited.\n"
        f"person_id = {_quoted(person.person_id)}\n"
        f"name = {_quoted(person.name)}\n"
        "# What this person agreed to, in your words, and when.\n"
        f"consent = {_quoted(person.consent)}\n{withdrawn}"
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
        text = TranslatableText("person_id, name or created is missing or invalid: {error}", error=error)
        raise DamagedPersonFileError(text) from error
    if not (isinstance(person_id, str) and len(person_id) == 32 and set(person_id) <= set("0123456789abcdef")):
        raise DamagedPersonFileError(TranslatableText("person_id is {value!r}, expected 32 hexadecimal digits", value=person_id))
    if not isinstance(created_at, datetime):
        raise DamagedPersonFileError(TranslatableText("created is {value!r}, expected a date with time", value=created_at))
    consent = table.get("consent", "")
    if isinstance(consent, bool):
        consent = "yes" if consent else ""
    withdrawn = str(table.get(_WITHDRAWN, ""))
    created_at = created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC)
    return PersonFile(person_id, name, created_at, str(consent), withdrawn)


@dataclass(frozen=True, slots=True)
class Person:
    """Enrolled person with folders and photos. `folders` has one entry, unless several have the same name and id.

    `rejected` are images of faces that a user marked as not this person.
    """

    person_id: str
    name: str
    folders: tuple[Path, ...]
    photos: tuple[Path, ...]
    created_at: datetime
    consent: str = ""
    rejected: tuple[Path, ...] = ()
    withdrawn: str = ""

    def to_file(self) -> PersonFile:
        """Return the content of person.toml."""
        return PersonFile(self.person_id, self.name, self.created_at, self.consent, self.withdrawn)


def _spelling_key(name: str) -> str:
    """Return a key that is equal for names that look alike because of case, composition or joiners."""
    return folder_key(name).translate(dict.fromkeys(map(ord, _JOINERS)))


def require_distinct_name(people: Iterable[Person], name: str, person_id: str = "") -> None:
    """Raise GalleryError if the name of another person differs from `name` only in case or composition.

    macOS and Windows would treat their folders as one. `person_id` is the person who gets the name, "" for a new one.
    """
    key = _spelling_key(name)
    alike = (person for person in people if person.person_id != person_id and _spelling_key(person.name) == key)
    if (other := next(alike, None)) is not None:
        raise GalleryError(
            "{name} differs from {other}, who is enrolled already, only in case or in the form of a letter; use the name "
            "{other} for the same person, or add a surname for another one",
            name=name,
            other=other.name,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem with a photo or folder: reason code, and the measured values in words (often empty).

    Photos: unreadable, no_face, several_faces, no_person (outside of a person's folder), or a gate's code. Folders: bad_name,
    person_file_newer (these two are left out), person_file_damaged, duplicate_person_id (used under an id that follows from the
    folder's name), duplicate_name (used under a numbered name), nested_photos. See encryption.py and
    verify.py for further codes.
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
    """Return everyone with a folder in `root`, empty when it does not exist.

    GalleryError when it cannot be read: LockedGalleryError when it is encrypted, and this process does not have its key.

    Writes nothing. A folder of photos without person.toml is a person named like the folder. A change that falls into the read is
    seen as a whole, also one that was interrupted.
    """
    for attempt in range(_MAX_READS):
        before = _modified_ns(root)
        try:
            people = _read_once(root)
        except GalleryError:  # such as the list of files of an encrypted gallery, which was just replaced
            if _modified_ns(root) == before or attempt == _MAX_READS - 1:
                raise
            continue
        if _modified_ns(root) == before or attempt == _MAX_READS - 1:
            break
    return people


def _modified_ns(root: Path) -> int:
    """Return the time of the last entry added to or removed from the gallery, as at the start and end of each larger change."""
    try:
        return root.stat().st_mtime_ns
    except OSError:
        return 0


_WITH_ID, _DAMAGED, _WITHOUT_ID = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class _Folder:
    """A person's folder with their name and id. `rank` is _WITH_ID, _DAMAGED or _WITHOUT_ID."""

    path: Path
    file: PersonFile
    rank: int
    photos: tuple[Path, ...]
    rejected: tuple[Path, ...]


def _read_once(root: Path) -> People:
    pending = PendingMoves(root)
    key = encryption_key(root, pending)
    problems: list[Problem] = []
    folders: list[_Folder] = []
    if key is not None:
        listed = [(name, pending.locate(root / name)) for name in manifest(root, key, pending)]
        problems += [Problem(root / name, MISSING) for name, now in listed if now is None or not os.path.lexists(now)]
    for path in _entries(root, pending):
        now = pending.locate(path)
        if now is not None and _is_photo(now):
            problems.append(Problem(path, "no_person"))
        elif now is None or is_folder(now) or not os.path.lexists(now):
            _read_folder(path, pending, folders, problems, is_encrypted=key is not None)
    return People(_merged(folders, problems), tuple(problems))


def _read_folder(
    path: Path, pending: PendingMoves, folders: list[_Folder], problems: list[Problem], *, is_encrypted: bool
) -> None:
    """Add a folder to `folders` if it is a person's, or what is wrong with it to `problems`."""
    photos, rejected = _photos_in(path, pending), _photos_in(path / REJECTED_FOLDER, pending)
    rank = _WITHOUT_ID
    try:
        toml = pending.locate(path / PERSON_FILE)
        file = _read_person_file(toml) if toml is not None else None
        if file is not None:
            folders.append(_Folder(path, file, _WITH_ID, photos, rejected))
            return
        if not photos or is_encrypted:  # The folder's name is not the person's; a missing person.toml is reported.
            return
    except EncryptedFileError as error:
        problems.append(Problem(path / PERSON_FILE, error.reason))
        return
    except NewerPersonFileError:
        problems.append(Problem(path, "person_file_newer"))
        return
    except (DamagedPersonFileError, OSError):
        problems.append(Problem(path, "person_file_damaged"))
        if is_encrypted:
            return
        rank = _DAMAGED
    try:
        file = PersonFile.derived(pending.locate(path) or path, path.name)
        folders.append(_Folder(path, file, rank, photos, rejected))
    except GalleryError:
        problems.append(Problem(path, "bad_name"))
    except OSError:  # deleted meanwhile, or reported above
        return


def photos_in(folder: Path) -> tuple[Path, ...]:
    """Return the images directly in a person's folder, sorted by name."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if _is_photo(entry))
    except OSError:
        return ()
    return tuple(folder / name for name in names)


def _photos_in(folder: Path, pending: PendingMoves) -> tuple[Path, ...]:
    """Return where the images are that will be directly in the folder, sorted by name."""
    if not pending:
        return photos_in(folder)
    try:
        found = [pending.locate(path) for path in pending.children(folder) if _has_photo_name(path.name)]
    except OSError:
        return ()
    return tuple(path for path in found if path is not None and path.is_file())


def nested_photos(root: Path) -> tuple[Problem, ...]:
    """Return each folder below a person's folder that has images, as a problem: they are not used."""
    found: list[Problem] = []
    for person in filter(is_folder, gallery_entries(root)):
        files = 0
        for parent, folders, names in os.walk(person):
            folders[:] = sorted(name for name in folders if not is_ignored(name))
            files += len(names)
            if files > _MAX_NESTED:
                break
            count = sum(_is_photo(Path(parent, name)) for name in names) if Path(parent) != person else 0
            if count:
                text = TranslatableText("{count} photos are not used; move them to {folder}", count=count, folder=person)
                if count == 1:
                    text = TranslatableText("1 photo is not used; move it to {folder}", folder=person)
                found.append(Problem(Path(parent), "nested_photos", text))
    return tuple(found)


def gallery_entries(root: Path) -> list[Path]:
    """Return the gallery's entries, sorted, without hidden ones. GalleryError when it cannot be read."""
    return _entries(root, None)


def _entries(root: Path, pending: PendingMoves | None) -> list[Path]:
    try:
        entries = sorted(root.iterdir()) if pending is None else pending.children(root)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GalleryError(
            "the gallery {gallery} cannot be read: {reason}; choose another with --gallery", gallery=root, reason=error
        ) from error
    return [path for path in entries if not is_ignored(path.name)]


def is_persons_own(folder: Path) -> bool:
    """Return whether facecam has made a person's folder or written into it: it has a person.toml, or is encrypted."""
    return os.path.lexists(folder / PERSON_FILE) or (
        os.path.lexists(folder.parent / HEADER_FILE) and folder.is_dir() and is_opaque(folder.name)
    )


def is_ignored(name: str) -> bool:
    """Return whether a file or folder of this name is hidden, or made by a system."""
    return name.startswith(".") or _SYSTEM_NAME.fullmatch(name) is not None


def is_folder(path: Path) -> bool:
    """Return whether the path is a folder, or cannot be reached now, such as a link to a lost network share."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def _is_photo(entry: Path | os.DirEntry[str]) -> bool:
    """Return whether the entry is a file named like an image, or cannot be reached now. One entry must not hide the others."""
    try:
        return _has_photo_name(entry.name) and entry.is_file()
    except OSError:
        return True


def _has_photo_name(name: str) -> bool:
    return name.lower().endswith(tuple(IMAGE_SUFFIXES)) and not name.startswith(".")


def _merged(folders: Sequence[_Folder], problems: list[Problem]) -> tuple[Person, ...]:
    """Return one Person for each name and each id. Folders with an id come first, then the folder's name decides.

    A folder without an id belongs to the person of its name. Two ids with one name are two people.
    """
    people: dict[str, Person] = {}
    own_names: dict[str, str] = {}
    """The person's name as in person.toml, by person_id; `people` can have it numbered."""
    ids: dict[str, str] = {}
    """The first person with each of these names."""
    for folder in sorted(folders, key=lambda folder: (folder.rank, folder.path.name)):
        name, person_id = folder.file.name, folder.file.person_id
        if folder.rank == _WITHOUT_ID:
            person_id = ids.get(name, person_id)
        if own_names.get(person_id) == name:
            known = people[person_id]
            photos, rejected = known.photos + folder.photos, known.rejected + folder.rejected
            people[person_id] = replace(known, folders=(*known.folders, folder.path), photos=photos, rejected=rejected)
            continue
        if person_id in people and folder.rank == _WITH_ID:
            problems.append(Problem(folder.path, "duplicate_person_id"))
            person_id = PersonFile.derived_id(folder.path.name)
        while person_id in people:
            person_id = PersonFile.derived_id(person_id)
        shown = name
        if name in ids:
            problems.append(Problem(folder.path, "duplicate_name"))
            shown = _numbered(name, {folder.file.name for folder in folders} | {person.name for person in people.values()})
        own_names[person_id], ids[name] = name, ids.get(name, person_id)
        file = folder.file
        people[person_id] = Person(
            person_id, shown, (folder.path,), folder.photos, file.created_at, file.consent, folder.rejected, file.withdrawn
        )
    return tuple(sorted(people.values(), key=lambda person: person.name))


def _numbered(name: str, taken: Collection[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
