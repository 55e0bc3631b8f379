"""Which note stands over the picture: decided from how the session is, with what may be done about it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from facecam.capture.source import SourceKind, kind_of, sentence
from facecam.rendering.renderer import PLATE_BGR, PLATE_COVERS
from facecam.session.status import SessionStatus, SourceState, StartupWork
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import color
from facecam.ui.video.video_view import VideoView
from facecam.ui.window.message_bar import Offer
from facecam.ui.window.sources import look_for_cameras

# MERGED ui.notes: What stands over the picture while there is none, or none that is recognized: what is happening, and what may be done.

_MARGIN_PX = 24
_RADIUS_PX = 8
_EDGE = QColor(92, 96, 102)
_LETTERS = 70
"""So many letters to a line are easily read."""


@dataclass(frozen=True, slots=True)
class Note:
    """A title, sentences below it, how far something is (done, total; (0, 0) is unknown, None nothing), and buttons.

    `low`: at the lower edge, over a picture that is worth seeing.
    """

    title: str
    lines: tuple[str, ...] = ()
    progress: tuple[int, int] | None = None
    offers: tuple[Offer, ...] = ()
    low: bool = False

    def looks_like(self, other: Note | None) -> bool:
        """Whether both read the same but for the progress: then nothing is built anew, and no button loses the focus."""
        if other is None or (self.title, self.lines, self.low) != (other.title, other.lines, other.low):
            return False
        words = [[text for text, _ in note.offers] for note in (self, other)]
        return words[0] == words[1] and (self.progress is None) is (other.progress is None)


class NoteView(QFrame):
    """Shows one note over its parent, in the colors of the plates in the picture; hidden without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, color(PLATE_BGR))
        palette.setColor(QPalette.ColorRole.WindowText, Qt.GlobalColor.white)
        self.setPalette(palette)
        self._over = parent
        self._note: Note | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_MARGIN_PX, 16, _MARGIN_PX, 16)
        self._column.setSpacing(6)
        self._bar: QProgressBar | None = None
        parent.installEventFilter(self)
        self.hide()

    @property
    def note(self) -> Note | None:
        """What is shown."""
        return self._note

    def show_note(self, note: Note | None) -> None:
        """Show it in place of what was there."""
        if note is None:
            self._note = None
            self.hide()
            return
        if not note.looks_like(self._note):
            self._build(note)
        self._note = note
        if self._bar is not None and note.progress is not None:
            done, total = note.progress
            self._bar.setRange(0, total)
            self._bar.setValue(done)
        self.show()
        self._place()

    def _build(self, note: Note) -> None:
        self._bar = None
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        title = self._label(note.title)
        font = title.font()
        font.setBold(True)
        if not note.low:
            font.setPointSizeF(font.pointSizeF() * 1.3)
        title.setFont(font)
        for line in note.lines:
            self._label(line)
        if note.progress is not None:
            self._bar = QProgressBar(self)
            self._bar.setTextVisible(False)
            self._bar.setAccessibleName(note.title)
            self._column.addWidget(self._bar)
        if note.offers:
            self._column.addWidget(self._buttons(note.offers))
        self.setAccessibleName(note.title)
        self.setAccessibleDescription(" ".join(note.lines))

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._column.addWidget(label)
        return label

    def _buttons(self, offers: Sequence[Offer]) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 6, 0, 0)
        row.addStretch(1)
        for words, do in offers:
            button = QPushButton(words, holder)
            button.clicked.connect(lambda _=False, do=do: do())
            row.addWidget(button)
        row.addStretch(1)
        # Buttons stay the system's, in the system's colors.
        holder.setPalette(QPalette())
        return holder

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(_EDGE, 1))
        painter.setBrush(color(PLATE_BGR, PLATE_COVERS))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS_PX, _RADIUS_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """In the middle of its parent, or low; as wide as its lines, but no wider than lines are easily read."""
        over, note = self._over, self._note
        if note is None:
            return
        metrics = self.fontMetrics()
        margin = metrics.height()
        longest = max((metrics.horizontalAdvance(line) for line in note.lines), default=0) + 2 * _MARGIN_PX + margin
        readable = min(longest, _LETTERS * metrics.averageCharWidth())
        wide = min(over.width() - 2 * margin, max(self._column.minimumSize().width(), readable, self._title_px()))
        wanted = self._column.totalHeightForWidth(wide) if self._column.hasHeightForWidth() else self.sizeHint().height()
        high = min(wanted, over.height())
        y = over.height() - high - margin if note.low else (over.height() - high) // 2
        self.setGeometry((over.width() - wide) // 2, y, wide, high)

    def _title_px(self) -> int:
        item = self._column.itemAt(0)
        title = item.widget() if item is not None else None
        return title.fontMetrics().horizontalAdvance(title.text()) + 2 * _MARGIN_PX + 16 if isinstance(title, QLabel) else 0


_PATIENCE_S = 0.5
"""What is over sooner is not worth a note that flashes up."""

_EVERY_MS = 150


@dataclass(frozen=True, slots=True)
class RecoveryActions:
    """What may be done when there is no picture."""

    again: Offer
    other: Offer
    file: Offer
    demo: Offer


class NoticeController(QObject):
    """Looks at the session a few times a second and shows the note that fits."""

    def __init__(self, live: SessionController, video: VideoView, view: NoteView, ways: RecoveryActions) -> None:
        super().__init__(view)
        self._live, self._video, self._view, self._ways = live, video, view, ways
        self._since_s = time.monotonic()
        self._jobs = BackgroundJobs(self)
        self._found: tuple[str, ...] = ()
        self._looked = False
        live.begun.connect(self._begin)
        live.ended.connect(self.look)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def _begin(self) -> None:
        self._since_s = time.monotonic()
        self._looked, self._found = False, ()
        self.look()

    def look(self) -> None:
        """Show what is to be said now."""
        self._view.show_note(self._note())

    def _note(self) -> Note | None:
        session = self._live.session
        if session is None or self._live.changing:
            return None
        status = session.status()
        if status.state is SourceState.FAILED:
            return self._failed(status.message)
        if session.wait(0):
            return Note(self.tr("The end"), (), None, (self._play_again(), self._ways.other), low=bool(self._live.frames))
        if status.state is SourceState.RECONNECTING:
            return Note(self.tr("The picture was lost"), (sentence(status.message), self.tr("It is tried again by itself.")))
        return self._preparing(status)

    def _preparing(self, status: SessionStatus) -> Note | None:
        """What is still to be done before the picture is recognized."""
        step, seen = status.preparing, bool(self._live.frames)
        if step is not None and step.work is StartupWork.NETWORKS:
            once = self.tr("Only once on this machine; it takes about half a minute.")
            return Note(self.tr("Preparing the networks"), (once,), (step.done, step.total), low=seen)
        if time.monotonic() - self._since_s < _PATIENCE_S:
            return None
        if not seen:
            return Note(self.tr("Opening {source}").format(source=self._names()), (), (0, 0))
        return self._not_shown_or_recognized(status)

    def _not_shown_or_recognized(self, status: SessionStatus) -> Note | None:
        step = status.preparing
        if not status.ready and step is not None and step.total:
            return Note(self.tr("Reading the photos of the people you know"), (), (step.done, step.total), low=True)
        if not status.ready:
            return Note(self.tr("Preparing recognition"), (), (0, 0), low=True)
        if self._video.waits_for_blur:
            return Note(self.tr("The picture comes when strangers can be blurred"), (), (0, 0))
        return None

    def _play_again(self) -> Offer:
        return self.tr("Play again"), self._live.start

    def _failed(self, message: str) -> Note:
        sources = self._live.wish.sources
        cameras = any(kind_of(source) is SourceKind.CAMERA for source in sources)
        if cameras and not self._looked:
            self._looked = True
            self._jobs.add(lambda _: look_for_cameras(), self._tell_cameras, lambda error: None)
        ways = self._ways
        return Note(
            self.tr("There is no picture"),
            (sentence(message), *self._found),
            None,
            (ways.again, ways.other, ways.file, ways.demo),
        )

    def _tell_cameras(self, cameras: dict[int, str]) -> None:
        if cameras:
            lines = [
                self.tr("Camera {number}: {name}").format(number=number, name=name or "?") for number, name in cameras.items()
            ]
            self._found = (self.tr("Cameras on this machine:"), *lines)
        else:
            self._found = (self.tr("All connections of this machine were looked at: there is no camera."),)
        self.look()

    def _names(self) -> str:
        return ", ".join(source.source for source in self._live.status.sources) or ", ".join(self._live.wish.sources)
