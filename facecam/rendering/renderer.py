"""An Overlay painted into a picture. Everything scales with the frame's height; no plate leaves the frame.

Text stands on a dark plate through which a ninth shines at most: white and light gray on it have a contrast of more than 7 : 1
over any picture (WCAG 2.2 AA asks for 4.5 : 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.rendering.annotations import AnnotationBar, Color, FaceAnnotation, Overlay, Stroke
from facecam.rendering.text import Ink, line
from facecam.types import Box, DecisionStatus, Image, Result

# MERGED overlay.placing: Where a caption goes: beside its box, inside the frame, over as little else as may be. Pure.


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle in pixels; x and y are its left and upper edge."""

    x: float
    y: float
    w: float
    h: float

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """Clockwise from the upper left."""
        right, bottom = self.x + self.w, self.y + self.h
        return (self.x, self.y), (right, self.y), (right, bottom), (self.x, bottom)

    def shared_px(self, other: Rectangle) -> float:
        """The area that both cover."""
        wide = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        high = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(0.0, wide) * max(0.0, high)


@dataclass(frozen=True, slots=True)
class CaptionSpace:
    """What a plate shares the frame with: the frame's size, the plates that have their place, and the other faces' boxes."""

    frame_wh: tuple[int, int]
    plates: tuple[Rectangle, ...]
    boxes: tuple[Rectangle, ...]


def place(
    box: Rectangle, plate_wh: tuple[int, int], frame_wh: tuple[int, int], plates: Iterable[Rectangle], boxes: Iterable[Rectangle]
) -> Rectangle:
    """Where the plate of `box` goes: of the places around and in the box, in this order, the first that hides least.

    Words of other plates count most, then this very face, then the other `boxes`. Inside the frame whenever the plate fits.
    """
    return place_again(None, box, plate_wh, CaptionSpace(frame_wh, tuple(plates), tuple(boxes)))[0]


def place_again(before: int | None, box: Rectangle, plate_wh: tuple[int, int], room: CaptionSpace) -> tuple[Rectangle, int]:
    """The same and its number; the place numbered `before` is kept as long as none hides clearly less, so that plates rest."""
    spots = _spots(box, plate_wh, room.frame_wh)
    weighted = [*((plate, 4) for plate in room.plates), (box, 2), *((other, 1) for other in room.boxes)]

    def hides(number: int) -> float:
        return round(sum(spots[number].shared_px(other) * weight for other, weight in weighted), 1)

    # The first place is the best one to read: back to it as soon as it hides nothing.
    for number in (0, before or 0):
        if not hides(number):
            return spots[number], number
    hidden = [hides(number) for number in range(len(spots))]
    best = min(range(len(spots)), key=hidden.__getitem__)  # the first of equals
    if before is not None and hidden[before] - hidden[best] <= _REST * plate_wh[0] * plate_wh[1]:
        best = before
    return spots[best], best


_REST = 0.12
"""How much of a plate, by area and weight, may hide more than it would elsewhere before it moves there."""


def _spots(box: Rectangle, plate_wh: tuple[int, int], frame_wh: tuple[int, int]) -> list[Rectangle]:
    wide, high = plate_wh
    gap = max(2.0, high / 12)
    above, below, right = box.y - high - gap, box.y + box.h + gap, box.x + box.w
    middle = box.x + (box.w - wide) / 2
    wishes = [(x, y) for y in (above, below) for x in (box.x, right - wide, middle)]
    wishes += [(x, y) for y in (box.y, box.y + box.h - high) for x in (right + gap, box.x - wide - gap)]
    wishes += [(middle, box.y + gap), (middle, box.y + box.h - high - gap)]
    return [Rectangle(_within(x, frame_wh[0] - wide), _within(y, frame_wh[1] - high), wide, high) for x, y in wishes]


def _within(position: float, last: int) -> int:
    return max(0, min(round(position), last))


# MERGED overlay.strokes: The four ways to draw a box, as line segments. Pure.

Point = tuple[float, float]
Segment = tuple[Point, Point]


def segments(stroke: Stroke, rectangle: Rectangle, unit_px: float) -> list[Segment]:
    """The lines that draw a rectangle in this stroke; dashes and gaps are multiples of `unit_px`, the line's thickness."""
    corners = rectangle.corners
    sides = [(corners[number], corners[(number + 1) % 4]) for number in range(4)]
    shorter = min(rectangle.w, rectangle.h)
    match stroke:
        case Stroke.SOLID:
            return sides
        case Stroke.CORNERS:
            arm = max(2 * unit_px, shorter * 0.24)
            return [piece for side in sides for piece in _ends(side, arm)]
        case Stroke.DASHED:
            return [piece for side in sides for piece in _dashes(side, min(8 * unit_px, shorter / 4), 0.6)]
        case Stroke.DOTTED:
            return [piece for side in sides for piece in _dashes(side, max(5.0, 4 * unit_px), 0.0)]


