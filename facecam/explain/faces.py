"""What decided the distance of a face to a photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facecam.embed.embedder import Embedder
from facecam.explain.occlusion import occlusion
from facecam.settings import IdentifySettings
from facecam.types import Floats, Picture

_SQUARE_PX, _STEP_PX = 24, 12


class FaceExplainer:
    """Explains distances of the network that the settings name. Owned by the thread that explains first.

    ModelError when its weights are missing or damaged.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        self._embedder = Embedder(settings)

    def explain(self, crop_rgb: Picture, embedding: Floats) -> Floats:
        """(96, 96) float32, 0 to 1: which parts of an aligned crop (96, 96, 3) uint8 make it like a photo's `embedding` (128,).

        Hot is what, covered, puts the face farther away in plain L2.
        """

        def nearness(crops: Sequence[Picture]) -> Floats:
            distances_l2: Floats = np.linalg.norm(self._embedder.embed(list(crops)) - embedding, axis=1)
            return -distances_l2

        return occlusion(crop_rgb, nearness, _SQUARE_PX, _STEP_PX)
