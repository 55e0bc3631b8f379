"""Marks that do not jitter: each follows its track's face through a filter of its own. Pure: time comes with the marks.

A detector's box trembles by a percent or two from frame to frame while the face keeps still. The One Euro filter (Casiez, Roussel
and Vogel, 2012) takes the tremble out of a slow movement and follows a fast one at once; what is left is held by a little slack.
Distances are in box sides, so that near and far faces are treated alike.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from facecam.rendering.annotations import FaceAnnotation
from facecam.types import Box

CUTOFF_HZ = 1.2
"""Slower movements pass whole; the tremble is faster."""

CUTOFF_PER_SPEED = 6.0
"""By how many hertz the cutoff rises for each box side per second."""

SLACK = 0.006
"""So far, in box sides, the filtered box may move before the shown one follows."""

JUMP = 0.6
"""A box this far, in box sides, from the last one is shown where it is."""

GONE_AFTER_MS = 160.0
"""A face that is missed in a frame or two keeps its mark for so long."""

WORDS_EVERY_MS = 500.0
"""The small words of a mark change no more often than this; the name changes at once."""

_SPEED_CUTOFF_HZ = 1.0


class _Value:
    """One number through the filter."""

    def __init__(self, value: float) -> None:
        self._raw = self._filtered = self.shown = value
        self._speed = 0.0

    def follow(self, value: float, elapsed_s: float, side: float) -> float:
        """Where it is shown, given its newest measurement."""
        speed = (value - self._raw) / side / elapsed_s
        self._raw = value
        self._speed += _share(_SPEED_CUTOFF_HZ, elapsed_s) * (speed - self._speed)
        share = _share(CUTOFF_HZ + CUTOFF_PER_SPEED * abs(self._speed), elapsed_s)
        self._filtered += share * (value - self._filtered)
        slack = SLACK * side
        self.shown = min(max(self.shown, self._filtered - slack), self._filtered + slack)
        return self.shown


def _share(cutoff_hz: float, elapsed_s: float) -> float:
    """How much of a new value passes a low pass of the first order."""
    return 1 / (1 + 1 / (math.tau * cutoff_hz * elapsed_s))


@dataclass(slots=True)
class _Followed:
    """A track's values (middle x and y, width, height), its mark as shown, and when it was seen and its words changed."""

    values: list[_Value]
    mark: FaceAnnotation
    seen_ms: float
    worded_ms: float


class Smoother:
    """Knows the tracks of one source from frame to frame."""

    def __init__(self) -> None:
        self._followed: dict[int, _Followed] = {}

    def smoothed(self, marks: tuple[FaceAnnotation, ...], t_ms: float) -> tuple[FaceAnnotation, ...]:
        """The marks as they are to be shown at `t_ms`, with those of faces that were there just before; largest ids last."""
        loose = tuple(mark for mark in marks if mark.track_id is None)
        for mark in marks:
            if mark.track_id is not None:
                self._follow(mark.track_id, mark, t_ms)
        still = {number: one for number, one in self._followed.items() if 0 <= t_ms - one.seen_ms <= GONE_AFTER_MS}
        self._followed = still
        return loose + tuple(still[number].mark for number in sorted(still))

    def forget(self) -> None:
        """Begin anew: what comes next is another picture."""
        self._followed.clear()

    def _follow(self, track_id: int, mark: FaceAnnotation, t_ms: float) -> None:
        box = mark.box
        now = (box.x + box.w / 2, box.y + box.h / 2, box.w, box.h)
        before = self._followed.get(track_id)
        if before is None or t_ms <= before.seen_ms or _jumps(before.mark.box, now):
            self._followed[track_id] = _Followed([_Value(value) for value in now], mark, t_ms, t_ms)
            return
        elapsed_s, side = (t_ms - before.seen_ms) / 1e3, box.longer_side_px
        x, y, w, h = (value.follow(new, elapsed_s, side) for value, new in zip(before.values, now, strict=True))
        shown = dataclasses.replace(mark, box=Box(x - w / 2, y - h / 2, w, h))
        hold = mark.title == before.mark.title and t_ms - before.worded_ms < WORDS_EVERY_MS
        if hold:
            shown = dataclasses.replace(shown, detail=before.mark.detail)
        self._followed[track_id] = _Followed(before.values, shown, t_ms, before.worded_ms if hold else t_ms)


def _jumps(shown: Box, now: tuple[float, float, float, float]) -> bool:
    away = math.hypot(shown.x + shown.w / 2 - now[0], shown.y + shown.h / 2 - now[1])
    side = max(now[2], now[3])
    return away > JUMP * side or abs(shown.longer_side_px - side) > JUMP * side
