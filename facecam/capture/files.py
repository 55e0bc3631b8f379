"""Files as a source: videos, animated WebP images, folders of images and single images. Every frame in order."""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import math
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL.WebPImagePlugin import WebPImageFile

from facecam.capture.media import MediaError, MediaFault, MediaReader
from facecam.capture.mp4_tables import MAX_FRAMES, stated_frames
from facecam.capture.recording_time import file_time, image_time
from facecam.capture.video import Closing, FrameTime
from facecam.errors import CameraError, ImageError
from facecam.fileio import open_regular, read_regular
from facecam.imageio import IMAGE_SUFFIXES, MAX_FILE_BYTES, describe_skipped, list_images, read_image, to_bgr8
from facecam.messages import QT_TRANSLATE_NOOP, TranslatableText
from facecam.types import Frame, Image, SourceTime, TimeOrigin

_log = logging.getLogger(__name__)

VIDEO_SUFFIXES = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")
"""Suffixes by which videos are found among other files. A file of any name can be opened."""

_SNIFFED_BYTES = 4096

_DEFAULT_STEP_MS = 1000 / 30
_MIN_STEP_MS = 1.0
_JUMP_MS = 500.0
"""A time stamp that steps back by more than this belongs to another recording, joined to the first."""

_MAX_GAP_MS = 86_400_000.0
"""A time stamp that steps ahead by more than a day is damaged: some would pass the year 9999, where Python's dates end."""

_MISSING_SHARE = 0.1
"""Share of frames that may be missing from a file that does not state their number."""

_MAX_GAPS = 3
"""Gaps that damage leaves in a file of constant rate. A file with more of them has a variable rate."""

_MAX_ANIMATED_PIXELS = 20_000_000
"""Largest animation: decoding takes about 25 bytes per pixel."""

_STAMP_TOLERANCE_MS = 1.0

_SHORTEST_SHOWN_MS = 10.0
_DEFAULT_SHOWN_MS = 100.0

IMAGE_MS = 1000.0
"""Time from one image of a folder to the next."""

_FAULTS = {
    MediaFault.NOT_MEDIA: QT_TRANSLATE_NOOP(
        "Errors", "{path} could not be decoded as a video, is damaged or over 8K; choose another file, or convert it to .mp4"
    ),
    MediaFault.NOT_ALLOWED: QT_TRANSLATE_NOOP(
        "Errors", "{path} is a list of other files, or of a format that facecam does not open; choose the video file itself"
    ),
    MediaFault.NO_VIDEO: QT_TRANSLATE_NOOP("Errors", "{path} contains audio or a cover image but no video; choose a video file"),
    MediaFault.NO_DECODER: QT_TRANSLATE_NOOP(
        "Errors", "{path} is encoded in a format that cannot be decoded; convert it to .mp4 with H.264"
    ),
    MediaFault.ACCESS_DENIED: QT_TRANSLATE_NOOP("Errors", "{path} cannot be read; check its permissions"),
    MediaFault.NOT_FOUND: QT_TRANSLATE_NOOP("Errors", "{path} does not exist; check the path"),
}
_MAX_BOXES = 100
"""Parts of an MP4 that are looked at when it cannot be opened. Before a missing index there are a few."""

_INCOMPLETE = "%s: %d frames expected, %d read; the file is damaged or incomplete"


