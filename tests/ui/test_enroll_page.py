"""Tests of the enrollment page: the scene of each phase, and the session commands behind buttons and keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.enrollment.enroll import SimilarPerson
from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, SelfCheckReport
from facecam.enrollment.poses import Pose, PoseHint
from facecam.enrollment.samples import MixedSamples, NewSample
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import read_people
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus, EnrollmentStep
from facecam.session.status import SourceState
from facecam.settings import Mode
from facecam.types import Box, Face, FaceObservation
from facecam.ui.consent import consent_record, consent_text
from facecam.ui.enrollment import camera
from facecam.ui.enrollment.layout import Scene
from facecam.ui.enrollment.mirror_view import MirrorView
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.icons import StatusIcon
from facecam.ui.session_controller import SessionController
from tests.ui.enrollment_fakes import FakeSession, fake_controller, progress, shot
from tests.ui.fakes import make_frame, show_result
from tests.ui.leaks import count_objects, open_and_close

PASSED = SelfCheckReport(True, "ok", 3, 0.32, 0.11, 0.61, "Ben")
FAILED = SelfCheckReport(False, "margin", 1, 0.32, 0.31, 0.33, "Ben")


@pytest.fixture
def sessions() -> list[FakeSession]:
    return []


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path, sessions: list[FakeSession]) -> Iterator[SessionController]:
    made = fake_controller(tmp_path, sessions)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def session(controller: SessionController, sessions: list[FakeSession]) -> FakeSession:
    return sessions[0]


@pytest.fixture
def page(qtbot: QtBot, controller: SessionController) -> EnrollmentPage:
    made = EnrollmentPage(controller)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def begun(qtbot: QtBot, page: EnrollmentPage, session: FakeSession) -> EnrollmentPage:
    """The page after the enrollment of Ann was requested."""
    page.parts.start.edit.setText("Ann")
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press_main_button()
    return page


def set_progress(
    qtbot: QtBot, page: EnrollmentPage, session: FakeSession, progress: EnrollmentProgress, **fields: object
) -> None:
    """Set the progress of the session's enrollment and wait until the page has it."""
    session.enrollment = EnrollmentStatus(**{"name": "Ann", "slot": 0, "progress": progress, **fields})  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: page._camera_scenes.enrollment.status is session.enrollment)


def button_texts(page: EnrollmentPage) -> list[str]:
    return [button.text().replace("&", "") for button in page.parts.panel.buttons]


def press(page: EnrollmentPage, text: str) -> None:
    page.parts.panel.buttons[button_texts(page).index(text)].click()


