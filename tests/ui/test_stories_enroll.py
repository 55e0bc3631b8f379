"""End-to-end tests of enrollment and the first start: the real command on a display, by keyboard only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.gallery.people import read_people
from facecam.logbook.reader import read_log
from tests.servers.stream_server import StreamServer
from tests.ui.virtual_display import KNOWN_BGR, VirtualDisplay

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb"), pytest.mark.timeout(900)]


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A camera that always shows Grace Hopper."""
    return mjpeg_server("--picture", str(portraits["grace_hopper"]))


def consents(display: VirtualDisplay) -> dict[str, str]:
    return {person.name: person.consent for person in read_people(display.home / "gallery").people}


def recognizes(display: VirtualDisplay) -> bool:
    return display.count_pixels(KNOWN_BGR) > 300


def wait_for_recognition(display: VirtualDisplay) -> None:
    """Wait for recognized frames: before that the window may be too busy to take keys in order."""
    display.wait_for(lambda: display.has_logged("pictures of"), "no frames arrive")
    display.wait_for(lambda: display.count_rows() > 5, "nothing is recognized")


def enroll(display: VirtualDisplay, name: str) -> None:
    """Enroll on the open page up to the self-test: Enter skips the poses that a still image cannot show, and saves."""
    display.type_text(name)
    display.key("Tab", "space", "Return")
    display.wait_for(lambda: display.has_logged(f"enrollment: {name} begins"), "the enrollment has not begun")

    def is_saved() -> bool:
        display.key("Return")
        return display.has_logged(f"enrollment: {name} is saved")

    display.wait_for(is_saved, "nothing was saved")


def test_the_first_steps_lead_a_stranger_to_recognition(display: VirtualDisplay, camera: StreamServer) -> None:
    shutil.rmtree(display.home / "gallery")
    display.start("--source", camera.address, "--log", "logs", "--gallery", "gallery")
    wait_for_recognition(display)
    assert not recognizes(display)

    with display.expect_change("the menu does not open"):
        display.key("alt+h")
    with display.expect_change("the first steps do not open", fraction=0.2):
        display.key("Up", "Up", "Return")  # the second to last entry of the menu
    with display.expect_change("the form does not open", fraction=0.05):
        display.key("Return")
    enroll(display, "Ann")
    display.wait_for(lambda: display.has_logged("enrollment: Ann is recognized"), "the test was not passed")
    display.key("Return")
    display.wait_for(lambda: recognizes(display), "no name appears in the video")
    display.key("Return")

    display.wait_for(lambda: recognizes(display), "no name appears in the window")
    assert list(consents(display)) == ["Ann"]
    assert consents(display)["Ann"].startswith("This person agrees")
    display.key("ctrl+q")
    display.wait_for_exit()


@pytest.mark.long
def test_without_a_camera_the_first_steps_play_the_demo_and_can_be_skipped(display: VirtualDisplay) -> None:
    shutil.rmtree(display.home / "gallery")
    display.start("--source", "No Such Camera", "--log", "logs", "--gallery", "gallery")

    def plays_demo() -> bool:
        display.key("Down")
        return display.count_rows() > 20

    display.wait_for(plays_demo, "the demo is not played")
    display.key("Return", "Escape", "Escape")
    display.key("ctrl+q")
    display.wait_for_exit()
    assert "first_steps_done=true" in (display.home / ".config" / "facecam" / "window.ini").read_text()


@pytest.mark.long
def test_a_person_enrolled_from_the_demo_is_recognized_in_the_next_run(display: VirtualDisplay) -> None:
    shutil.rmtree(display.home / "gallery")
    demo = ("--source", "demo", "--log", "logs", "--gallery", "gallery")
    display.start(*demo)
    display.wait_for(lambda: display.count_rows() > 20, "the demo is not played")
    with display.expect_change("the page does not open", fraction=0.2):
        display.key("e")
    enroll(display, "Ann")
    display.key("Escape", "ctrl+q")
    display.wait_for_exit()

    display.launch(*demo, "--quit-at-end")
    path = display.home / display.wait_for_exit().splitlines()[-1]

    assert set(read_log(path).name.dropna()) == {"Ann"}
