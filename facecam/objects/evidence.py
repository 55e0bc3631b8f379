"""Whether what was seen over the last second is enough for a name. Pure: time comes with what is seen.

A network that knows a thousand names gives one to a bare wall, too. What tells a thing from none: its name stays the same from
frame to frame, so that the mean of the probabilities keeps its peak. The constants were chosen on one half of the material and
measured on another (docs/objects.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from facecam.types import Floats

HALF_LIFE_MS = 300.0


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """When the averaged probabilities are enough for a label.

    The likeliest name has `min_probability`, or the likeliest three have `three` times that together: breeds of dogs share what a
    thing alone has. What brings colors with it that were not in the picture needs `min_new` only, from `new_share` of it on.
    `doubt` further frames count as if they had shown nothing, so that few frames must be surer. `min_ms` lie between the first
    and the last. A label that stands stays while it has `keeps` times of what it took. With `news_only` what the network made of
    the place before is taken off. Where there are few names, three of them say nothing: `three` is None.
    """

    min_probability: float = 0.5
    min_new: float = 0.14
    new_share: float = 0.02
    three: float | None = 1.4
    doubt: float = 1.0
    keeps: float = 0.7
    min_ms: float = 50.0
    news_only: bool = True

    def enough(self, likely: Floats, *, stands: bool, new_share: float = 0.0) -> bool:
        """Whether probabilities (n,) are enough for a label, or for one that `stands` already."""
        new = min(1.0, new_share / self.new_share)
        least = (self.min_probability + new * (self.min_new - self.min_probability)) * (self.keeps if stands else 1.0)
        if float(likely.max()) >= least:
            return True
        return self.three is not None and float(np.partition(likely, -3)[-3:].sum()) >= least * self.three


class Evidence:
    """The probabilities of one thing's frames, averaged with weights that halve with every `HALF_LIFE_MS` of age.

    `mean` (n,) float32 is the average, empty before the first frame. `lasts` says whether there is more than a moment of it,
    `stands` whether it is enough for a label.
    """

    def __init__(self, rule: EvidenceRule) -> None:
        self._rule = rule
        self.forget()

    def forget(self) -> None:
        """Begin anew: what comes next is another thing."""
        self.mean: Floats = np.empty(0, np.float32)
        self.lasts = self.stands = False
        self._weight = self._since_ms = self._last_ms = self._new_share = 0.0

    def add(self, likely: Floats, t_ms: float, new_share: float = 0.0) -> None:
        """Take a frame's probabilities (n,) into the average, and how much of what it shows has new colors.

        Another number of names than before, and it begins anew: something was taught.
        """
        if self.mean.size != likely.size:
            self.forget()
            self.mean, self._since_ms = np.zeros_like(likely), t_ms
        else:
            self._weight *= math.exp2((self._last_ms - t_ms) / HALF_LIFE_MS)
        # By the sum of all weights, so that the first frames count as much as those that come later.
        self._weight += 1
        self.mean += (likely - self.mean) / np.float32(self._weight)
        self._new_share += (new_share - self._new_share) / self._weight
        self._last_ms = t_ms
        self.lasts = t_ms - self._since_ms >= self._rule.min_ms
        self.stands = self.lasts and self._rule.enough(self._doubted(), stands=self.stands, new_share=self._new_share)

    def _doubted(self) -> Floats:
        return self.mean * np.float32(self._weight / (self._weight + self._rule.doubt))
