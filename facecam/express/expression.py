"""Faces -> expressions, on LiteRT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facecam.compile import open_network
from facecam.express.calibration import calibrate
from facecam.express.crop import frame_grey, network_input
from facecam.inference import InFixedBatches
from facecam.types import Expression, Face, Floats, Picture

NETWORK = "fer_mini_xception"
_BATCHES = (1, 2, 4, 8)


class ExpressionReader:
    """The expression network. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(NETWORK, threads), _BATCHES)

    def read(self, bgr: Picture, faces: Sequence[Face]) -> list[Expression]:
        """One expression for each face of `bgr` (height, width, 3) uint8, calibrated."""
        if not faces:
            return []
        inputs = [network_input(frame_grey(bgr, face.landmarks_xy)) for face in faces]
        return [Expression(tuple(float(p) for p in row)) for row in calibrate(self.raw(inputs))]

    def raw(self, inputs: Sequence[Floats]) -> Floats:
        """(n, 7) probabilities as the network says them, of at least one input (64, 64, 1) in -1..1."""
        return self._network(np.stack(inputs))
