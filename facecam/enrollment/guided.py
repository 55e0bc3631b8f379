"""Guided enrollment: a person in front of a camera becomes samples in the gallery, step by step. No window, threads or clock.

COLLECTING ─ every pose done or skipped ─▶ CHOOSING ─ save ─▶ TESTING ─▶ DONE
                                              ├─▶ MIXED ─ enroll_anyway ─▶ TESTING
                                              └─▶ CONFLICT ─ same_person, different_person ─▶ TESTING
REFUSED from any phase: `cancel`, or nothing worth saving. `retake` leads back to COLLECTING from any phase.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from facecam.enrollment.enroll import (
    IDENTITY_CONFLICT,
    MIXED_PEOPLE,
    EnrollmentOptions,
    SimilarPerson,
    enroll,
    find_mixed,
    find_similar_person,
)
from facecam.enrollment.pose_capture import PoseCapture, Shot, ShotReview, review_shots, unreviewed_shots
from facecam.enrollment.poses import CheckItem, Pose
from facecam.enrollment.samples import MixedSamples, SampleFilter, SelectionRule
from facecam.errors import EnrollmentRefusedError, GalleryError
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.people import display_name
from facecam.gallery.undo import UndoJournal
from facecam.messages import TranslatableText
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import OK, ImageFaceAnalyzer, single_face
from facecam.recognition.matching import Match, decide_frame, decision_rule, gallery_index
from facecam.recognition.quality import evidence_weight
from facecam.recognition.tracking import TrackVotes
from facecam.settings import Settings
from facecam.types import Decision, DecisionStatus, FaceObservation, Frame

SELF_CHECK_MS = 8000.0
"""Media time in which the person must be recognized: time to turn back to the camera and to come closer."""

ANOTHER_NAME, FEW_SIGHTINGS, CANCELED = "another_name", "few_sightings", "canceled"
NETWORK_CHANGED = TranslatableText("another network compares faces now; start the enrollment again")

_SELF_CHECK_FRACTION = 0.1
"""Part of the whole progress: collecting takes seconds, the self-check a moment."""


@dataclass(frozen=True, slots=True)
class SelfCheckReport:
    """Result of a self-check. `reason` is "ok", or the most frequent other code: a gate's, a decision's, or another_name.

    Distances are medians over the frames that measured them, else None: to the person's own nearest sample, and to that of
    `other_name`, the other person who was nearest most often. `threshold_l2` is the person's own match threshold.
    """

    passed: bool
    reason: str
    sightings: int
    threshold_l2: float
    own_l2: float | None = None
    other_l2: float | None = None
    other_name: str | None = None


class SelfCheck:
    """Self-check on fresh frames: a track must get the person's name, as in recognition, within SELF_CHECK_MS."""

    def __init__(self, gallery: Gallery, person_id: str, settings: Settings) -> None:
        self._settings = settings
        self._person_id = person_id
        self._index = gallery_index(settings.identify, gallery.samples, gallery.rejected)
        self._rule = decision_rule(settings.identify, gallery.samples)
        self._threshold_l2 = self._rule.threshold_l2
        self._votes = TrackVotes()
        self._reasons: Counter[str] = Counter()
        self._own_l2: list[float] = []
        self._others_l2: dict[str, list[float]] = {}
        self._since_ms: float | None = None

    @property
    def fraction(self) -> float:
        """Part of the required sightings, 0 to 1."""
        return min(1.0, self._reasons[OK] / self._settings.track.enter_after_sightings)

    def observe(self, observations: Sequence[FaceObservation], t_ms: float) -> SelfCheckReport | None:
        """Add a frame; return the report that it completes, None while the check continues."""
        self._since_ms = t_ms if self._since_ms is None else self._since_ms
        face = single_face(observations)
        if isinstance(face, str):
            self._reasons[face] += 1
        elif self._is_recognized(face):
            return self._report(passed=True)
        return self._report(passed=False) if t_ms - self._since_ms >= SELF_CHECK_MS else None

    def _is_recognized(self, face: FaceObservation) -> bool:
        """Add a sighting; return True when the sightings so far give the person's name."""
        assert face.embedding is not None
        match = self._index.nearest(face.embedding)
        (decision,) = decide_frame([match], self._rule)
        self._measure(match)
        self._reasons[self._reason(decision)] += 1
        self._votes.add(decision, evidence_weight(face.quality, self._settings.gate))
        track_decision, _, _ = self._votes.tally(decision, self._settings.track.enter_after_sightings)
        return self._reason(track_decision) == OK

    def _reason(self, decision: Decision) -> str:
        if decision.status is not DecisionStatus.KNOWN or decision.nearest is None:
            return decision.reason
        return OK if decision.nearest.person_id == self._person_id else ANOTHER_NAME

    def _measure(self, match: Match) -> None:
        others = [candidate for candidate in match if candidate is not None and candidate.person_id != self._person_id]
        for candidate in match:
            if candidate is not None and candidate.person_id == self._person_id:
                self._own_l2.append(candidate.distance_l2)
                self._threshold_l2 = self._rule.own_threshold_l2(candidate)
        for candidate in others[:1]:
            self._others_l2.setdefault(candidate.name, []).append(candidate.distance_l2)

    def _report(self, *, passed: bool) -> SelfCheckReport:
        failure = next((reason for reason, _ in self._reasons.most_common() if reason != OK), FEW_SIGHTINGS)
        other = max(self._others_l2, key=lambda name: len(self._others_l2[name]), default=None)
        return SelfCheckReport(
            passed=passed,
            reason=OK if passed else failure,
            sightings=self._reasons[OK],
            threshold_l2=self._threshold_l2,
            own_l2=median(self._own_l2) if self._own_l2 else None,
            other_l2=median(self._others_l2[other]) if other is not None else None,
            other_name=other,
        )


