"""Annotations of results, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from facecam.rendering.annotations import AnnotationBar, FaceAnnotation, Overlay, Stroke, annotate, rounded_percent
from facecam.settings import Mode
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Expression,
    Face,
    Label,
    Quality,
    Result,
    Sighting,
    TrackDecision,
)

HAPPY = Expression((0.02, 0.0, 0.01, 0.87, 0.0, 0.0, 0.1))


def candidate(name: str = "Ada", distance_l2: float = 0.314) -> Candidate:
    return Candidate(name, f"id-{name}", "1.jpg", distance_l2)


def decision(status: DecisionStatus, nearest: Candidate | None = None, reason: str = "match") -> Decision:
    return Decision(status, reason, nearest.name if nearest and status is DecisionStatus.KNOWN else None, nearest)


def annotated(
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
    mark = annotated(decision(DecisionStatus.KNOWN, candidate()))

    assert (mark.title, mark.detail, mark.stroke) == ("Ada", "distance 0.31 · happy 85 %", Stroke.SOLID)
    assert mark.box == Box(10, 20, 30, 40)


def test_an_unsure_face_suggests_the_nearest_person() -> None:
    mark = annotated(decision(DecisionStatus.UNSURE, candidate()))

    assert (mark.title, mark.stroke) == ("Ada?", Stroke.DASHED)


def test_a_face_that_looks_like_a_picture_says_so_and_suggests_nobody() -> None:
    vote = decision(DecisionStatus.UNSURE, candidate(), "presentation_attack")
    mark = annotated(decision(DecisionStatus.KNOWN, candidate()), vote)

    assert (mark.title, mark.detail) == ("Unsure", "looks like a picture or a screen · happy 85 %")


def test_a_face_that_is_still_being_checked_suggests_the_nearest_person() -> None:
    vote = decision(DecisionStatus.UNSURE, candidate(), "presentation_undecided")

    assert annotated(decision(DecisionStatus.KNOWN, candidate()), vote).title == "Ada?"


def test_an_unknown_face_has_no_name() -> None:
    mark = annotated(decision(DecisionStatus.UNKNOWN, candidate(distance_l2=0.71)))

    assert (mark.title, mark.detail, mark.stroke) == ("Unknown", "distance 0.71 · happy 85 %", Stroke.CORNERS)


def test_a_new_track_of_a_stranger_does_not_suggest_the_nearest_person() -> None:
    stranger = decision(DecisionStatus.UNKNOWN, candidate(distance_l2=0.71))
    undecided = Decision(DecisionStatus.UNSURE, "few_sightings", nearest=candidate(distance_l2=0.71))

    assert annotated(stranger, undecided).title == "Unsure"


def test_an_unsure_face_without_a_gallery_is_only_unsure() -> None:
    assert annotated(decision(DecisionStatus.UNSURE)).title == "Unsure"


@pytest.mark.parametrize(
    ("gate", "text"),
    [
        ("low_score", "hardly a face"),
        ("too_small", "too small"),
        ("clipped", "cut off at the edge"),
        ("blurry", "blurred"),
        ("dark", "too dark"),
        ("bright", "too bright"),
        ("extreme_pose", "turned too far"),
        ("of_the_future", "of the future"),
    ],
)
def test_a_skipped_face_shows_only_the_reason(gate: str, text: str) -> None:
    mark = annotated(decision(DecisionStatus.SKIPPED, reason=gate), gate=gate)

    assert (mark.title, mark.detail, mark.stroke) == (text, "", Stroke.DOTTED)


def test_a_named_track_keeps_its_name_through_a_skipped_frame() -> None:
    mark = annotated(
        decision(DecisionStatus.SKIPPED, reason="blurry"), decision(DecisionStatus.KNOWN, candidate()), gate="blurry"
    )

    assert (mark.title, mark.detail, mark.stroke) == ("Ada", "blurred · happy 85 %", Stroke.SOLID)


def test_a_name_is_not_shown_with_the_distance_to_another_person() -> None:
    mark = annotated(decision(DecisionStatus.UNKNOWN, candidate("Grace", 0.6)), decision(DecisionStatus.KNOWN, candidate("Ada")))

    assert (mark.title, mark.detail) == ("Ada", "happy 85 %")


@pytest.mark.parametrize(
    ("probability", "percent"), [(0.3999, 35), (0.39996, 40), (0.424, 40), (0.426, 45), (0.02, 0), (1.0, 100)]
)
def test_percentages_are_in_steps_of_5_and_40_only_where_the_expression_is_clear(probability: float, percent: int) -> None:
    assert rounded_percent(probability) == percent
    assert (percent >= 40) is (Expression((probability, *[0.0] * 6)).label != "unclear")


def test_an_unclear_expression_has_no_percentage() -> None:
    unclear = Expression((0.02, 0.0, 0.0, 0.3, 0.35, 0.0, 0.33))

    assert annotated(decision(DecisionStatus.KNOWN, candidate()), expression=unclear).detail == "distance 0.31 · unclear"


def test_without_an_expression_only_the_distance_is_shown() -> None:
    assert annotated(decision(DecisionStatus.KNOWN, candidate()), expression=None).detail == "distance 0.31"


def test_every_status_has_its_own_stroke_and_color() -> None:
    marks = [annotated(decision(status, candidate() if status is DecisionStatus.KNOWN else None)) for status in DecisionStatus]

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
def test_objects_have_at_most_three_bars_without_zero_percent_except_the_first(shares: Sequence[float], shown: list[str]) -> None:
    labels = tuple(Label(name, f"n{name}", share) for name, share in zip(("cup", "mug", "pot", "pan"), shares, strict=False))

    overlay = annotate(result(labels=labels, mode=Mode.OBJECTS))

    assert [bar.text for bar in overlay.bars] == shown
    assert [bar.fraction for bar in overlay.bars] == list(shares[: len(shown)])
    assert overlay.marks == ()


def test_an_object_is_marked_with_its_best_label() -> None:
    labels = (Label("cup", "n1", 0.9), Label("mug", "n2", 0.06))
    found = replace(result(labels=labels, mode=Mode.OBJECTS), region=Box(10, 20, 30, 40))

    (mark,) = annotate(found).marks

    assert (mark.box, mark.title, mark.stroke, mark.track_id) == (Box(10, 20, 30, 40), "cup", Stroke.SOLID, None)


def test_an_object_without_a_label_is_marked_as_unsure() -> None:
    found = replace(result(mode=Mode.OBJECTS), region=Box(10, 20, 30, 40))

    (mark,) = annotate(found).marks

    assert (mark.box, mark.title, mark.stroke) == (Box(10, 20, 30, 40), "Unsure", Stroke.DASHED)


def test_a_result_without_an_object_has_no_annotations() -> None:
    assert annotate(result(mode=Mode.OBJECTS)) == Overlay((640, 480))


def test_a_bar_fraction_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="fraction"):
        AnnotationBar("cup", 1.2, (0, 0, 0))


def test_a_settled_face_shows_the_last_measured_distance() -> None:
    ada = Candidate("Ada", "id-ada", "Ada/1.jpg", 0.17)

    mark = annotated(Decision(DecisionStatus.SKIPPED, "settled"), vote=decision(DecisionStatus.KNOWN, ada))

    assert mark.title == "Ada"
    assert "distance 0.17" in mark.detail
