"""A scale of distances: where the name ends, where unsure ends, and how far away the nearest two people are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.identify.decide import DecisionRule
from facecam.overlay.lanes import Place, place_labels
from facecam.overlay.shapes import LOOKS
from facecam.types import Candidate, Decision, Kind
from facecam.ui.figures import number
from facecam.ui.painting import colour

_LANES = 3
"""As many as there are labels: so the widget never changes its height."""

_WIDEST = 0.62
"""How much of the widget's width a label's words may take."""

_SHORT_L2, _LONG_L2 = 1.0, 2.0
"""Where the scale ends: farther only for a network whose threshold lies that far."""


@dataclass(frozen=True, slots=True)
class _Tick:
    at_l2: float
    text: str
    hollow: bool = False
    is_line: bool = False


class WhyScale(QWidget):
    """Draws the distances of one decision. What it shows is its accessible description, too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule: DecisionRule | None = None
        self._ticks: tuple[_Tick, ...] = ()
        self.setAccessibleName(self.tr("Scale of distances"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def end_l2(self) -> float:
        """The distance at the right end."""
        far = self._rule is not None and self._rule.threshold_l2 + self._rule.unsure_band_l2 > 0.7 * _SHORT_L2
        return _LONG_L2 if far else _SHORT_L2

    def show_decision(self, decision: Decision, rule: DecisionRule | None) -> None:
        """Draw this decision's distances against this rule."""
        ticks = self._ticks_of(decision, rule)
        if (ticks, rule) != (self._ticks, self._rule):
            self._ticks, self._rule = ticks, rule
            self.setAccessibleDescription(", ".join(tick.text for tick in ticks))
            self.update()

    def _ticks_of(self, decision: Decision, rule: DecisionRule | None) -> tuple[_Tick, ...]:
        if rule is None:
            return ()
        threshold = self.tr("Threshold {distance}").format(distance=number(rule.threshold_l2))
        ticks = [_Tick(rule.threshold_l2, threshold, is_line=True)]
        people = (decision.nearest, decision.second)
        ticks += [_person_tick(person, first=person is people[0]) for person in people if person is not None]
        return tuple(ticks)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(16 * line, round((2.6 + _LANES) * line + 3 * _gap(line)))

    def minimumSizeHint(self) -> QSize:
        return QSize(8 * self.fontMetrics().height(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._rule is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        bar = QRectF(0.5, line + _gap(line) / 2, self.width() - 1, 1.3 * line)
        self._paint_zones(painter, bar, self._rule)
        self._paint_ticks(painter, bar)

    def _x(self, bar: QRectF, at_l2: float) -> float:
        return bar.left() + bar.width() * min(max(at_l2 / self.end_l2, 0.0), 1.0)

    def _paint_zones(self, painter: QPainter, bar: QRectF, rule: DecisionRule) -> None:
        """Known, unsure, unknown: in their colours, the middle one hatched, each with its word."""
        text = self.palette().color(QPalette.ColorRole.WindowText)
        edges = (0.0, rule.threshold_l2, rule.threshold_l2 + rule.unsure_band_l2, self.end_l2)
        words = {Kind.KNOWN: self.tr("known"), Kind.UNSURE: self.tr("unsure"), Kind.UNKNOWN: self.tr("unknown")}
        middles = []
        for kind, begin, end in zip(words, edges, edges[1:], strict=False):
            zone = QRectF(self._x(bar, begin), bar.top(), self._x(bar, end) - self._x(bar, begin), bar.height())
            painter.fillRect(zone, colour(LOOKS[kind][1], 0.45))
            if kind is Kind.UNSURE:
                painter.fillRect(zone, QBrush(text, Qt.BrushStyle.BDiagPattern))
            middles.append((zone.center().x(), words[kind]))
        painter.setPen(QPen(text, 1))
        painter.drawRect(bar)
        self._paint_ends(painter, bar)
        metrics = QFontMetricsF(self.font())
        places = place_labels([(x, metrics.horizontalAdvance(word)) for x, word in middles], self.width(), _gap(bar.height()))
        for place, (_, word) in zip(places, middles, strict=True):
            if place.lane == 0:  # in a narrow panel the later words go
                painter.drawText(QPointF(place.left_px, metrics.ascent()), word)

    def _paint_ends(self, painter: QPainter, bar: QRectF) -> None:
        inside = bar.adjusted(_gap(bar.height()), 0, -_gap(bar.height()), 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number(0, 0))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(self.end_l2, 0))

    def _paint_ticks(self, painter: QPainter, bar: QRectF) -> None:
        metrics = QFontMetricsF(self.font())
        text, ground = (self.palette().color(role) for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window))
        below = bar.bottom() + _gap(metrics.height())
        mark, most = metrics.height(), _WIDEST * self.width()
        widths = [min(most, metrics.horizontalAdvance(tick.text)) + 1.4 * mark for tick in self._ticks]
        wanted = [(self._x(bar, tick.at_l2), width) for tick, width in zip(self._ticks, widths, strict=True)]
        places = place_labels(wanted, self.width(), _gap(metrics.height()))
        painter.setPen(QPen(text, 1, Qt.PenStyle.DotLine))
        for (x, _), place in zip(wanted, places, strict=True):
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, below + place.lane * metrics.height()))
        for tick, (x, _), place in zip(self._ticks, wanted, places, strict=True):
            _paint_label(painter, tick, place, (below, metrics), (text, ground))
            _paint_mark(painter, tick, QPointF(x, bar.center().y()), bar.height(), (text, ground))


def _person_tick(person: Candidate, *, first: bool) -> _Tick:
    return _Tick(person.distance_l2, f"{person.name} {number(person.distance_l2)}", hollow=not first)


def _paint_label(
    painter: QPainter, tick: _Tick, place: Place, layout: tuple[float, QFontMetricsF], colours: tuple[QColor, QColor]
) -> None:
    top, metrics = layout
    room = QRectF(place.left_px, top + place.lane * metrics.height(), place.width_px, metrics.height())
    painter.fillRect(room, colours[1])
    _paint_mark(painter, tick, QPointF(room.left() + 0.5 * metrics.height(), room.center().y()), 0.8 * metrics.height(), colours)
    painter.setPen(colours[0])
    room.adjust(metrics.height(), 0, 0, 0)
    shown = metrics.elidedText(tick.text, Qt.TextElideMode.ElideMiddle, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_mark(painter: QPainter, tick: _Tick, at: QPointF, height: float, colours: tuple[QColor, QColor]) -> None:
    """On the scale and before its label: the threshold is a line, the nearest person a full circle, the next one an empty one."""
    text, ground = colours
    if tick.is_line:
        painter.setPen(QPen(text, 3))
        painter.drawLine(at - QPointF(0, height / 2), at + QPointF(0, height / 2))
        return
    painter.setPen(QPen(text, 2))
    painter.setBrush(ground if tick.hollow else text)
    painter.drawEllipse(at, height / 4, height / 4)


def _gap(line: float) -> float:
    return max(3.0, line * 0.3)
