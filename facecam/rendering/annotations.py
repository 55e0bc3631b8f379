"""What to draw over a frame, as data, and how a Result becomes that. Pure: no pixels, no fonts.

How sure a face is named shows three times, so that it never hangs on color alone: in the stroke of its box, in its words, and in
a color of Okabe and Ito's palette, whose hues people with any kind of color vision tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from facecam.types import Box, Candidate, DecisionStatus, Expression, Label, Result, Sighting

Color = tuple[int, int, int]
"""Blue, green, red, 0 to 255."""


class Stroke(StrEnum):
    """How a box is drawn: a known face's solid, unsure dashed, unknown as four corners, not compared dotted."""

    SOLID = "solid"
    DASHED = "dashed"
    CORNERS = "corners"
    DOTTED = "dotted"


@dataclass(frozen=True, slots=True)
class FaceAnnotation:
    """A box and what stands beside it: `title` in large letters, `detail` ("" for none) in small ones below.

    `track_id` is the face's track, by which a window knows it again in the next frame; None for what is no face.
    """

    box: Box
    title: str
    detail: str
    stroke: Stroke
    color_bgr: Color
    track_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnnotationBar:
    """A row of the panel in the corner: a text, and a bar filled to `fraction`, 0 to 1."""

    text: str
    fraction: float
    color_bgr: Color

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"fraction is {self.fraction}, a bar is filled from 0 to 1")


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything that is drawn over one frame of `size_wh`; positions are in its pixels."""

    size_wh: tuple[int, int]
    marks: tuple[FaceAnnotation, ...] = ()
    bars: tuple[AnnotationBar, ...] = ()


_GREEN, _YELLOW, _BLUE, _GRAY = (115, 158, 0), (66, 228, 240), (233, 180, 86), (190, 190, 190)

LOOKS = {
    DecisionStatus.KNOWN: (Stroke.SOLID, _GREEN),
    DecisionStatus.UNSURE: (Stroke.DASHED, _YELLOW),
    DecisionStatus.UNKNOWN: (Stroke.CORNERS, _BLUE),
    DecisionStatus.SKIPPED: (Stroke.DOTTED, _GRAY),
}
"""How a decision's box is drawn, and in which color."""

_GATES = {
    "low_score": "hardly a face",
    "too_small": "too far away",
    "clipped": "cut off at the edge",
    "blurry": "blurred",
    "dark": "too dark",
    "bright": "too bright",
    "extreme_pose": "turned away",
}


@dataclass(frozen=True, slots=True)
class CaptionTexts:
    """The words beside a face, in some language. Codes of gates and expressions that have no word here show as they are.

    Empty `distance` and `share` leave figures out.
    """

    unsure: str = "Unsure"
    unknown: str = "Unknown"
    distance: str = "distance {distance}"
    share: str = "{word} {percent} %"
    gates: Mapping[str, str] = field(default_factory=lambda: _GATES)
    expressions: Mapping[str, str] = field(default_factory=dict)


ENGLISH = CaptionTexts()

_BARS = 3


def annotate(result: Result, words: CaptionTexts = ENGLISH) -> Overlay:
    """What to draw over the frame that `result` was recognized in: a mark per face; or what is held up, and a bar per label."""
    marks = tuple(_mark(sighting, words) for sighting in result.sightings)
    if result.region is not None:
        marks += (_held_up(result.region, result.labels, words),)
    return Overlay(result.size_wh, marks, tuple(map(_bar, _likely(result.labels[:_BARS]))))


def _held_up(region: Box, labels: tuple[Label, ...], words: CaptionTexts) -> FaceAnnotation:
    if labels:
        return FaceAnnotation(region, labels[0].name, "", Stroke.SOLID, _BLUE)
    return FaceAnnotation(region, words.unsure, "", *LOOKS[DecisionStatus.UNSURE])


def _mark(sighting: Sighting, words: CaptionTexts) -> FaceAnnotation:
    """A face as its track stands. A named one keeps its name through a frame in which it could not be compared."""
    stroke, color = LOOKS[sighting.track_decision.decision.status]
    title, detail = _title(sighting, words), _detail(sighting, words)
    return FaceAnnotation(sighting.face.box, title, detail, stroke, color, sighting.track_decision.track_id)


def _title(sighting: Sighting, words: CaptionTexts) -> str:
    decision = sighting.track_decision.decision
    match decision.status:
        case DecisionStatus.KNOWN:
            return decision.name or ""
        case DecisionStatus.UNSURE:
            # A track that is young is unsure of strangers too: somebody's name is guessed only if this face is near that person.
            near = sighting.decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE)
            return f"{decision.nearest.name}?" if near and decision.nearest else words.unsure
        case DecisionStatus.UNKNOWN:
            return words.unknown
        case DecisionStatus.SKIPPED:
            return _plain(sighting.gate or decision.reason, words)


def _detail(sighting: Sighting, words: CaptionTexts) -> str:
    if sighting.track_decision.decision.status is DecisionStatus.SKIPPED:
        return ""
    first = _plain(sighting.gate, words) if sighting.gate is not None else _distance(sighting, words)
    return " · ".join([word for word in (first, _expression(sighting.expression, words)) if word])


def _distance(sighting: Sighting, words: CaptionTexts) -> str:
    """This face's distance to the nearest person, or the last one measured; with a name above it, to nobody else."""
    nearest: Candidate | None = sighting.decision.nearest or sighting.track_decision.decision.nearest
    name = sighting.track_decision.decision.name
    if nearest is None or name not in (None, nearest.name):
        return ""
    return words.distance.format(distance=f"{nearest.distance_l2:.2f}")


def _expression(expression: Expression | None, words: CaptionTexts) -> str:
    if expression is None:
        return ""
    word = words.expressions.get(expression.label, expression.label)
    return words.share.format(word=word, percent=round(max(expression.probabilities) * 100)) or word


def _likely(labels: Sequence[Label]) -> list[Label]:
    """The first, and what has a percent to show beside it."""
    return [label for place, label in enumerate(labels) if place == 0 or round(label.probability * 100)]


def _bar(label: Label) -> AnnotationBar:
    # Three hues would say that the rows differ in kind; they differ only in length.
    return AnnotationBar(f"{label.name} {_percent(label.probability)}", min(1.0, max(0.0, label.probability)), _BLUE)


def _plain(gate: str, words: CaptionTexts) -> str:
    return words.gates.get(gate, gate.replace("_", " "))


def _percent(probability: float) -> str:
    return f"{probability * 100:.0f} %"
