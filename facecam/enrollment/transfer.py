"""Import and export of people: a folder with one folder of photos per person, or a ZIP file of the same.

Nothing is unpacked: names inside a ZIP file are labels, never paths, and the gallery decides where the bytes are saved. Imported
photos are judged as in enrollment, enrolled people gain photos, and nothing is added twice. The same gallery exports to the same
bytes; caches, quarantined photos and rejected faces are not exported.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from facecam.enrollment.enroll import (
    ALREADY_THERE,
    IDENTITY_CONFLICT,
    MIXED_PEOPLE,
    EnrollmentOptions,
    PhotoVerdict,
    add_judged_photos,
    conflict_text,
    judge_photo,
)
from facecam.errors import GalleryError, OutputError
from facecam.fileio import PART_PREFIX, atomic_path, check_output
from facecam.gallery.gallery import Gallery, embed_photo
from facecam.gallery.people import (
    PERSON_FILE,
    DamagedPersonFileError,
    Person,
    PersonFile,
    display_name,
    parse_person_file,
    photos_in,
    read_people,
    to_toml,
    utf8_text,
)
from facecam.gallery.service import GalleryService
from facecam.imageio import IMAGE_SUFFIXES
from facecam.recognition.face_analyzer import OK, UNREADABLE, ImageFaceAnalyzer
from facecam.types import Sample

MAX_FILE_BYTES = 64 * 2**20
"""More than a JPEG photo of 100 megapixels."""

MAX_PACKAGE_BYTES = 16 * 2**30
MAX_ENTRIES = 200_000

_ENCRYPTED = 0x1
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every exported entry, the earliest that ZIP supports: the time of an export stays private."""
_UNIX = 3
_PLAIN_FILE = 0o100644


@dataclass(frozen=True, slots=True)
class PhotoToImport:
    """Photo that is read when it is imported. `label` is its name in reports."""

    label: str
    read: Callable[[], bytes]


@dataclass(slots=True)
class PersonToImport:
    """Person to import. `file` is their person.toml, None for a plain folder of photos; `toml` is its original text."""

    folder_name: str
    file: PersonFile | None = None
    toml: bytes = b""
    photos: list[PhotoToImport] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name from person.toml, else the folder's name."""
        return self.file.name if self.file is not None else self.folder_name

    def set_person_file(self, toml: bytes) -> None:
        """Use this person.toml; an invalid one is ignored, and the folder's name is used."""
        try:
            self.file, self.toml = parse_person_file(toml, f"{self.folder_name}/{PERSON_FILE}"), toml
        except DamagedPersonFileError:
            self.file = None


@contextmanager
def open_import(source: Path) -> Iterator[list[PersonToImport]]:
    """Open a folder or ZIP file and yield its people, sorted by folder name.

    GalleryError, before anything is imported, without people, or for a ZIP file that is damaged, encrypted, too large, or has
    an entry that points outside.
    """
    if source.is_dir():
        yield _non_empty(_people_in_folder(source), source)
        return
    try:
        with zipfile.ZipFile(source) as package:
            yield _non_empty(_people_in_package(package, source), source)
    except FileNotFoundError as error:
        raise GalleryError(f"{source} does not exist: name a folder or ZIP file; nothing was imported") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise GalleryError(f"{source} cannot be read as a folder or ZIP file: {error}") from error


def _non_empty(people: list[PersonToImport], source: Path) -> list[PersonToImport]:
    if not people:
        raise GalleryError(f"{source} has no folders with photos: add one folder for each person, named like the person")
    return people


def _people_in_folder(source: Path) -> list[PersonToImport]:
    people: list[PersonToImport] = []
    for folder in sorted(path for path in source.iterdir() if path.is_dir() and not path.name.startswith(".")):
        photos, toml = photos_in(folder), folder / PERSON_FILE
        if photos or toml.is_file():
            person = PersonToImport(folder.name)
            if toml.is_file():
                person.set_person_file(toml.read_bytes())
            person.photos = [PhotoToImport(str(photo), photo.read_bytes) for photo in photos]
            people.append(person)
    return people


