"""Opening and closing pages in the window fifty times leaks neither objects nor memory.

The tests of each page count its objects alone; `make test` runs one page of each kind of place here, the others are `long`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import GALLERY, PAGES, PEOPLE, STUDIO
from facecam.ui.window.window import Window
from tests.ui.leaks import count_objects, delete_closed

WARM_UP, TIMES = 8, 50
REPRESENTATIVE = (STUDIO, GALLERY)
"""Beside the video and instead of it; both with background work."""
GROWTH_MB = 12.0
"""Allowance for allocators and glyph caches; fifty leaked pages take more."""


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_and_close(qtbot: QtBot, window: Window, page_id: str, times: int) -> None:
    for _ in range(times):
        window.pages.open(page_id)
        QApplication.processEvents()
        window.pages.close(page_id)
        delete_closed(qtbot)
    gc.collect()
    delete_closed(qtbot)


@pytest.fixture
def window(
    qtbot: QtBot, make_window: Callable[[SessionController], Window], make_controller: Callable[..., SessionController]
) -> Window:
    """A window on the paused demo, so that only the pages do something."""
    controller = make_controller()
    controller.start()
    made = make_window(controller)
    qtbot.waitUntil(lambda: controller.gallery is not None and bool(controller.results))
    controller.pause(True)
    if made.pages.is_open(PEOPLE):
        made.pages.close(PEOPLE)
    controller._timer.stop()  # No frame in progress arrives later.
    return made


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see how much memory is taken")
@pytest.mark.parametrize(
    "page_id", [pytest.param(page.id, marks=() if page.id in REPRESENTATIVE else pytest.mark.long) for page in PAGES]
)
def test_opening_and_closing_a_page_fifty_times_leaks_nothing(qtbot: QtBot, window: Window, page_id: str) -> None:
    open_and_close(qtbot, window, page_id, WARM_UP)
    objects, memory_mb = count_objects(), resident_mb()
    open_and_close(qtbot, window, page_id, TIMES)

    after = count_objects()
    assert after[0] - objects[0] <= 2, "widgets known to Qt"
    assert after[1] - objects[1] <= 5, "objects held by Python"
    if resident_mb() - memory_mb >= GROWTH_MB:  # The session's threads allocate at times; a leak grows every time.
        memory_mb = resident_mb()
        open_and_close(qtbot, window, page_id, TIMES)
    assert resident_mb() - memory_mb < GROWTH_MB


def test_overlays_and_messages_leak_nothing(qtbot: QtBot, window: Window) -> None:
    def show_messages() -> None:
        for number in range(TIMES):
            window.keys_overlay.toggle()
            window.keys_overlay.toggle()
            window.toast.show_message(f"Message {number}", ("Show folder", lambda: None))
            window.messages.show_problem(f"Problem {number}")
            window.sources.cameras.refresh()
            delete_closed(qtbot)
        gc.collect()
        qtbot.waitUntil(lambda: not window.sources.finder.is_busy)
        delete_closed(qtbot)

    show_messages()
    before = count_objects()
    show_messages()
    after = count_objects()

    assert after[0] - before[0] <= 2
    assert after[1] - before[1] <= 5
