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

# MERGED overlay.script: A line of any script in the order in which its letters stand on the screen, for drawing that goes from left to right.
#
# What draws letters here neither orders Hebrew and Arabic nor joins Arabic letters, or does so only where certain system libraries
# are. Names are short lines, so the steps of the Unicode Bidirectional Algorithm (UAX #9) that need no explicit marks are enough:
# levels, neutral characters by their neighbors, reversal, mirrored brackets.

_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_JOINER_FORMS = range(0xFE70, 0xFEFD)
_PERSIAN_FORMS = range(0xFB50, 0xFBFF)
_LAM = "\u0644"


def visual(text: str) -> str:
    """`text` with its letters in their order on the screen, Arabic ones in their joined shapes; unchanged from left to right."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cc", "Cf"))
    if not any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        return text
    text = joined(text)
    levels = _levels(text)
    letters = [c.translate(_MIRRORED) if level % 2 else c for c, level in zip(text, levels, strict=True)]
    for least in range(max(levels), 0, -1):
        letters, levels = _reversed_runs(letters, levels, least)
    return "".join(letters)


def joined(text: str) -> str:
    """Arabic letters as they look beside their neighbors (presentation forms), lam and alef as one; in reading order."""
    forms, ligatures = _forms(), _ligatures()
    letters: list[str] = []
    for letter in text:
        pair = letters[-1] + letter if letters else ""
        letters[-1:] = [ligatures[pair]] if pair in ligatures else [*letters[-1:], letter]
    base = [number for number, letter in enumerate(letters) if unicodedata.combining(letter) == 0]
    shaped = list(letters)
    for place, number in enumerate(base):
        own = forms.get(letters[number], {})
        before = forms.get(letters[base[place - 1]], {}) if place > 0 else {}
        after = forms.get(letters[base[place + 1]], {}) if place + 1 < len(base) else {}
        backward = "<initial>" in before and "<final>" in own
        forward = "<initial>" in own and "<final>" in after
        shape = ("<isolated>", "<initial>", "<final>", "<medial>")[2 * backward + forward]
        shaped[number] = own.get(shape, letters[number])
    return "".join(shaped)


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Letter, or ligature in its isolated form -> shape -> character."""
    table: dict[str, dict[str, str]] = {}
    for code in (*_PERSIAN_FORMS, *_JOINER_FORMS):
        shape, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1 or (len(letters) == 2 and chr(int(letters[0], 16)) == _LAM and chr(code) >= "\ufef5"):
            key = "".join(chr(int(letter, 16)) for letter in letters)
            table.setdefault(_ligatures().get(key, key), {})[shape] = chr(code)
    return table


@cache
def _ligatures() -> dict[str, str]:
    """Lam and one of the four alefs -> their ligature, isolated: the only one that Arabic must have."""
    found: dict[str, str] = {}
    for code in range(0xFEF5, 0xFEFD):
        shape, *letters = unicodedata.decomposition(chr(code)).split()
        if shape == "<isolated>":
            found["".join(chr(int(letter, 16)) for letter in letters)] = chr(code)
    return found


def _levels(text: str) -> list[int]:
    """Each character's depth: even from left to right, odd from right to left. The first letter sets the line's direction."""
    base = next(kind for kind in map(_kind, text) if kind in "LR")
    kinds: list[str] = []
    strong = base
    for character in text:
        kind = _kind(character)
        if kind == "M":  # an accent goes with its letter
            kind = kinds[-1] if kinds else "N"
        elif kind == "D" and strong == "L":
            kind = "L"
        strong = kind if kind in "LR" else strong
        kinds.append(kind)
    sides = [_side(kinds, number, base) for number in range(len(kinds))]
    deeper = 0 if base == "L" else 2
    return [2 if kind == "D" else 1 if side == "R" else deeper for kind, side in zip(kinds, sides, strict=True)]


def _side(kinds: list[str], number: int, base: str) -> str:
    """L or R; a neutral character's is that of the letters on both sides of it, or the line's when they differ."""
    if kinds[number] != "N":
        return "L" if kinds[number] == "L" else "R"
    before = next((kind for kind in reversed(kinds[:number]) if kind != "N"), base)
    after = next((kind for kind in kinds[number:] if kind != "N"), base)
    sides = {"L" if kind == "L" else "R" for kind in (before, after)}
    return sides.pop() if len(sides) == 1 else base


def _kind(character: str) -> str:
    """L and R: letters to the right and to the left; D digit, M accent, N neither."""
    bidirectional = unicodedata.bidirectional(character)
    return {"L": "L", "R": "R", "AL": "R", "EN": "D", "AN": "D", "NSM": "M"}.get(bidirectional, "N")


def _reversed_runs(letters: list[str], levels: list[int], least: int) -> tuple[list[str], list[int]]:
    """Both lists with every run of levels >= `least` turned round."""
    order: list[int] = []
    for turned, group in groupby(range(len(levels)), key=lambda number: levels[number] >= least):
        run = list(group)
        order += reversed(run) if turned else run
    return [letters[number] for number in order], [levels[number] for number in order]


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
