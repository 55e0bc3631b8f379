"""Cameras, read through a fake capture that behaves like real drivers, and the capture times of streams."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from facecam.capture import live
from facecam.capture.network import MediaClock
from facecam.capture.source import Source, open_source
from facecam.capture.video import FrameTime
from facecam.errors import CameraError
from facecam.settings import CaptureSettings
from tests.capture import fake_capture
from tests.capture.fake_capture import Device, FakeCapture, Script, devices

Plug = Callable[[Script], Device]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install a device that plays a script, at index 0."""

    def put(script: Script = fake_capture.HEALTHY) -> Device:
        device = Device(script)
        monkeypatch.setattr(cv2, "VideoCapture", devices({0: device}))
        return device

    return put


def opened(text: str = "0", started_at_s: float | None = None) -> Source:
    return open_source(text, CaptureSettings(), time.monotonic() if started_at_s is None else started_at_s)


def delivered(source: Source, count: int) -> list[np.ndarray]:
    return [frame.bgr for _ in range(count) if (frame := source.read()) is not None]


# Format negotiation


def test_the_pixel_format_is_requested_first_then_size_then_rate(plug: Plug) -> None:
    device = plug(fake_capture.HEALTHY)
    with opened():
        requested = device.captures[0].requested

    assert [property_id for property_id, _ in requested[:4]] == [
        cv2.CAP_PROP_FOURCC,
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS,
    ]


def test_a_forgotten_pixel_format_is_requested_again_after_the_size(plug: Plug) -> None:
    device = plug(fake_capture.YUYV_ONLY)
    with opened():
        requested = [property_id for property_id, _ in device.captures[0].requested]

    assert requested.count(cv2.CAP_PROP_FOURCC) == 2
    assert requested[-2] == cv2.CAP_PROP_FPS


def test_a_size_that_the_camera_refuses_is_logged_and_not_an_error(plug: Plug, caplog: pytest.LogCaptureFixture) -> None:
    plug(fake_capture.REFUSES_SIZE)
    with caplog.at_level(logging.INFO), opened() as camera:
        assert (camera.size_wh, camera.fps, camera.live) == ((160, 120), 30.0, True)

    assert "requested MJPG 640x480 at 30 fps, delivers MJPG 160x120 at 30 fps" in caplog.text


# Delivered frames


def test_the_time_of_a_live_frame_counts_from_the_start_of_the_session(plug: Plug) -> None:
    plug(fake_capture.HEALTHY)
    started_at_s = time.monotonic() - 2
    with opened(started_at_s=started_at_s) as camera:
        frame = camera.read()

    assert frame is not None
    assert 2000 <= frame.t_ms <= (time.monotonic() - started_at_s) * 1000


def test_a_frame_that_waited_in_the_drivers_buffer_keeps_the_drivers_time(plug: Plug) -> None:
    device = plug(fake_capture.HEALTHY)
    device.stamped, device.waited_s = True, 0.75
    with opened() as camera:
        frame = camera.read()

    assert frame is not None
    assert time.monotonic() - frame.captured_at_s > 0.7


def test_the_first_frames_may_be_missing(plug: Plug) -> None:
    plug(fake_capture.FIRST_ARE_MISSING)
    with opened() as camera:
        frame = camera.read()

    assert frame is not None
    assert frame.index == 0


@pytest.mark.parametrize("script", [fake_capture.FIRST_IS_TORN, fake_capture.TORN_SOMETIMES])
def test_a_damaged_frame_is_skipped_and_counted(plug: Plug, script: Script) -> None:
    plug(script)
    with opened() as camera:
        frames = [camera.read() for _ in range(6)]
        assert camera.damaged_frames == sum(count for count, what in script.steps if what == fake_capture.TORN)

    assert [frame.index for frame in frames if frame is not None] == list(range(6))


