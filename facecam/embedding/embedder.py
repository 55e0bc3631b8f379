"""Face alignment and embedding on LiteRT, with the network that the settings name."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.errors import ImageError
from facecam.networks.embedding_networks import Alignment, EmbeddingNetwork, embedding_network
from facecam.networks.litert import FixedBatchNetwork, open_network
from facecam.networks.user_networks import SCALINGS
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

_BATCHES = (1, 2, 4, 8)


class Embedder:
    """Embedding network on LiteRT. It belongs to the thread that calls it first.

    `network` replaces the properties of the settings' network, for one that is not calibrated yet.
    """

    def __init__(self, settings: IdentifySettings, network: EmbeddingNetwork | None = None) -> None:
        self.network = network or embedding_network(settings.network)
        compiled = open_network(settings.network, settings.threads, self.network.file_sha256)
        self._compiled = FixedBatchNetwork(compiled, _BATCHES)
        self._mirrored = settings.mirrored
        self.embedding_id = embedding_id(settings, self.network)

    def embed(self, crops_rgb: list[Image]) -> Floats:
        """Return (n, length) float32 of unit length for n crops (size, size, 3) uint8 RGB in the network's alignment.

        With `mirrored`, each is the normalized mean of the embeddings of the crop and its mirror image. Raises ImageError when
        the network returns zeros or NaN for a crop, as one of the user's may.
        """
        if not crops_rgb:
            return np.empty((0, self.network.length), np.float32)
        batch = network_input(np.stack(crops_rgb), self.network)
        if not self._mirrored:
            return self._unit_length(self._compiled(batch))
        both = self._unit_length(self._compiled(np.concatenate([batch, batch[:, :, ::-1]])))
        return self._unit_length(both[: len(batch)] + both[len(batch) :])

    def _unit_length(self, vectors: Floats) -> Floats:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (lengths > 0).all() or np.isinf(lengths).any():
            raise ImageError(
                "the network {name} returned zeros or NaN for a face; choose another image or network", name=self.network.name
            )
        result: Floats = vectors / lengths
        return result


def embedding_id(settings: IdentifySettings, network: EmbeddingNetwork | None = None) -> str:
    """Return name of network, weights and averaging: embeddings with different ids are never compared. ModelError if unknown."""
    averaging = "mirrored" if settings.mirrored else "single"
    return f"{settings.network}:{(network or embedding_network(settings.network)).sha256[:16]}:{averaging}"


def network_input(crops_rgb: Image, network: EmbeddingNetwork) -> Floats:
    """Return the network's float32 input for aligned crops (n, size, size, 3) uint8 RGB."""
    offset, divisor = SCALINGS[network.scaling]
    crops = crops_rgb[..., ::-1] if network.channels == "bgr" else crops_rgb
    return (crops.astype(np.float32) - np.float32(offset)) / np.float32(divisor)


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


def align(bgr: Image, landmarks_xy: Floats, alignment: Alignment) -> Image:
    """Return the upright (size, size, 3) uint8 **RGB** crop of the face with these landmarks, black beyond the image."""
    matrix, size_px = similarity_transform(landmarks_xy, alignment.template_xy), alignment.size_px
    crop = cv2.warpAffine(bgr, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8)


def crop_to_image(landmarks_xy: Floats, alignment: Alignment) -> Floats:
    """Return the (2, 3) transform from pixels of the crop to pixels of the image."""
    return np.asarray(cv2.invertAffineTransform(similarity_transform(landmarks_xy, alignment.template_xy)), np.float32)
