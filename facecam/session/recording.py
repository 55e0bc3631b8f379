"""Recording of annotated frames as video that is playable up to the last second, however the program ends.

The video is fragmented while it is being written: each second goes to the disk in one piece and can be played without the rest.
A clean end makes the MP4 file an ordinary one. Frames keep the times at which they were captured.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import os
import queue
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from select import select
from typing import BinaryIO, Self

import av
import cv2
import numpy as np
from av.video.frame import PictureType

from facecam.errors import FacecamError, LogError
from facecam.fileio import create_private, is_replaceable, is_stream
from facecam.logbook.sessions import is_in_use, lock_shared
from facecam.messages import TranslatableText
from facecam.rendering.annotations import ENGLISH, CaptionTexts, Overlay, annotate
from facecam.rendering.privacy import FaceCover, cover
from facecam.rendering.renderer import draw_overlay
from facecam.rendering.smoothing import AnnotationSmoother
from facecam.settings import Mode
from facecam.types import Box, Event, EventCode, Frame, Image, Result

_log = logging.getLogger(__name__)

MIN_FREE_BYTES = 200_000_000
"""A recording ends when its disk has less space, which stays for the log and other programs."""

_FREE_SPACE_EVERY_S = 1.0

_FORMATS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    ".mp4": ("mp4", {"movflags": "hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof"}),
    ".mkv": ("matroska", {"cluster_time_limit": "1000"}),
}
"""FFmpeg's format by suffix, with options for which everything before a key frame can be played without what follows."""

SUFFIXES = tuple(_FORMATS)

_ENCODERS: Mapping[str, Mapping[str, str]] = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "crf": "23"},
    "libopenh264": {},
    "h264_videotoolbox": {"realtime": "1"},
    "h264_mf": {},
    "mpeg4": {"qmin": "3", "qmax": "8"},
}
"""Video encoders in order of preference, with their options.

At 640x480 libx264 takes 0.95 ms per frame with `ultrafast` and 5.2 ms with `veryfast`, for files of 437 and 301 kB.
"""

_NOT_FOR_BROWSERS = "mpeg4"
_ENCODER_THREADS = 2
_BITS_PER_PIXEL = 0.1
_TIME_BASE = Fraction(1, 90_000)
_MPEG4_TIME_BASE = Fraction(1, 1000)
"""MPEG-4 allows 65,535 ticks a second at most."""

_KEY_FRAME_EVERY_MS = 1000.0
_MAX_KEY_FRAME_DISTANCE = 10_000
"""Key frames are requested by time; the encoder inserts none of its own before so many frames."""

_MAX_GAP_MS = 2000.0
_GAP_FACTOR = 4
"""A step that is longer than both, this factor times the step before it, is left out of the video: a camera was lost meanwhile.

A source that delivers one frame in 5 s has no gaps.
"""

_STEP_MS = 1e3 / 30
"""Duration of the last frame before a gap."""

_READER_TIMEOUT_S = 2.0
"""A pipe whose reader takes nothing for so long ends the recording; recognition must not wait for it."""

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_MAX_PARTS = 10_000
"""Parts of a video that the session's JSON lists, 400 kB. A file of a second that is played in a loop has as many in 3 hours."""

HeatmapDrawer = Callable[[Image, Result, int], None]
"""Draws heatmaps into an image (height, width, 3) uint8 of the source in that slot."""


