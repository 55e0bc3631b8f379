"""Tests of teaching an object with the live video, forgetting it and restoring it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from benchmarks import scenes
from facecam.imageio import read_image
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.ui import teaching
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.teaching import TeachPanel
from tests.session.conftest import ScriptedSource

PACE = {"scene_s": 1.0, "object_s": 3.0, "timeout_s": 60.0}


class Desk:
    """Images of a wall, and of a card that moves in front of it while `shows_card`."""

    def __init__(self, card: Path) -> None:
        random = np.random.default_rng(1)
        shade = np.linspace(150, 175, 640).astype(np.float32)[np.newaxis, :, np.newaxis] * np.ones((480, 640, 3), np.float32)
        self._walls = [np.clip(shade + random.normal(0, 3, shade.shape), 0, 255).astype(np.uint8) for _ in range(6)]
        image, self._motion = read_image(card), scenes.Motion.for_scene(4)
        scale = 360 / max(image.shape)
        self._card = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._card_s = 0.0
        self.shows_card = False

    def source(self, started_at_s: float) -> ScriptedSource:
        """Return a camera of 15 fps."""
        return ScriptedSource(started_at_s, fps=15.0, image=self._image)

    def _image(self, index: int) -> np.ndarray:
        bgr = self._walls[index % 6].copy()
        if self.shows_card:
            scenes.paste(bgr, self._card, self._motion, self._card_s)
            self._card_s += 1 / 15
        return bgr


@pytest.fixture
def panel(
    qtbot: QtBot, make_controller: Callable[..., SessionController], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[TeachPanel]:
    """The panel of a session that is not started."""
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path / "objects"))
    made = TeachPanel(make_controller())
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def button(panel: TeachPanel, text: str) -> QPushButton:
    return next(button for button in panel.findChildren(QPushButton) if button.text() == text)


def visible_text(panel: TeachPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def list_rows(panel: TeachPanel) -> list[str]:
    widget = panel.findChild(QListWidget)
    assert widget is not None
    return [widget.item(row).text() for row in range(widget.count())]


def labels(controller: SessionController) -> set[str]:
    _, result = controller.results[0]
    return {label.name for label in result.labels}


def test_teaching_needs_live_video_and_a_name(panel: TeachPanel, qtbot: QtBot) -> None:
    field = panel.findChild(QLineEdit)
    assert field is not None
    assert panel._controller.request.mode is Mode.OBJECTS

    qtbot.keyClicks(field, "mug")

    assert not button(panel, "Teach").isEnabled()
    assert list_rows(panel) == []
    assert not button(panel, "Forget").isEnabled()


def test_an_object_is_taught_recognized_forgotten_and_restored(
    qtbot: QtBot, portraits: dict[str, Path], gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path / "objects"))
    monkeypatch.setattr(teaching, "TeachingService", partial(teaching.TeachingService, **PACE))
    desk = Desk(portraits["coffee"])

    def create_session(request: SessionRequest) -> Session:
        source = SourceConfig("fake", desk.source)
        return Session(SessionConfig(request.settings, (source,), gallery, request.mode, log_dir=tmp_path / "logs"))

    controller = SessionController(create_session, SessionRequest(("fake",), Settings()))
    panel = TeachPanel(controller)
    qtbot.addWidget(panel)
    panel.show()
    field = panel.findChild(QLineEdit)
    assert field is not None
    controller.start()
    try:
        qtbot.keyClicks(field, "my mug")
        qtbot.waitUntil(lambda: button(panel, "Teach").isEnabled() and 0 in controller.results)

        qtbot.keyClick(field, Qt.Key.Key_Return)

        qtbot.waitUntil(lambda: "Now show it to the camera" in visible_text(panel))
        desk.shows_card = True
        assert button(panel, "Cancel").isVisible()
        qtbot.waitUntil(lambda: "my mug is taught" in visible_text(panel))
        assert [line.partition(" (")[0] for line in list_rows(panel)] == ["my mug"]
        qtbot.waitUntil(lambda: any(not label.pixmap().isNull() for label in panel.findChildren(QLabel)))
        qtbot.waitUntil(lambda: "my mug" in labels(controller))

        assert button(panel, "Forget").isEnabled()
        taught = panel.findChild(QListWidget)
        assert taught is not None
        taught.setFocus()
        qtbot.keyClick(taught, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda: list_rows(panel) == [])
        button(panel, "Restore my mug").click()
        qtbot.waitUntil(lambda: len(list_rows(panel)) == 1)
        panel.close()
    finally:
        assert controller.stop()
