"""The ground that facecam stands on: operating system, memory, packages, clock."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from facecam import __version__
from facecam.diagnostics.findings import Finding, Verdict
from facecam.errors import ModelError, SettingsError
from facecam.settings import Settings, find_config, gallery_dir_from_config, load_settings

MEMINFO = Path("/proc/meminfo")

PACKAGES = (
    "numpy",
    "opencv-python",
    "ai-edge-litert",
    "tensorflow",
    "PySide6-Essentials",
)
"""Asked for their version only: importing TensorFlow would take longer than all the rest of the doctor."""

OPENCVS = ("opencv-python", "opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")
"""They all bring the same module cv2: two of them overwrite each other's files."""

# What compiling the networks takes at its peak; recognizing takes a third of it.
_LITTLE_MEMORY_BYTES = 1.0e9

_PLAUSIBLE_YEARS = range(2025, 2100)
# A step or a drift of the wall clock; being interrupted between two readings takes less.
_APART_S = 0.1
# Windows' coarsest timer is 16 ms; with more, frames of a camera with 30 a second would get the same time.
_COARSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that a log's times come from, in seconds, and the finest step of the monotonic one."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    resolution_s: float = time.get_clock_info("monotonic").resolution


def system(meminfo: Path = MEMINFO) -> Finding:
    """Operating system, Python, processors, and the memory that is free."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{_system_name()}, Python {platform.python_version()}, {processors} processor{'s'[: processors > 1]}"
    free = free_memory_bytes(meminfo)
    if free is None:
        return Finding("system", Verdict.OK, found)
    found += f", {free / 1e9:.1f} GB of memory free"
    if free < _LITTLE_MEMORY_BYTES:
        advice = "Close other programs: compiling the networks, once, takes about 1 GB"
        return Finding("system", Verdict.WARNING, found, advice)
    return Finding("system", Verdict.OK, found)


def free_memory_bytes(meminfo: Path = MEMINFO) -> int | None:
    """What programs may still take without swapping, as Linux estimates it; None on other systems."""
    if not meminfo.is_file():
        return None
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def packages(names: Sequence[str] = PACKAGES) -> Iterator[Finding]:
    """The versions of what facecam is built on, and a fault for each that is not installed."""
    versions = {name: installed_version(name) for name in names}
    there = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    yield Finding("packages", Verdict.OK, f"facecam {__version__}; {there}")
    for name, version in versions.items():
        if version is None:
            yield Finding("packages", Verdict.FAULT, f"{name} is not installed", "Install facecam again, as the README says")
    rivals = [name for name in OPENCVS if installed_version(name)]
    if len(rivals) > 1:
        advice = f"Uninstall all of them, then install {OPENCVS[0]} alone"
        yield Finding("packages", Verdict.WARNING, f"{' and '.join(rivals)} overwrite each other's files", advice)


def installed_version(name: str) -> str | None:
    """A distribution's version without importing it; None when it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def clock(clocks: Clocks | None = None, interval_s: float = 0.2) -> Finding:
    """Whether the times in a log can be trusted: the date, and that wall and monotonic clock run alike for `interval_s`."""
    clocks = clocks or Clocks()
    wall_s, monotonic_s = clocks.wall(), clocks.monotonic()
    time.sleep(interval_s)
    apart_s = (clocks.wall() - wall_s) - (clocks.monotonic() - monotonic_s)
    now = datetime.fromtimestamp(wall_s, UTC)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now.year not in _PLAUSIBLE_YEARS:
        return Finding("clock", Verdict.FAULT, found, "Set the date: logs are named and stamped by it")
    if abs(apart_s) > _APART_S:
        found = f"the wall clock moved {apart_s * 1e3:+.0f} ms against the monotonic one within {interval_s:g} s"
        return Finding("clock", Verdict.WARNING, found, "Wait until the clock is set, or see what sets it: logs take its time")
    if clocks.resolution_s > _COARSE_S:
        found += f", but the monotonic clock moves in steps of {clocks.resolution_s * 1e3:.0f} ms"
        return Finding(
            "clock", Verdict.WARNING, found, "Expect frames with the same time in the log: this system has no finer one"
        )
    return Finding("clock", Verdict.OK, f"{found}, and the monotonic clock runs alike")


