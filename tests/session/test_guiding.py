"""Guided enrollment while a session runs, with the real networks: a portrait sits before the camera and turns its head."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facecam.enrollment.guided import EnrollmentPhase, GuidedEnrollment
from facecam.enrollment.poses import Pose
from facecam.errors import GalleryError
from facecam.logbook.reader import read_log
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus, EnrollmentStep
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from tests.session.conftest import wait_for as wait_for_at_most
from tests.session.sitters import Sitter, film

PATIENCE_S = 120
"""Networks that share their machine with others may take a second for a frame."""


# Whoever shares a machine with others waits.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def sitter() -> Sitter:
    return Sitter()


@pytest.fixture
def session(sitter: Sitter, tmp_path: Path) -> Iterator[Session]:
    """Runs before a camera in which Grace Hopper sits; nobody is enrolled."""
    with sitter.session(tmp_path) as running:
        yield running


def wait_for(condition: Callable[[], bool]) -> None:
    wait_for_at_most(condition, PATIENCE_S)


def until(session: Session, condition: Callable[[EnrollmentStatus], bool]) -> EnrollmentStatus:
    """How far the enrollment is as soon as this holds."""
    wait_for(lambda: session.guided is not None and condition(session.guided))
    assert session.guided is not None
    return session.guided


def reached(session: Session, phase: EnrollmentPhase) -> EnrollmentStatus:
    return until(session, lambda guided: guided.progress.phase is phase)


def take(session: Session, step: Callable[[GuidedEnrollment], object]) -> None:
    session.change(EnrollmentStep(step))  # type: ignore[arg-type]


def collect_center(session: Session, name: str) -> EnrollmentStatus:
    """Begin, and have one pose: the others are skipped."""
    session.change(BeginEnrollment(name))
    until(session, lambda guided: guided.name == name and Pose.CENTER in guided.progress.done)
    return skip_rest(session)


def skip_rest(session: Session) -> EnrollmentStatus:
    for _ in range(5 - len(session.guided.progress.done)):  # type: ignore[union-attr]
        take(session, GuidedEnrollment.skip)
    return reached(session, EnrollmentPhase.CHOOSING)


def enrolled(session: Session, name: str) -> EnrollmentStatus:
    collect_center(session, name)
    take(session, GuidedEnrollment.save)
    return reached(session, EnrollmentPhase.DONE)


def people(session: Session) -> list[str]:
    assert session.gallery is not None
    return [person.name for person in session.gallery.people]


def said(session: Session, kind: str = "state") -> list[str]:
    session.stop()
    assert session.log is not None
    log = read_log(session.log.path)
    return [str(message) for message in log[log.event == kind].message]


def test_who_turns_the_head_as_told_is_enrolled_and_recognized_at_once(session: Session, sitter: Sitter) -> None:
    session.change(BeginEnrollment("Grace Hopper"))
    for pose in Pose:
        sitter.pose = pose
        until(session, lambda guided, pose=pose: pose in guided.progress.done)
    chosen = session.guided
    assert chosen is not None
    sitter.pose = Pose.CENTER

    take(session, lambda enrollment: enrollment.save("said yes"))
    assert people_after(session, EnrollmentPhase.TESTING) == ["Grace Hopper"]
    done = reached(session, EnrollmentPhase.DONE)

    assert [shot.verdict for shot in chosen.progress.shots] == ["ok"] * 5
    assert done.progress.report is not None
    assert done.progress.report.passed
    assert done.saved
    wait_for(lambda: named(session) == "Grace Hopper")
    assert session.gallery is not None
    assert [person.consent for person in session.gallery.people] == ["said yes"]
    messages = [message for message in said(session) if message.startswith(("enrollment", "gallery"))]
    assert messages == [
        "enrollment: Grace Hopper begins",
        "gallery: 1 people, 5 photos",
        "enrollment: Grace Hopper is saved, pictures: 5",
        "enrollment: Grace Hopper is recognized",
    ]


def people_after(session: Session, phase: EnrollmentPhase) -> list[str]:
    """Who is enrolled the moment that this phase shows, before the folder is looked at again."""
    until(session, lambda guided: guided.progress.phase in (phase, EnrollmentPhase.DONE))
    return people(session)


def named(session: Session) -> str | None:
    taken = session.results.take(1)
    sightings = taken[1][1].sightings if taken is not None else ()
    return next((sighting.track_decision.decision.name for sighting in sightings), None)


def test_others_are_recognized_and_logged_meanwhile(session: Session, sitter: Sitter) -> None:
    enrolled(session, "Grace Hopper")
    session.change(BeginEnrollment("Ann"))
    until(session, lambda guided: guided.name == "Ann")

    wait_for(lambda: named(session) == "Grace Hopper")

    session.stop()
    assert session.log is not None
    log = read_log(session.log.path)
    assert (log[log.event == "seen"].name == "Grace Hopper").any()


def test_a_step_out_of_turn_is_answered_with_a_sentence_and_nothing_ends(session: Session) -> None:
    take(session, GuidedEnrollment.save)
    session.change(BeginEnrollment("  "))
    session.change(BeginEnrollment("Ann"))
    until(session, lambda guided: guided.name == "Ann")
    take(session, GuidedEnrollment.save)
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)

    errors = [str(outcome.error) for outcome in session.take_outcomes()]
    assert ["nobody is being enrolled" in errors[0], "no name" in errors[1], "is collecting" in errors[2]] == [True] * 3
    assert session.guided is not None
    assert session.error is None


def test_what_was_saved_is_taken_back_at_once(session: Session) -> None:
    enrolled(session, "Grace Hopper")
    assert people(session) == ["Grace Hopper"]

    take(session, GuidedEnrollment.undo)
    guided = reached(session, EnrollmentPhase.CHOOSING)

    assert people(session) == []
    assert not guided.saved
    assert len(guided.progress.shots) == 1
    assert said(session)[-2:] == ["gallery: 0 people, 0 photos", "enrollment: Grace Hopper is taken back"]


def test_who_is_enrolled_already_is_asked_about_and_gains_the_pictures(session: Session, sitter: Sitter) -> None:
    enrolled(session, "Grace Hopper")
    session.change(BeginEnrollment("Bess"))
    until(session, lambda guided: guided.name == "Bess" and Pose.CENTER in guided.progress.done)
    sitter.pose = Pose.LEFT
    until(session, lambda guided: Pose.LEFT in guided.progress.done)
    skip_rest(session)
    sitter.pose = Pose.CENTER
    take(session, GuidedEnrollment.save)
    conflict = reached(session, EnrollmentPhase.CONFLICT)
    assert conflict.progress.rival is not None
    assert conflict.progress.rival.name == "Grace Hopper"

    take(session, GuidedEnrollment.same_person)
    done = reached(session, EnrollmentPhase.DONE)

    assert done.name == "Grace Hopper"
    assert people(session) == ["Grace Hopper"]


def test_who_says_that_it_is_somebody_else_is_enrolled_beside_them(session: Session) -> None:
    enrolled(session, "Grace Hopper")
    collect_center(session, "Bess")
    take(session, GuidedEnrollment.save)
    reached(session, EnrollmentPhase.CONFLICT)

    take(session, GuidedEnrollment.somebody_else)
    until(session, lambda guided: guided.saved)

    assert people(session) == ["Bess", "Grace Hopper"]


def test_after_the_end_nothing_more_is_embedded_and_the_log_says_that_nobody_was_enrolled(session: Session) -> None:
    session.change(BeginEnrollment("Ann"))
    until(session, lambda guided: guided.progress.checks[0].done)

    session.change(EndEnrollment())
    wait_for(lambda: session.guided is None)

    messages = [message for message in said(session) if message.startswith("enrollment")]
    assert messages == ["enrollment: Ann begins", "enrollment: Ann is not enrolled: canceled"]


def test_a_film_that_is_over_can_still_be_enrolled_from(sitter: Sitter, tmp_path: Path) -> None:
    with sitter.session(tmp_path, live=False, count=100, fps=5.0) as session:
        session.change(BeginEnrollment("Ann"))
        until(session, lambda guided: Pose.CENTER in guided.progress.done)
        wait_for(lambda: not any(feed.is_alive() for feed in session._feeds))
        time.sleep(0.3)
        assert not session.wait(0)

        for _ in range(4):
            take(session, GuidedEnrollment.skip)
        take(session, GuidedEnrollment.save)
        until(session, lambda guided: guided.saved)
        session.change(EndEnrollment())

        assert session.wait(PATIENCE_S)
    assert people(session) == ["Ann"]


def test_nobody_is_enrolled_while_only_objects_are_looked_at(session: Session) -> None:
    wait_for(lambda: session.status().ready)
    session.change(Mode.OBJECTS)
    session.change(BeginEnrollment("Ann"))

    wait_for(lambda: bool(outcomes := session.take_outcomes()) and "only objects" in str(outcomes[0].error))

    assert session.guided is None


def test_faces_are_waited_for_while_objects_are_looked_at_for_a_moment(session: Session) -> None:
    session.change(BeginEnrollment("Ann"))
    until(session, lambda guided: guided.progress.checks[0].done)
    session.change(Mode.OBJECTS)
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)
    assert session.guided is not None
    assert session.guided.ended == ""

    session.change(Mode.FACES)

    until(session, lambda guided: Pose.CENTER in guided.progress.done)


def test_another_network_ends_the_enrollment_with_a_sentence_and_the_session_goes_on(session: Session) -> None:
    session.change(BeginEnrollment("Ann"))
    until(session, lambda guided: guided.progress.checks[0].done)

    session.change(Settings().replace({"identify.mirrored": False}))
    guided = until(session, lambda guided: bool(guided.ended))

    assert "another network" in guided.ended
    take(session, GuidedEnrollment.skip)
    wait_for(lambda: any(isinstance(outcome.error, GalleryError) for outcome in session.take_outcomes()))
    session.change(BeginEnrollment("Ann"))
    until(session, lambda guided: not guided.ended and Pose.CENTER in guided.progress.done)
    assert any("enrollment: Ann was ended" in message for message in said(session, "error"))


def test_another_source_is_not_enrolled_from(sitter: Sitter, tmp_path: Path) -> None:
    with sitter.session(tmp_path) as session:
        session.change(BeginEnrollment("Ann", slot=1))
        until(session, lambda guided: guided.slot == 1)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + 5)

        assert session.guided is not None
        assert session.guided.progress.checks[0].sentence == "come before the camera"


def test_who_is_enrolled_from_one_clip_is_recognized_in_another(test_data: Path, tmp_path: Path) -> None:
    """People before a webcam, who look where they please: their clip is shown again and again until the center is done."""
    sitter = Sitter()
    sitter.film = film(test_data / "data" / "webcam" / "again.mkv")
    with sitter.session(tmp_path) as session:
        collect_center(session, "Ann")
        sitter.film = film(test_data / "data" / "webcam" / "help.mkv")
        take(session, GuidedEnrollment.save)
        done = reached(session, EnrollmentPhase.DONE)

        assert done.progress.report is not None
        assert done.progress.report.passed
        wait_for(lambda: named(session) == "Ann")
