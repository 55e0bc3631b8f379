"""Threshold calibration: expected error rates of a gallery at its threshold and at others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.leave_one_out import LeaveOneOut, leave_one_out
from facecam.recognition.matching import decision_rule
from facecam.recognition.open_set import (
    DistanceTable,
    Float64Array,
    OpenSetStatistics,
    load_distance_table,
    open_set_statistics,
)
from facecam.settings import IdentifySettings
from facecam.types import Sample

if TYPE_CHECKING:
    from facecam.gallery.gallery import Gallery

ENOUGH_PEOPLE = 20
"""With this many people with two or more photos, their own distances predict the FNIR better than the packaged table."""

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class ClosestPair:
    """The two people who are nearest to each other, with a photo of each.

    Attributes:
        names, sample_ids: The people and the photos, in the order of the photos.
        distance_l2: Distance of the photos, or of one to the mean of the other person's photos if that is nearer.
        needed_l2: Automatic threshold of the gallery from which on that is within the threshold of the person compared with; None
            beyond the limit of that threshold.
        mean_of: Name of the person whose mean is nearer, or None.
    """

    names: tuple[str, str]
    sample_ids: tuple[str, str]
    distance_l2: float
    needed_l2: float | None
    mean_of: str | None = None

    def is_within(self, threshold_l2: float, *, fixed: bool) -> bool:
        """Return whether the pair is within the gallery's threshold, fixed or automatic."""
        compared_l2 = self.distance_l2 if fixed else self.needed_l2
        return compared_l2 is not None and compared_l2 <= threshold_l2


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Error rates of a gallery at one threshold, 0 to 1.

    The false positive identification rate (FPIR) is the share of strangers within the threshold of a person: nearer to one of the
    samples or to their mean. It is an upper bound, since the margin rejects some. The false negative identification rate (FNIR)
    is the share of sightings of enrolled people that are not within the threshold of their person.
    """

    threshold_l2: float
    false_positive_identification_rate: float
    false_negative_identification_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Distances and error rates of a gallery, see `calibrate`. All distances are plain L2.

    Attributes:
        threshold_l2: The threshold in use, fixed by the settings if `pinned`, else moving with the gallery.
        target_fpir: The FPIR that `target` is chosen for.
        statistics, table, cap_l2: What the FPIR depends on, the network's packaged distances, and its own threshold.
        person_ids: (photos,) person of each usable photo.
        genuine_l2: (g,) distance of each photo to its person's other photos: the nearest or their mean.
        genuine_needed_l2: (g,) automatic threshold of the gallery from which on that is within the person's own threshold.
        impostor_l2: (photos,) distance of each photo to the nearest other person; empty with fewer than two people.
        impostor_needed_l2: (photos,) automatic threshold of the gallery from which on that is within that person's own.
        closest: The closest two people, None with fewer than two.
        reduction_l2, limit_l2: (photos,) what the threshold of the photo's person is lowered by, and its limit, if not fixed.
        fnir_is_measured: True if the FNIR comes from `genuine_l2` (see ENOUGH_PEOPLE), false if from the packaged table.
    """

    threshold_l2: float
    pinned: bool
    target_fpir: float
    statistics: OpenSetStatistics
    table: DistanceTable
    cap_l2: float
    person_ids: tuple[str, ...]
    genuine_l2: Float64Array
    genuine_needed_l2: Float64Array
    impostor_l2: Float64Array
    impostor_needed_l2: Float64Array
    closest: ClosestPair | None
    reduction_l2: Float64Array
    limit_l2: Float64Array
    fnir_is_measured: bool

    @property
    def people(self) -> int:
        """Number of people with a usable photo."""
        return len(set(self.person_ids))

    @property
    def photos(self) -> int:
        """Number of usable photos."""
        return len(self.person_ids)

    @property
    def current(self) -> OperatingPoint:
        """Error rates at the threshold in use."""
        return self.at(self.threshold_l2, fixed=self.pinned)

    @property
    def target(self) -> OperatingPoint:
        """Threshold for `target_fpir`, at most the network's own, with its error rates."""
        return self.at_fpir(self.target_fpir)

    @property
    def target_interval_l2(self) -> tuple[float, float]:
        """95 % interval of the target threshold, by bootstrap over the people of the packaged table."""
        if not self.person_ids:
            return self.cap_l2, self.cap_l2
        low, high = self.table.impostor_interval_l2(self.statistics.false_match_rate(self.target_fpir))
        return self.statistics.spread * min(low, self.cap_l2), self.statistics.spread * min(high, self.cap_l2)

    @property
    def confusable_people(self) -> int:
        """Number of people with a photo within the threshold in use of another person."""
        return self.confusable_at(self.threshold_l2, fixed=self.pinned)

    @property
    def lowered_people(self) -> int:
        """Number of people whose own threshold is below that of the gallery."""
        return 0 if self.pinned else self.lowered_at(self.threshold_l2)

    @property
    def confusable_interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the share of confusable people."""
        return wilson(self.confusable_people, self.people)

    def distances_l2(self, *, fixed: bool) -> tuple[Float64Array, Float64Array]:
        """Return the distances to compare with the gallery's threshold: plain ones if it is fixed, else the needed thresholds."""
        if fixed:
            return self.genuine_l2, self.impostor_l2
        return self.genuine_needed_l2, self.impostor_needed_l2

    def at(self, threshold_l2: float, *, fixed: bool = False) -> OperatingPoint:
        """Return the error rates at any threshold, fixed or automatic. Fast enough for a slider: nothing is measured again."""
        counts = Counter(Counter(self.person_ids).values())
        if not counts:
            fnir = 1.0
        elif self.fnir_is_measured:
            fnir = float(np.mean(self.distances_l2(fixed=fixed)[0] > threshold_l2))
        else:
            rate = self.table.false_negative_identification_rate
            fnir = sum(people * rate(threshold_l2, photos) for photos, people in counts.items()) / counts.total()
        fpir = self.statistics.false_positive_identification_rate(threshold_l2, self.table, fixed=fixed)
        return OperatingPoint(threshold_l2, fpir, fnir)

    def at_fpir(self, fpir: float) -> OperatingPoint:
        """Return the automatic threshold for this FPIR, between 0 and 1, with its error rates."""
        return self.at(self.statistics.threshold_l2(fpir, self.table, self.cap_l2))

    def confusable_at(self, threshold_l2: float, *, fixed: bool = False) -> int:
        """Return the number of people with a photo within this threshold, fixed or automatic, of another person."""
        pairs = zip(self.person_ids, self.distances_l2(fixed=fixed)[1], strict=False)
        return len({person for person, distance in pairs if distance <= threshold_l2})

    def lowered_at(self, threshold_l2: float) -> int:
        """Return the number of people whose own threshold is below this automatic threshold of the gallery."""
        is_lowered = (self.reduction_l2 > 0) | (self.limit_l2 < threshold_l2)
        return len({person for person, lowered in zip(self.person_ids, is_lowered, strict=True) if lowered})

    def sentence(self) -> str:
        """Return one sentence for the user about the threshold in use."""
        return sentence(self.people, self.photos, self.current)


