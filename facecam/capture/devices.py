"""Connected cameras as the system lists them. Names come without opening a camera, cheap enough to ask every few seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from facecam.capture.camera import list_cameras, probe
from facecam.settings import CaptureSettings

_DEVICES = Path("/dev")
_SYSFS = Path("/sys/class/video4linux")
_PROFILER = ("/usr/sbin/system_profiler", "-json", "SPCameraDataType")
_PROFILER_TIMEOUT_S = 10.0
_VIDEO_CAMERAS = r"SYSTEM\CurrentControlSet\Control\DeviceClasses\{e5323777-f976-4f5b-9b55-b94699c46e44}"
"""Windows' registry key of KSCATEGORY_VIDEO_CAMERA, with one key for each camera that was ever connected."""

_ENUM = r"SYSTEM\CurrentControlSet\Enum"


@dataclass(frozen=True, slots=True)
class CameraSystem:
    """Cameras of this machine. Windows and macOS are untested.

    Attributes:
        sysfs: Folder in which Linux lists video devices.
        devices: Folder of Linux' device files.
    """

    sysfs: Path = _SYSFS
    devices: Path = _DEVICES

    def connected(self) -> tuple[str, ...] | None:
        """Return a name for each connected video device, in a stable order; None where the system does not tell.

        The names change when a camera is connected or removed. On Linux, a camera may have several devices.
        """
        try:
            if sys.platform == "linux":
                return tuple(sorted(f"{_read_name(entry)} ({entry.name})" for entry in self.sysfs.glob("video*")))
            if sys.platform == "darwin":
                return _mac_cameras()
            if sys.platform == "win32":
                return _windows_cameras()
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return None

    def find(self, settings: CaptureSettings) -> dict[int, str]:
        """Return index and name of each camera.

        Linux lists its cameras. Elsewhere the first indices are opened for a moment, which takes seconds, and only a single
        camera has a name: the system's order of names need not be OpenCV's order of indices.
        """
        if sys.platform == "linux":
            return list_cameras(self.sysfs, self.devices)
        names = self.connected() or ()
        found = {report.index: report.name for report in probe(settings, lambda done, total: None) if report.error is None}
        return dict.fromkeys(found, names[0]) if len(names) == len(found) == 1 else found


def _read_name(entry: Path) -> str:
    try:
        return (entry / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # The device is being removed.
        return ""


def _mac_cameras() -> tuple[str, ...]:
    done = subprocess.run(_PROFILER, capture_output=True, timeout=_PROFILER_TIMEOUT_S, check=True)
    return profiler_cameras(done.stdout)


def profiler_cameras(output: bytes) -> tuple[str, ...]:
    """Return the names in the JSON output of macOS' system_profiler. ValueError if it is something else."""
    try:
        return tuple(sorted(str(camera["_name"]) for camera in json.loads(output)["SPCameraDataType"]))
    except (KeyError, TypeError) as error:
        raise ValueError("system_profiler does not list cameras") from error


if sys.platform == "win32":
    import winreg

    def _windows_cameras() -> tuple[str, ...]:
        names = []
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _VIDEO_CAMERAS) as cameras:
            for number in range(winreg.QueryInfoKey(cameras)[0]):
                key = winreg.EnumKey(cameras, number)
                if _is_linked(cameras, key):
                    names.append(_friendly_name(cameras, key))
        return tuple(sorted(names))

    def _is_linked(cameras: winreg.HKEYType, key: str) -> bool:
        """Return whether the device is connected now."""
        try:
            with winreg.OpenKey(cameras, rf"{key}\#GLOBAL\Control") as control:
                return bool(winreg.QueryValueEx(control, "Linked")[0])
        except OSError:
            return False

    def _friendly_name(cameras: winreg.HKEYType, key: str) -> str:
        try:
            with winreg.OpenKey(cameras, key) as camera:
                instance = str(winreg.QueryValueEx(camera, "DeviceInstance")[0])
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_ENUM}\{instance}") as device:
                return str(winreg.QueryValueEx(device, "FriendlyName")[0])
        except OSError:
            return key
