"""How well a gallery's people are told apart: distances within and between people, and each sample judged by all others. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.identify.decide import DecisionRule
from facecam.types import Floats


@dataclass(frozen=True, slots=True)
class GalleryFigures:
    """Pairs of one person (genuine) and of two (impostor), and leave-one-out: what each sample would be called by the others.

    The medians are None where there is no such pair. `named_right`, `named_wrong` and `unnamed` add up to the samples.
    """

    samples: int
    genuine_pairs: int
    impostor_pairs: int
    genuine_median_l2: float | None
    impostor_median_l2: float | None
    genuine_within_threshold: float | None
    impostors_within_threshold: int
    named_right: int
    named_wrong: int
    unnamed: int


class SampleTable:
    """Everybody's samples and all distances between them. `people` (n,) says whose each row of (n, 128) is, as a number."""

    def __init__(self, embeddings: Floats, people: Sequence[str]) -> None:
        _, codes = np.unique(np.asarray(people), return_inverse=True)
        self.people: NDArray[np.intp] = codes.astype(np.intp).reshape(-1)
        self.distances_l2: Floats = np.sqrt(np.maximum(0, 2 - 2 * embeddings @ embeddings.T)).astype(np.float32)

    def others_of(self, row: int, counted: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The rows of the same person that are counted, without this one."""
        same = counted & (self.people == self.people[row])
        same[row] = False
        return np.flatnonzero(same)

    def own_l2(self, row: int, counted: NDArray[np.bool_]) -> float:
        """The mean distance to the person's other samples that are counted; 0 when there is none."""
        others = self.others_of(row, counted)
        return float(self.distances_l2[row, others].mean()) if len(others) else 0.0

    def false_names(self, rule: DecisionRule, counted: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """The counted rows that the others would give another person's name, each with the row that it is taken for."""
        rows, nearest, called = self._named(rule, counted)
        wrong = called & (self.people[nearest] != self.people[rows])
        return [(int(row), int(taken_for)) for row, taken_for in zip(rows[wrong], nearest[wrong], strict=True)]

    def figures(self, rule: DecisionRule, counted: NDArray[np.bool_] | None = None) -> GalleryFigures:
        """The figures of the rows that are counted, all by default."""
        counted = np.ones(len(self.people), np.bool_) if counted is None else counted
        distances = self.distances_l2[np.ix_(counted, counted)]
        same = self.people[counted][:, np.newaxis] == self.people[counted][np.newaxis]
        once = np.triu(np.ones_like(same), k=1)
        genuine, impostor = distances[same & once], distances[~same & once]
        rows, nearest, called = self._named(rule, counted)
        right = int((called & (self.people[nearest] == self.people[rows])).sum())
        return GalleryFigures(
            samples=int(counted.sum()),
            genuine_pairs=len(genuine),
            impostor_pairs=len(impostor),
            genuine_median_l2=float(np.median(genuine)) if len(genuine) else None,
            impostor_median_l2=float(np.median(impostor)) if len(impostor) else None,
            genuine_within_threshold=float((genuine <= rule.threshold_l2).mean()) if len(genuine) else None,
            impostors_within_threshold=int((impostor <= rule.threshold_l2).sum()),
            named_right=right,
            named_wrong=int(called.sum()) - right,
            unnamed=int(counted.sum() - called.sum()),
        )

    def _named(
        self, rule: DecisionRule, counted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """The counted rows, the row that is nearest to each, and whether it would give its name: threshold and margin hold."""
        rows = np.flatnonzero(counted)
        if len(rows) < 2:
            return rows, rows, np.zeros(len(rows), np.bool_)
        distances = self.distances_l2[np.ix_(rows, rows)].copy()
        np.fill_diagonal(distances, np.inf)
        people = self.people[rows]
        nearest = distances.argmin(axis=1)
        first = distances[np.arange(len(rows)), nearest]
        second = np.where(people[np.newaxis] == people[nearest][:, np.newaxis], np.inf, distances).min(axis=1)
        return rows, rows[nearest], (first <= rule.threshold_l2) & (second - first >= rule.margin_l2)
