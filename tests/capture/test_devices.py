"""Camera devices of Linux, in fake trees of /dev, /sys and /proc."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecam.capture.camera import is_capture_device, list_cameras, processes_using

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's devices")


def listed(sys_class: Path, number: int, name: str, index: int) -> None:
    entry = sys_class / f"video{number}"
    entry.mkdir(parents=True)
    (entry / "name").write_text(f"{name}\n", encoding="utf-8")
    (entry / "index").write_text(f"{index}\n", encoding="ascii")


def test_the_second_node_of_a_camera_is_not_listed(tmp_path: Path) -> None:
    for number, name, index in ((10, "USB Cam", 0), (11, "USB Cam", 1), (2, "Integrated", 0), (3, "Integrated", 1)):
        listed(tmp_path, number, name, index)

    assert list(list_cameras(tmp_path, tmp_path / "dev").items()) == [(2, "Integrated"), (10, "USB Cam")]


def test_a_system_without_cameras_lists_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path / "missing", tmp_path) == {}


@pytest.mark.parametrize("node", ["/dev/null", "/dev/missing"])
def test_a_node_that_is_not_a_video_device_cannot_be_queried(node: str) -> None:
    assert is_capture_device(Path(node)) is None


def test_the_process_that_has_a_device_open_is_named(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    with node.open("rb") as opened, subprocess.Popen(["sleep", "30"], stdin=opened) as user:
        opened.close()
        try:
            assert processes_using(node) == [f"sleep (process {user.pid})"]
        finally:
            user.kill()
    assert processes_using(node) == []


def test_processes_that_cannot_be_inspected_are_skipped(tmp_path: Path) -> None:
    for process, name in (("7", "zoom"), ("12", "cheese"), ("13", "gone")):
        (tmp_path / process).mkdir()
        (tmp_path / process / "comm").write_text(f"{name}\n", encoding="utf-8")
    for process in ("7", "12"):
        (tmp_path / process / "fd").mkdir()
        (tmp_path / process / "fd" / "3").symlink_to("/dev/video2")

    assert processes_using(Path("/dev/video2"), tmp_path) == ["zoom (process 7)", "cheese (process 12)"]


def test_a_device_without_permission_is_access_denied_with_advice() -> None:
    # No ordinary user may open /etc/shadow; root may, and becomes nobody first.
    code = """
import os
from facecam.capture.camera import Camera, CaptureSettings
if os.geteuid() == 0:
    os.setuid(65534)
Camera("/etc/shadow", CaptureSettings(), 0.0, source="3")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "AccessDeniedError: you may not open camera 3 (/etc/shadow)" in done.stderr
    assert "usermod -aG video" in done.stderr
