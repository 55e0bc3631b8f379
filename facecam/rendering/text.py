"""Single-line text rendering to masks, in every script for which a font is available, and blending. Masks are cached.

DejaVu Sans, which comes with matplotlib, covers Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic. Chinese, Japanese
and Korean come from the font built into OpenCV 5, the rest from system fonts such as Noto. Missing glyphs are drawn as a box.

Neither renderer orders Hebrew and Arabic or joins Arabic letters on every system. Names are short lines, so these steps of the
Unicode Bidirectional Algorithm (UAX #9) suffice: levels, neutral characters by their neighbors, reversal, mirrored brackets.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import ImageDraw, ImageFont

from facecam.types import Image

_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_JOINER_FORMS = range(0xFE70, 0xFEFD)
_PERSIAN_FORMS = range(0xFB50, 0xFBFF)
_LAM = "\u0644"


def visual_order(text: str) -> str:
    """Return `text` in display order with joined Arabic letters; left-to-right text is unchanged."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cc", "Cf"))
    if not any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        return text
    text = join_arabic(text)
    levels = _levels(text)
    letters = [c.translate(_MIRRORED) if level % 2 else c for c, level in zip(text, levels, strict=True)]
    for level in range(max(levels), 0, -1):
        letters, levels = _reversed_runs(letters, levels, level)
    return "".join(letters)


