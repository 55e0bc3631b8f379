"""Gallery, threshold and settings as a person meets them: the real command on a display, worked by keys alone."""

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
from tests.ui.desk import CHOSEN_BGR, KNOWN_BGR, Desk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")


@pytest.fixture
def open_desk(desk: Desk, mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> Desk:
    """The window with Eileen Collins in it, recognized, and Grace Hopper enrolled besides."""
    (desk.home / "gallery" / "Grace Hopper").mkdir(parents=True, exist_ok=True)
    shutil.copy(portraits["grace_hopper"], desk.home / "gallery" / "Grace Hopper")
    desk.start("--source", mjpeg_server("--picture", str(portraits["eileen_collins"])).address, "--log", "logs")
    desk.wait_for(lambda: desk.shows(KNOWN_BGR) > 300, "nobody is recognized")
    return desk


def told(desk: Desk, words: str) -> bool:
    """Whether the log tells so."""
    path = desk.log()
    if path is None or not path.stat().st_size:
        return False
    log = read_log(path)
    return any(words in message for message in log[log.event == "state"].message.dropna())


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it holds within the time that a log row takes to be written."""
    until_s = time.monotonic() + 3
    while not (holds := condition()) and time.monotonic() < until_s:
        time.sleep(0.1)
    return holds


def people(desk: Desk) -> set[str]:
    return {path.name for path in (desk.home / "gallery").iterdir() if not path.name.startswith(".")}


def open_gallery(desk: Desk) -> None:
    """Open it, and wait for a row to be chosen: until the folder has been read there is nothing that a key could mean."""
    desk.key("g")
    desk.wait_for(lambda: desk.shows(CHOSEN_BGR) > 1000, "the gallery shows nobody")


def test_a_person_is_renamed_and_it_is_taken_back(open_desk: Desk) -> None:
    open_gallery(open_desk)
    open_desk.key("Home", "F2", "ctrl+a")
    open_desk.write("Ann")
    open_desk.key("Return")
    open_desk.wait_for(lambda: people(open_desk) == {"Ann", "Grace Hopper"}, "nobody is called Ann")
    open_desk.wait_for(lambda: told(open_desk, "2 people, 2 photos"), "the session has not noticed")

    open_desk.key("ctrl+z")

    open_desk.wait_for(lambda: people(open_desk) == {"Eileen Collins", "Grace Hopper"}, "Ann is still there")
    open_desk.key("ctrl+q")
    open_desk.end()


def test_a_person_is_removed_after_a_question_and_comes_back(open_desk: Desk) -> None:
    open_gallery(open_desk)
    open_desk.key("Home", "Delete", "Escape", "Delete", "Tab", "Return")
    open_desk.wait_for(lambda: people(open_desk) == {"Grace Hopper"}, "Eileen Collins is still there")

    open_desk.key("ctrl+z")

    open_desk.wait_for(lambda: people(open_desk) == {"Eileen Collins", "Grace Hopper"}, "Eileen Collins is not back")
    open_desk.key("Escape")
    open_desk.wait_for(lambda: open_desk.shows(KNOWN_BGR) > 300, "she is not recognized again")
    open_desk.key("ctrl+q")
    open_desk.end()


def test_a_threshold_is_tried_on_the_picture_and_given_back(open_desk: Desk) -> None:
    open_desk.key("t")
    open_desk.wait_for(lambda: _tries(open_desk), "no key reaches the slider")

    open_desk.key("Home")
    open_desk.wait_for(lambda: open_desk.shows(KNOWN_BGR) == 0, "the name stays with a threshold of nearly nothing")
    open_desk.key("Escape")

    open_desk.wait_for(lambda: open_desk.shows(KNOWN_BGR) > 300, "the name does not come back")
    open_desk.wait_for(lambda: told(open_desk, "-> None"), "the threshold is not given back")
    assert not list(open_desk.home.rglob("facecam.toml"))
    open_desk.key("ctrl+q")
    open_desk.end()


def _tries(desk: Desk) -> bool:
    """One Tab on, and a large step down: whether that was tried."""
    desk.key("Tab", "Next")
    return soon(lambda: told(desk, "identify.threshold_l2 None -> 0."))


def test_a_setting_is_in_force_at_once_and_kept(open_desk: Desk) -> None:
    (open_desk.home / "facecam.toml").write_text("# mine\n", encoding="utf-8")
    open_desk.key("ctrl+comma")

    open_desk.wait_for(lambda: _steps(open_desk), "no field takes the key")

    text = (open_desk.home / "facecam.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine\n")
    assert tomllib.loads(text)
    open_desk.key("Escape")
    open_desk.wait_for(lambda: open_desk.shows(KNOWN_BGR) > 300, "the picture is not back")
    open_desk.key("ctrl+q")
    open_desk.end()


def _steps(desk: Desk) -> bool:
    """One field on, and a step up: whether that is in the log and in the file."""
    desk.key("Tab", "Up")
    kept = soon(lambda: "=" in (desk.home / "facecam.toml").read_text(encoding="utf-8"))
    return kept and soon(lambda: told(desk, "settings: "))
