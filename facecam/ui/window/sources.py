"""Choosing a source: cameras in menus and in a list, the source picker, files, the address line, and dropped files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from facecam.capture.addresses import redact_url
from facecam.capture.files import VIDEO_SUFFIXES
from facecam.capture.source import SourceKind, source_kind, source_label
from facecam.errors import AccessDeniedError, CameraMissingError, FacecamError
from facecam.imageio import IMAGE_SUFFIXES
from facecam.session.status import SourceState
from facecam.settings import CAMERAS, ROTATIONS, CameraOrientations
from facecam.types import DEMO
from facecam.ui.background import BackgroundJobs
from facecam.ui.icons import icon
from facecam.ui.language import error_text
from facecam.ui.preferences import SettingsWriter
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import InputLine
from facecam.ui.window.menus import MenuSection

_SOURCE = Qt.ItemDataRole.UserRole


POLL_MS = 1500 if sys.platform == "linux" else 5000
"""Interval between looks for a camera that was connected or removed. Linux answers in less than a millisecond."""

_MAX_SHORTCUTS = 9
_MAX_SEARCHES = 2
_MAX_LINES = 12.0
_NAME_CHARACTERS = 18
translate = QCoreApplication.translate


class CameraFinder(QObject):
    """Finds the cameras of this machine in the background, and finds them again when one is connected or removed.

    Attributes:
        cameras: Index and name of each camera; None before the first search has ended.
    """

    found = Signal()
    """A search has ended; `cameras` is its result."""
    failed = Signal(str)
    """A translated sentence."""

    def __init__(self, controller: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._jobs = BackgroundJobs(self)
        self._devices: tuple[str, ...] | None = None
        self._has_looked = False
        self._searches = 0
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._search)
        self.cameras: Mapping[int, str] | None = None

    @property
    def is_busy(self) -> bool:
        """True during a search."""
        return self._jobs.is_busy

    def search(self) -> None:
        """Search for cameras. During a search, search once more, because a camera may have been connected since its start."""
        if self._searches < _MAX_SEARCHES:
            self._searches += 1
            system, settings = self._controller.camera_system, self._controller.request.settings.capture
            self._jobs.add(lambda _: system.find(settings), self._on_found, self._on_failed)

    def watch(self, on: bool) -> None:
        """Look for connected and removed cameras from now on, or no longer. The first look is a search."""
        if on and not self._timer.isActive():
            self._has_looked = False
            self._timer.start()
            self._search()
        elif not on:
            self._timer.stop()

    def close(self) -> None:
        """Cancel a running search."""
        self._timer.stop()
        self._jobs.close()

    def _search(self) -> None:
        if not self._jobs.is_busy:
            self._jobs.add(lambda _: self._controller.camera_system.connected(), self._on_looked, lambda error: None)

    def _on_looked(self, devices: tuple[str, ...] | None) -> None:
        if self._has_looked and devices == self._devices:
            return
        self._has_looked, self._devices = True, devices
        self.search()

    def _on_found(self, cameras: Mapping[int, str]) -> None:
        self._searches -= 1
        self.cameras = cameras
        self.found.emit()

    def _on_failed(self, error: FacecamError) -> None:
        self._searches -= 1
        self.failed.emit(error_text(error))


def camera_text(index: int | str, name: str) -> str:
    """Return a camera's name with its index, which tells two of one name apart."""
    if name:
        return translate("Sources", "Camera {number}: {name}").format(number=index, name=name)
    return translate("Sources", "Camera {number}").format(number=index)


def source_name(source: str, cameras: Mapping[int, str] | None) -> str:
    """Return a short name of a source: a camera's device name, a file's name, or an address' host."""
    kind = source_kind(source)
    if kind is SourceKind.DEMO:
        return translate("Sources", "Demo")
    if kind is SourceKind.FILE:
        return Path(source).name or source
    if kind is SourceKind.ADDRESS:
        return urlsplit(redact_url(source)).hostname or source_label(source)
    if source.isdecimal():
        name = (cameras or {}).get(int(source), "")
        return name or translate("Sources", "Camera {number}").format(number=source)
    return source_label(source)


def is_camera(source: str, index: int, name: str) -> bool:
    """Return whether a camera is the one that the command line names by its index, device path or a part of its name."""
    if source.isdecimal():
        return int(source) == index
    return Path(source).name == f"video{index}" if source.startswith("/") else source.casefold() in name.casefold()


def missing_camera(controller: SessionController) -> str | None:
    """Return the camera whose absence ended the session, as the command line names it; None for another state."""
    session = controller.session
    if session is None or not isinstance(session.error, CameraMissingError):
        return None
    sources = controller.request.sources
    return next((source for source in sources if source_kind(source) is SourceKind.CAMERA), None)


