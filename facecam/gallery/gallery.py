"""Load the enrolled people from a gallery folder: one embedding per usable photo. The folder is the only source of truth."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facecam.errors import GalleryError, ImageError, LockedGalleryError
from facecam.gallery.cache import CacheEntry, EmbeddingCache
from facecam.gallery.encryption import HEADER_FILE, LOCKED, EncryptedFileError, GalleryKey
from facecam.gallery.files import encryption_key, is_locked, read_gallery_file
from facecam.gallery.people import REJECTED_FOLDER, People, Person, Problem, read_people, utf8_text
from facecam.imageio import MAX_FILE_BYTES, decode_image
from facecam.messages import TranslatableText, system_text
from facecam.recognition.face_analyzer import OK, UNREADABLE, ImageFaceAnalyzer, single_face
from facecam.settings import Settings
from facecam.types import FaceObservation, Sample

ProgressCallback = Callable[[int, int], None]
"""Function called as `progress(done, total)`."""

_log = logging.getLogger(__name__)

_generations = itertools.count(1)

_left_locked: set[str] = set()


@dataclass(frozen=True, slots=True)
class _Photo:
    person: Person
    path: Path
    key: str
    sha256: str
    is_rejected: bool


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Snapshot of everyone who can be recognized.

    `samples` are sorted by sample_id; `rejected` are faces that a user marked as not the person. `revision` changes with people,
    names, usable photos, rejected faces and the network. `generation` counts the reads of this process by their start; 0 was not
    read from a folder.
    """

    folder: Path
    embedding_id: str
    people: tuple[Person, ...] = ()
    samples: tuple[Sample, ...] = ()
    problems: tuple[Problem, ...] = ()
    revision: str = ""
    rejected: tuple[Sample, ...] = ()
    generation: int = 0

    @classmethod
    def load(
        cls, folder: Path, analyzer: ImageFaceAnalyzer, progress: ProgressCallback | None = None, *, conditions: str = ""
    ) -> Gallery:
        """Read the folder, empty when missing. An unusable photo becomes a problem. GalleryError when it cannot be read.

        Args:
            folder: The gallery folder.
            analyzer: Analyzer for the photos that are not in the cache.
            progress: Called after each photo that is not in the cache.
            conditions: Everything else that the entries depend on, see `analysis_conditions`.
        """
        generation = next(_generations)
        try:
            found = read_people(folder)
        except LockedGalleryError:
            if str(folder.absolute()) not in _left_locked:
                raise
            return cls(folder, analyzer.embedding_id, problems=(Problem(folder, LOCKED),), generation=generation)
        cache = EmbeddingCache(folder, analyzer.embedding_id, conditions)
        photos, problems = _hash_photos(found, cache)
        entries = _entries_by_hash(photos, cache, analyzer, progress)
        samples: list[Sample] = []
        rejected: list[Sample] = []
        usable: list[_Photo] = []
        for photo in sorted(photos, key=lambda photo: photo.key):
            entry = entries[photo.sha256]
            if entry.embedding is not None:
                usable.append(photo)
                sample = Sample(photo.key, photo.person.person_id, photo.person.name, photo.path, entry.embedding)
                (rejected if photo.is_rejected else samples).append(sample)
        problems += [Problem(photo.path, entry.reason) for photo in photos if (entry := entries[photo.sha256]).embedding is None]
        revision = _revision(analyzer.embedding_id, found.people, usable, encryption_key(folder))
        return cls(
            folder, analyzer.embedding_id, found.people, tuple(samples), tuple(problems), revision, tuple(rejected), generation
        )

    def check_folder(self) -> None:
        """Raise GalleryError if people were loaded and their folder, for example on a network share, is not there any more."""
        if self.samples and (problem := folder_problem(self.folder)):
            folder = self.folder.absolute()
            raise GalleryError(
                "the gallery {folder} is not available ({problem}); reconnect its drive and try again",
                folder=folder,
                problem=problem,
            )

    def samples_of(self, person_id: str) -> tuple[Sample, ...]:
        """Return the person's samples by sample_id; none for an id that is not enrolled."""
        return tuple(sample for sample in self.samples if sample.person_id == person_id)


def leave_locked(folder: Path, *, on: bool = True) -> None:
    """Let this process load the encrypted gallery at `folder` as one without people while it is locked, or no longer."""
    if on:
        _left_locked.add(str(folder.absolute()))
    else:
        _left_locked.discard(str(folder.absolute()))


