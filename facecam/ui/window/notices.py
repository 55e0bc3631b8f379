"""Notices over the video while it is missing or not recognized yet: the state, its progress, and recovery actions."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from facecam.capture.source import SourceKind, as_sentence, source_kind
from facecam.rendering.renderer import PLATE_BGR, PLATE_OPACITY
from facecam.session.status import SessionStatus, SourceState
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import to_qcolor
from facecam.ui.video.video_view import VideoView
from facecam.ui.widgets import bold
from facecam.ui.window.message_bar import MessageButton
from facecam.ui.window.sources import find_cameras

_MARGIN_PX = 24
_RADIUS_PX = 8
_BORDER = QColor(92, 96, 102)
_READABLE_CHARACTERS = 70
"""Longest line that is easy to read."""

_DELAY_S = 0.5
"""Shorter states are not worth a notice that flashes up."""

_REFRESH_MS = 150


@dataclass(frozen=True, slots=True)
class Notice:
    """Title, sentences, progress and buttons of a notice.

    `progress` is (done, total); (0, 0) is indeterminate, None shows no bar. `at_bottom` leaves the video visible.
    """

    title: str
    lines: tuple[str, ...] = ()
    progress: tuple[int, int] | None = None
    buttons: tuple[MessageButton, ...] = ()
    at_bottom: bool = False

    def has_same_widgets(self, other: Notice | None) -> bool:
        """Return whether only the progress differs, so that no widget is rebuilt and no button loses the focus."""
        contents = [
            (notice.title, notice.lines, notice.at_bottom, [text for text, _ in notice.buttons], notice.progress is None)
            for notice in (self, other)
            if notice is not None
        ]
        return len(contents) == 2 and contents[0] == contents[1]


class NoticeView(QFrame):
    """Shows one notice over its parent in the colors of the captions; hidden without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, to_qcolor(PLATE_BGR))
        palette.setColor(QPalette.ColorRole.WindowText, Qt.GlobalColor.white)
        self.setPalette(palette)
        self._parent = parent
        self.notice: Notice | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_MARGIN_PX, 16, _MARGIN_PX, 16)
        self._column.setSpacing(6)
        self._bar: QProgressBar | None = None
        parent.installEventFilter(self)
        self.hide()

    def show_notice(self, notice: Notice | None) -> None:
        """Show a notice in place of the current one; None hides the view."""
        if notice is None:
            self.notice = None
            self.hide()
            return
        if not notice.has_same_widgets(self.notice):
            self._build(notice)
        self.notice = notice
        if self._bar is not None and notice.progress is not None:
            done, total = notice.progress
            self._bar.setRange(0, total)
            self._bar.setValue(done)
        self.show()
        self._place(notice)

    def _build(self, notice: Notice) -> None:
        self._bar = None
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        title = self._add_label(notice.title)
        title.setFont(bold(title.font(), 1.0 if notice.at_bottom else 1.3))
        for line in notice.lines:
            self._add_label(line)
        if notice.progress is not None:
            self._bar = QProgressBar(self)
            self._bar.setTextVisible(False)
            self._bar.setAccessibleName(notice.title)
            self._column.addWidget(self._bar)
        if notice.buttons:
            self._add_buttons(notice.buttons)
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(" ".join(notice.lines))

    def _add_label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._column.addWidget(label)
        return label

    def _add_buttons(self, buttons: tuple[MessageButton, ...]) -> None:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 6, 0, 0)
        row.addStretch(1)
        for text, callback in buttons:
            button = QPushButton(text, holder)
            button.clicked.connect(lambda _=False, callback=callback: callback())
            row.addWidget(button)
        row.addStretch(1)
        # Buttons keep the colors of the system.
        holder.setPalette(QPalette())
        self._column.addWidget(holder)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(_BORDER, 1))
        painter.setBrush(to_qcolor(PLATE_BGR, PLATE_OPACITY))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS_PX, _RADIUS_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden() and self.notice is not None:
            self._place(self.notice)
        return super().eventFilter(watched, event)

    def _place(self, notice: Notice) -> None:
        """Center the notice, or move it to the bottom; as wide as its lines, up to a readable width."""
        parent, metrics = self._parent, self.fontMetrics()
        margin = metrics.height()
        longest = max((metrics.horizontalAdvance(line) for line in notice.lines), default=0) + 2 * _MARGIN_PX + margin
        readable = min(longest, _READABLE_CHARACTERS * metrics.averageCharWidth())
        width = min(parent.width() - 2 * margin, max(self._column.minimumSize().width(), readable, self._title_px()))
        wanted = self._column.totalHeightForWidth(width) if self._column.hasHeightForWidth() else self.sizeHint().height()
        height = min(wanted, parent.height())
        y = parent.height() - height - margin if notice.at_bottom else (parent.height() - height) // 2
        self.setGeometry((parent.width() - width) // 2, y, width, height)

    def _title_px(self) -> int:
        item = self._column.itemAt(0)
        title = item.widget() if item is not None else None
        return title.fontMetrics().horizontalAdvance(title.text()) + 2 * _MARGIN_PX + 16 if isinstance(title, QLabel) else 0


@dataclass(frozen=True, slots=True)
class RecoveryActions:
    """Buttons offered while no video arrives."""

    retry: MessageButton
    choose_other: MessageButton
    open_file: MessageButton
    open_demo: MessageButton


class NoticeController(QObject):
    """Shows the notice that fits the session's state, several times a second."""

    def __init__(self, controller: SessionController, video: VideoView, view: NoticeView, recovery: RecoveryActions) -> None:
        super().__init__(view)
        self._controller, self._video, self._view, self._recovery = controller, video, view, recovery
        self._started_at_s = time.monotonic()
        self._jobs = BackgroundJobs(self)
        self._camera_lines: tuple[str, ...] = ()
        self._has_searched = False
        controller.started.connect(self._on_started)
        controller.ended.connect(self.refresh)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def _on_started(self) -> None:
        self._started_at_s = time.monotonic()
        self._has_searched, self._camera_lines = False, ()
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
            replay: MessageButton = self.tr("Play again"), self._controller.start
            buttons = (replay, self._recovery.choose_other)
            return Notice(self.tr("The video has ended"), (), None, buttons, at_bottom=bool(self._controller.frames))
        if status.state is SourceState.RECONNECTING:
            return Notice(self.tr("The video was interrupted"), (as_sentence(status.message), self.tr("Reconnecting…")))
        return self._startup_notice(status)

    def _startup_notice(self, status: SessionStatus) -> Notice | None:
        if time.monotonic() - self._started_at_s < _DELAY_S:
            return None
        if not self._controller.frames:
            sources = [source.source for source in self._controller.status.sources] or self._controller.request.sources
            return Notice(self.tr("Opening {source}").format(source=", ".join(sources)), (), (0, 0))
        return self._recognition_notice(status)

    def _recognition_notice(self, status: SessionStatus) -> Notice | None:
        """Return the notice for a session that has video."""
        progress = status.gallery_progress
        if not status.ready and progress is not None and progress[1]:
            return Notice(self.tr("Reading the photos in your gallery"), (), progress, at_bottom=True)
        if not status.ready:
            return Notice(self.tr("Starting recognition"), (), (0, 0), at_bottom=True)
        if self._video.is_waiting_for_blur:
            return Notice(self.tr("The video appears as soon as strangers can be blurred"), (), (0, 0))
        return None

    def _failure_notice(self, message: str) -> Notice:
        sources = self._controller.request.sources
        if not self._has_searched and any(source_kind(source) is SourceKind.CAMERA for source in sources):
            self._has_searched = True
            self._jobs.add(lambda _: find_cameras(), self._show_cameras, lambda error: None)
        offers = self._recovery
        buttons = (offers.retry, offers.choose_other, offers.open_file, offers.open_demo)
        return Notice(self.tr("No video"), (as_sentence(message), *self._camera_lines), None, buttons)

    def _show_cameras(self, cameras: dict[int, str]) -> None:
        if cameras:
            line = self.tr("Camera {number}: {name}")
            lines = [line.format(number=number, name=name or "?") for number, name in cameras.items()]
            self._camera_lines = (self.tr("Cameras on this computer:"), *lines)
        else:
            self._camera_lines = (self.tr("This computer has no camera connected."),)
        self.refresh()