def press_keys(qtbot: QtBot, page: EnrollmentPage, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(page.focusWidget() or page, key)


def test_an_enrollment_needs_a_name_and_consent(qtbot: QtBot, page: EnrollmentPage, session: FakeSession) -> None:
    main = page.parts.panel.buttons[0]
    assert not main.isEnabled()
    page.parts.start.edit.setText("Ann")
    assert not main.isEnabled()
    press_keys(qtbot, page, Qt.Key.Key_Return)
    assert session.last_begin() is None

    page.parts.start.consent.box.setChecked(True)

    assert main.isEnabled()


def test_the_disabled_begin_button_says_what_is_missing_and_enter_leads_there(qtbot: QtBot, page: EnrollmentPage) -> None:
    begin, start = page.parts.panel.buttons[0], page.parts.start
    assert (begin.isEnabled(), begin.toolTip()) == (False, "Enter a name.")
    start.edit.setText("Ann")
    assert (begin.isEnabled(), begin.toolTip()) == (False, "Check the box if this person agrees.")
    assert begin.accessibleDescription() == begin.toolTip()

    qtbot.keyClick(start.edit, Qt.Key.Key_Return)
    assert page.focusWidget() is start.consent.box
    qtbot.keyClick(start.consent.box, Qt.Key.Key_Space)
    assert (begin.isEnabled(), begin.toolTip()) == (True, "")


def test_an_enrollment_begins_by_keyboard_alone(qtbot: QtBot, page: EnrollmentPage, session: FakeSession) -> None:
    qtbot.keyClicks(page.parts.start.edit, "Ann  Lovelace ")
    page.parts.start.consent.box.setFocus()
    press_keys(qtbot, page, Qt.Key.Key_Space, Qt.Key.Key_Return)

    assert session.last_begin() == BeginEnrollment("Ann Lovelace")
    assert page.scene is Scene.WAITING


def test_a_click_on_the_consent_text_checks_the_box(qtbot: QtBot, page: EnrollmentPage) -> None:
    qtbot.mouseClick(page.parts.start.consent._label, Qt.MouseButton.LeftButton)

    assert page.parts.start.consent.box.isChecked()


def test_an_enrolled_name_is_completed_and_needs_no_new_consent(
    qtbot: QtBot, page: EnrollmentPage, controller: SessionController, session: FakeSession, gallery: Path
) -> None:
    session.gallery = Gallery(gallery, "id", people=read_people(gallery).people)
    qtbot.waitUntil(lambda: controller.gallery is not None)

    qtbot.keyClicks(page.parts.start.edit, "coll")
    completer = page.parts.start.edit.completer()
    assert completer.currentCompletion() == "Eileen Collins"
    page.parts.start.edit.setText("eileen collins")

    assert page.parts.start.known.text() == "Eileen Collins is already enrolled. The new photos are added."
    assert page.parts.start.consent.isHidden()
    page.parts.panel.press_main_button()
    assert session.last_begin() == BeginEnrollment("Eileen Collins")


def test_enter_in_the_list_of_names_only_selects_the_name(
    qtbot: QtBot, page: EnrollmentPage, controller: SessionController, session: FakeSession, gallery: Path
) -> None:
    session.gallery = Gallery(gallery, "id", people=read_people(gallery).people)
    qtbot.waitUntil(lambda: controller.gallery is not None)
    qtbot.keyClicks(page.parts.start.edit, "coll")
    popup = page.parts.start.edit.completer().popup()
    qtbot.waitUntil(popup.isVisible)

    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)

    assert page.parts.start.name == "Eileen Collins"
    assert session.last_begin() is None
    press_keys(qtbot, page, Qt.Key.Key_Return)
    assert session.last_begin() == BeginEnrollment("Eileen Collins")


def test_an_enrollment_switches_from_objects_to_faces(
    page: EnrollmentPage, controller: SessionController, session: FakeSession
) -> None:
    controller.change(Mode.OBJECTS)
    page.parts.start.edit.setText("Ann")
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press_main_button()

    assert session.commands == [Mode.OBJECTS, Mode.FACES, BeginEnrollment("Ann")]


def test_the_page_shows_the_instruction_while_poses_are_collected(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession
) -> None:
    now = progress(
        hint=PoseHint.TURN_LEFT, current_pose=Pose.LEFT, done=(Pose.CENTER,), pose_fractions={Pose.CENTER: 1.0, Pose.LEFT: 0.3}
    )
    set_progress(qtbot, begun, session, now)

    assert begun.scene is Scene.COLLECTING
    assert begun.parts.instruction.text() == "Turn your head slowly to your left."
    assert begun.parts.panel.text == "Pose 2 of 5: To the left"
    assert begun.parts.mirror.ring == (now, Pose.LEFT)
    icons = [icon.status for icon, _ in begun.parts.checklist.rows.values()]
    assert icons == [StatusIcon.DONE] * 4 + [StatusIcon.WRONG]
    assert begun.parts.panel.bar.value() == 50


