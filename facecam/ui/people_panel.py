"""People panel: cards of visitors next to the video, the context menu of a face, and the field that asks for its name."""

from __future__ import annotations

import time

import shiboken6
from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QKeyEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCompleter,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QWidget,
)

from facecam.session.visitors import VisitorSummary
from facecam.settings import Mode
from facecam.types import DecisionStatus
from facecam.ui.language import caption_texts
from facecam.ui.person_card import ROW, PeopleRow, VisitorDelegate, people_rows, portrait_image, visitor_title
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.pages import ENROLL, WHY

translate = QCoreApplication.translate

_REFRESH_MS = 10_000
"""Durations on the cards change once a minute."""

_PORTRAIT_LINES = 4.5
"""Side of the name field's portrait in lines of text."""

_MENU_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu)


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
        side, ratio = round(_PORTRAIT_LINES * self.fontMetrics().height()), self.devicePixelRatioF()
        pixmap = QPixmap.fromImage(portrait_image(visitor.portrait, visitor.status, round(side * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        portrait = QLabel(self)
        portrait.setPixmap(pixmap)
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
        grid.addWidget(portrait, 0, 0, 3, 1)
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


class PeoplePanel(QListWidget):
    """List of a session's visitors. `menu_for` returns the menu of a face for this panel and for the video."""

    page_requested = Signal(str, object)
    """The page to open for a visitor: its id, and an argument or None."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._corrections = CorrectionController.for_controller(controller)
        self.setItemDelegate(VisitorDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMinimumWidth(24 * self.fontMetrics().averageCharWidth())
        self.setAccessibleName(self.tr("People"))
        self.setAccessibleDescription(self.tr("Choose a person with the arrow keys and open the menu with Enter."))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu_at)
        self.itemClicked.connect(lambda item: self._open_menu(item, QCursor.pos()))
        controller.visitors_changed.connect(self.refresh)
        controller.request_changed.connect(self.refresh)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self._update_rows()

    def menu_for(self, track_id: int) -> QMenu:
        """Return the context menu of a track's face; it deletes itself when closed."""
        visitor, corrections = self._controller.visitor_tracker.visitor_of(track_id), self._corrections
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        if visitor is not None:
            present = visitor.is_present
            menu.setAccessibleName(visitor_title(visitor, caption_texts()))
            menu.addAction(translate("FaceMenu", "&Name this person…"), lambda: self._ask_name(visitor, menu.pos()))
            name = _name_to_reject(visitor)
            if name is not None:
                # An ampersand in a name would underline the next letter.
                text = translate("FaceMenu", "This is no&t {name}").format(name=name.replace("&", "&&"))
                reject = menu.addAction(text, lambda: corrections.reject_name(visitor, name))
                reject.setEnabled(present)
                if not present:
                    reject.setToolTip(translate("FaceMenu", "Only while the face is visible"))
            why = menu.addAction(translate("FaceMenu", "&Why?"), lambda: self.page_requested.emit(WHY, visitor.last_track_id))
            why.setEnabled(visitor.last_measured is not None)
            menu.addSeparator()
            text = translate("FaceMenu", "&Enroll with more photos…")
            menu.addAction(text, lambda: self.page_requested.emit(ENROLL, visitor.last_track_id)).setEnabled(present)
        undo = menu.addAction("&" + corrections.undo_text.replace("&", "&&"), corrections.undo)
        undo.setEnabled(corrections.can_undo)
        redo = menu.addAction("&" + corrections.redo_text.replace("&", "&&"), corrections.redo)
        redo.setEnabled(corrections.can_redo)
        return menu

    def refresh(self) -> None:
        """Update the rows if the panel is visible."""
        if self.isVisible():
            self._update_rows()

    def _update_rows(self) -> None:
        """Remove, add and move items one by one, so that the selection and the scroll position stay."""
        faces = self._controller.request.mode is Mode.FACES
        rows = people_rows(self._controller.visitor_tracker.visitors, time.monotonic(), detects_faces=faces)
        keys, current = {row.key for row in rows}, self.currentItem()
        items = {item.data(ROW).key: item for item in map(self.item, range(self.count()))}
        for key in items.keys() - keys:
            self.takeItem(self.row(items[key]))
        for number, row in enumerate(rows):
            item = items.get(row.key) or QListWidgetItem()
            if self.item(number) is not item:
                self.takeItem(self.row(item))
                self.insertItem(number, item)
            _show_row(item, row)
        if current is not None and current.data(ROW).key in keys:
            self.setCurrentItem(current)

    def _ask_name(self, visitor: VisitorSummary, screen_position: QPoint) -> None:
        NameField(self._controller, visitor, self.window()).open_at(screen_position)

    def _open_menu_at(self, position: QPoint) -> None:
        self._open_menu(self.itemAt(position), self.viewport().mapToGlobal(position))

    def _open_menu(self, item: QListWidgetItem | None, screen_position: QPoint) -> None:
        visitor = item.data(ROW).visitor if item is not None else None
        if visitor is not None:
            self.menu_for(visitor.last_track_id).popup(screen_position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the menu of the current card with Enter or the menu key."""
        if event.key() in _MENU_KEYS:
            corner = self.visualItemRect(self.currentItem()).bottomLeft() if self.currentItem() is not None else QPoint()
            self._open_menu(self.currentItem(), self.viewport().mapToGlobal(corner))
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._update_rows()
        super().showEvent(event)


def _show_row(item: QListWidgetItem, row: PeopleRow) -> None:
    item.setData(ROW, row)
    item.setText(row.title or " ".join(row.detail))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (row.title, *row.detail))))
    item.setToolTip("\n".join((row.title, *row.detail)) if row.visitor is not None else "")
    enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(enabled if row.visitor is not None else Qt.ItemFlag.NoItemFlags)


def _name_to_reject(visitor: VisitorSummary) -> str | None:
    """Return the name that the face has or probably has."""
    decision = visitor.sighting.track_decision.decision
    if decision.status is DecisionStatus.KNOWN:
        return decision.name
    return visitor.possible_name if decision.reason != "corrected" else None