def _ends(side: Segment, arm: float) -> list[Segment]:
    length = math.dist(*side)
    share = min(0.5, arm / length) if length else 0.0
    return [(side[0], _along(side, share)), (_along(side, 1 - share), side[1])]


def _dashes(side: Segment, period: float, filled: float) -> Iterator[Segment]:
    """Dashes (dots when `filled` is 0) that divide a side evenly, with one at either end."""
    count = max(1, round(math.dist(*side) / max(period, 1.0)))
    for number in range(count + 1):
        middle = number / count
        half = filled / 2 / count
        yield _along(side, max(0.0, middle - half)), _along(side, min(1.0, middle + half))


def _along(side: Segment, share: float) -> Point:
    (x1, y1), (x2, y2) = side
    return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share


PLATE_BGR: Color = (28, 24, 22)
PLATE_COVERS = 0.89
TITLE_BGR: Color = (255, 255, 255)
DETAIL_BGR: Color = (222, 222, 222)
_EDGE_BGR: Color = (20, 20, 20)

_FEW = 4
"""With as many faces beside it or more, a caption may be a third as wide as the frame, else nearly half."""

_LEGIBLE = 0.06
"""How much of a plate may lie over others before it loses a line."""

_SHIFT = 4
"""OpenCV takes positions in sixteenths of a pixel."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What depends on the frame's size, in pixels."""

    title: int
    detail: int
    stroke: int
    gap: int
    radius: int

    @classmethod
    def of(cls, width: int, height: int) -> _Sizes:
        unit = min(height, width * 0.75)
        return cls(
            title=max(10, round(unit / 30)),
            detail=max(9, round(unit / 38)),
            stroke=max(1, round(unit / 240)),
            gap=max(2, round(unit / 110)),
            radius=max(2, round(unit / 100)),
        )


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """A box, the plates that have their place, and the other boxes."""

    box: Rectangle
    plates: Sequence[Rectangle]
    boxes: Sequence[Rectangle]


def draw(bgr: Image, overlay: Overlay) -> None:
    """Paint `overlay` into `bgr` (height, width, 3) uint8, which may be of another size than the frame it was made for."""
    height, width = bgr.shape[:2]
    sizes = _Sizes.of(width, height)
    scaled = [_scaled(mark, width / overlay.size_wh[0], height / overlay.size_wh[1]) for mark in overlay.marks]
    for mark, rectangle in scaled:
        _draw_box(bgr, mark, rectangle, sizes)
    boxes = [rectangle for _, rectangle in scaled]
    panel = _panel(overlay.bars, (width, height), sizes)
    plates = [panel] if panel else []
    for mark, rectangle in sorted(scaled, key=lambda pair: -pair[1].w * pair[1].h):  # near faces choose their place first
        others = [box for box in boxes if box is not rectangle]
        plates += _draw_caption(bgr, mark, _Surroundings(rectangle, plates, others), sizes)
    if panel:
        _draw_panel(bgr, overlay.bars, panel, sizes)


def _scaled(mark: FaceAnnotation, x_factor: float, y_factor: float) -> tuple[FaceAnnotation, Rectangle]:
    box = mark.box
    return mark, Rectangle(box.x * x_factor, box.y * y_factor, box.w * x_factor, box.h * y_factor)


