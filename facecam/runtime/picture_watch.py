"""Whether a live picture still lives. Pure: time comes with the frames."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from facecam.types import Frame, Picture

FROZEN_AFTER_MS = 2000.0
BLACK_AFTER_MS = 2000.0

_BLACK = 20
"""No pixel of a covered lens is brighter: sensors show noise of a few levels, and coded video has its black at 16."""

_EVERY = 8


class Fault(StrEnum):
    """What is wrong with pictures that do arrive."""

    FROZEN = "frozen"
    BLACK = "black"


class PictureWatch:
    """Looks at every frame of one live source.

    A sensor's noise changes every picture, so the same one for two seconds is a device or driver that repeats its last. Some
    pictures are still for good reason, a coded stream of an empty room or a drawn one: what comes again after reconnecting was
    no fault, and is not called frozen a second time.
    """

    def __init__(self) -> None:
        self._seen: Picture | None = None
        self._still_since_ms = 0.0
        self._black_since_ms: float | None = None
        self._stands_still: Picture | None = None

    def see(self, frame: Frame) -> Fault | None:
        """What has been wrong for long enough to be said, with this frame."""
        if self._seen is None or not _same(self._seen, frame.bgr):
            self._seen, self._still_since_ms = frame.bgr, frame.t_ms
        if not _black(frame.bgr):
            self._black_since_ms = None
        elif self._black_since_ms is None:
            self._black_since_ms = frame.t_ms
        if self._black_since_ms is not None:
            return Fault.BLACK if frame.t_ms - self._black_since_ms >= BLACK_AFTER_MS else None
        if frame.t_ms - self._still_since_ms < FROZEN_AFTER_MS or self._known_to_stand_still(frame.bgr):
            return None
        self._stands_still = frame.bgr
        return Fault.FROZEN

    def reopened(self) -> None:
        """The source was opened again: the next picture is a first one."""
        self._seen = self._black_since_ms = None

    def _known_to_stand_still(self, bgr: Picture) -> bool:
        return self._stands_still is not None and _same(self._stands_still, bgr)


def _same(one: Picture, other: Picture) -> bool:
    """Whether two pictures are equal in every pixel; most differences show in a 64th of them."""
    if one.shape != other.shape or not np.array_equal(one[::_EVERY, ::_EVERY], other[::_EVERY, ::_EVERY]):
        return False
    return np.array_equal(one, other)


def _black(bgr: Picture) -> bool:
    return int(bgr[::_EVERY, ::_EVERY].max()) <= _BLACK
