"""Which of the pictures that guided enrolment has collected are worth saving, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from facecam.identify.poses import Pose
from facecam.identify.selection import OUTLIER, NewSample, Selection, Sieve, without_outliers
from facecam.identify.verdict import OK
from facecam.types import Quality

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
class Choice:
    """Every pose's picture with its verdict, and what is to be saved."""

    shots: tuple[Shot, ...] = ()
    selection: Selection = field(default_factory=lambda: Selection(()))


def as_collected(collected: Collected) -> tuple[Shot, ...]:
    """The best picture of each pose, not judged yet."""
    return tuple(_shot(pose, best[0], OK) for pose, best in collected.items() if best)


def choose(collected: Collected, left_out: Collection[Pose], sieve: Sieve, max_spread_l2: float) -> Choice:
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
    return Choice(tuple(shots), Selection(tuple(sieve.kept), refused))


def _shot(pose: Pose, sample: NewSample, verdict: str) -> Shot:
    return Shot(pose, sample.jpeg, sample.reading.quality, verdict)
