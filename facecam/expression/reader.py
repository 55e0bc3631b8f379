"""Faces -> expressions, on LiteRT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.embedding.embedder import similarity
from facecam.expression.network import INPUT_SIZE_PX
from facecam.networks.convert import open_network
from facecam.networks.litert import InFixedBatches
from facecam.types import Expression, Face, Floats, Image

# MERGED express.calibration: From the expression network's probabilities to those that come true: one bias per class and one temperature. Pure.

# Fitted by `python -m benchmarks.expressions` on the even-numbered pictures of FER+ validation that most voters agree on,
# 575 of them, by likelihood with a ridge of 0.001 on the biases; docs/expressions.md has the figures of the odd-numbered ones.
BIAS = np.array([-0.615, -0.176, -2.086, 0.610, -0.301, 0.400, 2.169], np.float32)
TEMPERATURE = 0.988
RESTING = np.array([0.0098, 0.0001, 0.0019, 0.0089, 0.0421, 0.0010, 0.9362], np.float32)
"""What a calibrated neutral face of those pictures reads like: the median of each class, scaled to the sum 1, none 0."""

_SMALLEST = np.float32(1e-9)


def calibrate(probabilities: Floats) -> Floats:
    """(n, 7) float32 that sum to 1, of the network's (n, 7): softmax(log p / TEMPERATURE + BIAS).

    Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017: between their temperature and vector
    scaling. The biases hold what FER+ calls these faces and how often: far more of them neutral than the network thinks.
    """
    return softmax(np.log(np.maximum(probabilities, _SMALLEST)) / np.float32(TEMPERATURE) + BIAS)


def softmax(logits: NDArray[np.floating[Any]]) -> Floats:
    """(n, 7) that sum to 1, of (n, 7)."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


# MERGED express.crop: What the expression network is shown of a face: framed, leveled and stretched as the pictures it was trained on. Pure.

Gray = NDArray[np.uint8]

FRAME_PX = 48
FRAME_XY = np.array([[14.6, 18.0], [32.4, 18.0], [23.5, 28.3], [16.2, 36.8], [30.8, 36.8]], np.float32)
"""Where the landmarks lie in a picture of FER+, which is 48x48: medians over the choosing half and its mirror images.

Order as everywhere: left eye, right eye, nose tip, left and right mouth corner. By `python -m benchmarks.expressions`."""

# Sampled twice as finely and averaged: a near face, four pixels to one, would be read by chance pixels.
_FINE_PX = 2 * INPUT_SIZE_PX
_FINE_XY = (FRAME_XY + np.float32(0.5)) * np.float32(_FINE_PX / FRAME_PX) - np.float32(0.5)
# This share of the pixels at either end of the grays is no part of the face's contrast.
_TAIL = 0.01


def frame_gray(bgr: Image, landmarks_xy: Floats) -> Gray:
    """(64, 64) uint8: the face with these landmarks (5, 2), upright, filling the picture as faces fill FER+'s.

    Edge pixels repeat beyond the picture.
    """
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = similarity(_FINE_XY, landmarks_xy)
    fine = cv2.warpAffine(bgr, back, (_FINE_PX, _FINE_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(fine, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


def network_input(gray: Gray) -> Floats:
    """(64, 64, 1) float32 in -1..1 of a framed face (64, 64) uint8: its grays but for 1 % at either end, stretched.

    The same face in half the light gives the same input.
    """
    tail = int(_TAIL * gray.size)
    ordered = np.partition(gray, (tail, gray.size - 1 - tail), axis=None)
    low, high = float(ordered[tail]), float(ordered[gray.size - 1 - tail])
    stretched = (gray.astype(np.float32) - np.float32(low)) * np.float32(2 / max(high - low, 1)) - 1
    filled: Floats = np.clip(stretched, -1, 1)
    return filled[..., np.newaxis]


NETWORK = "fer_mini_xception"
_BATCHES = (1, 2, 4, 8)


class ExpressionReader:
    """The expression network. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(NETWORK, threads), _BATCHES)

    def read(self, bgr: Image, faces: Sequence[Face]) -> list[Expression]:
        """One expression for each face of `bgr` (height, width, 3) uint8, calibrated."""
        if not faces:
            return []
        inputs = [network_input(frame_gray(bgr, face.landmarks_xy)) for face in faces]
        return [Expression(tuple(float(p) for p in row)) for row in calibrate(self.raw(inputs))]

    def raw(self, inputs: Sequence[Floats]) -> Floats:
        """(n, 7) probabilities as the network says them, of at least one input (64, 64, 1) in -1..1."""
        return self._network(np.stack(inputs))
