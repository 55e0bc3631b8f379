"""Open-set statistics: the share of strangers that get a name at a threshold, and the threshold for a target share.

A stranger gets a name if the nearest of all samples is near enough. With P people of one photo each, and F(t) the false match
rate (the share of pairs of people at most t apart), the false positive identification rate (FPIR) is 1 - (1 - F(t)) ** P if pairs
are independent. They nearly are: at the small rates that matter, Boole's bound P F(t) holds for any dependence and agrees.

`python -m benchmarks.distances` measures each network's packaged table of distances on a public data set; see
docs/internals/threshold.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.networks.manifest import load_arrays
from facecam.networks.user_embeddings import read_calibration
from facecam.networks.user_networks import is_embedding_file
from facecam.types import Floats, Sample

_Z95 = 1.96
_SMALLEST_L2 = 1e-3
"""Smallest distance that is extrapolated from a table."""

SUFFIX = "_distances"
"""The manifest lists the table of network X as X_distances."""

Float64Array = NDArray[np.float64]

COHORT_NEAREST, COHORT_WEIGHT = 10, 1.5
"""Chosen on a third of FairFace's validation part; see docs/internals/groups.md."""


def pairwise_l2(a: Floats | Float64Array, b: Floats | Float64Array) -> Floats | Float64Array:
    """Return (n, m) plain L2 between the rows of (n, d) and (m, d) unit vectors."""
    distances: Floats | Float64Array = np.sqrt(np.maximum(2 - 2 * a @ b.T, 0))
    return distances


@dataclass(frozen=True, slots=True, eq=False)
class DistanceTable:
    """Impostor and genuine distance distributions of one network, in plain L2 (0 to 2).

    Attributes:
        probability: (n,) rising to 1, share of pairs of people that are at most `impostor_l2` apart.
        impostor_l2: (n,) quantiles of the distances between two people.
        impostor_low_l2: (n,) lower end of their 95 % interval, by bootstrap over the people.
        impostor_high_l2: (n,) upper end of it.
        genuine_l2: (photos, m) evenly spaced quantiles of a person's distance with 1, 2, ... enrolled photos.
        cohort: (c, d) unit vectors of synthetic faces, which resemble no one in particular; none for a network without a cohort.
        cohort_l2: Mean distance to the nearest faces of the cohort below which a person's threshold is lowered.
    """

    probability: Float64Array
    impostor_l2: Float64Array
    impostor_low_l2: Float64Array
    impostor_high_l2: Float64Array
    genuine_l2: Float64Array
    cohort: Float64Array = field(default_factory=lambda: np.empty((0, 0)))
    cohort_l2: float = 0.0

    def __post_init__(self) -> None:
        rising = (self.probability, self.impostor_l2, *self.genuine_l2)
        shapes = {self.impostor_l2.shape, self.impostor_low_l2.shape, self.impostor_high_l2.shape}
        if (
            shapes != {self.probability.shape}
            or self.genuine_l2.ndim != 2
            or not all((np.diff(row) >= 0).all() for row in rising)
        ):
            raise ModelError("the table of distances is damaged: expected rising columns of one length")

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> DistanceTable:
        """Return the table from arrays named like the fields. Raises ModelError if they do not fit."""
        columns: dict[str, Any] = {name: array.astype(np.float64) for name, array in arrays.items()}
        try:
            return cls(**columns | {"cohort_l2": columns["cohort_l2"].item() if "cohort_l2" in columns else 0.0})
        except (TypeError, ValueError) as error:
            raise ModelError("the table of distances has missing or unknown columns: {error}", error=error) from error

    def false_match_rate(self, distance_l2: Floats | Float64Array | float) -> Float64Array:
        """Return the share of pairs of people that are at most this far apart, in the shape of the argument."""
        beyond = self._slope * (np.asarray(distance_l2, np.float64) - self.impostor_l2[0])
        logs = np.interp(distance_l2, self.impostor_l2, np.log(self.probability))
        rates: Float64Array = np.exp(logs + np.minimum(beyond, 0))
        return rates

    def impostor_quantile_l2(self, rate: float) -> float:
        """Return the distance with this false match rate (above 0, at most 1)."""
        return self._quantile_l2(rate, self.impostor_l2)

    def cautious_quantile_l2(self, rate: float) -> float:
        """Return `impostor_quantile_l2` less its standard error, since the rate is promised as an upper limit."""
        low, high = self.impostor_interval_l2(rate)
        return max(self.impostor_quantile_l2(rate) - (high - low) / (2 * _Z95), _SMALLEST_L2)

    def impostor_interval_l2(self, rate: float) -> tuple[float, float]:
        """Return the 95 % interval of `impostor_quantile_l2` over other samples of such people."""
        return self._quantile_l2(rate, self.impostor_low_l2), self._quantile_l2(rate, self.impostor_high_l2)

    def false_negative_identification_rate(self, threshold_l2: float, photos: int) -> float:
        """Return the share of a person's sightings that are farther than this from all enrolled photos (1 or more)."""
        row = self.genuine_l2[min(photos, len(self.genuine_l2)) - 1]
        return 1 - float(np.interp(threshold_l2, row, np.linspace(0, 1, len(row)), left=0, right=1))

    def threshold_reduction_l2(self, people: Floats) -> Float64Array:
        """Return how far the match threshold of each person, a unit vector (n, d), lies below that of the gallery.

        A network cannot tell all kinds of faces apart equally well. Faces that have many others close by are confused more often;
        their mean distance to the nearest faces of the cohort says how close. It is an adaptive Z-norm, with the mean only, which
        never raises a threshold.

        References:
            Auckenthaler, Carey, Lloyd-Thomas, "Score normalization for text-independent speaker verification systems",
            Digital Signal Processing 10 (2000); for the nearest of a cohort, Sturim, Reynolds, "Speaker adaptive cohort selection
            for Tnorm in text-independent speaker verification", ICASSP 2005.
        """
        if not (len(people) and len(self.cohort)):
            return np.zeros(len(people))
        return threshold_reductions_l2(people, self.cohort, self.cohort_l2)

    @property
    def _slope(self) -> float:
        """Slope of the log rate over the first decade of the table, which extrapolates it below the measured range."""
        tenfold = float(np.interp(np.log(10 * self.probability[0]), np.log(self.probability), self.impostor_l2))
        return float(np.log(10)) / max(tenfold - float(self.impostor_l2[0]), 1e-6)

    def _quantile_l2(self, rate: float, distances_l2: Float64Array) -> float:
        measured = float(np.interp(np.log(rate), np.log(self.probability), distances_l2))
        return max(measured + min(float(np.log(rate / self.probability[0])) / self._slope, 0.0), _SMALLEST_L2)


