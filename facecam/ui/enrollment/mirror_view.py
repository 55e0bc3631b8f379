"""Mirrored live video for enrollment, with the pose ring around the face or with names, and the checklist of requirements.

The ring has one arc per head turn, mirrored, and an inner circle for looking straight ahead. Shape and badge repeat what the
color says: dotted is still to come, wide is requested and fills from its middle, a tick is done, a bar is skipped.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from facecam.enrollment.guided import EnrollmentProgress
from facecam.enrollment.poses import Check, CheckItem, Pose, checklist
from facecam.ui.enrollment_text import check_text
from facecam.ui.icons import StatusIcon, StatusIconView
from facecam.ui.language import caption_texts
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement, VideoTile, fit_frame
from facecam.ui.video.video_view import BACKDROP
from facecam.ui.widgets import wrapped_label

_ANGLES_DEG = {Pose.RIGHT: 0, Pose.UP: 90, Pose.LEFT: 180, Pose.DOWN: 270}
"""Center of each arc, counterclockwise from three o'clock as in Qt."""

_SPAN_DEG = 66
_INNER = 0.86
_EDGE = QColor(20, 20, 20, 200)
_WAITING = QColor(255, 255, 255, 210)
_REQUESTED = QColor(240, 228, 66)
_DONE = QColor(0, 158, 115)
_SKIPPED = QColor(190, 190, 190)


@dataclass(frozen=True, slots=True)
class RingState:
    """Content of the ring. `arrow` points where the head must still turn, None when it need not."""

    fractions: Mapping[Pose, float] = field(default_factory=dict)
    done: Collection[Pose] = ()
    skipped: Collection[Pose] = ()
    requested: Pose | None = None
    arrow: Pose | None = None

    @classmethod
    def from_progress(cls, progress: EnrollmentProgress, arrow: Pose | None) -> RingState:
        return cls(progress.pose_fractions, progress.done, progress.skipped, progress.current_pose, arrow)


def paint_ring(painter: QPainter, center: QPointF, radius: float, state: RingState) -> None:
    """Paint the ring around a face; strokes grow with the radius."""
    stroke = max(3.0, radius / 24)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_arc(painter, _square(center, radius * _INNER), (90, -360), _ArcStyle.for_pose(Pose.CENTER, state), stroke * 0.7)
    for pose, angle_deg in _ANGLES_DEG.items():
        style = _ArcStyle.for_pose(pose, state)
        _paint_arc(painter, _square(center, radius), (angle_deg - _SPAN_DEG / 2, _SPAN_DEG), style, stroke)
        if style.badge:
            _paint_badge(painter, _on_circle(center, radius, angle_deg), 2.3 * stroke, style)
    if state.arrow in _ANGLES_DEG:
        _paint_arrow(painter, center, radius + 3.4 * stroke, _ANGLES_DEG[state.arrow], 3.2 * stroke)
    painter.restore()


@dataclass(frozen=True, slots=True)
class _ArcStyle:
    """Style of an arc: filled fraction, color, pen style, relative width, and badge."""

    fraction: float
    color: QColor
    line: Qt.PenStyle
    width_factor: float
    badge: str

    @classmethod
    def for_pose(cls, pose: Pose, state: RingState) -> _ArcStyle:
        if pose in state.done:
            return cls(1.0, _DONE, Qt.PenStyle.SolidLine, 1.25, "tick")
        if pose in state.skipped:
            return cls(0.0, _SKIPPED, Qt.PenStyle.DotLine, 0.5, "bar")
        requested = pose is state.requested
        line = Qt.PenStyle.SolidLine if requested else Qt.PenStyle.DotLine
        return cls(state.fractions.get(pose, 0.0), _REQUESTED, line, 1.6 if requested else 0.6, "")


