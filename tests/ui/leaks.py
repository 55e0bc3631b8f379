"""Counting of live Qt objects."""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


def count_objects() -> tuple[int, int]:
    """Return the numbers of widgets known to Qt and of QObjects held by Python."""
    gc.collect()
    return len(QApplication.allWidgets()), sum(isinstance(item, QObject) for item in gc.get_objects())


def open_and_close(qtbot: QtBot, make: Callable[[], QWidget], times: int) -> None:
    """Open and close a page as the window does, repeatedly."""
    for _ in range(times):
        page = make()
        page.show()
        qtbot.wait(5)
        page.close()
        page.deleteLater()
        del page
        qtbot.wait(1)
