"""Annotations of a frame as data, made from a Result. Pure: no pixels, no fonts.

The certainty of a face is shown by the stroke of its box, by its text and by a color of Okabe and Ito's palette, whose hues can
be told apart with any kind of color vision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facecam.messages import caption
from facecam.types import CLEAR_FROM, UNCLEAR, Box, Candidate, DecisionStatus, Expression, Label, Result, Sighting

Color = tuple[int, int, int]
"""Blue, green, red, 0 to 255."""


class Stroke(StrEnum):
    """Line style of a box: solid for known faces, dashed for unsure, four corners for unknown, dotted for not compared."""

    SOLID = "solid"
    DASHED = "dashed"
    CORNERS = "corners"
    DOTTED = "dotted"


@dataclass(frozen=True, slots=True)
class FaceAnnotation:
    """Annotated box with a large `title` and a small `detail` below it ("" for none).

    `track_id` identifies the face's track over frames; None for an object.
    """

    box: Box
    title: str
    detail: str
    stroke: Stroke
    color_bgr: Color
    track_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnnotationBar:
    """Row of the corner panel: a text and a bar filled to `fraction`, 0 to 1."""

    text: str
    fraction: float
    color_bgr: Color

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"fraction is {self.fraction}, expected 0 to 1")


@dataclass(frozen=True, slots=True)
class Overlay:
    """All annotations of one frame of `size_wh`; positions are in its pixels."""

    size_wh: tuple[int, int]
    marks: tuple[FaceAnnotation, ...] = ()
    bars: tuple[AnnotationBar, ...] = ()


_GREEN, _YELLOW, _BLUE, _GRAY = (115, 158, 0), (66, 228, 240), (233, 180, 86), (190, 190, 190)

STATUS_STYLES = {
    DecisionStatus.KNOWN: (Stroke.SOLID, _GREEN),
    DecisionStatus.UNSURE: (Stroke.DASHED, _YELLOW),
    DecisionStatus.UNKNOWN: (Stroke.CORNERS, _BLUE),
    DecisionStatus.SKIPPED: (Stroke.DOTTED, _GRAY),
}
"""Stroke and color of each decision status."""


@dataclass(frozen=True, slots=True)
class CaptionTexts:
    """Caption texts in some language. `reason` returns the text for a gate; expressions without a text are shown as they are.

    Empty `distance` and `share` omit the figures.
    """

    unsure: str = "Unsure"
    unknown: str = "Unknown"
    distance: str = "distance {distance}"
    share: str = "{word} {percent} %"
    reason: Callable[[str], str] = caption
    expressions: Mapping[str, str] = field(default_factory=dict)


ENGLISH = CaptionTexts()

_BARS = 3
_ATTACK = "presentation_attack"
"""Reason of a face that looks like a picture or a screen: its caption says so, and suggests no name."""


def annotate(result: Result, texts: CaptionTexts = ENGLISH) -> Overlay:
    """Return the annotations of a result: each face, or the object region and a bar per label."""
    marks = tuple(_face(sighting, texts) for sighting in result.sightings)
    if result.region is not None:
        marks += (_object(result.region, result.labels, texts),)
    # The first label is always shown, others only from 1 % on.
    shown = [label for rank, label in enumerate(result.labels[:_BARS]) if rank == 0 or round(label.probability * 100)]
    return Overlay(result.size_wh, marks, tuple(map(_bar, shown)))


def _object(region: Box, labels: tuple[Label, ...], texts: CaptionTexts) -> FaceAnnotation:
    if labels:
        return FaceAnnotation(region, labels[0].name, "", Stroke.SOLID, _BLUE)
    return FaceAnnotation(region, texts.unsure, "", *STATUS_STYLES[DecisionStatus.UNSURE])


def _face(sighting: Sighting, texts: CaptionTexts) -> FaceAnnotation:
    """Annotate a face by its track, so that it keeps its name in a frame in which it could not be compared."""
    stroke, color = STATUS_STYLES[sighting.track_decision.decision.status]
    title, detail = _title(sighting, texts), _detail(sighting, texts)
    return FaceAnnotation(sighting.face.box, title, detail, stroke, color, sighting.track_decision.track_id)


def _title(sighting: Sighting, texts: CaptionTexts) -> str:
    decision = sighting.track_decision.decision
    match decision.status:
        case DecisionStatus.KNOWN:
            return decision.name or ""
        case DecisionStatus.UNSURE:
            # A new track is unsure of strangers too, so a name is suggested only if this face is near that person.
            near = sighting.decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE)
            near = near and decision.reason not in ("corrected", _ATTACK)
            return f"{decision.nearest.name}?" if near and decision.nearest else texts.unsure
        case DecisionStatus.UNKNOWN:
            return texts.unknown
        case DecisionStatus.SKIPPED:
            return texts.reason(sighting.gate or decision.reason)


def _detail(sighting: Sighting, texts: CaptionTexts) -> str:
    if sighting.track_decision.decision.status is DecisionStatus.SKIPPED:
        return ""
    reason = _ATTACK if sighting.track_decision.decision.reason == _ATTACK else sighting.gate
    first = texts.reason(reason) if reason is not None else _distance(sighting, texts)
    return " · ".join(filter(None, (first, _expression(sighting.expression, texts))))


def _distance(sighting: Sighting, texts: CaptionTexts) -> str:
    """Return the latest distance to the nearest person, unless the title names another person."""
    nearest: Candidate | None = sighting.decision.nearest or sighting.track_decision.decision.nearest
    name = sighting.track_decision.decision.name
    if nearest is None or name not in (None, nearest.name):
        return ""
    return texts.distance.format(distance=f"{nearest.distance_l2:.2f}")


def _expression(expression: Expression | None, texts: CaptionTexts) -> str:
    if expression is None:
        return ""
    word = texts.expressions.get(expression.label, expression.label)
    if expression.label == UNCLEAR:
        return word
    return texts.share.format(word=word, percent=rounded_percent(max(expression.probabilities))) or word


def rounded_percent(probability: float) -> int:
    """Return the percentage of an expression in steps of 5; what is under CLEAR_FROM is not rounded up to it.

    The calibration error on unseen faces is 4.5 percentage points, and a figure that changes with every reading is hard to read.
    """
    percent = 5 * round(20 * probability)
    return percent if round(probability, 4) >= CLEAR_FROM else min(percent, round(100 * CLEAR_FROM) - 5)


def _bar(label: Label) -> AnnotationBar:
    # One color for all: the rows differ only in length.
    return AnnotationBar(f"{label.name} {label.probability * 100:.0f} %", min(1.0, max(0.0, label.probability)), _BLUE)
