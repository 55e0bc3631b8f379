"""Text as bitmaps, in every script that a font at hand has letters for. Bitmaps are kept: a caption is the same for many frames.

DejaVu Sans, which comes with matplotlib, has Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic; what it lacks (Chinese,
Japanese, Korean) comes from the font built into OpenCV 5, the rest from the system's Noto and the like. What none has is a box.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from facecam.overlay.script import visual

Ink = NDArray[np.uint8]
"""How much of each pixel is covered, (height, width), 0 to 255."""

_OPENCV = "opencv"
_NOWHERE = "\U0010fffe"
_SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansTamil-Regular.ttf",
    "NotoSansBengali-Regular.ttf",
    "NotoSansEthiopic-Regular.ttf",
    "Nirmala.ttc",  # Windows: India's scripts
    "Nirmala.ttf",
    "LeelawUI.ttf",  # Windows: Thai, Khmer, Lao
    "msyh.ttc",  # Windows: Chinese
    "malgun.ttf",  # Windows: Korean
    "Arial Unicode.ttf",  # macOS: nearly everything
)


@lru_cache(maxsize=512)
def line(text: str, height_px: int, *, bold: bool = False, widest_px: int | None = None) -> Ink:
    """One line of `text` as (line's height, width) ink; `height_px` is the size of the letters. Do not write into it.

    A text wider than `widest_px` ends in an ellipsis. All lines of one size are equally high and share a baseline.
    """
    ink = _inked(visual(text), height_px, bold)
    if widest_px is None or ink.shape[1] <= widest_px:
        return ink
    shortest, longest = 0, len(text)
    while shortest < longest:  # the most letters that fit
        middle = (shortest + longest + 1) // 2
        if _inked(visual(_shortened(text, middle)), height_px, bold).shape[1] <= widest_px:
            shortest = middle
        else:
            longest = middle - 1
    return _inked(visual(_shortened(text, shortest)), height_px, bold)[:, : max(1, widest_px)]


def _shortened(text: str, letters: int) -> str:
    while 0 < letters < len(text) and unicodedata.combining(text[letters]):
        letters -= 1
    return text[:letters].rstrip() + "…"


def _inked(text: str, height_px: int, bold: bool) -> Ink:
    """The letters side by side, each run in the first font that has it."""
    high, baseline = round(height_px * 1.36), round(height_px * 1.04)
    pieces = [_run(run, font, height_px, (high, baseline)) for font, run in _runs(text, bold)]
    return np.ascontiguousarray(np.hstack(pieces)) if pieces else np.zeros((high, 1), np.uint8)


def _runs(text: str, bold: bool) -> Iterator[tuple[str, str]]:
    """(font, letters in it). A blank or an accent stays in the run before it."""
    fonts: list[str] = []
    for letter in text:
        follows = fonts and (letter.isspace() or unicodedata.combining(letter))
        fonts.append(fonts[-1] if follows else _font_for(letter, bold))
    for font, group in groupby(zip(fonts, text, strict=True), key=lambda pair: pair[0]):
        yield font, "".join(letter for _, letter in group)


def _run(text: str, font: str, height_px: int, line_px: tuple[int, int]) -> Ink:
    high, baseline = line_px
    if font == _OPENCV:
        return _run_by_opencv(text, height_px, line_px)
    face = _face(font, height_px)
    width = max(1, round(face.getlength(text)))
    mask, (left, top) = face.getmask2(text, mode="L", anchor="ls")
    ink = np.frombuffer(bytes(mask), np.uint8).reshape(mask.size[1], mask.size[0])
    return _placed(ink, (left, baseline + top), (width, high))


def _run_by_opencv(text: str, height_px: int, line_px: tuple[int, int]) -> Ink:
    high, baseline = line_px
    face = cv2.FontFace("uni")
    width = max(1, cv2.getTextSize((0, 0), text, (0, 0), face, height_px)[2])
    canvas = np.zeros((high, width + height_px, 3), np.uint8)
    cv2.putText(canvas, text, (0, baseline), (255, 255, 255), face, height_px)
    return np.ascontiguousarray(canvas[:, : width + 1, 0])


def _placed(ink: Ink, left_top: tuple[int, int], size_wh: tuple[int, int]) -> Ink:
    """`ink` on an empty bitmap of `size_wh`, cut where it reaches beyond."""
    canvas = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    left, top = left_top
    x, y = max(0, left), max(0, top)
    part = ink[y - top : y - top + canvas.shape[0] - y, x - left : x - left + canvas.shape[1] - x]
    canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
    return canvas


@cache
def _font_for(letter: str, bold: bool) -> str:
    """The first font that has a letter; DejaVu, whose box then stands for it, when none has."""
    own = _dejavu(bold)
    if _has(own, letter):
        return own
    if _opencv_has(letter):
        return _OPENCV
    return next((font for font in _SYSTEM_FONTS if _exists(font) and _has(font, letter)), own)


@cache
def _dejavu(bold: bool) -> str:
    """Matplotlib's copy, found without importing matplotlib; else the system's."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    found = importlib.util.find_spec("matplotlib")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return str(path)
    return name if _exists(name) else ""


@cache
def _exists(font: str) -> bool:
    try:
        ImageFont.truetype(font, 10)
    except OSError:
        return False
    return True


@lru_cache(maxsize=64)
def _face(font: str, height_px: int) -> ImageFont.FreeTypeFont:
    """A font in a size, laid out letter by letter on every machine; Pillow's own when there is no other."""
    if not font:
        fallback = ImageFont.load_default(height_px)
        assert isinstance(fallback, ImageFont.FreeTypeFont)
        return fallback
    engine = ImageFont.Layout.BASIC if "DejaVu" in font else None
    return ImageFont.truetype(font, height_px, layout_engine=engine)


def _has(font: str, letter: str) -> bool:
    """Whether a font has more for a letter than the box it draws for what it lacks."""
    face = _face(font, 20)
    return letter.isspace() or bytes(face.getmask(letter)) != bytes(face.getmask(_NOWHERE))


def _opencv_has(letter: str) -> bool:
    """OpenCV 5 draws a question mark for what its font lacks; OpenCV 4 has no such font."""
    if not hasattr(cv2, "FontFace"):
        return False
    drawn, lacking = (_run_by_opencv(text, 20, (28, 21)) for text in (letter, _NOWHERE))
    return drawn.shape != lacking.shape or bool((drawn != lacking).any())
