"""Guided enrollment in a session. The recognition thread passes frames and commands; any thread may read the status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from facecam.enrollment.guided import CANCELED, NETWORK_CHANGED, EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.errors import FacecamError, GalleryError
from facecam.gallery.gallery import Gallery
from facecam.messages import caption
from facecam.recognition.face_analyzer import OK, FaceAnalyzer
from facecam.recognizer import Recognizer
from facecam.session.config import gallery_changed_event
from facecam.settings import Settings
from facecam.types import Event, EventCode, FaceObservation, Frame, Image, Result


@dataclass(frozen=True, slots=True)
class BeginEnrollment:
    """Start enrolling a person from the source in `slot`, ending a running enrollment."""

    name: str
    slot: int = 0


@dataclass(frozen=True, slots=True)
class EnrollmentStep:
    """Step of the running enrollment: a method of GuidedEnrollment, such as `skip`, or a function that calls some."""

    action: Callable[[GuidedEnrollment], EnrollmentProgress]


@dataclass(frozen=True, slots=True)
class EndEnrollment:
    """End the enrollment. Saved photos stay."""


EnrollmentCommand = BeginEnrollment | EnrollmentStep | EndEnrollment


@dataclass(frozen=True, slots=True, eq=False)
class EnrollmentStatus:
    """Status of an enrollment. `name` is the person's, which the answer to a conflict may change.

    `saved`: its photos are in the gallery. `failure` is a sentence when it cannot continue, else "".
    """

    name: str
    slot: int
    progress: EnrollmentProgress
    saved: bool = False
    failure: str = ""


class EnrollmentService:
    """Runs at most one enrollment, in the recognition thread. `status`, None without one, may be read in any thread."""

    def __init__(self) -> None:
        self.status: EnrollmentStatus | None = None
        self._enrollment: GuidedEnrollment | None = None
        self._analyzer: _CurrentAnalyzer | None = None
        self._known_gallery: Gallery | None = None

    def needs_frames(self, slot: int) -> bool:
        """Return whether the enrollment uses frames of this source, with every face embedded."""
        status = self.status
        return (
            status is not None
            and status.slot == slot
            and not status.failure
            and status.progress.phase in (EnrollmentPhase.COLLECTING, EnrollmentPhase.TESTING)
        )

    def execute(self, command: EnrollmentCommand, recognizer: Recognizer, settings: Settings) -> list[Event]:
        """Execute a command, let the recognizer reload the gallery if it changed, and return the events to log.

        Raises:
            GalleryError: The command was refused.
        """
        match command:
            case BeginEnrollment():
                return self._begin(command, recognizer, settings)
            case EnrollmentStep():
                if self._enrollment is None or self.status is None or self.status.failure:
                    raise GalleryError("no enrollment is running; start a new one")
                return self._update(command.action(self._enrollment), recognizer)
            case EndEnrollment():
                return self._end()

    def observe(self, frame: Frame, result: Result, recognizer: Recognizer) -> list[Event]:
        """Process a recognized frame, with every face embedded, and return the events to log."""
        assert self._enrollment is not None
        assert self._analyzer is not None
        self._analyzer.check()
        return self._update(self._enrollment.observe(frame, [sighting.observation for sighting in result.sightings]), recognizer)

    def fail(self, error: FacecamError) -> Event:
        """End the enrollment with an error and return the event to log."""
        assert self.status is not None
        self.status = replace(self.status, failure=error.text)
        return _event(EventCode.ENROLLMENT_ENDED, self.status.name, f"was ended: {error}", kind="error")

    def _begin(self, command: BeginEnrollment, recognizer: Recognizer, settings: Settings) -> list[Event]:
        analyzer = _CurrentAnalyzer(lambda: recognizer.analyzer)
        enrollment = GuidedEnrollment(command.name, recognizer.gallery, analyzer, settings)
        events = self._end()
        self._enrollment, self._analyzer, self._known_gallery = enrollment, analyzer, enrollment.gallery
        self.status = EnrollmentStatus(enrollment.name, command.slot, enrollment.progress)
        return [*events, _event(EventCode.ENROLLMENT_BEGUN, enrollment.name, "begins")]

    def _end(self) -> list[Event]:
        status = self.status
        self.status = self._enrollment = self._analyzer = self._known_gallery = None
        if status is None or status.saved or status.failure or status.progress.phase is EnrollmentPhase.REFUSED:
            return []
        return [_event(EventCode.ENROLLMENT_ENDED, status.name, f"is not enrolled: {CANCELED}")]

    def _update(self, progress: EnrollmentProgress, recognizer: Recognizer) -> list[Event]:
        """Update the status after a step or frame and return the events to log."""
        enrollment, previous = self._enrollment, self.status
        assert enrollment is not None
        assert previous is not None
        events: list[Event] = []
        saved = previous.saved
        if enrollment.gallery is not self._known_gallery:
            saved, self._known_gallery = progress.phase is EnrollmentPhase.TESTING, enrollment.gallery
            events += _reload_gallery(recognizer)
        status = self.status = replace(previous, name=enrollment.name, progress=progress, saved=saved)
        result = _result(previous, status)
        return [*events, _event(result[0], status.name, result[1])] if result else events


class _CurrentAnalyzer:
    """The recognizer's current face analyzer. Settings may change during an enrollment, but not the network."""

    def __init__(self, current: Callable[[], FaceAnalyzer | None]) -> None:
        self._current = current
        self._embedding_id = self.embedding_id

    @property
    def embedding_id(self) -> str:
        """Network that compares faces now. Raises GalleryError in object mode."""
        return self._open_analyzer().embedding_id

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        """Analyze an image (height, width, 3) uint8. Raises GalleryError when the network has changed."""
        self.check()
        return self._open_analyzer().analyze(bgr)

    def check(self) -> None:
        """Raise GalleryError when the network has changed."""
        if self.embedding_id != self._embedding_id:
            raise GalleryError(NETWORK_CHANGED)

    def _open_analyzer(self) -> FaceAnalyzer:
        analyzer = self._current()
        if analyzer is None:
            raise GalleryError("people can be enrolled only while faces are recognized; switch to faces first")
        return analyzer


