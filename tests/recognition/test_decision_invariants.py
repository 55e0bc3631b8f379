"""Invariants from embeddings to names, for any gallery and any frames: index, frame rule, tracks and corrections."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.recognition.matching import DecisionRule, Index, decide_frame, skipped_decision
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import TrackSettings
from facecam.types import Box, Decision, Floats, Sample, TrackDecision
from tests.color_reader import NETWORK

RULE = DecisionRule(0.32, 0.03, 0.03)
VARIATIONS = np.random.default_rng(0).normal(0, 0.02, (30, 128))
"""Thirty variations of a face; those of different people overlap."""


def face(person: int, variation: int) -> Floats:
    vector = np.eye(128)[0] + 0.12 * np.eye(128)[1 + person] + VARIATIONS[variation]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


FACES = st.tuples(st.integers(0, 3), st.integers(0, 29))


@dataclass(frozen=True)
class Case:
    """Enrolled faces, faces rejected for a person, and frames of (position, face); None fails a gate."""

    photos: list[tuple[int, int]]
    rejected: list[tuple[int, tuple[int, int]]]
    frames: list[list[tuple[int, tuple[int, int] | None]]]
    corrections: list[tuple[int, int]] = field(default_factory=list)


CASES = st.builds(
    Case,
    st.lists(FACES, max_size=6, unique=True),
    st.lists(st.tuples(st.integers(0, 3), FACES), max_size=3),
    st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.none() | FACES), max_size=4, unique_by=lambda face: face[0]),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=2),
)


def decided(case: Case, random: Random) -> list[list[tuple[Decision, TrackDecision]]]:
    """Return the decisions of each frame by position, with photos and faces in random order."""

    def shuffled(items: list[Any]) -> list[Any]:
        return random.sample(items, len(items))

    def sample(person: int, variation: tuple[int, int]) -> Sample:
        return Sample(f"{person}/{variation}.jpg", f"id-{person}", f"person {person}", Path(), face(*variation))

    photos = tuple(sample(variation[0], variation) for variation in shuffled(case.photos))
    rejected = tuple(sample(person, variation) for person, variation in shuffled(case.rejected))
    index = Index(photos, rejected)
    tracker = Tracker(TrackSettings(), NETWORK)
    history = []
    for number, faces in enumerate(frame for frame in case.frames for _ in range(3)):
        order = shuffled(faces)
        embeddings = [None if variation is None else face(*variation) for _, variation in order]
        compared = iter(decide_frame([index.nearest(e) for e in embeddings if e is not None], RULE))
        decisions = [skipped_decision("blurry") if e is None else next(compared) for e in embeddings]
        inputs = [
            TrackInput(Box(100.0 * position, 0, 60, 60), decision, 1.0, embedding)
            for (position, _), decision, embedding in zip(order, decisions, embeddings, strict=True)
        ]
        votes, _ = tracker.update(inputs, number * 33.0)
        if number == 2:
            for track_id, person in case.corrections:
                track_votes = tracker.votes(track_id)
                if track_votes is not None:
                    track_votes.reject(f"id-{person}")
        by_position = sorted(zip(order, decisions, votes, strict=True), key=lambda decided: decided[0][0])
        history.append([(decision, vote) for _, decision, vote in by_position])
    return history


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
def test_a_track_never_gets_a_rejected_name_again(case: Case, random: Random) -> None:
    for frame in decided(case, random)[3:]:
        for _, vote in frame:
            existed_then = vote.track_id <= len(case.frames[0])
            rejected = {f"person {person}" for track_id, person in case.corrections if track_id == vote.track_id and existed_then}
            assert vote.decision.name not in rejected


@settings(max_examples=60)
@given(CASES, st.randoms(use_true_random=False))
def test_a_face_as_near_to_a_rejected_one_as_to_the_person_has_no_name(case: Case, random: Random) -> None:
    for frame in decided(case, random):
        for decision, _ in frame:
            nearest = decision.nearest
            if nearest is not None and nearest.rejected_l2 is not None and nearest.rejected_l2 <= nearest.distance_l2:
                assert decision.name is None
