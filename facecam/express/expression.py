"""Faces -> expressions, on LiteRT."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.compile import open_network
from facecam.express.network import INPUT_SIZE_PX
from facecam.inference import InFixedBatches
from facecam.types import Box, Expression, Face, Floats, Picture

NETWORK = "fer_mini_xception"
_BATCHES = (1, 2, 4, 8)
# The faces it was trained on are framed about this much wider than a detector's box.
_MARGIN = 1.15


class ExpressionReader:
    """The expression network. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(NETWORK, threads), _BATCHES)

    def read(self, bgr: Picture, faces: list[Face]) -> list[Expression]:
        """One expression for each face of `bgr` (height, width, 3) uint8."""
        if not faces:
            return []
        batch = np.stack([crop_grey(bgr, face.box) for face in faces])
        return [Expression(tuple(float(p) for p in row)) for row in self._network(batch)]


def crop_grey(bgr: Picture, box: Box) -> Floats:
    """(64, 64, 1) float32 in -1..1: the square around the box with some margin; edge pixels repeat beyond the picture."""
    side = box.longer_side_px * _MARGIN
    x, y = box.x + box.w / 2 - side / 2, box.y + box.h / 2 - side / 2
    scale = side / INPUT_SIZE_PX
    back = np.array([[scale, 0, x + scale / 2 - 0.5], [0, scale, y + scale / 2 - 0.5]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(bgr, back, (INPUT_SIZE_PX, INPUT_SIZE_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    grey: Floats = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return (grey[..., np.newaxis] / np.float32(255) - np.float32(0.5)) * np.float32(2)
