"""Guided enrollment: a person before a camera becomes samples in the gallery, step by step. No window, no threads, no clock.

COLLECTING ─ every pose seen or skipped ─▶ CHOOSING ─ save ─▶ TESTING ─▶ DONE
                                              └─▶ CONFLICT ─ same_person, somebody_else ─▶ TESTING
REFUSED from anywhere: `cancel`, or nothing worth keeping. `retake` leads back to COLLECTING from anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import median

from facecam.enrollment.enroll import (
    CONFLICT_SHARE,
    IDENTITY_CONFLICT,
    EnrollmentResult,
    SimilarPerson,
    enroll,
    find_similar_person,
    undo_enrollment,
)
from facecam.enrollment.pose_capture import PoseCapture, Shot, ShotReview, as_collected, choose
from facecam.enrollment.poses import CheckItem, Pose
from facecam.enrollment.samples import SampleFilter, SelectionRule
from facecam.errors import EnrollmentRefusedError, GalleryError
from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.gallery.people import display_name
from facecam.gallery.store import GalleryFolder
from facecam.recognition.face_analyzer import OK, FaceObservation, ImageFaceAnalyzer, single_face
from facecam.recognition.matching import Index, Match, decide_frame, decision_rule, own_threshold_l2
from facecam.recognition.quality import evidence_weight
from facecam.recognition.tracking import TrackVotes
from facecam.settings import Settings
from facecam.types import Decision, DecisionStatus, Frame

# MERGED identify.self_test: The end of guided enrollment: fresh frames, decided as they always are, must name who was enrolled. Time is the frames'.

TEST_MS = 8000.0
"""Media time in which the person must have been recognized: time to turn back to the camera and to come nearer."""

ANOTHER_NAME, FEW_SIGHTINGS = "another_name", "few_sightings"

_WORDS = {
    ANOTHER_NAME: "taken for {other}",
    FEW_SIGHTINGS: "too few frames",
    "too_far": "too different from the pictures",
    "near_threshold": "almost too different from the pictures",
    "margin": "too much like {other} as well",
    "corrected": "like a face that was said to be somebody else",
    "no_face": "nobody before the camera",
    "several_faces": "several faces",
}


@dataclass(frozen=True, slots=True)
class SelfCheckReport:
    """How a self-test ended. `reason` is "ok", or the code most often seen instead: a gate's, a decision's, or another_name.

    Distances are medians over the frames in which they were measured, None without any: to the person's own nearest sample, and
    to that of `other_name`, the other person who was nearest most often. A name is given up to `threshold_l2`.
    """

    passed: bool
    reason: str
    sightings: int
    threshold_l2: float
    own_l2: float | None = None
    other_l2: float | None = None
    other_name: str | None = None

    def sentence(self, name: str) -> str:
        """The report in words; `name` is who was enrolled."""
        said = _WORDS.get(self.reason, f"{self.reason} faces").format(other=self.other_name)
        told = [f"{name} is recognized" if self.passed else f"{name} is not recognized yet, mostly {said}"]
        told += [f"distance {self.own_l2:.2f}, a name is given up to {self.threshold_l2:.2f}"] if self.own_l2 is not None else []
        told += [f"{self.other_name} is {self.other_l2:.2f} away"] if self.other_l2 is not None else []
        return "; ".join(told)


class SelfCheck:
    """Passes as soon as a track of these frames would carry the person's name, fails after TEST_MS of them."""

    def __init__(self, gallery: Gallery, person_id: str, settings: Settings) -> None:
        self._settings = settings
        self._person_id = person_id
        self._index = Index(gallery.samples, gallery.rejected)
        self._rule = decision_rule(settings.identify, gallery.samples)
        self._ballot = TrackVotes()
        self._reasons: Counter[str] = Counter()
        self._own_l2: list[float] = []
        self._others_l2: dict[str, list[float]] = {}
        self._since_ms: float | None = None

    @property
    def share(self) -> float:
        """How many of the sightings that are needed there are, 0 to 1."""
        return min(1.0, self._reasons[OK] / self._settings.track.enter_after_sightings)

    def observe(self, readings: Sequence[FaceObservation], t_ms: float) -> SelfCheckReport | None:
        """What the test says with this frame, None as long as it goes on."""
        self._since_ms = t_ms if self._since_ms is None else self._since_ms
        face = single_face(readings)
        if isinstance(face, str):
            self._reasons[face] += 1
        elif self._sighted(face):
            return self._report(passed=True)
        return self._report(passed=False) if t_ms - self._since_ms >= TEST_MS else None

    def _sighted(self, face: FaceObservation) -> bool:
        """Whether the sightings so far, with this one, give the person's name."""
        assert face.embedding is not None
        match = self._index.nearest(face.embedding)
        (decision,) = decide_frame([match], self._rule)
        self._measure(match)
        self._reasons[self._reason(decision)] += 1
        self._ballot.add(decision, evidence_weight(face.quality, self._settings.gate))
        standing, _, _ = self._ballot.count(decision, self._settings.track.enter_after_sightings)
        return self._reason(standing) == OK

    def _reason(self, decision: Decision) -> str:
        if decision.status is not DecisionStatus.KNOWN or decision.nearest is None:
            return decision.reason
        return OK if decision.nearest.person_id == self._person_id else ANOTHER_NAME

    def _measure(self, match: Match) -> None:
        others = [candidate for candidate in match if candidate is not None and candidate.person_id != self._person_id]
        self._own_l2 += [candidate.distance_l2 for candidate in match if candidate and candidate.person_id == self._person_id]
        for candidate in others[:1]:
            self._others_l2.setdefault(candidate.name, []).append(candidate.distance_l2)

    def _report(self, *, passed: bool) -> SelfCheckReport:
        most = next((reason for reason, _ in self._reasons.most_common() if reason != OK), FEW_SIGHTINGS)
        other = max(self._others_l2, key=lambda name: len(self._others_l2[name]), default=None)
        return SelfCheckReport(
            passed=passed,
            reason=OK if passed else most,
            sightings=self._reasons[OK],
            threshold_l2=self._rule.threshold_l2,
            own_l2=median(self._own_l2) if self._own_l2 else None,
            other_l2=median(self._others_l2[other]) if other is not None else None,
            other_name=other,
        )