def _people_in_package(package: zipfile.ZipFile, source: Path) -> list[PersonToImport]:
    entries = package.infolist()
    _check_package(entries, source)
    people: dict[str, PersonToImport] = {}
    for entry in sorted(entries, key=lambda entry: entry.filename):
        path = PurePosixPath(entry.filename)
        if entry.is_dir() or len(path.parts) < 2 or any(part.startswith(".") for part in path.parts):
            continue
        person = people.setdefault(str(path.parent), PersonToImport(path.parent.name))
        if path.name == PERSON_FILE:
            person.set_person_file(_read_entry(package, entry))
        elif path.suffix.lower() in IMAGE_SUFFIXES:
            person.photos.append(PhotoToImport(entry.filename, partial(_read_entry, package, entry)))
    return [person for person in people.values() if person.photos or person.file is not None]


def _check_package(entries: list[zipfile.ZipInfo], source: Path) -> None:
    """Raise GalleryError for a package that cannot come from an export."""
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_PACKAGE_BYTES:
        raise GalleryError(f"{source} has more than {MAX_ENTRIES} files or {MAX_PACKAGE_BYTES >> 30} GB: import it in parts")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        outside = path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in path.parts[0]
        if outside or stat.S_ISLNK(entry.external_attr >> 16):
            raise GalleryError(f"{source} is refused: its entry {entry.filename!r} points outside of it; nothing was imported")
        if entry.flag_bits & _ENCRYPTED:
            raise GalleryError(f"{source} is encrypted: unpack it, then import the folder")


def _read_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry. OSError when it is damaged, or larger than MAX_FILE_BYTES whatever its header says."""
    try:
        with package.open(entry) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise OSError(f"{entry.filename} is damaged: {error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise OSError(f"{entry.filename} has more than {MAX_FILE_BYTES >> 20} MB")
    return data


class Importer:
    """Imports people into the gallery's folder, one after the other.

    Photos in a plain folder are enrolled: the square around the face is saved, unless they look like another person or show two
    people. A person with
    a person.toml was enrolled before: id, name and photos are copied byte for byte.
    """

    def __init__(self, gallery: Gallery, analyzer: ImageFaceAnalyzer, options: EnrollmentOptions) -> None:
        self._gallery = gallery
        self._service = GalleryService(gallery.folder)
        self._analyzer = analyzer
        self._options = options

    def import_person(self, person: PersonToImport) -> list[PhotoVerdict]:
        """Import one person and return a verdict for each photo, sorted by label. GalleryError when nothing can be written."""
        try:
            name = display_name(person.name)
        except GalleryError:
            return [PhotoVerdict(Path(photo.label), "bad_name", name=person.name) for photo in person.photos]
        verdicts = self._copy(person, person.file, name) if person.file is not None else self._enroll(person, name)
        return sorted((replace(verdict, name=verdict.name or name) for verdict in verdicts), key=lambda verdict: verdict.path)

    def _enroll(self, person: PersonToImport, name: str) -> Sequence[PhotoVerdict]:
        rule, choose = self._options.selection, self._options.choose
        verdicts = [judge_photo(Path(one.label), self._analyzer, rule, choose=choose, read=one.read) for one in person.photos]
        result = add_judged_photos(self._gallery, name, verdicts, self._options)
        if result.mixed is not None:
            text = (
                f"{result.mixed.text(name)}: put each person's photos into a folder, or use `facecam enroll --force` "
                "if they are one person"
            )
            return [v if v.sample is None else replace(v, reason=MIXED_PEOPLE, detail=text) for v in verdicts]
        if result.similar_person is not None:
            text = conflict_text(name, result.similar_person, rule.same_person_l2)
            return [v if v.sample is None else replace(v, reason=IDENTITY_CONFLICT, detail=text) for v in verdicts]
        if result.enrolled is not None:
            self._add_to_gallery(result.enrolled.person, verdicts)
        return result.outcomes

    def _add_to_gallery(self, person: Person, verdicts: Sequence[PhotoVerdict]) -> None:
        """Add the samples to the gallery in memory, so that the next person is compared with this one too."""
        new = [
            Sample(str(verdict.path), person.person_id, person.name, verdict.path, verdict.sample.embedding)
            for verdict in verdicts
            if verdict.sample is not None
        ]
        people = read_people(self._gallery.folder).people
        self._gallery = replace(self._gallery, people=people, samples=(*self._gallery.samples, *new))

    def _copy(self, person: PersonToImport, file: PersonFile, name: str) -> list[PhotoVerdict]:
        verdicts: list[PhotoVerdict] = []
        target = self._service.find(file.person_id, name)
        existing = _hashes(target.folders) if target is not None else set()
        for photo in person.photos:
            reason, data = self._check_copy(photo, existing)
            path = None
            if reason == OK:
                target = target or self._service.add_person(file, person.toml)
                path = self._service.add_photo_file(target, Path(photo.label).name, data)
                existing.add(hashlib.sha256(data).hexdigest())
            known_as = target.name if target is not None else ""
            verdicts.append(PhotoVerdict(Path(photo.label), reason, saved_as=path, name=known_as))
        return verdicts

    def _check_copy(self, photo: PhotoToImport, existing: set[str]) -> tuple[str, bytes]:
        """Return the photo's reason code and content; `existing` are the SHA-256 of the person's photos."""
        try:
            data = photo.read()
        except OSError:
            return UNREADABLE, b""
        if hashlib.sha256(data).hexdigest() in existing:
            return ALREADY_THERE, data
        return embed_photo(Path(photo.label), data, self._analyzer).reason, data


def _hashes(folders: Sequence[Path]) -> set[str]:
    """Return the SHA-256 of every readable photo."""
    found: set[str] = set()
    for photo in (photo for folder in folders for photo in photos_in(folder)):
        try:
            found.add(hashlib.sha256(photo.read_bytes()).hexdigest())
        except OSError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Path of an export with the numbers of people and photos in it."""

    path: Path
    people: int
    photos: int


