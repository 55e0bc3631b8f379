"""What each camera of this machine offers, found out by opening it, asking for the usual sizes and reading back."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import cv2

from facecam.capture.camera import BACKEND, Camera, CameraFormat, ask_size, given_by, known_cameras
from facecam.capture.video import VideoReader
from facecam.errors import CameraError
from facecam.settings import CaptureSettings

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
    """What comes back when the usual sizes and rates are asked for. An unusual size comes back in the place of its neighbour."""
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
