"""The faces of the gallery's photos as they are compared, found beside the window's thread and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Self

from PySide6.QtCore import QObject, QRectF, QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from facecam.session.visitors import photo_crop
from facecam.types import Image
from facecam.ui.background import BackgroundJobs
from facecam.ui.person_card import rgb_image
from facecam.ui.session_controller import SessionController

_KEPT = 64


class PhotoCrops(QObject):
    """One per Live: what one page has asked for is there when the next one asks."""

    ready = Signal()
    """What was asked for is there, or is known to be unreadable."""

    def __init__(self, live: SessionController) -> None:
        super().__init__(live)
        self._live = live
        self._jobs = BackgroundJobs(self)
        self._asked: set[Path] = set()
        self._crops: OrderedDict[Path, Image | None] = OrderedDict()
        # A photo that was replaced has the same path.
        live.gallery_changed.connect(self._crops.clear)

    @classmethod
    def of(cls, live: SessionController) -> Self:
        """The one of this Live."""
        return live.findChild(cls) or cls(live)

    def knows(self, photo: Path) -> bool:
        """Whether `crop` has an answer; asks for one otherwise: `ready` comes then."""
        if photo in self._crops:
            return True
        if photo not in self._asked:
            self._asked.add(photo)
            settings = self._live.wish.settings
            self._jobs.add(
                lambda _: photo_crop(photo, settings), lambda crop: self._keep(photo, crop), lambda _: self._keep(photo, None)
            )
        return False

    def crop(self, photo: Path) -> Image | None:
        """The face (96, 96, 3) RGB; None when there is no single one, the photo cannot be read, or nothing is known yet."""
        return self._crops.get(photo)

    def _keep(self, photo: Path, crop: Image | None) -> None:
        self._asked.discard(photo)
        self._crops[photo] = crop
        while len(self._crops) > _KEPT:
            self._crops.popitem(last=False)
        self.ready.emit()


# MERGED ui.crop_view: An aligned face, enlarged as smoothly as it goes, with words below it.


class _Square(QWidget):
    """The picture, or an empty square while there is none. As high as it is wide."""

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
        place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter = QPainter(self)
        if self.image is None:
            painter.fillRect(place, self.palette().color(QPalette.ColorRole.AlternateBase))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self.image)


class CropView(QWidget):
    """Shows a crop (96, 96, 3) RGB and a caption."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._crop: Image | None = None
        self._square = _Square(self)
        self._caption = QLabel(self)
        self._caption.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._square)
        column.addWidget(self._caption)
        column.addStretch(1)

    @property
    def crop_rgb(self) -> Image | None:
        """What is shown."""
        return self._crop

    @property
    def caption(self) -> str:
        """The words below it."""
        return self._caption.text()

    def show_crop(self, crop_rgb: Image | None, caption: str) -> None:
        """Show this one, None for an empty square."""
        if crop_rgb is not self._crop:
            self._crop = crop_rgb
            self._square.image = None if crop_rgb is None else rgb_image(crop_rgb)
            self._square.update()
        if caption != self._caption.text():
            self._caption.setText(caption)
            self._square.setAccessibleName(caption)
