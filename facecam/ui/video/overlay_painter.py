"""An Overlay painted over a picture with Qt: its letters in every script, sharp at every scale of the screen.

Like overlay.drawing, but in the widget's pixels: text is never smaller than the user's own, and plates rest where they are.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QImage, QPainter, QPen

from facecam.rendering.annotations import AnnotationBar, CaptionTexts, Color, FaceAnnotation, Overlay, Stroke, annotate
from facecam.rendering.renderer import (
    DETAIL_BGR,
    PLATE_BGR,
    PLATE_COVERS,
    TITLE_BGR,
    CaptionSpace,
    Rectangle,
    Segment,
    blurred,
    place_again,
    segments,
    strangers,
)
from facecam.rendering.smoothing import Smoother
from facecam.types import Frame, Image, Result

# MERGED ui.fitting: Where pictures stand in the window: as large as fits, in their own proportion, several as equal tiles. Also the way back.


@dataclass(frozen=True, slots=True)
class ImagePlacement:
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


def fitted(room: QRectF, size_wh: tuple[int, int], *, mirrored: bool = False) -> ImagePlacement:
    """The frame as large as goes into the room, in its middle, on whole pixels."""
    factor = min(room.width() / size_wh[0], room.height() / size_wh[1])
    wide, high = max(1, round(size_wh[0] * factor)), max(1, round(size_wh[1] * factor))
    x, y = room.x() + (room.width() - wide) // 2, room.y() + (room.height() - high) // 2
    return ImagePlacement(QRectF(x, y, wide, high), size_wh, mirrored)


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


_EDGE = QColor(20, 20, 20)
_TROUGH = QColor(82, 84, 88)
_FEW = 4
"""With as many faces or more, a caption may be a third as wide as the picture, else nearly half."""

_LEGIBLE = 0.06
"""How much of a plate may lie over others before it loses a line."""


def color(bgr: Color, alpha: float = 1.0) -> QColor:
    """The same color for Qt."""
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
    color: QColor

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
    color: QColor

    def paint(self, painter: QPainter) -> None:
        for rectangles, ink, thick in ((self.dark, _EDGE, self.width * 2), (self.bright, self.color, self.width)):
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
    color: QColor
    letters: Letters

    def paint(self, painter: QPainter) -> None:
        plate, letters = self.plate, self.letters
        _paint_plate(painter, plate, letters.radius)
        strip = QRectF(plate.x + letters.gap * 0.6, plate.y + letters.radius, letters.gap * 0.5, plate.h - 2 * letters.radius)
        painter.fillRect(strip, self.color)
        top = plate.y + letters.gap / 2
        for line in self.lines:
            _paint_line(painter, line, QPointF(plate.x + 2 * letters.gap, top))
            top += line.height


@dataclass(frozen=True, slots=True)
class _Panel:
    """The plate of the bars, ready to be painted."""

    plate: Rectangle
    bars: Sequence[AnnotationBar]
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
            for brush, length in ((_TROUGH, inner), (color(bar.color_bgr), max(thick, inner * bar.fraction))):
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

    def paint(self, painter: QPainter, fit: ImagePlacement, overlay: Overlay, font: QFont, *, chosen: int | None = None) -> None:
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

    def _worked_out(
        self, fit: ImagePlacement, overlay: Overlay, letters: Letters, chosen: int | None
    ) -> list[_Stroked | _Caption | _Panel]:
        boxes = [(mark, fit.to_picture(_rectangle(mark))) for mark in overlay.marks]
        made: list[_Stroked | _Caption | _Panel] = []
        for mark, box in boxes:
            bold = mark.track_id is not None and mark.track_id == chosen
            made.append(_stroked((mark.stroke, mark.color_bgr), box, letters.stroke * (2 if bold else 1)))
        plate = _panel_plate(overlay.bars, fit.rect, letters)
        panels = [] if plate is None else [_Panel(plate, overlay.bars, letters)]
        taken = tuple(panel.plate for panel in panels)
        return [*made, *self._captions(boxes, fit.rect, letters, taken), *panels]

    def _captions(
        self, boxes: Sequence[tuple[FaceAnnotation, Rectangle]], rect: QRectF, letters: Letters, taken: tuple[Rectangle, ...]
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
                plate, number = place_again(before, box, plate_wh, CaptionSpace(size_wh, plates, others))
                if sum(plate.shared_px(other) for other in plates) <= _LEGIBLE * plate.w * plate.h:
                    captions.append(_Caption(plate, lines, color(mark.color_bgr), letters))
                    places[mark.track_id or 0] = number
                    break
                lines = lines[:-1]  # in a crowd the second line goes first, then the first
        self._places = places
        return captions


def _rectangle(mark: FaceAnnotation) -> Rectangle:
    return Rectangle(mark.box.x, mark.box.y, mark.box.w, mark.box.h)


def paint_stroke(painter: QPainter, look: tuple[Stroke, Color], box: Rectangle, width: float) -> None:
    """The stroke over a wider dark one, which keeps it visible on a background of its own color."""
    _stroked(look, box, width).paint(painter)


def _stroked(look: tuple[Stroke, Color], box: Rectangle, width: float) -> _Stroked:
    stroke, bgr = look
    width = max(2.5, width * 1.3) if stroke is Stroke.DOTTED else max(1.0, math.ceil(width))
    pieces = segments(stroke, box, width)
    lines = [piece for piece in pieces if piece[0] != piece[1]]
    dots = [QPointF(*begin) for begin, end in pieces if begin == end]
    edge = max(1.0, width // 2)
    bright = [_filled(line, width) for line in lines]
    dark = [rectangle.adjusted(-edge, -edge, edge, edge) for rectangle in bright]
    return _Stroked(dark, bright, dots, width, color(bgr))


def _filled(line: Segment, width: float) -> QRectF:
    """What a level or upright line of that width covers, its ends as far as its sides, on whole pixels."""
    (x1, y1), (x2, y2) = line
    left, right, top, bottom = (round(end - width / 2) for end in (min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)))
    return QRectF(left, top, right - left + width, bottom - top + width)


def _lines(mark: FaceAnnotation, letters: Letters, widest: float, *, detail: bool) -> list[_Line]:
    room = widest - 3 * letters.gap
    kinds = [("title", mark.title, letters.title, TITLE_BGR)]
    if mark.detail and detail:
        kinds.append(("detail", mark.detail, letters.detail, DETAIL_BGR))
    return [_line(letters.metrics[kind], text, font, bgr, room) for kind, text, font, bgr in kinds if text]


def _line(metrics: QFontMetricsF, text: str, font: QFont, bgr: Color, room: float) -> _Line:
    return _Line(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room), font, metrics, color(bgr))


def _plate_wh(lines: Sequence[_Line], letters: Letters) -> tuple[int, int]:
    wide = max(line.width for line in lines) + 3 * letters.gap
    return round(wide), round(sum(line.height for line in lines) + letters.gap)


def _paint_plate(painter: QPainter, plate: Rectangle, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(PLATE_BGR, PLATE_COVERS))
    painter.drawRoundedRect(QRectF(plate.x, plate.y, plate.w, plate.h), radius, radius)


def _paint_line(painter: QPainter, line: _Line, left_top: QPointF) -> None:
    painter.setFont(line.font)
    painter.setPen(line.color)
    painter.drawText(QPointF(left_top.x(), left_top.y() + line.metrics.ascent()), line.text)


def _panel_plate(bars: Sequence[AnnotationBar], rect: QRectF, letters: Letters) -> Rectangle | None:
    """The plate of as many rows as there is room for, in the upper left corner; None without any."""
    gap = 2 * letters.gap
    inner = min(rect.width() * 0.42, rect.width() - 4 * gap)
    rows = min(len(bars), int((rect.height() - 3 * gap) // _row_px(letters)))
    return Rectangle(gap, gap, inner + 2 * gap, rows * _row_px(letters) + gap) if inner >= 60 and rows > 0 else None


def _row_px(letters: Letters) -> float:
    return letters.metrics["title"].height() + _thick_px(letters) + 1.6 * letters.gap


def _thick_px(letters: Letters) -> float:
    return max(4.0, letters.metrics["title"].height() / 4)


# MERGED ui.tile: One source as it is shown: its picture as Qt paints it, and its marks, smoothed and as fresh as they are.

FRESH_MS = 400.0
"""Marks found in a picture this much older than the shown one begin to fade."""

FADE_MS = 250.0
"""And are gone after so much more."""

_KEPT_S = 1.5


class VideoTile:
    """Keeps the newest of one source; `fit` is where it was painted last."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.overlay: Overlay | None = None
        self.result: Result | None = None
        self.fit: ImagePlacement | None = None
        self.painter = OverlayPainter()
        self._recognized: Frame | None = None
        self._smoother = Smoother()
        self._image: tuple[Frame, bool, QImage, Image] | None = None

    def see(self, frame: Frame, result: Result, words: CaptionTexts) -> None:
        """Take what was recognized in a frame."""
        if self._recognized is None or frame.source != self._recognized.source or frame.t_ms < self._recognized.t_ms:
            self._smoother.forget()
        overlay = annotate(result, words)
        marks = self._smoother.smoothed(overlay.marks, result.t_ms)
        self.overlay = dataclasses.replace(overlay, marks=marks)
        self._recognized, self.result = frame, result

    def shown(self, *, blur: bool) -> Frame | None:
        """The frame to be shown: the newest; where strangers are blurred, the newest in which they were looked for."""
        return self._recognized if blur else self.frame

    def kept(self, *, blur: bool) -> Frame | None:
        """The frame that a snapshot shows: one that was recognized, with its own marks, unless that was long ago."""
        frame, recognized = self.frame, self._recognized
        if frame is None or recognized is None or blur:
            return self.shown(blur=blur)
        fits = frame.source == recognized.source and frame.captured_at_s - recognized.captured_at_s < _KEPT_S
        return recognized if fits else frame

    def image(self, frame: Frame, *, blur: bool) -> QImage:
        """The frame for Qt; made once, however often it is painted."""
        if self._image is None or self._image[0] is not frame or self._image[1] is not blur:
            bgr = blurred(frame.bgr, strangers(self.result)) if blur and self.result is not None else frame.bgr
            # Qt scales pictures of four bytes a pixel in half the time that those of three take.
            bgrx = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA), np.uint8)
            wide, high = frame.size_wh
            # Qt does not copy: the array must live as long as the image.
            self._image = frame, blur, QImage(bgrx.data, wide, high, bgrx.strides[0], QImage.Format.Format_RGB32), bgrx
        return self._image[2]

    def opacity(self, frame: Frame) -> float:
        """How strongly the marks are shown over this frame: 1 while they are fresh, 0 when they belong to another picture."""
        if self._recognized is None or self._recognized.source != frame.source:
            return 0.0
        age_ms = abs(frame.captured_at_s - self._recognized.captured_at_s) * 1e3
        return min(1.0, max(0.0, 1 - (age_ms - FRESH_MS) / FADE_MS))

    def mark_at(self, place: QPointF) -> FaceAnnotation | None:
        """The face's mark at a place of the widget; the smallest of several, none of what is no face."""
        if self.fit is None or self.overlay is None or self.frame is None or not self.opacity(self.frame):
            return None
        x, y = self.fit.to_frame(place)
        faces = [m for m in self.overlay.marks if m.track_id is not None]
        hit = [m for m in faces if m.box.x <= x <= m.box.x + m.box.w and m.box.y <= y <= m.box.y + m.box.h]
        return min(hit, key=lambda mark: mark.box.w * mark.box.h, default=None)
