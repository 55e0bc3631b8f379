"""Open-set matching: nearest samples, threshold and margin.

Decisions are pure functions; `decision_rule` reads the manifest and the packaged distance table of the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facecam.errors import SettingsError
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.open_set import DistanceTable, load_distance_table, open_set_statistics, person_means, session_limits_l2
from facecam.settings import IdentifySettings
from facecam.types import Candidate, Decision, DecisionStatus, Floats, Sample

_TIE_DECIMALS = 6
"""Distances are rounded, because a tie must not depend on the order in which BLAS adds."""

_SMALLEST_L2 = 1e-6

Match = tuple[Candidate | None, Candidate | None]
"""The nearest and the next other person."""


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """Acceptance rule for a nearest-neighbor match. Distances are plain L2 between unit vectors (0 to 2)."""

    threshold_l2: float
    margin_l2: float
    unsure_band_l2: float

    def __post_init__(self) -> None:
        if not 0 < self.threshold_l2 <= 2:
            raise SettingsError(
                "threshold_l2 is {threshold_l2}; choose a distance above 0 and at most 2", threshold_l2=self.threshold_l2
            )
        if not (0 <= self.margin_l2 <= 2 and 0 <= self.unsure_band_l2 <= 2):
            raise SettingsError(
                "margin_l2 is {margin_l2} and unsure_band_l2 {unsure_band_l2}; choose distances from 0 to 2",
                margin_l2=self.margin_l2,
                unsure_band_l2=self.unsure_band_l2,
            )
        # Distances are measured and logged in steps of 1e-6; a threshold between two steps would differ from the logged one.
        object.__setattr__(self, "threshold_l2", max(round(self.threshold_l2, _TIE_DECIMALS), _SMALLEST_L2))

    def own_threshold_l2(self, candidate: Candidate) -> float:
        """Return the match threshold of a person."""
        return candidate.own_threshold_l2(self.threshold_l2)


def skipped_decision(reason: str) -> Decision:
    """Return the decision for a face that was not compared. `reason` is its code."""
    return Decision(DecisionStatus.SKIPPED, reason)


def decide(match: Match, rule: DecisionRule) -> Decision:
    """Decide whether the nearest person is accepted, with a reason code.

    The margin is measured to the nearest *other* person, so that two photos of one person do not compete. Faces that a user
    marked as not being this person count as another person without a name.
    """
    nearest, second = match
    if nearest is None:
        return Decision(DecisionStatus.UNKNOWN, "gallery_empty")
    threshold_l2 = rule.own_threshold_l2(nearest)
    if nearest.distance_l2 > threshold_l2 + rule.unsure_band_l2:
        return Decision(DecisionStatus.UNKNOWN, "too_far", nearest=nearest, second=second)
    if nearest.distance_l2 > threshold_l2:
        return Decision(DecisionStatus.UNSURE, "near_threshold", nearest=nearest, second=second)
    if nearest.rejected_l2 is not None and nearest.rejected_l2 - nearest.distance_l2 < rule.margin_l2:
        return Decision(DecisionStatus.UNSURE, "corrected", nearest=nearest, second=second)
    if second is not None and second.distance_l2 - nearest.distance_l2 < rule.margin_l2:
        return Decision(DecisionStatus.UNSURE, "margin", nearest=nearest, second=second)
    return Decision(DecisionStatus.KNOWN, "match", name=nearest.name, nearest=nearest, second=second)


def decide_frame(matches: Sequence[Match], rule: DecisionRule) -> list[Decision]:
    """Decide all faces of one frame; of several faces with the same name only the nearest keeps it.

    This minimizes the total distance if each face's nearest person is fixed. In a tie no face keeps the name, so that the order
    of the faces does not matter.
    """
    decisions = [decide(match, rule) for match in matches]
    losers = losing_claims(
        (decision.nearest.person_id, decision.nearest.distance_l2, number)
        for number, decision in enumerate(decisions)
        if decision.status is DecisionStatus.KNOWN and decision.nearest is not None
    )
    return [
        Decision(DecisionStatus.UNSURE, "name_taken", nearest=decision.nearest, second=decision.second)
        if number in losers
        else decision
        for number, decision in enumerate(decisions)
    ]


def losing_claims(claims: Iterable[tuple[str, float, int]]) -> set[int]:
    """Return the numbers of the claims (name, cost, number) that lose their name: all but the cheapest one, in a tie all."""
    by_name: dict[str, list[tuple[float, int]]] = {}
    for name, cost, number in claims:
        by_name.setdefault(name, []).append((cost, number))
    losers: set[int] = set()
    for claimants in by_name.values():
        winners = [number for cost, number in claimants if cost == min(claimants)[0]]
        losers |= {number for _, number in claimants if winners != [number]}
    return losers


_DOT_ERROR = 1e-5
"""Upper bound of the error of a float32 dot product of two unit vectors: 167 roundings of 2 ** -24; more average out."""


class Index:
    """Exact nearest-neighbor index over the people of a gallery. Ties go to the smaller sample_id.

    A person's distance is that to the nearest sample or to the mean of the samples, scaled to length 1, whichever is nearer. All
    are compared by one float32 matrix product each. Its rounding can put two equal vectors 5e-4 apart, since 2 - 2 dot cancels,
    so the few people who could be the nearest are measured again in float64.

    Args:
        samples: The gallery's samples.
        rejected: Faces that a user marked as not being the person.
        table: Distances of the network, whose cohort lowers the threshold of people who resemble many; None for no one.
        session_l2: The network's, which limits the threshold of people whose samples are much alike; None for no one.
    """

    def __init__(
        self,
        samples: Iterable[Sample],
        rejected: Iterable[Sample] = (),
        table: DistanceTable | None = None,
        session_l2: float | None = None,
    ) -> None:
        self._samples = sorted(samples, key=lambda sample: (sample.person_id, sample.sample_id))
        self.matrix = np.array([sample.embedding for sample in self._samples], np.float32)
        """(samples, d) float32, one row per sample, a person's rows together."""
        self._rejected: dict[str, list[Floats]] = {}
        for face in rejected:
            self._rejected.setdefault(face.person_id, []).append(face.embedding)
        people = np.array([sample.person_id for sample in self._samples])
        self._starts = np.flatnonzero(np.r_[True, people[1:] != people[:-1]]) if self._samples else np.array([], np.intp)
        self._means = person_means(self.matrix, self._starts)
        reductions = np.zeros(len(self._means)) if table is None else table.threshold_reduction_l2(self._means)
        self._reductions_l2 = np.round(reductions, _TIE_DECIMALS)
        self._limits_l2: list[float | None] = [None] * len(self._means)
        if session_l2 is not None:
            limits = session_limits_l2(self.matrix, self._starts, session_l2)
            self._limits_l2 = [None if np.isnan(limit) else round(float(limit), _TIE_DECIMALS) for limit in limits]

    def __len__(self) -> int:
        return len(self._samples)

    def nearest(self, embedding: Floats) -> Match:
        """Return the nearest and the next other person for an embedding (d,); None where there is none."""
        return self.nearest_batch(embedding[np.newaxis])[0]

    def nearest_batch(self, embeddings: Floats) -> list[Match]:
        """Return the match of each row of (n, d)."""
        if not self._samples:
            return [(None, None)] * len(embeddings)
        if embeddings.ndim != 2 or embeddings.shape[1] != self.matrix.shape[1]:
            raise ValueError(f"embeddings are {embeddings.shape}, expected (faces, {self.matrix.shape[1]})")
        faces = embeddings.astype(np.float32, copy=False)
        dots, mean_dots = faces @ self.matrix.T, faces @ self._means.T
        return [self._two_nearest(*rows) for rows in zip(embeddings, dots, mean_dots, strict=True)]

    def _two_nearest(self, embedding: Floats, dots: Floats, mean_dots: Floats) -> Match:
        """Return the match, given the cosines to every sample, `dots` (samples,), and to every mean, `mean_dots` (people,)."""
        nearest_samples = np.maximum.reduceat(dots, self._starts)
        by_person = np.maximum(nearest_samples, mean_dots)
        limit = np.partition(by_person, -2)[-2] if len(by_person) > 1 else by_person[0]
        people = np.flatnonzero(by_person >= limit - 2 * _DOT_ERROR)
        rivals = sorted(
            (self._measure(int(person), embedding, dots, nearest_samples[person]) for person in people),
            key=lambda candidate: (candidate.distance_l2, candidate.sample_id),
        )
        nearest, second = (*rivals, None, None)[:2]
        if nearest is not None and nearest.person_id in self._rejected:
            faces = np.array(self._rejected[nearest.person_id])
            nearest = replace(nearest, rejected_l2=float(_distances(faces, embedding).min()))
        return nearest, second

    def _measure(self, person: int, embedding: Floats, dots: Floats, nearest_dot: np.float32) -> Candidate:
        """Measure the distance to a person, whose nearest sample has the cosine `nearest_dot`."""
        start = self._starts[person]
        end = self._starts[person + 1] if person + 1 < len(self._starts) else len(dots)
        rows = start + np.flatnonzero(dots[start:end] >= nearest_dot - 2 * _DOT_ERROR)
        distances = _distances(self.matrix[rows], embedding)
        sample_l2, sample_id, row = min(
            (float(distance), self._samples[row].sample_id, int(row)) for distance, row in zip(distances, rows, strict=True)
        )
        mean_l2 = float(_distances(self._means[person : person + 1], embedding)[0]) if end - start > 1 else sample_l2
        sample = self._samples[row]
        return Candidate(
            sample.name,
            sample.person_id,
            sample_id,
            min(sample_l2, mean_l2),
            sample_l2=sample_l2 if mean_l2 < sample_l2 else None,
            threshold_reduction_l2=float(self._reductions_l2[person]),
            threshold_limit_l2=self._limits_l2[person],
        )


