"""Score normalization by a cohort, which is not shipped: `python -m benchmarks.normalization`. See docs/internals/accuracy.md.

People of LFW view 1, one photo each enrolled, all others strangers. Three cohorts are compared: the packaged synthetic faces, one
photo each of half of the training people, and centers of these people. How many of its nearest members count, and with
which weight, is chosen on the other half of the training people and reported on the test people.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.lfw_people import embed_half
from benchmarks.similar_people import centers
from benchmarks.strangers import NETWORKS, STRANGER_RATE, draw_people
from facecam.evaluation.distance_table import PhotoSet
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.open_set import load_distance_table, person_means
from facecam.types import Floats

SIZES = (10, 50, 200)
DRAWS = 20
NEAREST = (2, 10, 50, 200, 1000)
WEIGHTS = (0.25, 0.5, 0.75, 1.0)
SIDES: Mapping[str, tuple[float, float]] = {"enrolled": (1, 0), "both": (0.5, 0.5)}
"""Shares of the weight of the enrolled face and of the compared one: a Z-norm and an S-norm, with the mean only."""
CENTERS, FEWEST_PEOPLE = 30, 20


@dataclass(frozen=True, slots=True)
class Norm:
    """Subtracts `weight` times the mean distance to the `nearest` faces of a cohort, by SIDES, from a distance."""

    cohort: str
    sides: str
    nearest: int
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Distances of drawn galleries: between all photos, and to the faces of each cohort, the nearest first."""

    photos: PhotoSet
    distances_l2: Floats
    cohort_l2: Mapping[str, Floats]

    @classmethod
    def of(cls, photos: PhotoSet, cohorts: Mapping[str, Floats]) -> Trials:
        """Compute the distances of `photos` to one another and to the cohorts (c, d)."""
        sorted_l2 = {name: np.sort(_distances_l2(photos.embeddings, cohort), axis=1) for name, cohort in cohorts.items()}
        return cls(photos, _distances_l2(photos.embeddings, photos.embeddings), sorted_l2)

    def right_share(self, norm: Norm | None, size: int) -> float:
        """Return the share of other photos of `size` people named right if STRANGER_RATE of the strangers are named."""
        enrolled_shift, face_shift = self._shifts(norm)
        rng, rows = np.random.default_rng(0), self.photos.rows
        of_strangers, of_others = [], []
        for _ in range(DRAWS):
            people = draw_people(self.photos, size, 1, rng)
            shuffled = [rng.permutation(rows[person]) for person in people]
            enrolled = np.array([own[0] for own in shuffled])
            others = np.concatenate([own[1:] for own in shuffled])
            strangers = np.delete(np.array([own[0] for own in rows]), people)
            scores = self.distances_l2[:, enrolled] - enrolled_shift[enrolled] - face_shift[:, np.newaxis]
            of_strangers.append(scores[strangers].min(axis=1))
            right = self.photos.person[enrolled[scores[others].argmin(axis=1)]] == self.photos.person[others]
            of_others.append(np.where(right, scores[others].min(axis=1), np.inf))
        bound_l2 = np.quantile(np.concatenate(of_strangers), STRANGER_RATE)
        return float(np.mean(np.concatenate(of_others) <= bound_l2))

    def right_shares(self, norm: Norm | None) -> list[float]:
        """Return `right_share` by SIZES."""
        return [self.right_share(norm, size) for size in SIZES]

    def _shifts(self, norm: Norm | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if norm is None:
            none = np.zeros(len(self.photos.person), np.float32)
            return none, none
        near_l2 = norm.weight * self.cohort_l2[norm.cohort][:, : norm.nearest].mean(axis=1)
        enrolled, face = SIDES[norm.sides]
        return enrolled * near_l2, face * near_l2


def choose(trials: Trials, cohort: str, sides: str) -> Norm:
    """Return the norm with the highest mean of `right_share` over SIZES."""
    count = trials.cohort_l2[cohort].shape[1]
    norms = [Norm(cohort, sides, *one) for one in product([nearest for nearest in NEAREST if nearest <= count], WEIGHTS)]
    return max(norms, key=lambda norm: sum(trials.right_shares(norm)))


def cohorts_of(network: str, photos: PhotoSet) -> dict[str, Floats]:
    """Return the packaged cohort, one photo of each person of `photos`, and centers of at least FEWEST_PEOPLE of these people."""
    means = person_means(photos.embeddings, np.array([rows[0] for rows in photos.rows]))
    found = centers(means, CENTERS)
    members = np.bincount((means @ found.T).argmax(axis=1), minlength=CENTERS)
    return {
        "synthetic faces": load_distance_table(network).cohort.astype(np.float32),
        "real people": photos.embeddings[[rows[0] for rows in photos.rows]],
        "centers of real people": found[members >= FEWEST_PEOPLE],
    }


def split(photos: PhotoSet, part: int) -> PhotoSet:
    """Return the photos of the people with an even (0) or odd (1) number."""
    kept = photos.person % 2 == part
    return PhotoSet(photos.embeddings[kept], photos.person[kept] // 2)


def measure(train: PhotoSet, test: PhotoSet, network: str) -> list[tuple[Norm | None, list[float], list[float]]]:
    """Return each norm as chosen, None first for none, and its `right_share` by SIZES on training and test people."""
    cohorts = cohorts_of(network, split(train, 1))
    chosen_on, reported_on = Trials.of(split(train, 0), cohorts), Trials.of(test, cohorts)
    norms = [None, *(choose(chosen_on, cohort, sides) for cohort, sides in product(cohorts, SIDES))]
    return [(norm, chosen_on.right_shares(norm), reported_on.right_shares(norm)) for norm in norms]


def _distances_l2(a: Floats, b: Floats) -> Floats:
    distances: Floats = np.sqrt(np.maximum(2 - 2 * a @ b.T, 0))
    return distances


def _cells(shares: Sequence[float]) -> str:
    return " / ".join(f"{100 * share:.1f}" for share in shares)


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.normalization", description=__doc__)
    parser.add_argument("--network", action="append", help="only this one (both)")
    sizes = " / ".join(map(str, SIZES))
    table = Table(title=f"other photos of {sizes} people named right at {STRANGER_RATE:.0%} of strangers named, in %")
    for heading in ("network", "cohort", "sides", "nearest", "weight", "training people", "test people"):
        table.add_column(heading)
    for network in parser.parse_args(arguments).network or NETWORKS:
        for norm, train, test in measure(embed_half("train", network), embed_half("test", network), network):
            how = ("none", "", "", "") if norm is None else (norm.cohort, norm.sides, str(norm.nearest), f"{norm.weight:g}")
            table.add_row(embedding_network(network).label, *how, _cells(train), _cells(test))
    Console(width=130).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
