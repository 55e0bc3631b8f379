"""Consent of a person whose photos are stored: the sentence, its record, and the checkbox; and the privacy notice."""

from __future__ import annotations

import re
from datetime import date

from PySide6.QtCore import QCoreApplication, QDateTime, Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from facecam.ui.language import date_text
from facecam.ui.widgets import WrappedButton

_ISO_TIME = re.compile(r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?\b")


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


def with_local_dates(record: str) -> str:
    """Return a consent record with its dates, which are stored as 2026-05-03 or with a time, in the user's format."""

    def local_date(found: re.Match[str]) -> str:
        moment = QDateTime.fromString(found[0], Qt.DateFormat.ISODate)
        return date_text(moment.toLocalTime().date()) if moment.isValid() else found[0]

    return _ISO_TIME.sub(local_date, record)


class ConsentBox(WrappedButton):
    """Checkbox with the sentence that a new person agrees to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCheckBox(), consent_text(), parent)
