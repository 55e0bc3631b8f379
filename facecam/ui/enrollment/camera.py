"""Enrolling before the camera: what the page shows in each phase, and what its buttons ask the session for."""

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
from facecam.ui.enrollment.pose_ring import RingState
from facecam.ui.enrollment_text import ARROWS, figure_words, hint_words, pose_words, report_words
from facecam.ui.session_controller import SessionController

# MERGED ui.enroll_sitting: While poses are collected: the ring, the checklist, and the one thing to do now, in large letters and without haste.

_CALM_S = 0.7
"""A sentence stands at least so long: a picture that is blurred for one frame asks nothing of anybody."""


class PoseCaptureScene(QObject):
    """Shows how far collecting is."""

    def __init__(self, live: SessionController, parts: EnrollmentLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._parts = parts
        self._hint, self._hint_since_s = "", 0.0

    @property
    def over(self) -> bool:
        """Whether no picture will come any more: a film has ended, a camera has gone for good."""
        return self._live.status.state in (SourceState.FAILED, SourceState.IDLE)

    def show(self, name: str, skip: Callable[[], object], cancel: Callable[[], object]) -> None:
        """Begin to show it."""
        parts = self._parts
        parts.show_stage(parts.mirror)
        # The center, which comes first, cannot be skipped.
        choices = [PanelButton(self.tr("&Skip this pose"), skip, enabled=False), PanelButton(self.tr("Cancel"), cancel)]
        parts.panel.show_scene(name, "", choices, parts.checks)
        parts.panel.bar.setRange(0, 100)
        parts.panel.bar.show()
        self._hint_since_s = 0.0

    def update(self, progress: EnrollmentProgress) -> None:
        """Show how far it is now."""
        parts, hint = self._parts, next((item.hint for item in progress.checks if item.hint), "")
        if hint != self._hint and time.monotonic() - self._hint_since_s >= _CALM_S:
            self._hint, self._hint_since_s = hint, time.monotonic()
        arrow = ARROWS.get(PoseHint(self._hint)) if self._hint in list(PoseHint) else None
        parts.checks.show_checks(checklist(self._hint))
        parts.advise(self._trouble() or hint_words(self._hint))
        parts.mirror.show_ring(RingState.of(progress, arrow))
        parts.panel.bar.setValue(round(100 * progress.fraction))
        parts.panel.enable(0, progress.asked not in (None, Pose.CENTER))
        if progress.asked is not None:
            number = list(Pose).index(progress.asked) + 1
            said = self.tr("Pose {number} of {count}: {pose}")
            parts.panel.say(said.format(number=number, count=len(Pose), pose=pose_words(progress.asked)))

    def show_end(
        self, progress: EnrollmentProgress, go_on: Callable[[], object], again: Callable[[], object], leave: Callable[[], object]
    ) -> None:
        """No picture will come any more: what was seen until then may be enough."""
        parts = self._parts
        parts.mirror.show_ring(None)
        parts.advise("")
        choices = [PanelButton(self.tr("Begin again"), again), PanelButton(self.tr("Cancel"), leave)]
        if Pose.CENTER in progress.done:
            choices.insert(0, PanelButton(self.tr("Go on with what was seen"), go_on))
        said = self._live.status.message or self.tr("Not every pose was seen before its end.")
        parts.panel.show_scene(self.tr("The picture has ended"), said, choices)
        parts.panel.focus()

    def _trouble(self) -> str:
        """Why no picture comes now, "" when one does."""
        if self._live.paused:
            return self.tr("The picture is held. Let it go on first.")
        if self._live.status.state is SourceState.RECONNECTING:
            return self.tr("The picture was lost; it is tried again.")
        return ""


_SCENES = {
    EnrollmentPhase.COLLECTING: Scene.SITTING,
    EnrollmentPhase.CHOOSING: Scene.CHOOSING,
    EnrollmentPhase.CONFLICT: Scene.CONFLICT,
    EnrollmentPhase.TESTING: Scene.TESTING,
    EnrollmentPhase.DONE: Scene.DONE,
    EnrollmentPhase.REFUSED: Scene.REFUSED,
}


class CameraScenes(QObject):
    """Shows how far the enrollment in the session is. For the GUI's thread."""

    left = Signal(str)
    """Nobody is being enrolled any more: back to the name, with a sentence or ""."""
    finished = Signal(str)
    """The person of this name is enrolled, and the user has seen it."""
    said = Signal(str)

    def __init__(self, live: SessionController, parts: EnrollmentLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._parts = parts
        self._consent = ""
        self._sitting = PoseCaptureScene(live, parts, self)
        self._was_saved = False
        self._report: SelfCheckReport | None = None
        self.guide = EnrollmentController(live, self)
        self.guide.changed.connect(self._follow)
        self.guide.refused.connect(self._refused)
        live.status_changed.connect(self._follow_status)
        parts.crops.keep_changed.connect(self._keep)
        parts.crops.retake_wanted.connect(self._retake)

    def begin(self, name: str, consent: str, slot: int = 0) -> None:
        """Enroll this person; `consent` is what is written down of it."""
        self.guide.end()
        self._consent = consent
        self._was_saved = False
        self._parts.mirror.show_source(slot)
        self.guide.begin(name, slot)
        self._wait()

    def back(self) -> None:
        """What Escape does."""
        match self._parts.scene:
            case Scene.CHOOSING:
                self._ask_to_leave()
            case Scene.LEAVING | Scene.CONFLICT | Scene.REFUSED:
                self._choose_again()
            case Scene.TESTING | Scene.DONE:
                self._finish()
            case _:
                self.leave()

    def leave(self, words: str = "") -> None:
        """End it, and go back to the name; what was saved before counts all the same."""
        if self._saved and not words:
            self._finish()
            return
        self.guide.end()
        self._parts.mirror.show_ring(None)
        self._parts.advise("")
        self.left.emit(words)

    @property
    def _saved(self) -> bool:
        return self.guide.now is not None and self.guide.now.saved

    @property
    def holds_unsaved(self) -> bool:
        """Whether there are pictures that would be lost."""
        now = self.guide.now
        return now is not None and not now.saved and bool(now.progress.shots)

    def _follow(self) -> None:
        now = self.guide.now
        if now is None:
            if not self.guide.waits:
                self.leave(self.tr("The picture comes from elsewhere now: begin again."))
            return
        if now.ended:
            self.leave(now.ended)
            return
        if self._was_saved and not now.saved:
            self.said.emit(self.tr("Taken back: these pictures of {name} are not in the gallery any more.").format(name=now.name))
        self._was_saved = now.saved
        scene = _SCENES[now.progress.phase]
        asks = (self._parts.scene, scene) in ((Scene.LEAVING, Scene.CHOOSING), (Scene.OVER, Scene.SITTING))
        if not asks and (scene is not self._parts.scene or now.progress.report is not self._report):
            self._enter(scene, now)
        self._update(now)

    def _enter(self, scene: Scene, now: EnrollmentStatus) -> None:
        self._parts.scene, self._report = scene, now.progress.report
        scenes: dict[Scene, Callable[[EnrollmentStatus], None]] = {
            Scene.SITTING: self._sit,
            Scene.CHOOSING: self._choose,
            Scene.CONFLICT: self._ask_who,
            Scene.TESTING: self._test,
            Scene.DONE: self._tell_result,
            Scene.REFUSED: self._tell_refusal,
        }
        scenes[scene](now)
        self._parts.panel.focus()

    def _update(self, now: EnrollmentStatus) -> None:
        match self._parts.scene:
            case Scene.SITTING if self._sitting.over:
                self._tell_end(now)
            case Scene.SITTING:
                self._sitting.update(now.progress)
            case Scene.CHOOSING:
                self._update_choice(now.progress)
            case Scene.TESTING:
                self._parts.panel.bar.setValue(round(100 * now.progress.fraction))

    def _wait(self) -> None:
        """Until the networks are ready, or the camera is open."""
        parts = self._parts
        parts.scene = Scene.WAITING
        parts.show_stage(parts.mirror)
        cancel = PanelButton(self.tr("Cancel"), self.leave)
        parts.panel.show_scene(self.tr("One moment"), self.tr("Recognition is being prepared."), [cancel], has_main=False)
        parts.panel.bar.setRange(0, 0)
        parts.panel.bar.show()
        parts.panel.focus()

    def _sit(self, now: EnrollmentStatus) -> None:
        self._sitting.show(now.name, lambda: self.guide.step(GuidedEnrollment.skip), self.leave)

    def _follow_status(self) -> None:
        now, scene = self.guide.now, self._parts.scene
        if now is None:
            return
        if scene is Scene.OVER and not self._sitting.over:
            self._enter(Scene.SITTING, now)
        elif scene is Scene.TESTING and self._sitting.over:
            self._parts.advise(self.tr("There is no picture any more, so that nothing can be tested."))
        self._update(now)

    def _tell_end(self, now: EnrollmentStatus) -> None:
        self._parts.scene = Scene.OVER
        again = partial(self.begin, now.name, self._consent, now.slot)
        self._sitting.show_end(now.progress, self._skip_rest, again, self.leave)

    def _skip_rest(self) -> None:
        def skip(enrollment: GuidedEnrollment) -> EnrollmentProgress:
            while enrollment.progress.asked is not None:
                enrollment.skip()
            return enrollment.progress

        self.guide.step(skip)

    def _choose(self, now: EnrollmentStatus) -> None:
        parts = self._parts
        parts.show_stage(parts.crops)
        choices = [PanelButton(self.tr("Save"), self._save, enabled=False), PanelButton(self.tr("Cancel"), self._ask_to_leave)]
        parts.panel.show_scene(self.tr("Which pictures shall be kept?"), "", choices)

    def _update_choice(self, progress: EnrollmentProgress) -> None:
        parts = self._parts
        parts.crops.show_progress(progress)
        kept = sum(shot.verdict == OK for shot in progress.shots)
        said = self.tr("Pictures that will be kept: {kept} of {count}. Pictures that differ are what helps.")
        parts.panel.say(said.format(kept=kept, count=len(progress.shots)))
        parts.panel.enable(0, kept > 0)

    def _save(self) -> None:
        consent = self._consent
        self.guide.step(lambda enrollment: enrollment.save(consent))

    def _keep(self, pose: Pose, on: bool) -> None:
        self.guide.step(lambda enrollment: enrollment.keep(pose) if on else enrollment.leave_out(pose))

    def _retake(self, pose: Pose) -> None:
        self.guide.step(lambda enrollment: enrollment.retake(pose))

    def _choose_again(self) -> None:
        """Back to the pictures; to the first pose when there are none."""
        now = self.guide.now
        if now is None:
            self.leave()
        elif self._parts.scene is Scene.LEAVING:
            self._enter(Scene.CHOOSING, now)
            self._update(now)
        elif now.progress.shots:
            pose = now.progress.shots[0].pose
            self.guide.step(lambda enrollment: enrollment.keep(pose))
        else:
            self._retake(Pose.CENTER)

    def _ask_to_leave(self) -> None:
        if self._saved:
            self._finish()
            return
        parts = self._parts
        parts.scene = Scene.LEAVING
        choices = [
            PanelButton(self.tr("Go on choosing"), self._choose_again),
            PanelButton(self.tr("Throw them away"), self.leave),
        ]
        parts.panel.show_scene(self.tr("Throw the pictures away?"), self.tr("Nothing has been saved yet."), choices)
        parts.panel.focus()

    def _ask_who(self, now: EnrollmentStatus) -> None:
        parts, rival = self._parts, now.progress.rival
        assert rival is not None
        shot = next((shot for shot in now.progress.shots if shot.verdict == OK), None)
        parts.conflict.show_conflict(shot.jpeg if shot is not None else None, rival, self._live.gallery)
        parts.show_stage(parts.conflict)
        step = self.guide.step
        choices = [
            PanelButton(self.tr("Yes, the same person"), lambda: step(GuidedEnrollment.same_person)),
            PanelButton(self.tr("No, somebody else"), lambda: step(GuidedEnrollment.somebody_else)),
            PanelButton(self.tr("Back to the pictures"), self._choose_again),
        ]
        title = self.tr("Is this the same person as {rival}?").format(rival=rival.name)
        said = self.tr(
            "{rival} is enrolled already and looks almost the same. If they are one person, {rival} gains the pictures."
        )
        parts.panel.show_scene(title, said.format(rival=rival.name), choices)

    def _test(self, now: EnrollmentStatus) -> None:
        parts = self._parts
        parts.show_stage(parts.mirror)
        parts.mirror.show_names()
        parts.advise(self.tr("Look into the camera once more."))
        choices = [PanelButton(self.tr("Finish without the test"), self._finish), PanelButton(self.tr("&Undo"), self._undo)]
        said = self.tr("{name} is enrolled. Now it is tried out.").format(name=now.name)
        parts.panel.show_scene(self.tr("Self-test"), said, choices, has_main=False)
        parts.panel.bar.setRange(0, 100)
        parts.panel.bar.show()

    def _tell_result(self, now: EnrollmentStatus) -> None:
        parts, report = self._parts, now.progress.report
        assert report is not None
        parts.show_stage(parts.mirror)
        parts.mirror.show_names()
        parts.advise(report_words(report, now.name))
        done, again = PanelButton(self.tr("Done"), self._finish), PanelButton(self.tr("Test again"), self._test_again)
        choices = [done] if report.passed else [again, done]
        choices += [PanelButton(self.tr("&Retake pictures"), self._choose_again), PanelButton(self.tr("&Undo"), self._undo)]
        said = figure_words(report, parts.panel.locale())
        if not report.passed:
            comfort = self.tr("The pictures are saved all the same; more and other pictures may help.")
            said = f"{comfort}\n\n{said}".strip()
        title = self.tr("Enrolled and recognized") if report.passed else self.tr("Enrolled, but not recognized yet")
        parts.panel.show_scene(title, said, choices)

    def _tell_refusal(self, now: EnrollmentStatus) -> None:
        parts = self._parts
        parts.show_stage(parts.crops)
        parts.crops.show_progress(now.progress)
        choices = [PanelButton(self.tr("Back to the pictures"), self._choose_again), PanelButton(self.tr("Cancel"), self.leave)]
        said = self.tr("None of the pictures adds anything to what is there already, or none was kept. Take some again.")
        parts.panel.show_scene(self.tr("Nothing was saved"), said, choices)

    def _test_again(self) -> None:
        self.guide.step(GuidedEnrollment.test_again)

    def _undo(self) -> None:
        self.guide.step(GuidedEnrollment.undo)

    def _finish(self) -> None:
        now = self.guide.now
        self.guide.end()
        self._parts.advise("")
        self.finished.emit(now.name if now is not None else "")

    def _refused(self, sentence: str) -> None:
        if self._parts.scene is Scene.WAITING:
            self.leave(sentence)
        else:
            self.said.emit(sentence)
