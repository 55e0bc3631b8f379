"""Main window: lays out video, pages, messages and status, and connects them to the actions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from facecam.capture.source import SourceKind, source_kind
from facecam.errors import FacecamError
from facecam.session.status import CommandResult, SourceState
from facecam.settings import Mode, Settings
from facecam.ui.accessibility import ArrivalAnnouncer
from facecam.ui.arrivals import ArrivalWatcher
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_text
from facecam.ui.notifications import ArrivalNotifier
from facecam.ui.preferences import SettingsWriter, changes_back, ignored_distances_text, not_saved_text
from facecam.ui.session_controller import SessionController
from facecam.ui.tray import Tray
from facecam.ui.video.playback_bar import STEP_MS, PlaybackBar
from facecam.ui.video.video_view import HeatmapLayer, VideoView
from facecam.ui.widgets import PageColumn
from facecam.ui.window.actions import Actions, ActionToolBar, KeysOverlay, MenuGroup
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.markers import MarkerController, MarkerLine
from facecam.ui.window.menus import assign_mnemonics
from facecam.ui.window.message_bar import MessageBar, MessageButton, MessageLine, QuestionBar, Toast
from facecam.ui.window.network_suggestion import NetworkSuggestion
from facecam.ui.window.notices import NoticeController, NoticeView
from facecam.ui.window.pages import ENROLL, GALLERY, LABELS, PAGES, PEOPLE, STUDIO, TEACH, WHY, PageHost
from facecam.ui.window.recording import (
    RecordingBadge,
    RecordingIndicator,
    SnapshotCountdown,
    recording_view,
    show_folder,
    write_snapshot,
)
from facecam.ui.window.session_end import SessionEnd
from facecam.ui.window.source_menus import SourceMenus
from facecam.ui.window.sources import AddressLine, OrientationMenu, dropped_photos, dropped_videos
from facecam.ui.window.status_bar import StatusBar
from facecam.ui.window.unlocking import PassphraseLine, UnlockController

if TYPE_CHECKING:
    from facecam.privacy.person_export import PersonExport
    from facecam.ui.gallery.rights import Forgotten

_INITIAL_SIZE_WH = 1120, 780
_WINDOW_FRAME_WH = 16, 48
"""Room for the frame and the title bar of a window manager, which are unknown before the window is shown."""

_CAMERA, _OTHER = "mirror/camera", "mirror/other"

_KEPT_ACTIONS = ("pause", "loop", "heat", "bare", "fullscreen")
"""Checked actions that window.ini does not keep, but a window created in place of another one does."""


class ViewOptions(QObject):
    """View options of the window: mirror, covered strangers, numbers, video only and full screen; most of them are remembered."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._controller, self._store, self._actions = window.controller, window.store, window.app_actions
        self._mirrored: list[bool] = []
        window.video.is_mirrored = self.is_mirrored
        self._actions["mirror"].triggered.connect(self._set_mirror)
        self._actions["cover"].toggled.connect(self._set_cover)
        self._actions["figures"].toggled.connect(self._set_figures)
        self._actions["bare"].toggled.connect(self._set_video_only)
        self._actions["fullscreen"].toggled.connect(self._set_fullscreen)
        self._controller.request_changed.connect(self._on_request_changed)
        if self._store.contains("blur"):  # the name in earlier versions
            self._store.setValue("cover", self._store.value("blur"))
            self._store.remove("blur")
        for name in ("cover", "figures"):
            self._actions[name].setChecked(bool(self._store.value(name, False, type=bool)))
        self._on_request_changed()

    def is_mirrored(self, slot: int) -> bool:
        """Return whether a source is mirrored: cameras are by default, videos are not."""
        return slot < len(self._mirrored) and self._mirrored[slot]

    def leave(self) -> bool:
        """Leave video-only or full-screen view; return False if neither is active."""
        for name in ("bare", "fullscreen"):
            if self._actions[name].isChecked():
                self._actions[name].setChecked(False)
                return True
        return False

    def _mirror_key(self, slot: int) -> str:
        return _CAMERA if source_kind(self._controller.request.sources[slot]) is SourceKind.CAMERA else _OTHER

    def _update_mirrored(self) -> None:
        """Cache what every paint needs, so that painting does not read files."""
        keys = [self._mirror_key(slot) for slot in range(len(self._controller.request.sources))]
        self._mirrored = [bool(self._store.value(key, key == _CAMERA, type=bool)) for key in keys]
        self._window.video.update()

    def _set_mirror(self, on: bool) -> None:
        self._store.setValue(self._mirror_key(0), on)
        self._update_mirrored()

    def _set_cover(self, on: bool) -> None:
        self._store.setValue("cover", on)
        self._apply_cover()

    def _apply_cover(self) -> None:
        """Cover strangers; in objects mode, warn that faces in the video cannot be covered."""
        on, detects_faces = self._actions["cover"].isChecked(), self._controller.request.mode is Mode.FACES
        self._actions["cover"].setEnabled(detects_faces)
        self._controller.covers_strangers = on
        if on and not detects_faces:
            self._window.toast.show_message(self.tr("Objects mode does not detect faces, so strangers are not covered."))

    def _set_figures(self, on: bool) -> None:
        self._store.setValue("figures", on)
        self._window.video.show_figures(on)

    def _set_video_only(self, on: bool) -> None:
        window = self._window
        for part in (window.menuBar(), window.toolbar, window.status):
            part.setVisible(not on)
        window.playback.set_wanted(not on)
        window.pages.hide_panel(on)
        window.video.shows_annotations = not on
        if on:
            window.toast.show_message(self.tr("Press H or Escape to show the controls again."))

    def _set_fullscreen(self, on: bool) -> None:
        state, full = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | full if on else state & ~full)

    def _on_request_changed(self) -> None:
        self._update_mirrored()
        self._actions["faces" if self._controller.request.mode is Mode.FACES else "objects"].setChecked(True)
        self._actions["mirror"].setChecked(self.is_mirrored(0))
        self._apply_cover()


