"""How the people panel's rows are painted: a card is a picture in the stroke of its kind, a name, and what is known."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from facecam.overlay.placing import Rectangle
from facecam.overlay.shapes import LOOKS
from facecam.runtime.visitor import Card, Portrait
from facecam.types import Kind, Picture
from facecam.ui.painting import paint_stroke
from facecam.ui.people_model import ROW
from facecam.ui.people_rows import Row

Index = QModelIndex | QPersistentModelIndex

_SHOWN = 0.68
"""How much of a portrait's side is shown: the face and its hair."""

_LINES = 3.4
"""A card's picture is so many lines of text high."""

_SMALL_KEPT = 40
"""More than go into a panel."""

_ACTIVE = QPalette.ColorGroup.Active
"""What cannot be chosen is no less legible for that."""


def rgb_image(rgb: Picture) -> QImage:
    """A copy of the picture (height, width, 3) RGB as Qt has it."""
    height, width = rgb.shape[:2]
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def bgr_image(bgr: Picture) -> QImage:
    """The same of a BGR picture."""
    height, width = bgr.shape[:2]
    return QImage(bgr.tobytes(), width, height, 3 * width, QImage.Format.Format_BGR888).copy()


def small_portrait(portrait: Portrait, side_px: int) -> QImage:
    """The face and its hair, `side_px` wide."""
    image = bgr_image(portrait.bgr)
    side = round(image.width() * _SHOWN)
    off = (image.width() - side) // 2
    face = image.copy(off, off, side, side)
    return face.scaled(side_px, side_px, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def paint_portrait(painter: QPainter, place: QRectF, image: QImage, kind: Kind) -> None:
    """A face, framed in the stroke and colour of its kind as over the live picture."""
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
    painter.drawImage(place, image)
    width = max(1.5, place.width() / 36)
    frame = Rectangle(place.x() + width, place.y() + width, place.width() - 2 * width, place.height() - 2 * width)
    paint_stroke(painter, LOOKS[kind], frame, width)
    painter.restore()


class PersonCard(QStyledItemDelegate):
    """Paints one row. Everything grows with the user's letters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._small: OrderedDict[tuple[Portrait, int], QImage] = OrderedDict()

    def _image(self, portrait: Portrait, side_px: int) -> QImage:
        """A portrait in the screen's own pixels, made once while it is on show."""
        key = (portrait, side_px)
        if key not in self._small:
            self._small[key] = small_portrait(portrait, side_px)
            if len(self._small) > _SMALL_KEPT:
                self._small.popitem(last=False)
        return self._small[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: Row = index.data(ROW)
        gap = _gap(option.fontMetrics)
        if row.card is not None:
            return QSize(10 * gap, _side(option.fontMetrics) + 2 * gap)
        if row.is_heading:
            return QSize(10 * gap, option.fontMetrics.height() + 3 * gap)
        room = QRect(0, 0, max(80, _width_of(option) - 2 * gap), 10_000)
        needed = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, row.detail[0])
        return QSize(10 * gap, needed.height() + 2 * gap)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        painter.save()
        if row.card is not None:
            self._paint_card(painter, option, row, row.card)
        elif row.is_heading:
            _paint_heading(painter, option, row)
        else:
            gap = _gap(option.fontMetrics)
            painter.setPen(_quiet(option.palette))
            painter.drawText(option.rect.adjusted(gap, gap, -gap, -gap), Qt.TextFlag.TextWordWrap, row.detail[0])
        painter.restore()

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, card: Card) -> None:
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        gap, side = _gap(option.fontMetrics), _side(option.fontMetrics)
        inside = option.rect.adjusted(gap, gap, -gap, -gap)
        right_to_left = option.direction == Qt.LayoutDirection.RightToLeft
        left = inside.right() - side + 1 if right_to_left else inside.left()
        image = self._image(card.portrait, round(side * painter.device().devicePixelRatio()))
        paint_portrait(painter, QRectF(left, inside.top(), side, side), image, card.kind)
        words = inside.adjusted(0, 0, -side - 2 * gap, 0) if right_to_left else inside.adjusted(side + 2 * gap, 0, 0, 0)
        self._paint_words(painter, option, row, words)

    def _paint_words(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, room: QRect) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        text = option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        bold = QFont(option.font)
        bold.setBold(True)
        lines = [
            (bold, row.title, text),
            *((option.font, line, text if selected else _quiet(option.palette)) for line in row.detail),
        ]
        top = room.top() + (room.height() - sum(QFontMetrics(font).height() for font, *_ in lines)) // 2
        for font, line, colour in lines:
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(colour)
            place = QRect(room.left(), top, room.width(), metrics.height())
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)
            top += metrics.height()


def _paint_heading(painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
    gap = _gap(option.fontMetrics)
    font = QFont(option.font)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(option.palette.color(_ACTIVE, QPalette.ColorRole.Text))
    place = option.rect.adjusted(gap, 2 * gap, -gap, 0)
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, row.title)


def _quiet(palette: QPalette) -> QColor:
    """The text's colour, a quarter towards the ground: still 7 : 1 with black on white."""
    text, ground = palette.color(_ACTIVE, QPalette.ColorRole.Text), palette.color(_ACTIVE, QPalette.ColorRole.Base)
    red, green, blue = (
        round(0.75 * a + 0.25 * b)
        for a, b in ((text.red(), ground.red()), (text.green(), ground.green()), (text.blue(), ground.blue()))
    )
    return QColor(red, green, blue)


def _gap(metrics: QFontMetrics) -> int:
    return max(4, round(metrics.height() * 0.42))


def _side(metrics: QFontMetrics) -> int:
    return round(metrics.height() * _LINES)


def _width_of(option: QStyleOptionViewItem) -> int:
    """The width of the view: the option's own is not set yet when sizes are asked for."""
    widget: QWidget | None = option.widget
    viewport = getattr(widget, "viewport", None)
    return viewport().width() if viewport is not None else option.rect.width()
