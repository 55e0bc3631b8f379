"""Covering of strangers' faces with filled shapes. Pure; times come with the results.

A blurred or coarse face can still be matched with photos of a person. A filled shape leaves no pixel of the face.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2

from facecam.rendering.annotations import Color
from facecam.types import Box, DecisionStatus, Image, Result

COVER_BGR: Color = (112, 106, 102)
"""Color of the shapes: a gray on which strokes and captions of every decision status are visible."""

SIDE_MARGIN = 0.4
TOP_MARGIN = 0.45
BOTTOM_MARGIN = 0.3
"""Margins around a detected box in its width and height, for the ears, the forehead with the hair, and the chin."""

HOLD_MS = 3000.0
"""Time for which a face stays covered after the last frame in which it was found: the default of `track.leave_after_ms`."""

_GROWTH_PER_S = 0.4
"""Growth of the area of a face that is not found, in its sides per second, because the face may move."""

_MAX_MOVED_S = 0.5
"""A face that is not found is expected to move on for at most this time."""

_SAME_FACE = 0.5
"""A found face whose center is within so many sides of the one that was not found replaces it."""

_CORNER_RADIUS = 0.25
"""Radius of the corners in shorter sides of the area."""


def cover_area(box: Box) -> Box:
    """Return the area that covers the face of a box, with hair, ears and chin."""
    return Box(
        box.x - SIDE_MARGIN * box.w,
        box.y - TOP_MARGIN * box.h,
        box.w * (1 + 2 * SIDE_MARGIN),
        box.h * (1 + TOP_MARGIN + BOTTOM_MARGIN),
    )


def cover(bgr: Image, areas: Iterable[Box]) -> None:
    """Fill areas of the image (height, width, 3) uint8 in place, as rectangles with round corners."""
    height, width = bgr.shape[:2]
    for area in areas:
        # Clipped, because OpenCV's coordinates are limited; the corners lie outside then.
        left, top = max(-width, round(area.x)), max(-height, round(area.y))
        right, bottom = min(2 * width, round(area.x + area.w)), min(2 * height, round(area.y + area.h))
        if right > left and bottom > top:
            _fill_rounded(bgr, (left, top), (right - 1, bottom - 1))


def _fill_rounded(bgr: Image, left_top: tuple[int, int], right_bottom: tuple[int, int]) -> None:
    """Fill a rectangle with round corners. The edge is not smoothed: no pixel mixes the shape and the image."""
    (left, top), (right, bottom) = left_top, right_bottom
    radius = round(_CORNER_RADIUS * min(right - left, bottom - top))
    cv2.rectangle(bgr, (left + radius, top), (right - radius, bottom), COVER_BGR, cv2.FILLED)
    cv2.rectangle(bgr, (left, top + radius), (right, bottom - radius), COVER_BGR, cv2.FILLED)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(bgr, (x, y), radius, COVER_BGR, cv2.FILLED)


@dataclass(frozen=True, slots=True)
class _CoveredFace:
    """Last box of a stranger's face, its time, its movement in pixels per second, and the tracks of the frame's other faces."""

    box: Box
    seen_ms: float
    speed_xy: tuple[float, float] = (0.0, 0.0)
    other_tracks: frozenset[int] = frozenset()

    def moved_to(self, box: Box, at_ms: float) -> _CoveredFace:
        elapsed_s = (at_ms - self.seen_ms) / 1e3
        if elapsed_s <= 0:
            return _CoveredFace(box, at_ms, self.speed_xy)
        (old_x, old_y), (new_x, new_y) = _center(self.box), _center(box)
        return _CoveredFace(box, at_ms, ((new_x - old_x) / elapsed_s, (new_y - old_y) / elapsed_s))

    def area(self, at_ms: float) -> Box:
        """Return the area in which the face is at `at_ms`, if it is not found then."""
        elapsed_s = (at_ms - self.seen_ms) / 1e3
        moved_s = min(elapsed_s, _MAX_MOVED_S)
        x_px, y_px = self.speed_xy[0] * moved_s, self.speed_xy[1] * moved_s
        grown_px = elapsed_s * _GROWTH_PER_S * self.box.longer_side_px
        area = cover_area(self.box)
        return Box(
            area.x + min(0.0, x_px) - grown_px,
            area.y + min(0.0, y_px) - grown_px,
            area.w + abs(x_px) + 2 * grown_px,
            area.h + abs(y_px) + 2 * grown_px,
        )


class FaceCover:
    """Covered areas of one source over time. Strangers are all who are not known: unknown, unsure or not compared.

    A stranger's face that a later frame lacks, for example behind a hand, stays covered for HOLD_MS: its last area grows in the
    direction of its movement. It is uncovered as soon as the face is known, or a new track is in its place. The track of a person
    who was next to the stranger and moves in front of them is not new.
    """

    def __init__(self) -> None:
        self._faces: dict[int, _CoveredFace] = {}
        self._last: tuple[str, tuple[int, int], float] = "", (0, 0), 0.0

    def update(self, result: Result) -> tuple[Box, ...]:
        """Return the areas to cover in the frame of this result, which follows the last one."""
        source, size_wh, last_ms = self._last
        if (source, size_wh) != (result.source, result.size_wh) or result.t_ms < last_ms:
            self._faces.clear()
        self._last = result.source, result.size_wh, result.t_ms
        faces = {sighting.track_decision.track_id: sighting for sighting in result.sightings}
        missing = {
            track_id: face
            for track_id, face in self._faces.items()
            if track_id not in faces
            and result.t_ms - face.seen_ms <= HOLD_MS
            and not any(
                found_id not in face.other_tracks and _is_same_place(face.box, sighting.face.box)
                for found_id, sighting in faces.items()
            )
        }
        found: dict[int, _CoveredFace] = {}
        for track_id, sighting in faces.items():
            if sighting.track_decision.decision.status is not DecisionStatus.KNOWN:
                last, box = self._faces.get(track_id), sighting.face.box
                face = last.moved_to(box, result.t_ms) if last else _CoveredFace(box, result.t_ms)
                found[track_id] = replace(face, other_tracks=frozenset(faces) - {track_id})
        self._faces = missing | found
        return tuple(face.area(result.t_ms) for face in self._faces.values())


def _is_same_place(lost: Box, found: Box) -> bool:
    (lost_x, lost_y), (x, y) = _center(lost), _center(found)
    reach_px = _SAME_FACE * lost.longer_side_px
    return abs(lost_x - x) <= reach_px and abs(lost_y - y) <= reach_px


def _center(box: Box) -> tuple[float, float]:
    return box.x + box.w / 2, box.y + box.h / 2
