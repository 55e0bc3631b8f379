"""The picture as it is shown, kept: a PNG in the user's pictures, in the size in which it was taken."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage

from facecam.atomic import create_atomic
from facecam.errors import FacecamError
from facecam.ui.background import Jobs


def place_for(kind: QStandardPaths.StandardLocation, suffix: str) -> Path:
    """A new name in the folder facecam of the user's pictures or films; the folder is made."""
    folder = Path(QStandardPaths.writableLocation(kind) or str(Path.home())) / "facecam"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FacecamError(f"the folder {folder} cannot be made: {error.strerror or error}") from error
    stem = f"{datetime.now():%Y-%m-%d %H.%M.%S}"  # noqa: DTZ005 - the user's own clock, for the user's eyes
    names = [folder / f"{stem}{suffix}", *(folder / f"{stem} ({number}){suffix}" for number in range(2, 100))]
    return next((path for path in names if not path.exists()), names[-1])


def show_folder(path: Path) -> None:
    """Open the folder of a file in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


class Snapshots(QObject):
    """Keeps pictures without holding the window up: packing one takes a tenth of a second."""

    kept = Signal(object)
    """The Path where it is."""
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = Jobs(self)

    def keep(self, image: QImage) -> None:
        """Write the image soon."""
        self._jobs.add(lambda _: _write(image), self.kept.emit, lambda error: self.failed.emit(str(error)))

    def close(self) -> None:
        """Wait for what is being written."""
        self._jobs.close()


def _write(image: QImage) -> Path:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    path = place_for(QStandardPaths.StandardLocation.PicturesLocation, ".png")
    create_atomic(path, bytes(buffer.data().data()))
    return path
