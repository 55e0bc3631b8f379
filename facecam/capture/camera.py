"""A camera of this machine: by index, by name, or by device path."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from facecam.capture.devices import captures, may_open, users_of
from facecam.capture.live import LiveSource
from facecam.capture.video import Moment, VideoReader
from facecam.errors import AccessDenied, CameraError
from facecam.settings import CaptureSettings

_log = logging.getLogger(__name__)

_DEVICES = Path("/dev")
_NAMES = Path("/sys/class/video4linux")
_BY_ID = _DEVICES / "v4l" / "by-id"

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
"""One backend each, named: OpenCV would try a dozen, and on Windows its first choice takes seconds to open a camera."""

BACKEND = _BACKENDS.get(sys.platform, cv2.CAP_ANY)

_FOURCC = "MJPG"
_ALLOW = (
    "allow this program under System Settings > Privacy & Security > Camera"
    if sys.platform == "darwin"
    else "allow this one to use cameras"
)
_OLDEST_STAMP_S = 5.0


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """A pixel format by its four letters, a size and a rate in frames per second; None where the camera does not say."""

    fourcc: str | None
    size_wh: tuple[int, int] | None
    fps: float | None

    def __str__(self) -> str:
        size = "an unknown size" if self.size_wh is None else f"{self.size_wh[0]}x{self.size_wh[1]}"
        return f"{self.fourcc or 'an unknown format'} {size} at {'unknown' if self.fps is None else f'{self.fps:g}'} fps"


class Camera(LiveSource):
    """A camera, asked for the settings' size and rate; `given` is what it says it gives, `size_wh` what it delivers."""

    patience_s = 1.0

    def __init__(self, device: int | str, settings: CaptureSettings, started_at_s: float, *, source: str) -> None:
        self._node = _node(device)
        if sys.platform == "linux" and self._node.exists() and not may_open(self._node):
            raise AccessDenied(_forbidden(source, self._node))
        reader = VideoReader(device, BACKEND)
        if not reader.opened:
            reader.close()
            raise CameraError(_cannot_open(source, device))
        wanted = CameraFormat(_FOURCC, (settings.width_px, settings.height_px), settings.fps)
        self.given = negotiate(reader, wanted)
        _log.info("%s was asked for %s and gives %s", _said(source), wanted, self.given)
        super().__init__(reader, _said(source), _lasting_name(device), started_at_s)
        self.fps = self.given.fps

    def _taken_at_s(self, moment: Moment) -> float:
        """When it was grabbed; better, the driver's stamp where that is on the monotonic clock, as UVC cameras' is on Linux.

        That is true for a picture that had waited in a buffer, too.
        """
        stamp_s = (moment.media_ms or 0) / 1000
        return stamp_s if moment.at_s - _OLDEST_STAMP_S < stamp_s <= moment.at_s else moment.at_s

    def _shows_nothing(self) -> str:
        if users := users_of(self._node):
            return f"{self.source} is used by {', '.join(users)}; close that first"
        return f"{self.source} opens but delivers no picture; close other programs that use it, and {_ALLOW}"


def negotiate(reader: VideoReader, wanted: CameraFormat) -> CameraFormat:
    """Ask an opened camera for a format; what it gives instead is no failure, and is returned.

    The pixel format decides which sizes there are, the size which rates, hence the order; raw YUYV is too slow over USB 2 beyond
    640x480. DirectShow forgets a pixel format that was asked for before the size (OpenCV's issues 5847 and 9084): there it is
    asked for again, and the rate after it.
    """
    fourcc = cv2.VideoWriter.fourcc(*(wanted.fourcc or _FOURCC))
    reader.ask(cv2.CAP_PROP_FOURCC, fourcc)
    ask_size(reader, wanted)
    if reader.says(cv2.CAP_PROP_FOURCC) not in (None, fourcc):
        reader.ask(cv2.CAP_PROP_FOURCC, fourcc)
        ask_size(reader, wanted)
    # So that the newest picture is not behind four old ones.
    reader.ask(cv2.CAP_PROP_BUFFERSIZE, 1)
    return given_by(reader)


