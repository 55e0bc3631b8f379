"""Teaching in the window: a thing is held up to the running picture, is known from then on, is forgotten and brought back."""

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


def filmed(card: Path, path: Path) -> Path:
    """A wall for three seconds, then eleven with a picture that somebody holds before it."""
    random = np.random.default_rng(1)
    shade = np.linspace(150, 175, 640).astype(np.float32)[np.newaxis, :, np.newaxis] * np.ones((480, 640, 3), np.float32)
    walls = [np.clip(shade + random.normal(0, 3, shade.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    picture, motion = read_image(card), scenes.Motion.of(4)
    small = cv2.resize(picture, None, fx=360 / max(picture.shape), fy=360 / max(picture.shape), interpolation=cv2.INTER_AREA)
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
    qtbot: QtBot, make_live: Callable[..., SessionController], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[TeachPanel]:
    """The panel beside a Live that is not started."""
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path / "objects"))
    made = TeachPanel(make_live())
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def button(panel: TeachPanel, words: str) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.text() == words)


def told(panel: TeachPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def listed(panel: TeachPanel) -> list[str]:
    widget = panel.findChild(QListWidget)
    assert widget is not None
    return [widget.item(row).text() for row in range(widget.count())]


def labels(live: SessionController) -> set[str]:
    _, result = live.results[0]
    return {label.name for label in result.labels}


def test_without_a_picture_and_a_name_there_is_nothing_to_press(panel: TeachPanel, qtbot: QtBot) -> None:
    field = panel.findChild(QLineEdit)
    assert field is not None
    assert panel._live.wish.mode is Mode.OBJECTS

    qtbot.keyClicks(field, "mug")

    assert not button(panel, "Teach").isEnabled()
    assert listed(panel) == []
    assert not button(panel, "Forget").isEnabled()


def test_a_thing_is_taught_known_forgotten_and_brought_back(
    qtbot: QtBot,
    make_live: Callable[..., SessionController],
    portraits: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path / "objects"))
    live = make_live(str(filmed(portraits["coffee"], tmp_path / "film.avi")))
    panel = TeachPanel(live)
    qtbot.addWidget(panel)
    panel.show()
    field = panel.findChild(QLineEdit)
    assert field is not None
    live.start()
    qtbot.keyClicks(field, "my mug")
    qtbot.waitUntil(lambda: button(panel, "Teach").isEnabled() and 0 in live.results, timeout=20_000)

    qtbot.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "Now hold it up" in told(panel), timeout=20_000)
    assert button(panel, "Cancel").isVisible()
    qtbot.waitUntil(lambda: "my mug is known from now on" in told(panel), timeout=60_000)
    assert [line.partition(" (")[0] for line in listed(panel)] == ["my mug"]
    qtbot.waitUntil(lambda: any(not label.pixmap().isNull() for label in panel.findChildren(QLabel)), timeout=20_000)

    live.start()
    qtbot.waitUntil(lambda: 0 in live.results and "my mug" in labels(live), timeout=30_000)

    button(panel, "Forget").click()
    qtbot.waitUntil(lambda: listed(panel) == [], timeout=20_000)
    button(panel, "Bring back my mug").click()
    qtbot.waitUntil(lambda: len(listed(panel)) == 1, timeout=20_000)
    panel.close()
