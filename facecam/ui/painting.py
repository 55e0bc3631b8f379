"""An Overlay painted over a picture with Qt: its letters in every script, sharp at every scale of the screen.

Like overlay.drawing, but in the widget's pixels: text is never smaller than the user's own, and plates rest where they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPen

from facecam.overlay.drawing import DETAIL_BGR, PLATE_BGR, PLATE_COVERS, TITLE_BGR
from facecam.overlay.placing import Rectangle, Room, place_again
from facecam.overlay.shapes import Bar, Colour, Mark, Overlay, Stroke
from facecam.overlay.strokes import Segment, segments
from facecam.ui.fitting import Fit

_EDGE = QColor(20, 20, 20)
_TROUGH = QColor(82, 84, 88)
_FEW = 4
"""With as many faces or more, a caption may be a third as wide as the picture, else nearly half."""

_LEGIBLE = 0.06
"""How much of a plate may lie over others before it loses a line."""


def colour(bgr: Colour, alpha: float = 1.0) -> QColor:
    """The same colour for Qt."""
    return QColor(bgr[2], bgr[1], bgr[0], round(alpha * 255))


@dataclass(slots=True)
class Letters:
    """The fonts of one size of picture, and what they measure."""

    title: QFont
    detail: QFont
    stroke: float
    gap: float
    radius: float
    metrics: dict[str, QFontMetricsF] = field(default_factory=dict)
    fresh: bool = True

    @classmethod
    def of(cls, font: QFont, rect: QRectF) -> Letters:
        """For a picture of that size: letters grow with it, and never below the user's own font."""
        own = float(QFontInfo(font).pixelSize())
        unit = min(rect.height(), rect.width() * 0.75)
        title, detail = QFont(font), QFont(font)
        title.setPixelSize(round(max(own, unit / 32)))
        title.setBold(True)
        detail.setPixelSize(round(max(own * 0.92, unit / 40)))
        letters = cls(title, detail, max(1.5, unit / 260), max(4.0, unit / 100), max(3.0, unit / 110))
        letters.metrics = {"title": QFontMetricsF(title), "detail": QFontMetricsF(detail)}
        return letters


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: QFont
    metrics: QFontMetricsF
    colour: QColor

    @property
    def width(self) -> float:
        return self.metrics.horizontalAdvance(self.text)

    @property
    def height(self) -> float:
        return self.metrics.height()