def analysis_conditions(settings: Settings) -> str:
    """Return the settings that decide, besides the network, which face a photo shows: detector and gates."""
    tree = settings.to_dict()
    tree["detect"].pop("threads")
    return json.dumps([tree["detect"], tree["gate"]], sort_keys=True)


def embed_photo(path: Path, data: bytes, analyzer: ImageFaceAnalyzer) -> CacheEntry:
    """Return the embedding of the only usable face in a photo with this content, or the reason why there is none."""
    try:
        face = single_face(analyzer.analyze(decode_image(np.frombuffer(data, np.uint8), path)))
    except ImageError as error:
        _log.info("%s is not used: %s", path, error)
        return CacheEntry(UNREADABLE)
    return CacheEntry(OK, face.embedding) if isinstance(face, FaceObservation) else CacheEntry(face)


def _hash_photos(found: People, cache: EmbeddingCache) -> tuple[list[_Photo], list[Problem]]:
    """Hash every photo and return them with the folder's problems so far. A photo deleted meanwhile is left out."""
    photos: list[_Photo] = []
    problems = list(found.problems)
    for person in found.people:
        for path in (*person.photos, *person.rejected):
            is_rejected = path.parent.name == REJECTED_FOLDER
            key = utf8_text("/".join(path.parts[-3 if is_rejected else -2 :]))
            try:
                photos.append(_Photo(person, path, key, cache.sha256(path, key), is_rejected))
            except FileNotFoundError:
                continue
            except OSError as error:
                problems.append(Problem(path, _reason(error)))
    return photos, problems


def _entries_by_hash(
    photos: Iterable[_Photo], cache: EmbeddingCache, analyzer: ImageFaceAnalyzer, progress: ProgressCallback | None
) -> dict[str, CacheEntry]:
    """Return the entry of each photo by its hash. Finished photos reach the cache even when loading is interrupted."""
    by_content = {photo.sha256: photo for photo in photos}
    entries = {sha256: entry for sha256 in by_content if (entry := cache.get(sha256)) is not None}
    missing = [photo for sha256, photo in by_content.items() if sha256 not in entries]
    try:
        for done, photo in enumerate(missing, start=1):
            try:
                entry = embed_photo(photo.path, read_gallery_file(photo.path, MAX_FILE_BYTES), analyzer)
            except OSError as error:
                entry = CacheEntry(_reason(error))
            entries[photo.sha256] = entry
            if _is_unchanged(photo, cache):
                cache.put(photo.sha256, entry)
            if progress is not None:
                progress(done, len(missing))
    finally:
        cache.save()
    return entries


def _reason(error: OSError) -> str:
    return error.reason if isinstance(error, EncryptedFileError) else UNREADABLE


def _is_unchanged(photo: _Photo, cache: EmbeddingCache) -> bool:
    """Return True when the file still has the content that was hashed."""
    try:
        return cache.sha256(photo.path, photo.key) == photo.sha256
    except OSError:
        return False


def _revision(embedding_id: str, people: Iterable[Person], usable: Iterable[_Photo], key: GalleryKey | None) -> str:
    parts: tuple[object, ...] = (
        embedding_id,
        sorted((person.person_id, person.name) for person in people),
        sorted((photo.person.person_id, photo.sha256, photo.is_rejected) for photo in usable),
    )
    if key is not None:  # The photos have other paths.
        parts += (key.gallery_id.hex(),)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


FolderFingerprint = frozenset[tuple[str, int, int]]
"""Path, time of the last change (ns) and size in bytes of every file that can affect the gallery."""


def folder_problem(root: Path) -> TranslatableText | None:
    """Return why the folder cannot be listed, for example because its network share is gone; None if it can, even if empty."""
    try:
        with os.scandir(root):
            return None
    except OSError as error:
        return system_text(error)


def folder_fingerprint(root: Path) -> FolderFingerprint:
    """Detect gallery changes from paths, sizes and modification times, without opening a photo."""
    files: set[tuple[str, int, int]] = set()
    header = root / HEADER_FILE
    with contextlib.suppress(OSError, GalleryError):  # a plain gallery; a damaged header is reported when the gallery is read
        files.add((str(header), header.stat().st_mtime_ns, 0 if is_locked(root) else 1))
    for path in (*root.glob("[!.]*/[!.]*"), *root.glob(f"[!.]*/{REJECTED_FOLDER}/[!.]*")):
        with contextlib.suppress(OSError):  # deleted since it was listed: the next fingerprint differs
            stat = path.stat()
            files.add((str(path), stat.st_mtime_ns, stat.st_size))
    return frozenset(files)
