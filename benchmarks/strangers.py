"""False positive identification rate of growing galleries: `python -m benchmarks.strangers`. See docs/internals/threshold.md.

Galleries of people of LFW view 1's test pairs; all other people of the test pairs are the strangers. None of them is in the
packaged tables (`benchmarks.distances`). Everything was chosen on `--half train`; `--half test` is reported.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.lfw_people import HALVES, embed_half
from facecam.evaluation.distance_table import PhotoSet
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.matching import DecisionRule, Match, decide, decision_rule, gallery_index
from facecam.recognition.open_set import DistanceTable, OpenSetStatistics, load_distance_table, person_means
from facecam.settings import IdentifySettings
from facecam.types import Floats, Sample

SIZES = (3, 10, 50, 200)
PHOTOS = (1, 3)
DRAWS = 40
STRANGER_RATE = IdentifySettings().false_positive_identification_rate
CURVE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
NETWORKS = (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)


@dataclass(frozen=True, slots=True)
class Row:
    """Shares over all draws, for galleries of `people` with `photos` each, and how many other photos of them were compared.

    With the rule as shipped, `stranger_share` of the strangers got a name (`stranger_share_sd`: over the draws), and of the
    enrolled people's other photos `right_share` got the right name and `wrong_share` another's. `fixed_stranger_share` got one at
    the network's own threshold. `right_at_rate`: other photos named right by each of COMPARISONS, without a margin, if exactly
    STRANGER_RATE of these strangers are named.
    """

    network: str
    people: int
    photos: int
    sightings: float
    threshold_l2: float
    stranger_share: float
    stranger_share_sd: float
    fixed_stranger_share: float
    right_share: float
    wrong_share: float
    right_at_rate: dict[str, float]


def gallery_of(
    photos: PhotoSet, enrolled: Sequence[int], rng: np.random.Generator, count: int = 1
) -> tuple[list[Sample], NDArray[np.intp]]:
    """Return `count` samples, drawn at random, for each of these people, and the rows of their other photos."""
    rows = photos.rows
    shuffled = {person: rng.permutation(rows[person]) for person in enrolled}
    samples = [
        Sample(f"{person}/{number}", str(person), str(person), Path(str(person), f"{number}.jpg"), photos.embeddings[row])
        for person, own in shuffled.items()
        for number, row in enumerate(own[:count])
    ]
    return samples, np.concatenate([own[count:] for own in shuffled.values()])


COMPARISONS = ("nearest photo", "mean", "nearest photo or mean", "with cohort")
"""Ways to compare a face with a person; the last one is the shipped one."""


def nearest_people(faces: Floats, samples: Sequence[Sample], table: DistanceTable) -> dict[str, tuple[Floats, NDArray[np.str_]]]:
    """Return what is compared with the gallery's threshold, and the nearest person's name, for each face, by COMPARISONS."""
    matrix, names = np.array([sample.embedding for sample in samples]), np.array([sample.name for sample in samples])
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    means = person_means(matrix, starts)
    rows = ((matrix, names), (means, names[starts]), (np.concatenate([matrix, means]), np.concatenate([names, names[starts]])))
    found = {name: _nearest(faces, *templates) for name, templates in zip(COMPARISONS, rows, strict=False)}
    distances_l2, people = found[COMPARISONS[2]]
    reductions_l2 = dict(zip(names[starts], table.threshold_reduction_l2(means), strict=True))
    found[COMPARISONS[3]] = distances_l2 + np.array([reductions_l2[person] for person in people], np.float32), people
    return found


def _nearest(faces: Floats, templates: Floats, names: NDArray[np.str_]) -> tuple[Floats, NDArray[np.str_]]:
    distances = np.sqrt(np.maximum(2 - 2 * faces @ templates.T, 0))
    return distances.min(axis=1), names[distances.argmin(axis=1)]


def assigned_names(matches: Iterable[Match], rule: DecisionRule) -> NDArray[np.str_]:
    """Return the recognizer's name for each match (n,), "" for none."""
    return np.array([decide(match, rule).name or "" for match in matches])


def draw_people(photos: PhotoSet, size: int, count: int, rng: np.random.Generator) -> list[int]:
    """Return `size` people with at least `count` photos.

    People with another photo come first, because it is the one that is recognized; the others only fill the gallery.
    """
    counts = np.bincount(photos.person)
    several, just = np.flatnonzero(counts > count), np.flatnonzero(counts == count)
    return sorted(map(int, np.concatenate([rng.permutation(several), rng.permutation(just)])[:size]))


def measure(photos: PhotoSet, network: str, count: int = 1, sizes: Sequence[int] = SIZES, draws: int = DRAWS) -> list[Row]:
    """Return a row for each size, at most as many people as have `count` photos, with `count` photos of each."""
    most = int((np.bincount(photos.person) >= count).sum())
    sizes = sorted({min(size, most) for size in sizes})
    return [_row(photos, IdentifySettings(network), size, count, draws) for size in sizes]


