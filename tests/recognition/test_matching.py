"""Decisions by threshold, band and margin, and name conflicts within a frame."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.errors import SettingsError
from facecam.recognition.matching import DecisionRule, Match, decide, decide_frame, skipped_decision
from facecam.types import Candidate, DecisionStatus

# Exact binary fractions, so that a test can use a value exactly at a limit.
RULE = DecisionRule(threshold_l2=0.5, margin_l2=0.125, unsure_band_l2=0.25)


def candidate(name: str, distance_l2: float) -> Candidate:
    return Candidate(name, f"id-{name}", f"{name}/1.jpg", distance_l2)


def match(name: str, distance_l2: float, other: str | None = None, other_l2: float = 2.0) -> Match:
    return candidate(name, distance_l2), None if other is None else candidate(other, other_l2)


def test_with_an_empty_gallery_every_face_is_unknown() -> None:
    decision = decide((None, None), RULE)

    assert (decision.status, decision.reason, decision.name) == (DecisionStatus.UNKNOWN, "gallery_empty", None)


@pytest.mark.parametrize("distance_l2", [0.0, 0.25, 0.5])
def test_up_to_the_threshold_the_nearest_person_is_named(distance_l2: float) -> None:
    decision = decide(match("Ada", distance_l2), RULE)

    assert (decision.status, decision.name) == (DecisionStatus.KNOWN, "Ada")


@pytest.mark.parametrize("distance_l2", [math.nextafter(0.5, 1), 0.625, 0.75])
def test_in_the_band_beyond_the_threshold_the_face_is_unsure(distance_l2: float) -> None:
    decision = decide(match("Ada", distance_l2), RULE)

    assert (decision.status, decision.reason, decision.name) == (DecisionStatus.UNSURE, "near_threshold", None)


@pytest.mark.parametrize("distance_l2", [math.nextafter(0.75, 1), 1.0, 2.0])
def test_beyond_the_band_the_face_is_unknown(distance_l2: float) -> None:
    decision = decide(match("Ada", distance_l2), RULE)

    assert (decision.status, decision.reason, decision.name) == (DecisionStatus.UNKNOWN, "too_far", None)


def test_a_stranger_nearer_to_two_people_than_the_margin_is_unsure() -> None:
    decision = decide(match("Ada", 0.25, "Grace", 0.3125), RULE)

    assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "margin")


def test_the_margin_itself_is_enough() -> None:
    assert decide(match("Ada", 0.25, "Grace", 0.375), RULE).name == "Ada"


def test_a_person_alone_in_the_gallery_has_no_rival() -> None:
    decision = decide(match("Ada", 0.5), RULE)

    assert decision.name == "Ada"
    assert decision.margin_l2 is None


def test_the_decision_contains_the_compared_candidates() -> None:
    nearest, second = match("Ada", 0.625, "Grace", 1.0)

    decision = decide((nearest, second), RULE)

    assert (decision.nearest, decision.second, decision.margin_l2) == (nearest, second, 0.375)


def test_a_skipped_face_has_the_code_of_its_gate() -> None:
    decision = skipped_decision("blurry")

    assert (decision.status, decision.reason, decision.nearest) == (DecisionStatus.SKIPPED, "blurry", None)


def test_of_two_faces_with_one_name_the_nearer_keeps_it() -> None:
    far, near = decide_frame([match("Ada", 0.4), match("Ada", 0.2)], RULE)

    assert (near.status, near.name) == (DecisionStatus.KNOWN, "Ada")
    assert (far.status, far.reason, far.name) == (DecisionStatus.UNSURE, "name_taken", None)


def test_two_faces_equally_near_to_one_person_are_both_unsure() -> None:
    decisions = decide_frame([match("Ada", 0.25), match("Ada", 0.25)], RULE)

    assert [decision.reason for decision in decisions] == ["name_taken", "name_taken"]


def test_faces_of_different_people_do_not_disturb_each_other() -> None:
    decisions = decide_frame([match("Ada", 0.25), match("Grace", 0.25)], RULE)

    assert [decision.name for decision in decisions] == ["Ada", "Grace"]


def test_a_face_that_is_unsure_takes_no_name_from_another() -> None:
    unsure, known = decide_frame([match("Ada", 0.125, "Grace", 0.1875), match("Ada", 0.375)], RULE)

    assert unsure.reason == "margin"
    assert known.name == "Ada"


PEOPLE = ("Ada", "Grace", "Mary")
# A coarse grid, so that ties and distances on a limit are common.
GRID = st.integers(0, 32).map(lambda sixteenths: sixteenths / 16)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    first, second = draw(st.permutations(PEOPLE))[:2]
    near, far = sorted((draw(GRID), draw(GRID)))
    return draw(st.sampled_from([(None, None), match(first, near), match(first, near, second, far)]))


@given(st.lists(matches(), max_size=6))
def test_two_faces_of_a_frame_never_share_a_name(faces: list[Match]) -> None:
    names = [decision.name for decision in decide_frame(faces, RULE) if decision.name is not None]

    assert len(names) == len(set(names))


@given(st.lists(matches(), max_size=6).flatmap(lambda faces: st.tuples(st.just(faces), st.permutations(range(len(faces))))))
def test_the_order_of_the_faces_does_not_matter(case: tuple[list[Match], list[int]]) -> None:
    faces, order = case
    decisions = decide_frame(faces, RULE)

    assert decide_frame([faces[index] for index in order], RULE) == [decisions[index] for index in order]


@given(st.lists(matches(), max_size=4))
def test_the_assigned_names_have_the_lowest_total_distance(faces: list[Match]) -> None:
    """Compare with every choice of one face per name."""
    alone = [decide(face, RULE) for face in faces]
    claims = {name: [d.nearest.distance_l2 for d in alone if d.name == name and d.nearest] for name in PEOPLE}
    totals = [sum(choice) for choice in itertools.product(*(claim for claim in claims.values() if claim))]
    tied = any(claim.count(min(claim)) > 1 for claim in claims.values() if claim)

    assigned = [d.nearest.distance_l2 for d in decide_frame(faces, RULE) if d.name is not None and d.nearest]

    assert tied or sum(assigned) == min(totals)


@pytest.mark.parametrize(
    ("threshold_l2", "margin_l2", "unsure_band_l2"),
    [(0, 0, 0), (-0.1, 0, 0), (2.1, 0, 0), (0.5, -0.1, 0), (0.5, 0, -0.1), (0.5, 3, 0), (math.nan, 0, 0), (0.5, math.nan, 0)],
)
def test_a_rule_out_of_range_is_refused(threshold_l2: float, margin_l2: float, unsure_band_l2: float) -> None:
    with pytest.raises(SettingsError, match="_l2 is"):
        DecisionRule(threshold_l2, margin_l2, unsure_band_l2)
