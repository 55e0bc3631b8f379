"""Expression recognition on LiteRT: framing by the landmarks, classification and calibration."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.embedding.embedder import similarity_transform
from facecam.expression.network import INPUT_SIZE_PX
from facecam.networks.litert import open_network, softmax
from facecam.types import Expression, Face, Floats, Image

# Fitted by `python -m benchmarks.expressions` to the likelihood of the 575 even-numbered images of FER+ validation that most
# voters agree on; docs/internals/expressions.md has the figures of the odd-numbered ones.
TEMPERATURE = 0.722
RESTING = np.array([0.0014, 0.0001, 0.0001, 0.0008, 0.037, 0.0002, 0.9604], np.float32)
"""Calibrated probabilities of a neutral face: the median of each class over those images, scaled to sum 1, none 0."""

_SMALLEST = np.float32(1e-9)


def calibrate(probabilities: Floats, temperature: float = TEMPERATURE) -> Floats:
    """Calibrate the network's probabilities (n, 7): softmax(log p / temperature). The most probable class stays.

    The network is trained on all votes, and thus on faces that annotators disagree about. A temperature under 1 makes it as
    certain as most annotators are right about a face that most of them agree on.

    References:
        Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
    """
    return softmax(np.log(np.maximum(probabilities, _SMALLEST)) / np.float32(temperature))


Gray = NDArray[np.uint8]

FRAME_XY = np.array([[14.6, 18.0], [32.4, 18.0], [23.5, 28.3], [16.2, 36.8], [30.8, 36.8]], np.float32)
"""Landmark positions in an image of FER+, which is as large as the network's input: medians over the even-numbered half and its
mirror images, measured by `python -m benchmarks.expressions`."""

# Three times the resolution, then averaged: a near face has seven pixels to one, and sampling would pick chance pixels.
_FINE_PX = 3 * INPUT_SIZE_PX
_FINE_XY = (FRAME_XY + np.float32(0.5)) * np.float32(_FINE_PX / INPUT_SIZE_PX) - np.float32(0.5)
# Share of the darkest and of the brightest pixels that is ignored when the contrast is stretched.
_TAIL = 0.01


def frame_gray(bgr: Image, landmarks_xy: Floats) -> Gray:
    """Return (48, 48) uint8: the face with these landmarks (5, 2), upright and framed as in FER+; edge pixels repeat."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    to_image = similarity_transform(_FINE_XY, landmarks_xy)
    fine = cv2.warpAffine(bgr, to_image, (_FINE_PX, _FINE_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(fine, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


def network_input(gray: Gray) -> Floats:
    """Return the network's input (48, 48, 1) float32 in -1..1 for a framed face (48, 48) uint8.

    The contrast is stretched, ignoring 1 % at either end, so that the same face in half the light gives the same input.
    """
    tail = int(_TAIL * gray.size)
    ordered = np.partition(gray, (tail, gray.size - 1 - tail), axis=None)
    low, high = float(ordered[tail]), float(ordered[gray.size - 1 - tail])
    stretched = (gray.astype(np.float32) - np.float32(low)) * np.float32(2 / max(high - low, 1)) - 1
    clipped: Floats = np.clip(stretched, -1, 1)
    return clipped[..., np.newaxis]


NETWORK = "expression_facecam_v1"


class ExpressionReader:
    """Calibrated expression classifier. It belongs to the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = open_network(NETWORK, threads)

    def read(self, bgr: Image, faces: Sequence[Face]) -> list[Expression]:
        """Return the calibrated expression of each face of `bgr` (height, width, 3) uint8."""
        if not faces:
            return []
        inputs = [network_input(frame_gray(bgr, face.landmarks_xy)) for face in faces]
        return [Expression(tuple(float(p) for p in row)) for row in calibrate(self.raw(inputs))]

    def raw(self, inputs: Sequence[Floats]) -> Floats:
        """Return (n, 7) uncalibrated probabilities of at least one input (48, 48, 1) in -1..1."""
        # One by one: a batch takes as long, and each size of batches would have its own copy of the weights in memory.
        return np.concatenate([self._network(one[np.newaxis]) for one in inputs])
