"""What is known of somebody who is or was before the camera, as a picture of one moment. Nothing here changes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from facecam.types import Box, Expression, Kind, Picture, Sighting

PORTRAIT_PX = 192
"""Side of a portrait: a face of half that is 77 px wide in it, enough for a card on a sharp screen, and to be found again."""

_AROUND = 2.5


@dataclass(frozen=True, slots=True)
class Moment:
    """When a frame was: `t_ms` of its source's media, `at_s` monotonic; only the latter is comparable between sources."""

    t_ms: float
    at_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One face in one frame of `size_wh`. `crop_rgb` (96, 96, 3) is the aligned face, as the network gets it.

    `threshold_l2` is the one that its decision was made with.
    """

    slot: int
    moment: Moment
    size_wh: tuple[int, int]
    sighting: Sighting
    threshold_l2: float | None
    crop_rgb: Picture


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The square (side, side, 3) around a face, at most PORTRAIT_PX wide. `fitness` is 0 for a face that passed no gate."""

    bgr: Picture
    fitness: float


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A visitor: a person by `person_id` and `name`, or one face that nobody knows, which has neither.

    `track_ids` are the tracks that are there now; () when the visitor has gone. `since` begins the visit that is or was the
    last, `first` the first one of `visits`. `sighting` is the newest; `compared` the newest that the network ran on, None before
    the first; `measured` the newest whose sharpness and light were measured. `portrait` is the best picture so far.
    """

    card_id: str
    name: str | None
    person_id: str | None
    track_ids: tuple[int, ...]
    last_track_id: int
    first: Moment
    since: Moment
    last: Moment
    visits: int
    sighting: Sighting
    compared: Look | None
    measured: Look | None
    portrait: Portrait

    @property
    def here(self) -> bool:
        return bool(self.track_ids)

    @property
    def kind(self) -> Kind:
        """How sure the track's decision is."""
        return self.sighting.vote.decision.kind

    @property
    def guess(self) -> str | None:
        """The name to be shown with a question mark: whom an undecided face is near, or was taken for before."""
        if self.kind in (Kind.KNOWN, Kind.UNKNOWN):
            return None
        nearest = self.sighting.vote.decision.nearest
        near = self.sighting.decision.kind in (Kind.KNOWN, Kind.UNSURE)
        return self.name or (nearest.name if near and nearest is not None else None)

    @property
    def expression(self) -> Expression | None:
        """What the face shows; None once it has gone."""
        return self.sighting.expression if self.here else None


def portrait(bgr: Picture, box: Box) -> Picture:
    """The square around a face, at most PORTRAIT_PX wide, the face in its middle; beyond the frame its edge is drawn out."""
    side = max(1, round(_AROUND * box.longer_side_px))
    left, top = round(box.x + box.w / 2 - side / 2), round(box.y + box.h / 2 - side / 2)
    height, width = bgr.shape[:2]
    (x1, x2), (y1, y2) = _inside(left, side, width), _inside(top, side, height)
    west, north = _before(left, x1, side - x2 + x1), _before(top, y1, side - y2 + y1)
    east, south = side - x2 + x1 - west, side - y2 + y1 - north
    square = np.asarray(cv2.copyMakeBorder(bgr[y1:y2, x1:x2], north, south, west, east, cv2.BORDER_REPLICATE), np.uint8)
    if side <= PORTRAIT_PX:
        return square
    # Of a near face every second or third pixel is enough: shrinking all of them takes twice as long.
    step = max(1, side // (2 * PORTRAIT_PX))
    square = np.ascontiguousarray(square[::step, ::step])
    return np.asarray(cv2.resize(square, (PORTRAIT_PX, PORTRAIT_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _inside(begin: int, length: int, end: int) -> tuple[int, int]:
    """The part of a stretch that lies within 0 and `end`; at least one pixel, though it be beyond."""
    first = min(max(begin, 0), end - 1)
    return first, max(first + 1, min(begin + length, end))


def _before(begin: int, first: int, missing: int) -> int:
    """How much of what is missing lies before the part."""
    return min(max(first - begin, 0), missing)


def fitness(sighting: Sighting) -> float:
    """How good a portrait this face makes, above 0 only when it passed the gates: large, sharp and from the front is best."""
    if sighting.gate is not None or sighting.quality.sharpness is None:
        return 0.0
    return min(sighting.face.box.longer_side_px, PORTRAIT_PX / _AROUND) * sighting.evidence_weight
