"""Rows of the people panel: their data, and the delegate that paints them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from facecam.recognition.liveness import PRESENTATION_ATTACK
from facecam.rendering.annotations import STATUS_STYLES, CaptionTexts, rounded_percent
from facecam.rendering.privacy import COVER_BGR, cover, cover_area
from facecam.rendering.renderer import Rectangle
from facecam.session.visitor_groups import Portrait
from facecam.session.visitors import VisitorSummary
from facecam.types import UNCLEAR, DecisionStatus, Expression
from facecam.ui.background import to_qimage
from facecam.ui.language import caption_texts, clock_time, duration_text
from facecam.ui.video.overlay_painter import paint_stroke, to_qcolor
from facecam.ui.widgets import bold

translate = QCoreApplication.translate

Index = QModelIndex | QPersistentModelIndex

ROW = Qt.ItemDataRole.UserRole
"""Role of the whole PeopleRow."""

_FACE_SHARE = 0.68
"""Share of a portrait's side that is shown: the face and its hair."""

_PORTRAIT_LINES = 3.4
"""Side of a card's portrait in lines of text."""

_SEPARATOR = " · "
"""Between the parts of a line, where it may be broken."""

_LEAST_SHARE = 0.1
"""Probability from which a card names the second most likely expression."""

_ACTIVE = QPalette.ColorGroup.Active
"""Rows that cannot be selected are painted in active colors, to be equally legible."""


@dataclass(frozen=True, slots=True, eq=False)
class PeopleRow:
    """One row of the list: a visitor's card, a heading (`title` alone), or a sentence (`detail` alone).

    `key` stays the same for the same visitor; `detail` holds the lines below the title, `shares` the probabilities of all
    expressions for the tool tip and for screen readers.
    """

    key: str
    title: str
    detail: tuple[str, ...] = ()
    visitor: VisitorSummary | None = None
    shares: str = ""


def people_rows(visitors: Sequence[VisitorSummary], now_s: float, *, detects_faces: bool = True) -> list[PeopleRow]:
    """Return the rows at a monotonic time: present visitors, then those who left: known, perhaps enrolled and unknown ones."""
    texts = caption_texts()
    present = [visitor for visitor in visitors if visitor.is_present]
    left = [visitor for visitor in visitors if not visitor.is_present]
    rows = [PeopleRow("here", translate("People", "Present now"))]
    rows += [_present_row(visitor, now_s, texts) for visitor in present] or [_empty_row(bool(visitors), detects_faces)]
    nameless = [visitor for visitor in left if visitor.name is None]
    for key, title, group in (
        ("was", translate("People", "Present earlier"), [visitor for visitor in left if visitor.name is not None]),
        ("unsure", translate("People", "Possibly enrolled"), [visitor for visitor in nameless if visitor.possible_name]),
        ("strangers", translate("People", "Unknown visitors"), [visitor for visitor in nameless if not visitor.possible_name]),
    ):
        if group:
            rows += [PeopleRow(key, title), *(_past_row(visitor, texts) for visitor in group)]
    return rows


def visitor_title(visitor: VisitorSummary, texts: CaptionTexts) -> str:
    """Return the name, with a question mark if it is a guess, else the unknown visitor's number or the decision's status."""
    is_decided = visitor.status in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN) or not visitor.is_present
    if visitor.name is not None and is_decided:
        return visitor.name
    if visitor.possible_name is not None:
        return translate("People", "{name}?").format(name=visitor.possible_name)
    if visitor.number is not None:
        return translate("People", "Visitor {number}").format(number=visitor.number)
    match visitor.status:
        case DecisionStatus.UNKNOWN:
            return texts.unknown
        case DecisionStatus.SKIPPED:
            return translate("People", "Not compared")
    return texts.unsure


def _empty_row(had_visitors: bool, detects_faces: bool) -> PeopleRow:
    if not detects_faces:
        text = translate("People", "Objects mode does not look for faces. Switch to Faces to see who is here.")
    elif had_visitors:
        text = translate("People", "No one is present.")
    else:
        text = translate("People", "No one has been present yet. People appear here when the camera sees them.")
    return PeopleRow("nobody", "", (text,))


