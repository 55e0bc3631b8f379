"""Expressions of tracks: reading intervals, smoothing and neutral baselines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.expression.tracking import LEARNED_AFTER_MS, TrackExpression, TrackExpressions, smoothed
from facecam.settings import ExpressSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Expression, Face, TrackDecision

SAD = Expression((0.05, 0.0, 0.02, 0.01, 0.55, 0.01, 0.36))
HAPPY = Expression((0.0, 0.0, 0.0, 0.98, 0.0, 0.0, 0.02))
FACE = Face(Box(0, 0, 60, 60), 1.0, np.zeros((5, 2), np.float32))
UNKNOWN = Decision(DecisionStatus.UNSURE, "few_sightings")


@dataclass
class FakeReader:
    """Reader that returns a fixed expression and counts the faces per call."""

    expression: Expression = SAD
    counts: list[int] = field(default_factory=list)

    def __call__(self, faces: list[Face]) -> list[Expression]:
        self.counts.append(len(faces))
        return [self.expression] * len(faces)


def vote(track_id: int, person: str | None = None) -> TrackDecision:
    if person is None:
        return TrackDecision(track_id, 0.0, UNKNOWN)
    return TrackDecision(track_id, 0.0, Decision(DecisionStatus.KNOWN, "votes", person, Candidate(person, person, "photo", 0.2)))


def expressions(smooth_ms: float = 0.0, every_ms: float = 200.0, own_neutral: bool = False) -> TrackExpressions:
    return TrackExpressions(ExpressSettings(smooth_ms, own_neutral), every_ms)


def test_a_face_is_read_again_only_after_the_interval() -> None:
    tracks, reader = expressions(), FakeReader()

    for t_ms in (0.0, 100.0, 199.0, 200.0, 300.0, 400.0):
        tracks.update([FACE], [vote(1)], t_ms, reader, [1])

    assert reader.counts == [1, 0, 0, 1, 0, 1]


def test_an_expression_says_whether_it_was_read_on_this_frame() -> None:
    tracks, reader = expressions(), FakeReader()
    times = (0.0, 100.0, 199.0, 200.0, 300.0, 400.0)

    shown = [tracks.update([FACE], [vote(1)], t_ms, reader, [1])[0] for t_ms in times]

    assert [each.is_read for each in shown] == [True, False, False, True, False, True]


def test_a_face_that_appears_next_to_another_is_read_on_its_own_frame() -> None:
    tracks, reader = expressions(), FakeReader()
    tracks.update([FACE], [vote(1)], 0.0, reader, [1])

    shown = tracks.update([FACE, FACE], [vote(2), vote(1)], 100.0, reader, [1, 2])

    assert [each.is_read for each in shown] == [True, False]


def test_without_an_interval_every_frame_is_read() -> None:
    tracks, reader = expressions(every_ms=0), FakeReader()

    for t_ms in (0.0, 33.0, 33.0, 66.0):
        tracks.update([FACE], [vote(1)], t_ms, reader, [1])

    assert reader.counts == [1, 1, 1, 1]


def test_a_jump_back_in_time_resets_the_smoothing() -> None:
    tracks, reader = expressions(smooth_ms=1000), FakeReader()
    tracks.update([FACE], [vote(1)], 5000.0, reader, [1])
    reader.expression = HAPPY

    (shown,) = tracks.update([FACE], [vote(1)], 0.0, reader, [1])

    assert shown.expression.probabilities == pytest.approx(HAPPY.probabilities)


def test_one_outlier_does_not_change_the_label() -> None:
    tracks, reader = expressions(smooth_ms=400), FakeReader(HAPPY)
    labels = []
    for number in range(20):
        reader.expression = SAD if number == 10 else HAPPY
        labels.append(tracks.update([FACE], [vote(1)], 200.0 * number, reader, [1])[0].expression.label)

    assert set(labels) == {"happy"}


def test_a_new_expression_shows_within_a_second() -> None:
    tracks, reader = expressions(smooth_ms=400), FakeReader(HAPPY)
    for number in range(20):
        reader.expression = HAPPY if number < 10 else SAD
        (shown,) = tracks.update([FACE], [vote(1)], 200.0 * number, reader, [1])
        if number == 14:
            assert shown.expression.label == "sad"


@pytest.mark.parametrize(
    ("largest", "label"), [(0.41, "sad"), (0.4, "sad"), (0.39996, "sad"), (0.3999, "unclear"), (0.2, "unclear")]
)
def test_an_expression_without_a_likely_class_is_unclear(largest: float, label: str) -> None:
    other = (1 - largest) / 6

    assert Expression((other, other, other, other, largest, other, other)).label == label


def test_a_face_that_fails_a_gate_keeps_its_expression_for_a_second_and_then_has_none() -> None:
    tracks, reader = expressions(), FakeReader(HAPPY)
    tracks.update([FACE], [vote(1)], 0.0, reader, [1])

    shown = [tracks.update([None], [vote(1)], t_ms, reader, [1])[0] for t_ms in (500.0, 1000.0, 1001.0)]

    assert [each.expression.label if each.expression else None for each in shown] == ["happy", "happy", None]
    assert (sum(reader.counts), [each.is_read for each in shown]) == (1, [False] * 3)


def test_each_track_has_its_own_expression() -> None:
    tracks, reader = expressions(smooth_ms=400), FakeReader(HAPPY)
    tracks.update([FACE], [vote(1)], 0.0, reader, [1])
    reader.expression = SAD

    first, second = tracks.update([FACE, FACE], [vote(2), vote(1)], 50.0, reader, [1, 2])

    assert (first.expression.label, second.expression.label) == ("sad", "happy")


def test_an_ended_track_is_forgotten() -> None:
    tracks, reader = expressions(smooth_ms=10_000), FakeReader(HAPPY)
    tracks.update([FACE], [vote(1)], 0.0, reader, [1])
    tracks.update([], [], 100.0, reader, [])
    reader.expression = SAD

    assert tracks.update([FACE], [vote(1)], 150.0, reader, [1])[0].expression.label == "sad"


@given(
    readings=st.lists(st.lists(st.floats(0.01, 1), min_size=7, max_size=7), min_size=1, max_size=20), gap_ms=st.floats(0, 3000)
)
def test_smoothed_probabilities_are_between_the_readings(readings: list[list[float]], gap_ms: float) -> None:
    rows = np.array(readings, np.float32)
    rows /= rows.sum(axis=1, keepdims=True)
    current = None
    for row in rows:
        current = smoothed(current, row, gap_ms, 400)

    assert current is not None
    assert current.sum() == pytest.approx(1, abs=1e-4)
    assert (current >= rows.min(axis=0) - 1e-5).all()
    assert (current <= rows.max(axis=0) + 1e-5).all()


def observe(
    tracks: TrackExpressions, reader: FakeReader, track: TrackDecision, start_ms: float, ms: float = LEARNED_AFTER_MS
) -> Expression:
    shown = TrackExpression(SAD, is_read=False)
    for number in range(int(ms / 200) + 1):
        (shown,) = tracks.update([FACE], [track], start_ms + 200.0 * number, reader, [track.track_id])
    return shown.expression


def test_without_the_setting_no_baseline_is_learned() -> None:
    assert observe(expressions(), FakeReader(SAD), vote(1), 0.0).label == "sad"


def test_a_returning_person_has_their_baseline() -> None:
    tracks, reader = expressions(own_neutral=True), FakeReader(SAD)
    observe(tracks, reader, vote(1), 0.0, 30_000)
    assert observe(tracks, reader, vote(1, "Ada"), 31_000.0, 30_000).label == "neutral"

    (back,) = tracks.update([FACE], [vote(2, "Ada")], 200_000.0, reader, [2])

    assert back.expression.label == "neutral"


def test_a_new_person_has_no_baseline() -> None:
    tracks, reader = expressions(own_neutral=True), FakeReader(SAD)
    observe(tracks, reader, vote(1, "Ada"), 0.0)

    stranger, grace = tracks.update([FACE, FACE], [vote(2), vote(3, "Grace")], 90_000.0, reader, [2, 3])

    assert (stranger.expression.label, grace.expression.label) == ("sad", "sad")


def test_a_track_that_changes_its_person_changes_its_baseline() -> None:
    tracks, reader = expressions(own_neutral=True), FakeReader(SAD)
    observe(tracks, reader, vote(1, "Ada"), 0.0)

    (grace,) = tracks.update([FACE], [vote(1, "Grace")], 90_000.0, reader, [1])
    (ada,) = tracks.update([FACE], [vote(4, "Ada")], 91_000.0, reader, [4])

    assert (grace.expression.label, ada.expression.label) == ("sad", "neutral")


def test_a_new_name_of_a_track_starts_its_smoothing_again() -> None:
    tracks, reader = expressions(smooth_ms=10_000, own_neutral=True), FakeReader(HAPPY)
    tracks.update([FACE], [vote(1, "Ada")], 0.0, reader, [1])
    reader.expression = SAD

    (grace,) = tracks.update([FACE], [vote(1, "Grace")], 200.0, reader, [1])

    assert grace.expression.label == "sad"


def test_a_track_that_is_unsure_for_a_moment_keeps_its_baseline() -> None:
    tracks, reader = expressions(own_neutral=True), FakeReader(SAD)
    observe(tracks, reader, vote(1, "Ada"), 0.0)

    assert tracks.update([FACE], [vote(1)], 90_000.0, reader, [1])[0].expression.label == "neutral"
