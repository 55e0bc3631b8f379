"""End-to-end: `facecam run` on a virtual display, operated by keys."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.logbook.reader import read_log
from facecam.logbook.sessions import read_details
from facecam.rendering.privacy import COVER_BGR
from tests.servers.stream_server import StreamServer
from tests.ui.virtual_display import KNOWN_BGR, VirtualDisplay

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")

STRANGER_BGR = (233, 180, 86)
NOTICE_BGR = (27, 23, 21)
"""The notice's plate over the backdrop."""


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A network camera that shows Eileen Collins endlessly."""
    return mjpeg_server("--picture", str(portraits["eileen_collins"]))


def recognizes(display: VirtualDisplay) -> bool:
    return display.count_pixels(KNOWN_BGR) > 300


def snapshots(display: VirtualDisplay) -> list[Path]:
    return list(display.home.glob("Pictures/facecam/*.png"))


def take_snapshot(display: VirtualDisplay) -> np.ndarray:
    """Press the key for a snapshot and return the saved image."""
    before = snapshots(display)
    display.key("s")
    display.wait_for(lambda: len(snapshots(display)) > len(before), "there is no snapshot")
    (path,) = set(snapshots(display)) - set(before)
    return cv2.imread(str(path))


def test_the_keys_operate_video_modes_pause_and_snapshots(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: recognizes(display), "no face is marked as known")
    assert display.pixels().std() > 30

    image = take_snapshot(display)
    assert image.shape == (480, 640, 3)
    near = np.abs(image.astype(int) - KNOWN_BGR).max(axis=2) < 40
    assert near.sum() > 200, "the snapshot contains the annotations"

    display.key("o")
    display.wait_for(lambda: display.has_logged("mode: objects"), "objects are not looked for")
    display.wait_for(lambda: not recognizes(display), "the face is still marked")
    display.key("F1")
    display.wait_for(lambda: display.has_logged("mode: faces"), "faces are not looked for again")
    display.wait_for(lambda: recognizes(display), "the face is not marked again")

    display.key("space")
    display.wait_for(lambda: display.has_logged("paused"), "it is not paused")
    before = display.count_rows()
    display.key("space")
    display.wait_for(lambda: display.has_logged("running: resumed"), "it does not go on")
    display.wait_for(lambda: display.count_rows() > before + 10, "nothing is logged after the pause")

    display.key("ctrl+q")
    log = read_log(display.home / display.wait_for_exit().splitlines()[-1])
    assert "Eileen Collins" in set(log.name.dropna())
    assert list(log.event)[-2:] == ["exit", "frames"]


@pytest.mark.long
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


LONG = [pytest.param(number, marks=pytest.mark.long) for number in (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.parametrize("number", [getattr(signal, "SIGHUP", signal.SIGTERM), *LONG])
def test_a_signal_closes_the_window_and_the_log(display: VirtualDisplay, camera: StreamServer, number: signal.Signals) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: display.count_rows() > 5, "nothing is logged")
    out = display.wait_for_exit(number)

    path = display.home / out.splitlines()[-1]
    assert list(read_log(path).event)[-2:] == ["exit", "frames"]
    assert read_details(path).get("ended_at_utc") is not None


def test_a_second_ctrl_c_ends_at_once_while_a_camera_delays_closing(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: display.count_rows() > 5, "nothing is logged")
    camera.command("hang 60")
    display.send_signal(signal.SIGINT)
    display.wait_for(lambda: not display.has_window(), "the window is not closed")
    display.send_signal(signal.SIGINT)

    assert display.exit_status() == 130
    assert "no longer waits" not in display.stderr


@pytest.mark.long
def test_strangers_are_covered_in_the_window_and_in_the_snapshot(
    display: VirtualDisplay, mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]
) -> None:
    camera = mjpeg_server("--picture", str(portraits["grace_hopper"]))
    display.start("--source", camera.address, "--no-log")
    display.wait_for(lambda: display.count_pixels(STRANGER_BGR) > 200, "no stranger is marked")
    plain = take_snapshot(display)

    display.key("b")

    covered = display.wait_for(lambda: _covered(take_snapshot(display)), "the stranger is not covered")
    assert np.abs(covered[0][-60:, :100].astype(int) - plain[-60:, :100]).mean() < 12, "the background is not covered"


def _covered(image: np.ndarray) -> list[np.ndarray]:
    """Return the image if the middle of its face has the color of the shape; box and caption are around it."""
    return [image] if (image[160:200, 280:340] == COVER_BGR).all() else []


def test_without_a_camera_the_window_stays_open_and_a_second_command_raises_it(display: VirtualDisplay) -> None:
    display.start("--no-log")
    display.wait_for(
        lambda: (np.abs(display.pixels().astype(int) - NOTICE_BGR).max(axis=2) <= 1).sum() > 20_000, "there is no notice"
    )

    with display.second() as second:
        second.launch("--no-log")
        second.wait_for_exit()
    assert "is already open" in second.stderr

    display.key("ctrl+q")
    assert display.exit_status() == 1
    assert "camera 0 does not exist" in display.stderr


def test_labels_of_the_command_and_a_marker_of_the_window_are_in_the_log(display: VirtualDisplay, camera: StreamServer) -> None:
    display.start("--source", camera.address, "--log", "logs", "--label", "participant=P07", "--label", "condition=2")
    display.wait_for(lambda: display.count_rows() > 5, "nothing is logged")
    with display.expect_change("the line for a marker does not open"):
        display.key("n")
    display.type_text("stimulus 1; now")
    display.key("Return")
    display.wait_for(lambda: b"stimulus 1; now" in (display.log() or Path()).read_bytes(), "the marker is not logged")
    display.key("ctrl+q")

    path = display.home / display.wait_for_exit().splitlines()[-1]
    log = read_log(path)
    assert set(log.session_labels) == {"participant=P07; condition=2"}
    assert list(log[log.event == "marker"].marker) == ["stimulus 1; now"]
    assert read_details(path)["labels"] == {"participant": "P07", "condition": "2"}


def test_the_window_stays_when_the_files_of_the_command_have_ended(display: VirtualDisplay) -> None:
    display.start("--source", "demo", "--source", "demo", "--to", "1", "--log", "logs")

    def has_ended() -> bool:
        path = display.log()
        return path is not None and path.stat().st_size > 0 and read_details(path).get("ended_at_utc") is not None

    display.wait_for(has_ended, "the log is not complete")
    with display.expect_change("the window is gone", fraction=0.2):
        display.key("g")
    assert display.has_window()
    display.key("ctrl+q")
    assert display.home / display.wait_for_exit().splitlines()[-1] == display.log()
