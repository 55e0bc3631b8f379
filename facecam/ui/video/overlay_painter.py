"""Paints frames and their annotations with Qt, for every script and sharp at every screen scale.

The counterpart of rendering.renderer for widgets: text is never smaller than the user's font, and captions keep their places.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QImage, QPainter, QPen, QTransform

from facecam.rendering.annotations import AnnotationBar, CaptionTexts, Color, FaceAnnotation, Overlay, Stroke, annotate
from facecam.rendering.privacy import cover
from facecam.rendering.renderer import (
    DETAIL_BGR,
    PLATE_BGR,
    PLATE_OPACITY,
    TITLE_BGR,
    CaptionSpace,
    Rectangle,
    Segment,
    place_caption,
    segments,
)
from facecam.rendering.smoothing import AnnotationSmoother
from facecam.types import Box, Frame, Image, Result

_EDGE = QColor(20, 20, 20)
_BAR_BACKGROUND = QColor(82, 84, 88)
_MANY_FACES = 4
"""From this number of faces on, a caption is at most 30 % as wide as the frame, else 45 %."""

_MAX_COVERED = 0.06
"""Share of a caption that may overlap others before the caption loses a line."""

FRESH_MS = 400.0
"""Annotations of a frame this much older than the shown one begin to fade."""

FADE_MS = 250.0
"""Duration of the fade."""

_SNAPSHOT_MAX_AGE_S = 1.5


@dataclass(frozen=True, slots=True)
class ImagePlacement:
    """Frame of `size_wh` pixels shown in `rect` (logical pixels of the widget), possibly mirrored horizontally."""

    rect: QRectF
    size_wh: tuple[int, int]
    mirrored: bool

    @property
    def factor(self) -> float:
        """Logical pixels of the widget per pixel of the frame."""
        return self.rect.width() / self.size_wh[0]

    @property
    def transform(self) -> QTransform:
        """Transform from frame pixels to widget pixels."""
        factor = self.factor
        if self.mirrored:
            return QTransform(-factor, 0, 0, factor, self.rect.x() + self.rect.width(), self.rect.y())
        return QTransform(factor, 0, 0, factor, self.rect.x(), self.rect.y())

    def to_view(self, box: Rectangle) -> Rectangle:
        """Convert a rectangle of the frame to widget pixels relative to the upper left corner of `rect`."""
        shown = self.transform.mapRect(QRectF(box.x, box.y, box.w, box.h)).translated(-self.rect.topLeft())
        return Rectangle(shown.x(), shown.y(), shown.width(), shown.height())

    def to_frame(self, position: QPointF) -> tuple[float, float]:
        """Convert a widget position to frame pixels, outside the frame if the position is."""
        return self.transform.inverted()[0].map(position).toTuple()


def fit_frame(rect: QRectF, size_wh: tuple[int, int], *, mirrored: bool = False) -> ImagePlacement:
    """Scale a frame to fit a rectangle, centered and on whole pixels."""
    factor = min(rect.width() / size_wh[0], rect.height() / size_wh[1])
    width, height = max(1, round(size_wh[0] * factor)), max(1, round(size_wh[1] * factor))
    x, y = rect.x() + (rect.width() - width) // 2, rect.y() + (rect.height() - height) // 2
    return ImagePlacement(QRectF(x, y, width, height), size_wh, mirrored)


def grid_shape(count: int) -> tuple[int, int]:
    """Return (columns, rows) of a nearly square grid for this number of tiles."""
    columns = max(1, math.ceil(math.sqrt(count)))
    return columns, max(1, math.ceil(count / columns))


def tile_rects(rect: QRectF, count: int, gap: float) -> list[QRectF]:
    """Divide a rectangle into equal tiles, row by row."""
    columns, rows = grid_shape(count)
    width, height = (rect.width() - gap * (columns - 1)) / columns, (rect.height() - gap * (rows - 1)) / rows
    cells = [divmod(number, columns) for number in range(count)]
    return [QRectF(rect.x() + c * (width + gap), rect.y() + r * (height + gap), width, height) for r, c in cells]


def to_qcolor(bgr: Color, alpha: float = 1.0) -> QColor:
    return QColor(bgr[2], bgr[1], bgr[0], round(alpha * 255))


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Font and color of a kind of text."""

    font: QFont
    metrics: QFontMetricsF
    color: QColor

    def elided(self, text: str, max_width: float) -> str:
        return self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, max_width)

    def paint(self, painter: QPainter, text: str, x: float, top: float) -> None:
        painter.setFont(self.font)
        painter.setPen(self.color)
        painter.drawText(QPointF(x, top + self.metrics.ascent()), text)


