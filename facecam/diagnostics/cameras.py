"""Checks of the listed cameras, without opening them, and of named sources, which are read for one second."""

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

_TRIAL_S = 1.0
# Below this rate a face moves too far between two frames to be followed.
_SLOW_FPS = 10
# Mean gray level behind a lens cover. A dark room is brighter because of its sensor noise.
_BLACK = 6


@dataclass(frozen=True, slots=True)
class CameraTrial:
    """Frame rate and last frame of a source that was read for one second.

    The last frame is kept because the camera has adjusted its exposure by then. `fps` is None if there was only one frame.
    """

    name: str
    live: bool
    last: Frame
    fps: float | None


def check_cameras(known: Mapping[int, str], devices: Path = DEVICES) -> Iterator[Finding]:
    """Report each listed camera, its permissions and the programs that use it. No camera is opened."""
    if not known and not sys.platform.startswith("linux"):
        yield Finding("cameras", Verdict.OK, "this system cannot list cameras; to test one: facecam doctor --source 0")
    elif not known:
        advice = "Plug in a camera, or use another source: a file, a folder, an address, demo"
        yield Finding("cameras", Verdict.WARNING, "none found", advice)
    for index, name in known.items():
        yield _check_camera(f"{index}: {name}", devices / f"video{index}")


def _check_camera(label: str, device: Path) -> Finding:
    from facecam.capture.camera import is_accessible, processes_using

    if not device.exists():  # the list can come from other sources than device nodes
        return Finding("cameras", Verdict.OK, label)
    if not is_accessible(device):
        advice = "Join the group video: sudo usermod -aG video $USER, then log out and in again"
        return Finding("cameras", Verdict.FAULT, f"{label}; you have no permission to open {device}", advice)
    if users := processes_using(device):
        advice = "Close that program first: a camera serves one program at a time"
        return Finding("cameras", Verdict.WARNING, f"{label}; used by {', '.join(users)}", advice)
    return Finding("cameras", Verdict.OK, label)


def check_source(text: str, settings: CaptureSettings) -> Finding:
    """Report size and frame rate of a source, or the reason why it does not open."""
    try:
        trial = try_source(text, settings)
    except CameraError as error:
        return Finding.from_error("source", error, "Check that the source works in another program")
    width, height = trial.last.size_wh
    found = f"{trial.name}: {width}x{height}"
    if trial.fps is not None:
        found += f", {trial.fps:.3g} frames per second{'' if trial.live else ' can be read'}"
    if trial.last.bgr.mean() < _BLACK:
        return Finding("source", Verdict.WARNING, f"{found}, but the image is black", "Remove the lens cover, or turn on a light")
    if trial.live and (trial.fps is None or trial.fps < _SLOW_FPS):
        advice = "This is slow: add light, or choose a smaller capture.width_px"
        return Finding("source", Verdict.WARNING, found, advice)
    return Finding("source", Verdict.OK, found)


def try_source(text: str, settings: CaptureSettings) -> CameraTrial:
    """Read a source for one second after its first frame, or to its end. Raises CameraError without a frame."""
    from facecam.capture.source import open_source

    with open_source(text, settings, time.monotonic()) as source:
        last = source.read()
        if last is None:
            raise CameraError(f"{source.source} contains no frame; choose another source")
        started, count = time.monotonic(), 0
        while time.monotonic() - started < _TRIAL_S and (frame := source.read()) is not None:
            last, count = frame, count + 1
        seconds = time.monotonic() - started
        return CameraTrial(source.source, source.live, last, count / seconds if count else None)
