"""Frozen value types that pass between the stages, validated on construction.

Conventions of the whole program:

- Images are uint8 arrays of shape (height, width, 3). The name gives the channel order: `bgr` or `rgb`.
- Positions are in pixels of the frame, x to the right, y down; the center of the first pixel is (0, 0). `_wh` is (width, height).
- Landmarks are (5, 2) float32 of x and y: left eye, right eye, nose tip, left and right mouth corner. Left means smaller x.
- Embeddings are (d,) float32 of unit length, d by network. Distances are plain L2 between two of them, 0 to 2, and end in `_l2`.
- `t_ms` is session time: milliseconds of the media for files, monotonic since the start for live sources.
- Absent values are None or (), never False, -1 or NaN.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import mul
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.settings import Mode

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

DEMO = "demo"
"""Name of the source that shows bundled photos."""

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Classes of the expression network, in the order of its output."""

UNCLEAR = "unclear"
"""Label of an expression none of whose classes reaches CLEAR_FROM. It is not a class: it has no probability."""

CLEAR_FROM = 0.4
"""Least probability of the most likely class with which it is the label of an expression."""

VISIT_GAP_S = 10.0
"""A person who is back within this time has not left: one visit in the window, in log queries and in reports."""

_VALENCE = (-0.51, -0.60, -0.64, 0.81, -0.63, 0.40, 0.0)


class DecisionStatus(StrEnum):
    """Certainty of a decision. Only KNOWN has a name; SKIPPED faces were not compared."""

    KNOWN = "known"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class TimeOrigin(StrEnum):
    """Origin of a source's UTC times, from the most to the least certain.

    CLOCK: this machine's clock, while a live source was recognized. GIVEN: the user. CONTAINER: the creation time in the file's
    header, by the clock of the camera or the program that wrote it. FILE: the file's modification time minus its length, which
    copying may have changed.
    """

    CLOCK = "clock"
    GIVEN = "given"
    CONTAINER = "container"
    FILE = "file"


ESTIMATED_ORIGINS = (TimeOrigin.CONTAINER, TimeOrigin.FILE)
"""Origins of times that may be wrong by any amount."""


