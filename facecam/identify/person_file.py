"""person.toml: who the photos beside it show. Its person_id never changes, whatever the name or the folder becomes."""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facecam.atomic import create_atomic, write_atomic
from facecam.errors import GalleryError
from facecam.identify.names import display_name

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
    """Write person.toml unless another process was first; what the folder says afterwards."""
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
