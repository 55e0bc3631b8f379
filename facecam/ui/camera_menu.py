"""The menu of what can be looked at: this machine's cameras as they are now, then files, addresses and the demo."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from facecam.picture import PICTURE_SUFFIXES
from facecam.ui.address_line import AddressLine
from facecam.ui.background import Jobs
from facecam.ui.camera_list import look_for_cameras
from facecam.ui.live import Live

FILM_SUFFIXES = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")


class CameraMenu(QObject):
    """Fills a menu anew whenever it is opened. `address` is where an address is typed."""

    def __init__(self, live: Live, menu: QMenu, address: AddressLine, window: QWidget) -> None:
        super().__init__(menu)
        self._live, self._menu, self._address, self._window = live, menu, address, window
        self._jobs = Jobs(self)
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
