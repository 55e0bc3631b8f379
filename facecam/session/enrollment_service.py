"""Guided enrollment inside a session: its recognize thread passes frames and steps on, any thread may look how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from facecam.enrollment.guided import CANCELED, EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.errors import FacecamError, GalleryError
from facecam.gallery.gallery import Gallery
from facecam.recognition.face_analyzer import OK, FaceAnalyzer, FaceObservation
from facecam.recognizer import Recognizer
from facecam.session.config import who_is_enrolled
from facecam.settings import Settings
from facecam.types import Event, Frame, Image

ENROLLMENT = "enrollment: "
"""How the messages of its `state` rows begin; the person's name and what became of it follow."""


@dataclass(frozen=True, slots=True)
class BeginEnrollment:
    """Enroll this person from the frames of the source in that slot. One that runs is ended."""

    name: str
    slot: int = 0


@dataclass(frozen=True, slots=True)
class EnrollmentStep:
    """A step of the enrollment that runs, as `GuidedEnrollment.skip` is one, or a call of its methods."""

    take: Callable[[GuidedEnrollment], EnrollmentProgress]


@dataclass(frozen=True, slots=True)
class EndEnrollment:
    """Nothing more of it is wanted. What was saved stays."""


EnrollmentCommand = BeginEnrollment | EnrollmentStep | EndEnrollment


@dataclass(frozen=True, slots=True, eq=False)
class EnrollmentStatus:
    """How far an enrollment is. `name` is the person's, which the answer to a conflict may change.

    `saved` says whether pictures of it are in the gallery now. `ended` is a sentence when it cannot go on, else "".
    """

    name: str
    slot: int
    progress: EnrollmentProgress
    saved: bool = False
    ended: str = ""


class EnrollmentService:
    """At most one enrollment at a time. For the thread that owns the recognizer; `now`, None without one, may be read in any."""

    def __init__(self) -> None:
        self.now: EnrollmentStatus | None = None
        self._enrollment: GuidedEnrollment | None = None
        self._reader: _Reader | None = None
        self._before: Gallery | None = None

    def wants(self, slot: int) -> bool:
        """Whether frames of this source are looked at, with every face embedded."""
        now = self.now
        return (
            now is not None
            and now.slot == slot
            and not now.ended
            and now.progress.phase in (EnrollmentPhase.COLLECTING, EnrollmentPhase.TESTING)
        )

    def carry_out(self, guidance: EnrollmentCommand, recognizer: Recognizer, settings: Settings) -> list[Event]:
        """Do what is asked for, and have the recognizer compare with whom it has saved; what is to be logged.

        GalleryError says why nothing was done.
        """
        match guidance:
            case BeginEnrollment():
                return self._begin(guidance, recognizer, settings)
            case EnrollmentStep():
                if self._enrollment is None or self.now is None or self.now.ended:
                    raise GalleryError("nobody is being enrolled: begin anew")
                return self._tell(guidance.take(self._enrollment), recognizer)
            case EndEnrollment():
                return self._end()

    def observe(self, frame: Frame, recognizer: Recognizer) -> list[Event]:
        """Take the frame that was recognized last, every face of it embedded; what is to be logged."""
        assert self._enrollment is not None
        assert self._reader is not None
        self._reader.check()
        return self._tell(self._enrollment.observe(frame, recognizer.observations), recognizer)

    def fail(self, error: FacecamError) -> Event:
        """It cannot go on; what is to be logged."""
        assert self.now is not None
        self.now = replace(self.now, ended=str(error))
        return Event("error", f"{ENROLLMENT}{self.now.name} was ended: {error}")

    def _begin(self, asked: BeginEnrollment, recognizer: Recognizer, settings: Settings) -> list[Event]:
        reader = _Reader(lambda: recognizer.reader)
        enrollment = GuidedEnrollment(asked.name, recognizer.gallery, reader, settings)
        events = self._end()
        self._enrollment, self._reader, self._before = enrollment, reader, enrollment.gallery
        self.now = EnrollmentStatus(enrollment.name, asked.slot, enrollment.progress)
        return [*events, Event("state", f"{ENROLLMENT}{enrollment.name} begins")]

    def _end(self) -> list[Event]:
        now = self.now
        self.now = self._enrollment = self._reader = self._before = None
        if now is None or now.saved or now.ended or now.progress.phase is EnrollmentPhase.REFUSED:
            return []
        return [Event("state", f"{ENROLLMENT}{now.name} is not enrolled: {CANCELED}")]

    def _tell(self, progress: EnrollmentProgress, recognizer: Recognizer) -> list[Event]:
        """Show how far it is now; what that means for the log."""
        enrollment, before = self._enrollment, self.now
        assert enrollment is not None
        assert before is not None
        events: list[Event] = []
        saved = before.saved
        if enrollment.gallery is not self._before:
            saved, self._before = progress.phase is EnrollmentPhase.TESTING, enrollment.gallery
            events += _compare_anew(recognizer)
        now = self.now = replace(before, name=enrollment.name, progress=progress, saved=saved)
        said = _what_became(before, now)
        return [*events, Event("state", f"{ENROLLMENT}{now.name} {said}")] if said else events


class _Reader:
    """Reads with whatever the recognizer reads with now: settings may change while somebody is enrolled, the network not."""

    def __init__(self, reader: Callable[[], FaceAnalyzer | None]) -> None:
        self._reader = reader
        self.embedding_id = self._now().embedding_id

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        """The faces of a picture (height, width, 3) uint8, the largest first. GalleryError when another network reads now."""
        self.check()
        return self._now().analyze(bgr)

    def check(self) -> None:
        """GalleryError when another network reads now."""
        if self._now().embedding_id != self.embedding_id:
            raise GalleryError("another network compares faces now: begin the enrollment anew")

    def _now(self) -> FaceAnalyzer:
        reader = self._reader()
        if reader is None:
            raise GalleryError("nobody can be enrolled while only objects are looked at: change to faces first")
        return reader


def _compare_anew(recognizer: Recognizer) -> list[Event]:
    """Have the recognizer read the gallery as it is now, whoever else has changed it; what is to be logged."""
    revision = recognizer.gallery.revision
    recognizer.reload_gallery()
    return [] if recognizer.gallery.revision == revision else [who_is_enrolled(recognizer.gallery)]


def _what_became(before: EnrollmentStatus, now: EnrollmentStatus) -> str:
    """The result that the log has of a step or a frame, "" for one that brought none."""
    if before.saved and not now.saved:
        return "is taken back"
    if before.progress.phase is now.progress.phase:
        return ""
    match now.progress.phase:
        case EnrollmentPhase.TESTING if before.progress.phase in (EnrollmentPhase.CHOOSING, EnrollmentPhase.CONFLICT):
            return f"is saved, pictures: {sum(shot.verdict == OK for shot in now.progress.shots)}"
        case EnrollmentPhase.DONE if now.progress.report is not None:
            return "is recognized" if now.progress.report.passed else f"is not recognized: {now.progress.report.reason}"
        case EnrollmentPhase.REFUSED if not now.saved:
            return f"is not enrolled: {now.progress.reason}"
    return ""
