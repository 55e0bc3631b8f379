"""Cameras of this machine: opening by index, name or device path, listing, and probing what they support.

Linux's device files tell which node is a camera, whether this user may open it and which process has it open; other systems
tell nothing before a camera is opened.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from facecam.capture.live import LiveSource
from facecam.capture.video import Closing, FrameTime, VideoReader
from facecam.errors import AccessDeniedError, CameraError, CameraMissingError
from facecam.messages import TranslatableText, join_texts
from facecam.settings import CameraOrientations, CaptureSettings
from facecam.types import Frame, Image

if TYPE_CHECKING:
    from facecam.capture.source import Source

_log = logging.getLogger(__name__)

_DEVICES = Path("/dev")
_BY_ID = _DEVICES / "v4l" / "by-id"
_SYSFS = Path("/sys/class/video4linux")
_PROCESSES = Path("/proc")

# linux/videodev2.h: VIDIOC_QUERYCAP and the capabilities of a node that delivers images.
_QUERYCAP = 0x80685600
_CAPABILITY_BYTES, _CAPABILITIES_AT, _DEVICE_CAPS_AT = 104, 84, 88
_VIDEO_CAPTURE = 0x1 | 0x1000
_HAS_DEVICE_CAPS = 0x80000000

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
"""One backend per system. OpenCV would try a dozen, and its first choice on Windows takes seconds to open a camera."""

BACKEND = _BACKENDS.get(sys.platform, cv2.CAP_ANY)

_FOURCC = "MJPG"
_PERMISSION_ADVICE = (
    TranslatableText("allow this program under System Settings > Privacy & Security > Camera")
    if sys.platform == "darwin"
    else TranslatableText("allow this program to use cameras")
)
_MAX_STAMP_AGE_S = 5.0
_MAX_INDEX_DIGITS = 9  # OpenCV takes an int of 32 bits.

_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

_DARK_SHARE = 0.6
"""Mean brightness of a dark frame relative to its neighbors. Lamps make a camera flicker by less."""

_LEVEL_STEP_PX = 8
"""The mean of every eighth row and column of 640x480 takes 0.06 ms."""

USUAL_SIZES_WH = (
    *((320, 240), (640, 360), (640, 480), (800, 600), (1280, 720)),
    *((1280, 960), (1920, 1080), (2560, 1440), (3840, 2160)),
)
USUAL_FPS = (15, 30, 60)

PROBE_TIMEOUT_S = 30.0
"""Time after which no further request is made to a camera. One that a driver is busy with cannot be interrupted."""

_PROBED_INDEXES = 6
_MAX_FAILURES = 2

ListCameras = Callable[[], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """Pixel format (four letters), size and rate in frames per second; None where the camera does not report it."""

    fourcc: str | None
    size_wh: tuple[int, int] | None
    fps: float | None

    def __str__(self) -> str:
        size = "an unknown size" if self.size_wh is None else f"{self.size_wh[0]}x{self.size_wh[1]}"
        return f"{self.fourcc or 'an unknown format'} {size} at {'unknown' if self.fps is None else f'{self.fps:g}'} fps"


class Camera(LiveSource):
    """Camera of this machine, opened with the settings' size and rate. `format` is reported by it, `size_wh` delivered."""

    first_frame_timeout_s = 1.0

    def __init__(self, device: int | str, settings: CaptureSettings, started_at_s: float, *, source: str) -> None:
        self._node = _node(device)
        if sys.platform == "linux" and self._node.exists() and not is_accessible(self._node):
            raise AccessDeniedError(
                "you may not open {camera} ({node}); join the group video: sudo usermod -aG video $USER, then log out "
                "and in again",
                camera=_label(source),
                node=self._node,
            )
        reader = VideoReader(device, BACKEND)
        if not reader.is_opened:
            reader.close()
            raise _cannot_open_error(source, device)
        requested = CameraFormat(_FOURCC, (settings.width_px, settings.height_px), settings.fps)
        self.format = negotiate(reader, requested)
        _log.info("%s: requested %s, delivers %s", _label(source), requested, self.format)
        self._dark_frames = DarkFrames()
        super().__init__(reader, _label(source), _stable_id(device), started_at_s)
        self.fps = self.format.fps

    def read(self) -> Frame | None:
        """Wait for the next frame, as `LiveSource.read`. Those that an infrared emitter leaves dark are skipped."""
        frame = super().read()
        while frame is not None and self._dark_frames.is_dark(frame.bgr):
            frame = super().read()
        return frame

    def _capture_time_s(self, frame_time: FrameTime) -> float:
        """Return the driver's stamp if it is on the monotonic clock, as for UVC cameras on Linux, else the time of the grab.

        The stamp is also right for a frame that waited in a buffer.
        """
        stamp_s = (frame_time.media_ms or 0) / 1000
        return stamp_s if frame_time.at_s - _MAX_STAMP_AGE_S < stamp_s <= frame_time.at_s else frame_time.at_s

    def _no_image_message(self) -> TranslatableText:
        label = _label(self.source.removeprefix("camera "))
        if users := processes_using(self._node):
            return TranslatableText("{camera} is used by {users}; close that first", camera=label, users=join_texts(", ", users))
        return TranslatableText(
            "{camera} opens but delivers no image; close other programs that use it, and {advice}",
            camera=label,
            advice=_PERMISSION_ADVICE,
        )


