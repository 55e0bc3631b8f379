"""Where everything lies, and that nothing leaves the machine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QGroupBox, QLabel, QPushButton, QWidget

from facecam.ui.photo_view import ElidedLabel


class PlacesView(QGroupBox):
    """A line for the gallery, the log and the configuration file, each with a button that opens its folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Privacy"))
        said = QLabel(self)
        said.setWordWrap(True)
        said.setText(
            self.tr(
                "Nothing leaves this machine: pictures are looked at here and thrown away. What is kept is below, and you may "
                "look at it and delete it at any time. The log holds names, distances and times, but no pictures."
            )
        )
        self._grid = QGridLayout(self)
        self._grid.addWidget(said, 0, 0, 1, 3)
        self._grid.setColumnStretch(1, 1)
        self.paths: dict[str, ElidedLabel] = {}
        self.buttons: dict[str, QPushButton] = {}
        for name, words in (
            ("gallery", self.tr("People and their photos")),
            ("log", self.tr("Logs")),
            ("config", self.tr("These settings")),
        ):
            self._add(name, words)

    def show_place(self, name: str, path: Path | None, otherwise: str) -> None:
        """Show where one of gallery, log and config lies; `otherwise` is said while that is not known."""
        self.paths[name].setText(otherwise if path is None else str(path.absolute()))
        self.buttons[name].setEnabled(path is not None)
        self.buttons[name].setProperty("folder", "" if path is None else str(_folder(path.absolute())))

    def _add(self, name: str, words: str) -> None:
        row = self._grid.rowCount()
        path = ElidedLabel(self)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        button = QPushButton(self.tr("Open folder"), self)
        button.setAccessibleName(self.tr("Open folder: {what}").format(what=words))
        button.clicked.connect(self._open)
        for column, widget in enumerate((QLabel(words, self), path, button)):
            self._grid.addWidget(widget, row, column)
        self.paths[name], self.buttons[name] = path, button

    def _open(self) -> None:
        button = self.sender()
        if button is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(button.property("folder"))))


def _folder(path: Path) -> Path:
    """The nearest folder that exists, from the path upwards."""
    return next((place for place in (path, *path.parents) if place.is_dir()), path)
