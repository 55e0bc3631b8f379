"""A small field beside a face: who is this? It covers nothing else, the picture goes on behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QCompleter, QFrame, QGridLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.types import DecisionStatus
from facecam.ui.language import words
from facecam.ui.person_card import paint_portrait, small_portrait, title_of
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController


class PortraitView(QWidget):
    """A visitor's face in its frame, some lines of text high."""

    def __init__(self, card: VisitorSummary, lines: float = 4.5, parent: QWidget | None = None) -> None:
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

    def __init__(self, live: SessionController, card: VisitorSummary, parent: QWidget) -> None:
        super().__init__(parent)
        self._correcting = CorrectionController.of(live)
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

    def _completer(self, live: SessionController) -> QCompleter:
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


# MERGED ui.face_menu: What may be done with a face, in the picture or on a card.

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class FaceMenuCallbacks:
    """What is done when an entry is chosen; a name is asked for at a place of the screen."""

    name: Callable[[VisitorSummary, QPoint], object]
    why: Callable[[VisitorSummary], object]
    enroll: Callable[[VisitorSummary], object]


def face_menu(card: VisitorSummary | None, correcting: CorrectionController, deeds: FaceMenuCallbacks, parent: QWidget) -> QMenu:
    """The menu of a visitor, None of one who is forgotten; it deletes itself when it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    if card is not None:
        menu.setAccessibleName(title_of(card, words()))
        _add(menu, translate("FaceMenu", "&Name this person…"), lambda: deeds.name(card, menu.pos()))
        denied = _whom(card)
        if denied is not None:
            denial = translate("FaceMenu", "This is no&t {name}").format(name=_shown(denied))
            deny = _add(menu, denial, lambda: correcting.deny(card, denied), enabled=card.here)
            if not card.here:
                deny.setToolTip(translate("FaceMenu", "Only while the face is seen"))
        _add(menu, translate("FaceMenu", "&Why?"), lambda: deeds.why(card), enabled=card.measured is not None)
        menu.addSeparator()
        _add(menu, translate("FaceMenu", "&Enroll with more pictures…"), lambda: deeds.enroll(card), enabled=card.here)
    _add(menu, translate("FaceMenu", "&Undo the last correction"), correcting.undo, enabled=correcting.can_undo)
    return menu


def _whom(card: VisitorSummary) -> str | None:
    """Who the face is said or guessed to be."""
    decision = card.sighting.track_decision.decision
    if decision.status is DecisionStatus.KNOWN:
        return decision.name
    return card.guess if decision.reason != "corrected" else None


def _shown(name: str) -> str:
    """A name as a menu shows it: an ampersand would underline what follows."""
    return name.replace("&", "&&")


def _add(menu: QMenu, words: str, do: Callable[[], object], *, enabled: bool = True) -> QAction:
    action = menu.addAction(words)
    action.setEnabled(enabled)
    action.triggered.connect(lambda _=False: do())
    return action