def _reload_gallery(recognizer: Recognizer) -> list[Event]:
    """Let the recognizer reload the gallery, which others may have changed too, and return the events to log."""
    revision = recognizer.gallery.revision
    recognizer.reload_gallery()
    return [] if recognizer.gallery.revision == revision else [gallery_changed_event(recognizer.gallery)]


def _event(code: EventCode, person: str, result: str, kind: str = "state") -> Event:
    return Event(kind, f"enrollment: {person} {result}", code=code, person=person)


def _result(previous: EnrollmentStatus, status: EnrollmentStatus) -> tuple[EventCode, str] | None:
    """Return the code and text of a step's or frame's result for the log, None for no result."""
    if previous.saved and not status.saved:
        return EventCode.ENROLLMENT_UNDONE, "is undone"
    progress, report = status.progress, status.progress.report
    result = None
    if previous.progress.phase is progress.phase:
        return result
    match progress.phase:
        case EnrollmentPhase.TESTING if previous.progress.phase not in (EnrollmentPhase.TESTING, EnrollmentPhase.DONE):
            result = EventCode.ENROLLMENT_SAVED, f"is saved, pictures: {sum(shot.verdict == OK for shot in progress.shots)}"
        case EnrollmentPhase.DONE if report is not None and report.passed:
            result = EventCode.ENROLLMENT_RECOGNIZED, "is recognized"
        case EnrollmentPhase.DONE if report is not None:
            result = EventCode.ENROLLMENT_NOT_RECOGNIZED, f"is not recognized: {caption(report.reason)}"
        case EnrollmentPhase.REFUSED if not status.saved:
            result = EventCode.ENROLLMENT_ENDED, f"is not enrolled: {caption(progress.reason)}"
    return result
