"""Calibration of expression probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.expression.reader import RESTING, TEMPERATURE, calibrate
from facecam.types import EXPRESSIONS, Floats

parts = st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda p: sum(p) > 0.01)
distributions = parts.map(lambda p: np.array([p], np.float32) / np.float32(sum(p)))


@given(probabilities=distributions)
def test_calibrated_probabilities_are_a_distribution(probabilities: Floats) -> None:
    calibrated = calibrate(probabilities)

    assert calibrated.dtype == np.float32
    assert calibrated.min() >= 0
    assert calibrated.sum() == pytest.approx(1, abs=1e-5)


@given(probabilities=distributions, number=st.integers(0, 6))
def test_calibration_is_monotonic_in_each_class(probabilities: Floats, number: int) -> None:
    raised = probabilities.copy()
    raised[0, number] += 0.5

    assert calibrate(raised / raised.sum())[0, number] >= calibrate(probabilities)[0, number] - 1e-6


def test_the_log_odds_of_two_classes_are_divided_by_the_temperature() -> None:
    probabilities = np.array([[0.1, 0.1, 0.1, 0.1, 0.3, 0.1, 0.2]], np.float32)

    (found,) = calibrate(probabilities)

    sad, neutral = EXPRESSIONS.index("sad"), EXPRESSIONS.index("neutral")
    assert np.log(found[neutral] / found[sad]) == pytest.approx(np.log(0.2 / 0.3) / TEMPERATURE, abs=1e-4)


@given(probabilities=distributions)
def test_calibration_keeps_the_order_of_the_classes(probabilities: Floats) -> None:
    calibrated = calibrate(probabilities)

    assert (np.diff(calibrated[0, np.argsort(probabilities[0])]) >= -1e-7).all()


def test_a_resting_face_is_neutral() -> None:
    assert RESTING.sum() == pytest.approx(1, abs=1e-3)
    assert EXPRESSIONS[int(RESTING.argmax())] == "neutral"
