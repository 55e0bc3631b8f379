"""Whether a gallery is whole: every person.toml, every photo, and the cache against what the networks say now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facecam.errors import PictureError
from facecam.identify.cache import EmbeddingCache, cached_networks
from facecam.identify.cache_file import Verdict
from facecam.identify.people import read_people
from facecam.identify.person_file import readable
from facecam.identify.reading import FaceReader, FaceReading
from facecam.identify.verdict import OK, UNREADABLE, single_face
from facecam.picture import decode_picture

CACHE_DAMAGED, CACHE_DIFFERS, CHANGED_UNSEEN = "cache_damaged", "cache_differs", "changed_unseen"

_SAME_L2 = 1e-3
"""An embedding that is computed again moves by less: the order of adding is all that may differ."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of the gallery: a code, and the figures as a sentence (may be empty).

    Codes: those of `Problem`; cache_damaged, cache_differs (the cached embedding is not what the networks say); changed_unseen
    (the content changed while size and times stayed: a disk that forgets, or a clock that was set back).
    """

    path: Path
    reason: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was read, and what was wrong with it."""

    people: int
    photos: int
    cached: int
    faults: tuple[Fault, ...]


def verify_gallery(
    root: Path, reader: FaceReader, conditions: str, progress: Callable[[int, int], None] | None = None
) -> Verified:
    """Read everything afresh and compare; nothing is changed. `conditions` as in Gallery.load; `progress(done, total)`."""
    found = read_people(root)
    cache = EmbeddingCache(root, reader.embedding_id, conditions)
    faults = [Fault(problem.path, problem.reason) for problem in found.problems]
    faults += [Fault(path, CACHE_DAMAGED) for path, network in cached_networks(root).items() if network is None]
    photos = [photo for person in found.people for photo in person.photos]
    cached = 0
    for done, photo in enumerate(photos, start=1):
        try:
            data = photo.read_bytes()
            unseen = cache.sha256(photo, readable(f"{photo.parent.name}/{photo.name}")) != hashlib.sha256(data).hexdigest()
        except OSError as error:
            faults.append(Fault(photo, UNREADABLE, error.strerror or ""))
            continue
        if unseen:
            faults.append(Fault(photo, CHANGED_UNSEEN))
        verdict = _judged(photo, data, reader)
        if verdict.reason != OK:
            faults.append(Fault(photo, verdict.reason))
        known = cache.get(hashlib.sha256(data).hexdigest())
        cached += known is not None
        if known is not None and (said := _difference(known, verdict)):
            faults.append(Fault(photo, CACHE_DIFFERS, said))
        if progress is not None:
            progress(done, len(photos))
    return Verified(len(found.people), len(photos), cached, tuple(faults))


def _judged(photo: Path, data: bytes, reader: FaceReader) -> Verdict:
    try:
        face = single_face(reader.read(decode_picture(np.frombuffer(data, np.uint8), photo)))
    except PictureError:
        return Verdict(UNREADABLE)
    return Verdict(OK, face.embedding) if isinstance(face, FaceReading) else Verdict(face)


def _difference(known: Verdict, now: Verdict) -> str:
    """How the cached verdict differs from the new one; empty when it does not."""
    if known.reason != now.reason:
        return f"the cache says {known.reason}, the networks {now.reason}"
    if known.embedding is None or now.embedding is None:
        return ""
    apart_l2 = float(np.linalg.norm(known.embedding - now.embedding))
    return f"the cached embedding is {apart_l2:.3f} away from the computed one" if apart_l2 > _SAME_L2 else ""
