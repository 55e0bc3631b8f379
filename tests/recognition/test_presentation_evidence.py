"""Evidence of a track for a living face, from the scores of its frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.recognition.liveness import Presentation, PresentationEvidence

FRAME_MS = 1000 / 30
LIVING, HAND, SCREEN = 0.92, 0.35, 0.05


def states(
    scores: Iterable[float], evidence: PresentationEvidence | None = None, start_ms: float = 0.0
) -> Iterator[Presentation]:
    """Yield the state after each frame; the score of a frame is used when one is due."""
    evidence = evidence or PresentationEvidence()
    for index, score in enumerate(scores):
        t_ms = index * FRAME_MS
        if evidence.is_due(t_ms):
            evidence.add(t_ms, score)
        yield evidence.state


def test_nothing_is_decided_before_the_third_score() -> None:
    assert list(states([0.9, 0.9, 0.9])) == [Presentation.UNDECIDED, Presentation.UNDECIDED, Presentation.LIVE]


def test_scores_of_a_screen_are_an_attack() -> None:
    assert list(states([SCREEN] * 60))[2:] == [Presentation.ATTACK] * 58


def test_scores_that_say_nothing_stay_undecided() -> None:
    assert set(states([0.5] * 60)) == {Presentation.UNDECIDED}


def test_one_bad_frame_does_not_end_what_stands() -> None:
    assert set(list(states([LIVING] * 40 + [0.01] + [LIVING] * 40))[2:]) == {Presentation.LIVE}


def test_a_hand_before_the_mouth_for_half_a_second_does_not_end_what_stands() -> None:
    assert set(list(states([LIVING] * 40 + [HAND] * 15 + [LIVING] * 40))[2:]) == {Presentation.LIVE}


def test_a_screen_in_place_of_the_person_ends_it_within_three_seconds() -> None:
    found = list(states([LIVING] * 60 + [SCREEN] * 90))

    assert found[59] is Presentation.LIVE
    assert found[-1] is Presentation.ATTACK


def test_a_person_in_place_of_the_screen_is_live_within_three_seconds() -> None:
    assert list(states([SCREEN] * 60 + [LIVING] * 90))[-1] is Presentation.LIVE


def test_a_settled_living_face_is_scored_every_2400_ms() -> None:
    evidence = PresentationEvidence()
    for index in range(6):
        evidence.add(index * 100.0, LIVING)

    due = [evidence.is_due(500.0 + wait_ms) for wait_ms in (100, 2300, 2400)]

    assert due == [False, False, True]


@pytest.mark.parametrize(("newest", "expected"), [(LIVING, [False, False, True]), (HAND, [True, True, True])])
def test_a_low_score_of_a_living_face_is_followed_by_others_at_once(newest: float, expected: list[bool]) -> None:
    evidence = PresentationEvidence()
    for index, score in enumerate((LIVING, LIVING, 0.6, newest)):
        evidence.add(index * 100.0, score)

    due = [evidence.is_due(300.0 + wait_ms) for wait_ms in (100, 700, 800)]

    assert evidence.state is Presentation.LIVE
    assert due == expected


def test_the_newest_score_is_kept() -> None:
    evidence = PresentationEvidence()
    assert evidence.last_score is None

    evidence.add(0.0, 0.7)

    assert evidence.last_score == 0.7


def test_a_clock_that_jumps_back_makes_a_score_due() -> None:
    evidence = PresentationEvidence()
    list(states([LIVING] * 30, evidence))

    assert evidence.is_due(-5000.0)


@given(st.lists(st.tuples(st.floats(0, 10_000), st.floats(0, 1)), max_size=60))
def test_equal_scores_give_equal_states(scores: list[tuple[float, float]]) -> None:
    first, second = PresentationEvidence(), PresentationEvidence()
    for t_ms, score in scores:
        first.add(t_ms, score)
        second.add(t_ms, score)

        assert first.state is second.state


@pytest.mark.parametrize("score", [0.0, 1.0, math.nan])
def test_a_score_of_zero_or_one_or_no_number_is_evidence_like_any_other(score: float) -> None:
    expected = Presentation.LIVE if score == 1 else Presentation.ATTACK

    assert list(states([score] * 3))[-1] is expected