class DarkFrames:
    """Finds the dark frames of an infrared camera whose emitter is on for every other frame only.

    Faces are not found in them, so that each would end the presence of everyone. Pure: one call per frame.
    """

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=3)

    def is_dark(self, bgr: Image) -> bool:
        """Return whether a frame is much darker than the previous one, as the one before that was. Never true twice in a row."""
        level = float(bgr[::_LEVEL_STEP_PX, ::_LEVEL_STEP_PX].mean())
        levels = (*self._levels, level)
        self._levels.append(level)
        return len(levels) == 4 and max(levels[1], levels[3]) < _DARK_SHARE * min(levels[0], levels[2])


class TurnedSource(Closing):
    """Another source with its images rotated clockwise, then flipped left to right. It owns the other source."""

    def __init__(self, source: Source, rotate: int, *, flip: bool) -> None:
        self.source, self.camera_id, self.live = source.source, source.camera_id, source.live
        self.fps, self.frame_count, self.time = source.fps, source.frame_count, source.time
        self._source, self._rotation, self._flip = source, _ROTATIONS.get(rotate), flip
        self.size_wh = self._turned_size()

    def read(self) -> Frame | None:
        """Return the next frame. Errors are those of the other source."""
        frame = self._source.read()
        self.size_wh = self._turned_size()
        if frame is None:
            return None
        bgr = frame.bgr if self._rotation is None else cv2.rotate(frame.bgr, self._rotation)
        return dataclasses.replace(frame, bgr=np.asarray(cv2.flip(bgr, 1) if self._flip else bgr, np.uint8))

    def close(self) -> None:
        self._source.close()

    def _turned_size(self) -> tuple[int, int] | None:
        size_wh = self._source.size_wh
        is_upright = self._rotation in (None, cv2.ROTATE_180)
        return size_wh if size_wh is None or is_upright else (size_wh[1], size_wh[0])


def turned(source: Source, orientations: CameraOrientations, *names: str) -> Source:
    """Return a source with the orientation that the settings have for its camera; `names` are further names of it."""
    own = {name.casefold() for name in (source.source, source.camera_id, *names) if name}
    found = next((orientation for camera, orientation in orientations.items() if camera.casefold() in own), None)
    if found is None or not (found["rotate"] or found["flip"]):
        return source
    return TurnedSource(source, found["rotate"], flip=found["flip"])


def open_camera(device: int | str, settings: CaptureSettings, started_at_s: float, *, source: str) -> Source:
    """Open a camera, turned as the settings say."""
    camera = Camera(device, settings, started_at_s, source=source)
    name = list_cameras().get(device, "") if settings.cameras and isinstance(device, int) else ""
    return turned(camera, settings.cameras, source, str(device), name)


