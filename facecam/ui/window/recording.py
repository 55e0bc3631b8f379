"""Snapshots and recordings of the view, written to facecam's folders in the user's pictures and videos.

Only this user can read them, whatever the umask.
"""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from facecam.errors import FacecamError
from facecam.fileio import create_atomic, create_private_folder
from facecam.privacy.places import MEDIA_NAME, PlaceKind, output_folder
from facecam.rendering.renderer import PLATE_BGR, PLATE_OPACITY
from facecam.session.recording import RecordingController, RecordingView
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import to_qcolor
from facecam.ui.video.video_view import VideoView

COUNTDOWN_S = 3
_RED = "#e64832"
_POLL_MS = 250


def new_output_path(kind: PlaceKind, suffix: str) -> Path:
    """Return an unused, dated file name in the folder for snapshots, recordings or reports, which is created."""
    folder = output_folder(kind)
    try:
        create_private_folder(folder)
    except OSError as error:
        raise FacecamError(
            "the folder {folder} cannot be created: {error}; check {parent}", folder=folder, error=error, parent=folder.parent
        ) from error
    stem = f"{datetime.now():{MEDIA_NAME}}"  # noqa: DTZ005 - users expect their local time
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
    path = new_output_path(PlaceKind.SNAPSHOTS, ".png")
    create_atomic(path, bytes(buffer.data().data()))
    return path


def recording_view(video: VideoView, slot: int) -> RecordingView:
    """Return how the view shows a source. For any thread."""
    return RecordingView(
        mirrored=video.is_mirrored(slot),
        covers_strangers=video.covers_strangers,
        annotated=video.shows_annotations,
        smoothed=True,
        texts=video.texts,
    )


class SnapshotCountdown(QLabel):
    """Large seconds over the video before a snapshot; Escape cancels. Snapshots do not contain it."""

    finished = Signal()

    def __init__(self, parent: QWidget, second_ms: int = 1000) -> None:
        super().__init__(parent)
        self._parent = parent
        self._left = 0
        self.setObjectName("countdown")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._timer = QTimer(self, interval=second_ms)
        self._timer.timeout.connect(self._tick)
        self.hide()

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def start(self, seconds: int = COUNTDOWN_S) -> None:
        """Count down from `seconds`, also if a countdown is running."""
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)  # Escape cancels wherever the focus is; a second installation replaces the first.
        self._left = seconds
        self._show_seconds()
        self._timer.start()

    def cancel(self) -> None:
        """Stop the countdown without a snapshot."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._timer.stop()
        self.hide()

    def _tick(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._show_seconds()
        else:
            self.cancel()
            self.finished.emit()

    def _show_seconds(self) -> None:
        side = round(0.3 * min(self._parent.width(), self._parent.height()))
        plate = to_qcolor(PLATE_BGR, PLATE_OPACITY).name(QColor.NameFormat.HexArgb)
        font = f"font-weight: bold; font-size: {round(side * 0.6)}px"
        self.setStyleSheet(f"background: {plate}; color: white; border-radius: {side // 2}px; {font}")
        self.setText(str(self._left))
        self.setAccessibleName(self.tr("Snapshot in {seconds}").format(seconds=self._left))
        self.setGeometry((self._parent.width() - side) // 2, (self._parent.height() - side) // 2, side, side)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.KeyPress:
            self.cancel()
            return True
        return super().eventFilter(watched, event)


class RecordingBadge(QLabel):
    """Red dot and recorded time in the upper right corner of the video while recording."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("recording")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plate = to_qcolor(PLATE_BGR, PLATE_OPACITY).name(QColor.NameFormat.HexArgb)
        self.setStyleSheet(f"background: {plate}; color: white; border-radius: 5px; padding: 3px 7px; font-weight: bold")
        self.hide()

    def show_recorded(self, recorded_s: float | None) -> None:
        """Show the recorded time; None hides the badge."""
        if recorded_s is None:
            self.hide()
            return
        minutes, seconds = divmod(int(recorded_s), 60)
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

    @property
    def is_recording(self) -> bool:
        """True while a recording is running."""
        return self._is_recording

    def record(self, on: bool) -> None:
        """Start a recording or finish the running one."""
        if self._recording is None:
            self.changed.emit(False)
        elif on:
            try:
                new = new_output_path(PlaceKind.RECORDINGS, ".mp4")
                self._recording.start(new, private=True)
            except FacecamError as error:
                self.failed.emit(error_text(error))
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
        is_recording = recording is not None and recording.path is not None
        self._badge.show_recorded(recording.duration_s if recording is not None and is_recording else None)
        if is_recording is not self._is_recording:
            self._is_recording = is_recording
            self.changed.emit(is_recording)
            if not is_recording and recording is not None and not recording.fault:
                self._report_end(recording.saved_path)
        for fault in recording.faults[self._reported_faults :] if recording is not None else ():
            self._reported_faults += 1
            self.failed.emit(error_text(fault))

    def _report_end(self, saved_path: Path | None) -> None:
        if saved_path is not None:
            self.saved.emit(saved_path)
        else:
            self.failed.emit(self.tr("Nothing was recorded, because no frame was analyzed meanwhile."))