# MERGED identify.progress: How far a guided enrollment is: what a window shows, and nothing that it could change.


class EnrollmentPhase(StrEnum):
    """Where an enrollment is. DONE comes with a report, whether the test was passed or not; REFUSED comes with a reason."""

    COLLECTING = "collecting"
    CHOOSING = "choosing"
    CONFLICT = "conflict"
    TESTING = "testing"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class EnrollmentProgress:
    """How far an enrollment is. `fraction` is of the whole, 0 to 1; `sentence` is what to tell the person now.

    `asked` is the pose that is waited for, None when there is none; `checks` are about the last frame that was collected from.
    `shots` are the pictures kept so far, one for a pose, in the poses' order. `rival` is set in CONFLICT, `report` once a
    self-test has ended, `reason` (a code) in REFUSED. `shares` says how much of each pose there is, 0 to 1.
    """

    phase: EnrollmentPhase
    asked: Pose | None
    checks: tuple[CheckItem, ...]
    done: tuple[Pose, ...]
    skipped: tuple[Pose, ...]
    shots: tuple[Shot, ...]
    fraction: float
    sentence: str
    rival: SimilarPerson | None = None
    report: SelfCheckReport | None = None
    reason: str = ""
    shares: Mapping[Pose, float] = field(default_factory=dict)


CANCELED = "canceled"

_TEST_SHARE = 0.1
"""Of the whole: collecting takes seconds, the test a moment."""


