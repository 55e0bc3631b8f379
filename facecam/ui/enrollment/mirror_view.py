"""Mirrored live video for enrollment, with the pose ring or with names."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.ui.enrollment.pose_ring import RingState, paint_ring
from facecam.ui.language import caption_texts
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement, VideoTile, fit_frame
from facecam.ui.video.video_view import BACKDROP

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
