"""Main window: lays out video, pages, messages and status, and connects them to the actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QStyle, QToolBar, QToolButton, QVBoxLayout, QWidget

from facecam.capture.source import as_sentence
from facecam.session.status import SourceState
from facecam.settings import Mode
from facecam.ui.preferences import read_flag
from facecam.ui.session_controller import SessionController
from facecam.ui.video.video_view import HeatmapLayer, VideoView
from facecam.ui.widgets import PageColumn
from facecam.ui.window.actions import TOOLBAR_GROUPS, Actions, KeysOverlay, MenuGroup
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.message_bar import MessageBar, Toast
from facecam.ui.window.notices import NoticeController, NoticeView, RecoveryActions
from facecam.ui.window.pages import ENROLL, PAGES, PEOPLE, PageHost
from facecam.ui.window.recording import RecordingBadge, RecordingIndicator, Snapshots, show_folder
from facecam.ui.window.sources import AddressLine, CameraMenu, dropped_photos, dropped_videos
from facecam.ui.window.status_bar import StatusBar
from facecam.ui.window.view_options import ViewOptions

_INITIAL_SIZE_WH = 1120, 780


class Window(QMainWindow):
    """Main window of one SessionController; `store` holds its geometry and view options between starts."""

    closing = Signal()

    def __init__(self, controller: SessionController, store: QSettings) -> None:
        super().__init__()
        self.controller = controller
        self.store = store
        self.setWindowTitle("facecam")
        self.setAcceptDrops(True)
        self.app_actions = Actions(self)
        self._make_parts()
        self._lay_out()
        self.toolbar = self._make_toolbar()
        self.menus = {group: self._make_menu(group) for group in MenuGroup}
        self.cameras = CameraMenu(controller, self.menus[MenuGroup.CAMERA], self.address, self)
        self.view_options = ViewOptions(self)
        self._connect_actions()
        self._connect_heatmaps()
        self._connect_pages()
        self._connect_messages()
        recovery = RecoveryActions(
            retry=(self.tr("Try again"), controller.start),
            choose_other=(self.tr("Choose another…"), self.choose_source),
            open_file=(self.tr("Open a file…"), self.cameras.open_file),
            open_demo=(self.tr("Open the demo"), lambda: controller.open("demo")),
        )
        self.notices = NoticeController(controller, self.video, self.notice_view, recovery)
        self._restore()

    def _make_parts(self) -> None:
        self.messages = MessageBar(self)
        self.address = AddressLine(self)
        self.video = VideoView(self.controller, self)
        self.status = StatusBar(self.controller, self)
        self.middle = QStackedWidget(self)
        self.middle.setObjectName("middle")
        self.toast = Toast(self.middle)
        self.whole = PageColumn("back", self.tr("Back to the video"), self, scrolls=False)
        self.side = PageColumn("close", self.tr("Close"), self)
        self.pages = PageHost(self.controller, (self.middle, self.whole, self.side), self)
        self.snapshots = Snapshots(self)
        self.recorder = RecordingIndicator(self.controller, RecordingBadge(self.video))
        self.heatmaps = self.video.heatmaps = HeatmapLayer(self.controller, self)
        self.notice_view = NoticeView(self.video)
        self._keys_overlay: KeysOverlay | None = None

    def _lay_out(self) -> None:
        self.middle.addWidget(self.video)
        self.middle.addWidget(self.whole)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.addWidget(self.middle)
        self.splitter.addWidget(self.side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setChildrenCollapsible(False)
        center = QWidget(self)
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.messages, self.address, self.splitter, self.status):
            column.addWidget(part, 1 if part is self.splitter else 0)
        self.setCentralWidget(center)

    def _make_toolbar(self) -> QToolBar:
        toolbar = QToolBar(self.tr("Toolbar"), self)
        toolbar.setObjectName("buttons")
        toolbar.setMovable(False)
        toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_LargeIconSize) * 3 // 4
        toolbar.setIconSize(QSize(side, side))
        toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for number, group in enumerate(TOOLBAR_GROUPS):
            if number:
                toolbar.addSeparator()
            toolbar.addActions([self.app_actions[action_id] for action_id in group])
        for button in toolbar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt leaves toolbar buttons out of the tab order.
        self.addToolBar(toolbar)
        return toolbar

    def _make_menu(self, group: MenuGroup) -> QMenu:
        menu = self.menuBar().addMenu(group.label)
        menu.addActions(self.app_actions.in_menu(group))
        menu.setToolTipsVisible(True)
        return menu

    def _connect_actions(self) -> None:
        actions, controller = self.app_actions, self.controller
        actions["faces"].triggered.connect(lambda: controller.change(Mode.FACES))
        actions["objects"].triggered.connect(lambda: controller.change(Mode.OBJECTS))
        actions["pause"].toggled.connect(controller.pause)
        controller.started.connect(lambda: actions["pause"].setChecked(False))
        actions["snapshot"].triggered.connect(self._save_snapshot)
        actions["record"].triggered.connect(self.recorder.record)
        self.recorder.changed.connect(actions["record"].setChecked)
        actions["open_file"].triggered.connect(self.cameras.open_file)
        actions["open_address"].triggered.connect(self.address.open)
        actions["demo"].triggered.connect(lambda: controller.open("demo"))
        actions["keys"].triggered.connect(self._toggle_keys)
        actions["quit"].triggered.connect(self.close)
        self.video.double_clicked.connect(actions["fullscreen"].toggle)
        self.video.face_clicked.connect(self._show_face_menu)

    def _connect_heatmaps(self) -> None:
        heatmaps, action = self.heatmaps, self.app_actions["heat"]
        action.toggled.connect(self._set_heatmaps)
        heatmaps.changed.connect(self.video.update)
        heatmaps.changed.connect(lambda: self.status.show_heatmap(on=heatmaps.is_on, loading=heatmaps.is_loading))
        heatmaps.failed.connect(lambda _: action.setChecked(False))
        heatmaps.failed.connect(self._show_error)
        self.recorder.set_overlay(heatmaps.draw_heatmaps)

    def _connect_pages(self) -> None:
        for page in PAGES:
            if page.id in self.app_actions:
                self.app_actions[page.id].triggered.connect(lambda _=False, page_id=page.id: self._toggle_page(page_id))
        self.pages.opened.connect(lambda page_id: self._check_page_action(page_id, on=True))
        self.pages.closed.connect(lambda page_id: self._check_page_action(page_id, on=False))

    def _connect_messages(self) -> None:
        corrections, undo = CorrectionController.for_controller(self.controller), self.app_actions["undo"]
        self.pages.message_posted.connect(self.toast.show_message)
        corrections.message_posted.connect(lambda text, buttons: self.toast.show_message(text, *buttons))
        undo.triggered.connect(corrections.undo)
        undo.setEnabled(corrections.can_undo)
        corrections.undo_changed.connect(undo.setEnabled)
        self.controller.status_changed.connect(self._show_problem)
        self.snapshots.saved.connect(lambda path: self._show_saved(self.tr("Saved as {path}"), path))
        self.recorder.saved.connect(lambda path: self._show_saved(self.tr("Recording saved as {path}"), path))
        self.snapshots.failed.connect(self._show_error)
        self.recorder.failed.connect(self._show_error)

    def _set_heatmaps(self, on: bool) -> None:
        self.heatmaps.set_enabled(on)
        if not on:
            return
        if self.controller.request.mode is Mode.FACES:
            text = self.tr(
                "Bright areas make a face similar to the photo it was compared with. Faces without a name have no heatmap."
            )
        else:
            text = self.tr("Bright areas support the first label.")
        self.toast.show_message(text)

    def _show_problem(self) -> None:
        """Show a problem while there is video; without video, the notice over it does."""
        status = self.controller.status
        message = status.message if status.state is SourceState.RUNNING else ""
        self.messages.show_problem(as_sentence(message or status.log_fault or ""))

    def _show_error(self, message: str) -> None:
        self.toast.show_message(as_sentence(message))

    def _save_snapshot(self) -> None:
        image = self.video.snapshot()
        if image is None:
            self.toast.show_message(self.tr("There is no video to save yet."))
        else:
            self.snapshots.save(image)

    def _show_saved(self, text: str, path: Path) -> None:
        self.toast.show_message(text.format(path=path), (self.tr("Show folder"), lambda: show_folder(path)))

    def _toggle_page(self, page_id: str) -> None:
        """Open a page; a page with a checkable action is closed if it is open."""
        if self.app_actions[page_id].isCheckable() and self.pages.is_open(page_id):
            self.pages.close(page_id)
        else:
            self.pages.open(page_id)

    def _check_page_action(self, page_id: str, *, on: bool) -> None:
        if page_id in self.app_actions and self.app_actions[page_id].isCheckable():
            self.app_actions[page_id].setChecked(on)

    def _show_face_menu(self, track_id: int, screen_position: QPoint) -> None:
        """Open a face's menu, which the people panel provides even while it is closed."""
        panel: Any = self.pages.get_or_create(PEOPLE)
        menu: QMenu = panel.menu_for(track_id)
        menu.popup(screen_position)

    @property
    def keys_overlay(self) -> KeysOverlay:
        """The sheet of keyboard shortcuts, created when first used."""
        self._keys_overlay = self._keys_overlay or KeysOverlay(self.app_actions, self)
        return self._keys_overlay

    def _toggle_keys(self) -> None:
        self.keys_overlay.toggle()

    def choose_source(self) -> None:
        """Open the camera menu with keyboard focus."""
        menu = self.menus[MenuGroup.CAMERA]
        self.menuBar().setVisible(True)
        menu.popup(self.menuBar().mapToGlobal(self.menuBar().actionGeometry(menu.menuAction()).bottomLeft()))

    def _restore(self) -> None:
        geometry = self.store.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            # Wide enough for the translated toolbar if the screen has room.
            width = min(self.toolbar.sizeHint().width(), self.screen().availableGeometry().width())
            self.resize(max(_INITIAL_SIZE_WH[0], width), _INITIAL_SIZE_WH[1])
        splitter = self.store.value("splitter")
        if isinstance(splitter, QByteArray):
            self.splitter.restoreState(splitter)
        if read_flag(self.store, "panel", True):
            self.pages.open(PEOPLE)
        self.video.setFocus()

    def bring_to_front(self) -> None:
        """Show and activate the window, even if it is minimized."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.view_options.leave():
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_photos(event.mimeData()) or dropped_videos(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Enroll from dropped photos, or play a dropped video."""
        photos, videos = dropped_photos(event.mimeData()), dropped_videos(event.mimeData())
        if photos:
            self.pages.open(ENROLL, photos)
        elif videos:
            self.controller.open(str(videos[0]))
        event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "app_actions"):
            self.app_actions.update_icons()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.store.setValue("geometry", self.saveGeometry())
        self.store.setValue("splitter", self.splitter.saveState())
        self.store.setValue("panel", self.pages.is_open(PEOPLE))
        self.pages.close_all()
        self.heatmaps.close()
        self.closing.emit()
        super().closeEvent(event)
