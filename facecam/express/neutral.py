"""A person's own resting face, learned while they are seen for a minute, so that it is read as neutral. Pure."""

from __future__ import annotations

import numpy as np

from facecam.express.calibration import RESTING, softmax
from facecam.types import Floats

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
