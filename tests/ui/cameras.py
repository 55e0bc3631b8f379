"""Folders in which a test connects and removes cameras, as Linux lists them."""

from __future__ import annotations

import shutil
from pathlib import Path

from facecam.capture.devices import CameraSystem


class ConnectedCameras:
    """Cameras of a machine; none at first. `system` lists them."""

    def __init__(self, folder: Path) -> None:
        self._sysfs = folder / "video4linux"
        self._sysfs.mkdir()
        self.system = CameraSystem(self._sysfs, folder / "dev")

    def connect(self, index: int, name: str) -> None:
        """Connect a camera."""
        entry = self._sysfs / f"video{index}"
        entry.mkdir()
        (entry / "name").write_text(f"{name}\n", encoding="utf-8")
        (entry / "index").write_text("0\n", encoding="ascii")

    def remove(self, index: int) -> None:
        """Remove a camera."""
        shutil.rmtree(self._sysfs / f"video{index}")
