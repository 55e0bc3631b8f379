"""Taking people over into a gallery: each photo judged as enrolling judges it, existing people gain photos, nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facecam.atomic import write_atomic
from facecam.errors import EnrolmentRefused, GalleryError, PictureError
from facecam.identify.enrol import Choose, PhotoVerdict, enrol, judge_picture, selection_of
from facecam.identify.folder import GalleryFolder
from facecam.identify.gallery import Gallery, Sample
from facecam.identify.incoming import IncomingPerson, IncomingPhoto
from facecam.identify.names import display_name, folder_name
from facecam.identify.people import Person, photos_in, read_people
from facecam.identify.reading import FaceReader, FaceReading
from facecam.identify.selection import SelectionRule
from facecam.identify.verdict import OK, UNREADABLE, single_face
from facecam.picture import decode_picture

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
        self, gallery: Gallery, reader: FaceReader, threshold_l2: float, rule: SelectionRule, choose: Choose | None = None
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
        verdicts = self._take_as_it_is(person, name) if person.file is not None else self._enrol(person, name)
        return sorted(verdicts, key=lambda verdict: verdict.label)

    def _enrol(self, person: IncomingPerson, name: str) -> list[ImportVerdict]:
        verdicts = [self._judged_anew(photo) for photo in person.photos]
        refused = [ImportVerdict(str(v.path), name, v.reason) for v in verdicts if v.sample is None]
        kept = [verdict for verdict in verdicts if verdict.sample is not None]
        if not kept:
            return refused
        try:
            enrolled = enrol(self._gallery, name, selection_of(kept), self._threshold_l2)
        except EnrolmentRefused as error:
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
            bgr = decode_picture(np.frombuffer(photo.read(), np.uint8), path)
        except (OSError, PictureError):
            return PhotoVerdict(path, UNREADABLE)
        return judge_picture(path, bgr, self._reader, self._rule, choose=self._choose)

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
            face = single_face(self._reader.read(decode_picture(np.frombuffer(data, np.uint8), photo.label)))
        except (OSError, PictureError):
            return UNREADABLE, b""
        return (OK if isinstance(face, FaceReading) else face), data


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
