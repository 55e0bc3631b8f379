"""Live sources: frames that arrive on their own, stamped with the session's time. Base of cameras and network streams."""

from __future__ import annotations

import time
from typing import Protocol

from facecam.capture.video import Closing, FrameTime
from facecam.errors import CameraError
from facecam.messages import TranslatableText
from facecam.types import Frame, Image, SourceTime

MAX_DAMAGED_S = 2.0
"""Longest time in which every frame may be damaged."""

# Two frames that arrive together have the same time, but later stages divide by the time between frames.
_MIN_STEP_MS = 0.001

_RETRY_S = 0.02


class LiveFrames(Protocol):
    """Reader of frames as they arrive."""

    @property
    def stop_advice(self) -> TranslatableText:
        """Return the end of the message that it has stopped."""
        ...

    def grab(self) -> FrameTime | None:
        """Wait a bounded time for the next frame; None when the source has stopped."""
        ...

    def decode(self) -> Image | None:
        """Return the grabbed frame; None when it is damaged."""
        ...

    def close(self) -> None: ...


class LiveSource(Closing):
    """Source of live frames. The first is read on opening, which proves that the source delivers.

    `size_wh` is the size of the newest frame, which may change during a run; `damaged_frames` counts skipped frames.
    """

    live = True
    first_frame_timeout_s = 0.0
    """Longest wait for the first frame; some cameras open before they can deliver."""
    frame_count: int | None = None
    time: SourceTime | None = None

    def __init__(self, reader: LiveFrames, source: str, camera_id: str, started_at_s: float) -> None:
        self.source = source
        self.camera_id = camera_id
        self.fps: float | None = None
        self.damaged_frames = 0
        self._reader = reader
        self._started_at_s = started_at_s
        self._index = 0
        self._captured_at_s = 0.0
        self._t_ms = -_MIN_STEP_MS
        self._failed: TranslatableText | None = None
        self._first: tuple[Image, FrameTime] | None = self._first_whole()
        self.size_wh: tuple[int, int] | None = self._first[0].shape[1::-1]

    def read(self) -> Frame | None:
        """Wait for the next frame. CameraError once the source has stopped."""
        (bgr, frame_time), self._first = self._first or self._next_whole(), None
        self.size_wh = bgr.shape[1::-1]
        # A driver's stamps step back when its clock is set; the session's time never does.
        self._captured_at_s = max(self._captured_at_s, self._capture_time_s(frame_time))
        self._t_ms = max(self._t_ms + _MIN_STEP_MS, (self._captured_at_s - self._started_at_s) * 1000)
        frame = Frame(bgr, self._index, self._t_ms, self._captured_at_s, self.source, self.camera_id)
        self._index += 1
        return frame

    def close(self) -> None:
        self._reader.close()
        self._first = None
        self._failed = self._failed or TranslatableText("{source} is closed", source=self.source)

    def _capture_time_s(self, frame_time: FrameTime) -> float:
        """Return the capture time on the monotonic clock."""
        return frame_time.at_s

    def _first_whole(self) -> tuple[Image, FrameTime]:
        waiting_since_s = time.monotonic()
        while (frame_time := self._reader.grab()) is None:
            if time.monotonic() - waiting_since_s > self.first_frame_timeout_s:
                self.close()
                raise CameraError(self._no_image_message())
            time.sleep(_RETRY_S)
        return self._next_whole(frame_time)

    def _no_image_message(self) -> TranslatableText:
        """Return the error message for a source that opens and delivers nothing."""
        advice = self._reader.stop_advice
        return TranslatableText("{source} opens but delivers no image; {advice}", source=self.source, advice=advice)

    def _next_whole(self, frame_time: FrameTime | None = None) -> tuple[Image, FrameTime]:
        """Return the next undamaged frame; a damaged one is skipped."""
        if self._failed:
            raise CameraError(self._failed)
        waiting_since_s = time.monotonic()
        while True:
            frame_time = frame_time or self._reader.grab()
            if frame_time is None:
                raise self._stop(
                    CameraError(
                        "{source} has stopped delivering after {count} frames; {advice}",
                        source=self.source,
                        count=self._index,
                        advice=self._reader.stop_advice,
                    )
                )
            bgr = self._reader.decode()
            if bgr is not None:
                return bgr, frame_time
            self.damaged_frames += 1
            if frame_time.at_s - waiting_since_s > MAX_DAMAGED_S:
                raise self._stop(
                    CameraError(
                        "{source} delivers only damaged images; check the cable, or try another USB port or a smaller image size",
                        source=self.source,
                    )
                )
            frame_time = None

    def _stop(self, error: CameraError) -> CameraError:
        """Close the reader and return the error, which each later read raises, too."""
        self._failed = error.text
        self._reader.close()
        return error
