"""Aligned crops -> embeddings, with the network that the settings name."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.networks.convert import open_network
from facecam.networks.litert import InFixedBatches
from facecam.networks.manifest import entry
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

_BATCHES = (1, 2, 4, 8)


class Embedder:
    """nn4.small2 on LiteRT. Owned by the thread that calls it first."""

    def __init__(self, settings: IdentifySettings) -> None:
        self._network = InFixedBatches(open_network(settings.network, settings.threads), _BATCHES)
        self._mirrored = settings.mirrored
        averaging = "mirrored" if settings.mirrored else "single"
        self.embedding_id = f"{settings.network}:{entry(settings.network).sha256[:16]}:{averaging}"
        """Names network, weights and averaging; embeddings of different ids are never compared."""

    def embed(self, crops_rgb: list[Image]) -> Floats:
        """(n, 128) float32 of length 1 for n aligned (96, 96, 3) uint8 RGB crops.

        With `mirrored`, the mean of the crop's and its mirror image's embedding, scaled to length 1 again.
        """
        if not crops_rgb:
            return np.empty((0, EMBEDDING_SIZE), np.float32)
        batch = np.stack(crops_rgb).astype(np.float32) / np.float32(255)
        if not self._mirrored:
            return self._network(batch)
        both = self._network(np.concatenate([batch, batch[:, :, ::-1]]))
        mean = both[: len(batch)] + both[len(batch) :]
        result: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return result


# MERGED embed.align: The upright 96x96 crop that nn4.small2 was trained on, by a similarity transform of five landmarks. Pure.

CROP_PX = 96

TEMPLATE_XY = np.array(
    [[26.63, 16.06], [67.79, 15.26], [47.24, 40.52], [29.48, 61.62], [66.76, 60.88]],
    np.float32,
)
"""Where the landmarks come to lie in the crop: means over OpenFace's 68-point template (openface/align_dlib.py) after its
min-max scaling. Order as everywhere: left eye, right eye, nose tip, left and right mouth corner."""


def similarity(from_xy: Floats, to_xy: Floats) -> Floats:
    """The (2, 3) rotation, uniform scale and shift that takes (n, 2) points nearest to others in the least-squares sense.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE TPAMI 13 (1991). In the
    plane, and without reflection, its solution is one complex number times the centered points.
    """
    start, goal = from_xy.mean(axis=0), to_xy.mean(axis=0)
    a = (from_xy - start).astype(np.float64) @ (1, 1j)
    b = (to_xy - goal).astype(np.float64) @ (1, 1j)
    turn = np.vdot(a, b) / max(np.vdot(a, a).real, 1e-9)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([matrix, goal - matrix @ start]).astype(np.float32)


def align(bgr: Image, landmarks_xy: Floats) -> Image:
    """The (96, 96, 3) uint8 **RGB** crop of the face with these landmarks; black where it reaches beyond the picture."""
    crop = cv2.warpAffine(bgr, similarity(landmarks_xy, TEMPLATE_XY), (CROP_PX, CROP_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8)


def from_crop(landmarks_xy: Floats) -> Floats:
    """The (2, 3) transform from the crop's pixels back to the picture's."""
    return np.asarray(cv2.invertAffineTransform(similarity(landmarks_xy, TEMPLATE_XY)), np.float32)
