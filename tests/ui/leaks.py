"""Counting of live Qt objects. Each leaked object counts every time, so that a few times are enough."""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


def count_objects() -> tuple[int, int]:
    """Return the numbers of widgets known to Qt and of QObjects held by Python."""
    gc.collect()
    return len(QApplication.allWidgets()), sum(isinstance(item, QObject) for item in gc.get_objects())


def delete_closed(qtbot: QtBot) -> None:
    """Process what is queued, and delete what was closed."""
    qtbot.wait(1)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def open_and_close(qtbot: QtBot, make: Callable[[], QWidget], times: int) -> None:
    """Open and close a page as the window does, repeatedly."""
    for _ in range(times):
        page = make()
        page.show()
        QApplication.processEvents()
        page.close()
        page.deleteLater()
        del page
        delete_closed(qtbot)
