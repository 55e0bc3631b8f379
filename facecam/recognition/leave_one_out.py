"""Leave-one-out comparison of a gallery: each photo as a face that is compared with all other photos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.recognition.matching import DecisionRule
from facecam.recognition.open_set import DistanceTable, Float64Array, person_means, session_limits_l2
from facecam.types import Floats

_ROWS = 256
_DECIMALS = 6
"""Distances are rounded like those of recognition."""


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """Distances of each of n photos to the people of its gallery, as recognition measures those of a face.

    The photo itself is left out of its person. A distance to a person is that to the nearest photo or to the mean of the photos,
    whichever is nearer, in plain L2; it is infinite without one.

    The `needed` thresholds are the gallery's thresholds from which on the photo is within the own threshold of the person: the
    distance plus the reduction of that threshold, infinite beyond its limit.

    Attributes:
        own_l2, own_needed_l2: (n,) distance to the photo's own person, and the threshold that it needs.
        other_l2, other_needed_l2: (n,) the same for the nearest other person.
        other_photo: (n,) index of that person's nearest photo; of any photo with only one person.
        other_photo_l2: (n,) distance to that photo.
        next_l2: (n,) distance to the other person after the nearest.
        reduction_l2: (n,) how far the threshold of the photo's person, with the photo, lies below the gallery's.
        limit_l2: (n,) upper limit of that threshold, infinite without one.
    """

    own_l2: Float64Array
    own_needed_l2: Float64Array
    other_l2: Float64Array
    other_needed_l2: Float64Array
    other_photo: NDArray[np.intp]
    other_photo_l2: Float64Array
    next_l2: Float64Array
    reduction_l2: Float64Array
    limit_l2: Float64Array

    def own_thresholds_l2(self, rule: DecisionRule) -> Float64Array:
        """Return (n,) match threshold of each photo's person."""
        return np.minimum((rule.threshold_l2 - self.reduction_l2).round(_DECIMALS), self.limit_l2)

    def named_right(self, rule: DecisionRule) -> NDArray[np.bool_]:
        """Return (n,) whether each photo gets the name of its own person."""
        is_nearest = self.own_l2 <= self.other_l2
        return is_nearest & (self.own_needed_l2 <= rule.threshold_l2) & (self.other_l2 >= self.own_l2 + rule.margin_l2)

    def named_wrong(self, rule: DecisionRule) -> NDArray[np.bool_]:
        """Return (n,) whether each photo gets the name of another person."""
        is_nearest = self.other_l2 < self.own_l2
        next_l2 = np.minimum(self.own_l2, self.next_l2)
        return is_nearest & (self.other_needed_l2 <= rule.threshold_l2) & (next_l2 >= self.other_l2 + rule.margin_l2)


def leave_one_out(
    embeddings: Floats, people: NDArray[np.intp], table: DistanceTable | None = None, session_l2: float | None = None
) -> LeaveOneOut:
    """Compare each photo with all others.

    Args:
        embeddings: (n, d) unit vectors.
        people: (n,) numbers of the photos' people.
        table, session_l2: What lowers people's thresholds, as in `Index`.
    """
    if not len(embeddings):
        none = np.zeros(0)
        return LeaveOneOut(none, none, none, none, np.zeros(0, np.intp), none, none, none, none)
    order = np.argsort(people, kind="stable")
    gallery = _Gallery(embeddings[order], people[order], table, session_l2)
    parts = [gallery.compare(np.arange(len(order))[start : start + _ROWS]) for start in range(0, len(order), _ROWS)]
    columns = [np.concatenate(column)[np.argsort(order)] for column in zip(*parts, strict=True)]
    found = LeaveOneOut(*columns)
    return replace(found, other_photo=order[found.other_photo])


