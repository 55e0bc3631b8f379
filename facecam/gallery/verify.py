"""Whether a gallery is whole: every person.toml, every photo, and the cache against what the networks say now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.errors import ImageError
from facecam.gallery.cache import EmbeddingCache, PhotoVerdictEntry, cached_networks
from facecam.gallery.people import People, Person, read_people, readable
from facecam.imageio import decode_image
from facecam.recognition.face_analyzer import OK, UNREADABLE, FaceObservation, ImageFaceAnalyzer, single_face
from facecam.recognition.quality import gate
from facecam.settings import GateSettings
from facecam.types import Floats, Image, Sample

CACHE_DAMAGED, CACHE_DIFFERS, CHANGED_UNSEEN = "cache_damaged", "cache_differs", "changed_unseen"

_SAME_L2 = 1e-3
"""An embedding that is computed again moves by less: the order of adding is all that may differ."""


@dataclass(frozen=True, slots=True)
class GalleryFault:
    """What is wrong with a file of the gallery: a code, and the figures as a sentence (may be empty).

    Codes: those of `Problem`; cache_damaged, cache_differs (the cached embedding is not what the networks say); changed_unseen
    (the content changed while size and times stayed: a disk that forgets, or a clock that was set back).
    """

    path: Path
    reason: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """How much was read, and what was wrong with it."""

    people: int
    photos: int
    cached: int
    faults: tuple[GalleryFault, ...]


def verify_gallery(
    root: Path, reader: ImageFaceAnalyzer, conditions: str, progress: Callable[[int, int], None] | None = None
) -> VerificationResult:
    """Read everything afresh and compare; nothing is changed. `conditions` as in Gallery.load; `progress(done, total)`."""
    found = read_people(root)
    cache = EmbeddingCache(root, reader.embedding_id, conditions)
    faults = [GalleryFault(problem.path, problem.reason) for problem in found.problems]
    faults += [GalleryFault(path, CACHE_DAMAGED) for path, network in cached_networks(root).items() if network is None]
    photos = [photo for person in found.people for photo in person.photos]
    cached = 0
    for done, photo in enumerate(photos, start=1):
        try:
            data = photo.read_bytes()
            unseen = cache.sha256(photo, readable(f"{photo.parent.name}/{photo.name}")) != hashlib.sha256(data).hexdigest()
        except OSError as error:
            faults.append(GalleryFault(photo, UNREADABLE, error.strerror or ""))
            continue
        if unseen:
            faults.append(GalleryFault(photo, CHANGED_UNSEEN))
        verdict = _judged(photo, data, reader)
        if verdict.reason != OK:
            faults.append(GalleryFault(photo, verdict.reason))
        known = cache.get(hashlib.sha256(data).hexdigest())
        cached += known is not None
        if known is not None and (said := _difference(known, verdict)):
            faults.append(GalleryFault(photo, CACHE_DIFFERS, said))
        if progress is not None:
            progress(done, len(photos))
    return VerificationResult(len(found.people), len(photos), cached, tuple(faults))


def _judged(photo: Path, data: bytes, reader: ImageFaceAnalyzer) -> PhotoVerdictEntry:
    try:
        face = single_face(reader.analyze(decode_image(np.frombuffer(data, np.uint8), photo)))
    except ImageError:
        return PhotoVerdictEntry(UNREADABLE)
    return PhotoVerdictEntry(OK, face.embedding) if isinstance(face, FaceObservation) else PhotoVerdictEntry(face)


def _difference(known: PhotoVerdictEntry, now: PhotoVerdictEntry) -> str:
    """How the cached verdict differs from the new one; empty when it does not."""
    if known.reason != now.reason:
        return f"the cache says {known.reason}, the networks {now.reason}"
    if known.embedding is None or now.embedding is None:
        return ""
    apart_l2 = float(np.linalg.norm(known.embedding - now.embedding))
    return f"the cached embedding is {apart_l2:.3f} away from the computed one" if apart_l2 > _SAME_L2 else ""


# MERGED identify.thumbnail: A picture reduced to 32x32 gray: enough to tell whether two files hold the same picture. Pure.

SIDE_PX = 32

SAME_SIZE_LEVELS = 8.0
"""JPEG at quality 30 moves no cell of the reduced picture by more than 6 of 256 gray levels; between two frames of one webcam
clip some cell moves by 11 and more (eight clips, the samples that enrolling keeps)."""

OTHER_SIZE_LEVELS = 8.0
"""Resizing moves single cells along sharp edges by 37 levels, but the root of the mean square over all cells stays below 5.5:
half the size or more, four interpolations, then JPEG at quality 30 to 95, 267 pictures. Two photos of one person: 35 and more."""

_SIZE_TOLERANCE = 0.02
_RESIZED_FROM = 0.1
_ASPECT_TOLERANCE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """The picture's size in pixels, and its gray values (32, 32) float32, 0 to 255, whatever its shape was."""

    size_wh: tuple[int, int]
    gray: Floats

    @classmethod
    def of(cls, bgr: Image) -> Thumbnail:
        """The thumbnail of (height, width, 3) uint8."""
        gray = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(gray, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        return cls((bgr.shape[1], bgr.shape[0]), small.astype(np.float32))


def same_picture(a: Thumbnail, b: Thumbnail) -> bool:
    """Whether one is the other: encoded again, resized, mirrored, or several of these.

    Two sizes that differ by a few per cent are two pictures: nobody resizes by so little, but two frames are cropped so.
    """
    (a_w, a_h), (b_w, b_h) = a.size_wh, b.size_wh
    if abs(a_w * b_h / (a_h * b_w) - 1) > _ASPECT_TOLERANCE:
        return False
    apart = max(a_w, b_w) / min(a_w, b_w) - 1
    if _SIZE_TOLERANCE < apart < _RESIZED_FROM:
        return False
    return any(_alike(a.gray - gray, resized=apart > _SIZE_TOLERANCE) for gray in (b.gray, b.gray[:, ::-1]))


def _alike(moved: Floats, *, resized: bool) -> bool:
    """`moved` (32, 32): by how much each cell differs."""
    if resized:
        return float(np.sqrt(np.square(moved).mean())) <= OTHER_SIZE_LEVELS
    return float(np.abs(moved).max()) <= SAME_SIZE_LEVELS


# MERGED identify.photo_facts: What there is to know about each photo of a gallery, read afresh: content, size, face, embedding. The cache is not asked.


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFacts:
    """One photo. `photo_id` is "<folder>/<file>" inside the gallery.

    `reason` is "ok" and `embedding` (128,) is there, or it is the code for why the photo is not compared with. `thumbnail` is
    None when it cannot be read; `face_px` is the longer side of the face that stands for the photo, 0 without one. `faces`
    (n, 128) are the embeddings of all its faces, those too that no gate would let through.
    """

    photo_id: str
    person_id: str
    name: str
    path: Path
    sha256: str
    size_bytes: int
    reason: str
    thumbnail: Thumbnail | None = None
    face_px: float = 0.0
    embedding: Floats | None = None
    faces: Floats = field(default_factory=lambda: _embeddings(()))

    def sample(self) -> Sample | None:
        """What the gallery compares faces with, None when the photo is not used."""
        if self.embedding is None:
            return None
        return Sample(self.photo_id, self.person_id, self.name, self.path, self.embedding)


@dataclass(frozen=True, slots=True)
class PhotoReader:
    """Reads photos whole: `faces` embeds every face, whatever its quality, and `gates` say afterward which of them count."""

    faces: ImageFaceAnalyzer
    gates: GateSettings

    def facts(self, person: Person, path: Path, data: bytes) -> PhotoFacts:
        """The facts of a photo with this content; `path` is or would be its place among the person's photos."""
        photo_id = readable(f"{path.parent.name}/{path.name}")
        known = (photo_id, person.person_id, person.name, path, hashlib.sha256(data).hexdigest(), len(data))
        try:
            bgr = decode_image(np.frombuffer(data, np.uint8), path)
        except ImageError:
            return PhotoFacts(*known, UNREADABLE)
        readings = self.faces.analyze(bgr)
        faces, thumbnail = _embeddings(readings), Thumbnail.of(bgr)
        face = single_face([self._gated(reading, thumbnail.size_wh) for reading in readings])
        if isinstance(face, FaceObservation):
            return PhotoFacts(*known, OK, thumbnail, face.face.box.longer_side_px, face.embedding, faces)
        largest_px = max((reading.face.box.longer_side_px for reading in readings), default=0.0)
        return PhotoFacts(*known, face, thumbnail, largest_px, faces=faces)

    def _gated(self, reading: FaceObservation, size_wh: tuple[int, int]) -> FaceObservation:
        code = reading.gate or gate(reading.face, reading.quality, size_wh, self.gates)
        return replace(reading, gate=code, embedding=None if code else reading.embedding)


def read_photos(people: People, reader: PhotoReader, progress: Callable[[int, int], None] | None = None) -> list[PhotoFacts]:
    """The facts of everybody's photos; `progress(done, total)` after each. A photo that has just vanished is left out."""
    photos = [(person, path) for person in people.people for path in person.photos]
    facts: list[PhotoFacts] = []
    for done, (person, path) in enumerate(photos, start=1):
        try:
            facts.append(reader.facts(person, path, path.read_bytes()))
        except FileNotFoundError:
            pass
        except OSError:
            facts.append(reader.facts(person, path, b""))
        if progress is not None:
            progress(done, len(photos))
    return facts


def _embeddings(readings: Iterable[FaceObservation]) -> Floats:
    rows = [reading.embedding for reading in readings if reading.embedding is not None]
    return np.array(rows, np.float32).reshape(len(rows), EMBEDDING_SIZE)
