"""Reference cycles are collected in the GUI thread only, whichever threads allocate."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from pytestqt.qtbot import QtBot

from facecam.ui.garbage_collector import THRESHOLDS
from facecam.ui.window.correction_controller import CorrectionController
from tests.ui.fakes import idle_controller


class Node:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.me = self


@contextmanager
def allocating_worker() -> Iterator[list[weakref.ref[Node]]]:
    """A thread that leaves reference cycles behind, as the workers of a session do; yields some of them."""
    is_over, nodes = threading.Event(), []

    def work() -> None:
        while not is_over.wait(0.001):
            nodes.append(weakref.ref(Node()))
            for _ in range(THRESHOLDS[0] // 2):
                Node()

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    try:
        yield nodes
    finally:
        is_over.set()
        thread.join()


def test_qt_objects_are_destroyed_in_the_gui_thread_only_while_workers_allocate(qtbot: QtBot) -> None:
    destroyed_in: list[int] = []
    with allocating_worker():
        for number in range(1, 6):
            controller = idle_controller()
            CorrectionController.for_controller(controller)  # They refer to each other.
            weakref.finalize(controller, lambda: destroyed_in.append(threading.get_ident()))
            del controller
            qtbot.waitUntil(lambda number=number: len(destroyed_in) == number)

    assert set(destroyed_in) == {threading.get_ident()}


def test_the_garbage_of_workers_is_collected_too(qtbot: QtBot) -> None:
    with allocating_worker() as nodes:
        qtbot.waitUntil(lambda: any(node() is None for node in list(nodes)))

    assert not gc.isenabled()
