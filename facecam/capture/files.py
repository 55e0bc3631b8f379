"""Sources on disk: video files and folders of images. Every frame in order, with the medium's own time."""

from __future__ import annotations

import codecs
import logging
import re
import time
from pathlib import Path

import cv2

from facecam.capture.video import Closing, FrameTime, VideoReader
from facecam.errors import CameraError, ImageError
from facecam.imageio import IMAGE_SUFFIXES, read_image
from facecam.types import Frame, Image

_log = logging.getLogger(__name__)

IMAGE_MS = 1000.0
"""Time from one image of a folder to the next."""

_FASTEST_FPS = 1000
_SNIFFED_BYTES = 4096


class VideoFile(Closing):
    """Video file. Videos of phones are turned upright; t_ms is the frame's own time, so a variable frame rate is preserved."""

    live = False
    camera_id = ""

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        if _is_text(path):
            # FFmpeg would play text as a video of a terminal, and a playlist as the files that it lists.
            raise CameraError(f"{path} is a text file, not a video; choose a file such as .mp4, .mkv, .mov or .avi")
        self._reader = VideoReader(self.source, cv2.CAP_FFMPEG)
        self._reader.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        self._first: tuple[Image, FrameTime] | None = self._reader.read() if self._reader.is_opened else None
        if self._first is None:
            self._reader.close()
            raise CameraError(
                f"{path} could not be decoded as a video, or is damaged; choose another file, or convert it to .mp4"
            )
        self.size_wh: tuple[int, int] | None = self._first[0].shape[1::-1]
        fps = self._reader.get(cv2.CAP_PROP_FPS)
        self.fps = fps if fps is not None and fps <= _FASTEST_FPS else None
        count = self._reader.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count = None if count is None else int(count)
        self._index = 0
        self._last_ms = 0.0

    def read(self) -> Frame | None:
        """Return the next frame; None after the last, or once a truncated file cannot be decoded."""
        grabbed, self._first = self._first or self._reader.read(), None
        if grabbed is None:
            return None
        bgr, frame_time = grabbed
        frame = Frame(bgr, self._index, self._time_ms(frame_time.media_ms), frame_time.at_s, self.source)
        self._index += 1
        return frame

    def skip(self) -> bool:
        """Skip the next frame without decoding it; False after the last."""
        frame_time, self._first = self._first[1] if self._first else self._reader.grab(), None
        if frame_time is None:
            return False
        self._time_ms(frame_time.media_ms)
        self._index += 1
        return True

    def _time_ms(self, media_ms: float | None) -> float:
        if media_ms is None:
            # The file has no time for this frame. An unknown time and zero look the same in OpenCV.
            media_ms = self._index * 1000 / (self.fps or 30)
        self._last_ms = max(self._last_ms, media_ms)
        return self._last_ms

    def close(self) -> None:
        self._reader.close()


class ImageFolder(Closing):
    """Images of a folder in natural order (2.jpg before 10.jpg), or a single image. A frame's `source` is the path of its image.

    An unreadable image is skipped with a warning; it is an error only if no image can be read.
    """

    live = False
    camera_id = ""
    fps: float | None = 1000 / IMAGE_MS
    size_wh: tuple[int, int] | None = None

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._paths = [path] if path.is_file() else _images_in(path)
        if not self._paths:
            raise CameraError(
                f"the folder {path} contains no image; expected files that end in {', '.join(sorted(IMAGE_SUFFIXES))}"
            )
        self.frame_count: int | None = len(self._paths)
        self._remaining = iter(self._paths)
        self._index = 0
        self._skipped = 0

    def read(self) -> Frame | None:
        """Return the next readable image; None after the last. CameraError when none of them could be read."""
        for path in self._remaining:
            try:
                bgr = read_image(path)
            except ImageError as error:
                if len(self._paths) == 1:
                    raise CameraError(str(error)) from error
                _log.warning("skipped: %s", error)
                self._skipped += 1
                continue
            frame = Frame(bgr, self._index, self._index * IMAGE_MS, time.monotonic(), str(path))
            self._index += 1
            return frame
        if self._skipped == len(self._paths):
            raise CameraError(
                f"none of the {len(self._paths)} images in {self.source} can be read; save them again as JPEG or PNG"
            )
        return None

    def close(self) -> None:
        self._remaining = iter(())


def _images_in(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")]
    except OSError as error:
        raise CameraError(f"the folder {folder} cannot be read: {error.strerror or error}; check its permissions") from error
    return sorted((path for path in found if path.is_file()), key=_natural_order)


def _natural_order(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    """Return a sort key: numbers in names by value, before letters. The name itself comes last, to order 1.jpg and 01.jpg."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts], path.name


def _is_text(path: Path) -> bool:
    """Return whether the file begins like text: valid UTF-8 without a zero byte."""
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise CameraError(f"{path} cannot be read: {error.strerror or error}; check its permissions") from error
    if not head:
        raise CameraError(f"{path} is empty; copy it again from the original")
    if 0 in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # The last character may be incomplete.
    except UnicodeDecodeError:
        return False
    return True
