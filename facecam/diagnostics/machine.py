"""Checks of this machine: system, packages, clock, folders, disks, display, libraries, configuration, networks and cameras.

Listed cameras are not opened; named sources are read for one second.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self

from facecam import __version__
from facecam.errors import CameraError, FacecamError, ModelError, SettingsError
from facecam.settings import CaptureSettings, Settings, find_config, gallery_dir_from_config, load_settings

if TYPE_CHECKING:
    from facecam.capture.source import Source
    from facecam.types import Frame

MEMINFO = Path("/proc/meminfo")

PACKAGES = ("numpy", "opencv-python", "ai-edge-litert", "tensorflow", "PySide6-Essentials")
"""Only their metadata is read: importing TensorFlow would take longer than all other checks."""

OPENCV_DISTRIBUTIONS = ("opencv-python", "opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")
"""Distributions that all install the module cv2: two of them overwrite each other's files."""

# A session takes 243 MB, with a window 343 MB (640x480, measured on Linux).
_LOW_MEMORY_BYTES = 0.5e9

_PLAUSIBLE_YEARS = range(2025, 2100)
# A step or drift of the wall clock. An interruption between two readings takes less.
_MAX_DRIFT_S = 0.1

LOW_DISK_BYTES = 1_000_000_000
FULL_DISK_BYTES = 50_000_000

_PROBE = bytes(4096)

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
"""Libraries that OpenCV and Qt load on Linux -> Debian packages. scripts/system-libraries.sh installs the same ones."""

_NO_WINDOW_ADVICE = "To run without a window: facecam run --no-window"


class Verdict(StrEnum):
    """Severity of a finding. With a warning facecam still works; a fault disables a feature."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `facecam doctor`. `advice` says what to do; it is empty if and only if the verdict is OK."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.OK) is bool(self.advice):
            raise ValueError(f"{self.check}: {self.verdict} with the advice {self.advice!r}; every verdict but ok needs advice")

    @classmethod
    def from_error(cls, check: str, error: FacecamError, default_advice: str, verdict: Verdict = Verdict.FAULT) -> Self:
        """Split an error message at its first semicolon into observation and advice; a list of errors stays whole."""
        text = str(error)
        found, _, advice = (text, "", "") if "\n" in text else text.partition("; ")
        advice = advice or default_advice
        return cls(check, verdict, found, advice[:1].upper() + advice[1:])


def check_system(meminfo: Path = MEMINFO) -> Finding:
    """Report operating system, Python, processors and free memory."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{_system_name()}, Python {platform.python_version()}, {processors} processor{'s'[: processors > 1]}"
    free = free_memory_bytes(meminfo)
    if free is None:
        return Finding("system", Verdict.OK, found)
    found += f", {free / 1e9:.1f} GB of memory free"
    if free < _LOW_MEMORY_BYTES:
        advice = "Close other programs: facecam with a window takes about 0.35 GB"
        return Finding("system", Verdict.WARNING, found, advice)
    return Finding("system", Verdict.OK, found)


def _system_name() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not Linux, or no os-release file
        name = f"{platform.system()} {platform.release()}"
    return f"{name} ({platform.machine()})"


def free_memory_bytes(meminfo: Path = MEMINFO) -> int | None:
    """Return the memory available without swapping, as estimated by Linux; None on other systems."""
    if not meminfo.is_file():
        return None
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def check_packages(names: Sequence[str] = PACKAGES) -> Iterator[Finding]:
    """Report the versions of the main dependencies, and a fault for each that is not installed."""
    versions = {name: installed_version(name) for name in names}
    installed = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    yield Finding("packages", Verdict.OK, f"facecam {__version__}; {installed}")
    for name, version in versions.items():
        if version is None:
            yield Finding("packages", Verdict.FAULT, f"{name} is not installed", "Reinstall facecam as described in the README")
    rivals = [name for name in OPENCV_DISTRIBUTIONS if installed_version(name)]
    if len(rivals) > 1:
        advice = f"Uninstall all of them, then install {OPENCV_DISTRIBUTIONS[0]} alone"
        yield Finding("packages", Verdict.WARNING, f"{' and '.join(rivals)} overwrite each other's files", advice)


