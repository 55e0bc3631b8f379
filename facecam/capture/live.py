"""What cameras and network streams have in common: frames that come by themselves, stamped with the session's time."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import cv2

from facecam.capture.video import Grabbed, VideoReader
from facecam.errors import CameraError
from facecam.types import Frame


class LiveSource:
    """Reads an opened VideoReader until it fails. The first frame is taken at once: only then is it known that one comes."""

    live = True
    frame_count: int | None = None

    def __init__(self, reader: VideoReader, source: str, camera_id: str, started_at_s: float) -> None:
        self.source = source
        self.camera_id = camera_id
        self._reader = reader
        self._started_at_s = started_at_s
        self._index = 0
        self._first: Grabbed | None = reader.read()
        if self._first is None:
            reader.close()
            raise CameraError(
                f"{source} opens but delivers no picture; close other programs that use it, and see that this one may use cameras"
            )
        self.size_wh: tuple[int, int] | None = (self._first.bgr.shape[1], self._first.bgr.shape[0])
        self.fps = reader.says(cv2.CAP_PROP_FPS)

    def read(self) -> Frame | None:
        """The next frame, waiting for it. CameraError when none comes any more."""
        grabbed, self._first = self._first or self._reader.read(), None
        if grabbed is None:
            raise CameraError(
                f"{self.source} has stopped delivering after {self._index} frames; check cable and power, then start again"
            )
        frame = Frame(
            bgr=grabbed.bgr,
            index=self._index,
            t_ms=max(0.0, (grabbed.captured_at_s - self._started_at_s) * 1000),
            captured_at_s=grabbed.captured_at_s,
            source=self.source,
            camera_id=self.camera_id,
        )
        self._index += 1
        return frame

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
