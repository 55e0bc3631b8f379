"""What there is to know about each photo of a gallery, read afresh: content, size, face, embedding. The cache is not asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from facecam.errors import PictureError
from facecam.identify.cache_file import EMBEDDING_SIZE
from facecam.identify.gallery import Sample
from facecam.identify.people import People, Person
from facecam.identify.person_file import readable
from facecam.identify.quality import gate
from facecam.identify.reading import FaceReader, FaceReading
from facecam.identify.thumbnail import Thumbnail
from facecam.identify.verdict import OK, UNREADABLE, single_face
from facecam.picture import decode_picture
from facecam.settings import GateSettings
from facecam.types import Floats


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
    """Reads photos whole: `faces` embeds every face, whatever its quality, and `gates` say afterwards which of them count."""

    faces: FaceReader
    gates: GateSettings

    def facts(self, person: Person, path: Path, data: bytes) -> PhotoFacts:
        """The facts of a photo with this content; `path` is or would be its place among the person's photos."""
        photo_id = readable(f"{path.parent.name}/{path.name}")
        known = (photo_id, person.person_id, person.name, path, hashlib.sha256(data).hexdigest(), len(data))
        try:
            bgr = decode_picture(np.frombuffer(data, np.uint8), path)
        except PictureError:
            return PhotoFacts(*known, UNREADABLE)
        readings = self.faces.read(bgr)
        faces, thumbnail = _embeddings(readings), Thumbnail.of(bgr)
        face = single_face([self._gated(reading, thumbnail.size_wh) for reading in readings])
        if isinstance(face, FaceReading):
            return PhotoFacts(*known, OK, thumbnail, face.face.box.longer_side_px, face.embedding, faces)
        largest_px = max((reading.face.box.longer_side_px for reading in readings), default=0.0)
        return PhotoFacts(*known, face, thumbnail, largest_px, faces=faces)

    def _gated(self, reading: FaceReading, size_wh: tuple[int, int]) -> FaceReading:
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


def _embeddings(readings: Iterable[FaceReading]) -> Floats:
    rows = [reading.embedding for reading in readings if reading.embedding is not None]
    return np.array(rows, np.float32).reshape(len(rows), EMBEDDING_SIZE)
