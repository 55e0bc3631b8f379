"""What stands over the picture while there is none, or none that is recognised: what is happening, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from facecam.overlay.drawing import PLATE_BGR, PLATE_COVERS
from facecam.ui.message_bar import Offer
from facecam.ui.painting import colour

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
    """Shows one note over its parent, in the colours of the plates in the picture; hidden without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, colour(PLATE_BGR))
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
        # Buttons stay the system's, in the system's colours.
        holder.setPalette(QPalette())
        return holder

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(_EDGE, 1))
        painter.setBrush(colour(PLATE_BGR, PLATE_COVERS))
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
