"""What a track stands for: the weighted votes of its last sightings. Pure, and the same for live frames and a log's rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from facecam.types import Decision, Kind, Vote

STRANGER = ""
"""Whom a sighting votes for that is nobody enrolled."""

# The last sightings that vote. A name that is wrong for a moment is outvoted, a name that stays wrong is replaced once it has
# lost half of them: that is the greater evidence that a change of name needs.
_WINDOW = 45
_SETTLED_SIGHTINGS = 5


class Ballot:
    """The votes of one track. `standing` is what it stands for, None before enough sightings agree.

    `denied` are the person_ids of whom somebody said that this is not them.
    """

    def __init__(self) -> None:
        self.standing: Decision | None = None
        self.denied: set[str] = set()
        self._sightings: deque[tuple[Decision, float]] = deque(maxlen=_WINDOW)

    def __len__(self) -> int:
        return len(self._sightings)

    @property
    def settled(self) -> bool:
        """Whether the newest sighting says what the track stands for, and was not among its first."""
        if self.standing is None or len(self._sightings) < _SETTLED_SIGHTINGS:
            return False
        last = self._sightings[-1][0]
        return last.kind is self.standing.kind and last.name == self.standing.name

    def begin_anew(self) -> None:
        """Forget all votes: they were about other people than those who are enrolled now. Who was denied stays denied."""
        self._sightings.clear()
        self.standing = None

    def deny(self, person_id: str) -> None:
        """This is not them: no vote for them counts, until `allow`."""
        self.denied.add(person_id)
        self.begin_anew()

    def allow(self, person_id: str) -> None:
        """Take `deny` back."""
        self.denied.discard(person_id)
        self.begin_anew()

    def add(self, decision: Decision, weight: float) -> None:
        """Let a sighting vote; one that was skipped does not."""
        if decision.kind is not Kind.SKIPPED:
            self._sightings.append((self._allowed(decision), weight))

    def count(self, sighting: Decision, enter_after_sightings: int) -> tuple[Decision, float, float]:
        """The track's decision at this sighting, the votes for it, and all votes.

        A name, or nobody, needs enough sightings for it and more than half of all the weight; else it is unsure.
        """
        weights: dict[str, float] = {}
        counts: dict[str, int] = {}
        latest: dict[str, Decision] = {}
        total = 0.0
        for decision, weight in self._sightings:
            total += weight
            if decision.kind is Kind.UNSURE:
                continue
            who = decision.nearest.person_id if decision.kind is Kind.KNOWN and decision.nearest else STRANGER
            weights[who] = weights.get(who, 0.0) + weight
            counts[who] = counts.get(who, 0) + 1
            latest[who] = decision
        best = max(weights, key=lambda who: (weights[who], who), default=None)
        if best is not None and counts[best] >= enter_after_sightings and weights[best] * 2 > total:
            self.standing = replace(latest[best], reason="votes")
        elif best is not None and weights[best] * 2 <= total:
            self.standing = None
        decision = self.standing or _undecided(self._allowed(sighting))
        return decision, round(weights.get(best or STRANGER, 0.0), 3), round(total, 3)

    def _allowed(self, decision: Decision) -> Decision:
        if decision.kind is Kind.KNOWN and decision.nearest is not None and decision.nearest.person_id in self.denied:
            return Decision(Kind.UNSURE, "corrected", nearest=decision.nearest, second=decision.second)
        return decision


def _undecided(sighting: Decision) -> Decision:
    if sighting.kind is Kind.SKIPPED:
        return sighting
    reason = sighting.reason if sighting.kind is Kind.UNSURE else "few_sightings"
    return Decision(Kind.UNSURE, reason, nearest=sighting.nearest, second=sighting.second)


def single(decisions: Sequence[Decision]) -> list[Vote]:
    """Votes for the faces of a still picture, where a sighting stands for itself."""
    return [Vote(number, 0.0, decision, 1.0, 1.0) for number, decision in enumerate(decisions, start=1)]


def one_name_each(votes: Sequence[Vote]) -> list[Vote]:
    """Two faces in one frame never share a name: the track with the greater share of its votes keeps it, a tie gives none."""
    by_name: dict[str, list[Vote]] = {}
    for vote in votes:
        if vote.decision.name is not None:
            by_name.setdefault(vote.decision.name, []).append(vote)
    losers: set[int] = set()
    for claims in by_name.values():
        best = max(claim.votes_for for claim in claims)
        winners = [claim.track_id for claim in claims if claim.votes_for == best]
        losers |= {claim.track_id for claim in claims if winners != [claim.track_id]}
    return [withheld(vote, "name_taken") if vote.track_id in losers else vote for vote in votes]


def withheld(vote: Vote, reason: str) -> Vote:
    """The same vote, unsure for this reason."""
    return replace(vote, decision=Decision(Kind.UNSURE, reason, nearest=vote.decision.nearest, second=vote.decision.second))