def _draw_box(bgr: Image, mark: FaceAnnotation, rectangle: Rectangle, sizes: _Sizes) -> None:
    """The stroke over a wider dark one, which keeps it visible on a background of its own color."""
    thickness = max(2, sizes.stroke) if mark.stroke is Stroke.DOTTED else sizes.stroke
    lines = segments(mark.stroke, rectangle, sizes.stroke)
    _draw_lines(bgr, lines, _EDGE_BGR, thickness + 2 * max(1, sizes.stroke // 2))
    _draw_lines(bgr, lines, mark.color_bgr, thickness)


def _draw_lines(bgr: Image, lines: Iterable[Segment], color: Color, thickness: int) -> None:
    factor = 1 << _SHIFT
    for (x1, y1), (x2, y2) in lines:
        begin, end = (round(x1 * factor), round(y1 * factor)), (round(x2 * factor), round(y2 * factor))
        cv2.line(bgr, begin, end, color, thickness, cv2.LINE_AA, _SHIFT)


def _draw_caption(bgr: Image, mark: FaceAnnotation, around: _Surroundings, sizes: _Sizes) -> list[Rectangle]:
    """Paint a mark's words on their plate; where that is, or nothing when the frame has no room for words."""
    height, width = bgr.shape[:2]
    strip = 2 * sizes.stroke
    share = 0.45 if len(around.boxes) < _FEW else 0.3
    widest = min(width - strip - 2 * sizes.gap, max(round(width * share), round(around.box.w)))
    if widest < 2 * sizes.title or height < 3 * sizes.title:
        return []
    words = [(line(mark.title, sizes.title, bold=True, widest_px=widest), TITLE_BGR)]
    if mark.detail and height > 6 * sizes.title:
        words.append((line(mark.detail, sizes.detail, widest_px=widest), DETAIL_BGR))
    while words:
        plate_wh = max(ink.shape[1] for ink, _ in words) + strip + 2 * sizes.gap, sum(len(ink) for ink, _ in words) + sizes.gap
        plate = place(around.box, plate_wh, (width, height), around.plates, around.boxes)
        if sum(plate.shared_px(other) for other in around.plates) <= _LEGIBLE * plate.w * plate.h:
            _draw_words(bgr, (int(plate.x), int(plate.y)), plate_wh, words, (strip, mark.color_bgr, sizes))
            return [plate]
        words.pop()  # in a crowd the second line goes first, then the first
    return []


def _draw_words(
    bgr: Image,
    left_top: tuple[int, int],
    plate_wh: tuple[int, int],
    words: Sequence[tuple[Ink, Color]],
    look: tuple[int, Color, _Sizes],
) -> None:
    x, y = left_top
    strip, color, sizes = look
    _draw_plate(bgr, left_top, plate_wh, sizes.radius)
    _fill(bgr, (x, y + sizes.radius), (strip, plate_wh[1] - 2 * sizes.radius), color)
    top = y + sizes.gap // 2
    for ink, text_color in words:
        _blend(bgr, ink, (x + strip + sizes.gap, top), text_color)
        top += len(ink)


def _panel(bars: Sequence[AnnotationBar], frame_wh: tuple[int, int], sizes: _Sizes) -> Rectangle | None:
    """The plate of as many rows as there is room for, in the upper left corner; None without any."""
    width, height = frame_wh
    gap = 2 * sizes.gap
    inner = min(round(width * 0.42), width - 4 * gap)
    rows = min(len(bars), (height - 3 * gap) // _row_px(sizes))
    return Rectangle(gap, gap, inner + 2 * gap, rows * _row_px(sizes) + gap) if inner >= 3 * sizes.title and rows > 0 else None


def _row_px(sizes: _Sizes) -> int:
    return round(sizes.title * 1.36) + _thick_px(sizes) + 2 * sizes.gap


def _thick_px(sizes: _Sizes) -> int:
    return max(3, sizes.title // 3)


def _draw_panel(bgr: Image, bars: Sequence[AnnotationBar], panel: Rectangle, sizes: _Sizes) -> None:
    """Words, and a bar below them, for each row that the panel has."""
    gap, thick, row = int(panel.x), _thick_px(sizes), _row_px(sizes)
    inner = int(panel.w) - 2 * gap
    _draw_plate(bgr, (gap, gap), (int(panel.w), int(panel.h)), sizes.radius)
    for number, bar in enumerate(bars[: int(panel.h) // row]):
        top = gap + gap // 2 + number * row
        ink = line(bar.text, sizes.title, bold=number == 0, widest_px=inner)
        _blend(bgr, ink, (2 * gap, top), TITLE_BGR if number == 0 else DETAIL_BGR)
        top += ink.shape[0]
        _draw_lines(bgr, [_bar_line(2 * gap, top, inner, thick)], (88, 84, 82), thick)
        if bar.fraction > 0:
            filled = max(thick, round(inner * bar.fraction))
            _draw_lines(bgr, [_bar_line(2 * gap, top, filled, thick)], bar.color_bgr, thick)


def _bar_line(left: int, top: int, length: int, thick: int) -> Segment:
    """A line with round ends that fills the rectangle exactly."""
    y = top + thick / 2
    return (left + thick / 2, y), (left + max(thick, length) - thick / 2, y)


def _draw_plate(bgr: Image, left_top: tuple[int, int], size_wh: tuple[int, int], radius: int) -> None:
    """Round at the corners. The rows between them are all alike, which a table does several times faster than blending."""
    x, y = left_top
    ink = _plate(*size_wh, radius)
    rows = slice(max(0, y + radius), max(0, y + size_wh[1] - radius))
    between = bgr[rows, x : x + size_wh[0]]
    if between.size:
        between[:] = cv2.LUT(between, _shining_through())
    _blend(bgr, ink[:radius], left_top, PLATE_BGR)
    _blend(bgr, ink[-radius:], (x, y + size_wh[1] - radius), PLATE_BGR)


@cache
def _shining_through() -> NDArray[np.uint8]:
    """(1, 256, 3): what becomes of each value of each channel under a plate."""
    below = np.arange(256)[np.newaxis, :, np.newaxis]
    return np.round(below * (1 - PLATE_COVERS) + np.array(PLATE_BGR) * PLATE_COVERS).astype(np.uint8)


@lru_cache(maxsize=256)
def _plate(width: int, height: int, radius: int) -> Ink:
    """A filled rectangle with round corners, PLATE_COVERS dense."""
    radius = min(radius, width // 2, height // 2)
    ink = np.zeros((height, width), np.uint8)
    covers = round(PLATE_COVERS * 255)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(ink, (x, y), radius, covers, cv2.FILLED, cv2.LINE_AA)
    ink[radius : height - radius] = covers
    ink[:, radius : width - radius] = covers
    return ink


def _fill(bgr: Image, left_top: tuple[int, int], size_wh: tuple[int, int], color: Color) -> None:
    x, y = left_top
    bgr[max(0, y) : max(0, y + size_wh[1]), max(0, x) : max(0, x + size_wh[0])] = color


def _blend(bgr: Image, ink: Ink, left_top: tuple[int, int], color: Color) -> None:
    """Lay `color` over the picture as densely as `ink` says; what reaches beyond the picture is left out."""
    x, y = left_top
    left, top = max(0, -x), max(0, -y)
    part = ink[top : bgr.shape[0] - y, left : bgr.shape[1] - x]
    if part.size == 0:
        return
    below = bgr[y + top : y + top + part.shape[0], x + left : x + left + part.shape[1]]
    cover = part[:, :, np.newaxis].astype(np.uint16)
    below[:] = ((below * (255 - cover) + np.array(color, np.uint16) * cover + 127) // 255).astype(np.uint8)


# MERGED overlay.blurring: Faces made unrecognizable: whoever is not known. What is left of a face is a few patches of color.

PATCHES = 5
"""So many patches to a side of a blurred face are left: with eight, people that one knows are sometimes still told apart."""

GROWN = 1.7
"""How much larger than its box a face is blurred: hair and chin go too, and it may move until the next result."""


def strangers(result: Result) -> tuple[Box, ...]:
    """The boxes of all faces that stand for nobody with certainty: unknown, unsure, not compared."""
    return tuple(
        sighting.face.box for sighting in result.sightings if sighting.track_decision.decision.status is not DecisionStatus.KNOWN
    )


def blurred(bgr: Image, boxes: Iterable[Box]) -> Image:
    """A copy of the picture (height, width, 3) uint8 with an oval over each box in which nobody is recognized."""
    picture = bgr.copy()
    for box in boxes:
        _blur(picture, box)
    return picture


def _blur(bgr: Image, box: Box) -> None:
    """Averages of patches, smoothly joined, in an oval about the box; in the picture itself."""
    half_w, half_h = box.w * GROWN / 2, box.h * GROWN / 2
    middle_x, middle_y = box.x + box.w / 2, box.y + box.h / 2
    left, top = max(0, round(middle_x - half_w)), max(0, round(middle_y - half_h))
    part = bgr[top : max(0, round(middle_y + half_h)), left : max(0, round(middle_x + half_w))]
    if part.size == 0:
        return
    size_wh = part.shape[1], part.shape[0]
    few = cv2.resize(part, (PATCHES, PATCHES), interpolation=cv2.INTER_AREA)
    patches = cv2.resize(few, size_wh, interpolation=cv2.INTER_LINEAR)
    oval = np.zeros(part.shape[:2], np.uint8)
    center = round(middle_x) - left, round(middle_y) - top
    cv2.ellipse(oval, center, (round(half_w), round(half_h)), 0, 0, 360, 255, cv2.FILLED)
    np.copyto(part, patches, where=oval[:, :, np.newaxis] > 0)
