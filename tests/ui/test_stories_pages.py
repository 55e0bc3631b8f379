"""End-to-end: gallery, threshold and settings on a virtual display, operated by keys."""

from __future__ import annotations

import os
import shutil
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.logbook.reader import read_log
from tests.servers.stream_server import StreamServer
from tests.ui.virtual_display import KNOWN_BGR, SELECTED_BGR, VirtualDisplay

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")


@pytest.fixture
def running(display: VirtualDisplay, mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> VirtualDisplay:
    """The display with Eileen Collins recognized; Grace Hopper is enrolled too."""
    (display.home / "gallery" / "Grace Hopper").mkdir(parents=True, exist_ok=True)
    shutil.copy(portraits["grace_hopper"], display.home / "gallery" / "Grace Hopper")
    display.start("--source", mjpeg_server("--picture", str(portraits["eileen_collins"])).address, "--log", "logs")
    display.wait_for(lambda: display.count_pixels(KNOWN_BGR) > 300, "no face is recognized")
    return display


def is_logged(display: VirtualDisplay, text: str) -> bool:
    """Return whether a state message of the log contains the text."""
    path = display.log()
    if path is None or not path.stat().st_size:
        return False
    log = read_log(path)
    return any(text in message for message in log[log.event == "state"].message.dropna())


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Return whether the condition holds within the time that a log row takes to be written."""
    until_s = time.monotonic() + 3
    while not (holds := condition()) and time.monotonic() < until_s:
        time.sleep(0.1)
    return holds


def people(display: VirtualDisplay) -> set[str]:
    return {path.name for path in (display.home / "gallery").iterdir() if not path.name.startswith(".")}


def open_gallery(display: VirtualDisplay) -> None:
    """Open the gallery and wait for a selected row; before that, keys have no target."""
    display.key("g")
    display.wait_for(lambda: display.count_pixels(SELECTED_BGR) > 1000, "the gallery is empty")


def test_renaming_a_person_can_be_undone(running: VirtualDisplay) -> None:
    open_gallery(running)
    running.key("Home", "F2", "ctrl+a")
    running.type_text("Ann")
    running.key("Return")
    running.wait_for(lambda: people(running) == {"Ann", "Grace Hopper"}, "the person was not renamed")
    running.wait_for(lambda: is_logged(running, "2 people, 2 photos"), "the session did not reload the gallery")

    running.key("ctrl+z")

    running.wait_for(lambda: people(running) == {"Eileen Collins", "Grace Hopper"}, "Ann is still there")
    running.key("ctrl+q")
    running.wait_for_exit()


def test_removing_a_person_needs_confirmation_and_can_be_undone(running: VirtualDisplay) -> None:
    open_gallery(running)
    running.key("Home", "Delete", "Escape", "Delete", "Tab", "Return")
    running.wait_for(lambda: people(running) == {"Grace Hopper"}, "Eileen Collins is still there")

    running.key("ctrl+z")

    running.wait_for(lambda: people(running) == {"Eileen Collins", "Grace Hopper"}, "Eileen Collins was not restored")
    running.key("Escape")
    running.wait_for(lambda: running.count_pixels(KNOWN_BGR) > 300, "Eileen Collins is not recognized again")
    running.key("ctrl+q")
    running.wait_for_exit()


def test_a_threshold_is_previewed_and_reset(running: VirtualDisplay) -> None:
    running.key("t")
    running.wait_for(lambda: _lower_threshold(running), "no key reaches the slider")

    running.key("Home")
    running.wait_for(lambda: running.count_pixels(KNOWN_BGR) == 0, "the name stays with a threshold of nearly nothing")
    running.key("Escape")

    running.wait_for(lambda: running.count_pixels(KNOWN_BGR) > 300, "the name does not come back")
    running.wait_for(lambda: is_logged(running, "-> None"), "the threshold is not reset")
    assert not list(running.home.rglob("facecam.toml"))
    running.key("ctrl+q")
    running.wait_for_exit()


def _lower_threshold(display: VirtualDisplay) -> bool:
    """Press Tab and Page Down; return whether the session used a lower threshold."""
    display.key("Tab", "Next")
    return becomes_true(lambda: is_logged(display, "identify.threshold_l2 None -> 0."))


def test_a_changed_setting_applies_at_once_and_is_saved(running: VirtualDisplay) -> None:
    (running.home / "facecam.toml").write_text("# mine\n", encoding="utf-8")
    running.key("ctrl+comma")

    running.wait_for(lambda: _increase_setting(running), "no field takes the key")

    text = (running.home / "facecam.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine\n")
    assert tomllib.loads(text)
    running.key("Escape")
    running.wait_for(lambda: running.count_pixels(KNOWN_BGR) > 300, "the video is not shown again")
    running.key("ctrl+q")
    running.wait_for_exit()


def _increase_setting(display: VirtualDisplay) -> bool:
    """Press Tab and Up; return whether the change is in the file and in the log."""
    display.key("Tab", "Up")
    is_saved = becomes_true(lambda: "=" in (display.home / "facecam.toml").read_text(encoding="utf-8"))
    return is_saved and becomes_true(lambda: is_logged(display, "settings: "))