def calibrate(gallery: Gallery, settings: IdentifySettings | None = None, *, target_fpir: float | None = None) -> Calibration:
    """Measure a gallery's error rates at the threshold in use and at the one for a target FPIR. Fast up to thousands of photos.

    Args:
        gallery: The people, embedded by the settings' network.
        settings: Network and decision rule in use.
        target_fpir: Share of strangers that may get a name, between 0 and 1; by default the settings'.

    Raises:
        ModelError: The network or its table of distances is missing.
        SettingsError: The rate is out of range.
    """
    settings = settings or IdentifySettings()
    fpir = settings.false_positive_identification_rate if target_fpir is None else target_fpir
    IdentifySettings(false_positive_identification_rate=fpir)
    network, table, samples = embedding_network(settings.network), load_distance_table(settings.network), gallery.samples
    person_ids = tuple(sample.person_id for sample in samples)
    photos = Counter(person_ids)
    numbers = {person_id: number for number, person_id in enumerate(photos)}
    embeddings = np.array([sample.embedding for sample in samples], np.float32)
    people = np.array([numbers[person_id] for person_id in person_ids], np.intp)
    found = leave_one_out(embeddings, people, table, network.session_l2)
    has_others = np.isfinite(found.own_l2)
    people_with_several = sum(count > 1 for count in photos.values())
    has_impostors = len(photos) > 1
    return Calibration(
        threshold_l2=decision_rule(settings, samples).threshold_l2,
        pinned=settings.threshold_l2 is not None,
        target_fpir=fpir,
        statistics=open_set_statistics(samples, table, network),
        table=table,
        cap_l2=network.threshold_l2,
        person_ids=person_ids,
        genuine_l2=found.own_l2[has_others],
        genuine_needed_l2=found.own_needed_l2[has_others],
        impostor_l2=found.other_l2 if has_impostors else np.zeros(0),
        impostor_needed_l2=found.other_needed_l2 if has_impostors else np.zeros(0),
        closest=_closest(samples, found) if has_impostors else None,
        reduction_l2=found.reduction_l2,
        limit_l2=found.limit_l2,
        fnir_is_measured=people_with_several >= ENOUGH_PEOPLE,
    )


