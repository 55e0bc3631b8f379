"""Controllers for enrollment tests: on a fake session, or on a real one with a simulated person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.enrollment.pose_capture import Shot
from facecam.enrollment.poses import Pose, checklist
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentCommand, EnrollmentStatus, EnrollmentStep
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.status import CommandResult, SessionStatus, SourceState
from facecam.settings import Settings
from facecam.types import Event, Frame, Quality, Result
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from tests.session.simulated_person import GRACE, SimulatedPerson, posed_portrait


class FakeSession:
    """Records commands; its enrollment status is set by the test."""

    def __init__(self) -> None:
        self.preview: LatestValueQueue[Frame] = LatestValueQueue()
        self.results: LatestValueQueue[tuple[Frame, Result]] = LatestValueQueue()
        self.gallery: Gallery | None = None
        self.settings = Settings()
        self.log = self.group_matcher = None
        self.error: FacecamError | None = None
        self.enrollment: EnrollmentStatus | None = None
        self.commands: list[object] = []
        self.state, self.message = SourceState.RUNNING, ""
        self.has_ended = False
        self.command_results: list[CommandResult] = []

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> bool:
        self.has_ended = True
        return True

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - Session's signature
        return self.has_ended

    def status(self) -> SessionStatus:
        return SessionStatus(self.state, self.message, (), True)

    def take_command_results(self) -> list[CommandResult]:
        results, self.command_results = self.command_results, []
        return results

    def loop(self, on: bool) -> None:
        """Do nothing: there is no file."""

    def apply(self, to: object) -> None:
        self.commands.append(to)
        if isinstance(to, EndEnrollment):
            self.enrollment = None

    def refuse(self, command: EnrollmentCommand, message: str) -> None:
        """Report that a command failed."""
        self.command_results.append(CommandResult(command, Event("error", message), FacecamError(message)))

    def last_begin(self) -> BeginEnrollment | None:
        """Return the last command that begins an enrollment."""
        return next((command for command in reversed(self.commands) if isinstance(command, BeginEnrollment)), None)

    def steps(self) -> list[str]:
        """Return the requested enrollment steps as method names with poses."""
        return [_name(step) for step in self.commands if isinstance(step, EnrollmentStep)]


def _name(step: EnrollmentStep) -> str:
    name = getattr(step.action, "__name__", "")
    if getattr(GuidedEnrollment, name, None) is step.action:
        return name
    recorder = _Recorder()
    step.action(recorder)  # type: ignore[arg-type]
    return recorder.called


class _Recorder:
    """Enrollment stand-in that records the first method called."""

    called = ""

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> None:
            self.called = self.called or " ".join([name, *map(str, arguments)])

        return call


def fake_controller(folder: Path, sessions: list[FakeSession]) -> SessionController:
    """Return a controller that creates fake sessions and appends them to the list."""

    def create_session(request: SessionRequest) -> FakeSession:
        sessions.append(FakeSession())
        return sessions[-1]

    return SessionController(create_session, SessionRequest(("fake",), Settings()), paths=AppPaths(folder / "gallery"))  # type: ignore[arg-type]


@contextmanager
def running_controller(person: SimulatedPerson, folder: Path, **options: object) -> Iterator[SessionController]:
    """Run a controller on a real session with a simulated person in front of the camera."""
    controller = SessionController(
        lambda request: person.session(folder, request.settings, **options),
        SessionRequest(("fake",), Settings()),
        paths=AppPaths(folder / "gallery"),
    )
    controller.start()
    try:
        yield controller
    finally:
        assert controller.stop()


def progress(phase: EnrollmentPhase = EnrollmentPhase.COLLECTING, hint: str = "", **facts: object) -> EnrollmentProgress:
    """Return an enrollment progress with defaults."""
    known = {"current_pose": None, "done": (), "skipped": (), "shots": (), "fraction": 0.5}
    return EnrollmentProgress(phase=phase, checks=checklist(hint), **{**known, **facts})  # type: ignore[arg-type]


def shot(pose: Pose = Pose.CENTER, verdict: str = "ok") -> Shot:
    """Return a shot."""
    done, jpeg = cv2.imencode(".jpg", posed_portrait(GRACE, Pose.CENTER)[100:300, 150:350])
    assert done
    return Shot(pose, jpeg.tobytes(), Quality(0, 0, 0), verdict)
