"""Detector of presentation attacks on LiteRT: two networks look at a face with what surrounds it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from facecam.networks.litert import FixedBatchNetwork, open_network
from facecam.presentation.edges import is_enclosed
from facecam.presentation.minifasnet import INPUT_SIZE_PX, LIVE_CLASS
from facecam.types import Box, Floats, Image

VIEWS = (("minifasnet_v2", 2.7), ("minifasnet_v2", 4.5), ("minifasnet_v1se", 3.5), ("minifasnet_v1se", 4.0))
"""Networks, and how much larger than the detector's box the part of the image is that each of them sees.

The networks' authors use V2 at 2.7 and V1SE at 4.0. The edge of a tablet or a sheet of paper that shows more than a face is in
the other two. Chosen on persons A and B by benchmarks/presentation_attacks.py.
"""

NETWORKS = tuple(dict.fromkeys(name for name, _ in VIEWS))

# Chosen on persons A and B. A view in which nothing is wrong says less than one in which a photo's edge is visible.
_LOG_ODDS = -5.0, 2.5
# The least value with which people keep 99 % of their rows in strong noise, with the face at the image's edge and in bad light.
_PRIOR_LOG_ODDS = 0.3

# With straight edges on three sides, a doubtful face loses the most with which people in front of shelves and windows keep 99 %
# of their rows. No attack on A and B with an edge is above the limit.
_ENCLOSED_LOG_ODDS = -0.75
_DOUBTFUL_BELOW = 1.5

# One by one: a batch of four saves 6 % of the time, and each size has its own copy of the weights, 8 MB in both networks.
_BATCHES = (1,)


def surroundings(bgr: Image, box: Box, scale: float) -> Image:
    """Return (80, 80, 3) uint8: a box enlarged about its center, no larger than the image and moved inside it.

    This is the networks' own framing.

    Args:
        bgr: Image (height, width, 3) uint8.
        box: Box of a face, which may extend beyond the image.
        scale: Factor by which the box is enlarged.
    """
    (left, right), (top, bottom) = (_inside(*side) for side in _sides(bgr, box, scale))
    return _resized(bgr[top : bottom + 1, left : right + 1], INPUT_SIZE_PX, INPUT_SIZE_PX)


def centered_surroundings(bgr: Image, box: Box, scale: float) -> Image | None:
    """Return `surroundings` with the face in the middle and the image's edge repeated outside; None if nothing is outside.

    In `surroundings`, a face near the border is not in the middle, and a living one looks like an attack to the networks.
    """
    sides = _sides(bgr, box, scale)
    if not any(length > 0 and (center - length / 2 < -0.5 or center + length / 2 > size + 0.5) for center, length, size in sides):
        return None
    (left, right, first_x, last_x), (top, bottom, first_y, last_y) = (_visible(*side) for side in sides)
    part = _resized(bgr[top:bottom, left:right], last_x - first_x, last_y - first_y)
    margins = first_y, INPUT_SIZE_PX - last_y, first_x, INPUT_SIZE_PX - last_x
    return np.asarray(cv2.copyMakeBorder(part, *margins, cv2.BORDER_REPLICATE), np.uint8)


def _sides(bgr: Image, box: Box, scale: float) -> tuple[tuple[float, float, int], tuple[float, float, int]]:
    """Return center and length of the enlarged box and size of the image, across and down; one factor limits both lengths."""
    height, width = bgr.shape[:2]
    factor = min(scale, (width - 1) / box.w, (height - 1) / box.h)
    return (box.x + box.w / 2, box.w * factor, width), (box.y + box.h / 2, box.h * factor, height)


def _resized(bgr: Image, width: int, height: int) -> Image:
    """Return a resized image; the mean of pixels has less of a camera's noise than some of them have."""
    how = cv2.INTER_AREA if bgr.shape[1] > width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(bgr, (width, height), interpolation=how), np.uint8)


def _inside(center: float, length: float, size: int) -> tuple[int, int]:
    """Return the first and last pixel of an interval that was moved inside 0 to size - 1."""
    first, last = center - length / 2, center + length / 2
    if first < 0:
        first, last = 0.0, last - first
    if last > size - 1:
        first, last = first - (last - (size - 1)), float(size - 1)
    return max(int(first), 0), int(last)


def _visible(center: float, length: float, size: int) -> tuple[int, int, int, int]:
    """Return where the part of an interval that is inside 0 to size begins and ends: in the image, and in the network's input."""
    first = center - length / 2
    begin = min(max(round(first), 0), size - 1)
    end = max(min(round(first + length), size), begin + 1)
    begin_px = min(max(round((begin - first) / length * INPUT_SIZE_PX), 0), INPUT_SIZE_PX - 1)
    end_px = max(min(round((end - first) / length * INPUT_SIZE_PX), INPUT_SIZE_PX), begin_px + 1)
    return begin, end, begin_px, end_px


class PresentationDetector:
    """Classifier of faces that are shown to the camera on paper or a screen. It belongs to the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._networks = {name: FixedBatchNetwork(open_network(name, threads), _BATCHES) for name in NETWORKS}

    def live_scores(self, bgr: Image, boxes: Sequence[Box]) -> list[float]:
        """Return for each box the probability of a living face, 0 to 1.

        It is the mean of the limited log odds of all views, less if straight edges enclose a doubtful face.

        Args:
            bgr: Image (height, width, 3) uint8.
            boxes: Boxes of the detector, not enlarged.
        """
        if not boxes:
            return []
        log_odds = np.mean([self.log_odds(name, scale, bgr, boxes).clip(*_LOG_ODDS) for name, scale in VIEWS], axis=0)
        for number in np.flatnonzero(log_odds < _DOUBTFUL_BELOW).tolist():
            if is_enclosed(bgr, boxes[number]):
                log_odds[number] += _ENCLOSED_LOG_ODDS
        return [float(probability) for probability in 1 / (1 + np.exp(-log_odds - _PRIOR_LOG_ODDS))]

    def log_odds(self, name: str, scale: float, bgr: Image, boxes: Sequence[Box]) -> Floats:
        """Return (n,) log odds of a living face by one network; the second framing of a box counts where it says more for one."""
        odds = self._run(name, [surroundings(bgr, box, scale) for box in boxes])
        # The score limits the log odds, so a second framing can add nothing to a face that looks alive in the first.
        doubtful = [number for number in range(len(boxes)) if odds[number] < _LOG_ODDS[1]]
        framed = {number: crop for number in doubtful if (crop := centered_surroundings(bgr, boxes[number], scale)) is not None}
        if framed:
            numbers = list(framed)
            odds[numbers] = np.maximum(odds[numbers], self._run(name, list(framed.values())))
        return odds

    def _run(self, name: str, crops: Sequence[Image]) -> Floats:
        """Return the log odds of a living face in each crop."""
        logits = self._networks[name](np.stack(crops).astype(np.float32))
        attack = np.delete(logits, LIVE_CLASS, axis=1)
        return np.asarray(logits[:, LIVE_CLASS] - np.logaddexp(attack[:, 0], attack[:, 1]), np.float32)
