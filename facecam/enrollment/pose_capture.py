"""Collecting for guided enrollment: of each pose the sharpest usual frames, and what keeps the newest from being one of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from facecam.enrollment.poses import HINTS, CenterFinder, Check, Pose, PoseHint, Turn, checklist, missing, out_of_reach, pose_of
from facecam.enrollment.samples import OUTLIER, NewSample, SampleFilter, Selection, face_crop, sharpness_of, without_outliers
from facecam.gallery.store import encode_jpeg
from facecam.recognition.face_analyzer import NO_FACE, OK, FaceObservation, single_face
from facecam.settings import GateSettings
from facecam.types import Floats, Frame, Image, Quality

FRAMES_PER_POSE = 10
SPACING_MS = 60.0
"""Frames count toward a pose when they are so far apart: the ten are more than half a second at any frame rate."""

_KEPT_PER_POSE = 30
"""A second of a fast camera, enough to tell what is usual for the pose; less than 1 MB."""

_USUAL = 1.25
"""Times the median distance from the middle of a pose's frames. A hand before the face has the sharpest edges of all: in one
webcam clip that is the sharpest frame, and 0.34 from the same person's other clip; the sharpest usual one is 0.23."""


@dataclass(slots=True, eq=False)
class _Seen:
    """What was seen of one pose."""

    best: list[NewSample] = field(default_factory=list)
    frames: int = 0
    counted_ms: float = -math.inf
    skipped: bool = False

    @property
    def share(self) -> float:
        return 1.0 if self.skipped else min(1.0, self.frames / FRAMES_PER_POSE)

    def counts(self, t_ms: float) -> bool:
        """Whether a frame of this time is another one, not the last over again."""
        if abs(t_ms - self.counted_ms) < SPACING_MS:
            return False
        self.counted_ms = t_ms
        return True

    def add(self, bgr: Image, face: FaceObservation, t_ms: float) -> None:
        self.frames += self.counts(t_ms)
        if len(self.best) < _KEPT_PER_POSE or sharpness_of(face) > sharpness_of(self.best[-1].reading):
            new = NewSample(encode_jpeg(face_crop(bgr, face.face.box)), face)
            self.best = best_first([*self.best, new])[:_KEPT_PER_POSE]


def best_first(samples: Sequence[NewSample]) -> list[NewSample]:
    """The sharpest first, but those last that do not look as the others do."""
    embeddings = np.array([sample.embedding for sample in samples])
    from_middle = np.linalg.norm(embeddings - embeddings.mean(axis=0), axis=1)
    usual_l2 = _USUAL * float(np.median(from_middle)) + 1e-6
    unusual = {id(sample): bool(distance > usual_l2) for sample, distance in zip(samples, from_middle, strict=True)}
    return sorted(samples, key=lambda sample: (unusual[id(sample)], -sharpness_of(sample.reading)))


