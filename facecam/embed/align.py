"""The upright 96x96 crop that nn4.small2 was trained on, by a similarity transform of five landmarks. Pure."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.types import Floats, Picture

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
    plane, and without reflection, its solution is one complex number times the centred points.
    """
    start, goal = from_xy.mean(axis=0), to_xy.mean(axis=0)
    a = (from_xy - start).astype(np.float64) @ (1, 1j)
    b = (to_xy - goal).astype(np.float64) @ (1, 1j)
    turn = np.vdot(a, b) / max(np.vdot(a, a).real, 1e-9)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([matrix, goal - matrix @ start]).astype(np.float32)


def align(bgr: Picture, landmarks_xy: Floats) -> Picture:
    """The (96, 96, 3) uint8 **RGB** crop of the face with these landmarks; black where it reaches beyond the picture."""
    crop = cv2.warpAffine(bgr, similarity(landmarks_xy, TEMPLATE_XY), (CROP_PX, CROP_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8)


def from_crop(landmarks_xy: Floats) -> Floats:
    """The (2, 3) transform from the crop's pixels back to the picture's."""
    return np.asarray(cv2.invertAffineTransform(similarity(landmarks_xy, TEMPLATE_XY)), np.float32)
