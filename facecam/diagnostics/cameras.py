"""What there is to see with: the cameras that the system lists, unopened, and the sources that were named, for a second each."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from facecam.diagnostics.findings import Finding, Verdict
from facecam.errors import CameraError
from facecam.settings import CaptureSettings
from facecam.types import Frame

DEVICES = Path("/dev")

_WATCHED_S = 1.0
# Slower than this a face moves too far between two frames to be followed.
_SLOW_FPS = 10
# The mean of a picture from behind a lens cover; a dark room is brighter, its noise alone gives more.
_BLACK = 6


@dataclass(frozen=True, slots=True)
class CameraTrial:
    """What a second of a source showed, and its last frame: by then a camera has found its exposure.

    `fps` is what was delivered, None when one frame was all.
    """

    name: str
    live: bool
    last: Frame
    fps: float | None


def cameras(known: Mapping[int, str], devices: Path = DEVICES) -> Iterator[Finding]:
    """The cameras that the system lists by index and name, whether this user may open them, and who has them open. Opens none."""
    if not known and not sys.platform.startswith("linux"):
        yield Finding("cameras", Verdict.OK, "this system tells only when one is opened: facecam doctor --source 0")
    elif not known:
        advice = "Plug one in, or name another source: a file, a folder, an address, demo"
        yield Finding("cameras", Verdict.WARNING, "the system lists none", advice)
    for index, name in known.items():
        yield _camera(f"{index}: {name}", devices / f"video{index}")


def _camera(named: str, device: Path) -> Finding:
    from facecam.capture.camera import may_open, users_of

    if not device.exists():  # listed by other means than device nodes
        return Finding("cameras", Verdict.OK, named)
    if not may_open(device):
        advice = "Join the group video: sudo usermod -aG video $USER, then log out and in again"
        return Finding("cameras", Verdict.FAULT, f"{named}; {device} may not be opened by this user", advice)
    users = users_of(device)
    if users:
        advice = "Close that before you use it here: a camera serves one program at a time"
        return Finding("cameras", Verdict.WARNING, f"{named}; used by {', '.join(users)}", advice)
    return Finding("cameras", Verdict.OK, named)


def source(text: str, settings: CaptureSettings) -> Finding:
    """What the source delivers within a second: size and frames per second; the error's sentence when it does not open."""
    try:
        watched = watch(text, settings)
    except CameraError as error:
        return Finding.of("source", error, "Check that this source delivers pictures to another program")
    width, height = watched.last.size_wh
    found = f"{watched.name}: {width}x{height}"
    if watched.fps is not None:
        found += f", {watched.fps:.3g} frames per second{'' if watched.live else ' can be read'}"
    if watched.last.bgr.mean() < _BLACK:
        return Finding("source", Verdict.WARNING, f"{found}, but the picture is black", "Take off the lens cover, or make light")
    if watched.live and (watched.fps is None or watched.fps < _SLOW_FPS):
        return Finding("source", Verdict.WARNING, found, "That is slow: make more light, or ask for a smaller capture.width_px")
    return Finding("source", Verdict.OK, found)


def watch(text: str, settings: CaptureSettings) -> CameraTrial:
    """Open a source and read for a second after its first frame, or to its end. CameraError says why that failed."""
    from facecam.capture.source import open_source

    with open_source(text, settings, time.monotonic()) as opened:
        last = opened.read()
        if last is None:
            raise CameraError(f"{opened.source} holds no frame; name another source")
        started, more = time.monotonic(), 0
        while time.monotonic() - started < _WATCHED_S and (frame := opened.read()) is not None:
            last, more = frame, more + 1
        seconds = time.monotonic() - started
        return CameraTrial(opened.source, opened.live, last, more / seconds if more else None)
