"""Translated texts shared by several widgets, and numbers and times in the user's locale."""

from __future__ import annotations

import re
import time
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from facecam.messages import QT_TRANSLATE_NOOP, TranslatableText, as_sentence, caption, sentence
from facecam.rendering.annotations import CaptionTexts
from facecam.types import UNCLEAR

translate = QCoreApplication.translate


_MAX_DIGITS = 4
_TRANSLATIONS = Path(__file__).parent / "i18n"
_EXPRESSIONS = {
    "angry": QT_TRANSLATE_NOOP("Words", "angry"),
    "disgust": QT_TRANSLATE_NOOP("Words", "disgust"),
    "fear": QT_TRANSLATE_NOOP("Words", "fear"),
    "happy": QT_TRANSLATE_NOOP("Words", "happy"),
    "sad": QT_TRANSLATE_NOOP("Words", "sad"),
    "surprise": QT_TRANSLATE_NOOP("Words", "surprise"),
    "neutral": QT_TRANSLATE_NOOP("Words", "neutral"),
    UNCLEAR: QT_TRANSLATE_NOOP("Words", "unclear"),
}


def caption_text(code: str) -> str:
    """Return the translated caption of a code."""
    return translate("Messages", caption(code))


def sentence_text(code: str) -> str:
    """Return what a code means and what to do, as a translated sentence."""
    return sentence(code, lambda text: translate("Messages", text))


def error_text(error: BaseException | str) -> str:
    """Return the text of an error or a situation as a translated sentence; in English without a translation.

    Args:
        error: An error, or its text. A TranslatableText and a FacecamError keep the template that is translated.
    """
    words = error_words(error)
    text = as_sentence(words)
    # A name or a path keeps its letters.
    return words[:1] + text[1:] if _begins_with_value(_translatable(error)) else text


def error_words(error: BaseException | str) -> str:
    """Return the translated text of an error or a situation, to follow a colon."""
    return _with_local_numbers(_translatable(error)).translated(_translated_template)


def _translatable(error: BaseException | str) -> TranslatableText:
    text = TranslatableText("{error}", error=error) if isinstance(error, BaseException) else error
    return text if isinstance(text, TranslatableText) else TranslatableText(text)


def _begins_with_value(text: TranslatableText) -> bool:
    """Return whether a text begins in the user's language with a value that is not translated, such as a person's name."""
    first = re.match(r"\{(\w+)", _translated_template(text.template)) if text.values else None
    if first is None:
        return False
    value = text.values[first[1]]
    return _begins_with_value(value) if isinstance(value, TranslatableText) else True


class _LocalNumber(float):
    """Number with the decimal point of the user's locale."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", QLocale().decimalPoint())


def _with_local_numbers(text: TranslatableText) -> TranslatableText:
    return TranslatableText(text.template, **{name: _local_value(value) for name, value in text.values.items()})


def _local_value(value: object) -> object:
    if isinstance(value, TranslatableText):
        return _with_local_numbers(value)
    return _LocalNumber(value) if isinstance(value, float) else value


def _translated_template(template: str) -> str:
    """Translate a template of an error, or the caption of a code that is part of one."""
    if not template:
        return ""
    translated = translate("Errors", template)
    return translated if translated != template else translate("Messages", template)


def caption_texts(*, figures: bool = False) -> CaptionTexts:
    """Return the translated captions of faces; with `figures` they include distance and expression probability."""
    return CaptionTexts(
        unsure=translate("Words", "Unsure"),
        unknown=translate("Words", "Unknown"),
        distance=translate("Words", "distance {distance}") if figures else "",
        share=translate("Words", "{word} {percent} %") if figures else "",
        reason=caption_text,
        expressions={code: translate("Words", text) for code, text in _EXPRESSIONS.items()},
    )


def languages() -> list[str]:
    """Return the locale codes of the available languages, English included."""
    return sorted({"en", *(path.stem.removeprefix("facecam_") for path in _TRANSLATIONS.glob("facecam_*.qm"))})


def format_number(value: float, digits: int = 2) -> str:
    """Format a number with this many decimal places in the user's locale."""
    # Format "f" keeps the sign of negative zero (-0.00); adding 0.0 removes it.
    return QLocale().toString(round(value, digits) + 0.0, "f", digits)


def distinct_numbers(*values: float) -> tuple[str, ...]:
    """Format numbers with two decimal places, or as many more (up to 4) as different numbers need to look different."""
    for digits in range(2, _MAX_DIGITS + 1):
        texts = tuple(format_number(value, digits) for value in values)
        if len(set(texts)) == len(set(values)):
            break
    return texts


def date_text(day: QDate) -> str:
    """Return a date in the user's locale, such as "3 May 2026"."""
    return QLocale().toString(day, translate("Words", "d MMMM yyyy"))


@lru_cache(maxsize=1000)
def clock_time(at_s: float) -> str:
    """Return the time of day (hours and minutes) of a monotonic time.

    Cached from the first call, because a sleeping computer stops the monotonic clock but not the wall clock.
    """
    ago_s = time.monotonic() - at_s
    then = QDateTime.currentDateTime().addMSecs(-round(ago_s * 1e3))
    return QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)


def length_text(seconds: float) -> str:
    """Return a duration as "12 s", "3 min 5 s" or "1 h 2 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return translate("Figures", "{seconds} s").format(seconds=whole)
    if whole < 3600:
        return translate("Figures", "{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return translate("Figures", "{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole // 60 % 60)


def duration_text(seconds: float) -> str:
    """Return a duration in minutes and hours; the text changes once a minute at most."""
    minutes = int(max(0.0, seconds) // 60)
    if minutes < 1:
        return translate("Figures", "just now")
    if minutes < 60:
        return translate("Figures", "{minutes} min").format(minutes=minutes)
    return translate("Figures", "{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
