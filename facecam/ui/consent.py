"""One sentence that a person agrees to before they are enrolled, and what person.toml has of it."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget


def consent_words() -> str:
    """What the person agrees to."""
    return QCoreApplication.translate(
        "Consent", "This person agrees that pictures of their face are kept on this computer, so that it recognises them."
    )


def privacy_words() -> str:
    """What becomes of pictures and logs."""
    return QCoreApplication.translate(
        "Consent",
        "Pictures and logs stay on this computer: facecam sends nothing anywhere, and you can remove anybody at any time.",
    )


def consent_record(today: date) -> str:
    """What is written down of a consent that was given on this day."""
    return f"{consent_words()} ({today.isoformat()})"


class ConsentBox(QWidget):
    """A box to be ticked, and the sentence beside it, which wraps as a box's own words do not."""

    toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(consent_words())
        self.box.toggled.connect(self.toggled)
        self._label = QLabel(consent_words(), self)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._label.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.setFocusProxy(self.box)

    @property
    def given(self) -> bool:
        """Whether it is ticked."""
        return self.box.isChecked()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the sentence ticks the box."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self.box.toggle()
            self.box.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        return super().eventFilter(watched, event)
