"""Naming a face: the context menu of a face and the inline field that asks for a name without covering the video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QCompleter, QFrame, QGridLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.types import DecisionStatus
from facecam.ui.language import caption_texts
from facecam.ui.person_card import paint_portrait, small_portrait, visitor_title
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController

translate = QCoreApplication.translate


class PortraitView(QWidget):
    """Framed portrait of a visitor, sized in lines of text."""

    def __init__(self, visitor: VisitorSummary, lines: float = 4.5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._visitor = visitor
        self._lines = lines

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        image = small_portrait(self._visitor.portrait, round(side * self.devicePixelRatioF()))
        paint_portrait(QPainter(self), QRectF(0, 0, side, side), image, self._visitor.status)


class NameField(QFrame):
    """Asks for a visitor's name and completes enrolled names. Enter accepts; Escape or a click elsewhere cancels.

    It is a child of the window, not a dialog, so everything else goes on. It deletes itself.
    """

    named = Signal(str)

    def __init__(self, controller: SessionController, visitor: VisitorSummary, parent: QWidget) -> None:
        super().__init__(parent)
        self._corrections = CorrectionController.for_controller(controller)
        self._visitor = visitor
        self._window = parent
        self._previous_focus = QApplication.focusWidget()
        self.setObjectName("naming")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAccessibleName(self.tr("Name this person"))
        question = QLabel(self.tr("&Who is this?"), self)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(self.tr("Name"))
        self.edit.setPlaceholderText(self.tr("Name"))
        self.edit.setMinimumWidth(18 * self.fontMetrics().averageCharWidth())
        people = controller.gallery.people if controller.gallery is not None else ()
        completer = QCompleter([person.name for person in people], self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.edit.setCompleter(completer)
        self.edit.textChanged.connect(self._on_text_changed)
        self.edit.returnPressed.connect(self._accept)
        question.setBuddy(self.edit)
        self._save = QPushButton(self.tr("Name"), self)
        self._save.clicked.connect(self._accept)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.clicked.connect(self.close)
        grid = QGridLayout(self)
        grid.addWidget(PortraitView(visitor, parent=self), 0, 0, 3, 1)
        grid.addWidget(question, 0, 1, 1, 2)
        grid.addWidget(self.edit, 1, 1, 1, 2)
        grid.addWidget(self._save, 2, 1)
        grid.addWidget(cancel, 2, 2)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)
        self._on_text_changed("")

    def open_at(self, screen_position: QPoint) -> None:
        """Show the field near a screen position, inside the window, and focus it."""
        self.adjustSize()
        corner = self._window.mapFromGlobal(screen_position)
        room = self._window.size() - self.size()
        self.move(max(0, min(corner.x(), room.width())), max(0, min(corner.y(), room.height())))
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_text_changed(self, text: str) -> None:
        self._save.setEnabled(bool(text.strip()))

    def _accept(self) -> None:
        name = self.edit.text().strip()
        if name:
            self._corrections.assign_name(self._visitor, name)
            self.named.emit(name)
            self.close()

    def _on_focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and now is not self and not self.isAncestorOf(now) and self.isVisible():
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab inside the field."""
        widgets = [widget for widget in (self.edit, *self.findChildren(QPushButton)) if widget.isEnabled()]
        focused = self.focusWidget()
        at = widgets.index(focused) if focused in widgets else -1
        widgets[(at + (1 if forward else -1)) % len(widgets)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        previous = self._previous_focus
        if self.isAncestorOf(QApplication.focusWidget() or self) and previous is not None and shiboken6.isValid(previous):
            previous.setFocus(Qt.FocusReason.OtherFocusReason)
        super().closeEvent(event)


@dataclass(frozen=True, slots=True)
class FaceMenuCallbacks:
    """Callbacks of a face's menu; `name` also receives the screen position for the name field."""

    name: Callable[[VisitorSummary, QPoint], object]
    why: Callable[[VisitorSummary], object]
    enroll: Callable[[VisitorSummary], object]


def face_menu(
    visitor: VisitorSummary | None, corrections: CorrectionController, callbacks: FaceMenuCallbacks, parent: QWidget
) -> QMenu:
    """Return the context menu of a visitor (None: no longer tracked); it deletes itself when closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    if visitor is not None:
        present = visitor.is_present
        menu.setAccessibleName(visitor_title(visitor, caption_texts()))
        _add(menu, translate("FaceMenu", "&Name this person…"), lambda: callbacks.name(visitor, menu.pos()))
        name = _name_to_reject(visitor)
        if name is not None:
            # An ampersand in a name would underline the next letter.
            text = translate("FaceMenu", "This is no&t {name}").format(name=name.replace("&", "&&"))
            reject = _add(menu, text, lambda: corrections.reject_name(visitor, name), enabled=present)
            if not present:
                reject.setToolTip(translate("FaceMenu", "Only while the face is visible"))
        why = translate("FaceMenu", "&Why?")
        _add(menu, why, lambda: callbacks.why(visitor), enabled=visitor.last_measured is not None)
        menu.addSeparator()
        _add(menu, translate("FaceMenu", "&Enroll with more photos…"), lambda: callbacks.enroll(visitor), enabled=present)
    _add(menu, translate("FaceMenu", "&Undo the last correction"), corrections.undo, enabled=corrections.can_undo)
    return menu


def _name_to_reject(visitor: VisitorSummary) -> str | None:
    """Return the name that the face has or probably has."""
    decision = visitor.sighting.track_decision.decision
    if decision.status is DecisionStatus.KNOWN:
        return decision.name
    return visitor.possible_name if decision.reason != "corrected" else None


def _add(menu: QMenu, text: str, callback: Callable[[], object], *, enabled: bool = True) -> QAction:
    action = menu.addAction(text)
    action.setEnabled(enabled)
    action.triggered.connect(lambda _=False: callback())
    return action