class EnrollmentPhase(StrEnum):
    """Phase of an enrollment. DONE comes with a report, passed or not; REFUSED comes with a reason."""

    COLLECTING = "collecting"
    CHOOSING = "choosing"
    MIXED = "mixed"
    CONFLICT = "conflict"
    TESTING = "testing"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class EnrollmentProgress:
    """Read-only state of an enrollment for display. `fraction` is of the whole, 0 to 1.

    `current_pose` is the prompted pose or None; `checks` describe the last collected frame. `shots` are the images so far, one
    for each pose. `mixed` is set in MIXED, `similar_person` in CONFLICT, `report` after a self-check, `reason` (a code) in
    REFUSED. `pose_fractions` is the progress of each pose, 0 to 1.
    """

    phase: EnrollmentPhase
    current_pose: Pose | None
    checks: tuple[CheckItem, ...]
    done: tuple[Pose, ...]
    skipped: tuple[Pose, ...]
    shots: tuple[Shot, ...]
    fraction: float
    mixed: MixedSamples | None = None
    similar_person: SimilarPerson | None = None
    report: SelfCheckReport | None = None
    reason: str = ""
    pose_fractions: Mapping[Pose, float] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        """Code of the instruction that leads to the prompted pose; empty when the last frame is good."""
        return next((item.hint for item in self.checks if item.hint), "")