@dataclass(frozen=True, slots=True)
class SourceTime:
    """UTC time of a source's t_ms 0, and its origin."""

    zero_utc: datetime
    origin: TimeOrigin

    def __post_init__(self) -> None:
        if self.zero_utc.utcoffset() != timedelta(0):
            raise ValueError(f"zero_utc is {self.zero_utc}, expected a UTC time with its time zone")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One image of a source. `index` counts delivered frames from 0; `captured_at_s` is time.monotonic."""

    bgr: Image
    index: int
    t_ms: float
    captured_at_s: float
    source: str
    camera_id: str = ""

    def __post_init__(self) -> None:
        if self.bgr.ndim != 3 or self.bgr.shape[2] != 3 or self.bgr.dtype != np.uint8 or 0 in self.bgr.shape:
            raise ImageError(
                "frame {index} of {source} is {shape} {dtype}, expected (height, width, 3) uint8",
                index=self.index,
                source=self.source,
                shape=self.bgr.shape,
                dtype=self.bgr.dtype,
            )

    @property
    def size_wh(self) -> tuple[int, int]:
        return self.bgr.shape[1], self.bgr.shape[0]


@dataclass(frozen=True, slots=True)
class Box:
    """Bounding box in pixels; x and y are its left and upper edge. It may extend beyond the frame."""

    x: float
    y: float
    w: float
    h: float

    def __post_init__(self) -> None:
        if not (self.w > 0 and self.h > 0):
            raise ImageError("a box needs a positive size, got {w} x {h}", w=self.w, h=self.h)

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.x + self.w, self.y + self.h

    @property
    def longer_side_px(self) -> float:
        return max(self.w, self.h)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """Detected face with bounding box, detector score (0 to 1) and landmarks (5, 2) float32."""

    box: Box
    score: float
    landmarks_xy: Floats

    def __post_init__(self) -> None:
        if self.landmarks_xy.shape != (5, 2):
            raise ImageError("landmarks_xy is {shape}, expected (5, 2)", shape=self.landmarks_xy.shape)


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality measures of a face: head pose, sharpness and brightness.

    Sharpness is the variance of the Laplacian of the aligned crop, brightness its mean luminance (0 to 255). Both are None if
    no crop was made because the face did not need an embedding.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sharpness: float | None = None
    brightness: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One usable gallery photo, or a rejected face that is marked as not being `name`.

    `sample_id` is "<folder>/<file>" inside the gallery; `embedding` is (d,) float32 of unit length.
    """

    sample_id: str
    person_id: str
    name: str
    photo: Path
    embedding: Floats


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """One analyzed face of an image.

    `gate` is the code of the quality gate that the face failed (then `embedding` is None), or None. `embedding` is (d,) float32
    of unit length, None also if it was not needed. `crop_rgb` is the crop in the network's alignment, None if none was needed.
    """

    face: Face
    quality: Quality
    gate: str | None
    embedding: Floats | None
    crop_rgb: Image | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person compared with a face.

    Attributes:
        name, person_id: The person.
        sample_id: The person's sample that is nearest to the face.
        distance_l2: Distance to that sample or to the mean of the person's samples, whichever is nearer.
        sample_l2: Distance to that sample, None if it is `distance_l2`.
        threshold_reduction_l2: How far the person's own match threshold lies below that of the gallery, because many faces are
            close to theirs.
        threshold_limit_l2: Upper limit of the person's own match threshold, because their samples are much alike; None without.
        rejected_l2: Distance to the nearest image that a user marked as not being this person, or None.
    """

    name: str
    person_id: str
    sample_id: str
    distance_l2: float
    rejected_l2: float | None = None
    sample_l2: float | None = None
    threshold_reduction_l2: float = 0.0
    threshold_limit_l2: float | None = None

    def own_threshold_l2(self, threshold_l2: float) -> float:
        """Return the person's own match threshold, given that of the gallery. Both are in steps of 1e-6, as they are logged."""
        lowered_l2 = max(round(threshold_l2 - self.threshold_reduction_l2, 6), 1e-6)
        return lowered_l2 if self.threshold_limit_l2 is None else min(lowered_l2, self.threshold_limit_l2)

    def threshold_origin(self, threshold_l2: float) -> str:
        """Return the code of what the person's own match threshold comes from, given that of the gallery, if it is not fixed."""
        own_l2 = self.own_threshold_l2(threshold_l2)
        if own_l2 == threshold_l2:
            return "gallery"
        return "alike_photos" if own_l2 == self.threshold_limit_l2 else "resembles_many"


@dataclass(frozen=True, slots=True)
class Decision:
    """Identity decision with its reason code. `name` is set exactly when `status` is KNOWN."""

    status: DecisionStatus
    reason: str
    name: str | None = None
    nearest: Candidate | None = None
    second: Candidate | None = None

    def __post_init__(self) -> None:
        if (self.name is not None) != (self.status is DecisionStatus.KNOWN):
            raise ValueError(f"a decision has a name exactly when it is known, got {self.status} with name {self.name!r}")

    @property
    def kind(self) -> DecisionStatus:
        """Deprecated name of `status`."""
        warnings.warn("Decision.kind is deprecated, use Decision.status", DeprecationWarning, stacklevel=2)
        return self.status

    @property
    def person_id(self) -> str | None:
        """Id of the person in `name`."""
        return self.nearest.person_id if self.name is not None and self.nearest is not None else None

    @property
    def margin_l2(self) -> float | None:
        """Distance to the nearest other person minus that to the nearest; None unless two people were compared."""
        if self.nearest is None or self.second is None:
            return None
        return self.second.distance_l2 - self.nearest.distance_l2


