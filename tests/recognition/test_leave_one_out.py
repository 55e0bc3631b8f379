"""Leave-one-out comparisons agree with a gallery from which the photo was removed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.recognition.leave_one_out import LeaveOneOut, leave_one_out
from facecam.recognition.matching import DecisionRule, Index, decide
from facecam.types import DecisionStatus, Floats, Sample
from tests.lowered_threshold import table_lowering

RULE = DecisionRule(0.8, margin_l2=0.05, unsure_band_l2=0.05)


def unit(*values: float) -> Floats:
    embedding = np.zeros(128)
    embedding[: len(values)] = values
    return (embedding / np.linalg.norm(embedding)).astype(np.float32)


def compared(people: list[list[Floats]], reduced: Floats | None = None, reduction_l2: float = 0.0) -> LeaveOneOut:
    numbers = np.repeat(np.arange(len(people)), [len(photos) for photos in people])
    table = None if reduced is None else table_lowering(reduced, reduction_l2)
    return leave_one_out(np.array([photo for photos in people for photo in photos]), numbers, table)


def test_the_mean_of_the_other_photos_counts_if_it_is_nearer_than_each_of_them() -> None:
    front, left, right = unit(1), unit(1, 0.5), unit(1, -0.5)

    found = compared([[front, left, right]])

    assert found.own_l2[0] == pytest.approx(0, abs=1e-6)
    assert found.own_l2[1] == pytest.approx(np.linalg.norm(left - front), abs=1e-6)


def test_the_mean_of_another_person_can_be_nearer_than_each_photo() -> None:
    front, left, right = unit(1), unit(1, 0.5), unit(1, -0.5)

    found = compared([[front], [left, right]])

    assert found.other_l2[0] == pytest.approx(0, abs=1e-6)
    assert found.other_photo_l2[0] == pytest.approx(np.linalg.norm(left - front), abs=1e-6)
    assert found.other_photo[0] in (1, 2)


def test_a_person_who_resembles_many_needs_a_smaller_distance() -> None:
    ada, near = unit(1), unit(1, 0.5)
    apart_l2 = float(np.linalg.norm(ada - near))
    rule = DecisionRule(apart_l2 + 0.05, 0.0, 0.0)

    assert compared([[ada, near]]).named_right(rule).tolist() == [True, True]
    assert compared([[ada, near]], ada, 0.1).named_right(rule).tolist() == [True, False]
    assert compared([[near], [ada]]).named_wrong(rule).tolist() == [True, True]
    assert compared([[near], [ada]], ada, 0.1).named_wrong(rule).tolist() == [False, True]


def test_a_distance_of_exactly_the_lowered_threshold_is_within_it() -> None:
    ada, near = unit(1), unit(1, 0.5)
    apart_l2 = float(Index([Sample("0", "0", "0", Path("0.jpg"), ada)]).nearest(near)[0].distance_l2)  # type: ignore[union-attr]

    for step in range(200):
        reduction_l2 = step / 1000
        found = compared([[ada], [near]], ada, reduction_l2)
        rule = DecisionRule(round(apart_l2 + float(found.reduction_l2[0]), 6), 0.0, 0.0)
        nearest, _ = Index([Sample("0", "0", "0", Path("0.jpg"), ada)], (), table_lowering(ada, reduction_l2)).nearest(near)
        assert nearest is not None
        is_within = nearest.distance_l2 <= rule.own_threshold_l2(nearest)
        assert bool(found.named_wrong(rule)[1]) is is_within, reduction_l2


def test_the_only_photo_of_the_only_person_has_no_distance() -> None:
    found = compared([[unit(1)]])

    assert np.isinf([*found.own_l2, *found.other_l2, *found.other_photo_l2, *found.next_l2]).all()
    assert not found.named_right(RULE).any()
    assert not found.named_wrong(RULE).any()


def test_an_empty_gallery_has_no_comparison() -> None:
    assert len(leave_one_out(np.empty((0, 128), np.float32), np.empty(0, np.intp), None).own_l2) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.2]),
    st.none() | st.sampled_from([0.3, 0.7]),
)
def test_each_photo_gets_the_name_that_a_gallery_without_it_gives(
    photos: list[int], seed: int, reduction_l2: float, session_l2: float | None
) -> None:
    rng = np.random.default_rng(seed)
    centers = np.eye(128)[0] + 0.1 * rng.normal(size=(len(photos), 128))
    people = np.repeat(np.arange(len(photos)), photos)
    embeddings = centers[people] + 0.05 * rng.normal(size=(len(people), 128))
    embeddings = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).astype(np.float32)
    shuffled = rng.permutation(len(people))
    people, embeddings = people[shuffled], embeddings[shuffled]
    table = table_lowering(embeddings[0], reduction_l2)
    samples = [
        Sample(f"{number}", f"{person}", f"{person}", Path(f"{number}.jpg"), embedding)
        for number, (person, embedding) in enumerate(zip(people, embeddings, strict=True))
    ]
    found = leave_one_out(embeddings, people, table, session_l2)

    names = np.where(found.named_right(RULE), "right", np.where(found.named_wrong(RULE), "wrong", "none"))
    for number, sample in enumerate(samples):
        others = samples[:number] + samples[number + 1 :]
        nearest, second = Index(others, (), table, session_l2).nearest(sample.embedding)
        decision = decide((nearest, second), RULE)
        is_own = decision.nearest is not None and decision.nearest.person_id == sample.person_id
        expected = "none" if decision.status is not DecisionStatus.KNOWN else "right" if is_own else "wrong"
        assert names[number] == expected
        if nearest is not None:
            distance_l2 = min(found.own_l2[number], found.other_l2[number])
            assert distance_l2 == pytest.approx(nearest.distance_l2, abs=2e-6)
