"""Recording of annotated frames as video, at the rate at which they were captured."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from facecam.errors import FacecamError, LogError
from facecam.fileio import PART_PREFIX
from facecam.rendering.annotations import annotate
from facecam.rendering.renderer import blur_faces, draw_overlay, unidentified_boxes
from facecam.types import Frame, Image, Result

_CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "mp4v"}
_DEFAULT_FPS = 30.0
_MAX_GAP_MS = 2000.0
"""A longer gap, while a camera was lost, is left out of the video."""

Overlay = Callable[[Image, Result, int], None]
"""Draws into an image (height, width, 3) uint8 what belongs to a result of the source in that slot."""


class VideoRecorder:
    """Writes frames to a temporary file and moves it to `path` (.mp4, .mkv or .avi) when it is closed.

    The video's size is `size_wh` without an odd last row and column, which no codec accepts; a frame of another size is fitted
    into it with black borders. After an error the video so far is kept; without any frame no file is written.
    """

    def __init__(self, path: Path | str, size_wh: tuple[int, int], fps: float | None = None) -> None:
        self.path = Path(path)
        codec = _CODECS.get(self.path.suffix.lower())
        if codec is None:
            raise LogError(f"a video cannot be recorded as {self.path.name}; use a name that ends in {', '.join(_CODECS)}")
        if not self.path.parent.is_dir():
            raise LogError(f"{self.path} cannot be recorded: the folder {self.path.parent} does not exist; create it first")
        self._size_wh = (size_wh[0] // 2 * 2, size_wh[1] // 2 * 2)
        self._fps = fps or _DEFAULT_FPS
        self._part = self.path.parent / f"{PART_PREFIX}{uuid.uuid4().hex}{self.path.suffix.lower()}"
        fourcc = cv2.VideoWriter.fourcc(*codec)
        self._writer = cv2.VideoWriter(str(self._part), cv2.CAP_FFMPEG, fourcc, self._fps, self._size_wh)
        self._frames = 0
        self._times_ms: tuple[float, float] | None = None
        if not self._writer.isOpened():
            self._writer.release()
            self._part.unlink(missing_ok=True)
            raise LogError(
                f"{self.path} cannot be recorded with {size_wh[0]} x {size_wh[1]} pixels; check that its folder is writable, "
                "or try .avi"
            )

    def write(self, bgr: Image) -> None:
        """Add a frame (height, width, 3) uint8."""
        self._writer.write(bgr if (bgr.shape[1], bgr.shape[0]) == self._size_wh else fit_to_size(bgr, self._size_wh))
        self._frames += 1

    def write_at(self, t_ms: float, bgr: Image) -> None:
        """Add a frame as often as its time requires, which is not at all when it is early for the frame rate."""
        begin_ms, last_ms = self._times_ms or (t_ms, t_ms)
        if t_ms - last_ms > _MAX_GAP_MS:
            begin_ms += t_ms - last_ms - 1e3 / self._fps
        self._times_ms = begin_ms, t_ms
        while self._frames < round((t_ms - begin_ms) * self._fps / 1e3) + 1:
            self.write(bgr)

    def close(self) -> None:
        """Finish the file and move it to `path`. A second call does nothing. Raises LogError when it cannot be moved."""
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

    def __exit__(self, *_: object) -> None:
        self.close()


def fit_to_size(bgr: Image, size_wh: tuple[int, int]) -> Image:
    """Scale an image to fit in the center of `size_wh`; one pixel too many is cropped instead."""
    width, height = size_wh
    if 0 <= bgr.shape[1] - width <= 1 and 0 <= bgr.shape[0] - height <= 1:
        return np.ascontiguousarray(bgr[:height, :width])
    factor = min(width / bgr.shape[1], height / bgr.shape[0])
    inner_w, inner_h = max(1, round(bgr.shape[1] * factor)), max(1, round(bgr.shape[0] * factor))
    scaled = cv2.resize(bgr, (inner_w, inner_h), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    canvas = np.zeros((height, width, 3), np.uint8)
    x, y = (width - inner_w) // 2, (height - inner_h) // 2
    canvas[y : y + inner_h, x : x + inner_w] = scaled
    return canvas


def video_path(path: Path, slot: int) -> Path:
    """Return the path of the video of the source in that slot: `path`, then `path` with -2, -3 ... in its name."""
    return path if slot == 0 else path.with_stem(f"{path.stem}-{slot + 1}")


class RecordingSink:
    """Sink that writes the annotated frames of each source to its own video: `path`, then `path` with -2, -3 ... in its name.

    Recognition drops frames and a video has a fixed rate, so a frame is repeated until the next one is due. `fps_of` returns a
    source's nominal rate. While `blur` returns True, unknown faces are blurred. `overlay` draws below the annotations. Both may
    be replaced at any time.
    """

    def __init__(self, path: Path | None, fps_of: Callable[[int], float | None]) -> None:
        self.path = path
        self.blur: Callable[[], bool] = lambda: False
        self.overlay: Overlay = lambda bgr, result, slot: None
        self._fps_of = fps_of
        self._videos: dict[int, VideoRecorder] = {}

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        if slot not in self._videos:
            assert self.path is not None
            self._videos[slot] = VideoRecorder(video_path(self.path, slot), frame.size_wh, self._fps_of(slot))
        image = blur_faces(frame.bgr, unidentified_boxes(result)) if self.blur() else frame.bgr.copy()
        self.overlay(image, result, slot)
        draw_overlay(image, annotate(result))
        self._videos[slot].write_at(frame.t_ms, image)

    def close(self) -> None:
        """Finish the files."""
        videos, self._videos = self._videos, {}
        for video in videos.values():
            video.close()


class RecordingController(RecordingSink):
    """Sink that records between `start` and `stop`, which may be called in any thread.

    `path` and `started_at_s` (time.monotonic) are the running recording's, None without one. `saved_path` is the last finished
    recording. `fault` is the message of a recording that ended with an error; the session continues.
    """

    def __init__(self, fps_of: Callable[[int], float | None]) -> None:
        super().__init__(None, fps_of)
        self.started_at_s: float | None = None
        self.saved_path: Path | None = None
        self.fault = ""
        self._lock = threading.Lock()

    def start(self, path: Path) -> None:
        """Record to `path` from the next recognized frame on; a running recording is finished first."""
        with self._lock:
            self._finish()
            self.path, self.started_at_s, self.fault = path, time.monotonic(), ""

    def stop(self) -> None:
        """Finish the recording, if one is running. A long video takes a moment."""
        with self._lock:
            self._finish()

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        with self._lock:
            if self.path is None:
                return
            try:
                super().__call__(frame, result, slot)
            except FacecamError as error:
                self._finish()
                self.fault = str(error)

    def close(self) -> None:
        """Finish the recording at the end of the session."""
        self.stop()

    def _finish(self) -> None:
        path, self.path, self.started_at_s = self.path, None, None
        if path is None:
            return
        try:
            super().close()
            self.saved_path = path if path.exists() else None  # no file without a frame
        except FacecamError as error:
            self.fault = str(error)
