"""Open-set matching: nearest samples, threshold and margin.

Decisions are pure functions; `decision_rule` reads the manifest and the packaged distance table of the network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.errors import ModelError, SettingsError
from facecam.networks.manifest import entry
from facecam.recognition.open_set import load_distance_table, open_set_statistics
from facecam.settings import IdentifySettings, Settings
from facecam.types import Candidate, Decision, DecisionStatus, Floats, Sample

Match = tuple[Candidate | None, Candidate | None]
"""Nearest sample of the nearest person, and nearest sample of the next other person."""


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """Acceptance rule for a nearest-neighbor match. Distances are plain L2 between unit vectors (0 to 2)."""

    threshold_l2: float
    margin_l2: float
    unsure_band_l2: float

    def __post_init__(self) -> None:
        if not 0 < self.threshold_l2 <= 2:
            raise SettingsError(f"threshold_l2 is {self.threshold_l2}, a distance between unit vectors lies in (0, 2]")
        if not (0 <= self.margin_l2 <= 2 and 0 <= self.unsure_band_l2 <= 2):
            raise SettingsError(f"margin_l2 is {self.margin_l2} and unsure_band_l2 {self.unsure_band_l2}, both lie in [0, 2]")
        # Distances are measured and logged in steps of 1e-6; a threshold between two steps would differ from the logged one.
        object.__setattr__(self, "threshold_l2", max(round(self.threshold_l2, 6), 1e-6))


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
    if nearest.distance_l2 > rule.threshold_l2 + rule.unsure_band_l2:
        return Decision(DecisionStatus.UNKNOWN, "too_far", nearest=nearest, second=second)
    if nearest.distance_l2 > rule.threshold_l2:
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


_TIE_DECIMALS = 6
"""Distances are rounded, because a tie must not depend on the order in which BLAS adds."""

_DOT_ERROR = 1e-5
"""Upper bound of the error of a float32 dot product of two unit vectors: 128 roundings of 2 ** -24."""


class Index:
    """Exact nearest-neighbor index over the samples of a gallery. Ties go to the smaller sample_id.

    All samples are compared by one float32 matrix product. Its rounding can put two equal vectors 5e-4 apart, since 2 - 2 dot
    cancels, so the few samples that could be the nearest are measured again in float64.
    """

    def __init__(self, samples: Iterable[Sample], rejected: Iterable[Sample] = ()) -> None:
        self._samples = sorted(samples, key=lambda sample: (sample.person_id, sample.sample_id))
        self.matrix = np.array([sample.embedding for sample in self._samples], np.float32).reshape(-1, EMBEDDING_SIZE)
        """(samples, 128) float32, one row per sample, a person's rows together."""
        self._rejected: dict[str, list[Floats]] = {}
        for face in rejected:
            self._rejected.setdefault(face.person_id, []).append(face.embedding)
        people = np.array([sample.person_id for sample in self._samples])
        self._starts = np.flatnonzero(np.r_[True, people[1:] != people[:-1]]) if self._samples else np.array([], np.intp)

    def __len__(self) -> int:
        return len(self._samples)

    def nearest(self, embedding: Floats) -> Match:
        """Return the nearest and the next other person for an embedding (128,); None where there is none."""
        return self.nearest_batch(embedding[np.newaxis])[0]

    def nearest_batch(self, embeddings: Floats) -> list[Match]:
        """Return the match of each row of (n, 128), with one matrix product."""
        if embeddings.ndim != 2 or embeddings.shape[1] != EMBEDDING_SIZE:
            raise ValueError(f"embeddings are {embeddings.shape}, expected (faces, {EMBEDDING_SIZE})")
        if not self._samples:
            return [(None, None)] * len(embeddings)
        dots = embeddings.astype(np.float32, copy=False) @ self.matrix.T
        return [self._two_nearest(embedding, row) for embedding, row in zip(embeddings, dots, strict=True)]

    def _two_nearest(self, embedding: Floats, dots: Floats) -> Match:
        """Return the match, given the cosines to every sample, `dots` (samples,)."""
        by_person = np.maximum.reduceat(dots, self._starts)
        limit = np.partition(by_person, -2)[-2] if len(by_person) > 1 else by_person[0]
        people = np.flatnonzero(by_person >= limit - 2 * _DOT_ERROR)
        rivals = sorted(self._best_of(int(person), embedding, dots, by_person[person]) for person in people)
        first, second = (*rivals, None, None)[:2]
        nearest = _candidate(first, self._samples)
        if nearest is not None and nearest.person_id in self._rejected:
            faces = np.array(self._rejected[nearest.person_id])
            nearest = replace(nearest, rejected_l2=float(_distances(faces, embedding).min()))
        return nearest, _candidate(second, self._samples)

    def _best_of(self, person: int, embedding: Floats, dots: Floats, best: np.float32) -> tuple[float, str, int]:
        """Return the nearest sample of a person as (distance, sample_id, row)."""
        start = self._starts[person]
        end = self._starts[person + 1] if person + 1 < len(self._starts) else len(dots)
        rows = start + np.flatnonzero(dots[start:end] >= best - 2 * _DOT_ERROR)
        distances = _distances(self.matrix[rows], embedding)
        return min(
            (float(distance), self._samples[row].sample_id, int(row)) for distance, row in zip(distances, rows, strict=True)
        )