def test_a_hint_stays_when_another_one_lasts_a_single_frame(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr(camera, "time", SimpleNamespace(monotonic=lambda: now_s))
    set_progress(qtbot, begun, session, progress(hint="too_small", current_pose=Pose.CENTER))
    set_progress(qtbot, begun, session, progress(hint="blurry", current_pose=Pose.CENTER))
    assert begun.parts.instruction.text() == "Too small: move closer to the camera."

    now_s += 0.8
    set_progress(qtbot, begun, session, progress(hint="blurry", current_pose=Pose.CENTER))

    assert begun.parts.instruction.text() == "Blurred: hold still or clean the camera."


def test_only_turned_poses_can_be_skipped(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, progress(current_pose=Pose.CENTER))
    press_keys(qtbot, begun, Qt.Key.Key_Return)
    assert session.steps() == []

    set_progress(qtbot, begun, session, progress(current_pose=Pose.UP))
    press_keys(qtbot, begun, Qt.Key.Key_Return)

    assert session.steps() == ["skip"]


def test_escape_ends_the_enrollment_and_returns_to_the_name(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, progress(current_pose=Pose.CENTER))
    press_keys(qtbot, begun, Qt.Key.Key_Escape)

    assert begun.scene is Scene.START
    assert isinstance(session.commands[-1], EndEnrollment)
    assert begun.parts.start.name == "Ann"
    with qtbot.waitSignal(begun.finished):
        press_keys(qtbot, begun, Qt.Key.Key_Escape)


def choosing(**fields: object) -> EnrollmentProgress:
    shots = shot(), shot(Pose.LEFT, "too_alike"), shot(Pose.UP, "left_out")
    return progress(EnrollmentPhase.CHOOSING, **{"shots": shots, "skipped": (Pose.DOWN,), **fields})


def test_photos_are_excluded_retaken_and_saved_by_keyboard(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, choosing())
    cards = begun.parts.shots.cards
    assert [pose for pose, card in cards.items() if card.box.isChecked()] == [Pose.CENTER]
    assert cards[Pose.LEFT].reason.text() == "Too similar to another photo"
    assert not cards[Pose.LEFT].box.isEnabled()
    assert (cards[Pose.DOWN].reason.text(), cards[Pose.DOWN].retake.text()) == ("Skipped", "Take")
    assert begun.parts.panel.text.startswith("Photos to keep: 1 of 3.")

    for part, pressed in ((cards[Pose.CENTER].box, Qt.Key.Key_Space), (cards[Pose.UP].box, Qt.Key.Key_Space)):
        part.setFocus()
        press_keys(qtbot, begun, pressed)
    cards[Pose.DOWN].retake.setFocus()
    press_keys(qtbot, begun, Qt.Key.Key_Space)
    cards[Pose.CENTER].box.setFocus()
    press_keys(qtbot, begun, Qt.Key.Key_Return)

    assert session.steps() == ["exclude center", "include up", "retake down", f"save {consent_record(date.today())}"]  # noqa: DTZ011


def test_enter_presses_the_button_that_has_the_focus(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, choosing())
    begun.parts.shots.cards[Pose.DOWN].retake.setFocus()
    press_keys(qtbot, begun, Qt.Key.Key_Return)
    assert session.steps() == ["retake down"]

    begun.parts.panel.buttons[1].setFocus()
    press_keys(qtbot, begun, Qt.Key.Key_Return)

    assert begun.scene is Scene.CONFIRM_DISCARD


def test_saving_needs_at_least_one_photo(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, choosing(shots=(shot(verdict="left_out"),)))

    assert not begun.parts.panel.buttons[0].isEnabled()


def test_unsaved_photos_are_discarded_only_after_a_question(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, choosing())
    press_keys(qtbot, begun, Qt.Key.Key_Escape)
    assert begun.scene is Scene.CONFIRM_DISCARD
    press_keys(qtbot, begun, Qt.Key.Key_Escape)
    assert begun.scene is Scene.REVIEW

    press_keys(qtbot, begun, Qt.Key.Key_Escape)
    press(begun, "Discard")

    assert begun.scene is Scene.START
    assert isinstance(session.commands[-1], EndEnrollment)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Yes, the same person", "same_person"),
        ("No, a different person", "different_person"),
        ("Back to the photos", "include center"),
    ],
)
def test_a_conflict_shows_both_photos_and_the_distance(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession, text: str, step: str
) -> None:
    set_progress(
        qtbot, begun, session, progress(EnrollmentPhase.CONFLICT, shots=(shot(),), similar_person=SimilarPerson("Ben", 0.17))
    )
    assert begun.parts.panel.title.text() == "Is this the same person as Ben?"
    assert [caption.text() for caption in begun.parts.conflict.captions] == ["New photo", "Ben, enrolled"]
    assert "0.17" in begun.parts.conflict.distance.text()

    press(begun, text)

    assert session.steps() == [step]