def export_gallery(root: Path, target: Path, *, overwrite: bool = False) -> ExportResult:
    """Export the gallery at `root` to a new ZIP file, or to a new folder when `target` does not end in .zip.

    Nothing is left behind when the export fails.

    Raises:
        GalleryError: The gallery is empty, or a file cannot be read or written.
        OutputError: `target` exists; a ZIP file is replaced with `overwrite`, a folder never.
    """
    is_zip = target.suffix.lower() == ".zip"
    if not is_zip and target.exists():
        raise OutputError(f"{target} exists; choose another name")
    check_output(target, [root], overwrite=overwrite)
    people = read_people(root).people
    if not people:
        raise GalleryError(f"the gallery {root} has no enrolled people to export")
    part = target.parent / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        if is_zip:
            with atomic_path(target) as file:
                _write_zip(file, people)
        else:
            _write_folder(part, people)
            part.replace(target)
    except OSError as error:
        raise GalleryError(f"the gallery cannot be exported to {target}: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return ExportResult(target, len(people), sum(len(person.photos) for person in people))


def _entries(people: tuple[Person, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield name inside the package, with slashes, and content of every file, sorted by name."""
    folders = sorted(((folder, person) for person in people for folder in person.folders), key=lambda pair: pair[0].name)
    for folder, person in folders:
        name = utf8_text(folder.name)
        try:
            toml = (folder / PERSON_FILE).read_bytes()
        except FileNotFoundError:  # in a read-only gallery
            toml = to_toml(PersonFile(person.person_id, person.name, person.created_at, person.consent)).encode("utf-8")
        yield f"{name}/{PERSON_FILE}", toml
        for photo in photos_in(folder):
            yield f"{name}/{utf8_text(photo.name)}", photo.read_bytes()


def _write_zip(part: Path, people: tuple[Person, ...]) -> None:
    """Write a ZIP file without compression: JPEG files do not shrink, and the bytes do not depend on the version of zlib."""
    with zipfile.ZipFile(part, "w") as package:
        for name, content in _entries(people):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE << 16
            package.writestr(entry, content)


def _write_folder(part: Path, people: tuple[Person, ...]) -> None:
    for name, content in _entries(people):
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