class VideoFile(Closing):
    """Video file. Its frames are upright; t_ms begins at 0, rises with every frame and keeps a variable frame rate.

    `time` is the creation time in its header, else that of its last change minus its length. What is damaged is skipped. A
    warning at the end compares the frames that were expected with those that were read. `threads` decode, by default one per
    core.
    """

    live = False
    camera_id = ""
    time: SourceTime | None
    _first_stamp_ms: float | None

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        if _is_text(path):
            # FFmpeg would play text as a video of a terminal, and a playlist as the files that it lists.
            raise CameraError("{path} is a text file, not a video; choose a file such as .mp4, .mkv, .mov or .avi", path=path)
        _require_plausible_index(path)
        try:
            reader = MediaReader.open_file(path, threads=threads)
        except MediaError as error:
            raise CameraError(_text_of_fault(path, error.fault)) from error
        self._start(reader, str(path))
        assert self._first is not None
        self._first_stamp_ms = self._first[1].media_ms
        self.time = reader.time or file_time(path, self._duration_ms())

    def _start(self, reader: MediaReader, source: str) -> None:
        """Read the first frame, which proves that the file can be decoded."""
        self.source = source
        # Of a video from the network without a header's time, nothing better is known than when it was opened.
        self.time = reader.time or SourceTime(datetime.now(UTC), TimeOrigin.FILE)
        self._reader = reader
        self._first_stamp_ms = None  # Of a video from the network, whose position stays.
        self._first: tuple[Image, FrameTime] | None = self._reader.read()
        if self._first is None:
            self._reader.close()
            raise CameraError(TranslatableText(_FAULTS[MediaFault.NOT_MEDIA], path=source))
        self.size_wh: tuple[int, int] | None = self._first[0].shape[1::-1]
        self.fps = self._reader.fps
        self.frame_count = self._reader.frame_count or self._estimated_count()
        self._timeline = Timeline(self.fps)
        self._index = 0
        self._has_ended = False

    @property
    def ends_at_ms(self) -> float | None:
        """Return the time of the end, None where the file does not state it reliably: not after joining it to another one."""
        return None if self._reader.frame_count is None else self._reader.duration_ms

    def read(self) -> Frame | None:
        """Return the next frame; None after the last."""
        grabbed, self._first = self._first or self._reader.read(), None
        if grabbed is None:
            self._end()
            return None
        bgr, frame_time = grabbed
        self.size_wh = bgr.shape[1::-1]
        frame = Frame(bgr, self._index, self._timeline.next_ms(frame_time.media_ms), frame_time.at_s, self.source)
        self._index += 1
        return frame

    @property
    def length_ms(self) -> float | None:
        """Return the length; None when it is unknown, or frames have no time stamps by which they could be found."""
        return (self._duration_ms() or None) if self._first_stamp_ms is not None else None

    def seek(self, t_ms: float) -> None:
        """Continue with the first frame at `t_ms` or later. Of a variable frame rate, its index is then an estimate."""
        first_ms = self._first_stamp_ms
        target_ms = max(0.0, t_ms)
        if first_ms is None or not self._reader.seek(first_ms + target_ms):
            return
        self._has_ended = True  # What was skipped is not missing.
        self._first = None
        while (frame_time := self._reader.grab()) is not None:
            stamp_ms = frame_time.media_ms
            # Time stamps are rounded, some to a millisecond.
            if stamp_ms is None or stamp_ms - first_ms < target_ms - _STAMP_TOLERANCE_MS:
                continue
            if (bgr := self._reader.decode()) is not None:
                self._first = bgr, FrameTime(time.monotonic(), stamp_ms)
                self._index = self._timeline.jump(stamp_ms, first_ms)
                return

    def skip(self) -> bool:
        """Skip the next frame without converting it; False after the last."""
        frame_time, self._first = self._first[1] if self._first else self._reader.grab(), None
        if frame_time is None:
            self._end()
            return False
        self._timeline.next_ms(frame_time.media_ms)
        self._index += 1
        return True

    def close(self) -> None:
        self._has_ended = True  # What was not read is not missing.
        self._first = None
        self._reader.close()

    def _estimated_count(self) -> int | None:
        duration_ms = self._reader.duration_ms
        return round(duration_ms / 1000 * self.fps) if duration_ms and self.fps else None

    def _duration_ms(self) -> float:
        """Return the duration as far as it is known before the end, else 0."""
        from_count = 1000 * (self.frame_count or 0) / self.fps if self.fps else 0.0
        return self._reader.duration_ms or from_count

    def _end(self) -> None:
        """Warn once about frames that were expected and not read."""
        if self._has_ended:
            return
        self._has_ended = True
        expected, read, damaged = self._expected_count(), self._index, self._reader.damaged_packets
        duration_ms = self._reader.duration_ms or 0.0
        if expected is not None and read < expected:
            _log.warning(_INCOMPLETE, self.source, expected, read)
        elif damaged:
            places = "1 place" if damaged == 1 else f"{damaged} places"
            _log.warning("%s: %d frames read; the file is damaged in %s", self.source, read, places)
        elif self._reader.frame_count is None and self._timeline.last_ms + 1000 < duration_ms * (1 - _MISSING_SHARE):
            last_s, end_s = self._timeline.last_ms / 1000, duration_ms / 1000
            _log.warning("%s: the last frame is at %.1f s of %.1f s; the file is incomplete", self.source, last_s, end_s)

    def _expected_count(self) -> int | None:
        """Return the number of frames that an intact file would have delivered; None when that is uncertain."""
        if self._reader.frame_count is not None:
            return self._reader.frame_count
        estimated = self._estimated_count()
        if estimated is None or self._index > estimated * (1 - _MISSING_SHARE) or not self._timeline.is_regular:
            return None  # Unless its rate is constant, a file may well have fewer frames than duration and rate suggest.
        return estimated


