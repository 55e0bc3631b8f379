"""Cameras and streams, over a capture that plays what drivers do: no machine that builds this has a camera."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

import cv2
import numpy as np
import pytest

from facecam.capture.source import Source, open_source
from facecam.capture.address import masked
from facecam.errors import CameraError
from facecam.settings import CaptureSettings


class FakeCapture:
    """Stands for cv2.VideoCapture: delivers `pictures`, then nothing; refuses the sizes it is asked for."""

    pictures: Sequence[np.ndarray] = ()
    made: ClassVar[list[FakeCapture]] = []

    def __init__(self, target: int | str, backend: int, parameters: list[int]) -> None:
        self.target, self.backend, self.parameters = target, backend, parameters
        self.asked: list[tuple[int, float]] = []
        self.left = list(self.pictures)
        self.released = 0
        self.made.append(self)

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return not self.released

    def set(self, property_id: int, value: float) -> bool:
        self.asked.append((property_id, value))
        return False

    def get(self, property_id: int) -> float:
        return 15.0 if property_id == cv2.CAP_PROP_FPS else -1.0

    def grab(self) -> bool:
        return bool(self.left) and not self.released

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, self.left.pop(0)

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def capture(monkeypatch: pytest.MonkeyPatch) -> type[FakeCapture]:
    fake = type("Fake", (FakeCapture,), {"made": [], "pictures": [np.full((120, 160, 3), n, np.uint8) for n in range(3)]})
    monkeypatch.setattr(cv2, "VideoCapture", fake)
    return fake


def opened(text: str, started_at_s: float | None = None) -> Source:
    return open_source(text, CaptureSettings(), time.monotonic() if started_at_s is None else started_at_s)


def test_the_pixel_format_is_asked_for_first_then_size_then_rate(capture: type[FakeCapture]) -> None:
    with opened("0"):
        asked = capture.made[0].asked

    assert [property_id for property_id, _ in asked[:4]] == [
        cv2.CAP_PROP_FOURCC,
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS,
    ]


def test_a_size_that_the_camera_refuses_is_read_back(capture: type[FakeCapture]) -> None:
    with opened("0") as camera:
        assert (camera.size_wh, camera.fps, camera.live) == ((160, 120), 15.0, True)


def test_a_live_frames_time_is_since_the_session_began(capture: type[FakeCapture]) -> None:
    with opened("0", started_at_s=time.monotonic() - 2) as camera:
        frame = camera.read()

    assert frame is not None
    assert frame.t_ms == pytest.approx(2000, abs=200)


def test_a_camera_delivers_its_first_picture_too_and_then_says_that_it_stopped(capture: type[FakeCapture]) -> None:
    with opened("0") as camera:
        pictures = [camera.read() for _ in range(3)]
        with pytest.raises(CameraError, match="camera 0 has stopped delivering after 3 frames"):
            camera.read()

    assert [frame.bgr[0, 0, 0] for frame in pictures if frame is not None] == [0, 1, 2]
    assert capture.made[0].released


def test_a_camera_that_opens_and_shows_nothing_is_refused_and_released(capture: type[FakeCapture]) -> None:
    capture.pictures = ()

    with pytest.raises(CameraError, match="camera 0 opens but delivers no picture"):
        opened("0")

    assert capture.made[0].released


def test_a_picture_that_is_none_is_the_end_of_a_camera(capture: type[FakeCapture]) -> None:
    capture.pictures = [np.zeros((4, 4, 3), np.uint8), np.zeros((0, 0, 3), np.uint8)]

    with opened("0") as camera:
        camera.read()
        with pytest.raises(CameraError, match="stopped"):
            camera.read()


def test_a_grey_camera_of_16_bits_gives_bgr(capture: type[FakeCapture]) -> None:
    capture.pictures = [np.full((4, 6), 65535, np.uint16)]

    with opened("0") as camera:
        frame = camera.read()

    assert frame is not None
    assert frame.bgr.shape == (4, 6, 3)
    assert frame.bgr.min() == 255


def test_a_stream_is_bounded_below_three_seconds(capture: type[FakeCapture]) -> None:
    with opened("rtsp://camera.lan/1"):
        given = capture.made[0].parameters

    assert dict(zip(given[::2], given[1::2], strict=True)) == {
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: 2500,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC: 2500,
    }


def test_a_stream_is_opened_with_its_credentials_and_named_without(capture: type[FakeCapture]) -> None:
    with opened("rtsp://ada:s3cret@camera.lan:8554/1") as stream:
        frame = stream.read()

    assert capture.made[0].target == "rtsp://ada:s3cret@camera.lan:8554/1"
    assert stream.source == "rtsp://camera.lan:8554/1"
    assert frame is not None
    assert frame.source == stream.source


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://ada:s3cret@host/video.mjpg", "http://host/video.mjpg"),
        ("http://s3cret@host/", "http://host/"),
        ("rtsp://ada:s3c@ret@host/1", "rtsp://host/1"),
        ("http://host/v?user=ada&password=s3cret&channel=2", "http://host/v?user=***&password=***&channel=2"),
        ("http://host/v?u=ada&p=s3cret&size=1", "http://host/v?u=***&p=***&size=1"),
        ("http://host/v?ACCESS_TOKEN=s3cret", "http://host/v?ACCESS_TOKEN=***"),
        ("http://host/v#s3cret", "http://host/v"),
        ("http://ada:s3cret@[::1/v", "http://***"),
        ("http://[::1]:80/v", "http://[::1]:80/v"),
    ],
)
def test_no_credentials_are_left_in_a_shown_address(address: str, shown: str) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize("scheme", ["http", "rtsp", "HTTP"])
def test_a_server_that_is_not_there_is_said_without_credentials(scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CameraError) as failed:
        opened(f"{scheme}://ada:s3cret@127.0.0.1:9/v?token=s3cret")

    assert "127.0.0.1:9/v" in str(failed.value)
    assert "s3cret" not in str(failed.value)
    assert capfd.readouterr() == ("", "")
