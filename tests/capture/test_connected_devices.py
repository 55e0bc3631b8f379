"""Connected cameras, in fake folders of Linux and a report of macOS."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from facecam.capture.devices import CameraSystem, profiler_cameras
from facecam.settings import CaptureSettings


def connect(sysfs: Path, number: int, name: str) -> None:
    entry = sysfs / f"video{number}"
    entry.mkdir(parents=True)
    (entry / "name").write_text(f"{name}\n", encoding="utf-8")
    (entry / "index").write_text("0\n", encoding="ascii")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's devices")
def test_a_connected_camera_changes_the_list_of_devices(tmp_path: Path) -> None:
    system = CameraSystem(tmp_path / "sys", tmp_path / "dev")
    assert system.connected() == ()

    connect(tmp_path / "sys", 0, "Webcam")

    assert system.connected() == ("Webcam (video0)",)
    assert system.find(CaptureSettings()) == {0: "Webcam"}


def test_the_names_of_macos_are_read() -> None:
    output = b'{"SPCameraDataType": [{"_name": "FaceTime HD Camera"}, {"_name": "C920"}]}'

    assert profiler_cameras(output) == ("C920", "FaceTime HD Camera")


@pytest.mark.parametrize("output", [b"", b"[]", b"{}", b'{"SPCameraDataType": [1]}', b'{"SPCameraDataType": null}'])
def test_another_report_of_macos_is_an_error(output: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        profiler_cameras(output)
