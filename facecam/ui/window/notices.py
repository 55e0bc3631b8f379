"""Notices over the video while it is missing or not recognized yet: the state, its progress, and recovery actions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from facecam.capture.source import SourceKind, source_kind, source_label
from facecam.rendering.renderer import PLATE_BGR, PLATE_OPACITY
from facecam.session.status import SessionStatus, SourceState
from facecam.ui.language import error_text, error_words
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import to_qcolor
from facecam.ui.video.video_view import VideoView
from facecam.ui.widgets import FlowLayout, bold, wrapped_label
from facecam.ui.window.message_bar import MessageButton, Placement, clear_layout
from facecam.ui.window.session_end import SessionEnd
from facecam.ui.window.sources import (
    CameraFinder,
    access_denied_text,
    access_hint,
    camera_text,
    is_access_denied,
    is_camera,
    missing_camera,
    source_name,
)

_MARGIN_PX = 24
_READABLE_CHARACTERS = 70
"""Longest line that is easy to read."""

_DELAY_S = 0.5
"""Shorter states are not worth a notice that flashes up."""

_REFRESH_MS = 150

_MAX_CAMERAS = 3
"""Cameras with a button of their own; the menu Source has all."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Title, sentences, progress and buttons of a notice.

    `progress` is (done, total); (0, 0) is indeterminate, None shows no bar. `at_bottom` leaves the video visible. Notices that
    differ only in their progress are equal.
    """

    title: str
    lines: tuple[str, ...] = ()
    progress: tuple[int, int] | None = field(default=None, compare=False)
    buttons: tuple[MessageButton, ...] = ()
    at_bottom: bool = False


class NoticeView(QFrame):
    """Shows one notice over its parent in the colors of the captions; hidden without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        plate = to_qcolor(PLATE_BGR, PLATE_OPACITY).name(QColor.NameFormat.HexArgb)
        self.setStyleSheet(
            f"#notice {{background: {plate}; border: 1px solid #5c6066; border-radius: 8px}} #notice QLabel {{color: white}}"
        )
        self.notice: Notice | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_MARGIN_PX, 16, _MARGIN_PX, 16)
        self._column.setSpacing(6)
        self._bar: QProgressBar | None = None
        self._placement = Placement(self)
        self.hide()

    def show_notice(self, notice: Notice | None) -> None:
        """Show a notice in place of the current one; None hides the view."""
        if notice is not None and notice != self.notice:  # otherwise a button could lose the focus
            self._build(notice)
        self.notice = notice
        if notice is None:
            self.hide()
        elif self._bar is not None and notice.progress is not None:
            done, total = notice.progress
            self._bar.setRange(0, total)
            self._bar.setValue(done)

    def _build(self, notice: Notice) -> None:
        self.hide()  # Showing it again makes its new contents visible and places it.
        self._bar = None
        clear_layout(self._column)
        title = self._add_label(notice.title)
        title.setFont(bold(title.font(), 1.0 if notice.at_bottom else 1.3))
        for line in notice.lines:
            self._add_label(line)
        if notice.progress is not None:
            self._bar = QProgressBar(self)
            self._bar.setTextVisible(False)
            self._bar.setAccessibleName(notice.title)
            self._column.addWidget(self._bar)
        self._placement.max_width_px = _READABLE_CHARACTERS * self.fontMetrics().averageCharWidth()
        if notice.buttons:
            self._add_buttons(notice.buttons)
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(" ".join(notice.lines))
        self._placement.at_bottom = notice.at_bottom
        self.show()

    def _add_label(self, text: str) -> QLabel:
        label = wrapped_label(self, text)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._column.addWidget(label)
        return label

    def _add_buttons(self, buttons: tuple[MessageButton, ...]) -> None:
        holder = QWidget(self)
        row = FlowLayout(holder)
        row.setContentsMargins(0, 6, 0, 0)
        for text, callback in buttons:
            button = QPushButton(text, holder)
            button.clicked.connect(lambda _=False, callback=callback: callback())
            row.addWidget(button)
        self._column.addWidget(holder)
        one_row_px = holder.sizeHint().width() + 2 * (_MARGIN_PX + 1)  # inside the border
        self._placement.max_width_px = max(self._placement.max_width_px, one_row_px)


