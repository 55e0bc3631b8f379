"""What flows between the stages. Small, frozen, and validated where it is made.

Conventions, once for the whole program:

- A picture is an array (height, width, 3) of uint8; its channel order is in its name, `bgr` or `rgb`.
- A position is in pixels of the frame, x to the right, y down, the first pixel's center at (0, 0). `_wh` is (width, height).
- Landmarks are (5, 2) float32, x then y: left eye, right eye, nose tip, left and right mouth corner. Left means smaller x.
- An embedding is (128,) float32 of length 1. A distance is plain L2 between two of them, 0 to 2, and ends in `_l2`.
- `t_ms` is the session's time: milliseconds of the media for files, monotonic since the start for live sources.
- Absence is None or (), never False, -1 or NaN.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum
from operator import mul
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.settings import Mode

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The expression network's classes, in the order of its output."""

_VALENCE = (-0.51, -0.60, -0.64, 0.81, -0.63, 0.40, 0.0)


class DecisionStatus(StrEnum):
    """How sure a decision is. Only KNOWN carries a name; SKIPPED was never compared."""

    KNOWN = "known"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    `index` counts the frames that the source delivered, from 0. `captured_at_s` is monotonic (time.monotonic).
    """

    bgr: Image
    index: int
    t_ms: float
    captured_at_s: float
    source: str
    camera_id: str = ""

    def __post_init__(self) -> None:
        if self.bgr.ndim != 3 or self.bgr.shape[2] != 3 or self.bgr.dtype != np.uint8 or 0 in self.bgr.shape:
            raise ImageError(
                f"frame {self.index} of {self.source} is {self.bgr.shape} {self.bgr.dtype}, expected (height, width, 3) uint8"
            )

    @property
    def size_wh(self) -> tuple[int, int]:
        return self.bgr.shape[1], self.bgr.shape[0]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; x and y are its left and upper edge. It may reach beyond the frame."""

    x: float
    y: float
    w: float
    h: float

    def __post_init__(self) -> None:
        if not (self.w > 0 and self.h > 0):
            raise ImageError(f"a box needs a positive size, got {self.w} x {self.h}")

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.x + self.w, self.y + self.h

    @property
    def longer_side_px(self) -> float:
        return max(self.w, self.h)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detected face: its box, the detector's score (0 to 1) and five landmarks (5, 2) float32."""

    box: Box
    score: float
    landmarks_xy: Floats

    def __post_init__(self) -> None:
        if self.landmarks_xy.shape != (5, 2):
            raise ImageError(f"landmarks_xy is {self.landmarks_xy.shape}, expected (5, 2)")


@dataclass(frozen=True, slots=True)
class Quality:
    """What the gates judge: variance of the Laplacian and mean luminance (0 to 255) of the aligned crop, and the pose.

    The crop's figures are None where no crop was made, since nothing was to be decided.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sharpness: float | None = None
    brightness: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One usable photo, or one rejected face: that one is not of `name`.

    `sample_id` is "<folder>/<file>" inside the gallery; `embedding` is (128,) float32 of length 1.
    """

    sample_id: str
    person_id: str
    name: str
    photo: Path
    embedding: Floats


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person's sample nearest to a face; name, sample and distance belong together.

    `rejected_l2` is the distance to the nearest picture of which somebody said that it is not this person, None without any.
    """

    name: str
    person_id: str
    sample_id: str
    distance_l2: float
    rejected_l2: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who it is, how sure, and the reason (a code). `name` is set exactly when `kind` is KNOWN."""

    status: DecisionStatus
    reason: str
    name: str | None = None
    nearest: Candidate | None = None
    second: Candidate | None = None

    def __post_init__(self) -> None:
        if (self.name is not None) != (self.status is DecisionStatus.KNOWN):
            raise ValueError(f"a decision carries a name exactly when it is known, got {self.status} with name {self.name!r}")

    @property
    def kind(self) -> DecisionStatus:
        """Deprecated name of `status`."""
        warnings.warn("Decision.kind is deprecated, use Decision.status", DeprecationWarning, stacklevel=2)
        return self.status

    @property
    def margin_l2(self) -> float | None:
        """How much farther the nearest other person is; None unless two people were compared."""
        if self.nearest is None or self.second is None:
            return None
        return self.second.distance_l2 - self.nearest.distance_l2


@dataclass(frozen=True, slots=True)
class Expression:
    """Seven probabilities in the order of EXPRESSIONS. What a face shows, which is not what a person feels."""

    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(EXPRESSIONS):
            raise ValueError(f"{len(self.probabilities)} probabilities, expected {len(EXPRESSIONS)}")

    @property
    def label(self) -> str:
        return EXPRESSIONS[self.probabilities.index(max(self.probabilities))]

    @property
    def valence(self) -> float:
        """Unpleasant (-1) to pleasant (1): the sum of probability times the pleasure of the class's word, neutral 0.

        How pleasant people find feeling angry, disgusted, fearful, happy, sad, surprised: Russell and Mehrabian, "Evidence for a
        three-factor theory of emotions", Journal of Research in Personality 11 (1977). It reaches from -0.64 to 0.81.
        """
        return float(sum(map(mul, self.probabilities, _VALENCE)))


@dataclass(frozen=True, slots=True)
class Label:
    """A name for an object. `label_id` is the WordNet id: names repeat ("crane", "maillot")."""

    name: str
    label_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class TrackDecision:
    """A track's standing after a sighting: the decision it stands for, and the sightings for it among all that counted."""

    track_id: int
    track_age_ms: float
    decision: Decision
    votes_for: float = 0.0
    votes_total: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One face in one frame, from its box to its name.

    `gate` is the reason it was not compared, else None. `embedded` says whether the network ran on this very frame.
    `decision` is this face alone, `vote` its track's.
    """

    face: Face
    quality: Quality
    gate: str | None
    embedded: bool
    decision: Decision
    evidence_weight: float
    track_decision: TrackDecision
    expression: Expression | None = None

    @property
    def vote(self) -> TrackDecision:
        """Deprecated name of `track_decision`."""
        warnings.warn("Sighting.vote is deprecated, use Sighting.track_decision", DeprecationWarning, stacklevel=2)
        return self.track_decision


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened besides a sighting: enter, exit, empty, error, state, correction."""

    kind: str
    message: str = ""
    track_id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What was recognized in one frame. `threshold_l2` is the one the decisions were made with.

    Labels are best first, none when it is not sure what is held up; `region` is where that is, if not the whole picture.
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

    @classmethod
    def of(cls, frame: Frame, mode: Mode) -> Result:
        """The result of a frame in which nothing is recognized yet."""
        return cls(frame.index, frame.t_ms, frame.source, frame.camera_id, frame.size_wh, mode)