def threshold_reductions_l2(people: Floats, cohort: Floats | Float64Array, limit_l2: float) -> Float64Array:
    """Return the reductions of `DistanceTable.threshold_reduction_l2` for a cohort (c, d) and its `cohort_l2`."""
    reductions: Float64Array = COHORT_WEIGHT * np.maximum(limit_l2 - cohort_distances_l2(people, cohort), 0)
    return reductions


def cohort_distances_l2(people: Floats, cohort: Floats | Float64Array) -> Float64Array:
    """Return (n,) the mean distance of each unit vector (n, d) to the nearest faces of a cohort (c, d)."""
    nearest_l2 = np.partition(pairwise_l2(people, cohort), COHORT_NEAREST - 1, axis=1)[:, :COHORT_NEAREST]
    means: Float64Array = nearest_l2.mean(axis=1).astype(np.float64)
    return means


def load_distance_table(network: str) -> DistanceTable:
    """Return the table packaged with this network, or of a user's calibration. ModelError if it is missing or damaged."""
    if is_embedding_file(network):
        return DistanceTable.from_arrays(read_calibration(Path(network)).arrays)
    return _packaged_table(network)


@cache
def _packaged_table(network: str) -> DistanceTable:
    return DistanceTable.from_arrays(load_arrays(network + SUFFIX))


PHOTOS_EXPONENT = 0.9
"""k photos of one person and their mean match as many strangers as k ** 0.9 people with one photo each, because they match the
same strangers. Measured on the people of LFW view 1's training pairs at match rates of 0.01 to 0.1 %: 1.8 to 2.2, 2.6 to 2.9 and
3.0 to 3.3 for 2, 3 and 4 photos."""

_PRIOR_PEOPLE = 1
"""Weight of the prior for `spread`, in people like the table's: a few people say little about the whole population."""

_MOST_PEOPLE = 2048
_SMALLEST_SPREAD = 0.25


@dataclass(frozen=True, slots=True)
class OpenSetStatistics:
    """Properties of a gallery that determine its false positive identification rate.

    `equivalent_people` sums each person's number of photos to the power of PHOTOS_EXPONENT. `spread` is the distance between
    these people as a multiple of the packaged table's, at most 1: one camera, one light or one family brings all faces nearer,
    also those of strangers. It leaves out pairs of people who both have a session limit, which takes account of the camera.
    `fixed_spread` is that of all pairs: a threshold that is fixed has no limits.
    """

    equivalent_people: float
    spread: float = 1.0
    fixed_spread: float = 1.0

    def false_positive_identification_rate(self, threshold_l2: float, table: DistanceTable, *, fixed: bool = False) -> float:
        """Return the share of strangers whose nearest sample is at most `threshold_l2` away, fixed or automatic."""
        rate = min(float(table.false_match_rate(threshold_l2 / (self.fixed_spread if fixed else self.spread))), 1 - 1e-9)
        return float(-np.expm1(self.equivalent_people * np.log1p(-rate)))

    def false_match_rate(self, fpir: float) -> float:
        """Return the share of pairs of people that may match for this false positive identification rate."""
        return float(-np.expm1(np.log1p(-fpir) / self.equivalent_people))

    def threshold_l2(self, fpir: float, table: DistanceTable, cap_l2: float) -> float:
        """Return the threshold for this false positive identification rate (between 0 and 1), at most `cap_l2`.

        A handful of people would allow a wide threshold on photos like the table's. Small, dim webcam faces of any two people
        are nearer to each other than those, hence the cap. It also applies to an empty gallery.
        """
        if not self.equivalent_people:
            return cap_l2
        return self.spread * min(table.cautious_quantile_l2(self.false_match_rate(fpir)), cap_l2)


