"""The enrollment that runs in the session, for a page: polled by a timer, steps posted, and begun again when a film is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.enrollment.guided import EnrollmentProgress, GuidedEnrollment
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus, EnrollmentStep
from facecam.session.status import CommandResult, SourceState
from facecam.settings import Mode
from facecam.ui.session_controller import SessionController

_POLL_MS = 40
"""As often as a camera has a picture: the ring fills smoothly."""


class EnrollmentController(QObject):
    """For the GUI's thread. `now` is None without an enrollment, and until one that was asked for has begun."""

    changed = Signal()
    """`now` is another one."""
    refused = Signal(str)
    """What was asked for was not done: the sentence why."""

    def __init__(self, live: SessionController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._waiting: BeginEnrollment | None = None
        self.now: EnrollmentStatus | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._look)
        live.answered.connect(self._answered)
        live.begun.connect(self._begun)
        live.ended.connect(self._over)

    @property
    def waits(self) -> bool:
        """Whether an enrollment was asked for that has not begun yet: networks are prepared, or a camera is opened."""
        return self._waiting is not None

    def begin(self, name: str, slot: int = 0) -> None:
        """Enroll this person. A film that is over is played again, objects give way to faces."""
        self._waiting = BeginEnrollment(name, slot)
        if self._live.wish.mode is not Mode.FACES:
            self._live.change(Mode.FACES)
        session = self._live.session
        if session is None or session.wait(0) or session.status().state in (SourceState.IDLE, SourceState.FAILED):
            self._live.start()  # which begins it, then
        elif not self._live.changing:
            self._live.change(self._waiting)
        self._timer.start()

    def step(self, take: Callable[[GuidedEnrollment], EnrollmentProgress]) -> None:
        """Have a step carried out."""
        self._live.change(EnrollmentStep(take))

    def end(self) -> None:
        """Nothing more of it is wanted. What was saved stays."""
        self._timer.stop()
        if self.now is not None or self._waiting is not None:
            self._live.change(EndEnrollment())
        self._waiting = self.now = None

    def _begun(self) -> None:
        """Another session has begun: it knows nothing of the enrollment before."""
        if self._waiting is not None:
            self._live.change(self._waiting)
        self._look()

    def _over(self) -> None:
        """A film was over before an enrollment from it had begun: play it again. What has failed would fail again."""
        if self._waiting is None:
            return
        error = self._live.session.error if self._live.session is not None else None
        if error is None:
            self._live.start()
        else:
            self._refuse(str(error))

    def _look(self) -> None:
        if not self._timer.isActive():
            return
        now = self._live.session.guided if self._live.session is not None else None
        if now is not None and self._waiting is not None:
            self._waiting = None
        if now is not self.now:
            self.now = now
            self.changed.emit()

    def _answered(self, outcome: CommandResult) -> None:
        asked = outcome.asked
        if outcome.error is None or not self._timer.isActive():
            return
        if isinstance(asked, BeginEnrollment) and asked == self._waiting:
            self._refuse(str(outcome.error))
        elif isinstance(asked, EnrollmentStep):
            self.refused.emit(str(outcome.error))

    def _refuse(self, sentence: str) -> None:
        """What was asked for will not begin."""
        self._waiting = None
        self._timer.stop()
        self.refused.emit(sentence)
