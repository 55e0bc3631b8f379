"""Guided enrollment in a running session with the real networks, on a portrait that turns its head."""

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
from tests.session.simulated_person import SimulatedPerson, video_images

PATIENCE_S = 120
"""On a busy machine the networks may take a second per frame."""


# Busy machines need longer than the default timeout.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def person() -> SimulatedPerson:
    return SimulatedPerson()


@pytest.fixture
def session(person: SimulatedPerson, tmp_path: Path) -> Iterator[Session]:
    """Session in front of whose camera Grace Hopper is; the gallery is empty."""
    with person.session(tmp_path) as running:
        yield running


def wait_for(condition: Callable[[], bool]) -> None:
    wait_for_at_most(condition, PATIENCE_S)


def until(session: Session, condition: Callable[[EnrollmentStatus], bool]) -> EnrollmentStatus:
    """Wait until the condition holds for the enrollment's status, and return the status."""
    wait_for(lambda: session.enrollment is not None and condition(session.enrollment))
    assert session.enrollment is not None
    return session.enrollment


def reached(session: Session, phase: EnrollmentPhase) -> EnrollmentStatus:
    return until(session, lambda status: status.progress.phase is phase)


def take(session: Session, step: Callable[[GuidedEnrollment], object]) -> None:
    session.apply(EnrollmentStep(step))  # type: ignore[arg-type]


def collect_center(session: Session, name: str) -> EnrollmentStatus:
    """Begin, capture the center pose and skip the others."""
    session.apply(BeginEnrollment(name))
    until(session, lambda status: status.name == name and Pose.CENTER in status.progress.done)
    return skip_rest(session)


def skip_rest(session: Session) -> EnrollmentStatus:
    for _ in range(5 - len(session.enrollment.progress.done)):  # type: ignore[union-attr]
        take(session, GuidedEnrollment.skip)
    return reached(session, EnrollmentPhase.CHOOSING)


def enrolled(session: Session, name: str) -> EnrollmentStatus:
    collect_center(session, name)
    take(session, GuidedEnrollment.save)
    return reached(session, EnrollmentPhase.DONE)


def people(session: Session) -> list[str]:
    assert session.gallery is not None
    return [person.name for person in session.gallery.people]


def messages_of(session: Session, kind: str = "state") -> list[str]:
    session.stop()
    assert session.log is not None
    log = read_log(session.log.path)
    return [str(message) for message in log[log.event == kind].message]


def enrollment_events(session: Session) -> list[tuple[str, str]]:
    """Return code and person of the logged events of enrollments."""
    session.stop()
    assert session.log is not None
    log = read_log(session.log.path)
    rows = log[log.event_code.str.startswith("enrollment").fillna(value=False)]
    return list(zip(rows.event_code, rows.event_person, strict=True))


def test_following_the_pose_prompts_enrolls_a_person_who_is_recognized_at_once(session: Session, person: SimulatedPerson) -> None:
    session.apply(BeginEnrollment("Grace Hopper"))
    for pose in Pose:
        person.pose = pose
        until(session, lambda status, pose=pose: pose in status.progress.done)
    chosen = session.enrollment
    assert chosen is not None
    person.pose = Pose.CENTER

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
    messages = [message for message in messages_of(session) if message.startswith(("enrollment", "gallery"))]
    assert messages == [
        "enrollment: Grace Hopper begins",
        "gallery: 1 people, 5 photos",
        "enrollment: Grace Hopper is saved, pictures: 5",
        "enrollment: Grace Hopper is recognized",
    ]
    codes = ["enrollment_begun", "enrollment_saved", "enrollment_recognized"]
    assert enrollment_events(session) == [(code, "Grace Hopper") for code in codes]


def people_after(session: Session, phase: EnrollmentPhase) -> list[str]:
    """Return the enrolled names as soon as the phase is reached, before the folder is polled again."""
    until(session, lambda status: status.progress.phase in (phase, EnrollmentPhase.DONE))
    return people(session)


def named(session: Session) -> str | None:
    taken = session.results.take(1)
    sightings = taken[1][1].sightings if taken is not None else ()
    return next((sighting.track_decision.decision.name for sighting in sightings), None)


def test_other_people_are_recognized_and_logged_during_an_enrollment(session: Session, person: SimulatedPerson) -> None:
    enrolled(session, "Grace Hopper")
    session.apply(BeginEnrollment("Ann"))
    until(session, lambda status: status.name == "Ann")

    wait_for(lambda: named(session) == "Grace Hopper")

    session.stop()
    assert session.log is not None
    log = read_log(session.log.path)
    assert (log[log.event == "seen"].name == "Grace Hopper").any()


def test_a_step_out_of_order_is_refused_and_the_enrollment_continues(session: Session) -> None:
    take(session, GuidedEnrollment.save)
    session.apply(BeginEnrollment("  "))
    session.apply(BeginEnrollment("Ann"))
    until(session, lambda status: status.name == "Ann")
    take(session, GuidedEnrollment.save)
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)

    errors = [str(outcome.error) for outcome in session.take_command_results()]
    expected = ["no enrollment is running", "cannot be used as a name", "is collecting"]
    assert all(text in error for text, error in zip(expected, errors, strict=True)), errors
    assert session.enrollment is not None
    assert session.error is None


def test_undo_removes_the_saved_photos_at_once(session: Session) -> None:
    enrolled(session, "Grace Hopper")
    assert people(session) == ["Grace Hopper"]

    take(session, GuidedEnrollment.undo)
    status = reached(session, EnrollmentPhase.CHOOSING)

    assert people(session) == []
    assert not status.saved
    assert len(status.progress.shots) == 1
    assert messages_of(session)[-2:] == ["gallery: 0 people, 0 photos", "enrollment: Grace Hopper is undone"]


