"""When the frames of a second are enough for a name."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.objects.evidence import HALF_LIFE_MS, Evidence, EvidenceRule
from facecam.types import Floats

FRAME_MS = 1000 / 15
RULE = EvidenceRule()


def peak(number: int, probability: float) -> Floats:
    """1000 probabilities, one of them high, the others alike."""
    likely = np.full(1000, (1 - probability) / 999, np.float32)
    likely[number] = probability
    return likely


def after(frames: list[Floats]) -> Evidence:
    evidence = Evidence(RULE)
    for number, likely in enumerate(frames):
        evidence.add(likely, number * FRAME_MS)
    return evidence


def test_one_name_that_stays_is_enough() -> None:
    assert after([peak(3, 0.8)] * 5).stands


def test_a_single_frame_is_not() -> None:
    assert not after([peak(3, 0.99)]).stands


def test_names_that_change_from_frame_to_frame_are_not() -> None:
    frames = [peak(number, 0.4) for number in range(15)]

    assert not any(after(frames[:count]).stands for count in range(1, 16))


def test_a_flat_answer_is_never_enough() -> None:
    assert not after([peak(3, 0.05)] * 30).stands


def test_a_label_that_stands_outlasts_a_weaker_frame() -> None:
    evidence = after([peak(3, 0.8)] * 10)

    evidence.add(peak(4, 0.3), 10 * FRAME_MS)

    assert evidence.stands
    assert int(np.argmax(evidence.mean)) == 3


def test_a_thing_that_is_gone_loses_its_label_within_a_second() -> None:
    evidence = after([peak(3, 0.9)] * 15)

    for number in range(15, 30):
        evidence.add(peak(0, 0.001), number * FRAME_MS)

    assert not evidence.stands


def test_what_was_forgotten_does_not_count() -> None:
    evidence = after([peak(3, 0.9)] * 15)

    evidence.forget()
    evidence.add(peak(4, 0.9), 15 * FRAME_MS)

    assert int(np.argmax(evidence.mean)) == 4
    assert not evidence.stands


def test_a_frame_counts_half_after_its_half_life() -> None:
    evidence = Evidence(RULE)
    evidence.add(peak(3, 0.9), 0.0)
    evidence.add(peak(4, 0.9), HALF_LIFE_MS)

    assert evidence.mean[4] / evidence.mean[3] == pytest.approx(2, rel=0.01)
    assert evidence.mean.sum() == pytest.approx(1, abs=1e-4)


def test_names_that_are_near_each_other_are_enough_together() -> None:
    likely = np.full(1000, 0.1 / 997, np.float32)
    likely[[3, 4, 5]] = 0.3

    assert after([likely] * 30).stands
    assert not after([peak(3, 0.2)] * 30).stands


def test_new_colors_make_less_enough() -> None:
    weak = peak(3, 0.2)

    assert not RULE.enough(weak, stands=False)
    assert RULE.enough(weak, stands=False, new_share=0.1)


def test_what_is_not_enough_for_a_label_may_be_enough_to_keep_it() -> None:
    weak = peak(3, 0.4)

    assert not RULE.enough(weak, stands=False)
    assert RULE.enough(weak, stands=True)