class GuidedEnrollment:
    """Enrolls one person, frame by frame. Its methods are for the thread that owns `reader`; each returns how far it is then.

    Frames are as the camera takes them, not mirrored, with every face embedded, as `reader.read` does it. `gallery` is who is
    enrolled before; after `save` the attribute of that name is the new one. GalleryError when `name` is none, or when a step is
    not possible in this phase; then nothing has changed.
    """

    def __init__(self, name: str, gallery: Gallery, reader: ImageFaceAnalyzer, settings: Settings) -> None:
        self.name = display_name(name)
        self.gallery = gallery
        self._before = gallery
        self._reader = reader
        self._settings = settings
        self._rule = SelectionRule.for_threshold(own_threshold_l2(settings.identify.network))
        self._threshold_l2 = decision_rule(settings.identify, gallery.samples).threshold_l2
        self._sitting = PoseCapture(settings.gate, self._rule.max_spread_l2)
        self._phase = EnrollmentPhase.COLLECTING
        self._left_out: frozenset[Pose] = frozenset()
        self._choice = ShotReview()
        self._consent = ""
        self._two_people = False
        self._rival: SimilarPerson | None = None
        self._saved: EnrollmentResult | None = None
        self._test: SelfCheck | None = None
        self._report: SelfCheckReport | None = None
        self._refused = ("", "")

    @property
    def progress(self) -> EnrollmentProgress:
        """How far it is."""
        sitting, collecting = self._sitting, self._phase is EnrollmentPhase.COLLECTING
        tested = self._test.share if self._test is not None else 0.0
        return EnrollmentProgress(
            phase=self._phase,
            asked=sitting.asked if collecting else None,
            checks=sitting.checks,
            done=sitting.done,
            skipped=sitting.skipped,
            shots=as_collected(sitting.collected) if collecting else self._choice.shots,
            fraction=1.0 if self._phase is EnrollmentPhase.DONE else (1 - _TEST_SHARE) * sitting.share + _TEST_SHARE * tested,
            sentence=self._sentence(),
            rival=self._rival,
            report=self._report,
            reason=self._refused[0],
            shares=sitting.shares,
        )

    def observe(self, frame: Frame, readings: Sequence[FaceObservation]) -> EnrollmentProgress:
        """Take the next frame with the faces found in it. It counts in COLLECTING and TESTING, else it is passed over."""
        if self._phase is EnrollmentPhase.COLLECTING:
            self._sitting.observe(frame, readings)
            return self._go_on()
        if self._phase is EnrollmentPhase.TESTING and self._test is not None:
            self._report = self._test.observe(readings, frame.t_ms)
            if self._report is not None:
                self._phase = EnrollmentPhase.DONE
        return self.progress

    def skip(self) -> EnrollmentProgress:
        """Go without the pose that is asked for. The center cannot be skipped: the others are measured from it."""
        asked = self._sitting.asked
        if self._phase is not EnrollmentPhase.COLLECTING or asked in (None, Pose.CENTER):
            raise GalleryError("only left, right, up and down can be skipped, while they are asked for")
        assert asked is not None
        self._sitting.skip(asked)
        return self._go_on()

    def retake(self, pose: Pose) -> EnrollmentProgress:
        """Collect this pose again, also one that was skipped. What was saved stays until the next `save` replaces it."""
        self._sitting.retake(pose)
        self._left_out -= {pose}
        return self._go(EnrollmentPhase.COLLECTING)

    def leave_out(self, pose: Pose) -> EnrollmentProgress:
        """Do not save the picture of this pose; `keep` takes that back. What was saved stays until the next `save`."""
        return self._leave_out(self._left_out | {pose})

    def keep(self, pose: Pose) -> EnrollmentProgress:
        """Save the picture of this pose after all, unless its verdict speaks against it."""
        return self._leave_out(self._left_out - {pose})

    def save(self, consent: str = "") -> EnrollmentProgress:
        """Save the pictures and begin the self-test; or ask, in CONFLICT, about somebody enrolled who may be the same person.

        `consent` is what the person agreed to, in words, written down when they are new. With nothing worth keeping it is
        REFUSED. GalleryError when the folder cannot be written: the phase stays, and it can be tried again.
        """
        self._require(EnrollmentPhase.CHOOSING)
        self._consent = consent
        rival = find_similar_person(self._before, self.name, self._choice.selection.samples, self._threshold_l2)
        if rival is not None and not self._two_people:
            self._go(EnrollmentPhase.CONFLICT)
            self._rival = rival
            return self.progress
        try:
            self._write()
        except EnrollmentRefusedError as refused:
            return self._refuse(refused.reason, str(refused))
        return self._begin_test()

    def same_person(self) -> EnrollmentProgress:
        """The answer to a conflict: it is that person, who gains the pictures. `name` is theirs from now on."""
        self._require(EnrollmentPhase.CONFLICT)
        assert self._rival is not None
        self.name = self._rival.name
        self._choose()
        return self.save(self._consent)

    def somebody_else(self) -> EnrollmentProgress:
        """The other answer: two people who look alike. The person is enrolled in spite of it."""
        self._require(EnrollmentPhase.CONFLICT)
        self._two_people = True
        self._go(EnrollmentPhase.CHOOSING)
        return self.save(self._consent)

    def test_again(self) -> EnrollmentProgress:
        """Begin the self-test anew with the next frame."""
        self._require(EnrollmentPhase.TESTING, EnrollmentPhase.DONE)
        return self._begin_test()

    def undo(self) -> EnrollmentProgress:
        """Take back what was saved: the photos, and the person if they were new. The pictures are kept for another choice."""
        if self._saved is None:
            raise GalleryError("nothing was saved that could be taken back")
        undo_enrollment(GalleryFolder(self.gallery.folder), self._saved)
        self._saved = None
        self.gallery = self._before
        return self._go_on()

    def cancel(self) -> EnrollmentProgress:
        """End it without saving. What was saved before stays: `undo` takes it back."""
        return self._refuse(
            IDENTITY_CONFLICT if self._phase is EnrollmentPhase.CONFLICT else CANCELED, "the enrollment was ended"
        )

    def _require(self, *phases: EnrollmentPhase) -> None:
        if self._phase not in phases:
            raise GalleryError(f"this goes only while {' or '.join(phases)}, the enrollment is {self._phase}")

    def _go(self, phase: EnrollmentPhase) -> EnrollmentProgress:
        """Into another phase, where what the one before has asked or found no longer holds."""
        self._phase = phase
        self._rival = self._test = self._report = None
        self._refused = "", ""
        return self.progress

    def _refuse(self, reason: str, sentence: str) -> EnrollmentProgress:
        self._go(EnrollmentPhase.REFUSED)
        self._refused = reason, sentence
        return self.progress

    def _go_on(self) -> EnrollmentProgress:
        """To the choice when every pose was seen or skipped, else to collecting the others."""
        return self._choose() if self._sitting.asked is None else self._go(EnrollmentPhase.COLLECTING)

    def _choose(self) -> EnrollmentProgress:
        """Judge the pictures: against each other, and against the photos that the person had before."""
        known = [sample.embedding for sample in self._before.samples if sample.name == self.name]
        sieve = SampleFilter(self._reader, self._rule, known)
        self._choice = choose(self._sitting.collected, self._left_out, sieve, self._rule.max_spread_l2)
        return self._go(EnrollmentPhase.CHOOSING)

    def _leave_out(self, poses: frozenset[Pose]) -> EnrollmentProgress:
        if self._phase is EnrollmentPhase.COLLECTING:
            raise GalleryError("pictures are chosen when all poses are seen or skipped")
        self._left_out = poses
        return self._go_on()

    def _write(self) -> None:
        """Save what was chosen; what was saved earlier and is not among it goes."""
        selection, folder = self._choice.selection, GalleryFolder(self.gallery.folder)
        enrolled = enroll(self._before, self.name, selection, self._threshold_l2, force=True, consent=self._consent)
        before = next((person for person in self._before.people if person.name == self.name), None)
        paths = [folder.photo_path(enrolled.person, sample.jpeg) for sample in selection.samples]
        mine = tuple(path for path in paths if before is None or path not in before.photos)
        if self._saved is not None:
            undo_enrollment(folder, replace(self._saved, added=tuple(path for path in self._saved.added if path not in mine)))
        self._saved = replace(enrolled, added=mine, new_person=before is None)
        self.gallery = Gallery.load(folder.root, self._reader, conditions=reading_conditions(self._settings))

    def _begin_test(self) -> EnrollmentProgress:
        assert self._saved is not None
        self._go(EnrollmentPhase.TESTING)
        self._test = SelfCheck(self.gallery, self._saved.person.person_id, self._settings)
        return self.progress

    def _sentence(self) -> str:
        if self._phase is EnrollmentPhase.COLLECTING:
            return next((item.sentence for item in self._sitting.checks if item.sentence), "very good, stay like this")
        if self._phase is EnrollmentPhase.CHOOSING:
            return f"{len(self._choice.selection.samples)} of {len(self._choice.shots)} pictures are worth keeping"
        if self._rival is not None:
            near = f"distance {self._rival.distance_l2:.2f}, one person below {CONFLICT_SHARE * self._threshold_l2:.2f}"
            return f"{self.name} looks like {self._rival.name}, who is enrolled already ({near}): is it the same person?"
        if self._phase is EnrollmentPhase.TESTING:
            return "look into the camera once more"
        return self._report.sentence(self.name) if self._report is not None else self._refused[1]
