"""Numbers and times as the user's language writes them."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from facecam.rendering.annotations import CaptionTexts

translate = QCoreApplication.translate

_MOST_DIGITS = 4


def number(value: float, digits: int = 2) -> str:
    """The number with so many digits after the point, which may be a comma."""
    # 'f' leaves a minus before nothing: -0.00.
    return QLocale().toString(round(value, digits) + 0.0, "f", digits)


def told_apart(*values: float) -> tuple[str, ...]:
    """The numbers with two digits, or as many more as it takes that different ones do not look the same."""
    for digits in range(2, _MOST_DIGITS + 1):
        words = tuple(number(value, digits) for value in values)
        if len(set(words)) == len(set(values)):
            break
    return words


@lru_cache(maxsize=1000)
def clock(at_s: float) -> str:
    """The time of day, in hours and minutes, of a moment that time.monotonic() was `at_s`.

    Kept from when it is first asked: while a computer sleeps the one clock goes on and the other does not.
    """
    ago_s = time.monotonic() - at_s
    then = QDateTime.currentDateTime().addMSecs(-round(ago_s * 1e3))
    return QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)


def lasting(seconds: float) -> str:
    """How long, in words that change once a minute at most."""
    minutes = int(max(0.0, seconds) // 60)
    if minutes < 1:
        return translate("Figures", "just now")
    if minutes < 60:
        return translate("Figures", "{minutes} min").format(minutes=minutes)
    said = translate("Figures", "{hours} h {minutes} min")
    return said.format(hours=minutes // 60, minutes=minutes % 60)


# MERGED ui.translate: Words that stand in a table and are translated later.


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """The text itself; Qt's own is typed as an object."""
    return text


# MERGED ui.words: The words over the picture in the user's language.

_CONTEXT = "Words"


_GATES = {
    "low_score": QT_TRANSLATE_NOOP("Words", "hardly a face"),
    "too_small": QT_TRANSLATE_NOOP("Words", "too far away"),
    "clipped": QT_TRANSLATE_NOOP("Words", "cut off at the edge"),
    "blurry": QT_TRANSLATE_NOOP("Words", "blurred"),
    "dark": QT_TRANSLATE_NOOP("Words", "too dark"),
    "bright": QT_TRANSLATE_NOOP("Words", "too bright"),
    "extreme_pose": QT_TRANSLATE_NOOP("Words", "turned away"),
}
_EXPRESSIONS = {
    "angry": QT_TRANSLATE_NOOP("Words", "angry"),
    "disgust": QT_TRANSLATE_NOOP("Words", "disgust"),
    "fear": QT_TRANSLATE_NOOP("Words", "fear"),
    "happy": QT_TRANSLATE_NOOP("Words", "happy"),
    "sad": QT_TRANSLATE_NOOP("Words", "sad"),
    "surprise": QT_TRANSLATE_NOOP("Words", "surprise"),
    "neutral": QT_TRANSLATE_NOOP("Words", "neutral"),
}


def words(*, figures: bool = False) -> CaptionTexts:
    """What stands beside a face; with `figures` also its distance and how sure the expression is."""
    return CaptionTexts(
        unsure=translate("Words", "Unsure"),
        unknown=translate("Words", "Unknown"),
        distance=translate("Words", "distance {distance}") if figures else "",
        share=translate("Words", "{word} {percent} %") if figures else "",
        gates={code: translate(_CONTEXT, text) for code, text in _GATES.items()},
        expressions={code: translate(_CONTEXT, text) for code, text in _EXPRESSIONS.items()},
    )


# MERGED ui.i18n_names: The languages that the window speaks.

_FOLDER = Path(__file__).parent / "i18n"


def languages() -> list[str]:
    """Their codes, English among them, as QLocale knows them."""
    there = {path.stem.removeprefix("facecam_") for path in _FOLDER.glob("facecam_*.qm")}
    return sorted({"en", *there})
