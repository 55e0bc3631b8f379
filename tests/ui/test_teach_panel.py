"""Tests of teaching an object with the live video, forgetting it and restoring it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from benchmarks import scenes
from facecam.imageio import read_image
from facecam.settings import Mode
from facecam.ui.session_controller import SessionController
from facecam.ui.teaching import TeachPanel

FPS = 15


def record_video(card: Path, path: Path) -> Path:
    """Write a video of an empty wall for three seconds, then of the card held in front of it for thirteen."""
    random = np.random.default_rng(1)
    shade = np.linspace(150, 175, 640).astype(np.float32)[np.newaxis, :, np.newaxis] * np.ones((480, 640, 3), np.float32)
    walls = [np.clip(shade + random.normal(0, 3, shade.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    image, motion = read_image(card), scenes.Motion.for_scene(4)
    small = cv2.resize(image, None, fx=360 / max(image.shape), fy=360 / max(image.shape), interpolation=cv2.INTER_AREA)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    for number in range(16 * FPS):
        bgr = walls[number % 6].copy()
        if number >= 3 * FPS:
            scenes.paste(bgr, small, motion, number / FPS - 3)
        writer.write(bgr)
    writer.release()
    return path


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
    qtbot: QtBot,
    make_controller: Callable[..., SessionController],
    portraits: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path / "objects"))
    controller = make_controller(str(record_video(portraits["coffee"], tmp_path / "video.avi")))
    panel = TeachPanel(controller)
    qtbot.addWidget(panel)
    panel.show()
    field = panel.findChild(QLineEdit)
    assert field is not None
    controller.start()
    qtbot.keyClicks(field, "my mug")
    qtbot.waitUntil(lambda: button(panel, "Teach").isEnabled() and 0 in controller.results, timeout=20_000)

    qtbot.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "Now show it to the camera" in visible_text(panel), timeout=20_000)
    assert button(panel, "Cancel").isVisible()
    qtbot.waitUntil(lambda: "my mug is taught" in visible_text(panel), timeout=60_000)
    assert [line.partition(" (")[0] for line in list_rows(panel)] == ["my mug"]
    qtbot.waitUntil(lambda: any(not label.pixmap().isNull() for label in panel.findChildren(QLabel)), timeout=20_000)

    controller.start()
    qtbot.waitUntil(lambda: 0 in controller.results and "my mug" in labels(controller), timeout=30_000)

    button(panel, "Forget").click()
    qtbot.waitUntil(lambda: list_rows(panel) == [], timeout=20_000)
    button(panel, "Restore my mug").click()
    qtbot.waitUntil(lambda: len(list_rows(panel)) == 1, timeout=20_000)
    panel.close()
