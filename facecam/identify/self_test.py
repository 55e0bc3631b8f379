"""The end of guided enrolment: fresh frames, decided as they always are, must name who was enrolled. Time is the frames'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from facecam.identify.decide import Match, decide_frame
from facecam.identify.gallery import Gallery
from facecam.identify.index import Index
from facecam.identify.quality import evidence_weight
from facecam.identify.reading import FaceReading
from facecam.identify.rule import decision_rule
from facecam.identify.verdict import OK, single_face
from facecam.identify.vote import Ballot
from facecam.settings import Settings
from facecam.types import Decision, Kind

TEST_MS = 8000.0
"""Media time in which the person must have been recognised: time to turn back to the camera and to come nearer."""

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
class SelfTestReport:
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
        told = [f"{name} is recognised" if self.passed else f"{name} is not recognised yet, mostly {said}"]
        told += [f"distance {self.own_l2:.2f}, a name is given up to {self.threshold_l2:.2f}"] if self.own_l2 is not None else []
        told += [f"{self.other_name} is {self.other_l2:.2f} away"] if self.other_l2 is not None else []
        return "; ".join(told)


class SelfTest:
    """Passes as soon as a track of these frames would carry the person's name, fails after TEST_MS of them."""

    def __init__(self, gallery: Gallery, person_id: str, settings: Settings) -> None:
        self._settings = settings
        self._person_id = person_id
        self._index = Index(gallery)
        self._rule = decision_rule(settings.identify, gallery.samples)
        self._ballot = Ballot()
        self._reasons: Counter[str] = Counter()
        self._own_l2: list[float] = []
        self._others_l2: dict[str, list[float]] = {}
        self._since_ms: float | None = None

    @property
    def share(self) -> float:
        """How many of the sightings that are needed there are, 0 to 1."""
        return min(1.0, self._reasons[OK] / self._settings.track.enter_after_sightings)

    def observe(self, readings: Sequence[FaceReading], t_ms: float) -> SelfTestReport | None:
        """What the test says with this frame, None as long as it goes on."""
        self._since_ms = t_ms if self._since_ms is None else self._since_ms
        face = single_face(readings)
        if isinstance(face, str):
            self._reasons[face] += 1
        elif self._sighted(face):
            return self._report(passed=True)
        return self._report(passed=False) if t_ms - self._since_ms >= TEST_MS else None

    def _sighted(self, face: FaceReading) -> bool:
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
        if decision.kind is not Kind.KNOWN or decision.nearest is None:
            return decision.reason
        return OK if decision.nearest.person_id == self._person_id else ANOTHER_NAME

    def _measure(self, match: Match) -> None:
        others = [candidate for candidate in match if candidate is not None and candidate.person_id != self._person_id]
        self._own_l2 += [candidate.distance_l2 for candidate in match if candidate and candidate.person_id == self._person_id]
        for candidate in others[:1]:
            self._others_l2.setdefault(candidate.name, []).append(candidate.distance_l2)

    def _report(self, *, passed: bool) -> SelfTestReport:
        most = next((reason for reason, _ in self._reasons.most_common() if reason != OK), FEW_SIGHTINGS)
        other = max(self._others_l2, key=lambda name: len(self._others_l2[name]), default=None)
        return SelfTestReport(
            passed=passed,
            reason=OK if passed else most,
            sightings=self._reasons[OK],
            threshold_l2=self._rule.threshold_l2,
            own_l2=median(self._own_l2) if self._own_l2 else None,
            other_l2=median(self._others_l2[other]) if other is not None else None,
            other_name=other,
        )
