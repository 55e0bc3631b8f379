"""End-to-end: the gallery on a virtual display, operated by keys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

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


def people(display: VirtualDisplay) -> set[str]:
    return {path.name for path in (display.home / "gallery").iterdir() if not path.name.startswith(".")}


def open_gallery(display: VirtualDisplay) -> None:
    """Open the gallery and wait for a selected row; before that, keys have no target."""
    display.key("g")
    display.wait_for(lambda: display.count_pixels(SELECTED_BGR) > 1000, "the gallery is empty")


def test_renaming_and_removing_a_person_can_be_undone(running: VirtualDisplay) -> None:
    open_gallery(running)
    running.key("Home", "F2", "ctrl+a")
    running.type_text("Ann")
    running.key("Return")
    running.wait_for(lambda: people(running) == {"Ann", "Grace Hopper"}, "the person was not renamed")
    running.wait_for(lambda: running.has_logged("2 people, 2 photos"), "the session did not reload the gallery")
    running.key("ctrl+z")
    running.wait_for(lambda: people(running) == {"Eileen Collins", "Grace Hopper"}, "Ann is still there")
    running.key("Escape")
    running.wait_for(lambda: running.count_pixels(KNOWN_BGR) > 300, "the video is not shown again")

    open_gallery(running)
    running.key("Home", "Delete", "Escape", "Delete", "Tab", "Return")
    running.wait_for(lambda: people(running) == {"Grace Hopper"}, "Eileen Collins is still there")

    running.key("ctrl+z")

    running.wait_for(lambda: people(running) == {"Eileen Collins", "Grace Hopper"}, "Eileen Collins was not restored")
    running.key("Escape")
    running.wait_for(lambda: running.count_pixels(KNOWN_BGR) > 300, "Eileen Collins is not recognized again")
    running.key("ctrl+q")
    running.wait_for_exit()
