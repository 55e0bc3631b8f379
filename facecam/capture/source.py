"""Frame sources: the protocol shared by cameras, streams, files, folders and the demo, how to open them, and segments of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from facecam.capture.addresses import redact_url
from facecam.capture.files import AnimatedWebP, ImageFolder, VideoFile
from facecam.capture.video import Closing
from facecam.errors import CameraError, EmptySegmentError, SettingsError
from facecam.imageio import IMAGE_SUFFIXES, is_animated
from facecam.messages import TranslatableText
from facecam.settings import CaptureSettings
from facecam.types import DEMO, Frame, SourceTime

_ADDRESS = re.compile(r"\s*(https?|rtsps?|rtmp|udp)://", re.IGNORECASE)
_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)", re.ASCII)


class Source(Protocol):
    """Delivers frames until it ends. The thread that opens a source reads and closes it; closing twice is harmless.

    Attributes:
        source: Name for people and the log, without credentials.
        camera_id: A device's name that survives replugging, else "".
        live: True if frames arrive on their own and t_ms is time since the session's start, else t_ms is the medium's time.
        fps: Nominal frame rate; None when unknown or variable, as for the next two.
        size_wh: Frame size in pixels, of the newest frame where it changes.
        frame_count: Number of frames; an estimate for a file that does not state it.
        time: UTC time of t_ms 0 of a recording; None for live sources and the demo, whose times are the session's.
    """

    source: str
    camera_id: str
    live: bool
    fps: float | None
    size_wh: tuple[int, int] | None
    frame_count: int | None
    time: SourceTime | None

    def read(self) -> Frame | None:
        """Return the next frame; None at the end of a file or folder. CameraError when a live source stops delivering."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


@runtime_checkable
class Seekable(Protocol):
    """Recorded source that can continue at another time.

    After a seek, t_ms is the medium's time as before. `length_ms` is None where seeking is impossible.
    """

    @property
    def length_ms(self) -> float | None: ...

    def seek(self, t_ms: float) -> None:
        """Continue with the first frame at `t_ms` or later; past the last one, the source has ended."""
        ...


class SourceKind(StrEnum):
    """CAMERA: a device of this machine; ADDRESS: a network camera; FILE: a file or folder; DEMO: the bundled images."""

    CAMERA = "camera"
    ADDRESS = "address"
    FILE = "file"
    DEMO = "demo"


def source_kind(text: str) -> SourceKind:
    """Return the kind of source that `open_source` would open. Text that neither exists nor looks like a path names a camera.

    A number is always a camera's index; `./0` is the file or folder.
    """
    if text == DEMO:
        return SourceKind.DEMO
    if "://" in text:
        return SourceKind.ADDRESS
    path = _existing_path(text)
    if path is not None and (path.is_dir() or path.is_file()):
        return SourceKind.FILE
    return SourceKind.FILE if _looks_like_path(text) and not text.startswith("/dev/") else SourceKind.CAMERA


def source_label(text: str) -> str:
    """Return the name of a source that is not open yet: an address without its credentials."""
    if "://" not in text and _existing_path(text) is not None:
        return text
    return redact_url(text)


def open_source(text: str, settings: CaptureSettings, started_at_s: float) -> Source:
    """Open a source by its name.

    Args:
        text: Index, name or device path of a camera; path of a video file, an image or a folder of images; an http, https,
            rtsp, rtsps, rtmp or udp address; or `demo`.
        settings: Size and frame rate to request from a camera, and how its images are turned.
        started_at_s: Start of the session's time (time.monotonic).

    Raises:
        CameraError: The source cannot be opened; the message says what to do.
    """
    from facecam.capture.camera import find_device, open_camera, turned
    from facecam.capture.demo import DemoSource

    if text == DEMO:
        return DemoSource()
    if _ADDRESS.match(text):
        from facecam.capture.network import open_network

        return turned(open_network(text, started_at_s), settings.cameras, text)
    path = _existing_path(text)
    if path is not None and path.is_file():
        if path.suffix.lower() in IMAGE_SUFFIXES and not is_animated(path):
            return ImageFolder(path)
        return AnimatedWebP(path) if path.suffix.lower() == ".webp" else VideoFile(path)
    if path is not None and path.is_dir():
        return ImageFolder(path)
    device = find_device(text)
    if device is None and path is not None:
        raise CameraError(
            "{text} is not a regular file, but a pipe, socket or device; give a video file, an image or a folder", text=text
        )
    if device is None:
        raise CameraError(_not_found_message(text))
    return open_camera(device, settings, started_at_s, source=text)


def frames(source: Source) -> Iterator[Frame]:
    """Yield the remaining frames of `source`."""
    while (frame := source.read()) is not None:
        yield frame


def _existing_path(text: str) -> Path | None:
    """Return the path of the file, folder or device of this name; None when there is none, or it cannot be accessed."""
    # Path("") is the working folder, and a number is a camera's index even where a folder has that name.
    if not text or text.isdecimal():
        return None
    try:
        path = Path(text).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):  # A name that is too long, or the home folder of an unknown user
        return None


def _looks_like_path(text: str) -> bool:
    return bool(Path(text).suffix) or "/" in text or "\\" in text


