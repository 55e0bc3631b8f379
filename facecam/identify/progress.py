"""How far a guided enrolment is: what a window shows, and nothing that it could change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facecam.identify.checklist import CheckItem
from facecam.identify.choice import Shot
from facecam.identify.enrol import Rival
from facecam.identify.poses import Pose
from facecam.identify.self_test import SelfTestReport


class Phase(StrEnum):
    """Where an enrolment is. DONE comes with a report, whether the test was passed or not; REFUSED comes with a reason."""

    COLLECTING = "collecting"
    CHOOSING = "choosing"
    CONFLICT = "conflict"
    TESTING = "testing"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """How far an enrolment is. `fraction` is of the whole, 0 to 1; `sentence` is what to tell the person now.

    `asked` is the pose that is waited for, None when there is none; `checks` are about the last frame that was collected from.
    `shots` are the pictures kept so far, one for a pose, in the poses' order. `rival` is set in CONFLICT, `report` once a
    self-test has ended, `reason` (a code) in REFUSED. `shares` says how much of each pose there is, 0 to 1.
    """

    phase: Phase
    asked: Pose | None
    checks: tuple[CheckItem, ...]
    done: tuple[Pose, ...]
    skipped: tuple[Pose, ...]
    shots: tuple[Shot, ...]
    fraction: float
    sentence: str
    rival: Rival | None = None
    report: SelfTestReport | None = None
    reason: str = ""
    shares: Mapping[Pose, float] = field(default_factory=dict)
