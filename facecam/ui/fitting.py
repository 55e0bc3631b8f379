"""Where pictures stand in the window: as large as fits, in their own proportion, several as equal tiles. Also the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from facecam.overlay.placing import Rectangle


@dataclass(frozen=True, slots=True)
class Fit:
    """A frame of `size_wh` shown in `rect` (logical pixels of the widget), left and right exchanged if `mirrored`."""

    rect: QRectF
    size_wh: tuple[int, int]
    mirrored: bool

    @property
    def factor(self) -> float:
        """Logical pixels of the widget per pixel of the frame."""
        return self.rect.width() / self.size_wh[0]

    def to_picture(self, box: Rectangle) -> Rectangle:
        """A rectangle of the frame, in the widget's pixels from the picture's upper left corner."""
        factor = self.factor
        x = self.size_wh[0] - box.x - box.w if self.mirrored else box.x
        return Rectangle(x * factor, box.y * factor, box.w * factor, box.h * factor)

    def to_frame(self, place: QPointF) -> tuple[float, float]:
        """The frame's pixel at a place of the widget; beyond its edges when the place is beside the picture."""
        x, y = (place.x() - self.rect.x()) / self.factor, (place.y() - self.rect.y()) / self.factor
        return (self.size_wh[0] - x if self.mirrored else x), y


def fitted(room: QRectF, size_wh: tuple[int, int], *, mirrored: bool = False) -> Fit:
    """The frame as large as goes into the room, in its middle, on whole pixels."""
    factor = min(room.width() / size_wh[0], room.height() / size_wh[1])
    wide, high = max(1, round(size_wh[0] * factor)), max(1, round(size_wh[1] * factor))
    x, y = room.x() + (room.width() - wide) // 2, room.y() + (room.height() - high) // 2
    return Fit(QRectF(x, y, wide, high), size_wh, mirrored)


def grid(count: int) -> tuple[int, int]:
    """Columns and rows for so many pictures, about as many of one as of the other."""
    columns = max(1, math.ceil(math.sqrt(count)))
    return columns, max(1, math.ceil(count / columns))


def tiled(room: QRectF, count: int, gap: float) -> list[QRectF]:
    """Equal rooms for so many pictures, in rows."""
    columns, rows = grid(count)
    wide, high = (room.width() - gap * (columns - 1)) / columns, (room.height() - gap * (rows - 1)) / rows
    places = [divmod(number, columns) for number in range(count)]
    return [QRectF(room.x() + c * (wide + gap), room.y() + r * (high + gap), wide, high) for r, c in places]
