"""People panel: cards of present and past visitors next to the video, each with a context menu."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QVBoxLayout, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.settings import Mode
from facecam.ui.naming import FaceMenuCallbacks, NameField, face_menu
from facecam.ui.person_card import VisitorDelegate, VisitorModel, people_rows
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.pages import ENROLL, WHY

_REFRESH_MS = 10_000
"""Durations on the cards change once a minute."""

_MENU_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Menu)


class PeoplePanel(QWidget):
    """List of a session's visitors. `menu_for` returns the menu of a face for this panel and for the video."""

    why_requested = Signal(int)
    """Track whose decision is to be explained."""
    enroll_requested = Signal(int)
    """Track to enroll with more photos."""
    page_requested = Signal(str, object)
    """The same for the window: a page id and its argument."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._corrections = CorrectionController.for_controller(controller)
        self.setAccessibleName(self.tr("People"))
        self.model = VisitorModel(self)
        self.view = self._make_view()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        controller.visitors_changed.connect(self.refresh)
        controller.request_changed.connect(self.refresh)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self._update_rows()

    def _make_view(self) -> QListView:
        view = QListView(self)
        view.setModel(self.model)
        view.setItemDelegate(VisitorDelegate(view))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setMinimumWidth(24 * self.fontMetrics().averageCharWidth())
        view.setAccessibleName(self.tr("People"))
        view.setAccessibleDescription(self.tr("Choose a person with the arrow keys and open the menu with Enter."))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_menu_at)
        view.clicked.connect(lambda index: self._open_menu(index, QCursor.pos()))
        view.installEventFilter(self)
        return view

    def menu_for(self, track_id: int) -> QMenu:
        """Return the context menu of a track's face."""
        callbacks = FaceMenuCallbacks(name=self._ask_name, why=self._request_why, enroll=self._request_enrollment)
        return face_menu(self._controller.visitor_tracker.visitor_of(track_id), self._corrections, callbacks, self)

    def name_track(self, track_id: int) -> NameField | None:
        """Ask for the name of a track's face; None when the track has expired."""
        visitor = self._controller.visitor_tracker.visitor_of(track_id)
        return self._ask_name(visitor, QCursor.pos()) if visitor is not None else None

    def refresh(self) -> None:
        """Update the rows if the panel is visible."""
        if self.isVisible():
            self._update_rows()

    def _update_rows(self) -> None:
        faces = self._controller.request.mode is Mode.FACES
        self.model.set_rows(people_rows(self._controller.visitor_tracker.visitors, time.monotonic(), detects_faces=faces))

    def _request_why(self, visitor: VisitorSummary) -> None:
        self.why_requested.emit(visitor.last_track_id)
        self.page_requested.emit(WHY, visitor.last_track_id)

    def _request_enrollment(self, visitor: VisitorSummary) -> None:
        self.enroll_requested.emit(visitor.last_track_id)
        self.page_requested.emit(ENROLL, None)

    def _ask_name(self, visitor: VisitorSummary, screen_position: QPoint) -> NameField:
        field = NameField(self._controller, visitor, self.window())
        field.open_at(screen_position)
        return field

    def _open_menu_at(self, position: QPoint) -> None:
        self._open_menu(self.view.indexAt(position), self.view.viewport().mapToGlobal(position))

    def _open_menu(self, index: QModelIndex, screen_position: QPoint) -> None:
        visitor = self.model.row(index).visitor if index.isValid() else None
        if visitor is not None:
            self.menu_for(visitor.last_track_id).popup(screen_position)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu of the current card with Enter, Space or the menu key."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _MENU_KEYS:
            index = self.view.currentIndex()
            corner = self.view.visualRect(index).bottomLeft()
            self._open_menu(index, self.view.viewport().mapToGlobal(corner))
            return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        self._update_rows()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # A sentence wraps into more lines in a narrower panel.
        self.view.scheduleDelayedItemsLayout()
        super().resizeEvent(event)
