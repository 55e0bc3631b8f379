"""Expressions of tracked faces: read at intervals, corrected by the person's own neutral face, and smoothed. Pure.

A track has the expression of its last readings as long as they are not older than LASTS_MS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from facecam.expression.reader import RESTING
from facecam.networks.litert import softmax
from facecam.settings import ExpressSettings
from facecam.types import Decision, DecisionStatus, Expression, Face, Floats, TrackDecision

LEARNED_AFTER_MS = 60_000.0
LASTS_MS = 1000.0
"""A reading is shown and logged for this time, or for two intervals if those are longer."""

_EVERY_MS = 200.0
# A longer gap between two readings does not count as time observed.
_LONGEST_GAP_MS = 1000.0
# No class changes by more than a factor of 7.4: smiling for the whole minute does not turn every smile to neutral.
_MAX_LOG_SHIFT = 2.0
_SMALLEST = 1e-4
# Differences between resting faces below this probability are chance; they would take a smile from a face that looks sad at rest.
_LEAST_AT_REST = 0.01


@dataclass(frozen=True, slots=True)
class TrackExpression:
    """Expression of a track, None without a recent reading. `is_read` is true if it was read on this frame."""

    expression: Expression | None
    is_read: bool


ReadExpressions = Callable[[list[Face]], list[Expression]]
"""Reads the calibrated expressions of some faces of the current frame."""


class NeutralBaseline:
    """Neutral face of one person: the median of each class over the first minute in which the face is visible.

    Anything shown for less than half of that minute changes nothing. Kept in memory only.
    """

    def __init__(self) -> None:
        self._logs: list[Floats] = []
        self._last_ms: float | None = None
        self._observed_ms = 0.0
        self._shift = np.zeros(len(RESTING), np.float32)

    @property
    def progress(self) -> float:
        """Fraction of the minute that is over, 0 to 1."""
        return min(self._observed_ms / LEARNED_AFTER_MS, 1.0)

    def learn(self, probabilities: Floats, t_ms: float) -> None:
        """Add a calibrated reading (7,), unless it is within 200 ms of the last one or the minute is over."""
        elapsed_ms = _EVERY_MS if self._last_ms is None else t_ms - self._last_ms
        if self.progress >= 1 or 0 <= elapsed_ms < _EVERY_MS:
            return
        self._last_ms = t_ms
        self._observed_ms += min(max(elapsed_ms, 0.0), _LONGEST_GAP_MS)
        self._logs.append(np.log(np.maximum(probabilities, _LEAST_AT_REST)))
        typical = np.log(np.maximum(RESTING, _LEAST_AT_REST))
        shift = np.clip(typical - np.median(self._logs, axis=0), -_MAX_LOG_SHIFT, _MAX_LOG_SHIFT)
        self._shift = shift.astype(np.float32) * np.float32(self.progress)
        if self.progress >= 1:
            self._logs.clear()

    def apply(self, probabilities: Floats) -> Floats:
        """Return (7,) corrected by the neutral face in proportion to the progress: softmax(log p + shift)."""
        return softmax(np.log(np.maximum(probabilities, _SMALLEST)) + self._shift)


@dataclass(slots=True, eq=False)
class _TrackState:
    read_ms: float = -math.inf
    probabilities: Floats | None = None
    neutral: NeutralBaseline = field(default_factory=NeutralBaseline)
    person_id: str | None = None


class TrackExpressions:
    """Expressions of one source's tracks. A face is read again after `every_ms`; until then its last expression is kept.

    With `own_neutral`, the baseline of a track passes to the person it turns out to be, and is kept while they are away.
    """

    def __init__(self, settings: ExpressSettings, every_ms: float) -> None:
        self._settings = settings
        self._every_ms = every_ms
        self._tracks: dict[int, _TrackState] = {}
        self._people: dict[str, NeutralBaseline] = {}

    def use_settings(self, settings: ExpressSettings, every_ms: float) -> None:
        """Continue all tracks with other settings."""
        self._settings, self._every_ms = settings, every_ms

    def update(
        self,
        faces: Sequence[Face | None],
        track_decisions: Sequence[TrackDecision],
        t_ms: float,
        read: ReadExpressions,
        alive: Collection[int],
    ) -> list[TrackExpression]:
        """Return the expression of each face, in order.

        Args:
            faces: Faces of a frame, None for one that failed a quality gate: it is not read.
            track_decisions: Their tracks.
            t_ms: Time of the frame.
            read: Called with the faces to read.
            alive: Tracks to remember; all others are forgotten.
        """
        self._tracks = {track_id: state for track_id, state in self._tracks.items() if track_id in alive}
        states = [self._tracks.setdefault(decided.track_id, _TrackState()) for decided in track_decisions]
        due = {
            number: face
            for number, (face, state) in enumerate(zip(faces, states, strict=True))
            if face is not None and not 0 <= t_ms - state.read_ms < self._every_ms
        }
        readings = read(list(due.values()))
        for number, expression in zip(due, readings, strict=True):
            self._add(states[number], track_decisions[number].decision, np.array(expression.probabilities, np.float32), t_ms)
        return [TrackExpression(self._expression(state, t_ms), number in due) for number, state in enumerate(states)]

    def _expression(self, state: _TrackState, t_ms: float) -> Expression | None:
        """Return the track's expression, None if its last reading is too old."""
        is_recent = 0 <= t_ms - state.read_ms <= max(LASTS_MS, 2 * self._every_ms)
        return Expression(tuple(map(float, state.probabilities))) if is_recent and state.probabilities is not None else None

    def _add(self, state: _TrackState, decision: Decision, fresh: Floats, t_ms: float) -> None:
        if self._settings.own_neutral:
            self._assign_person(state, decision)
            state.neutral.learn(fresh, t_ms)
            fresh = state.neutral.apply(fresh)
        state.probabilities = smoothed(state.probabilities, fresh, t_ms - state.read_ms, self._settings.smooth_ms)
        state.read_ms = t_ms

    def _assign_person(self, state: _TrackState, decision: Decision) -> None:
        """Use the baseline of the track's person; a track without a person for a moment keeps the last one's."""
        person_id = decision.nearest.person_id if decision.status is DecisionStatus.KNOWN and decision.nearest else None
        if person_id is not None and person_id != state.person_id:
            own = state.neutral
            if state.person_id is not None:
                own, state.probabilities = NeutralBaseline(), None
            state.neutral, state.person_id = self._people.setdefault(person_id, own), person_id


def smoothed(previous: Floats | None, fresh: Floats, elapsed_ms: float, smooth_ms: float) -> Floats:
    """Return (7,) exponentially smoothed probabilities with time constant `smooth_ms`; `fresh` after a jump back in time."""
    if previous is None or elapsed_ms < 0 or smooth_ms <= 0:
        return fresh
    return previous + (fresh - previous) * np.float32(-math.expm1(-elapsed_ms / smooth_ms))
