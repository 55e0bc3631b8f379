"""A line in the window for the address of a network camera."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget


class AddressLine(QFrame):
    """Hidden until it is asked for; Enter or the button takes the address, Escape puts it away."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("address")
        self._field: QLineEdit | None = None
        self.hide()

    def _made(self) -> QLineEdit:
        label = QLabel(self.tr("&Address of the camera:"), self)
        field = QLineEdit(self)
        field.setPlaceholderText("rtsp://192.168.1.20/stream")
        field.setAccessibleName(self.tr("Address of the camera"))
        field.setClearButtonEnabled(True)
        label.setBuddy(field)
        go = QPushButton(self.tr("Open"), self)
        away = QPushButton(self.tr("Cancel"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        for widget in (label, field, go, away):
            row.addWidget(widget, 1 if widget is field else 0)
        field.returnPressed.connect(self._take)
        go.clicked.connect(self._take)
        away.clicked.connect(self.hide)
        return field

    def ask(self) -> None:
        """Show the line, ready for typing."""
        self._field = self._field or self._made()
        self.show()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        text = self._field.text().strip() if self._field is not None else ""
        if text:
            self.hide()
            # Without a scheme a host is meant: most cameras speak RTSP.
            self.wanted.emit(text if "://" in text else f"rtsp://{text}")
