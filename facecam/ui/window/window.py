"""The window: picture, buttons, messages, status, and the pages around them. It puts together; each part says what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QPoint, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QStyle, QToolBar, QToolButton, QVBoxLayout, QWidget

from facecam.capture.source import sentence
from facecam.session.status import SourceState
from facecam.settings import Mode
from facecam.ui.preferences import flag
from facecam.ui.session_controller import SessionController
from facecam.ui.video.heatmap_layer import HeatmapLayer
from facecam.ui.video.video_view import VideoView
from facecam.ui.widgets import PageColumn
from facecam.ui.window.actions import TOOLBAR, Actions, KeysOverlay, MenuGroup
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.message_bar import MessageBar, Toast
from facecam.ui.window.notices import NoteView, NoticeController, RecoveryActions
from facecam.ui.window.pages import ENROLL, PAGES, PEOPLE, PageHost
from facecam.ui.window.recording import RecordingBadge, RecordingIndicator, Snapshots, show_folder
from facecam.ui.window.sources import AddressLine, CameraMenu, dropped_films, dropped_photos
from facecam.ui.window.status_bar import StatusBar
from facecam.ui.window.view_options import ViewOptions

# MERGED ui.wiring: Which action does what, and who tells whom: the connections between the window's parts.

if TYPE_CHECKING:
    pass

translate = QCoreApplication.translate


def connect(window: Window) -> None:
    """Make the actions of a window do what they say."""
    _connect_picture(window)
    _connect_heats(window)
    _connect_pages(window)
    _connect_messages(window)


def _connect_picture(window: Window) -> None:
    on, live = window.deeds, window.live
    on["faces"].triggered.connect(lambda: live.change(Mode.FACES))
    on["objects"].triggered.connect(lambda: live.change(Mode.OBJECTS))
    on["pause"].toggled.connect(live.pause)
    live.begun.connect(lambda: on["pause"].setChecked(False))
    on["snapshot"].triggered.connect(lambda: _keep_snapshot(window))
    on["record"].triggered.connect(window.filming.record)
    window.filming.changed.connect(on["record"].setChecked)
    on["open_file"].triggered.connect(window.cameras.open_file)
    on["open_address"].triggered.connect(window.cameras.open_address)
    on["demo"].triggered.connect(lambda: live.open("demo"))
    on["keys"].triggered.connect(window.turn_keys)
    on["quit"].triggered.connect(window.close)
    window.video.double_clicked.connect(on["fullscreen"].toggle)
    window.video.face_clicked.connect(lambda track_id, place: _show_menu_of_face(window, track_id, place))


def _connect_heats(window: Window) -> None:
    heats, deed = window.heats, window.deeds["heat"]
    deed.toggled.connect(lambda on: _turn_heats(window, on=on))
    heats.changed.connect(window.video.update)
    heats.changed.connect(lambda: window.status.tell_heat(on=heats.on, loading=heats.loading))
    heats.failed.connect(lambda _: deed.setChecked(False))
    heats.failed.connect(lambda words: window.toast.say(sentence(words)))
    window.filming.set_lay(heats.lay)


def _turn_heats(window: Window, *, on: bool) -> None:
    window.heats.turn(on)
    if not on:
        return
    if window.live.wish.mode is Mode.FACES:
        words = translate(
            "Window", "Bright is what makes a face like the photo it was compared with. Faces without a name stay plain."
        )
    else:
        words = translate("Window", "Bright is what speaks for the first label.")
    window.toast.say(words)


def _connect_pages(window: Window) -> None:
    on, pages = window.deeds, window.pages
    for page in PAGES:
        if page.id in on:
            on[page.id].triggered.connect(lambda _=False, page_id=page.id: _turn(window, page_id))
    pages.opened.connect(lambda page_id: _tick(window, page_id, on=True))
    pages.closed.connect(lambda page_id: _tick(window, page_id, on=False))


def _connect_messages(window: Window) -> None:
    toast, correcting = window.toast, CorrectionController.of(window.live)
    window.pages.said.connect(toast.say)
    correcting.told.connect(lambda sentence, offers: toast.say(sentence, *offers))
    window.deeds["undo"].triggered.connect(correcting.undo)
    window.deeds["undo"].setEnabled(correcting.can_undo)
    correcting.undo_changed.connect(window.deeds["undo"].setEnabled)
    window.live.status_changed.connect(lambda: _complain(window))
    for keeper, words in (
        (window.snapshots, translate("Window", "Saved as {path}")),
        (window.filming, translate("Window", "The film is saved as {path}")),
    ):
        keeper.kept.connect(lambda path, words=words: _tell_kept(window, words, path))
        keeper.failed.connect(lambda words: toast.say(sentence(words)))


def _complain(window: Window) -> None:
    """What is wrong while a picture is there; without one the note over the picture says it."""
    status = window.live.status
    shown = status.message if status.state is SourceState.RUNNING else ""
    window.messages.complain(sentence(shown or status.log_fault or ""))


def _keep_snapshot(window: Window) -> None:
    picture = window.video.picture()
    if picture is None:
        window.toast.say(translate("Window", "There is no picture to keep."))
    else:
        window.snapshots.keep(picture)


def _tell_kept(window: Window, words: str, path: Path) -> None:
    window.toast.say(words.format(path=path), (translate("Window", "Show folder"), lambda: show_folder(path)))


def _turn(window: Window, page_id: str) -> None:
    """Open a page; the panel that is ticked in the menu closes the second time."""
    if window.deeds[page_id].isCheckable() and window.pages.is_open(page_id):
        window.pages.close(page_id)
    else:
        window.pages.open(page_id)


def _tick(window: Window, page_id: str, *, on: bool) -> None:
    if page_id in window.deeds and window.deeds[page_id].isCheckable():
        window.deeds[page_id].setChecked(on)


def _show_menu_of_face(window: Window, track_id: int, place: QPoint) -> None:
    """The people panel knows what may be done with a face, shown or not."""
    if PEOPLE not in window.deeds:
        return
    panel = window.pages.widget(PEOPLE) or window.pages.prepared(PEOPLE)
    menu = panel.menu_for(track_id)  # type: ignore[attr-defined]
    assert isinstance(menu, QMenu)
    menu.popup(place)


_FIRST_WH = 1120, 780


class Window(QMainWindow):
    """Shows a Live. `store` is what it remembers between starts."""

    closing = Signal()

    def __init__(self, live: SessionController, store: QSettings) -> None:
        super().__init__()
        self.live = live
        self.store = store
        self.setWindowTitle("facecam")
        self.setAcceptDrops(True)
        self.deeds = Actions(self)
        self._make_parts()
        self._lay_out()
        self.toolbar = self._make_toolbar()
        self.menus = {menu: self._make_menu(menu) for menu in MenuGroup}
        self.cameras = CameraMenu(live, self.menus[MenuGroup.CAMERA], self.address, self)
        self.looks = ViewOptions(self)
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
        self.filming = RecordingIndicator(self.live, RecordingBadge(self.video))
        self.heats = self.video.heats = HeatmapLayer(self.live, self)
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
        center = QWidget(self)
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.messages, self.address, splitter, self.status):
            column.addWidget(part, 1 if part is splitter else 0)
        self.setCentralWidget(center)

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

    def _make_menu(self, menu: MenuGroup) -> QMenu:
        made = self.menuBar().addMenu(menu.words)
        made.addActions(list(self.deeds.of(menu)))
        made.setToolTipsVisible(True)
        return made

    def _watch_situation(self) -> None:
        """Begin to say over the picture how the session is."""
        ways = RecoveryActions(
            again=(self.tr("Try again"), self.live.start),
            other=(self.tr("Choose another…"), self.choose_source),
            file=(self.tr("Open a file…"), self.cameras.open_file),
            demo=(self.tr("See the demo"), lambda: self.live.open("demo")),
        )
        self.situation = NoticeController(self.live, self.video, self.note, ways)

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
        menu = self.menus[MenuGroup.CAMERA]
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
        if photos and ENROLL in self.deeds:
            self.pages.open(ENROLL, photos)
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
