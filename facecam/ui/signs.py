"""Small signs that tell by their shape how something stands: done, to be done, wrong, left out."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

_GREEN, _ORANGE = QColor(0, 130, 95), QColor(190, 80, 0)
"""Darker than over the picture: white on them has a contrast of more than 4.5 : 1."""


class Sign(StrEnum):
    """A tick on a disc, an empty circle, an exclamation mark on a lozenge, a bar on a disc."""

    DONE = "done"
    WAITING = "waiting"
    WRONG = "wrong"
    SKIPPED = "skipped"


class SignView(QWidget):
    """One sign, as high as a line of text. It says nothing by itself: the words beside it do."""

    def __init__(self, sign: Sign = Sign.WAITING, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = sign
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def sign(self) -> Sign:
        """Which one is shown."""
        return self._sign

    def show_sign(self, sign: Sign) -> None:
        """Show another one."""
        if sign is not self._sign:
            self._sign = sign
            self.update()

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * 1.15)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_sign(QPainter(self), QRectF(self.rect()), self._sign, self.palette())


def paint_sign(painter: QPainter, place: QRectF, sign: Sign, palette: QPalette) -> None:
    """Paint a sign into a square."""
    radius = min(place.width(), place.height()) / 2 - 1
    quiet = palette.color(QPalette.ColorRole.PlaceholderText)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(place.center())
    painter.scale(radius, radius)
    match sign:
        case Sign.WAITING:
            painter.setPen(QPen(quiet, 0.16))
            painter.drawEllipse(QPointF(), 0.86, 0.86)
        case Sign.DONE:
            _fill(painter, _GREEN).drawEllipse(QPointF(), 1, 1)
            _pen(painter).drawPolyline([QPointF(-0.45, 0.02), QPointF(-0.1, 0.38), QPointF(0.48, -0.34)])
        case Sign.WRONG:
            _fill(painter, _ORANGE).drawPolygon([QPointF(0, -1.08), QPointF(1.08, 0), QPointF(0, 1.08), QPointF(-1.08, 0)])
            _pen(painter).drawLine(QPointF(0, -0.5), QPointF(0, 0.12))
            painter.drawPoint(QPointF(0, 0.5))
        case Sign.SKIPPED:
            painter.setPen(QPen(quiet, 0.16))
            painter.drawEllipse(QPointF(), 0.86, 0.86)
            painter.setPen(QPen(quiet, 0.24, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(-0.4, 0), QPointF(0.4, 0))
    painter.restore()


def _fill(painter: QPainter, colour: QColor) -> QPainter:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    return painter


def _pen(painter: QPainter) -> QPainter:
    painter.setPen(QPen(Qt.GlobalColor.white, 0.26, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return painter
