"""Pictures -> what EfficientNet-Lite0 sees in them before it names anything: 1280 numbers, on LiteRT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facecam.compile import open_network
from facecam.inference import InFixedBatches
from facecam.objects.classifier import NETWORK, preprocess
from facecam.objects.taught_head import FEATURES, unit_rows
from facecam.types import Floats, Picture
from facecam.weights import entry

FEATURE_NETWORK = "efficientnet_lite0_features"
GUIDE_SHARE = 0.6
"""The guide box's side over the frame's shorter side: a thing held up at arm's length; beside it the room is to be seen."""

_BATCHES = (1, 2, 4)


def base_sha256() -> str:
    """The hash of the weights that the features come from: what was taught on others means nothing here."""
    return entry(NETWORK).sha256


def guide_crop(bgr: Picture) -> Picture:
    """The middle of a frame where a thing is held up; larger by an eighth's rim, which `preprocess` cuts off again."""
    height, width = bgr.shape[:2]
    side = max(1, min(round(GUIDE_SHARE * min(height, width) * 8 / 7), height, width))
    top, left = (height - side) // 2, (width - side) // 2
    return bgr[top : top + side, left : left + side]


class FeatureReader:
    """The base without its last layer. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(FEATURE_NETWORK, threads), _BATCHES)

    def __call__(self, pictures: Sequence[Picture]) -> Floats:
        """(n, 1280) float32 of length 1 for n pictures (height, width, 3) uint8 BGR of any size."""
        if not pictures:
            return np.empty((0, FEATURES), np.float32)
        return unit_rows(self._network(np.stack([preprocess(picture) for picture in pictures])))
