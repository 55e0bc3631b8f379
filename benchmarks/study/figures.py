"""The study's arithmetic: shares with their standard errors, templates of a person, distances beside a cohort. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.evaluation import lfw
from facecam.evaluation.lfw import Flags, LfwPair, LfwPhoto
from facecam.types import Floats

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """A mean and its standard error."""

    value: float
    error: float

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> Share:
        """Mean of independent values (n,); of flags, the share that is true."""
        numbers = values.astype(np.float64)
        return cls(float(numbers.mean()), float(numbers.std() / np.sqrt(len(numbers))))


def gain(now: NDArray[np.generic], before: NDArray[np.generic]) -> Share:
    """How much better `now` is than `before`, both (n,) of the same n cases: what they share does not blur it."""
    return Share.of(now.astype(np.float64) - before.astype(np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One way to compare faces on one list of pairs.

    `pair_l2` and `same` (pairs,): distance and truth of each; `impostors_l2`: between all pictures of different people.
    """

    pair_l2: Floats
    same: Flags
    impostors_l2: Floats

    @property
    def best_threshold_l2(self) -> float:
        return lfw.best_threshold_l2(self.pair_l2, self.same)

    def right(self, threshold_l2: float) -> Flags:
        """(pairs,) which are told right."""
        told: Flags = (self.pair_l2 <= threshold_l2) == self.same
        return told

    def accepted(self, far: float) -> Flags:
        """(pairs of one person,) which are accepted where `far` of the impostors are."""
        told: Flags = self.pair_l2[self.same] <= lfw.threshold_at_far(self.impostors_l2, far)
        return told


def trial(
    pairs: Sequence[LfwPair], embeddings: Mapping[LfwPhoto, Floats], moved_l2: Mapping[LfwPhoto, float] | None = None
) -> Trial:
    """The distances of a list; photos without an embedding have no face. A pair is nearer by the mean of its `moved_l2`."""
    named = [photo for pair in pairs for photo in (pair.a, pair.b)]
    pair_l2, same = lfw.distances(list(pairs), {photo: embeddings.get(photo) for photo in named})
    photos = sorted({photo for photo in named if photo in embeddings}, key=lambda photo: (photo.name, photo.number))
    people = [photo.name for photo in photos]
    impostors_l2 = lfw.cross_person_distances_l2(np.stack([embeddings[photo] for photo in photos]), people)
    if moved_l2 is not None:
        pair_l2 = pair_l2 - np.array([(moved_l2.get(pair.a, 0) + moved_l2.get(pair.b, 0)) / 2 for pair in pairs], np.float32)
        one = np.array([moved_l2[photo] for photo in photos], np.float32)
        other = np.array(people)[:, np.newaxis] != np.array(people)
        impostors_l2 = impostors_l2 - ((one[:, np.newaxis] + one) / 2)[np.triu(other, k=1)]
    return Trial(pair_l2, same, impostors_l2)


def mean_embedding(embeddings: Floats) -> Floats:
    """The mean over the first axis of (k, ..., 128), brought to length 1 again."""
    mean = embeddings.mean(axis=0)
    result: Floats = mean / np.linalg.norm(mean, axis=-1, keepdims=True)
    return result


def near_cohort_l2(
    photos: Sequence[LfwPhoto], embeddings: Floats, cohort: Sequence[LfwPhoto], among: Floats, count: int
) -> Floats:
    """(n,) mean distance of each photo to the `count` nearest of a cohort, its own person left out.

    `embeddings` (n, 128) belong to `photos`, `among` (m, 128) to `cohort`. The adaptive T-norm of speaker recognition
    (Sturim and Reynolds, "Speaker adaptive cohort selection for Tnorm", ICASSP 2005), with the mean alone.
    """
    distances_l2 = np.sqrt(np.maximum(2 - 2 * embeddings @ among.T, 0))
    own = np.array([photo.name for photo in photos])[:, np.newaxis] == np.array([photo.name for photo in cohort])
    distances_l2[own] = np.inf
    nearest: Floats = np.partition(distances_l2, count - 1, axis=1)[:, :count].mean(axis=1)
    return nearest


def centers(embeddings: Floats, count: int) -> Floats:
    """About `count` directions (m, 128) of length 1 that stand for the faces (n, 128): spherical k-means, 20 rounds.

    A center of fewer than three faces is left out: none stands for one person.
    """
    found = embeddings[np.random.default_rng(0).choice(len(embeddings), count, replace=False)]
    for _ in range(20):
        member = (embeddings @ found.T).argmax(axis=1)
        sums = [embeddings[member == number].sum(axis=0) for number in range(count)]
        found = np.stack([total if np.any(total) else old for total, old in zip(sums, found, strict=True)])
        found /= np.linalg.norm(found, axis=1, keepdims=True)
    whole: Floats = found[np.bincount((embeddings @ found.T).argmax(axis=1), minlength=count) >= 3]
    return whole


Template = Callable[[Floats, Floats], Floats]
"""From faces (n, 128) and one person's photos (k, 128) to distances (n,)."""


def nearest_photo(faces: Floats, photos: Floats) -> Floats:
    """Distance to the nearest photo: what facecam ships."""
    return top_mean(faces, photos, 1)


def top_mean(faces: Floats, photos: Floats, count: int) -> Floats:
    """Mean distance to the nearest `count` photos."""
    distances_l2 = np.sqrt(np.maximum(2 - 2 * faces @ photos.T, 0))
    result: Floats = np.sort(distances_l2, axis=1)[:, :count].mean(axis=1)
    return result


def mean_photo(faces: Floats, photos: Floats) -> Floats:
    """Distance to the mean of the photos, of length 1 again."""
    result: Floats = np.linalg.norm(faces - mean_embedding(photos), axis=1)
    return result


def trimmed_mean_photo(faces: Floats, photos: Floats) -> Floats:
    """The same without the photo that is farthest from the mean."""
    apart_l2 = np.linalg.norm(photos - mean_embedding(photos), axis=1)
    return mean_photo(faces, np.delete(photos, int(apart_l2.argmax()), axis=0))


def nearest_or_mean(faces: Floats, photos: Floats) -> Floats:
    """Distance to the nearest photo or to the mean, whichever is nearer."""
    return np.minimum(nearest_photo(faces, photos), mean_photo(faces, photos))


TEMPLATES: Mapping[str, Template] = {
    "nearest photo": nearest_photo,
    "mean": mean_photo,
    "nearest photo or mean": nearest_or_mean,
    "trimmed mean": trimmed_mean_photo,
    "mean of the nearest 2": lambda faces, photos: top_mean(faces, photos, 2),
    "mean of the nearest 3": lambda faces, photos: top_mean(faces, photos, 3),
    "mean of all distances": lambda faces, photos: top_mean(faces, photos, len(photos)),
}
