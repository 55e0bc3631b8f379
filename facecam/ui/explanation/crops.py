"""Aligned faces of gallery photos, read in the background, and the widget that shows one."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Self

from PySide6.QtCore import QObject, QRectF, QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.session.visitors import photo_crop
from facecam.types import Image
from facecam.ui.background import BackgroundJobs, to_qimage
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import vertical_layout, wrapped_label

_MAX_CROPS = 64


class PhotoCrops(QObject):
    """Cache of photo crops. One per controller, so that pages share it."""

    ready = Signal()
    """A requested crop has been read or is known to be unreadable."""

    def __init__(self, controller: SessionController) -> None:
        super().__init__(controller)
        self._controller = controller
        self._jobs = BackgroundJobs(self)
        self._requested: set[Path] = set()
        self._crops: OrderedDict[Path, Image | None] = OrderedDict()
        # A replaced photo has the same path.
        controller.gallery_changed.connect(self._crops.clear)

    @classmethod
    def of(cls, controller: SessionController) -> Self:
        """Return the controller's cache; the first call creates it."""
        return controller.findChild(cls) or cls(controller)

    def is_ready(self, photo: Path) -> bool:
        """Return whether `crop` has the result; otherwise request it and emit `ready` later."""
        if photo in self._crops:
            return True
        if photo not in self._requested:
            self._requested.add(photo)
            settings = self._controller.request.settings
            self._jobs.add(
                lambda _: photo_crop(photo, settings), lambda crop: self._store(photo, crop), lambda _: self._store(photo, None)
            )
        return False

    def crop(self, photo: Path) -> Image | None:
        """Return the face (96, 96, 3) RGB; None if there is not exactly one, the photo is unreadable, or it is not ready."""
        return self._crops.get(photo)

    def _store(self, photo: Path, crop: Image | None) -> None:
        self._requested.discard(photo)
        self._crops[photo] = crop
        while len(self._crops) > _MAX_CROPS:
            self._crops.popitem(last=False)
        self.ready.emit()


class _SquareImage(QWidget):
    """Smoothly scaled image, or an empty square without one. As high as it is wide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image: QImage | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        return min(width, 14 * self.fontMetrics().height())

    def sizeHint(self) -> QSize:
        side = 8 * self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        rect = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter = QPainter(self)
        if self.image is None:
            painter.fillRect(rect, self.palette().color(QPalette.ColorRole.AlternateBase))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self.image)


class CropView(QWidget):
    """Crop (96, 96, 3) RGB with a caption below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crop_rgb: Image | None = None
        self._square = _SquareImage(self)
        self._caption = wrapped_label(self)
        vertical_layout(self, self._square, self._caption).addStretch(1)

    @property
    def caption(self) -> str:
        return self._caption.text()

    def show_crop(self, crop_rgb: Image | None, caption: str) -> None:
        """Show a crop, or an empty square for None."""
        if crop_rgb is not self.crop_rgb:
            self.crop_rgb = crop_rgb
            self._square.image = None if crop_rgb is None else to_qimage(crop_rgb, QImage.Format.Format_RGB888)
            self._square.update()
        if caption != self.caption:
            self._caption.setText(caption)
            self._square.setAccessibleName(caption)