def installed_version(name: str) -> str | None:
    """Return the version of a distribution without importing it; None if it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_clock(wall: Callable[[], float] = time.time, interval_s: float = 0.2) -> Finding:
    """Check that the date is plausible and that wall and monotonic clock agree over `interval_s`."""
    wall_s, monotonic_s = wall(), time.monotonic()
    time.sleep(interval_s)
    drift_s = (wall() - wall_s) - (time.monotonic() - monotonic_s)
    now = datetime.fromtimestamp(wall_s, UTC)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now.year not in _PLAUSIBLE_YEARS:
        return Finding("clock", Verdict.FAULT, found, "Set the date: logs use it in their names and rows")
    if abs(drift_s) > _MAX_DRIFT_S:
        found = f"the wall clock moved {drift_s * 1e3:+.0f} ms against the monotonic one within {interval_s:g} s"
        return Finding("clock", Verdict.WARNING, found, "Wait until the clock is set, or find what changes it: logs use its time")
    return Finding("clock", Verdict.OK, f"{found}, in step with the monotonic clock")


def check_folder(name: str, folder: Path, advice: str, verdict: Verdict = Verdict.FAULT) -> Finding:
    """Check that a file can be created in a folder, or in its nearest existing parent. Leaves nothing behind.

    `advice` and `verdict` are those of the finding if it cannot.
    """
    folder = folder.absolute()
    existing = nearest_folder(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=existing, prefix=".facecam-doctor-") as probe:
            probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}" if existing.is_dir() else "is a file"
        return Finding(name, verdict, f"{existing} {reason}", advice)
    return Finding(name, Verdict.OK, f"{folder}{'' if existing == folder else ', created when needed'}")


def nearest_folder(folder: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    folder = folder.absolute()
    # Path.exists() raises PermissionError when a parent folder cannot be entered.
    return next((path for path in (folder, *folder.parents) if os.path.exists(path)), folder)  # noqa: PTH110


def check_disks(folders: Mapping[str, Path], low: int = LOW_DISK_BYTES, full: int = FULL_DISK_BYTES) -> Iterator[Finding]:
    """Report the free space of each disk: fewer bytes than `low` are a warning, fewer than `full` a fault."""
    from rich.filesize import decimal

    names_by_disk: dict[int, list[str]] = {}
    for name, folder in folders.items():
        names_by_disk.setdefault(nearest_folder(folder).stat().st_dev, []).append(name)
    for names in names_by_disk.values():
        free = shutil.disk_usage(nearest_folder(folders[names[0]])).free
        found = f"{decimal(free)} free for {' and '.join(names)}"
        verdict = Verdict.FAULT if free < full else Verdict.WARNING if free < low else Verdict.OK
        advice = "" if verdict is Verdict.OK else "Free up space: delete old logs and videos, or choose folders on another disk"
        yield Finding("disk", verdict, found, advice)


def check_display(environment: Mapping[str, str]) -> Finding:
    """Check that a window can be shown: an X11 or Wayland display on Linux, always on Windows and macOS.

    X11 is contacted, because Qt aborts the process when the server does not answer.
    """
    if sys.platform in ("win32", "darwin"):
        return Finding("display", Verdict.OK, "system display")
    x11, wayland = environment.get("DISPLAY"), environment.get("WAYLAND_DISPLAY")
    if x11 and not x11_answers(x11):
        found = f"DISPLAY is {x11}, but no X server answers"
        return Finding("display", Verdict.FAULT, found, f"Correct DISPLAY. {_NO_WINDOW_ADVICE}")
    named = [f"{name} {value}" for name, value in (("X11", x11), ("Wayland", wayland)) if value]
    if not named:
        return Finding("display", Verdict.WARNING, "none: DISPLAY and WAYLAND_DISPLAY are not set", _NO_WINDOW_ADVICE)
    return Finding("display", Verdict.OK, ", ".join(named))


def x11_answers(x11: str) -> bool:
    """Return whether the X server accepts this user. True if libxcb is missing, so that the server cannot be asked."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(x11.encode(), None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def check_libraries(needed: Mapping[str, str], *, needs_window: bool) -> Finding:
    """Check that every system library (file name -> Debian package) loads. A missing one is a fault only for a window."""
    if not sys.platform.startswith("linux"):
        return Finding("libraries", Verdict.OK, "installed with the packages")
    missing = [name for name in needed if not _loads(name)]
    if not missing:
        return Finding("libraries", Verdict.OK, f"all {len(needed)} system libraries of OpenCV and Qt load")
    verdict = Verdict.FAULT if needs_window else Verdict.WARNING
    install = f"sudo apt-get install {' '.join(needed[name] for name in missing)}"
    return Finding("libraries", verdict, f"missing: {', '.join(missing)}", f"On Debian and Ubuntu: {install}")


