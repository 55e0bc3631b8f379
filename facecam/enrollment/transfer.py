"""Taking people over into a gallery: each photo judged as enrolling judges it, existing people gain photos, nothing twice."""

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

import numpy as np

from facecam.enrollment.enroll import Choose, PhotoVerdict, enroll, judge_image, selection_of
from facecam.enrollment.samples import SelectionRule
from facecam.errors import EnrollmentRefusedError, GalleryError, ImageError
from facecam.fileio import PART_PREFIX, write_atomic
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import (
    PERSON_FILE,
    DamagedPersonFileError,
    Person,
    PersonFile,
    display_name,
    folder_name,
    parse_person,
    photos_in,
    read_people,
    readable,
    to_toml,
)
from facecam.gallery.store import GalleryFolder
from facecam.imageio import PICTURE_SUFFIXES, decode_image
from facecam.recognition.face_analyzer import OK, UNREADABLE, FaceObservation, ImageFaceAnalyzer, single_face
from facecam.types import Sample

# MERGED identify.incoming: People on their way into a gallery: a folder with a folder of photos for each, or a ZIP file of the same. Nothing is unpacked.
#
# Names inside a ZIP file are labels here, never paths: what is taken from it is bytes, and the gallery finds the place for them.

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


ALREADY_THERE = "already_there"


@dataclass(frozen=True, slots=True)
class ImportVerdict:
    """What became of one photo: "ok" and saved as `path`, already_there, or the code for why it was refused, and in words."""

    label: str
    name: str
    reason: str
    path: Path | None = None
    said: str = ""

    @property
    def refused(self) -> bool:
        return self.reason not in (OK, ALREADY_THERE)


class Importer:
    """Brings people into `gallery`'s folder, one after the other. `choose` is asked about pictures with several faces.

    A photo in a plain folder is saved as enrolling saves it, as the square around the face, unless it looks like somebody else.
    Whoever comes with a person.toml was enrolled before: the id, the name and the photos are taken over byte for byte.
    """

    def __init__(
        self, gallery: Gallery, reader: ImageFaceAnalyzer, threshold_l2: float, rule: SelectionRule, choose: Choose | None = None
    ) -> None:
        self._gallery = gallery
        self._folder = GalleryFolder(gallery.folder)
        self._reader = reader
        self._threshold_l2 = threshold_l2
        self._rule = rule
        self._choose = choose

    def take(self, person: IncomingPerson) -> list[ImportVerdict]:
        """Import one person; a verdict for each photo, by their labels. GalleryError when nothing can be written."""
        try:
            name = display_name(person.name)
        except GalleryError:
            return [ImportVerdict(photo.label, person.name, "bad_name") for photo in person.photos]
        verdicts = self._take_as_it_is(person, name) if person.file is not None else self._enroll(person, name)
        return sorted(verdicts, key=lambda verdict: verdict.label)

    def _enroll(self, person: IncomingPerson, name: str) -> list[ImportVerdict]:
        verdicts = [self._judged_anew(photo) for photo in person.photos]
        refused = [ImportVerdict(str(v.path), name, v.reason) for v in verdicts if v.sample is None]
        kept = [verdict for verdict in verdicts if verdict.sample is not None]
        if not kept:
            return refused
        try:
            enrolled = enroll(self._gallery, name, selection_of(kept), self._threshold_l2)
        except EnrollmentRefusedError as error:
            return [*refused, *(ImportVerdict(str(verdict.path), name, error.reason, said=str(error)) for verdict in kept)]
        self._remember(enrolled.person, kept)
        added = set(enrolled.added)
        for verdict in kept:
            assert verdict.sample is not None
            path = self._folder.photo_path(enrolled.person, verdict.sample.jpeg)
            refused.append(ImportVerdict(str(verdict.path), name, OK if path in added else ALREADY_THERE, path))
            added.discard(path)
        return refused

    def _judged_anew(self, photo: IncomingPhoto) -> PhotoVerdict:
        path = Path(photo.label)
        try:
            bgr = decode_image(np.frombuffer(photo.read(), np.uint8), path)
        except (OSError, ImageError):
            return PhotoVerdict(path, UNREADABLE)
        return judge_image(path, bgr, self._reader, self._rule, choose=self._choose)

    def _remember(self, person: Person, kept: Sequence[PhotoVerdict]) -> None:
        """Let the next person be compared with this one too."""
        new = [
            Sample(str(verdict.path), person.person_id, person.name, verdict.path, verdict.sample.embedding)
            for verdict in kept
            if verdict.sample is not None
        ]
        known = read_people(self._gallery.folder).people
        self._gallery = replace(self._gallery, people=known, samples=(*self._gallery.samples, *new))

    def _take_as_it_is(self, person: IncomingPerson, name: str) -> list[ImportVerdict]:
        verdicts: list[ImportVerdict] = []
        assert person.file is not None
        mine = self._folder.find(person.file.person_id, name)
        there = _hashes(mine.folders) if mine is not None else set()
        for photo in person.photos:
            reason, data = self._judged(photo, there)
            path = None
            if reason == OK:
                mine = mine or self._folder.add_person(person.file, person.toml)
                path = _save(mine.folders[0], photo.file_name, data)
                there.add(hashlib.sha256(data).hexdigest())
            verdicts.append(ImportVerdict(photo.label, mine.name if mine is not None else name, reason, path))
        return verdicts

    def _judged(self, photo: IncomingPhoto, there: set[str]) -> tuple[str, bytes]:
        try:
            data = photo.read()
            if hashlib.sha256(data).hexdigest() in there:
                return ALREADY_THERE, data
            face = single_face(self._reader.analyze(decode_image(np.frombuffer(data, np.uint8), photo.label)))
        except (OSError, ImageError):
            return UNREADABLE, b""
        return (OK if isinstance(face, FaceObservation) else face), data


def _hashes(folders: Sequence[Path]) -> set[str]:
    """The SHA-256 of every photo that can be read."""
    found: set[str] = set()
    for photo in (photo for folder in folders for photo in photos_in(folder)):
        try:
            found.add(hashlib.sha256(photo.read_bytes()).hexdigest())
        except OSError:
            continue
    return found


def _save(folder: Path, file_name: str, data: bytes) -> Path:
    """Write a photo under its own name, or under its content's when that name is taken or not for every system."""
    path = folder / file_name
    if folder_name(file_name) != file_name or path.exists():
        path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}{path.suffix.lower()}"
    try:
        write_atomic(path, data)
    except OSError as error:
        raise GalleryError(f"{path} cannot be saved: {error.strerror}") from error
    return path


# MERGED identify.export: A gallery packed to be carried elsewhere: people, photos and person.toml, as a ZIP file or a folder.
#
# The same gallery gives the same bytes. Caches, what was set aside and faces that were rejected stay behind.

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every entry bears, the first that ZIP knows: when it was packed is nobody's business."""

_UNIX = 3
_PLAIN_FILE = 0o100644


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was packed, and where it is now."""

    path: Path
    people: int
    photos: int


def export_gallery(root: Path, target: Path) -> ExportResult:
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
    return ExportResult(target, len(people), sum(len(person.photos) for person in people))


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
