"""Tests of enrollment with a camera, from the name to recognition: real session, real models, keyboard only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.enrollment.poses import Pose
from facecam.gallery.people import read_people
from facecam.ui.enrollment.layout import Scene
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.session_controller import SessionController
from tests.session.simulated_person import SimulatedPerson
from tests.ui.enrollment_fakes import running_controller

PATIENCE_MS = 120_000
"""Models on a busy machine may take a second per frame."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def sitter() -> SimulatedPerson:
    return SimulatedPerson()


@pytest.fixture
def controller(qapp: QApplication, sitter: SimulatedPerson, tmp_path: Path) -> Iterator[SessionController]:
    with running_controller(sitter, tmp_path) as controller:
        yield controller


@pytest.fixture
def page(qtbot: QtBot, controller: SessionController) -> EnrollmentPage:
    made = EnrollmentPage(controller)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: controller.gallery is not None, timeout=PATIENCE_MS)
    return made


def begin(qtbot: QtBot, page: EnrollmentPage, name: str) -> None:
    qtbot.keyClicks(page.parts.start.edit, name)
    qtbot.keyClick(page.parts.start.edit, Qt.Key.Key_Tab)
    press_keys(qtbot, page, Qt.Key.Key_Space, Qt.Key.Key_Return)


def press_keys(qtbot: QtBot, page: EnrollmentPage, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(page.focusWidget() or page, key)


def wait_for_scene(qtbot: QtBot, page: EnrollmentPage, *scenes: Scene) -> None:
    qtbot.waitUntil(lambda: page.scene in scenes, timeout=PATIENCE_MS)


def capture_center(qtbot: QtBot, page: EnrollmentPage) -> None:
    """Wait for the center pose and skip the other poses."""
    wait_for_scene(qtbot, page, Scene.COLLECTING)
    qtbot.waitUntil(page.parts.panel.buttons[0].isEnabled, timeout=PATIENCE_MS)
    while page.scene is Scene.COLLECTING:
        ring = page.parts.mirror.ring
        press_keys(qtbot, page, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda ring=ring: page.parts.mirror.ring is not ring or page.scene is not Scene.COLLECTING)  # type: ignore[misc]
    wait_for_scene(qtbot, page, Scene.REVIEW)


def test_a_person_who_follows_the_prompts_is_enrolled_by_keyboard_and_recognized(
    qtbot: QtBot, page: EnrollmentPage, controller: SessionController, sitter: SimulatedPerson, tmp_path: Path
) -> None:
    begin(qtbot, page, "Grace Hopper")
    wait_for_scene(qtbot, page, Scene.COLLECTING)
    for pose in Pose:
        sitter.pose = pose

        def done(pose: Pose = pose) -> bool:
            ring = page.parts.mirror.ring
            return page.scene is Scene.REVIEW or (ring is not None and pose in ring[0].done)

        qtbot.waitUntil(done, timeout=PATIENCE_MS)
    wait_for_scene(qtbot, page, Scene.REVIEW)
    assert all(card.box.isChecked() for card in page.parts.shots.cards.values())
    sitter.pose = Pose.CENTER

    press_keys(qtbot, page, Qt.Key.Key_Return)
    wait_for_scene(qtbot, page, Scene.DONE)
    assert page.parts.instruction.text() == "Grace Hopper is recognized."
    with qtbot.waitSignals([page.enrolled, page.finished]):
        press_keys(qtbot, page, Qt.Key.Key_Return)

    (person,) = read_people(tmp_path / "gallery").people
    assert (person.name, len(person.photos)) == ("Grace Hopper", 5)
    assert person.consent.startswith("This person agrees")
    named = lambda: [s.track_decision.decision.name for s in controller.results[0][1].sightings] == ["Grace Hopper"]  # noqa: E731
    qtbot.waitUntil(named, timeout=PATIENCE_MS)


def test_a_person_already_enrolled_raises_a_conflict_and_undo_removes_the_saved_photos(
    qtbot: QtBot, page: EnrollmentPage, tmp_path: Path
) -> None:
    for name in ("Ann", "Bess"):
        begin(qtbot, page, name)
        capture_center(qtbot, page)
        press_keys(qtbot, page, Qt.Key.Key_Return)
        wait_for_scene(qtbot, page, Scene.DONE, Scene.CONFLICT)
        if name == "Ann":
            press_keys(qtbot, page, Qt.Key.Key_Return)
    assert page.parts.panel.title.text() == "Is this the same person as Ann?"

    press_keys(qtbot, page, Qt.Key.Key_Tab, Qt.Key.Key_Return)
    wait_for_scene(qtbot, page, Scene.TESTING)
    assert {person.name for person in read_people(tmp_path / "gallery").people} == {"Ann", "Bess"}
    next(button for button in page.parts.panel.buttons if button.text() == "&Undo").click()
    wait_for_scene(qtbot, page, Scene.REVIEW)

    assert [person.name for person in read_people(tmp_path / "gallery").people] == ["Ann"]
