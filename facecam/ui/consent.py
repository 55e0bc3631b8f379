"""Consent of a person whose photos are stored: the sentence, its record, and the checkbox; and the privacy notice."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QWidget

from facecam.ui.widgets import WrappedButton


def consent_text() -> str:
    """Return the sentence that a new person agrees to."""
    return QCoreApplication.translate(
        "Consent", "This person agrees that photos of their face are stored on this computer so that it can recognize them."
    )


def privacy_text() -> str:
    """Return the privacy notice."""
    return QCoreApplication.translate(
        "Consent",
        "Photos and logs stay on this computer: facecam sends nothing anywhere, and you can remove a person at any time.",
    )


def consent_record(today: date) -> str:
    """Return the consent entry for person.toml: the sentence and the date."""
    return f"{consent_text()} ({today.isoformat()})"


class ConsentBox(WrappedButton):
    """Checkbox with the sentence that a new person agrees to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCheckBox(), consent_text(), parent)
