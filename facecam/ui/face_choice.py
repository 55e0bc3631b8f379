"""A photo with several faces: one of them is clicked, or chosen with the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.overlay.placing import Rectangle
from facecam.overlay.shapes import Stroke
from facecam.types import Box
from facecam.ui.fitting import Fit, fitted
from facecam.ui.painting import paint_stroke
from facecam.ui.photo_adding import PhotoFaces
from facecam.ui.video_view import BACKDROP

_CHOSEN, _OTHER = (66, 228, 240), (233, 180, 86)
"""Blue, green, red: the chosen face also has a broad whole frame, the others have corners."""


class FaceChoice(QWidget):
    """Shows a photo's faces with numbers, from left to right."""

    chosen = Signal(Box)
    """This face is meant."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo: PhotoFaces | None = None
        self._boxes: tuple[Box, ...] = ()
        self._at = 0
        self._fit: Fit | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setProperty("types", True)  # its keys are its own, not the window's
        self.setAccessibleName(self.tr("Faces in this photo"))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    @property
    def current(self) -> Box | None:
        """The face that is marked."""
        return self._boxes[self._at] if self._boxes else None

    def show_photo(self, photo: PhotoFaces) -> None:
        """Show another photo."""
        self._photo = photo
        self._boxes = tuple(sorted(photo.boxes, key=lambda box: box.x))
        self._mark(0)

    def take(self) -> None:
        """The marked face is meant."""
        if self.current is not None:
            self.chosen.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._boxes:
            self._mark((self._at + (1 if event.key() == Qt.Key.Key_Right else -1)) % len(self._boxes))
        elif event.key() == Qt.Key.Key_Space:
            self.take()
        elif 0 <= digit < len(self._boxes):
            self._mark(digit)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._hit(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor)
        if at is not None and at != self._at:
            self._mark(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._hit(event.position())
        if at is not None:
            self._mark(at)
            self.take()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        if self._photo is None:
            return
        fit = self._fit = fitted(QRectF(self.rect()), self._photo.size_wh)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fit.rect, self._photo.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(fit.rect.topLeft())
        for number, box in enumerate(self._boxes):
            self._paint_face(painter, number, fit.to_picture(Rectangle(box.x, box.y, box.w, box.h)))

    def _paint_face(self, painter: QPainter, number: int, place: Rectangle) -> None:
        marked = number == self._at
        width = max(2.0, self.fontMetrics().height() / 8)
        look = (Stroke.SOLID, _CHOSEN) if marked else (Stroke.CORNERS, _OTHER)
        paint_stroke(painter, look, place, 2 * width if marked else width)
        font = QFont(self.font())
        font.setBold(True)
        text, metrics = str(number + 1), QFontMetricsF(font)
        wide = max(metrics.height(), metrics.horizontalAdvance(text) + 0.8 * metrics.height())
        plate = QRectF(place.x, place.y - metrics.height(), wide, metrics.height())
        plate.moveTop(max(0.0, plate.top()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BACKDROP)
        painter.drawRoundedRect(plate, 3, 3)
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _mark(self, at: int) -> None:
        self._at = at
        said = self.tr("Face {number} of {count}, from left to right")
        self.setAccessibleDescription(said.format(number=at + 1, count=len(self._boxes)))
        self.update()

    def _hit(self, place: QPointF) -> int | None:
        if self._fit is None:
            return None
        x, y = self._fit.to_frame(place)
        inside = [n for n, box in enumerate(self._boxes) if box.x <= x <= box.x + box.w and box.y <= y <= box.y + box.h]
        return min(inside, key=lambda n: self._boxes[n].w * self._boxes[n].h, default=None)
