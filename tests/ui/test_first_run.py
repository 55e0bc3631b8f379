"""Tests of the first steps: when they are due, how they lead from a camera to recognition, and how they are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from facecam.enrollment.guided import EnrollmentPhase, SelfCheckReport
from facecam.enrollment.poses import Pose
from facecam.errors import CameraMissingError, FacecamError
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus
from facecam.session.status import SourceState
from facecam.types import Box, DecisionStatus
from facecam.ui.consent import privacy_text
from facecam.ui.icons import StatusIcon, StatusIconView
from facecam.ui.onboarding import CAMERA, ENROLL, RECOGNIZED, FirstRunPage
from facecam.ui.preferences import are_first_steps_due, has_no_photos, mark_first_steps_done, open_store
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from tests.ui.cameras import ConnectedCameras
from tests.ui.enrollment_fakes import FakeSession, fake_controller, progress, shot
from tests.ui.fakes import make_frame, make_result, make_sighting
from tests.ui.leaks import count_objects, open_and_close


@pytest.fixture
def sessions() -> list[FakeSession]:
    return []


@pytest.fixture
def cameras(tmp_path: Path) -> ConnectedCameras:
    return ConnectedCameras(tmp_path)


@pytest.fixture
def controller(
    qapp: QApplication, tmp_path: Path, sessions: list[FakeSession], cameras: ConnectedCameras
) -> Iterator[SessionController]:
    made = fake_controller(tmp_path, sessions)
    made.camera_system = cameras.system
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(qtbot: QtBot, controller: SessionController) -> FirstRunPage:
    made = FirstRunPage(controller)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: made.cameras.has_cameras is not None)
    return made


def press_keys(qtbot: QtBot, page: FirstRunPage, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(page.focusWidget() or page, key)


def recognize(controller: SessionController, name: str) -> None:
    """Emit a result in which this person is recognized."""
    frame = make_frame()
    controller.frames[0] = frame
    controller.results[0] = frame, make_result(frame, make_sighting(Box(200, 100, 120, 150), DecisionStatus.KNOWN, name))
    controller.recognized.emit(0)


def enroll(qtbot: QtBot, page: FirstRunPage, session: FakeSession) -> None:
    """Enroll Ann and confirm the result."""
    assert page.enroll is not None
    page.enroll.parts.start.edit.setText("Ann")
    page.enroll.parts.start.consent.box.setChecked(True)
    press_keys(qtbot, page, Qt.Key.Key_Return)
    assert session.last_begin() == BeginEnrollment("Ann")
    report = SelfCheckReport(True, "ok", 3, 0.32, 0.1)
    session.enrollment = EnrollmentStatus(
        "Ann", 0, progress(EnrollmentPhase.DONE, shots=(shot(Pose.CENTER),), report=report), saved=True
    )
    qtbot.waitUntil(lambda: page.enroll is not None and page.enroll.parts.instruction.text() == "Ann is recognized.")
    press_keys(qtbot, page, Qt.Key.Key_Return)


def fail(session: FakeSession, error: FacecamError) -> None:
    """End a session with an error."""
    session.error, session.message, session.state, session.has_ended = error, str(error), SourceState.FAILED, True


def test_a_camera_chosen_from_the_list_opens_at_once(
    qtbot: QtBot, page: FirstRunPage, controller: SessionController, cameras: ConnectedCameras
) -> None:
    cameras.connect(0, "Webcam")
    cameras.connect(2, "Microscope")
    qtbot.waitUntil(lambda: page.cameras.sources() == ["0", "2", "fake", "demo"])
    assert page.cameras.currentItem().text() == "fake"
    assert page.cameras.item(0).text() == "Camera 0: Webcam"

    page.cameras.setFocus()
    qtbot.keyClick(page.cameras, Qt.Key.Key_Home)

    assert controller.request.sources == ("0",)


def test_without_a_camera_only_what_exists_is_offered_and_the_fact_is_stated_once(
    qtbot: QtBot, page: FirstRunPage, controller: SessionController, sessions: list[FakeSession]
) -> None:
    controller.open("0")
    qtbot.waitUntil(lambda: len(sessions) == 2)
    fail(sessions[-1], CameraMissingError("camera 0 does not exist, and this machine has no other; try: facecam demo"))

    qtbot.waitUntil(lambda: page.cameras.sources() == ["demo"])
    assert page.panel.title.text() == "No camera found"
    assert "does not exist" not in page.panel.text
    assert "facecam demo" not in page.panel.text
    assert "Open a file…" in [button.text().replace("&", "") for button in page.panel.buttons]


def test_without_a_camera_the_first_step_is_not_done_and_an_enrollment_says_why(
    qtbot: QtBot, page: FirstRunPage, controller: SessionController, sessions: list[FakeSession]
) -> None:
    error = CameraMissingError("camera 0 does not exist, and this machine has no other; try: facecam demo")
    controller.open("0")
    qtbot.waitUntil(lambda: len(sessions) == 2)
    fail(sessions[-1], error)
    qtbot.waitUntil(lambda: page.cameras.sources() == ["demo"])
    press_keys(qtbot, page, Qt.Key.Key_Return)
    assert page.enroll is not None
    icons = [view.status for view in page.bar.findChildren(StatusIconView)]
    assert icons == [StatusIcon.SKIPPED, StatusIcon.WAITING, StatusIcon.WAITING]

    page.enroll.parts.start.edit.setText("Ann")
    page.enroll.parts.start.consent.box.setChecked(True)
    press_keys(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(sessions) == 3)
    sessions[-1].enrollment = EnrollmentStatus("Ann", 0, progress(current_pose=Pose.CENTER))
    fail(sessions[-1], error)
    sessions[-1].has_ended = False  # A session does not end before its enrollment.

    panel = page.enroll.parts.panel
    qtbot.waitUntil(lambda: panel.title.text() == "No camera found")
    assert panel.text == "Connect a camera or open a video, or cancel and choose photos."


def test_the_list_takes_the_focus_without_opening_the_demo(
    qtbot: QtBot, page: FirstRunPage, controller: SessionController, sessions: list[FakeSession]
) -> None:
    controller.open("0")
    qtbot.waitUntil(lambda: len(sessions) == 2)
    fail(sessions[-1], CameraMissingError("camera 0 does not exist, and this machine has no other; try: facecam demo"))
    qtbot.waitUntil(lambda: page.cameras.sources() == ["demo"])

    page.panel.buttons[0].setFocus()
    page.cameras.setFocus()
    assert controller.request.sources == ("0",)
    qtbot.keyClick(page.cameras, Qt.Key.Key_Down)

    assert controller.request.sources == ("demo",)


def test_a_camera_appears_when_it_is_connected_and_disappears_when_it_is_removed(
    qtbot: QtBot, page: FirstRunPage, cameras: ConnectedCameras
) -> None:
    assert page.panel.title.text() == "No camera found"
    cameras.connect(0, "Webcam")
    qtbot.waitUntil(lambda: "0" in page.cameras.sources())
    assert page.panel.title.text() == "Which camera?"

    cameras.remove(0)

    qtbot.waitUntil(lambda: "0" not in page.cameras.sources())


def test_the_button_that_enter_presses_stays_framed(qtbot: QtBot, page: FirstRunPage) -> None:
    (main, other), list_of_cameras = page.panel.buttons, page.cameras
    for widget in (main, other, list_of_cameras):
        widget.setFocus()
    assert main.isDefault()

    other.setFocus()
    with qtbot.waitSignal(other.clicked):
        qtbot.keyClick(other, Qt.Key.Key_Return)
    assert page.step == CAMERA


def test_the_page_opens_at_its_top(qtbot: QtBot, controller: SessionController) -> None:
    page = FirstRunPage(controller)
    qtbot.addWidget(page)
    page.resize(1000, 260)
    page.show()
    page._show_camera()

    bar = page.panel.verticalScrollBar()
    assert (bar.value(), bar.maximum() > 0) == (0, True)


def test_the_page_shows_why_a_camera_failed(
    qtbot: QtBot, page: FirstRunPage, sessions: list[FakeSession], cameras: ConnectedCameras
) -> None:
    cameras.connect(0, "Webcam")
    sessions[-1].message = "camera 0 is used by another program"
    sessions[-1].state = SourceState.FAILED
    qtbot.waitUntil(lambda: "used by another program" in page.panel.text)


def test_enter_leads_from_the_camera_through_enrollment_to_recognition(
    qtbot: QtBot, page: FirstRunPage, controller: SessionController, sessions: list[FakeSession]
) -> None:
    press_keys(qtbot, page, Qt.Key.Key_Return)
    assert page.step == ENROLL
    assert privacy_text() in [label.text() for label in page.findChildren(QLabel)]
    enroll(qtbot, page, sessions[-1])
    assert page.step == RECOGNIZED
    assert page.panel.title.text() == "Look into the camera"
    recognize(controller, "Ben")
    assert page.panel.title.text() == "Look into the camera"
    recognize(controller, "Ann")
    assert page.panel.title.text() == "Hello, Ann"

    with qtbot.waitSignal(page.finished):
        press_keys(qtbot, page, Qt.Key.Key_Return)


def test_escape_goes_back_one_step_and_leaves_the_page(qtbot: QtBot, page: FirstRunPage, sessions: list[FakeSession]) -> None:
    press_keys(qtbot, page, Qt.Key.Key_Return)
    press_keys(qtbot, page, Qt.Key.Key_Escape)
    assert page.step == CAMERA

    with qtbot.waitSignal(page.finished):
        press_keys(qtbot, page, Qt.Key.Key_Escape)


@pytest.mark.parametrize("step", [CAMERA, ENROLL])
def test_every_step_can_be_skipped(qtbot: QtBot, page: FirstRunPage, sessions: list[FakeSession], step: int) -> None:
    if step == ENROLL:
        press_keys(qtbot, page, Qt.Key.Key_Return)

    with qtbot.waitSignal(page.finished):
        page._skip.click()


def test_closing_the_page_ends_a_running_enrollment(qtbot: QtBot, page: FirstRunPage, sessions: list[FakeSession]) -> None:
    press_keys(qtbot, page, Qt.Key.Key_Return)
    assert page.enroll is not None
    page.enroll.parts.start.edit.setText("Ann")
    page.enroll.parts.start.consent.box.setChecked(True)
    press_keys(qtbot, page, Qt.Key.Key_Return)

    page.close()

    assert isinstance(sessions[-1].commands[-1], EndEnrollment)
    assert page.enroll is None


def test_the_demo_repeats_while_the_page_is_visible(
    qtbot: QtBot, page: FirstRunPage, controller: SessionController, sessions: list[FakeSession]
) -> None:
    controller.open("demo")
    qtbot.waitUntil(lambda: len(sessions) == 2)

    sessions[1].has_ended = True

    qtbot.waitUntil(lambda: len(sessions) == 3)


def lived(folder: Path, *sources: str) -> SessionController:
    return SessionController(lambda request: None, SessionRequest(sources, None), paths=AppPaths(folder))  # type: ignore[arg-type, return-value]


def test_the_first_steps_are_due_once_with_a_camera_and_an_empty_gallery(qapp: QApplication, tmp_path: Path) -> None:
    assert are_first_steps_due(lived(tmp_path / "gallery", "0"), open_store())
    assert not are_first_steps_due(lived(tmp_path / "gallery", "demo"), open_store())
    assert not are_first_steps_due(lived(tmp_path / "gallery", "http://camera.example/"), open_store())

    mark_first_steps_done()

    assert not are_first_steps_due(lived(tmp_path / "gallery", "0"), open_store())


def test_the_first_steps_are_not_due_when_a_person_is_enrolled(qapp: QApplication, gallery: Path) -> None:
    assert not are_first_steps_due(lived(gallery, "0"), open_store())


def test_folders_without_photos_do_not_count_as_people(tmp_path: Path) -> None:
    (tmp_path / "gallery" / ".cache").mkdir(parents=True)
    (tmp_path / "gallery" / "Ann").mkdir()
    (tmp_path / "gallery" / "README.md").touch()

    assert has_no_photos(tmp_path / "gallery")
    assert has_no_photos(tmp_path / "elsewhere")


def test_the_first_steps_are_not_due_after_the_page_was_closed(qtbot: QtBot, page: FirstRunPage, tmp_path: Path) -> None:
    page.close()

    assert not are_first_steps_due(lived(tmp_path / "gallery", "0"), open_store())


def test_pages_opened_and_closed_leak_no_objects(qtbot: QtBot, controller: SessionController) -> None:
    def make() -> FirstRunPage:
        made = FirstRunPage(controller)
        made._show_enroll()
        return made

    open_and_close(qtbot, make, 5)
    before = count_objects()
    open_and_close(qtbot, make, 10)

    after = count_objects()
    assert after[0] - before[0] <= 2
    assert after[1] - before[1] <= 5
