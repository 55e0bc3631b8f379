"""Tests of teaching an object with the live video, forgetting it and restoring it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from benchmarks import scenes
from facecam.imageio import read_image
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.training.object_teaching import RefusedPhoto, TeachingPhase
from facecam.types import Label
from facecam.ui import teaching
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.teaching import TaughtList, TeachPanel
from tests.session.conftest import ScriptedSource
from tests.ui.fakes import make_frame, make_result

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


def drop_on(panel: TeachPanel, paths: list[Path]) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, no_key = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    panel.dropEvent(QDropEvent(QPointF(10, 10), action, files, Qt.MouseButton.LeftButton, no_key))


def button(panel: TeachPanel, text: str) -> QPushButton:
    return next(button for button in panel.findChildren(QPushButton) if button.text() == text)


def visible_text(panel: TeachPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def list_rows(panel: TeachPanel) -> list[str]:
    widget = panel.findChild(QListWidget)
    assert widget is not None
    return [widget.item(row).text() for row in range(widget.count())]


def spoken_rows(panel: TeachPanel) -> list[str]:
    """Return what a screen reader says about each row."""
    widget = panel.findChild(QListWidget)
    assert widget is not None
    return [widget.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(widget.count())]


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


def test_shares_of_several_objects_are_shown_in_the_order_of_the_list_also_when_none_is_recognized(qtbot: QtBot) -> None:
    taught = TaughtList()
    qtbot.addWidget(taught)
    taught.show_labels({"mug": 20, "cup": 9, "torch": 12}, forgotten="")
    rows = taught.findChild(QListWidget)
    assert rows is not None
    rows.setCurrentRow(2)

    taught.show_shares({"cup": 0.52, "mug": 0.4}, named="")
    unsure = [rows.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    taught.show_shares({"cup": 0.91, "mug": 0.05, "torch": 0.0}, named="cup")
    sure = [rows.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]

    assert unsure == ["mug (20 views), 40%", "cup (9 views), 52%", "torch (12 views), –"]
    assert sure == ["mug (20 views), 5%", "cup (9 views), 91%, recognized", "torch (12 views), 0%"]
    assert rows.currentRow() == 2


def test_the_bars_show_the_mean_share_in_the_first_source_and_stay_without_new_frames(panel: TeachPanel) -> None:
    panel._shares_timer.stop()
    panel._taught.show_labels({"mug": 20}, forgotten="")
    frame = make_frame(np.zeros((48, 64, 3), np.uint8))

    for slot, share in ((0, 0.2), (0, 0.4), (1, 0.9)):
        panel._controller.results[slot] = frame, replace(make_result(frame), taught=(Label("mug", "", share),))
        panel._controller.recognized.emit(slot)

    rows = panel._taught.findChild(QListWidget)
    assert rows is not None
    for _ in range(2):
        panel._show_shares()
        assert rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "mug (20 views), 30%"


def test_frames_of_the_previous_source_do_not_count_in_the_bars(panel: TeachPanel) -> None:
    panel._shares_timer.stop()
    panel._taught.show_labels({"mug": 20}, forgotten="")
    frame = make_frame(np.zeros((48, 64, 3), np.uint8))

    def recognize(share: float) -> None:
        panel._controller.results[0] = frame, replace(make_result(frame), taught=(Label("mug", "", share),))
        panel._controller.recognized.emit(0)

    recognize(0.0)
    panel._controller.started.emit()
    recognize(1.0)
    panel._show_shares()

    rows = panel._taught.findChild(QListWidget)
    assert rows is not None
    assert rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "mug (20 views), 100%"


def test_many_refused_photos_are_counted(panel: TeachPanel) -> None:
    panel._show_refused([RefusedPhoto(Path(f"{number}.jpg"), "damaged") for number in range(9)])

    names = ", ".join(f"{number}.jpg" for number in range(6))
    assert f"Could not be read as an image: {names}, 3 more." in visible_text(panel)


def test_the_bar_of_an_object_is_as_long_as_its_share(qtbot: QtBot) -> None:
    taught = TaughtList()
    qtbot.addWidget(taught)
    taught.show_labels({"mug": 20, "cup": 9}, forgotten="")
    taught.show()
    rows = taught.findChild(QListWidget)
    assert rows is not None

    def filled_px() -> int:
        """Count the pixels of the bar's color in the second row, which is not selected."""
        rect = rows.visualItemRect(rows.item(1))
        image = rows.viewport().grab(rect).toImage()
        color = rows.palette().highlight().color().rgb()
        return sum(image.pixel(x, y) == color for x in range(image.width()) for y in range(image.height()))

    areas = []
    for share in (0.0, 0.25, 0.5, 1.0):
        taught.show_shares({"cup": share}, named="")
        areas.append(filled_px())
    taught.show_shares({}, named="")

    assert areas == sorted(set(areas))
    assert filled_px() == 0


def test_an_object_is_taught_from_photos_without_video_and_refused_photos_are_named(
    panel: TeachPanel, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(portraits["coffee"], tmp_path / "photos" / "cup.jpg")
    (tmp_path / "photos" / "torn.jpg").write_bytes(b"no image")
    qtbot.keyClicks(panel.name, "my cup")

    drop_on(panel, [tmp_path / "photos"])

    qtbot.waitUntil(lambda: "my cup is taught" in visible_text(panel))
    assert "Could not be read as an image: torn.jpg." in visible_text(panel)
    assert [line.partition(" (")[0] for line in list_rows(panel)] == ["my cup"]


def test_photos_dropped_without_a_name_ask_for_it(panel: TeachPanel, portraits: dict[str, Path]) -> None:
    drop_on(panel, [portraits["coffee"]])

    assert "Enter the name of the object first" in visible_text(panel)
    assert panel.phase is TeachingPhase.IDLE


def test_teaching_from_photos_can_be_canceled(
    panel: TeachPanel, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(60):
        shutil.copy(portraits["coffee"], tmp_path / "photos" / f"{number}.jpg")
    qtbot.keyClicks(panel.name, "my cup")
    panel.teach_photos([tmp_path / "photos"])
    qtbot.waitUntil(lambda: "Reading the photos of my cup" in visible_text(panel))

    button(panel, "Cancel").click()

    qtbot.waitUntil(lambda: panel.phase is TeachingPhase.IDLE and button(panel, "From photos…").isVisible())
    assert list_rows(panel) == []


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
        qtbot.waitUntil(lambda: spoken_rows(panel)[0].endswith("%, recognized"))

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
