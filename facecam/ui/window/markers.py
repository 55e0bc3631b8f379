"""Markers: a line in which the user names the present moment, for the session's log."""

from __future__ import annotations

import time

from PySide6.QtCore import QLocale, QObject, QTime, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from facecam.errors import FacecamError
from facecam.session.markers import MAX_TEXT
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import FlowLayout, InputLine, fill_layout, horizontal_layout
from facecam.ui.window.message_bar import clear_layout

_MAX_RECENT = 5
_BUTTON_CHARACTERS = 24


class MarkerLine(InputLine):
    """Input line for a marker's text; hidden until `open`, Escape hides it again.

    The marker's time is that of `open`, however long the user types. Buttons repeat the last texts.
    """

    accepted = Signal(str, float)
    """The text, and the moment (time.monotonic)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("marker")
        self._at_s = 0.0
        self._recent: list[str] = []
        self._label = QLabel(self)
        self.field.setMaxLength(MAX_TEXT)
        self.field.setPlaceholderText(self.tr("What happens now"))
        self.field.setAccessibleName(self.tr("Text of the marker"))
        self._label.setBuddy(self.field)
        self._add = QPushButton(self.tr("Add"), self)
        cancel = QPushButton(self.tr("Cancel"), self)
        self._buttons = FlowLayout()
        row = horizontal_layout(self._label, self.field, self._add, cancel)
        row.setStretchFactor(self.field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        fill_layout(column, row, self._buttons)
        self.field.returnPressed.connect(self._accept)
        self.field.textChanged.connect(lambda text: self._add.setEnabled(bool(text.strip())))
        self._add.clicked.connect(self._accept)
        cancel.clicked.connect(self.close)
        self.hide()

    def open(self) -> None:
        """Show the line for a marker at this moment, with the focus in it."""
        self._at_s = time.monotonic()
        moment = QLocale().toString(QTime.currentTime(), "HH:mm:ss")
        self._label.setText(self.tr("&Marker at {time}:").format(time=moment))
        self.field.clear()
        self._add.setEnabled(False)
        self._show_recent()
        self.show_with_focus()

    def _show_recent(self) -> None:
        """Show a button for each of the last texts, with its number as the mnemonic."""
        clear_layout(self._buttons)
        for number, text in enumerate(self._recent, start=1):
            short = text if len(text) <= _BUTTON_CHARACTERS else f"{text[: _BUTTON_CHARACTERS - 1]}…"
            button = QPushButton(f"&{number} {short.replace('&', '&&')}", self)
            button.setAccessibleName(self.tr("Add the marker {text}").format(text=text))
            button.setToolTip(text)
            button.clicked.connect(lambda _=False, text=text: self._add_text(text))
            self._buttons.addWidget(button)

    def _accept(self) -> None:
        if text := self.field.text().strip():
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        self._recent = [text, *(other for other in self._recent if other != text)][:_MAX_RECENT]
        self.close()
        self.accepted.emit(text, self._at_s)


class MarkerController(QObject):
    """Opens the line for a marker of the running session, and adds the marker to its log."""

    message_posted = Signal(str)

    def __init__(self, controller: SessionController, line: MarkerLine) -> None:
        super().__init__(line)
        self._controller, self._line = controller, line
        line.accepted.connect(self._add)
        controller.started.connect(line.close)  # The moment belongs to the session that has ended.

    def open(self) -> None:
        """Open the line, or say why no marker can be added."""
        session = self._controller.session
        if self._controller.paths.log_dir is None or (session is not None and not session.has_log):
            self.message_posted.emit(self.tr("No log is being written, so a marker cannot be added."))
        elif not self._controller.has_session:
            self.message_posted.emit(self.tr("No session is running, so a marker cannot be added."))
        else:
            self._line.open()

    def _add(self, text: str, at_s: float) -> None:
        session = self._controller.session
        if session is None or not self._controller.has_session:
            self.message_posted.emit(self.tr("The session has ended, so the marker was not added."))
            return
        try:
            session.mark(text, at_s=at_s)
        except FacecamError as error:
            self.message_posted.emit(error_text(error))
        else:
            self.message_posted.emit(self.tr("Marker added: {text}").format(text=text))
