"""The real window on a virtual display: a newcomer finds settings by the keyboard, and sees the changes at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.servers.stream_server import StreamServer
from tests.ui.virtual_display import VirtualDisplay

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A network camera that shows Eileen Collins endlessly."""
    return mjpeg_server("--picture", str(portraits["eileen_collins"]))


def preference(display: VirtualDisplay, key: str) -> str:
    """Return what window.ini has for a key, "" for nothing."""
    found = list(display.home.rglob("window.ini"))
    parser = ConfigParser()
    parser.read(found)
    return parser.get("General", key, fallback="")


def focus_new_window(display: VirtualDisplay, before: str) -> str:
    """Wait for the window that replaces another one, focus it as a window manager does, and return its id."""
    display.wait_for(lambda: display.focus() != before, "the window was not replaced")
    return display.focus()


def test_three_settings_are_found_by_search_and_apply_while_the_session_continues(
    display: VirtualDisplay, camera: StreamServer
) -> None:
    display.start("--source", camera.address, "--log", "logs")
    display.wait_for(lambda: display.log() is not None, "there is no log")
    log, light, window = display.log(), display.pixels().mean(), display.focus()

    display.key("ctrl+comma")
    display.type_text("dark")
    display.key("Tab", "d")
    window = focus_new_window(display, window)
    assert preference(display, "colors") == "dark"
    display.wait_for(lambda: display.pixels().mean() < light - 30, "the window is not dark")

    display.key("shift+Tab", "ctrl+a")
    display.type_text("text size")
    display.key("Tab", "Down")
    window = focus_new_window(display, window)
    assert preference(display, "text_percent") == "125"

    display.key("shift+Tab", "ctrl+a")
    display.type_text("deutsch")
    display.key("Tab", "d")
    focus_new_window(display, window)
    assert preference(display, "language") == "de"

    before = display.count_rows()
    display.wait_for(lambda: display.count_rows() > before + 5, "the log does not continue")
    assert display.log() == log
    display.key("Escape", "ctrl+q")
    display.wait_for_exit()
