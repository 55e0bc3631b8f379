"""Distance table of an embedding network, computed from photos of known people. See docs/internals/threshold.md.

`facecam calibrate --people` measures it for a network of the user, `python -m benchmarks.distances` for the shipped ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.recognition.open_set import Float64Array, cohort_distances_l2, pairwise_l2, person_means, threshold_reductions_l2
from facecam.types import Floats

FEWEST_PAIRS = 10
"""Pairs of people behind the smallest share in a table; fewer are not significant."""
QUANTILES = np.linspace(0, 1, 51)
MOST_PHOTOS = 4
"""46 people of LFW view 1's training pairs have one photo more than this, 23 of them two more."""
FEWEST_PEOPLE = 10
"""People that a row of genuine distances needs."""
RESAMPLES = 200
_BIN_L2 = 5e-4
LOWERED_SHARE = 0.1
"""Share of the people whose threshold a cohort lowers."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSet:
    """Photos that pass the gates: `embeddings` (n, length), and `person` (n,), a number from 0; a person's rows are adjacent."""

    embeddings: Floats
    person: NDArray[np.intp]

    @property
    def rows(self) -> list[NDArray[np.intp]]:
        """The rows of each person."""
        return np.split(np.arange(len(self.person)), np.flatnonzero(np.diff(self.person)) + 1)


Reductions = Callable[[Floats], Float64Array]
"""Function from people, unit vectors (n, d), to the reductions of their thresholds (n,)."""


def table_arrays(photos: PhotoSet, cohort: Floats | None = None) -> dict[str, Float64Array]:
    """Return the arrays of the network's `DistanceTable`, for at least FEWEST_PEOPLE with two photos.

    With a cohort (c, d), the tenth of the people who are nearest to it get a lower threshold, and all distances are those that
    the gallery's threshold is compared with: the distance to a person plus the reduction of the person's threshold.
    """
    if cohort is None:
        return {**impostor_columns(photos, _no_reduction), "genuine_l2": genuine_rows(photos, _no_reduction)}
    nearest_l2 = cohort_distances_l2(photos.embeddings, cohort)
    limit_l2 = float(_weighted_quantiles(*_ranked(nearest_l2, photos), np.array([LOWERED_SHARE]))[0])

    def reductions(people: Floats) -> Float64Array:
        return threshold_reductions_l2(people, cohort, limit_l2)

    columns = {**impostor_columns(photos, reductions), "genuine_l2": genuine_rows(photos, reductions)}
    return columns | {"cohort": cohort.astype(np.float64), "cohort_l2": np.array(limit_l2)}


def _no_reduction(people: Floats) -> Float64Array:
    return np.zeros(len(people))


def _ranked(values: Float64Array, photos: PhotoSet) -> tuple[Float64Array, NDArray[np.float64]]:
    """Return the photos' values in ascending order, and their weights, by which each person counts once."""
    order = np.argsort(values)
    return values[order], (1 / np.bincount(photos.person))[photos.person[order]]


def impostor_columns(photos: PhotoSet, reductions: Reductions) -> dict[str, Float64Array]:
    """Return quantiles of the distances between people, with 95 % intervals by bootstrap over people; all of one length.

    Each of two people is once enrolled and once the stranger. A pair of people counts once: its pairs of photos share its weight.
    """
    people = int(photos.person[-1]) + 1
    smallest = min(2 * FEWEST_PAIRS / (people * (people - 1)), 0.25)
    shares = np.concatenate([np.geomspace(smallest, 0.3, 50), np.linspace(0.35, 1, 14)])
    first, second = np.nonzero(np.triu(photos.person[:, np.newaxis] != photos.person))
    apart = pairwise_l2(photos.embeddings, photos.embeddings)[first, second]
    reduced = np.rint(reductions(photos.embeddings) / _BIN_L2).astype(np.intp)
    bins = np.rint(apart / _BIN_L2).astype(np.intp)
    one, other = bins + reduced[first], bins + reduced[second]
    first, second = photos.person[first], photos.person[second]

    def quantiles(drawn: NDArray[np.int64]) -> Float64Array:
        each = drawn / np.bincount(photos.person)
        weights, length = each[first] * each[second], int(bins.max() + reduced.max()) + 1
        counts = np.bincount(one, weights, length).astype(np.float64) + np.bincount(other, weights, length)
        found = np.flatnonzero(counts)
        return _weighted_quantiles((found * _BIN_L2).astype(np.float64), counts[found], shares)

    rng = np.random.default_rng(0)
    resampled = [quantiles(rng.multinomial(people, np.full(people, 1 / people))) for _ in range(RESAMPLES)]
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0)
    return {
        "probability": shares,
        "impostor_l2": quantiles(np.ones(people, np.int64)),
        "impostor_low_l2": low,
        "impostor_high_l2": high,
    }


def genuine_rows(photos: PhotoSet, reductions: Reductions) -> Float64Array:
    """Return (at most MOST_PHOTOS, len(QUANTILES)): distances to the person with 1, 2 ... other photos; each person counts once.

    A row with fewer than FEWEST_PEOPLE ends the table.
    """
    rows = []
    for enrolled in range(1, MOST_PHOTOS + 1):
        nearest, weight = [], []
        people = [own for own in photos.rows if len(own) > enrolled]
        if len(people) < FEWEST_PEOPLE:
            break
        for person in people:
            for place, sighting in enumerate(person):
                others = photos.embeddings[np.roll(person, -place)[1 : enrolled + 1]]
                mean = person_means(others, np.array([0]))
                apart = np.linalg.norm(np.concatenate([others, mean]) - photos.embeddings[sighting], axis=1).min()
                nearest.append(apart + reductions(mean)[0])
                weight.append(1 / len(person))
        order = np.argsort(nearest)
        rows.append(_weighted_quantiles(np.array(nearest)[order], np.array(weight)[order], QUANTILES))
    falling: Float64Array = np.minimum.accumulate(rows)
    return falling


def _weighted_quantiles(ranked: Floats | Float64Array, weights: NDArray[np.float64], shares: NDArray[np.float64]) -> Float64Array:
    reached = np.cumsum(weights)
    quantiles: Float64Array = np.interp(shares * reached[-1], reached, ranked).astype(np.float64)
    return quantiles