class _RecordingFile:
    """File that PyAV writes a video to. What it writes is kept in memory until `flush`, which writes all of it or nothing.

    A file that exists is replaced by the first `flush`, until then the video is next to it. A pipe or a device is written to
    directly, and a link stays a link. After an error nothing more is written. `flush` and `close` raise it; the other methods,
    which PyAV calls, do not, because it prints all errors but the last.

    Raises:
        OSError: The file exists and may not be replaced, or cannot be created.
    """

    def __init__(self, path: Path, *, overwrite: bool, private: bool) -> None:
        self._private = private
        self.is_regular = not is_stream(path)
        self.target = Path(os.path.realpath(path)) if self.is_regular else path
        self._path = self.target
        self._buffer = bytearray()
        self._size_bytes = 0
        self._error: OSError | None = None
        self._replaced: BinaryIO | None = None
        self._file = self._open(overwrite=overwrite)

    def _open(self, *, overwrite: bool) -> BinaryIO:
        if not self.is_regular:
            # Without O_NONBLOCK, opening a pipe waits for a reader.
            try:
                return os.fdopen(os.open(self.target, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)), "wb", buffering=0)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    raise OSError(error.errno, TranslatableText("nothing reads it")) from error
                raise
        if self.target.exists():
            if not overwrite and not is_replaceable(self.target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            if is_in_use(self.target):
                raise OSError(errno.EBUSY, TranslatableText("another recording writes it"))
            name = f"{self.target.stem}.recording-{uuid.uuid4().hex[:8]}{self.target.suffix}"
            self._path = self.target.with_name(name)
        # One that replaces a file gets its permissions when it is moved there.
        is_private = self._private or self._path != self.target
        file = create_private(self._path, buffering=0) if is_private else self._path.open("xb", buffering=0)
        lock_shared(file)
        if self._path != self.target and os.name != "nt":  # Windows moves nothing over an open file.
            self._replaced = self.target.open("rb")
            lock_shared(self._replaced)
        return file

    def seekable(self) -> bool:
        return self.is_regular

    def tell(self) -> int:
        return self._file.tell() + len(self._buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with contextlib.suppress(OSError):
            self.flush()
            return self._file.seek(offset, whence)
        return offset

    def write(self, data: bytes) -> int:
        if self._error is None:
            self._buffer += data
        return len(data)

    def flush(self) -> None:
        """Write what PyAV has written since the last call. OSError if that fails; the file then ends with the earlier video."""
        if self._error is not None:
            raise self._error
        data, self._buffer = memoryview(bytes(self._buffer)), bytearray()
        try:
            while data:
                data = data[self._write_some(data) :]
            if self.is_regular:
                self._size_bytes = max(self._size_bytes, self._file.tell())
                if not os.fstat(self._file.fileno()).st_nlink and not self._path.exists():
                    raise FileNotFoundError(errno.ENOENT, TranslatableText("it was deleted"))
                if self._size_bytes:
                    self._replace_target()
        except OSError as error:
            self._error = error
            if self.is_regular:
                with contextlib.suppress(OSError):
                    self._file.truncate(self._size_bytes)
            raise

    def _write_some(self, data: memoryview) -> int:
        written = self._file.write(data)
        if written is None:  # a full pipe
            if not select([], [self._file], [], _READER_TIMEOUT_S)[1]:
                raise TimeoutError(errno.ETIMEDOUT, TranslatableText("nothing reads it"))
            return 0
        return written

    def _replace_target(self) -> None:
        """Move the video over the file that it replaces. Windows moves no open file, so that `close` does it there."""
        if self._path == self.target:
            return
        try:
            if self.target.exists():
                shutil.copymode(self.target, self._path)
            self._path.replace(self.target)
        except PermissionError:
            if os.name != "nt" or self._file.closed:
                raise
        else:
            self._path = self.target

    def close(self) -> None:
        """Close the file. One without any video is deleted. OSError if its end could not be written."""
        try:
            self.flush()
            if self.is_regular:
                os.fsync(self._file.fileno())  # A network disk may report only now that it is full.
        finally:
            self._file.close()
            if self._replaced is not None:
                self._replaced.close()
            if self.is_regular and not self._size_bytes:
                self._path.unlink(missing_ok=True)
            elif self.is_regular:
                self._replace_target()


@dataclass(frozen=True, slots=True)
class RecordedPart:
    """Frames of a video without a gap: those from `begin_ms` to `end_ms` of the source's time, which begin at `position_ms`."""

    begin_ms: float
    end_ms: float
    position_ms: float


@dataclass(frozen=True, slots=True)
class RecordedVideo:
    """Video of the source in a slot, and its parts; those of a video that is being written are not complete."""

    path: Path
    slot: int
    parts: tuple[RecordedPart, ...]
    is_running: bool


class VideoRecorder:
    """Writes frames to `path` (.mp4 or .mkv), which appears with the first second of video.

    The video's size is `size_wh` without an odd last row and column, which no codec accepts; a frame of another size is fitted
    into it with black borders. After an error the video so far is kept; without any frame no file is written.

    Args:
        path: The file. It replaces an existing one only with `overwrite`, and only once there is a second of video.
        size_wh: Size of the frames in pixels.
        overwrite: Whether a file that exists may be replaced.
        min_free_bytes: Space that must remain on the disk.
        private: Whether a new file can be read by this user only, whatever the umask.

    Raises:
        LogError: The video cannot be recorded there, or its disk is full.
    """

    def __init__(
        self,
        path: Path | str,
        size_wh: tuple[int, int],
        *,
        overwrite: bool = False,
        min_free_bytes: int = MIN_FREE_BYTES,
        private: bool = False,
    ) -> None:
        self.path = Path(path)
        self._size_wh = (size_wh[0] // 2 * 2, size_wh[1] // 2 * 2)
        self._min_free_bytes = min_free_bytes
        self._checked_at_s = time.monotonic()
        self._position_ms = self._key_frame_ms = -_KEY_FRAME_EVERY_MS
        self._last_ms: float | None = None
        self._parts: list[tuple[float, float, float]] = []
        self._lists_part = False
        self._step_ms = math.inf
        self._last_pts = -1
        self._saved_s = 0.0
        self._has_packets = False
        self._is_open = False
        if self.path.suffix.lower() not in _FORMATS:
            raise LogError(
                "a video cannot be recorded as {name}; use a name that ends in {suffixes}",
                name=self.path.name,
                suffixes=", ".join(SUFFIXES),
            )
        if not self.path.parent.is_dir():
            raise LogError(
                "{path} cannot be recorded: the folder {folder} does not exist; create it first",
                path=self.path,
                folder=self.path.parent,
            )
        self._check_free_space()
        encoder = _encoder(self._size_wh)
        if encoder is None:
            raise LogError(
                "{path} cannot be recorded with {width} x {height} pixels; use larger images",
                path=self.path,
                width=size_wh[0],
                height=size_wh[1],
            )
        try:
            self._file = _RecordingFile(self.path, overwrite=overwrite, private=private)
        except FileExistsError as error:
            raise LogError("{path} exists; name another file, or add --overwrite to replace it", path=self.path) from error
        except OSError as error:
            raise LogError("{path} cannot be recorded: {error}; name another file", path=self.path, error=error) from error
        try:
            self._open(encoder)
        except BaseException:
            self._file.close()
            raise

    def _open(self, encoder: str) -> None:
        name, options = _FORMATS[self.path.suffix.lower()]
        if not self._file.is_regular:  # A pipe cannot be made an ordinary MP4 file at the end.
            options = {key: value.removeprefix("hybrid_fragmented+") for key, value in options.items()}
        self._container = av.open(self._file, "w", format=name, options={**options, "flush_packets": "1"})
        stream = self._container.add_stream(encoder, options=dict(_ENCODERS[encoder]))
        assert isinstance(stream, av.VideoStream)
        self._stream = stream
        _configure(stream.codec_context, self._size_wh)
        self._is_open = True

    @property
    def duration_s(self) -> float:
        """Time from the first frame to the last one."""
        return max(0.0, self._position_ms / 1e3)

    @property
    def parts(self) -> tuple[RecordedPart, ...]:
        """Parts of the video so far, of a very long one with many gaps the first _MAX_PARTS."""
        return tuple(RecordedPart(*part) for part in self._parts)

    def write(self, t_ms: float, bgr: Image) -> None:
        """Add the frame (height, width, 3) uint8 of a time. One that is not later than the last by a tick is left out.

        Raises:
            LogError: The frame could not be written, or the disk is nearly full. `close` keeps the video so far.
        """
        if time.monotonic() - self._checked_at_s >= _FREE_SPACE_EVERY_S:
            self._checked_at_s = time.monotonic()
            self._check_free_space()
        self._position_ms, continues = self._next_position_ms(t_ms)
        self._add_to_parts(t_ms, continues=continues)
        context = self._stream.codec_context
        assert context.time_base is not None
        pts = round(self._position_ms / 1e3 / context.time_base)
        if pts <= self._last_pts:
            return
        self._last_pts = pts
        fitted = bgr if (bgr.shape[1], bgr.shape[0]) == self._size_wh else fit_to_size(bgr, self._size_wh)
        frame = av.VideoFrame.from_ndarray(np.asarray(cv2.cvtColor(fitted, cv2.COLOR_BGR2YUV_I420), np.uint8), format="yuv420p")
        frame.pts, frame.time_base = pts, context.time_base
        if self._position_ms - self._key_frame_ms >= _KEY_FRAME_EVERY_MS:
            frame.pict_type, self._key_frame_ms = PictureType.I, self._position_ms
        self._encode(frame)

    def _next_position_ms(self, t_ms: float) -> tuple[float, bool]:
        """Return the time in the video of a frame of this time, and whether it follows the last one without a gap."""
        last_ms, self._last_ms = self._last_ms, t_ms
        if last_ms is None:
            return 0.0, False
        step_ms, previous_ms = t_ms - last_ms, self._step_ms
        if step_ms < 0:
            return self._position_ms + _STEP_MS, False
        self._step_ms = step_ms
        is_gap = step_ms > max(_MAX_GAP_MS, _GAP_FACTOR * previous_ms)
        return self._position_ms + (_STEP_MS if is_gap else step_ms), not is_gap

    def _add_to_parts(self, t_ms: float, *, continues: bool) -> None:
        """Add the frame at the present position to the last part, or begin another one after a gap."""
        if not continues:
            self._lists_part = len(self._parts) < _MAX_PARTS
            if self._lists_part:
                self._parts.append((t_ms, t_ms, self._position_ms))
        elif self._lists_part:
            begin_ms, _, position_ms = self._parts[-1]
            self._parts[-1] = begin_ms, t_ms, position_ms

    def close(self) -> None:
        """Finish the file. A second call does nothing.

        Raises:
            LogError: The end of the video could not be written; what came before is kept.
        """
        if not self._is_open:
            return
        self._is_open = False
        errors: list[Exception] = []
        for step in (self._encode_rest, self._container.close, self._file.close):
            try:
                step()
            except (LogError, OSError, av.FFmpegError) as error:
                errors.append(error)
        if errors:
            raise errors[0] if isinstance(errors[0], LogError) else self._write_error(errors[0])

    def abort(self) -> None:
        """Close the file after an error that has been reported; the video so far is kept."""
        with contextlib.suppress(LogError):
            self.close()

    def _encode_rest(self) -> None:
        if self._last_ms is not None:
            self._encode(None)

    def _encode(self, frame: av.VideoFrame | None) -> None:
        """Encode a frame, or what the encoder still holds. Everything before a key frame is complete and goes to the disk."""
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
                if packet.is_keyframe and self._has_packets:
                    self._file.flush()
                    self._saved_s = self.duration_s
                self._has_packets = True
        except (OSError, av.FFmpegError) as error:
            raise self._write_error(error) from error

    def _check_free_space(self) -> None:
        """Raise LogError if the disk is nearly full."""
        if is_stream(self.path):
            return
        with contextlib.suppress(OSError):  # a disk that does not tell
            free_bytes = shutil.disk_usage(Path(os.path.realpath(self.path)).parent).free
            if free_bytes < self._min_free_bytes:
                raise LogError(
                    "the disk of {path} is nearly full ({free} MB free), so {outcome}; free space and start another recording",
                    path=self.path,
                    free=free_bytes // 1_000_000,
                    outcome=_outcome(self.duration_s),
                )

    def _write_error(self, error: Exception) -> LogError:
        if getattr(error, "errno", None) in _DISK_FULL:
            return LogError(
                "the disk of {path} is full, so {outcome}; free space and start another recording",
                path=self.path,
                outcome=_outcome(self._saved_s),
            )
        reason = error if isinstance(error, OSError) else getattr(error, "strerror", None) or error
        return LogError(
            "{path} cannot be written ({reason}), so {outcome}; start another recording",
            path=self.path,
            reason=reason,
            outcome=_outcome(self._saved_s),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def _outcome(duration_s: float) -> TranslatableText:
    minutes, seconds = divmod(int(duration_s), 60)
    if not duration_s:
        return TranslatableText("nothing is recorded")
    return TranslatableText("the recording ended after {minutes}:{seconds:02}", minutes=minutes, seconds=seconds)


@cache
def _encoder(size_wh: tuple[int, int]) -> str | None:
    """Return the first encoder that works for this size; None without any."""
    if min(size_wh) < 2:
        return None
    for name in _ENCODERS:
        # Some encoders exist in the library, but the machine lacks their hardware.
        with contextlib.suppress(av.FFmpegError, ValueError):
            context = av.CodecContext.create(name, "w")
            assert isinstance(context, av.VideoCodecContext)
            context.options = dict(_ENCODERS[name])
            _configure(context, size_wh)
            context.open()
            if name == _NOT_FOR_BROWSERS:
                _log.warning("no H.264 encoder works here: videos are recorded as MPEG-4, which browsers do not play")
            return name
    return None


def _configure(context: av.VideoCodecContext, size_wh: tuple[int, int]) -> None:
    context.width, context.height = size_wh
    context.pix_fmt = "yuv420p"
    context.time_base = _MPEG4_TIME_BASE if context.name == "mpeg4" else _TIME_BASE
    context.gop_size = _MAX_KEY_FRAME_DISTANCE if context.name == "libx264" else 30
    context.thread_count = _ENCODER_THREADS
    if context.name not in ("libx264", "mpeg4"):
        context.bit_rate = round(_BITS_PER_PIXEL * size_wh[0] * size_wh[1] * 30)
    # BT.601, limited range: that is what cv2.cvtColor makes.
    context.colorspace, context.color_range = 6, 1


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


@dataclass(frozen=True, slots=True)
class RecordingView:
    """Appearance of a source in its recording, the same as in the window.

    With `annotated` false, neither faces nor heatmaps are drawn. `covers_strangers`: the faces of everyone who is not known are
    covered, and frames that were not searched whole are left out.
    """

    mirrored: bool = False
    covers_strangers: bool = False
    annotated: bool = True
    smoothed: bool = False
    texts: CaptionTexts = ENGLISH


class RecordingController:
    """Sink that records each source to its own video between `start` and `stop`, which may be called in any thread.

    The videos are `path`, then `path` with -2, -3 ... in its name. After an error the recording ends and the session continues.

    Attributes:
        path: The running recording; None without one.
        duration_s: Recorded time of the running or the last recording, that of its longest video. A pause does not count.
        saved_paths: Videos of the last recording that has ended, in the order of the sources.
        fault: Message of the error that ended the last recording, else "".
        faults: Those of all recordings of the session.
        events: The same as events to be logged.
        min_free_bytes: Space that must remain on the disk.
        view_of: Returns the appearance of the source in a slot. It may be replaced at any time, as `draw_heatmaps`.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self.duration_s = 0.0
        self.saved_paths: tuple[Path, ...] = ()
        self.fault: str = ""
        self.faults: list[str] = []
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.min_free_bytes = MIN_FREE_BYTES
        self.view_of: Callable[[int], RecordingView] = lambda slot: RecordingView()
        self.draw_heatmaps: HeatmapDrawer = lambda bgr, result, slot: None
        self._lock = threading.Lock()
        self._overwrite = self._private = False
        self._videos: dict[int, VideoRecorder] = {}
        self._recorded: list[tuple[int, VideoRecorder]] = []
        self._smoothers: dict[int, AnnotationSmoother] = {}
        self._covers: dict[int, FaceCover] = {}

    @property
    def saved_path(self) -> Path | None:
        """First video of the last recording that has ended, None if it has none."""
        return next(iter(self.saved_paths), None)

    def recorded(self) -> tuple[RecordedVideo, ...]:
        """Return all videos of the session so far, also the running ones."""
        with self._lock:
            running = set(map(id, self._videos.values()))
            return tuple(
                RecordedVideo(video.path, slot, video.parts, id(video) in running)
                for slot, video in self._recorded
                if video.parts
            )

    def start(self, path: Path, *, overwrite: bool = False, private: bool = False) -> None:
        """Record to `path` from the next recognized frame on; a running recording is finished first.

        `private`: only this user can read a new file, whatever the umask.
        """
        with self._lock:
            self._finish()
            self.path, self.duration_s, self.fault = path, 0.0, ""
            self._overwrite, self._private = overwrite, private

    def stop(self, path: Path | None = None) -> None:
        """Finish the running recording, with `path` only the one to this file."""
        with self._lock:
            if path is None or path == self.path:
                self._finish()

    def close(self) -> None:
        """Finish the recording at the end of the session."""
        self.stop()

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        """Add a recognized frame of the source in a slot."""
        with self._lock:
            # Also without a recording: a stranger whom the next one's first frame lacks stays covered in it.
            areas = self._covers.setdefault(slot, FaceCover()).update(result)
            if self.path is None:
                return
            try:
                view = self.view_of(slot)
                if view.covers_strangers and not (result.is_searched and result.mode is Mode.FACES):
                    return
                video = self._videos.get(slot) or self._open(self.path, slot, frame.size_wh)
                video.write(frame.t_ms, self._drawn(frame, result, slot, view, areas))
                self.duration_s = max(self.duration_s, video.duration_s)
            except FacecamError as error:
                self._finish(error)
            except Exception as error:  # noqa: BLE001 - recognition and its log continue whatever happens to a video
                _log.debug("a frame cannot be recorded", exc_info=True)
                self._finish(
                    LogError(
                        "{path} cannot be recorded ({kind}: {error}); please report this",
                        path=self.path,
                        kind=type(error).__name__,
                        error=error,
                    )
                )

    def _open(self, path: Path, slot: int, size_wh: tuple[int, int]) -> VideoRecorder:
        self._videos[slot] = VideoRecorder(
            video_path(path, slot),
            size_wh,
            overwrite=self._overwrite,
            min_free_bytes=self.min_free_bytes,
            private=self._private,
        )
        self._recorded.append((slot, self._videos[slot]))
        return self._videos[slot]

    def _drawn(self, frame: Frame, result: Result, slot: int, view: RecordingView, covered_areas: Iterable[Box]) -> Image:
        image = frame.bgr.copy()
        if view.annotated:
            self.draw_heatmaps(image, result, slot)
        if view.covers_strangers:
            cover(image, covered_areas)
        if not view.annotated:
            return np.ascontiguousarray(image[:, ::-1]) if view.mirrored else image
        overlay = annotate(result, view.texts)
        if view.smoothed:
            smoother = self._smoothers.setdefault(slot, AnnotationSmoother())
            overlay = replace(overlay, marks=smoother.smooth(overlay.marks, result.t_ms))
        if view.mirrored:
            image, overlay = np.ascontiguousarray(image[:, ::-1]), _mirrored(overlay)
        draw_overlay(image, overlay)
        return image

    def _finish(self, error: FacecamError | None = None) -> None:
        """End the recording, with the error that ended it if there is one."""
        videos, self._videos = self._videos, {}
        self._smoothers.clear()
        for video in videos.values():
            if error is not None:
                video.abort()
                continue
            try:
                video.close()
            except LogError as failed:
                error = failed
        if self.path is not None:
            self.saved_paths = tuple(videos[slot].path for slot in sorted(videos) if videos[slot].path.exists())
            # One that failed before its first second has no file.
            missing = {id(video) for video in videos.values() if video.path not in self.saved_paths}
            self._recorded = [entry for entry in self._recorded if id(entry[1]) not in missing]
        if error is not None:
            self.fault = error.text
            self.faults.append(self.fault)
            self.events.put(Event("error", f"recording: {error}", code=EventCode.RECORDING_FAILED))
        # Last, because a window that sees no recording reads its result at once.
        self.path = None


def _mirrored(overlay: Overlay) -> Overlay:
    """Return the annotations of a mirrored image. Their texts stay readable."""
    width = overlay.size_wh[0]
    marks = tuple(replace(mark, box=_mirrored_box(mark.box, width)) for mark in overlay.marks)
    return replace(overlay, marks=marks)


def _mirrored_box(box: Box, width: int) -> Box:
    return replace(box, x=width - box.x - box.w)
