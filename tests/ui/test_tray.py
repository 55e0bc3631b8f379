"""System tray: state and menu of the icon, the window in the background, and the way back to it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.background import BackgroundSettings
from facecam.ui.tray import TrayState, runs_in_background, set_runs_in_background, tray_icon
from facecam.ui.window.window import Window
from tests.servers.stream_server import StreamServer
from tests.ui.desktop import Desktop, missing_desktop
from tests.ui.fakes import FakeTrayFinder, idle_controller
from tests.ui.virtual_display import VirtualDisplay, missing_programs

MakeWindow = Callable[[SessionController], Window]

_GRAY = QImage.Format.Format_Grayscale8


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A session bus with a tray and notifications, for the real command."""
    if missing := missing_desktop() or missing_programs():
        pytest.skip(missing)
    with Desktop(tmp_path) as made:
        made.ask("tray on")
        yield made


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A network camera that shows Eileen Collins endlessly."""
    return mjpeg_server("--picture", str(portraits["eileen_collins"]))


def write_state(home: Path, **values: str) -> None:
    """Write window.ini in the home of the real command."""
    folder = home / ".config" / "facecam"
    folder.mkdir(parents=True)
    groups = {key.replace("__", "/").partition("/")[0] for key in values}
    lines = []
    for group in groups:
        lines.append(f"[{group}]")
        lines += [f"{key.partition('__')[2]}={value}" for key, value in values.items() if key.startswith(f"{group}__")]
    (folder / "window.ini").write_text("\n".join(lines) + "\n")


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent, as long as an XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    )


def press_close_button(display: VirtualDisplay) -> None:
    """Ask the window to close, as the close button of a window manager does."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    for function in (x11.XInternAtom, x11.XSendEvent, x11.XFlush, x11.XCloseDisplay):
        function.argtypes = None
    connection = ctypes.c_void_p(x11.XOpenDisplay(display.environment()["DISPLAY"].encode()))
    protocols, delete = (x11.XInternAtom(connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    window = int(display.focus())
    message = _ClientMessage(33, 0, 1, connection, window, protocols, 32, (ctypes.c_long * 5)(delete))
    x11.XSendEvent(connection, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XFlush(connection)
    x11.XCloseDisplay(connection)


def wait_for_tooltip(desktop: Desktop, display: VirtualDisplay, text: str) -> None:
    display.wait_for(lambda: desktop.ask("tooltip") == text, f"the icon does not say {text}")


def test_the_icon_shows_the_state_and_its_menu_pauses_and_quits(
    desktop: Desktop, display: VirtualDisplay, gallery: Path, camera: StreamServer
) -> None:
    display.start("--source", camera.address, "--gallery", gallery, **desktop.environment)
    desktop.wait_for("icon")
    wait_for_tooltip(desktop, display, "facecam: watching")
    assert desktop.ask("menu") == ["Show window", "Pause", "Quit"]

    desktop.ask("click Pause")
    wait_for_tooltip(desktop, display, "facecam: paused")
    desktop.ask("click Pause")
    wait_for_tooltip(desktop, display, "facecam: watching")

    desktop.ask("click Quit")
    display.wait_for_exit()


def test_a_closed_window_goes_on_in_the_background_and_comes_back_by_icon_and_when_the_tray_disappears(
    desktop: Desktop, display: VirtualDisplay, gallery: Path, camera: StreamServer
) -> None:
    write_state(display.home, background__keep_running="true")
    display.start("--source", camera.address, "--gallery", gallery, "--log", "logs", **desktop.environment)
    desktop.wait_for("icon")
    press_close_button(display)
    display.wait_for(lambda: not display.has_window(), "the window was not hidden")
    assert "keeps running" in desktop.wait_for("notification")["text"]
    rows = display.count_rows()
    display.wait_for(lambda: display.count_rows() > rows, "the session stopped in the background")

    desktop.ask("activate")
    display.wait_for(display.has_window, "a click on the icon does not show the window")
    press_close_button(display)
    display.wait_for(lambda: not display.has_window(), "the window was not hidden again")

    desktop.ask("tray off")
    display.wait_for(display.has_window, "the window stays hidden without a tray")
    press_close_button(display)
    display.wait_for_exit()


def test_a_closed_window_ends_the_program_without_the_choice(
    desktop: Desktop, display: VirtualDisplay, gallery: Path, camera: StreamServer
) -> None:
    display.start("--source", camera.address, "--gallery", gallery, **desktop.environment)
    desktop.wait_for("icon")
    press_close_button(display)

    display.wait_for_exit()


def test_a_start_in_the_background_shows_an_icon_and_notifies_about_a_stranger(
    desktop: Desktop, display: VirtualDisplay, tmp_path: Path, camera: StreamServer
) -> None:
    write_state(display.home, notify__strangers="true")
    display.launch("--background", "--source", camera.address, "--gallery", tmp_path / "nobody", **desktop.environment)
    desktop.wait_for("icon")
    notification = desktop.wait_for("notification")
    assert not display.has_window()
    assert notification["text"] == "An unknown person is here."

    desktop.ask("click Show window")
    display.wait_for(display.has_window, "the menu does not show the window")
    press_close_button(display)
    display.wait_for(lambda: not display.has_window(), "a program started in the background ends with its window")
    assert "keeps running" in desktop.wait_for("notification")["text"]
    desktop.ask("click Quit")
    display.wait_for_exit()


def test_without_a_tray_a_start_in_the_background_is_minimized(qapp: QApplication, make_window: MakeWindow) -> None:
    window = make_window(idle_controller())
    window.hide()
    window.tray.start_hidden()

    assert window.isVisible()
    assert window.isMinimized()


def test_without_a_tray_the_window_closes_even_if_it_shall_go_on(make_window: MakeWindow) -> None:
    set_runs_in_background(open_store(), True)
    window = make_window(idle_controller())

    assert window.close()
    assert not window.tray.is_available
    assert QGuiApplication.quitOnLastWindowClosed()


def test_a_hidden_window_comes_to_the_front_when_facecam_is_started_a_second_time(make_window: MakeWindow) -> None:
    window = make_window(idle_controller())
    window.tray.hide_window()
    assert not window.isVisible()

    window.bring_to_front()
    assert window.isVisible()


def test_the_settings_choose_the_background_and_say_that_there_is_no_tray(qtbot: QtBot, make_window: MakeWindow) -> None:
    page = make_window(idle_controller()).pages.open("settings")
    assert page is not None
    settings = page.findChild(BackgroundSettings)
    assert settings is not None
    assert not runs_in_background(open_store())
    assert settings.tray_note.text().startswith("This desktop has no system tray")

    settings.keep_running.click()
    assert runs_in_background(open_store())


def test_the_settings_notice_a_tray_that_appears(make_window: MakeWindow) -> None:
    window = make_window(idle_controller())
    page = window.pages.open("settings")
    assert page is not None
    settings = page.findChild(BackgroundSettings)
    assert settings is not None
    assert not settings.tray_note.isHidden()

    window.tray._finder = FakeTrayFinder()
    window.tray.update()
    assert settings.tray_note.isHidden()


def test_a_message_without_a_tray_is_a_toast(make_window: MakeWindow) -> None:
    window = make_window(idle_controller())
    window._notify("Ada is here.")

    assert window.toast.text == "Ada is here."


def test_the_icons_of_the_states_differ_in_shape(qapp: QApplication) -> None:
    gray = {state: tray_icon(state).pixmap(22, 22).toImage().convertToFormat(_GRAY) for state in TrayState}
    images = list(gray.values())

    assert all(images[a] != images[b] for a in range(len(images)) for b in range(a))
