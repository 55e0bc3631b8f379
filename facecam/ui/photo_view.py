"""Photos and long names in little room: a picture that keeps its proportion, a line that ends in dots."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from facecam.ui.thumbnails import Thumbnails


class PhotoView(QWidget):
    """One photo, as large as fits, by its path; grey while it is read, crossed out when it cannot be."""

    def __init__(self, thumbnails: Thumbnails, lines: float, parent: QWidget | None = None) -> None:
        """`lines` is the wished height in lines of text."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._lines = lines
        self._path: Path | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        thumbnails.ready.connect(self.update)

    def show_photo(self, path: Path | None, name: str) -> None:
        """Show this photo; `name` is what a screen reader says."""
        self._path = path
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._path is not None:
            paint_photo(painter, self.rect(), self._thumbnails.pixmap(self._path), self.palette())


def paint_photo(painter: QPainter, room: QRect, pixmap: QPixmap | None, palette: QPalette) -> QRectF:
    """Paint the picture in the middle of the room, as large as fits; where it stands. None is one that is not there yet."""
    if pixmap is None or pixmap.isNull():
        side = min(room.width(), room.height())
        frame = QRectF(room.center().x() - side / 2, room.center().y() - side / 2, side, side)
        painter.fillRect(frame, palette.alternateBase())
        if pixmap is not None:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawLine(frame.topLeft(), frame.bottomRight())
            painter.drawLine(frame.topRight(), frame.bottomLeft())
        return frame
    size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRectF(
        room.x() + (room.width() - size.width()) / 2, room.y() + (room.height() - size.height()) / 2, size.width(), size.height()
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
    return place


class ElidedLabel(QLabel):
    """One line that ends in dots where the room ends; the whole of it is its tooltip then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def whole(self) -> str:
        """The text without dots."""
        return self._whole

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, max(1, self.width()))
        super().setText(shown)
        self.setToolTip("" if shown == self._whole else self._whole)
