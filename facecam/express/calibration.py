"""From the expression network's probabilities to those that come true: one bias per class and one temperature. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.types import Floats

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
