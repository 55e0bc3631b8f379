"""Choosing a source: the camera menu, the list of cameras, the address line, and dropped files."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QWidget,
)

from facecam.capture.camera import list_cameras, probe
from facecam.capture.source import DEMO, SourceKind, source_kind, source_label
from facecam.imageio import IMAGE_SUFFIXES
from facecam.settings import CAMERAS, ROTATIONS, CameraOrientations, CaptureSettings
from facecam.ui.background import BackgroundJobs
from facecam.ui.preferences import SettingsWriter
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import InputLine

VIDEO_SUFFIXES = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")

_SOURCE = Qt.ItemDataRole.UserRole


def find_cameras(settings: CaptureSettings) -> dict[int, str]:
    """Return index and name of each camera.

    Linux lists its cameras; elsewhere the first indices are opened for a moment, which takes seconds.
    """
    if sys.platform == "linux":
        return list_cameras()
    reports = probe(settings, lambda done, total: None)
    return {report.index: report.name for report in reports if report.error is None}


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
        label = QLabel(self.tr("&Address of the camera:"), self)
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

    def _accept(self) -> None:
        text = self.field.text().strip()
        if text:
            self.close()
            # Without a scheme the text is a host name, and most cameras speak RTSP.
            self.accepted.emit(text if "://" in text else f"rtsp://{text}")


class CameraMenu(QObject):
    """Lists the connected cameras at the top of a menu each time it opens."""

    def __init__(self, controller: SessionController, menu: QMenu, address: AddressLine, window: QWidget) -> None:
        super().__init__(menu)
        self._controller, self._menu, self._window = controller, menu, window
        self._jobs = BackgroundJobs(self)
        self._group = QActionGroup(self)
        self._separator = menu.insertSeparator(menu.actions()[0])
        menu.aboutToShow.connect(self.refresh)
        address.accepted.connect(controller.open)

    def refresh(self) -> None:
        """Search for cameras; the menu fills while it is open."""
        if not self._group.actions():
            self._show_text(self.tr("Looking for cameras…"))
        if not self._jobs.is_busy:
            settings = self._controller.request.settings.capture
            self._jobs.add(lambda _: find_cameras(settings), self._fill, lambda error: self._show_text(str(error)))

    def open_file(self) -> None:
        """Ask for a video or image and open it."""
        patterns = " ".join(f"*{suffix}" for suffix in [*VIDEO_SUFFIXES, *sorted(IMAGE_SUFFIXES)])
        filters = self.tr("Videos and images ({patterns})").format(patterns=patterns)
        path, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open a video or an image"), str(Path.home()), filters)
        if path:
            self._controller.open(path)

    def _fill(self, cameras: dict[int, str]) -> None:
        self._clear()
        if not cameras:
            self._show_text(self.tr("No camera found"))
        for number, (index, name) in enumerate(cameras.items()):
            text = self.tr("Camera {number}: {name}").format(number=index, name=name) if name else f"{index}"
            action = QAction(text.replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setChecked(self._controller.request.sources == (str(index),))
            if number < 9:
                action.setShortcut(f"Ctrl+{number + 1}")
            action.triggered.connect(lambda _=False, index=index: self._controller.open(str(index)))
            self._add(action)

    def _show_text(self, text: str) -> None:
        self._clear()
        action = QAction(text, self._menu)
        action.setEnabled(False)
        self._add(action)

    def _add(self, action: QAction) -> None:
        self._group.addAction(action)
        self._menu.insertAction(self._separator, action)

    def _clear(self) -> None:
        for action in self._group.actions():
            self._group.removeAction(action)
            self._menu.removeAction(action)
            action.deleteLater()


class OrientationMenu(QObject):
    """Submenu that rotates and flips the first camera. The settings keep it, and the camera is opened again."""

    def __init__(self, controller: SessionController, menu: QMenu, writer: SettingsWriter) -> None:
        super().__init__(menu)
        self._controller, self._writer = controller, writer
        self.menu = menu.addMenu(self.tr("Rotate the camera"))
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
    """Connected cameras and the demo; selecting an entry opens it."""

    message_changed = Signal(str)
    """A sentence about the search, "" for none."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._jobs = BackgroundJobs(self)
        self.setAccessibleName(self.tr("Cameras"))
        self.setMinimumHeight(6 * self.fontMetrics().lineSpacing())
        self.setWordWrap(True)
        self.setSpacing(self.fontMetrics().height() // 5)
        self._fill({})
        self.currentItemChanged.connect(self._open)

    def sources(self) -> list[str]:
        """Return the entries as the command line names them."""
        return [self.item(row).data(_SOURCE) for row in range(self.count())]

    def refresh(self) -> None:
        """Search for cameras."""
        self.message_changed.emit(self.tr("Looking for cameras…"))
        settings = self._controller.request.settings.capture
        self._jobs.add(lambda _: find_cameras(settings), self._show, lambda error: self.message_changed.emit(str(error)))

    def close_jobs(self) -> None:
        """Cancel a running search."""
        self._jobs.close()

    def _show(self, cameras: dict[int, str]) -> None:
        self._fill(cameras)
        not_found = self.tr("No camera found. Connect one and search again, or use the demo.")
        self.message_changed.emit("" if cameras else not_found)

    def _fill(self, cameras: dict[int, str]) -> None:
        """List cameras, the current source and the demo; the current source stays selected."""
        self.blockSignals(True)
        self.clear()
        sources = self._controller.request.sources
        current = sources[0] if len(sources) == 1 else ""
        for index, name in cameras.items():
            text = self.tr("Camera {number}: {name}").format(number=index, name=name) if name else f"{index}"
            self._add(text, str(index))
        if current and current not in (*self.sources(), DEMO):
            self._add(self.tr("Camera {number}").format(number=current) if current.isdigit() else source_label(current), current)
        self._add(self.tr("Demo without a camera"), DEMO)
        self.setCurrentRow(self.sources().index(current) if current in self.sources() else -1)
        self.blockSignals(False)

    def _add(self, text: str, source: str) -> None:
        QListWidgetItem(text, self).setData(_SOURCE, source)

    def _open(self, item: QListWidgetItem | None) -> None:
        if item is not None and (item.data(_SOURCE),) != self._controller.request.sources:
            self._controller.open(item.data(_SOURCE))
