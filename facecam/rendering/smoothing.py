"""Temporal smoothing of annotations with a One Euro filter per track. Pure: time comes with the annotations.

A detector's boxes jitter by a percent or two while the face keeps still. The One Euro filter (Casiez, Roussel and Vogel, 2012)
removes jitter from slow movements and follows fast ones at once; a dead zone removes the rest. Distances are in box sides, so
that near and far faces are treated alike.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from facecam.rendering.annotations import FaceAnnotation
from facecam.types import Box

CUTOFF_HZ = 1.2
"""Cutoff of the low pass for a face at rest; jitter is faster."""

CUTOFF_PER_SPEED = 6.0
"""Increase of the cutoff in hertz per speed of one box side per second."""

SLACK = 0.006
"""Dead zone in box sides: the displayed box follows the filtered one only beyond it."""

JUMP = 0.6
"""A box farther than this from the last one, in box sides, is not smoothed."""

GONE_AFTER_MS = 160.0
"""Time for which a face that is missed in a frame or two keeps its annotation."""

WORDS_EVERY_MS = 500.0
"""Minimum interval between changes of the detail text; the title changes at once."""

_SPEED_CUTOFF_HZ = 1.0


class _OneEuroFilter:
    """One Euro filter with a dead zone, for one number."""

    def __init__(self, value: float) -> None:
        self._raw = self._filtered = self.output = value
        self._speed = 0.0

    def update(self, value: float, elapsed_s: float, side: float) -> float:
        """Return the filtered value after a new measurement."""
        speed = (value - self._raw) / side / elapsed_s
        self._raw = value
        self._speed += _smoothing_factor(_SPEED_CUTOFF_HZ, elapsed_s) * (speed - self._speed)
        factor = _smoothing_factor(CUTOFF_HZ + CUTOFF_PER_SPEED * abs(self._speed), elapsed_s)
        self._filtered += factor * (value - self._filtered)
        slack = SLACK * side
        self.output = min(max(self.output, self._filtered - slack), self._filtered + slack)
        return self.output


def _smoothing_factor(cutoff_hz: float, elapsed_s: float) -> float:
    """Return the weight of a new value in a first-order low pass."""
    return 1 / (1 + 1 / (math.tau * cutoff_hz * elapsed_s))


@dataclass(slots=True)
class _SmoothedTrack:
    """Filters of a track (center x and y, width, height), its smoothed annotation, and the times of its last updates."""

    filters: list[_OneEuroFilter]
    annotation: FaceAnnotation
    seen_ms: float
    text_ms: float


class AnnotationSmoother:
    """Smoother for the annotations of one source."""

    def __init__(self) -> None:
        self._tracks: dict[int, _SmoothedTrack] = {}

    def smooth(self, marks: tuple[FaceAnnotation, ...], t_ms: float) -> tuple[FaceAnnotation, ...]:
        """Return the annotations to show at `t_ms`, with those of faces missed a moment ago; largest ids last."""
        untracked = tuple(mark for mark in marks if mark.track_id is None)
        for mark in marks:
            if mark.track_id is not None:
                self._update(mark.track_id, mark, t_ms)
        self._tracks = {number: one for number, one in self._tracks.items() if 0 <= t_ms - one.seen_ms <= GONE_AFTER_MS}
        return untracked + tuple(self._tracks[number].annotation for number in sorted(self._tracks))

    def reset(self) -> None:
        """Forget all tracks, because the next frame is unrelated."""
        self._tracks.clear()

    def _update(self, track_id: int, mark: FaceAnnotation, t_ms: float) -> None:
        box = mark.box
        measured = (box.x + box.w / 2, box.y + box.h / 2, box.w, box.h)
        last = self._tracks.get(track_id)
        if last is None or t_ms <= last.seen_ms or _jumps(last.annotation.box, measured):
            self._tracks[track_id] = _SmoothedTrack([_OneEuroFilter(value) for value in measured], mark, t_ms, t_ms)
            return
        elapsed_s, side = (t_ms - last.seen_ms) / 1e3, box.longer_side_px
        x, y, w, h = (each.update(value, elapsed_s, side) for each, value in zip(last.filters, measured, strict=True))
        smoothed = dataclasses.replace(mark, box=Box(x - w / 2, y - h / 2, w, h))
        keep_text = mark.title == last.annotation.title and t_ms - last.text_ms < WORDS_EVERY_MS
        if keep_text:
            smoothed = dataclasses.replace(smoothed, detail=last.annotation.detail)
        self._tracks[track_id] = _SmoothedTrack(last.filters, smoothed, t_ms, last.text_ms if keep_text else t_ms)


def _jumps(last: Box, measured: tuple[float, float, float, float]) -> bool:
    distance = math.hypot(last.x + last.w / 2 - measured[0], last.y + last.h / 2 - measured[1])
    side = max(measured[2], measured[3])
    return distance > JUMP * side or abs(last.longer_side_px - side) > JUMP * side
