"""`facecam evaluate names`: the learned heads beside nearest-L2, on the same photos of the same people.

People of --pairs with MIN_PHOTOS photos or more are enrolled with the first three fifths of them, at most MOST_ENROLLED; their
other photos are the unseen ones. Nobody else in --pairs is enrolled: they are the strangers of the report. Every threshold is
chosen on strangers from --train-pairs, other people, so that at most `far` of their photos get a name. On the report's strangers
that may come out a little higher or lower; so the accuracy at which exactly these stay within `far` stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.evaluation.lfw import LfwPair, LfwPhoto
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import ImageFaceAnalyzer
from facecam.training.names import nearest, prototypes, threshold_at
from facecam.types import Floats, Image

MIN_PHOTOS = 5
MOST_ENROLLED = 10

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class DataSplit:
    """Which photo stands for what. `enrolled` and `unseen` are of the same people."""

    enrolled: tuple[LfwPhoto, ...]
    unseen: tuple[LfwPhoto, ...]
    strangers: tuple[LfwPhoto, ...]
    choosing: tuple[LfwPhoto, ...]

    @property
    def photos(self) -> tuple[LfwPhoto, ...]:
        return *self.enrolled, *self.unseen, *self.strangers, *self.choosing


@dataclass(frozen=True, slots=True)
class NameFigures:
    """One way of naming: shares of unseen photos named right and named wrong, and of strangers' photos that got a name.

    `accuracy_at_far` is the share named right at the largest threshold that keeps the report's strangers within the rate.
    """

    way: str
    accuracy: float
    wrong: float
    stranger_far: float
    threshold_l2: float
    accuracy_at_far: float

    def to_dict(self) -> dict[str, float | str]:
        return {
            "way": self.way,
            "accuracy": self.accuracy,
            "wrong": self.wrong,
            "stranger_far": self.stranger_far,
            "threshold_l2": self.threshold_l2,
            "accuracy_at_far": self.accuracy_at_far,
        }


def roles(directory: Path, pairs: list[LfwPair], train: list[LfwPair]) -> DataSplit:
    """What each photo in DIR of the people named is for. PictureError when photos are too few, or the lists share people."""
    mine, theirs = _people(pairs), _people(train)
    if both := mine & theirs:
        raise ImageError(f"{', '.join(sorted(both)[:3])} stand in both lists; the thresholds must be chosen on other people")
    enrolled, unseen, strangers = [], [], []
    for name in sorted(mine):
        photos = _photos(directory, name)
        if len(photos) < MIN_PHOTOS:
            strangers += photos
        else:
            first = min(MOST_ENROLLED, len(photos) * 3 // 5)
            enrolled += photos[:first]
            unseen += photos[first:]
    if len({photo.name for photo in enrolled}) < 2:
        raise ImageError(f"fewer than two people of the list have {MIN_PHOTOS} photos in {directory}; names need more")
    choosing = [photo for name in sorted(theirs) for photo in _photos(directory, name)]
    return DataSplit(tuple(enrolled), tuple(unseen), tuple(strangers), tuple(choosing))


def read_crops(
    photos: Iterable[LfwPhoto], directory: Path, reader: ImageFaceAnalyzer, told: Callable[[int, int], None]
) -> dict[LfwPhoto, tuple[Floats, Image]]:
    """Embedding and aligned crop of the face nearest to each picture's center; pictures without one are left out."""
    from facecam.embedding.embedder import align

    ordered = sorted(set(photos), key=lambda photo: (photo.name, photo.number))
    found = {}
    for number, photo in enumerate(ordered, start=1):
        bgr = read_image(photo.path(directory))
        middle = np.array([bgr.shape[1], bgr.shape[0]]) / 2
        readings = [reading for reading in reader.analyze(bgr) if reading.embedding is not None]
        if readings:
            boxes = [reading.face.box for reading in readings]
            away = [np.hypot(*(np.array([box.x + box.w / 2, box.y + box.h / 2]) - middle)) for box in boxes]
            face = readings[int(np.argmin(away))]
            assert face.embedding is not None
            found[photo] = face.embedding, align(bgr, face.face.landmarks_xy)
        told(number, len(ordered))
    return found


def compare(roles: DataSplit, embeddings: dict[LfwPhoto, Floats], way: str, far: float, *, learned: bool) -> NameFigures:
    """The figures of nearest-L2, or with `learned` of the head, on these embeddings. A photo without a face gets no name."""
    seen = [photo for photo in roles.enrolled if photo in embeddings]
    names = sorted({photo.name for photo in seen})
    people = np.array([names.index(photo.name) for photo in seen], np.intp)
    among = _stacked(seen, embeddings)
    rows, owners = (prototypes(among, people), np.arange(len(names))) if learned else (among, people)
    choosing = nearest(_stacked(roles.choosing, embeddings), rows, owners)[1]
    threshold = threshold_at(choosing, far)
    unseen = [photo for photo in roles.unseen if photo in embeddings]
    person, distance = nearest(_stacked(unseen, embeddings), rows, owners)
    right = np.array([names[found] == photo.name for found, photo in zip(person, unseen, strict=True)])
    strangers = nearest(_stacked(roles.strangers, embeddings), rows, owners)[1]
    return NameFigures(
        way=way,
        accuracy=float(np.sum(right & (distance <= threshold)) / len(roles.unseen)),
        wrong=float(np.sum(~right & (distance <= threshold)) / len(roles.unseen)),
        stranger_far=float(np.sum(strangers <= threshold) / len(roles.strangers)),
        threshold_l2=threshold,
        accuracy_at_far=float(np.sum(right & (distance <= threshold_at(strangers, far))) / len(roles.unseen)),
    )


def _stacked(photos: Iterable[LfwPhoto], embeddings: dict[LfwPhoto, Floats]) -> Floats:
    return np.stack([embeddings[photo] for photo in photos if photo in embeddings])


def _people(pairs: list[LfwPair]) -> set[str]:
    return {photo.name for pair in pairs for photo in (pair.a, pair.b)}


def _photos(directory: Path, name: str) -> list[LfwPhoto]:
    """A person's photos in DIR, by number."""
    found = (path.stem.rpartition("_")[2] for path in (directory / name).glob(f"{name}_*.jpg"))
    return [LfwPhoto(name, number) for number in sorted(int(text) for text in found if text.isdigit())]
