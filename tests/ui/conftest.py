"""A QApplication as facecam makes it, a session on the demo source, and the real command on a display of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2  # noqa: F401 - first, as in the program: it sets two variables that break Qt
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from facecam.capture.source import open_source
from facecam.mode import Mode
from facecam.runtime.plan import Plan, SourcePlan
from facecam.runtime.session import Session
from facecam.settings import Settings
from facecam.ui.app import make_app
from facecam.ui.live import Live, Wish

MakeLive = Callable[..., Live]


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as facecam makes it, offscreen."""
    return make_app("en")


@pytest.fixture
def gallery(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """A gallery with Eileen Collins in it; Grace Hopper, the demo's other face, is a stranger."""
    person = tmp_path / "gallery" / "Eileen Collins"
    person.mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], person)
    return tmp_path / "gallery"


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a window remembers reaches, or comes from, the user's own files."""
    for variable, folder in {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_PICTURES_DIR": "pictures"}.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))


@pytest.fixture
def make_live(tmp_path: Path, gallery: Path) -> Iterator[MakeLive]:
    """Makes a Live, not started, of sources ("demo" without any); every one is stopped when the test ends."""
    made: list[Live] = []

    def begin(wish: Wish) -> Session:
        def source(text: str) -> SourcePlan:
            return SourcePlan(text, lambda started_at_s: open_source(text, wish.settings.capture, started_at_s))

        sources = tuple(map(source, wish.sources))
        return Session(Plan(wish.settings, sources, gallery, wish.mode, log_dir=tmp_path / "logs"))

    def make(*sources: str, settings: Settings | None = None, mode: Mode = Mode.FACES) -> Live:
        made.append(Live(begin, Wish(sources or ("demo",), settings or Settings(), mode)))
        return made[-1]

    yield make
    for live in made:
        assert live.stop()


@pytest.fixture
def live(qapp: QApplication, make_live: MakeLive) -> Live:
    """The demo with Eileen Collins enrolled, started: recognised for real, through the real networks."""
    started = make_live()
    started.start()
    return started
