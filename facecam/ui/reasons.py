"""Why a photo is not used, in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from facecam.ui.translate import QT_TRANSLATE_NOOP

_WORDS = {
    "no_face": QT_TRANSLATE_NOOP("Reasons", "no face was found"),
    "several_faces": QT_TRANSLATE_NOOP("Reasons", "several faces: crop the photo to one"),
    "unreadable": QT_TRANSLATE_NOOP("Reasons", "not a picture that can be read"),
    "low_score": QT_TRANSLATE_NOOP("Reasons", "the face is not clear enough"),
    "too_small": QT_TRANSLATE_NOOP("Reasons", "the face is too small"),
    "clipped": QT_TRANSLATE_NOOP("Reasons", "the face is cut by the edge"),
    "blurry": QT_TRANSLATE_NOOP("Reasons", "the face is blurred"),
    "dark": QT_TRANSLATE_NOOP("Reasons", "the face is too dark"),
    "bright": QT_TRANSLATE_NOOP("Reasons", "the face is too bright"),
    "extreme_pose": QT_TRANSLATE_NOOP("Reasons", "the face is turned too far"),
    "not_found_again": QT_TRANSLATE_NOOP("Reasons", "the face was not found again in the saved picture"),
    "duplicate": QT_TRANSLATE_NOOP("Reasons", "the same picture is there already"),
    "outlier": QT_TRANSLATE_NOOP("Reasons", "looks like somebody else"),
    "cross_risk": QT_TRANSLATE_NOOP("Reasons", "too like a photo of another person"),
    "no_person": QT_TRANSLATE_NOOP("Reasons", "lies outside a person's folder"),
    "bad_name": QT_TRANSLATE_NOOP("Reasons", "the folder's name cannot be a person's"),
    "person_file_damaged": QT_TRANSLATE_NOOP("Reasons", "person.toml is damaged"),
    "duplicate_person_id": QT_TRANSLATE_NOOP("Reasons", "has the same id as another person"),
}


def reason_words(code: str) -> str:
    """The reason for a code; a code that is not known stands for itself."""
    return QCoreApplication.translate("Reasons", _WORDS[code]) if code in _WORDS else code
