"""Verification figures against direct computation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecam.evaluation import lfw
from facecam.types import Floats

# A coarse grid, so that equal distances are common, also among pairs of both kinds.
PAIRS = st.lists(st.tuples(st.integers(0, 24), st.booleans()), min_size=2, max_size=40)
MIXED = PAIRS.filter(lambda pairs: len({same for _, same in pairs}) == 2)


def arrays(pairs: list[tuple[int, bool]]) -> tuple[Floats, NDArray[np.bool_]]:
    return np.array([step / 12 for step, _ in pairs], np.float32), np.array([same for _, same in pairs])


def right_answers(distances: Floats, same: NDArray[np.bool_], threshold: float) -> int:
    return sum((float(distance) <= threshold) == truth for distance, truth in zip(distances, same, strict=True))


@given(PAIRS)
def test_no_other_threshold_is_more_accurate(pairs: list[tuple[int, bool]]) -> None:
    distances, same = arrays(pairs)

    chosen = lfw.best_threshold_l2(distances, same)

    others = [-1.0, *(float(distance) for distance in distances)]
    assert right_answers(distances, same, chosen) == max(right_answers(distances, same, other) for other in others)


def test_the_best_threshold_lies_between_the_distances_that_it_separates() -> None:
    threshold = lfw.best_threshold_l2(np.array([0.2, 0.9, 0.3], np.float32), np.array([True, False, True]))

    assert threshold == pytest.approx(0.6)


@given(PAIRS, st.integers(-1, 25))
def test_accuracy_is_the_share_of_right_answers(pairs: list[tuple[int, bool]], step: int) -> None:
    distances, same = arrays(pairs)

    assert lfw.accuracy(distances, same, step / 12 + 0.01) == pytest.approx(
        right_answers(distances, same, step / 12 + 0.01) / len(pairs)
    )


@given(MIXED)
def test_auc_is_the_share_of_couples_in_the_right_order(pairs: list[tuple[int, bool]]) -> None:
    distances, same = arrays(pairs)

    couples = [(genuine, impostor) for genuine in distances[same] for impostor in distances[~same]]
    won = sum(1.0 if genuine < impostor else 0.5 if genuine == impostor else 0.0 for genuine, impostor in couples)
    assert lfw.auc(distances, same) == pytest.approx(won / len(couples))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=300), st.sampled_from([0.5, 0.1, 0.01, 0.001, 0.0]))
def test_the_threshold_at_a_false_accept_rate_keeps_it_and_no_larger_one_does(steps: list[int], far: float) -> None:
    impostors = np.array([step / 50 for step in steps], np.float32)

    threshold = lfw.threshold_at_far(impostors, far)

    assert np.mean(impostors <= threshold) <= far
    assert np.mean(impostors <= np.nextafter(np.float32(threshold), np.float32(np.inf))) > far


def test_each_fold_is_evaluated_at_the_threshold_of_the_others() -> None:
    """The second fold's distances are twice the first's: neither threshold suits the other fold's nearer strangers."""
    distances = np.array([0.1, 0.3, 0.4, 1.2], np.float32)
    same = np.array([True, False, True, False])
    folds = np.array([0, 0, 1, 1])

    scores, threshold = lfw.cross_validated(distances, same, folds)

    assert scores.tolist() == [0.5, 0.5]
    assert threshold == pytest.approx((0.2 + 0.8) / 2)


def test_only_images_of_different_people_are_impostors() -> None:
    embeddings = np.eye(4, 128, dtype=np.float32)
    embeddings[3] = embeddings[0]

    distances = lfw.cross_person_distances_l2(embeddings, ["Ada", "Ada", "Grace", "Grace"])

    assert sorted(distances.tolist()) == pytest.approx([0, 2**0.5, 2**0.5, 2**0.5])


@given(st.integers(2, 12), st.integers(0, 1000))
def test_impostor_distances_are_those_of_every_couple(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    embeddings = random.normal(size=(count, 128)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    people = [f"person {number}" for number in random.integers(0, 3, count)]

    found = lfw.cross_person_distances_l2(embeddings, people)

    couples = [(a, b) for a in range(count) for b in range(a) if people[a] != people[b]]
    expected = [np.linalg.norm(embeddings[a] - embeddings[b]) for a, b in couples]
    assert np.sort(found) == pytest.approx(np.sort(expected), abs=1e-5)
