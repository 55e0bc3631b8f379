"""A sink that writes what is shown, at the pace at which it happened."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from facecam.errors import FacecamError, LogError
from facecam.fileio import PART_PREFIX
from facecam.rendering.annotations import annotate
from facecam.rendering.renderer import blurred, draw, strangers
from facecam.types import Frame, Image, Result

# MERGED recorder: A video file of what is shown.

_CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "mp4v"}


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

    def write(self, bgr: Image) -> None:
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


def fitted(bgr: Image, size_wh: tuple[int, int]) -> Image:
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


_DEFAULT_FPS = 30.0
_CUT_MS = 2000.0
"""A longer gap, while a camera was lost, is left out of the video."""


Lay = Callable[[Image, Result, int], None]
"""Paints into a picture (height, width, 3) uint8 what belongs to a result of the source in that slot."""


class RecordingSink:
    """Writes the annotated frames of each source to a video of its own: `path`, then `path` with -2, -3 ... in its name.

    Recognition takes what it has time for, a video has a fixed rate: a frame stands until the next one is due. `fps_of` tells
    the rate that a source says it has; while `blur` says so, whoever is not known is made unrecognizable. `lay` paints into a
    frame what is to lie below the marks.
    """

    def __init__(
        self,
        path: Path,
        fps_of: Callable[[int], float | None],
        blur: Callable[[], bool] = lambda: False,
        lay: Lay = lambda bgr, result, slot: None,
    ) -> None:
        self._path = path
        self._fps_of = fps_of
        self._blur = blur
        self._lay = lay
        self._videos: dict[int, _Video] = {}

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        if slot not in self._videos:
            path = self._path if slot == 0 else self._path.with_stem(f"{self._path.stem}-{slot + 1}")
            fps = self._fps_of(slot) or _DEFAULT_FPS
            self._videos[slot] = _Video(VideoRecorder(path, frame.size_wh, fps), fps, frame.t_ms)
        picture = blurred(frame.bgr, strangers(result)) if self._blur() else frame.bgr.copy()
        self._lay(picture, result, slot)
        draw(picture, annotate(result))
        self._videos[slot].add(frame.t_ms, picture)

    def close(self) -> None:
        """Finish the files; nothing to do when no frame came."""
        videos, self._videos = self._videos, {}
        for video in videos.values():
            video.recorder.close()


class _Video:
    """One file, and how far it is."""

    def __init__(self, recorder: VideoRecorder, fps: float, t_ms: float) -> None:
        self.recorder = recorder
        self._fps = fps
        self._begun_ms = self._last_ms = t_ms
        self._written = 0

    def add(self, t_ms: float, picture: Image) -> None:
        """Write the picture as often as brings the video up to its time; one that comes too early for the rate is left out."""
        if t_ms - self._last_ms > _CUT_MS:
            self._begun_ms += t_ms - self._last_ms - 1e3 / self._fps
        self._last_ms = t_ms
        due = round((t_ms - self._begun_ms) * self._fps / 1e3) + 1
        for _ in range(due - self._written):
            self.recorder.write(picture)
        self._written = max(self._written, due)


# MERGED runtime.record_switch: A recording that is begun and ended while the session runs.


class RecordingController:
    """A sink that writes what is shown from `start` to `stop`, which may be called in any thread.

    `path` and `since_s` (time.monotonic) are the running recording's, None without one. `saved` is the last one that was
    finished. `fault` says in a sentence why a recording ended by itself; the session goes on. With `blur`, whoever is not known
    is made unrecognizable; `lay` paints into each frame what is to lie below the marks.
    """

    def __init__(self, fps_of: Callable[[int], float | None]) -> None:
        self.blur = False
        self.lay: Lay = lambda bgr, result, slot: None
        self.path: Path | None = None
        self.since_s: float | None = None
        self.saved: Path | None = None
        self.fault = ""
        self._fps_of = fps_of
        self._recording: RecordingSink | None = None
        self._busy = threading.Lock()

    def start(self, path: Path) -> None:
        """Record into `path` from the next recognized frame on; what ran before is finished."""
        with self._busy:
            self._finish()
            self._recording = RecordingSink(path, self._fps_of, lambda: self.blur, self.lay)
            self.path, self.since_s, self.fault = path, time.monotonic(), ""

    def stop(self) -> None:
        """End the recording; nothing to do without one. A long film takes a moment to be finished."""
        with self._busy:
            self._finish()

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        with self._busy:
            if self._recording is None:
                return
            try:
                self._recording(frame, result, slot)
            except FacecamError as error:
                self._finish()
                self.fault = str(error)

    def close(self) -> None:
        """The session is over."""
        self.stop()

    def _finish(self) -> None:
        recording, path = self._recording, self.path
        self._recording = self.path = self.since_s = None
        if recording is None:
            return
        try:
            recording.close()
            self.saved = path if path is not None and path.exists() else None  # without a frame there is no film
        except FacecamError as error:
            self.fault = str(error)
