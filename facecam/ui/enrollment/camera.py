"""Enrollment with the camera: the scenes of the page and the session commands behind their buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, GuidedEnrollment, SelfCheckReport
from facecam.enrollment.poses import Pose, checklist
from facecam.recognition.face_analyzer import OK
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentStatus, EnrollmentStep
from facecam.session.status import CommandResult, SourceState
from facecam.settings import Mode
from facecam.ui.enrollment.layout import EnrollmentLayout, PanelButton, Scene
from facecam.ui.enrollment_text import ARROWS, distances_text, pose_text, self_test_text
from facecam.ui.language import error_text, sentence_text
from facecam.ui.session_controller import SessionController
from facecam.ui.window.sources import missing_camera

_MIN_HINT_S = 0.7
"""A hint stays at least this long, so that a single blurred frame changes nothing."""


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
            self._fail_pending(error_text(error))

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
            self._fail_pending(error_text(result.error))
        elif isinstance(command, EnrollmentStep):
            self.failed.emit(error_text(result.error))

    def _fail_pending(self, message: str) -> None:
        self._pending = None
        self._timer.stop()
        self.failed.emit(message)


class PoseCaptureScene(QObject):
    """Scene that collects the poses: ring, checklist and one instruction at a time."""

    def __init__(self, controller: SessionController, parts: EnrollmentLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._parts = parts
        self._hint, self._hint_since_s = "", 0.0

    @property
    def has_ended(self) -> bool:
        """True once no more frames arrive: a video has ended or a camera has failed for good."""
        return self._controller.status.state in (SourceState.FAILED, SourceState.IDLE)

    def show(self, name: str, on_skip: Callable[[], object], on_cancel: Callable[[], object]) -> None:
        """Switch the page to this scene."""
        parts = self._parts
        # The center, which comes first, cannot be skipped.
        buttons = [PanelButton(self.tr("S&kip this pose"), on_skip, enabled=False), PanelButton(self.tr("Cancel"), on_cancel)]
        parts.show_scene(Scene.COLLECTING, parts.mirror, name, "", buttons, body=parts.checklist)
        parts.panel.show_bar(100)
        self._hint_since_s = 0.0

    def update(self, progress: EnrollmentProgress) -> None:
        """Show the progress of the collection."""
        parts = self._parts
        if progress.hint != self._hint and time.monotonic() - self._hint_since_s >= _MIN_HINT_S:
            self._hint, self._hint_since_s = progress.hint, time.monotonic()
        parts.checklist.show_checks(checklist(self._hint))
        parts.show_instruction(self._video_problem() or sentence_text(self._hint))
        parts.mirror.show_ring((progress, ARROWS.get(self._hint)))
        parts.panel.bar.setValue(round(100 * progress.fraction))
        parts.panel.set_button_enabled(0, progress.current_pose not in (None, Pose.CENTER))
        if progress.current_pose is not None:
            number = list(Pose).index(progress.current_pose) + 1
            text = self.tr("Pose {number} of {count}: {pose}")
            parts.panel.set_text(text.format(number=number, count=len(Pose), pose=pose_text(progress.current_pose)))

    def _video_problem(self) -> str:
        if self._controller.is_paused:
            return self.tr("The video is paused. Resume it first.")
        if self._controller.status.state is SourceState.RECONNECTING:
            return self.tr("The connection was lost. Reconnecting…")
        return ""


class CameraScenes(QObject):
    """Scenes of an enrollment that runs in the session. For the GUI thread."""

    canceled = Signal(str)
    """The enrollment is over without a result: return to the name, with a message or ""."""
    finished = Signal(str)
    """The user has confirmed that the person of this name is enrolled."""
    message_posted = Signal(str)

    def __init__(self, controller: SessionController, parts: EnrollmentLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._parts = parts
        self._consent = ""
        self._pose_capture = PoseCaptureScene(controller, parts, self)
        self._was_saved = False
        self._shown: tuple[EnrollmentPhase, SelfCheckReport | None] | None = None
        self.enrollment = EnrollmentController(controller, self)
        self.enrollment.changed.connect(self._on_enrollment_changed)
        self.enrollment.failed.connect(self._on_failed)
        controller.status_changed.connect(self._on_session_status)
        for card in parts.shots.cards.values():
            card.keep_changed.connect(self._keep)
            card.retake_requested.connect(self._retake)

    def begin(self, name: str, consent: str, slot: int = 0) -> None:
        """Enroll this person with the camera of `slot`; `consent` is stored with the person."""
        parts = self._parts
        self.enrollment.end()
        self._consent = consent
        self._was_saved = False
        self._shown = None
        parts.mirror.show_source(slot)
        self.enrollment.begin(name, slot)
        title, text, buttons = self.tr("One moment"), self.tr("Starting recognition…"), [self._cancel_button()]
        parts.show_scene(Scene.WAITING, parts.mirror, title, text, buttons, has_main=False)
        parts.panel.show_bar(0)

    def go_back(self) -> None:
        """Go one step back, as Escape does."""
        match self._parts.scene:
            case Scene.REVIEW:
                self._confirm_discard()
            case Scene.CONFIRM_DISCARD | Scene.CONFLICT | Scene.NOTHING_SAVED:
                self._return_to_review()
            case Scene.TESTING | Scene.DONE:
                self._finish()
            case _:
                self.cancel()

    def cancel(self, message: str = "") -> None:
        """End the enrollment and return to the name; without a message, photos already saved make it a success."""
        if self._is_saved and not message:
            self._finish()
            return
        self.enrollment.end()
        self._parts.mirror.show_ring(None)
        self._parts.show_instruction("")
        self.canceled.emit(message)

    @property
    def _is_saved(self) -> bool:
        return self.enrollment.status is not None and self.enrollment.status.saved

    @property
    def has_unsaved_photos(self) -> bool:
        """True when ending the enrollment now would lose photos."""
        status = self.enrollment.status
        return status is not None and not status.saved and bool(status.progress.shots)

    def _on_enrollment_changed(self) -> None:
        status = self.enrollment.status
        if status is None:
            if not self.enrollment.is_pending:
                self.cancel(self.tr("The video source changed. Start over."))
            return
        if status.failure:
            self.cancel(error_text(status.failure))
            return
        if self._was_saved and not status.saved:
            text = self.tr("Undone: these photos of {name} were removed from the gallery.")
            self.message_posted.emit(text.format(name=status.name))
        self._was_saved = status.saved
        if (status.progress.phase, status.progress.report) != self._shown:
            self._show_scene(status)
        self._update_scene(status)

    def _on_session_status(self) -> None:
        status, scene = self.enrollment.status, self._parts.scene
        if status is None:
            return
        if scene is Scene.ENDED and not self._pose_capture.has_ended:
            self._show_scene(status)
        elif scene is Scene.TESTING and self._pose_capture.has_ended:
            self._parts.show_instruction(self.tr("The video has stopped, so the test cannot run."))
        self._update_scene(status)

    def _on_failed(self, message: str) -> None:
        if self._parts.scene is Scene.WAITING:
            self.cancel(message)
        else:
            self.message_posted.emit(message)

    def _show_scene(self, status: EnrollmentStatus) -> None:
        """Show the scene of the enrollment's phase."""
        self._shown = status.progress.phase, status.progress.report
        match status.progress.phase:
            case EnrollmentPhase.COLLECTING:
                self._show_collecting(status)
            case EnrollmentPhase.CHOOSING:
                self._show_review()
            case EnrollmentPhase.MIXED:
                self._show_mixed(status)
            case EnrollmentPhase.CONFLICT:
                self._show_conflict(status)
            case EnrollmentPhase.TESTING:
                self._show_test(status)
            case EnrollmentPhase.DONE:
                self._show_result(status)
            case EnrollmentPhase.REFUSED:
                self._show_nothing_saved(status)

    def _update_scene(self, status: EnrollmentStatus) -> None:
        match self._parts.scene:
            case Scene.COLLECTING if self._pose_capture.has_ended:
                self._show_end(status)
            case Scene.COLLECTING:
                self._pose_capture.update(status.progress)
            case Scene.REVIEW:
                self._update_review(status.progress)
            case Scene.TESTING:
                self._parts.panel.bar.setValue(round(100 * status.progress.fraction))

    def _show_collecting(self, status: EnrollmentStatus) -> None:
        self._pose_capture.show(status.name, lambda: self.enrollment.run_step(GuidedEnrollment.skip), self.cancel)

    def _show_end(self, status: EnrollmentStatus) -> None:
        """Show that the video has ended, or that there is none: the poses captured until then may be enough."""
        parts = self._parts
        parts.mirror.show_ring(None)
        parts.show_instruction("")
        restart = partial(self.begin, status.name, self._consent, status.slot)
        buttons = [PanelButton(self.tr("Start over"), restart), self._cancel_button()]
        if Pose.CENTER in status.progress.done:
            buttons.insert(0, PanelButton(self.tr("Continue with the poses captured"), self._skip_rest))
        parts.show_scene(Scene.ENDED, None, *self._end_texts(), buttons)

    def _end_texts(self) -> tuple[str, str]:
        """Return why no image arrives, and what to do."""
        if missing_camera(self._controller) is not None:
            return self.tr("No camera found"), self.tr("Connect a camera or open a video, or cancel and choose photos.")
        status = self._controller.status
        if status.state is SourceState.FAILED:
            return self.tr("No video"), error_text(status.message)
        return self.tr("The video has ended"), self.tr("It ended before every pose was captured.")

    def _skip_rest(self) -> None:
        def skip(enrollment: GuidedEnrollment) -> EnrollmentProgress:
            while enrollment.progress.current_pose is not None:
                enrollment.skip()
            return enrollment.progress

        self.enrollment.run_step(skip)

    def _show_review(self) -> None:
        parts = self._parts
        buttons = [PanelButton(self.tr("Save"), self._save, enabled=False), self._cancel_button(self._confirm_discard)]
        parts.show_scene(Scene.REVIEW, parts.shots, self.tr("Which photos do you want to keep?"), "", buttons)

    def _update_review(self, progress: EnrollmentProgress) -> None:
        parts = self._parts
        parts.shots.show_progress(progress)
        kept = sum(shot.verdict == OK for shot in progress.shots)
        text = self.tr("Photos to keep: {kept} of {count}. Varied photos improve recognition.")
        parts.panel.set_text(text.format(kept=kept, count=len(progress.shots)))
        parts.panel.set_button_enabled(0, kept > 0)

    def _save(self) -> None:
        consent = self._consent
        self.enrollment.run_step(lambda enrollment: enrollment.save(consent))

    def _keep(self, pose: Pose, on: bool) -> None:
        self.enrollment.run_step(lambda enrollment: enrollment.include(pose) if on else enrollment.exclude(pose))

    def _retake(self, pose: Pose) -> None:
        self.enrollment.run_step(lambda enrollment: enrollment.retake(pose))

    def _return_to_review(self) -> None:
        """Return to the photos, or to the first pose when there are none."""
        status = self.enrollment.status
        if status is None:
            self.cancel()
        elif self._parts.scene is Scene.CONFIRM_DISCARD:
            self._show_scene(status)
            self._update_scene(status)
        elif status.progress.shots:
            self._keep(status.progress.shots[0].pose, True)
        else:
            self._retake(Pose.CENTER)

    def _confirm_discard(self) -> None:
        if self._is_saved:
            self._finish()
            return
        buttons = [self._back_button(), PanelButton(self.tr("Discard"), self.cancel)]
        title, text = self.tr("Discard the photos?"), self.tr("They are not saved yet.")
        self._parts.show_scene(Scene.CONFIRM_DISCARD, None, title, text, buttons)

    def _show_mixed(self, status: EnrollmentStatus) -> None:
        mixed = status.progress.mixed
        assert mixed is not None
        self._parts.show_mixed(
            mixed,
            status.name,
            self._controller.gallery,
            on_keep=self._return_to_review,
            on_all=lambda: self.enrollment.run_step(GuidedEnrollment.enroll_anyway),
            cancel=self._back_button(),
        )

    def _show_conflict(self, status: EnrollmentStatus) -> None:
        rival, run_step = status.progress.similar_person, self.enrollment.run_step
        assert rival is not None
        self._parts.show_conflict(
            next((shot.jpeg for shot in status.progress.shots if shot.verdict == OK), None),
            rival,
            self._controller.gallery,
            on_same=lambda: run_step(GuidedEnrollment.same_person),
            on_different=lambda: run_step(GuidedEnrollment.different_person),
            cancel=self._back_button(),
        )

    def _show_test(self, status: EnrollmentStatus) -> None:
        parts = self._parts
        parts.mirror.show_names()
        parts.show_instruction(self.tr("Look into the camera once more."))
        buttons = [PanelButton(self.tr("Finish without the test"), self._finish), self._undo_button()]
        text = self.tr("{name} is enrolled. Testing recognition…").format(name=status.name)
        parts.show_scene(Scene.TESTING, parts.mirror, self.tr("Self-test"), text, buttons, has_main=False)
        parts.panel.show_bar(100)

    def _show_result(self, status: EnrollmentStatus) -> None:
        parts, report = self._parts, status.progress.report
        assert report is not None
        parts.mirror.show_names()
        parts.show_instruction(self_test_text(report, status.name))
        buttons = [
            PanelButton(self.tr("Done"), self._finish),
            PanelButton(self.tr("&Retake photos"), self._return_to_review),
            self._undo_button(),
        ]
        title, text = self.tr("Enrolled and recognized"), distances_text(report)
        if not report.passed:
            buttons.insert(0, PanelButton(self.tr("Test again"), lambda: self.enrollment.run_step(GuidedEnrollment.repeat_test)))
            title = self.tr("Enrolled, but not recognized yet")
            advice = self.tr("The photos are saved. More varied photos may help.")
            text = f"{advice}\n\n{text}".strip()
        parts.show_scene(Scene.DONE, parts.mirror, title, text, buttons)

    def _show_nothing_saved(self, status: EnrollmentStatus) -> None:
        parts = self._parts
        parts.shots.show_progress(status.progress)
        buttons = [self._back_button(), self._cancel_button()]
        text = self.tr("No photo was kept, or none differs enough from the photos in the gallery. Retake some of them.")
        parts.show_scene(Scene.NOTHING_SAVED, parts.shots, self.tr("Nothing was saved"), text, buttons)

    def _cancel_button(self, action: Callable[[], object] | None = None) -> PanelButton:
        return PanelButton(self.tr("Cancel"), action or self.cancel)

    def _back_button(self) -> PanelButton:
        return PanelButton(self.tr("Back to the photos"), self._return_to_review)

    def _undo_button(self) -> PanelButton:
        return PanelButton(self.tr("&Undo"), lambda: self.enrollment.run_step(GuidedEnrollment.undo))

    def _finish(self) -> None:
        status = self.enrollment.status
        self.enrollment.end()
        self._parts.show_instruction("")
        self.finished.emit(status.name if status is not None else "")
