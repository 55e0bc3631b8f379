"""A QApplication as facecam makes it, a session on the demo source, and the real command on a display of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2  # noqa: F401 - first, as in the program: it sets two variables that break Qt
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.capture.source import open_source
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.ui.app import make_app
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.window.window import Window
from tests.ui.desk import Desk, missing_for_a_desk

MakeLive = Callable[..., SessionController]
MakeWindow = Callable[..., Window]


_PATIENCE_MS = 60_000


class PatientBot(QtBot):
    """Waits for as long as a busy machine may take, where a test does not say how long."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = _PATIENCE_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _PATIENCE_MS, **more: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **more)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """pytest-qt's, which waits for five seconds, with more patience."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as facecam makes it, offscreen."""
    return make_app("en")


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a window remembers reaches, or comes from, the user's own files."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "config").mkdir()
    places = f'XDG_PICTURES_DIR="{tmp_path}/Pictures"\nXDG_VIDEOS_DIR="{tmp_path}/Videos"\n'
    (tmp_path / "config" / "user-dirs.dirs").write_text(places)
    # A folder that does not exist is answered with the user's home.
    for folder in ("Pictures", "Videos"):
        (tmp_path / folder).mkdir()


@pytest.fixture
def make_live(tmp_path: Path, gallery: Path) -> Iterator[MakeLive]:
    """Makes a Live, not started, of sources ("demo" without any); every one is stopped when the test ends."""
    made: list[SessionController] = []

    def begin(wish: SessionRequest) -> Session:
        def source(text: str) -> SourceConfig:
            return SourceConfig(text, lambda started_at_s: open_source(text, wish.settings.capture, started_at_s))

        sources = tuple(map(source, wish.sources))
        return Session(SessionConfig(wish.settings, sources, gallery, wish.mode, log_dir=tmp_path / "logs"))

    def make(*sources: str, settings: Settings | None = None, mode: Mode = Mode.FACES) -> SessionController:
        places = AppPaths(gallery, tmp_path / "logs", None)
        made.append(SessionController(begin, SessionRequest(sources or ("demo",), settings or Settings(), mode), places=places))
        return made[-1]

    yield make
    for live in made:
        assert live.stop()


@pytest.fixture
def live(qapp: QApplication, make_live: MakeLive) -> SessionController:
    """The demo with Eileen Collins enrolled, started: recognized for real, through the real networks."""
    started = make_live()
    started.start()
    return started


@pytest.fixture
def make_window(qapp: QApplication) -> Iterator[MakeWindow]:
    """Shows a window of a Live; every one is closed and gone when the test ends."""
    made: list[Window] = []

    def make(live: SessionController) -> Window:
        made.append(Window(live, open_store()))
        made[-1].show()
        return made[-1]

    yield make
    for window in made:
        window.close()
        window.snapshots.close()
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(make_window: MakeWindow, live: SessionController) -> Window:
    """The window of `live`."""
    return make_window(live)


@pytest.fixture
def desk(tmp_path: Path, gallery: Path) -> Iterator[Desk]:
    """A display with the real command on it, worked by keys and clicks as a person does; Eileen Collins is enrolled."""
    if missing := missing_for_a_desk():
        pytest.skip(missing)
    with ExitStack() as leaving:
        yield leaving.enter_context(Desk(tmp_path))