def _not_found_message(text: str) -> TranslatableText:
    shown = source_label(text)  # A mistyped address may contain a password, too.
    if "://" in shown:
        return TranslatableText(
            "{address} cannot be opened; addresses begin with http://, https://, rtsp://, rtsps://, rtmp:// or udp://",
            address=shown,
        )
    if _looks_like_path(text):
        return TranslatableText("the file or folder {path} does not exist or cannot be accessed; check the path", path=shown)
    return TranslatableText(
        "{name!r} is not a camera, file or folder; give a camera's index (0 is the first), a path, an address or {demo!r}",
        name=shown,
        demo=DEMO,
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a source: every N-th frame with from_ms <= t_ms < to_ms, beginning with the first."""

    every: int = 1
    from_ms: float = 0.0
    to_ms: float | None = None


class SegmentSource(Closing):
    """Every N-th frame of another source with from_ms <= t_ms < to_ms, beginning with the first. Frames keep index and time.

    The segment owns the other source and ends at `to_ms`, which for a live source is the session's time. `fps` stays the rate of
    the other source.

    Raises:
        SettingsError: No frame can be between the times.
        EmptySegmentError: The source, not a live one, has ended and none of its frames was between the times.
    """

    def __init__(self, source: Source, every: int = 1, from_ms: float = 0.0, to_ms: float | None = None) -> None:
        if every < 1:
            raise SettingsError("every is {every}, expected 1 (each frame) or more", every=every)
        if from_ms < 0 or (to_ms is not None and to_ms <= from_ms):
            raise SettingsError(
                "the segment from {from_ms:g} to {to_ms} ms is empty; its end must come after its start",
                from_ms=from_ms,
                to_ms=to_ms,
            )
        self.source = source.source
        self.camera_id = source.camera_id
        self.live = source.live
        self.fps = source.fps
        self.size_wh = source.size_wh
        self.frame_count: int | None = None
        self.time = source.time
        self._source = source
        self._every = every
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._next_index: int | None = None
        self._to_skip = 0
        self._last_ms = 0.0
        self._ended = False
        self._was_sought = False
        if isinstance(source, VideoFile) and source.ends_at_ms is not None and source.ends_at_ms <= from_ms:
            self._last_ms = source.ends_at_ms
            self.close()
            raise EmptySegmentError(self._empty_message())

    def read(self) -> Frame | None:
        """Return the next frame of the segment; None after its last. Errors are those of the other source."""
        while not self._ended and self._skip_to_next() and (frame := self._source.read()) is not None:
            self.size_wh = self._source.size_wh
            self._last_ms = frame.t_ms
            if self._to_ms is not None and frame.t_ms >= self._to_ms:
                break
            is_due = self._next_index is None or frame.index >= self._next_index
            if is_due and frame.t_ms >= self._from_ms:
                self._next_index = frame.index + self._every
                self._to_skip = self._every - 1
                return frame
        is_empty = self._next_index is None and not self._was_sought
        if not self._ended and is_empty and not self.live and (self._from_ms or self._to_ms is not None):
            self._ended = True
            raise EmptySegmentError(self._empty_message())
        self._ended = True
        return None

    @property
    def length_ms(self) -> float | None:
        """Return the time of the segment's end in the source."""
        length_ms = self._source.length_ms if isinstance(self._source, Seekable) else None
        return length_ms if length_ms is None or self._to_ms is None else min(length_ms, self._to_ms)

    def seek(self, t_ms: float) -> None:
        """Continue with the first frame at `t_ms` or later within the segment."""
        if isinstance(self._source, Seekable):
            self._source.seek(max(t_ms, self._from_ms))
            self._next_index, self._to_skip, self._ended, self._was_sought = None, 0, False, True

    def _empty_message(self) -> TranslatableText:
        from_s, to_s = self._from_ms / 1000, (self._to_ms or 0) / 1000
        if self._last_ms < self._from_ms:
            return TranslatableText(
                "{source} ends at {end_s:.1f} s, before the start of the segment at {from_s:g} s; choose an earlier start",
                source=self.source,
                end_s=self._last_ms / 1000,
                from_s=from_s,
            )
        return TranslatableText(
            "{source} has no frame between {from_s:g} and {to_s:g} s; choose other times",
            source=self.source,
            from_s=from_s,
            to_s=to_s,
        )

    def _skip_to_next(self) -> bool:
        """Skip unwanted frames without decoding them, where the source supports it."""
        while self._to_skip and isinstance(self._source, VideoFile):
            self._to_skip -= 1
            if not self._source.skip():
                return False
        return True

    def close(self) -> None:
        self._ended = True
        self._source.close()


def parse_time_ms(text: str) -> float:
    """Return the milliseconds of a time in seconds, m:s or h:m:s, such as 90, 1:30 or 0:01:30.0. SettingsError otherwise."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise SettingsError(
            "{text!r} is not a time; write seconds, minutes:seconds or hours:minutes:seconds: 90, 1:30, 1:02:03.5", text=text
        )
    hours, minutes, seconds = int(found[1] or 0), int(found[2] or 0), float(found[3])
    # 1:75 is probably a typing error.
    if (found[2] and seconds >= 60) or (found[1] and minutes >= 60):
        raise SettingsError("{text!r} is not a time; minutes and seconds after a colon go up to 59", text=text)
    return (hours * 3600 + minutes * 60 + seconds) * 1000
