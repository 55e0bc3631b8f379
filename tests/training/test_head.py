"""The head over features: told apart, not sure of what is unlike everything, the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.objects.taught import FEATURES, TaughtHead, TaughtLabel, unit_rows
from facecam.training.head import check, fit, softmax_regression
from facecam.types import Floats
from tests.training.conftest import cluster


@pytest.fixture(scope="module")
def labels() -> list[TaughtLabel]:
    return [cluster("background", 9), cluster("mug", 1), cluster("torch", 2)]


@pytest.fixture(scope="module")
def head(labels: list[TaughtLabel]) -> TaughtHead:
    return fit(labels)


def one_of(direction: int) -> Floats:
    """A view like those of the cluster in that direction."""
    row = np.random.default_rng(99).normal(0, 0.25 / np.sqrt(FEATURES), (1, FEATURES)).astype(np.float32)
    row[0, direction] += 1
    return unit_rows(row)


@pytest.mark.parametrize(("direction", "expected"), [(1, "mug"), (2, "torch")])
def test_a_new_view_of_a_taught_thing_is_sure(head: TaughtHead, direction: int, expected: str) -> None:
    found, shares = head.sure(one_of(direction))

    assert head.labels[found[0]] == expected
    assert shares[0] > 0.9


def test_the_background_gets_no_label(head: TaughtHead) -> None:
    assert head.sure(one_of(9))[0].tolist() == [-1]


def test_what_is_unlike_everything_taught_gets_no_label(head: TaughtHead) -> None:
    far = unit_rows(0.3 * one_of(1) + one_of(700))

    assert head.sure(far)[0].tolist() == [-1]


def test_what_lies_beside_a_thing_is_not_the_thing(labels: list[TaughtLabel]) -> None:
    beside = cluster("room", 5).views
    held_up = replace(labels[1], beside=beside)

    assert fit([labels[0], held_up, labels[2]]).sure(beside[:5])[0].tolist() == [-1] * 5


def test_fitting_twice_gives_the_same_numbers(labels: list[TaughtLabel], head: TaughtHead) -> None:
    again = fit(labels)

    assert np.array_equal(again.kernel, head.kernel)
    assert np.array_equal(again.bias, head.bias)


def test_the_check_counts_every_view_held_back(labels: list[TaughtLabel]) -> None:
    checked = check(labels)

    assert checked.names == ("background", "mug", "torch")
    assert checked.confusion.sum(axis=1).tolist() == [8, 8, 8]
    assert checked.accuracy == 1


def test_regression_reaches_a_point_where_the_loss_does_not_fall() -> None:
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
