"""The system's window for choosing photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from facecam.picture import PICTURE_SUFFIXES


def choose_photos(parent: QWidget, then: Callable[[list[Path]], None]) -> None:
    """Let photos be chosen, while everything goes on; then `then(paths)`."""
    translate = QCoreApplication.translate
    patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
    kinds = translate("PhotoChooser", "Pictures ({patterns})").format(patterns=patterns)
    dialog = QFileDialog(parent, translate("PhotoChooser", "Add photos"), "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda names: then([Path(name) for name in names]))
    dialog.open()
