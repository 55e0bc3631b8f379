"""What decided a score: a grey square covers one part of a picture after the other, and the score is taken anew.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2. It asks for nothing but scores, of
whatever network; docs/explain.md compares it with gradients (Grad-CAM).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from facecam.explain.heat import GREY, spread
from facecam.types import Floats, Picture

Score = Callable[[Sequence[Picture]], Floats]
"""Scores (n,) of n pictures; the higher, the more of what is to be explained."""


def occlusion(rgb: Picture, score: Score, square_px: int, step_px: int) -> Floats:
    """(n, n) float32, 0 to 1: hot is what, covered, lowers the score of `rgb` (n, n, 3) uint8; what raises it is 0.

    `step_px` divides n: a square stands in the middle of each step, (n / step_px) ** 2 of them.
    """
    side = len(rgb)
    middles = range(step_px // 2, side, step_px)
    covered = [_covered(rgb, x, y, square_px // 2) for y, x in itertools.product(middles, repeat=2)]
    scores = score([rgb, *covered])
    return spread((scores[0] - scores[1:]).reshape(len(middles), -1), side)


def _covered(rgb: Picture, x: int, y: int, half_px: int) -> Picture:
    covered = rgb.copy()
    covered[max(0, y - half_px) : y + half_px, max(0, x - half_px) : x + half_px] = GREY
    return covered
