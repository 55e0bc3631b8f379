"""What is known of one network's distances before anybody is enrolled: measured on people of a public set, packaged as a table.

`python -m benchmarks.distances` makes the tables; docs/threshold.md says how. Pure but for `packaged`, which reads one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.types import Floats
from facecam.weights import load_arrays

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
