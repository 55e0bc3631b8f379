"""What stands over the picture while it cannot be seen or is not recognized, and what may be done about it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from facecam.errors import CameraError, FacecamError
from facecam.session.session import Session
from facecam.session.status import StartupStep, StartupWork
from facecam.settings import Settings
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource

MakeWindow = Callable[[SessionController], Window]
Opens = Callable[[float], ScriptedSource]


class Stage:
    """A window over sources that do what a test wants."""

    def __init__(self, qtbot: QtBot, folder: Path, make_window: MakeWindow) -> None:
        self.qtbot = qtbot
        self.rig = Rig(folder)
        self.opens: dict[str, Opens] = {}
        self.live = SessionController(self._begin, SessionRequest(("0",), Settings()))
        self.window = make_window(self.live)

    def _begin(self, wish: SessionRequest) -> Session:
        return self.rig.session(*(self.opens[source] for source in wish.sources))

    @property
    def note(self) -> str:
        note = self.window.note.note
        return "" if note is None else " ".join((note.title, *note.lines))

    def press(self, words: str) -> None:
        """Press the note's button of these words."""
        self.qtbot.waitUntil(lambda: any(one.isVisible() for one in self._buttons(words)))
        next(one for one in self._buttons(words) if one.isVisible()).click()

    def _buttons(self, words: str) -> list[QPushButton]:
        return [one for one in self.window.note.findChildren(QPushButton) if one.text() == words]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, make_window: MakeWindow):  # type: ignore[no-untyped-def]
    made = Stage(qtbot, tmp_path, make_window)
    yield made
    assert made.live.stop()


def gone(_: float) -> ScriptedSource:
    raise CameraError("there is no camera 0 and no other on this machine; plug one in, or try without: facecam demo")


def test_a_camera_that_is_not_there_is_told_with_what_may_be_done(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = gone
    stage.live.start()
    qtbot.waitUntil(lambda: "There is no picture" in stage.note)
    assert "no camera 0" in stage.note
    qtbot.waitUntil(lambda: "on this machine:" in stage.note or "there is no camera." in stage.note)
    assert stage.window.messages.text == "", "what the note says is not said twice"

    stage.opens["0"] = ScriptedSource
    stage.press("Try again")
    qtbot.waitUntil(lambda: bool(stage.live.frames) and stage.note == "")


def test_the_demo_is_a_button_away(qtbot: QtBot, stage: Stage) -> None:
    stage.opens |= {"0": gone, "demo": ScriptedSource}
    stage.live.start()
    qtbot.waitUntil(lambda: "There is no picture" in stage.note)
    stage.press("See the demo")

    qtbot.waitUntil(lambda: bool(stage.live.frames))
    assert stage.live.wish.sources == ("demo",)


def test_a_lost_camera_is_told_while_it_is_tried_again(qtbot: QtBot, stage: Stage) -> None:
    def flaky(started_at_s: float) -> ScriptedSource:
        if stage.rig.recognizers and stage.live.status.sources and stage.live.status.sources[0].frames:
            raise CameraError("camera 0 does not open")
        return ScriptedSource(started_at_s, source="camera 0", count=20)

    stage.opens["0"] = flaky
    stage.live.start()
    qtbot.waitUntil(lambda: "The picture was lost" in stage.note, timeout=10_000)
    assert "camera 0" in stage.note.lower()


def test_a_film_that_is_over_keeps_its_last_picture_and_can_be_played_again(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = lambda started_at_s: ScriptedSource(started_at_s, live=False, count=10)
    with qtbot.waitSignal(stage.live.ended):
        stage.live.start()
    assert stage.note == "The end"
    assert stage.window.note.note is not None
    assert stage.window.note.note.low
    assert stage.live.frames[0].index == 9
    with qtbot.waitSignal(stage.live.ended):
        stage.press("Play again")
    assert stage.note == "The end"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (StartupStep(StartupWork.NETWORKS, 3, 8), "Preparing the networks"),
        (StartupStep(StartupWork.GALLERY, 10, 40), "Reading the photos"),
        (None, "Preparing recognition"),
    ],
)
def test_what_is_prepared_is_told_over_the_picture_with_its_progress(
    qtbot: QtBot, stage: Stage, step: StartupStep | None, words: str
) -> None:
    go_on = threading.Event()
    stage.opens["0"] = ScriptedSource
    begin = stage._begin

    def slow(wish: SessionRequest) -> Session:
        session = begin(wish)
        opened = session._recognize._open_recognizer

        def open_slowly(plan):  # type: ignore[no-untyped-def]
            session.preparing.step = step
            go_on.wait(10)
            return opened(plan)

        session._recognize._open_recognizer = open_slowly
        return session

    stage.live._begin = slow
    stage.live.start()
    try:
        view = stage.window.note
        qtbot.waitUntil(lambda: words in stage.note and view.note is not None and view.note.low)
        note = view.note
        assert note is not None
        assert note.progress == ((step.done, step.total) if step else (0, 0))
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: stage.note == "")


def test_a_fault_of_recognition_is_told_as_it_is(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = ScriptedSource
    begin = stage._begin

    def broken(wish: SessionRequest) -> Session:
        session = begin(wish)

        def fail(plan: object) -> object:
            raise FacecamError("models/onet.safetensors is damaged; install facecam again")

        session._recognize._open_recognizer = fail  # type: ignore[assignment]
        return session

    stage.live._begin = broken
    stage.live.start()
    qtbot.waitUntil(lambda: "is damaged" in stage.note)
