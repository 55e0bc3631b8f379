"""How many strangers get a name at a threshold, and the threshold at which so many do. Pure.

A stranger gets a name when the nearest of all samples is near enough. With P people, one photo each, and F(t) the share of pairs
of people at most t apart, that happens to 1 - (1 - F(t)) ** P of all strangers if pairs are independent. They are not, quite,
but at the small shares that matter the sum P F(t) bounds it whatever depends on what (Boole), and the two agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from facecam.identify.distances import DistanceTable, Numbers
from facecam.identify.gallery import Sample
from facecam.types import Floats

PHOTOS_EXPONENT = 0.8
"""k photos of one person meet as many strangers as k ** 0.8 people with one photo: photos of a person share their strangers.
Measured on the people of LFW view 1's training pairs: 1.75, 2.3, 2.8 for 2, 3, 4 photos at 0.01 to 0.1 % of pairs."""

PRIOR_PEOPLE = 20
"""As many people of its own a gallery must have before they count as much as the packaged table."""

_ROWS = 256
_MOST_SAMPLES = 2048


@dataclass(frozen=True, slots=True)
class Crowd:
    """What of a gallery decides how many strangers get a name.

    `equivalent_people` counts every person's photos to the power of PHOTOS_EXPONENT. `likeness` is how much oftener two of these
    people come near each other than two of the packaged table's, never below 1.
    """

    equivalent_people: float
    likeness: float = 1.0

    @property
    def _chances(self) -> float:
        return self.equivalent_people * self.likeness

    def stranger_share(self, threshold_l2: float, table: DistanceTable) -> float:
        """The share of strangers whose nearest sample is at most `threshold_l2` away."""
        pairs = min(float(table.impostor_share(threshold_l2)), 1 - 1e-9)
        return float(-np.expm1(self._chances * np.log1p(-pairs)))

    def pair_share(self, stranger_rate: float) -> float:
        """The share of pairs of people that a threshold may let pass, for `stranger_rate` of all strangers to get a name."""
        return float(-np.expm1(np.log1p(-stranger_rate) / self._chances))

    def threshold_l2(self, stranger_rate: float, table: DistanceTable, cap_l2: float) -> float:
        """The threshold at which `stranger_rate` (0 to 1, neither included) of all strangers get a name, never above `cap_l2`.

        A handful of people would allow a wide threshold, on photos like the table's. Small, dim webcam faces come nearer each
        other than those, whoever they are: so the cap. It is also the answer for an empty gallery.
        """
        if not self.equivalent_people:
            return cap_l2
        return min(table.impostor_quantile_l2(self.pair_share(stranger_rate)), cap_l2)


def crowd_of(samples: Sequence[Sample], table: DistanceTable) -> Crowd:
    """The people enrolled, as far as strangers are concerned."""
    photos = Counter(sample.person_id for sample in samples)
    return Crowd(equivalent_people(photos.values()), _likeness(samples, photos, table))


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


def _likeness(samples: Sequence[Sample], photos: Counter[str], table: DistanceTable) -> float:
    """How much oftener than in the table two people of this gallery are near; 1 until there are people enough to tell.

    Everybody is the others' stranger once. If pairs are near `likeness` times as often, -log(1 - F(nearest)) * others is
    exponential with that rate, and its estimate is the inverse mean; PRIOR_PEOPLE people like the table's are added (a gamma
    prior of mean 1).
    """
    if len(photos) < 2:
        return 1.0
    strangers = samples[:: max(1, len(samples) // _MOST_SAMPLES)]
    shares = np.minimum(table.impostor_share(nearest_others_l2(strangers, samples)), 1 - 1e-9)
    everybody = equivalent_people(photos.values())
    waits: dict[str, list[float]] = {}
    for sample, wait in zip(strangers, -np.log1p(-shares), strict=True):
        others = everybody - photos[sample.person_id] ** PHOTOS_EXPONENT
        waits.setdefault(sample.person_id, []).append(others * float(wait))
    total = sum(float(np.mean(person)) for person in waits.values())
    return max(1.0, (PRIOR_PEOPLE + len(waits)) / (PRIOR_PEOPLE + total))


def _distances_l2(a: Floats, b: Floats) -> Floats:
    """Plain L2 between all rows of (n, 128) and (m, 128) unit vectors, (n, m)."""
    distances: Floats = np.sqrt(np.maximum(2 - 2 * a @ b.T, 0))
    return distances