def _row(photos: PhotoSet, settings: IdentifySettings, size: int, count: int, draws: int) -> Row:
    own, rng, table = embedding_network(settings.network), np.random.default_rng(0), load_distance_table(settings.network)
    shares, figures = [], []
    scores: dict[str, list[tuple[Floats, Floats]]] = {name: [] for name in COMPARISONS}
    for _ in range(draws):
        enrolled = draw_people(photos, size, count, rng)
        samples, others = gallery_of(photos, enrolled, rng, count)
        strangers = [rows[0] for person, rows in enumerate(photos.rows) if person not in set(enrolled)]
        faces, sightings, truth = photos.embeddings[strangers], photos.embeddings[others], photos.person[others].astype(str)
        index, rule = gallery_index(settings, samples), decision_rule(settings, samples)
        matches, given = index.nearest_batch(faces), assigned_names(index.nearest_batch(sightings), rule)
        fixed = replace(rule, threshold_l2=own.threshold_l2)
        shares.append([np.mean(assigned_names(matches, one) != "") for one in (rule, fixed)])
        figures.append((rule.threshold_l2, len(others), np.sum(given == truth), np.sum((given != truth) & (given != ""))))
        compared = nearest_people(sightings, samples, table)
        for name, (stranger_l2, _) in nearest_people(faces, samples, table).items():
            other_l2, names = compared[name]
            scores[name].append((stranger_l2, np.where(names == truth, other_l2, np.float32(np.inf))))
    threshold_l2, sightings_count, right, wrong = np.mean(figures, axis=0)
    named, named_fixed = np.mean(shares, axis=0)
    return Row(
        network=settings.network,
        people=size,
        photos=count,
        sightings=float(sightings_count),
        threshold_l2=float(threshold_l2),
        stranger_share=float(named),
        stranger_share_sd=float(np.std([share for share, _ in shares])),
        fixed_stranger_share=float(named_fixed),
        right_share=float(right / sightings_count),
        wrong_share=float(wrong / sightings_count),
        right_at_rate={name: _right_at_rate(pairs) for name, pairs in scores.items()},
    )


def _right_at_rate(draws: Sequence[tuple[Floats, Floats]]) -> float:
    bound_l2 = np.quantile(np.concatenate([strangers for strangers, _ in draws]), STRANGER_RATE)
    return float(np.mean(np.concatenate([others for _, others in draws]) <= bound_l2))


def draw_curve(rows: Sequence[Row], path: Path) -> None:
    """Plot threshold and misses over the number of people, one photo each: expected by the tables, and measured in `rows`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for network, style in zip(NETWORKS, ("-", "--"), strict=True):
        table, own = load_distance_table(network), embedding_network(network)
        for rate, color in ((0.001, "#0072B2"), (0.01, "#D55E00"), (0.1, "#009E73")):
            thresholds = [OpenSetStatistics(people).threshold_l2(rate, table, own.threshold_l2) for people in CURVE]
            missed = [100 * table.false_negative_identification_rate(threshold_l2, 1) for threshold_l2 in thresholds]
            label = f"{own.label}, {100 * rate:g} % of strangers named"
            left.plot(CURVE, thresholds, color=color, linestyle=style, marker=".", label=label)
            right.plot(CURVE, missed, color=color, linestyle=style, marker=".")
    for network, marker in zip(NETWORKS, ("kx", "k+"), strict=True):
        measured = [row for row in rows if row.network == network and row.photos == 1]
        sizes, missed = [row.people for row in measured], [100 * (1 - row.right_share) for row in measured]
        right.plot(sizes, missed, marker, label=f"{embedding_network(network).label}, measured, {100 * STRANGER_RATE:g} %")
    left.set(xscale="log", xlabel="people enrolled, one photo each", ylabel="threshold, plain L2", title="The threshold")
    right.set(xscale="log", xlabel="people enrolled, one photo each", ylabel="%", title="Sightings of enrolled people unnamed")
    right.set_ylim(0, 100)
    left.set_ylim(bottom=0.6)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=110)


def _table(rows: Sequence[Row], half: str) -> Table:
    table = Table(title=f"people of the {half} pairs; right of the line: named right at exactly {STRANGER_RATE:.0%} of strangers")
    headings = ("network", "photos", "people", "other photos", "L2", "strangers named", "sd", "at network's", "right", "wrong")
    for heading in (*headings, *COMPARISONS):
        table.add_column(heading, justify="right")
    for row in rows:
        shares = (row.stranger_share, row.stranger_share_sd, row.fixed_stranger_share, row.right_share, row.wrong_share)
        counts = (embedding_network(row.network).label, str(row.photos), str(row.people), f"{row.sightings:.0f}")
        cells = [f"{100 * share:.2f}" for share in shares] + [f"{100 * share:.1f}" for share in row.right_at_rate.values()]
        table.add_row(*counts, f"{row.threshold_l2:.3f}", *cells)
    return table


def main(arguments: list[str]) -> int:
    """Measure, print the table, and draw the curve to --picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strangers", description=__doc__)
    parser.add_argument("--network", action="append", help="only this one (both)")
    parser.add_argument("--half", choices=tuple(HALVES), default="test")
    parser.add_argument("--photos", type=int, action="append", metavar="K", help="photos of a person that are enrolled (1 and 3)")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw threshold and misses over the size of the gallery")
    args = parser.parse_args(arguments)
    rows: list[Row] = []
    for network in args.network or NETWORKS:
        photos = embed_half(args.half, network)
        for count in args.photos or PHOTOS:
            rows += measure(photos, network, count, draws=args.draws)
    Console(width=160).print(_table(rows, args.half))
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    if args.picture is not None:
        draw_curve(rows, args.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
