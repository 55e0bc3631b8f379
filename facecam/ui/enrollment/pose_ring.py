"""The ring around the face of whoever is being enrolled: an arc for each turn of the head, in its place as in a mirror.

What an arc says stands in its shape and sign, too, not in its color alone: dotted is still to come, broad is asked for and fills
from its middle, a tick is done, a bar is skipped. The inner circle is for looking straight ahead.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from facecam.enrollment.guided import EnrollmentProgress
from facecam.enrollment.poses import Check, CheckItem, Pose, checklist
from facecam.ui.enrollment_text import check_words
from facecam.ui.icons import SignView, StatusSign

_PLACES_DEG = {Pose.RIGHT: 0, Pose.UP: 90, Pose.LEFT: 180, Pose.DOWN: 270}
"""Where the middle of each arc is, counted as Qt does: against the clock from three o'clock."""

_SPAN_DEG = 66
_INNER = 0.86
_EDGE = QColor(20, 20, 20, 200)
_WAITING = QColor(255, 255, 255, 210)
_ASKED = QColor(240, 228, 66)
_DONE = QColor(0, 158, 115)
_SKIPPED = QColor(190, 190, 190)


@dataclass(frozen=True, slots=True)
class RingState:
    """What the ring shows. `arrow` is where the head has still to go, None when it need not."""

    shares: Mapping[Pose, float] = field(default_factory=dict)
    done: Collection[Pose] = ()
    skipped: Collection[Pose] = ()
    asked: Pose | None = None
    arrow: Pose | None = None

    @classmethod
    def of(cls, progress: EnrollmentProgress, arrow: Pose | None) -> RingState:
        """How far an enrollment is."""
        return cls(progress.shares, progress.done, progress.skipped, progress.asked, arrow)


def paint_ring(painter: QPainter, center: QPointF, radius: float, state: RingState) -> None:
    """Paint it around a face; strokes grow with the radius."""
    stroke = max(3.0, radius / 24)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_arc(painter, _square(center, radius * _INNER), (90, -360), _Look.of(Pose.CENTER, state), stroke * 0.7)
    for pose, place_deg in _PLACES_DEG.items():
        look = _Look.of(pose, state)
        _paint_arc(painter, _square(center, radius), (place_deg - _SPAN_DEG / 2, _SPAN_DEG), look, stroke)
        if look.sign:
            _paint_badge(painter, _on_circle(center, radius, place_deg), 2.3 * stroke, look)
    if state.arrow in _PLACES_DEG:
        _paint_arrow(painter, center, radius + 3.4 * stroke, _PLACES_DEG[state.arrow], 3.2 * stroke)
    painter.restore()


@dataclass(frozen=True, slots=True)
class _Look:
    """How an arc is drawn: the share of it that is filled, its color, its pen's pattern, and the sign on it."""

    share: float
    color: QColor
    track: Qt.PenStyle
    broad: float
    sign: str

    @classmethod
    def of(cls, pose: Pose, state: RingState) -> _Look:
        if pose in state.done:
            return cls(1.0, _DONE, Qt.PenStyle.SolidLine, 1.25, "tick")
        if pose in state.skipped:
            return cls(0.0, _SKIPPED, Qt.PenStyle.DotLine, 0.5, "bar")
        asked = pose is state.asked
        track = Qt.PenStyle.SolidLine if asked else Qt.PenStyle.DotLine
        return cls(state.shares.get(pose, 0.0), _ASKED, track, 1.6 if asked else 0.6, "")


def _paint_arc(painter: QPainter, square: QRectF, from_and_span_deg: tuple[float, float], look: _Look, stroke: float) -> None:
    """The whole arc in its pattern, over it the filled share: of a circle from its beginning, else from the arc's middle."""
    start, span = from_and_span_deg
    width = stroke * look.broad
    track = QColor(_WAITING if look.share < 1 else look.color)
    # Below dots a whole dark line: dots of another width would not lie below them.
    for color, extra, pattern in ((_EDGE, 0.7 * stroke, Qt.PenStyle.SolidLine), (track, 0.0, look.track)):
        painter.setPen(QPen(color, width + extra, pattern, Qt.PenCapStyle.RoundCap))
        painter.drawArc(square, round(start * 16), round(span * 16))
    if 0 < look.share < 1:
        filled = span * look.share
        begin = start if abs(span) == 360 else start + (span - filled) / 2
        painter.setPen(QPen(look.color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(square, round(begin * 16), round(filled * 16))


def _paint_badge(painter: QPainter, place: QPointF, radius: float, look: _Look) -> None:
    """A disc with a tick or a bar."""
    painter.setPen(QPen(_EDGE, radius / 5))
    painter.setBrush(look.color if look.sign == "tick" else QColor(70, 70, 70))
    painter.drawEllipse(place, radius, radius)
    painter.setPen(
        QPen(Qt.GlobalColor.white, radius / 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    steps = [(-0.45, 0.02), (-0.1, 0.38), (0.48, -0.34)] if look.sign == "tick" else [(-0.45, 0.0), (0.45, 0.0)]
    painter.drawPolyline([place + QPointF(x * radius, y * radius) for x, y in steps])


def _paint_arrow(painter: QPainter, center: QPointF, distance: float, place_deg: float, size: float) -> None:
    """A broad arrow outside the ring that points away from the face."""
    path = QPainterPath(QPointF(-0.55, -1))
    for x, y in ((0.75, 0), (-0.55, 1), (-0.15, 0)):
        path.lineTo(x, y)
    path.closeSubpath()
    painter.save()
    painter.translate(_on_circle(center, distance, place_deg))
    painter.rotate(-place_deg)
    painter.scale(size, size)
    painter.setPen(QPen(_EDGE, 0.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(_ASKED)
    painter.drawPath(path)
    painter.restore()


def _square(center: QPointF, radius: float) -> QRectF:
    return QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)


def _on_circle(center: QPointF, radius: float, place_deg: float) -> QPointF:
    angle = math.radians(place_deg)
    return center + QPointF(radius * math.cos(angle), -radius * math.sin(angle))


# MERGED ui.checklist_view: The live checklist of guided enrollment: a sign and a word for each thing that the picture must have.


class ChecklistView(QWidget):
    """Shows which checks are passed, which one fails, and which have their turn later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What the picture must have"))
        self._lines: dict[Check, tuple[SignView, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, check in enumerate(Check):
            sign, label = SignView(parent=self), QLabel(check_words(check), self)
            label.setWordWrap(True)
            grid.addWidget(sign, row, 0)
            grid.addWidget(label, row, 1)
            self._lines[check] = sign, label
        self.show_checks(checklist("no_face"))

    def signs(self) -> dict[Check, StatusSign]:
        """What is shown."""
        return {check: sign.sign for check, (sign, _) in self._lines.items()}

    def show_checks(self, checks: Sequence[CheckItem]) -> None:
        """Show how the newest picture is."""
        for item in checks:
            sign, label = self._lines[item.code]
            shown = StatusSign.DONE if item.done else StatusSign.WRONG if item.hint else StatusSign.WAITING
            sign.show_sign(shown)
            font = label.font()
            if font.bold() is not bool(item.hint):
                font.setBold(bool(item.hint))
                label.setFont(font)
            label.setAccessibleName(self._said(shown).format(check=check_words(item.code)))

    def _said(self, sign: StatusSign) -> str:
        if sign is StatusSign.DONE:
            return self.tr("{check}: yes")
        return self.tr("{check}: no") if sign is StatusSign.WRONG else self.tr("{check}: not yet looked at")