@dataclass(frozen=True, slots=True)
class Expression:
    """Seven class probabilities in the order of EXPRESSIONS. They describe the face, not what the person feels."""

    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(EXPRESSIONS):
            raise ValueError(f"{len(self.probabilities)} probabilities, expected {len(EXPRESSIONS)}")

    @property
    def label(self) -> str:
        """The most likely class, UNCLEAR if none has CLEAR_FROM."""
        best = max(self.probabilities)
        # Rounded as in the log, so that the label of a row follows from its probabilities.
        return EXPRESSIONS[self.probabilities.index(best)] if round(best, 4) >= CLEAR_FROM else UNCLEAR

    @property
    def ranked(self) -> tuple[tuple[str, float], ...]:
        """The classes with their probabilities, most likely first."""
        return tuple(sorted(zip(EXPRESSIONS, self.probabilities, strict=True), key=lambda pair: -pair[1]))

    @property
    def valence(self) -> float:
        """Expected pleasure of the classes, from unpleasant to pleasant (-0.64 to 0.81); neutral counts 0.

        References:
            Russell and Mehrabian, "Evidence for a three-factor theory of emotions", Journal of Research in Personality 11 (1977).
        """
        return float(sum(map(mul, self.probabilities, _VALENCE)))


@dataclass(frozen=True, slots=True)
class Label:
    """Recognized object class. `label_id` is the WordNet id, because names repeat ("crane", "maillot")."""

    name: str
    label_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class TrackDecision:
    """Decision of a track after a sighting, with the vote weight for it and the total vote weight.

    `live_score` is the track's newest score in the check for presentation attacks, from 0 (a picture or a screen) to 1 (a living
    face), None before the first. `is_scored` is true if the score was taken on this frame.
    """

    track_id: int
    track_age_ms: float
    decision: Decision
    votes_for: float = 0.0
    votes_total: float = 0.0
    live_score: float | None = None
    is_scored: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One recognized face in one frame.

    `gate` is the code of the quality gate that the face failed, or None. `embedded` is true if the network ran on this frame.
    `decision` is based on this frame alone, `track_decision` on the track. `expression_read` is true if the expression was read
    on this frame, false if it is the track's last reading. `embedding` and `crop_rgb` as in FaceObservation.
    """

    face: Face
    quality: Quality
    gate: str | None
    embedded: bool
    decision: Decision
    evidence_weight: float
    track_decision: TrackDecision
    expression: Expression | None = None
    expression_read: bool = False
    embedding: Floats | None = None
    crop_rgb: Image | None = None

    @property
    def observation(self) -> FaceObservation:
        """The analyzed face, as enrollment takes it."""
        return FaceObservation(self.face, self.quality, self.gate, self.embedding, self.crop_rgb)

    @property
    def vote(self) -> TrackDecision:
        """Deprecated name of `track_decision`."""
        warnings.warn("Sighting.vote is deprecated, use Sighting.track_decision", DeprecationWarning, stacklevel=2)
        return self.track_decision


class EventCode(StrEnum):
    """Subject of an event, in more detail than its kind. Codes are part of the log format."""

    NAME_CHANGED = "name_changed"
    NO_FACE = "no_face"
    NAME_REJECTED = "name_rejected"
    NAME_ASSIGNED = "name_assigned"
    REJECTION_UNDONE = "rejection_undone"
    ASSIGNMENT_UNDONE = "assignment_undone"
    OPENING = "opening"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    PAUSED = "paused"
    RESUMED = "resumed"
    SEEKED = "seeked"
    MODE_CHANGED = "mode_changed"
    SETTINGS_CHANGED = "settings_changed"
    DECISION_PARAMETERS = "decision_parameters"
    GALLERY_CHANGED = "gallery_changed"
    GALLERY_UNAVAILABLE = "gallery_unavailable"
    GALLERY_AVAILABLE = "gallery_available"
    CLOCK_MOVED = "clock_moved"
    LOGS_DELETED = "logs_deleted"
    RECORDINGS_DELETED = "recordings_deleted"
    SNAPSHOTS_DELETED = "snapshots_deleted"
    ENROLLMENT_BEGUN = "enrollment_begun"
    ENROLLMENT_SAVED = "enrollment_saved"
    ENROLLMENT_RECOGNIZED = "enrollment_recognized"
    ENROLLMENT_NOT_RECOGNIZED = "enrollment_not_recognized"
    ENROLLMENT_UNDONE = "enrollment_undone"
    ENROLLMENT_ENDED = "enrollment_ended"
    FRAME_FAILED = "frame_failed"
    RECORDING_FAILED = "recording_failed"
    LOG_INTERRUPTED = "log_interrupted"
    COMMAND_REFUSED = "command_refused"
    UNREADABLE = "unreadable"
    ANOTHER_PERSON = "another_person"
    SPARSE_FRAMES = "sparse_frames"


@dataclass(frozen=True, slots=True)
class DecisionParameters:
    """Parameters of a session's decisions, besides the threshold, which changes with the gallery and is in every row.

    Margin and band are plain L2. `enter_after_sightings` must agree before a track has a name. With `follow`, the faces of
    settled tracks were not compared in every frame. With `presentation_check`, a track needed live scores for a name.
    """

    margin_l2: float
    unsure_band_l2: float
    enter_after_sightings: int
    follow: bool
    presentation_check: bool = False


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Frames of a source so far, with and without faces.

    `read` counts the frames that the source delivered, `analyzed` those that were recognized, `with_faces` those of them with at
    least one face. `span_ms` is the time from the first analyzed frame to the end of the last: its display time is the mean
    interval of the analyzed frames. `dropped` counts the frames that were delivered and not recognized, to keep up.
    """

    read: int
    analyzed: int
    with_faces: int
    span_ms: float
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Session event other than a sighting. `kind` is enter, exit, empty, error, state, correction, marker or frames.

    `message` is text for people; programs read the other fields. `name` and `person_id` are those of the track. `person` is whom
    a correction or an enrollment is about, or the name that the track had before. `last_seen_ms` (session time) and
    `last_seen_index` (frame) belong to an exit, `parameters` to a change of them, `marker` to a marker, `frames` to a count.
    """

    kind: str
    message: str = ""
    track_id: int | None = None
    name: str | None = None
    code: EventCode | None = None
    person: str | None = None
    last_seen_ms: float | None = None
    parameters: DecisionParameters | None = None
    person_id: str | None = None
    last_seen_index: int | None = None
    marker: str | None = None
    frames: FrameCounts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Recognition result of one frame. `threshold_l2` is the threshold used for the decisions.

    `labels` has the most probable first and is empty when unsure; `region` is the object's box if it is not the whole image.
    `taught` has the probability of every taught label in this frame, sure or not, in the order taught. `is_searched` is false
    when the faces of the last frame were only followed, so that a new face may be missing.
    """

    frame_index: int
    t_ms: float
    source: str
    camera_id: str
    size_wh: tuple[int, int]
    mode: Mode
    sightings: tuple[Sighting, ...] = ()
    labels: tuple[Label, ...] = ()
    events: tuple[Event, ...] = ()
    threshold_l2: float | None = None
    gallery_revision: str = ""
    detect_ms: float = 0.0
    embed_ms: float = 0.0
    total_ms: float = 0.0
    region: Box | None = None
    taught: tuple[Label, ...] = ()
    is_searched: bool = True

    @classmethod
    def empty(cls, frame: Frame, mode: Mode) -> Result:
        """Return a result for `frame` without faces, labels and events."""
        return cls(frame.index, frame.t_ms, frame.source, frame.camera_id, frame.size_wh, mode)
