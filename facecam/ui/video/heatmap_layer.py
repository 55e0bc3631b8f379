"""Explanation heatmaps over the live video, computed by a worker thread that is created when first switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QTransform

from facecam.rendering.figures import colorize_heatmap
from facecam.types import Floats, Image, Result
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement

if TYPE_CHECKING:
    from facecam.session.explanation_worker import Explanation, ExplanationWorker

_POLL_MS = 150
_JOIN_TIMEOUT_S = 3.0
_MAX_IMAGES = 32


class HeatmapLayer(QObject):
    """Heatmaps of the controller's results. A face's heatmap follows the face; only its content lags behind."""

    changed = Signal()
    """`is_on` or `is_loading` has changed."""
    failed = Signal(str)

    def __init__(self, controller: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._worker: ExplanationWorker | None = None
        self._ending: list[ExplanationWorker] = []
        self._images: dict[int, tuple[Explanation, QImage]] = {}
        self._was_loading = False
        self._settings = controller.request.settings.identify
        controller.recognized.connect(self._submit)
        controller.started.connect(self._restart)
        controller.request_changed.connect(self._on_request_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_on(self) -> bool:
        return self._worker is not None

    @property
    def is_loading(self) -> bool:
        """True while the worker loads its networks."""
        return self._worker is not None and self._worker.loading

    def set_enabled(self, on: bool) -> None:
        """Start or stop computing heatmaps."""
        if on is self.is_on:
            return
        self._stop()
        if on:
            self._settings = self._controller.request.settings.identify
            # Imported here, because it is not needed before the first frame.
            from facecam.session.explanation_worker import ExplanationWorker

            self._worker = ExplanationWorker(self._settings)
            self._worker.start()
            self._timer.start()
            for slot in self._controller.results:
                self._submit(slot)
        self.changed.emit()

    def close(self) -> None:
        """Stop, and wait for the explanation in progress."""
        self._stop()
        for worker in self._ending:
            worker.join(_JOIN_TIMEOUT_S)

    def heatmaps_for(self, slot: int, result: Result) -> list[tuple[Explanation, Floats]]:
        """Return the heatmaps of a result and the transforms (2, 3) that map them to its frame."""
        return [] if self._worker is None else self._worker.explanations(slot, result)

    def paint(self, painter: QPainter, slot: int, fit: ImagePlacement, result: Result) -> None:
        """Paint the heatmaps of a source's newest result over its frame at `fit`."""
        for explanation, to_frame in self.heatmaps_for(slot, result):
            painter.save()
            painter.setClipRect(fit.rect)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.translate(fit.rect.topLeft())
            if fit.mirrored:
                painter.translate(fit.rect.width(), 0)
                painter.scale(-1, 1)
            painter.scale(fit.factor, fit.factor)
            (a, b, x), (c, d, y) = to_frame.tolist()
            # The transform maps pixel centers; Qt paints from upper left corners.
            painter.translate(0.5, 0.5)
            painter.setTransform(QTransform(a, c, b, d, x, y), combine=True)
            painter.translate(-0.5, -0.5)
            painter.drawImage(0, 0, self._image(explanation))
            painter.restore()

    def draw_heatmaps(self, bgr: Image, result: Result, slot: int) -> None:
        """Draw heatmaps into a recognized frame for a recording. For any thread."""
        worker = self._worker
        if worker is not None:
            worker.draw_heatmaps(bgr, result, slot)

    def _image(self, explanation: Explanation) -> QImage:
        """Return a heatmap as a QImage, cached."""
        cached = self._images.get(id(explanation))
        if cached is None or cached[0] is not explanation:
            bgra = colorize_heatmap(explanation.heatmap)
            image = QImage(bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_ARGB32)
            cached = explanation, image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            if len(self._images) >= _MAX_IMAGES:
                self._images.pop(next(iter(self._images)))
            self._images[id(explanation)] = cached
        return cached[1]

    def _submit(self, slot: int) -> None:
        if self._worker is not None and slot in self._controller.results:
            self._worker.submit(slot, *self._controller.results[slot], self._controller.gallery)

    def _on_request_changed(self) -> None:
        if self._controller.request.settings.identify != self._settings:
            self._restart()

    def _restart(self) -> None:
        """Discard heatmaps that belong to other sources or another network."""
        if self.is_on:
            self.set_enabled(False)
            self.set_enabled(True)

    def _stop(self) -> None:
        self._timer.stop()
        self._images.clear()
        self._ending = [worker for worker in self._ending if worker.is_alive()]
        if self._worker is not None:
            self._worker.stop()
            self._ending.append(self._worker)
        self._worker = None

    def _poll(self) -> None:
        worker = self._worker
        if worker is not None and worker.error is not None:
            self.set_enabled(False)
            self.failed.emit(str(worker.error))
        elif self.is_loading is not self._was_loading:
            self._was_loading = self.is_loading
            self.changed.emit()
