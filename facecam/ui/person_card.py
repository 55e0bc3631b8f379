"""Rows of the people panel: their data, the Qt list model, and the delegate that paints them."""

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
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from facecam.rendering.annotations import STATUS_STYLES, CaptionTexts
from facecam.rendering.renderer import Rectangle
from facecam.session.visitors import Portrait, VisitorSummary
from facecam.types import DecisionStatus
from facecam.ui.background import to_qimage
from facecam.ui.language import caption_texts, clock_time, duration_text
from facecam.ui.video.overlay_painter import paint_stroke
from facecam.ui.widgets import bold

translate = QCoreApplication.translate

Index = QModelIndex | QPersistentModelIndex

ROW = Qt.ItemDataRole.UserRole
"""Role of the whole PeopleRow."""

_FACE_SHARE = 0.68
"""Share of a portrait's side that is shown: the face and its hair."""

_PORTRAIT_LINES = 3.4
"""Side of a card's portrait in lines of text."""

_MAX_PORTRAITS = 40
"""More than fit into a panel."""

_ACTIVE = QPalette.ColorGroup.Active
"""Rows that cannot be selected are painted in active colors, to be equally legible."""


@dataclass(frozen=True, slots=True, eq=False)
class PeopleRow:
    """One row of the list: a visitor's card, a heading, or a sentence (`detail` alone).

    `key` stays the same for the same visitor; `detail` holds the lines below the title; `spoken` is the screen reader's text.
    """

    key: str
    title: str
    detail: tuple[str, ...] = ()
    spoken: str = ""
    visitor: VisitorSummary | None = None
    is_heading: bool = False

    def looks_like(self, other: PeopleRow) -> bool:
        """Return whether both rows are painted the same."""
        if (self.title, self.detail) != (other.title, other.detail):
            return False
        if self.visitor is None or other.visitor is None:
            return self.visitor is other.visitor
        return self.visitor.portrait is other.visitor.portrait and self.visitor.status is other.visitor.status


def people_rows(visitors: Sequence[VisitorSummary], now_s: float, *, detects_faces: bool = True) -> list[PeopleRow]:
    """Return the rows at a monotonic time: present visitors, known visitors who left, then unknown ones who left."""
    texts = caption_texts()
    present = [visitor for visitor in visitors if visitor.is_present]
    left = [visitor for visitor in visitors if not visitor.is_present]
    rows = [_heading("here", translate("People", "Here now"))]
    rows += [_present_row(visitor, now_s, texts) for visitor in present] or [_empty_row(bool(visitors), detects_faces)]
    for key, title, group in (
        ("was", translate("People", "Was here"), [visitor for visitor in left if visitor.name is not None]),
        ("strangers", translate("People", "Unknown visitors"), [visitor for visitor in left if visitor.name is None]),
    ):
        if group:
            rows += [_heading(key, title), *(_past_row(visitor, texts) for visitor in group)]
    return rows


def visitor_title(visitor: VisitorSummary, texts: CaptionTexts) -> str:
    """Return the name, with a question mark if it is a guess, else the decision's status."""
    is_decided = visitor.status in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN) or not visitor.is_present
    if visitor.name is not None and is_decided:
        return visitor.name
    if visitor.possible_name is not None:
        return translate("People", "{name}?").format(name=visitor.possible_name)
    match visitor.status:
        case DecisionStatus.UNKNOWN:
            return texts.unknown
        case DecisionStatus.SKIPPED:
            return translate("People", "Not compared")
    return texts.unsure


def _heading(key: str, title: str) -> PeopleRow:
    return PeopleRow(key, title, spoken=title, is_heading=True)


def _empty_row(had_visitors: bool, detects_faces: bool) -> PeopleRow:
    if not detects_faces:
        text = translate("People", "Objects mode does not look for faces. Switch to Faces to see who is here.")
    elif had_visitors:
        text = translate("People", "No one is here right now.")
    else:
        text = translate("People", "No one is here yet. People appear here when the camera sees them.")
    return PeopleRow("nobody", "", (text,), text)