def test_an_enrolled_person_is_a_conflict_and_can_receive_the_new_photos(session: Session, person: SimulatedPerson) -> None:
    enrolled(session, "Grace Hopper")
    session.apply(BeginEnrollment("Bess"))
    until(session, lambda status: status.name == "Bess" and Pose.CENTER in status.progress.done)
    person.pose = Pose.LEFT
    until(session, lambda status: Pose.LEFT in status.progress.done)
    skip_rest(session)
    person.pose = Pose.CENTER
    take(session, GuidedEnrollment.save)
    conflict = reached(session, EnrollmentPhase.CONFLICT)
    assert conflict.progress.similar_person is not None
    assert conflict.progress.similar_person.name == "Grace Hopper"

    take(session, GuidedEnrollment.same_person)
    done = reached(session, EnrollmentPhase.DONE)

    assert done.name == "Grace Hopper"
    assert people(session) == ["Grace Hopper"]


def test_a_conflict_can_be_answered_with_somebody_else(session: Session) -> None:
    enrolled(session, "Grace Hopper")
    collect_center(session, "Bess")
    take(session, GuidedEnrollment.save)
    reached(session, EnrollmentPhase.CONFLICT)

    take(session, GuidedEnrollment.different_person)
    until(session, lambda status: status.saved)

    assert people(session) == ["Bess", "Grace Hopper"]


def test_ending_an_enrollment_is_logged_as_canceled(session: Session) -> None:
    session.apply(BeginEnrollment("Ann"))
    until(session, lambda status: status.progress.checks[0].done)

    session.apply(EndEnrollment())
    wait_for(lambda: session.enrollment is None)

    assert enrollment_events(session) == [("enrollment_begun", "Ann"), ("enrollment_ended", "Ann")]
    assert messages_of(session)[-1] == "enrollment: Ann is not enrolled: canceled"


def test_an_enrollment_from_a_video_continues_after_its_end(person: SimulatedPerson, tmp_path: Path) -> None:
    video = person.session(tmp_path, every_frame=True, live=False, count=30)
    video.apply(BeginEnrollment("Ann"))
    with video as session:
        until(session, lambda status: Pose.CENTER in status.progress.done)
        wait_for(lambda: not any(worker.is_alive() for worker in session._capture_workers))
        time.sleep(0.3)
        assert not session.wait(0)

        for _ in range(4):
            take(session, GuidedEnrollment.skip)
        take(session, GuidedEnrollment.save)
        until(session, lambda status: status.saved)
        session.apply(EndEnrollment())

        assert session.wait(PATIENCE_S)
    assert people(session) == ["Ann"]


def test_enrollment_is_refused_in_objects_mode(session: Session) -> None:
    wait_for(lambda: session.status().ready)
    session.apply(Mode.OBJECTS)
    session.apply(BeginEnrollment("Ann"))

    wait_for(lambda: bool(outcomes := session.take_command_results()) and "switch to faces" in str(outcomes[0].error))

    assert session.enrollment is None


def test_an_enrollment_waits_while_the_mode_is_objects(session: Session) -> None:
    session.apply(BeginEnrollment("Ann"))
    until(session, lambda status: status.progress.checks[0].done)
    session.apply(Mode.OBJECTS)
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 3)
    assert session.enrollment is not None
    assert session.enrollment.failure == ""

    session.apply(Mode.FACES)

    until(session, lambda status: Pose.CENTER in status.progress.done)


def test_changing_the_network_ends_the_enrollment_but_not_the_session(session: Session) -> None:
    session.apply(BeginEnrollment("Ann"))
    until(session, lambda status: status.progress.checks[0].done)

    session.apply(Settings().replace({"identify.mirrored": False}))
    status = until(session, lambda status: bool(status.failure))

    assert "another network" in status.failure
    take(session, GuidedEnrollment.skip)
    wait_for(lambda: any(isinstance(outcome.error, GalleryError) for outcome in session.take_command_results()))
    session.apply(BeginEnrollment("Ann"))
    until(session, lambda status: not status.failure and Pose.CENTER in status.progress.done)
    assert any("enrollment: Ann was ended" in message for message in messages_of(session, "error"))
    assert ("enrollment_ended", "Ann") in enrollment_events(session)


def test_only_the_selected_source_is_used_for_enrollment(person: SimulatedPerson, tmp_path: Path) -> None:
    with person.session(tmp_path) as session:
        session.apply(BeginEnrollment("Ann", slot=1))
        until(session, lambda status: status.slot == 1)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + 5)

        assert session.enrollment is not None
        assert session.enrollment.progress.hint == "no_face"


def test_a_person_enrolled_from_one_clip_is_recognized_in_another(test_data: Path, tmp_path: Path) -> None:
    """The clips show people who do not follow prompts; the first one repeats until the center pose is captured."""
    person = SimulatedPerson()
    person.video = video_images(test_data / "data" / "webcam" / "again.mkv")
    with person.session(tmp_path) as session:
        collect_center(session, "Ann")
        person.video = video_images(test_data / "data" / "webcam" / "help.mkv")
        take(session, GuidedEnrollment.save)
        done = reached(session, EnrollmentPhase.DONE)

        assert done.progress.report is not None
        assert done.progress.report.passed
        wait_for(lambda: named(session) == "Ann")