class NoticeController(QObject):
    """Shows the notice that fits the session's state, several times a second."""

    def __init__(
        self,
        controller: SessionController,
        video: VideoView,
        view: NoticeView,
        choose_source: MessageButton,
        recovery: tuple[MessageButton, ...],
        *,
        session_end: SessionEnd,
        finder: CameraFinder,
    ) -> None:
        """`choose_source` and `session_end` are offered after a session, `recovery` and cameras while no video arrives.

        A camera that was missing is opened as soon as it is connected.
        """
        super().__init__(view)
        self._controller, self._video, self._view = controller, video, view
        self._choose_source, self._recovery, self._session_end = choose_source, recovery, session_end
        self._started_at_s = time.monotonic()
        self._finder = finder
        self._last_cameras: Mapping[int, str] = {}
        finder.found.connect(self._on_cameras_found)
        controller.started.connect(self._on_started)
        controller.ended.connect(self.refresh)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def _on_started(self) -> None:
        self._started_at_s = time.monotonic()
        self._finder.watch(False)
        self.refresh()

    def refresh(self) -> None:
        """Show the notice for the current state."""
        self._view.show_notice(self._notice())

    def _notice(self) -> Notice | None:
        session = self._controller.session
        if session is None or self._controller.is_switching:
            return None
        status = session.status()
        if status.state is SourceState.FAILED:
            return self._failure_notice(status.message)
        if session.wait(0):
            return self._end_notice(status)
        if status.state is SourceState.RECONNECTING:
            return Notice(self.tr("The video was interrupted"), (error_text(status.message), self.tr("Reconnecting…")))
        return self._startup_notice(status)

    def _end_notice(self, status: SessionStatus) -> Notice:
        is_live = any(source.live for source in status.sources)
        are_files = all(source_kind(source) is SourceKind.FILE for source in self._controller.request.sources)
        are_images = are_files and self._controller.length_ms is None
        is_session = is_live or are_images or self._controller.is_finished
        title = self.tr("The session has ended") if is_session else self.tr("The video has ended")
        again = self.tr("Start again") if is_live else self.tr("Play again")
        restart: MessageButton = again, self._controller.start
        buttons = (restart, self._choose_source, *self._session_end.buttons)
        return Notice(title, self._session_end.lines, None, buttons, at_bottom=bool(self._controller.frames))

    def _startup_notice(self, status: SessionStatus) -> Notice | None:
        if time.monotonic() - self._started_at_s < _DELAY_S:
            return None
        if not self._controller.frames:
            sources = [error_words(source.source) for source in self._controller.status.sources]
            sources = sources or list(map(source_label, self._controller.request.sources))
            return Notice(self.tr("Opening {source}").format(source=", ".join(sources)), (), (0, 0))
        return self._recognition_notice(status)

    def _recognition_notice(self, status: SessionStatus) -> Notice | None:
        """Return the notice for a session that has video."""
        progress = status.gallery_progress
        if progress is not None and progress[1]:
            return Notice(self.tr("Reading the photos in your gallery"), (), progress, at_bottom=True)
        if not status.ready:
            return Notice(self.tr("Starting recognition"), (), (0, 0), at_bottom=True)
        if self._video.is_waiting_for_cover:
            return Notice(self.tr("The video appears as soon as strangers can be covered"), (), (0, 0))
        return None

    def _failure_notice(self, message: str) -> Notice:
        controller = self._controller
        sources = controller.request.sources
        if not any(source_kind(source) is SourceKind.CAMERA for source in sources):
            return Notice(self.tr("No video"), (error_text(message),), None, self._recovery)
        self._finder.watch(True)
        missing, hint = missing_camera(controller), access_hint()
        others = self._other_cameras()
        if missing is not None and not others:
            advice = self.tr("Connect a camera. Its video then appears automatically.")
            return Notice(self.tr("No camera found"), (advice, *filter(None, (hint,))), None, self._recovery)
        if missing is not None:
            title = self.tr("{camera} is not connected").format(camera=source_name(missing, None))
            lines: tuple[str, ...] = (self.tr("Connect it, or use another camera."),)
        elif is_access_denied(controller):
            title, lines = self.tr("No access to the camera"), (access_denied_text(),)
        else:
            title, lines = self.tr("No video"), (error_text(message),)
        return Notice(title, lines, None, (*others, *self._recovery))

    def _other_cameras(self) -> tuple[MessageButton, ...]:
        """Return a button for each connected camera that is not in the request."""
        sources = self._controller.request.sources
        cameras = {str(index): name for index, name in (self._finder.cameras or {}).items()}
        return tuple(
            (self.tr("Use {camera}").format(camera=name or camera_text(index, "")), partial(self._controller.open, index))
            for index, name in list(cameras.items())[:_MAX_CAMERAS]
            if index not in sources
        )

    def _on_cameras_found(self) -> None:
        """Open the missing camera once it is connected. The first camera is any that is the only one."""
        missing, cameras, before = missing_camera(self._controller), self._finder.cameras or {}, self._last_cameras
        self._last_cameras = cameras
        if missing is not None and cameras != before and len(self._controller.request.sources) == 1:
            if any(is_camera(missing, index, name) for index, name in cameras.items()):
                self._controller.start()
            elif missing == "0" and len(cameras) == 1:
                self._controller.open(str(next(iter(cameras))))
        self.refresh()
