"""Head poses of guided enrollment: their angle ranges, hints toward a pose, and the live checklist.

Angles are those of quality.py, in degrees and in the unmirrored camera image: yaw is positive with the nose toward the image's
right edge, pitch with the nose up. Poses are measured from the person's own center, the angles at which they look into this
camera: in one clip that is 15 degrees down, in another 31 degrees up.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from facecam.enrollment.samples import OUTLIER
from facecam.recognition.face_analyzer import NO_FACE, SEVERAL_FACES
from facecam.settings import GateSettings
from facecam.types import Quality


class Pose(StrEnum):
    """Head pose, in the order of the prompts.

    LEFT and RIGHT are the person's own, as in a mirror. In the unmirrored camera image they are reversed: with the head turned to
    the person's LEFT, the nose points to the image's right and yaw is positive.
    """

    CENTER = "center"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class PoseHint(StrEnum):
    """Instruction that leads to a pose; sides are the person's own. ASKEW asks to move the camera."""

    LOOK_STRAIGHT = "look_straight"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    CHIN_UP = "chin_up"
    CHIN_DOWN = "chin_down"
    ASKEW = "askew"


@dataclass(frozen=True, slots=True)
class HeadAngles:
    """Yaw and pitch of a head."""

    yaw_deg: float
    pitch_deg: float

    @classmethod
    def from_quality(cls, quality: Quality, center: HeadAngles | None = None) -> HeadAngles:
        """Return the head's angles in the image, or relative to `center`."""
        center = center or cls(0, 0)
        return cls(quality.yaw_deg - center.yaw_deg, quality.pitch_deg - center.pitch_deg)


@dataclass(frozen=True, slots=True)
class PoseRange:
    """Range of angles relative to the person's center, ends included. The gates limit an infinite end."""

    yaw_from_deg: float
    yaw_to_deg: float
    pitch_from_deg: float
    pitch_to_deg: float

    def __contains__(self, angles: HeadAngles) -> bool:
        yaw = self.yaw_from_deg <= angles.yaw_deg <= self.yaw_to_deg
        return yaw and self.pitch_from_deg <= angles.pitch_deg <= self.pitch_to_deg


RANGES = {
    Pose.CENTER: PoseRange(-8, 8, -8, 8),
    Pose.LEFT: PoseRange(12, math.inf, -15, 15),
    Pose.RIGHT: PoseRange(-math.inf, -12, -15, 15),
    Pose.UP: PoseRange(-10, 10, 10, math.inf),
    Pose.DOWN: PoseRange(-10, 10, -math.inf, -10),
}
"""The ranges do not overlap. docs/internals/gallery.md explains how they were chosen."""

_CENTER_YAW_DEG = 25
"""A head turned farther does not look into the camera. Pitch depends on the camera's height and has no such limit."""

_STEADY_DEG = 5
_STEADY_FRAMES = 6
_MAX_FRAMES = 30
"""A person who does not hold still for that long gets the middle of the last frames as center."""


class CenterFinder:
    """Finds the person's center: the median of a moment in which they look toward the camera and hold still."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, float]] = deque(maxlen=_STEADY_FRAMES)
        self._frames = 0

    def add(self, angles: HeadAngles) -> HeadAngles | None:
        """Return the center once it is known, None until then. `angles` are relative to the image."""
        if abs(angles.yaw_deg) > _CENTER_YAW_DEG:
            self._last.clear()
            return None
        self._last.append((angles.yaw_deg, angles.pitch_deg))
        self._frames += 1
        if len(self._last) < _STEADY_FRAMES:
            return None
        last = np.array(self._last)
        middle = np.median(last, axis=0)
        steady = bool(np.abs(last - middle).max() <= _STEADY_DEG)
        return HeadAngles(*map(float, middle)) if steady or self._frames >= _MAX_FRAMES else None


def pose_of(angles: HeadAngles) -> Pose | None:
    """Return the pose of angles relative to the center, None between two poses."""
    return next((pose for pose, range_ in RANGES.items() if angles in range_), None)


def hint_toward(pose: Pose, angles: HeadAngles) -> str:
    """Return the hint that leads from angles relative to the center into the pose; empty inside it."""
    wanted = RANGES[pose]
    if angles.yaw_deg < wanted.yaw_from_deg:
        return PoseHint.TURN_LEFT
    if angles.yaw_deg > wanted.yaw_to_deg:
        return PoseHint.TURN_RIGHT
    if angles.pitch_deg < wanted.pitch_from_deg:
        return PoseHint.CHIN_UP
    if angles.pitch_deg > wanted.pitch_to_deg:
        return PoseHint.CHIN_DOWN
    return ""


def is_out_of_reach(pose: Pose, center: HeadAngles, gates: GateSettings) -> bool:
    """Return True when the gates refuse a head before it reaches the pose, because the camera sees the center at an angle."""
    wanted = RANGES[pose]
    return (
        center.yaw_deg + wanted.yaw_from_deg > gates.max_yaw_deg
        or center.yaw_deg + wanted.yaw_to_deg < -gates.max_yaw_deg
        or center.pitch_deg + wanted.pitch_from_deg > gates.max_pitch_deg
        or center.pitch_deg + wanted.pitch_to_deg < -gates.max_pitch_deg
    )


class Check(StrEnum):
    """Requirement on a frame, in the order in which the gates check them."""

    ONE_FACE = "one_face"
    BIG_ENOUGH = "big_enough"
    SHARP = "sharp"
    LIT = "lit"
    POSE = "pose"


CHECKS = {
    **dict.fromkeys((NO_FACE, SEVERAL_FACES, OUTLIER, "low_score", "clipped"), Check.ONE_FACE),
    "too_small": Check.BIG_ENOUGH,
    "blurry": Check.SHARP,
    **dict.fromkeys(("dark", "bright"), Check.LIT),
    **dict.fromkeys(("extreme_pose", *PoseHint), Check.POSE),
}
"""Maps each code, a gate's or one of this module, to the check that fails."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """Line of the checklist. `hint` is a code of CHECKS at the first failed check, else empty."""

    code: Check
    done: bool
    hint: str = ""


def checklist(hint: str) -> tuple[CheckItem, ...]:
    """Return the checklist for a frame with this code of CHECKS; an empty code passes all checks.

    Checks after the first failed one count as not done, so that there is one instruction at a time.
    """
    order = list(Check)
    failed = order.index(CHECKS[hint]) if hint else len(order)
    return tuple(CheckItem(code, place < failed, hint if place == failed else "") for place, code in enumerate(order))
