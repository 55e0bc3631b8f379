"""Import and export of people: a folder with one folder of photos per person, or a ZIP file of the same.

With XMP regions, the people are instead those whose faces have a name in the photos.

Nothing is unpacked: names inside a ZIP file are labels, never paths, and the gallery decides where the bytes are saved. Imported
photos are judged as in enrollment, enrolled people gain photos, and nothing is added twice. Each person is imported as a whole or
not at all. The same gallery exports to the same bytes; caches, quarantined photos and rejected faces are not exported.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import shutil
import stat
import struct
import unicodedata
import uuid
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

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
from facecam.enrollment.xmp_regions import FaceRegion, face_of_region, read_face_regions
from facecam.errors import GalleryError, OutputError
from facecam.fileio import MAX_TEXT_BYTES, PART_PREFIX, atomic_path, check_output, is_stream, open_regular
from facecam.gallery.conversion import PlainNames
from facecam.gallery.files import encryption_key, manifest, open_gallery_file, read_gallery_file
from facecam.gallery.gallery import Gallery, ProgressCallback, embed_photo
from facecam.gallery.people import (
    PERSON_FILE,
    DamagedPersonFileError,
    NewerPersonFileError,
    Person,
    PersonFile,
    display_name,
    is_ignored,
    parse_person_file,
    photos_in,
    read_people,
    to_toml,
    utf8_text,
)
from facecam.gallery.person_files import merged_consents
from facecam.gallery.service import GalleryService
from facecam.imageio import IMAGE_SUFFIXES, MAX_FILE_BYTES
from facecam.messages import TranslatableText, system_text
from facecam.recognition.face_analyzer import OK, UNREADABLE, ImageFaceAnalyzer
from facecam.types import Sample

MAX_PACKAGE_BYTES = 16 * 2**30
MAX_ENTRIES = 200_000
MAX_DIRECTORY_BYTES = 32 * 2**20
"""Of a ZIP file's table of contents, which is read as a whole; 200,000 entries of a usual length."""

MAX_RATIO = 100
"""A photo is a compressed file and hardly shrinks in a ZIP file. Small files are not checked."""
_MIN_CHECKED_BYTES = 2**20

NOT_AN_IMAGE, NO_PERSON, OUTSIDE, DUPLICATE_ENTRY = "not_an_image", "no_person", "outside", "duplicate_entry"
NO_REGION = "no_region"
DUPLICATE_NAME, NOT_SAVED, NEWER = "duplicate_name", "not_saved", "person_file_newer"

_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_UNICODE_PATH = 0x7075
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every exported entry, the earliest that ZIP supports: the time of an export stays private."""
_UNIX = 3
_PLAIN_FILE = 0o100644

_Folder = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhotoToImport:
    """Photo that is read when it is imported. `label` is its path in reports; `read` raises OSError.

    `regions` are all named faces in it if the person is one of them, and () if the person is the only one in the photo.
    """

    label: str
    file_name: str
    read: Callable[[], bytes]
    regions: tuple[FaceRegion, ...] = ()


@dataclass(slots=True)
class PersonToImport:
    """Person to import. `file` is their person.toml, None for a plain folder of photos; `toml` is its original text.

    Photos with `regions` are those in which a photo manager has given a face the name of the person, `folder_name`.
    """

    folder_name: str
    file: PersonFile | None = None
    toml: bytes = b""
    photos: list[PhotoToImport] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name from person.toml, else the folder's name."""
        return self.file.name if self.file is not None else self.folder_name


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """File that is not imported: path in reports, reason code, and details if there are. `is_refused` if it may be a photo."""

    label: str
    reason: str
    detail: str = ""
    is_refused: bool = True