@pytest.mark.parametrize(
    ("text", "step"), [("Yes, one person: use all photos", "enroll_anyway"), ("Back to the photos", "include center")]
)
def test_images_of_somebody_else_than_the_enrolled_person_are_a_question(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession, text: str, step: str
) -> None:
    image = shot()
    face = NewSample(
        image.jpeg, FaceObservation(Face(Box(0, 0, 9, 9), 1, np.zeros((5, 2), np.float32)), image.quality, None, None)
    )
    mixed = MixedSamples(((), (face, face)), enrolled=4, distance_l2=1.38, max_l2=1.24)
    set_progress(qtbot, begun, session, progress(EnrollmentPhase.MIXED, shots=(image,), mixed=mixed))
    assert begun.parts.panel.title.text() == "Do all photos show Ann?"
    assert [caption.text() for caption in begun.parts.conflict.captions] == ["Ann, enrolled", "New photos: 2"]
    assert "1.38" in begun.parts.conflict.distance.text()

    press(begun, text)

    assert session.steps() == [step]


def test_enter_finishes_after_a_passed_self_test(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, progress(EnrollmentPhase.TESTING, shots=(shot(),)), saved=True)
    assert begun.parts.instruction.text() == "Look into the camera once more."
    set_progress(qtbot, begun, session, progress(EnrollmentPhase.DONE, shots=(shot(),), report=PASSED), saved=True)
    assert begun.parts.instruction.text() == "Ann is recognized."
    assert begun.parts.panel.text == "Distance to the photos: 0.11. Match threshold: 0.32. Next closest: Ben at 0.61."

    with qtbot.waitSignals([begun.enrolled, begun.finished]):
        press_keys(qtbot, begun, Qt.Key.Key_Return)

    assert isinstance(session.commands[-1], EndEnrollment)
    assert begun.scene is Scene.START
    assert begun.parts.start.name == ""


@pytest.mark.parametrize(("text", "step"), [("Test again", "repeat_test"), ("Retake photos", "include center"), ("Undo", "undo")])
def test_a_failed_self_test_shows_the_reason_and_what_to_do(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession, text: str, step: str
) -> None:
    set_progress(qtbot, begun, session, progress(EnrollmentPhase.DONE, shots=(shot(),), report=FAILED), saved=True)
    assert begun.parts.instruction.text() == "Ann is not recognized yet. Almost equally similar to two people."
    assert begun.parts.panel.text.startswith("The photos are saved. More varied photos may help.")

    press(begun, text)

    assert session.steps() == [step]


def test_undo_returns_to_the_review_of_photos(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, progress(EnrollmentPhase.DONE, shots=(shot(),), report=PASSED), saved=True)
    with qtbot.waitSignal(begun.message_posted) as message:
        set_progress(qtbot, begun, session, choosing())

    assert message.args == ["Undone: these photos of Ann were removed from the gallery."]
    assert begun.scene is Scene.REVIEW


def test_canceling_a_retake_keeps_the_saved_photos(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, progress(current_pose=Pose.LEFT, shots=(shot(),)), saved=True)

    with qtbot.waitSignal(begun.enrolled) as enrolled:
        press_keys(qtbot, begun, Qt.Key.Key_Escape)

    assert enrolled.args == ["Ann"]