def _distances(matrix: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Return the plain L2 distance of each row of (n, 128), in float64."""
    difference = matrix.astype(np.float64) - embedding
    rounded: NDArray[np.float64] = np.round(np.sqrt(np.einsum("ij,ij->i", difference, difference)), _TIE_DECIMALS)
    return rounded


def _candidate(found: tuple[float, str, int] | None, samples: list[Sample]) -> Candidate | None:
    if found is None:
        return None
    distance, _, row = found
    sample = samples[row]
    return Candidate(sample.name, sample.person_id, sample.sample_id, distance)


def decision_rule(settings: IdentifySettings, samples: Sequence[Sample]) -> DecisionRule:
    """Return the rule for a gallery of these samples.

    Pinned values come first. Otherwise the threshold is the one for the settings' false positive identification rate: it falls
    as the gallery grows and is never above the network's own. Margin and band are the network's own, from
    models/MANIFEST.toml. Raises ModelError for an unknown network.
    """
    network = entry(settings.network)
    threshold_l2 = settings.threshold_l2
    if threshold_l2 is None:
        table, fpir = load_distance_table(settings.network), settings.false_positive_identification_rate
        threshold_l2 = open_set_statistics(samples, table).threshold_l2(fpir, table, network_threshold_l2(settings.network))
    margin_l2 = network.margin_l2 if settings.margin_l2 is None else settings.margin_l2
    band_l2 = network.unsure_band_l2 if settings.unsure_band_l2 is None else settings.unsure_band_l2
    assert margin_l2 is not None and band_l2 is not None
    return DecisionRule(threshold_l2, margin_l2, band_l2)


def network_threshold_l2(network: str) -> float:
    """Return the network's own threshold from models/MANIFEST.toml, independent of gallery and settings."""
    threshold_l2 = entry(network).threshold_l2
    if threshold_l2 is None:
        raise ModelError(f"{network} is not an embedding network; run `facecam models list` to see those that are")
    return threshold_l2


def without_decision_rule(settings: Settings) -> Settings:
    """Return the settings with the decision rule at its defaults: changes of it do not require reopening networks."""
    default = IdentifySettings()
    identify = dataclasses.replace(
        settings.identify,
        false_positive_identification_rate=default.false_positive_identification_rate,
        threshold_l2=None,
        margin_l2=None,
        unsure_band_l2=None,
    )
    return dataclasses.replace(settings, identify=identify)
