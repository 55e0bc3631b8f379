"""Straight edges around a face: the border of a screen or of a sheet of paper, but also of a door, a shelf or a window."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.types import Box, Image

# Chosen on persons A and B. Lengths are in pixels of a copy of the image in which a face is 20 pixels wide.
_FACE_PX = 20
_REACH_FACES = 3.0
_CANNY = 40, 100
_MIN_VOTES = 18
_MIN_LENGTH_PX = 22
_MAX_GAP_PX = 3
_DISTANCE_PX = 11, 62
_UPRIGHT = 0.85
_OVERLAP = -0.5, 1.5
"""Where along a line, 0 its start and 1 its end, the point nearest to the face may be."""
_SIDES = 3


def is_enclosed(bgr: Image, box: Box) -> bool:
    """Return whether there are long straight edges on at least three of the four sides of a face.

    An edge counts if it is longer than the face is wide, not more than 32 degrees from horizontal or vertical, and beside the
    face, not in it. It takes half a millisecond.

    Args:
        bgr: Image (height, width, 3) uint8.
        box: Box of the detector, which may extend beyond the image.
    """
    height, width = bgr.shape[:2]
    x, y, reach = box.x + box.w / 2, box.y + box.h / 2, _REACH_FACES * box.w
    left, right = max(round(x - reach), 0), min(round(x + reach), width)
    top, bottom = max(round(y - reach), 0), min(round(y + reach), height)
    if right <= left or bottom <= top:
        return False
    scale = _FACE_PX / box.w
    size_wh = max(int((right - left) * scale), 8), max(int((bottom - top) * scale), 8)
    small = cv2.resize(bgr[top:bottom, left:right], size_wh, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), *_CANNY)
    lines = cv2.HoughLinesP(edges, 1, np.pi / 90, _MIN_VOTES, minLineLength=_MIN_LENGTH_PX, maxLineGap=_MAX_GAP_PX)
    if lines is None:
        return False
    face_xy = (x - left) * scale, (y - top) * scale
    return len({_side(line, face_xy) for line in lines.reshape(-1, 4).tolist()} - {None}) >= _SIDES


def _side(line: list[float], face_xy: tuple[float, float]) -> str | None:
    """Return on which side of a face a line is, None if it is oblique, in the face, far from it or ends before it."""
    x1, y1, x2, y2 = line
    length = float(np.hypot(x2 - x1, y2 - y1))
    along, across = (x2 - x1) / length, (y2 - y1) / length
    to_face = face_xy[0] - x1, face_xy[1] - y1
    distance = abs(to_face[0] * across - to_face[1] * along)
    passed = (to_face[0] * along + to_face[1] * across) / length
    if not (_DISTANCE_PX[0] <= distance <= _DISTANCE_PX[1] and _OVERLAP[0] < passed < _OVERLAP[1]):
        return None
    if abs(across) > _UPRIGHT:
        return "left" if (x1 + x2) / 2 < face_xy[0] else "right"
    if abs(along) > _UPRIGHT:
        return "above" if (y1 + y2) / 2 < face_xy[1] else "below"
    return None
