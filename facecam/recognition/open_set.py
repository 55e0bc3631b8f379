"""How many strangers get a name at a threshold, and the threshold at which so many do. Pure.

A stranger gets a name when the nearest of all samples is near enough. With P people, one photo each, and F(t) the share of pairs
of people at most t apart, that happens to 1 - (1 - F(t)) ** P of all strangers if pairs are independent. They are not, quite,
but at the small shares that matter the sum P F(t) bounds it whatever depends on what (Boole), and the two agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.networks.manifest import load_arrays
from facecam.types import Floats, Sample

# MERGED identify.distances: What is known of one network's distances before anybody is enrolled: measured on people of a public set, packaged as a table.
#
# `python -m benchmarks.distances` makes the tables; docs/threshold.md says how. Pure but for `packaged`, which reads one file.

SUFFIX = "_distances"
"""The table of network X is listed in models/MANIFEST.toml as X_distances."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DistanceTable:
    """Distances of one network between photos of two people (impostor) and of one person (genuine); plain L2, 0 to 2.

    `probability` (n,) rises to 1: the share of pairs of people that are at most `impostor_l2` (n,) apart. `impostor_low_l2` and
    `impostor_high_l2` (n,) are the ends of its 95 % interval, by bootstrap over the people. `genuine_l2` (photos, m) holds, for
    1, 2, ... photos enrolled, evenly spaced quantiles (0 to 1) of a person's distance to the nearest of them.
    ModelError when the columns do not fit together.
    """

    probability: Numbers
    impostor_l2: Numbers
    impostor_low_l2: Numbers
    impostor_high_l2: Numbers
    genuine_l2: Numbers

    def __post_init__(self) -> None:
        rising = (self.probability, self.impostor_l2, *self.genuine_l2)
        shapes = {self.impostor_l2.shape, self.impostor_low_l2.shape, self.impostor_high_l2.shape}
        if shapes != {self.probability.shape} or self.genuine_l2.ndim != 2 or any((np.diff(row) < 0).any() for row in rising):
            raise ModelError("a table of distances is no table: columns of one length that rise were expected")

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> DistanceTable:
        """The table in a .safetensors file's arrays, which are named as its fields."""
        columns = {name: array.astype(np.float64) for name, array in arrays.items()}
        try:
            return cls(**columns)
        except TypeError as error:
            raise ModelError(f"a table of distances lacks a column or has one too many: {error}") from error

    def impostor_share(self, distance_l2: Floats | Numbers | float) -> Numbers:
        """The share of pairs of people that are at most this far apart; of the argument's shape."""
        beyond = self._slope * (np.asarray(distance_l2, np.float64) - self.impostor_l2[0])
        logs = np.interp(distance_l2, self.impostor_l2, np.log(self.probability))
        shares: Numbers = np.exp(logs + np.minimum(beyond, 0))
        return shares

    def impostor_quantile_l2(self, share: float) -> float:
        """The distance below which this share (above 0, at most 1) of the pairs of people lies."""
        return self._quantile_l2(share, self.impostor_l2)

    def impostor_interval_l2(self, share: float) -> tuple[float, float]:
        """The 95 % interval of `impostor_quantile_l2`: other people of the same kind would have given another one."""
        return self._quantile_l2(share, self.impostor_low_l2), self._quantile_l2(share, self.impostor_high_l2)

    def miss_share(self, distance_l2: float, photos: int) -> float:
        """The share of a person's sightings that are farther than this from all of so many enrolled photos (1 or more)."""
        row = self.genuine_l2[min(photos, len(self.genuine_l2)) - 1]
        return 1 - float(np.interp(distance_l2, row, np.linspace(0, 1, len(row)), left=0, right=1))

    @property
    def _slope(self) -> float:
        """Rise of the logarithm per distance in the table's first decade: so it goes on below what was measured."""
        tenfold = float(np.interp(np.log(10 * self.probability[0]), np.log(self.probability), self.impostor_l2))
        return float(np.log(10)) / max(tenfold - float(self.impostor_l2[0]), 1e-6)

    def _quantile_l2(self, share: float, distances_l2: Numbers) -> float:
        measured = float(np.interp(np.log(share), np.log(self.probability), distances_l2))
        return max(measured + min(float(np.log(share / self.probability[0])) / self._slope, 0.0), 1e-3)


@cache
def packaged(network: str) -> DistanceTable:
    """The table that comes with this network. ModelError when there is none or it is damaged."""
    return DistanceTable.from_arrays(load_arrays(network + SUFFIX))