def _present_row(visitor: VisitorSummary, now_s: float, texts: CaptionTexts) -> PeopleRow:
    started_s = visitor.visit_started.at_s
    since = translate("People", "since {time} · {duration}")
    lines = [since.format(time=clock_time(started_s), duration=duration_text(now_s - started_s))]
    gate = visitor.sighting.gate
    if gate is not None:
        reason = texts.reason(gate)
    else:
        reason = translate("People", "not sure") if visitor.status is DecisionStatus.UNSURE else ""
    label = visitor.expression.label if visitor.expression is not None else ""
    if facts := [text for text in (reason, texts.expressions.get(label, label)) if text]:
        lines.append(" · ".join(facts))
    return _visitor_row(visitor, lines, texts)


def _past_row(visitor: VisitorSummary, texts: CaptionTexts) -> PeopleRow:
    began, ended = clock_time(visitor.visit_started.at_s), clock_time(visitor.last_seen.at_s)
    if began == ended:
        lines = [translate("People", "at {time}").format(time=began)]
    else:
        lines = [translate("People", "{begin} to {end}").format(begin=began, end=ended)]
    if visitor.visits > 1:
        visits = translate("People", "{count} visits since {time}")
        lines.append(visits.format(count=visitor.visits, time=clock_time(visitor.first_seen.at_s)))
    return _visitor_row(visitor, lines, texts)


def _visitor_row(visitor: VisitorSummary, lines: Sequence[str], texts: CaptionTexts) -> PeopleRow:
    title = visitor_title(visitor, texts)
    return PeopleRow(visitor.visitor_id, title, tuple(lines), ", ".join((title, *lines)), visitor)


class VisitorModel(QAbstractListModel):
    """List model that announces changes row by row, so that the selection and the scroll position stay."""

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
                return "\n".join((row.title, *row.detail)) if row.visitor is not None else None
        return row if role == ROW else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self._rows[index.row()].visitor is not None:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def row(self, index: Index) -> PeopleRow:
        return self._rows[index.row()]

    def index_of(self, key: str) -> QModelIndex:
        """Return the index of the row with this key; an invalid index when there is none."""
        return next((self.index(number) for number, row in enumerate(self._rows) if row.key == key), QModelIndex())

    def set_rows(self, rows: list[PeopleRow]) -> None:
        """Show these rows; their keys must be unique."""
        keys = {row.key for row in rows}
        for number in reversed(range(len(self._rows))):
            if self._rows[number].key not in keys:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        for number, row in enumerate(rows):
            self._place(number, row)

    def _place(self, number: int, row: PeopleRow) -> None:
        """Put a row at its place; the rows before it are already in place."""
        old_number = next((at for at in range(number, len(self._rows)) if self._rows[at].key == row.key), None)
        if old_number is None:
            self.beginInsertRows(QModelIndex(), number, number)
            self._rows.insert(number, row)
            self.endInsertRows()
            return
        if old_number != number:
            self.beginMoveRows(QModelIndex(), old_number, old_number, QModelIndex(), number)
            self._rows.insert(number, self._rows.pop(old_number))
            self.endMoveRows()
        old_row, self._rows[number] = self._rows[number], row
        if not row.looks_like(old_row):
            self.dataChanged.emit(self.index(number), self.index(number))