def _paint_arc(
    painter: QPainter, square: QRectF, start_and_span_deg: tuple[float, float], style: _ArcStyle, stroke: float
) -> None:
    """Paint the whole arc in its pen style, and over it the filled fraction: a circle from its start, an arc from its middle."""
    start, span = start_and_span_deg
    width = stroke * style.width_factor
    base = QColor(_WAITING if style.fraction < 1 else style.color)
    # The dark edge is always solid: dots of another width would not lie under the dots.
    for color, extra, pattern in ((_EDGE, 0.7 * stroke, Qt.PenStyle.SolidLine), (base, 0.0, style.line)):
        painter.setPen(QPen(color, width + extra, pattern, Qt.PenCapStyle.RoundCap))
        painter.drawArc(square, round(start * 16), round(span * 16))
    if 0 < style.fraction < 1:
        filled = span * style.fraction
        begin = start if abs(span) == 360 else start + (span - filled) / 2
        painter.setPen(QPen(style.color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(square, round(begin * 16), round(filled * 16))


def _paint_badge(painter: QPainter, center: QPointF, radius: float, style: _ArcStyle) -> None:
    """Paint a disc with a tick or a bar."""
    painter.setPen(QPen(_EDGE, radius / 5))
    painter.setBrush(style.color if style.badge == "tick" else QColor(70, 70, 70))
    painter.drawEllipse(center, radius, radius)
    painter.setPen(
        QPen(Qt.GlobalColor.white, radius / 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    steps = [(-0.45, 0.02), (-0.1, 0.38), (0.48, -0.34)] if style.badge == "tick" else [(-0.45, 0.0), (0.45, 0.0)]
    painter.drawPolyline([center + QPointF(x * radius, y * radius) for x, y in steps])


def _paint_arrow(painter: QPainter, center: QPointF, distance: float, angle_deg: float, size: float) -> None:
    """Paint a wide arrow outside the ring that points away from the face."""
    path = QPainterPath(QPointF(-0.55, -1))
    for x, y in ((0.75, 0), (-0.55, 1), (-0.15, 0)):
        path.lineTo(x, y)
    path.closeSubpath()
    painter.save()
    painter.translate(_on_circle(center, distance, angle_deg))
    painter.rotate(-angle_deg)
    painter.scale(size, size)
    painter.setPen(QPen(_EDGE, 0.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(_REQUESTED)
    painter.drawPath(path)
    painter.restore()


def _square(center: QPointF, radius: float) -> QRectF:
    return QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)


def _on_circle(center: QPointF, radius: float, angle_deg: float) -> QPointF:
    angle = math.radians(angle_deg)
    return center + QPointF(radius * math.cos(angle), -radius * math.sin(angle))


class ChecklistView(QWidget):
    """Checklist of photo requirements: passed, failed, or still to be checked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Photo requirements"))
        self._rows: dict[Check, tuple[StatusIconView, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, check in enumerate(Check):
            icon, label = StatusIconView(parent=self), wrapped_label(self, check_text(check))
            grid.addWidget(icon, row, 0)
            grid.addWidget(label, row, 1)
            self._rows[check] = icon, label
        self.show_checks(checklist("no_face"))

    def statuses(self) -> dict[Check, StatusIcon]:
        return {check: icon.status for check, (icon, _) in self._rows.items()}

    def show_checks(self, checks: Sequence[CheckItem]) -> None:
        """Show the checks of the newest frame."""
        for item in checks:
            icon, label = self._rows[item.code]
            status = StatusIcon.DONE if item.done else StatusIcon.WRONG if item.hint else StatusIcon.WAITING
            icon.show_icon(status)
            font = label.font()
            if font.bold() is not bool(item.hint):
                font.setBold(bool(item.hint))
                label.setFont(font)
            label.setAccessibleName(self._text(status).format(check=check_text(item.code)))

    def _text(self, status: StatusIcon) -> str:
        if status is StatusIcon.DONE:
            return self.tr("{check}: yes")
        return self.tr("{check}: no") if status is StatusIcon.WRONG else self.tr("{check}: not checked yet")


_RING_RADIUS_PER_FACE = 0.82
"""Radius of the ring over the longer side of the face's bounding box."""


class MirrorView(QWidget):
    """Live video of one source, mirrored, with the pose ring around the largest face or with names."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._tile = VideoTile()
        self._slot = 0
        self._ring: RingState | None = None
        self._shows_names = False
        self._captions = caption_texts()
        self.setMinimumSize(QSize(160, 120))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Live video, mirrored"))
        controller.frame_received.connect(self._on_frame)
        controller.recognized.connect(self._on_result)
        controller.started.connect(self._reset)
        self._reset()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    @property
    def ring(self) -> RingState | None:
        return self._ring

    def show_ring(self, ring: RingState | None) -> None:
        """Paint this ring around the largest face; None removes it."""
        if self._shows_names or (ring is None) is not (self._ring is None):
            self.update()  # otherwise the next frame repaints
        self._ring, self._shows_names = ring, False

    def show_names(self) -> None:
        """Label faces with their names instead of a ring."""
        self._ring, self._shows_names = None, True
        self.update()

    def show_source(self, slot: int) -> None:
        """Switch to another source."""
        if slot != self._slot:
            self._slot = slot
            self._reset()

    def release_image(self) -> None:
        """Release the frame, as a closed page is not garbage-collected at once."""
        self._tile = VideoTile()

    def _reset(self) -> None:
        self._tile = VideoTile()
        if self._slot in self._controller.frames:
            self._on_frame(self._slot)
        if self._slot in self._controller.results:
            self._on_result(self._slot)
        self.update()

    def _on_frame(self, slot: int) -> None:
        if slot == self._slot:
            self._tile.frame = self._controller.frames[slot]
            self.update()

    def _on_result(self, slot: int) -> None:
        if slot == self._slot:
            self._tile.set_result(*self._controller.results[slot], self._captions)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        frame, tile = self._tile.frame, self._tile
        if frame is None:
            return
        fit = tile.fit = fit_frame(QRectF(self.rect()), frame.size_wh, mirrored=True)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(2 * fit.rect.x() + fit.rect.width(), 0)
        painter.scale(-1, 1)
        painter.drawImage(fit.rect, tile.image(frame, blur=False))
        painter.restore()
        if self._ring is not None:
            painter.setClipRect(fit.rect)
            paint_ring(painter, *self._ring_geometry(fit), self._ring)
        elif self._shows_names and tile.overlay is not None and (opacity := tile.opacity(frame)) > 0:
            painter.setOpacity(opacity)
            tile.painter.paint(painter, fit, tile.overlay, self.font())

    def _ring_geometry(self, fit: ImagePlacement) -> tuple[QPointF, float]:
        """Return center and radius: around the largest face, or in the middle of the image without one."""
        frame, overlay = self._tile.frame, self._tile.overlay
        if frame is None or overlay is None or not overlay.marks or not self._tile.opacity(frame):
            return fit.rect.center(), 0.34 * min(fit.rect.width(), fit.rect.height())
        box = max((mark.box for mark in overlay.marks), key=lambda box: box.w * box.h)
        middle = box.x + box.w / 2, box.y + box.h / 2
        x = frame.size_wh[0] - middle[0] if fit.mirrored else middle[0]
        return fit.rect.topLeft() + QPointF(x, middle[1]) * fit.factor, _RING_RADIUS_PER_FACE * box.longer_side_px * fit.factor
