"""Mirrored live video for enrollment, with the pose ring around the face or with names, and the checklist of requirements.

The ring has one arc per head turn, mirrored, and an inner circle for looking straight ahead. Shape and badge repeat what the
color says: dotted is still to come, wide is requested and fills from its middle, a tick is done, a bar is skipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from facecam.enrollment.guided import EnrollmentProgress
from facecam.enrollment.poses import Check, CheckItem, Pose, checklist
from facecam.ui.enrollment_text import check_text
from facecam.ui.icons import StatusIcon, StatusIconView
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement, VideoTile
from facecam.ui.video.video_view import VideoView
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


Ring = tuple[EnrollmentProgress, Pose | None]
"""Progress of the poses, and where an arrow points because the head must still turn there; None when it need not."""


def paint_ring(painter: QPainter, center: QPointF, radius: float, ring: Ring) -> None:
    """Paint the ring around a face; strokes grow with the radius."""
    progress, arrow = ring
    stroke = max(3.0, radius / 24)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_arc(painter, _square(center, radius * _INNER), (90, -360), _ArcStyle.for_pose(Pose.CENTER, progress), stroke * 0.7)
    for pose, angle_deg in _ANGLES_DEG.items():
        style = _ArcStyle.for_pose(pose, progress)
        _paint_arc(painter, _square(center, radius), (angle_deg - _SPAN_DEG / 2, _SPAN_DEG), style, stroke)
        if style.badge:
            _paint_badge(painter, _on_circle(center, radius, angle_deg), 2.3 * stroke, style)
    if arrow in _ANGLES_DEG:
        _paint_arrow(painter, center, radius + 3.4 * stroke, _ANGLES_DEG[arrow], 3.2 * stroke)
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
    def for_pose(cls, pose: Pose, progress: EnrollmentProgress) -> _ArcStyle:
        if pose in progress.done:
            return cls(1.0, _DONE, Qt.PenStyle.SolidLine, 1.25, "tick")
        if pose in progress.skipped:
            return cls(0.0, _SKIPPED, Qt.PenStyle.DotLine, 0.5, "bar")
        requested = pose is progress.current_pose
        line = Qt.PenStyle.SolidLine if requested else Qt.PenStyle.DotLine
        return cls(progress.pose_fractions.get(pose, 0.0), _REQUESTED, line, 1.6 if requested else 0.6, "")


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
        self.rows: dict[Check, tuple[StatusIconView, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, check in enumerate(Check):
            icon, label = StatusIconView(parent=self), wrapped_label(self, check_text(check))
            grid.addWidget(icon, row, 0)
            grid.addWidget(label, row, 1)
            self.rows[check] = icon, label
        self.show_checks(checklist("no_face"))

    def show_checks(self, checks: Sequence[CheckItem]) -> None:
        """Show the checks of the newest frame."""
        for item in checks:
            icon, label = self.rows[item.code]
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


class MirrorView(VideoView):
    """Live video of one source, mirrored, with the pose ring around the largest face or with names."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self._slot = 0
        self.ring: Ring | None = None
        self.is_mirrored = lambda slot: True
        self.shows_annotations = False
        self.setObjectName("mirror")
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Live video, mirrored"))
        self.setAccessibleDescription("")
        for slot in controller.frames:
            self._on_frame(slot)
        for slot in controller.results:
            self._on_result(slot)

    @property
    def covers_strangers(self) -> bool:
        """False: the person who is being enrolled is still a stranger."""
        return False

    def show_ring(self, ring: Ring | None) -> None:
        """Paint this ring around the largest face; None removes it."""
        if self.shows_annotations or (ring is None) is not (self.ring is None):
            self.update()  # otherwise the next frame repaints
        self.ring, self.shows_annotations = ring, False

    def show_names(self) -> None:
        """Label faces with their names instead of a ring."""
        self.ring, self.shows_annotations = None, True
        self.update()

    def show_source(self, slot: int) -> None:
        """Switch to another source."""
        self._slot = slot
        self.update()

    def release_image(self) -> None:
        """Release the frames, as a closed page is not garbage-collected at once."""
        self._tiles.clear()

    def tiles(self) -> Iterator[tuple[int, VideoTile]]:
        return ((slot, tile) for slot, tile in super().tiles() if slot == self._slot)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tile = self._tiles.get(self._slot)
        if self.ring is not None and tile is not None and tile.fit is not None:
            painter = QPainter(self)
            painter.setClipRect(tile.fit.rect)
            paint_ring(painter, *_ring_geometry(tile, tile.fit), self.ring)


def _ring_geometry(tile: VideoTile, fit: ImagePlacement) -> tuple[QPointF, float]:
    """Return center and radius: around the largest face, or in the middle of the image without one."""
    frame, overlay = tile.frame, tile.overlay
    if frame is None or overlay is None or not overlay.marks or not tile.opacity(frame):
        return fit.rect.center(), 0.34 * min(fit.rect.width(), fit.rect.height())
    box = max((mark.box for mark in overlay.marks), key=lambda box: box.w * box.h)
    x, y = frame.size_wh[0] - box.x - box.w / 2, box.y + box.h / 2
    return fit.rect.topLeft() + QPointF(x, y) * fit.factor, _RING_RADIUS_PER_FACE * box.longer_side_px * fit.factor
