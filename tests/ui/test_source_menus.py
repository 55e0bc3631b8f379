"""Choosing a source: the picker of the toolbar, cameras in menus, and recent files and addresses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from facecam.capture.demo import demo_image
from facecam.session.status import SessionStatus, SourceState, SourceStatus
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.window.actions import MenuGroup
from facecam.ui.window.menus import plain_text
from facecam.ui.window.source_menus import MAX_RECENT, remembered_address
from facecam.ui.window.window import Window
from tests.ui.cameras import ConnectedCameras
from tests.ui.fakes import idle_controller

MakeWindow = Callable[[SessionController], Window]
ADDRESS = "rtsp://ann:hunter2@10.0.0.7/stream1"


@pytest.fixture
def cameras(tmp_path: Path) -> ConnectedCameras:
    return ConnectedCameras(tmp_path)


@pytest.fixture
def fake(qtbot: QtBot, cameras: ConnectedCameras) -> SessionController:
    """A controller without a session, whose `open` only changes the request."""
    controller = idle_controller("0")
    controller.camera_system = cameras.system
    controller.start = lambda: None  # type: ignore[method-assign]
    return controller


@pytest.fixture
def idle(make_window: MakeWindow, fake: SessionController) -> Window:
    return make_window(fake)


def deliver(controller: SessionController, *sources: str) -> None:
    """Open sources one after the other; each delivers an image."""
    for source in sources:
        controller.open(source)
        status = SourceStatus(source, SourceState.RUNNING, frames=1)
        controller.status = SessionStatus(SourceState.RUNNING, "", (status,))
        controller.status_changed.emit()


def texts(menu: QMenu) -> list[str]:
    return [plain_text(action.text()) for action in menu.actions() if action.text()]


def recent_menu(window: Window) -> QMenu:
    """Return the submenu of the menu File, filled as when it opens."""
    (menu,) = [action.menu() for action in window.menus[MenuGroup.FILE].actions() if isinstance(action.menu(), QMenu)]
    menu.aboutToShow.emit()
    return menu


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if text in plain_text(action.text()))


def test_the_picker_shows_the_device_name_of_the_camera(qtbot: QtBot, idle: Window, cameras: ConnectedCameras) -> None:
    cameras.connect(0, "HD Webcam C920")
    idle.sources.cameras.refresh()

    qtbot.waitUntil(lambda: idle.sources.picker.name == "HD Webcam C920")
    assert idle.sources.picker.accessibleName() == "Source: HD Webcam C920"


@pytest.mark.parametrize(
    ("source", "name"), [("demo", "Demo"), ("/videos/party.mp4", "party.mp4"), (ADDRESS, "10.0.0.7"), ("3", "Camera 3")]
)
def test_the_picker_names_the_source_without_a_password(idle: Window, source: str, name: str) -> None:
    idle.controller.open(source)

    assert idle.sources.picker.name == name
    assert "hunter2" not in idle.sources.picker.toolTip()


def test_the_picker_opens_a_camera_by_keyboard(qtbot: QtBot, idle: Window, cameras: ConnectedCameras) -> None:
    cameras.connect(0, "Webcam")
    cameras.connect(2, "Microscope")
    picker = idle.sources.picker
    idle.sources.cameras.refresh()
    qtbot.waitUntil(lambda: len(idle.sources.cameras.actions) == 2)

    picker.setFocus()
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    menu = QApplication.activePopupWidget()
    assert menu is picker.menu()
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)

    assert idle.controller.request.sources == ("2",)


def test_the_picker_has_cameras_recent_files_and_the_other_kinds_of_sources(
    qtbot: QtBot, idle: Window, cameras: ConnectedCameras, tmp_path: Path
) -> None:
    cameras.connect(0, "Webcam")
    deliver(idle.controller, str(tmp_path / "party.mp4"))
    menu = idle.sources.picker.menu()
    menu.aboutToShow.emit()

    qtbot.waitUntil(lambda: "Camera 0: Webcam" in texts(menu))
    assert texts(menu)[1].startswith("1 party.mp4")
    assert texts(menu)[2:] == ["Open a file…", "Open an address…", "Demo without a camera"]


def test_the_menus_check_the_current_camera(qtbot: QtBot, idle: Window, cameras: ConnectedCameras) -> None:
    cameras.connect(0, "Webcam")
    cameras.connect(2, "Microscope")
    idle.menus[MenuGroup.SOURCE].aboutToShow.emit()
    qtbot.waitUntil(lambda: len(idle.sources.cameras.actions) == 2)

    entry(idle.menus[MenuGroup.SOURCE], "Microscope").trigger()

    assert [action.isChecked() for action in idle.sources.cameras.actions] == [False, True]


def test_a_file_of_the_command_line_is_recent_in_the_next_window(
    qtbot: QtBot, make_window: MakeWindow, make_controller: Callable[..., SessionController], tmp_path: Path
) -> None:
    path = shutil.copy(demo_image("coffee"), tmp_path / "my cup.jpg")
    controller = make_controller(str(path))
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: window.sources.recent.sources == [str(path)])

    again = make_window(idle_controller())

    assert texts(recent_menu(again))[0].startswith("1 my cup.jpg")


def test_a_dropped_video_is_recent_once_it_plays(idle: Window, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "clip.mp4"))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    idle.dropEvent(QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, buttons, keys))
    assert idle.sources.recent.sources == []

    deliver(idle.controller, *idle.controller.request.sources)

    assert idle.sources.recent.sources == [str(tmp_path / "clip.mp4")]


def test_cameras_and_the_demo_are_not_recent_files(idle: Window) -> None:
    deliver(idle.controller, "0", "demo")

    assert idle.sources.recent.sources == []


def test_the_newest_sources_come_first_and_the_oldest_are_forgotten(idle: Window) -> None:
    deliver(idle.controller, *(f"/videos/{number}.mp4" for number in range(MAX_RECENT + 2)), "/videos/4.mp4")

    assert idle.sources.recent.sources == [f"/videos/{number}.mp4" for number in (4, 9, 8, 7, 6, 5, 3, 2)]


def test_no_password_is_written(idle: Window, tmp_path: Path) -> None:
    deliver(idle.controller, ADDRESS, "http://10.0.0.8/video?user=ann&pwd=hunter2")
    open_store().sync()

    written = (tmp_path / "config" / "facecam" / "window.ini").read_text(encoding="utf-8")
    assert "10.0.0.7" in written
    assert "hunter2" not in written
    assert "ann" not in written


def test_an_address_keeps_its_password_until_the_window_closes(idle: Window) -> None:
    deliver(idle.controller, ADDRESS, "demo")

    entry(recent_menu(idle), "10.0.0.7").trigger()

    assert idle.controller.request.sources == (ADDRESS,)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://10.0.0.8/video?token=hunter2", "http://10.0.0.8/video?token=***"),
        (ADDRESS, "rtsp://***@10.0.0.7/stream1"),
        ("rtsp://10.0.0.7/stream1", "rtsp://10.0.0.7/stream1"),
        ("rtsp://ann:a/b@10.0.0.7/stream1", "rtsp://***"),
    ],
)
def test_what_is_kept_of_an_address(address: str, shown: str) -> None:
    assert remembered_address(address) == shown


@pytest.mark.parametrize("address", ["http://10.0.0.8/video?token=hunter2", ADDRESS])
def test_an_address_with_a_hidden_part_is_completed_by_the_user(make_window: MakeWindow, idle: Window, address: str) -> None:
    deliver(idle.controller, address)
    again = make_window(idle_controller())

    entry(recent_menu(again), "10.0.0.").trigger()

    assert again.address.isVisible()
    assert again.address.field.selectedText() == "***"


def test_a_missing_file_is_disabled(qtbot: QtBot, idle: Window, tmp_path: Path) -> None:
    kept = tmp_path / "kept.mp4"
    kept.touch()
    deliver(idle.controller, str(tmp_path / "gone.mp4"), str(kept))
    menu = recent_menu(idle)

    qtbot.waitUntil(lambda: not entry(menu, "gone.mp4").isEnabled())
    assert entry(menu, "kept.mp4").isEnabled()


def test_the_list_can_be_cleared(idle: Window) -> None:
    deliver(idle.controller, "/videos/1.mp4", ADDRESS)

    entry(recent_menu(idle), "Clear list").trigger()

    assert idle.sources.recent.sources == []
    assert texts(recent_menu(idle)) == ["No recent files or addresses"]


def test_the_file_dialog_does_not_block_and_opens_the_file(qtbot: QtBot, idle: Window, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.touch()
    idle.app_actions["open_file"].trigger()
    qtbot.waitUntil(lambda: bool(idle.findChildren(QFileDialog)))

    idle.findChildren(QFileDialog)[0].fileSelected.emit(str(path))

    assert idle.controller.request.sources == (str(path),)
    idle.findChildren(QFileDialog)[0].close()
