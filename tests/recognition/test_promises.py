"""What holds from embeddings to names, whoever is enrolled and whatever comes: index, frame rule, tracks and corrections."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.recognition.matching import DecisionRule, Index, decide_frame, skipped
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import TrackSettings
from facecam.types import Box, Decision, Floats, Sample, TrackDecision

RULE = DecisionRule(0.32, 0.03, 0.03)
CLOUD = np.random.default_rng(0).normal(0, 0.02, (30, 128))
"""Thirty ways a face can look; three people's ways lie in each other's reach."""


def face(person: int, look: int) -> Floats:
    vector = np.eye(128)[0] + 0.12 * np.eye(128)[1 + person] + CLOUD[look]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


LOOKS = st.tuples(st.integers(0, 3), st.integers(0, 29))


@dataclass(frozen=True)
class Case:
    """Enrolled looks, looks rejected for a person, and frames of looks at places; None is a face that fails a gate."""

    photos: list[tuple[int, int]]
    rejected: list[tuple[int, tuple[int, int]]]
    frames: list[list[tuple[int, tuple[int, int] | None]]]
    denied: list[tuple[int, int]] = field(default_factory=list)


CASES = st.builds(
    Case,
    st.lists(LOOKS, max_size=6, unique=True),
    st.lists(st.tuples(st.integers(0, 3), LOOKS), max_size=3),
    st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.none() | LOOKS), max_size=4, unique_by=lambda seen: seen[0]),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=2),
)


def decided(case: Case, random: Random) -> list[list[tuple[Decision, TrackDecision]]]:
    """What each face of each frame is, by its place, with photos and faces taken in an order of chance."""

    def shuffled(things: list[Any]) -> list[Any]:
        return random.sample(things, len(things))

    def sample(person: int, look: tuple[int, int]) -> Sample:
        return Sample(f"{person}/{look}.jpg", f"id-{person}", f"person {person}", Path(), face(*look))

    photos = tuple(sample(look[0], look) for look in shuffled(case.photos))
    rejected = tuple(sample(person, look) for person, look in shuffled(case.rejected))
    index = Index(photos, rejected)
    tracker = Tracker(TrackSettings(), different_l2=0.5)
    told = []
    for number, seen in enumerate(frame for frame in case.frames for _ in range(3)):
        order = shuffled(seen)
        embeddings = [None if look is None else face(*look) for _, look in order]
        compared = iter(decide_frame([index.nearest(e) for e in embeddings if e is not None], RULE))
        decisions = [skipped("blurry") if e is None else next(compared) for e in embeddings]
        observations = [
            TrackInput(Box(100.0 * place, 0, 60, 60), decision, 1.0, embedding)
            for (place, _), decision, embedding in zip(order, decisions, embeddings, strict=True)
        ]
        votes, _ = tracker.update(observations, number * 33.0)
        if number == 2:
            for track_id, person in case.denied:
                ballot = tracker.ballot(track_id)
                if ballot is not None:
                    ballot.deny(f"id-{person}")
        by_place = sorted(zip(order, decisions, votes, strict=True), key=lambda told: told[0][0])
        told.append([(decision, vote) for _, decision, vote in by_place])
    return told


@settings(max_examples=60)
@given(CASES, st.randoms(use_true_random=False))
def test_no_order_of_faces_or_photos_changes_a_decision(case: Case, random: Random) -> None:
    assert decided(case, random) == decided(case, random)


@settings(max_examples=60)
@given(CASES, st.randoms(use_true_random=False))
def test_no_two_faces_of_a_frame_share_a_name_alone_or_as_tracks(case: Case, random: Random) -> None:
    for frame in decided(case, random):
        for names in ([decision.name for decision, _ in frame], [vote.decision.name for _, vote in frame]):
            given_names = [name for name in names if name is not None]
            assert len(set(given_names)) == len(given_names)


@settings(max_examples=60)
@given(CASES, st.randoms(use_true_random=False))
def test_a_track_is_never_again_called_what_was_denied(case: Case, random: Random) -> None:
    for frame in decided(case, random)[3:]:
        for _, vote in frame:
            there_then = vote.track_id <= len(case.frames[0])
            denied = {f"person {person}" for track_id, person in case.denied if track_id == vote.track_id and there_then}
            assert vote.decision.name not in denied


@settings(max_examples=60)
@given(CASES, st.randoms(use_true_random=False))
def test_a_face_as_near_to_a_rejected_one_as_to_the_person_has_no_name(case: Case, random: Random) -> None:
    for frame in decided(case, random):
        for decision, _ in frame:
            nearest = decision.nearest
            if nearest is not None and nearest.rejected_l2 is not None and nearest.rejected_l2 <= nearest.distance_l2:
                assert decision.name is None