@dataclass(frozen=True, slots=True)
class OverlayFonts:
    """Text styles and lengths (pixels) for one size of the view."""

    title: TextStyle
    detail: TextStyle
    stroke: float
    gap: float
    radius: float

    @classmethod
    def for_view(cls, font: QFont, rect: QRectF) -> OverlayFonts:
        """Scale the fonts with the view, but never below the user's own font."""
        own = float(QFontInfo(font).pixelSize())
        unit = min(rect.height(), rect.width() * 0.75)
        title, detail = QFont(font), QFont(font)
        title.setPixelSize(round(max(own, unit / 32)))
        title.setBold(True)
        detail.setPixelSize(round(max(own * 0.92, unit / 40)))
        styles = [TextStyle(f, QFontMetricsF(f), to_qcolor(bgr)) for f, bgr in ((title, TITLE_BGR), (detail, DETAIL_BGR))]
        return cls(styles[0], styles[1], max(1.5, unit / 260), max(4.0, unit / 100), max(3.0, unit / 110))

    @property
    def bar_px(self) -> float:
        """Height of a probability bar."""
        return max(4.0, self.title.metrics.height() / 4)

    @property
    def bar_row_px(self) -> float:
        """Height of a bar with its label and gap."""
        return self.title.metrics.height() + self.bar_px + 1.6 * self.gap


