"""The application: Qt next to cv2, Qt messages in the log, and unexpected exceptions."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from facecam.fileio import APP_ID
from facecam.settings import Settings
from facecam.ui.app import WindowHost, WindowStart, _ExceptionHooks, make_app, run_window
from facecam.ui.appearance import Appearance
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import AppPaths, SessionRequest
from facecam.ui.widgets import choose_photos
from facecam.ui.window.pages import ENROLL
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource
from tests.ui.fakes import idle_controller


def test_qt_finds_its_plugins_and_fonts_after_cv2_is_imported() -> None:
    code = (
        "import cv2, os; assert 'QT_QPA_FONTDIR' in os.environ\n"
        "from facecam.ui.app import make_app\n"
        "app = make_app()\n"
        "from PySide6.QtGui import QFontDatabase\n"
        "assert 'QT_QPA_PLATFORM_PLUGIN_PATH' not in os.environ\n"
        "assert QFontDatabase.families(), 'there are no fonts'\n"
        "print(app.desktopFileName(), app.windowIcon().isNull())\n"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False, env=environment)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [APP_ID, "False"]
    assert done.stderr == ""


def test_the_application_is_created_once(qapp: QApplication) -> None:
    assert make_app() is qapp


def test_qt_messages_go_to_the_log(qapp: QApplication, caplog: pytest.LogCaptureFixture) -> None:
    from PySide6.QtCore import qInstallMessageHandler

    before = qInstallMessageHandler(None)
    make_app()
    try:
        with caplog.at_level(logging.INFO, logger="facecam.ui.app"):
            qWarning("a plugin is missing")
    finally:
        qInstallMessageHandler(before)

    assert [record.getMessage() for record in caplog.records] == ["Qt: a plugin is missing"]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    assert all(session.stop() for session in rig.sessions)


@pytest.mark.logs_errors
def test_an_unexpected_exception_is_shown_and_the_window_continues(
    qtbot: QtBot, qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    host = WindowHost(qapp, idle_controller(), open_store())
    qtbot.addWidget(host.window)
    host.window.show()

    def fail() -> None:
        raise ZeroDivisionError("in a slot")

    with _ExceptionHooks(host), qtbot.captureExceptions():
        pass
    with _ExceptionHooks(host):
        sys.excepthook(ZeroDivisionError, ZeroDivisionError("in a slot"), None)
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()

    assert "ZeroDivisionError" in host.window.toast.text
    assert "Traceback" not in host.window.toast.text
    assert host.window.isVisible()
    assert "internal error in a thread" in caplog.text


def test_ctrl_c_closes_the_window_while_a_file_dialog_is_open(qapp: QApplication, rig: Rig) -> None:
    opened: list[QWidget] = []

    def open_dialog() -> None:
        window = next(widget for widget in qapp.topLevelWidgets() if isinstance(widget, Window) and widget.isVisible())
        opened.append(window.pages.open(ENROLL))
        choose_photos(opened[0], lambda photos: None)

    start = WindowStart(
        lambda request: rig.session(ScriptedSource),
        SessionRequest(("demo",), Settings()),
        AppPaths(),
        should_stop=lambda: bool(opened),
        on_status=lambda session: None,
        on_shown=open_dialog,
    )
    watchdog = QTimer(singleShot=True, interval=20_000)
    watchdog.timeout.connect(QApplication.exit)
    watchdog.start()
    run_window(start)

    assert watchdog.isActive()


def test_a_window_in_another_language_is_closed_like_the_first(qapp: QApplication, rig: Rig) -> None:
    windows: list[Window] = []

    def visible_window() -> Window:
        return next(widget for widget in qapp.topLevelWidgets() if isinstance(widget, Window) and widget.isVisible())

    def change_language() -> None:
        windows.append(visible_window())
        Appearance(language="de").save(open_store())
        windows[0].appearance_changed.emit()

    def is_replaced() -> bool:
        if windows and visible_window() is not windows[0]:
            windows.append(visible_window())
        return len(windows) > 1

    start = WindowStart(
        lambda request: rig.session(ScriptedSource),
        SessionRequest(("demo",), Settings()),
        AppPaths(),
        should_stop=is_replaced,
        on_status=lambda session: None,
        on_shown=change_language,
    )
    watchdog = QTimer(singleShot=True, interval=20_000)
    watchdog.timeout.connect(QApplication.exit)
    watchdog.start()
    try:
        session, ended = run_window(start)
    finally:
        make_app("en")

    assert watchdog.isActive()
    assert ended
    assert session is rig.sessions[0]
    assert not any(isValid(window) for window in windows)


def test_the_automatic_garbage_collector_is_off_while_the_window_is_open(qapp: QApplication, rig: Rig) -> None:
    is_enabled: list[bool] = []
    start = WindowStart(
        lambda request: rig.session(ScriptedSource),
        SessionRequest(("demo",), Settings()),
        AppPaths(),
        should_stop=lambda: bool(is_enabled),
        on_status=lambda session: None,
        on_shown=lambda: is_enabled.append(gc.isenabled()),
    )
    gc.enable()
    try:
        run_window(start)
    finally:
        gc.disable()  # as in all tests of the window

    assert is_enabled == [False]


def test_a_second_ctrl_c_ends_the_window_without_stopping_the_session(qapp: QApplication, rig: Rig) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    start = WindowStart(
        lambda request: rig.session(ScriptedSource),
        SessionRequest(("demo",), Settings()),
        AppPaths(),
        should_stop=lambda: False,
        on_status=lambda session: None,
        on_shown=interrupt,
    )
    with pytest.raises(KeyboardInterrupt):
        run_window(start)

    assert not rig.sessions[0].wait(0)
    for widget in qapp.topLevelWidgets():  # the program ends here
        widget.close()
        widget.deleteLater()


def test_opening_the_window_imports_nothing_heavy() -> None:
    code = (
        "import sys; import facecam.cli.main, facecam.cli.runner, facecam.ui.app\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'matplotlib', 'h5py', 'pyarrow', 'mtcnn', 'rich', 'requests'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)

    assert done.stdout.strip() == "[]", done.stderr


def test_timers_fire_in_the_test_event_loop(qtbot: QtBot) -> None:
    fired = []
    QTimer.singleShot(0, lambda: fired.append(1))
    qtbot.waitUntil(lambda: bool(fired))
