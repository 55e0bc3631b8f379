"""What the network made of a place before anything new was there: a name that it gave already is no news.

The chest of whoever sits before the camera is a bulletproof vest to a network that has no name for a person, and remains one
while an arm moves before it. What it said of the place is taken off what it says now.
"""

from __future__ import annotations

import numpy as np

from facecam.objects.locate import overlap
from facecam.objects.network import ObjectNamer
from facecam.types import Box, Floats, Picture

# A square that overlaps this much shows the same; so many of them are kept.
_SAME = 0.75
_KEPT = 4


class Before:
    """The last picture of one source in which nothing was new."""

    def __init__(self, namer: ObjectNamer) -> None:
        self._namer = namer
        self._bgr: Picture | None = None
        self.keep(None)

    def keep(self, bgr: Picture | None) -> None:
        """From now on `bgr` (height, width, 3) uint8 is what was before; None for nothing known."""
        self._bgr = bgr
        self._was: list[tuple[Box, Floats]] = []

    def news(self, likely: Floats, square: Box) -> Floats:
        """`likely` (n,), the probabilities of a square's names now, less what they were."""
        if self._bgr is None or not self._namer.rule.news_only:
            return likely
        was = next((was for at, was in self._was if was.size == likely.size and overlap(square, at) >= _SAME), None)
        if was is None:
            was = self._namer.probabilities(self._bgr, square)
            self._was = [(square, was), *self._was][:_KEPT]
        news: Floats = np.maximum(likely - was, np.float32(0))
        return news
