"""The words over the picture in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from facecam.overlay import Words
from facecam.ui.translate import QT_TRANSLATE_NOOP

_CONTEXT = "Words"

translate = QCoreApplication.translate

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


def words(*, figures: bool = False) -> Words:
    """What stands beside a face; with `figures` also its distance and how sure the expression is."""
    return Words(
        unsure=translate("Words", "Unsure"),
        unknown=translate("Words", "Unknown"),
        distance=translate("Words", "distance {distance}") if figures else "",
        share=translate("Words", "{word} {percent} %") if figures else "",
        gates={code: translate(_CONTEXT, text) for code, text in _GATES.items()},
        expressions={code: translate(_CONTEXT, text) for code, text in _EXPRESSIONS.items()},
    )
