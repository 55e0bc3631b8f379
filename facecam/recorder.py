"""A video file of what is shown."""

from __future__ import annotations

import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from facecam.atomic import PART_PREFIX
from facecam.errors import LogError
from facecam.types import Picture

_CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "mp4v"}
_DEFAULT_FPS = 30.0


class VideoRecorder:
    """Writes frames into `path` (.mp4, .mkv or .avi): beside it while it runs, moved over it when it is closed.

    The video's size is `size_wh` less an odd last row and column, which no codec takes; a frame of another size is fitted into
    it with black borders. What was written until an error is kept; without a single frame no file is left behind.
    """

    def __init__(self, path: Path | str, size_wh: tuple[int, int], fps: float | None = None) -> None:
        self.path = Path(path)
        codec = _CODECS.get(self.path.suffix.lower())
        if codec is None:
            raise LogError(f"a video cannot be recorded as {self.path.name}; let its name end in {', '.join(_CODECS)}")
        if not self.path.parent.is_dir():
            raise LogError(f"{self.path} cannot be recorded: there is no folder {self.path.parent}; make it first")
        self._size_wh = (size_wh[0] // 2 * 2, size_wh[1] // 2 * 2)
        self._part = self.path.parent / f"{PART_PREFIX}{uuid.uuid4().hex}{self.path.suffix.lower()}"
        fourcc = cv2.VideoWriter.fourcc(*codec)
        self._writer = cv2.VideoWriter(str(self._part), cv2.CAP_FFMPEG, fourcc, fps or _DEFAULT_FPS, self._size_wh)
        self._frames = 0
        if not self._writer.isOpened():
            self._writer.release()
            self._part.unlink(missing_ok=True)
            raise LogError(
                f"{self.path} cannot be recorded with {size_wh[0]} x {size_wh[1]} pixels; check that its folder may be written, "
                "or try .avi"
            )

    def write(self, bgr: Picture) -> None:
        """Add a frame (height, width, 3) uint8."""
        self._writer.write(bgr if (bgr.shape[1], bgr.shape[0]) == self._size_wh else fitted(bgr, self._size_wh))
        self._frames += 1

    def close(self) -> None:
        """Finish the file and move it to its place; nothing the second time. LogError when it did not get there."""
        if not self._writer.isOpened():
            return
        self._writer.release()
        try:
            if self._frames:
                self._part.replace(self.path)
        except OSError as error:
            raise LogError(f"{self.path} cannot be written: {error.strerror or error}") from error
        finally:
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def fitted(bgr: Picture, size_wh: tuple[int, int]) -> Picture:
    """The picture as large as goes into `size_wh`, in its middle; one pixel too many is cut off instead."""
    wide, high = size_wh
    if 0 <= bgr.shape[1] - wide <= 1 and 0 <= bgr.shape[0] - high <= 1:
        return np.ascontiguousarray(bgr[:high, :wide])
    factor = min(wide / bgr.shape[1], high / bgr.shape[0])
    inner_w, inner_h = max(1, round(bgr.shape[1] * factor)), max(1, round(bgr.shape[0] * factor))
    smaller = cv2.resize(bgr, (inner_w, inner_h), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    canvas = np.zeros((high, wide, 3), np.uint8)
    x, y = (wide - inner_w) // 2, (high - inner_h) // 2
    canvas[y : y + inner_h, x : x + inner_w] = smaller
    return canvas
