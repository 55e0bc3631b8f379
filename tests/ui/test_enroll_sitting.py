"""Enrolling before a camera, from the name to being recognized: a real session, the real networks, and keys alone."""

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
from tests.session.sitters import Sitter
from tests.ui.seat import sitting

PATIENCE_MS = 120_000
"""Networks that share their machine with others may take a second for a frame."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def sitter() -> Sitter:
    return Sitter()


@pytest.fixture
def live(qapp: QApplication, sitter: Sitter, tmp_path: Path) -> Iterator[SessionController]:
    with sitting(sitter, tmp_path) as live:
        yield live


@pytest.fixture
def page(qtbot: QtBot, live: SessionController) -> EnrollmentPage:
    made = EnrollmentPage(live)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: live.gallery is not None, timeout=PATIENCE_MS)
    return made


def begin(qtbot: QtBot, page: EnrollmentPage, name: str) -> None:
    qtbot.keyClicks(page.parts.start.edit, name)
    qtbot.keyClick(page.parts.start.edit, Qt.Key.Key_Tab)
    key(qtbot, page, Qt.Key.Key_Space, Qt.Key.Key_Return)


def key(qtbot: QtBot, page: EnrollmentPage, *keys: Qt.Key) -> None:
    for one in keys:
        qtbot.keyClick(page.focusWidget() or page, one)


def until(qtbot: QtBot, page: EnrollmentPage, *scenes: Scene) -> None:
    qtbot.waitUntil(lambda: page.scene in scenes, timeout=PATIENCE_MS)


def have_center(qtbot: QtBot, page: EnrollmentPage) -> None:
    """Look straight ahead until that is done, then skip what is asked for."""
    until(qtbot, page, Scene.SITTING)
    qtbot.waitUntil(page.parts.panel.buttons()[0].isEnabled, timeout=PATIENCE_MS)
    while page.scene is Scene.SITTING:
        key(qtbot, page, Qt.Key.Key_Return)
        qtbot.wait(300)
    until(qtbot, page, Scene.CHOOSING)


def test_whoever_turns_the_head_as_told_is_enrolled_by_keys_alone_and_named(
    qtbot: QtBot, page: EnrollmentPage, live: SessionController, sitter: Sitter, tmp_path: Path
) -> None:
    begin(qtbot, page, "Grace Hopper")
    until(qtbot, page, Scene.SITTING)
    arrows = set()
    for pose in Pose:
        sitter.pose = pose

        def done(pose: Pose = pose) -> bool:
            ring = page.parts.mirror.ring
            arrows.add(ring.arrow if ring is not None else None)
            return page.scene is Scene.CHOOSING or (ring is not None and pose in ring.done)

        qtbot.waitUntil(done, timeout=PATIENCE_MS)
    until(qtbot, page, Scene.CHOOSING)
    assert set(page.parts.crops.kept()) == set(Pose)
    sitter.pose = Pose.CENTER

    key(qtbot, page, Qt.Key.Key_Return)
    until(qtbot, page, Scene.DONE)
    assert page.parts.advice == "Grace Hopper is recognized."
    with qtbot.waitSignals([page.enrolled, page.finished]):
        key(qtbot, page, Qt.Key.Key_Return)

    (person,) = read_people(tmp_path / "gallery").people
    assert (person.name, len(person.photos)) == ("Grace Hopper", 5)
    assert person.consent.startswith("This person agrees")
    named = lambda: [s.track_decision.decision.name for s in live.results[0][1].sightings] == ["Grace Hopper"]  # noqa: E731
    qtbot.waitUntil(named, timeout=PATIENCE_MS)


def test_who_is_enrolled_already_is_asked_about_and_what_was_saved_is_taken_back(
    qtbot: QtBot, page: EnrollmentPage, tmp_path: Path
) -> None:
    for name in ("Ann", "Bess"):
        begin(qtbot, page, name)
        have_center(qtbot, page)
        key(qtbot, page, Qt.Key.Key_Return)
        until(qtbot, page, Scene.DONE, Scene.CONFLICT)
        if name == "Ann":
            key(qtbot, page, Qt.Key.Key_Return)
    assert page.parts.panel.title.text() == "Is this the same person as Ann?"

    key(qtbot, page, Qt.Key.Key_Tab, Qt.Key.Key_Return)
    until(qtbot, page, Scene.DONE, Scene.TESTING)
    qtbot.waitUntil(lambda: {one.name for one in read_people(tmp_path / "gallery").people} == {"Ann", "Bess"})
    until(qtbot, page, Scene.DONE)
    next(button for button in page.parts.panel.buttons() if button.text() == "&Undo").click()
    until(qtbot, page, Scene.CHOOSING)

    assert [one.name for one in read_people(tmp_path / "gallery").people] == ["Ann"]