class _Gallery:
    """Photos, (n, d) unit vectors with a person's rows together, and their people with means and thresholds."""

    def __init__(
        self, embeddings: Floats, people: NDArray[np.intp], table: DistanceTable | None, session_l2: float | None
    ) -> None:
        begins = np.r_[True, people[1:] != people[:-1]]
        self._embeddings, self._table, self._session_l2 = embeddings, table, session_l2
        self._starts, self._person = np.flatnonzero(begins), np.cumsum(begins) - 1
        self._photos = np.bincount(self._person)
        self._sums = np.add.reduceat(embeddings, self._starts)
        self._means = person_means(embeddings, self._starts)
        self._reductions_l2 = self._reductions(self._means)
        self._limits_l2 = self._limits(embeddings, self._starts)

    def compare(self, rows: NDArray[np.intp]) -> list[NDArray[Any]]:
        """Return the fields of `LeaveOneOut` for these rows."""
        faces, place, person = self._embeddings[rows], np.arange(len(rows)), self._person[rows]
        to_photos = _distances_l2(faces, self._embeddings)
        to_photos[place, rows] = np.inf
        to_people = np.minimum.reduceat(to_photos, self._starts, axis=1)
        own_l2, own_needed_l2 = self._own(rows, to_people[place, person])
        to_people = np.where(self._photos > 1, np.minimum(to_people, _distances_l2(faces, self._means)), to_people)
        to_people[place, person] = np.inf
        other = to_people.argmin(axis=1)
        other_l2 = to_people[place, other]
        to_people[place, other] = np.inf
        theirs = np.where(self._person == other[:, np.newaxis], to_photos, np.inf)
        return [
            own_l2,
            own_needed_l2,
            other_l2,
            _needed_l2(other_l2, self._reductions_l2[other], self._limits_l2[other]),
            theirs.argmin(axis=1),
            np.where(np.isinf(other_l2), np.inf, theirs.min(axis=1)),
            to_people.min(axis=1),
            self._reductions_l2[person],
            self._limits_l2[person],
        ]

    def _own(self, rows: NDArray[np.intp], to_photos: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return the distance of each row to its person without the row, and the threshold that it needs.

        `to_photos` are the distances to the person's nearest other photo, infinite without any.
        """
        faces, person = self._embeddings[rows], self._person[rows]
        rest = person_means(self._sums[person] - faces, np.arange(len(rows)))
        to_rest = np.linalg.norm(faces.astype(np.float64) - rest, axis=1).round(_DECIMALS)
        own_l2 = np.where(self._photos[person] > 2, np.minimum(to_photos, to_rest), to_photos)
        limits = np.array([self._limit_without(int(row)) for row in rows])
        return own_l2, _needed_l2(own_l2, self._reductions(rest), limits)

    def _limit_without(self, row: int) -> float:
        """Return the limit of the row's person without the row."""
        person = int(self._person[row])
        start, photos = int(self._starts[person]), int(self._photos[person])
        if self._session_l2 is None or photos == 1:
            return np.inf
        rest = np.delete(self._embeddings[start : start + photos], row - start, axis=0)
        return float(self._limits(rest, np.array([0]))[0])

    def _reductions(self, people: Floats) -> Float64Array:
        return np.zeros(len(people)) if self._table is None else self._table.threshold_reduction_l2(people).round(_DECIMALS)

    def _limits(self, matrix: Floats, starts: NDArray[np.intp]) -> Float64Array:
        if self._session_l2 is None:
            return np.full(len(starts), np.inf)
        limits = session_limits_l2(matrix, starts, self._session_l2)
        return np.where(np.isnan(limits), np.inf, limits.round(_DECIMALS))


def _needed_l2(distances_l2: Float64Array, reductions_l2: Float64Array, limits_l2: Float64Array) -> Float64Array:
    return np.where(distances_l2 <= limits_l2, (distances_l2 + reductions_l2).round(_DECIMALS), np.inf)


def _distances_l2(a: Floats, b: Floats) -> Float64Array:
    """Return (n, m) plain L2 between the rows of (n, d) and (m, d)."""
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    squares = np.einsum("ij,ij->i", a64, a64)[:, np.newaxis] + np.einsum("ij,ij->i", b64, b64) - 2 * a64 @ b64.T
    distances: Float64Array = np.sqrt(np.maximum(squares, 0)).round(_DECIMALS)
    return distances
