"""Read a gallery's photos afresh, without the cache: verify files and cache, and analyze photos for an audit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from facecam.errors import ImageError
from facecam.gallery.cache import CacheEntry, EmbeddingCache, cached_networks
from facecam.gallery.encryption import EncryptedFileError
from facecam.gallery.files import read_gallery_file
from facecam.gallery.gallery import ProgressCallback, embed_photo
from facecam.gallery.people import People, Person, Problem, nested_photos, read_people, utf8_text
from facecam.imageio import MAX_FILE_BYTES, decode_image
from facecam.messages import TranslatableText, system_text
from facecam.recognition.face_analyzer import OK, UNREADABLE, ImageFaceAnalyzer, single_face
from facecam.recognition.quality import failed_gate
from facecam.settings import GateSettings
from facecam.types import FaceObservation, Floats, Image, Sample

CACHE_DAMAGED, CACHE_DIFFERS, CHANGED_UNSEEN = "cache_damaged", "cache_differs", "changed_unseen"
"""Reason codes besides those of `Problem`. cache_differs: the networks compute another embedding than the cached one.
changed_unseen: the content changed while size and times stayed, by a failing disk or a clock that was set back."""

_MAX_RECOMPUTED_L2 = 1e-3
"""An embedding computed again moves by less: only the order of summation can differ."""


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """Numbers of people, photos and cached photos read, and the faults found."""

    people: int
    photos: int
    cached: int
    faults: tuple[Problem, ...]


def verify_gallery(
    root: Path, analyzer: ImageFaceAnalyzer, conditions: str, progress: ProgressCallback | None = None
) -> VerificationResult:
    """Read every file and compare with the cache; changes nothing. `conditions` and `progress` as in Gallery.load."""
    found = read_people(root)
    cache = EmbeddingCache(root, analyzer.embedding_id, conditions)
    faults = [*found.problems, *nested_photos(root)]
    faults += [Problem(path, CACHE_DAMAGED) for path, network in cached_networks(root).items() if network is None]
    photos = [photo for person in found.people for photo in person.photos]
    cached = 0
    for done, photo in enumerate(photos, start=1):
        try:
            data = read_gallery_file(photo, MAX_FILE_BYTES)
            sha256 = hashlib.sha256(data).hexdigest()
            changed = cache.sha256(photo, utf8_text(f"{photo.parent.name}/{photo.name}")) != sha256
        except OSError as error:
            reason = error.reason if isinstance(error, EncryptedFileError) else UNREADABLE
            faults.append(Problem(photo, reason, system_text(error)))
            continue
        if changed:
            faults.append(Problem(photo, CHANGED_UNSEEN))
        computed = embed_photo(photo, data, analyzer)
        if computed.reason != OK:
            faults.append(Problem(photo, computed.reason))
        stored = cache.get(sha256)
        cached += stored is not None
        if stored is not None and (difference := _difference(stored, computed)):
            faults.append(Problem(photo, CACHE_DIFFERS, difference))
        if progress is not None:
            progress(done, len(photos))
    return VerificationResult(len(found.people), len(photos), cached, tuple(faults))


def _difference(stored: CacheEntry, computed: CacheEntry) -> str:
    """Describe how a cache entry differs from the computed one; empty when it does not."""
    if stored.reason != computed.reason:
        return TranslatableText(
            "the cache says {stored}, the networks {computed}", stored=stored.reason, computed=computed.reason
        )
    if stored.embedding is None or computed.embedding is None:
        return ""
    distance_l2 = float(np.linalg.norm(stored.embedding - computed.embedding))
    if distance_l2 <= _MAX_RECOMPUTED_L2:
        return ""
    return TranslatableText("the cached embedding is {distance:.3f} away from the computed one", distance=distance_l2)


_THUMBNAIL_PX = 32

_MAX_LEVELS_SAME_SIZE = 8.0
"""JPEG at quality 30 moves no cell of a thumbnail by more than 6 of 256 gray levels; between two frames of one webcam clip some
cell moves by 11 and more (eight clips, the samples that enrollment keeps)."""

_MAX_RMS_LEVELS_RESIZED = 8.0
"""Resizing moves single cells along sharp edges by 37 levels, but the root mean square over all cells stays below 5.5: half the
size or more, four interpolations, then JPEG at quality 30 to 95, 267 images. Two photos of one person: 35 and more."""

_SIZE_TOLERANCE = 0.02
_RESIZED_FROM = 0.1
_ASPECT_TOLERANCE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """Size of an image in pixels, and its gray values reduced to (32, 32) float32, 0 to 255, whatever its aspect ratio."""

    size_wh: tuple[int, int]
    gray: Floats

    @classmethod
    def from_image(cls, bgr: Image) -> Thumbnail:
        """Reduce an image (height, width, 3) uint8."""
        gray = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(gray, (_THUMBNAIL_PX, _THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
        return cls((bgr.shape[1], bgr.shape[0]), small.astype(np.float32))


def is_same_image(a: Thumbnail, b: Thumbnail) -> bool:
    """Return True when one image is the other encoded again, resized, mirrored, or several of these.

    Sizes that differ by a few percent mean two images: resizing is rarely so small, but crops of two frames differ like this.
    """
    (a_w, a_h), (b_w, b_h) = a.size_wh, b.size_wh
    if abs(a_w * b_h / (a_h * b_w) - 1) > _ASPECT_TOLERANCE:
        return False
    size_difference = max(a_w, b_w) / min(a_w, b_w) - 1
    if _SIZE_TOLERANCE < size_difference < _RESIZED_FROM:
        return False
    differences = [a.gray - gray for gray in (b.gray, b.gray[:, ::-1])]
    if size_difference > _SIZE_TOLERANCE:
        return any(float(np.sqrt(np.square(one).mean())) <= _MAX_RMS_LEVELS_RESIZED for one in differences)
    return any(float(np.abs(one).max()) <= _MAX_LEVELS_SAME_SIZE for one in differences)


@dataclass(frozen=True, slots=True, eq=False)
class PhotoAnalysis:
    """Content, size, face and embedding of one photo. `photo_id` is "<folder>/<file>" inside the gallery.

    `reason` is "ok" with an `embedding` (128,), or the code for why the photo is not used. `thumbnail` is None for an unreadable
    photo; `face_px` is the longer side of the face that stands for the photo, 0 without one. `face_embeddings` (n, d) has all
    faces, including those that no gate accepts.
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
    face_embeddings: Floats = field(default_factory=lambda: _embeddings(()))

    def sample(self) -> Sample | None:
        """Return the gallery sample of the photo, None when it is not used."""
        if self.embedding is None:
            return None
        return Sample(self.photo_id, self.person_id, self.name, self.path, self.embedding)


