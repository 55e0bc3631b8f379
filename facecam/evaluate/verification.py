"""Figures of face verification from distances: accuracy at a chosen threshold, area under the curve, TAR at FAR. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facecam.types import Floats

Flags = NDArray[np.bool_]
Folds = NDArray[np.intp]


def best_threshold_l2(distances_l2: Floats, same: Flags) -> float:
    """The threshold with the highest share of right answers ("same" at or below it); the middle one where several are best.

    Equal distances are never parted: no threshold could.
    """
    order = np.argsort(distances_l2, kind="stable")
    ranked, truth = distances_l2[order], same[order]
    cuts = np.concatenate([[ranked[0] - 1e-3], (ranked[1:] + ranked[:-1]) / 2, [ranked[-1] + 1e-3]])
    right = np.concatenate([[0], np.cumsum(truth)]) + np.concatenate([np.cumsum(~truth[::-1])[::-1], [0]])
    right[1:-1][ranked[1:] == ranked[:-1]] = -1
    best = np.flatnonzero(right == right.max())
    return float(cuts[best[len(best) // 2]])


def accuracy(distances_l2: Floats, same: Flags, threshold_l2: float) -> float:
    """Share of pairs that are told right."""
    return float(np.mean((distances_l2 <= threshold_l2) == same))


def cross_validated(distances_l2: Floats, same: Flags, folds: Folds) -> tuple[NDArray[np.float64], float]:
    """The accuracy of each fold at the threshold chosen on all others, and the mean of these thresholds."""
    scores, thresholds = [], []
    for fold in np.unique(folds):
        held_out = folds == fold
        threshold = best_threshold_l2(distances_l2[~held_out], same[~held_out])
        scores.append(accuracy(distances_l2[held_out], same[held_out], threshold))
        thresholds.append(threshold)
    return np.array(scores), float(np.mean(thresholds))


def auc(distances_l2: Floats, same: Flags) -> float:
    """Probability that a pair of one person is nearer than a pair of two; ties count half (Mann-Whitney)."""
    genuine, impostor = distances_l2[same], np.sort(distances_l2[~same])
    farther = len(impostor) - np.searchsorted(impostor, genuine, side="right")
    level = np.searchsorted(impostor, genuine, side="right") - np.searchsorted(impostor, genuine, side="left")
    return float((farther + level / 2).mean() / len(impostor))


def threshold_at_far(impostors_l2: Floats, far: float) -> float:
    """The largest threshold at which at most `far` of the impostor distances lie at or below it."""
    allowed = int(np.floor(far * len(impostors_l2)))
    return float(np.nextafter(np.partition(impostors_l2, allowed)[allowed], -np.inf))


def cross_person_distances_l2(embeddings: Floats, people: Sequence[str]) -> Floats:
    """Distances between all pictures of different people, each pair once."""
    _, codes = np.unique(np.asarray(people), return_inverse=True)
    distances = np.sqrt(np.maximum(2 - 2 * embeddings @ embeddings.T, 0))
    upper = np.triu(codes[:, None] != codes[None, :], k=1)
    result: Floats = distances[upper]
    return result
