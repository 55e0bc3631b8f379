"""Galleries whose strangers resemble the enrolled: `python -m benchmarks.similar_people`. See docs/internals/threshold.md.

People of LFW view 1 are put into groups of similar people (k-means of their mean embeddings). Some of a group are enrolled with
one photo each; all others of the group are the strangers. So one family, one office, or one camera in one light brings people
nearer than the packaged table assumes. Each network's `spread_weight` was chosen on `--half train`;
`--half test` is reported.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.lfw_people import HALVES, embed_half
from benchmarks.strangers import NETWORKS, STRANGER_RATE, gallery_of
from facecam.evaluation.distance_table import PhotoSet
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.matching import decide, decision_rule, gallery_index
from facecam.recognition.open_set import load_distance_table, open_set_statistics, person_means
from facecam.settings import IdentifySettings
from facecam.types import Floats

GROUPS = (1, 3, 5, 7, 12)
SIZES = (3, 10, 50)
WEIGHTS = (0.0, 1.0, 1.5, 2.0, 2.5)
"""Weights of the gallery's own spread; 0 ignores it."""
DRAWS = 24
"""Over all groups of a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """Means over groups and draws, with one of WEIGHTS.

    `stranger_share` of the group's other people got a name; `right_share` of the enrolled people's other photos got theirs.
    """

    network: str
    people: int
    groups: int
    spread_weight: float
    threshold_l2: float
    stranger_share: float
    right_share: float


def centers(embeddings: Floats, count: int) -> Floats:
    """Return `count` unit vectors (count, d) in the middle of similar ones of (n, d), by 20 rounds of spherical k-means."""
    found = embeddings[np.random.default_rng(0).choice(len(embeddings), count, replace=False)]
    for _ in range(20):
        member = (embeddings @ found.T).argmax(axis=1)
        sums = [embeddings[member == number].sum(axis=0) for number in range(count)]
        found = np.stack([total if np.any(total) else old for total, old in zip(sums, found, strict=True)])
        found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def group_people(photos: PhotoSet, count: int) -> list[NDArray[np.intp]]:
    """Return the people in `count` groups of similar people."""
    if count == 1:
        return [np.unique(photos.person)]
    means = person_means(photos.embeddings, np.array([rows[0] for rows in photos.rows]))
    middles = centers(means, count)
    nearest = (means @ middles.T).argmax(axis=1)
    return [np.flatnonzero(nearest == group) for group in range(len(middles))]


def measure(photos: PhotoSet, network: str) -> list[Row]:
    """Return a row for each gallery size, number of groups and weight; the galleries are the same for every weight."""
    results: list[Row] = []
    counts = np.bincount(photos.person)
    for count, size in itertools.product(GROUPS, SIZES):
        groups = group_people(photos, count)
        fitting = [(group, several) for group in groups if len(several := group[counts[group] > 1]) >= size + 5]
        rng = np.random.default_rng(0)
        draws = [
            _shares(photos, group, sorted(map(int, rng.choice(several, size, replace=False))), network, rng)
            for group, several in fitting
            for _ in range(max(1, DRAWS // len(fitting)))
        ]
        means = np.mean(draws, axis=0) if draws else ()
        for weight, figures in zip(WEIGHTS, means, strict=bool(draws)):
            results.append(Row(network, size, count, weight, *(float(value) for value in figures)))
    return results


def _shares(
    photos: PhotoSet, group: NDArray[np.intp], enrolled: list[int], network: str, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return (len(WEIGHTS), 3): threshold, share of strangers named, share of other photos named right."""
    settings = IdentifySettings(network)
    samples, others = gallery_of(photos, enrolled, rng)
    table, own, registered = load_distance_table(network), decision_rule(settings, ()), embedding_network(network)
    strangers = np.searchsorted(photos.person, np.setdiff1d(group, enrolled))
    index, truth = gallery_index(settings, samples), photos.person[others].astype(str)
    of_strangers, of_others = (index.nearest_batch(photos.embeddings[rows]) for rows in (strangers, others))
    shares = []
    for weight in WEIGHTS:
        statistics = open_set_statistics(samples, table, replace(registered, spread_weight=weight))
        rule = replace(own, threshold_l2=statistics.threshold_l2(STRANGER_RATE, table, own.threshold_l2))
        named = np.mean([decide(match, rule).name is not None for match in of_strangers])
        right = np.mean([decide(match, rule).name == name for match, name in zip(of_others, truth, strict=True)])
        shares.append((rule.threshold_l2, named, right))
    return np.array(shares, np.float64)


def format_table(rows: Sequence[Row], half: str) -> Table:
    """Format a row per size and number of groups, a column per weight: strangers named, and sightings named right."""
    table = Table(title=f"people of the {half} pairs: strangers named / other photos named right, in %")
    for heading in ("network", "people", "groups", *(f"weight {weight:g}" for weight in WEIGHTS)):
        table.add_column(heading, justify="right")
    for start in range(0, len(rows), len(WEIGHTS)):
        line = rows[start : start + len(WEIGHTS)]
        cells = [f"{100 * row.stranger_share:.2f} / {100 * row.right_share:.1f}" for row in line]
        table.add_row(embedding_network(line[0].network).label, str(line[0].people), str(line[0].groups), *cells)
    return table


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar_people", description=__doc__)
    parser.add_argument("--half", choices=tuple(HALVES), default="test")
    parser.add_argument("--network", action="append", help="only this one (both)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args(arguments)
    rows = [row for network in args.network or NETWORKS for row in measure(embed_half(args.half, network), network)]
    Console(width=160).print(format_table(rows, args.half))
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
