"""How the people panel's rows are painted: a card is a picture in the stroke of its kind, a name, and what is known."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from facecam.rendering.annotations import LOOKS, CaptionTexts
from facecam.rendering.renderer import Rectangle
from facecam.session.visitors import Portrait, VisitorSummary
from facecam.types import DecisionStatus, Image
from facecam.ui.language import clock, lasting, words
from facecam.ui.video.overlay_painter import paint_stroke

# MERGED ui.people_rows: The people panel's rows, as data: headings, cards, and a friendly sentence where there is nobody.

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class PeopleRow:
    """One line of the list: a card when it has one, a heading when it has a title alone, else a sentence.

    `key` stays the same for the same visitor. `detail` are the lines below the title, `spoken` is all of it for a screen reader.
    """

    key: str
    title: str
    detail: tuple[str, ...] = ()
    spoken: str = ""
    card: VisitorSummary | None = None
    is_heading: bool = False

    def looks_like(self, other: PeopleRow) -> bool:
        """Whether there is nothing to paint anew."""
        mine, its = self.card, other.card
        same_picture = mine is its or (mine is not None and its is not None and mine.portrait is its.portrait)
        same_kind = mine is its or (mine is not None and its is not None and mine.kind is its.kind)
        return same_picture and same_kind and (self.title, self.detail) == (other.title, other.detail)


def rows_of(cards: Sequence[VisitorSummary], now_s: float, *, looks_at_faces: bool = True) -> list[PeopleRow]:
    """The rows for these cards at a moment (monotonic): who is here, who was here, and unknown visitors who have gone."""
    said = words()
    here = [card for card in cards if card.here]
    known = [card for card in cards if not card.here and card.name is not None]
    strangers = [card for card in cards if not card.here and card.name is None]
    rows = [_heading("here", translate("People", "Here now"))]
    rows += [_row_here(card, now_s, said) for card in here] or [_nobody(bool(cards), looks_at_faces)]
    for key, title, gone in (
        ("was", translate("People", "Was here"), known),
        ("strangers", translate("People", "Unknown visitors"), strangers),
    ):
        if gone:
            rows += [_heading(key, title), *(_row_gone(card, said) for card in gone)]
    return rows


def title_of(card: VisitorSummary, said: CaptionTexts) -> str:
    """The name, with a question mark when it is a guess; else what is known instead of it."""
    if card.name is not None and (card.kind in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN) or not card.here):
        return card.name
    if card.guess is not None:
        return translate("People", "{name}?").format(name=card.guess)
    match card.kind:
        case DecisionStatus.UNKNOWN:
            return said.unknown
        case DecisionStatus.SKIPPED:
            return translate("People", "Not compared")
    return said.unsure


def _heading(key: str, title: str) -> PeopleRow:
    return PeopleRow(key, title, spoken=title, is_heading=True)


def _nobody(anybody_before: bool, looks_at_faces: bool) -> PeopleRow:
    if not looks_at_faces:
        said = translate("People", "Only objects are looked at. Switch to faces to see who is here.")
    elif anybody_before:
        said = translate("People", "Nobody is here right now.")
    else:
        said = translate("People", "Nobody is here yet. Whoever comes before the camera appears here.")
    return PeopleRow("nobody", "", (said,), said)


def _row_here(card: VisitorSummary, now_s: float, said: CaptionTexts) -> PeopleRow:
    since = translate("People", "since {time} · {duration}")
    lines = [since.format(time=clock(card.since.at_s), duration=lasting(now_s - card.since.at_s))]
    shown = said.expressions.get(card.expression.label, card.expression.label) if card.expression is not None else ""
    reason = _reason(card, said)
    lines += [" · ".join(word for word in (reason, shown) if word)] if reason or shown else []
    return _card_row(card, lines, said)


def _row_gone(card: VisitorSummary, said: CaptionTexts) -> PeopleRow:
    began, ended = clock(card.since.at_s), clock(card.last.at_s)
    if began == ended:
        lines = [translate("People", "at {time}").format(time=began)]
    else:
        lines = [translate("People", "{begin} to {end}").format(begin=began, end=ended)]
    if card.visits > 1:
        lines.append(translate("People", "{count} visits since {time}").format(count=card.visits, time=clock(card.first.at_s)))
    return _card_row(card, lines, said)


def _card_row(card: VisitorSummary, lines: Sequence[str], said: CaptionTexts) -> PeopleRow:
    title = title_of(card, said)
    return PeopleRow(card.card_id, title, tuple(lines), ", ".join((title, *lines)), card)


def _reason(card: VisitorSummary, said: CaptionTexts) -> str:
    """What keeps a face from being compared or decided; nothing for the rest."""
    gate = card.sighting.gate
    if gate is not None:
        return said.gates.get(gate, gate)
    return translate("People", "not sure") if card.kind is DecisionStatus.UNSURE else ""


# MERGED ui.people_model: The people panel's rows for a Qt view. What changes is told row by row: the chosen card stays chosen, the list where it is.

ROW = Qt.ItemDataRole.UserRole
"""The whole Row."""


class VisitorModel(QAbstractListModel):
    """Shows the rows that it was told of last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[PeopleRow] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title or " ".join(row.detail)
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join((row.title, *row.detail)) if row.card is not None else None
        return row if role == ROW else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self._rows[index.row()].card is not None:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def row(self, index: Index) -> PeopleRow:
        """The row at a valid index."""
        return self._rows[index.row()]

    def index_of(self, key: str) -> QModelIndex:
        """Where the row with this key is; an invalid index when there is none."""
        return next((self.index(number) for number, row in enumerate(self._rows) if row.key == key), QModelIndex())

    def show(self, rows: list[PeopleRow]) -> None:
        """Show these rows, whose keys are all different."""
        wanted = {row.key for row in rows}
        for number in reversed(range(len(self._rows))):
            if self._rows[number].key not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        for number, row in enumerate(rows):
            self._place(number, row)

    def _place(self, number: int, row: PeopleRow) -> None:
        """Let this row be at its place; all before it are right already."""
        was = next((at for at in range(number, len(self._rows)) if self._rows[at].key == row.key), None)
        if was is None:
            self.beginInsertRows(QModelIndex(), number, number)
            self._rows.insert(number, row)
            self.endInsertRows()
            return
        if was != number:
            self.beginMoveRows(QModelIndex(), was, was, QModelIndex(), number)
            self._rows.insert(number, self._rows.pop(was))
            self.endMoveRows()
        before, self._rows[number] = self._rows[number], row
        if not row.looks_like(before):
            at = self.index(number)
            self.dataChanged.emit(at, at)


