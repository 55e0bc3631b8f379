"""The expressions of one source's faces from frame to frame: read now and then, each from its own rest, and smoothed. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from facecam.expression.reader import RESTING, softmax
from facecam.settings import ExpressSettings
from facecam.types import DecisionStatus, Expression, Face, Floats, TrackDecision

# MERGED express.neutral: A person's own resting face, learned while they are seen for a minute, so that it is read as neutral. Pure.

LEARNED_AFTER_MS = 60_000.0
_EVERY_MS = 200.0
# Nobody was watched for longer than this between two readings.
_LONGEST_GAP_MS = 1000.0
# No class gains or loses more than a factor of 7.4: a smile kept up for the whole minute does not turn every smile to neutral.
_MOST = 2.0
_SMALLEST = 1e-4


class OwnNeutral:
    """What one face reads like at rest: the median of each class over the first minute in which it is seen.

    Whoever shows something for less than half of that minute changes nothing. Kept in memory only.
    """

    def __init__(self) -> None:
        self._logs: list[Floats] = []
        self._last_ms: float | None = None
        self._seen_ms = 0.0
        self._shift = np.zeros(len(RESTING), np.float32)

    @property
    def learned(self) -> float:
        """How much of the minute is over, 0 to 1."""
        return min(self._seen_ms / LEARNED_AFTER_MS, 1.0)

    def learn(self, probabilities: Floats, t_ms: float) -> None:
        """Take one reading (7,), calibrated; within a fifth of a second of another, or after the minute, it says nothing new."""
        elapsed_ms = _EVERY_MS if self._last_ms is None else t_ms - self._last_ms
        if self.learned >= 1 or 0 <= elapsed_ms < _EVERY_MS:
            return
        self._last_ms = t_ms
        self._seen_ms += min(max(elapsed_ms, 0.0), _LONGEST_GAP_MS)
        self._logs.append(np.log(np.maximum(probabilities, _SMALLEST)))
        resting = np.median(self._logs, axis=0)
        self._shift = np.clip(np.log(RESTING) - resting, -_MOST, _MOST).astype(np.float32) * np.float32(self.learned)
        if self.learned >= 1:
            self._logs.clear()

    def apply(self, probabilities: Floats) -> Floats:
        """(7,) with the resting face's share taken out, the more the more of the minute is over: softmax(log p + shift)."""
        return softmax(np.log(np.maximum(probabilities, _SMALLEST)) + self._shift)


Read = Callable[[list[Face]], list[Expression]]
"""Reads some faces of the frame now, calibrated."""


@dataclass(slots=True, eq=False)
class _Shown:
    read_ms: float = -math.inf
    probabilities: Floats | None = None
    neutral: OwnNeutral = field(default_factory=OwnNeutral)
    person_id: str | None = None


class TrackExpressions:
    """What the tracks of one source show. A face is read again after `every_ms`; between, its last expression stands.

    With `own_neutral`, what was learned of a track goes on with the person it turns out to be, also after they were away.
    """

    def __init__(self, settings: ExpressSettings, every_ms: float) -> None:
        self._settings = settings
        self._every_ms = every_ms
        self._tracks: dict[int, _Shown] = {}
        self._people: dict[str, OwnNeutral] = {}

    def update(
        self, faces: Sequence[Face], votes: Sequence[TrackDecision], t_ms: float, read: Read, alive: Collection[int]
    ) -> list[Expression]:
        """The expression of each face, in their order. `alive` are the tracks that may come back: of others all is forgotten."""
        self._tracks = {track_id: shown for track_id, shown in self._tracks.items() if track_id in alive}
        tracks = [self._tracks.setdefault(vote.track_id, _Shown()) for vote in votes]
        due = [number for number, shown in enumerate(tracks) if not 0 <= t_ms - shown.read_ms < self._every_ms]
        for number, expression in zip(due, read([faces[number] for number in due]), strict=True):
            self._take(tracks[number], votes[number], np.array(expression.probabilities, np.float32), t_ms)
        return [_expression(shown.probabilities) for shown in tracks]

    def _take(self, shown: _Shown, vote: TrackDecision, fresh: Floats, t_ms: float) -> None:
        if self._settings.own_neutral:
            self._know(shown, vote)
            shown.neutral.learn(fresh, t_ms)
            fresh = shown.neutral.apply(fresh)
        shown.probabilities = smoothed(shown.probabilities, fresh, t_ms - shown.read_ms, self._settings.smooth_ms)
        shown.read_ms = t_ms

    def _know(self, shown: _Shown, vote: TrackDecision) -> None:
        """The neutral of whoever the track is now; a track that is nobody's for a moment keeps the last one's."""
        decision = vote.decision
        person_id = decision.nearest.person_id if decision.status is DecisionStatus.KNOWN and decision.nearest else None
        if person_id is not None and person_id != shown.person_id:
            own = shown.neutral if shown.person_id is None else OwnNeutral()
            shown.neutral, shown.person_id = self._people.setdefault(person_id, own), person_id


def smoothed(before: Floats | None, fresh: Floats, elapsed_ms: float, smooth_ms: float) -> Floats:
    """(7,): the mean of all readings, each one's weight 1/e after `smooth_ms`; the fresh one alone after a jump back."""
    if before is None or elapsed_ms < 0 or smooth_ms <= 0:
        return fresh
    return before + (fresh - before) * np.float32(-math.expm1(-elapsed_ms / smooth_ms))


def _expression(probabilities: Floats | None) -> Expression:
    assert probabilities is not None
    return Expression(tuple(float(p) for p in probabilities))
