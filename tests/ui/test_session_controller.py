"""Switching, pausing and ending sessions without blocking the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.errors import CameraError
from facecam.session.session import Session
from facecam.session.status import CommandResult, SourceState
from facecam.settings import Mode, Settings
from facecam.ui.session_controller import SessionController, SessionRequest
from tests.session.conftest import Rig, ScriptedSource


@dataclass
class Slow:
    """A running controller on camera "one", whose cameras close only once `may_close` is set."""

    controller: SessionController
    rig: Rig
    may_close: threading.Event
    cameras: list[ScriptedSource]


@pytest.fixture
def slow(tmp_path: Path, qtbot: QtBot) -> Iterator[Slow]:
    rig, may_close, cameras = Rig(tmp_path), threading.Event(), []

    class SlowSource(ScriptedSource):
        def close(self) -> None:
            may_close.wait(60)
            super().close()

    def open_source(started_at_s: float, name: str) -> ScriptedSource:
        cameras.append(SlowSource(started_at_s, source=name))
        return cameras[-1]

    def create_session(request: SessionRequest) -> Session:
        return rig.session(lambda started_at_s: open_source(started_at_s, request.sources[0]))

    controller = SessionController(create_session, SessionRequest(("one",), Settings()))
    controller.start()
    qtbot.waitUntil(lambda: source_of(controller) == "one")
    yield Slow(controller, rig, may_close, cameras)
    may_close.set()
    assert controller.stop()


def source_of(controller: SessionController) -> str:
    return controller.frames[0].source if controller.frames else ""


def test_opening_another_source_does_not_wait_for_the_first_to_close(qtbot: QtBot, slow: Slow) -> None:
    controller = slow.controller

    controller.open("two")

    assert slow.cameras[0].closed == 0
    assert controller.is_switching
    assert not controller.is_running
    slow.may_close.set()
    qtbot.waitUntil(lambda: source_of(controller) == "two")
    assert not controller.is_switching
    assert slow.rig.sessions[0].wait(0)


def test_the_last_of_several_requests_is_started(qtbot: QtBot, slow: Slow) -> None:
    for name in ("two", "three", "four"):
        slow.controller.open(name)
    slow.may_close.set()
    qtbot.waitUntil(lambda: source_of(slow.controller) == "four")

    assert len(slow.rig.sessions) == 2


def test_stopping_while_a_session_ends_leaves_none_running(slow: Slow) -> None:
    slow.controller.open("two")
    slow.may_close.set()

    assert slow.controller.stop()
    assert all(session.wait(0) for session in slow.rig.sessions)


def test_a_paused_frame_stays_until_the_session_resumes(qtbot: QtBot, slow: Slow) -> None:
    controller, camera = slow.controller, slow.cameras[0]

    def wait_for_reads() -> None:
        before = camera.index
        qtbot.waitUntil(lambda: camera.index >= before + 3)
        polls = controller._polls
        qtbot.waitUntil(lambda: controller._polls >= polls + 2)

    controller.pause(True)
    wait_for_reads()
    paused = controller.frames[0]
    wait_for_reads()
    assert controller.frames[0] is paused
    assert controller.is_paused
    assert not controller.is_running
    controller.pause(False)
    qtbot.waitUntil(lambda: controller.frames[0] is not paused)


def test_a_new_session_is_not_paused(qtbot: QtBot, slow: Slow) -> None:
    controller = slow.controller
    controller.pause(True)
    slow.may_close.set()
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

    assert ended == [SourceState.IDLE]
    assert not controller._timer.isActive(), "nothing signals it again"
    assert not controller.is_running
    assert controller.stop()


def test_a_failure_in_the_middle_of_a_poll_is_in_the_last_status(qtbot: QtBot, tmp_path: Path) -> None:
    rig, waits, fails = Rig(tmp_path), threading.Event(), threading.Event()

    def before_read(index: int) -> None:
        if index == 3:
            waits.set()
            fails.wait(60)
            raise CameraError("unplugged")

    class FailingSession(Session):
        def take_command_results(self) -> list[CommandResult]:
            if waits.is_set():  # the status was read before
                fails.set()
                self.wait(60)
            return super().take_command_results()

    def create_session(request: SessionRequest) -> Session:
        session = rig.session(lambda started_at_s: ScriptedSource(started_at_s, live=False, before_read=before_read))
        session.__class__ = FailingSession
        return session

    ended: list[SourceState] = []
    controller = SessionController(create_session, SessionRequest(("clip",), Settings()))
    controller.ended.connect(lambda: ended.append(controller.status.state))
    controller.start()
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)

    assert ended == [SourceState.FAILED]
    assert controller.stop()


def test_a_mode_that_is_refused_is_withdrawn(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The object network is not converted."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    rig = Rig(tmp_path)
    controller = SessionController(lambda request: rig.session(ScriptedSource), SessionRequest(("one",), Settings()))
    controller.start()
    controller.change(Mode.FACES)
    controller.change(Settings().replace({"objects.network": "MobileNetV2"}))
    qtbot.waitUntil(lambda: controller.session is not None and controller.session.mode is Mode.FACES, timeout=20_000)
    refused: list[CommandResult] = []
    controller.command_finished.connect(refused.append)

    controller.change(Mode.OBJECTS)
    assert controller.request.mode is Mode.OBJECTS
    qtbot.waitUntil(lambda: bool(refused), timeout=20_000)

    assert controller.request.mode is Mode.FACES
    assert "has not been converted yet" in str(refused[0].error)
    assert controller.stop()
