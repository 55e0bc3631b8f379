"""What is drawn for each way a face can stand, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from facecam.rendering.annotations import AnnotationBar, FaceAnnotation, Overlay, Stroke, annotate
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Expression,
    Face,
    Label,
    Mode,
    Quality,
    Result,
    Sighting,
    TrackDecision,
)

HAPPY = Expression((0.02, 0.0, 0.01, 0.87, 0.0, 0.0, 0.1))


def candidate(name: str = "Ada", distance_l2: float = 0.314) -> Candidate:
    return Candidate(name, f"id-{name}", "1.jpg", distance_l2)


def decision(kind: DecisionStatus, nearest: Candidate | None = None, reason: str = "match") -> Decision:
    return Decision(kind, reason, nearest.name if nearest and kind is DecisionStatus.KNOWN else None, nearest)


def marked(
    own: Decision, vote: Decision | None = None, gate: str | None = None, expression: Expression | None = HAPPY
) -> FaceAnnotation:
    face = Face(Box(10, 20, 30, 40), 0.99, np.zeros((5, 2), np.float32))
    sighting = Sighting(
        face,
        Quality(0, 0, 0, sharpness=50, brightness=120),
        gate,
        gate is None,
        own,
        1.0,
        TrackDecision(1, 0.0, vote or own),
        expression,
    )
    (mark,) = annotate(result(sightings=(sighting,))).marks
    return mark


def result(sightings: tuple[Sighting, ...] = (), labels: tuple[Label, ...] = (), mode: Mode = Mode.FACES) -> Result:
    return Result(0, 0.0, "demo", "", (640, 480), mode, sightings, labels)


def test_a_known_face_has_its_name_distance_and_expression() -> None:
    mark = marked(decision(DecisionStatus.KNOWN, candidate()))

    assert (mark.title, mark.detail, mark.stroke) == ("Ada", "distance 0.31 · happy 87 %", Stroke.SOLID)
    assert mark.box == Box(10, 20, 30, 40)


def test_an_unsure_face_asks_for_the_nearest_person() -> None:
    mark = marked(decision(DecisionStatus.UNSURE, candidate()))

    assert (mark.title, mark.stroke) == ("Ada?", Stroke.DASHED)


def test_an_unknown_face_names_nobody() -> None:
    mark = marked(decision(DecisionStatus.UNKNOWN, candidate(distance_l2=0.71)))

    assert (mark.title, mark.detail, mark.stroke) == ("Unknown", "distance 0.71 · happy 87 %", Stroke.CORNERS)


def test_a_young_track_of_a_stranger_is_not_shown_as_the_nearest_person() -> None:
    stranger = decision(DecisionStatus.UNKNOWN, candidate(distance_l2=0.71))
    undecided = Decision(DecisionStatus.UNSURE, "few_sightings", nearest=candidate(distance_l2=0.71))

    assert marked(stranger, undecided).title == "Unsure"


def test_an_unsure_face_without_a_gallery_is_only_unsure() -> None:
    assert marked(decision(DecisionStatus.UNSURE)).title == "Unsure"


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("low_score", "hardly a face"),
        ("too_small", "too far away"),
        ("clipped", "cut off at the edge"),
        ("blurry", "blurred"),
        ("dark", "too dark"),
        ("bright", "too bright"),
        ("extreme_pose", "turned away"),
        ("of_the_future", "of the future"),
    ],
)
def test_a_skipped_face_says_why_in_plain_words_and_nothing_else(gate: str, words: str) -> None:
    mark = marked(decision(DecisionStatus.SKIPPED, reason=gate), gate=gate)

    assert (mark.title, mark.detail, mark.stroke) == (words, "", Stroke.DOTTED)


def test_a_named_track_keeps_its_name_through_a_skipped_frame() -> None:
    mark = marked(decision(DecisionStatus.SKIPPED, reason="blurry"), decision(DecisionStatus.KNOWN, candidate()), gate="blurry")

    assert (mark.title, mark.detail, mark.stroke) == ("Ada", "blurred · happy 87 %", Stroke.SOLID)


def test_another_persons_distance_is_not_written_under_a_name() -> None:
    mark = marked(decision(DecisionStatus.UNKNOWN, candidate("Grace", 0.6)), decision(DecisionStatus.KNOWN, candidate("Ada")))

    assert (mark.title, mark.detail) == ("Ada", "happy 87 %")


def test_without_an_expression_there_is_the_distance_alone() -> None:
    assert marked(decision(DecisionStatus.KNOWN, candidate()), expression=None).detail == "distance 0.31"


def test_every_kind_differs_in_stroke_and_in_color() -> None:
    marks = [marked(decision(kind, candidate() if kind is DecisionStatus.KNOWN else None)) for kind in DecisionStatus]

    assert len({mark.stroke for mark in marks}) == len({mark.color_bgr for mark in marks}) == len(DecisionStatus)


@pytest.mark.parametrize(
    ("shares", "shown"),
    [
        ((0.7, 0.1, 0.06, 0.05), ["cup 70 %", "mug 10 %", "pot 6 %"]),
        ((0.9, 0.06, 0.004), ["cup 90 %", "mug 6 %"]),
        ((0.004, 0.003, 0.002), ["cup 0 %"]),
        ((), []),
    ],
)
def test_objects_are_three_bars_at_most_and_none_of_nothing_but_the_first(shares: Sequence[float], shown: list[str]) -> None:
    labels = tuple(Label(name, f"n{name}", share) for name, share in zip(("cup", "mug", "pot", "pan"), shares, strict=False))

    overlay = annotate(result(labels=labels, mode=Mode.OBJECTS))

    assert [bar.text for bar in overlay.bars] == shown
    assert [bar.fraction for bar in overlay.bars] == list(shares[: len(shown)])
    assert overlay.marks == ()


def test_an_object_is_marked_where_it_was_found_with_its_best_name() -> None:
    labels = (Label("cup", "n1", 0.9), Label("mug", "n2", 0.06))
    found = replace(result(labels=labels, mode=Mode.OBJECTS), region=Box(10, 20, 30, 40))

    (mark,) = annotate(found).marks

    assert (mark.box, mark.title, mark.stroke, mark.track_id) == (Box(10, 20, 30, 40), "cup", Stroke.SOLID, None)


def test_what_is_held_up_is_marked_as_unsure_while_it_has_no_name() -> None:
    found = replace(result(mode=Mode.OBJECTS), region=Box(10, 20, 30, 40))

    (mark,) = annotate(found).marks

    assert (mark.box, mark.title, mark.stroke) == (Box(10, 20, 30, 40), "Unsure", Stroke.DASHED)


def test_nothing_is_marked_when_nothing_is_held_up() -> None:
    assert annotate(result(mode=Mode.OBJECTS)) == Overlay((640, 480))


def test_a_bar_beyond_its_end_is_refused() -> None:
    with pytest.raises(ValueError, match="fraction"):
        AnnotationBar("cup", 1.2, (0, 0, 0))


def test_a_settled_face_keeps_the_distance_that_was_measured_last() -> None:
    ada = Candidate("Ada", "id-ada", "Ada/1.jpg", 0.17)

    mark = marked(Decision(DecisionStatus.SKIPPED, "settled"), vote=decision(DecisionStatus.KNOWN, ada))

    assert mark.title == "Ada"
    assert "distance 0.17" in mark.detail
