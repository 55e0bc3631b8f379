"""An aligned face, enlarged as smoothly as it goes, with words below it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from facecam.types import Picture
from facecam.ui.person_card import rgb_image


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
        self._crop: Picture | None = None
        self._square = _Square(self)
        self._caption = QLabel(self)
        self._caption.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._square)
        column.addWidget(self._caption)
        column.addStretch(1)

    @property
    def crop_rgb(self) -> Picture | None:
        """What is shown."""
        return self._crop

    @property
    def caption(self) -> str:
        """The words below it."""
        return self._caption.text()

    def show_crop(self, crop_rgb: Picture | None, caption: str) -> None:
        """Show this one, None for an empty square."""
        if crop_rgb is not self._crop:
            self._crop = crop_rgb
            self._square.image = None if crop_rgb is None else rgb_image(crop_rgb)
            self._square.update()
        if caption != self._caption.text():
            self._caption.setText(caption)
            self._square.setAccessibleName(caption)
