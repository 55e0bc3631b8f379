"""Group embeddings by person: average linkage of plain L2 distances, cut at a limit. Pure function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facecam.recognition.open_set import pairwise_l2
from facecam.types import Floats


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
