"""The window: picture, buttons, messages, status, and the pages around them. It puts together; each part says what it does."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QStyle, QToolBar, QVBoxLayout, QWidget

from facecam.mode import Mode
from facecam.ui.actions import TOOLBAR, Actions, Menu
from facecam.ui.correcting import Correcting
from facecam.ui.live import Live
from facecam.ui.message_bar import MessageBar
from facecam.ui.page_host import PageHost
from facecam.ui.pages import PAGES, PEOPLE
from facecam.ui.side_panel import PageColumn
from facecam.ui.sources import SourceKind, kind_of
from facecam.ui.status_bar import StatusBar
from facecam.ui.store import flag
from facecam.ui.video_view import VideoView


class Window(QMainWindow):
    """Shows a Live. `store` is what it remembers between starts."""

    closing = Signal()

    def __init__(self, live: Live, store: QSettings) -> None:
        super().__init__()
        self.live = live
        self.store = store
        self.setWindowTitle("facecam")
        self.setAcceptDrops(True)
        self.actions_ = Actions(self)
        self.messages = MessageBar(self)
        self.video = VideoView(live, self)
        self.video.mirrors = self._mirrors
        self.status = StatusBar(live, self)
        self._middle = QStackedWidget(self)
        whole = PageColumn("back", self.tr("Back to the picture"), self, scrolls=False)
        side = PageColumn("close", self.tr("Close"), self)
        self._side = side
        self.pages = PageHost(live, (self._middle, whole, side), self)
        self._lay_out(whole, side)
        self.toolbar = self._make_toolbar()
        self._make_menus()
        self._connect()
        self._restore()

    def _lay_out(self, whole: QWidget, side: QWidget) -> None:
        self._middle.addWidget(self.video)
        self._middle.addWidget(whole)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.addWidget(self._middle)
        self._splitter.addWidget(side)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setChildrenCollapsible(False)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._splitter, 1)
        column.addWidget(self.status)
        self.setCentralWidget(centre)

    def _make_toolbar(self) -> QToolBar:
        bar = QToolBar(self.tr("Buttons"), self)
        bar.setObjectName("buttons")
        bar.setMovable(False)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_LargeIconSize)
        bar.setIconSize(QSize(side, side) * 0.75)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in TOOLBAR:
            if not name:
                bar.addSeparator()
            elif name in self.actions_:
                bar.addAction(self.actions_[name])
        self.addToolBar(bar)
        return bar

    def _make_menus(self) -> None:
        for menu in Menu:
            self._menu(menu)

    def _menu(self, menu: Menu) -> QMenu:
        made = self.menuBar().addMenu(menu.words)
        made.addActions(list(self.actions_.of(menu)))
        return made

    def _connect(self) -> None:
        on = self.actions_
        on["faces"].triggered.connect(lambda: self.live.change(Mode.FACES))
        on["objects"].triggered.connect(lambda: self.live.change(Mode.OBJECTS))
        on["quit"].triggered.connect(self.close)
        on["figures"].toggled.connect(self.video.show_figures)
        on["mirror"].triggered.connect(self._keep_mirror)
        on["blur"].toggled.connect(lambda on_: setattr(self.video, "blur", on_))
        on["fullscreen"].triggered.connect(self._fill_screen)
        on["bare"].triggered.connect(self._show_bare)
        correcting = Correcting.of(self.live)
        correcting.told.connect(lambda sentence, offers: self.messages.say(sentence, *offers))
        correcting.undo_changed.connect(on["undo"].setEnabled)
        on["undo"].setEnabled(correcting.can_undo)
        on["undo"].triggered.connect(correcting.undo)
        on["demo"].triggered.connect(lambda: self.live.open("demo"))
        for page in PAGES:
            if page.id in on:
                on[page.id].triggered.connect(lambda _=False, page_id=page.id: self._turn(page_id))
        self.pages.said.connect(self.messages.say)
        self.pages.opened.connect(lambda page_id: self._tick(page_id, True))
        self.pages.closed.connect(lambda page_id: self._tick(page_id, False))
        self.video.face_clicked.connect(self._show_menu_of_face)
        self.live.wish_changed.connect(self._follow_wish)
        self.live.status_changed.connect(self._follow_status)
        self._follow_wish()

    def _turn(self, page_id: str) -> None:
        """Open a page; the panel that is ticked in the menu closes the second time."""
        if self.actions_[page_id].isCheckable() and self.pages.is_open(page_id):
            self.pages.close(page_id)
        else:
            self.pages.open(page_id)

    def _tick(self, page_id: str, on: bool) -> None:
        if page_id in self.actions_ and self.actions_[page_id].isCheckable():
            self.actions_[page_id].setChecked(on)

    def _show_menu_of_face(self, track_id: int, place: QPoint) -> None:
        """The people panel knows what may be done with a face."""
        panel = self.pages.widget(PEOPLE)
        if panel is None and PEOPLE in self.actions_:
            panel = self.pages.open(PEOPLE)
        if panel is not None and hasattr(panel, "menu_for"):
            menu: QMenu = panel.menu_for(track_id)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def _follow_wish(self) -> None:
        wish = self.live.wish
        self.actions_["faces" if wish.mode is Mode.FACES else "objects"].setChecked(True)
        self.actions_["mirror"].setChecked(self._mirrors(0))

    def _follow_status(self) -> None:
        self.messages.complain(self.live.status.message)

    def _mirrors(self, slot: int) -> bool:
        sources = self.live.wish.sources
        camera = slot < len(sources) and kind_of(sources[slot]) is SourceKind.CAMERA
        return flag(self.store, "mirror/camera" if camera else "mirror/other", camera)

    def _keep_mirror(self, on: bool) -> None:
        camera = kind_of(self.live.wish.sources[0]) is SourceKind.CAMERA
        self.store.setValue("mirror/camera" if camera else "mirror/other", on)
        self.video.update()

    def _fill_screen(self, on: bool) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.actions_["fullscreen"].setChecked(on)

    def _show_bare(self, on: bool) -> None:
        for part in (self.menuBar(), self.toolbar, self.status):
            part.setVisible(not on)
        self._side.setVisible(not on and self._side.current is not None)

    def _restore(self) -> None:
        geometry = self.store.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1100, 760)
        if flag(self.store, "panel", True) and PEOPLE in self.actions_:
            self.pages.open(PEOPLE)
        self.video.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_"):
            self.actions_.redraw()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.store.setValue("geometry", self.saveGeometry())
        self.store.setValue("panel", self.pages.is_open(PEOPLE))
        self.pages.close_all()
        self.closing.emit()
        super().closeEvent(event)
