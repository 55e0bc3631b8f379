"""End-to-end: `facecam run` on a virtual display, operated by keys."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.logbook.reader import read_log
from tests.servers.stream_server import StreamServer
from tests.ui.virtual_display import KNOWN_BGR, VirtualDisplay

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A network camera that shows Eileen Collins endlessly."""
    return mjpeg_server("--picture", str(portraits["eileen_collins"]))


def messages(display: VirtualDisplay) -> list[str]:
    """Return the state messages of the log."""
    path = display.log()
    if path is None or not path.stat().st_size:
        return []
    log = read_log(path)
    return list(log[log.event == "state"].message.dropna())


def rows(display: VirtualDisplay) -> int:
    path = display.log()
    return path.read_bytes().count(b"\n") if path is not None else 0


def recognizes(display: VirtualDisplay) -> bool:
    return display.count_pixels(KNOWN_BGR) > 300


def test_the_video_is_shown_and_the_face_is_annotated(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: recognizes(display), "no face is marked as known")

    assert display.pixels().std() > 30
    display.key("ctrl+q")
    path = Path(display.wait_for_exit().splitlines()[-1])
    log = read_log(display.home / path)
    assert "Eileen Collins" in set(log.name.dropna())
    assert log.event.iloc[-1] == "exit"


def test_keys_switch_between_objects_and_faces(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: recognizes(display), "no face is marked")
    display.key("o")
    display.wait_for(lambda: "mode: objects" in messages(display), "objects are not looked for")
    display.wait_for(lambda: not recognizes(display), "the face is still marked")
    display.key("F1")
    display.wait_for(lambda: "mode: faces" in messages(display), "faces are not looked for again")
    display.wait_for(lambda: recognizes(display), "the face is not marked again")


def test_a_snapshot_is_saved_in_the_users_pictures(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--no-log")
    display.wait_for(lambda: recognizes(display), "no face is marked")
    display.key("s")
    path = display.wait_for(lambda: next(display.home.glob("Pictures/facecam/*.png"), None), "there is no snapshot")

    image = cv2.imread(str(path))
    assert image.shape == (480, 640, 3)
    near = np.abs(image.astype(int) - KNOWN_BGR).max(axis=2) < 40
    assert near.sum() > 200, "the snapshot contains the annotations"


def test_a_key_starts_and_stops_a_recording(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--no-log")
    display.wait_for(lambda: recognizes(display), "no face is marked")
    display.key("r")
    time.sleep(2)
    display.key("r")
    path = display.wait_for(lambda: next(display.home.glob("Videos/facecam/2*.mp4"), None), "there is no recording")

    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) > 5
    video.release()


def test_nothing_is_logged_while_paused(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: rows(display) > 10, "nothing is logged")
    display.key("space")
    display.wait_for(lambda: "paused" in messages(display), "it is not paused")
    before = rows(display)
    time.sleep(1.5)
    assert rows(display) <= before + 1
    display.key("space")
    display.wait_for(lambda: rows(display) > before + 10, "it does not go on")


def test_a_lost_camera_is_reported_and_reconnects(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: recognizes(display), "no face is marked")
    camera.kill()
    display.wait_for(lambda: "reconnecting" in display.stderr, "the lost camera is not reported")
    display.wait_for(lambda: not recognizes(display), "the annotations of the lost camera stay")
    camera.restart()
    display.wait_for(lambda: "delivers frames again" in display.stderr, "the camera does not come back")
    display.wait_for(lambda: recognizes(display), "the face is not marked again")
    display.key("ctrl+q")
    display.wait_for_exit()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_and_the_log(display: VirtualDisplay, camera: StreamServer, number: signal.Signals) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: rows(display) > 5, "nothing is logged")
    out = display.wait_for_exit(number)

    log = read_log(display.home / out.splitlines()[-1])
    assert log.event.iloc[-1] == "exit"


def test_strangers_are_blurred_in_the_window_and_in_the_snapshot(
    display: VirtualDisplay, mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]
) -> None:
    camera = mjpeg_server("--picture", str(portraits["grace_hopper"]))
    display.start("--source", camera.address, "--no-log")
    display.wait_for(lambda: display.count_pixels((233, 180, 86)) > 200, "no stranger is marked")
    display.key("b")
    time.sleep(1)
    display.key("s")
    path = display.wait_for(lambda: next(display.home.glob("Pictures/facecam/*.png"), None), "there is no snapshot")
    blurred = cv2.imread(str(path))
    display.key("b")
    time.sleep(1)
    display.key("s")
    display.wait_for(lambda: len(list(display.home.glob("Pictures/facecam/*.png"))) == 2, "there is no second snapshot")
    other = next(name for name in display.home.glob("Pictures/facecam/*.png") if name != path)
    plain = cv2.imread(str(other))

    detail = [cv2.Laplacian(image[100:250, 220:400], cv2.CV_64F).var() for image in (blurred, plain)]
    assert detail[0] < detail[1] / 2
    assert np.abs(blurred[-60:, :100].astype(int) - plain[-60:, :100]).mean() < 12, "the background is not blurred"


def test_without_a_camera_the_window_stays_open_with_a_notice(display: VirtualDisplay) -> None:
    display.start("--no-log")
    # The notice's plate over the backdrop.
    plate_bgr = (27, 23, 21)
    display.wait_for(
        lambda: (np.abs(display.pixels().astype(int) - plate_bgr).max(axis=2) <= 1).sum() > 20_000, "there is no notice"
    )
    display.key("ctrl+q")

    assert display.exit_status() == 1
    assert "camera 0 does not exist" in display.stderr


def test_a_second_command_raises_the_first_window(display: VirtualDisplay) -> None:
    display.start("--no-log")
    second = VirtualDisplay(display.home)
    second._display = display._display
    second.launch("--no-log")
    second.wait_for_exit()

    assert "is already open" in second.stderr
    second._stack.close()
