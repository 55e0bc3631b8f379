"""The colours of parts and lines: Okabe and Ito's, which colour-blind eyes tell apart, on white and on black."""

from __future__ import annotations

from collections.abc import Iterable

_CYCLE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8F8600", "#7F7F7F")
_FIXED = {
    "angry": "#D55E00",
    "disgust": "#8F8600",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#9A9A9A",
    "known": "#009E73",
    "unsure": "#E69F00",
    "unknown": "#D55E00",
}


def colours(names: Iterable[str], fixed: bool) -> dict[str, str]:
    """One colour per name; with `fixed` what means something always has the same."""
    return {name: (_FIXED.get(name) if fixed else None) or _CYCLE[n % len(_CYCLE)] for n, name in enumerate(names)}
