"""A part of a source: every N-th frame between two times. The frames keep their own index and time."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

from facecam.capture.files import VideoFile
from facecam.capture.source import Source
from facecam.errors import SettingsError
from facecam.types import Frame

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)", re.ASCII)


class Excerpt:
    """A source itself, over another that it owns: every N-th frame with from_ms <= t_ms < to_ms, the first one included.

    It ends at `to_ms`, a live one too; there t_ms is the session's time. SettingsError when nothing could be between the times.
    """

    def __init__(self, source: Source, every: int = 1, from_ms: float = 0.0, to_ms: float | None = None) -> None:
        if every < 1:
            raise SettingsError(f"every is {every}, expected 1 (each frame) or more")
        if from_ms < 0 or (to_ms is not None and to_ms <= from_ms):
            raise SettingsError(f"an excerpt from {from_ms:g} to {to_ms} ms holds nothing; its end must come after its beginning")
        self.source = source.source
        self.camera_id = source.camera_id
        self.live = source.live
        self.fps = None if source.fps is None else source.fps / every
        self.size_wh = source.size_wh
        self.frame_count: int | None = None
        self._source = source
        self._every = every
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._next_index: int | None = None
        self._left_out = 0
        self._ended = False

    def read(self) -> Frame | None:
        """The next frame of the excerpt; None after its last. What the source raises, it raises."""
        while not self._ended and self._skip_to_next() and (frame := self._source.read()) is not None:
            self.size_wh = self._source.size_wh
            if self._to_ms is not None and frame.t_ms >= self._to_ms:
                break
            due = self._next_index is None or frame.index >= self._next_index
            if due and frame.t_ms >= self._from_ms:
                self._next_index = frame.index + self._every
                self._left_out = self._every - 1
                return frame
        self._ended = True
        return None

    def _skip_to_next(self) -> bool:
        """Leave out what is not wanted, where the source can do so without making pictures of it."""
        while self._left_out and isinstance(self._source, VideoFile):
            self._left_out -= 1
            if not self._source.skip():
                return False
        return True

    def close(self) -> None:
        self._ended = True
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def parse_time_ms(text: str) -> float:
    """The milliseconds of a time written as seconds, m:s or h:m:s: "90", "1:30" and "0:01:30.0" are the same.

    SettingsError for anything else.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise SettingsError(f"{text!r} is no time; write seconds, minutes:seconds or hours:minutes:seconds: 90, 1:30, 1:02:03.5")
    hours, minutes, seconds = int(found[1] or 0), int(found[2] or 0), float(found[3])
    # 1:75 is a slip of the hand: below a larger unit there are 0 to 59 of a smaller one.
    if (found[2] and seconds >= 60) or (found[1] and minutes >= 60):
        raise SettingsError(f"{text!r} is no time; minutes and seconds after a colon go up to 59")
    return (hours * 3600 + minutes * 60 + seconds) * 1000
