"""Toolbar and status icons: SVG drawings on a 24 × 24 grid in palette colors."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

_SIZES_PX = (24, 48)
"""For standard and high-density screens; Qt derives smaller and disabled icons from these."""

_FRAME = "<path d='M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4'/>"
_HEAD = "<circle cx='12' cy='8' r='3.6'/><path d='M4.5 20c.6-4.2 3.6-6.3 7.5-6.3s6.9 2.1 7.5 6.3'/>"

_DRAWINGS = {
    "faces": f"{_FRAME}<path d='M9.3 10v.4M14.7 10v.4M8.8 14.2c1.8 1.7 4.6 1.7 6.4 0'/>",
    "objects": "<path d='M12 3.5l7.5 4.2v8.6L12 20.5l-7.5-4.2V7.7zM4.5 7.7L12 12l7.5-4.3M12 12v8.5'/>",
    "pause": "<path d='M8.5 5v14M15.5 5v14' stroke-width='3'/>",
    "play": "<path d='M8 5.2v13.6L18.8 12z' fill='COLOR'/>",
    "step": "<path d='M6 5.2v13.6L15.5 12z' fill='COLOR'/><path d='M18.5 5v14' stroke-width='2.4'/>",
    "loop": "<path d='M4.5 11V9.5a3 3 0 0 1 3-3h11M15.5 3.3l3.2 3.2-3.2 3.2"
    "M19.5 13v1.5a3 3 0 0 1-3 3h-11M8.5 20.7l-3.2-3.2 3.2-3.2'/>",
    "snapshot": "<path d='M3.5 8h3.6l1.7-2.6h6.4L16.9 8h3.6v11h-17z'/><circle cx='12' cy='13.2' r='3.4'/>",
    "record": "<circle cx='12' cy='12' r='8.2'/><circle cx='12' cy='12' r='4.2' fill='#d5412d' stroke='#d5412d'/>",
    "stop": "<circle cx='12' cy='12' r='8.2'/><path d='M9.2 9.2h5.6v5.6H9.2z' fill='#d5412d' stroke='#d5412d'/>",
    "mark": "<path d='M6 21V4M6 5h11.5l-2.8 4 2.8 4H6'/>",
    "labels": "<path d='M4 4h8l8.5 8.5-8 8L4 12z'/><circle cx='8.3' cy='8.3' r='1.3'/>",
    "mirror": "<path d='M12 3.5v17' stroke-dasharray='2.2 2.2'/><path d='M9 7.5v9H3.5zM15 7.5v9h5.5z'/>",
    "cover": "<path d='M4.5 20.5c.6-3.6 3.6-5 7.5-5s6.9 1.4 7.5 5'/>"
    "<rect x='7' y='3' width='10' height='11' rx='2.6' fill='COLOR'/>",
    "heat": f"{_FRAME}<circle cx='12' cy='12' r='1.6' fill='COLOR'/><circle cx='12' cy='12' r='4.8'/>",
    "fullscreen": _FRAME,
    "people": "<circle cx='9' cy='8.5' r='3.2'/><path d='M2.8 19.5c.5-3.9 2.9-5.7 6.2-5.7s5.7 1.8 6.2 5.7'/>"
    "<path d='M15.3 5.6a3.2 3.2 0 0 1 0 5.8M17.6 14.4c2 .8 3.2 2.5 3.6 5.1'/>",
    "camera": "<path d='M3.5 7h11v10h-11zM14.5 11l6-3v8l-6-3'/>",
    "studio": "<path d='M3.5 20h17M6 20v-5M9.2 20V9.5M12.4 20v-8M15.6 20v-4M18.4 20v-2.5'/><path d='M12.4 3.5v4'/>",
    "gallery": "<path d='M4 4h7v7H4zM13.5 4h6.5v7h-6.5zM4 13.5h7V20H4zM13.5 13.5h6.5V20h-6.5z'/>",
    "settings": "<path d='M4 7h7M15 7h5M4 12h2.5M10.5 12H20M4 17h9.5M17.5 17H20'/>"
    "<circle cx='13' cy='7' r='2'/><circle cx='8.5' cy='12' r='2'/><circle cx='15.5' cy='17' r='2'/>",
    "enroll": "<circle cx='10' cy='8' r='3.6'/><path d='M3 20c.6-4.2 3.2-6.3 7-6.3 1.3 0 2.5.3 3.5.8M18 13.5v7M14.5 17h7'/>",
    "teach": "<path d='M9.5 4.5l6 3.4v6.8l-6 3.4-6-3.4V7.9zM3.5 7.9l6 3.4 6-3.4M9.5 11.3v6.8M18.5 15v6M15.5 18h6'/>",
    "person": _HEAD,
    "undo": "<path d='M4.5 9.5H15a4.8 4.8 0 0 1 0 9.6H9M8.5 5.3L4.3 9.5l4.2 4.2'/>",
    "redo": "<path d='M19.5 9.5H9a4.8 4.8 0 0 0 0 9.6h6M15.5 5.3l4.2 4.2-4.2 4.2'/>",
    "folder": "<path d='M3.5 6h6l2 2.5h9V19h-17z'/>",
    "close": "<path d='M6 6l12 12M18 6L6 18'/>",
    "back": "<path d='M19 12H5.5M11 6l-6 6 6 6'/>",
    "warning": "<path d='M12 4l9 16H3zM12 10v5M12 17.4v.2'/>",
    "info": "<circle cx='12' cy='12' r='8.5'/><path d='M12 11v5.5M12 7.6v.2'/>",
    "help": "<circle cx='12' cy='12' r='8.5'/><path d='M9.4 9.6a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.1.9-1.1 1.8M12 16.6v.2'/>",
    # Green and orange are darker than over the video: white on them has a contrast of more than 4.5 : 1.
    "done": "<circle cx='12' cy='12' r='11' fill='#00825f' stroke='none'/>"
    "<path d='M7.1 12.2l3.8 4 6.4-7.9' stroke='#fff' stroke-opacity='1' stroke-width='2.9'/>",
    "waiting": "<circle cx='12' cy='12' r='9.5' stroke-width='1.8'/>",
    "wrong": "<path d='M12 .2L23.8 12 12 23.8.2 12z' fill='#be5000' stroke='none'/>"
    "<path d='M12 6.5v6.8M12 17.5v.1' stroke='#fff' stroke-opacity='1' stroke-width='2.9'/>",
    "skipped": "<circle cx='12' cy='12' r='9.5' stroke-width='1.8'/><path d='M7.6 12h8.8' stroke-width='2.6'/>",
    # Badges of the icon in the system tray: an eye, a dot on red, two bars on gray.
    "badge_watching": "<circle cx='12' cy='12' r='12' fill='#00825f' stroke='none'/>"
    "<path d='M3.5 12c4-6.6 13-6.6 17 0-4 6.6-13 6.6-17 0z' stroke-width='2.2'/><circle cx='12' cy='12' r='2.6' fill='COLOR'/>",
    "badge_recording": "<circle cx='12' cy='12' r='12' fill='#c22b1a' stroke='none'/>"
    "<circle cx='12' cy='12' r='5.5' fill='COLOR'/>",
    "badge_paused": "<circle cx='12' cy='12' r='12' fill='#55595e' stroke='none'/>"
    "<path d='M8.7 7v10M15.3 7v10' stroke-width='3.4'/>",
}
NAMES = tuple(_DRAWINGS)

_CHECKED_ICONS = {"pause": "play", "record": "stop"}
"""A checked action shows the icon of what its next press does."""


def icon(name: str, palette: QPalette, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """Return an icon in a color of the palette."""
    made = QIcon()
    color = palette.color(QPalette.ColorGroup.Active, role)
    names = {QIcon.State.Off: name}
    if name in _CHECKED_ICONS:
        names[QIcon.State.On] = _CHECKED_ICONS[name]
    for state, drawing in names.items():
        for size in _SIZES_PX:
            made.addPixmap(render_icon(drawing, color, size), QIcon.Mode.Normal, state)
    return made


def render_icon(name: str, color: QColor, size_px: int) -> QPixmap:
    """Render an icon as a square pixmap with a transparent background."""
    pixmap = QPixmap(size_px, size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _paint(painter, QRectF(pixmap.rect()), name, color)
    painter.end()
    return pixmap


def _paint(painter: QPainter, rect: QRectF, name: str, color: QColor) -> None:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><g fill='none' stroke-width='1.7' stroke-linecap='round' "
        f"stroke-linejoin='round' stroke='{color.name()}' stroke-opacity='{color.alphaF():.2f}'>"
        f"{_DRAWINGS[name].replace('COLOR', color.name())}</g></svg>"
    )
    QSvgRenderer(QByteArray(svg.encode())).render(painter, rect)


class StatusIcon(StrEnum):
    """State of a step, told apart by shape: tick on a disc, empty circle, exclamation mark on a diamond, bar in a circle."""

    DONE = "done"
    WAITING = "waiting"
    WRONG = "wrong"
    SKIPPED = "skipped"


class StatusIconView(QWidget):
    """One status icon as high as a line of text; the label next to it carries the meaning for screen readers."""

    def __init__(self, status: StatusIcon = StatusIcon.WAITING, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = status
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, status: StatusIcon) -> None:
        if status is not self.status:
            self.status = status
            self.update()

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * 1.15)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_status_icon(QPainter(self), QRectF(self.rect()), self.status, self.palette())


def paint_status_icon(painter: QPainter, rect: QRectF, status: StatusIcon, palette: QPalette) -> None:
    """Paint a status icon into a square."""
    _paint(painter, rect, status, palette.color(QPalette.ColorRole.PlaceholderText))
