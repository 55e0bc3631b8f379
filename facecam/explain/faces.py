"""What decided the distance of a face to a photo: each part is covered in turn, and the distance measured again.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2.
"""

from __future__ import annotations

import numpy as np

from facecam.embed.align import CROP_PX
from facecam.embed.embedder import Embedder
from facecam.explain.heat import Cover, covering, spread
from facecam.settings import IdentifySettings
from facecam.types import Floats, Picture

_STEP_PX = 12
_SIGMA_PX = 8.0
_PLACES = CROP_PX // _STEP_PX


class FaceExplainer:
    """Explains distances of the network that the settings name. Owned by the thread that explains first.

    ModelError when its weights are missing or damaged.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        self._embedder = Embedder(settings)
        self._weights = _weights()

    def explain(self, crop_rgb: Picture, embedding: Floats) -> Floats:
        """(96, 96) float32, 0 to 1: which parts of an aligned crop (96, 96, 3) uint8 make it like a photo's `embedding` (128,).

        Hot is what, covered, puts the face farther away; what brings it nearer is 0.
        """
        flat = covering(crop_rgb, Cover.BLUR).astype(np.float32)
        covers = np.round(crop_rgb + self._weights * (flat - crop_rgb)).astype(np.uint8)
        distances_l2 = np.linalg.norm(self._embedder.embed([crop_rgb, *covers]) - embedding, axis=1)
        return spread((distances_l2[1:] - distances_l2[0]).reshape(_PLACES, _PLACES), CROP_PX)


def _weights() -> Floats:
    """(places, 96, 96, 1), row by row: how much is covered, a Gaussian about each place, since a hard edge would be a feature."""
    place = (np.arange(_PLACES) + 0.5) * _STEP_PX - 0.5
    near = np.exp(-((np.arange(CROP_PX) - place[:, np.newaxis]) ** 2) / (2 * _SIGMA_PX**2))
    both = near[:, np.newaxis, :, np.newaxis] * near[np.newaxis, :, np.newaxis, :]
    return both.reshape(_PLACES**2, CROP_PX, CROP_PX, 1).astype(np.float32)