def test_the_page_says_when_no_photo_was_worth_saving(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(
        qtbot, begun, session, progress(EnrollmentPhase.REFUSED, shots=(shot(verdict="already_enrolled"),), reason="nothing_kept")
    )
    assert begun.parts.panel.title.text() == "Nothing was saved"

    press_keys(qtbot, begun, Qt.Key.Key_Return)

    assert session.steps() == ["include center"]


def test_a_failed_step_posts_a_message_and_keeps_the_scene(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, choosing())

    with qtbot.waitSignal(begun.message_posted) as message:
        session.refuse(EnrollmentStep(lambda enrollment: enrollment.save()), "The disk is full")

    assert message.args == ["The disk is full."]
    assert begun.scene is Scene.REVIEW


def test_a_rejected_name_returns_to_the_form_with_the_reason(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    session.refuse(BeginEnrollment("Ann"), "This is no name")
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "This is no name."


def test_an_enrollment_that_cannot_continue_returns_to_the_form_with_the_reason(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession
) -> None:
    session.enrollment = EnrollmentStatus("Ann", 0, progress(), failure="Another network compares faces now")
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "Another network compares faces now."
    assert session.enrollment is None


def test_another_camera_ends_the_enrollment_with_a_message(
    qtbot: QtBot, begun: EnrollmentPage, controller: SessionController, session: FakeSession
) -> None:
    set_progress(qtbot, begun, session, progress(current_pose=Pose.CENTER))

    controller.open("another")
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "The video source changed. Start over."


def test_a_video_that_ends_early_can_be_used_or_restarted(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession, sessions: list[FakeSession]
) -> None:
    set_progress(qtbot, begun, session, progress(current_pose=Pose.LEFT, done=(Pose.CENTER,)))
    session.state = SourceState.IDLE
    qtbot.waitUntil(lambda: begun.scene is Scene.ENDED)
    assert button_texts(begun) == ["Continue with the poses captured", "Start over", "Cancel"]

    press(begun, "Start over")
    qtbot.waitUntil(lambda: len(sessions) == 2 and sessions[1].last_begin() is not None)

    assert sessions[1].last_begin() == BeginEnrollment("Ann")
    assert begun.scene is Scene.WAITING


def test_an_enrollment_restarts_a_video_that_has_ended(
    qtbot: QtBot, page: EnrollmentPage, session: FakeSession, sessions: list[FakeSession]
) -> None:
    session.has_ended = True
    page.parts.start.edit.setText("Ann")
    page.parts.start.consent.box.setChecked(True)

    page.parts.panel.press_main_button()
    qtbot.waitUntil(lambda: len(sessions) == 2)

    assert sessions[1].last_begin() == BeginEnrollment("Ann")


def test_a_failed_session_is_not_restarted(
    qtbot: QtBot, begun: EnrollmentPage, session: FakeSession, sessions: list[FakeSession]
) -> None:
    session.error = FacecamError("a network is damaged")
    session.has_ended = True
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "A network is damaged."
    assert len(sessions) == 1


def test_the_page_says_that_the_video_is_paused(
    qtbot: QtBot, begun: EnrollmentPage, controller: SessionController, session: FakeSession
) -> None:
    controller._is_paused = True
    set_progress(qtbot, begun, session, progress(current_pose=Pose.CENTER))

    assert begun.parts.instruction.text() == "The video is paused. Resume it first."


def test_the_mirror_shows_the_chosen_source_from_the_start(qtbot: QtBot, controller: SessionController) -> None:
    for slot in range(2):
        show_result(controller, make_frame(index=slot), slot=slot)
    mirror = MirrorView(controller)
    qtbot.addWidget(mirror)
    assert [(slot, tile.frame) for slot, tile in mirror.tiles()] == [(0, controller.frames[0])]

    mirror.show_source(1)

    assert [(slot, tile.frame) for slot, tile in mirror.tiles()] == [(1, controller.frames[1])]


def test_closing_the_page_ends_the_enrollment(qtbot: QtBot, begun: EnrollmentPage, session: FakeSession) -> None:
    set_progress(qtbot, begun, session, progress(current_pose=Pose.CENTER))

    begun.close()

    assert isinstance(session.commands[-1], EndEnrollment)


def test_the_consent_is_one_sentence_and_its_record_is_dated() -> None:
    assert consent_text().count(".") == 1
    assert consent_record(date(2026, 11, 22)).endswith("(2026-11-22)")


def test_pages_opened_and_closed_leak_no_objects(qtbot: QtBot, controller: SessionController) -> None:
    open_and_close(qtbot, lambda: EnrollmentPage(controller), 5)
    before = count_objects()
    open_and_close(qtbot, lambda: EnrollmentPage(controller), 10)

    after = count_objects()
    assert after[0] - before[0] <= 2
    assert after[1] - before[1] <= 5
