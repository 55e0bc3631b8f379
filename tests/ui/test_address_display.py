"""The window shows the address of a network camera without its password."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from facecam.ui.session_controller import SessionController
from facecam.ui.window.sources import CameraList
from facecam.ui.window.window import Window

HOST = "127.0.0.1:9"
ADDRESSES = [f"rtsp://adm1n:s3cret@{HOST}/1", f"rtsp://{HOST}/user=adm1n_password=s3cret_channel=1", f"http://{HOST}/v?pw=s3cret"]


def texts(root: QObject) -> Iterator[str]:
    """Yield everything that an object of Qt and its children show."""
    for child in (root, *root.findChildren(QObject)):
        for name in ("text", "title", "windowTitle", "toolTip", "statusTip", "accessibleName", "accessibleDescription"):
            value = getattr(child, name, None)
            if callable(value):
                try:
                    yield str(value())
                except TypeError:
                    continue  # A method that takes parameters.


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_window_shows_no_password_of_a_camera_that_does_not_open(
    qtbot: QtBot, make_controller: Callable[..., SessionController], make_window: Callable[..., Window], address: str
) -> None:
    controller = make_controller(address)
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: any("connection is refused" in text for text in texts(window)), timeout=30_000)
    shown = " ".join(texts(window))

    assert HOST in shown
    assert "s3cret" not in shown
    assert "adm1n" not in shown


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_list_of_cameras_shows_no_password(
    qtbot: QtBot, make_controller: Callable[..., SessionController], address: str
) -> None:
    cameras = CameraList(make_controller(address))
    qtbot.addWidget(cameras)

    assert cameras.sources()[0] == address
    assert HOST in cameras.item(0).text()
    assert "s3cret" not in cameras.item(0).text()
