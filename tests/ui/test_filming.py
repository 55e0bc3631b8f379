"""The red dot, and what becomes of a film."""

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
from tests.session.test_recording import frames_in


@pytest.fixture
def filmed(tmp_path: Path, make_window: Callable[[SessionController], Window]):  # type: ignore[no-untyped-def]
    """A window of a camera that runs."""
    rig = Rig(tmp_path)

    def begin(wish: SessionRequest) -> Session:
        return rig.session(ScriptedSource)

    live = SessionController(begin, SessionRequest(("0",), Settings()))
    window = make_window(live)
    live.start()
    yield window
    assert live.stop()


def test_a_film_is_begun_and_ended_by_one_action(qtbot: QtBot, filmed: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(filmed.live.results))
    filmed.deeds["record"].trigger()
    badge = filmed.findChild(RecordingBadge)
    assert badge.isVisible()
    assert filmed.deeds["record"].isChecked()
    qtbot.wait(500)
    with qtbot.waitSignal(filmed.filming.kept) as kept:
        filmed.deeds["record"].trigger()

    assert not badge.isVisible()
    assert not filmed.deeds["record"].isChecked()
    assert kept.args[0].parent == tmp_path / "Videos" / "facecam"
    assert frames_in(kept.args[0]) > 5
    assert str(kept.args[0]) in filmed.toast.text


def test_a_film_that_cannot_be_written_is_told(qtbot: QtBot, filmed: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(filmed.live.results))
    (tmp_path / "Videos" / "facecam").write_text("no folder")
    filmed.deeds["record"].trigger()

    qtbot.waitUntil(lambda: "cannot be made" in filmed.toast.text)
    assert not filmed.deeds["record"].isChecked()


def test_another_camera_ends_the_film(qtbot: QtBot, filmed: Window) -> None:
    qtbot.waitUntil(lambda: bool(filmed.live.results))
    filmed.deeds["record"].trigger()
    qtbot.wait(300)
    with qtbot.waitSignal(filmed.filming.kept, timeout=10_000):
        filmed.live.open("1")
    assert not filmed.deeds["record"].isChecked()


def test_blur_counts_for_films_of_the_next_session_too(qtbot: QtBot, filmed: Window) -> None:
    filmed.deeds["blur"].trigger()
    assert filmed.live.session is not None
    assert filmed.live.session.recording.blur
    with qtbot.waitSignal(filmed.live.begun, timeout=10_000):
        filmed.live.open("1")
    assert filmed.live.session.recording.blur
