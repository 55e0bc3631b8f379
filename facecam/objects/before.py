"""What was to be seen before anything new came: names that the network gave already, and colours that were there, are no news.

The chest of whoever sits before the camera is a bulletproof vest to a network that has no name for a person, and remains one
while an arm moves before it. What it said of the place is taken off what it says now.
"""

from __future__ import annotations

import numpy as np

from facecam.objects.classifier import Classifier
from facecam.objects.colours import Colours
from facecam.objects.locate import overlap, pixels
from facecam.types import Box, Floats, Picture

# A square that overlaps this much shows the same; so many of them are kept.
_SAME = 0.75
_KEPT = 4
# What comes into the picture is found a few frames later: a picture counts once nothing was found for so long after it.
_SETTLED_MS = 400.0


class Before:
    """The last picture of one source in which nothing was new."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.begin(None)

    def begin(self, bgr: Picture | None) -> None:
        """This first picture (height, width, 3) uint8 is what was before; with None, nothing is known of it."""
        self._bgr = bgr
        self._next: tuple[float, Picture] | None = None
        self._colours: Colours | None = None
        self._was: list[tuple[Box, Floats]] = []

    def keep(self, bgr: Picture, t_ms: float) -> None:
        """Nothing new is found in this picture (height, width, 3) uint8."""
        if self._next is not None and t_ms - self._next[0] < _SETTLED_MS:
            return
        if self._next is not None:
            self._bgr, self._colours, self._was = self._next[1], None, []
        self._next = t_ms, bgr

    def news(self, likely: Floats, square: Box) -> Floats:
        """Something new is found. `likely` (n,), the probabilities of a square's names now, less what they were."""
        self._next = None
        if self._bgr is None:
            return likely
        was = next((was for at, was in self._was if overlap(square, at) >= _SAME), None)
        if was is None:
            was = self._classifier.probabilities(self._bgr, square)
            self._was = [(square, was), *self._was][:_KEPT]
        news: Floats = np.maximum(likely - was, np.float32(0))
        return news

    def new_colours(self, bgr: Picture, square: Box) -> float:
        """How much of a square of `bgr` has colours that were nowhere in the picture, 0 to 1; 0 while nothing is known."""
        if self._bgr is None:
            return 0.0
        self._colours = self._colours or Colours(self._bgr)
        return self._colours.new_share(bgr[pixels(square, 1.0, bgr.shape)])