@dataclass(frozen=True, slots=True)
class PhotoAnalyzer:
    """Analyzes whole photos: `analyzer` embeds every face whatever its quality, then `gates` select the usable ones."""

    analyzer: ImageFaceAnalyzer
    gates: GateSettings

    def analyze(self, person: Person, path: Path, data: bytes) -> PhotoAnalysis:
        """Analyze a photo with this content; `path` is its place among the person's photos and need not exist."""
        photo_id = utf8_text(f"{path.parent.name}/{path.name}")
        known = (photo_id, person.person_id, person.name, path, hashlib.sha256(data).hexdigest(), len(data))
        try:
            bgr = decode_image(np.frombuffer(data, np.uint8), path)
            observations = self.analyzer.analyze(bgr)
        except ImageError:
            return PhotoAnalysis(*known, UNREADABLE)
        embeddings, thumbnail = _embeddings(observations), Thumbnail.from_image(bgr)
        face = single_face([self._gated(observation, thumbnail.size_wh) for observation in observations])
        if isinstance(face, FaceObservation):
            return PhotoAnalysis(*known, OK, thumbnail, face.face.box.longer_side_px, face.embedding, embeddings)
        largest_px = max((observation.face.box.longer_side_px for observation in observations), default=0.0)
        return PhotoAnalysis(*known, face, thumbnail, largest_px, face_embeddings=embeddings)

    def _gated(self, observation: FaceObservation, size_wh: tuple[int, int]) -> FaceObservation:
        code = observation.gate or failed_gate(observation.face, observation.quality, size_wh, self.gates)
        return replace(observation, gate=code, embedding=None if code else observation.embedding)


def analyze_photos(people: People, analyzer: PhotoAnalyzer, progress: ProgressCallback | None = None) -> list[PhotoAnalysis]:
    """Analyze everyone's photos; `progress(done, total)` after each. A photo deleted meanwhile is left out."""
    photos = [(person, path) for person in people.people for path in person.photos]
    analyses: list[PhotoAnalysis] = []
    for done, (person, path) in enumerate(photos, start=1):
        try:
            analyses.append(analyzer.analyze(person, path, read_gallery_file(path, MAX_FILE_BYTES)))
        except FileNotFoundError:
            pass
        except EncryptedFileError as error:
            analyses.append(replace(analyzer.analyze(person, path, b""), reason=error.reason))
        except OSError:
            analyses.append(analyzer.analyze(person, path, b""))
        if progress is not None:
            progress(done, len(photos))
    return analyses


def _embeddings(observations: Iterable[FaceObservation]) -> Floats:
    rows = [observation.embedding for observation in observations if observation.embedding is not None]
    return np.stack(rows) if rows else np.empty((0, 1), np.float32)
