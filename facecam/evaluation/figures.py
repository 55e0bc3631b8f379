"""A gallery's calibration as one picture: its distances beside the packaged ones, and what each threshold would cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facecam.evaluation.expressions import ExpressionReading, calibration_error, confusion, reliability
from facecam.evaluation.lfw import Flags
from facecam.recognition.calibration import Calibration
from facecam.recognition.open_set import DistanceTable, Numbers, OpenSetStatistics
from facecam.types import EXPRESSIONS, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Okabe and Ito's palette: told apart by color-blind eyes too.
_GENUINE, _IMPOSTOR, _NOW, _CHOSEN = "#0072B2", "#D55E00", "#000000", "#CC79A7"


def draw_calibration(found: Calibration, table: DistanceTable, path: Path) -> None:
    """Left the distances (plain L2) of the gallery, leave one out, with those of the table; right named people over strangers.

    The table's curves stand for a gallery of as many people; they are all there is while nobody is enrolled. OSError when `path`
    cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    far = max(2 * found.now.threshold_l2, found.chosen.threshold_l2, *found.impostor_l2[:1], 0.1)
    grid = np.linspace(0, min(2.0, 1.4 * far), 240)
    crowd = found.crowd if found.people else OpenSetStatistics(1)
    strangers = np.array([crowd.stranger_share(float(t), table) for t in grid])
    photos = max(1, round(found.photos / max(found.people, 1)))
    missed = np.array([table.miss_share(float(t), photos) for t in grid])
    _draw_distances(left, found, grid, (1 - missed, strangers))
    _draw_roc(right, found, grid, (1 - missed, strangers))
    figure.savefig(path, dpi=120)


def _draw_distances(axes: Axes, found: Calibration, grid: Numbers, table: tuple[Numbers, Numbers]) -> None:
    bins = np.linspace(grid[0], grid[-1], 41).tolist()
    own = (found.genuine_l2, "same person, your gallery", _GENUINE), (found.impostor_l2, "nearest other, your gallery", _IMPOSTOR)
    for distances_l2, label, color in own:
        if len(distances_l2):
            weights = np.full(len(distances_l2), 100 / len(distances_l2))
            axes.hist(distances_l2, bins, weights=weights, alpha=0.55, label=label, color=color)
    for shares, label, color in zip(
        table, ("same person, table", "stranger to nearest, table"), (_GENUINE, _IMPOSTOR), strict=True
    ):
        axes.stairs(100 * np.diff(np.interp(bins, grid, shares)), bins, color=color, linewidth=1.5, label=label)
    axes.axvline(found.now.threshold_l2, color=_NOW, label=f"threshold now, {found.now.threshold_l2:.3f}")
    axes.axvline(found.chosen.threshold_l2, color=_CHOSEN, linestyle=":", linewidth=2, label=_rate(found))
    axes.set(
        xlabel="plain L2 distance", ylabel="% of sightings", title="Distances to the nearest sample", xlim=(grid[0], grid[-1])
    )
    axes.set_ylim(top=1.7 * axes.get_ylim()[1])  # room for the legend
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", ncols=2)


def _draw_roc(axes: Axes, found: Calibration, grid: Numbers, table: tuple[Numbers, Numbers]) -> None:
    named, strangers = table
    axes.plot(100 * strangers, 100 * named, color=_GENUINE, linestyle="--", label="packaged table")
    if len(found.genuine_l2):
        own = [float(np.mean(found.genuine_l2 <= t)) for t in grid]
        axes.plot(100 * strangers, 100 * np.array(own), color=_GENUINE, label="your gallery's sightings")
    axes.axvline(100 * found.now.stranger_share, color=_NOW, label="threshold now")
    axes.axvline(100 * found.chosen.stranger_share, color=_CHOSEN, linestyle=":", linewidth=2, label=_rate(found))
    axes.set_xscale("log")
    axes.set(
        xlabel="% of strangers who get a name", ylabel="% of sightings of enrolled people named", xlim=(0.01, 100), ylim=(0, 101)
    )
    axes.set_title("What a threshold costs")
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", loc="lower right")


def _rate(found: Calibration) -> str:
    return f"for {found.stranger_rate:.4g} of strangers, {found.chosen.threshold_l2:.3f}"


# MERGED evaluate.expressions_picture: How expressions are read, as one picture: who is taken for whom, and whether the probabilities come true.

# Okabe and Ito's palette: told apart by color-blind eyes too.
_CALIBRATED, _RAW = "#0072B2", "#D55E00"


def draw_expressions(reading: ExpressionReading, path: Path) -> None:
    """Left the confusion of the calibrated classes, right the reliability before and after. OSError when it cannot be written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _draw_confusion(left, reading)
    _draw_reliability(right, reading)
    figure.savefig(path, dpi=120)


def _draw_confusion(axes: Axes, reading: ExpressionReading) -> None:
    counts = confusion(reading.calibrated, reading.truth)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(column, row, str(count), ha="center", va="center", color="white" if shares[row, column] > 0.5 else "black")
    axes.set_xticks(range(len(EXPRESSIONS)), EXPRESSIONS, rotation=30)
    axes.set_yticks(range(len(EXPRESSIONS)), EXPRESSIONS)
    axes.set(xlabel="read as", ylabel="most voters say", title="Faces; shade: share of the row")


def _draw_reliability(axes: Axes, reading: ExpressionReading) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="comes true")
    ways = ("bare network", reading.raw, _RAW, "o"), ("calibrated", reading.calibrated, _CALIBRATED, "s")
    for name, said, color, marker in ways:
        counts, sure, right = (np.array(values) for values in zip(*reliability(said, reading.truth), strict=True))
        label = f"{name}, calibration error {calibration_error(said, reading.truth):.3f}"
        axes.scatter(sure, right, s=6 + counts, color=color, marker=marker, alpha=0.6, linewidths=0, label=label)
    axes.set(xlabel="probability of the likeliest class", ylabel="share right", title="Reliability; size: pictures in the bin")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", loc="lower right")


# MERGED evaluate.plots: Pictures of the figures, by matplotlib without a window.


def draw_roc(distances_l2: Floats, same: Flags, title: str, path: Path) -> None:
    """True over false accepts of all thresholds, and the two distributions of distances, side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    thresholds = np.linspace(0, 1.6, 400)
    tar = [(distances_l2[same] <= t).mean() for t in thresholds]
    far = [(distances_l2[~same] <= t).mean() for t in thresholds]
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    roc, histogram = figure.subplots(1, 2)
    roc.plot(far, tar, color="#0072B2", linewidth=2)
    roc.set_xscale("symlog", linthresh=1e-3)
    roc.set(xlabel="false accept rate", ylabel="true accept rate", xlim=(0, 1), ylim=(0, 1.01), title=title)
    roc.grid(alpha=0.3)
    bins = np.linspace(0, 1.6, 60).tolist()
    histogram.hist(distances_l2[same], bins, alpha=0.7, label="same person", color="#009E73")
    histogram.hist(distances_l2[~same], bins, alpha=0.7, label="two people", color="#D55E00")
    histogram.set(xlabel="L2 distance", ylabel="pairs", title="Distances")
    histogram.legend(frameon=False)
    figure.savefig(path, dpi=120)
