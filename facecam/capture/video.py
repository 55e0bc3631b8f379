"""The seam to cv2.VideoCapture, shared by cameras, files and streams. Nothing else in the program touches it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import cv2

from facecam.errors import ImageError
from facecam.imageio import to_bgr8
from facecam.types import Image

# Read by OpenCV when the first capture is made. Without the former, V4L2 waits 10 s on a dead camera; without the latter,
# FFmpeg writes about every damaged packet on stderr.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


@dataclass(frozen=True, slots=True)
class FrameTime:
    """When a picture was taken (monotonic), and the medium's time if there is one."""

    at_s: float
    media_ms: float | None


@dataclass(frozen=True, slots=True, eq=False)
class GrabbedFrame:
    """A decoded picture and its moment."""

    bgr: Image
    captured_at_s: float
    media_ms: float | None


class VideoReader:
    """A cv2.VideoCapture that stamps each picture as it is taken. `opened` says whether there is anything behind it.

    `stops_because` is what a person should look at when a live one stops.
    """

    stops_because = "check cable and power"

    def __init__(self, target: int | str, backend: int, parameters: Sequence[int] = ()) -> None:
        if isinstance(target, int):
            self._capture = cv2.VideoCapture(target, backend, list(parameters))
        else:
            self._capture = cv2.VideoCapture(target, backend, list(parameters))

    @property
    def opened(self) -> bool:
        return self._capture.isOpened()

    def ask(self, property_id: int, value: float) -> None:
        """Ask for a property; a device that refuses is none the worse for it."""
        self._capture.set(property_id, value)

    def says(self, property_id: int) -> float | None:
        """A property as it is now; None when it is unknown, which backends say with 0, a negative number or nan."""
        value = float(self._capture.get(property_id))
        return value if math.isfinite(value) and value > 0 else None

    def grab(self) -> FrameTime | None:
        """Take the next picture, not decoded yet; None when there is none, which for a device means that something is wrong."""
        try:
            if not self._capture.grab():
                return None
        except cv2.error:
            return None  # a backend that asserts instead of saying no
        return FrameTime(time.monotonic(), self.says(cv2.CAP_PROP_POS_MSEC))

    def decode(self) -> Image | None:
        """The picture that was grabbed last; None when it is damaged. V4L2 says so with an empty one, others with False."""
        try:
            done, decoded = self._capture.retrieve()
            return to_bgr8(decoded) if done and decoded is not None else None
        except (cv2.error, ImageError):
            return None

    def read(self) -> GrabbedFrame | None:
        """The next picture; None when there is none or it is damaged."""
        moment = self.grab()
        bgr = None if moment is None else self.decode()
        return None if moment is None or bgr is None else GrabbedFrame(bgr, moment.at_s, moment.media_ms)

    def close(self) -> None:
        self._capture.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
