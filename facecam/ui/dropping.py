"""What was dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from facecam.picture import PICTURE_SUFFIXES
from facecam.ui.camera_menu import FILM_SUFFIXES


def dropped_photos(data: QMimeData) -> list[Path]:
    """The pictures and folders among what was dropped."""
    return [path for path in _paths(data) if path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES]


def dropped_films(data: QMimeData) -> list[Path]:
    """The films."""
    return [path for path in _paths(data) if path.suffix.lower() in FILM_SUFFIXES]


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