def ask_size(reader: VideoReader, wanted: CameraFormat) -> None:
    """Ask for a size, then for the rate: changing the former sets the latter back."""
    if wanted.size_wh is not None:
        reader.ask(cv2.CAP_PROP_FRAME_WIDTH, wanted.size_wh[0])
        reader.ask(cv2.CAP_PROP_FRAME_HEIGHT, wanted.size_wh[1])
    if wanted.fps is not None:
        reader.ask(cv2.CAP_PROP_FPS, wanted.fps)


def given_by(reader: VideoReader) -> CameraFormat:
    """The format that an opened camera says it gives."""
    code = int(reader.says(cv2.CAP_PROP_FOURCC) or 0)
    letters = code.to_bytes(8, "little")[:4].decode("latin-1")
    width, height = reader.says(cv2.CAP_PROP_FRAME_WIDTH), reader.says(cv2.CAP_PROP_FRAME_HEIGHT)
    return CameraFormat(
        letters.strip() if letters.isascii() and letters.isprintable() else None,
        (int(width), int(height)) if width and height else None,
        reader.says(cv2.CAP_PROP_FPS),
    )


def known_cameras(names: Path = _NAMES, devices: Path = _DEVICES) -> dict[int, str]:
    """Index and name of each camera that the system lists without opening it; empty where only opening would tell."""
    cameras: dict[int, str] = {}
    for entry in names.glob("video*"):
        number, name = entry.name.removeprefix("video"), entry / "name"
        if number.isdecimal() and name.is_file() and _delivers(entry, devices / entry.name):
            cameras[int(number)] = name.read_text(encoding="utf-8", errors="replace").strip()
    return dict(sorted(cameras.items()))


def _delivers(entry: Path, node: Path) -> bool:
    """Whether pictures come from a node. Where it cannot be asked, a device's first node is taken for the one that delivers."""
    answer, place = captures(node), entry / "index"
    if answer is not None:
        return answer
    return not place.is_file() or place.read_text(encoding="ascii", errors="replace").strip() == "0"


def find_device(text: str) -> int | str | None:
    """What to open for a camera's index, device path or name (a part of it will do); None when `text` is none of these."""
    if text.isdecimal():
        return int(text)
    if text.startswith(f"{_DEVICES}/"):
        return text
    return next((index for index, name in known_cameras().items() if text and text.casefold() in name.casefold()), None)


def _said(source: str) -> str:
    return f"camera {source}" if source.isdecimal() else source


def _node(device: int | str) -> Path:
    """The device's node on Linux, behind all links."""
    return (_DEVICES / f"video{device}" if isinstance(device, int) else Path(device)).resolve()


def _lasting_name(device: int | str) -> str:
    """The device's path by vendor and serial number, which survives replugging; else the path or index itself."""
    links = [link for link in sorted(_BY_ID.glob("*")) if link.resolve() == _node(device)]
    return str(links[0]) if links else str(device)


def _forbidden(source: str, node: Path) -> str:
    return (
        f"{_said(source)} ({node}) may not be opened by this user; join the group video: sudo usermod -aG video $USER, "
        "then log out and in again"
    )


def _cannot_open(source: str, device: int | str) -> str:
    cameras = known_cameras()
    missing = device not in cameras if isinstance(device, int) else not Path(device).exists()
    if not missing or (sys.platform != "linux" and isinstance(device, int)):
        users = users_of(_node(device))
        if users:
            return f"{_said(source)} is used by {', '.join(users)}; close that first"
        return f"{_said(source)} does not open; plug it in, close other programs that use it and {_ALLOW}, or try: facecam demo"
    if cameras:
        there = ", ".join(f"{index} ({name})" for index, name in cameras.items())
        return f"there is no {_said(source)}; there are {there}: name one with --source"
    return f"there is no {_said(source)} and no other on this machine; plug one in, or try without: facecam demo"