class AnimatedWebP(Closing):
    """Animated WebP, which PyAV does not decode. Each frame is shown for its own duration, once."""

    live = False
    camera_id = ""
    fps: float | None = None

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        try:
            data = read_regular(path, MAX_FILE_BYTES)
            width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
            if width * height > _MAX_ANIMATED_PIXELS:
                raise CameraError(
                    "{path} has {width} x {height} pixels, too many for an animation; make it smaller",
                    path=path,
                    width=width,
                    height=height,
                )
            # The class itself: PIL.Image.open would warn about large images on stderr.
            self._image = WebPImageFile(io.BytesIO(data), "")
        except (OSError, ValueError, SyntaxError, MemoryError) as error:
            raise CameraError(
                "{path} could not be decoded as an animation; save it again, or convert it to .mp4", path=path
            ) from error
        self.size_wh: tuple[int, int] | None = (width, height)
        self._count: int = self._image.n_frames
        self.frame_count: int | None = self._count
        self.time: SourceTime | None = file_time(path)
        self._index = 0
        self._t_ms = 0.0

    def read(self) -> Frame | None:
        """Return the next frame; None after the last, or once a damaged one cannot be decoded."""
        if self._index == self._count:
            return None
        try:
            self._image.seek(self._index)
            self._image.load()
        except (OSError, ValueError, EOFError, SyntaxError, MemoryError):
            _log.warning(_INCOMPLETE, self.source, self._count, self._index)
            self._count = self._index
            return None
        bgr = to_bgr8(np.asarray(self._image.convert("RGB"))[:, :, ::-1])
        frame = Frame(bgr, self._index, self._t_ms, time.monotonic(), self.source)
        self._index += 1
        duration_ms = float(self._image.info.get("duration") or 0)
        # Browsers show a frame whose duration is 10 ms or less for 100 ms.
        self._t_ms += duration_ms if duration_ms > _SHORTEST_SHOWN_MS else _DEFAULT_SHOWN_MS
        return frame

    def close(self) -> None:
        self._count = self._index
        self._image.close()


