"""The poses of guided enrolment: when a head is in one, and what it has to do until it is. Pure: no pictures, no clock.

Angles are the gates' (quality.py), in degrees and in the picture as the camera takes it, not mirrored: yaw is positive with the
nose towards the picture's right edge, pitch with the nose up. A pose is measured from the person's own centre, how they look
into this camera: that is 15 degrees down in one film and 31 up in another.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from facecam.settings import GateSettings
from facecam.types import Quality


class Pose(StrEnum):
    """Where the head is turned, in the order in which it is asked for.

    LEFT and RIGHT are the person's own, where a mirror shows them too. In the picture as the camera takes it they are the other
    way round: turned to the own LEFT, the nose is towards the picture's right, and yaw is positive.
    """

    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class Hint(StrEnum):
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
    def of(cls, quality: Quality, centre: Turn | None = None) -> Turn:
        """The head's turn in the picture, or away from `centre`."""
        centre = centre or cls(0, 0)
        return cls(quality.yaw_deg - centre.yaw_deg, quality.pitch_deg - centre.pitch_deg)


@dataclass(frozen=True, slots=True)
class PoseRange:
    """The turns, away from the person's centre, that are a pose; ends included. An open end is closed by the gates."""

    yaw_from_deg: float
    yaw_to_deg: float
    pitch_from_deg: float
    pitch_to_deg: float

    def __contains__(self, turn: Turn) -> bool:
        yaw = self.yaw_from_deg <= turn.yaw_deg <= self.yaw_to_deg
        return yaw and self.pitch_from_deg <= turn.pitch_deg <= self.pitch_to_deg


RANGES = {
    Pose.CENTRE: PoseRange(-8, 8, -8, 8),
    Pose.LEFT: PoseRange(12, math.inf, -15, 15),
    Pose.RIGHT: PoseRange(-math.inf, -12, -15, 15),
    Pose.UP: PoseRange(-10, 10, 10, math.inf),
    Pose.DOWN: PoseRange(-10, 10, -math.inf, -10),
}
"""No turn is in two of them. docs/gallery.md says what they were chosen by."""

_CENTRE_YAW_DEG = 25
"""Farther to the side nobody looks into the camera. Pitch follows from the height of the camera, and has no such limit."""

_STEADY_DEG = 5
_STEADY_LOOKS = 6
_PATIENCE_LOOKS = 30
"""Somebody who cannot hold still so long gets the middle of the last looks as centre all the same."""


class CentreFinder:
    """Finds the person's centre: the middle of a moment in which they look towards the camera and hold still."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, float]] = deque(maxlen=_STEADY_LOOKS)
        self._looks = 0

    def add(self, turn: Turn) -> Turn | None:
        """The centre as soon as it is known, None until then. `turn` is in the picture."""
        if abs(turn.yaw_deg) > _CENTRE_YAW_DEG:
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
    """The pose that a turn away from the centre is, None between two poses."""
    return next((pose for pose, range_ in RANGES.items() if turn in range_), None)


def missing(pose: Pose, turn: Turn) -> str:
    """What brings a head that is turned from the centre by `turn` into the pose; empty when it is there."""
    wanted = RANGES[pose]
    if turn.yaw_deg < wanted.yaw_from_deg:
        return Hint.TURN_LEFT
    if turn.yaw_deg > wanted.yaw_to_deg:
        return Hint.TURN_RIGHT
    if turn.pitch_deg < wanted.pitch_from_deg:
        return Hint.CHIN_UP
    if turn.pitch_deg > wanted.pitch_to_deg:
        return Hint.CHIN_DOWN
    return ""


def out_of_reach(pose: Pose, centre: Turn, gates: GateSettings) -> bool:
    """Whether the gates refuse a head in this pose before it is in it, since the camera sees even the centre askew."""
    wanted = RANGES[pose]
    return (
        centre.yaw_deg + wanted.yaw_from_deg > gates.max_yaw_deg
        or centre.yaw_deg + wanted.yaw_to_deg < -gates.max_yaw_deg
        or centre.pitch_deg + wanted.pitch_from_deg > gates.max_pitch_deg
        or centre.pitch_deg + wanted.pitch_to_deg < -gates.max_pitch_deg
    )
