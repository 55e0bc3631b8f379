"""Neutral baseline of a person."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.expression.reader import RESTING
from facecam.expression.tracking import LEARNED_AFTER_MS, NeutralBaseline
from facecam.types import EXPRESSIONS, Floats

SAD = np.array([0.05, 0.0, 0.02, 0.01, 0.55, 0.01, 0.36], np.float32)
SMILE = np.array([0.01, 0.0, 0.01, 0.9, 0.01, 0.02, 0.05], np.float32)
EVERY_MS = 200.0
MINUTE = int(LEARNED_AFTER_MS / EVERY_MS)

distributions = st.lists(st.floats(1e-3, 1), min_size=7, max_size=7).map(lambda p: np.array(p, np.float32) / np.float32(sum(p)))


def label(probabilities: Floats) -> str:
    return EXPRESSIONS[int(probabilities.argmax())]


def baseline(readings: Iterable[Floats]) -> NeutralBaseline:
    own = NeutralBaseline()
    for number, reading in enumerate(readings):
        own.learn(reading, number * EVERY_MS)
    return own


def test_a_neutral_face_that_reads_sad_is_neutral_after_a_minute() -> None:
    own = baseline([SAD] * MINUTE)

    assert own.progress == 1
    assert label(SAD) == "sad"
    assert label(own.apply(SAD)) == "neutral"
    assert label(own.apply(SMILE)) == "happy"


@given(probabilities=distributions)
def test_a_new_baseline_changes_nothing(probabilities: Floats) -> None:
    assert NeutralBaseline().apply(probabilities) == pytest.approx(probabilities, abs=1e-4)


@settings(max_examples=30)
@given(probabilities=distributions, rest=distributions, readings=st.integers(1, 60))
def test_corrected_probabilities_are_a_distribution(probabilities: Floats, rest: Floats, readings: int) -> None:
    found = baseline([rest] * readings).apply(probabilities)

    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-5)


@settings(max_examples=10)
@given(probabilities=distributions, rest=distributions)
def test_odds_change_within_the_limit(probabilities: Floats, rest: Floats) -> None:
    found = baseline([rest] * MINUTE).apply(probabilities)

    odds = np.log(found[:, None] / found) - np.log(probabilities[:, None] / probabilities)
    assert np.abs(odds).max() <= 4 + 1e-3


@settings(max_examples=10)
@given(probabilities=distributions)
def test_a_typical_neutral_face_changes_nothing(probabilities: Floats) -> None:
    assert baseline([RESTING] * MINUTE).apply(probabilities) == pytest.approx(probabilities, abs=1e-4)


def test_smiles_for_less_than_half_of_the_minute_change_nothing() -> None:
    rest_only, with_smiles = baseline([SAD] * MINUTE), baseline(([SAD] * 3 + [SMILE] * 2) * (MINUTE // 5))

    assert with_smiles.apply(SAD) == pytest.approx(rest_only.apply(SAD), abs=1e-6)


def test_the_correction_grows_for_a_minute_and_then_stays() -> None:
    own, neutral = NeutralBaseline(), []
    for number in range(2 * MINUTE):
        own.learn(SAD if number < MINUTE else SMILE, number * EVERY_MS)
        neutral.append(float(own.apply(SAD)[EXPRESSIONS.index("neutral")]))

    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(neutral))
    assert neutral[0] == pytest.approx(float(SAD[-1]), abs=0.02)
    assert neutral[MINUTE:] == [neutral[-1]] * MINUTE


def test_time_away_does_not_count() -> None:
    own = NeutralBaseline()
    for hours in range(10):
        own.learn(SAD, hours * 3_600_000.0)

    assert own.progress < 0.2


def test_the_frame_rate_does_not_change_the_duration() -> None:
    own = NeutralBaseline()
    for frame in range(300):
        own.learn(SAD, frame * 1000 / 30)

    assert own.progress == pytest.approx(10 / 60, abs=0.02)
