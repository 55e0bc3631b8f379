"""Two aligned faces side by side with what was found about them, as a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from facecam.overlay.lettering import line
from facecam.overlay.shapes import Colour
from facecam.types import Picture

_BACKGROUND: Colour = (28, 24, 22)
_TEXT: Colour = (255, 255, 255)
_DETAIL: Colour = (222, 222, 222)
_SAME: Colour = (115, 158, 0)
_OTHER: Colour = (0, 94, 213)
"""The figures' colours for one person and for two: told apart with any colour vision, and the words say it too."""

_FACE_PX, _GAP_PX = 288, 24
_CAPTION_PX, _TITLE_PX, _DETAIL_PX = 15, 24, 16


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands on the picture: a caption under each face, the verdict, and the figures that it rests on."""

    captions: tuple[str, str]
    verdict: str
    figures: str
    same: bool


def draw_comparison(crops_rgb: tuple[Picture, Picture], comparison: Comparison) -> Picture:
    """The picture (height, width, 3) uint8 BGR; the crops are (96, 96, 3) uint8 RGB, as they were embedded."""
    width = 3 * _GAP_PX + 2 * _FACE_PX
    captions_y = 2 * _GAP_PX + _FACE_PX - _GAP_PX // 2
    title_y = captions_y + _CAPTION_PX + _GAP_PX
    figures_y = title_y + round(1.5 * _TITLE_PX)
    bgr = np.full((figures_y + _DETAIL_PX + _GAP_PX, width, 3), _BACKGROUND, np.uint8)
    colour = _SAME if comparison.same else _OTHER
    for number, (crop, caption) in enumerate(zip(crops_rgb, comparison.captions, strict=True)):
        left = _GAP_PX + number * (_FACE_PX + _GAP_PX)
        face = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), (_FACE_PX, _FACE_PX), interpolation=cv2.INTER_CUBIC)
        bgr[_GAP_PX : _GAP_PX + _FACE_PX, left : left + _FACE_PX] = face
        _write(bgr, caption, (left, captions_y), _CAPTION_PX, _DETAIL)
    cv2.rectangle(bgr, (0, 0), (width - 1, len(bgr) - 1), colour, 6)
    _write(bgr, comparison.verdict, (_GAP_PX, title_y), _TITLE_PX, _TEXT)
    _write(bgr, comparison.figures, (_GAP_PX, figures_y), _DETAIL_PX, _DETAIL)
    return bgr


def _write(bgr: Picture, text: str, left_top: tuple[int, int], height_px: int, colour: Colour) -> None:
    left, top = left_top
    widest = _FACE_PX if height_px == _CAPTION_PX else bgr.shape[1] - left - _GAP_PX
    ink = line(text, height_px, bold=height_px == _TITLE_PX, widest_px=widest)
    place = bgr[top : top + ink.shape[0], left : left + ink.shape[1]]
    share = ink[: place.shape[0], : place.shape[1], np.newaxis].astype(np.float32) / 255
    place[:] = np.round(place * (1 - share) + np.array(colour, np.float32) * share)