def check_opencv() -> Iterator[Finding]:
    """Check that the module cv2 loads."""
    try:
        import cv2
    except ImportError as error:
        found = f"cv2 does not load, so cameras, networks and speed are not checked: {error}"
        yield Finding("opencv", Verdict.FAULT, found, "Install the packages in the line `libraries`, or reinstall opencv-python")
        return
    yield Finding("opencv", Verdict.OK, str(cv2.__version__))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def check_configuration(explicit: Path | None) -> Finding:
    """Report the configuration file and the number of changed settings. A wrong file or variable is a fault."""
    try:
        path = find_config(explicit)
        gallery_dir_from_config(explicit)
        changed = _count_changed(load_settings(explicit))
    except SettingsError as error:
        return Finding.from_error("configuration", error, "Correct it in the configuration file or the FACECAM_ variable")
    where = str(path.absolute()) if path else "no facecam.toml"
    return Finding("configuration", Verdict.OK, f"{where}, {changed or 'no'} setting{'s'[: changed != 1]} changed")


def settings_or_defaults(explicit: Path | None) -> Settings:
    """Return the settings, or the defaults if the configuration is wrong, so that the other checks can run."""
    try:
        return load_settings(explicit)
    except SettingsError:
        return Settings()


def check_models(directory: Path | None = None) -> Iterator[Finding]:
    """Check that each plain file of the manifest exists and has its SHA-256."""
    from facecam.networks.manifest import entries, is_left_out, verified_path

    models = [model for model in entries(directory) if not is_left_out(model, directory)]
    faults = _verify_each("models", (model.name for model in models), lambda name: verified_path(name, directory))
    yield from faults
    if not faults:
        size = sum(model.size_bytes for model in models) / 1e6
        yield Finding("models", Verdict.OK, f"{len(models)} files, {size:.0f} MB, all with the SHA-256 of the manifest")


def check_compiled_networks(settings: Settings, directory: Path | None = None) -> Iterator[Finding]:
    """Check that each compiled network of the manifest has its SHA-256, and that a network of the user is converted."""
    from facecam.networks.litert import verify_networks
    from facecam.networks.manifest import compiled_entries, is_left_out, verified_compiled_path
    from facecam.networks.user_networks import is_user_network
    from facecam.recognizer import networks_for
    from facecam.settings import Mode

    shipped = [found.name for found in compiled_entries(directory) if not is_left_out(found, directory)]
    faults = _verify_each("networks", shipped, lambda name: verified_compiled_path(name, directory))
    needed = dict.fromkeys([*networks_for(settings, Mode.FACES), *networks_for(settings, Mode.OBJECTS)])
    chosen = [name for name in needed if is_user_network(name) or name not in shipped]
    faults += _verify_each("networks", chosen, lambda name: verify_networks([name]))
    yield from faults
    if not faults:
        yield Finding("networks", Verdict.OK, f"all {len(shipped)} compiled networks have the SHA-256 of the manifest")


def _verify_each(check: str, names: Iterable[str], verify: Callable[[str], object]) -> list[Finding]:
    """Return a fault for each name whose verification raises a ModelError."""
    faults = []
    for name in names:
        try:
            verify(name)
        except ModelError as error:
            faults.append(Finding.from_error(check, error, "Run this command, or choose another network"))
    return faults


def _count_changed(settings: Settings) -> int:
    own, default = settings.to_dict(), Settings().to_dict()
    return sum(value != default[section][name] for section, values in own.items() for name, value in values.items())


DEVICES = Path("/dev")

_TRIAL_S = 1.0
# Below this rate a face moves too far between two frames to be followed.
SLOW_FPS = 10
# Mean gray level behind a lens cover. A dark room is brighter because of its sensor noise.
_BLACK = 6


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
    from facecam.capture.source import open_source

    try:
        with open_source(text, settings, time.monotonic()) as source:
            last, fps = _read_for_a_second(source)
    except CameraError as error:
        return Finding.from_error("source", error, "Check that the source works in another program")
    found = f"{source.source}: {last.size_wh[0]}x{last.size_wh[1]}"
    if fps:
        found += f", {fps:.3g} frames per second{'' if source.live else ' can be read'}"
    if last.bgr.mean() < _BLACK:
        return Finding("source", Verdict.WARNING, f"{found}, but the image is black", "Remove the lens cover, or turn on a light")
    if source.live and fps < SLOW_FPS:
        advice = "This is slow: add light, or choose a smaller capture.width_px"
        return Finding("source", Verdict.WARNING, found, advice)
    return Finding("source", Verdict.OK, found)


def _read_for_a_second(source: Source) -> tuple[Frame, float]:
    """Return the last frame, for which the camera has adjusted its exposure, and the frame rate, 0 for a single frame."""
    last = source.read()
    if last is None:
        raise CameraError("{source} contains no frame; choose another source", source=source.source)
    started, count = time.monotonic(), 0
    while time.monotonic() - started < _TRIAL_S and (frame := source.read()) is not None:
        last, count = frame, count + 1
    return last, count / (time.monotonic() - started)
