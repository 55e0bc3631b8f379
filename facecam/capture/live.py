"""What cameras and network streams have in common: frames that come by themselves, stamped with the session's time."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol, Self

from facecam.capture.video import FrameTime
from facecam.errors import CameraError
from facecam.types import Frame, Image

DAMAGED_S = 2.0
"""How long nothing but damaged pictures may come."""

# Two pictures that come in one piece have one moment; what divides by the time between frames must not meet zero.
_APART_MS = 0.001

_PAUSE_S = 0.02


class LiveFrames(Protocol):
    """Delivers pictures as they come. `stops_because` completes the sentence that says it has stopped."""

    stops_because: str

    def grab(self) -> FrameTime | None:
        """Wait for the next picture, for a bounded time; None when none comes any more."""
        ...

    def decode(self) -> Image | None:
        """The picture that was grabbed; None when it is damaged."""
        ...

    def close(self) -> None: ...


class LiveSource:
    """Reads live pictures until they stop. The first is taken at once: only then is it known that one comes.

    `size_wh` is the size of the newest frame, which may change in mid-run. `damaged_frames` counts those that were skipped.
    """

    live = True
    patience_s = 0.0
    """How long the first pictures may be missing; some cameras open before they can deliver."""
    frame_count: int | None = None

    def __init__(self, pictures: LiveFrames, source: str, camera_id: str, started_at_s: float) -> None:
        self.source = source
        self.camera_id = camera_id
        self.fps: float | None = None
        self.damaged_frames = 0
        self._pictures = pictures
        self._started_at_s = started_at_s
        self._index = 0
        self._captured_at_s = 0.0
        self._t_ms = -_APART_MS
        self._failed: str | None = None
        self._first: tuple[Image, FrameTime] | None = self._take_first()
        self.size_wh: tuple[int, int] | None = _size_wh(self._first[0])

    def read(self) -> Frame | None:
        """The next frame, waiting for it. CameraError when none comes any more, and from then on."""
        (bgr, moment), self._first = self._first or self._take(), None
        self.size_wh = _size_wh(bgr)
        # A driver's stamps may step back, when the clock behind them is set; the session's time never does.
        self._captured_at_s = max(self._captured_at_s, self._taken_at_s(moment))
        self._t_ms = max(self._t_ms + _APART_MS, (self._captured_at_s - self._started_at_s) * 1000)
        frame = Frame(bgr, self._index, self._t_ms, self._captured_at_s, self.source, self.camera_id)
        self._index += 1
        return frame

    def close(self) -> None:
        self._pictures.close()
        self._first = None
        self._failed = self._failed or f"{self.source} is closed"

    def _taken_at_s(self, moment: FrameTime) -> float:
        """When the picture was taken, on the monotonic clock."""
        return moment.at_s

    def _take_first(self) -> tuple[Image, FrameTime]:
        asked_at_s = time.monotonic()
        while (moment := self._pictures.grab()) is None:
            if time.monotonic() - asked_at_s > self.patience_s:
                self.close()
                raise CameraError(self._shows_nothing())
            time.sleep(_PAUSE_S)
        return self._take(moment)

    def _shows_nothing(self) -> str:
        """The sentence for a source that opens and then delivers nothing."""
        return f"{self.source} opens but delivers no picture; {self._pictures.stops_because}"

    def _take(self, moment: FrameTime | None = None) -> tuple[Image, FrameTime]:
        """The next picture that is whole. A torn one is not the end: the next may be good again."""
        if self._failed:
            raise CameraError(self._failed)
        asked_at_s = time.monotonic()
        while True:
            moment = moment or self._pictures.grab()
            if moment is None:
                return self._fail(f"has stopped delivering after {self._index} frames; {self._pictures.stops_because}")
            bgr = self._pictures.decode()
            if bgr is not None:
                return bgr, moment
            self.damaged_frames += 1
            if moment.at_s - asked_at_s > DAMAGED_S:
                return self._fail("delivers only damaged pictures; check the cable, another USB port, or a smaller picture")
            moment = None

    def _fail(self, what: str) -> tuple[Image, FrameTime]:
        self._failed = f"{self.source} {what}"
        self._pictures.close()
        raise CameraError(self._failed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _size_wh(bgr: Image) -> tuple[int, int]:
    return bgr.shape[1], bgr.shape[0]