class ImageFolder(Closing):
    """Images of a folder in natural order (2.jpg before 10.jpg), or a single image. A frame's `source` is the path of its image.

    An unreadable image, and what else is in the folder, is skipped with a warning; it is an error if no image can be read.
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
                "the folder {path} contains no image; expected files that end in {names}",
                path=path,
                names=", ".join(sorted(IMAGE_SUFFIXES)),
            )
        self.frame_count: int | None = len(self._paths)
        self.time: SourceTime | None = image_time(self._paths[0])
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
                    raise CameraError(error.text) from error
                _log.warning("skipped: %s", error)
                self._skipped += 1
                continue
            frame = Frame(bgr, self._index, self._index * IMAGE_MS, time.monotonic(), str(path))
            self._index += 1
            return frame
        if self._skipped == len(self._paths):
            raise CameraError(
                "none of the {count} images in {source} can be read; save them again as JPEG or PNG",
                count=len(self._paths),
                source=self.source,
            )
        return None

    @property
    def length_ms(self) -> float | None:
        """Return the time that the images take; None for a single one."""
        return len(self._paths) * IMAGE_MS if len(self._paths) > 1 else None

    def seek(self, t_ms: float) -> None:
        """Continue with the image at `t_ms`."""
        self._index = min(len(self._paths), max(0, math.ceil(t_ms / IMAGE_MS)))
        self._remaining = iter(self._paths[self._index :])

    def close(self) -> None:
        self._remaining = iter(())


class Timeline:
    """Time of a file's frames: it begins at 0 and rises with every frame, whatever the file's time stamps do."""

    def __init__(self, fps: float | None) -> None:
        self.last_ms = -math.inf
        self._fps = fps
        self._step_ms = 1000 / fps if fps else _DEFAULT_STEP_MS
        self._offset_ms: float | None = None
        self._is_stamped = True
        self._irregular_steps = 0

    def jump(self, stamp_ms: float, first_stamp_ms: float) -> int:
        """Continue with the frame of a time stamp, in a file that begins at `first_stamp_ms`; return its index by the rate."""
        t_ms = stamp_ms - first_stamp_ms
        self._offset_ms, self._is_stamped, self.last_ms = first_stamp_ms, True, t_ms - self._step_ms
        return max(0, round(t_ms / self._step_ms))

    @property
    def is_regular(self) -> bool:
        """Return whether all frames follow each other at the nominal rate, apart from a few gaps."""
        return self._fps is not None and self._irregular_steps <= _MAX_GAPS

    def next_ms(self, stamp_ms: float | None) -> float:
        """Return the time of the next frame in milliseconds; `stamp_ms` is its time stamp, None when it has none."""
        is_first = math.isinf(self.last_ms)
        t_ms = self._time_ms(stamp_ms, 0.0 if is_first else self.last_ms + self._step_ms)
        if not is_first:
            step_ms = t_ms - self.last_ms
            self._irregular_steps += abs(step_ms - self._step_ms) > self._step_ms / 4
            self._step_ms = self._step_ms if self._fps is not None else step_ms
        self.last_ms, self._is_stamped = t_ms, stamp_ms is not None
        return t_ms

    def _time_ms(self, stamp_ms: float | None, expected_ms: float) -> float:
        if stamp_ms is None:
            return expected_ms
        if self._offset_ms is None:
            self._offset_ms = stamp_ms - expected_ms
            return expected_ms
        t_ms = stamp_ms - self._offset_ms
        step_ms = t_ms - self.last_ms
        if 0 < step_ms <= _MAX_GAP_MS:
            return t_ms
        if self._is_stamped and -_JUMP_MS < step_ms <= 0:
            return self.last_ms + _MIN_STEP_MS
        # The stamp is damaged, another recording begins, or frames without time stamps took longer than the rate suggests.
        self._offset_ms = stamp_ms - expected_ms
        return expected_ms


def _images_in(folder: Path) -> list[Path]:
    try:
        images, skipped = list_images(folder)
    except OSError as error:
        raise CameraError(
            "the folder {folder} cannot be read: {error}; check its permissions", folder=folder, error=error
        ) from error
    if skipped and images:
        _log.warning("%s", describe_skipped(folder, skipped))
    return sorted(images, key=_natural_order)


def _natural_order(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    """Return a sort key: numbers in names by value, before letters. The name itself comes last, to order 1.jpg and 01.jpg."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts], path.name


def _text_of_fault(path: Path, fault: MediaFault) -> TranslatableText:
    """Return why a video cannot be opened."""
    if fault is MediaFault.NOT_MEDIA and _has_no_index(path):
        return TranslatableText(
            "{path} is incomplete: its end, with the index of the frames, is missing; copy it or download it again", path=path
        )
    return TranslatableText(_FAULTS.get(fault, _FAULTS[MediaFault.NOT_MEDIA]), path=path)


def _require_plausible_index(path: Path) -> None:
    """Raise CameraError for an index that states more frames than the memory should hold."""
    try:
        count = stated_frames(path)
    except OSError as error:
        raise CameraError("{path} cannot be read: {error}; check its permissions", path=path, error=error) from error
    if count > MAX_FRAMES:
        raise CameraError(
            "{path} states more than {limit:.0f} million frames and audio packets, so its index is damaged or too long; cut the "
            "video into parts",
            path=path,
            limit=MAX_FRAMES / 1e6,
        )


def _has_no_index(path: Path) -> bool:
    """Return whether the file is an MP4 whose index ("moov") is missing, as after a download that stopped halfway."""
    kinds: list[bytes] = []
    with contextlib.suppress(OSError), path.open("rb") as file:
        for _ in range(_MAX_BOXES):
            at, head = file.tell(), file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if len(kind) < 4 or (not kinds and kind != b"ftyp"):
                break
            kinds.append(kind)
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            if length < 8:
                break
            file.seek(at + length)
    return b"mdat" in kinds and b"moov" not in kinds


def _is_text(path: Path) -> bool:
    """Return whether the file begins like text: valid UTF-8 without a zero byte."""
    try:
        with open_regular(path) as file:
            head = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise CameraError("{path} cannot be read: {error}; check its permissions", path=path, error=error) from error
    if not head:
        raise CameraError("{path} is empty; copy it again from the original", path=path)
    if 0 in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # The last character may be incomplete.
    except UnicodeDecodeError:
        return False
    return True
