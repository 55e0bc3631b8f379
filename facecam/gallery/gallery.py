"""The enrolled people as recognition needs them: one embedding per usable photo. The folder is the truth, this is its reading."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import ImageError
from facecam.gallery.cache import EmbeddingCache, PhotoVerdictEntry
from facecam.gallery.people import REJECTED, People, Person, Problem, photos_in, read_people, readable
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import OK, UNREADABLE, FaceObservation, ImageFaceAnalyzer, single_face
from facecam.settings import Settings
from facecam.types import Sample


@dataclass(frozen=True, slots=True)
class _Photo:
    person: Person
    path: Path
    key: str
    sha256: str
    rejected: bool


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Everyone who can be recognized, read once. Another look at the folder is another Gallery.

    `samples` are sorted by sample_id; `rejected` are faces that somebody said are not the person. `revision` changes when people,
    names, usable photos, rejected faces or the network change.
    """

    folder: Path
    embedding_id: str
    people: tuple[Person, ...] = ()
    samples: tuple[Sample, ...] = ()
    problems: tuple[Problem, ...] = ()
    revision: str = ""
    rejected: tuple[Sample, ...] = ()

    @classmethod
    def load(
        cls, folder: Path, reader: ImageFaceAnalyzer, progress: Callable[[int, int], None] | None = None, *, conditions: str = ""
    ) -> Gallery:
        """Read the folder; `reader` is asked only for photos that the cache does not know.

        `progress(done, total)` counts those photos and is not called when there are none. `conditions` says what else the
        verdicts depend on: see `reading_conditions`. GalleryError when the folder cannot be read; a bad photo is a problem.
        """
        found = read_people(folder)
        cache = EmbeddingCache(folder, reader.embedding_id, conditions)
        photos, problems = _hashed(found, cache)
        verdicts = _verdicts(photos, cache, reader, progress)
        samples: list[Sample] = []
        rejected: list[Sample] = []
        usable: list[_Photo] = []
        for photo in photos:
            verdict = verdicts[photo.sha256]
            if verdict.embedding is None:
                problems.append(Problem(photo.path, verdict.reason))
                continue
            usable.append(photo)
            sample = Sample(photo.key, photo.person.person_id, photo.person.name, photo.path, verdict.embedding)
            (rejected if photo.rejected else samples).append(sample)
        return cls(
            folder,
            reader.embedding_id,
            found.people,
            tuple(sorted(samples, key=lambda sample: sample.sample_id)),
            tuple(problems),
            _revision(reader.embedding_id, found.people, usable),
            tuple(sorted(rejected, key=lambda face: face.sample_id)),
        )

    def samples_of(self, person_id: str) -> tuple[Sample, ...]:
        """The person's samples by sample_id; none for an id that is not enrolled."""
        return tuple(sample for sample in self.samples if sample.person_id == person_id)


def reading_conditions(settings: Settings) -> str:
    """What of the settings decides, besides the network, whether and where a photo shows a face: detector and gates."""
    tree = settings.to_dict()
    tree["detect"].pop("threads")
    return json.dumps([tree["detect"], tree["gate"]], sort_keys=True)


def _hashed(found: People, cache: EmbeddingCache) -> tuple[list[_Photo], list[Problem]]:
    """Every photo with its content's hash, and the folder's problems so far. A photo that has just vanished is left out."""
    photos: list[_Photo] = []
    problems = list(found.problems)
    for person in found.people:
        rejected = [path for folder in person.folders for path in photos_in(folder / REJECTED)]
        for path in (*person.photos, *rejected):
            is_rejected = path.parent.name == REJECTED
            key = readable("/".join(path.parts[-3 if is_rejected else -2 :]))
            try:
                photos.append(_Photo(person, path, key, cache.sha256(path, key), is_rejected))
            except FileNotFoundError:
                continue
            except OSError:
                problems.append(Problem(path, UNREADABLE))
    return photos, problems


def _verdicts(
    photos: Iterable[_Photo], cache: EmbeddingCache, reader: ImageFaceAnalyzer, progress: Callable[[int, int], None] | None
) -> dict[str, PhotoVerdictEntry]:
    """The verdict on each photo by its hash. What was read stays in the cache, also when reading is interrupted."""
    by_content = {photo.sha256: photo for photo in photos}
    verdicts = {sha256: known for sha256 in by_content if (known := cache.get(sha256)) is not None}
    missing = [photo for sha256, photo in by_content.items() if sha256 not in verdicts]
    try:
        for done, photo in enumerate(missing, start=1):
            verdict = verdicts[photo.sha256] = _judged(photo.path, reader)
            if _unchanged(photo, cache):
                cache.put(photo.sha256, verdict)
            if progress is not None:
                progress(done, len(missing))
    finally:
        cache.save()
    return verdicts


def _judged(path: Path, reader: ImageFaceAnalyzer) -> PhotoVerdictEntry:
    try:
        face = single_face(reader.analyze(read_image(path)))
    except (ImageError, OSError):
        return PhotoVerdictEntry(UNREADABLE)
    return PhotoVerdictEntry(OK, face.embedding) if isinstance(face, FaceObservation) else PhotoVerdictEntry(face)


def _unchanged(photo: _Photo, cache: EmbeddingCache) -> bool:
    """Whether the picture that was read still is the one that was hashed."""
    try:
        return cache.sha256(photo.path, photo.key) == photo.sha256
    except OSError:
        return False


def _revision(embedding_id: str, people: Iterable[Person], usable: Iterable[_Photo]) -> str:
    facts = (
        embedding_id,
        sorted((person.person_id, person.name) for person in people),
        sorted((photo.person.person_id, photo.sha256, photo.rejected) for photo in usable),
    )
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]


# MERGED identify.look: Whether anything in a gallery's folder has changed, told without opening a photo.

Look = frozenset[tuple[str, int, int]]
"""Path, time of the last change (ns) and size in bytes of every file that could matter."""


def folder_fingerprint(root: Path) -> Look:
    """How the folder is now: two looks differ when a picture or person.toml was added, removed, renamed or written."""
    return frozenset(_files(root))


def _files(root: Path) -> Iterator[tuple[str, int, int]]:
    for person in _entries(root):
        for file in (*_entries(person.path), *_entries(Path(person.path, REJECTED))):
            try:
                stat = file.stat()
            except OSError:
                continue  # gone since it was listed: the next look tells
            yield file.path, stat.st_mtime_ns, stat.st_size


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """What lies in a folder, without hidden things; nothing in what is no folder or cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return []
