"""A Live between sessions: one ends while the next is wished for, and the window never waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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
    """A Live whose cameras take half a second to be closed."""
    rig = Rig(tmp_path)

    class Slow(ScriptedSource):
        def close(self) -> None:
            time.sleep(0.5)
            super().close()

    def begin(wish: SessionRequest) -> Session:
        return rig.session(lambda started_at_s: Slow(started_at_s, source=wish.sources[0], fps=50.0))

    live = SessionController(begin, SessionRequest(("one",), Settings()))
    yield live, rig
    assert live.stop()


def source_of(live: SessionController) -> str:
    return live.frames[0].source if live.frames else ""


def test_another_source_is_opened_without_the_window_waiting_for_the_first_to_close(
    qtbot: QtBot, slow: tuple[SessionController, Rig]
) -> None:
    live, rig = slow
    live.start()
    qtbot.waitUntil(lambda: source_of(live) == "one")
    begun_s = time.perf_counter()
    live.open("two")
    took_s = time.perf_counter() - begun_s

    assert took_s < 0.05
    assert live.changing
    assert not live.running
    qtbot.waitUntil(lambda: source_of(live) == "two")
    assert not live.changing
    assert rig.sessions[0].wait(0)


def test_of_several_wishes_meanwhile_the_last_one_counts(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    live, rig = slow
    live.start()
    qtbot.waitUntil(lambda: source_of(live) == "one")
    for name in ("two", "three", "four"):
        live.open(name)
    qtbot.waitUntil(lambda: source_of(live) == "four")

    assert len(rig.sessions) == 2


def test_who_stops_while_one_session_ends_leaves_none_behind(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    live, rig = slow
    live.start()
    qtbot.waitUntil(lambda: source_of(live) == "one")
    live.open("two")

    assert live.stop()
    assert all(session.wait(0) for session in rig.sessions)


def test_a_held_picture_stays_until_it_goes_on(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    live, _ = slow
    live.start()
    qtbot.waitUntil(lambda: bool(live.frames))
    live.pause(True)
    qtbot.wait(100)
    held = live.frames[0]
    qtbot.wait(200)
    assert live.frames[0] is held
    assert live.paused
    assert not live.running
    live.pause(False)
    qtbot.waitUntil(lambda: live.frames[0] is not held)


def test_what_comes_after_a_pause_is_not_held(qtbot: QtBot, slow: tuple[SessionController, Rig]) -> None:
    live, _ = slow
    live.start()
    qtbot.waitUntil(lambda: bool(live.frames))
    live.pause(True)
    with qtbot.waitSignal(live.begun):
        live.open("two")

    assert not live.paused
    qtbot.waitUntil(lambda: source_of(live) == "two")


def test_the_end_is_told_once(qtbot: QtBot, tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    ended: list[SourceState] = []
    make: Callable[[SessionRequest], Session] = lambda wish: rig.session(lambda s: ScriptedSource(s, live=False, count=5))  # noqa: E731
    live = SessionController(make, SessionRequest(("film",), Settings()))
    live.ended.connect(lambda: ended.append(live.status.state))
    live.start()
    qtbot.waitUntil(lambda: bool(ended))
    qtbot.wait(100)

    assert ended == [SourceState.IDLE]
    assert not live.running
    assert live.stop()
