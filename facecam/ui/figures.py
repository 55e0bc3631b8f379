"""Numbers and times as the user's language writes them."""

from __future__ import annotations

import time
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

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
