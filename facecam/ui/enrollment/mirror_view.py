"""The live picture as a mirror, for whoever is enrolled: with the ring of poses, or with names as over the large picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.ui.enrollment.pose_ring import RingState, paint_ring
from facecam.ui.language import words
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement, VideoTile, fitted
from facecam.ui.video.video_view import BACKDROP

_AROUND_FACE = 0.82
"""The ring's radius over the longer side of the face's box."""


class MirrorView(QWidget):
    """Shows one source of a Live, left and right exchanged. `ring` is painted around the nearest face, None for names."""

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._tile = VideoTile()
        self._slot = 0
        self._ring: RingState | None = None
        self._named = False
        self._words = words()
        self.setMinimumSize(QSize(160, 120))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Live picture, like a mirror"))
        live.pictured.connect(self._pictured)
        live.recognized.connect(self._recognized)
        live.begun.connect(self._begin_anew)
        self._begin_anew()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    @property
    def ring(self) -> RingState | None:
        """What the ring shows, None when there is none."""
        return self._ring

    def show_ring(self, ring: RingState | None) -> None:
        """Paint this ring, None for none."""
        if self._named or (ring is None) is not (self._ring is None):
            self.update()  # else the next picture brings it along
        self._ring, self._named = ring, False

    def show_names(self) -> None:
        """Mark faces with their names instead of a ring."""
        self._ring, self._named = None, True
        self.update()

    def show_source(self, slot: int) -> None:
        """Look at another source."""
        if slot != self._slot:
            self._slot = slot
            self._begin_anew()

    def forget(self) -> None:
        """Let go of the picture; a page that is closed is not collected at once."""
        self._tile = VideoTile()

    def _begin_anew(self) -> None:
        self._tile = VideoTile()
        for slot, told in ((self._live.frames, self._pictured), (self._live.results, self._recognized)):
            if self._slot in slot:
                told(self._slot)
        self.update()

    def _pictured(self, slot: int) -> None:
        if slot == self._slot:
            self._tile.frame = self._live.frames[slot]
            self.update()

    def _recognized(self, slot: int) -> None:
        if slot == self._slot:
            self._tile.see(*self._live.results[slot], self._words)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        frame, tile = self._tile.frame, self._tile
        if frame is None:
            return
        fit = tile.fit = fitted(QRectF(self.rect()), frame.size_wh, mirrored=True)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(2 * fit.rect.x() + fit.rect.width(), 0)
        painter.scale(-1, 1)
        painter.drawImage(fit.rect, tile.image(frame, blur=False))
        painter.restore()
        if self._ring is not None:
            painter.setClipRect(fit.rect)
            paint_ring(painter, *self._place_of_ring(fit), self._ring)
        elif self._named and tile.overlay is not None and (opacity := tile.opacity(frame)) > 0:
            painter.setOpacity(opacity)
            tile.painter.paint(painter, fit, tile.overlay, self.font())

    def _place_of_ring(self, fit: ImagePlacement) -> tuple[QPointF, float]:
        """Middle and radius: around the largest face, in the middle of the picture without one."""
        frame, overlay = self._tile.frame, self._tile.overlay
        if frame is None or overlay is None or not overlay.marks or not self._tile.opacity(frame):
            return fit.rect.center(), 0.34 * min(fit.rect.width(), fit.rect.height())
        box = max((mark.box for mark in overlay.marks), key=lambda box: box.w * box.h)
        middle = box.x + box.w / 2, box.y + box.h / 2
        x = frame.size_wh[0] - middle[0] if fit.mirrored else middle[0]
        return fit.rect.topLeft() + QPointF(x, middle[1]) * fit.factor, _AROUND_FACE * box.longer_side_px * fit.factor