def _present_row(visitor: VisitorSummary, now_s: float, texts: CaptionTexts) -> PeopleRow:
    started_s = visitor.visit_started_s
    since = translate("People", "since {time} · {duration}")
    lines = [since.format(time=clock_time(started_s), duration=duration_text(now_s - started_s))]
    gate, title = visitor.sighting.gate, visitor_title(visitor, texts)
    is_unsure = visitor.status is DecisionStatus.UNSURE and visitor.possible_name is None and title != texts.unsure
    reason = texts.reason(gate) if gate is not None else texts.unsure if is_unsure else ""
    if visitor.decision.reason == PRESENTATION_ATTACK:
        reason = texts.reason(PRESENTATION_ATTACK)
    expression = visitor.expression
    if facts := [text for text in (reason, "" if expression is None else _expression_text(expression, texts)) if text]:
        lines.append(_SEPARATOR.join(facts))
    shares = ""
    if expression is not None:
        shares = translate("People", "Expression: {shares}").format(shares=_shares(expression.ranked, texts))
    return PeopleRow(visitor.visitor_id, title, tuple(lines), visitor, shares)


def _expression_text(expression: Expression, texts: CaptionTexts) -> str:
    """Return the two most likely classes with their shares, as "happy 60 %, neutral 30 %", or "unclear"."""
    if expression.label == UNCLEAR:
        return texts.expressions.get(UNCLEAR, UNCLEAR)
    return _shares([pair for rank, pair in enumerate(expression.ranked[:2]) if rank == 0 or pair[1] >= _LEAST_SHARE], texts)


def _shares(classes: Sequence[tuple[str, float]], texts: CaptionTexts) -> str:
    share = translate("Words", "{word} {percent} %")
    return ", ".join(
        share.format(word=texts.expressions.get(name, name), percent=rounded_percent(probability))
        for name, probability in classes
    )


def _past_row(visitor: VisitorSummary, texts: CaptionTexts) -> PeopleRow:
    began, ended = clock_time(visitor.visit_started_s), clock_time(visitor.last_seen_s)
    if began == ended:
        lines = [translate("People", "at {time}").format(time=began)]
    else:
        lines = [translate("People", "{begin} to {end}").format(begin=began, end=ended)]
    if visitor.visits > 1:
        visits = translate("People", "{count} visits since {time}")
        lines.append(visits.format(count=visitor.visits, time=clock_time(visitor.first_seen_s)))
    return PeopleRow(visitor.visitor_id, visitor_title(visitor, texts), tuple(lines), visitor)


