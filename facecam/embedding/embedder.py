"""Face alignment and embedding on LiteRT, with the network that the settings name."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.networks.litert import FixedBatchNetwork, open_network
from facecam.networks.manifest import entry
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

_BATCHES = (1, 2, 4, 8)

CROP_PX = 96

TEMPLATE_XY = np.array(
    [[26.63, 16.06], [67.79, 15.26], [47.24, 40.52], [29.48, 61.62], [66.76, 60.88]],
    np.float32,
)
"""Landmark positions in the crop: means over OpenFace's 68-point template (openface/align_dlib.py) after its min-max scaling."""


class Embedder:
    """nn4.small2 on LiteRT. It belongs to the thread that calls it first."""

    def __init__(self, settings: IdentifySettings) -> None:
        self._network = FixedBatchNetwork(open_network(settings.network, settings.threads), _BATCHES)
        self._mirrored = settings.mirrored
        averaging = "mirrored" if settings.mirrored else "single"
        self.embedding_id = f"{settings.network}:{entry(settings.network).sha256[:16]}:{averaging}"
        """Name of network, weights and averaging; embeddings with different ids are never compared."""

    def embed(self, crops_rgb: list[Image]) -> Floats:
        """Return (n, 128) float32 of unit length for n aligned (96, 96, 3) uint8 RGB crops.

        With `mirrored`, each is the normalized mean of the embeddings of the crop and its mirror image.
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


def similarity_transform(from_xy: Floats, to_xy: Floats) -> Floats:
    """Return the (2, 3) rotation, uniform scale and translation that maps (n, 2) points to others with least squared error.

    In the plane and without reflection, Umeyama's solution is one complex factor of the centered points.

    References:
        Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE TPAMI 13 (1991).
    """
    source, target = from_xy.mean(axis=0), to_xy.mean(axis=0)
    a = (from_xy - source).astype(np.float64) @ (1, 1j)
    b = (to_xy - target).astype(np.float64) @ (1, 1j)
    factor = np.vdot(a, b) / max(np.vdot(a, a).real, 1e-9)
    matrix = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([matrix, target - matrix @ source]).astype(np.float32)


def align(bgr: Image, landmarks_xy: Floats) -> Image:
    """Return the upright (96, 96, 3) uint8 **RGB** crop of the face with these landmarks, black beyond the image."""
    crop = cv2.warpAffine(bgr, similarity_transform(landmarks_xy, TEMPLATE_XY), (CROP_PX, CROP_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8)


def crop_to_image(landmarks_xy: Floats) -> Floats:
    """Return the (2, 3) transform from pixels of the crop to pixels of the image."""
    return np.asarray(cv2.invertAffineTransform(similarity_transform(landmarks_xy, TEMPLATE_XY)), np.float32)
