"""The poses of guided enrollment: when a head is in one, and what it has to do until it is. Pure: no pictures, no clock.

Angles are the gates' (quality.py), in degrees and in the picture as the camera takes it, not mirrored: yaw is positive with the
nose toward the picture's right edge, pitch with the nose up. A pose is measured from the person's own center, how they look
into this camera: that is 15 degrees down in one film and 31 up in another.
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
    """Where the head is turned, in the order in which it is asked for.

    LEFT and RIGHT are the person's own, where a mirror shows them too. In the picture as the camera takes it they are the other
    way round: turned to the own LEFT, the nose is toward the picture's right, and yaw is positive.
    """

    CENTER = "center"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class PoseHint(StrEnum):
    """What a head has to do to be in a pose; sides are the person's own. ASKEW is for whoever places the camera."""

    LOOK_STRAIGHT = "look_straight"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    CHIN_UP = "chin_up"
    CHIN_DOWN = "chin_down"
    ASKEW = "askew"


@dataclass(frozen=True, slots=True)
class Turn:
    """Which way a head looks."""

    yaw_deg: float
    pitch_deg: float

    @classmethod
    def of(cls, quality: Quality, center: Turn | None = None) -> Turn:
        """The head's turn in the picture, or away from `center`."""
        center = center or cls(0, 0)
        return cls(quality.yaw_deg - center.yaw_deg, quality.pitch_deg - center.pitch_deg)


@dataclass(frozen=True, slots=True)
class PoseRange:
    """The turns, away from the person's center, that are a pose; ends included. An open end is closed by the gates."""

    yaw_from_deg: float
    yaw_to_deg: float
    pitch_from_deg: float
    pitch_to_deg: float

    def __contains__(self, turn: Turn) -> bool:
        yaw = self.yaw_from_deg <= turn.yaw_deg <= self.yaw_to_deg
        return yaw and self.pitch_from_deg <= turn.pitch_deg <= self.pitch_to_deg


RANGES = {
    Pose.CENTER: PoseRange(-8, 8, -8, 8),
    Pose.LEFT: PoseRange(12, math.inf, -15, 15),
    Pose.RIGHT: PoseRange(-math.inf, -12, -15, 15),
    Pose.UP: PoseRange(-10, 10, 10, math.inf),
    Pose.DOWN: PoseRange(-10, 10, -math.inf, -10),
}
"""No turn is in two of them. docs/gallery.md says what they were chosen by."""

_CENTER_YAW_DEG = 25
"""Farther to the side nobody looks into the camera. Pitch follows from the height of the camera, and has no such limit."""

_STEADY_DEG = 5
_STEADY_LOOKS = 6
_PATIENCE_LOOKS = 30
"""Somebody who cannot hold still so long gets the middle of the last looks as center all the same."""


class CenterFinder:
    """Finds the person's center: the middle of a moment in which they look toward the camera and hold still."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, float]] = deque(maxlen=_STEADY_LOOKS)
        self._looks = 0

    def add(self, turn: Turn) -> Turn | None:
        """The center as soon as it is known, None until then. `turn` is in the picture."""
        if abs(turn.yaw_deg) > _CENTER_YAW_DEG:
            self._last.clear()
            return None
        self._last.append((turn.yaw_deg, turn.pitch_deg))
        self._looks += 1
        if len(self._last) < _STEADY_LOOKS:
            return None
        looks = np.array(self._last)
        middle = np.median(looks, axis=0)
        steady = bool(np.abs(looks - middle).max() <= _STEADY_DEG)
        return Turn(*map(float, middle)) if steady or self._looks >= _PATIENCE_LOOKS else None


def pose_of(turn: Turn) -> Pose | None:
    """The pose that a turn away from the center is, None between two poses."""
    return next((pose for pose, range_ in RANGES.items() if turn in range_), None)


def missing(pose: Pose, turn: Turn) -> str:
    """What brings a head that is turned from the center by `turn` into the pose; empty when it is there."""
    wanted = RANGES[pose]
    if turn.yaw_deg < wanted.yaw_from_deg:
        return PoseHint.TURN_LEFT
    if turn.yaw_deg > wanted.yaw_to_deg:
        return PoseHint.TURN_RIGHT
    if turn.pitch_deg < wanted.pitch_from_deg:
        return PoseHint.CHIN_UP
    if turn.pitch_deg > wanted.pitch_to_deg:
        return PoseHint.CHIN_DOWN
    return ""


def out_of_reach(pose: Pose, center: Turn, gates: GateSettings) -> bool:
    """Whether the gates refuse a head in this pose before it is in it, since the camera sees even the center askew."""
    wanted = RANGES[pose]
    return (
        center.yaw_deg + wanted.yaw_from_deg > gates.max_yaw_deg
        or center.yaw_deg + wanted.yaw_to_deg < -gates.max_yaw_deg
        or center.pitch_deg + wanted.pitch_from_deg > gates.max_pitch_deg
        or center.pitch_deg + wanted.pitch_to_deg < -gates.max_pitch_deg
    )


# MERGED identify.checklist: The live checklist of guided enrollment: what is right about the face before the camera, and the one thing to do next. Pure.


class Check(StrEnum):
    """What a frame must have to be kept, in the order in which it is asked for: that of the gates."""

    ONE_FACE = "one_face"
    BIG_ENOUGH = "big_enough"
    SHARP = "sharp"
    LIT = "lit"
    POSE = "pose"


HINTS = {
    NO_FACE: (Check.ONE_FACE, "come before the camera"),
    SEVERAL_FACES: (Check.ONE_FACE, "one face only, please"),
    OUTLIER: (Check.ONE_FACE, "this is not who was here before: the same person, please"),
    "low_score": (Check.ONE_FACE, "show your whole face, with nothing before it"),
    "clipped": (Check.ONE_FACE, "move to the middle: the edge cuts your face"),
    "too_small": (Check.BIG_ENOUGH, "come nearer"),
    "blurry": (Check.SHARP, "hold still"),
    "dark": (Check.LIT, "more light on your face, please"),
    "bright": (Check.LIT, "less light on your face, please"),
    "extreme_pose": (Check.POSE, "not so far: turn back a little"),
    PoseHint.LOOK_STRAIGHT: (Check.POSE, "look straight into the camera and hold still"),
    PoseHint.TURN_LEFT: (Check.POSE, "turn your head a little more to your left"),
    PoseHint.TURN_RIGHT: (Check.POSE, "turn your head a little more to your right"),
    PoseHint.CHIN_UP: (Check.POSE, "raise your chin a little"),
    PoseHint.CHIN_DOWN: (Check.POSE, "lower your chin a little"),
    PoseHint.ASKEW: (Check.POSE, "the camera sees you too much from one side for this: put it at eye level, or skip this pose"),
}
"""Code of what is wrong -> the check that fails, and what to do. Codes are the gates', and those of poses.py."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the list. `hint` is a code of HINTS and stands at the first check that fails, else it is empty."""

    code: Check
    done: bool
    hint: str = ""

    @property
    def sentence(self) -> str:
        """What to do about it, empty when it is done, or not its turn."""
        return HINTS[self.hint][1] if self.hint else ""


def checklist(hint: str) -> tuple[CheckItem, ...]:
    """The list for a frame of which this code of HINTS is true; with an empty one all is well.

    What comes after the first failed check is not judged, and counts as not done: one thing at a time.
    """
    order = list(Check)
    failed = order.index(HINTS[hint][0]) if hint else len(order)
    return tuple(CheckItem(code, place < failed, hint if place == failed else "") for place, code in enumerate(order))
