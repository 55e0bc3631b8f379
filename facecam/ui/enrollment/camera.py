"""Enrollment with the camera: the scenes of the page and the session commands behind their buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, GuidedEnrollment, SelfCheckReport
from facecam.enrollment.poses import Pose, PoseHint, checklist
from facecam.recognition.face_analyzer import OK
from facecam.session.enrollment_service import EnrollmentStatus
from facecam.session.status import SourceState
from facecam.ui.enrollment.controller import EnrollmentController
from facecam.ui.enrollment.layout import EnrollmentLayout, PanelButton, Scene
from facecam.ui.enrollment.mirror_view import RingState
from facecam.ui.enrollment_text import ARROWS, distances_text, pose_text, self_test_text
from facecam.ui.language import sentence_text
from facecam.ui.session_controller import SessionController

_MIN_HINT_S = 0.7
"""A hint stays at least this long, so that a single blurred frame changes nothing."""


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
        buttons = [PanelButton(self.tr("&Skip this pose"), on_skip, enabled=False), PanelButton(self.tr("Cancel"), on_cancel)]
        parts.show_scene(Scene.COLLECTING, parts.mirror, name, "", buttons, body=parts.checklist)
        parts.panel.show_bar(100)
        self._hint_since_s = 0.0

    def update(self, progress: EnrollmentProgress) -> None:
        """Show the progress of the collection."""
        parts = self._parts
        if progress.hint != self._hint and time.monotonic() - self._hint_since_s >= _MIN_HINT_S:
            self._hint, self._hint_since_s = progress.hint, time.monotonic()
        arrow = ARROWS.get(PoseHint(self._hint)) if self._hint in list(PoseHint) else None
        parts.checklist.show_checks(checklist(self._hint))
        parts.show_instruction(self._video_problem() or sentence_text(self._hint))
        parts.mirror.show_ring(RingState.from_progress(progress, arrow))
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


_SCENES = {
    EnrollmentPhase.COLLECTING: Scene.COLLECTING,
    EnrollmentPhase.CHOOSING: Scene.REVIEW,
    EnrollmentPhase.CONFLICT: Scene.CONFLICT,
    EnrollmentPhase.TESTING: Scene.TESTING,
    EnrollmentPhase.DONE: Scene.DONE,
    EnrollmentPhase.REFUSED: Scene.NOTHING_SAVED,
}


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
        self._report: SelfCheckReport | None = None
        self.enrollment = EnrollmentController(controller, self)
        self.enrollment.changed.connect(self._on_enrollment_changed)
        self.enrollment.failed.connect(self._on_failed)
        controller.status_changed.connect(self._on_session_status)
        parts.shots.keep_changed.connect(self._keep)
        parts.shots.retake_requested.connect(self._retake)

    def begin(self, name: str, consent: str, slot: int = 0) -> None:
        """Enroll this person with the camera of `slot`; `consent` is stored with the person."""
        parts = self._parts
        self.enrollment.end()
        self._consent = consent
        self._was_saved = False
        parts.mirror.show_source(slot)
        self.enrollment.begin(name, slot)
        title, text, buttons = self.tr("One moment"), self.tr("Starting recognition…"), [self._cancel_button()]
        parts.show_scene(Scene.WAITING, parts.mirror, title, text, buttons, has_main=False)
        parts.panel.show_bar(0)
        parts.panel.focus_main_button()

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
            self.cancel(status.failure)
            return
        if self._was_saved and not status.saved:
            text = self.tr("Undone: these photos of {name} were removed from the gallery.")
            self.message_posted.emit(text.format(name=status.name))
        self._was_saved = status.saved
        scene = _SCENES[status.progress.phase]
        asks = (self._parts.scene, scene) in ((Scene.CONFIRM_DISCARD, Scene.REVIEW), (Scene.ENDED, Scene.COLLECTING))
        if not asks and (scene is not self._parts.scene or status.progress.report is not self._report):
            self._show_scene(scene, status)
        self._update_scene(status)

    def _on_session_status(self) -> None:
        status, scene = self.enrollment.status, self._parts.scene
        if status is None:
            return
        if scene is Scene.ENDED and not self._pose_capture.has_ended:
            self._show_scene(Scene.COLLECTING, status)
        elif scene is Scene.TESTING and self._pose_capture.has_ended:
            self._parts.show_instruction(self.tr("The video has stopped, so the test cannot run."))
        self._update_scene(status)

    def _on_failed(self, message: str) -> None:
        if self._parts.scene is Scene.WAITING:
            self.cancel(message)
        else:
            self.message_posted.emit(message)

    def _show_scene(self, scene: Scene, status: EnrollmentStatus) -> None:
        self._report = status.progress.report
        scenes: dict[Scene, Callable[[EnrollmentStatus], None]] = {
            Scene.COLLECTING: self._show_collecting,
            Scene.REVIEW: self._show_review,
            Scene.CONFLICT: self._show_conflict,
            Scene.TESTING: self._show_test,
            Scene.DONE: self._show_result,
            Scene.NOTHING_SAVED: self._show_nothing_saved,
        }
        scenes[scene](status)
        self._parts.panel.focus_main_button()

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
        """Show that the video has ended: the poses captured until then may be enough."""
        parts = self._parts
        parts.mirror.show_ring(None)
        parts.show_instruction("")
        restart = partial(self.begin, status.name, self._consent, status.slot)
        buttons = [PanelButton(self.tr("Start over"), restart), self._cancel_button()]
        if Pose.CENTER in status.progress.done:
            buttons.insert(0, PanelButton(self.tr("Continue with the poses captured"), self._skip_rest))
        text = self._controller.status.message or self.tr("It ended before every pose was captured.")
        parts.show_scene(Scene.ENDED, None, self.tr("The video has ended"), text, buttons)
        parts.panel.focus_main_button()

    def _skip_rest(self) -> None:
        def skip(enrollment: GuidedEnrollment) -> EnrollmentProgress:
            while enrollment.progress.current_pose is not None:
                enrollment.skip()
            return enrollment.progress

        self.enrollment.run_step(skip)

    def _show_review(self, _: EnrollmentStatus) -> None:
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
            self._show_scene(Scene.REVIEW, status)
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
        self._parts.panel.focus_main_button()

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
