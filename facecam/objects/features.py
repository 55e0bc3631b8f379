"""Squares of pictures -> what EfficientNet-Lite0 sees in them before it names anything: 1280 numbers, on LiteRT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facecam.compile import open_network
from facecam.inference import InFixedBatches
from facecam.objects.classifier import NETWORK, cut, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.objects.taught_head import FEATURES, unit_rows
from facecam.types import Box, Floats, Picture
from facecam.weights import entry

FEATURE_NETWORK = "efficientnet_lite0_features"

_BATCHES = (1, 2, 4)


def base_sha256() -> str:
    """The hash of the weights that the features come from: what was taught on others means nothing here."""
    return entry(NETWORK).sha256


class FeatureReader:
    """The base without its last layer. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(FEATURE_NETWORK, threads), _BATCHES)

    def __call__(self, bgr: Picture, squares: Sequence[Box]) -> Floats:
        """(n, 1280) float32 of length 1 for n squares of a picture (height, width, 3) uint8."""
        if not squares:
            return np.empty((0, FEATURES), np.float32)
        return unit_rows(self._network(np.stack([lite0_input(cut(bgr, square, INPUT_SIZE_PX)) for square in squares])))