class PoseCapture:
    """One person before the camera. Frames of a pose count whenever they come, also while another one is asked for.

    A face farther than `max_spread_l2` from the one whose center was found is somebody else's.
    """

    def __init__(self, gates: GateSettings, max_spread_l2: float) -> None:
        self._gates = gates
        self._max_spread_l2 = max_spread_l2
        self._seen = {pose: _Seen() for pose in Pose}
        self._begin_anew()
        self.checks = checklist(NO_FACE)

    @property
    def asked(self) -> Pose | None:
        """The first pose that is neither done nor skipped, None when there is none left."""
        return next((pose for pose, seen in self._seen.items() if seen.share < 1), None)

    @property
    def share(self) -> float:
        """How much of all poses there is, 0 to 1. It falls with `retake` only."""
        return sum(self.shares.values()) / len(self._seen)

    @property
    def shares(self) -> dict[Pose, float]:
        """How much of each pose there is, 0 to 1; 1 of one that is skipped."""
        return {pose: seen.share for pose, seen in self._seen.items()}

    @property
    def skipped(self) -> tuple[Pose, ...]:
        return tuple(pose for pose, seen in self._seen.items() if seen.skipped)

    @property
    def done(self) -> tuple[Pose, ...]:
        return tuple(pose for pose, seen in self._seen.items() if seen.share == 1 and not seen.skipped)

    @property
    def collected(self) -> dict[Pose, tuple[NewSample, ...]]:
        """The sharpest frames of each pose so far, the best first."""
        return {pose: tuple(seen.best) for pose, seen in self._seen.items()}

    def observe(self, frame: Frame, readings: Sequence[FaceObservation]) -> None:
        """Take what the frame has for any pose, and say in `checks` what it lacks for the pose that is asked for."""
        face: FaceObservation | str = single_face(readings)
        if isinstance(face, FaceObservation) and self._is_somebody_else(face):
            face = OUTLIER
        if isinstance(face, FaceObservation):
            self._take(frame, face)
            face = self._missing(face)
        pose_fails = face != "" and HINTS[face][0] is Check.POSE
        self.checks = checklist(PoseHint.ASKEW if pose_fails and self._askew() else face)

    def skip(self, pose: Pose) -> None:
        """Go without this pose."""
        self._seen[pose] = _Seen(skipped=True)

    def retake(self, pose: Pose) -> None:
        """Forget what was seen of this pose. With the center, who is meant and where their center is are found anew too."""
        self._seen[pose] = _Seen()
        if pose is Pose.CENTER:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._finder = CenterFinder()
        self._center: Turn | None = None
        self._anchor: Floats | None = None

    def _is_somebody_else(self, face: FaceObservation) -> bool:
        if self._anchor is None or face.embedding is None:
            return False
        return float(np.linalg.norm(face.embedding - self._anchor)) > self._max_spread_l2

    def _take(self, frame: Frame, face: FaceObservation) -> None:
        if self._center is None:
            if not self._seen[Pose.CENTER].counts(frame.t_ms):
                return
            self._center = self._finder.add(Turn.of(face.quality))
            self._anchor = face.embedding if self._center is not None else None
            return
        pose = pose_of(Turn.of(face.quality, self._center))
        if pose is not None and not self._seen[pose].skipped:
            self._seen[pose].add(frame.bgr, face, frame.t_ms)

    def _missing(self, face: FaceObservation) -> str:
        """What the head has to do for the pose that is asked for, empty when it is in it."""
        asked = self.asked
        if self._center is None:
            return PoseHint.LOOK_STRAIGHT
        return missing(asked, Turn.of(face.quality, self._center)) if asked is not None else ""

    def _askew(self) -> bool:
        """Whether the gates keep the pose that is asked for out of reach."""
        asked = self.asked
        return asked is not None and self._center is not None and out_of_reach(asked, self._center, self._gates)


# MERGED identify.choice: Which of the pictures that guided enrollment has collected are worth saving, and why the others are not.

LEFT_OUT = "left_out"

Collected = Mapping[Pose, Sequence[NewSample]]
"""The sharpest frames of each pose, the best first; none of a pose that was skipped."""

_TRIED = 3
"""The best one is meant; the next stand in for it when its face is not found again in the saved crop."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """The picture kept of a pose, as a JPEG file's content, and what is to become of it.

    `verdict` is "ok" (to be saved, or saved), left_out, too_alike (adds nothing to the others), already_enrolled,
    not_found_again or outlier. While collecting it is "ok".
    """

    pose: Pose
    jpeg: bytes
    quality: Quality
    verdict: str


@dataclass(frozen=True, slots=True, eq=False)
class ShotReview:
    """Every pose's picture with its verdict, and what is to be saved."""

    shots: tuple[Shot, ...] = ()
    selection: Selection = field(default_factory=lambda: Selection(()))


def as_collected(collected: Collected) -> tuple[Shot, ...]:
    """The best picture of each pose, not judged yet."""
    return tuple(_shot(pose, best[0], OK) for pose, best in collected.items() if best)


def choose(collected: Collected, left_out: Collection[Pose], sieve: SampleFilter, max_spread_l2: float) -> ShotReview:
    """Judge each pose's picture against those before it.

    Those in `left_out` are no rivals to the others; nor are those farther than `max_spread_l2` from the middle one: they show
    somebody else.
    """
    pictures = [best[0] for pose, best in collected.items() if best and pose not in left_out]
    good = without_outliers(pictures, max_spread_l2)
    shots: list[Shot] = []
    for pose, best in collected.items():
        if not best:
            continue
        if pose in left_out:
            shots.append(_shot(pose, best[0], LEFT_OUT))
        elif not any(best[0] is one for one in good):
            shots.append(_shot(pose, best[0], OUTLIER))
        else:
            verdict = sieve.take(best[:_TRIED])
            shots.append(_shot(pose, sieve.kept[-1] if verdict == OK else best[0], verdict))
    refused = Counter(shot.verdict for shot in shots if shot.verdict != OK)
    return ShotReview(tuple(shots), Selection(tuple(sieve.kept), refused))


def _shot(pose: Pose, sample: NewSample, verdict: str) -> Shot:
    return Shot(pose, sample.jpeg, sample.reading.quality, verdict)