def small_portrait(portrait: Portrait, side_px: int) -> QImage:
    """Return the face and its hair, scaled to `side_px`."""
    image = to_qimage(portrait.bgr)
    side = round(image.width() * _FACE_SHARE)
    margin = (image.width() - side) // 2
    face = image.copy(margin, margin, side, side)
    return face.scaled(side_px, side_px, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def paint_portrait(painter: QPainter, rect: QRectF, image: QImage, status: DecisionStatus) -> None:
    """Paint a face framed in the stroke and color that its status has over the live video."""
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
    painter.drawImage(rect, image)
    width = max(1.5, rect.width() / 36)
    frame = Rectangle(rect.x() + width, rect.y() + width, rect.width() - 2 * width, rect.height() - 2 * width)
    paint_stroke(painter, STATUS_STYLES[status], frame, width)
    painter.restore()


class VisitorDelegate(QStyledItemDelegate):
    """Paints the rows of the people panel; all sizes follow the font."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._portraits: OrderedDict[tuple[Portrait, int], QImage] = OrderedDict()

    def _portrait(self, portrait: Portrait, side_px: int) -> QImage:
        """Return a portrait in device pixels, cached."""
        key = (portrait, side_px)
        if key not in self._portraits:
            self._portraits[key] = small_portrait(portrait, side_px)
            if len(self._portraits) > _MAX_PORTRAITS:
                self._portraits.popitem(last=False)
        return self._portraits[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: PeopleRow = index.data(ROW)
        gap = _gap(option.fontMetrics)
        if row.visitor is not None:
            return QSize(10 * gap, _portrait_px(option.fontMetrics) + 2 * gap)
        if row.is_heading:
            return QSize(10 * gap, option.fontMetrics.height() + 3 * gap)
        room = QRect(0, 0, max(80, _view_width(option) - 2 * gap), 10_000)
        needed = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, row.detail[0])
        return QSize(10 * gap, needed.height() + 2 * gap)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PeopleRow = index.data(ROW)
        gap = _gap(option.fontMetrics)
        painter.save()
        if row.visitor is not None:
            self._paint_card(painter, option, row, row.visitor)
        elif row.is_heading:
            painter.setFont(bold(option.font))
            painter.setPen(option.palette.color(_ACTIVE, QPalette.ColorRole.Text))
            rect = option.rect.adjusted(gap, 2 * gap, -gap, 0)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, row.title)
        else:
            painter.setPen(_muted(option.palette))
            painter.drawText(option.rect.adjusted(gap, gap, -gap, -gap), Qt.TextFlag.TextWordWrap, row.detail[0])
        painter.restore()

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow, visitor: VisitorSummary) -> None:
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        gap, side = _gap(option.fontMetrics), _portrait_px(option.fontMetrics)
        inside = option.rect.adjusted(gap, gap, -gap, -gap)
        right_to_left = option.direction == Qt.LayoutDirection.RightToLeft
        left = inside.right() - side + 1 if right_to_left else inside.left()
        image = self._portrait(visitor.portrait, round(side * painter.device().devicePixelRatio()))
        paint_portrait(painter, QRectF(left, inside.top(), side, side), image, visitor.status)
        text_rect = inside.adjusted(0, 0, -side - 2 * gap, 0) if right_to_left else inside.adjusted(side + 2 * gap, 0, 0, 0)
        self._paint_text(painter, option, row, text_rect)

    def _paint_text(self, painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow, rect: QRect) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        text = option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        detail = text if selected else _muted(option.palette)
        lines = [(bold(option.font), row.title, text), *((option.font, line, detail) for line in row.detail)]
        top = rect.top() + (rect.height() - sum(QFontMetrics(font).height() for font, *_ in lines)) // 2
        for font, line, color in lines:
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(color)
            elided = metrics.elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
            line_rect = QRect(rect.left(), top, rect.width(), metrics.height())
            painter.drawText(line_rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, elided)
            top += metrics.height()


def _muted(palette: QPalette) -> QColor:
    """Return the text color blended by a quarter with the background; black on white keeps a contrast of 7 : 1."""
    text, base = palette.color(_ACTIVE, QPalette.ColorRole.Text), palette.color(_ACTIVE, QPalette.ColorRole.Base)
    pairs = ((text.red(), base.red()), (text.green(), base.green()), (text.blue(), base.blue()))
    red, green, blue = (round(0.75 * a + 0.25 * b) for a, b in pairs)
    return QColor(red, green, blue)


def _gap(metrics: QFontMetrics) -> int:
    return max(4, round(metrics.height() * 0.42))


def _portrait_px(metrics: QFontMetrics) -> int:
    return round(metrics.height() * _PORTRAIT_LINES)


def _view_width(option: QStyleOptionViewItem) -> int:
    """Return the view's width; the option's own is not set yet when Qt asks for size hints."""
    widget: QWidget | None = option.widget
    viewport = getattr(widget, "viewport", None)
    return viewport().width() if viewport is not None else option.rect.width()