def is_access_denied(controller: SessionController) -> bool:
    """Return whether the session ended because this user may not open a camera."""
    session = controller.session
    uses_camera = any(source_kind(source) is SourceKind.CAMERA for source in controller.request.sources)
    return session is not None and isinstance(session.error, AccessDeniedError) and uses_camera


def access_hint() -> str:
    """Return how to permit the use of cameras on this system, "" where it asks for no permission."""
    if sys.platform == "darwin":
        return translate(
            "Sources",
            "If a camera is connected, allow the program that started facecam, such as Terminal, to use it: System Settings > "
            "Privacy & Security > Camera.",
        )
    if sys.platform == "win32":
        return translate(
            "Sources",
            "If a camera is connected, check Settings > Privacy & security > Camera: desktop apps must be allowed to use it.",
        )
    return ""


def access_denied_text() -> str:
    """Return why a camera may not be opened, and what to do."""
    if sys.platform == "linux":
        return translate(
            "Sources",
            "Your user account may not use the camera. Add it to the group “video”, for example in the user settings of your "
            "desktop, then log out and in again.",
        )
    return access_hint()


def choose_file(parent: QWidget, on_chosen: Callable[[str], object]) -> None:
    """Open the system's file dialog without blocking; `on_chosen` receives the path of a video or an image."""
    patterns = " ".join(f"*{suffix}" for suffix in [*VIDEO_SUFFIXES, *sorted(IMAGE_SUFFIXES)])
    filters = translate("Sources", "Videos and images ({patterns})").format(patterns=patterns)
    dialog = QFileDialog(parent, translate("Sources", "Open a video or an image"), str(Path.home()), filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()


def dropped_photos(data: QMimeData) -> list[Path]:
    """Return the images and folders that were dropped."""
    return [path for path in _dropped_paths(data) if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES]


def dropped_videos(data: QMimeData) -> list[Path]:
    """Return the videos that were dropped."""
    return [path for path in _dropped_paths(data) if path.suffix.lower() in VIDEO_SUFFIXES]


def _dropped_paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class AddressLine(InputLine):
    """Input line for the address of a network camera; hidden until `open`, Escape hides it again."""

    accepted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("address")
        label = QLabel(self.tr("A&ddress of the camera:"), self)
        self.field.setPlaceholderText("rtsp://192.168.1.20/stream")
        self.field.setAccessibleName(self.tr("Address of the camera"))
        label.setBuddy(self.field)
        accept = QPushButton(self.tr("Open"), self)
        cancel = QPushButton(self.tr("Cancel"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        for widget in (label, self.field, accept, cancel):
            row.addWidget(widget, 1 if widget is self.field else 0)
        self.field.returnPressed.connect(self._accept)
        accept.clicked.connect(self._accept)
        cancel.clicked.connect(self.close)
        self.hide()

    def open(self) -> None:
        """Show the line with the focus in it."""
        self.show_with_focus()
        self.field.selectAll()

    def complete(self, text: str) -> None:
        """Show the line with an address of which the user completes the hidden parts."""
        self.field.setText(text)
        self.show_with_focus()
        self.field.setSelection(text.find("***"), len("***"))

    def _accept(self) -> None:
        text = self.field.text().strip()
        if text:
            self.close()
            # Without a scheme the text is a host name, and most cameras speak RTSP.
            self.accepted.emit(text if "://" in text else f"rtsp://{text}")


class CameraMenuSection(MenuSection):
    """The connected cameras, each with a key by its place: Ctrl+1 to Ctrl+9. `refresh` searches when its menu opens."""

    def __init__(self, controller: SessionController, finder: CameraFinder, parent: QObject) -> None:
        super().__init__(parent)
        self._controller, self._finder = controller, finder
        self._group = QActionGroup(self)
        self._shown: Mapping[int, str] = {}
        finder.found.connect(self._fill)
        finder.failed.connect(self._show_text)
        controller.request_changed.connect(self._check_current)

    def refresh(self) -> None:
        """Search for cameras; the menu fills while it is open."""
        if not self.actions:
            self._show_text(self.tr("Looking for cameras…"))
        self._finder.search()

    def _fill(self) -> None:
        cameras = self._finder.cameras or {}
        if not cameras:
            self._show_text(self.tr("No camera found"))
            return
        if cameras == self._shown:
            return  # The menu may be open, with one of the entries chosen.
        actions = []
        for number, (index, name) in enumerate(cameras.items(), start=1):
            action = QAction(camera_text(index, name).replace("&", "&&"), self, checkable=True)
            action.setData(str(index))
            if number <= _MAX_SHORTCUTS:
                action.setShortcut(f"Ctrl+{number}")
            action.triggered.connect(lambda _=False, index=index: self._controller.open(str(index)))
            self._group.addAction(action)
            actions.append(action)
        self.show_actions(actions)
        self._shown = cameras
        self._check_current()

    def _check_current(self) -> None:
        for action in self.actions:
            if action.isCheckable():
                action.setChecked(self._controller.request.sources == (action.data(),))

    def _show_text(self, text: str) -> None:
        self._shown = {}
        self.show_actions([QAction(text, self, enabled=False)])


class SourcePicker(QToolButton):
    """Toolbar button with the name of the current source, and a menu of the others."""

    def __init__(self, controller: SessionController, finder: CameraFinder, menu: QMenu, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller, self._finder = controller, finder
        self._shown: object = None
        self.setObjectName("source")
        self.setMenu(menu)
        # Its arrow is larger than that of InstantPopup, and tells that this is a list.
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.clicked.connect(self.open_menu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(icon("camera", self.palette()))
        for changed in (controller.request_changed, controller.status_changed, finder.found):
            changed.connect(self.refresh)
        self.refresh()

    @property
    def name(self) -> str:
        """The whole name of the current source; `text` may be shortened."""
        sources = self._controller.request.sources
        missing = missing_camera(self._controller)
        if missing is not None and not self._finder.cameras:
            return self.tr("No camera")
        name = source_name(sources[0], self._finder.cameras)
        return name if len(sources) == 1 else self.tr("{name} and {count} more").format(name=name, count=len(sources) - 1)

    def refresh(self, *, is_forced: bool = False) -> None:
        """Show the current source."""
        state = self._controller.request.sources, missing_camera(self._controller), self._finder.cameras
        if state == self._shown and not is_forced:
            return
        self._shown, name = state, self.name
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, self._text_width())
        self.setText(short.replace("&", "&&"))
        self.setToolTip(self.tr("Source: {name}. Choose a camera, a file or an address.").format(name=name))
        self.setAccessibleName(self.tr("Source: {name}").format(name=name))

    def open_menu(self) -> None:
        """Open the menu below the button."""
        menu = self.menu()
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        menu.setActiveAction(next((action for action in menu.actions() if action.isEnabled()), menu.actions()[0]))

    def sizeHint(self) -> QSize:
        """Return a size that does not depend on the name, so that the other buttons stay in their places."""
        size = super().sizeHint()
        if self.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly:
            return size
        return size + QSize(self._text_width() - self.fontMetrics().horizontalAdvance(self.text().replace("&&", "&")), 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_menu()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.setIcon(icon("camera", self.palette()))
        elif event.type() is QEvent.Type.FontChange and hasattr(self, "_controller"):
            self.refresh(is_forced=True)

    def _text_width(self) -> int:
        return _NAME_CHARACTERS * self.fontMetrics().averageCharWidth()


class OrientationMenu(QObject):
    """Submenu that rotates and flips the first camera. The settings keep it, and the camera is opened again."""

    def __init__(self, controller: SessionController, menu: QMenu, before: QAction, writer: SettingsWriter) -> None:
        """The submenu is placed before an entry of `menu`."""
        super().__init__(menu)
        self._controller, self._writer = controller, writer
        self.menu = QMenu(self.tr("Rotate the camera"), menu)
        menu.insertMenu(before, self.menu)
        texts = (self.tr("Not rotated"), self.tr("90° clockwise"), self.tr("180°"), self.tr("90° counterclockwise"))
        group = QActionGroup(self)
        self.rotations = {rotate: self._add(text) for rotate, text in zip(ROTATIONS, texts, strict=True)}
        for rotate, action in self.rotations.items():
            group.addAction(action)
            action.triggered.connect(partial(self._change, "rotate", rotate))
        self.menu.addSeparator()
        self.flip = self._add(self.tr("Flip left and right"))
        self.flip.triggered.connect(lambda on: self._change("flip", on))
        menu.aboutToShow.connect(self._update)

    def _add(self, text: str) -> QAction:
        action = QAction(text, self.menu)
        action.setCheckable(True)
        self.menu.addAction(action)
        return action

    def _camera(self) -> str:
        """Return the key of the first source in the settings; "" for a file, a folder and the demo."""
        source = self._controller.request.sources[0]
        if source_kind(source) not in (SourceKind.CAMERA, SourceKind.ADDRESS):
            return ""
        known = self._controller.status.sources
        # The status has no password of an address, and a name that survives replugging.
        return (known[0].camera_id or known[0].source) if known else ""

    def _orientations(self) -> tuple[str, CameraOrientations]:
        """Return the settings of all cameras, and the key of the first one in them."""
        cameras = self._controller.request.settings.capture.cameras
        camera = self._camera()
        names = {name.casefold() for name in (camera, self._controller.request.sources[0])}
        return next((key for key in cameras if key.casefold() in names), camera), cameras

    def _update(self) -> None:
        key, cameras = self._orientations()
        orientation = cameras.get(key, {"rotate": 0, "flip": False})
        self.menu.setEnabled(bool(key))
        self.rotations[orientation["rotate"]].setChecked(True)
        self.flip.setChecked(orientation["flip"])

    def _change(self, name: str, value: float, *_: object) -> None:
        key, cameras = self._orientations()
        if not key:
            return
        orientation = {"rotate": 0, "flip": False} | cameras.get(key, {}) | {name: value}
        others = {camera: kept for camera, kept in cameras.items() if camera != key}
        changed = others | ({key: orientation} if any(orientation.values()) else {})
        self._controller.change(self._controller.request.settings.replace({CAMERAS: changed}))
        self._writer.save({CAMERAS: changed or None})
        self._controller.start()


class CameraList(QListWidget):
    """Connected cameras, another current source, and the demo; selecting an entry opens it.

    A camera that is connected while the list is visible appears in it. `has_cameras` is None before the first search has ended.
    """

    changed = Signal()
    """The list has changed."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.finder = CameraFinder(controller, self)
        self.message = ""
        """A sentence about the search, "" for none."""
        self.setAccessibleName(self.tr("Cameras"))
        self.setMinimumHeight(4 * self.fontMetrics().lineSpacing())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setWordWrap(True)
        self.setSpacing(self.fontMetrics().height() // 5)
        self._fill()
        self.finder.found.connect(self._on_found)
        self.finder.failed.connect(self._show_message)
        for changed in (controller.request_changed, controller.status_changed):
            changed.connect(self._fill_soon)
        self.currentItemChanged.connect(self._open)

    @property
    def has_cameras(self) -> bool | None:
        return None if self.finder.cameras is None else bool(self.finder.cameras)

    def sources(self) -> list[str]:
        """Return the entries as the command line names them."""
        return [self.item(row).data(_SOURCE) for row in range(self.count())]

    def refresh(self) -> None:
        """Search for cameras."""
        self._show_message(self.tr("Looking for cameras…"))
        self.finder.search()

    def sizeHint(self) -> QSize:
        """Return a height for the entries, so that the buttons below the list stay visible in a small window."""
        lines = min(max(4.0, 1.6 * (self.count() + 1)), _MAX_LINES)
        return QSize(super().sizeHint().width(), round(lines * self.fontMetrics().lineSpacing()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus without opening the first entry, which Qt makes the current one."""
        had_current = self.currentRow() >= 0
        self.blockSignals(True)
        super().focusInEvent(event)
        if not had_current:
            self.setCurrentRow(-1)
        self.blockSignals(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.finder.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.finder.watch(False)

    def _on_found(self) -> None:
        self._fill()
        self._show_message("")

    def _show_message(self, message: str) -> None:
        self.message = message
        self.changed.emit()

    def _fill_soon(self) -> None:
        """Fill the list after the entry that has changed the request has been released."""
        QTimer.singleShot(0, self, self._fill)

    def _fill(self) -> None:
        """List cameras, the current source and the demo; the current source stays selected. A missing camera is not listed."""
        cameras = self.finder.cameras or {}
        sources = self._controller.request.sources
        current = sources[0] if len(sources) == 1 else ""
        entries = {str(index): camera_text(index, name) for index, name in cameras.items()}
        if current not in ("", *entries, DEMO) and self._is_open(current):
            entries[current] = camera_text(current, "") if current.isdecimal() else source_label(current)
        entries[DEMO] = self.tr("Demo without a camera")
        row = list(entries).index(current) if current in entries else -1
        if list(entries.values()) == [self.item(row).text() for row in range(self.count())] and row == self.currentRow():
            return
        self.blockSignals(True)
        self.clear()
        for source, text in entries.items():
            QListWidgetItem(text, self).setData(_SOURCE, source)
        self.setCurrentRow(row)
        self.blockSignals(False)
        self.updateGeometry()

    def _is_open(self, source: str) -> bool:
        """Return whether a source is certain to exist: a file or an address, or a camera that delivers images."""
        return source_kind(source) is not SourceKind.CAMERA or self._controller.status.state is SourceState.RUNNING

    def _open(self, item: QListWidgetItem | None) -> None:
        if item is not None and (item.data(_SOURCE),) != self._controller.request.sources:
            self._controller.open(item.data(_SOURCE))
