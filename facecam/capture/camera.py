"""A camera of this machine: by index, by name, or by device path."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import cv2

from facecam.capture.live import LiveSource
from facecam.capture.video import VideoReader
from facecam.errors import CameraError
from facecam.settings import CaptureSettings

_log = logging.getLogger(__name__)

_DEVICES = Path("/dev")
_NAMES = Path("/sys/class/video4linux")
_BY_ID = _DEVICES / "v4l" / "by-id"

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
"""One backend each, named: OpenCV would try a dozen, and on Windows its first choice takes seconds to open a camera."""


class Camera(LiveSource):
    """A camera, asked for the settings' size and rate; what it really gives stands in `size_wh` and `fps`."""

    def __init__(self, device: int | str, settings: CaptureSettings, started_at_s: float, *, source: str) -> None:
        reader = VideoReader(device, _BACKENDS.get(sys.platform, cv2.CAP_ANY))
        if not reader.opened:
            reader.close()
            raise CameraError(_cannot_open(source, device))
        # In this order: the pixel format decides which sizes there are, the size which rates. Raw YUYV is too slow over USB 2
        # beyond 640x480. One buffered frame, so that the newest is not behind four old ones.
        reader.ask(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        reader.ask(cv2.CAP_PROP_FRAME_WIDTH, settings.width_px)
        reader.ask(cv2.CAP_PROP_FRAME_HEIGHT, settings.height_px)
        reader.ask(cv2.CAP_PROP_FPS, settings.fps)
        reader.ask(cv2.CAP_PROP_BUFFERSIZE, 1)
        super().__init__(reader, _said(source), _lasting_name(device), started_at_s)
        if self.size_wh != (settings.width_px, settings.height_px):
            _log.info("%s gives %s instead of %dx%d", self.source, self.size_wh, settings.width_px, settings.height_px)


def known_cameras() -> dict[int, str]:
    """Index and name of each camera that the system lists without opening it; empty where only opening would tell."""
    names: dict[int, str] = {}
    for node in _NAMES.glob("video*"):
        number, name = node.name.removeprefix("video"), node / "name"
        if number.isdecimal() and name.is_file():
            names[int(number)] = name.read_text(encoding="utf-8", errors="replace").strip()
    return dict(sorted(names.items()))


def find_device(text: str) -> int | str | None:
    """What to open for a camera's index, device path or name (a part of it will do); None when `text` is none of these."""
    if text.isdecimal():
        return int(text)
    if text.startswith(f"{_DEVICES}/"):
        return text
    return next((index for index, name in known_cameras().items() if text and text.casefold() in name.casefold()), None)


def _said(source: str) -> str:
    return f"camera {source}" if source.isdecimal() else source


def _lasting_name(device: int | str) -> str:
    """The device's path by vendor and serial number, which survives replugging; else the path or index itself."""
    path = _DEVICES / f"video{device}" if isinstance(device, int) else Path(device)
    links = [link for link in sorted(_BY_ID.glob("*")) if link.resolve() == path.resolve()]
    return str(links[0]) if links else str(device)


def _cannot_open(source: str, device: int | str) -> str:
    cameras = known_cameras()
    missing = device not in cameras if isinstance(device, int) else not Path(device).exists()
    if not missing or (sys.platform != "linux" and isinstance(device, int)):
        return (
            f"{_said(source)} does not open; plug it in, close other programs that use it and allow this one to use cameras, "
            "or try without one: facecam demo"
        )
    if cameras:
        there = ", ".join(f"{index} ({name})" for index, name in cameras.items())
        return f"there is no {_said(source)}; there are {there}: name one with --source"
    return f"there is no {_said(source)} and no other on this machine; plug one in, or try without: facecam demo"