@lru_cache(maxsize=40)
def portrait_image(
    portrait: Portrait, status: DecisionStatus, side_px: int, *, covered: bool = False, covers_others: bool = False
) -> QImage:
    """Return the face and its hair, framed in the stroke and color that its status has over the live video.

    A `covered` portrait shows nothing of the face; with `covers_others`, nothing of the strangers beside it.
    """
    bgr = portrait.bgr
    if covers_others and portrait.strangers:
        bgr = bgr.copy()
        cover(bgr, map(cover_area, portrait.strangers))
    image = to_qimage(bgr).convertToFormat(QImage.Format.Format_RGB32)
    side = round(image.width() * _FACE_SHARE)
    margin = (image.width() - side) // 2
    face = image.copy(margin, margin, side, side)
    face = face.scaled(side_px, side_px, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    if covered:
        face.fill(to_qcolor(COVER_BGR))
    width = math.ceil(max(1.5, side_px / 36))
    inner_px = side_px - 2 * width
    painter = QPainter(face)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_stroke(painter, STATUS_STYLES[status], Rectangle(width, width, inner_px, inner_px), width)
    painter.end()
    return face


def visitor_image(visitor: VisitorSummary, side_px: int, *, covers_strangers: bool) -> QImage:
    """Return the portrait of a visitor. With `covers_strangers`, nothing of a stranger's face is in it."""
    covered = covers_strangers and is_stranger(visitor)
    return portrait_image(visitor.portrait, visitor.status, side_px, covered=covered, covers_others=covers_strangers)


def is_stranger(visitor: VisitorSummary) -> bool:
    """Return whether a visitor's face is covered with "Cover strangers": not for a known one, nor for one named after leaving."""
    return visitor.status is not DecisionStatus.KNOWN and (visitor.is_present or visitor.name is None)


class VisitorDelegate(QStyledItemDelegate):
    """Paints the rows of the people panel; all sizes follow the font. `covers_strangers` covers the portraits of strangers."""

    covers_strangers = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: PeopleRow = index.data(ROW)
        gap = _gap(option.fontMetrics)
        view = option.widget
        assert isinstance(view, QAbstractItemView)
        # Qt sets the option's own width only for painting.
        width = view.viewport().width() - 2 * gap
        if row.visitor is not None:
            side = _portrait_px(option.fontMetrics)
            detail = fitted_lines(row.detail, option.fontMetrics, width - side - 2 * gap)
            text_px = QFontMetrics(bold(option.font)).height() + len(detail) * option.fontMetrics.height()
            return QSize(10 * gap, max(side, text_px) + 2 * gap)
        if row.title:
            return QSize(10 * gap, option.fontMetrics.height() + 3 * gap)
        room = QRect(0, 0, max(80, width), 10_000)
        needed = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, row.detail[0])
        return QSize(10 * gap, needed.height() + 2 * gap)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PeopleRow = index.data(ROW)
        gap = _gap(option.fontMetrics)
        painter.save()
        if row.visitor is not None:
            self._paint_card(painter, option, row, row.visitor)
        elif row.title:
            painter.setFont(bold(option.font))
            painter.setPen(option.palette.color(_ACTIVE, QPalette.ColorRole.Text))
            rect = option.rect.adjusted(gap, 2 * gap, -gap, 0)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, row.title)
        else:
            painter.setPen(_muted(option.palette))
            painter.drawText(option.rect.adjusted(gap, gap, -gap, -gap), Qt.TextFlag.TextWordWrap, row.detail[0])
        painter.restore()

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow, visitor: VisitorSummary) -> None:
        option.widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        gap, side = _gap(option.fontMetrics), _portrait_px(option.fontMetrics)
        inside = option.rect.adjusted(gap, gap, -gap, -gap)
        side_px = round(side * painter.device().devicePixelRatio())
        image = visitor_image(visitor, side_px, covers_strangers=self.covers_strangers)
        portrait_rect = QRect(inside.left(), inside.top(), side, side)
        painter.drawImage(QStyle.visualRect(option.direction, inside, portrait_rect), image)
        text_rect = QStyle.visualRect(option.direction, inside, inside.adjusted(side + 2 * gap, 0, 0, 0))
        self._paint_text(painter, option, row, text_rect)

    def _paint_text(self, painter: QPainter, option: QStyleOptionViewItem, row: PeopleRow, rect: QRect) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        text = option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        detail = text if selected else _muted(option.palette)
        fitted = fitted_lines(row.detail, QFontMetrics(option.font), rect.width())
        lines = [(bold(option.font), row.title, text), *((option.font, line, detail) for line in fitted)]
        top = rect.top() + (rect.height() - sum(QFontMetrics(font).height() for font, *_ in lines)) // 2
        for font, line, color in lines:
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(color)
            elided = metrics.elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
            line_rect = QRect(rect.left(), top, rect.width(), metrics.height())
            painter.drawText(line_rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, elided)
            top += metrics.height()


def fitted_lines(lines: Sequence[str], metrics: QFontMetrics, width_px: int) -> list[str]:
    """Return the lines of a card; one that is too long is broken between its parts."""
    fits = [metrics.horizontalAdvance(line) <= width_px for line in lines]
    return [part for line, fit in zip(lines, fits, strict=True) for part in ([line] if fit else line.split(_SEPARATOR))]


def _muted(palette: QPalette) -> QColor:
    """Return the text color at 75 % opacity; black on white keeps a contrast of 7 : 1."""
    color = QColor(palette.color(_ACTIVE, QPalette.ColorRole.Text))
    color.setAlphaF(0.75)
    return color


def _gap(metrics: QFontMetrics) -> int:
    return max(4, round(metrics.height() * 0.42))


def _portrait_px(metrics: QFontMetrics) -> int:
    return round(metrics.height() * _PORTRAIT_LINES)
