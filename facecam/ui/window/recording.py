"""Recording what is shown: begun and ended by one action, told by a red dot and the time."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QPointF, QRectF, QSize, QStandardPaths, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QFont, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from facecam.errors import FacecamError
from facecam.fileio import create_atomic
from facecam.rendering.renderer import PLATE_BGR, PLATE_COVERS
from facecam.session.recording import Lay, RecordingController
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import color

# MERGED ui.snapshot: The picture as it is shown, kept: a PNG in the user's pictures, in the size in which it was taken.


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
        self._jobs = BackgroundJobs(self)

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


_RED = QColor(230, 72, 50)
_EVERY_MS = 250


class RecordingBadge(QWidget):
    """A red dot and how long it has been recording, in the upper right corner of the picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("recording")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = parent
        self._text = ""
        self.hide()

    def tell(self, elapsed_s: float | None) -> None:
        """Show the time; None hides it."""
        if elapsed_s is None:
            self.hide()
            return
        minutes, seconds = divmod(int(elapsed_s), 60)
        self._text = f"{minutes:02}:{seconds:02}"
        self.setAccessibleName(self.tr("Recording, {time}").format(time=self._text))
        size = self.sizeHint()
        self.setGeometry(self._over.width() - size.width() - 12, 12, size.width(), size.height())
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._bold())
        return QSize(metrics.horizontalAdvance(self._text or "00:00") + 2 * metrics.height(), round(metrics.height() * 1.4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(PLATE_BGR, PLATE_COVERS))
        painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        high = QFontMetrics(self._bold()).height()
        painter.setBrush(_RED)
        painter.drawEllipse(QPointF(high * 0.75, self.height() / 2), high * 0.3, high * 0.3)
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(self._bold())
        painter.drawText(self.rect().adjusted(round(high * 1.3), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font


class RecordingIndicator(QObject):
    """Switches the session's recording on and off, and tells what became of it."""

    changed = Signal(bool)
    """Whether a film is being recorded."""
    kept = Signal(object)
    """The Path of a film that is finished."""
    failed = Signal(str)

    def __init__(self, live: SessionController, badge: RecordingBadge) -> None:
        super().__init__(badge)
        self._live, self._badge = live, badge
        self._on = False
        self._switch: RecordingController | None = None
        self._blur = False
        self._lay: Lay | None = None
        live.begun.connect(self._begin)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._begin()

    def set_blur(self, on: bool) -> None:
        """Blur strangers in films, from the next picture on."""
        self._blur = on
        if self._live.session is not None:
            self._live.session.recording.blur = on

    def set_lay(self, lay: Lay) -> None:
        """Have this painted into films, below the marks."""
        self._lay = lay
        if self._live.session is not None:
            self._live.session.recording.lay = lay

    def record(self, on: bool) -> None:
        """Begin a film, or finish the one that runs."""
        if self._switch is None:
            self.changed.emit(False)
        elif on:
            try:
                self._switch.start(place_for(QStandardPaths.StandardLocation.MoviesLocation, ".mp4"))
            except FacecamError as error:
                self.failed.emit(str(error))
                self.changed.emit(False)
            self._look()
        else:
            # The end of a long film is written in a moment that the window must not stand still for.
            threading.Thread(target=self._switch.stop, name="film", daemon=True).start()

    def _begin(self) -> None:
        """A new session: the film of the one before is finished with it."""
        self._look()
        self._switch = self._live.session.recording if self._live.session is not None else None
        if self._switch is not None:
            self._switch.blur = self._blur
            if self._lay is not None:
                self._switch.lay = self._lay
        self._look()

    def _look(self) -> None:
        switch = self._switch
        since_s = switch.since_s if switch is not None else None
        self._badge.tell(None if since_s is None else time.monotonic() - since_s)
        on = since_s is not None
        if on is self._on:
            return
        self._on = on
        self.changed.emit(on)
        if not on and switch is not None:
            if switch.fault:
                self.failed.emit(switch.fault)
            elif isinstance(switch.saved, Path):
                self.kept.emit(switch.saved)
