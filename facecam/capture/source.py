"""Where frames come from: one protocol over cameras, files, folders, streams and the demo, and the door to all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from facecam.capture.files import VideoFile
from facecam.errors import CameraError, SettingsError
from facecam.imageio import PICTURE_SUFFIXES
from facecam.settings import CaptureSettings
from facecam.types import Frame

DEMO = "demo"
_ADDRESS = re.compile(r"(https?|rtsps?)://", re.IGNORECASE)


class Source(Protocol):
    """Delivers frames until it ends. The thread that opens it reads and closes it; closing twice is harmless.

    `source` is how it is named to people and in the log, without credentials. `camera_id` is a device's lasting name, else "".
    `live`: it goes on by itself and its t_ms is time since the session's start; else t_ms is the medium's own time.
    `fps`, `size_wh` and `frame_count` are what the source says of itself, None when it does not or when that changes; a live
    one's `size_wh` is its newest frame's.
    """

    source: str
    camera_id: str
    live: bool
    fps: float | None
    size_wh: tuple[int, int] | None
    frame_count: int | None

    def read(self) -> Frame | None:
        """The next frame; None at the end of a file or folder. CameraError when a live source stops delivering."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def frames(source: Source) -> Iterator[Frame]:
    """Every frame that is left in `source`."""
    while (frame := source.read()) is not None:
        yield frame


def open_source(text: str, settings: CaptureSettings, started_at_s: float) -> Source:
    """The source that `text` names, opened: a camera's index, name or device path, a video file, a folder of pictures or a
    single one, an http, https, rtsp or rtsps address, or `demo`.

    `started_at_s` (time.monotonic) is when the session's time begins. CameraError says what could not be opened and what to do.
    """
    from facecam.capture.camera import Camera, find_device
    from facecam.capture.demo import DemoSource
    from facecam.capture.files import ImageFolder, VideoFile

    if text == DEMO:
        return DemoSource()
    if _ADDRESS.match(text):
        from facecam.capture.network import open_network

        return open_network(text, started_at_s)
    path = Path(text).expanduser()
    if not text:
        raise CameraError(_nothing_there(text))  # Path("") is the working folder
    if path.is_dir() or (path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES):
        return ImageFolder(path)
    if path.is_file():
        return VideoFile(path)
    device = find_device(text)
    if device is None:
        raise CameraError(_nothing_there(text))
    return Camera(device, settings, started_at_s, source=text)


def _nothing_there(text: str) -> str:
    if "://" in text:
        return f"addresses of the kind {text.partition('://')[0]}:// cannot be opened; use http, https, rtsp or rtsps"
    if Path(text).suffix or "/" in text or "\\" in text:
        return f"there is no file or folder {text}; check the path"
    return f"{text!r} is no camera, file or folder; give a camera's index (0 is the first), a path, an address or {DEMO!r}"


# MERGED capture.excerpt: A part of a source: every N-th frame between two times. The frames keep their own index and time.

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)", re.ASCII)


class SegmentSource:
    """A source itself, over another that it owns: every N-th frame with from_ms <= t_ms < to_ms, the first one included.

    It ends at `to_ms`, a live one too; there t_ms is the session's time. SettingsError when nothing could be between the times.
    """

    def __init__(self, source: Source, every: int = 1, from_ms: float = 0.0, to_ms: float | None = None) -> None:
        if every < 1:
            raise SettingsError(f"every is {every}, expected 1 (each frame) or more")
        if from_ms < 0 or (to_ms is not None and to_ms <= from_ms):
            raise SettingsError(f"an excerpt from {from_ms:g} to {to_ms} ms holds nothing; its end must come after its beginning")
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
        self._left_out = 0
        self._ended = False

    def read(self) -> Frame | None:
        """The next frame of the excerpt; None after its last. What the source raises, it raises."""
        while not self._ended and self._skip_to_next() and (frame := self._source.read()) is not None:
            self.size_wh = self._source.size_wh
            if self._to_ms is not None and frame.t_ms >= self._to_ms:
                break
            due = self._next_index is None or frame.index >= self._next_index
            if due and frame.t_ms >= self._from_ms:
                self._next_index = frame.index + self._every
                self._left_out = self._every - 1
                return frame
        self._ended = True
        return None

    def _skip_to_next(self) -> bool:
        """Leave out what is not wanted, where the source can do so without making pictures of it."""
        while self._left_out and isinstance(self._source, VideoFile):
            self._left_out -= 1
            if not self._source.skip():
                return False
        return True

    def close(self) -> None:
        self._ended = True
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def parse_time_ms(text: str) -> float:
    """The milliseconds of a time written as seconds, m:s or h:m:s: "90", "1:30" and "0:01:30.0" are the same.

    SettingsError for anything else.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise SettingsError(f"{text!r} is no time; write seconds, minutes:seconds or hours:minutes:seconds: 90, 1:30, 1:02:03.5")
    hours, minutes, seconds = int(found[1] or 0), int(found[2] or 0), float(found[3])
    # 1:75 is a slip of the hand: below a larger unit there are 0 to 59 of a smaller one.
    if (found[2] and seconds >= 60) or (found[1] and minutes >= 60):
        raise SettingsError(f"{text!r} is no time; minutes and seconds after a colon go up to 59")
    return (hours * 3600 + minutes * 60 + seconds) * 1000


# MERGED ui.sources: What kind of source a text names, before anything is opened.


def sentence(text: str) -> str:
    """What went wrong, as it stands alone: errors are written to follow a colon."""
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?!" else ".")


class SourceKind(StrEnum):
    """CAMERA: of this machine; ADDRESS: a camera in the network; FILE: files and folders; DEMO: the bundled pictures."""

    CAMERA = "camera"
    ADDRESS = "address"
    FILE = "file"
    DEMO = "demo"


def kind_of(text: str) -> SourceKind:
    """How `open_source` will understand it. What is neither there nor looks like a path is taken for a camera's name."""
    if text == DEMO:
        return SourceKind.DEMO
    if "://" in text:
        return SourceKind.ADDRESS
    path = Path(text).expanduser()
    if path.is_dir() or path.is_file():
        return SourceKind.FILE
    looks_like_a_path = bool(path.suffix) or re.search(r"[/\\]", text) is not None
    return SourceKind.FILE if looks_like_a_path and not text.startswith("/dev/") else SourceKind.CAMERA