class OverlayPainter:
    """Paints one source's overlay and remembers the places of its captions."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}

    def paint(
        self, painter: QPainter, fit: ImagePlacement, overlay: Overlay, font: QFont, *, selected: int | None = None
    ) -> None:
        """Paint an overlay over the frame at `fit`; the face of the track `selected` gets a wider outline."""
        fonts = OverlayFonts.for_view(font, fit.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(fit.rect.topLeft())
        painter.setClipRect(QRectF(0, 0, fit.rect.width(), fit.rect.height()))
        boxes = [(mark, fit.to_view(Rectangle(mark.box.x, mark.box.y, mark.box.w, mark.box.h))) for mark in overlay.marks]
        for mark, box in boxes:
            is_selected = mark.track_id is not None and mark.track_id == selected
            paint_stroke(painter, (mark.stroke, mark.color_bgr), box, fonts.stroke * (2 if is_selected else 1))
        panel = _panel_plate(overlay.bars, fit.rect, fonts)
        self._paint_captions(painter, boxes, fit.rect, fonts, [] if panel is None else [panel])
        if panel is not None:
            _paint_bars(painter, panel, overlay.bars, fonts)
        painter.restore()

    def _paint_captions(
        self,
        painter: QPainter,
        boxes: Sequence[tuple[FaceAnnotation, Rectangle]],
        rect: QRectF,
        fonts: OverlayFonts,
        occupied: Sequence[Rectangle],
    ) -> None:
        """Paint captions outside `occupied`, those of large faces first."""
        plates, places = list(occupied), {}
        size_wh = int(rect.width()), int(rect.height())
        share = 0.45 if len(boxes) < _MANY_FACES else 0.3
        for mark, box in sorted(boxes, key=lambda pair: -pair[1].w * pair[1].h):
            others = tuple(other for _, other in boxes if other is not box)
            widest = min(rect.width() - 4 * fonts.gap, max(rect.width() * share, box.w))
            lines = _lines(mark, fonts, widest, detail=rect.height() > 6 * fonts.title.metrics.height())
            while lines:
                plate_wh = _plate_wh(lines, fonts)
                previous = self._places.get(mark.track_id or 0)
                plate, number = place_caption(box, plate_wh, CaptionSpace(size_wh, tuple(plates), others), previous)
                if sum(plate.intersection_px(other) for other in plates) <= _MAX_COVERED * plate.w * plate.h:
                    _paint_caption(painter, plate, lines, to_qcolor(mark.color_bgr), fonts)
                    plates.append(plate)
                    places[mark.track_id or 0] = number
                    break
                lines = lines[:-1]  # Drop the detail line first, then the title.
        self._places = places


def paint_stroke(painter: QPainter, style: tuple[Stroke, Color], box: Rectangle, width: float) -> None:
    """Paint a box's outline over a wider dark one, which keeps it visible on a background of its own color.

    All pieces are axis-aligned: filled as rectangles on whole pixels they are sharp and take a fifth of the time of lines.
    """
    stroke, bgr = style
    width = max(2.5, width * 1.3) if stroke is Stroke.DOTTED else max(1.0, math.ceil(width))
    pieces = segments(stroke, box, width)
    bright = [_line_rect(piece, width) for piece in pieces if piece[0] != piece[1]]
    dots = [QPointF(*begin) for begin, end in pieces if begin == end]
    edge = max(1.0, width // 2)
    dark = [rectangle.adjusted(-edge, -edge, edge, edge) for rectangle in bright]
    for rectangles, color, dot_px in ((dark, _EDGE, width * 2), (bright, to_qcolor(bgr), width)):
        for rectangle in rectangles:
            painter.fillRect(rectangle, color)
        if dots:
            painter.setPen(QPen(color, dot_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(dots)


def _line_rect(line: Segment, width: float) -> QRectF:
    """Return the whole pixels covered by an axis-aligned line with square caps."""
    (x1, y1), (x2, y2) = line
    left, right, top, bottom = (round(end - width / 2) for end in (min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)))
    return QRectF(left, top, right - left + width, bottom - top + width)


_Lines = list[tuple[TextStyle, str]]


def _lines(mark: FaceAnnotation, fonts: OverlayFonts, max_width: float, *, detail: bool) -> _Lines:
    texts = [(fonts.title, mark.title), (fonts.detail, mark.detail if detail else "")]
    return [(style, style.elided(text, max_width - 3 * fonts.gap)) for style, text in texts if text]


def _plate_wh(lines: _Lines, fonts: OverlayFonts) -> tuple[int, int]:
    width = max(style.metrics.horizontalAdvance(text) for style, text in lines) + 3 * fonts.gap
    return round(width), round(sum(style.metrics.height() for style, _ in lines) + fonts.gap)


def _paint_caption(painter: QPainter, plate: Rectangle, lines: _Lines, color: QColor, fonts: OverlayFonts) -> None:
    _paint_plate(painter, plate, fonts.radius)
    strip = QRectF(plate.x + fonts.gap * 0.6, plate.y + fonts.radius, fonts.gap * 0.5, plate.h - 2 * fonts.radius)
    painter.fillRect(strip, color)
    top = plate.y + fonts.gap / 2
    for style, text in lines:
        style.paint(painter, text, plate.x + 2 * fonts.gap, top)
        top += style.metrics.height()


def _paint_bars(painter: QPainter, plate: Rectangle, bars: Sequence[AnnotationBar], fonts: OverlayFonts) -> None:
    gap, height, width = plate.x, fonts.bar_px, plate.w - 2 * plate.x
    _paint_plate(painter, plate, fonts.radius)
    for number, bar in enumerate(bars[: int(plate.h // fonts.bar_row_px)]):
        top = gap + gap / 2 + number * fonts.bar_row_px
        style = fonts.detail if number else fonts.title
        style.paint(painter, style.elided(bar.text, width), 2 * gap, top)
        top += fonts.title.metrics.height()
        painter.setPen(Qt.PenStyle.NoPen)
        for brush, length in ((_BAR_BACKGROUND, width), (to_qcolor(bar.color_bgr), max(height, width * bar.fraction))):
            painter.setBrush(brush)
            painter.drawRoundedRect(QRectF(2 * gap, top, length, height), height / 2, height / 2)


def _paint_plate(painter: QPainter, plate: Rectangle, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(to_qcolor(PLATE_BGR, PLATE_OPACITY))
    painter.drawRoundedRect(QRectF(plate.x, plate.y, plate.w, plate.h), radius, radius)


def _panel_plate(bars: Sequence[AnnotationBar], rect: QRectF, fonts: OverlayFonts) -> Rectangle | None:
    """Return a plate in the upper left corner with as many rows as fit; None if none fits."""
    gap, row_px = 2 * fonts.gap, fonts.bar_row_px
    inner = min(rect.width() * 0.42, rect.width() - 4 * gap)
    rows = min(len(bars), int((rect.height() - 3 * gap) // row_px))
    return Rectangle(gap, gap, inner + 2 * gap, rows * row_px + gap) if inner >= 60 and rows > 0 else None


class VideoTile:
    """Newest frame and annotations of one source; `fit` is where it was painted last."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.overlay: Overlay | None = None
        self.result: Result | None = None
        self.fit: ImagePlacement | None = None
        self.painter = OverlayPainter()
        self._recognized: Frame | None = None
        self._smoother = AnnotationSmoother()
        self._covered: tuple[Frame, tuple[Box, ...]] | None = None
        self._image: tuple[Frame, bool, QImage, Image] | None = None

    def set_result(
        self, frame: Frame, result: Result, texts: CaptionTexts, covered: tuple[Frame, tuple[Box, ...]] | None = None
    ) -> None:
        """Take over the result of a frame, and the newest frame that was searched whole with the areas of strangers in it."""
        if self._recognized is None or frame.source != self._recognized.source or frame.t_ms < self._recognized.t_ms:
            self._smoother.reset()
        overlay = annotate(result, texts)
        self.overlay = dataclasses.replace(overlay, marks=self._smoother.smooth(overlay.marks, result.t_ms))
        if self._recognized is frame:
            self._image = None  # The frame was decided again: other faces may have to be covered.
        self._recognized, self.result, self._covered = frame, result, covered

    def visible_frame(self, *, covers: bool) -> Frame | None:
        """Return the newest frame; if strangers are covered, the newest that was searched whole for faces."""
        if not covers:
            return self.frame
        return None if self._covered is None else self._covered[0]

    def snapshot_frame(self, *, covers: bool) -> Frame | None:
        """Return the frame for a snapshot: the newest recognized one, so that annotations match, unless it is too old."""
        frame, recognized = self.frame, self._recognized
        if frame is None or recognized is None or covers:
            return self.visible_frame(covers=covers)
        is_recent = frame.captured_at_s - recognized.captured_at_s < _SNAPSHOT_MAX_AGE_S
        return recognized if is_recent and frame.source == recognized.source else frame

    def image(self, frame: Frame, *, covers: bool) -> QImage:
        """Return a frame as a QImage, converted once however often it is painted; `covers` covers strangers."""
        if self._image is None or self._image[0] is not frame or self._image[1] is not covers:
            bgr = frame.bgr
            if covers and self._covered is not None:
                bgr = frame.bgr.copy()
                cover(bgr, self._covered[1])
            # Qt scales 4-byte pixels in half the time of 3-byte pixels.
            bgrx = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA), np.uint8)
            width, height = frame.size_wh
            # QImage does not copy: the array must live as long as the image.
            self._image = frame, covers, QImage(bgrx.data, width, height, bgrx.strides[0], QImage.Format.Format_RGB32), bgrx
        return self._image[2]

    def opacity(self, frame: Frame) -> float:
        """Return the opacity of annotations over a frame: 1 while fresh, 0 when they are old or of another source."""
        if self._recognized is None or self._recognized.source != frame.source:
            return 0.0
        age_ms = abs(frame.captured_at_s - self._recognized.captured_at_s) * 1e3
        return min(1.0, max(0.0, 1 - (age_ms - FRESH_MS) / FADE_MS))

    def face_at(self, position: QPointF) -> FaceAnnotation | None:
        """Return the smallest annotated face at a widget position."""
        if self.fit is None or self.overlay is None or self.frame is None or not self.opacity(self.frame):
            return None
        x, y = self.fit.to_frame(position)
        faces = [mark for mark in self.overlay.marks if mark.track_id is not None]
        hits = [m for m in faces if m.box.x <= x <= m.box.x + m.box.w and m.box.y <= y <= m.box.y + m.box.h]
        return min(hits, key=lambda mark: mark.box.w * mark.box.h, default=None)
