"""Calibrating probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.expression.reader import BIAS, RESTING, TEMPERATURE, calibrate
from facecam.types import EXPRESSIONS, Floats

parts = st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda p: sum(p) > 0.01)
distributions = parts.map(lambda p: np.array([p], np.float32) / np.float32(sum(p)))


@given(said=distributions)
def test_calibrated_probabilities_are_a_distribution(said: Floats) -> None:
    calibrated = calibrate(said)

    assert calibrated.dtype == np.float32
    assert calibrated.min() >= 0
    assert calibrated.sum() == pytest.approx(1, abs=1e-5)


@given(said=distributions, number=st.integers(0, 6))
def test_a_class_that_is_likelier_to_the_network_is_not_less_likely_after(said: Floats, number: int) -> None:
    raised = said.copy()
    raised[0, number] += 0.5

    assert calibrate(raised / raised.sum())[0, number] >= calibrate(said)[0, number] - 1e-6


def test_the_odds_of_two_classes_are_moved_by_their_biases() -> None:
    said = np.array([[0.1, 0.1, 0.1, 0.1, 0.3, 0.1, 0.2]], np.float32)

    (found,) = calibrate(said)

    sad, neutral = EXPRESSIONS.index("sad"), EXPRESSIONS.index("neutral")
    expected = np.log(0.2 / 0.3) / TEMPERATURE + BIAS[neutral] - BIAS[sad]
    assert np.log(found[neutral] / found[sad]) == pytest.approx(expected, abs=1e-4)


def test_a_resting_face_is_neutral() -> None:
    assert RESTING.sum() == pytest.approx(1, abs=1e-5)
    assert EXPRESSIONS[int(RESTING.argmax())] == "neutral"