def join_arabic(text: str) -> str:
    """Replace Arabic letters by their contextual presentation forms, with lam-alef ligatures; in reading order."""
    forms, ligatures = _forms(), _ligatures()
    letters: list[str] = []
    for letter in text:
        pair = letters[-1] + letter if letters else ""
        letters[-1:] = [ligatures[pair]] if pair in ligatures else [*letters[-1:], letter]
    base = [number for number, letter in enumerate(letters) if unicodedata.combining(letter) == 0]
    shaped = list(letters)
    for index, number in enumerate(base):
        own = forms.get(letters[number], {})
        before = forms.get(letters[base[index - 1]], {}) if index > 0 else {}
        after = forms.get(letters[base[index + 1]], {}) if index + 1 < len(base) else {}
        backward = "<initial>" in before and "<final>" in own
        forward = "<initial>" in own and "<final>" in after
        shape = ("<isolated>", "<initial>", "<final>", "<medial>")[2 * backward + forward]
        shaped[number] = own.get(shape, letters[number])
    return "".join(shaped)


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return letter (or ligature in its isolated form) -> shape -> character."""
    table: dict[str, dict[str, str]] = {}
    for code in (*_PERSIAN_FORMS, *_JOINER_FORMS):
        shape, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1 or (len(letters) == 2 and chr(int(letters[0], 16)) == _LAM and chr(code) >= "\ufef5"):
            key = "".join(chr(int(letter, 16)) for letter in letters)
            table.setdefault(_ligatures().get(key, key), {})[shape] = chr(code)
    return table


@cache
def _ligatures() -> dict[str, str]:
    """Return lam with one of the four alefs -> isolated ligature, the only mandatory one in Arabic."""
    found: dict[str, str] = {}
    for code in range(0xFEF5, 0xFEFD):
        shape, *letters = unicodedata.decomposition(chr(code)).split()
        if shape == "<isolated>":
            found["".join(chr(int(letter, 16)) for letter in letters)] = chr(code)
    return found


def _levels(text: str) -> list[int]:
    """Return embedding levels: even for left to right, odd for right to left. The first letter sets the base direction."""
    base = next(kind for kind in map(_kind, text) if kind in "LR")
    kinds: list[str] = []
    strong = base
    for character in text:
        kind = _kind(character)
        if kind == "M":  # an accent takes the kind of its letter
            kind = kinds[-1] if kinds else "N"
        elif kind == "D" and strong == "L":
            kind = "L"
        strong = kind if kind in "LR" else strong
        kinds.append(kind)
    sides = [_side(kinds, number, base) for number in range(len(kinds))]
    left_level = 0 if base == "L" else 2
    return [2 if kind == "D" else 1 if side == "R" else left_level for kind, side in zip(kinds, sides, strict=True)]


def _side(kinds: list[str], number: int, base: str) -> str:
    """Return L or R; neutral characters take the side of both neighbors, or the base direction if they differ."""
    if kinds[number] != "N":
        return "L" if kinds[number] == "L" else "R"
    before = next((kind for kind in reversed(kinds[:number]) if kind != "N"), base)
    after = next((kind for kind in kinds[number:] if kind != "N"), base)
    sides = {"L" if kind == "L" else "R" for kind in (before, after)}
    return sides.pop() if len(sides) == 1 else base


def _kind(character: str) -> str:
    """Return L for left-to-right letters, R for right-to-left letters, D for digits, M for accents, N for neutral."""
    bidirectional = unicodedata.bidirectional(character)
    return {"L": "L", "R": "R", "AL": "R", "EN": "D", "AN": "D", "NSM": "M"}.get(bidirectional, "N")


def _reversed_runs(letters: list[str], levels: list[int], minimum: int) -> tuple[list[str], list[int]]:
    """Return both lists with every run of levels >= `minimum` reversed."""
    order: list[int] = []
    for is_reversed, group in groupby(range(len(levels)), key=lambda number: levels[number] >= minimum):
        run = list(group)
        order += reversed(run) if is_reversed else run
    return [letters[number] for number in order], [levels[number] for number in order]


Mask = NDArray[np.uint8]
"""Coverage of each pixel, (height, width), 0 to 255."""

_OPENCV = "opencv"
_NO_GLYPH = "\U0010fffe"
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
def render_line(text: str, height_px: int, *, bold: bool = False, max_px: int | None = None) -> Mask:
    """Render a line of text; `height_px` is the font size. The mask is cached: do not write into it.

    Text wider than `max_px` ends in an ellipsis. All masks of one size have the same height and baseline.
    """
    mask = _render(visual_order(text), height_px, bold)
    if max_px is None or mask.shape[1] <= max_px:
        return mask
    shortest, longest = 0, len(text)
    while shortest < longest:  # binary search for the most letters that fit
        middle = (shortest + longest + 1) // 2
        if _render(visual_order(_shortened(text, middle)), height_px, bold).shape[1] <= max_px:
            shortest = middle
        else:
            longest = middle - 1
    return _render(visual_order(_shortened(text, shortest)), height_px, bold)[:, : max(1, max_px)]


def _shortened(text: str, letters: int) -> str:
    while 0 < letters < len(text) and unicodedata.combining(text[letters]):
        letters -= 1
    return text[:letters].rstrip() + "…"


def _render(text: str, height_px: int, bold: bool) -> Mask:
    """Render each run of letters in the first font that has them."""
    height, baseline = round(height_px * 1.36), round(height_px * 1.04)
    pieces = [_render_run(run, font, height_px, (height, baseline)) for font, run in _runs(text, bold)]
    return np.ascontiguousarray(np.hstack(pieces)) if pieces else np.zeros((height, 1), np.uint8)


def _runs(text: str, bold: bool) -> Iterator[tuple[str, str]]:
    """Yield (font, letters). A space or an accent stays in the run before it."""
    fonts: list[str] = []
    for letter in text:
        follows = fonts and (letter.isspace() or unicodedata.combining(letter))
        fonts.append(fonts[-1] if follows else _font_for(letter, bold))
    for font, group in groupby(zip(fonts, text, strict=True), key=lambda pair: pair[0]):
        yield font, "".join(letter for _, letter in group)


def _render_run(text: str, font: str, height_px: int, line_px: tuple[int, int]) -> Mask:
    line_height, baseline = line_px
    if font == _OPENCV:
        return _render_run_opencv(text, height_px, line_px)
    face = _face(font, height_px)
    canvas = PIL.Image.new("L", (max(1, round(face.getlength(text))), line_height))
    ImageDraw.Draw(canvas).text((0, baseline), text, fill=255, font=face, anchor="ls")
    return np.asarray(canvas)


def _render_run_opencv(text: str, height_px: int, line_px: tuple[int, int]) -> Mask:
    line_height, baseline = line_px
    face = cv2.FontFace("uni")
    width = max(1, cv2.getTextSize((0, 0), text, (0, 0), face, height_px)[2])
    canvas = np.zeros((line_height, width + height_px, 3), np.uint8)
    cv2.putText(canvas, text, (0, baseline), (255, 255, 255), face, height_px)
    return np.ascontiguousarray(canvas[:, : width + 1, 0])


def blend(bgr: Image, mask: Mask, left_top: tuple[int, int], color: Sequence[int] | Image) -> None:
    """Blend `color`, or as many colors as there are pixels, into an image with `mask` as alpha, clipped at the image's edges."""
    x, y = left_top
    left, top = max(0, -x), max(0, -y)
    part = mask[top : bgr.shape[0] - y, left : bgr.shape[1] - x]
    if part.size == 0:
        return
    below = bgr[y + top : y + top + part.shape[0], x + left : x + left + part.shape[1]]
    alpha = part[:, :, np.newaxis].astype(np.uint16)
    below[:] = ((below * (255 - alpha) + np.array(color, np.uint16) * alpha + 127) // 255).astype(np.uint8)


@cache
def _font_for(letter: str, bold: bool) -> str:
    """Return the first font that has a letter, or DejaVu, which draws a box, if there is none."""
    own = _dejavu(bold)
    if _has(own, letter):
        return own
    if _opencv_has(letter):
        return _OPENCV
    return next((font for font in _SYSTEM_FONTS if _exists(font) and _has(font, letter)), own)


@cache
def _dejavu(bold: bool) -> str:
    """Return matplotlib's copy, found without importing matplotlib, else the system's."""
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
    """Load a font with the same basic layout on every machine; Pillow's own without one."""
    if not font:
        fallback = ImageFont.load_default(height_px)
        assert isinstance(fallback, ImageFont.FreeTypeFont)
        return fallback
    engine = ImageFont.Layout.BASIC if "DejaVu" in font else None
    return ImageFont.truetype(font, height_px, layout_engine=engine)


def _has(font: str, letter: str) -> bool:
    """Return True if a font draws a letter differently from the box for missing glyphs."""
    face = _face(font, 20)
    return letter.isspace() or bytes(face.getmask(letter)) != bytes(face.getmask(_NO_GLYPH))


def _opencv_has(letter: str) -> bool:
    """Return True if OpenCV 5 draws a letter differently from a missing one; OpenCV 4 has no such font."""
    if not hasattr(cv2, "FontFace"):
        return False
    drawn, missing = (_render_run_opencv(text, 20, (28, 21)) for text in (letter, _NO_GLYPH))
    return drawn.shape != missing.shape or bool((drawn != missing).any())
