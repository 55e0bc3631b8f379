"""Evidence: acceptance of a label from the frames of a second."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.objects.evidence import HALF_LIFE_MS, Evidence, EvidenceRule
from facecam.types import Floats

FRAME_MS = 1000 / 15
RULE = EvidenceRule()


def peak(number: int, probability: float) -> Floats:
    """1000 probabilities, one of them high, the others equal."""
    probabilities = np.full(1000, (1 - probability) / 999, np.float32)
    probabilities[number] = probability
    return probabilities


def evidence_of(frames: list[Floats]) -> Evidence:
    evidence = Evidence(RULE)
    for number, probabilities in enumerate(frames):
        evidence.add(probabilities, number * FRAME_MS)
    return evidence


def test_a_constant_label_is_accepted() -> None:
    assert evidence_of([peak(3, 0.8)] * 5).is_settled


def test_a_single_frame_is_not_accepted() -> None:
    assert not evidence_of([peak(3, 0.99)]).is_settled


def test_labels_that_change_from_frame_to_frame_are_not_accepted() -> None:
    frames = [peak(number, 0.4) for number in range(15)]

    assert not any(evidence_of(frames[:count]).is_settled for count in range(1, 16))


def test_a_flat_distribution_is_never_accepted() -> None:
    assert not evidence_of([peak(3, 0.05)] * 30).is_settled


def test_an_accepted_label_survives_a_weaker_frame() -> None:
    evidence = evidence_of([peak(3, 0.8)] * 10)

    evidence.add(peak(4, 0.3), 10 * FRAME_MS)

    assert evidence.is_settled
    assert int(np.argmax(evidence.mean)) == 3


def test_the_label_of_a_removed_object_disappears_within_a_second() -> None:
    evidence = evidence_of([peak(3, 0.9)] * 15)

    for number in range(15, 30):
        evidence.add(peak(0, 0.001), number * FRAME_MS)

    assert not evidence.is_settled


def test_frames_before_a_reset_do_not_count() -> None:
    evidence = evidence_of([peak(3, 0.9)] * 15)

    evidence.reset()
    evidence.add(peak(4, 0.9), 15 * FRAME_MS)

    assert int(np.argmax(evidence.mean)) == 4
    assert not evidence.is_settled


def test_a_frame_counts_half_after_its_half_life() -> None:
    evidence = Evidence(RULE)
    evidence.add(peak(3, 0.9), 0.0)
    evidence.add(peak(4, 0.9), HALF_LIFE_MS)

    assert evidence.mean[4] / evidence.mean[3] == pytest.approx(2, rel=0.01)
    assert evidence.mean.sum() == pytest.approx(1, abs=1e-4)


def test_three_similar_classes_are_accepted_together() -> None:
    probabilities = np.full(1000, 0.1 / 997, np.float32)
    probabilities[[3, 4, 5]] = 0.3

    assert evidence_of([probabilities] * 30).is_settled
    assert not evidence_of([peak(3, 0.2)] * 30).is_settled


def test_new_colors_lower_the_required_probability() -> None:
    weak = peak(3, 0.2)

    assert not RULE.accepts(weak, is_settled=False)
    assert RULE.accepts(weak, is_settled=False, new_share=0.1)


def test_keeping_a_label_takes_less_than_a_new_one() -> None:
    weak = peak(3, 0.4)

    assert not RULE.accepts(weak, is_settled=False)
    assert RULE.accepts(weak, is_settled=True)
