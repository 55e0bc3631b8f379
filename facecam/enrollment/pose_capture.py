"""Frame collection of guided enrollment: the sharpest typical frames of each pose, and the review of the resulting shots."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from facecam.enrollment.poses import (
    CHECKS,
    CenterFinder,
    Check,
    HeadAngles,
    Pose,
    PoseHint,
    checklist,
    hint_toward,
    is_out_of_reach,
    pose_of,
)
from facecam.enrollment.samples import (
    OUTLIER,
    NewSample,
    SampleFilter,
    Selection,
    encode_jpeg,
    face_crop,
    sharpness_of,
)
from facecam.recognition.face_analyzer import NO_FACE, OK, single_face
from facecam.recognition.person_groups import group_by_person
from facecam.settings import GateSettings
from facecam.types import FaceObservation, Floats, Frame, Image, Quality

FRAMES_PER_POSE = 10
SPACING_MS = 60.0
"""Minimum time between two frames that count, so that ten take more than half a second at any frame rate."""

LEFT_OUT = "left_out"

_MAX_SAMPLES_PER_POSE = 30
"""A second of a fast camera, enough to tell what is typical for the pose; less than 1 MB."""

_TYPICAL_FACTOR = 1.25
"""Times the median distance from the mean of a pose's frames. A hand in front of the face has the sharpest edges of all: in one
webcam clip that is the sharpest frame, and 0.34 from the same person's other clip; the sharpest typical one is 0.23."""

_ALTERNATIVES = 3
"""The best frame is used; the next two replace it when the face is not found again in the saved crop."""

Collected = Mapping[Pose, Sequence[NewSample]]
"""The sharpest frames of each pose, the best first; none of a skipped pose."""


@dataclass(slots=True, eq=False)
class _PoseFrames:
    """Frames collected of one pose."""

    best: list[NewSample] = field(default_factory=list)
    count: int = 0
    counted_ms: float = -math.inf
    skipped: bool = False

    @property
    def fraction(self) -> float:
        return 1.0 if self.skipped else min(1.0, self.count / FRAMES_PER_POSE)

    def is_new(self, t_ms: float) -> bool:
        """Return True, and remember the time, when a frame is far enough from the last counted one."""
        if abs(t_ms - self.counted_ms) < SPACING_MS:
            return False
        self.counted_ms = t_ms
        return True

    def add(self, bgr: Image, face: FaceObservation, t_ms: float) -> None:
        self.count += self.is_new(t_ms)
        if len(self.best) < _MAX_SAMPLES_PER_POSE or sharpness_of(face) > sharpness_of(self.best[-1].observation):
            new = NewSample(encode_jpeg(face_crop(bgr, face.face.box)), face)
            self.best = rank_samples([*self.best, new])[:_MAX_SAMPLES_PER_POSE]


def rank_samples(samples: Sequence[NewSample]) -> list[NewSample]:
    """Sort the sharpest first, with untypical samples at the end."""
    embeddings = np.array([sample.embedding for sample in samples])
    from_mean = np.linalg.norm(embeddings - embeddings.mean(axis=0), axis=1)
    typical_l2 = _TYPICAL_FACTOR * float(np.median(from_mean)) + 1e-6
    untypical = {id(sample): bool(distance > typical_l2) for sample, distance in zip(samples, from_mean, strict=True)}
    return sorted(samples, key=lambda sample: (untypical[id(sample)], -sharpness_of(sample.observation)))


