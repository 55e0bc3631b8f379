"""Snapshots and recordings of the view, written to facecam's folders in the user's pictures and videos."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QStandardPaths, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QImage
from PySide6.QtWidgets import QLabel, QWidget

from facecam.errors import FacecamError
from facecam.fileio import create_atomic
from facecam.rendering.renderer import PLATE_BGR, PLATE_OPACITY
from facecam.session.recording import RecordingController, RecordingView
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import to_qcolor
from facecam.ui.video.video_view import VideoView

_RED = "#e64832"
_POLL_MS = 250


def new_output_path(location: QStandardPaths.StandardLocation, suffix: str) -> Path:
    """Return an unused, dated file name in the location's facecam folder, which is created."""
    folder = Path(QStandardPaths.writableLocation(location) or str(Path.home())) / "facecam"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise FacecamError(f"the folder {folder} cannot be created: {reason}; check {folder.parent}") from error
    stem = f"{datetime.now():%Y-%m-%d %H.%M.%S}"  # noqa: DTZ005 - users expect their local time
    names = [folder / f"{stem}{suffix}", *(folder / f"{stem} ({number}){suffix}" for number in range(2, 100))]
    return next((path for path in names if not path.exists()), names[-1])


def show_folder(path: Path) -> None:
    """Open a file's folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def write_snapshot(image: QImage) -> Path:
    """Write a PNG file, which takes a tenth of a second, and return its path."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    path = new_output_path(QStandardPaths.StandardLocation.PicturesLocation, ".png")
    create_atomic(path, bytes(buffer.data().data()))
    return path


def recording_view(video: VideoView, slot: int) -> RecordingView:
    """Return how the view shows a source. For any thread."""
    return RecordingView(
        mirrored=video.is_mirrored(slot),
        blurred=video.blur,
        annotated=video.shows_annotations,
        smoothed=True,
        texts=video.texts,
    )


class RecordingBadge(QLabel):
    """Red dot and elapsed time in the upper right corner of the video while recording."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("recording")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plate = to_qcolor(PLATE_BGR, PLATE_OPACITY).name(QColor.NameFormat.HexArgb)
        self.setStyleSheet(f"background: {plate}; color: white; border-radius: 5px; padding: 3px 7px; font-weight: bold")
        self.hide()

    def show_elapsed(self, elapsed_s: float | None) -> None:
        """Show the elapsed time; None hides the badge."""
        if elapsed_s is None:
            self.hide()
            return
        minutes, seconds = divmod(int(elapsed_s), 60)
        time_text = f"{minutes:02}:{seconds:02}"
        self.setText(f"<span style='color: {_RED}'>\u25cf</span> {time_text}")
        self.setAccessibleName(self.tr("Recording, {time}").format(time=time_text))
        self.adjustSize()
        self.move(self._parent.width() - self.width() - 12, 12)
        self.show()


class RecordingIndicator(QObject):
    """Starts and stops the session's recording, updates the badge, and reports the result.

    `fault` says why the session's last recording ended, "" without an error.
    """

    changed = Signal(bool)
    """Whether a recording is running."""
    saved = Signal(object)
    """The Path of a finished recording."""
    failed = Signal(str)

    def __init__(self, controller: SessionController, badge: RecordingBadge) -> None:
        super().__init__(badge)
        self._controller, self._badge = controller, badge
        self._is_recording = False
        self._reported_faults = 0
        self._recording: RecordingController | None = None
        controller.started.connect(self._on_session_started)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._timer.start()
        self._on_session_started()

    @property
    def fault(self) -> str:
        return self._recording.fault if self._recording is not None else ""

    def record(self, on: bool) -> None:
        """Start a recording or finish the running one."""
        if self._recording is None:
            self.changed.emit(False)
        elif on:
            try:
                self._recording.start(new_output_path(QStandardPaths.StandardLocation.MoviesLocation, ".mp4"))
            except FacecamError as error:
                self.failed.emit(str(error))
            self._poll()
            self.changed.emit(self._is_recording)  # it may have failed at once, with the button pressed
        elif (path := self._recording.path) is not None:
            # A slow disk takes a moment, in which the window must not freeze; the next recording may begin before the stop.
            threading.Thread(target=self._recording.stop, args=(path,), name="recording", daemon=True).start()

    def _on_session_started(self) -> None:
        """Report the recording that ended with the previous session."""
        self._poll()
        self._recording = self._controller.session.recording if self._controller.session is not None else None
        self._reported_faults = 0
        self._poll()

    def _poll(self) -> None:
        recording = self._recording
        started_at_s = recording.started_at_s if recording is not None else None
        self._badge.show_elapsed(None if started_at_s is None else time.monotonic() - started_at_s)
        is_recording = started_at_s is not None
        if is_recording is not self._is_recording:
            self._is_recording = is_recording
            self.changed.emit(is_recording)
            if not is_recording and recording is not None and not recording.fault and recording.saved_path is not None:
                self.saved.emit(recording.saved_path)
        for fault in recording.faults[self._reported_faults :] if recording is not None else ():
            self._reported_faults += 1
            self.failed.emit(fault)
