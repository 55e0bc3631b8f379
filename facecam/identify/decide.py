"""Which enrolled person a face is: nearest sample, threshold, margin. Pure: no files, no clock, no networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facecam.errors import SettingsError
from facecam.types import Candidate, Decision, Kind

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
    return Decision(Kind.SKIPPED, gate)


def decide(match: Match, rule: DecisionRule) -> Decision:
    """Name the nearest person, or say why not.

    The margin is taken to the nearest *other* person: two photos of the same one are no rivals. A face that somebody said is
    not this person is such another, only without a name.
    """
    nearest, second = match
    if nearest is None:
        return Decision(Kind.UNKNOWN, "gallery_empty")
    if nearest.distance_l2 > rule.threshold_l2 + rule.unsure_band_l2:
        return Decision(Kind.UNKNOWN, "too_far", nearest=nearest, second=second)
    if nearest.distance_l2 > rule.threshold_l2:
        return Decision(Kind.UNSURE, "near_threshold", nearest=nearest, second=second)
    if nearest.rejected_l2 is not None and nearest.rejected_l2 - nearest.distance_l2 < rule.margin_l2:
        return Decision(Kind.UNSURE, "corrected", nearest=nearest, second=second)
    if second is not None and second.distance_l2 - nearest.distance_l2 < rule.margin_l2:
        return Decision(Kind.UNSURE, "margin", nearest=nearest, second=second)
    return Decision(Kind.KNOWN, "match", name=nearest.name, nearest=nearest, second=second)


def decide_frame(matches: Sequence[Match], rule: DecisionRule) -> list[Decision]:
    """Decide every face of one frame; of those that would share a name, only the nearest keeps it.

    With everybody else's nearest person fixed, giving a name to its nearest face has the lowest total distance. Ties go to
    neither, so that the order of the faces does not matter.
    """
    decisions = [decide(match, rule) for match in matches]
    claims: dict[str, list[tuple[float, int]]] = {}
    for number, decision in enumerate(decisions):
        if decision.kind is Kind.KNOWN and decision.nearest is not None:
            claims.setdefault(decision.nearest.person_id, []).append((decision.nearest.distance_l2, number))
    for claimants in claims.values():
        best = min(claimants)[0]
        winners = [number for distance, number in claimants if distance == best]
        for distance, number in claimants:
            if distance > best or len(winners) > 1:
                lost = decisions[number]
                decisions[number] = Decision(Kind.UNSURE, "name_taken", nearest=lost.nearest, second=lost.second)
    return decisions
