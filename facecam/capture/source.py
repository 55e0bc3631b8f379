"""Where frames come from: one protocol over cameras, files, folders, streams and the demo, and the door to all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from facecam.errors import CameraError
from facecam.picture import PICTURE_SUFFIXES
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
    from facecam.capture.files import PictureFolder, VideoFile

    if text == DEMO:
        return DemoSource()
    if _ADDRESS.match(text):
        from facecam.capture.network import open_network

        return open_network(text, started_at_s)
    path = Path(text).expanduser()
    if not text:
        raise CameraError(_nothing_there(text))  # Path("") is the working folder
    if path.is_dir() or (path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES):
        return PictureFolder(path)
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
