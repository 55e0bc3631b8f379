"""Which enrolled person a face is: nearest sample, threshold, margin. Pure: no files, no clock, no networks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.errors import ModelError, SettingsError
from facecam.networks.manifest import entry
from facecam.recognition.open_set import open_set_statistics, packaged
from facecam.settings import IdentifySettings, Settings
from facecam.types import Candidate, Decision, DecisionStatus, Floats, Sample

Match = tuple[Candidate | None, Candidate | None]
"""The nearest sample of the nearest person, and the nearest sample of the next other person."""


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """When a nearest person is good enough to be named. Distances are plain L2 between unit vectors, 0 to 2."""

    threshold_l2: float
    margin_l2: float
    unsure_band_l2: float

    def __post_init__(self) -> None:
        if not 0 < self.threshold_l2 <= 2:
            raise SettingsError(f"threshold_l2 is {self.threshold_l2}, a distance between unit vectors lies in (0, 2]")
        if not (0 <= self.margin_l2 <= 2 and 0 <= self.unsure_band_l2 <= 2):
            raise SettingsError(f"margin_l2 is {self.margin_l2} and unsure_band_l2 {self.unsure_band_l2}, both lie in [0, 2]")
        # Distances are measured and logged in steps of 1e-6: a threshold between two steps would be another one in the log.
        object.__setattr__(self, "threshold_l2", max(round(self.threshold_l2, 6), 1e-6))


def skipped(gate: str) -> Decision:
    """The decision about a face that a gate kept from being compared."""
    return Decision(DecisionStatus.SKIPPED, gate)


def decide(match: Match, rule: DecisionRule) -> Decision:
    """Name the nearest person, or say why not.

    The margin is taken to the nearest *other* person: two photos of the same one are no rivals. A face that somebody said is
    not this person is such another, only without a name.
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
    """Decide every face of one frame; of those that would share a name, only the nearest keeps it.

    With everybody else's nearest person fixed, giving a name to its nearest face has the lowest total distance. Ties go to
    neither, so that the order of the faces does not matter.
    """
    decisions = [decide(match, rule) for match in matches]
    claims: dict[str, list[tuple[float, int]]] = {}
    for number, decision in enumerate(decisions):
        if decision.status is DecisionStatus.KNOWN and decision.nearest is not None:
            claims.setdefault(decision.nearest.person_id, []).append((decision.nearest.distance_l2, number))
    for claimants in claims.values():
        best = min(claimants)[0]
        winners = [number for distance, number in claimants if distance == best]
        for distance, number in claimants:
            if distance > best or len(winners) > 1:
                lost = decisions[number]
                decisions[number] = Decision(DecisionStatus.UNSURE, "name_taken", nearest=lost.nearest, second=lost.second)
    return decisions


# MERGED identify.index: The nearest sample of the nearest person, and of the next other person. Exact: every sample is compared.

_TIE_DECIMALS = 6
"""Distances are rounded to this: BLAS adds in an order of its own, and a tie must not depend on it."""

_DOT_ERROR = 1e-5
"""More than a float32 dot product of two unit vectors of 128 numbers can be off: 128 roundings of 2 ** -24."""


class Index:
    """A gallery's samples, ready to be compared. Ties go to the smaller sample_id, whatever the order of the photos.

    All samples are compared by one float32 matrix product. Its rounding is enough to put two equal vectors 5e-4 apart, since
    2 - 2 dot cancels; the few samples that could be the nearest are therefore measured again in float64.
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
        """The nearest person and the next other one for an embedding (128,); None where there is nobody."""
        return self.nearest_batch(embedding[np.newaxis])[0]

    def nearest_batch(self, embeddings: Floats) -> list[Match]:
        """The same for each row of (B, 128), with one matrix product."""
        if embeddings.ndim != 2 or embeddings.shape[1] != EMBEDDING_SIZE:
            raise ValueError(f"embeddings are {embeddings.shape}, expected (faces, {EMBEDDING_SIZE})")
        if not self._samples:
            return [(None, None)] * len(embeddings)
        dots = embeddings.astype(np.float32, copy=False) @ self.matrix.T
        return [self._two_nearest(embedding, row) for embedding, row in zip(embeddings, dots, strict=True)]

    def _two_nearest(self, embedding: Floats, dots: Floats) -> Match:
        """`dots` (samples,): the cosines to every sample."""
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
        """The person's nearest sample as (distance, sample_id, row)."""
        start = self._starts[person]
        end = self._starts[person + 1] if person + 1 < len(self._starts) else len(dots)
        rows = start + np.flatnonzero(dots[start:end] >= best - 2 * _DOT_ERROR)
        distances = _distances(self.matrix[rows], embedding)
        return min(
            (float(distance), self._samples[row].sample_id, int(row)) for distance, row in zip(distances, rows, strict=True)
        )


def _distances(matrix: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Plain L2 from each row of (n, 128), in float64."""
    apart = matrix.astype(np.float64) - embedding
    rounded: NDArray[np.float64] = np.round(np.sqrt(np.einsum("ij,ij->i", apart, apart)), _TIE_DECIMALS)
    return rounded


def _candidate(found: tuple[float, str, int] | None, samples: list[Sample]) -> Candidate | None:
    if found is None:
        return None
    distance, _, row = found
    sample = samples[row]
    return Candidate(sample.name, sample.person_id, sample.sample_id, distance)


# MERGED identify.rule: The decision rule in force: what the settings pin, else what the network and the gallery give.


def decision_rule(settings: IdentifySettings, samples: Sequence[Sample]) -> DecisionRule:
    """The rule for a gallery of these samples. Distances are plain L2.

    The threshold is the pinned one, else the one at which `stranger_rate` of all strangers get a name: it falls as the gallery
    grows, and is never above the network's own. Margin and band are the pinned ones, else the network's own. The network's own
    stand in models/MANIFEST.toml; ModelError when there is no such network.
    """
    network = entry(settings.network)
    threshold_l2 = settings.threshold_l2
    if threshold_l2 is None:
        table = packaged(settings.network)
        threshold_l2 = open_set_statistics(samples, table).threshold_l2(
            settings.stranger_rate, table, own_threshold_l2(settings.network)
        )
    margin_l2 = network.margin_l2 if settings.margin_l2 is None else settings.margin_l2
    band_l2 = network.unsure_band_l2 if settings.unsure_band_l2 is None else settings.unsure_band_l2
    assert margin_l2 is not None and band_l2 is not None
    return DecisionRule(threshold_l2, margin_l2, band_l2)


def own_threshold_l2(network: str) -> float:
    """The network's own figure from models/MANIFEST.toml: the scale of its distances, whatever gallery and settings ask for."""
    threshold_l2 = entry(network).threshold_l2
    if threshold_l2 is None:
        raise ModelError(f"{network} is no embedding network: `facecam models list` names those that are")
    return threshold_l2


def without_rule(settings: Settings) -> Settings:
    """The settings but for what decides between distances, which no network needs to know."""
    own = IdentifySettings()
    unruled = dataclasses.replace(
        settings.identify, stranger_rate=own.stranger_rate, threshold_l2=None, margin_l2=None, unsure_band_l2=None
    )
    return dataclasses.replace(settings, identify=unruled)
