"""Linux's camera devices, in trees of files like /dev, /sys and /proc."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecam.capture.camera import captures, known_cameras, users_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's devices")


def listed(sys_class: Path, number: int, name: str, place: int) -> None:
    entry = sys_class / f"video{number}"
    entry.mkdir(parents=True)
    (entry / "name").write_text(f"{name}\n", encoding="utf-8")
    (entry / "index").write_text(f"{place}\n", encoding="ascii")


def test_a_cameras_second_node_is_no_camera(tmp_path: Path) -> None:
    for number, name, place in ((10, "USB Cam", 0), (11, "USB Cam", 1), (2, "Integrated", 0), (3, "Integrated", 1)):
        listed(tmp_path, number, name, place)

    assert list(known_cameras(tmp_path, tmp_path / "dev").items()) == [(2, "Integrated"), (10, "USB Cam")]


def test_a_system_without_cameras_lists_none(tmp_path: Path) -> None:
    assert known_cameras(tmp_path / "missing", tmp_path) == {}


@pytest.mark.parametrize("node", ["/dev/null", "/dev/missing"])
def test_what_is_no_video_device_cannot_be_asked(node: str) -> None:
    assert captures(Path(node)) is None


def test_who_has_a_device_open_is_named(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    with node.open("rb") as opened, subprocess.Popen(["sleep", "30"], stdin=opened) as user:
        opened.close()
        try:
            assert users_of(node) == [f"sleep (process {user.pid})"]
        finally:
            user.kill()
    assert users_of(node) == []


def test_processes_that_may_not_be_looked_into_are_passed_over(tmp_path: Path) -> None:
    for process, name in (("7", "zoom"), ("12", "cheese"), ("13", "gone")):
        (tmp_path / process).mkdir()
        (tmp_path / process / "comm").write_text(f"{name}\n", encoding="utf-8")
    for process in ("7", "12"):
        (tmp_path / process / "fd").mkdir()
        (tmp_path / process / "fd" / "3").symlink_to("/dev/video2")

    assert users_of(Path("/dev/video2"), tmp_path) == ["zoom (process 7)", "cheese (process 12)"]


def test_a_device_that_this_user_may_not_open_is_access_denied_with_what_to_do() -> None:
    # No ordinary user may open /etc/shadow; root may, and becomes nobody first.
    code = """
import os
from facecam.capture.camera import Camera, CaptureSettings
if os.geteuid() == 0:
    os.setuid(65534)
Camera("/etc/shadow", CaptureSettings(), 0.0, source="3")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "AccessDeniedError: camera 3 (/etc/shadow) may not be opened by this user" in done.stderr
    assert "usermod -aG video" in done.stderr
