"""Guided enrolment: a person before a camera becomes samples in the gallery, step by step. No window, no threads, no clock.

COLLECTING ─ every pose seen or skipped ─▶ CHOOSING ─ save ─▶ TESTING ─▶ DONE
                                              └─▶ CONFLICT ─ same_person, somebody_else ─▶ TESTING
REFUSED from anywhere: `cancel`, or nothing worth keeping. `retake` leads back to COLLECTING from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facecam.errors import EnrolmentRefused, GalleryError
from facecam.identify.choice import Choice, as_collected, choose
from facecam.identify.enrol import CONFLICT_SHARE, IDENTITY_CONFLICT, Enrolled, Rival, enrol, rival_of, take_back
from facecam.identify.folder import GalleryFolder
from facecam.identify.gallery import Gallery, reading_conditions
from facecam.identify.names import display_name
from facecam.identify.poses import Pose
from facecam.identify.progress import Phase, Progress
from facecam.identify.reading import FaceReader, FaceReading
from facecam.identify.rule import decision_rule, own_threshold_l2
from facecam.identify.selection import SelectionRule, Sieve
from facecam.identify.self_test import SelfTest, SelfTestReport
from facecam.identify.sitting import Sitting
from facecam.settings import Settings
from facecam.types import Frame

CANCELLED = "cancelled"

_TEST_SHARE = 0.1
"""Of the whole: collecting takes seconds, the test a moment."""


class GuidedEnrolment:
    """Enrols one person, frame by frame. Its methods are for the thread that owns `reader`; each returns how far it is then.

    Frames are as the camera takes them, not mirrored, with every face embedded, as `reader.read` does it. `gallery` is who is
    enrolled before; after `save` the attribute of that name is the new one. GalleryError when `name` is none, or when a step is
    not possible in this phase; then nothing has changed.
    """

    def __init__(self, name: str, gallery: Gallery, reader: FaceReader, settings: Settings) -> None:
        self.name = display_name(name)
        self.gallery = gallery
        self._before = gallery
        self._reader = reader
        self._settings = settings
        self._rule = SelectionRule.for_threshold(own_threshold_l2(settings.identify.network))
        self._threshold_l2 = decision_rule(settings.identify, gallery.samples).threshold_l2
        self._sitting = Sitting(settings.gate, self._rule.max_spread_l2)
        self._phase = Phase.COLLECTING
        self._left_out: frozenset[Pose] = frozenset()
        self._choice = Choice()
        self._consent = ""
        self._two_people = False
        self._rival: Rival | None = None
        self._saved: Enrolled | None = None
        self._test: SelfTest | None = None
        self._report: SelfTestReport | None = None
        self._refused = ("", "")

    @property
    def progress(self) -> Progress:
        """How far it is."""
        sitting, collecting = self._sitting, self._phase is Phase.COLLECTING
        tested = self._test.share if self._test is not None else 0.0
        return Progress(
            phase=self._phase,
            asked=sitting.asked if collecting else None,
            checks=sitting.checks,
            done=sitting.done,
            skipped=sitting.skipped,
            shots=as_collected(sitting.collected) if collecting else self._choice.shots,
            fraction=1.0 if self._phase is Phase.DONE else (1 - _TEST_SHARE) * sitting.share + _TEST_SHARE * tested,
            sentence=self._sentence(),
            rival=self._rival,
            report=self._report,
            reason=self._refused[0],
            shares=sitting.shares,
        )

    def observe(self, frame: Frame, readings: Sequence[FaceReading]) -> Progress:
        """Take the next frame with the faces found in it. It counts in COLLECTING and TESTING, else it is passed over."""
        if self._phase is Phase.COLLECTING:
            self._sitting.observe(frame, readings)
            return self._go_on()
        if self._phase is Phase.TESTING and self._test is not None:
            self._report = self._test.observe(readings, frame.t_ms)
            if self._report is not None:
                self._phase = Phase.DONE
        return self.progress

    def skip(self) -> Progress:
        """Go without the pose that is asked for. The centre cannot be skipped: the others are measured from it."""
        asked = self._sitting.asked
        if self._phase is not Phase.COLLECTING or asked in (None, Pose.CENTRE):
            raise GalleryError("only left, right, up and down can be skipped, while they are asked for")
        assert asked is not None
        self._sitting.skip(asked)
        return self._go_on()

    def retake(self, pose: Pose) -> Progress:
        """Collect this pose again, also one that was skipped. What was saved stays until the next `save` replaces it."""
        self._sitting.retake(pose)
        self._left_out -= {pose}
        return self._go(Phase.COLLECTING)

    def leave_out(self, pose: Pose) -> Progress:
        """Do not save the picture of this pose; `keep` takes that back. What was saved stays until the next `save`."""
        return self._leave_out(self._left_out | {pose})

    def keep(self, pose: Pose) -> Progress:
        """Save the picture of this pose after all, unless its verdict speaks against it."""
        return self._leave_out(self._left_out - {pose})

    def save(self, consent: str = "") -> Progress:
        """Save the pictures and begin the self-test; or ask, in CONFLICT, about somebody enrolled who may be the same person.

        `consent` is what the person agreed to, in words, written down when they are new. With nothing worth keeping it is
        REFUSED. GalleryError when the folder cannot be written: the phase stays, and it can be tried again.
        """
        self._require(Phase.CHOOSING)
        self._consent = consent
        rival = rival_of(self._before, self.name, self._choice.selection.samples, self._threshold_l2)
        if rival is not None and not self._two_people:
            self._go(Phase.CONFLICT)
            self._rival = rival
            return self.progress
        try:
            self._write()
        except EnrolmentRefused as refused:
            return self._refuse(refused.reason, str(refused))
        return self._begin_test()

    def same_person(self) -> Progress:
        """The answer to a conflict: it is that person, who gains the pictures. `name` is theirs from now on."""
        self._require(Phase.CONFLICT)
        assert self._rival is not None
        self.name = self._rival.name
        self._choose()
        return self.save(self._consent)

    def somebody_else(self) -> Progress:
        """The other answer: two people who look alike. The person is enrolled in spite of it."""
        self._require(Phase.CONFLICT)
        self._two_people = True
        self._go(Phase.CHOOSING)
        return self.save(self._consent)

    def test_again(self) -> Progress:
        """Begin the self-test anew with the next frame."""
        self._require(Phase.TESTING, Phase.DONE)
        return self._begin_test()

    def undo(self) -> Progress:
        """Take back what was saved: the photos, and the person if they were new. The pictures are kept for another choice."""
        if self._saved is None:
            raise GalleryError("nothing was saved that could be taken back")
        take_back(GalleryFolder(self.gallery.folder), self._saved)
        self._saved = None
        self.gallery = self._before
        return self._go_on()

    def cancel(self) -> Progress:
        """End it without saving. What was saved before stays: `undo` takes it back."""
        return self._refuse(IDENTITY_CONFLICT if self._phase is Phase.CONFLICT else CANCELLED, "the enrolment was ended")

    def _require(self, *phases: Phase) -> None:
        if self._phase not in phases:
            raise GalleryError(f"this goes only while {' or '.join(phases)}, the enrolment is {self._phase}")

    def _go(self, phase: Phase) -> Progress:
        """Into another phase, where what the one before has asked or found no longer holds."""
        self._phase = phase
        self._rival = self._test = self._report = None
        self._refused = "", ""
        return self.progress

    def _refuse(self, reason: str, sentence: str) -> Progress:
        self._go(Phase.REFUSED)
        self._refused = reason, sentence
        return self.progress

    def _go_on(self) -> Progress:
        """To the choice when every pose was seen or skipped, else to collecting the others."""
        return self._choose() if self._sitting.asked is None else self._go(Phase.COLLECTING)

    def _choose(self) -> Progress:
        """Judge the pictures: against each other, and against the photos that the person had before."""
        known = [sample.embedding for sample in self._before.samples if sample.name == self.name]
        sieve = Sieve(self._reader, self._rule, known)
        self._choice = choose(self._sitting.collected, self._left_out, sieve, self._rule.max_spread_l2)
        return self._go(Phase.CHOOSING)

    def _leave_out(self, poses: frozenset[Pose]) -> Progress:
        if self._phase is Phase.COLLECTING:
            raise GalleryError("pictures are chosen when all poses are seen or skipped")
        self._left_out = poses
        return self._go_on()

    def _write(self) -> None:
        """Save what was chosen; what was saved earlier and is not among it goes."""
        selection, folder = self._choice.selection, GalleryFolder(self.gallery.folder)
        enrolled = enrol(self._before, self.name, selection, self._threshold_l2, force=True, consent=self._consent)
        before = next((person for person in self._before.people if person.name == self.name), None)
        paths = [folder.photo_path(enrolled.person, sample.jpeg) for sample in selection.samples]
        mine = tuple(path for path in paths if before is None or path not in before.photos)
        if self._saved is not None:
            take_back(folder, replace(self._saved, added=tuple(path for path in self._saved.added if path not in mine)))
        self._saved = replace(enrolled, added=mine, new_person=before is None)
        self.gallery = Gallery.load(folder.root, self._reader, conditions=reading_conditions(self._settings))

    def _begin_test(self) -> Progress:
        assert self._saved is not None
        self._go(Phase.TESTING)
        self._test = SelfTest(self.gallery, self._saved.person.person_id, self._settings)
        return self.progress

    def _sentence(self) -> str:
        if self._phase is Phase.COLLECTING:
            return next((item.sentence for item in self._sitting.checks if item.sentence), "very good, stay like this")
        if self._phase is Phase.CHOOSING:
            return f"{len(self._choice.selection.samples)} of {len(self._choice.shots)} pictures are worth keeping"
        if self._rival is not None:
            near = f"distance {self._rival.distance_l2:.2f}, one person below {CONFLICT_SHARE * self._threshold_l2:.2f}"
            return f"{self.name} looks like {self._rival.name}, who is enrolled already ({near}): is it the same person?"
        if self._phase is Phase.TESTING:
            return "look into the camera once more"
        return self._report.sentence(self.name) if self._report is not None else self._refused[1]
