"""Who is here, who was, and whom nobody knows: cards beside the picture, each with what may be done about it."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QVBoxLayout, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.settings import Mode
from facecam.ui.naming import FaceMenuCallbacks, NameField, face_menu
from facecam.ui.person_card import PersonCard, VisitorModel, rows_of
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.pages import ENROLL, WHY, page

_MINUTES_PASS_MS = 10_000

_OPENING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Menu)


class PeoplePanel(QWidget):
    """Shows the presence of a Live. The menu of a face is `menu_for`, whether it was asked for here or in the picture."""

    why_requested = Signal(int)
    """Somebody wants to know why the face of this track is taken for whom."""
    enroll_requested = Signal(int)
    """More pictures shall be taken of the face of this track."""
    page_wanted = Signal(str, object)
    """The same for the window: a page and its argument."""

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._correcting = CorrectionController.of(live)
        self.setAccessibleName(self.tr("People"))
        self.model = VisitorModel(self)
        self.view = self._make_view()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        live.presence_changed.connect(self.refresh)
        live.wish_changed.connect(self.refresh)
        self._minutes = QTimer(self)
        self._minutes.setInterval(_MINUTES_PASS_MS)
        self._minutes.timeout.connect(self.refresh)
        self._minutes.start()
        self._show_cards()

    def _make_view(self) -> QListView:
        view = QListView(self)
        view.setModel(self.model)
        view.setItemDelegate(PersonCard(view))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setMinimumWidth(24 * self.fontMetrics().averageCharWidth())
        view.setAccessibleName(self.tr("People"))
        view.setAccessibleDescription(self.tr("The arrow keys choose somebody, Enter opens the menu."))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_menu_at)
        view.clicked.connect(lambda index: self._open_menu(index, QCursor.pos()))
        view.installEventFilter(self)
        return view

    def menu_for(self, track_id: int) -> QMenu:
        """What may be done with the face of this track."""
        deeds = FaceMenuCallbacks(
            name=self._ask_name,
            why=self._want_why,
            enroll=self._want_more_pictures,
        )
        return face_menu(self._live.presence.card_of(track_id), self._correcting, deeds, self)

    def name_track(self, track_id: int) -> NameField | None:
        """Ask who the face of this track is; None when it is forgotten."""
        card = self._live.presence.card_of(track_id)
        return self._ask_name(card, QCursor.pos()) if card is not None else None

    def refresh(self) -> None:
        """Show what is known now, when somebody looks."""
        if self.isVisible():
            self._show_cards()

    def _show_cards(self) -> None:
        faces = self._live.wish.mode is Mode.FACES
        self.model.show(rows_of(self._live.presence.cards, time.monotonic(), looks_at_faces=faces))

    def _want_why(self, card: VisitorSummary) -> None:
        self.why_requested.emit(card.last_track_id)
        self.page_wanted.emit(WHY, card.last_track_id)

    def _want_more_pictures(self, card: VisitorSummary) -> None:
        self.enroll_requested.emit(card.last_track_id)
        if page(ENROLL).exists:
            self.page_wanted.emit(ENROLL, None)

    def _ask_name(self, card: VisitorSummary, place: QPoint) -> NameField:
        field = NameField(self._live, card, self.window())
        field.open_at(place)
        return field

    def _open_menu_at(self, place: QPoint) -> None:
        self._open_menu(self.view.indexAt(place), self.view.viewport().mapToGlobal(place))

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        card = self.model.row(index).card if index.isValid() else None
        if card is not None:
            menu = self.menu_for(card.last_track_id)
            menu.popup(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Space and the menu key open the menu of the chosen card, at the card."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _OPENING_KEYS:
            index = self.view.currentIndex()
            corner = self.view.visualRect(index).bottomLeft()
            self._open_menu(index, self.view.viewport().mapToGlobal(corner))
            return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        self._show_cards()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # A sentence over several lines takes more of them in a narrow panel.
        self.view.scheduleDelayedItemsLayout()
        super().resizeEvent(event)
