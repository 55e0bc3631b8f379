"""Cameras that hang upside down or on their side, and infrared cameras whose emitter flashes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.capture.camera import DarkFrames, turned
from facecam.capture.demo import demo_image
from facecam.capture.source import Source, frames, open_source
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import CaptureSettings, Settings
from tests.capture.fake_capture import Device, devices
from tests.session.conftest import ScriptedSource, wait_for

Camera = Callable[[Callable[[int], np.ndarray]], Device]
PORTRAIT = "eileen_collins"


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Camera:
    """Puts a camera with these images at index 0."""

    def put(image: Callable[[int], np.ndarray]) -> Device:
        device = Device(fps=50.0, image=image)
        monkeypatch.setattr(cv2, "VideoCapture", devices({0: device}))
        return device

    return put


@pytest.fixture(name="gallery")
def _gallery(tmp_path: Path) -> Path:
    person = tmp_path / "gallery" / "Eileen Collins"
    person.mkdir(parents=True)
    (person / "a.jpg").write_bytes(demo_image(PORTRAIT).read_bytes())
    return tmp_path / "gallery"


def corner(number: int) -> np.ndarray:
    """Return an image of 80 x 60 pixels that is white in its upper left corner."""
    image = np.zeros((60, 80, 3), np.uint8)
    image[:20, :20] = 255
    return image


def noisy(bgr: np.ndarray, number: int) -> np.ndarray:
    """Return an image with the noise of a sensor: equal images are those of a frozen camera."""
    noise = np.random.default_rng(number).integers(-2, 3, bgr.shape)
    return np.clip(bgr + noise, 0, 255).astype(np.uint8)


def first_image(settings: CaptureSettings) -> tuple[np.ndarray, tuple[int, int] | None]:
    with open_source("0", settings, time.monotonic()) as source:
        frame = source.read()
        assert frame is not None
        assert frame.size_wh == source.size_wh
        return frame.bgr, source.size_wh


@pytest.mark.parametrize(
    ("rotate", "flip", "size_wh", "white_yx"),
    [
        (0, True, (80, 60), (0, 79)),
        (90, False, (60, 80), (0, 59)),
        (180, False, (80, 60), (59, 79)),
        (270, False, (60, 80), (79, 0)),
        (90, True, (60, 80), (0, 0)),
        (180, True, (80, 60), (59, 0)),
    ],
)
def test_a_camera_is_rotated_clockwise_and_then_flipped(
    camera: Camera, rotate: int, flip: bool, size_wh: tuple[int, int], white_yx: tuple[int, int]
) -> None:
    camera(corner)
    image, found_wh = first_image(CaptureSettings(cameras={"0": {"rotate": rotate, "flip": flip}}))  # type: ignore[arg-type]

    assert found_wh == size_wh
    assert image.shape == (size_wh[1], size_wh[0], 3)
    white = np.argwhere(image[..., 0] == 255)
    assert white_yx in [tuple(found) for found in white]
    assert len(white) == 400


def test_another_cameras_orientation_is_not_used(camera: Camera) -> None:
    camera(corner)
    image, _ = first_image(Settings().replace({"capture.cameras": {"1": {"rotate": 180}}}).capture)

    assert image[0, 0, 0] == 255


@pytest.mark.parametrize("name", ["/dev/v4l/by-id/usb-1", "hd webcam", "rtsp://cam/stream", "fake"])
def test_a_camera_is_found_by_its_id_name_or_address(name: str) -> None:
    orientations = Settings().replace({"capture.cameras": {name: {"rotate": 90}}}).capture.cameras
    source: Source = ScriptedSource(time.monotonic(), camera_id="/dev/v4l/by-id/usb-1")

    assert turned(source, orientations, "HD Webcam", "rtsp://cam/stream").size_wh == (24, 32)
    assert turned(source, orientations.__class__({"other": {"rotate": 90}}), "HD Webcam") is source


def events_of(camera_settings: Settings, gallery: Path, log_dir: Path, recognized: int) -> tuple[list[str], set[str]]:
    """Run a session on camera 0 and return the codes of its events and the names that it gave."""
    opened = partial(open_source, "0", camera_settings.capture)
    session = Session(SessionConfig(camera_settings, (SourceConfig("0", opened),), gallery, log_dir=log_dir))
    with session:
        wait_for(lambda: session.status().recognized >= recognized)
    assert session.log is not None
    log = read_log(session.log.path)
    return list(log.event_code.dropna()), set(log[log.event == "seen"].name.dropna())


@pytest.mark.parametrize("cameras", [{}, {"0": {"rotate": 180}}])
def test_an_upside_down_camera_names_people_once_it_is_rotated(
    camera: Camera, gallery: Path, tmp_path: Path, cameras: dict[str, dict[str, int]]
) -> None:
    portrait = cv2.rotate(cv2.resize(read_image(demo_image(PORTRAIT)), (480, 480)), cv2.ROTATE_180)
    camera(partial(noisy, portrait))
    settings = Settings().replace({"capture.cameras": cameras})
    _, names = events_of(settings, gallery, tmp_path / "logs", 15)

    assert names == ({"Eileen Collins"} if cameras else set())


def test_an_emitter_that_leaves_every_other_frame_dark_ends_no_presence(camera: Camera, gallery: Path, tmp_path: Path) -> None:
    portrait = cv2.resize(read_image(demo_image(PORTRAIT)), (480, 480))
    images = {0: portrait, 1: (portrait * 0.1).astype(np.uint8)}
    camera(lambda number: noisy(images[number % 2], number))
    codes, names = events_of(Settings(), gallery, tmp_path / "logs", 40)

    assert names == {"Eileen Collins"}
    assert codes.count("no_face") <= 1, "before the pattern is recognized"


@pytest.mark.parametrize(
    ("levels", "skipped"),
    [
        ([100, 10, 100, 10, 100, 10, 100], [3, 5]),
        ([10, 100, 10, 100, 10, 100], [4]),
        ([100, 80, 100, 80, 100, 80], []),  # a lamp that flickers
        ([100, 10, 10, 10, 10, 10], []),  # the light goes out
        ([100, 10, 100, 10, 10, 10, 100, 100], [3]),
        ([0, 0, 0, 0, 0], []),
    ],
)
def test_only_the_dark_frames_of_an_alternating_series_are_skipped(levels: list[int], skipped: list[int]) -> None:
    dark_frames = DarkFrames()

    found = [n for n, level in enumerate(levels) if dark_frames.is_dark(np.full((16, 16, 3), level, np.uint8))]

    assert found == skipped


def test_skipped_frames_leave_gaps_in_the_index_and_no_dark_image(camera: Camera) -> None:
    camera(lambda number: noisy(np.full((60, 80, 3), 200 if number % 2 else 20, np.uint8), number))
    with open_source("0", CaptureSettings(), time.monotonic()) as source:
        read = [frame for frame, _ in zip(frames(source), range(12), strict=False)]

    assert all(frame.bgr.mean() > 150 for frame in read[4:])
    assert set(np.diff([frame.index for frame in read[4:]])) == {2}