PHOTOS_EXPONENT = 0.8
"""k photos of one person meet as many strangers as k ** 0.8 people with one photo: photos of a person share their strangers.
Measured on the people of LFW view 1's training pairs: 1.75, 2.3, 2.8 for 2, 3, 4 photos at 0.01 to 0.1 % of pairs."""

PRIOR_SPREAD = 1
"""As many people like the table's are added before the gallery's own distances count: few people say little about all.
Chosen on groups of people who look alike among LFW view 1's training people, by `python -m benchmarks.alike`."""

_ROWS = 256
_MOST_PEOPLE = 2048


@dataclass(frozen=True, slots=True)
class OpenSetStatistics:
    """What of a gallery decides how many strangers get a name.

    `equivalent_people` counts every person's photos to the power of PHOTOS_EXPONENT. `spread` is how far apart these people are,
    as a multiple of the packaged table's distances, never above 1: one camera, one light, one family bring everybody
    nearer, strangers too.
    """

    equivalent_people: float
    spread: float = 1.0

    def stranger_share(self, threshold_l2: float, table: DistanceTable) -> float:
        """The share of strangers whose nearest sample is at most `threshold_l2` away."""
        pairs = min(float(table.impostor_share(threshold_l2 / self.spread)), 1 - 1e-9)
        return float(-np.expm1(self.equivalent_people * np.log1p(-pairs)))

    def pair_share(self, stranger_rate: float) -> float:
        """The share of pairs of people that a threshold may let pass, for `stranger_rate` of all strangers to get a name."""
        return float(-np.expm1(np.log1p(-stranger_rate) / self.equivalent_people))

    def threshold_l2(self, stranger_rate: float, table: DistanceTable, cap_l2: float) -> float:
        """The threshold at which `stranger_rate` (0 to 1, neither included) of all strangers get a name, never above `cap_l2`.

        A handful of people would allow a wide threshold, on photos like the table's. Small, dim webcam faces come nearer each
        other than those, whoever they are: so the cap. It is also the answer for an empty gallery.
        """
        if not self.equivalent_people:
            return cap_l2
        return self.spread * min(table.impostor_quantile_l2(self.pair_share(stranger_rate)), cap_l2)


def open_set_statistics(samples: Sequence[Sample], table: DistanceTable, prior_spread: float = PRIOR_SPREAD) -> OpenSetStatistics:
    """The people enrolled, as far as strangers are concerned. An infinite `prior_spread` leaves their spread at 1."""
    photos = Counter(sample.person_id for sample in samples)
    return OpenSetStatistics(equivalent_people(photos.values()), _spread(samples, table, prior_spread))


def equivalent_people(photos: Iterable[int]) -> float:
    """So many people with one photo each meet as many strangers as people with these numbers of photos."""
    return float(sum(count**PHOTOS_EXPONENT for count in photos))


def nearest_others_l2(samples: Sequence[Sample], among: Sequence[Sample]) -> Numbers:
    """(len(samples),) each sample's distance to the nearest of `among` that is of another person; 2 where there is none."""
    nearest = np.full(len(samples), 2.0)
    everybody = np.array([sample.embedding for sample in among], np.float32)
    people = np.array([sample.person_id for sample in among])
    for start in range(0, len(samples), _ROWS):
        rows = samples[start : start + _ROWS]
        apart = _distances_l2(np.array([sample.embedding for sample in rows]), everybody)
        apart[np.array([sample.person_id for sample in rows])[:, None] == people] = 2.0
        nearest[start : start + _ROWS] = apart.min(axis=1)
    return nearest


def _spread(samples: Sequence[Sample], table: DistanceTable, prior_spread: float) -> float:
    """How far apart two of these people are, as a multiple of the table's median, at most 1; 1 for fewer than two people.

    Of the gallery the median over pairs of people is taken; a pair's distance is the root of its mean square over their photos.
    """
    people: dict[str, list[Floats]] = {}
    for sample in samples:
        people.setdefault(sample.person_id, []).append(sample.embedding)
    if len(people) < 2:
        return 1.0
    # For unit vectors the mean of |a - b|^2 over two people's photos is 2 - 2 mean(a) mean(b).
    means = np.array([np.mean(own, axis=0) for own in people.values()], np.float32)[:_MOST_PEOPLE]
    apart = _distances_l2(means, means)[np.triu_indices(len(means), 1)]
    closer = max(0.0, 1 - float(np.median(apart)) / table.impostor_quantile_l2(0.5))
    return 1 - closer * len(people) / (prior_spread + len(people))


def _distances_l2(a: Floats, b: Floats) -> Floats:
    """Plain L2 between all rows of (n, 128) and (m, 128) unit vectors, (n, m)."""
    distances: Floats = np.sqrt(np.maximum(2 - 2 * a @ b.T, 0))
    return distances
