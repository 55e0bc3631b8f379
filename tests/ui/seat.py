"""A Live before which somebody sits: with a real session, or with one that keeps what it is asked and shows what it is told."""

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
from tests.session.sitters import GRACE, Sitter, posed


class SaidSession:
    """Stands for a session: its enrollment is what a test says that it is."""

    def __init__(self) -> None:
        self.preview: LatestValueQueue[Frame] = LatestValueQueue()
        self.results: LatestValueQueue[tuple[Frame, Result]] = LatestValueQueue()
        self.gallery: Gallery | None = None
        self.log = None
        self.error: FacecamError | None = None
        self.guided: EnrollmentStatus | None = None
        self.asked: list[object] = []
        self.state, self.message = SourceState.RUNNING, ""
        self.over = False
        self.outcomes: list[CommandResult] = []

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> bool:
        self.over = True
        return True

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - as a session's
        return self.over

    def status(self) -> SessionStatus:
        return SessionStatus(self.state, self.message, (), True)

    def take_outcomes(self) -> list[CommandResult]:
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def change(self, to: object) -> None:
        self.asked.append(to)
        if isinstance(to, EndEnrollment):
            self.guided = None

    def refuse(self, asked: EnrollmentCommand, sentence: str) -> None:
        """Answer that this was not done."""
        self.outcomes.append(CommandResult(asked, Event("error", sentence), FacecamError(sentence)))

    def begun(self) -> BeginEnrollment | None:
        """What was asked for last that begins an enrollment."""
        return next((one for one in reversed(self.asked) if isinstance(one, BeginEnrollment)), None)

    def steps(self) -> list[str]:
        """Which steps of an enrollment were asked for, by the names of its methods, with poses."""
        return [_name(one) for one in self.asked if isinstance(one, EnrollmentStep)]


def _name(step: EnrollmentStep) -> str:
    name = getattr(step.take, "__name__", "")
    if getattr(GuidedEnrollment, name, None) is step.take:
        return name
    recorder = _Recorder()
    step.take(recorder)  # type: ignore[arg-type]
    return recorder.called


class _Recorder:
    """Stands for an enrollment and notes which of its methods is called first."""

    called = ""

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> None:
            self.called = self.called or " ".join([name, *map(str, arguments)])

        return call


def said_live(folder: Path, sessions: list[SaidSession]) -> SessionController:
    """A Live on such sessions; each one that it begins is added."""

    def begin(wish: SessionRequest) -> SaidSession:
        sessions.append(SaidSession())
        return sessions[-1]

    return SessionController(begin, SessionRequest(("fake",), Settings()), places=AppPaths(folder / "gallery"))  # type: ignore[arg-type]


@contextmanager
def sitting(sitter: Sitter, folder: Path, **options: object) -> Iterator[SessionController]:
    """A started Live on a real session before whose camera somebody sits."""
    live = SessionController(
        lambda wish: sitter.session(folder, wish.settings, **options),
        SessionRequest(("fake",), Settings()),
        places=AppPaths(folder / "gallery"),
    )
    live.start()
    try:
        yield live
    finally:
        assert live.stop()


def progress(phase: EnrollmentPhase = EnrollmentPhase.COLLECTING, hint: str = "", **facts: object) -> EnrollmentProgress:
    """How far an enrollment is, as little as has to be said."""
    known = {"asked": None, "done": (), "skipped": (), "shots": (), "fraction": 0.5, "sentence": ""}
    return EnrollmentProgress(phase=phase, checks=checklist(hint), **{**known, **facts})  # type: ignore[arg-type]


def shot(pose: Pose = Pose.CENTER, verdict: str = "ok") -> Shot:
    """A kept picture."""
    done, jpeg = cv2.imencode(".jpg", posed(GRACE, Pose.CENTER)[100:300, 150:350])
    assert done
    return Shot(pose, jpeg.tobytes(), Quality(0, 0, 0), verdict)