@dataclass(frozen=True, slots=True)
class WindowView:
    """State of a window, for another one in its place: open pages with their views, and the checked view options."""

    pages: list[tuple[str, object]]
    checked: list[str]


class Window(QMainWindow):
    """Main window of one SessionController; `store` holds its geometry and view options between starts."""

    appearance_changed = Signal()
    """The language, the colors or the text size in window.ini is another one; the window must be created again."""

    def __init__(self, controller: SessionController, store: QSettings) -> None:
        super().__init__()
        self.controller = controller
        self.store = store
        self.setWindowTitle("facecam")
        self.setAcceptDrops(True)
        self.app_actions = Actions(self)
        self._make_parts()
        self._lay_out()
        self.toolbar = ActionToolBar(self.app_actions, self)
        self.addToolBar(self.toolbar)
        self.menus = {group: self._make_menu(group) for group in MenuGroup}
        self.sources = SourceMenus(controller, store, self.app_actions, self.address, self)
        self._fill_menus()
        self.view_options = ViewOptions(self)
        self._connect_actions()
        self._connect_heatmaps()
        self._connect_pages()
        self._connect_messages()
        choose_source = self.tr("Choose another…"), self.choose_source
        recovery = (
            (self.tr("Try again"), controller.start),
            choose_source,
            (self.tr("Open a file…"), self.sources.open_file),
            (self.tr("Demo without a camera"), self.sources.open_demo),
        )
        self.session_end = SessionEnd(controller, self)
        self.session_end.message_posted.connect(lambda text, buttons: self.toast.show_message(text, *buttons))
        NoticeController(
            controller,
            self.video,
            self.notice_view,
            choose_source,
            recovery,
            session_end=self.session_end,
            finder=self.sources.finder,
        )
        self.network_suggestion = NetworkSuggestion(controller, self.suggestion, store, self.settings_writer)
        self._prepare_recording()
        self._connect_tray()
        self._restore()
        self.unlocking = UnlockController(controller, self.passphrase, self.locked)  # after `_restore`, which moves the focus
        self.unlocking.message_posted.connect(self.toast.show_message)

    def _make_parts(self) -> None:
        self.messages = MessageBar(self)
        self.question = QuestionBar(self)
        self.suggestion = MessageLine("info", self)
        self.settings_writer = SettingsWriter(self.controller.paths.config, self)
        self.address = AddressLine(self)
        self.passphrase = PassphraseLine(self)
        self.locked = MessageLine("info", self)
        self.marker_line = MarkerLine(self)
        self.markers = MarkerController(self.controller, self.marker_line)
        self.video = VideoView(self.controller, self)
        self.playback = PlaybackBar(self.controller, self)
        self.playback.set_actions((self.app_actions["pause"], self.app_actions["step"]), (self.app_actions["loop"],))
        self.status = StatusBar(self.controller, self)
        self.middle = QStackedWidget(self)
        self.middle.setObjectName("middle")
        self.toast = Toast(self.middle)
        self.whole = PageColumn("back", self.tr("Back"), self, scrolls=False)
        self.side = PageColumn("close", self.tr("Close"), self)
        self.pages = PageHost(self.controller, self.middle, self.whole, self.side, self)
        self.jobs = BackgroundJobs(self)
        self.recorder = RecordingIndicator(self.controller, RecordingBadge(self.video))
        self.heatmaps = self.video.heatmaps = HeatmapLayer(self.controller, self)
        self.notice_view = NoticeView(self.video)
        self.toast.stay_above(self.notice_view)
        self.countdown = SnapshotCountdown(self.video)

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
        for part in (
            self.messages,
            self.question,
            self.suggestion,
            self.locked,
            self.passphrase,
            self.address,
            self.marker_line,
            self.splitter,
            self.playback,
            self.status,
        ):
            column.addWidget(part, 1 if part is self.splitter else 0)
        self.setCentralWidget(center)

    def _make_menu(self, group: MenuGroup) -> QMenu:
        menu = self.menuBar().addMenu(group.label)
        self.app_actions.fill_menu(menu, group)
        menu.setToolTipsVisible(True)
        return menu

    def _fill_menus(self) -> None:
        """Add what the table of actions does not have: cameras, recent files, rotation, and mnemonics."""
        source_menu = self.menus[MenuGroup.SOURCE]
        self.sources.fill_source_menu(source_menu)
        self.sources.fill_file_menu(self.menus[MenuGroup.FILE])
        self.toolbar.add_source_picker(self.sources.picker)
        self.orientation = OrientationMenu(self.controller, source_menu, self.app_actions["pause"], self.settings_writer)
        source_menu.insertSeparator(self.app_actions["pause"])
        for menu in (*self.menus.values(), self.sources.picker.menu()):
            # Last of all, because the entries may change before the menu opens.
            menu.aboutToShow.connect(lambda menu=menu: assign_mnemonics(menu.actions()))

    def _connect_actions(self) -> None:
        actions, controller = self.app_actions, self.controller
        actions["faces"].triggered.connect(lambda: controller.change(Mode.FACES))
        actions["objects"].triggered.connect(lambda: controller.change(Mode.OBJECTS))
        actions["pause"].toggled.connect(controller.pause)
        actions["pause"].triggered.connect(lambda _: controller.play_again())  # not when the window itself checks it
        controller.started.connect(self._show_pause)
        controller.ended.connect(self._offer_play)
        controller.started.connect(self._prepare_recording)
        actions["step"].triggered.connect(lambda _: self._step())
        actions["loop"].toggled.connect(controller.loop)
        actions["loop"].triggered.connect(lambda on: controller.play_again() if on else None)
        actions["seek_back"].triggered.connect(lambda _: controller.seek(controller.position_ms - STEP_MS))
        actions["seek_ahead"].triggered.connect(lambda _: controller.seek(controller.position_ms + STEP_MS))
        controller.status_changed.connect(self._update_playback)
        self._update_playback()
        actions["snapshot"].triggered.connect(self._save_snapshot)
        actions["snapshot_later"].triggered.connect(lambda _: self.countdown.start())
        self.countdown.finished.connect(self._save_snapshot)
        actions["record"].triggered.connect(self.recorder.record)
        self.recorder.changed.connect(actions["record"].setChecked)
        actions["mark"].triggered.connect(lambda _: self.markers.open())
        actions["labels"].triggered.connect(lambda _: self.pages.toggle(LABELS))
        actions["end"].triggered.connect(lambda _: controller.finish())
        actions["report"].triggered.connect(lambda _: self.session_end.open_report())
        actions["log_folder"].triggered.connect(lambda _: self.session_end.open_log_folder())
        actions["explain"].triggered.connect(lambda _: self._explain_face())
        controller.started.connect(self._update_session_actions)
        controller.status_changed.connect(self._update_session_actions)
        controller.request_changed.connect(self._update_session_actions)
        self._update_session_actions()
        actions["keys"].triggered.connect(lambda _: self.keys_overlay.toggle())
        actions["quit"].triggered.connect(lambda _: self.tray.quit())
        self.video.double_clicked.connect(actions["fullscreen"].toggle)
        self.video.face_clicked.connect(self._show_face_menu)

    def _show_pause(self) -> None:
        self.app_actions["pause"].setChecked(self.controller.is_paused)

    def _offer_play(self) -> None:
        """Let the pause button play a file again that has ended, and disable what needs a running one."""
        if not self.controller.has_session:  # The first steps start the demo again at once.
            self.app_actions["pause"].setChecked(self.controller.length_ms is not None)
        self._update_playback()

    def _step(self) -> None:
        """Pause, or show the next frame of a paused file."""
        self.controller.step()
        self.app_actions["pause"].setChecked(self.controller.is_paused)

    def _update_playback(self) -> None:
        """Enable the actions of files."""
        is_file = self.controller.length_ms is not None
        self.app_actions["loop"].setEnabled(is_file)
        for action_id in ("step", "seek_back", "seek_ahead"):
            self.app_actions[action_id].setEnabled(is_file and self.controller.has_session)

    def _update_session_actions(self) -> None:
        """Enable the actions that need a log, or faces."""
        for action_id in ("report", "log_folder"):
            self.app_actions[action_id].setEnabled(self.controller.log_path is not None)
        self.app_actions["explain"].setEnabled(self.controller.request.mode is Mode.FACES)

    def _explain_face(self) -> None:
        """Open Why? for the face that is chosen in the video, else for the largest one."""
        faces = self.video.visible_faces()
        chosen = next((face for face in faces if face.track_id == self.video.selected_track), None)
        face = chosen or max(faces, key=lambda face: face.box.w * face.box.h, default=None)
        if face is None:
            self.toast.show_message(self.tr("No face is visible. Choose a face in the video to ask about it."))
        else:
            self.pages.open(WHY, face.track_id)

    def _prepare_recording(self) -> None:
        """Make recordings of the session show what the window shows."""
        session = self.controller.session
        if session is not None:
            session.recording.view_of = partial(recording_view, self.video)
            session.recording.draw_heatmaps = self.heatmaps.draw_heatmaps

    def _connect_heatmaps(self) -> None:
        heatmaps, action = self.heatmaps, self.app_actions["heat"]
        action.toggled.connect(self._set_heatmaps)
        heatmaps.changed.connect(self.video.update)
        heatmaps.changed.connect(lambda: self.status.show_heatmap(on=heatmaps.is_on, loading=heatmaps.is_loading))
        heatmaps.failed.connect(lambda _: action.setChecked(False))
        heatmaps.failed.connect(self._show_error)

    def _connect_pages(self) -> None:
        for page in PAGES:
            if page.id in self.app_actions:
                self.app_actions[page.id].triggered.connect(partial(self._toggle_page, page.id))
        for changed in (self.pages.opened, self.pages.closed):
            changed.connect(self._check_open_pages)
        self.controller.request_changed.connect(self._close_outdated_panels)

    def _toggle_page(self, page_id: str, _checked: bool = False) -> None:
        self.pages.toggle(page_id)
        self._check_open_pages()

    def _check_open_pages(self) -> None:
        """Check the actions of the open panels."""
        for page in PAGES:
            if page.id in self.app_actions and self.app_actions[page.id].isCheckable():
                self.app_actions[page.id].setChecked(self.pages.is_open(page.id))

    def _close_outdated_panels(self) -> None:
        """Close the panel that belongs to the other mode."""
        self.pages.close(WHY if self.controller.request.mode is Mode.OBJECTS else TEACH)

    def _connect_messages(self) -> None:
        corrections = CorrectionController.for_controller(self.controller)
        undo, redo = self.app_actions["undo"], self.app_actions["redo"]
        self.pages.message_posted.connect(self.toast.show_message)
        self.pages.opened.connect(self._connect_rights)
        self.pages.appearance_changed.connect(self.appearance_changed)
        self.markers.message_posted.connect(self.toast.show_message)
        corrections.message_posted.connect(self._show_message)
        corrections.question_asked.connect(self._ask)
        self.controller.started.connect(self.question.forget)  # Its face belongs to the session that has ended.
        undo.triggered.connect(corrections.undo)
        redo.triggered.connect(corrections.redo)
        corrections.journal_changed.connect(self._show_journal)
        self._show_journal()
        self.controller.command_finished.connect(self._save_accepted_settings)
        self.settings_writer.failed.connect(lambda _, error_text: self.toast.show_message(not_saved_text(error_text)))
        self.controller.status_changed.connect(self._show_problem)
        self.recorder.saved.connect(lambda path: self._show_saved(self.tr("Recording saved as {path}"), path))
        self.recorder.failed.connect(self._show_error)
        self.recorder.changed.connect(self._show_problem)
        self.recorder.failed.connect(self._show_problem)
        identify = self.controller.request.settings.identify
        if ignored := ignored_distances_text(self.controller.paths.config, identify.network):
            self.toast.show_message(ignored, (self.tr("Threshold studio"), lambda: self.pages.open(STUDIO)))

    def _connect_rights(self) -> None:
        """Tell from the first visit of the gallery page on of an export or a removal that goes on after the page is closed."""
        if not self.pages.is_open(GALLERY):
            return
        from facecam.ui.gallery.rights import PersonRights  # takes a quarter of a second

        self.pages.opened.disconnect(self._connect_rights)
        rights = PersonRights.for_controller(self.controller)
        rights.exported.connect(self._show_exported)
        rights.failed.connect(self.toast.show_message)
        rights.forgotten.connect(self._show_forgotten)

    def _show_exported(self, done: PersonExport) -> None:
        text = self.tr(
            "Saved as {path}. The file has biometric data and is readable by you only. Store it encrypted, and delete it when it "
            "is not needed."
        )
        self._show_saved(text, done.path)

    def _show_forgotten(self, done: Forgotten) -> None:
        if not self.pages.is_open(GALLERY):
            text = self.tr("The removal of {name} is finished.").format(name=done.name)
            self.toast.show_message(text, (self.tr("Show the result"), lambda: self.pages.open(GALLERY)))

    def _show_message(self, text: str, buttons: tuple[MessageButton, ...]) -> None:
        self.toast.show_message(text, *buttons)

    def _ask(self, text: str, answers: tuple[MessageButton, ...]) -> None:
        self.question.ask(text, *answers)

    def _show_journal(self) -> None:
        """Name in the menu what Undo and Redo concern."""
        corrections = CorrectionController.for_controller(self.controller)
        undo, redo = self.app_actions["undo"], self.app_actions["redo"]
        undo.setText(corrections.undo_text.replace("&", "&&"))
        undo.setEnabled(corrections.can_undo)
        redo.setText(corrections.redo_text.replace("&", "&&"))
        redo.setEnabled(corrections.can_redo)

    def _save_accepted_settings(self, result: CommandResult) -> None:
        """Save the accepted settings again after refused ones, with which the next start would fail."""
        if result.error is not None and isinstance(result.command, Settings):
            self.settings_writer.save(changes_back(result.command, self.controller.request.settings))

    def _connect_tray(self) -> None:
        self.tray = Tray(self.controller, self.app_actions["pause"], self.store, self)
        self.tray.show_requested.connect(self.bring_to_front)
        self.recorder.changed.connect(self.tray.show_recording)
        arrivals = ArrivalWatcher(self.controller, self)
        ArrivalNotifier(arrivals, self.store, self._notify, self)
        ArrivalAnnouncer(arrivals, self.video)

    def _notify(self, text: str) -> None:
        """Show a notification of the desktop; where that is impossible, a toast, and mark the window in the taskbar."""
        if not self.tray.show_message(text):
            self.toast.show_message(text)
            QApplication.alert(self)

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
        self.messages.show_problem(error_text(message or status.gallery_fault or status.log_fault or self.recorder.fault))

    def _show_error(self, error: FacecamError | str) -> None:
        self.toast.show_message(error_text(error))

    def _save_snapshot(self) -> None:
        image = self.video.snapshot()
        if image is None:
            self.toast.show_message(self.tr("There is no video to save yet."))
        else:
            saved = self.tr("Saved as {path}")
            self.jobs.add(lambda _: write_snapshot(image), lambda path: self._show_saved(saved, path), self._show_error)

    def _show_saved(self, text: str, path: Path) -> None:
        self.toast.show_message(text.format(path=path), (self.tr("Show folder"), lambda: show_folder(path)))

    def _show_face_menu(self, track_id: int, screen_position: QPoint) -> None:
        """Open a face's menu, which the people panel provides even while it is closed."""
        panel: Any = self.pages.get_or_create(PEOPLE)
        menu: QMenu = panel.menu_for(track_id)
        menu.popup(screen_position)

    @cached_property
    def keys_overlay(self) -> KeysOverlay:
        """The sheet of keyboard shortcuts, created when first used."""
        return KeysOverlay(self.app_actions, self)

    def choose_source(self) -> None:
        """Open the menu Source with keyboard focus."""
        menu = self.menus[MenuGroup.SOURCE]
        self.menuBar().setVisible(True)
        menu.popup(self.menuBar().mapToGlobal(self.menuBar().actionGeometry(menu.menuAction()).bottomLeft()))

    def _restore(self) -> None:
        geometry = self.store.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            # Wide enough for the translated toolbar if the screen has room.
            width = max(_INITIAL_SIZE_WH[0], self.toolbar.full_width())
            room = self.screen().availableGeometry().size() - QSize(*_WINDOW_FRAME_WH)
            self.resize(QSize(width, _INITIAL_SIZE_WH[1]).boundedTo(room))
        splitter = self.store.value("splitter")
        if isinstance(splitter, QByteArray):
            self.splitter.restoreState(splitter)
        if self.store.value("panel", True, type=bool):
            self.pages.open(PEOPLE)
        self.video.setFocus()

    def bring_to_front(self) -> None:
        """Show and activate the window, even if it is minimized."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.view_options.leave() or self.pages.go_back()):
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

    def save_view(self) -> None:
        """Write geometry and panel to window.ini."""
        self.store.setValue("geometry", self.saveGeometry())
        self.store.setValue("splitter", self.splitter.saveState())
        self.store.setValue("panel", self.pages.is_open(PEOPLE))

    def release(self) -> None:
        """Close the pages and end all background work, before the window is deleted."""
        self.pages.close_all()
        self.heatmaps.close()
        self.network_suggestion.close()
        self.unlocking.close()
        self.sources.close()
        self.settings_writer.close()
        self.tray.close()

    def unsaved_text(self) -> str:
        """Return what to finish before another window may take this one's place, "" without anything."""
        lines = self.marker_line, self.address, self.findChild(QWidget, "naming")
        if self.question.text or any(line is not None and not line.isHidden() for line in lines):
            return self.tr("The window changes as soon as the open question or text is finished.")
        return self.pages.unsaved_text()

    def view(self) -> WindowView:
        """Return what the window shows beyond what `save_view` writes."""
        return WindowView(self.pages.views(), [name for name in _KEPT_ACTIONS if self.app_actions[name].isChecked()])

    def restore_view(self, view: WindowView) -> None:
        """Show what another window has shown."""
        for name in view.checked:
            self.app_actions[name].setChecked(True)
        self.app_actions["record"].setChecked(self.recorder.is_recording)
        self.toast.dismiss()
        self.pages.restore(view.pages)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save_view()
        if self.tray.hides_window:
            event.ignore()
            self.tray.hide_window()
            return
        self.release()
        super().closeEvent(event)
