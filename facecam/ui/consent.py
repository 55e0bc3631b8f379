"""Consent of a person whose photos are stored: the sentence, its record, and the checkbox; and the privacy notice."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from facecam.ui.widgets import FocusForwarder, wrapped_label


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


class ConsentBox(FocusForwarder):
    """Checkbox with a label that wraps, which a QCheckBox's own text cannot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(consent_text())
        self._label = wrapped_label(self, consent_text())
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._label.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.set_focus_target(self.box)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Toggle the box on a click on its label."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self.box.toggle()
            self.box.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        return super().eventFilter(watched, event)
