"""One window for a user's cameras."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.ui.app import InstanceServer, call, name_for


def test_who_rings_is_heard(qtbot: QtBot, tmp_path: Path) -> None:
    name = name_for(tmp_path)
    bell = InstanceServer(name)
    answers: list[bool] = []
    # In a process of its own in earnest: whoever answers must be able to do so meanwhile.
    caller = threading.Thread(target=lambda: answers.append(call(name)))
    with qtbot.waitSignal(bell.rung):
        caller.start()
    caller.join()
    bell.close()

    assert answers == [True]


def test_where_nobody_is_nobody_answers(qtbot: QtBot, tmp_path: Path) -> None:
    assert not call(name_for(tmp_path))


def test_a_window_that_has_crashed_does_not_keep_others_out(qtbot: QtBot, tmp_path: Path) -> None:
    first = InstanceServer(name_for(tmp_path))
    second = InstanceServer(name_for(tmp_path))
    assert second._server.isListening()
    first.close()
    second.close()


@pytest.mark.parametrize("other", ["elsewhere", "people"])
def test_other_people_have_another_window(tmp_path: Path, other: str) -> None:
    assert name_for(tmp_path / "people") == name_for(tmp_path / "x" / ".." / "people")
    assert (name_for(tmp_path / other) == name_for(tmp_path / "people")) is (other == "people")
