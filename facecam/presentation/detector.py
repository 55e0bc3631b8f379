"""Detector of presentation attacks on LiteRT: two networks look at a face with what surrounds it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from facecam.networks.litert import FixedBatchNetwork, open_network
from facecam.presentation.minifasnet import INPUT_SIZE_PX, LIVE_CLASS
from facecam.types import Box, Floats, Image

VIEWS = (("minifasnet_v2", 2.7), ("minifasnet_v1se", 4.0), ("minifasnet_v2", 3.5))
"""Networks, and how much larger than the detector's box the part of the image is that each of them sees.

The first two are those of the networks' authors. In the third, V2 sees the edge of a tablet or a sheet of paper that shows more
than a face: on persons A and B it separates such attacks from people better than the other two.
"""

NETWORKS = tuple(dict.fromkeys(name for name, _ in VIEWS))

# Chosen on persons A and B. A view in which nothing is wrong says less than one in which a photo's edge is visible.
_LOG_ODDS = -5.0, 2.5
# Moves 0.5 to the middle between the median scores of the least living person and of the best attack with an edge.
_PRIOR_LOG_ODDS = 0.75

_BATCHES = (1, 2, 4, 8)


def surroundings(bgr: Image, box: Box, scale: float) -> Image:
    """Return (80, 80, 3) uint8: a box enlarged about its center, no larger than the image and moved inside it.

    This is the networks' framing, to the pixel: both sides are limited by one factor, edges are truncated, and the last row and
    column belong to the crop.

    Args:
        bgr: Image (height, width, 3) uint8.
        box: Box of a face, which may extend beyond the image.
        scale: Factor by which the box is enlarged.
    """
    height, width = bgr.shape[:2]
    factor = min(scale, (width - 1) / box.w, (height - 1) / box.h)
    left, right = _inside(box.x + box.w / 2, box.w * factor, width)
    top, bottom = _inside(box.y + box.h / 2, box.h * factor, height)
    crop = bgr[top : bottom + 1, left : right + 1]
    return np.asarray(cv2.resize(crop, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


def _inside(center: float, length: float, size: int) -> tuple[int, int]:
    """Return the first and last pixel of an interval that was moved inside 0 to size - 1."""
    first, last = center - length / 2, center + length / 2
    if first < 0:
        first, last = 0.0, last - first
    if last > size - 1:
        first, last = first - (last - (size - 1)), float(size - 1)
    return max(int(first), 0), int(last)


class PresentationDetector:
    """Classifier of faces that are shown to the camera on paper or a screen. It belongs to the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._networks = {name: FixedBatchNetwork(open_network(name, threads), _BATCHES) for name in NETWORKS}

    def live_scores(self, bgr: Image, boxes: Sequence[Box]) -> list[float]:
        """Return for each box the probability of a living face, 0 to 1: the mean of the limited log odds of all views.

        Args:
            bgr: Image (height, width, 3) uint8.
            boxes: Boxes of the detector, not enlarged.
        """
        if not boxes:
            return []
        log_odds = np.mean([self.log_odds(name, scale, bgr, boxes).clip(*_LOG_ODDS) for name, scale in VIEWS], axis=0)
        return [float(probability) for probability in 1 / (1 + np.exp(-log_odds - _PRIOR_LOG_ODDS))]

    def log_odds(self, name: str, scale: float, bgr: Image, boxes: Sequence[Box]) -> Floats:
        """Return (n,) log odds of a living face, by one network that sees at least one box enlarged by `scale`."""
        crops = [surroundings(bgr, box, scale) for box in boxes]
        logits = self._networks[name](np.stack(crops).astype(np.float32))
        attack = np.delete(logits, LIVE_CLASS, axis=1)
        return np.asarray(logits[:, LIVE_CLASS] - np.logaddexp(attack[:, 0], attack[:, 1]), np.float32)
