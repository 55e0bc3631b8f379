"""What a threshold means for a gallery: how many strangers get a name, how many sightings of its people get none. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facecam.recognition.matching import decision_rule, own_threshold_l2
from facecam.recognition.open_set import (
    DistanceTable,
    Numbers,
    OpenSetStatistics,
    nearest_others_l2,
    open_set_statistics,
    packaged,
)
from facecam.settings import IdentifySettings
from facecam.types import Sample

if TYPE_CHECKING:
    from facecam.gallery.gallery import Gallery


ENOUGH_PEOPLE = 20
"""From so many people with two photos or more on, their own distances say better than the table what is missed."""

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class ClosestPair:
    """The two samples of different people that are nearest to each other."""

    names: tuple[str, str]
    sample_ids: tuple[str, str]
    distance_l2: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What a threshold means for this gallery: shares from 0 to 1.

    `stranger_share` of all strangers have a sample within the threshold: at most so many get a name, since the margin spares
    some. `miss_share` of the sightings of enrolled people have none of the person's within it.
    """

    threshold_l2: float
    stranger_share: float
    miss_share: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What `calibrate` found. All distances are plain L2.

    `people` and `photos` are those with a usable photo. `now` is the threshold in force (`pinned`, or moving with the gallery),
    `chosen` the one for `stranger_rate`, `chosen_interval_l2` its 95 % interval by bootstrap over the packaged table's people,
    both cut at the cap. Leave one out: `genuine_l2` (g,) is each sample's distance to the nearest other of its person,
    `impostor_l2` (photos,) to the nearest of anybody else (none with fewer than two people). `confused` of the `people` have a
    sample that lies within `now` of somebody else's; `confused_interval` is that share's 95 % Wilson interval. `own_misses` says
    whether the miss shares come from `genuine_l2` (ENOUGH_PEOPLE) or from the table.
    """

    people: int
    photos: int
    crowd: OpenSetStatistics
    stranger_rate: float
    pinned: bool
    now: OperatingPoint
    chosen: OperatingPoint
    chosen_interval_l2: tuple[float, float]
    closest: ClosestPair | None
    genuine_l2: Numbers
    impostor_l2: Numbers
    confused: int
    confused_interval: tuple[float, float]
    own_misses: bool

    def sentence(self) -> str:
        """What the threshold in force means, in one sentence for the user."""
        return sentence(self.people, self.photos, self.now)


def calibrate(gallery: Gallery, settings: IdentifySettings | None = None, *, stranger_rate: float | None = None) -> Calibration:
    """The gallery's figures at the threshold in force, and at the one for `stranger_rate` (between 0 and 1, else the settings').

    The gallery must be read with the settings' network. Fast up to thousands of photos. ModelError when the network or its table
    of distances is missing; SettingsError when the rate is out of range.
    """
    settings = settings or IdentifySettings()
    rate = settings.stranger_rate if stranger_rate is None else stranger_rate
    IdentifySettings(stranger_rate=rate)
    table, cap_l2, samples = packaged(settings.network), own_threshold_l2(settings.network), gallery.samples
    crowd, photos = open_set_statistics(samples, table), Counter(sample.person_id for sample in samples)
    genuine_l2, of_people = _nearest_own_l2(samples)
    own_misses = of_people >= ENOUGH_PEOPLE

    def promise(threshold_l2: float) -> OperatingPoint:
        table_misses = [table.miss_share(threshold_l2, count) for count in photos.values()]
        misses = genuine_l2 > threshold_l2 if own_misses else table_misses
        return OperatingPoint(threshold_l2, crowd.stranger_share(threshold_l2, table), float(np.mean(misses)) if photos else 1.0)

    now = promise(decision_rule(settings, samples).threshold_l2)
    impostor_l2 = nearest_others_l2(samples, samples) if len(photos) > 1 else np.zeros(0)
    confused = len({s.person_id for s, distance in zip(samples, impostor_l2, strict=False) if distance <= now.threshold_l2})
    return Calibration(
        people=len(photos),
        photos=len(samples),
        crowd=crowd,
        stranger_rate=rate,
        pinned=settings.threshold_l2 is not None,
        now=now,
        chosen=promise(crowd.threshold_l2(rate, table, cap_l2)),
        chosen_interval_l2=_interval_l2(crowd, rate, table, cap_l2),
        closest=_closest(samples, impostor_l2),
        genuine_l2=genuine_l2,
        impostor_l2=impostor_l2,
        confused=confused,
        confused_interval=wilson(confused, len(photos)),
        own_misses=own_misses,
    )


def sentence(people: int, photos: int, promise: OperatingPoint) -> str:
    """What a threshold means for so many people and photos.

    >>> sentence(42, 310, Promise(0.29, stranger_share=0.01, miss_share=0.083))
    '42 people, 310 photos: about 1 stranger in 100 gets a name, 1 in 12 sightings of an enrolled person stays unnamed'
    """
    if not people:
        return "nobody is enrolled: nobody gets a name"
    who = f"{people} {'person' if people == 1 else 'people'}, {photos} {'photo' if photos == 1 else 'photos'}"
    strangers, missed = odds(promise.stranger_share), odds(promise.miss_share)
    return (
        f"{who}: about {strangers[0]} stranger{_s(strangers)} in {strangers[1]} get{_s(strangers, verb=True)} a name, "
        f"{missed[0]} in {missed[1]} sightings of an enrolled person stay{_s(missed, verb=True)} unnamed"
    )


def odds(share: float) -> tuple[int, int]:
    """The share as a count in a whole, (1, 12) or (7, 10), no more exact than it can be; (0, 10000) for less than one."""
    if share > 0.4:
        return min(round(10 * share), 9), 10
    if share < 1e-4:
        return 0, 10_000
    whole = round(1 / share)
    return 1, whole if whole < 20 else int(float(f"{whole:.2g}"))


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share of which `hits` in `tries` were seen; (0, 1) without tries.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
    """
    if not tries:
        return 0.0, 1.0
    share, z2 = hits / tries, _Z95**2
    middle = (share + z2 / (2 * tries)) / (1 + z2 / tries)
    half = _Z95 / (1 + z2 / tries) * float(np.sqrt(share * (1 - share) / tries + z2 / (4 * tries**2)))
    return max(0.0, middle - half), min(1.0, middle + half)


