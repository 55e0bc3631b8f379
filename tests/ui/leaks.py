"""How many Qt objects there are, as seen from Python and from Qt."""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


def count_objects() -> tuple[int, int]:
    """Widgets that Qt knows, and QObjects that Python holds."""
    gc.collect()
    return len(QApplication.allWidgets()), sum(isinstance(one, QObject) for one in gc.get_objects())


def open_and_close(qtbot: QtBot, make: Callable[[], QWidget], times: int) -> None:
    """What the window does with a page that is opened and closed, so many times."""
    for _ in range(times):
        page = make()
        page.show()
        qtbot.wait(5)
        page.close()
        page.deleteLater()
        del page
        qtbot.wait(1)
