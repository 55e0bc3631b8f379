"""The window as a person meets it: the real command on a display, worked by keys."""

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
from tests.ui.desk import KNOWN_BGR, Desk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A camera that looks at Eileen Collins for as long as it is asked."""
    return mjpeg_server("--picture", str(portraits["eileen_collins"]))


def messages(desk: Desk) -> list[str]:
    """What the log says happened besides sightings."""
    path = desk.log()
    if path is None or not path.stat().st_size:
        return []
    log = read_log(path)
    return list(log[log.event == "state"].message.dropna())


def rows(desk: Desk) -> int:
    path = desk.log()
    return path.read_bytes().count(b"\n") if path is not None else 0


def recognizes(desk: Desk) -> bool:
    return desk.shows(KNOWN_BGR) > 300


def test_the_picture_comes_and_the_face_in_it_is_marked(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--log", "logs")
    desk.wait_for(lambda: recognizes(desk), "no face is marked as known")

    assert desk.pixels().std() > 30
    desk.key("ctrl+q")
    path = Path(desk.end().splitlines()[-1])
    log = read_log(desk.home / path)
    assert "Eileen Collins" in set(log.name.dropna())
    assert log.event.iloc[-1] == "exit"


def test_a_key_changes_what_is_recognized_and_another_changes_it_back(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--log", "logs")
    desk.wait_for(lambda: recognizes(desk), "no face is marked")
    desk.key("o")
    desk.wait_for(lambda: "mode: objects" in messages(desk), "objects are not looked for")
    desk.wait_for(lambda: not recognizes(desk), "the face is still marked")
    desk.key("F1")
    desk.wait_for(lambda: "mode: faces" in messages(desk), "faces are not looked for again")
    desk.wait_for(lambda: recognizes(desk), "the face is not marked again")


def test_a_snapshot_is_a_picture_in_the_users_pictures(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--no-log")
    desk.wait_for(lambda: recognizes(desk), "no face is marked")
    desk.key("s")
    path = desk.wait_for(lambda: next(desk.home.glob("Pictures/facecam/*.png"), None), "there is no snapshot")

    kept = cv2.imread(str(path))
    assert kept.shape == (480, 640, 3)
    near = np.abs(kept.astype(int) - KNOWN_BGR).max(axis=2) < 40
    assert near.sum() > 200, "what is marked in the window is marked in the snapshot"


def test_a_film_is_recorded_from_one_key_to_the_next(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--no-log")
    desk.wait_for(lambda: recognizes(desk), "no face is marked")
    desk.key("r")
    time.sleep(2)
    desk.key("r")
    path = desk.wait_for(lambda: next(desk.home.glob("Videos/facecam/2*.mp4"), None), "there is no film")

    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) > 5
    video.release()


def test_while_it_is_paused_nothing_is_logged(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--log", "logs")
    desk.wait_for(lambda: rows(desk) > 10, "nothing is logged")
    desk.key("space")
    desk.wait_for(lambda: "paused" in messages(desk), "it is not paused")
    before = rows(desk)
    time.sleep(1.5)
    assert rows(desk) <= before + 1
    desk.key("space")
    desk.wait_for(lambda: rows(desk) > before + 10, "it does not go on")


def test_a_camera_that_is_lost_is_told_and_comes_back_by_itself(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--log", "logs")
    desk.wait_for(lambda: recognizes(desk), "no face is marked")
    camera.kill()
    desk.wait_for(lambda: "reconnecting" in desk.said, "nobody says that the camera is lost")
    desk.wait_for(lambda: not recognizes(desk), "the marks of a picture that is lost stay")
    camera.restart()
    desk.wait_for(lambda: "delivers again" in desk.said, "the camera does not come back")
    desk.wait_for(lambda: recognizes(desk), "the face is not marked again")
    desk.key("ctrl+q")
    desk.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_and_the_log(desk: Desk, camera: StreamServer, number: signal.Signals) -> None:
    desk.start("--source", camera.address, "--log", "logs")
    desk.wait_for(lambda: rows(desk) > 5, "nothing is logged")
    out = desk.end(number)

    log = read_log(desk.home / out.splitlines()[-1])
    assert log.event.iloc[-1] == "exit"


def test_strangers_are_blurred_in_the_window_and_in_the_snapshot(
    desk: Desk, mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]
) -> None:
    camera = mjpeg_server("--picture", str(portraits["grace_hopper"]))
    desk.start("--source", camera.address, "--no-log")
    desk.wait_for(lambda: desk.shows((233, 180, 86)) > 200, "no stranger is marked")
    desk.key("b")
    time.sleep(1)
    desk.key("s")
    path = desk.wait_for(lambda: next(desk.home.glob("Pictures/facecam/*.png"), None), "there is no snapshot")
    blurred = cv2.imread(str(path))
    desk.key("b")
    time.sleep(1)
    desk.key("s")
    desk.wait_for(lambda: len(list(desk.home.glob("Pictures/facecam/*.png"))) == 2, "there is no second snapshot")
    other = next(name for name in desk.home.glob("Pictures/facecam/*.png") if name != path)
    plain = cv2.imread(str(other))

    detail = [cv2.Laplacian(picture[100:250, 220:400], cv2.CV_64F).var() for picture in (blurred, plain)]
    assert detail[0] < detail[1] / 2
    assert np.abs(blurred[-60:, :100].astype(int) - plain[-60:, :100]).mean() < 12, "what is no face is as it was"


def test_without_a_camera_the_window_stays_and_says_what_was_tried(desk: Desk) -> None:
    desk.start("--no-log")
    # The note's plate, over the backdrop.
    desk.wait_for(lambda: (np.abs(desk.pixels().astype(int) - (27, 23, 21)).max(axis=2) <= 1).sum() > 20_000, "there is no note")
    desk.key("ctrl+q")

    assert desk.status() == 1
    assert "there is no camera 0" in desk.said


def test_who_starts_a_second_window_is_shown_the_first(desk: Desk) -> None:
    desk.start("--no-log")
    second = Desk(desk.home)
    second._display = desk._display
    second.begin("--no-log")
    second.end()

    assert "is open already" in second.said
    second._leaving.close()
