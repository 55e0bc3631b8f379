"""What the expression network is shown of a face: framed, levelled and stretched as the pictures it was trained on. Pure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.embed.align import similarity
from facecam.express.network import INPUT_SIZE_PX
from facecam.types import Floats, Picture

Grey = NDArray[np.uint8]

FRAME_PX = 48
FRAME_XY = np.array([[14.6, 18.0], [32.4, 18.0], [23.5, 28.3], [16.2, 36.8], [30.8, 36.8]], np.float32)
"""Where the landmarks lie in a picture of FER+, which is 48x48: medians over the choosing half and its mirror images.

Order as everywhere: left eye, right eye, nose tip, left and right mouth corner. By `python -m benchmarks.expressions`."""

# Sampled twice as finely and averaged: a near face, four pixels to one, would be read by chance pixels.
_FINE_PX = 2 * INPUT_SIZE_PX
_FINE_XY = (FRAME_XY + np.float32(0.5)) * np.float32(_FINE_PX / FRAME_PX) - np.float32(0.5)
# This share of the pixels at either end of the greys is no part of the face's contrast.
_TAIL = 0.01


def frame_grey(bgr: Picture, landmarks_xy: Floats) -> Grey:
    """(64, 64) uint8: the face with these landmarks (5, 2), upright, filling the picture as faces fill FER+'s.

    Edge pixels repeat beyond the picture.
    """
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = similarity(_FINE_XY, landmarks_xy)
    fine = cv2.warpAffine(bgr, back, (_FINE_PX, _FINE_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(fine, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


def network_input(grey: Grey) -> Floats:
    """(64, 64, 1) float32 in -1..1 of a framed face (64, 64) uint8: its greys but for 1 % at either end, stretched.

    The same face in half the light gives the same input.
    """
    tail = int(_TAIL * grey.size)
    ordered = np.partition(grey, (tail, grey.size - 1 - tail), axis=None)
    low, high = float(ordered[tail]), float(ordered[grey.size - 1 - tail])
    stretched = (grey.astype(np.float32) - np.float32(low)) * np.float32(2 / max(high - low, 1)) - 1
    filled: Floats = np.clip(stretched, -1, 1)
    return filled[..., np.newaxis]
