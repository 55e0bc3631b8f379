"""A gallery's calibration, asked for thresholds that are not in force: what a slider shows while it moves. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from facecam.identify.calibrate import Calibration, Promise
from facecam.identify.distances import DistanceTable, packaged
from facecam.identify.gallery import Gallery
from facecam.identify.rule import own_threshold_l2


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """Answers as `calibrate` would with another threshold or rate, at once: nothing is measured again.

    `photos` counts the people by how many photos they have in use; `people` (photos,) says whose each impostor distance is.
    """

    found: Calibration
    table: DistanceTable
    cap_l2: float
    photos: Counter[int]
    people: tuple[str, ...]

    @classmethod
    def of(cls, gallery: Gallery, found: Calibration, network: str) -> WhatIf:
        """For this gallery's calibration with this network. ModelError when the network or its table is missing."""
        people = tuple(sample.person_id for sample in gallery.samples)
        return cls(found, packaged(network), own_threshold_l2(network), Counter(Counter(people).values()), people)

    def at(self, threshold_l2: float) -> Promise:
        """What this threshold means."""
        return Promise(threshold_l2, self.found.crowd.stranger_share(threshold_l2, self.table), self._miss_share(threshold_l2))

    def for_rate(self, stranger_rate: float) -> Promise:
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