def _distances(matrix: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Return the plain L2 distance of each row of (n, d), in float64."""
    difference = matrix.astype(np.float64) - embedding
    rounded: NDArray[np.float64] = np.round(np.sqrt(np.einsum("ij,ij->i", difference, difference)), _TIE_DECIMALS)
    return rounded


def gallery_index(settings: IdentifySettings, samples: Sequence[Sample], rejected: Sequence[Sample] = ()) -> Index:
    """Return the index of a gallery of these samples. A pinned threshold is that of every person.

    Raises ModelError for an unknown network.
    """
    if settings.threshold_l2 is not None:
        return Index(samples, rejected)
    return Index(samples, rejected, load_distance_table(settings.network), embedding_network(settings.network).session_l2)


def decision_rule(settings: IdentifySettings, samples: Sequence[Sample]) -> DecisionRule:
    """Return the rule for a gallery of these samples.

    Pinned values come first. Otherwise the threshold is the one for the settings' false positive identification rate: it falls
    as the gallery grows and is never above the network's own. Margin and band are the network's own, from
    registry. Raises ModelError for an unknown network.
    """
    network = embedding_network(settings.network)
    threshold_l2 = settings.threshold_l2
    if threshold_l2 is None:
        table, fpir = load_distance_table(settings.network), settings.false_positive_identification_rate
        threshold_l2 = open_set_statistics(samples, table, network).threshold_l2(fpir, table, network.threshold_l2)
    margin_l2 = network.margin_l2 if settings.margin_l2 is None else settings.margin_l2
    band_l2 = network.unsure_band_l2 if settings.unsure_band_l2 is None else settings.unsure_band_l2
    return DecisionRule(threshold_l2, margin_l2, band_l2)
