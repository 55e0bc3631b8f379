"""False positive identification rate of growing galleries: `python -m benchmarks.strangers`. See docs/internals/threshold.md.

Galleries of people of LFW view 1's test pairs, one photo each; all other people of the test pairs are the strangers. None of
them is in the packaged table (`benchmarks.distances`), and nothing is chosen here.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.lfw_people import TEST, PhotoSet, embed_pairs, photo_set, read_list
from facecam.recognition.matching import DecisionRule, Index, decide, decision_rule, network_threshold_l2
from facecam.recognition.open_set import load_distance_table
from facecam.settings import IdentifySettings
from facecam.types import Floats, Sample

SIZES = (10, 50, 200)
DRAWS = 40
CURVE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Row:
    """Means over the draws, for one gallery size and threshold setting.

    `stranger_share` of the strangers got a name (`stranger_share_sd`: over the draws); `near_share` had a person within the
    threshold. `right_share` of the enrolled people's other photos got the right name and `wrong_share` another's.
    """

    people: int
    threshold: str
    threshold_l2: float
    stranger_share: float
    stranger_share_sd: float
    near_share: float
    right_share: float
    wrong_share: float


def gallery_of(photos: PhotoSet, enrolled: Sequence[int]) -> tuple[list[Sample], list[int]]:
    """Return one sample for each of these people, and the rows of their other photos."""
    rows = photos.rows
    samples = [Sample(f"{p}/1", str(p), str(p), Path(str(p), "1.jpg"), photos.embeddings[rows[p][0]]) for p in enrolled]
    return samples, [int(row) for person in enrolled for row in rows[person][1:]]


def assigned_names(embeddings: Floats, samples: Sequence[Sample], rule: DecisionRule) -> NDArray[np.str_]:
    """Return the recognizer's name for each face (n,), "" for none."""
    return np.array([decide(match, rule).name or "" for match in Index(samples).nearest_batch(embeddings)])


def measure(photos: PhotoSet, settings: IdentifySettings, sizes: Sequence[int] = SIZES, draws: int = DRAWS) -> list[Row]:
    """Return a row for the automatic threshold and one for the network's fixed one, for each size."""
    rng = np.random.default_rng(0)
    several = [person for person, rows in enumerate(photos.rows) if len(rows) > 1]
    results: list[Row] = []
    for size in sizes:
        galleries = [sorted(map(int, rng.choice(several, size, replace=False))) for _ in range(draws)]
        results += [_row(photos, settings, galleries, label) for label in ("automatic", "fixed")]
    return results


def _row(photos: PhotoSet, settings: IdentifySettings, galleries: Sequence[Sequence[int]], label: str) -> Row:
    figures = []
    fixed = IdentifySettings(settings.network, threshold_l2=network_threshold_l2(settings.network))
    for enrolled in galleries:
        samples, others = gallery_of(photos, enrolled)
        rule = decision_rule(settings if label == "automatic" else fixed, samples)
        strangers = [rows[0] for person, rows in enumerate(photos.rows) if person not in set(enrolled)]
        faces = photos.embeddings[strangers]
        nearest_l2 = np.array([first.distance_l2 for first, _ in Index(samples).nearest_batch(faces) if first])
        given, truth = assigned_names(photos.embeddings[others], samples, rule), photos.person[others].astype(str)
        figures.append(
            (
                rule.threshold_l2,
                np.mean(assigned_names(faces, samples, rule) != ""),
                np.mean(nearest_l2 <= rule.threshold_l2),
                np.mean(given == truth),
                np.mean((given != truth) & (given != "")),
            )
        )
    threshold_l2, share, near, right, wrong = np.mean(figures, axis=0)
    return Row(len(galleries[0]), label, threshold_l2, share, float(np.std([f[1] for f in figures])), near, right, wrong)


def draw_curve(network: str, rows: Sequence[Row], path: Path) -> None:
    """Plot threshold and misses over the number of people, one photo each: expected by the table, and measured."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from facecam.recognition.open_set import OpenSetStatistics

    table, fixed_l2 = load_distance_table(network), network_threshold_l2(network)
    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for rate, color in ((0.001, "#0072B2"), (0.01, "#D55E00"), (0.1, "#009E73")):
        thresholds = [OpenSetStatistics(people).threshold_l2(rate, table, fixed_l2) for people in CURVE]
        label = f"{rate:.1%} of strangers named".replace(".0%", "%").replace("%", " %")
        left.plot(CURVE, thresholds, color=color, marker=".", label=label)
        right.plot(
            CURVE,
            [100 * table.false_negative_identification_rate(t, 1) for t in thresholds],
            color=color,
            marker=".",
            label=label,
        )
    left.axhline(fixed_l2, color="black", linestyle=":", label=f"fixed at {fixed_l2:.2f}")
    right.axhline(100 * table.false_negative_identification_rate(fixed_l2, 1), color="black", linestyle=":")
    measured = [row for row in rows if row.threshold == "automatic"]
    sizes, missed = [row.people for row in measured], [100 * (1 - row.right_share) for row in measured]
    right.plot(sizes, missed, "kx", label="measured on test people, 1 %")
    left.set(xscale="log", xlabel="people enrolled, one photo each", ylabel="threshold, plain L2", title="The threshold")
    right.set(xscale="log", xlabel="people enrolled, one photo each", ylabel="%", title="Sightings of enrolled people unnamed")
    right.set_ylim(0, 100)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=110)


def _table(rows: Sequence[Row], photos: PhotoSet) -> Table:
    people = len(photos.rows)
    table = Table(title=f"{people} people of the test pairs, {len(photos.person)} photos")
    for heading in ("people", "threshold", "L2", "strangers named", "sd", "within threshold", "others named right", "wrong"):
        table.add_column(heading, justify="left" if heading == "threshold" else "right")
    for row in rows:
        shares = (row.stranger_share, row.stranger_share_sd, row.near_share, row.right_share, row.wrong_share)
        table.add_row(str(row.people), row.threshold, f"{row.threshold_l2:.3f}", *(f"{100 * share:.2f} %" for share in shares))
    return table


def main(arguments: list[str]) -> int:
    """Measure, print the table, and draw the curve to --picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strangers", description=__doc__)
    parser.add_argument("--network", default=IdentifySettings().network)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw threshold and misses over the size of the gallery")
    args = parser.parse_args(arguments)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading faces")
        faces = embed_pairs(read_list(TEST), args.network, lambda done, total: bar.update(task, completed=done, total=total))
    photos = photo_set(faces)
    rows = measure(photos, IdentifySettings(args.network), draws=args.draws)
    Console(width=130).print(_table(rows, photos))
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    if args.picture is not None:
        draw_curve(args.network, rows, args.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