def _s(counts: tuple[int, int], *, verb: bool = False) -> str:
    """The letter of a plural noun, or of a singular verb."""
    return "s" if (counts[0] == 1) is verb else ""


def _interval_l2(crowd: OpenSetStatistics, rate: float, table: DistanceTable, cap_l2: float) -> tuple[float, float]:
    if not crowd.equivalent_people:
        return cap_l2, cap_l2
    low, high = table.impostor_interval_l2(crowd.pair_share(rate))
    return crowd.spread * min(low, cap_l2), crowd.spread * min(high, cap_l2)


def _nearest_own_l2(samples: Sequence[Sample]) -> tuple[Numbers, int]:
    """Each sample's distance to the nearest other one of its person, and how many people have two or more."""
    people: dict[str, list[Sample]] = {}
    for sample in samples:
        people.setdefault(sample.person_id, []).append(sample)
    nearest: list[float] = []
    several = [own for own in people.values() if len(own) > 1]
    for own in several:
        embeddings = np.array([sample.embedding for sample in own], np.float64)
        apart = np.linalg.norm(embeddings[:, None] - embeddings, axis=2)
        np.fill_diagonal(apart, np.inf)
        nearest += apart.min(axis=1).tolist()
    return np.array(nearest), len(several)


def _closest(samples: Sequence[Sample], impostor_l2: Numbers) -> ClosestPair | None:
    """The pair, named in the order of its sample ids; None with fewer than two people."""
    if not len(impostor_l2):
        return None
    one = samples[int(np.argmin(impostor_l2))]
    others = [sample for sample in samples if sample.person_id != one.person_id]
    apart = [float(np.linalg.norm(one.embedding - other.embedding)) for other in others]
    a, b = sorted((one, others[int(np.argmin(apart))]), key=lambda sample: sample.sample_id)
    return ClosestPair((a.name, b.name), (a.sample_id, b.sample_id), min(apart))


# MERGED identify.what_if: A gallery's calibration, asked for thresholds that are not in force: what a slider shows while it moves. Pure.


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdModel:
    """Answers as `calibrate` would with another threshold or rate, at once: nothing is measured again.

    `photos` counts the people by how many photos they have in use; `people` (photos,) says whose each impostor distance is.
    """

    found: Calibration
    table: DistanceTable
    cap_l2: float
    photos: Counter[int]
    people: tuple[str, ...]

    @classmethod
    def of(cls, gallery: Gallery, found: Calibration, network: str) -> ThresholdModel:
        """For this gallery's calibration with this network. ModelError when the network or its table is missing."""
        people = tuple(sample.person_id for sample in gallery.samples)
        return cls(found, packaged(network), own_threshold_l2(network), Counter(Counter(people).values()), people)

    def at(self, threshold_l2: float) -> OperatingPoint:
        """What this threshold means."""
        return OperatingPoint(
            threshold_l2, self.found.crowd.stranger_share(threshold_l2, self.table), self._miss_share(threshold_l2)
        )

    def for_rate(self, stranger_rate: float) -> OperatingPoint:
        """What the threshold means that is set by itself for this share of strangers, 0 to 1, neither included."""
        return self.at(self.found.crowd.threshold_l2(stranger_rate, self.table, self.cap_l2))

    def confused(self, threshold_l2: float) -> int:
        """How many people have a photo within this threshold of somebody else's."""
        pairs = zip(self.people, self.found.impostor_l2, strict=False)
        return len({person for person, distance in pairs if distance <= threshold_l2})

    def _miss_share(self, threshold_l2: float) -> float:
        if not self.photos:
            return 1.0
        if self.found.own_misses:
            return float(np.mean(self.found.genuine_l2 > threshold_l2))
        missed = sum(people * self.table.miss_share(threshold_l2, count) for count, people in self.photos.items())
        return missed / self.photos.total()