def sentence(people: int, photos: int, point: OperatingPoint) -> str:
    """Return one sentence for the user about a threshold with this many people and photos.

    >>> sentence(42, 310, OperatingPoint(0.29, 0.01, 0.083))
    '42 people, 310 photos: about 1 stranger in 100 gets a name, 1 in 12 sightings of an enrolled person stays unnamed'
    """
    if not people:
        return "no people are enrolled, so every face stays unnamed"
    enrolled = f"{people} {'person' if people == 1 else 'people'}, {photos} {'photo' if photos == 1 else 'photos'}"
    strangers, named_of = odds(point.false_positive_identification_rate)
    missed, missed_of = odds(point.false_negative_identification_rate)
    named = f"about {strangers} stranger{'s'[: strangers > 1]} in {named_of} get{'s'[: strangers == 1]} a name"
    unnamed = f"{missed} in {missed_of} sightings of an enrolled person stay{'s'[: missed == 1]} unnamed"
    if not strangers:
        named = f"fewer than 1 stranger in {named_of} gets a name"
    if not missed:
        unnamed = f"fewer than 1 in {missed_of} sightings of an enrolled person stays unnamed"
    return f"{enrolled}: {named}, {unnamed}"


def odds(share: float) -> tuple[int, int]:
    """Return a share as (count, total) such as (1, 12) or (7, 10), suitably rounded; (0, 10000) for anything smaller."""
    if share > 0.4:
        return min(round(10 * share), 9), 10
    if share < 1e-4:
        return 0, 10_000
    whole = round(1 / share)
    return 1, whole if whole < 20 else int(float(f"{whole:.2g}"))


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a proportion; (0, 1) without tries.

    References:
        Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
    """
    if not tries:
        return 0.0, 1.0
    share, z2 = hits / tries, _Z95**2
    middle = (share + z2 / (2 * tries)) / (1 + z2 / tries)
    half = _Z95 / (1 + z2 / tries) * float(np.sqrt(share * (1 - share) / tries + z2 / (4 * tries**2)))
    return max(0.0, middle - half), min(1.0, middle + half)


def _closest(samples: Sequence[Sample], found: LeaveOneOut) -> ClosestPair:
    """Return the closest two people; of equally near ones those with the higher threshold."""
    row = int(np.lexsort((found.other_needed_l2, found.other_l2))[0])
    needed_l2 = float(found.other_needed_l2[row])
    one, other = samples[row], samples[int(found.other_photo[row])]
    a, b = sorted((one, other), key=lambda sample: sample.sample_id)
    return ClosestPair(
        (a.name, b.name),
        (a.sample_id, b.sample_id),
        float(found.other_l2[row]),
        needed_l2 if isfinite(needed_l2) else None,
        other.name if found.other_l2[row] < found.other_photo_l2[row] else None,
    )
