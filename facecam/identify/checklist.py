"""The live checklist of guided enrolment: what is right about the face before the camera, and the one thing to do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from facecam.identify.poses import Hint
from facecam.identify.selection import OUTLIER
from facecam.identify.verdict import NO_FACE, SEVERAL_FACES


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
    Hint.LOOK_STRAIGHT: (Check.POSE, "look straight into the camera and hold still"),
    Hint.TURN_LEFT: (Check.POSE, "turn your head a little more to your left"),
    Hint.TURN_RIGHT: (Check.POSE, "turn your head a little more to your right"),
    Hint.CHIN_UP: (Check.POSE, "raise your chin a little"),
    Hint.CHIN_DOWN: (Check.POSE, "lower your chin a little"),
    Hint.ASKEW: (Check.POSE, "the camera sees you too much from one side for this: put it at eye level, or skip this pose"),
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
