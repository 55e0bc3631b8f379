"""Arithmetic of the study: shares with standard errors, templates of a person, distances with a cohort. Pure."""

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
    def from_values(cls, values: NDArray[np.generic]) -> Share:
        """Return the mean of independent values (n,); of flags, the share that is true."""
        numbers = values.astype(np.float64)
        return cls(float(numbers.mean()), float(numbers.std() / np.sqrt(len(numbers))))


def gain(now: NDArray[np.generic], before: NDArray[np.generic]) -> Share:
    """Return how much better `now` is than `before`, both (n,) of the same n cases; the error is of the paired difference."""
    return Share.from_values(now.astype(np.float64) - before.astype(np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Distances of one method on one list of pairs.

    `pair_l2` and `same` (pairs,): distance and truth of each; `impostors_l2`: between all images of different people.
    """

    pair_l2: Floats
    same: Flags
    impostors_l2: Floats

    @property
    def best_threshold_l2(self) -> float:
        return lfw.best_threshold_l2(self.pair_l2, self.same)

    def right(self, threshold_l2: float) -> Flags:
        """Return which pairs (pairs,) are classified correctly."""
        is_right: Flags = (self.pair_l2 <= threshold_l2) == self.same
        return is_right

    def accepted(self, far: float) -> Flags:
        """Return which pairs of one person are accepted at a false accept rate of `far`."""
        is_accepted: Flags = self.pair_l2[self.same] <= lfw.threshold_at_far(self.impostors_l2, far)
        return is_accepted


def trial(
    pairs: Sequence[LfwPair], embeddings: Mapping[LfwPhoto, Floats], moved_l2: Mapping[LfwPhoto, float] | None = None
) -> Trial:
    """Compute the distances of a list; photos without an embedding have no face. `moved_l2` shortens a pair by its mean."""
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
    """Return the mean over the first axis of (k, ..., 128), scaled to length 1."""
    mean = embeddings.mean(axis=0)
    result: Floats = mean / np.linalg.norm(mean, axis=-1, keepdims=True)
    return result


def near_cohort_l2(
    photos: Sequence[LfwPhoto], embeddings: Floats, cohort: Sequence[LfwPhoto], among: Floats, count: int
) -> Floats:
    """Return (n,) the mean distance of each photo to the `count` nearest of a cohort without its own person.

    `embeddings` (n, 128) belong to `photos`, `among` (m, 128) to `cohort`. This is the adaptive T-norm of speaker recognition
    (Sturim, Reynolds, "Speaker adaptive cohort selection for Tnorm", ICASSP 2005), with the mean alone.
    """
    distances_l2 = np.sqrt(np.maximum(2 - 2 * embeddings @ among.T, 0))
    own = np.array([photo.name for photo in photos])[:, np.newaxis] == np.array([photo.name for photo in cohort])
    distances_l2[own] = np.inf
    nearest: Floats = np.partition(distances_l2, count - 1, axis=1)[:, :count].mean(axis=1)
    return nearest


def centers(embeddings: Floats, count: int) -> Floats:
    """Return about `count` directions (m, 128) of length 1 for the faces (n, 128), by 20 rounds of spherical k-means.

    Centers of fewer than three faces are omitted, so that none stands for one person.
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
"""Function from faces (n, 128) and one person's photos (k, 128) to distances (n,)."""


def nearest_photo(faces: Floats, photos: Floats) -> Floats:
    """Return the distance to the nearest photo, as facecam does."""
    return top_mean(faces, photos, 1)


def top_mean(faces: Floats, photos: Floats, count: int) -> Floats:
    """Return the mean distance to the nearest `count` photos."""
    distances_l2 = np.sqrt(np.maximum(2 - 2 * faces @ photos.T, 0))
    result: Floats = np.sort(distances_l2, axis=1)[:, :count].mean(axis=1)
    return result


def mean_photo(faces: Floats, photos: Floats) -> Floats:
    """Return the distance to the mean of the photos, scaled to length 1."""
    result: Floats = np.linalg.norm(faces - mean_embedding(photos), axis=1)
    return result


def trimmed_mean_photo(faces: Floats, photos: Floats) -> Floats:
    """Return the same without the photo that is farthest from the mean."""
    apart_l2 = np.linalg.norm(photos - mean_embedding(photos), axis=1)
    return mean_photo(faces, np.delete(photos, int(apart_l2.argmax()), axis=0))


def nearest_or_mean(faces: Floats, photos: Floats) -> Floats:
    """Return the distance to the nearest photo or to the mean, whichever is nearer."""
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
