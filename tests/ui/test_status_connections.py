"""The status bar names the computers to which the program has a connection."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from facecam.diagnostics import connections
from facecam.session.status import SessionStatus, SourceState, SourceStatus
from facecam.ui.session_controller import SessionController
from facecam.ui.window.status_bar import StatusBar
from tests.ui.fakes import idle_controller


@pytest.fixture
def controller() -> Iterator[SessionController]:
    controller = idle_controller("0")
    yield controller
    controller.stop()


def bar_of(qtbot: QtBot, controller: SessionController, *sources: SourceStatus) -> StatusBar:
    """Return a status bar that shows these sources."""
    controller.status = SessionStatus(SourceState.RUNNING, "", sources)
    bar = StatusBar(controller)
    qtbot.addWidget(bar)
    bar.refresh()
    return bar


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not list the connections of a program")
def test_the_status_bar_says_that_there_is_no_connection(qtbot: QtBot, controller: SessionController) -> None:
    bar = bar_of(qtbot, controller, SourceStatus("0", SourceState.RUNNING, frames=1))

    assert bar.network.accessibleName() == "No connection"
    assert "as the system lists them" in bar.network.toolTip()


def test_where_the_system_does_not_tell_the_network_cameras_in_use_are_shown(
    qtbot: QtBot, controller: SessionController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IS_SUPPORTED", False)

    bar = bar_of(
        qtbot,
        controller,
        SourceStatus("rtsp://camera.local/stream", SourceState.RUNNING, frames=1),
        SourceStatus("http://10.0.0.8/video", SourceState.FAILED),
        SourceStatus("lesson.mp4", SourceState.RUNNING, frames=1),
    )

    assert bar.network.accessibleName() == "Connected to camera.local"
    assert "does not list" in bar.network.toolTip()
