"""The first steps: when they are shown, that they lead from a camera to being recognized, and that each can be skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from facecam.enrollment.guided import EnrollmentPhase, SelfCheckReport
from facecam.enrollment.poses import Pose
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus
from facecam.session.status import SourceState
from facecam.types import Box, DecisionStatus
from facecam.ui.enrollment.start import privacy_words
from facecam.ui.onboarding import CAMERA, SEEN, YOU, FirstRunPage
from facecam.ui.preferences import due, nobody_in, open_store, remember
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from tests.ui.faked import frame_of, result_of, sighting
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.seat import SaidSession, progress, said_live, shot


@pytest.fixture
def sessions() -> list[SaidSession]:
    return []


@pytest.fixture
def live(qapp: QApplication, tmp_path: Path, sessions: list[SaidSession]) -> Iterator[SessionController]:
    made = said_live(tmp_path, sessions)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(qtbot: QtBot, live: SessionController) -> FirstRunPage:
    made = FirstRunPage(live)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: not made.cameras._jobs.busy, timeout=30_000)
    return made


def key(qtbot: QtBot, page: FirstRunPage, *keys: Qt.Key) -> None:
    for one in keys:
        qtbot.keyClick(page.focusWidget() or page, one)


def see(live: SessionController, name: str) -> None:
    """This person is recognized in the picture."""
    frame = frame_of()
    live.frames[0] = frame
    live.results[0] = frame, result_of(frame, sighting(Box(200, 100, 120, 150), DecisionStatus.KNOWN, name))
    live.recognized.emit(0)


def enroll(qtbot: QtBot, page: FirstRunPage, session: SaidSession) -> None:
    """Ann is enrolled and says so."""
    assert page.enroll is not None
    page.enroll.parts.start.edit.setText("Ann")
    page.enroll.parts.start.consent.box.setChecked(True)
    key(qtbot, page, Qt.Key.Key_Return)
    assert session.begun() == BeginEnrollment("Ann")
    report = SelfCheckReport(True, "ok", 3, 0.32, 0.1)
    session.guided = EnrollmentStatus(
        "Ann", 0, progress(EnrollmentPhase.DONE, shots=(shot(Pose.CENTER),), report=report), saved=True
    )
    qtbot.waitUntil(lambda: page.enroll is not None and page.enroll.parts.advice == "Ann is recognized.")
    key(qtbot, page, Qt.Key.Key_Return)


def test_a_camera_is_chosen_from_a_list_and_seen_at_once(qtbot: QtBot, page: FirstRunPage, live: SessionController) -> None:
    page.cameras._show({0: "Webcam", 2: ""})
    assert page.cameras.sources() == ["0", "2", "fake", "demo"]
    assert page.cameras.currentItem().text() == "fake"

    page.cameras.setFocus()
    qtbot.keyClick(page.cameras, Qt.Key.Key_Home)

    assert live.wish.sources == ("0",)


def test_without_a_camera_the_demo_is_offered(qtbot: QtBot, page: FirstRunPage, live: SessionController) -> None:
    page.cameras._show({})

    assert page.panel.text.startswith("No camera was found on this computer.")
    assert page.cameras.sources()[-1] == "demo"


def test_a_camera_that_fails_says_why(
    qtbot: QtBot, page: FirstRunPage, live: SessionController, sessions: list[SaidSession]
) -> None:
    sessions[-1].message = "camera 0 is used by another program"
    sessions[-1].state = SourceState.FAILED
    qtbot.waitUntil(lambda: "used by another program" in page.panel.text)


def test_enter_leads_from_the_camera_over_the_enrollment_to_being_recognized(
    qtbot: QtBot, page: FirstRunPage, live: SessionController, sessions: list[SaidSession]
) -> None:
    key(qtbot, page, Qt.Key.Key_Return)
    assert page.step == YOU
    assert privacy_words() in [label.text() for label in page.findChildren(QLabel)]
    enroll(qtbot, page, sessions[-1])
    assert page.step == SEEN
    assert page.panel.title.text() == "Look into the camera"
    see(live, "Ben")
    assert page.panel.title.text() == "Look into the camera"
    see(live, "Ann")
    assert page.panel.title.text() == "There you are, Ann"

    with qtbot.waitSignal(page.finished):
        key(qtbot, page, Qt.Key.Key_Return)


def test_escape_goes_a_step_back_and_out(qtbot: QtBot, page: FirstRunPage, sessions: list[SaidSession]) -> None:
    key(qtbot, page, Qt.Key.Key_Return)
    key(qtbot, page, Qt.Key.Key_Escape)
    assert page.step == CAMERA

    with qtbot.waitSignal(page.finished):
        key(qtbot, page, Qt.Key.Key_Escape)


@pytest.mark.parametrize("step", [CAMERA, YOU])
def test_every_step_can_be_skipped(qtbot: QtBot, page: FirstRunPage, sessions: list[SaidSession], step: int) -> None:
    if step == YOU:
        key(qtbot, page, Qt.Key.Key_Return)

    with qtbot.waitSignal(page.finished):
        page._skip.click()


def test_a_page_that_is_closed_in_the_middle_ends_what_it_began(
    qtbot: QtBot, page: FirstRunPage, sessions: list[SaidSession]
) -> None:
    key(qtbot, page, Qt.Key.Key_Return)
    assert page.enroll is not None
    page.enroll.parts.start.edit.setText("Ann")
    page.enroll.parts.start.consent.box.setChecked(True)
    key(qtbot, page, Qt.Key.Key_Return)

    page.close()

    assert isinstance(sessions[-1].asked[-1], EndEnrollment)
    assert page.enroll is None


def test_the_demo_goes_on_while_somebody_looks(
    qtbot: QtBot, page: FirstRunPage, live: SessionController, sessions: list[SaidSession]
) -> None:
    live.open("demo")
    qtbot.waitUntil(lambda: len(sessions) == 2)

    sessions[1].over = True

    qtbot.waitUntil(lambda: len(sessions) == 3)


def lived(folder: Path, *sources: str) -> SessionController:
    return SessionController(lambda wish: None, SessionRequest(sources, None), places=AppPaths(folder))  # type: ignore[arg-type, return-value]


def test_they_are_due_once_to_somebody_with_a_camera_and_an_empty_gallery(qapp: QApplication, tmp_path: Path) -> None:
    assert due(lived(tmp_path / "gallery", "0"), open_store())
    assert not due(lived(tmp_path / "gallery", "demo"), open_store())
    assert not due(lived(tmp_path / "gallery", "http://camera.example/"), open_store())

    remember()

    assert not due(lived(tmp_path / "gallery", "0"), open_store())


def test_they_are_not_due_where_somebody_is_enrolled(qapp: QApplication, gallery: Path) -> None:
    assert not due(lived(gallery, "0"), open_store())


def test_folders_without_photos_are_nobody(tmp_path: Path) -> None:
    (tmp_path / "gallery" / ".cache").mkdir(parents=True)
    (tmp_path / "gallery" / "Ann").mkdir()
    (tmp_path / "gallery" / "README.md").touch()

    assert nobody_in(tmp_path / "gallery")
    assert nobody_in(tmp_path / "elsewhere")


def test_closing_the_page_is_remembered(qtbot: QtBot, page: FirstRunPage, tmp_path: Path) -> None:
    page.close()

    assert not due(lived(tmp_path / "gallery", "0"), open_store())


def test_thirty_pages_leave_nothing_behind(qtbot: QtBot, live: SessionController) -> None:
    def make() -> FirstRunPage:
        made = FirstRunPage(live)
        made._show_you()
        return made

    open_and_close(qtbot, make, 5)
    before = count_objects()
    open_and_close(qtbot, make, 30)

    after = count_objects()
    assert after[0] - before[0] <= 2
    assert after[1] - before[1] <= 5
