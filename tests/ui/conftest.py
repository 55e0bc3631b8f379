"""Fixtures: the QApplication, controllers and windows on the demo, and a virtual display for the real command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2  # noqa: F401 - first, as in the program: it sets two variables that break Qt
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.capture.source import open_source, source_label
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.ui.app import make_app
from facecam.ui.appearance import Appearance
from facecam.ui.garbage_collector import GarbageCollector
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.window.window import Window
from tests.ui.portraits import EILEEN, GRACE, PortraitStream, enroll_portraits
from tests.ui.virtual_display import VirtualDisplay, missing_programs

MakeController = Callable[..., SessionController]
MakeWindow = Callable[..., Window]


_PATIENCE_MS = 60_000


class PatientBot(QtBot):
    """QtBot with default timeouts for a busy machine."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = _PATIENCE_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _PATIENCE_MS, **more: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **more)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """Replace pytest-qt's bot, which waits five seconds."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as facecam creates it, offscreen."""
    app = make_app("en")
    Appearance(language="en").apply(app)  # whatever the developer's own window.ini has
    return app


@pytest.fixture(scope="session")
def collector(qapp: QApplication) -> GarbageCollector:
    """The garbage collector of the window, in use from the first to the last test of a module."""
    return GarbageCollector(qapp)


@pytest.fixture(autouse=True)
def _closed_are_deleted(collector: GarbageCollector, qapp: QApplication) -> Iterator[None]:
    """Delete what a test has closed before the next one begins."""
    if not collector.is_active:
        collector.start()
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Collect all garbage after a module, when pytest has released its last test: other modules find no Qt objects in it."""
    result = yield
    app = QCoreApplication.instance()
    if app is not None and (nextitem is None or nextitem.path != item.path):
        for collector in app.findChildren(GarbageCollector):
            if collector.is_active:
                collector.stop()
    return result


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cache of all tests, in which the speed of the embedding networks is measured once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _isolated_home(tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the window's state and outputs away from the user's files."""
    monkeypatch.setenv("FACECAM_CACHE", str(cache_folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "config").mkdir()
    folders = {"PICTURES": "Pictures", "VIDEOS": "Videos", "DOCUMENTS": "Documents"}
    places = "".join(f'XDG_{name}_DIR="{tmp_path}/{folder}"\n' for name, folder in folders.items())
    (tmp_path / "config" / "user-dirs.dirs").write_text(places)
    # Qt replaces missing folders with the user's home.
    for folder in folders.values():
        (tmp_path / folder).mkdir()


@pytest.fixture
def make_controller(tmp_path: Path, gallery: Path) -> Iterator[MakeController]:
    """Factory of controllers, not started, on sources ("demo" by default); they are stopped after the test."""
    made: list[SessionController] = []

    def create_session(request: SessionRequest) -> Session:
        def source(text: str) -> SourceConfig:
            capture = request.settings.capture
            return SourceConfig(source_label(text), lambda started_at_s: open_source(text, capture, started_at_s))

        sources = tuple(map(source, request.sources))
        config = SessionConfig(request.settings, sources, gallery, request.mode, log_dir=tmp_path / "logs", labels=request.labels)
        return Session(config)

    def make(*sources: str, settings: Settings | None = None, mode: Mode = Mode.FACES) -> SessionController:
        places = AppPaths(gallery, tmp_path / "logs", None)
        made.append(
            SessionController(create_session, SessionRequest(sources or ("demo",), settings or Settings(), mode), paths=places)
        )
        return made[-1]

    yield make
    for controller in made:
        controller.deleteLater()
        assert controller.stop()


@pytest.fixture
def controller(qapp: QApplication, make_controller: MakeController) -> SessionController:
    """A started controller on the demo with Eileen Collins enrolled, using the real networks."""
    started = make_controller()
    started.start()
    return started


@pytest.fixture
def make_window(qapp: QApplication) -> Iterator[MakeWindow]:
    """Factory of visible windows; they are closed and deleted after the test."""
    made: list[Window] = []

    def make(controller: SessionController) -> Window:
        made.append(Window(controller, open_store()))
        made[-1].show()
        return made[-1]

    yield make
    for window in made:
        window.close()
        window.jobs.close()
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(make_window: MakeWindow, controller: SessionController) -> Window:
    """The window of `controller`."""
    return make_window(controller)


@pytest.fixture
def stream(controller: SessionController, tmp_path: Path) -> Iterator[PortraitStream]:
    """Enrolled Eileen Collins next to unknown Grace Hopper, ten frames a second; for a `controller` that is not started."""
    made = PortraitStream(enroll_portraits(tmp_path / "gallery", EILEEN), EILEEN, GRACE)
    with made.recognizer:
        yield made


@pytest.fixture
def display(tmp_path: Path, gallery: Path) -> Iterator[VirtualDisplay]:
    """A virtual display for the real command, with Eileen Collins enrolled."""
    if missing := missing_programs():
        pytest.skip(missing)
    with ExitStack() as stack:
        yield stack.enter_context(VirtualDisplay(tmp_path))
