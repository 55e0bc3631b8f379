"""A picture reduced to 32x32 grey: enough to tell whether two files hold the same picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from facecam.types import Floats, Picture

SIDE_PX = 32

SAME_SIZE_LEVELS = 8.0
"""JPEG at quality 30 moves no cell of the reduced picture by more than 6 of 256 grey levels; between two frames of one webcam
clip some cell moves by 11 and more (eight clips, the samples that enrolling keeps)."""

OTHER_SIZE_LEVELS = 8.0
"""Resizing moves single cells along sharp edges by 37 levels, but the root of the mean square over all cells stays below 5.5:
half the size or more, four interpolations, then JPEG at quality 30 to 95, 267 pictures. Two photos of one person: 35 and more."""

_SIZE_TOLERANCE = 0.02
_RESIZED_FROM = 0.1
_ASPECT_TOLERANCE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """The picture's size in pixels, and its grey values (32, 32) float32, 0 to 255, whatever its shape was."""

    size_wh: tuple[int, int]
    grey: Floats

    @classmethod
    def of(cls, bgr: Picture) -> Thumbnail:
        """The thumbnail of (height, width, 3) uint8."""
        grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        return cls((bgr.shape[1], bgr.shape[0]), small.astype(np.float32))


def same_picture(a: Thumbnail, b: Thumbnail) -> bool:
    """Whether one is the other: encoded again, resized, mirrored, or several of these.

    Two sizes that differ by a few per cent are two pictures: nobody resizes by so little, but two frames are cropped so.
    """
    (a_w, a_h), (b_w, b_h) = a.size_wh, b.size_wh
    if abs(a_w * b_h / (a_h * b_w) - 1) > _ASPECT_TOLERANCE:
        return False
    apart = max(a_w, b_w) / min(a_w, b_w) - 1
    if _SIZE_TOLERANCE < apart < _RESIZED_FROM:
        return False
    return any(_alike(a.grey - grey, resized=apart > _SIZE_TOLERANCE) for grey in (b.grey, b.grey[:, ::-1]))


def _alike(moved: Floats, *, resized: bool) -> bool:
    """`moved` (32, 32): by how much each cell differs."""
    if resized:
        return float(np.sqrt(np.square(moved).mean())) <= OTHER_SIZE_LEVELS
    return float(np.abs(moved).max()) <= SAME_SIZE_LEVELS
