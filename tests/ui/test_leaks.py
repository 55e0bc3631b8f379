"""Every page can be opened and closed in the window as often as one likes: neither objects nor memory grow."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import PAGES, PEOPLE
from facecam.ui.window.window import Window
from tests.ui.leaks import count_objects

WARM_UP, TIMES = 8, 50
GROWTH_MB = 12.0
"""What allocators and caches of glyphs may still take; a leaked page of widgets is more, fifty times."""


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_and_close(qtbot: QtBot, window: Window, page_id: str, times: int) -> None:
    for _ in range(times):
        window.pages.open(page_id)
        qtbot.wait(5)
        window.pages.close(page_id)
        qtbot.wait(1)
    gc.collect()
    qtbot.wait(20)


@pytest.fixture
def window(
    qtbot: QtBot, make_window: Callable[[SessionController], Window], make_live: Callable[..., SessionController]
) -> Window:
    """A window on the demo, held, so that only the pages do something."""
    live = make_live()
    live.start()
    made = make_window(live)
    qtbot.waitUntil(lambda: live.gallery is not None and bool(live.results), timeout=60_000)
    live.pause(True)
    if made.pages.is_open(PEOPLE):
        made.pages.close(PEOPLE)
    qtbot.wait(300)
    return made


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see how much memory is taken")
@pytest.mark.parametrize("page_id", [page.id for page in PAGES if page.exists])
def test_a_page_opened_and_closed_fifty_times_leaves_nothing_behind(qtbot: QtBot, window: Window, page_id: str) -> None:
    open_and_close(qtbot, window, page_id, WARM_UP)
    objects, memory_mb = count_objects(), resident_mb()
    open_and_close(qtbot, window, page_id, TIMES)

    after = count_objects()
    assert after[0] - objects[0] <= 2, "widgets that Qt knows"
    assert after[1] - objects[1] <= 5, "objects that Python holds"
    if resident_mb() - memory_mb >= GROWTH_MB:  # the session's own threads take some at times; a leak takes it every time
        memory_mb = resident_mb()
        open_and_close(qtbot, window, page_id, TIMES)
    assert resident_mb() - memory_mb < GROWTH_MB


def test_overlays_and_messages_leave_nothing_behind(qtbot: QtBot, window: Window) -> None:
    def say_it_all() -> None:
        for number in range(TIMES):
            window.keys.turn()
            window.keys.turn()
            window.toast.say(f"News {number}", ("Show folder", lambda: None))
            window.messages.complain(f"Trouble {number}", ("Again", lambda: None))
            window.cameras.look()
            qtbot.wait(2)
        gc.collect()
        qtbot.wait(100)

    say_it_all()
    before = count_objects()
    say_it_all()
    after = count_objects()

    assert after[0] - before[0] <= 2
    assert after[1] - before[1] <= 5
