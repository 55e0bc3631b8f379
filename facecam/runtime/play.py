"""A source played through a recogniser into sinks, in one thread: every frame of a file, or in a window those that are due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from facecam.logbook.rows import Origin
from facecam.logbook.writer import LogWriter
from facecam.overlay import annotate, draw
from facecam.recognizer import Recognizer
from facecam.recorder import VideoRecorder
from facecam.types import Frame, Result

Stop = Callable[[], bool]


class Sink(Protocol):
    """Takes every recognised frame."""

    def __call__(self, frame: Frame, result: Result) -> None: ...


@dataclass(frozen=True, slots=True)
class Played:
    """How far a source was played."""

    frames: int
    dropped: int


def play(frames: Iterator[Frame], recognizer: Recognizer, sinks: Sequence[Sink], stop: Stop, log: LogWriter | None) -> Played:
    """Recognise frame after frame and tell every sink, until the source ends or `stop()`; then log who leaves."""
    count, dropped, last = 0, 0, None
    for frame in frames:
        if stop():
            break
        if last is not None:
            dropped += frame.index - last.index - 1
        result = recognizer(frame)
        if log is not None:
            log.write(result, dropped)
        for sink in sinks:
            sink(frame, result)
        count, last = count + 1, frame
    if last is not None:
        for event in recognizer.finish(last.t_ms):
            if log is not None:
                log.event(event, last.t_ms, Origin(last.source, last.camera_id, recognizer.mode))
    return Played(count, dropped)


def in_real_time(frames: Iterator[Frame], stop: Stop) -> Iterator[Frame]:
    """The frames of a file at its own rate: early ones wait for their time, late ones are left out."""
    started_s = time.monotonic()
    origin_ms: float | None = None
    for frame in frames:
        if origin_ms is None:
            origin_ms = frame.t_ms
        due_s = started_s + (frame.t_ms - origin_ms) / 1e3
        early_s = due_s - time.monotonic()
        if early_s < -_LATE_S and frame.index % _NEVER_ALL_LATE:
            continue
        while early_s > 0 and not stop():
            time.sleep(min(early_s, 0.05))
            early_s = due_s - time.monotonic()
        yield frame


# A frame more than this late is left out ...
_LATE_S = 0.1
# ... but for one of so many: a machine that cannot keep up still shows something.
_NEVER_ALL_LATE = 10


class Recording:
    """A sink that writes what is shown to a video file; opened with the first frame's size."""

    def __init__(self, open_recorder: Callable[[tuple[int, int]], VideoRecorder]) -> None:
        self._open_recorder = open_recorder
        self._recorder: VideoRecorder | None = None

    def __call__(self, frame: Frame, result: Result) -> None:
        if self._recorder is None:
            self._recorder = self._open_recorder(frame.size_wh)
        picture = frame.bgr.copy()
        draw(picture, annotate(result))
        self._recorder.write(picture)

    def close(self) -> None:
        """Finish the file; nothing to do when no frame came."""
        if self._recorder is not None:
            self._recorder.close()