def open_set_statistics(samples: Sequence[Sample], table: DistanceTable, network: EmbeddingNetwork) -> OpenSetStatistics:
    """Return the statistics of a gallery's samples.

    The network's `spread_weight` says by how many times the measured spread deviates from 1; 0 keeps it at 1. It was chosen on
    groups of people who look alike (`python -m benchmarks.similar_people`) and on webcam clips (`benchmarks.clip_matrix`).
    """
    by_person: dict[str, list[Floats]] = {}
    for sample in samples:
        by_person.setdefault(sample.person_id, []).append(sample.embedding)
    own = [np.array(embeddings, np.float32) for embeddings in by_person.values()]
    people = equivalent_people(len(embeddings) for embeddings in own)
    if len(own) < 2:
        return OpenSetStatistics(people)
    own = own[:_MOST_PEOPLE]
    starts = np.cumsum([0, *(len(embeddings) for embeddings in own[:-1])])
    is_limited = session_limits_l2(np.concatenate(own), starts, network.session_l2) < network.threshold_l2
    # For unit vectors the mean of |a - b|^2 over two people's photos is 2 - 2 mean(a) mean(b).
    means = np.array([embeddings.mean(axis=0) for embeddings in own])
    first, second = np.triu_indices(len(own), 1)
    distances_l2 = pairwise_l2(means, means)[first, second]
    closer = network.spread_weight * len(own) / (_PRIOR_PEOPLE + len(own)) / table.impostor_quantile_l2(0.5)

    def spread(distances_l2: Floats | Float64Array) -> float:
        """Return the median distance over the table's, weighted, shrunk toward 1 by the prior and at most 1."""
        if not len(distances_l2):
            return 1.0
        difference_l2 = max(0.0, table.impostor_quantile_l2(0.5) - float(np.median(distances_l2)))
        return max(1 - closer * difference_l2, _SMALLEST_SPREAD)

    return OpenSetStatistics(people, spread(distances_l2[~(is_limited[first] & is_limited[second])]), spread(distances_l2))


def equivalent_people(photos: Iterable[int]) -> float:
    """Return the number of people with one photo each that match as many strangers as people with these numbers of photos."""
    return float(sum(count**PHOTOS_EXPONENT for count in photos))


def person_means(matrix: Floats, starts: NDArray[np.intp]) -> Floats:
    """Return (people, d) means of the rows of (n, d) from each start to the next, scaled to length 1."""
    if not len(starts):
        return np.empty((0, matrix.shape[-1]), np.float32)
    sums = np.add.reduceat(matrix, starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(lengths, 1e-6), np.float32)


SESSION_FACTOR = 1.2
SESSION_SAMPLES = 4
"""Samples from which on their distances tell whether they are from one session. Three are too few: on LFW view 1's training
people the limit would then take the name of five sightings in a hundred, with four of none."""


def session_limits_l2(matrix: Floats, starts: NDArray[np.intp], session_l2: float) -> Float64Array:
    """Return (people,) upper limits of the match threshold, NaN for people with fewer than SESSION_SAMPLES samples.

    Samples from one session with one camera are much alike. Strangers in front of the same camera then come closer than the
    packaged table says, and the person's other sightings are closer too. The limit is a multiple of the root mean square distance
    between the samples, but at least `session_l2`: it grows with samples from other days.
    """
    if not len(starts):
        return np.empty(0)
    counts = np.diff(np.r_[starts, len(matrix)])
    squared_lengths = (np.add.reduceat(matrix, starts, axis=0).astype(np.float64) ** 2).sum(axis=1)
    # Of n unit vectors with the sum s, the mean of |a - b|^2 over all pairs is 2 - 2 (|s|^2 - n) / (n (n - 1)).
    mean_squares = 2 - 2 * (squared_lengths - counts) / np.maximum(counts * (counts - 1), 1)
    limits = np.maximum(SESSION_FACTOR * np.sqrt(np.maximum(mean_squares, 0)), session_l2)
    return np.where(counts >= SESSION_SAMPLES, limits, np.nan)
