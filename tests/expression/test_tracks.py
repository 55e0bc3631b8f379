"""Expressions from frame to frame: when a face is read again, how readings join, and what stays with whom."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.expression.tracking import LEARNED_AFTER_MS, TrackExpressions, smoothed
from facecam.settings import ExpressSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Expression, Face, TrackDecision

SAD = Expression((0.05, 0.0, 0.02, 0.01, 0.55, 0.01, 0.36))
HAPPY = Expression((0.0, 0.0, 0.0, 0.98, 0.0, 0.0, 0.02))
FACE = Face(Box(0, 0, 60, 60), 1.0, np.zeros((5, 2), np.float32))
UNKNOWN = Decision(DecisionStatus.UNSURE, "few_sightings")


@dataclass
class Reads:
    """Reads what it is told to, and counts."""

    shows: Expression = SAD
    read: int = 0
    asked: list[int] = field(default_factory=list)

    def __call__(self, faces: list[Face]) -> list[Expression]:
        self.asked.append(len(faces))
        return [self.shows] * len(faces)


def vote(track_id: int, person: str | None = None) -> TrackDecision:
    if person is None:
        return TrackDecision(track_id, 0.0, UNKNOWN)
    return TrackDecision(track_id, 0.0, Decision(DecisionStatus.KNOWN, "votes", person, Candidate(person, person, "photo", 0.2)))


def plain(smooth_ms: float = 0.0, every_ms: float = 200.0, own_neutral: bool = False) -> TrackExpressions:
    return TrackExpressions(ExpressSettings(smooth_ms, own_neutral), every_ms)


def test_a_face_is_read_again_only_after_a_while() -> None:
    tracks, reads = plain(), Reads()

    for t_ms in (0.0, 100.0, 199.0, 200.0, 300.0, 400.0):
        tracks.update([FACE], [vote(1)], t_ms, reads, [1])

    assert reads.asked == [1, 0, 0, 1, 0, 1]


def test_with_no_pause_every_frame_is_read() -> None:
    tracks, reads = plain(every_ms=0), Reads()

    for t_ms in (0.0, 33.0, 33.0, 66.0):
        tracks.update([FACE], [vote(1)], t_ms, reads, [1])

    assert reads.asked == [1, 1, 1, 1]


def test_a_jump_back_in_time_begins_anew() -> None:
    tracks, reads = plain(smooth_ms=1000), Reads()
    tracks.update([FACE], [vote(1)], 5000.0, reads, [1])
    reads.shows = HAPPY

    (shown,) = tracks.update([FACE], [vote(1)], 0.0, reads, [1])

    assert shown.probabilities == pytest.approx(HAPPY.probabilities)


def test_one_odd_reading_does_not_change_what_a_track_shows() -> None:
    tracks, reads = plain(smooth_ms=400), Reads(HAPPY)
    labels = []
    for number in range(20):
        reads.shows = SAD if number == 10 else HAPPY
        labels.append(tracks.update([FACE], [vote(1)], 200.0 * number, reads, [1])[0].label)

    assert set(labels) == {"happy"}


def test_a_new_expression_shows_within_a_second() -> None:
    tracks, reads = plain(smooth_ms=400), Reads(HAPPY)
    for number in range(20):
        reads.shows = HAPPY if number < 10 else SAD
        (shown,) = tracks.update([FACE], [vote(1)], 200.0 * number, reads, [1])
        if number == 14:
            assert shown.label == "sad"


def test_each_face_keeps_its_own() -> None:
    tracks, reads = plain(smooth_ms=400), Reads(HAPPY)
    tracks.update([FACE], [vote(1)], 0.0, reads, [1])
    reads.shows = SAD

    first, second = tracks.update([FACE, FACE], [vote(2), vote(1)], 50.0, reads, [1, 2])

    assert (first.label, second.label) == ("sad", "happy")


def test_of_a_track_that_is_gone_nothing_is_kept() -> None:
    tracks, reads = plain(smooth_ms=10_000), Reads(HAPPY)
    tracks.update([FACE], [vote(1)], 0.0, reads, [1])
    tracks.update([], [], 100.0, reads, [])
    reads.shows = SAD

    assert tracks.update([FACE], [vote(1)], 150.0, reads, [1])[0].label == "sad"


@given(
    readings=st.lists(st.lists(st.floats(0.01, 1), min_size=7, max_size=7), min_size=1, max_size=20), gap_ms=st.floats(0, 3000)
)
def test_what_is_smoothed_lies_between_what_was_read(readings: list[list[float]], gap_ms: float) -> None:
    rows = np.array(readings, np.float32)
    rows /= rows.sum(axis=1, keepdims=True)
    joined = None
    for row in rows:
        joined = smoothed(joined, row, gap_ms, 400)

    assert joined is not None
    assert joined.sum() == pytest.approx(1, abs=1e-4)
    assert (joined >= rows.min(axis=0) - 1e-5).all()
    assert (joined <= rows.max(axis=0) + 1e-5).all()


def sit(
    tracks: TrackExpressions, reads: Reads, seen_as: TrackDecision, start_ms: float, ms: float = LEARNED_AFTER_MS
) -> Expression:
    shown = SAD
    for number in range(int(ms / 200) + 1):
        (shown,) = tracks.update([FACE], [seen_as], start_ms + 200.0 * number, reads, [seen_as.track_id])
    return shown


def test_nobodys_neutral_is_learned_unasked() -> None:
    assert sit(plain(), Reads(SAD), vote(1), 0.0).label == "sad"


def test_a_persons_own_neutral_comes_back_with_them() -> None:
    tracks, reads = plain(own_neutral=True), Reads(SAD)
    sit(tracks, reads, vote(1), 0.0, 30_000)
    assert sit(tracks, reads, vote(1, "Ada"), 31_000.0, 30_000).label == "neutral"

    (back,) = tracks.update([FACE], [vote(2, "Ada")], 200_000.0, reads, [2])

    assert back.label == "neutral"


def test_another_person_begins_with_the_neutral_of_everybody() -> None:
    tracks, reads = plain(own_neutral=True), Reads(SAD)
    sit(tracks, reads, vote(1, "Ada"), 0.0)

    stranger, grace = tracks.update([FACE, FACE], [vote(2), vote(3, "Grace")], 90_000.0, reads, [2, 3])

    assert (stranger.label, grace.label) == ("sad", "sad")


def test_a_track_that_turns_out_to_be_somebody_else_does_not_bring_the_first_ones_neutral() -> None:
    tracks, reads = plain(own_neutral=True), Reads(SAD)
    sit(tracks, reads, vote(1, "Ada"), 0.0)

    (grace,) = tracks.update([FACE], [vote(1, "Grace")], 90_000.0, reads, [1])
    (ada,) = tracks.update([FACE], [vote(4, "Ada")], 91_000.0, reads, [4])

    assert (grace.label, ada.label) == ("sad", "neutral")


def test_a_track_that_is_unsure_for_a_moment_keeps_its_neutral() -> None:
    tracks, reads = plain(own_neutral=True), Reads(SAD)
    sit(tracks, reads, vote(1, "Ada"), 0.0)

    assert tracks.update([FACE], [vote(1)], 90_000.0, reads, [1])[0].label == "neutral"