class GuidedEnrollment:
    """Enrolls one person, frame by frame. Call it on the thread that owns `analyzer`; every step returns the progress.

    Frames are unmirrored, with every face embedded as by `analyzer.analyze`. `gallery` is the gallery before; after `save` the
    attribute holds the new one. GalleryError for an invalid `name`, and for a step that is not possible in the current phase;
    nothing changes then.
    """

    def __init__(self, name: str, gallery: Gallery, analyzer: ImageFaceAnalyzer, settings: Settings) -> None:
        self.name = display_name(name)
        self.gallery = gallery
        self._initial_gallery = gallery
        self._analyzer = analyzer
        self._embedding_id = analyzer.embedding_id
        self._settings = settings
        self._rule = SelectionRule.for_network(embedding_network(settings.identify.network))
        self._capture = PoseCapture(settings.gate, self._rule.max_spread_l2)
        self._phase = EnrollmentPhase.COLLECTING
        self._left_out: frozenset[Pose] = frozenset()
        self._review = ShotReview()
        self._consent = ""
        self._allow_mixed = False
        self._mixed: MixedSamples | None = None
        self._allow_similar = False
        self._similar: SimilarPerson | None = None
        self._journal = UndoJournal(limit=1)
        self._check: SelfCheck | None = None
        self._report: SelfCheckReport | None = None
        self._refusal = ""

    @property
    def progress(self) -> EnrollmentProgress:
        """Current state for display."""
        capture, collecting = self._capture, self._phase is EnrollmentPhase.COLLECTING
        checked = self._check.fraction if self._check is not None else 0.0
        fraction = (1 - _SELF_CHECK_FRACTION) * capture.fraction + _SELF_CHECK_FRACTION * checked
        return EnrollmentProgress(
            phase=self._phase,
            current_pose=capture.current_pose if collecting else None,
            checks=capture.checks,
            done=capture.done,
            skipped=capture.skipped,
            shots=unreviewed_shots(capture.collected) if collecting else self._review.shots,
            fraction=1.0 if self._phase is EnrollmentPhase.DONE else fraction,
            mixed=self._mixed,
            similar_person=self._similar,
            report=self._report,
            reason=self._refusal,
            pose_fractions=capture.pose_fractions,
        )

    def observe(self, frame: Frame, observations: Sequence[FaceObservation]) -> EnrollmentProgress:
        """Take the next frame with its faces; ignored outside of COLLECTING and TESTING."""
        if self._phase is EnrollmentPhase.COLLECTING:
            self._capture.observe(frame, observations)
            return self._continue()
        if self._phase is EnrollmentPhase.TESTING and self._check is not None:
            self._report = self._check.observe(observations, frame.t_ms)
            if self._report is not None:
                self._phase = EnrollmentPhase.DONE
        return self.progress

    def skip(self) -> EnrollmentProgress:
        """Skip the prompted pose. The center cannot be skipped: the others are measured from it."""
        pose = self._capture.current_pose
        if self._phase is not EnrollmentPhase.COLLECTING or pose is None or pose is Pose.CENTER:
            raise GalleryError("only the prompted pose can be skipped, and not the center")
        self._capture.skip(pose)
        return self._continue()

    def retake(self, pose: Pose) -> EnrollmentProgress:
        """Collect this pose again, also a skipped one. Saved photos stay until the next `save` replaces them."""
        self._capture.retake(pose)
        self._left_out -= {pose}
        return self._enter(EnrollmentPhase.COLLECTING)

    def exclude(self, pose: Pose) -> EnrollmentProgress:
        """Leave the image of this pose out of the next `save`; `include` reverts it."""
        return self._set_left_out(self._left_out | {pose})

    def include(self, pose: Pose) -> EnrollmentProgress:
        """Save the image of this pose after all, unless its verdict forbids it."""
        return self._set_left_out(self._left_out - {pose})

    def save(self, consent: str = "") -> EnrollmentProgress:
        """Save the images and start the self-check.

        Enter MIXED instead when the person's enrolled photos show another person, and CONFLICT when an enrolled person may be the
        same one.

        `consent`, what the person agreed to in words, is recorded for a new person. REFUSED follows when nothing is worth saving.
        GalleryError when the folder cannot be written: the phase stays, and `save` can be repeated.
        """
        self._require(EnrollmentPhase.CHOOSING)
        self._consent = consent
        mixed = find_mixed(self._initial_gallery, self.name, self._review.selection, self._rule)
        if mixed is not None and not self._allow_mixed:
            self._enter(EnrollmentPhase.MIXED)
            self._mixed = mixed
            return self.progress
        samples = self._review.selection.samples
        similar = find_similar_person(self._initial_gallery, self.name, samples, self._rule.same_person_l2)
        if similar is not None and not self._allow_similar:
            self._enter(EnrollmentPhase.CONFLICT)
            self._similar = similar
            return self.progress
        try:
            self._write()
        except EnrollmentRefusedError as error:
            return self._refuse(error.reason)
        return self._start_check()

    def enroll_anyway(self) -> EnrollmentProgress:
        """Answer MIXED: the enrolled photos and the images show one person."""
        self._require(EnrollmentPhase.MIXED)
        self._allow_mixed = True
        self._enter(EnrollmentPhase.CHOOSING)
        return self.save(self._consent)

    def same_person(self) -> EnrollmentProgress:
        """Resolve a conflict: the similar person gains the images, and `name` becomes theirs."""
        self._require(EnrollmentPhase.CONFLICT)
        assert self._similar is not None
        self.name = self._similar.name
        self._review_shots()
        return self.save(self._consent)

    def different_person(self) -> EnrollmentProgress:
        """Resolve a conflict: two people look alike, and the new one is enrolled."""
        self._require(EnrollmentPhase.CONFLICT)
        self._allow_similar = True
        self._enter(EnrollmentPhase.CHOOSING)
        return self.save(self._consent)

    def repeat_test(self) -> EnrollmentProgress:
        """Start the self-check again with the next frame."""
        self._require(EnrollmentPhase.TESTING, EnrollmentPhase.DONE)
        return self._start_check()

    def undo(self) -> EnrollmentProgress:
        """Remove the saved photos, and the person if new. The images stay available for another choice."""
        self._journal.undo()
        self.gallery = self._initial_gallery
        return self._continue()

    def cancel(self) -> EnrollmentProgress:
        """End the enrollment without saving. Photos saved before stay; `undo` removes them."""
        reasons = {EnrollmentPhase.MIXED: MIXED_PEOPLE, EnrollmentPhase.CONFLICT: IDENTITY_CONFLICT}
        return self._refuse(reasons.get(self._phase, CANCELED))

    def _require(self, *phases: EnrollmentPhase) -> None:
        if self._phase not in phases:
            raise GalleryError("this step is not possible while the enrollment is {phase}", phase=self._phase)

    def _enter(self, phase: EnrollmentPhase) -> EnrollmentProgress:
        """Change the phase and clear the results of the previous one."""
        self._phase = phase
        self._mixed = self._similar = self._check = self._report = None
        self._refusal = ""
        return self.progress

    def _refuse(self, reason: str) -> EnrollmentProgress:
        self._enter(EnrollmentPhase.REFUSED)
        self._refusal = reason
        return self.progress

    def _continue(self) -> EnrollmentProgress:
        """Review the shots once every pose is done or skipped, else collect."""
        return self._review_shots() if self._capture.current_pose is None else self._enter(EnrollmentPhase.COLLECTING)

    def _review_shots(self) -> EnrollmentProgress:
        """Judge the images against each other and against the person's photos before."""
        known = [sample.embedding for sample in self._initial_gallery.samples if sample.name == self.name]
        sample_filter = SampleFilter(self._analyzer, self._rule, known)
        self._review = review_shots(self._capture.collected, self._left_out, sample_filter, self._rule.max_spread_l2)
        return self._enter(EnrollmentPhase.CHOOSING)

    def _set_left_out(self, poses: frozenset[Pose]) -> EnrollmentProgress:
        if self._phase is EnrollmentPhase.COLLECTING:
            raise GalleryError("choose images after all poses are done or skipped")
        self._left_out = poses
        return self._continue()

    def _write(self) -> None:
        """Save the selection, and remove photos saved earlier that are not part of it.

        Raises GalleryError or ModelError before anything is written when the network has changed.
        """
        if self._analyzer.embedding_id != self._embedding_id:
            raise GalleryError(NETWORK_CHANGED)
        decision_rule(self._settings.identify, ())
        enrolled = enroll(
            self._initial_gallery,
            self.name,
            self._review.selection,
            EnrollmentOptions(self._rule, force=True, consent=self._consent, allow_mixed=True),
            replaced=self._journal.last,
        )
        self._journal.record(enrolled)
        self.gallery = Gallery.load(self.gallery.folder, self._analyzer, conditions=analysis_conditions(self._settings))

    def _start_check(self) -> EnrollmentProgress:
        saved = self._journal.last
        assert saved is not None
        self._enter(EnrollmentPhase.TESTING)
        self._check = SelfCheck(self.gallery, saved.person.person_id, self._settings)
        return self.progress
