"""Switching, pausing and ending sessions without blocking the window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.session.session import Session
from facecam.session.status import SourceState
from facecam.settings import Settings
from facecam.ui.session_controller import SessionController, SessionRequest
from tests.session.conftest import Rig, ScriptedSource


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[SessionController, Rig]]:
    """A controller whose cameras take half a second to close."""
    rig = Rig(tmp_path)

    class Slow(ScriptedSource):
        def close(self) -> None:
            time.sleep(0.5)
            super().close()

    def create_session(request: SessionRequest) -> Session:
        return rig.session(lambda started_at_s: Slow(started_at_s, source=request.sources[0], fps=50.0))

    controller = SessionController(create_session, SessionRequest(("one",), Settings()))
    yield controller, rig
    assert controller.stop()


def source_of(controller: SessionController) -> str:
    return controller.frames[0].source if controller.frames else ""


def test_opening_another_source_does_not_wait_for_the_first_to_close(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    controller, rig = slow
    controller.start()
    qtbot.waitUntil(lambda: source_of(controller) == "one")
    started_s = time.perf_counter()
    controller.open("two")
    took_s = time.perf_counter() - started_s

    assert took_s < 0.05
    assert controller.is_switching
    assert not controller.is_running
    qtbot.waitUntil(lambda: source_of(controller) == "two")
    assert not controller.is_switching
    assert rig.sessions[0].wait(0)


def test_the_last_of_several_requests_is_started(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    controller, rig = slow
    controller.start()
    qtbot.waitUntil(lambda: source_of(controller) == "one")
    for name in ("two", "three", "four"):
        controller.open(name)
    qtbot.waitUntil(lambda: source_of(controller) == "four")

    assert len(rig.sessions) == 2


def test_stopping_while_a_session_ends_leaves_none_running(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    controller, rig = slow
    controller.start()
    qtbot.waitUntil(lambda: source_of(controller) == "one")
    controller.open("two")

    assert controller.stop()
    assert all(session.wait(0) for session in rig.sessions)


def test_a_paused_frame_stays_until_the_session_resumes(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    controller, _ = slow
    controller.start()
    qtbot.waitUntil(lambda: bool(controller.frames))
    controller.pause(True)
    qtbot.wait(100)
    paused = controller.frames[0]
    qtbot.wait(200)
    assert controller.frames[0] is paused
    assert controller.is_paused
    assert not controller.is_running
    controller.pause(False)
    qtbot.waitUntil(lambda: controller.frames[0] is not paused)


def test_a_new_session_is_not_paused(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    controller, _ = slow
    controller.start()
    qtbot.waitUntil(lambda: bool(controller.frames))
    controller.pause(True)
    with qtbot.waitSignal(controller.started):
        controller.open("two")

    assert not controller.is_paused
    qtbot.waitUntil(lambda: source_of(controller) == "two")


def test_the_end_is_signaled_once(qtbot: QtBot, tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    ended: list[SourceState] = []
    controller = SessionController(
        lambda request: rig.session(lambda s: ScriptedSource(s, live=False, count=5)), SessionRequest(("clip",), Settings())
    )
    controller.ended.connect(lambda: ended.append(controller.status.state))
    controller.start()
    qtbot.waitUntil(lambda: bool(ended))
    qtbot.wait(100)

    assert ended == [SourceState.IDLE]
    assert not controller.is_running
    assert controller.stop()
