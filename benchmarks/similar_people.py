"""Galleries whose strangers resemble the enrolled: `python -m benchmarks.similar_people`. See docs/internals/threshold.md.

People of LFW view 1 are put into groups of similar people (k-means of their mean embeddings). Some of a group are enrolled with
one photo each; all others of the group are the strangers. So one family, one office, or one camera in one light brings people
nearer than the packaged table assumes. PRIOR_SPREAD was chosen on `--half train`; `--half test` is reported.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.lfw_people import TEST, TRAIN, PhotoSet, embed_pairs, photo_set, read_list
from benchmarks.strangers import gallery_of
from benchmarks.study.figures import centers
from facecam.recognition.matching import Index, decide, decision_rule
from facecam.recognition.open_set import load_distance_table, open_set_statistics
from facecam.settings import IdentifySettings

GROUPS = (1, 3, 5, 7, 12)
SIZES = (3, 10, 50)
PRIORS = (float("inf"), 3.0, 1.0, 0.0)
DRAWS = 24
"""Over all groups of a row."""
STRANGER_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Row:
    """Means over groups and draws.

    `stranger_share` of the group's other people got a name; `right_share` of the enrolled people's other photos got theirs. An
    infinite `prior_spread` ignores the gallery's own spread.
    """

    people: int
    groups: int
    prior_spread: float
    threshold_l2: float
    stranger_share: float
    right_share: float


def group_people(photos: PhotoSet, count: int) -> list[NDArray[np.intp]]:
    """Return the people in `count` groups of similar people."""
    if count == 1:
        return [np.unique(photos.person)]
    means = np.array([photos.embeddings[rows].mean(axis=0) for rows in photos.rows])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    middles = centers(means.astype(np.float32), count)
    nearest = (means @ middles.T).argmax(axis=1)
    return [np.flatnonzero(nearest == group) for group in range(len(middles))]


def measure(photos: PhotoSet, network: str) -> list[Row]:
    """Return a row for each gallery size, number of groups and prior; the galleries are the same for every prior."""
    results: list[Row] = []
    for count in GROUPS:
        groups = group_people(photos, count)
        for size in SIZES:
            fitting = [(group, several) for group in groups if len(several := _with_two(photos, group)) >= size + 5]
            if not fitting:
                continue
            rng = np.random.default_rng(0)
            draws = [
                _shares(photos, group, rng.choice(several, size, replace=False), network)
                for group, several in fitting
                for _ in range(max(1, DRAWS // len(fitting)))
            ]
            for prior, figures in zip(PRIORS, np.mean(draws, axis=0), strict=True):
                results.append(Row(size, count, prior, *(float(value) for value in figures)))
    return results


def _with_two(photos: PhotoSet, group: NDArray[np.intp]) -> list[int]:
    counts = np.bincount(photos.person)
    return [int(person) for person in group if counts[person] > 1]


def _shares(photos: PhotoSet, group: NDArray[np.intp], enrolled: NDArray[np.intp], network: str) -> NDArray[np.float64]:
    """Return (len(PRIORS), 3): threshold, share of strangers named, share of other photos named right."""
    samples, others = gallery_of(photos, [int(person) for person in enrolled])
    table, own = load_distance_table(network), decision_rule(IdentifySettings(network), ())
    strangers = np.searchsorted(photos.person, np.setdiff1d(group, enrolled))
    index, truth = Index(samples), photos.person[others].astype(str)
    of_strangers, of_others = (index.nearest_batch(photos.embeddings[rows]) for rows in (strangers, others))
    shares = []
    for prior in PRIORS:
        rule = replace(
            own, threshold_l2=open_set_statistics(samples, table, prior).threshold_l2(STRANGER_RATE, table, own.threshold_l2)
        )
        named = np.mean([decide(match, rule).name is not None for match in of_strangers])
        right = np.mean([decide(match, rule).name == name for match, name in zip(of_others, truth, strict=True)])
        shares.append((rule.threshold_l2, named, right))
    return np.array(shares, np.float64)


def format_table(rows: Sequence[Row], half: str) -> Table:
    """Format a row per size and number of groups, a column per prior: strangers named, and sightings named right."""
    table = Table(title=f"people of the {half} pairs: strangers named / other photos named right, in %")
    for heading in ("people", "groups", *(_heading(prior) for prior in PRIORS)):
        table.add_column(heading, justify="right")
    for start in range(0, len(rows), len(PRIORS)):
        line = rows[start : start + len(PRIORS)]
        cells = [f"{100 * row.stranger_share:.2f} / {100 * row.right_share:.1f}" for row in line]
        table.add_row(str(line[0].people), str(line[0].groups), *cells)
    return table


def _heading(prior: float) -> str:
    return "ignored" if np.isinf(prior) else f"prior {prior:g}"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar_people", description=__doc__)
    parser.add_argument("--half", choices=("train", "test"), default="test")
    parser.add_argument("--network", default=IdentifySettings().network)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args(arguments)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading faces")
        pairs = read_list(TRAIN if args.half == "train" else TEST)
        faces = embed_pairs(pairs, args.network, lambda done, total: bar.update(task, completed=done, total=total))
    rows = measure(photo_set(faces), args.network)
    Console().print(format_table(rows, args.half))
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
