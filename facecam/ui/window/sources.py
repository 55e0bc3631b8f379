"""The menu of what can be looked at: this machine's cameras as they are now, then files, addresses and the demo."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QWidget,
)

from facecam.capture.camera import known_cameras, probe
from facecam.capture.source import DEMO
from facecam.imageio import PICTURE_SUFFIXES
from facecam.settings import CaptureSettings
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController

# MERGED ui.address_line: A line in the window for the address of a network camera.


class AddressLine(QFrame):
    """Hidden until it is asked for; Enter or the button takes the address, Escape puts it away."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("address")
        self._field: QLineEdit | None = None
        self.hide()

    def _made(self) -> QLineEdit:
        label = QLabel(self.tr("&Address of the camera:"), self)
        field = QLineEdit(self)
        field.setPlaceholderText("rtsp://192.168.1.20/stream")
        field.setAccessibleName(self.tr("Address of the camera"))
        field.setClearButtonEnabled(True)
        label.setBuddy(field)
        go = QPushButton(self.tr("Open"), self)
        away = QPushButton(self.tr("Cancel"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        for widget in (label, field, go, away):
            row.addWidget(widget, 1 if widget is field else 0)
        field.returnPressed.connect(self._take)
        go.clicked.connect(self._take)
        away.clicked.connect(self.hide)
        return field

    def ask(self) -> None:
        """Show the line, ready for typing."""
        self._field = self._field or self._made()
        self.show()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        text = self._field.text().strip() if self._field is not None else ""
        if text:
            self.hide()
            # Without a scheme a host is meant: most cameras speak RTSP.
            self.wanted.emit(text if "://" in text else f"rtsp://{text}")


# MERGED ui.camera_list: Which cameras there are, for a menu: looked up in a thread, since a driver may take its time.


def look_for_cameras(settings: CaptureSettings | None = None) -> dict[int, str]:
    """Index and name of each camera. Linux lists them; elsewhere the first ones are opened for a moment, which takes seconds."""
    if sys.platform == "linux":
        return known_cameras()
    reports = probe(settings or CaptureSettings(), lambda done, total: None)
    return {report.index: report.name for report in reports if report.error is None}


FILM_SUFFIXES = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")


class CameraMenu(QObject):
    """Fills a menu anew whenever it is opened. `address` is where an address is typed."""

    def __init__(self, live: SessionController, menu: QMenu, address: AddressLine, window: QWidget) -> None:
        super().__init__(menu)
        self._live, self._menu, self._address, self._window = live, menu, address, window
        self._jobs = BackgroundJobs(self)
        self._cameras: list[QAction] = []
        self._group = QActionGroup(self)
        first = next(iter(menu.actions()), None)
        self._below = menu.insertSeparator(first) if first is not None else menu.addSeparator()
        menu.aboutToShow.connect(self.look)
        address.wanted.connect(live.open)

    def look(self) -> None:
        """Look which cameras there are; the menu fills while it is open."""
        if not self._cameras:
            self._show_word(self.tr("Looking for cameras…"))
        if not self._jobs.busy:
            settings = self._live.wish.settings.capture
            self._jobs.add(lambda _: look_for_cameras(settings), self._fill, lambda error: self._show_word(str(error)))

    def open_file(self) -> None:
        """Ask for a film or picture, and look at it."""
        suffixes = [*FILM_SUFFIXES, *sorted(PICTURE_SUFFIXES)]
        kinds = self.tr("Films and pictures ({patterns})").format(patterns=" ".join(f"*{suffix}" for suffix in suffixes))
        path, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open a film or a picture"), str(Path.home()), kinds)
        if path:
            self._live.open(path)

    def open_address(self) -> None:
        """Let an address be typed."""
        self._address.ask()

    def _fill(self, cameras: dict[int, str]) -> None:
        self._clear()
        if not cameras:
            self._show_word(self.tr("No camera was found"))
        for number, (index, name) in enumerate(cameras.items()):
            words = self.tr("Camera {number}: {name}").format(number=index, name=name) if name else f"{index}"
            action = QAction(words.replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setChecked(self._live.wish.sources == (str(index),))
            if number < 9:
                action.setShortcut(f"Ctrl+{number + 1}")
            action.triggered.connect(lambda _=False, index=index: self._live.open(str(index)))
            self._add(action)

    def _show_word(self, word: str) -> None:
        self._clear()
        action = QAction(word, self._menu)
        action.setEnabled(False)
        self._add(action)

    def _add(self, action: QAction) -> None:
        self._group.addAction(action)
        self._menu.insertAction(self._below, action)
        self._cameras.append(action)

    def _clear(self) -> None:
        for action in self._cameras:
            self._group.removeAction(action)
            self._menu.removeAction(action)
            action.deleteLater()
        self._cameras.clear()


# MERGED ui.camera_choice: What facecam can look through, as a list: this machine's cameras, and the demo for those who have none.

_SOURCE = Qt.ItemDataRole.UserRole


class CameraChoice(QListWidget):
    """Choosing a line looks through that camera at once."""

    told = Signal(str)
    """A sentence about what was found, "" when there is nothing to be said."""

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._jobs = BackgroundJobs(self)
        self.setAccessibleName(self.tr("Cameras"))
        self.setMinimumHeight(6 * self.fontMetrics().lineSpacing())
        self.setWordWrap(True)
        self.setSpacing(self.fontMetrics().height() // 5)
        self._fill({})
        self.currentItemChanged.connect(self._open)

    def sources(self) -> list[str]:
        """What can be chosen, as the command line names it."""
        return [self.item(row).data(_SOURCE) for row in range(self.count())]

    def look(self) -> None:
        """Look which cameras there are now."""
        self.told.emit(self.tr("Looking for cameras…"))
        settings = self._live.wish.settings.capture
        self._jobs.add(lambda _: look_for_cameras(settings), self._show, lambda error: self.told.emit(str(error)))

    def close_jobs(self) -> None:
        """Let go of what runs."""
        self._jobs.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_jobs()
        super().closeEvent(event)

    def _show(self, cameras: dict[int, str]) -> None:
        self._fill(cameras)
        nothing = self.tr("No camera was found on this computer. Plug one in and look again, or take the demo.")
        self.told.emit("" if cameras else nothing)

    def _fill(self, cameras: dict[int, str]) -> None:
        """The cameras, what is looked at now, and the demo; the focus stays on what is looked at."""
        self.blockSignals(True)
        self.clear()
        now = self._live.wish.sources[0] if len(self._live.wish.sources) == 1 else ""
        for index, name in cameras.items():
            words = self.tr("Camera {number}: {name}").format(number=index, name=name) if name else f"{index}"
            self._add(words, str(index))
        if now and now not in (*self.sources(), DEMO):
            words = self.tr("Camera {number}").format(number=now) if now.isdigit() else now
            self._add(words, now)
        self._add(self.tr("Demo, without a camera"), DEMO)
        self.setCurrentRow(self.sources().index(now) if now in self.sources() else -1)
        self.blockSignals(False)

    def _add(self, words: str, source: str) -> None:
        item = QListWidgetItem(words, self)
        item.setData(_SOURCE, source)

    def _open(self, item: QListWidgetItem | None) -> None:
        if item is not None and (item.data(_SOURCE),) != self._live.wish.sources:
            self._live.open(item.data(_SOURCE))


# MERGED ui.dropping: What was dropped on the window.


def dropped_photos(data: QMimeData) -> list[Path]:
    """The pictures and folders among what was dropped."""
    return [path for path in _paths(data) if path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES]


def dropped_films(data: QMimeData) -> list[Path]:
    """The films."""
    return [path for path in _paths(data) if path.suffix.lower() in FILM_SUFFIXES]


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
