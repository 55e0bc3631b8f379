"""What the enrollment's page shows in each phase, what its buttons and keys ask the session for, and where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.enrollment.enroll import SimilarPerson
from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, SelfCheckReport
from facecam.enrollment.poses import Check, Pose, PoseHint
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import read_people
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus, EnrollmentStep
from facecam.session.status import SourceState
from facecam.settings import Mode
from facecam.ui.enrollment.layout import Scene
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.enrollment.start import consent_record, consent_words
from facecam.ui.icons import StatusSign
from facecam.ui.session_controller import SessionController
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.seat import SaidSession, progress, said_live, shot

PASSED = SelfCheckReport(True, "ok", 3, 0.32, 0.11, 0.61, "Ben")
FAILED = SelfCheckReport(False, "margin", 1, 0.32, 0.31, 0.33, "Ben")


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
def session(live: SessionController, sessions: list[SaidSession]) -> SaidSession:
    return sessions[0]


@pytest.fixture
def page(qtbot: QtBot, live: SessionController) -> EnrollmentPage:
    made = EnrollmentPage(live)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def begun(qtbot: QtBot, page: EnrollmentPage, session: SaidSession) -> EnrollmentPage:
    """Ann's enrollment was asked for."""
    page.parts.start.edit.setText("Ann")
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press()
    return page


def tell(qtbot: QtBot, page: EnrollmentPage, session: SaidSession, now: EnrollmentProgress, **facts: object) -> None:
    """The session's enrollment is so far, and the page has noticed."""
    session.guided = EnrollmentStatus(**{"name": "Ann", "slot": 0, "progress": now, **facts})  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: page._camera.guide.now is session.guided)


def words_of(page: EnrollmentPage) -> list[str]:
    return [button.text().replace("&", "") for button in page.parts.panel.buttons()]


def press(page: EnrollmentPage, words: str) -> None:
    page.parts.panel.buttons()[words_of(page).index(words)].click()


def key(qtbot: QtBot, page: EnrollmentPage, *keys: Qt.Key) -> None:
    for one in keys:
        qtbot.keyClick(page.focusWidget() or page, one)


def test_nobody_is_enrolled_without_name_and_consent(qtbot: QtBot, page: EnrollmentPage, session: SaidSession) -> None:
    main = page.parts.panel.buttons()[0]
    assert not main.isEnabled()
    page.parts.start.edit.setText("Ann")
    assert not main.isEnabled()
    key(qtbot, page, Qt.Key.Key_Return)
    assert session.begun() is None

    page.parts.start.consent.box.setChecked(True)

    assert main.isEnabled()


def test_the_keyboard_alone_begins_it(qtbot: QtBot, page: EnrollmentPage, session: SaidSession) -> None:
    qtbot.keyClicks(page.parts.start.edit, "Ann  Lovelace ")
    page.parts.start.consent.box.setFocus()
    key(qtbot, page, Qt.Key.Key_Space, Qt.Key.Key_Return)

    assert session.begun() == BeginEnrollment("Ann Lovelace")
    assert page.scene is Scene.WAITING


def test_a_click_on_the_sentence_gives_consent(qtbot: QtBot, page: EnrollmentPage) -> None:
    qtbot.mouseClick(page.parts.start.consent._label, Qt.MouseButton.LeftButton)

    assert page.parts.start.consent.given


def test_who_is_enrolled_already_is_completed_gains_pictures_and_is_not_asked_again(
    qtbot: QtBot, page: EnrollmentPage, live: SessionController, session: SaidSession, gallery: Path
) -> None:
    session.gallery = Gallery(gallery, "id", people=read_people(gallery).people)
    qtbot.waitUntil(lambda: live.gallery is not None)

    qtbot.keyClicks(page.parts.start.edit, "coll")
    completer = page.parts.start.edit.completer()
    assert completer.currentCompletion() == "Eileen Collins"
    page.parts.start.edit.setText("eileen collins")

    assert page.parts.start.known.text() == "Eileen Collins is enrolled already and gains pictures."
    assert page.parts.start.consent.isHidden()
    page.parts.panel.press()
    assert session.begun() == BeginEnrollment("Eileen Collins")


