"""A gallery packed to be carried elsewhere: people, photos and person.toml, as a ZIP file or a folder.

The same gallery gives the same bytes. Caches, what was set aside and faces that were rejected stay behind.
"""

from __future__ import annotations

import shutil
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facecam.atomic import PART_PREFIX
from facecam.errors import GalleryError
from facecam.identify.people import Person, photos_in, read_people
from facecam.identify.person_file import PERSON_FILE, PersonFile, readable, to_toml

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every entry bears, the first that ZIP knows: when it was packed is nobody's business."""

_UNIX = 3
_PLAIN_FILE = 0o100644


@dataclass(frozen=True, slots=True)
class Exported:
    """What was packed, and where it is now."""

    path: Path
    people: int
    photos: int


def export_gallery(root: Path, target: Path) -> Exported:
    """Pack the gallery at `root` into `target`: a ZIP file when it is called so, else a new folder.

    It is packed beside its place and moved there when it is whole. GalleryError, with nothing left behind, when `target` is
    there already, when nobody is enrolled, or when a file cannot be read or written.
    """
    if target.exists() or target.is_symlink():
        raise GalleryError(f"{target} is there already, and is not overwritten: give another name or move it away")
    people = read_people(root).people
    if not people:
        raise GalleryError(f"nobody is enrolled in {root}: there is nothing to export")
    part = target.parent / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        (_write_zip if target.suffix.lower() == ".zip" else _write_folder)(part, people)
        part.rename(target)
    except OSError as error:
        raise GalleryError(f"the gallery cannot be exported to {target}: {error}") from error
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
    return Exported(target, len(people), sum(len(person.photos) for person in people))


def _entries(people: tuple[Person, ...]) -> Iterator[tuple[str, bytes]]:
    """Name inside the package, with slashes, and content of every file, in the order of their names."""
    folders = sorted(((folder, person) for person in people for folder in person.folders), key=lambda pair: pair[0].name)
    for folder, person in folders:
        name = readable(folder.name)
        try:
            toml = (folder / PERSON_FILE).read_bytes()
        except FileNotFoundError:  # in a gallery that nobody may write
            toml = to_toml(PersonFile(person.person_id, person.name, person.created_at, person.consent)).encode("utf-8")
        yield f"{name}/{PERSON_FILE}", toml
        for photo in photos_in(folder):
            yield f"{name}/{readable(photo.name)}", photo.read_bytes()


def _write_zip(part: Path, people: tuple[Person, ...]) -> None:
    """Stored, not compressed: JPEG files do not shrink, and what is stored is the same with every version of zlib."""
    with zipfile.ZipFile(part, "x") as package:
        for name, content in _entries(people):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE << 16
            package.writestr(entry, content)


def _write_folder(part: Path, people: tuple[Person, ...]) -> None:
    for name, content in _entries(people):
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
