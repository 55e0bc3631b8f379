"""Head of taught objects: classification, rejection of unknown objects, determinism."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.objects.taught import FEATURES, TaughtHead, TaughtLabel, unit_rows
from facecam.training.head import evaluate_head, fit_head, softmax_regression
from facecam.types import Floats
from tests.training.conftest import cluster


@pytest.fixture(scope="module")
def labels() -> list[TaughtLabel]:
    return [cluster("background", 9), cluster("mug", 1), cluster("torch", 2)]


@pytest.fixture(scope="module")
def head(labels: list[TaughtLabel]) -> TaughtHead:
    return fit_head(labels)


def view_of(direction: int) -> Floats:
    """Return a view like those of the cluster in that direction."""
    row = np.random.default_rng(99).normal(0, 0.25 / np.sqrt(FEATURES), (1, FEATURES)).astype(np.float32)
    row[0, direction] += 1
    return unit_rows(row)


@pytest.mark.parametrize(("direction", "expected"), [(1, "mug"), (2, "torch")])
def test_a_new_view_of_a_taught_object_gets_its_label(head: TaughtHead, direction: int, expected: str) -> None:
    found, shares = head.classify(view_of(direction))

    assert head.labels[found[0]] == expected
    assert shares[0] > 0.9


def test_the_background_gets_no_label(head: TaughtHead) -> None:
    assert head.classify(view_of(9))[0].tolist() == [-1]


def test_an_object_unlike_everything_taught_gets_no_label(head: TaughtHead) -> None:
    far = unit_rows(0.3 * view_of(1) + view_of(700))

    assert head.classify(far)[0].tolist() == [-1]


def test_negatives_get_no_label(labels: list[TaughtLabel]) -> None:
    negatives = cluster("room", 5).views
    with_negatives = replace(labels[1], negatives=negatives)

    assert fit_head([labels[0], with_negatives, labels[2]]).classify(negatives[:5])[0].tolist() == [-1] * 5


def test_fitting_twice_gives_the_same_numbers(labels: list[TaughtLabel], head: TaughtHead) -> None:
    again = fit_head(labels)

    assert np.array_equal(again.kernel, head.kernel)
    assert np.array_equal(again.bias, head.bias)


def test_the_evaluation_counts_every_held_out_view(labels: list[TaughtLabel]) -> None:
    evaluation = evaluate_head(labels)

    assert evaluation.names == ("background", "mug", "torch")
    assert evaluation.confusion.sum(axis=1).tolist() == [8, 8, 8]
    assert evaluation.accuracy == 1


def test_regression_reaches_a_minimum() -> None:
    random = np.random.default_rng(2)
    x, y = unit_rows(random.normal(size=(60, 12)).astype(np.float32)), np.arange(60) % 3

    kernel, bias = softmax_regression(x, y, 3)

    def loss(k: Floats, b: Floats) -> float:
        logits = x @ k + b
        peak = logits.max(axis=1)
        spent = np.log(np.exp(logits - peak[:, None]).sum(axis=1)) + peak - logits[np.arange(60), y]
        return float(spent.mean() + 1e-5 * np.sum(k**2))

    nudges = [random.normal(0, 0.05, kernel.shape).astype(np.float32) for _ in range(20)]
    assert all(loss(kernel + nudge, bias) > loss(kernel, bias) for nudge in nudges)


def test_a_class_with_many_rows_weighs_no_more_than_one_with_few() -> None:
    x = unit_rows(np.array([[1, 0.2]] * 90 + [[0.2, 1]] * 10, np.float32))
    kernel, bias = softmax_regression(x, np.array([0] * 90 + [1] * 10), 2)

    between = unit_rows(np.array([[1, 1]], np.float32)) @ kernel + bias

    assert abs(between[0, 0] - between[0, 1]) < 0.05 * np.abs(kernel).max()


def test_a_head_whose_arrays_do_not_fit_its_labels_is_refused() -> None:
    with pytest.raises(TeachingError, match="teach again"):
        TaughtHead(("mug",), np.zeros((FEATURES, 3), np.float32), np.zeros(2, np.float32), np.zeros(1, np.float32), ())
