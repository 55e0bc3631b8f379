"""Enrolling and the first start as a person meets them: the real command on a display, worked by keys alone."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.gallery.people import read_people
from facecam.logbook.reader import read_log
from tests.servers.stream_server import StreamServer
from tests.ui.desk import KNOWN_BGR, Desk

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb"), pytest.mark.timeout(900)]

A_MOMENT_S = 1.0
"""How long a person looks at a new page before typing."""


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A camera that looks at Grace Hopper for as long as it is asked."""
    return mjpeg_server("--picture", str(portraits["grace_hopper"]))


def told(desk: Desk, words: str) -> bool:
    """Whether the log tells so."""
    path = desk.log()
    if path is None or not path.stat().st_size:
        return False
    log = read_log(path)
    return any(words in message for message in log[log.event == "state"].message.dropna())


def consents(desk: Desk) -> dict[str, str]:
    return {person.name: person.consent for person in read_people(desk.home / "gallery").people}


def rows(desk: Desk) -> int:
    path = desk.log()
    return path.read_bytes().count(b"\n") if path is not None else 0


def recognizes(desk: Desk) -> bool:
    return desk.shows(KNOWN_BGR) > 300


def wait_until_at_work(desk: Desk) -> None:
    """Until pictures come and are recognized: before that the window has more to do than to take keys in their order."""
    desk.wait_for(lambda: told(desk, "pictures of"), "no picture comes")
    desk.wait_for(lambda: rows(desk) > 5, "nothing is recognized")
    time.sleep(A_MOMENT_S)


def enroll(desk: Desk, name: str) -> None:
    """From the name to the test: Enter skips the poses that a still picture cannot take, and saves."""
    time.sleep(A_MOMENT_S)
    desk.write(name)
    desk.key("Tab", "space", "Return")
    desk.wait_for(lambda: told(desk, f"enrollment: {name} begins"), "nothing has begun")

    def entered() -> bool:
        desk.key("Return")
        return told(desk, f"enrollment: {name} is saved")

    desk.wait_for(entered, "nothing was saved")


def test_a_stranger_is_enrolled_by_keys_and_named_at_once(desk: Desk, camera: StreamServer) -> None:
    desk.start("--source", camera.address, "--log", "logs")
    wait_until_at_work(desk)
    assert not recognizes(desk)

    desk.key("e")
    enroll(desk, "Ann")
    desk.wait_for(lambda: told(desk, "enrollment: Ann is recognized"), "the test was not passed")
    desk.key("Return")

    desk.wait_for(lambda: recognizes(desk), "nobody is named in the picture")
    assert consents(desk)["Ann"].startswith("This person agrees")
    desk.key("ctrl+q")
    desk.end()


def test_the_first_steps_lead_to_being_recognized(desk: Desk, camera: StreamServer) -> None:
    shutil.rmtree(desk.home / "gallery")
    desk.start("--source", camera.address, "--log", "logs", "--gallery", "gallery")
    wait_until_at_work(desk)

    desk.key("alt+e", "Up", "Up", "Return")  # the last but one entry of the menu
    time.sleep(A_MOMENT_S)
    desk.key("Return")
    enroll(desk, "Ann")
    desk.wait_for(lambda: told(desk, "enrollment: Ann is recognized"), "the test was not passed")
    desk.key("Return")
    desk.wait_for(lambda: recognizes(desk), "nobody is named in the picture")
    desk.key("Return")

    desk.wait_for(lambda: recognizes(desk), "nobody is named in the window")
    assert list(consents(desk)) == ["Ann"]
    desk.key("ctrl+q")
    desk.end()


def test_who_has_no_camera_is_shown_the_demo_and_may_skip_the_rest(desk: Desk) -> None:
    shutil.rmtree(desk.home / "gallery")
    desk.start("--source", "No Such Camera", "--log", "logs", "--gallery", "gallery")

    def chosen() -> bool:
        desk.key("Down")
        return rows(desk) > 20

    desk.wait_for(chosen, "the demo is not played")
    desk.key("Return", "Escape", "Escape")
    desk.key("ctrl+q")
    desk.end()
    assert "first_steps_done=true" in (desk.home / ".config" / "facecam" / "window.ini").read_text()


def test_somebody_of_the_demo_is_enrolled_although_it_ends_and_known_the_next_time(desk: Desk) -> None:
    shutil.rmtree(desk.home / "gallery")
    demo = ("--source", "demo", "--log", "logs", "--gallery", "gallery")
    desk.start(*demo)
    desk.wait_for(lambda: rows(desk) > 20, "the demo is not played")
    desk.key("e")
    enroll(desk, "Ann")
    desk.key("Escape", "ctrl+q")
    desk.end()

    desk.start(*demo)
    path = desk.home / desk.end().splitlines()[-1]  # the window closes with the film

    assert set(read_log(path).name.dropna()) == {"Ann"}
