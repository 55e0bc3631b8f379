"""People panel: cards of visitors next to the video, and the context menu of a face."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QListWidget, QListWidgetItem, QMenu, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.settings import Mode
from facecam.types import DecisionStatus
from facecam.ui.language import caption_texts
from facecam.ui.name_field import NameField
from facecam.ui.notifications import add_notification_action
from facecam.ui.person_card import ROW, PeopleRow, VisitorDelegate, people_rows, visitor_title
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.pages import ENROLL, WHY

translate = QCoreApplication.translate

_REFRESH_MS = 10_000
"""Durations on the cards change once a minute."""

_MENU_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu)


class PeoplePanel(QListWidget):
    """List of a session's visitors. `menu_for` returns the menu of a face for this panel and for the video."""

    page_requested = Signal(str, object)
    """The page to open for a visitor: its id, and an argument or None."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._corrections = CorrectionController.for_controller(controller)
        self._delegate = VisitorDelegate(self)
        self.setItemDelegate(self._delegate)
        self._cover_strangers()
        controller.covering_changed.connect(self._cover_strangers)
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
            why = menu.addAction(translate("FaceMenu", "&Why?"), lambda: self._request_page(WHY, visitor))
            why.setEnabled(visitor.last_measured is not None)
            menu.addSeparator()
            text = translate("FaceMenu", "&Enroll with more photos…")
            menu.addAction(text, lambda: self._request_page(ENROLL, visitor)).setEnabled(present)
            if visitor.person_id and visitor.name is not None:
                add_notification_action(menu, visitor.person_id, visitor.name)
        undo = menu.addAction("&" + corrections.undo_text.replace("&", "&&"), corrections.undo)
        undo.setEnabled(corrections.can_undo)
        redo = menu.addAction("&" + corrections.redo_text.replace("&", "&&"), corrections.redo)
        redo.setEnabled(corrections.can_redo)
        return menu

    def refresh(self) -> None:
        """Update the rows if the panel is visible."""
        if self.isVisible():
            self._update_rows()

    def _cover_strangers(self) -> None:
        """Cover the portraits of strangers, or no longer."""
        self._delegate.covers_strangers = self._controller.covers_strangers
        self.viewport().update()

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
        if current is not None and (selected := self._item_of(current.data(ROW))) is not None:
            self.setCurrentItem(selected)

    def _item_of(self, row: PeopleRow) -> QListWidgetItem | None:
        """Return the item of a row, or of the visitor that its visitor has become a part of."""
        items = {item.data(ROW).key: item for item in map(self.item, range(self.count()))}
        if row.key in items or row.visitor is None:
            return items.get(row.key)
        visitor = self._controller.visitor_tracker.visitor_of(row.visitor.last_track_id)
        return None if visitor is None else items.get(visitor.visitor_id)

    def _request_page(self, page_id: str, visitor: VisitorSummary) -> None:
        self.page_requested.emit(page_id, self._corrections.current(visitor).last_track_id)

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
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, row.shares)
    item.setToolTip("\n".join(filter(None, (row.title, *row.detail, row.shares))) if row.visitor is not None else "")
    enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(enabled if row.visitor is not None else Qt.ItemFlag.NoItemFlags)


def _name_to_reject(visitor: VisitorSummary) -> str | None:
    """Return the name that the face has or probably has."""
    decision = visitor.sighting.track_decision.decision
    if decision.status is DecisionStatus.KNOWN:
        return decision.name
    return visitor.possible_name if decision.reason != "corrected" else None
