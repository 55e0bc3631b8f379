"""Histogram of a gallery's distances with the match threshold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.recognition.calibration import Calibration
from facecam.recognition.open_set import Float64Array
from facecam.types import Candidate
from facecam.ui.language import format_number
from facecam.ui.widgets import bold

# From Okabe and Ito's palette, which color-blind people can distinguish, with variants for light and dark backgrounds.
_GENUINE, _IMPOSTOR = QColor("#0072B2"), QColor("#D55E00")
_GENUINE_ON_DARK, _IMPOSTOR_ON_DARK = QColor("#56B4E9"), QColor("#E69F00")

_BIN_L2 = 0.02
_TICKS_L2 = (0.1, 0.2, 0.5, 1.0)
"""Steps of the axis; the first whose numbers fit is used."""


class Histogram(QWidget):
    """Histogram from 0 to `far_l2`. A click or drag picks a threshold; the slider below it does the same by keyboard."""

    picked = Signal(float)

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.far_l2 = 0.64
        self.inset_px = 8
        self._threshold_l2 = 0.3
        self._automatic_l2 = 0.3
        self._faces: tuple[Candidate, ...] = ()
        self._bars = [np.zeros(0)] * 3
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName(self.tr("Distances in this gallery"))

    def show_calibration(self, calibration: Calibration, far_l2: float, *, fixed: bool) -> None:
        """Draw the shares of genuine pairs, impostor pairs and strangers in each bin, for a fixed or an automatic threshold."""
        self.far_l2 = far_l2
        edges = np.arange(0.0, far_l2 + _BIN_L2, _BIN_L2)
        pairs = calibration.distances_l2(fixed=fixed)
        genuine, impostor = (np.histogram(values, edges)[0] / max(len(values), 1) for values in pairs)
        within = [0.0, *(calibration.at(float(edge)).false_positive_identification_rate for edge in edges[1:])]
        self._bars = [genuine, impostor, np.diff(within)]
        self.update()

    def show_thresholds(self, threshold_l2: float, automatic_l2: float) -> None:
        """Draw the threshold in use and the automatic one."""
        self._threshold_l2, self._automatic_l2 = threshold_l2, automatic_l2
        self.update()

    def show_faces(self, faces: Sequence[Candidate]) -> None:
        """Mark the nearest person of each face in the current frame."""
        self._faces = tuple(faces)
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(22 * line, 14 * line)

    def minimumSizeHint(self) -> QSize:
        return QSize(10 * self.fontMetrics().height(), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            plot = self._plot()
            share = (event.position().x() - plot.left()) / max(plot.width(), 1.0)
            self.picked.emit(round(min(max(share, 0.0), 1.0) * self.far_l2, 3))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        tint = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        tint.setAlphaF(0.14)
        threshold_x = self._x(plot, self._threshold_l2)
        painter.fillRect(QRectF(plot.left(), plot.top(), threshold_x - plot.left(), plot.height()), tint)
        self._paint_bars(painter, plot)
        self._paint_axis(painter, plot)
        self._paint_faces(painter, plot)
        self._paint_thresholds(painter, plot)
        self._paint_legend(painter)

    def _plot(self) -> QRectF:
        """Return the area of the bars: below the legend and the threshold's label, above the axis and the names."""
        line = float(self.fontMetrics().height())
        top, below = 4.9 * line, 2.6 * line
        return QRectF(self.inset_px, top, self.width() - 2 * self.inset_px, max(self.height() - top - below, line))

    def _x(self, plot: QRectF, distance_l2: float) -> float:
        return plot.left() + plot.width() * min(max(distance_l2 / self.far_l2, 0.0), 1.0)

    def _colors(self) -> tuple[QColor, QColor, QColor]:
        """Return the colors of genuine pairs, impostor pairs and strangers."""
        strangers = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        strangers.setAlphaF(0.55)
        is_dark = self.palette().window().color().lightnessF() < 0.5
        return (_GENUINE_ON_DARK, _IMPOSTOR_ON_DARK, strangers) if is_dark else (_GENUINE, _IMPOSTOR, strangers)

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        genuine, impostor, strangers = self._bars
        highest = max(*(shares.max(initial=0.0) for shares in self._bars), 1e-9)
        colors = self._colors()
        self._paint_outline(painter, plot, strangers / highest, colors[2])
        for shares, color, style in (
            (genuine, colors[0], Qt.BrushStyle.SolidPattern),
            (impostor, colors[1], Qt.BrushStyle.BDiagPattern),
        ):
            fill = QColor(color)
            fill.setAlphaF(0.6 if style is Qt.BrushStyle.SolidPattern else 0.9)
            painter.setPen(QPen(color, 1.2))
            painter.setBrush(QBrush(fill, style))
            for number in np.flatnonzero(shares):
                left, right = self._x(plot, number * _BIN_L2), self._x(plot, (number + 1) * _BIN_L2)
                height = plot.height() * float(shares[number] / highest)
                painter.drawRect(QRectF(left, plot.bottom() - height, right - left, height))

    def _paint_outline(self, painter: QPainter, plot: QRectF, heights: Float64Array, color: QColor) -> None:
        corners = [plot.bottomLeft()]
        for number, height in enumerate(heights):
            y = plot.bottom() - plot.height() * float(height)
            corners += [QPointF(self._x(plot, number * _BIN_L2), y), QPointF(self._x(plot, (number + 1) * _BIN_L2), y)]
        corners.append(QPointF(corners[-1].x(), plot.bottom()))
        area = QColor(color)
        area.setAlphaF(0.12)
        painter.setPen(QPen(color, 1.4))
        painter.setBrush(area)
        painter.drawPolygon(QPolygonF(corners))

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        metrics = QFontMetricsF(self.font())
        room = plot.width() / self.far_l2
        fitting = (step for step in _TICKS_L2 if step * room > metrics.horizontalAdvance("0.00 "))
        step = next(fitting, _TICKS_L2[-1])
        for number in range(int(self.far_l2 / step + 1e-6) + 1):
            x = self._x(plot, number * step)
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3))
            self._draw_text(painter, format_number(number * step, 1), self.font(), x, plot.bottom() + 3)

    def _paint_faces(self, painter: QPainter, plot: QRectF) -> None:
        """Paint an arrow for each face in the current frame, and below the axis its name if there is room."""
        metrics = QFontMetricsF(self.font())
        color = self.palette().color(QPalette.ColorRole.WindowText)
        free_from = -1e9
        for face in sorted(self._faces, key=lambda face: face.distance_l2):
            x, y = self._x(plot, face.distance_l2), plot.bottom()
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 1))
            painter.setBrush(color)
            painter.drawPolygon(QPolygonF([QPointF(x, y - 9), QPointF(x - 5, y), QPointF(x + 5, y)]))
            name = metrics.elidedText(face.name, Qt.TextElideMode.ElideRight, plot.width() / 3)
            width = metrics.horizontalAdvance(name)
            left = min(max(x - width / 2, plot.left()), plot.right() - width)
            if left > free_from:
                painter.setPen(color)
                painter.drawText(QPointF(left, y + metrics.height() * 1.1 + metrics.ascent() + 3), name)
                free_from = left + width + metrics.averageCharWidth()

    def _paint_thresholds(self, painter: QPainter, plot: QRectF) -> None:
        color = self.palette().color(QPalette.ColorRole.WindowText)
        x = self._x(plot, self._threshold_l2)
        automatic_pen = QPen(color, 1.2, Qt.PenStyle.DashLine)
        for line_x, pen in ((self._x(plot, self._automatic_l2), automatic_pen), (x, QPen(color, 2.4))):
            painter.setPen(pen)
            painter.drawLine(QPointF(line_x, plot.top()), QPointF(line_x, plot.bottom()))
        is_automatic = abs(self._automatic_l2 - self._threshold_l2) < 5e-4
        text = self.tr("automatic {value}") if is_automatic else self.tr("fixed {value}")
        text = text.format(value=format_number(self._threshold_l2, 3))
        self._draw_text(painter, text, bold(self.font()), x, plot.top() - QFontMetricsF(self.font()).height())

    def _paint_legend(self, painter: QPainter) -> None:
        colors = self._colors()
        rows = (
            (self.tr("Same person"), colors[0], Qt.BrushStyle.SolidPattern),
            (self.tr("Nearest other person"), colors[1], Qt.BrushStyle.BDiagPattern),
            (self.tr("Strangers (public data set)"), colors[2], Qt.BrushStyle.NoBrush),
        )
        metrics = QFontMetricsF(self.font())
        side = metrics.ascent() * 0.8
        for number, (text, color, style) in enumerate(rows):
            top = number * metrics.height() * 1.05
            painter.setPen(QPen(color, 1.4))
            painter.setBrush(QBrush(color, style))
            painter.drawRect(QRectF(self.inset_px, top + (metrics.height() - side) / 2, side, side))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            left = self.inset_px + side * 1.6
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width() - left)
            painter.drawText(QPointF(left, top + metrics.ascent()), elided)

    def _draw_text(self, painter: QPainter, text: str, font: QFont, center_x: float, top: float) -> None:
        """Draw a line of text centered at an x, kept inside the widget."""
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(text)
        left = min(max(center_x - width / 2, 0.0), self.width() - width)
        painter.save()
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QPointF(left, top + metrics.ascent()), text)
        painter.restore()