def _system_name() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not Linux, or one that does not say
        name = f"{platform.system()} {platform.release()}"
    return f"{name} ({platform.machine()})"


# MERGED doctor.places: Where facecam writes: each folder by really writing to it, and the room that is left on its disk.

LITTLE_BYTES = 1_000_000_000
TOO_LITTLE_BYTES = 50_000_000

_PROBE = bytes(4096)


@dataclass(frozen=True, slots=True)
class WritableFolder:
    """A folder that facecam writes to. `verdict` is how bad it is when that fails; `advice` what to do then."""

    name: str
    folder: Path
    advice: str
    verdict: Verdict = Verdict.FAULT


def writable(place: WritableFolder) -> Finding:
    """Whether a file can be made in the folder; where there is none yet, in the nearest one above it. Leaves nothing behind."""
    folder = place.folder.absolute()
    there = nearest_folder(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".facecam-doctor-") as probe:
            probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}" if there.is_dir() else "is a file"
        return Finding(place.name, place.verdict, f"{there} {why}", place.advice)
    made = "" if there == folder else ", will be made when it is needed"
    return Finding(place.name, Verdict.OK, f"{folder}{made}")


def nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest path above it that is there."""
    folder = folder.absolute()
    return next((path for path in (folder, *folder.parents) if _is_there(path)), folder)


def disks(folders: Mapping[str, Path], little: int = LITTLE_BYTES, too_little: int = TOO_LITTLE_BYTES) -> Iterator[Finding]:
    """The room on each disk that holds one of the named folders: less bytes than `little` are a warning, `too_little` a fault."""
    held: dict[int, list[str]] = {}
    paths: dict[int, Path] = {}
    for name, folder in folders.items():
        there = nearest_folder(folder)
        disk = there.stat().st_dev
        held.setdefault(disk, []).append(name)
        paths.setdefault(disk, there)
    for disk, names in held.items():
        free = shutil.disk_usage(paths[disk]).free
        found = f"{_amount(free)} free for {_listed(names)}"
        verdict = Verdict.FAULT if free < too_little else Verdict.WARNING if free < little else Verdict.OK
        advice = "" if verdict is Verdict.OK else "Make room on this disk: delete old logs and videos, or name folders on another"
        yield Finding("disk", verdict, found, advice)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # below a folder that may not be entered
        return False


def _amount(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# MERGED doctor.screen: What a window needs, a display that answers and the system's libraries; and whether OpenCV loads, which needs some of them.

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
"""What OpenCV and Qt load on Linux, and the Debian package that brings it. scripts/system-libraries.sh installs the same."""

_WINDOWLESS = "Without a window: facecam run --no-window"


def display(environment: Mapping[str, str]) -> Finding:
    """Whether a window could be shown: always on Windows and macOS, elsewhere when an X11 or Wayland display is named.

    An X11 display is asked whether it answers, since Qt ends the whole program when it does not.
    """
    if sys.platform in ("win32", "darwin"):
        return Finding("display", Verdict.OK, "the system's own")
    x11, wayland = environment.get("DISPLAY"), environment.get("WAYLAND_DISPLAY")
    if x11 and not answers(x11):
        return Finding(
            "display", Verdict.FAULT, f"DISPLAY is {x11}, but nothing answers there", f"Correct DISPLAY. {_WINDOWLESS}"
        )
    named = [f"{name} {value}" for name, value in (("X11", x11), ("Wayland", wayland)) if value]
    if not named:
        return Finding("display", Verdict.WARNING, "there is none: DISPLAY and WAYLAND_DISPLAY are not set", _WINDOWLESS)
    return Finding("display", Verdict.OK, ", ".join(named))


def answers(x11: str) -> bool:
    """Whether the X server of that name lets this user in; True where that cannot be asked, for want of libxcb."""
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


def libraries(needed: Mapping[str, str], *, window: bool) -> Finding:
    """Whether every system library (file name -> Debian package) loads. Only with a `window` to be shown is that a fault."""
    if not sys.platform.startswith("linux"):
        return Finding("libraries", Verdict.OK, "they came with the packages")
    missing = [name for name in needed if not _loads(name)]
    if not missing:
        return Finding("libraries", Verdict.OK, f"all {len(needed)} that OpenCV and Qt load from the system")
    verdict = Verdict.FAULT if window else Verdict.WARNING
    install = f"sudo apt-get install {' '.join(needed[name] for name in missing)}"
    return Finding("libraries", verdict, f"missing: {', '.join(missing)}", f"On Debian and Ubuntu: {install}")


def opencv() -> Iterator[Finding]:
    """Whether the module cv2 loads."""
    try:
        import cv2
    except ImportError as error:
        found = f"cv2 does not load, so cameras, networks and speed are not checked: {error}"
        yield Finding("opencv", Verdict.FAULT, found, "Install what the line `libraries` names; else install opencv-python again")
        return
    yield Finding("opencv", Verdict.OK, str(cv2.__version__))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


# MERGED doctor.networks: The configuration and the networks: what was set, whether the weights are the right ones, and what is compiled already.

_HASH_BYTES = hashlib.sha256().digest_size


def configuration(explicit: Path | None) -> Finding:
    """Which file is read, and how many settings differ from the defaults; a fault when it, or the environment, is wrong."""
    try:
        path = find_config(explicit)
        gallery_dir_from_config(explicit)
        changed = _changed(load_settings(explicit))
    except SettingsError as error:
        return Finding.of("configuration", error, "Correct it in the configuration file or the FACECAM_ variable")
    where = str(path.absolute()) if path else "no facecam.toml"
    return Finding("configuration", Verdict.OK, f"{where}, {changed or 'no'} setting{'s'[: changed != 1]} changed")


def settings_or_defaults(explicit: Path | None) -> Settings:
    """What is set; the defaults when the configuration is wrong, so that the other checks still say something."""
    try:
        return load_settings(explicit)
    except SettingsError:
        return Settings()


def weights(directory: Path | None = None) -> Iterator[Finding]:
    """Whether each file of the manifest is there and has its SHA-256."""
    from facecam.networks.manifest import entries, verified_path

    sound = 0
    models = entries(directory)
    for model in models:
        try:
            verified_path(model.name, directory)
            sound += 1
        except ModelError as error:
            yield Finding.of("models", error, "Install facecam again")
    if sound == len(models):
        size = sum(model.size_bytes for model in models) / 1e6
        yield Finding("models", Verdict.OK, f"{sound} files, {size:.0f} MB, all with the SHA-256 of the manifest")


def compiled(settings: Settings) -> Finding:
    """Which networks are compiled on this machine. That some are not is no fault: the next start sees to it."""
    from facecam.networks.convert import cache_dir, compiled_path, missing

    needed = needed_networks(settings)
    todo = missing(needed)
    damaged = [name for name in needed if name not in todo and not is_sound(compiled_path(name))]
    if damaged:
        found = f"compiled, but damaged since: {', '.join(damaged)}"
        return Finding(
            "networks", Verdict.WARNING, found, "The next start compiles them again; if this comes back, check the disk"
        )
    if not todo:
        return Finding("networks", Verdict.OK, f"all {len(needed)} compiled, in {cache_dir()}")
    found = (
        f"{len(needed) - len(todo)} of {len(needed)} compiled; the first start takes about half a minute for {', '.join(todo)}"
    )
    return Finding("networks", Verdict.OK, found)


def needed_networks(settings: Settings) -> list[str]:
    """Everything that recognizing faces and objects with these settings calls."""
    from facecam.recognizer import networks_for
    from facecam.settings import Mode

    return list(dict.fromkeys([*networks_for(settings, Mode.FACES), *networks_for(settings, Mode.OBJECTS)]))


def ready(settings: Settings) -> bool:
    """Whether every network can be opened at once, without compiling."""
    from facecam.networks.convert import compiled_path, missing

    needed = needed_networks(settings)
    return not missing(needed) and all(is_sound(compiled_path(name)) for name in needed)


def is_sound(path: Path) -> bool:
    """Whether a compiled file is there and whole: it begins with the SHA-256 of the rest."""
    try:
        stored = path.read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(stored[_HASH_BYTES:]).digest() == stored[:_HASH_BYTES]


def _changed(settings: Settings) -> int:
    """How many settings are not the default."""
    own, default = settings.to_dict(), Settings().to_dict()
    return sum(value != default[section][name] for section, values in own.items() for name, value in values.items())
