"""`python -m benchmarks.margins`: what margin and unsure band bring, on people of LFW view 1's training pairs. docs/threshold.md.

Galleries of one photo each, at the automatic threshold; the strangers are all other people of the training pairs. The table of
distances was made from the same people: these figures choose, they do not prove.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.lfw_people import TRAIN, PhotoSet, embedded, pairs_of, photo_set
from benchmarks.strangers import SIZES, gallery_of, named
from facecam.identify.decide import DecisionRule
from facecam.identify.distances import Numbers
from facecam.identify.index import Index
from facecam.identify.rule import decision_rule, own_threshold_l2
from facecam.settings import IdentifySettings

DRAWS = 20
TENTHS = (0.0, 0.5, 1.0, 1.5, 2.5)
"""Margins and bands, in tenths of the network's own threshold."""


def measure(photos: PhotoSet, network: str, people: int) -> Iterator[tuple[float, Numbers]]:
    """For each width (plain L2), used as margin and as band, five shares as means over the draws.

    With it as margin: strangers named, enrolled people's other photos named right, and wrong. With it as band: strangers, and
    other photos of enrolled people, whose nearest sample lies in it.
    """
    rng = np.random.default_rng(0)
    several = [person for person, rows in enumerate(photos.rows) if len(rows) > 1]
    galleries = [sorted(map(int, rng.choice(several, people, replace=False))) for _ in range(DRAWS)]
    for tenth in TENTHS:
        width_l2 = tenth * own_threshold_l2(network) / 10
        yield width_l2, np.mean([_shares(photos, network, enrolled, width_l2) for enrolled in galleries], axis=0)


def _shares(photos: PhotoSet, network: str, enrolled: Sequence[int], width_l2: float) -> list[float]:
    samples, others = gallery_of(photos, enrolled)
    threshold_l2 = decision_rule(IdentifySettings(network), samples).threshold_l2
    strangers = [int(rows[0]) for person, rows in enumerate(photos.rows) if person not in set(enrolled)]
    rule = DecisionRule(threshold_l2, width_l2, 0.0)
    given, truth = named(photos.embeddings[others], samples, rule), photos.person[others].astype(str)
    shares = [named(photos.embeddings[strangers], samples, rule) != "", given == truth, (given != truth) & (given != "")]
    for rows in (strangers, others):
        nearest_l2 = np.array([first.distance_l2 for first, _ in Index(samples).nearest_batch(photos.embeddings[rows]) if first])
        shares.append((nearest_l2 > threshold_l2) & (nearest_l2 <= threshold_l2 + width_l2))
    return [float(np.mean(share)) for share in shares]


def table(photos: PhotoSet, network: str) -> Table:
    """The figures for all sizes, ready to be printed."""
    printed = Table(title=f"{network}, training people")
    for heading in ("people", "L2", "as margin: strangers", "right", "wrong", "as band: strangers", "enrolled people"):
        printed.add_column(heading, justify="right")
    for people in SIZES:
        for width_l2, shares in measure(photos, network, people):
            printed.add_row(str(people), f"{width_l2:.3f}", *(f"{100 * share:.2f} %" for share in shares))
    return printed


def main(arguments: list[str]) -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.margins", description=__doc__)
    parser.add_argument("--network", default=IdentifySettings().network)
    asked = parser.parse_args(arguments)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading faces")
        faces = embedded(pairs_of(TRAIN), asked.network, lambda done, total: bar.update(task, completed=done, total=total))
    Console(width=130).print(table(photo_set(faces), asked.network))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
