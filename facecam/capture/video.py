"""Parts that all sources share, and the cv2.VideoCapture of cameras behind one class; no other module uses it."""

from __future__ import annotations

import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import cv2

from facecam.errors import ImageError
from facecam.imageio import to_bgr8
from facecam.messages import TranslatableText
from facecam.types import Image

# OpenCV reads both when it makes the first capture. Without the first, V4L2 waits 10 s for a dead camera; without the second,
# FFmpeg reports every damaged packet on stderr.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


@dataclass(frozen=True, slots=True)
class FrameTime:
    """Time of a frame on the monotonic clock, and the medium's own time if it has one."""

    at_s: float
    media_ms: float | None


class Closing(ABC):
    """Context manager that closes itself."""

    @abstractmethod
    def close(self) -> None:
        """Release what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class VideoReader(Closing):
    """A cv2.VideoCapture that stamps each frame. `stop_advice` says what to check when a live one stops."""

    stop_advice = TranslatableText("check the cable and the power")

    def __init__(self, target: int | str, backend: int, parameters: Sequence[int] = ()) -> None:
        if isinstance(target, int):
            self._capture = cv2.VideoCapture(target, backend, list(parameters))
        else:
            self._capture = cv2.VideoCapture(target, backend, list(parameters))

    @property
    def is_opened(self) -> bool:
        return self._capture.isOpened()

    def set(self, property_id: int, value: float) -> None:
        """Request a property's value, which a device may refuse."""
        self._capture.set(property_id, value)

    def get(self, property_id: int) -> float | None:
        """Return a property's value; None when it is unknown (backends return 0, a negative number or NaN)."""
        value = float(self._capture.get(property_id))
        return value if math.isfinite(value) and value > 0 else None

    def grab(self) -> FrameTime | None:
        """Grab the next frame without decoding it; None at the end, or when a device fails."""
        try:
            if not self._capture.grab():
                return None
        except cv2.error:
            return None  # Some backends raise instead of returning False.
        return FrameTime(time.monotonic(), self.get(cv2.CAP_PROP_POS_MSEC))

    def decode(self) -> Image | None:
        """Return the frame that was grabbed last; None when it is damaged (V4L2 returns an empty one, others False)."""
        try:
            retrieved, decoded = self._capture.retrieve()
            return to_bgr8(decoded) if retrieved and decoded is not None else None
        except (cv2.error, ImageError):
            return None

    def read(self) -> tuple[Image, FrameTime] | None:
        """Return the next frame; None at the end or when it is damaged."""
        frame_time = self.grab()
        bgr = None if frame_time is None else self.decode()
        return None if frame_time is None or bgr is None else (bgr, frame_time)

    def close(self) -> None:
        self._capture.release()