@dataclass(frozen=True, slots=True)
class _Stroked:
    """A box ready to be painted: its pieces in two widths, the wider ones below and dark, and its dots.

    All pieces are upright or level: filled as rectangles on whole pixels they are sharp, and take a fifth of the time of lines.
    """

    dark: list[QRectF]
    bright: list[QRectF]
    dots: list[QPointF]
    width: float
    colour: QColor

    def paint(self, painter: QPainter) -> None:
        for rectangles, ink, thick in ((self.dark, _EDGE, self.width * 2), (self.bright, self.colour, self.width)):
            for rectangle in rectangles:
                painter.fillRect(rectangle, ink)
            if self.dots:
                painter.setPen(QPen(ink, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPoints(self.dots)


@dataclass(frozen=True, slots=True)
class _Caption:
    """A plate ready to be painted, with its words."""

    plate: Rectangle
    lines: Sequence[_Line]
    colour: QColor
    letters: Letters

    def paint(self, painter: QPainter) -> None:
        plate, letters = self.plate, self.letters
        _paint_plate(painter, plate, letters.radius)
        strip = QRectF(plate.x + letters.gap * 0.6, plate.y + letters.radius, letters.gap * 0.5, plate.h - 2 * letters.radius)
        painter.fillRect(strip, self.colour)
        top = plate.y + letters.gap / 2
        for line in self.lines:
            _paint_line(painter, line, QPointF(plate.x + 2 * letters.gap, top))
            top += line.height


@dataclass(frozen=True, slots=True)
class _Panel:
    """The plate of the bars, ready to be painted."""

    plate: Rectangle
    bars: Sequence[Bar]
    letters: Letters

    def paint(self, painter: QPainter) -> None:
        """Words, and a bar below them, for each row that the plate has."""
        letters, gap = self.letters, self.plate.x
        thick, row, inner = _thick_px(letters), _row_px(letters), self.plate.w - 2 * gap
        _paint_plate(painter, self.plate, letters.radius)
        for number, bar in enumerate(self.bars[: int(self.plate.h // row)]):
            top = gap + gap / 2 + number * row
            kind, font, bgr = ("title", letters.title, TITLE_BGR) if number == 0 else ("detail", letters.detail, DETAIL_BGR)
            line = _line(letters.metrics[kind], bar.text, font, bgr, inner)
            _paint_line(painter, line, QPointF(2 * gap, top))
            top += letters.metrics["title"].height()
            painter.setPen(Qt.PenStyle.NoPen)
            for brush, length in ((_TROUGH, inner), (colour(bar.colour_bgr), max(thick, inner * bar.fraction))):
                painter.setBrush(brush)
                painter.drawRoundedRect(QRectF(2 * gap, top, length, thick), thick / 2, thick / 2)


class OverlayPainter:
    """Paints one picture's overlay again and again, and remembers where its plates were.

    Pictures come more often than results: what is painted is worked out once for each result.
    """

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._letters: tuple[tuple[QFont, float, float], Letters] | None = None
        self._ready: tuple[tuple[object, ...], list[_Stroked | _Caption | _Panel]] | None = None

    def paint(self, painter: QPainter, fit: Fit, overlay: Overlay, font: QFont, *, chosen: int | None = None) -> None:
        """Paint over the picture that stands at `fit`; the face of the track `chosen` stands out."""
        letters = self._letters_for(font, fit.rect)
        key = (overlay, fit.size_wh, fit.mirrored, chosen)
        if self._ready is None or self._ready[0][0] is not overlay or self._ready[0][1:] != key[1:] or letters.fresh:
            self._ready = key, self._worked_out(fit, overlay, letters, chosen)
            letters.fresh = False
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(fit.rect.topLeft())
        painter.setClipRect(QRectF(0, 0, fit.rect.width(), fit.rect.height()))
        for one in self._ready[1]:
            one.paint(painter)
        painter.restore()

    def _letters_for(self, font: QFont, rect: QRectF) -> Letters:
        key = (font, rect.width(), rect.height())
        if self._letters is None or self._letters[0] != key:
            self._letters = key, Letters.of(font, rect)
        return self._letters[1]

    def _worked_out(self, fit: Fit, overlay: Overlay, letters: Letters, chosen: int | None) -> list[_Stroked | _Caption | _Panel]:
        boxes = [(mark, fit.to_picture(_rectangle(mark))) for mark in overlay.marks]
        made: list[_Stroked | _Caption | _Panel] = []
        for mark, box in boxes:
            bold = mark.track_id is not None and mark.track_id == chosen
            made.append(_stroked((mark.stroke, mark.colour_bgr), box, letters.stroke * (2 if bold else 1)))
        plate = _panel_plate(overlay.bars, fit.rect, letters)
        panels = [] if plate is None else [_Panel(plate, overlay.bars, letters)]
        taken = tuple(panel.plate for panel in panels)
        return [*made, *self._captions(boxes, fit.rect, letters, taken), *panels]

    def _captions(
        self, boxes: Sequence[tuple[Mark, Rectangle]], rect: QRectF, letters: Letters, taken: tuple[Rectangle, ...]
    ) -> list[_Caption]:
        """Near faces choose their place first, of what is not `taken`."""
        captions: list[_Caption] = []
        places: dict[int, int] = {}
        size_wh = int(rect.width()), int(rect.height())
        share = 0.45 if len(boxes) < _FEW else 0.3
        for mark, box in sorted(boxes, key=lambda pair: -pair[1].w * pair[1].h):
            plates = (*taken, *(caption.plate for caption in captions))
            others = tuple(other for _, other in boxes if other is not box)
            widest = min(rect.width() - 4 * letters.gap, max(rect.width() * share, box.w))
            lines = _lines(mark, letters, widest, detail=rect.height() > 6 * letters.metrics["title"].height())
            while lines:
                plate_wh = _plate_wh(lines, letters)
                before = self._places.get(mark.track_id or 0)
                plate, number = place_again(before, box, plate_wh, Room(size_wh, plates, others))
                if sum(plate.shared_px(other) for other in plates) <= _LEGIBLE * plate.w * plate.h:
                    captions.append(_Caption(plate, lines, colour(mark.colour_bgr), letters))
                    places[mark.track_id or 0] = number
                    break
                lines = lines[:-1]  # in a crowd the second line goes first, then the first
        self._places = places
        return captions


def _rectangle(mark: Mark) -> Rectangle:
    return Rectangle(mark.box.x, mark.box.y, mark.box.w, mark.box.h)


def paint_stroke(painter: QPainter, look: tuple[Stroke, Colour], box: Rectangle, width: float) -> None:
    """The stroke over a wider dark one, which keeps it visible on a background of its own colour."""
    _stroked(look, box, width).paint(painter)


def _stroked(look: tuple[Stroke, Colour], box: Rectangle, width: float) -> _Stroked:
    stroke, bgr = look
    width = max(2.5, width * 1.3) if stroke is Stroke.DOTTED else max(1.0, math.ceil(width))
    pieces = segments(stroke, box, width)
    lines = [piece for piece in pieces if piece[0] != piece[1]]
    dots = [QPointF(*begin) for begin, end in pieces if begin == end]
    edge = max(1.0, width // 2)
    bright = [_filled(line, width) for line in lines]
    dark = [rectangle.adjusted(-edge, -edge, edge, edge) for rectangle in bright]
    return _Stroked(dark, bright, dots, width, colour(bgr))


def _filled(line: Segment, width: float) -> QRectF:
    """What a level or upright line of that width covers, its ends as far as its sides, on whole pixels."""
    (x1, y1), (x2, y2) = line
    left, right, top, bottom = (round(end - width / 2) for end in (min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)))
    return QRectF(left, top, right - left + width, bottom - top + width)


def _lines(mark: Mark, letters: Letters, widest: float, *, detail: bool) -> list[_Line]:
    room = widest - 3 * letters.gap
    kinds = [("title", mark.title, letters.title, TITLE_BGR)]
    if mark.detail and detail:
        kinds.append(("detail", mark.detail, letters.detail, DETAIL_BGR))
    return [_line(letters.metrics[kind], text, font, bgr, room) for kind, text, font, bgr in kinds if text]


def _line(metrics: QFontMetricsF, text: str, font: QFont, bgr: Colour, room: float) -> _Line:
    return _Line(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room), font, metrics, colour(bgr))


def _plate_wh(lines: Sequence[_Line], letters: Letters) -> tuple[int, int]:
    wide = max(line.width for line in lines) + 3 * letters.gap
    return round(wide), round(sum(line.height for line in lines) + letters.gap)


def _paint_plate(painter: QPainter, plate: Rectangle, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(PLATE_BGR, PLATE_COVERS))
    painter.drawRoundedRect(QRectF(plate.x, plate.y, plate.w, plate.h), radius, radius)


def _paint_line(painter: QPainter, line: _Line, left_top: QPointF) -> None:
    painter.setFont(line.font)
    painter.setPen(line.colour)
    painter.drawText(QPointF(left_top.x(), left_top.y() + line.metrics.ascent()), line.text)


def _panel_plate(bars: Sequence[Bar], rect: QRectF, letters: Letters) -> Rectangle | None:
    """The plate of as many rows as there is room for, in the upper left corner; None without any."""
    gap = 2 * letters.gap
    inner = min(rect.width() * 0.42, rect.width() - 4 * gap)
    rows = min(len(bars), int((rect.height() - 3 * gap) // _row_px(letters)))
    return Rectangle(gap, gap, inner + 2 * gap, rows * _row_px(letters) + gap) if inner >= 60 and rows > 0 else None


def _row_px(letters: Letters) -> float:
    return letters.metrics["title"].height() + _thick_px(letters) + 1.6 * letters.gap


def _thick_px(letters: Letters) -> float:
    return max(4.0, letters.metrics["title"].height() / 4)
