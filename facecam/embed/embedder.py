"""Aligned crops -> embeddings, with the network that the settings name."""

from __future__ import annotations

import numpy as np

from facecam.compile import open_network
from facecam.embed.nn4_small2 import EMBEDDING_SIZE
from facecam.inference import InFixedBatches
from facecam.settings import IdentifySettings
from facecam.types import Floats, Picture
from facecam.weights import entry

_BATCHES = (1, 2, 4, 8)


class Embedder:
    """nn4.small2 on LiteRT. Owned by the thread that calls it first."""

    def __init__(self, settings: IdentifySettings) -> None:
        self._network = InFixedBatches(open_network(settings.network, settings.threads), _BATCHES)
        self._mirrored = settings.mirrored
        averaging = "mirrored" if settings.mirrored else "single"
        self.embedding_id = f"{settings.network}:{entry(settings.network).sha256[:16]}:{averaging}"
        """Names network, weights and averaging; embeddings of different ids are never compared."""

    def embed(self, crops_rgb: list[Picture]) -> Floats:
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