Index = QModelIndex | QPersistentModelIndex

_SHOWN = 0.68
"""How much of a portrait's side is shown: the face and its hair."""

_LINES = 3.4
"""A card's picture is so many lines of text high."""

_SMALL_KEPT = 40
"""More than go into a panel."""

_ACTIVE = QPalette.ColorGroup.Active
"""What cannot be chosen is no less legible for that."""


def rgb_image(rgb: Image) -> QImage:
    """A copy of the picture (height, width, 3) RGB as Qt has it."""
    height, width = rgb.shape[:2]
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def bgr_image(bgr: Image) -> QImage:
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


def paint_portrait(painter: QPainter, place: QRectF, image: QImage, kind: DecisionStatus) -> None:
    """A face, framed in the stroke and color of its kind as over the live picture."""
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
        row: PeopleRow = index.data(ROW)
        gap = _gap(option.fontMetrics)
        if row.card is not None:
            return QSize(10 * gap, _side(option.fontMetrics) + 2 * gap)
        if row.is_heading:
            return QSize(10 * gap, option.fontMetrics.height() + 3 * gap)
        room = QRect(0, 0, max(80, _width_of(option) - 2 * gap), 10_000)
        needed = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, row.detail[0])
        return QSize(10 * gap, needed.height() + 2 * gap)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PeopleRow = index.data(ROW)
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

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow, card: VisitorSummary) -> None:
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

    def _paint_words(self, painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow, room: QRect) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        text = option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        bold = QFont(option.font)
        bold.setBold(True)
        lines = [
            (bold, row.title, text),
            *((option.font, line, text if selected else _quiet(option.palette)) for line in row.detail),
        ]
        top = room.top() + (room.height() - sum(QFontMetrics(font).height() for font, *_ in lines)) // 2
        for font, line, color in lines:
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(color)
            place = QRect(room.left(), top, room.width(), metrics.height())
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)
            top += metrics.height()


def _paint_heading(painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow) -> None:
    gap = _gap(option.fontMetrics)
    font = QFont(option.font)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(option.palette.color(_ACTIVE, QPalette.ColorRole.Text))
    place = option.rect.adjusted(gap, 2 * gap, -gap, 0)
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, row.title)


def _quiet(palette: QPalette) -> QColor:
    """The text's color, a quarter toward the ground: still 7 : 1 with black on white."""
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
