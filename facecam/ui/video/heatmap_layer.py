"""What decided, laid over the live picture while it is wanted: asked of a thread of its own, which is made when it first is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QTransform

from facecam.rendering.figures import painted
from facecam.types import Floats, Image, Result
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement

if TYPE_CHECKING:
    from facecam.session.explanation_worker import Explanation, ExplanationWorker

_LOOK_MS = 150
_PATIENCE_S = 3.0
_IMAGES_KEPT = 32


class HeatmapLayer(QObject):
    """Heat maps of what a Live recognizes, from `turn(True)` on. A face's stays on the face: only the map lags, not its place."""

    changed = Signal()
    """`loading` or `on` is another one."""
    failed = Signal(str)

    def __init__(self, live: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._thread: ExplanationWorker | None = None
        self._ending: list[ExplanationWorker] = []
        self._images: dict[int, tuple[Explanation, QImage]] = {}
        self._told = False
        self._settings = live.wish.settings.identify
        live.recognized.connect(self._ask)
        live.begun.connect(self._begin_anew)
        live.wish_changed.connect(self._follow_wish)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def on(self) -> bool:
        """Whether heat maps are wanted."""
        return self._thread is not None

    @property
    def loading(self) -> bool:
        """Whether they do not come yet, since networks are opened."""
        return self._thread is not None and self._thread.loading

    def turn(self, on: bool) -> None:
        """Begin, or end."""
        if on is self.on:
            return
        self._stop()
        if on:
            self._settings = self._live.wish.settings.identify
            from facecam.session.explanation_worker import ExplanationWorker  # not on the way to the first picture

            self._thread = ExplanationWorker(self._settings)
            self._thread.start()
            self._timer.start()
            for slot in self._live.results:
                self._ask(slot)
        self.changed.emit()

    def close(self) -> None:
        """End, and wait for the explanation that is under way."""
        self._stop()
        for thread in self._ending:
            thread.join(_PATIENCE_S)

    def shown(self, slot: int, result: Result) -> list[tuple[Explanation, Floats]]:
        """The heat maps of what was recognized there, and the transforms that lay them over the frame."""
        return [] if self._thread is None else self._thread.explained(slot, result)

    def paint(self, painter: QPainter, slot: int, fit: ImagePlacement, result: Result) -> None:
        """Paint the heat maps of a source over its picture, which stands at `fit` and was last recognized with this result."""
        for found, to_frame in self.shown(slot, result):
            self._paint(painter, fit, self._image(found), to_frame)

    def lay(self, bgr: Image, result: Result, slot: int) -> None:
        """Paint them into a recognized frame, for a film; usable from any thread."""
        thread = self._thread
        if thread is not None:
            thread.lay(bgr, result, slot)

    def _paint(self, painter: QPainter, fit: ImagePlacement, image: QImage, to_frame: Floats) -> None:
        painter.save()
        painter.setClipRect(fit.rect)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(fit.rect.topLeft())
        if fit.mirrored:
            painter.translate(fit.rect.width(), 0)
            painter.scale(-1, 1)
        painter.scale(fit.factor, fit.factor)
        (a, b, x), (c, d, y) = to_frame.tolist()
        # A transform of positions says where pixels' centers go; Qt paints from their upper left corners.
        painter.translate(0.5, 0.5)
        painter.setTransform(QTransform(a, c, b, d, x, y), combine=True)
        painter.translate(-0.5, -0.5)
        painter.drawImage(0, 0, image)
        painter.restore()

    def _image(self, found: Explanation) -> QImage:
        """The heat map for Qt; made once."""
        kept = self._images.get(id(found))
        if kept is None or kept[0] is not found:
            bgra = painted(found.heat)
            image = QImage(bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_ARGB32)
            kept = found, image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            if len(self._images) >= _IMAGES_KEPT:
                self._images.pop(next(iter(self._images)))
            self._images[id(found)] = kept
        return kept[1]

    def _ask(self, slot: int) -> None:
        if self._thread is not None and slot in self._live.results:
            self._thread.ask(slot, *self._live.results[slot], self._live.gallery)

    def _follow_wish(self) -> None:
        if self._live.wish.settings.identify != self._settings:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """With other sources or another network, what was explained belongs to something else."""
        if self.on:
            self.turn(False)
            self.turn(True)

    def _stop(self) -> None:
        self._timer.stop()
        self._images.clear()
        self._ending = [thread for thread in self._ending if thread.is_alive()]
        if self._thread is not None:
            self._thread.stop()
            self._ending.append(self._thread)
        self._thread = None

    def _look(self) -> None:
        thread = self._thread
        if thread is not None and thread.error is not None:
            self.turn(False)
            self.failed.emit(str(thread.error))
        elif self.loading is not self._told:
            self._told = self.loading
            self.changed.emit()
