"""What decided the distance of a face to a photo: a grey square covers one part after the other, and it is measured anew.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2. Gradients at the inception blocks
(Grad-CAM) find less of what counts: docs/explain.md has the figures.
"""

from __future__ import annotations

import itertools

import numpy as np

from facecam.embed.align import CROP_PX
from facecam.embed.embedder import Embedder
from facecam.explain.heat import GREY, spread
from facecam.settings import IdentifySettings
from facecam.types import Floats, Picture

_SQUARE_PX, _STEP_PX = 24, 12
_MIDDLES = range(_STEP_PX // 2, CROP_PX, _STEP_PX)


class FaceExplainer:
    """Explains distances of the network that the settings name. Owned by the thread that explains first.

    ModelError when its weights are missing or damaged.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        self._embedder = Embedder(settings)

    def explain(self, crop_rgb: Picture, embedding: Floats) -> Floats:
        """(96, 96) float32, 0 to 1: which parts of an aligned crop (96, 96, 3) uint8 make it like a photo's `embedding` (128,).

        Hot is what, covered, puts the face farther away; what brings it nearer is 0.
        """
        pictures = [crop_rgb, *(_covered(crop_rgb, x, y) for y, x in itertools.product(_MIDDLES, repeat=2))]
        distances_l2 = np.linalg.norm(self._embedder.embed(pictures) - embedding, axis=1)
        farther_l2 = (distances_l2[1:] - distances_l2[0]).reshape(len(_MIDDLES), -1)
        return spread(farther_l2, CROP_PX)


def _covered(crop_rgb: Picture, x: int, y: int) -> Picture:
    half = _SQUARE_PX // 2
    covered = crop_rgb.copy()
    covered[max(0, y - half) : y + half, max(0, x - half) : x + half] = GREY
    return covered
