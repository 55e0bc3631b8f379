"""A gallery's distances as a picture: the same person, the nearest other person, strangers; and the threshold among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.recognition.open_set import Numbers

# Okabe and Ito's palette: told apart by color-blind eyes too, on light and on dark.
_GENUINE, _IMPOSTOR = QColor("#0072B2"), QColor("#D55E00")
_GENUINE_ON_DARK, _IMPOSTOR_ON_DARK = QColor("#56B4E9"), QColor("#E69F00")

_BIN_L2 = 0.02
_TICK_L2 = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """What is drawn: distances (n,) of the gallery, and the share of strangers within a distance. All plain L2."""

    genuine_l2: Numbers
    impostor_l2: Numbers
    strangers_within: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class SeenMark:
    """Somebody in the picture now, at the distance of the nearest photo; `name` is of the person it shows."""

    name: str
    distance_l2: float


class Histogram(QWidget):
    """Draws distances from 0 to `far_l2`; a click or drag picks a threshold, as the slider below does for the keyboard."""

    picked = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.far_l2 = 0.64
        self.inset_px = 8
        self._distances: Distances | None = None
        self._threshold_l2 = 0.3
        self._automatic_l2 = 0.3
        self._seen: tuple[SeenMark, ...] = ()
        self._bars: tuple[Numbers, Numbers, Numbers] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName(self.tr("Distances in this gallery"))

    def show_distances(self, distances: Distances | None, far_l2: float) -> None:
        """Draw other distances."""
        self._distances, self.far_l2 = distances, far_l2
        self._bars = None
        self.update()

    def show_thresholds(self, threshold_l2: float, automatic_l2: float) -> None:
        """Draw the threshold that is tried, and the automatic one."""
        if (threshold_l2, automatic_l2) != (self._threshold_l2, self._automatic_l2):
            self._threshold_l2, self._automatic_l2 = threshold_l2, automatic_l2
            self.update()

    def show_seen(self, seen: Sequence[SeenMark]) -> None:
        """Mark who is in the picture now."""
        if tuple(seen) != self._seen:
            self._seen = tuple(seen)
            self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(22 * line, 14 * line)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(10 * line, 14 * line)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pick(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        self._paint_sides(painter, plot)
        if self._distances is not None:
            self._paint_bars(painter, plot, self._distances)
        self._paint_axis(painter, plot)
        self._paint_seen(painter, plot)
        self._paint_thresholds(painter, plot)
        self._paint_legend(painter)

    def _pick(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            plot = self._plot()
            share = (event.position().x() - plot.left()) / max(plot.width(), 1.0)
            self.picked.emit(round(min(max(share, 0.0), 1.0) * self.far_l2, 3))

    def _plot(self) -> QRectF:
        """Where the bars stand: below the legend and the threshold's label, above the scale and the names."""
        line = float(self.fontMetrics().height())
        top, below = 4.9 * line, 2.6 * line
        return QRectF(self.inset_px, top, self.width() - 2 * self.inset_px, max(self.height() - top - below, line))

    def _x(self, plot: QRectF, distance_l2: float) -> float:
        return plot.left() + plot.width() * min(max(distance_l2 / self.far_l2, 0.0), 1.0)

    def _dark(self) -> bool:
        return self.palette().window().color().lightnessF() < 0.5

    def _colors(self) -> tuple[QColor, QColor, QColor]:
        """Of the same person, the nearest other, strangers."""
        strangers = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        strangers.setAlphaF(0.55)
        return (_GENUINE_ON_DARK, _IMPOSTOR_ON_DARK, strangers) if self._dark() else (_GENUINE, _IMPOSTOR, strangers)

    def _binned(self, distances: Distances) -> tuple[Numbers, Numbers, Numbers]:
        """The share in each bin of the same person's distances, the nearest others', and strangers'."""
        if self._bars is None:
            edges = np.arange(0.0, self.far_l2 + _BIN_L2, _BIN_L2)
            counts = [np.histogram(values, edges)[0] for values in (distances.genuine_l2, distances.impostor_l2)]
            totals = [max(len(values), 1) for values in (distances.genuine_l2, distances.impostor_l2)]
            within = np.array([distances.strangers_within(float(edge)) if edge > 0 else 0.0 for edge in edges])
            self._bars = counts[0] / totals[0], counts[1] / totals[1], np.diff(within)
        return self._bars

    def _paint_sides(self, painter: QPainter, plot: QRectF) -> None:
        """What is nearer than the threshold gets a name: that side is tinted."""
        tint = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        tint.setAlphaF(0.14)
        x = self._x(plot, self._threshold_l2)
        painter.fillRect(QRectF(plot.left(), plot.top(), x - plot.left(), plot.height()), tint)

    def _paint_bars(self, painter: QPainter, plot: QRectF, distances: Distances) -> None:
        genuine, impostor, strangers = self._binned(distances)
        highest = max(genuine.max(initial=0.0), impostor.max(initial=0.0), strangers.max(initial=0.0), 1e-9)
        colors = self._colors()
        self._paint_stairs(painter, plot, strangers / highest, colors[2])
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

    def _paint_stairs(self, painter: QPainter, plot: QRectF, heights: Numbers, color: QColor) -> None:
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
        step = _TICK_L2 if plot.width() / (self.far_l2 / _TICK_L2) > metrics.horizontalAdvance("0.00 ") else 2 * _TICK_L2
        for number in range(int(self.far_l2 / step + 1e-6) + 1):
            x = self._x(plot, number * step)
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3))
            self._write(painter, self.locale().toString(number * step, "f", 1), x, plot.bottom() + 3)

    def _paint_seen(self, painter: QPainter, plot: QRectF) -> None:
        """Who is in the picture: an arrow below the scale, with the name if there is room."""
        metrics = QFontMetricsF(self.font())
        color = self.palette().color(QPalette.ColorRole.WindowText)
        free_from = -1e9
        for mark in sorted(self._seen, key=lambda mark: mark.distance_l2):
            x, y = self._x(plot, mark.distance_l2), plot.bottom()
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 1))
            painter.setBrush(color)
            painter.drawPolygon(QPolygonF([QPointF(x, y - 9), QPointF(x - 5, y), QPointF(x + 5, y)]))
            name = metrics.elidedText(mark.name, Qt.TextElideMode.ElideRight, plot.width() / 3)
            wide = metrics.horizontalAdvance(name)
            left = min(max(x - wide / 2, plot.left()), plot.right() - wide)
            if left > free_from:
                painter.setPen(color)
                painter.drawText(QPointF(left, y + metrics.height() * 1.1 + metrics.ascent() + 3), name)
                free_from = left + wide + metrics.averageCharWidth()

    def _paint_thresholds(self, painter: QPainter, plot: QRectF) -> None:
        line = QFontMetricsF(self.font()).height()
        text = self.palette().color(QPalette.ColorRole.WindowText)
        automatic, x = self._x(plot, self._automatic_l2), self._x(plot, self._threshold_l2)
        painter.setPen(QPen(text, 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(automatic, plot.top()), QPointF(automatic, plot.bottom()))
        painter.setPen(QPen(text, 2.4))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        if abs(self._automatic_l2 - self._threshold_l2) < 5e-4:
            said = self.tr("automatic {value}")
        else:
            said = self.tr("pinned {value}")
        self._write(
            painter, said.format(value=self.locale().toString(self._threshold_l2, "f", 3)), x, plot.top() - line, bold=True
        )

    def _paint_legend(self, painter: QPainter) -> None:
        colors = self._colors()
        rows = (
            (self.tr("One person's photos"), colors[0], Qt.BrushStyle.SolidPattern),
            (self.tr("Nearest other person"), colors[1], Qt.BrushStyle.BDiagPattern),
            (self.tr("Strangers, from a public set"), colors[2], Qt.BrushStyle.NoBrush),
        )
        metrics = QFontMetricsF(self.font())
        side = metrics.ascent() * 0.8
        for number, (words, color, style) in enumerate(rows):
            top = number * metrics.height() * 1.05
            painter.setPen(QPen(color, 1.4))
            painter.setBrush(QBrush(color, style))
            painter.drawRect(QRectF(self.inset_px, top + (metrics.height() - side) / 2, side, side))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            left = self.inset_px + side * 1.6
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width() - left)
            painter.drawText(QPointF(left, top + metrics.ascent()), shown)

    def _write(self, painter: QPainter, words: str, middle_x: float, top: float, *, bold: bool = False) -> None:
        """A line of text around an x, kept inside the widget."""
        font = self.font()
        font.setBold(bold)
        metrics = QFontMetricsF(font)
        wide = metrics.horizontalAdvance(words)
        left = min(max(middle_x - wide / 2, 0.0), self.width() - wide)
        painter.save()
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QPointF(left, top + metrics.ascent()), words)
        painter.restore()
