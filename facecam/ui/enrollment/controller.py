"""Access of a page to the enrollment that runs in the session."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.enrollment.guided import EnrollmentProgress, GuidedEnrollment
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus, EnrollmentStep
from facecam.session.status import CommandResult, SourceState
from facecam.settings import Mode
from facecam.ui.session_controller import SessionController

_POLL_MS = 40
"""The period of camera frames, so that the ring fills smoothly."""


class EnrollmentController(QObject):
    """Begins an enrollment, polls its status and posts its steps. For the GUI thread.

    `status` is None without an enrollment, and until a requested one has begun.
    """

    changed = Signal()
    """`status` was replaced."""
    failed = Signal(str)
    """A command failed, with the reason."""

    def __init__(self, controller: SessionController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._pending: BeginEnrollment | None = None
        self.status: EnrollmentStatus | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        controller.command_finished.connect(self._on_command_result)
        controller.started.connect(self._on_session_started)
        controller.ended.connect(self._on_session_ended)

    @property
    def is_pending(self) -> bool:
        """True while a requested enrollment waits for the models or for a camera."""
        return self._pending is not None

    def begin(self, name: str, slot: int = 0) -> None:
        """Enroll this person in face mode; a video that has ended is restarted."""
        self._pending = BeginEnrollment(name, slot)
        if self._controller.request.mode is not Mode.FACES:
            self._controller.change(Mode.FACES)
        session = self._controller.session
        if session is None or session.wait(0) or session.status().state in (SourceState.IDLE, SourceState.FAILED):
            self._controller.start()  # its `started` signal then begins the enrollment
        elif not self._controller.is_switching:
            self._controller.change(self._pending)
        self._timer.start()

    def run_step(self, step: Callable[[GuidedEnrollment], EnrollmentProgress]) -> None:
        """Run a step of the enrollment in the session."""
        self._controller.change(EnrollmentStep(step))

    def end(self) -> None:
        """End the enrollment; saved photos stay."""
        self._timer.stop()
        if self.status is not None or self._pending is not None:
            self._controller.change(EndEnrollment())
        self._pending = self.status = None

    def _on_session_started(self) -> None:
        if self._pending is not None:
            self._controller.change(self._pending)
        self._poll()

    def _on_session_ended(self) -> None:
        """Restart a video that ended before its enrollment began; a session that failed would fail again."""
        if self._pending is None:
            return
        error = self._controller.session.error if self._controller.session is not None else None
        if error is None:
            self._controller.start()
        else:
            self._fail_pending(str(error))

    def _poll(self) -> None:
        if not self._timer.isActive():
            return
        status = self._controller.session.enrollment if self._controller.session is not None else None
        if status is not None:
            self._pending = None
        if status is not self.status:
            self.status = status
            self.changed.emit()

    def _on_command_result(self, result: CommandResult) -> None:
        command = result.command
        if result.error is None or not self._timer.isActive():
            return
        if isinstance(command, BeginEnrollment) and command == self._pending:
            self._fail_pending(str(result.error))
        elif isinstance(command, EnrollmentStep):
            self.failed.emit(str(result.error))

    def _fail_pending(self, message: str) -> None:
        self._pending = None
        self._timer.stop()
        self.failed.emit(message)
