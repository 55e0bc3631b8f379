"""Videos and pictures from the disk: every frame in its order, with the medium's own time."""

from __future__ import annotations

import codecs
import logging
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from facecam.capture.video import GrabbedFrame, VideoReader
from facecam.errors import CameraError, ImageError
from facecam.imageio import PICTURE_SUFFIXES, read_image
from facecam.types import Frame

_log = logging.getLogger(__name__)

PICTURE_MS = 1000.0
"""A picture of a folder stands for a second: its t_ms is its place among those delivered, in seconds."""

_FASTEST_FPS = 1000
_SNIFFED_BYTES = 4096


class VideoFile:
    """A video file. Phones' videos come out upright; t_ms is each frame's own time, so a varying frame rate is kept."""

    live = False
    camera_id = ""

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        if _is_text(path):
            # FFmpeg would play a text as a video of a terminal, and a playlist as whatever it points to.
            raise CameraError(f"{path} is a text and no video; give a video file such as .mp4, .mkv, .mov or .avi")
        self._reader = VideoReader(self.source, cv2.CAP_FFMPEG)
        self._reader.ask(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        self._first: GrabbedFrame | None = self._reader.read() if self._reader.opened else None
        if self._first is None:
            self._reader.close()
            raise CameraError(f"{path} is no video that can be decoded, or a damaged one; give another, or convert it to .mp4")
        self.size_wh: tuple[int, int] | None = (self._first.bgr.shape[1], self._first.bgr.shape[0])
        fps = self._reader.says(cv2.CAP_PROP_FPS)
        self.fps = fps if fps is not None and fps <= _FASTEST_FPS else None
        count = self._reader.says(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count = None if count is None else int(count)
        self._index = 0
        self._last_ms = 0.0

    def read(self) -> Frame | None:
        """The next frame; None after the last one, or from where on a torn file cannot be decoded."""
        grabbed, self._first = self._first or self._reader.read(), None
        if grabbed is None:
            return None
        t_ms = self._time_ms(grabbed.media_ms)
        frame = Frame(grabbed.bgr, self._index, t_ms, grabbed.captured_at_s, self.source)
        self._index += 1
        return frame

    def skip(self) -> bool:
        """Leave the next frame out, without making a picture of it; False after the last one."""
        moment, self._first = self._first or self._reader.grab(), None
        if moment is None:
            return False
        self._time_ms(moment.media_ms)
        self._index += 1
        return True

    def _time_ms(self, media_ms: float | None) -> float:
        if media_ms is None:
            # The file does not say; only for the first frame that may mean zero.
            media_ms = self._index * 1000 / (self.fps or 30)
        self._last_ms = max(self._last_ms, media_ms)
        return self._last_ms

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class ImageFolder:
    """The pictures of a folder in the order of their names, 2.jpg before 10.jpg; a single picture is a folder of one.

    Each frame's `source` is its picture's path. What cannot be read is skipped with a warning, unless nothing else is there.
    """

    live = False
    camera_id = ""
    fps: float | None = 1000 / PICTURE_MS
    size_wh: tuple[int, int] | None = None

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._pictures = [path] if path.is_file() else _pictures_in(path)
        if not self._pictures:
            endings = ", ".join(sorted(PICTURE_SUFFIXES))
            raise CameraError(f"there is no picture in the folder {path}; expected files that end in {endings}")
        self.frame_count: int | None = len(self._pictures)
        self._left = iter(self._pictures)
        self._index = 0
        self._skipped = 0

    def read(self) -> Frame | None:
        """The next picture that can be read; None after the last. CameraError when there was not one."""
        for path in self._left:
            try:
                bgr = read_image(path)
            except ImageError as error:
                if len(self._pictures) == 1:
                    raise CameraError(str(error)) from error
                _log.warning("skipped: %s", error)
                self._skipped += 1
                continue
            frame = Frame(bgr, self._index, self._index * PICTURE_MS, time.monotonic(), str(path))
            self._index += 1
            return frame
        if self._skipped == len(self._pictures):
            raise CameraError(
                f"none of the {len(self._pictures)} pictures in {self.source} can be read; save them again as JPEG or PNG"
            )
        return None

    def close(self) -> None:
        self._left = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _pictures_in(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")]
    except OSError as error:
        raise CameraError(f"the folder {folder} cannot be read: {error.strerror or error}; check its permissions") from error
    return sorted((path for path in found if path.is_file()), key=_natural)


def _natural(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    """Sorts numbers within names by value, before letters. The name itself comes last: 1.jpg and 01.jpg have an order too."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts], path.name


def _is_text(path: Path) -> bool:
    """Whether a file begins as only text does: valid UTF-8 without a zero byte."""
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise CameraError(f"{path} cannot be read: {error.strerror or error}; check its permissions") from error
    if not head:
        raise CameraError(f"{path} is empty; copy it again from where it came")
    if 0 in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # incremental: the last character may be cut in two
    except UnicodeDecodeError:
        return False
    return True
