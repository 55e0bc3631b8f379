"""A camera of this machine: by index, by name, or by device path."""

from __future__ import annotations

import logging
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from facecam.capture.live import LiveSource
from facecam.capture.video import FrameTime, VideoReader
from facecam.errors import AccessDeniedError, CameraError
from facecam.settings import CaptureSettings

# MERGED capture.devices: Linux's camera devices: which node delivers pictures, who may open it, and who has it open. Elsewhere nothing is known.

_PROCESSES = Path("/proc")

# linux/videodev2.h: VIDIOC_QUERYCAP and the capabilities of a node that delivers pictures.
_QUERYCAP = 0x80685600
_CAPABILITY_BYTES, _CAPABILITIES_AT, _DEVICE_CAPS_AT = 104, 84, 88
_VIDEO_CAPTURE = 0x1 | 0x1000
_HAS_DEVICE_CAPS = 0x80000000


def may_open(node: Path) -> bool:
    """Whether this user may read and write the node, as V4L2 must to use it."""
    return os.access(node, os.R_OK | os.W_OK)


def captures(node: Path) -> bool | None:
    """Whether a node delivers pictures; None when it cannot be asked. A UVC camera has a second node, for metadata alone."""
    try:
        import fcntl
    except ImportError:
        return None
    answer = bytearray(_CAPABILITY_BYTES)
    try:
        device = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(device, _QUERYCAP, answer)
        finally:
            os.close(device)
    except OSError:
        return None
    of_all_nodes: int = struct.unpack_from("=I", answer, _CAPABILITIES_AT)[0]
    of_this_node: int = struct.unpack_from("=I", answer, _DEVICE_CAPS_AT)[0]
    return bool((of_this_node if of_all_nodes & _HAS_DEVICE_CAPS else of_all_nodes) & _VIDEO_CAPTURE)


def users_of(node: Path, processes: Path = _PROCESSES) -> list[str]:
    """Who has a node open, as "zoom (process 1234)"; those of other users stay hidden unless one is root."""
    found = []
    for process in sorted(processes.glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            if any(link.readlink() == node for link in (process / "fd").iterdir()):
                found.append(f"{_name(process)} (process {process.name})")
        except OSError:
            continue  # it has ended meanwhile, or is another user's
    return found


def _name(process: Path) -> str:
    return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()


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
            raise AccessDeniedError(_forbidden(source, self._node))
        reader = VideoReader(device, BACKEND)
        if not reader.opened:
            reader.close()
            raise CameraError(_cannot_open(source, device))
        wanted = CameraFormat(_FOURCC, (settings.width_px, settings.height_px), settings.fps)
        self.given = negotiate(reader, wanted)
        _log.info("%s was asked for %s and gives %s", _said(source), wanted, self.given)
        super().__init__(reader, _said(source), _lasting_name(device), started_at_s)
        self.fps = self.given.fps

    def _taken_at_s(self, moment: FrameTime) -> float:
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


# MERGED capture.probe: What each camera of this machine offers, found out by opening it, asking for the usual sizes and reading back.

USUAL_SIZES_WH = (
    (320, 240),
    (640, 360),
    (640, 480),
    (800, 600),
    (1280, 720),
    (1280, 960),
    (1920, 1080),
    (2560, 1440),
    (3840, 2160),
)
USUAL_FPS = (15, 30, 60)

TOTAL_S = 30.0
"""After so long no further question is asked; one that a driver is busy with cannot be cut short."""

_TRIED_INDEXES = 6
_IN_VAIN = 2

Known = Callable[[], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A size that a camera gives, and its rates in frames per second."""

    size_wh: tuple[int, int]
    fps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CameraReport:
    """One camera. `opens_in_ms` is until its first picture was there; `error` says why it was not, and the rest is empty then."""

    index: int
    name: str
    path: str = ""
    opens_in_ms: float | None = None
    given: CameraFormat | None = None
    offers: tuple[Offer, ...] = ()
    error: str | None = None


def backend_name() -> str:
    """The part of OpenCV that cameras are opened with here."""
    return str(cv2.videoio_registry.getBackendName(BACKEND))


def probe(settings: CaptureSettings, told: Callable[[int, int], None], known: Known = known_cameras) -> Iterator[CameraReport]:
    """A report on every camera, in the order of their indexes; `told(done, total)` meanwhile.

    Linux lists its cameras. Elsewhere the first indexes are tried, until two in a row open none.
    """
    until_s = time.monotonic() + TOTAL_S
    listed = sys.platform == "linux"
    cameras = known() if listed else dict.fromkeys(range(_TRIED_INDEXES), "")
    in_vain = 0
    for done, (index, name) in enumerate(cameras.items()):
        told(done, len(cameras))
        if time.monotonic() > until_s:
            yield CameraReport(index, name, error=f"was not asked: the others took {TOTAL_S:g} s")
            continue
        report = _report(index, name, settings, until_s)
        in_vain = in_vain + 1 if report.error else 0
        if listed or not report.error:
            yield report
        elif in_vain == _IN_VAIN:
            return


def _report(index: int, name: str, settings: CaptureSettings, until_s: float) -> CameraReport:
    asked_at_s = time.monotonic()
    try:
        with Camera(index, settings, asked_at_s, source=str(index)) as camera:
            opens_in_ms = (time.monotonic() - asked_at_s) * 1000
            path, given = camera.camera_id, camera.given
    except CameraError as error:
        return CameraReport(index, name, error=str(error))
    with VideoReader(index, BACKEND) as reader:
        return CameraReport(index, name, path, opens_in_ms, given, _offers(reader, given, until_s))


def _offers(reader: VideoReader, given: CameraFormat, until_s: float) -> tuple[Offer, ...]:
    """What comes back when the usual sizes and rates are asked for. An unusual size comes back in the place of its neighbor."""
    found: dict[tuple[int, int], set[float]] = {}
    if given.fourcc is not None:
        reader.ask(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*given.fourcc.ljust(4)))
    for size_wh in USUAL_SIZES_WH:
        if time.monotonic() > until_s or not reader.opened:
            break
        ask_size(reader, CameraFormat(None, size_wh, None))
        for rate in USUAL_FPS:
            reader.ask(cv2.CAP_PROP_FPS, rate)
            now = given_by(reader)
            if now.size_wh is not None:
                found.setdefault(now.size_wh, set()).update(() if now.fps is None else (round(now.fps, 2),))
    return tuple(Offer(size_wh, tuple(sorted(rates))) for size_wh, rates in sorted(found.items()))