def negotiate(reader: VideoReader, requested: CameraFormat) -> CameraFormat:
    """Request a format from an opened camera and return the format that it chose.

    The pixel format decides which sizes exist and the size which rates, hence the order; raw YUYV is too slow over USB 2 beyond
    640x480. DirectShow forgets a pixel format requested before the size (OpenCV issues 5847 and 9084), so it is then requested
    again, and the rate after it.
    """
    fourcc = cv2.VideoWriter.fourcc(*(requested.fourcc or _FOURCC))
    reader.set(cv2.CAP_PROP_FOURCC, fourcc)
    request_size(reader, requested)
    if reader.get(cv2.CAP_PROP_FOURCC) not in (None, fourcc):
        reader.set(cv2.CAP_PROP_FOURCC, fourcc)
        request_size(reader, requested)
    # With a larger buffer the newest frame would wait behind four old ones.
    reader.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return current_format(reader)


def request_size(reader: VideoReader, requested: CameraFormat) -> None:
    """Request a size, then the rate, which a change of size resets."""
    if requested.size_wh is not None:
        reader.set(cv2.CAP_PROP_FRAME_WIDTH, requested.size_wh[0])
        reader.set(cv2.CAP_PROP_FRAME_HEIGHT, requested.size_wh[1])
    if requested.fps is not None:
        reader.set(cv2.CAP_PROP_FPS, requested.fps)


def current_format(reader: VideoReader) -> CameraFormat:
    """Return the format that an opened camera reports."""
    code = int(reader.get(cv2.CAP_PROP_FOURCC) or 0)
    letters = code.to_bytes(8, "little")[:4].decode("latin-1")
    width, height = reader.get(cv2.CAP_PROP_FRAME_WIDTH), reader.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return CameraFormat(
        letters.strip() if letters.isascii() and letters.isprintable() else None,
        (int(width), int(height)) if width and height else None,
        reader.get(cv2.CAP_PROP_FPS),
    )


def is_accessible(node: Path) -> bool:
    """Return whether this user may read and write the node, which V4L2 requires."""
    return os.access(node, os.R_OK | os.W_OK)


def is_capture_device(node: Path) -> bool | None:
    """Return whether a node delivers images, None if it cannot be queried. A UVC camera has a second node for metadata only."""
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


