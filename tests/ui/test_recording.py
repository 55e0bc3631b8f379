"""Recording the view: badge, result message and blur."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.session.session import Session
from facecam.settings import Settings
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.window.recording import RecordingBadge
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource
from tests.session.test_recording_sink import frames_in


@pytest.fixture
def window(tmp_path: Path, make_window: Callable[[SessionController], Window]):  # type: ignore[no-untyped-def]
    """A window on a running camera."""
    rig = Rig(tmp_path)

    def create_session(request: SessionRequest) -> Session:
        return rig.session(ScriptedSource)

    controller = SessionController(create_session, SessionRequest(("0",), Settings()))
    window = make_window(controller)
    controller.start()
    yield window
    assert controller.stop()


def wait_for_frames(qtbot: QtBot, window: Window, count: int) -> None:
    """Wait until so many further frames are recognized; they are recorded before."""
    for _ in range(count):
        with qtbot.waitSignal(window.controller.recognized):
            pass


def test_one_action_starts_and_finishes_a_recording(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["record"].trigger()
    badge = window.findChild(RecordingBadge)
    assert badge.isVisible()
    assert window.app_actions["record"].isChecked()
    wait_for_frames(qtbot, window, 8)
    with qtbot.waitSignal(window.recorder.saved) as saved:
        window.app_actions["record"].trigger()

    assert not badge.isVisible()
    assert not window.app_actions["record"].isChecked()
    assert saved.args[0].parent == tmp_path / "Videos" / "facecam"
    assert frames_in(saved.args[0]) > 5
    assert str(saved.args[0]) in window.toast.text


def test_an_unwritable_folder_shows_an_error(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    (tmp_path / "Videos" / "facecam").write_text("no folder")
    window.app_actions["record"].trigger()

    qtbot.waitUntil(lambda: "cannot be created" in window.toast.text)
    assert not window.app_actions["record"].isChecked()


def test_switching_cameras_finishes_the_recording(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["record"].trigger()
    wait_for_frames(qtbot, window, 2)
    with qtbot.waitSignal(window.recorder.saved):
        window.controller.open("1")
    assert not window.app_actions["record"].isChecked()


def test_blur_applies_to_recordings_of_the_next_session(qtbot: QtBot, window: Window) -> None:
    window.app_actions["blur"].trigger()
    assert window.controller.session is not None
    assert window.controller.session.recording.blur()
    with qtbot.waitSignal(window.controller.started):
        window.controller.open("1")
    assert window.controller.session.recording.blur()
