"""The expressions of one source's faces from frame to frame: read now and then, each from its own rest, and smoothed. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from facecam.express.neutral import OwnNeutral
from facecam.settings import ExpressSettings
from facecam.types import Expression, Face, Floats, Kind, Vote

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
        self, faces: Sequence[Face], votes: Sequence[Vote], t_ms: float, read: Read, alive: Collection[int]
    ) -> list[Expression]:
        """The expression of each face, in their order. `alive` are the tracks that may come back: of others all is forgotten."""
        self._tracks = {track_id: shown for track_id, shown in self._tracks.items() if track_id in alive}
        tracks = [self._tracks.setdefault(vote.track_id, _Shown()) for vote in votes]
        due = [number for number, shown in enumerate(tracks) if not 0 <= t_ms - shown.read_ms < self._every_ms]
        for number, expression in zip(due, read([faces[number] for number in due]), strict=True):
            self._take(tracks[number], votes[number], np.array(expression.probabilities, np.float32), t_ms)
        return [_expression(shown.probabilities) for shown in tracks]

    def _take(self, shown: _Shown, vote: Vote, fresh: Floats, t_ms: float) -> None:
        if self._settings.own_neutral:
            self._know(shown, vote)
            shown.neutral.learn(fresh, t_ms)
            fresh = shown.neutral.apply(fresh)
        shown.probabilities = smoothed(shown.probabilities, fresh, t_ms - shown.read_ms, self._settings.smooth_ms)
        shown.read_ms = t_ms

    def _know(self, shown: _Shown, vote: Vote) -> None:
        """The neutral of whoever the track is now; a track that is nobody's for a moment keeps the last one's."""
        decision = vote.decision
        person_id = decision.nearest.person_id if decision.kind is Kind.KNOWN and decision.nearest else None
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
