"""The window: picture, buttons, messages, status, and the pages around them. It puts together; each part says what it does."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QStyle, QToolBar, QToolButton, QVBoxLayout, QWidget

from facecam.ui.actions import TOOLBAR, Actions, Menu
from facecam.ui.address_line import AddressLine
from facecam.ui.camera_menu import CameraMenu
from facecam.ui.dropping import dropped_films, dropped_photos
from facecam.ui.filming import Badge, Filming
from facecam.ui.heats import Heats
from facecam.ui.keys_overlay import KeysOverlay
from facecam.ui.live import Live
from facecam.ui.looks import Looks
from facecam.ui.message_bar import MessageBar, Toast
from facecam.ui.notes import NoteView
from facecam.ui.page_host import PageHost
from facecam.ui.pages import ENROL, PEOPLE
from facecam.ui.side_panel import PageColumn
from facecam.ui.situation import Situation, Ways
from facecam.ui.snapshot import Snapshots
from facecam.ui.status_bar import StatusBar
from facecam.ui.store import flag
from facecam.ui.video_view import VideoView
from facecam.ui.wiring import connect

_FIRST_WH = 1120, 780


class Window(QMainWindow):
    """Shows a Live. `store` is what it remembers between starts."""

    closing = Signal()

    def __init__(self, live: Live, store: QSettings) -> None:
        super().__init__()
        self.live = live
        self.store = store
        self.setWindowTitle("facecam")
        self.setAcceptDrops(True)
        self.deeds = Actions(self)
        self._make_parts()
        self._lay_out()
        self.toolbar = self._make_toolbar()
        self.menus = {menu: self._make_menu(menu) for menu in Menu}
        self.cameras = CameraMenu(live, self.menus[Menu.CAMERA], self.address, self)
        self.looks = Looks(self)
        connect(self)
        self._watch_situation()
        self._restore()

    def _make_parts(self) -> None:
        self.messages = MessageBar(self)
        self.address = AddressLine(self)
        self.video = VideoView(self.live, self)
        self.status = StatusBar(self.live, self)
        self.middle = QStackedWidget(self)
        self.middle.setObjectName("middle")
        self.toast = Toast(self.middle)
        self.whole = PageColumn("back", self.tr("Back to the picture"), self, scrolls=False)
        self.side = PageColumn("close", self.tr("Close"), self)
        self.pages = PageHost(self.live, (self.middle, self.whole, self.side), self)
        self.snapshots = Snapshots(self)
        self.filming = Filming(self.live, Badge(self.video))
        self.heats = self.video.heats = Heats(self.live, self)
        self.note = NoteView(self.video)
        self._keys: KeysOverlay | None = None

    def _lay_out(self) -> None:
        self.middle.addWidget(self.video)
        self.middle.addWidget(self.whole)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self.middle)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setChildrenCollapsible(False)
        self.splitter = splitter
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.messages, self.address, splitter, self.status):
            column.addWidget(part, 1 if part is splitter else 0)
        self.setCentralWidget(centre)

    def _make_toolbar(self) -> QToolBar:
        bar = QToolBar(self.tr("Buttons"), self)
        bar.setObjectName("buttons")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_LargeIconSize) * 3 // 4
        bar.setIconSize(QSize(side, side))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in TOOLBAR:
            if not name:
                bar.addSeparator()
            elif name in self.deeds:
                bar.addAction(self.deeds[name])
        for button in bar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a tool bar leaves the keyboard out
        self.addToolBar(bar)
        return bar

    def _make_menu(self, menu: Menu) -> QMenu:
        made = self.menuBar().addMenu(menu.words)
        made.addActions(list(self.deeds.of(menu)))
        made.setToolTipsVisible(True)
        return made

    def _watch_situation(self) -> None:
        """Begin to say over the picture how the session is."""
        ways = Ways(
            again=(self.tr("Try again"), self.live.start),
            other=(self.tr("Choose another…"), self.choose_source),
            file=(self.tr("Open a file…"), self.cameras.open_file),
            demo=(self.tr("See the demo"), lambda: self.live.open("demo")),
        )
        self.situation = Situation(self.live, self.video, self.note, ways)

    @property
    def keys(self) -> KeysOverlay:
        """The sheet of keys, made when it is first looked at."""
        self._keys = self._keys or KeysOverlay(self.deeds, self)
        return self._keys

    def turn_keys(self) -> None:
        """Show the sheet of keys, or put it away."""
        self.keys.turn()

    def choose_source(self) -> None:
        """Open the menu of cameras where the focus can walk through it."""
        menu = self.menus[Menu.CAMERA]
        self.menuBar().setVisible(True)
        menu.popup(self.menuBar().mapToGlobal(self.menuBar().actionGeometry(menu.menuAction()).bottomLeft()))

    def _restore(self) -> None:
        geometry = self.store.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            # As wide as its buttons are in this language, where the screen has room for that.
            wide = min(self.toolbar.sizeHint().width(), self.screen().availableGeometry().width())
            self.resize(max(_FIRST_WH[0], wide), _FIRST_WH[1])
        split = self.store.value("splitter")
        if isinstance(split, QByteArray):
            self.splitter.restoreState(split)
        if flag(self.store, "panel", True) and PEOPLE in self.deeds:
            self.pages.open(PEOPLE)
        self.video.setFocus()

    def come_forward(self) -> None:
        """Somebody wants to see this window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.looks.leave():
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_photos(event.mimeData()) or dropped_films(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Photos are for enrolling, a film is for watching."""
        photos, films = dropped_photos(event.mimeData()), dropped_films(event.mimeData())
        if photos and ENROL in self.deeds:
            self.pages.open(ENROL, photos)
        elif films:
            self.live.open(*map(str, films[:1]))
        event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "deeds"):
            self.deeds.redraw()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.store.setValue("geometry", self.saveGeometry())
        self.store.setValue("splitter", self.splitter.saveState())
        self.store.setValue("panel", self.pages.is_open(PEOPLE))
        self.pages.close_all()
        self.heats.close()
        self.closing.emit()
        super().closeEvent(event)
