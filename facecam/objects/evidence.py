"""Temporal evidence for a label: probabilities averaged over about a second. Pure; time comes with the frames.

A network with a thousand classes names a bare wall, too. Only a real object keeps its class from frame to frame, so that the
mean of the probabilities keeps its peak. The constants were chosen on one half of the material and measured on the other
(docs/internals/objects.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from facecam.types import Floats

HALF_LIFE_MS = 300.0


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """Acceptance rule for averaged probabilities.

    The best class needs `min_probability`, or the best three together `top3_factor` times as much, since breeds of dogs share
    what another object has alone; None where there are too few classes for that. `min_probability_new` suffices for an object
    with a `new_share` of colors that were not in the image before. `prior_frames` empty frames are added to the mean, so that
    few frames must be surer, and at least `min_ms` lie between the first and the last. `hysteresis` lowers the requirement
    while a label is shown. `subtract_baseline` subtracts the network's output for the scene without the object.
    """

    min_probability: float = 0.5
    min_probability_new: float = 0.14
    new_share: float = 0.02
    top3_factor: float | None = 1.4
    prior_frames: float = 1.0
    hysteresis: float = 0.7
    min_ms: float = 50.0
    subtract_baseline: bool = True

    def accepts(self, probabilities: Floats, *, is_settled: bool, new_share: float = 0.0) -> bool:
        """Return whether probabilities (n,) suffice for a label, or for keeping one when `is_settled`."""
        new = min(1.0, new_share / self.new_share)
        required = self.min_probability + new * (self.min_probability_new - self.min_probability)
        required *= self.hysteresis if is_settled else 1.0
        if float(probabilities.max()) >= required:
            return True
        return self.top3_factor is not None and float(np.partition(probabilities, -3)[-3:].sum()) >= required * self.top3_factor


class Evidence:
    """Probabilities of one object's frames, averaged with weights that halve every HALF_LIFE_MS.

    Attributes:
        mean: The average (n,) float32, empty before the first frame.
        is_sustained: It covers at least the rule's `min_ms`.
        is_settled: It suffices for a label.
    """

    def __init__(self, rule: EvidenceRule) -> None:
        self._rule = rule
        self.reset()

    def reset(self) -> None:
        """Forget all frames; the next one shows another object."""
        self.mean: Floats = np.empty(0, np.float32)
        self.is_sustained = self.is_settled = False
        self._weight = self._since_ms = self._last_ms = self._new_share = 0.0

    def add(self, probabilities: Floats, t_ms: float, new_share: float = 0.0) -> None:
        """Add a frame's probabilities (n,) and its share of new colors.

        A different number of classes resets the evidence: an object was taught.
        """
        if self.mean.size != probabilities.size:
            self.reset()
            self.mean, self._since_ms = np.zeros_like(probabilities), t_ms
        else:
            self._weight *= math.exp2((self._last_ms - t_ms) / HALF_LIFE_MS)
        # Dividing by the sum of all weights makes the first frames count as much as later ones.
        self._weight += 1
        self.mean += (probabilities - self.mean) / np.float32(self._weight)
        self._new_share += (new_share - self._new_share) / self._weight
        self._last_ms = t_ms
        self.is_sustained = t_ms - self._since_ms >= self._rule.min_ms
        damped = self.mean * np.float32(self._weight / (self._weight + self._rule.prior_frames))
        self.is_settled = self.is_sustained and self._rule.accepts(damped, is_settled=self.is_settled, new_share=self._new_share)
