"""Faces made unrecognisable: whoever is not known. What is left of a face is a few patches of colour."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from facecam.types import Box, Kind, Picture, Result

PATCHES = 5
"""So many patches to a side of a blurred face are left: with eight, people that one knows are sometimes still told apart."""

GROWN = 1.7
"""How much larger than its box a face is blurred: hair and chin go too, and it may move until the next result."""


def strangers(result: Result) -> tuple[Box, ...]:
    """The boxes of all faces that stand for nobody with certainty: unknown, unsure, not compared."""
    return tuple(sighting.face.box for sighting in result.sightings if sighting.vote.decision.kind is not Kind.KNOWN)


def blurred(bgr: Picture, boxes: Iterable[Box]) -> Picture:
    """A copy of the picture (height, width, 3) uint8 with an oval over each box in which nobody is recognised."""
    picture = bgr.copy()
    for box in boxes:
        _blur(picture, box)
    return picture


def _blur(bgr: Picture, box: Box) -> None:
    """Averages of patches, smoothly joined, in an oval about the box; in the picture itself."""
    half_w, half_h = box.w * GROWN / 2, box.h * GROWN / 2
    middle_x, middle_y = box.x + box.w / 2, box.y + box.h / 2
    left, top = max(0, round(middle_x - half_w)), max(0, round(middle_y - half_h))
    part = bgr[top : max(0, round(middle_y + half_h)), left : max(0, round(middle_x + half_w))]
    if part.size == 0:
        return
    size_wh = part.shape[1], part.shape[0]
    few = cv2.resize(part, (PATCHES, PATCHES), interpolation=cv2.INTER_AREA)
    patches = cv2.resize(few, size_wh, interpolation=cv2.INTER_LINEAR)
    oval = np.zeros(part.shape[:2], np.uint8)
    centre = round(middle_x) - left, round(middle_y) - top
    cv2.ellipse(oval, centre, (round(half_w), round(half_h)), 0, 0, 360, 255, cv2.FILLED)
    np.copyto(part, patches, where=oval[:, :, np.newaxis] > 0)
