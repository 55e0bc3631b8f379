"""A small field beside a face: who is this? It covers nothing else, the picture goes on behind it."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QCompleter, QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from facecam.runtime.visitor import Card
from facecam.ui.correcting import Correcting
from facecam.ui.live import Live
from facecam.ui.person_card import paint_portrait, small_portrait


class PortraitView(QWidget):
    """A visitor's face in its frame, some lines of text high."""

    def __init__(self, card: Card, lines: float = 4.5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = card
        self._lines = lines

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        image = small_portrait(self._card.portrait, round(side * self.devicePixelRatioF()))
        paint_portrait(QPainter(self), QRectF(0, 0, side, side), image, self._card.kind)


class NameField(QFrame):
    """Asks for a visitor's name, with those who are enrolled to choose from. Enter takes it; Escape or a click elsewhere not.

    A part of the window, not a window of its own: nothing is held up while it is open. It deletes itself.
    """

    named = Signal(str)

    def __init__(self, live: Live, card: Card, parent: QWidget) -> None:
        super().__init__(parent)
        self._correcting = Correcting.of(live)
        self._card = card
        self._window = parent
        self._before = QApplication.focusWidget()
        self.setObjectName("naming")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAccessibleName(self.tr("Name this person"))
        question = QLabel(self.tr("&Who is this?"), self)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(self.tr("Name"))
        self.edit.setPlaceholderText(self.tr("Name"))
        self.edit.setMinimumWidth(18 * self.fontMetrics().averageCharWidth())
        self.edit.setCompleter(self._completer(live))
        self.edit.textChanged.connect(self._follow_text)
        self.edit.returnPressed.connect(self._take)
        question.setBuddy(self.edit)
        self._save = QPushButton(self.tr("Name"), self)
        self._save.clicked.connect(self._take)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.clicked.connect(self.close)
        grid = QGridLayout(self)
        grid.addWidget(PortraitView(card, parent=self), 0, 0, 3, 1)
        grid.addWidget(question, 0, 1, 1, 2)
        grid.addWidget(self.edit, 1, 1, 1, 2)
        grid.addWidget(self._save, 2, 1)
        grid.addWidget(cancel, 2, 2)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_focus)
        self._follow_text("")

    def _completer(self, live: Live) -> QCompleter:
        people = live.gallery.people if live.gallery is not None else ()
        completer = QCompleter([person.name for person in people], self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        return completer

    def open_at(self, place: QPoint) -> None:
        """Show it beside a place of the screen, as far inside the window as it goes, ready for typing."""
        self.adjustSize()
        corner = self._window.mapFromGlobal(place)
        room = self._window.size() - self.size()
        self.move(max(0, min(corner.x(), room.width())), max(0, min(corner.y(), room.height())))
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _follow_text(self, text: str) -> None:
        self._save.setEnabled(bool(text.strip()))

    def _take(self) -> None:
        name = self.edit.text().strip()
        if name:
            self._correcting.name(self._card, name)
            self.named.emit(name)
            self.close()

    def _follow_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and now is not self and not self.isAncestorOf(now) and self.isVisible():
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays among the field's own parts."""
        own = [part for part in (self.edit, *self.findChildren(QPushButton)) if part.isEnabled()]
        focused = self.focusWidget()
        at = own.index(focused) if focused in own else -1
        own[(at + (1 if forward else -1)) % len(own)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """The keyboard goes back to where it was."""
        if self.isAncestorOf(QApplication.focusWidget() or self) and self._before is not None and shiboken6.isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        super().closeEvent(event)
