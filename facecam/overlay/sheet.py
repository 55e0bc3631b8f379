"""Rows of pictures on a dark sheet, with words over each row and below each picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facecam.overlay.lettering import line
from facecam.overlay.shapes import Colour
from facecam.types import Picture

_BACKGROUND: Colour = (28, 24, 22)
_TEXT: Colour = (255, 255, 255)
_DETAIL: Colour = (222, 222, 222)

_MARGIN_PX, _GAP_PX = 24, 12
_TITLE_PX, _WORDS_PX, _CAPTION_PX = 24, 16, 15


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A picture (height, width, 3) uint8 BGR as large as it is to be shown, and what stands below it ("" for nothing)."""

    bgr: Picture
    caption: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Pictures side by side, and what stands over them ("" for nothing)."""

    panels: tuple[Panel, ...]
    heading: str = ""


def draw_sheet(title: str, words: Sequence[str], rows: Sequence[Row]) -> Picture:
    """The sheet (height, width, 3) uint8 BGR: the title, lines of words, then the rows. What is too long ends in an ellipsis."""
    width = max(sum(panel.bgr.shape[1] + _GAP_PX for panel in row.panels) for row in rows) - _GAP_PX
    strips = [_text(title, _TITLE_PX, _TEXT, width), *(_text(text, _WORDS_PX, _DETAIL, width) for text in words)]
    for row in rows:
        strips.append(_empty(_GAP_PX, width))
        if row.heading:
            strips.append(_text(row.heading, _WORDS_PX, _TEXT, width))
        strips.append(_pictures(row, width))
    high = sum(map(len, strips))
    sheet = _empty(high + 2 * _MARGIN_PX, width + 2 * _MARGIN_PX)
    sheet[_MARGIN_PX : _MARGIN_PX + high, _MARGIN_PX : _MARGIN_PX + width] = np.vstack(strips)
    return sheet


def _empty(high: int, wide: int) -> Picture:
    return np.full((high, wide, 3), _BACKGROUND, np.uint8)


def _text(text: str, height_px: int, colour: Colour, width: int) -> Picture:
    ink = line(text, height_px, bold=height_px == _TITLE_PX, widest_px=width)
    strip = _empty(round(1.2 * len(ink)), width)
    share = ink[..., np.newaxis].astype(np.float32) / 255
    place = strip[: len(ink), : ink.shape[1]]
    place[:] = np.round(place * (1 - share) + np.array(colour, np.float32) * share)
    return strip


def _pictures(row: Row, width: int) -> Picture:
    captioned = [np.vstack([panel.bgr, *_caption(panel)]) for panel in row.panels]
    strip = _empty(max(map(len, captioned)), width)
    left = 0
    for picture in captioned:
        strip[: len(picture), left : left + picture.shape[1]] = picture
        left += picture.shape[1] + _GAP_PX
    return strip


def _caption(panel: Panel) -> list[Picture]:
    wide = panel.bgr.shape[1]
    return [_empty(_GAP_PX // 2, wide), _text(panel.caption, _CAPTION_PX, _DETAIL, wide)] if panel.caption else []