def test_too_long_a_time_of_damaged_frames_ends_the_source(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_DAMAGED_S", 0.3)
    plug(fake_capture.TORN_FOREVER)
    with opened() as camera:
        delivered(camera, 2)
        started_at_s = time.monotonic()
        with pytest.raises(CameraError, match="camera 0 delivers only damaged images"):
            camera.read()

    assert time.monotonic() - started_at_s >= 0.3


def test_the_size_may_change_during_a_run(plug: Plug) -> None:
    plug(fake_capture.CHANGES_SIZE)
    sizes = []
    with opened() as camera:
        for _ in range(5):
            frame = camera.read()
            assert frame is not None
            assert camera.size_wh == frame.size_wh
            sizes.append(frame.size_wh)

    assert sizes == [(160, 120)] * 2 + [(80, 60)] * 3


def test_a_frozen_camera_delivers_equal_images_in_new_frames(plug: Plug) -> None:
    plug(fake_capture.LAST_FRAME_FOREVER)
    with opened() as camera:
        images = delivered(camera, 8)

    assert [bool((one == other).all()) for one, other in itertools.pairwise(images)] == [False] * 4 + [True] * 3


def test_a_16_bit_gray_camera_gives_bgr(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(fake_capture.HEALTHY)
    monkeypatch.setattr(FakeCapture, "retrieve", lambda _: (True, np.full((4, 6), 65535, np.uint16)))
    with opened() as camera:
        frame = camera.read()

    assert frame is not None
    assert frame.bgr.shape == (4, 6, 3)
    assert frame.bgr.min() == 255


# Errors and the end


def test_an_unplugged_camera_raises_an_error_and_is_released(plug: Plug) -> None:
    device = plug(fake_capture.UNPLUGGED)
    with opened() as camera:
        delivered(camera, 5)
        for _ in range(2):
            with pytest.raises(CameraError, match="camera 0 has stopped delivering after 5 frames; check the cable"):
                camera.read()

    assert device.captures[0].released


def test_a_replugged_camera_can_be_opened_again(plug: Plug) -> None:
    device = plug(fake_capture.HEALTHY)
    with opened() as camera:
        device.unplug()
        with pytest.raises(CameraError):
            delivered(camera, 2)
    with pytest.raises(CameraError, match="camera 0"):
        opened()
    device.plug()
    with opened() as camera:
        assert camera.read() is not None


def test_a_camera_that_opens_without_delivering_is_an_error_and_is_released(plug: Plug) -> None:
    device = plug(fake_capture.OPENS_WITHOUT_DELIVERING)

    with pytest.raises(CameraError, match="camera 0 opens but delivers no image"):
        opened()

    assert device.captures[0].released


@pytest.mark.parametrize("script", [fake_capture.BUSY, fake_capture.NOT_ALLOWED])
def test_a_camera_that_does_not_open_is_an_error_that_names_it(plug: Plug, script: Script) -> None:
    plug(script)

    with pytest.raises(CameraError, match="camera 0"):
        opened()


def test_every_script_has_a_reference() -> None:
    assert len(fake_capture.SCRIPTS) >= 14
    assert all(len(script.reference) > 20 for script in fake_capture.SCRIPTS.values())


# Capture times of streams


def capture_times_ms(*at_and_media_ms: tuple[float, float | None]) -> list[float]:
    """Return the estimated capture times in ms of frames with these arrival times and media times."""
    clock = MediaClock()
    return [round(clock.capture_time_s(FrameTime(at_ms / 1000, media_ms)) * 1000) for at_ms, media_ms in at_and_media_ms]


def test_delayed_frames_keep_their_capture_time() -> None:
    in_time = [(5000.0 + n, 100.0 + n) for n in (0, 40, 80)]
    delayed = [(6000.0, 220.0), (6000.0, 260.0), (6001.0, 300.0)]

    assert capture_times_ms(*in_time, *delayed) == pytest.approx([5000, 5040, 5080, 5120, 5160, 5200], abs=2)


def test_a_frame_without_a_time_gets_the_time_of_its_arrival() -> None:
    assert capture_times_ms((5000, 100), (5040, None), (5080, 180)) == [5000, 5040, 5080]


def test_a_reset_of_the_streams_clock_is_followed() -> None:
    assert capture_times_ms((50_000, 40_000), (50_040, 0), (50_080, 40)) == [50_000, 50_040, 50_080]


def test_no_capture_time_is_after_the_arrival() -> None:
    assert capture_times_ms((5000, 100), (5010, 200), (5020, 300)) == [5000, 5010, 5020]


def test_a_camera_whose_clock_runs_slow_does_not_fall_behind() -> None:
    arrivals = [(1000.0 * n, 1000.0 * n * (1 - 1e-4)) for n in range(3600)]

    assert max(at_ms - taken for (at_ms, _), taken in zip(arrivals, capture_times_ms(*arrivals), strict=True)) < 5
