"""A source's frames -> the views of a thing that is held up, found where the live mode finds it; with what was seen around it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Self

from facecam.detect.follow import Follower
from facecam.detect.mtcnn import Mtcnn
from facecam.objects.classifier import centre
from facecam.objects.locate import LOOKS, Locator, guide_box, heart, overlap
from facecam.settings import DetectSettings, FollowSettings, Settings
from facecam.teach.views import Reader, Views
from facecam.types import Box, Frame

LIVE_SECONDS = 10.0
ROOM_SECONDS = 2.0
"""At the start of a camera's lesson: the room alone, so that what is new in it is the thing."""

INTERVAL_MS = 95.0
"""Between two frames that are looked at; ten a second show every side of a thing that is turned by hand."""

_BESIDE_EVERY = 4
_CORNER_SHARE = 0.4
_SHARES = (LOOKS, (LOOKS[0], 1.05))
"""In turns: the live mode's two squares; and a larger one, since its place is not always the same about the same thing."""

_MIN_FACE_PX = 60


Finder = Callable[[Frame, bool], Box | None]
"""Where something new is in a source's next frame, None where nothing is; told whether it stays new however long it is there."""


class Part(StrEnum):
    """What a collector waits for."""

    ROOM = "room"
    THING = "thing"
    DONE = "done"


class Eyes:
    """A Finder that looks as the live mode does. A context manager, owned by its thread."""

    def __init__(self, settings: Settings) -> None:
        self._detector = Mtcnn(DetectSettings(min_face_size_px=_MIN_FACE_PX, threads=settings.detect.threads))
        self._follower = Follower(self._detector, FollowSettings(detect_every_frames=5, detect_moving_every_frames=3))
        self._locator = Locator()
        self._place: Box | None = None

    def __call__(self, frame: Frame, stays: bool) -> Box | None:
        faces = [face.box for face in self._follower.detect(frame.bgr)]
        self._place = self._locator.find(frame.bgr, frame.t_ms, faces, self._place if stays else None)
        return self._place

    def close(self) -> None:
        """Give the detector's networks back."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Collector:
    """Takes a source's frames in turn: `room_s` seconds of the empty scene, then `thing_s` of the thing, None for all there are.

    `empty`: nothing is held up at all, so everything is a view of the background.
    """

    def __init__(self, reader: Reader, finder: Finder, room_s: float, thing_s: float | None, *, empty: bool = False) -> None:
        self.views = Views()
        self.part = Part.ROOM if room_s and not empty else Part.THING
        self._reader = reader
        self._finder = finder
        self._room_s, self._thing_s, self._empty = room_s, thing_s, empty
        self._since_ms: float | None = None
        self._last_ms = float("-inf")

    def wants(self, frame: Frame) -> bool:
        """Whether it is time for another frame."""
        return self.part is not Part.DONE and not 0 <= frame.t_ms - self._last_ms < INTERVAL_MS

    def done_share(self) -> float:
        """How much of the part that runs is over, 0 to 1; 0 where there is no end to see."""
        seconds = self._room_s if self.part is Part.ROOM else self._thing_s
        if self._since_ms is None or not seconds:
            return 0.0
        return min(1.0, (self._last_ms - self._since_ms) / 1e3 / seconds)

    def take(self, frame: Frame) -> None:
        """Look at a frame; afterwards `part` says what is wanted next."""
        self._last_ms = frame.t_ms
        self._since_ms = frame.t_ms if self._since_ms is None else self._since_ms
        place = self._finder(frame, self.part is Part.THING)
        if self.part is Part.ROOM or self._empty:
            self._keep_room(frame, place)
        else:
            self._keep_thing(frame, place)
        if self.done_share() >= 1:
            self.part = Part.THING if self.part is Part.ROOM else Part.DONE
            self._since_ms = None

    def _keep_room(self, frame: Frame, place: Box | None) -> None:
        new = () if place is None else (heart(place, frame.size_wh, LOOKS[0]),)
        features = self._reader(frame.bgr, (centre(frame.bgr), guide_box(frame.size_wh), *new))
        if self._empty:
            self.views.seen += 1
            for row in features:
                self.views.keep(row)
        else:
            self.views.beside += list(features)

    def _keep_thing(self, frame: Frame, place: Box | None) -> None:
        views = self.views
        views.seen += 1
        if place is None:
            views.without += 1
            views.middle += list(self._reader(frame.bgr, (guide_box(frame.size_wh),)))
            return
        squares = [heart(place, frame.size_wh, share) for share in _SHARES[views.seen % len(_SHARES)]]
        around = [] if views.seen % _BESIDE_EVERY else [box for box in _corners(frame.size_wh) if overlap(box, place) == 0]
        features = self._reader(frame.bgr, (*squares, *around))
        for row in features[: len(squares)]:
            views.keep(row)
        views.beside += list(features[len(squares) :])


def _corners(size_wh: tuple[int, int]) -> list[Box]:
    side = max(1.0, _CORNER_SHARE * min(size_wh))
    right, bottom = size_wh[0] - side, size_wh[1] - side
    return [Box(x, y, side, side) for x in (0, right) for y in (0, bottom)]