def processes_using(node: Path, processes: Path = _PROCESSES) -> list[TranslatableText]:
    """Return the processes that have a node open, as "zoom (process 1234)"; those of other users are visible to root only."""
    found = []
    for process in sorted(processes.glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            if any(link.readlink() == node for link in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                found.append(TranslatableText("{name} (process {number})", name=name, number=process.name))
        except OSError:
            continue  # The process has ended, or belongs to another user.
    return found


def list_cameras(sysfs: Path = _SYSFS, devices: Path = _DEVICES) -> dict[int, str]:
    """Return index and name of the cameras that the system lists without opening them; empty on systems other than Linux."""
    cameras: dict[int, str] = {}
    for entry in sysfs.glob("video*"):
        number, name = entry.name.removeprefix("video"), entry / "name"
        if number.isdecimal() and name.is_file() and _is_camera(entry, devices / entry.name):
            cameras[int(number)] = name.read_text(encoding="utf-8", errors="replace").strip()
    return dict(sorted(cameras.items()))


def _is_camera(entry: Path, node: Path) -> bool:
    """Return whether a node delivers images. If it cannot be queried, a device's first node is assumed to."""
    delivers, index = is_capture_device(node), entry / "index"
    if delivers is not None:
        return delivers
    return not index.is_file() or index.read_text(encoding="ascii", errors="replace").strip() == "0"


def find_device(text: str) -> int | str | None:
    """Return what to open for a camera's index, device path or (part of its) name; None when `text` is none of these."""
    if text.isdecimal():
        return int(text) if len(text) <= _MAX_INDEX_DIGITS else None
    if text.startswith(f"{_DEVICES}/"):
        return text
    return next((index for index, name in list_cameras().items() if text and text.casefold() in name.casefold()), None)


def _label(source: str) -> str:
    return TranslatableText("camera {number}", number=source) if source.isdecimal() else source


def _node(device: int | str) -> Path:
    """Return the device's node on Linux, behind all links."""
    return (_DEVICES / f"video{device}" if isinstance(device, int) else Path(device)).resolve()


def _stable_id(device: int | str) -> str:
    """Return the device's path by vendor and serial number, which survives replugging; else the path or index itself."""
    links = [link for link in sorted(_BY_ID.glob("*")) if link.resolve() == _node(device)]
    return str(links[0]) if links else str(device)


def _cannot_open_error(source: str, device: int | str) -> CameraError:
    cameras = list_cameras()
    label = _label(source)
    is_missing = device not in cameras if isinstance(device, int) else not Path(device).exists()
    if not is_missing or (sys.platform != "linux" and isinstance(device, int)):
        if users := processes_using(_node(device)):
            return CameraError("{camera} is used by {users}; close that first", camera=label, users=join_texts(", ", users))
        return CameraError(
            "{camera} does not open; plug it in, close other programs that use it, and {advice}",
            camera=label,
            advice=_PERMISSION_ADVICE,
        )
    if cameras:
        available = ", ".join(f"{index} ({name})" for index, name in cameras.items())
        return CameraMissingError(
            "{camera} does not exist; this machine has {available}: name one with --source", camera=label, available=available
        )
    return CameraMissingError(
        "{camera} does not exist, and this machine has no other; plug one in, or try without a camera: facecam demo", camera=label
    )


@dataclass(frozen=True, slots=True)
class SupportedSize:
    """A size that a camera delivers, and its rates in frames per second."""

    size_wh: tuple[int, int]
    fps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CameraReport:
    """Result of probing one camera. `opens_in_ms` is the time to the first frame; with an `error` the other values are empty."""

    index: int
    name: str
    path: str = ""
    opens_in_ms: float | None = None
    format: CameraFormat | None = None
    supported: tuple[SupportedSize, ...] = ()
    error: str | None = None


def backend_name() -> str:
    """Return the name of the OpenCV backend for cameras on this system."""
    return str(cv2.videoio_registry.getBackendName(BACKEND))


def probe(
    settings: CaptureSettings, report_progress: Callable[[int, int], None], list_known: ListCameras = list_cameras
) -> Iterator[CameraReport]:
    """Yield a report on every camera in order of index, calling `report_progress(done, total)` before each.

    Linux lists its cameras. Elsewhere the first indexes are tried, until two in a row open no camera.
    """
    until_s = time.monotonic() + PROBE_TIMEOUT_S
    is_listed = sys.platform == "linux"
    cameras = list_known() if is_listed else dict.fromkeys(range(_PROBED_INDEXES), "")
    failures = 0
    for done, (index, name) in enumerate(cameras.items()):
        report_progress(done, len(cameras))
        if time.monotonic() > until_s:
            error = TranslatableText("was not probed: the other cameras took {seconds:g} s", seconds=PROBE_TIMEOUT_S)
            yield CameraReport(index, name, error=error)
            continue
        report = _probe_camera(index, name, settings, until_s)
        failures = failures + 1 if report.error else 0
        if is_listed or not report.error:
            yield report
        elif failures == _MAX_FAILURES:
            return


def _probe_camera(index: int, name: str, settings: CaptureSettings, until_s: float) -> CameraReport:
    started_at_s = time.monotonic()
    try:
        with Camera(index, settings, started_at_s, source=str(index)) as camera:
            opens_in_ms = (time.monotonic() - started_at_s) * 1000
            path, delivered = camera.camera_id, camera.format
    except CameraError as error:
        return CameraReport(index, name, error=error.text)
    with VideoReader(index, BACKEND) as reader:
        return CameraReport(index, name, path, opens_in_ms, delivered, _supported_sizes(reader, delivered, until_s))


def _supported_sizes(reader: VideoReader, delivered: CameraFormat, until_s: float) -> tuple[SupportedSize, ...]:
    """Return the formats chosen when the usual sizes and rates are requested; an unusual size replaces its nearest neighbor."""
    found: dict[tuple[int, int], set[float]] = {}
    if delivered.fourcc is not None:
        reader.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*delivered.fourcc.ljust(4)))
    for size_wh in USUAL_SIZES_WH:
        if time.monotonic() > until_s or not reader.is_opened:
            break
        request_size(reader, CameraFormat(None, size_wh, None))
        for rate in USUAL_FPS:
            reader.set(cv2.CAP_PROP_FPS, rate)
            current = current_format(reader)
            if current.size_wh is not None:
                found.setdefault(current.size_wh, set()).update(() if current.fps is None else (round(current.fps, 2),))
    return tuple(SupportedSize(size_wh, tuple(sorted(rates))) for size_wh, rates in sorted(found.items()))
