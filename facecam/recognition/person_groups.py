"""Group embeddings by person: average linkage of plain L2 distances, cut at a limit; the decision about a whole group."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.matching import DecisionRule, Index, decide
from facecam.recognition.open_set import pairwise_l2
from facecam.recognition.tracking import TrackVotes
from facecam.types import Decision, DecisionStatus, Floats

_ENOUGH_FACES = 3
"""Faces of a group that must agree on a person, as many as sightings of a track."""


def group_by_person(embeddings: Floats | Sequence[Floats], max_l2: float, same: int = 0) -> list[list[int]]:
    """Return the rows of each group whose mean distance to every other group is above `max_l2`.

    The two groups with the smallest mean distance between their members are joined until none are within the limit.

    Args:
        embeddings: (d,) unit vectors.
        max_l2: Mean distance up to which two groups show one person.
        same: The first `same` rows are known to show one person and stay together.

    Returns:
        The group of the known rows first, then the larger group first, then the one with the earlier row; rows ascend.
    """
    if not len(embeddings):
        return []
    matrix = np.asarray(embeddings, np.float64)
    groups = [list(range(same))] if same else []
    groups += [[row] for row in range(same, len(matrix))]
    weights = np.zeros((len(groups), len(matrix)))
    for number, rows in enumerate(groups):
        weights[number, rows] = 1 / len(rows)
    means_l2 = weights @ pairwise_l2(matrix, matrix) @ weights.T
    np.fill_diagonal(means_l2, np.inf)
    while len(groups) > 1:
        first, second = sorted(map(int, np.unravel_index(np.argmin(means_l2), means_l2.shape)))
        if means_l2[first, second] > max_l2:
            break
        sizes = len(groups[first]), len(groups[second])
        joined = (sizes[0] * means_l2[first] + sizes[1] * means_l2[second]) / sum(sizes)
        means_l2[first], means_l2[:, first], means_l2[first, first] = joined, joined, np.inf
        means_l2 = np.delete(np.delete(means_l2, second, axis=0), second, axis=1)
        groups[first] += groups.pop(second)
    known, others = (groups[:1], groups[1:]) if same else ([], groups)
    return [sorted(rows) for rows in (*known, *sorted(others, key=lambda rows: (-len(rows), min(rows))))]


def mean_distance_l2(first: Floats | Sequence[Floats], second: Floats | Sequence[Floats]) -> float:
    """Return the mean distance between the members of two groups."""
    return float(pairwise_l2(np.asarray(first, np.float64), np.asarray(second, np.float64)).mean())


def mean_distances_l2(one: Floats, others: Sequence[Floats]) -> NDArray[np.float64]:
    """Return the mean distance between the members (n, d) of one group and those of each other group, of which there is one."""
    starts = np.cumsum([0, *(len(other) for other in others[:-1])])
    to_members = np.asarray(pairwise_l2(np.concatenate(others), one), np.float64).mean(axis=1)
    sums: NDArray[np.float64] = np.add.reduceat(to_members, starts)
    return sums / [len(other) for other in others]


@dataclass(frozen=True, slots=True, eq=False)
class GroupMatcher:
    """State of a gallery and its decision rule, to compare groups of faces with. Immutable, so that any thread can use it.

    Attributes:
        network: Network of the embeddings.
        embedding_id: Id of the embeddings, see `embedding_id`.
        gallery_revision: Revision of the gallery, which a Result names, too.
        people: Names of the enrolled people by person_id.
        index: Index of their samples.
        rule: The rule that decides.
    """

    network: EmbeddingNetwork
    embedding_id: str
    gallery_revision: str
    people: Mapping[str, str]
    index: Index
    rule: DecisionRule

    def decide(self, faces: Floats, rejected_ids: Collection[str] = ()) -> Decision:
        """Decide whose faces (n, d) these are by the votes of all, as a track is decided by those of its sightings.

        Args:
            faces: Embeddings of one person, at least one.
            rejected_ids: The people who it is not.
        """
        votes = TrackVotes()
        votes.rejected_ids.update(rejected_ids)
        decisions = [decide(match, self.rule) for match in self.index.nearest_batch(faces)]
        for decision in decisions:
            votes.add(decision, 1.0)
        # Without a majority, the nearest face names the person who it may be.
        nearest = min(decisions, key=lambda each: 2.0 if each.nearest is None else each.nearest.distance_l2)
        decided, *_ = votes.tally(nearest, min(_ENOUGH_FACES, len(decisions)))
        if decided.status is DecisionStatus.UNSURE and nearest.status is DecisionStatus.UNKNOWN:
            return nearest
        return decided