class PoseCapture:
    """Collects frames of one person. Frames of any pose count, also while another pose is prompted.

    A face farther than `max_spread_l2` from the one whose center was found belongs to another person.
    """

    def __init__(self, gates: GateSettings, max_spread_l2: float) -> None:
        self._gates = gates
        self._max_spread_l2 = max_spread_l2
        self._frames = {pose: _PoseFrames() for pose in Pose}
        self._reset_center()
        self.checks = checklist(NO_FACE)

    @property
    def current_pose(self) -> Pose | None:
        """First pose that is neither done nor skipped, None when there is none left."""
        return next((pose for pose, frames in self._frames.items() if frames.fraction < 1), None)

    @property
    def fraction(self) -> float:
        """Progress over all poses, 0 to 1. It falls with `retake` only."""
        return sum(self.pose_fractions.values()) / len(self._frames)

    @property
    def pose_fractions(self) -> dict[Pose, float]:
        """Progress of each pose, 0 to 1; 1 for a skipped one."""
        return {pose: frames.fraction for pose, frames in self._frames.items()}

    @property
    def skipped(self) -> tuple[Pose, ...]:
        return tuple(pose for pose, frames in self._frames.items() if frames.skipped)

    @property
    def done(self) -> tuple[Pose, ...]:
        return tuple(pose for pose, frames in self._frames.items() if frames.fraction == 1 and not frames.skipped)

    @property
    def collected(self) -> dict[Pose, tuple[NewSample, ...]]:
        """Sharpest frames of each pose so far, the best first."""
        return {pose: tuple(frames.best) for pose, frames in self._frames.items()}

    def observe(self, frame: Frame, observations: Sequence[FaceObservation]) -> None:
        """Collect the frame for any pose that it shows, and update `checks` for the prompted pose."""
        face: FaceObservation | str = single_face(observations)
        if isinstance(face, FaceObservation) and self._is_another_person(face):
            face = OUTLIER
        if isinstance(face, FaceObservation):
            self._collect(frame, face)
            face = self._hint(face)
        pose_fails = face != "" and CHECKS[face] is Check.POSE
        pose = self.current_pose
        askew = pose is not None and self._center is not None and is_out_of_reach(pose, self._center, self._gates)
        self.checks = checklist(PoseHint.ASKEW if pose_fails and askew else face)

    def skip(self, pose: Pose) -> None:
        """Continue without this pose."""
        self._frames[pose] = _PoseFrames(skipped=True)

    def retake(self, pose: Pose) -> None:
        """Drop the frames of this pose. With CENTER the person and their center are determined again too."""
        self._frames[pose] = _PoseFrames()
        if pose is Pose.CENTER:
            self._reset_center()

    def _reset_center(self) -> None:
        self._finder = CenterFinder()
        self._center: HeadAngles | None = None
        self._anchor: Floats | None = None

    def _is_another_person(self, face: FaceObservation) -> bool:
        if self._anchor is None or face.embedding is None:
            return False
        return float(np.linalg.norm(face.embedding - self._anchor)) > self._max_spread_l2

    def _collect(self, frame: Frame, face: FaceObservation) -> None:
        if self._center is None:
            if self._frames[Pose.CENTER].is_new(frame.t_ms):
                self._center = self._finder.add(HeadAngles.from_quality(face.quality))
                self._anchor = face.embedding if self._center is not None else None
            return
        pose = pose_of(HeadAngles.from_quality(face.quality, self._center))
        if pose is not None and not self._frames[pose].skipped:
            self._frames[pose].add(frame.bgr, face, frame.t_ms)

    def _hint(self, face: FaceObservation) -> str:
        """Return the hint toward the prompted pose, empty inside it."""
        pose = self.current_pose
        if self._center is None:
            return PoseHint.LOOK_STRAIGHT
        return hint_toward(pose, HeadAngles.from_quality(face.quality, self._center)) if pose is not None else ""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """Image of a pose as a JPEG file's content, with its verdict.

    `verdict` is "ok" (saved, or will be), left_out, too_alike (adds nothing to the others), already_enrolled, not_found_again or
    outlier. While collecting it is "ok".
    """

    pose: Pose
    jpeg: bytes
    quality: Quality
    verdict: str


@dataclass(frozen=True, slots=True, eq=False)
class ShotReview:
    """Shots of all poses with their verdicts, and the selection to save."""

    shots: tuple[Shot, ...] = ()
    selection: Selection = field(default_factory=lambda: Selection(()))


def unreviewed_shots(collected: Collected) -> tuple[Shot, ...]:
    """Return the best image of each pose before the review."""
    return tuple(_shot(pose, best[0], OK) for pose, best in collected.items() if best)


def review_shots(
    collected: Collected, left_out: Collection[Pose], sample_filter: SampleFilter, max_spread_l2: float
) -> ShotReview:
    """Judge each pose's image against those before it.

    Poses in `left_out` are not compared with, nor are images that are farther than `max_spread_l2` from most others, which show
    another person.
    """
    candidates = [best[0] for pose, best in collected.items() if best and pose not in left_out]
    groups = group_by_person([candidate.embedding for candidate in candidates], max_spread_l2)
    same_person = [candidates[row] for row in groups[0]] if groups else []
    shots: list[Shot] = []
    for pose, best in collected.items():
        if not best:
            continue
        if pose in left_out:
            shots.append(_shot(pose, best[0], LEFT_OUT))
        elif not any(best[0] is one for one in same_person):
            shots.append(_shot(pose, best[0], OUTLIER))
        else:
            verdict = sample_filter.add(best[:_ALTERNATIVES])
            shots.append(_shot(pose, sample_filter.accepted[-1] if verdict == OK else best[0], verdict))
    refused = Counter(shot.verdict for shot in shots if shot.verdict != OK)
    return ShotReview(tuple(shots), Selection(tuple(sample_filter.accepted), refused))


def _shot(pose: Pose, sample: NewSample, verdict: str) -> Shot:
    return Shot(pose, sample.jpeg, sample.observation.quality, verdict)
