"""`facecam cameras` with fake drivers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import cv2
import pytest
import typer
from typer.testing import CliRunner

from facecam.cli import system
from tests.capture import fake_capture
from tests.capture.fake_capture import Device, devices

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux lists its cameras")


def app(known: Mapping[int, str]) -> typer.Typer:
    app = typer.Typer()
    system.register_cameras(app, lambda: known)
    return app


def reports(known: Mapping[int, str]) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app(known), ["--json", "-"])
    assert result.exit_code == 0
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    return listed


def test_without_cameras_there_is_a_message_and_an_empty_list() -> None:
    result = CliRunner().invoke(app({}), [])

    assert result.exit_code == 0
    assert "No camera found" in result.stdout
    assert reports({}) == []


def test_a_camera_is_listed_with_its_format_and_supported_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device()
    monkeypatch.setattr(cv2, "VideoCapture", devices({2: device}))

    (camera,) = reports({2: "HD Webcam"})

    assert (camera["index"], camera["name"], camera["backend"]) == (2, "HD Webcam", "V4L2")
    assert (camera["fourcc"], camera["width_px"], camera["height_px"], camera["fps"]) == ("MJPG", 640, 480, 30)
    assert camera["opens_in_ms"] > 0
    assert {"width_px": 1280, "height_px": 720, "fps": [15, 30]} in camera["offers"]
    assert camera["error"] is None
    assert all(capture.released for capture in device.captures)


def test_a_camera_with_one_size_supports_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device(fake_capture.REFUSES_SIZE)}))

    (camera,) = reports({0: "Old Webcam"})

    assert [(offer["width_px"], offer["height_px"]) for offer in camera["offers"]] == [(160, 120)]


def test_a_camera_that_does_not_open_is_listed_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device(fake_capture.BUSY), 1: Device()}))

    busy, free = reports({0: "Busy [cam]", 1: "Free cam"})

    assert "camera 0" in busy["error"]
    assert busy["offers"] == []
    assert free["error"] is None


def test_the_table_shows_names_literally(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device()}))

    output = CliRunner().invoke(app({0: "Cam [bold]"}), [], env={"COLUMNS": "250"}).stdout

    assert "Cam [bold]" in output
    assert "1920x1080 (15/30)" in output