def test_enter_in_the_list_of_names_only_takes_the_name(
    qtbot: QtBot, page: EnrollmentPage, live: SessionController, session: SaidSession, gallery: Path
) -> None:
    session.gallery = Gallery(gallery, "id", people=read_people(gallery).people)
    qtbot.waitUntil(lambda: live.gallery is not None)
    qtbot.keyClicks(page.parts.start.edit, "coll")
    popup = page.parts.start.edit.completer().popup()
    qtbot.waitUntil(popup.isVisible)

    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)

    assert page.parts.start.name == "Eileen Collins"
    assert session.begun() is None
    key(qtbot, page, Qt.Key.Key_Return)
    assert session.begun() == BeginEnrollment("Eileen Collins")


def test_objects_give_way_to_faces(page: EnrollmentPage, live: SessionController, session: SaidSession) -> None:
    live.change(Mode.OBJECTS)
    page.parts.start.edit.setText("Ann")
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press()

    assert session.asked == [Mode.OBJECTS, Mode.FACES, BeginEnrollment("Ann")]


def test_while_poses_are_collected_the_page_says_what_to_do(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    now = progress(hint=PoseHint.TURN_LEFT, asked=Pose.LEFT, done=(Pose.CENTER,), shares={Pose.CENTER: 1.0, Pose.LEFT: 0.3})
    tell(qtbot, begun, session, now)

    assert begun.scene is Scene.SITTING
    assert begun.parts.advice == "Turn your head slowly to your left."
    assert begun.parts.panel.text == "Pose 2 of 5: To the left"
    ring = begun.parts.mirror.ring
    assert ring is not None
    assert (ring.arrow, ring.asked, ring.done, ring.shares[Pose.LEFT]) == (Pose.LEFT, Pose.LEFT, (Pose.CENTER,), 0.3)
    signs = begun.parts.checks.signs()
    assert [signs[check] for check in Check] == [StatusSign.DONE] * 4 + [StatusSign.WRONG]
    assert begun.parts.panel.bar.value() == 50


def test_a_hint_of_one_frame_asks_nothing_of_anybody(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, progress(hint="too_small", asked=Pose.CENTER))
    tell(qtbot, begun, session, progress(hint="blurry", asked=Pose.CENTER))
    assert begun.parts.advice == "Come nearer."

    qtbot.wait(800)
    tell(qtbot, begun, session, progress(hint="blurry", asked=Pose.CENTER))

    assert begun.parts.advice == "Hold still."


def test_only_turned_poses_can_be_skipped(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, progress(asked=Pose.CENTER))
    key(qtbot, begun, Qt.Key.Key_Return)
    assert session.steps() == []

    tell(qtbot, begun, session, progress(asked=Pose.UP))
    key(qtbot, begun, Qt.Key.Key_Return)

    assert session.steps() == ["skip"]


def test_escape_leads_back_to_the_name_and_ends_it(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, progress(asked=Pose.CENTER))
    key(qtbot, begun, Qt.Key.Key_Escape)

    assert begun.scene is Scene.START
    assert isinstance(session.asked[-1], EndEnrollment)
    assert begun.parts.start.name == "Ann"
    with qtbot.waitSignal(begun.finished):
        key(qtbot, begun, Qt.Key.Key_Escape)


def choosing(**facts: object) -> EnrollmentProgress:
    shots = shot(), shot(Pose.LEFT, "too_alike"), shot(Pose.UP, "left_out")
    return progress(EnrollmentPhase.CHOOSING, **{"shots": shots, "skipped": (Pose.DOWN,), **facts})


def test_pictures_can_be_left_out_taken_again_and_saved_by_keys(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession
) -> None:
    tell(qtbot, begun, session, choosing())
    cards = begun.parts.crops.cards
    assert list(begun.parts.crops.kept()) == [Pose.CENTER]
    assert cards[Pose.LEFT].reason == "Too like another picture: it would add nothing"
    assert not cards[Pose.LEFT].box.isEnabled()
    assert (cards[Pose.DOWN].reason, cards[Pose.DOWN].retake.text()) == ("Skipped", "Take")
    assert begun.parts.panel.text.startswith("Pictures that will be kept: 1 of 3.")

    for part, pressed in ((cards[Pose.CENTER].box, Qt.Key.Key_Space), (cards[Pose.UP].box, Qt.Key.Key_Space)):
        part.setFocus()
        key(qtbot, begun, pressed)
    cards[Pose.DOWN].retake.setFocus()
    key(qtbot, begun, Qt.Key.Key_Space)
    cards[Pose.CENTER].box.setFocus()
    key(qtbot, begun, Qt.Key.Key_Return)

    assert session.steps() == ["leave_out center", "keep up", "retake down", f"save {consent_record(date.today())}"]  # noqa: DTZ011


def test_without_a_picture_nothing_can_be_saved(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, choosing(shots=(shot(verdict="left_out"),)))

    assert not begun.parts.panel.buttons()[0].isEnabled()


def test_pictures_are_not_thrown_away_without_a_question(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, choosing())
    key(qtbot, begun, Qt.Key.Key_Escape)
    assert begun.scene is Scene.LEAVING
    key(qtbot, begun, Qt.Key.Key_Escape)
    assert begun.scene is Scene.CHOOSING

    key(qtbot, begun, Qt.Key.Key_Escape)
    press(begun, "Throw them away")

    assert begun.scene is Scene.START
    assert isinstance(session.asked[-1], EndEnrollment)


@pytest.mark.parametrize(
    ("words", "step"),
    [("Yes, the same person", "same_person"), ("No, somebody else", "somebody_else"), ("Back to the pictures", "keep center")],
)
def test_a_conflict_is_a_question_with_both_pictures_and_the_distance(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession, words: str, step: str
) -> None:
    tell(qtbot, begun, session, progress(EnrollmentPhase.CONFLICT, shots=(shot(),), rival=SimilarPerson("Ben", 0.17)))
    assert begun.parts.panel.title.text() == "Is this the same person as Ben?"
    assert begun.parts.conflict.captions() == ("The new picture", "Ben, enrolled")
    assert "0.17" in begun.parts.conflict.distance.text()

    press(begun, words)

    assert session.steps() == [step]


def test_the_test_is_passed_and_enter_is_done(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, progress(EnrollmentPhase.TESTING, shots=(shot(),)), saved=True)
    assert begun.parts.advice == "Look into the camera once more."
    tell(qtbot, begun, session, progress(EnrollmentPhase.DONE, shots=(shot(),), report=PASSED), saved=True)
    assert begun.parts.advice == "Ann is recognized."
    assert begun.parts.panel.text == "Distance to the pictures: 0.11. A name is given up to 0.32. Next is Ben, at 0.61."

    with qtbot.waitSignals([begun.enrolled, begun.finished]):
        key(qtbot, begun, Qt.Key.Key_Return)

    assert isinstance(session.asked[-1], EndEnrollment)
    assert begun.scene is Scene.START
    assert begun.parts.start.name == ""


@pytest.mark.parametrize(("words", "step"), [("Test again", "test_again"), ("Retake pictures", "keep center"), ("Undo", "undo")])
def test_a_failed_test_says_why_and_offers_what_may_help(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession, words: str, step: str
) -> None:
    tell(qtbot, begun, session, progress(EnrollmentPhase.DONE, shots=(shot(),), report=FAILED), saved=True)
    assert begun.parts.advice == "Ann is not recognized for sure: Ben looks almost the same."
    assert begun.parts.panel.text.startswith("The pictures are saved all the same")

    press(begun, words)

    assert session.steps() == [step]


def test_after_undo_the_pictures_can_be_chosen_again(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, progress(EnrollmentPhase.DONE, shots=(shot(),), report=PASSED), saved=True)
    with qtbot.waitSignal(begun.said) as said:
        tell(qtbot, begun, session, choosing())

    assert said.args == ["Taken back: these pictures of Ann are not in the gallery any more."]
    assert begun.scene is Scene.CHOOSING


def test_what_was_saved_stays_when_pictures_are_taken_again_and_that_is_canceled(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession
) -> None:
    tell(qtbot, begun, session, progress(asked=Pose.LEFT, shots=(shot(),)), saved=True)

    with qtbot.waitSignal(begun.enrolled) as enrolled:
        key(qtbot, begun, Qt.Key.Key_Escape)

    assert enrolled.args == ["Ann"]


def test_nothing_worth_keeping_is_told_and_leads_back(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(
        qtbot, begun, session, progress(EnrollmentPhase.REFUSED, shots=(shot(verdict="already_enrolled"),), reason="nothing_kept")
    )
    assert begun.parts.panel.title.text() == "Nothing was saved"

    key(qtbot, begun, Qt.Key.Key_Return)

    assert session.steps() == ["keep center"]


def test_a_step_that_is_refused_is_told_and_the_scene_stays(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, choosing())

    with qtbot.waitSignal(begun.said) as said:
        session.refuse(EnrollmentStep(lambda enrollment: enrollment.save()), "The disk is full")

    assert said.args == ["The disk is full"]
    assert begun.scene is Scene.CHOOSING


def test_a_name_that_is_refused_leads_back_with_the_sentence(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    session.refuse(BeginEnrollment("Ann"), "This is no name")
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "This is no name"


def test_an_enrollment_that_cannot_go_on_leads_back_with_the_sentence(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession
) -> None:
    session.guided = EnrollmentStatus("Ann", 0, progress(), ended="Another network compares faces now")
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "Another network compares faces now"
    assert session.guided is None


def test_another_camera_ends_it_with_a_sentence(
    qtbot: QtBot, begun: EnrollmentPage, live: SessionController, session: SaidSession
) -> None:
    tell(qtbot, begun, session, progress(asked=Pose.CENTER))

    live.open("another")
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "The picture comes from elsewhere now: begin again."


def test_a_film_that_ends_early_is_enough_or_is_played_again(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession, sessions: list[SaidSession]
) -> None:
    tell(qtbot, begun, session, progress(asked=Pose.LEFT, done=(Pose.CENTER,)))
    session.state = SourceState.IDLE
    qtbot.waitUntil(lambda: begun.scene is Scene.OVER)
    assert words_of(begun) == ["Go on with what was seen", "Begin again", "Cancel"]

    press(begun, "Begin again")
    qtbot.waitUntil(lambda: len(sessions) == 2 and sessions[1].begun() is not None)

    assert sessions[1].begun() == BeginEnrollment("Ann")
    assert begun.scene is Scene.WAITING


def test_a_film_that_is_over_is_played_again_when_somebody_is_to_be_enrolled(
    qtbot: QtBot, page: EnrollmentPage, session: SaidSession, sessions: list[SaidSession]
) -> None:
    session.over = True
    page.parts.start.edit.setText("Ann")
    page.parts.start.consent.box.setChecked(True)

    page.parts.panel.press()
    qtbot.waitUntil(lambda: len(sessions) == 2)

    assert sessions[1].begun() == BeginEnrollment("Ann")


def test_a_session_that_fails_is_not_begun_again_and_again(
    qtbot: QtBot, begun: EnrollmentPage, session: SaidSession, sessions: list[SaidSession]
) -> None:
    session.error = FacecamError("a network is damaged")
    session.over = True
    qtbot.waitUntil(lambda: begun.scene is Scene.START)

    assert begun.parts.panel.text == "a network is damaged"
    assert len(sessions) == 1


def test_a_held_picture_is_told(qtbot: QtBot, begun: EnrollmentPage, live: SessionController, session: SaidSession) -> None:
    live._paused = True
    tell(qtbot, begun, session, progress(asked=Pose.CENTER))

    assert begun.parts.advice == "The picture is held. Let it go on first."


def test_the_page_that_is_closed_ends_what_it_began(qtbot: QtBot, begun: EnrollmentPage, session: SaidSession) -> None:
    tell(qtbot, begun, session, progress(asked=Pose.CENTER))

    begun.close()

    assert isinstance(session.asked[-1], EndEnrollment)


def test_who_is_asked_about_is_said_in_one_plain_sentence() -> None:
    assert consent_words().count(".") == 1
    assert consent_record(date(2026, 11, 22)).endswith("(2026-11-22)")


def test_fifty_pages_leave_nothing_behind(qtbot: QtBot, live: SessionController) -> None:
    open_and_close(qtbot, lambda: EnrollmentPage(live), 5)
    before = count_objects()
    open_and_close(qtbot, lambda: EnrollmentPage(live), 50)

    after = count_objects()
    assert after[0] - before[0] <= 2
    assert after[1] - before[1] <= 5
