"""A Live before which somebody sits: with a real session, or with one that keeps what it is asked and shows what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from facecam.enrollment.guided import GuidedEnrolment, Phase, Progress
from facecam.enrollment.pose_capture import Shot
from facecam.enrollment.poses import Pose, checklist
from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.session.enrollment_service import BeginEnrolment, EndEnrolment, EnrolmentStep, Guidance, Guided
from facecam.session.latest_value_queue import Mailbox
from facecam.session.status import Outcome, SessionStatus, State
from facecam.settings import Settings
from facecam.types import Event, Frame, Quality, Result
from facecam.ui.session_controller import Live, Places, Wish
from tests.session.sitters import GRACE, Sitter, posed


class SaidSession:
    """Stands for a session: its enrolment is what a test says that it is."""

    def __init__(self) -> None:
        self.preview: Mailbox[Frame] = Mailbox()
        self.results: Mailbox[tuple[Frame, Result]] = Mailbox()
        self.gallery: Gallery | None = None
        self.log = None
        self.error: FacecamError | None = None
        self.guided: Guided | None = None
        self.asked: list[object] = []
        self.state, self.message = State.RUNNING, ""
        self.over = False
        self.outcomes: list[Outcome] = []

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> bool:
        self.over = True
        return True

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - as a session's
        return self.over

    def status(self) -> SessionStatus:
        return SessionStatus(self.state, self.message, (), True)

    def take_outcomes(self) -> list[Outcome]:
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def change(self, to: object) -> None:
        self.asked.append(to)
        if isinstance(to, EndEnrolment):
            self.guided = None

    def refuse(self, asked: Guidance, sentence: str) -> None:
        """Answer that this was not done."""
        self.outcomes.append(Outcome(asked, Event("error", sentence), FacecamError(sentence)))

    def begun(self) -> BeginEnrolment | None:
        """What was asked for last that begins an enrolment."""
        return next((one for one in reversed(self.asked) if isinstance(one, BeginEnrolment)), None)

    def steps(self) -> list[str]:
        """Which steps of an enrolment were asked for, by the names of its methods, with poses."""
        return [_name(one) for one in self.asked if isinstance(one, EnrolmentStep)]


def _name(step: EnrolmentStep) -> str:
    name = getattr(step.take, "__name__", "")
    if getattr(GuidedEnrolment, name, None) is step.take:
        return name
    recorder = _Recorder()
    step.take(recorder)  # type: ignore[arg-type]
    return recorder.called


class _Recorder:
    """Stands for an enrolment and notes which of its methods is called first."""

    called = ""

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> None:
            self.called = self.called or " ".join([name, *map(str, arguments)])

        return call


def said_live(folder: Path, sessions: list[SaidSession]) -> Live:
    """A Live on such sessions; each one that it begins is added."""

    def begin(wish: Wish) -> SaidSession:
        sessions.append(SaidSession())
        return sessions[-1]

    return Live(begin, Wish(("fake",), Settings()), places=Places(folder / "gallery"))  # type: ignore[arg-type]


@contextmanager
def sitting(sitter: Sitter, folder: Path, **options: object) -> Iterator[Live]:
    """A started Live on a real session before whose camera somebody sits."""
    live = Live(
        lambda wish: sitter.session(folder, wish.settings, **options),
        Wish(("fake",), Settings()),
        places=Places(folder / "gallery"),
    )
    live.start()
    try:
        yield live
    finally:
        assert live.stop()


def progress(phase: Phase = Phase.COLLECTING, hint: str = "", **facts: object) -> Progress:
    """How far an enrolment is, as little as has to be said."""
    known = {"asked": None, "done": (), "skipped": (), "shots": (), "fraction": 0.5, "sentence": ""}
    return Progress(phase=phase, checks=checklist(hint), **{**known, **facts})  # type: ignore[arg-type]


def shot(pose: Pose = Pose.CENTRE, verdict: str = "ok") -> Shot:
    """A kept picture."""
    done, jpeg = cv2.imencode(".jpg", posed(GRACE, Pose.CENTRE)[100:300, 150:350])
    assert done
    return Shot(pose, jpeg.tobytes(), Quality(0, 0, 0), verdict)
