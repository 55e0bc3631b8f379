"""Single instance: a second process raises the first one's window."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.ui.app import InstanceServer, raise_window, server_name


def test_a_second_process_raises_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    name = server_name(tmp_path)
    server = InstanceServer(name)
    answers: list[bool] = []
    # In a thread, as in another process: the server must be able to answer meanwhile.
    caller = threading.Thread(target=lambda: answers.append(raise_window(name)))
    with qtbot.waitSignal(server.raise_requested):
        caller.start()
    caller.join()
    server.close()

    assert answers == [True]


def test_without_a_window_nothing_is_raised(qtbot: QtBot, tmp_path: Path) -> None:
    assert not raise_window(server_name(tmp_path))


def test_a_stale_socket_of_a_crashed_window_is_replaced(qtbot: QtBot, tmp_path: Path) -> None:
    first = InstanceServer(server_name(tmp_path))
    second = InstanceServer(server_name(tmp_path))
    assert second.isListening()
    first.close()
    second.close()


@pytest.mark.parametrize("other", ["elsewhere", "people"])
def test_another_gallery_has_another_window(tmp_path: Path, other: str) -> None:
    assert server_name(tmp_path / "people") == server_name(tmp_path / "x" / ".." / "people")
    assert (server_name(tmp_path / other) == server_name(tmp_path / "people")) is (other == "people")
