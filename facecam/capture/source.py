"""Frame sources: the protocol shared by cameras, streams, files, folders and the demo, how to open them, and segments of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from facecam.capture.files import VideoFile
from facecam.capture.video import Closing
from facecam.errors import CameraError, SettingsError
from facecam.imageio import IMAGE_SUFFIXES
from facecam.settings import CaptureSettings
from facecam.types import Frame

DEMO = "demo"
_ADDRESS = re.compile(r"(https?|rtsps?)://", re.IGNORECASE)
_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)", re.ASCII)


class Source(Protocol):
    """Delivers frames until it ends. The thread that opens a source reads and closes it; closing twice is harmless.

    Attributes:
        source: Name for people and the log, without credentials.
        camera_id: A device's name that survives replugging, else "".
        live: True if frames arrive on their own and t_ms is time since the session's start, else t_ms is the medium's time.
        fps: Nominal frame rate; None when unknown or variable, as for the next two.
        size_wh: Frame size in pixels; of the newest frame for a live source.
        frame_count: Number of frames.
    """

    source: str
    camera_id: str
    live: bool
    fps: float | None
    size_wh: tuple[int, int] | None
    frame_count: int | None

    def read(self) -> Frame | None:
        """Return the next frame; None at the end of a file or folder. CameraError when a live source stops delivering."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class SourceKind(StrEnum):
    """CAMERA: a device of this machine; ADDRESS: a network camera; FILE: a file or folder; DEMO: the bundled images."""

    CAMERA = "camera"
    ADDRESS = "address"
    FILE = "file"
    DEMO = "demo"


def source_kind(text: str) -> SourceKind:
    """Return the kind of source that `open_source` would open. Text that neither exists nor looks like a path names a camera."""
    if text == DEMO:
        return SourceKind.DEMO
    if "://" in text:
        return SourceKind.ADDRESS
    path = Path(text).expanduser()
    if path.is_dir() or path.is_file():
        return SourceKind.FILE
    return SourceKind.FILE if _looks_like_path(text) and not text.startswith("/dev/") else SourceKind.CAMERA


def open_source(text: str, settings: CaptureSettings, started_at_s: float) -> Source:
    """Open a source by its name.

    Args:
        text: Index, name or device path of a camera; path of a video file, an image or a folder of images; an http, https, rtsp
            or rtsps address; or `demo`.
        settings: Size and frame rate to request from a camera.
        started_at_s: Start of the session's time (time.monotonic).

    Raises:
        CameraError: The source cannot be opened; the message says what to do.
    """
    from facecam.capture.camera import Camera, find_device
    from facecam.capture.demo import DemoSource
    from facecam.capture.files import ImageFolder

    if text == DEMO:
        return DemoSource()
    if _ADDRESS.match(text):
        from facecam.capture.network import open_network

        return open_network(text, started_at_s)
    path = Path(text).expanduser()
    if not text:
        raise CameraError(_not_found_message(text))  # Path("") is the working folder.
    if path.is_dir() or (path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES):
        return ImageFolder(path)
    if path.is_file():
        return VideoFile(path)
    device = find_device(text)
    if device is None:
        raise CameraError(_not_found_message(text))
    return Camera(device, settings, started_at_s, source=text)


def frames(source: Source) -> Iterator[Frame]:
    """Yield the remaining frames of `source`."""
    while (frame := source.read()) is not None:
        yield frame


def _looks_like_path(text: str) -> bool:
    return bool(Path(text).suffix) or "/" in text or "\\" in text


def _not_found_message(text: str) -> str:
    if "://" in text:
        return f"addresses that begin with {text.partition('://')[0]}:// are not supported; use http, https, rtsp or rtsps"
    if _looks_like_path(text):
        return f"the file or folder {text} does not exist; check the path"
    return f"{text!r} is not a camera, file or folder; give a camera's index (0 is the first), a path, an address or {DEMO!r}"


class SegmentSource(Closing):
    """Every N-th frame of another source with from_ms <= t_ms < to_ms, beginning with the first. Frames keep index and time.

    The segment owns the other source and ends at `to_ms`, which for a live source is the session's time.

    Raises:
        SettingsError: No frame can be between the times.
    """

    def __init__(self, source: Source, every: int = 1, from_ms: float = 0.0, to_ms: float | None = None) -> None:
        if every < 1:
            raise SettingsError(f"every is {every}, expected 1 (each frame) or more")
        if from_ms < 0 or (to_ms is not None and to_ms <= from_ms):
            raise SettingsError(f"the segment from {from_ms:g} to {to_ms} ms is empty; its end must come after its start")
        self.source = source.source
        self.camera_id = source.camera_id
        self.live = source.live
        self.fps = None if source.fps is None else source.fps / every
        self.size_wh = source.size_wh
        self.frame_count: int | None = None
        self._source = source
        self._every = every
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._next_index: int | None = None
        self._to_skip = 0
        self._ended = False

    def read(self) -> Frame | None:
        """Return the next frame of the segment; None after its last. Errors are those of the other source."""
        while not self._ended and self._skip_to_next() and (frame := self._source.read()) is not None:
            self.size_wh = self._source.size_wh
            if self._to_ms is not None and frame.t_ms >= self._to_ms:
                break
            is_due = self._next_index is None or frame.index >= self._next_index
            if is_due and frame.t_ms >= self._from_ms:
                self._next_index = frame.index + self._every
                self._to_skip = self._every - 1
                return frame
        self._ended = True
        return None

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
            f"{text!r} is not a time; write seconds, minutes:seconds or hours:minutes:seconds: 90, 1:30, 1:02:03.5"
        )
    hours, minutes, seconds = int(found[1] or 0), int(found[2] or 0), float(found[3])
    # 1:75 is probably a typing error.
    if (found[2] and seconds >= 60) or (found[1] and minutes >= 60):
        raise SettingsError(f"{text!r} is not a time; minutes and seconds after a colon go up to 59")
    return (hours * 3600 + minutes * 60 + seconds) * 1000


def as_sentence(text: str) -> str:
    """Return an error's message, which is written to follow a colon, as a sentence of its own."""
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?!" else ".")