@dataclass(slots=True)
class ImportSource:
    """People of a folder or ZIP file, sorted by folder name, and the files left out. Hidden and system files are in neither."""

    people: list[PersonToImport] = field(default_factory=list)
    left_out: list[LeftOutFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entry:
    """File in a folder or ZIP file. `folder` is relative to it, and empty for a file outside of every folder."""

    label: str
    folder: _Folder
    name: str
    read: Callable[[int], bytes]

    @property
    def is_image(self) -> bool:
        stem, dot, suffix = self.name.rpartition(".")
        return bool(stem) and dot + suffix.lower() in IMAGE_SUFFIXES


@contextmanager
def open_import(
    source: Path, *, xmp_regions: bool = False, report_progress: ProgressCallback | None = None
) -> Iterator[ImportSource]:
    """Open a folder or ZIP file and yield its people.

    Args:
        source: The folder or ZIP file.
        xmp_regions: Whether the people are those whose faces have a name in the XMP of the photos, whatever their folders are.
        report_progress: Called with the number of photos whose XMP is read, and of all.

    Raises:
        GalleryError: Before anything is imported: no person was found, or a ZIP file is damaged, encrypted or too large.
    """
    found, file = ImportSource(), None

    def sort_in(entries: Iterable[_Entry], *, has_wrapper: bool) -> None:
        if xmp_regions:
            _sort_by_region(found, entries, report_progress)
        else:
            _sort_in(found, entries, has_wrapper=has_wrapper)

    try:
        if source.is_dir():
            sort_in(_entries_in_folder(source, found), has_wrapper=False)
        else:
            file = open_regular(source)
    except FileNotFoundError as error:
        raise GalleryError("{source} does not exist: name a folder or ZIP file; nothing was imported", source=source) from error
    except OSError as error:
        raise GalleryError("{source} cannot be read as a folder or ZIP file: {reason}", source=source, reason=error) from error
    if file is None:
        yield _checked(found, source, xmp_regions=xmp_regions)
        return
    with file, _opened_package(file, source) as package:
        sort_in(_entries_in_package(package, found), has_wrapper=True)
        yield _checked(found, source, xmp_regions=xmp_regions)


def _checked(found: ImportSource, source: Path, *, xmp_regions: bool) -> ImportSource:
    if not found.people and xmp_regions:
        raise GalleryError(
            "{source} has no photo in which a face has a name: let your photo manager write the names into the photos",
            source=source,
        )
    if not found.people:
        raise GalleryError(
            "{source} has no folders with photos: add one folder for each person, named like the person", source=source
        )
    return found


def _sort_in(found: ImportSource, entries: Iterable[_Entry], *, has_wrapper: bool) -> None:
    """Add each photo to its person: the folder with a person.toml that it is in, else the outermost folder.

    A ZIP file of a whole folder has that one around the people's, which `has_wrapper` looks for.
    """
    entries = sorted(entries, key=lambda entry: entry.label)
    files = {entry.folder: entry for entry in entries if entry.name == PERSON_FILE and entry.folder}
    people = {folder: _person(entry, found) for folder, entry in files.items()}
    plain = {entry.folder for entry in entries if entry.is_image and entry.folder and _inside(entry.folder, files) is None}
    depth = len(_wrapper(plain)) + 1 if has_wrapper else 1
    for entry in entries:
        if not entry.is_image:
            if entry.name != PERSON_FILE:
                found.left_out.append(LeftOutFile(entry.label, NOT_AN_IMAGE, is_refused=False))
            continue
        if not entry.folder:
            found.left_out.append(LeftOutFile(entry.label, NO_PERSON))
            continue
        folder = _inside(entry.folder, files) or entry.folder[:depth]
        person = people.setdefault(folder, PersonToImport(folder[-1]))
        if person is None:
            found.left_out.append(LeftOutFile(entry.label, NEWER))
        else:
            person.photos.append(PhotoToImport(entry.label, entry.name, partial(entry.read, MAX_FILE_BYTES)))
    known = sorted((folder, person) for folder, person in people.items() if person is not None)
    found.people = [person for _, person in known if person.photos or person.file is not None]


def _sort_by_region(found: ImportSource, entries: Iterable[_Entry], report_progress: ProgressCallback | None) -> None:
    """Add each photo to the people whose faces have a name in its XMP."""
    entries = sorted(entries, key=lambda entry: entry.label)
    people: dict[str, PersonToImport] = {}
    for number, entry in enumerate(entries):
        if report_progress is not None:
            report_progress(number, len(entries))
        if not entry.is_image:
            found.left_out.append(LeftOutFile(entry.label, NOT_AN_IMAGE, is_refused=False))
            continue
        try:
            regions = read_face_regions(entry.read(MAX_FILE_BYTES))
        except OSError as error:
            found.left_out.append(_unreadable(entry.label, error, is_photo=True))
            continue
        if not regions:
            found.left_out.append(LeftOutFile(entry.label, NO_REGION, is_refused=False))
        for region in regions:
            photo = PhotoToImport(entry.label, entry.name, partial(entry.read, MAX_FILE_BYTES), regions)
            people.setdefault(region.name, PersonToImport(region.name)).photos.append(photo)
    found.people = [people[name] for name in sorted(people)]


def _person(entry: _Entry, found: ImportSource) -> PersonToImport | None:
    """Return the person with this person.toml, None when a newer facecam wrote it.

    Without a valid one the folder's name is the person's.
    """
    try:
        toml = entry.read(MAX_TEXT_BYTES)
        return PersonToImport(entry.folder[-1], parse_person_file(toml, entry.label), toml)
    except NewerPersonFileError as error:
        found.left_out.append(LeftOutFile(entry.label, NEWER, error.text))
        return None
    except (DamagedPersonFileError, OSError) as error:
        text = TranslatableText("it cannot be used ({error}): the folder's name is the person's", error=error)
        found.left_out.append(LeftOutFile(entry.label, "person_file_damaged", text, is_refused=False))
        return PersonToImport(entry.folder[-1])


def _inside(folder: _Folder, files: Mapping[_Folder, object]) -> _Folder | None:
    """Return the nearest of these folders that this one is in, or is."""
    return next((folder[:depth] for depth in range(len(folder), 0, -1) if folder[:depth] in files), None)


def _wrapper(folders: Collection[_Folder]) -> _Folder:
    """Return the folder around the people's folders, () without one.

    In Ada/2020 and Ada/2021, Ada is a person: a number is rarely part of a name.
    """
    first, last = min(folders, default=()), max(folders, default=())
    depth = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    names = {folder[depth : depth + 1] for folder in folders}
    if len(names) < 2 or () in names or any(character.isdigit() for name in names for character in name[0]):
        return ()
    return first[:depth]


def _entries_in_folder(source: Path, found: ImportSource) -> Iterator[_Entry]:
    count = 0

    def leave_out(error: OSError) -> None:
        found.left_out.append(_unreadable(error.filename, error, is_photo=True))

    # A linked folder of a person is followed, links below it are not: they can lead in a circle.
    tops = [path for path in sorted(source.iterdir()) if path.is_dir() and not is_ignored(path.name)]
    for top in (source, *tops):
        for parent, folders, names in os.walk(top, onerror=leave_out):
            folders[:] = [] if top == source else sorted(name for name in folders if not is_ignored(name))
            for name in (name for name in names if not is_ignored(name)):
                path = Path(parent, name)
                count += 1
                if count > MAX_ENTRIES:
                    raise GalleryError(
                        "{source} has more than {limit} files: import it in parts", source=source, limit=MAX_ENTRIES
                    )
                yield _Entry(str(path), path.parent.relative_to(source).parts, name, partial(read_gallery_file, path))


@contextmanager
def _opened_package(file: BinaryIO, source: Path) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP file that is within the limits, not encrypted and not damaged."""
    try:
        size_bytes = os.fstat(file.fileno()).st_size
        is_too_large = _directory_bytes(file, size_bytes) > MAX_DIRECTORY_BYTES
        package = None if is_too_large else zipfile.ZipFile(file)
    except Exception as error:  # zipfile raises five more types for damaged files, struct.error and UnicodeDecodeError among them
        raise GalleryError(
            "{source} cannot be read as a folder or ZIP file; if it is one, its end is missing or damaged: copy it or download "
            "it again",
            source=source,
        ) from error
    too_large = TranslatableText(
        "{source} has more than {limit} files or {limit_gb} GB: import it in parts",
        source=source,
        limit=MAX_ENTRIES,
        limit_gb=MAX_PACKAGE_BYTES >> 30,
    )
    if package is None:
        raise GalleryError(too_large)
    with package:
        entries = package.infolist()
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_PACKAGE_BYTES:
            raise GalleryError(too_large)
        if sum(entry.compress_size for entry in entries) > size_bytes:
            raise GalleryError("{source} is damaged: its entries overlap; nothing was imported", source=source)
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise GalleryError("{source} is encrypted: unpack it, then import the folder", source=source)
        yield package


def _directory_bytes(file: BinaryIO, size_bytes: int) -> int:
    """Return the size of a ZIP file's table of contents as its end says, 0 without one."""
    start = max(size_bytes - 2**16 - 98, 0)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        return 0
    (directory_bytes,) = struct.unpack_from("<L", tail, end + 12)
    if tail[end - 20 : end - 16] == b"PK\6\7" and tail[end - 76 : end - 72] == b"PK\6\6":  # more than 4 GB or 65,535 entries
        (directory_bytes,) = struct.unpack_from("<Q", tail, end - 36)
    return int(directory_bytes)


def _entries_in_package(package: zipfile.ZipFile, found: ImportSource) -> list[_Entry]:
    entries: dict[str, _Entry] = {}
    infos = package.infolist()
    for info, path in zip(infos, _decoded_names(infos), strict=True):
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        if path.endswith("/") or not parts or any(map(is_ignored, (part for part in parts if part != ".."))):
            continue
        if path.startswith("/") or ".." in parts or ":" in parts[0] or stat.S_ISLNK(info.external_attr >> 16):
            found.left_out.append(LeftOutFile(path, OUTSIDE))
        elif "/".join(parts) in entries:
            found.left_out.append(LeftOutFile(path, DUPLICATE_ENTRY))
        else:
            entries["/".join(parts)] = _Entry(path, parts[:-1], parts[-1], partial(_read_entry, package, info, path))
    return list(entries.values())


def _decoded_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the path of each entry, with slashes.

    A name is UTF-8 if its flag says so, or if it can be. All others are in one code page: the one in which they look like words.
    """
    names = [_unicode_name(info) for info in infos]
    unknown = [info.orig_filename.encode("cp437") for info, name in zip(infos, names, strict=True) if name is None]
    texts = [_decode_all(unknown, encoding) for encoding in ("cp437", "cp850", "cp866")]
    best = iter(min(texts, key=lambda decoded: sum(map(_odd_characters, decoded))))
    return [(next(best) if name is None else name).partition("\0")[0].replace("\\", "/") for name in names]


def _unicode_name(info: zipfile.ZipInfo) -> str | None:
    """Return an entry's name if its encoding is known: from its flag, Info-ZIP's extra field, or because it is valid UTF-8."""
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")  # as which zipfile has read it
    extra = info.extra
    while len(extra) >= 4:
        code, length = struct.unpack_from("<HH", extra)
        if code == _UNICODE_PATH and length > 5 and struct.unpack_from("<L", extra, 5)[0] == zlib.crc32(raw):
            raw = extra[9 : 4 + length]
        extra = extra[4 + length :]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decode_all(names: Sequence[bytes], encoding: str) -> list[str]:
    return [name.decode(encoding) for name in names]


def _odd_characters(name: str) -> int:
    """Return how much a decoded name looks unlike words: symbols, two scripts in a word, a capital inside, or only accents."""
    odd = sum(not character.isascii() and not character.isalpha() for character in name)
    for word in re.findall(r"[^\W\d_]+", name):
        scripts = {"CYRILLIC" if "CYRILLIC" in unicodedata.name(character, "") else "" for character in word}
        odd += len(scripts) > 1
        odd += len(word) > 1 and not word.isupper() and word[1:] != word[1:].lower()
        accents = sum(not character.isascii() for character in word)
        odd += scripts == {""} and accents > 1 and 2 * accents > len(word)
    return odd


def _read_entry(package: zipfile.ZipFile, info: zipfile.ZipInfo, label: str, max_bytes: int) -> bytes:
    """Read an entry. OSError when it is damaged, larger than `max_bytes`, or packed like a bomb."""
    if info.file_size > max_bytes:
        text = TranslatableText("{label} is too large", label=label)
        if max_bytes >= 2**20:
            text = TranslatableText("{label} has more than {limit} MB", label=label, limit=max_bytes >> 20)
        raise _EntryError(text)
    if info.file_size > max(_MIN_CHECKED_BYTES, MAX_RATIO * info.compress_size):
        text = TranslatableText(
            "{label} is packed to less than 1/{ratio} of its size, as no photo is: unpack it, then import the folder",
            label=label,
            ratio=MAX_RATIO,
        )
        raise _EntryError(text)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        text = TranslatableText("{label} is packed with an uncommon method: unpack it, then import the folder", label=label)
        raise _EntryError(text)
    try:
        # zipfile reads at most the size in the table of contents.
        with package.open(info) as file:
            return file.read()
    except Exception as error:  # zipfile and zlib raise many types for damaged entries
        raise _EntryError(TranslatableText("{label} is damaged: {error}", label=label, error=error)) from error


class _EntryError(OSError):
    """An entry of a ZIP file cannot be read. `strerror` is the text."""

    def __init__(self, text: TranslatableText) -> None:
        super().__init__(text)
        self.strerror = text


class Importer:
    """Imports people into the gallery's folder, one after the other.

    Photos in a plain folder are enrolled: the square around the face is saved, unless they look like another person or show two
    people. A person with a person.toml was enrolled before: id, name and photos are copied byte for byte. Another person of that
    name is never given these photos.
    """

    def __init__(self, gallery: Gallery, analyzer: ImageFaceAnalyzer, options: EnrollmentOptions) -> None:
        self._gallery = gallery
        self._service = GalleryService(gallery.folder)
        self._analyzer = analyzer
        self._options = options

    def import_people(
        self, people: Sequence[PersonToImport], progress: ProgressCallback | None = None
    ) -> Iterator[list[PhotoVerdict]]:
        """Import one person after the other and yield their photos' verdicts, sorted by label; `progress` after each photo."""
        total, done = sum(len(person.photos) for person in people), itertools.count(1)
        for person in people:
            yield self._import_person(person, lambda: progress(next(done), total) if progress is not None else None)

    def _import_person(self, person: PersonToImport, progress: Callable[[], None]) -> list[PhotoVerdict]:
        try:
            name = display_name(person.name)
        except GalleryError as error:
            return [
                PhotoVerdict(Path(photo.label), "bad_name", name=person.name, detail=error.text if photo.regions else "")
                for photo in person.photos
            ]
        if person.file is not None:
            verdicts = self._copy(person, person.file, name, progress)
        else:
            verdicts = list(self._enroll(person, name, progress))
        return sorted((replace(verdict, name=verdict.name or name) for verdict in verdicts), key=lambda verdict: verdict.path)

    def _enroll(self, person: PersonToImport, name: str, progress: Callable[[], None]) -> Sequence[PhotoVerdict]:
        rule = self._options.selection
        verdicts: list[PhotoVerdict] = []
        for photo in person.photos:
            verdicts.append(self._judge(photo, person.folder_name))
            progress()
        try:
            result = add_judged_photos(self._gallery, name, verdicts, self._options)
        except GalleryError as error:
            return _refused(verdicts, NOT_SAVED, error.text)
        if result.mixed is not None:
            problem = result.mixed.text(name)
            text = TranslatableText(
                "{problem}: put each person's photos into a folder, or use `facecam enroll --force` if they are one person",
                problem=problem,
            )
            if any(photo.regions for photo in person.photos):
                text = TranslatableText("{problem}: correct the names in the photos", problem=problem)
            return _refused(verdicts, MIXED_PEOPLE, text)
        if result.similar_person is not None:
            text = conflict_text(name, result.similar_person, rule.same_person_l2, "`facecam enroll --force`")
            return _refused(verdicts, IDENTITY_CONFLICT, text)
        if result.enrolled is not None:
            self._add_to_gallery(result.enrolled.person, verdicts)
        return result.outcomes

    def _judge(self, photo: PhotoToImport, name: str) -> PhotoVerdict:
        path, labeled = Path(photo.label), None
        if photo.regions:
            labeled = partial(face_of_region, photo.regions, name)
        try:
            data = photo.read()
        except OSError as error:
            return PhotoVerdict(path, UNREADABLE, detail=system_text(error))
        rule, choose = self._options.selection, self._options.choose
        return judge_photo(path, self._analyzer, rule, choose=choose, labeled=labeled, read=lambda: data)

    def _add_to_gallery(self, person: Person, verdicts: Sequence[PhotoVerdict]) -> None:
        """Add the samples to the gallery in memory, so that the next person is compared with this one too."""
        new = [
            Sample(str(verdict.path), person.person_id, person.name, verdict.path, verdict.sample.embedding)
            for verdict in verdicts
            if verdict.sample is not None
        ]
        people = read_people(self._gallery.folder).people
        self._gallery = replace(self._gallery, people=people, samples=(*self._gallery.samples, *new))

    def _copy(self, person: PersonToImport, file: PersonFile, name: str, progress: Callable[[], None]) -> list[PhotoVerdict]:
        """Copy a person who was enrolled before: all accepted photos with their person.toml, or nothing.

        Without new photos, an enrolled person still gains the consent, or its withdrawal.
        """
        people = read_people(self._gallery.folder)
        target = next((one for one in people.people if one.person_id == file.person_id), None)
        if target is None and people.find(name) is not None:
            text = TranslatableText(
                "another person is called {name} here, with another id: rename one of the two, then import again", name=name
            )
            return [PhotoVerdict(Path(photo.label), DUPLICATE_NAME, detail=text) for photo in person.photos]
        existing = _hashes(target.folders) if target is not None else set()
        verdicts: list[PhotoVerdict] = []
        accepted: list[PhotoToImport] = []
        for photo in person.photos:
            verdicts.append(self._check_copy(photo, existing))
            if verdicts[-1].reason == OK:
                accepted.append(photo)
            progress()
        paths: Iterator[Path] = iter(())
        try:
            if accepted or (target is not None and merged_consents(target, file) != (target.consent, target.withdrawn)):
                # The content is read again: that of all photos can be larger than the memory.
                target, saved = self._service.import_person(file, person.toml, [(one.file_name, one.read) for one in accepted])
                paths = iter(saved)
        except (GalleryError, OSError) as error:
            text = error.text if isinstance(error, GalleryError) else system_text(error)
            # Without new photos it is the consent that could not be saved.
            return _refused(verdicts if accepted else [replace(one, reason=OK) for one in verdicts], NOT_SAVED, text)
        known_as = target.name if target is not None else ""
        return [replace(one, saved_as=next(paths) if one.reason == OK else None, name=known_as) for one in verdicts]

    def _check_copy(self, photo: PhotoToImport, existing: set[str]) -> PhotoVerdict:
        """Judge a photo that is copied; `existing` are the SHA-256 of the person's photos, to which it is added."""
        path = Path(photo.label)
        try:
            data = photo.read()
        except OSError as error:
            return PhotoVerdict(path, UNREADABLE, detail=system_text(error))
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in existing:
            return PhotoVerdict(path, ALREADY_THERE)
        reason = embed_photo(path, data, self._analyzer).reason
        if reason == OK:
            existing.add(sha256)
        return PhotoVerdict(path, reason)


def _refused(verdicts: Sequence[PhotoVerdict], reason: str, detail: str) -> list[PhotoVerdict]:
    """Return the verdicts with those that were accepted refused for another reason."""
    return [replace(one, reason=reason, detail=detail) if one.reason == OK else one for one in verdicts]


def _hashes(folders: Sequence[Path]) -> set[str]:
    """Return the SHA-256 of every readable photo."""
    found: set[str] = set()
    for photo in (photo for folder in folders for photo in photos_in(folder)):
        try:
            found.add(hashlib.sha256(read_gallery_file(photo, MAX_FILE_BYTES)).hexdigest())
        except OSError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Path of an export, the numbers of people and photos in it, and the files that could not be read."""

    path: Path
    people: int
    photos: int
    left_out: tuple[LeftOutFile, ...] = ()


def export_gallery(root: Path, target: Path, *, overwrite: bool = False) -> ExportResult:
    """Export the gallery at `root` to a new ZIP file, or to a new folder when `target` does not end in .zip.

    A file of the gallery that cannot be read is left out. Nothing is left behind when the export fails.

    Raises:
        GalleryError: The gallery is empty, or the export cannot be written.
        OutputError: `target` is in the gallery, or exists; a ZIP file is replaced with `overwrite`, anything else never.
    """
    is_zip = target.suffix.lower() == ".zip"
    if (not is_zip and target.exists()) or is_stream(target):
        raise OutputError("{target} exists; choose another name", target=target)
    if Path(os.path.realpath(target)).is_relative_to(os.path.realpath(root)):
        raise OutputError("{target} is in the gallery; choose a name outside of it", target=target)
    check_output(target, [root], overwrite=overwrite)
    people = read_people(root).people
    if not people:
        raise GalleryError("the gallery {gallery} has no enrolled people to export", gallery=root)
    part, left_out = target.parent / f"{PART_PREFIX}{uuid.uuid4().hex}", list[LeftOutFile]()
    try:
        if is_zip:
            with atomic_path(target) as file:
                _write_zip(file, _entries(root, people, left_out))
        else:
            _write_folder(part, _entries(root, people, left_out))
            part.replace(target)
    except OSError as error:
        raise GalleryError(
            "the gallery cannot be exported to {target}: {reason}; free space or choose another place",
            target=target,
            reason=error,
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    photos = sum(len(person.photos) for person in people) - sum(file.is_refused for file in left_out)
    return ExportResult(target, len(people), photos, tuple(left_out))


def _entries(root: Path, people: Sequence[Person], left_out: list[LeftOutFile]) -> Iterator[tuple[str, bytes]]:
    """Yield name inside the package, with slashes, and content of every file that can be read, sorted by folder."""
    key = encryption_key(root)
    plain = None if key is None else PlainNames(root, sorted(manifest(root, key)), people)
    bases = {folder: folder.name if plain is None else plain.folder(folder.name) for one in people for folder in one.folders}
    folders = sorted(((folder, person) for person in people for folder in person.folders), key=lambda pair: bases[pair[0]])
    for folder, person in folders:
        base = utf8_text(bases[folder])
        try:
            yield f"{base}/{PERSON_FILE}", read_gallery_file(folder / PERSON_FILE, MAX_TEXT_BYTES)
        except FileNotFoundError:  # the person is known by the folder's name alone
            file = person.to_file()
            yield f"{base}/{PERSON_FILE}", to_toml(file).encode("utf-8")
        except OSError as error:
            left_out.append(_unreadable(folder / PERSON_FILE, error, is_photo=False))
        names: set[str] = set()
        for photo in _photos_of(person, folder):
            try:
                opened = open_gallery_file(photo, MAX_FILE_BYTES)
            except OSError as error:
                left_out.append(_unreadable(photo, error, is_photo=True))
                continue
            name = utf8_text(photo.name if plain is None else plain.file_name(PurePosixPath(photo.name), opened))
            while name in names:
                name = f"copy of {name}"
            names.add(name)
            yield f"{base}/{name}", opened.data


def _photos_of(person: Person, folder: Path) -> list[Path]:
    """Return the person's photos for this folder. After an interrupted merge, photos may still be in another person's."""
    is_first = folder == person.folders[0]
    return [photo for photo in person.photos if photo.parent == folder or (is_first and photo.parent not in person.folders)]


def _unreadable(path: Path | str, error: OSError, *, is_photo: bool) -> LeftOutFile:
    text = TranslatableText("it cannot be read: {reason}", reason=error)
    return LeftOutFile(str(path), UNREADABLE, text, is_refused=is_photo)


def _write_zip(part: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    """Write a ZIP file without compression: JPEG files do not shrink, and the bytes do not depend on the version of zlib."""
    with zipfile.ZipFile(part, "w") as package:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE << 16
            package.writestr(entry, content)


def _write_folder(part: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    for name, content in entries:
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
