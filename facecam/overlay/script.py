"""A line of any script in the order in which its letters stand on the screen, for drawing that goes from left to right.

What draws letters here neither orders Hebrew and Arabic nor joins Arabic letters, or does so only where certain system libraries
are. Names are short lines, so the steps of the Unicode Bidirectional Algorithm (UAX #9) that need no explicit marks are enough:
levels, neutral characters by their neighbours, reversal, mirrored brackets.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby

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
    """Arabic letters as they look beside their neighbours (presentation forms), lam and alef as one; in reading order."""
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
