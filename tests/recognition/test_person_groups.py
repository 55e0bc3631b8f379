"""Distances between groups of faces, and decisions about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.matching import DecisionRule, Index
from facecam.recognition.person_groups import GroupMatcher, mean_distance_l2, mean_distances_l2
from facecam.types import DecisionStatus, Floats, Sample

LENGTH = 8


def unit(*numbers: float) -> Floats:
    """Return a unit vector that begins in this direction."""
    vector = np.zeros(LENGTH, np.float32)
    vector[: len(numbers)] = numbers
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


ADA, BOB, OTHER = unit(1), unit(0, 1), unit(0, 0, 1)


@pytest.fixture
def matcher() -> GroupMatcher:
    """A matcher with Ada and Bob, whose match threshold is 0.5."""
    samples = [Sample(f"{name}/1.jpg", name.lower(), name, Path(name), face) for name, face in (("Ada", ADA), ("Bob", BOB))]
    names = {"ada": "Ada", "bob": "Bob"}
    return GroupMatcher(embedding_network(DEFAULT_NETWORK), "n", "r", names, Index(samples), DecisionRule(0.5, 0.1, 0.05))


def test_the_distances_to_several_groups_are_those_to_each() -> None:
    rng = np.random.default_rng(3)
    groups = [rng.normal(size=(size, LENGTH)).astype(np.float32) for size in (3, 1, 5, 2)]
    one, *others = (group / np.linalg.norm(group, axis=1, keepdims=True) for group in groups)

    assert mean_distances_l2(one, others) == pytest.approx([mean_distance_l2(one, other) for other in others], abs=1e-5)


@pytest.mark.parametrize(
    ("faces", "status", "name"),
    [
        ([ADA, ADA, OTHER], DecisionStatus.UNSURE, None),
        ([ADA, ADA, ADA, OTHER], DecisionStatus.KNOWN, "Ada"),
        ([ADA, ADA], DecisionStatus.KNOWN, "Ada"),
        ([OTHER, OTHER, OTHER, ADA], DecisionStatus.UNKNOWN, None),
        ([ADA, ADA, ADA, BOB, BOB, BOB], DecisionStatus.UNSURE, None),
    ],
)
def test_a_group_is_who_enough_of_its_faces_are(
    matcher: GroupMatcher, faces: list[Floats], status: DecisionStatus, name: str | None
) -> None:
    decision = matcher.decide(np.array(faces))

    assert (decision.status, decision.name) == (status, name)


def test_a_group_is_nobody_who_was_rejected(matcher: GroupMatcher) -> None:
    decision = matcher.decide(np.array([ADA, ADA, ADA]), {"ada"})

    assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "corrected")
