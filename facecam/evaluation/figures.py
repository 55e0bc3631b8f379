"""Plots of evaluations, drawn by matplotlib without a window: calibration, expressions, groups of people, ROC curve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from facecam.errors import ImageError
from facecam.evaluation.expressions import ExpressionPredictions, calibration_error, reliability
from facecam.evaluation.groups import GroupReport
from facecam.evaluation.lfw import Flags
from facecam.fileio import PNG_METADATA, atomic_path
from facecam.recognition.calibration import Calibration
from facecam.recognition.open_set import DistanceTable, Float64Array, OpenSetStatistics
from facecam.training.head import confusion_matrix
from facecam.training.trainer import draw_confusion
from facecam.types import EXPRESSIONS, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette is distinguishable for color-blind readers.
_BLUE, _ORANGE, _GREEN, _PURPLE, _BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
_GENUINE, _IMPOSTOR = _BLUE, _ORANGE


def draw_calibration(found: Calibration, table: DistanceTable, path: Path) -> None:
    """Plot distances (plain L2) and the ROC curve of a gallery next to those of the packaged table.

    Distances include the reduction of the person's match threshold, so that all compare with the gallery's.
    The table's curves are for a gallery of as many people; without enrolled people only they are drawn. ImageError when `path`
    cannot be written.
    """
    figure = Figure((11, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    far = max(2 * found.current.threshold_l2, found.target.threshold_l2, *found.impostor_l2[:1], 0.1)
    grid = np.linspace(0, min(2.0, 1.4 * far), 240)
    statistics = found.statistics if found.people else OpenSetStatistics(1)
    strangers = np.array([statistics.false_positive_identification_rate(float(t), table) for t in grid])
    photos = max(1, round(found.photos / max(found.people, 1)))
    missed = np.array([table.false_negative_identification_rate(float(t), photos) for t in grid])
    _draw_distances(left, found, grid, (1 - missed, strangers))
    _draw_roc(right, found, grid, (1 - missed, strangers))
    _save(figure, path)


def _draw_distances(axes: Axes, found: Calibration, grid: Float64Array, table: tuple[Float64Array, Float64Array]) -> None:
    bins = np.linspace(grid[0], grid[-1], 41).tolist()
    genuine_l2, impostor_l2 = found.distances_l2(fixed=found.pinned)
    own = (genuine_l2, "same person, your gallery", _GENUINE), (impostor_l2, "nearest other, your gallery", _IMPOSTOR)
    for distances_l2, label, color in own:
        if len(distances_l2):
            weights = np.full(len(distances_l2), 100 / len(distances_l2))
            axes.hist(distances_l2, bins, weights=weights, alpha=0.55, label=label, color=color)
    for shares, label, color in zip(
        table, ("same person, table", "stranger to nearest, table"), (_GENUINE, _IMPOSTOR), strict=True
    ):
        axes.stairs(100 * np.diff(np.interp(bins, grid, shares)), bins, color=color, linewidth=1.5, label=label)
    axes.axvline(found.current.threshold_l2, color=_BLACK, label=f"threshold now, {found.current.threshold_l2:.3f}")
    axes.axvline(found.target.threshold_l2, color=_PURPLE, linestyle=":", linewidth=2, label=_rate(found))
    axes.set(
        xlabel="plain L2 distance", ylabel="% of sightings", title="Distances to the nearest person", xlim=(grid[0], grid[-1])
    )
    axes.set_ylim(top=1.7 * axes.get_ylim()[1])  # room for the legend
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", ncols=2)


def _draw_roc(axes: Axes, found: Calibration, grid: Float64Array, table: tuple[Float64Array, Float64Array]) -> None:
    named, strangers = table
    axes.plot(100 * strangers, 100 * named, color=_GENUINE, linestyle="--", label="packaged table")
    genuine_l2, _ = found.distances_l2(fixed=found.pinned)
    if len(genuine_l2):
        own = [float(np.mean(genuine_l2 <= t)) for t in grid]
        axes.plot(100 * strangers, 100 * np.array(own), color=_GENUINE, label="your gallery's sightings")
    axes.axvline(100 * found.current.false_positive_identification_rate, color=_BLACK, label="threshold now")
    axes.axvline(
        100 * found.target.false_positive_identification_rate, color=_PURPLE, linestyle=":", linewidth=2, label=_rate(found)
    )
    axes.set_xscale("log")
    axes.set(
        xlabel="% of strangers who get a name", ylabel="% of sightings of enrolled people named", xlim=(0.01, 100), ylim=(0, 101)
    )
    axes.set_title("What a threshold costs")
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", loc="lower right")


def _rate(found: Calibration) -> str:
    return f"for {found.target_fpir:.4g} of strangers, {found.target.threshold_l2:.3f}"


def draw_expressions(predictions: ExpressionPredictions, path: Path) -> None:
    """Plot confusion, and reliability before and after calibration. ImageError when it cannot be written."""
    figure = Figure((11, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    predicted = predictions.calibrated.argmax(axis=1)
    draw_confusion(left, confusion_matrix(predictions.truth, predicted, len(EXPRESSIONS)), EXPRESSIONS)
    left.set(xlabel="predicted", ylabel="voters' majority", title="Faces; shade: share of the row")
    _draw_reliability(right, predictions)
    _save(figure, path)


def _draw_reliability(axes: Axes, predictions: ExpressionPredictions) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfect calibration")
    variants = ("uncalibrated", predictions.raw, _ORANGE, "o"), ("calibrated", predictions.calibrated, _BLUE, "s")
    for name, probabilities, color, marker in variants:
        counts, sure, right = (np.array(values) for values in zip(*reliability(probabilities, predictions.truth), strict=True))
        label = f"{name}, calibration error {calibration_error(probabilities, predictions.truth):.3f}"
        axes.scatter(sure, right, s=6 + counts, color=color, marker=marker, alpha=0.6, linewidths=0, label=label)
    axes.set(xlabel="probability of the best class", ylabel="accuracy", title="Reliability; size: images in the bin")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", loc="lower right")


def draw_groups(reports: Sequence[GroupReport], path: Path) -> None:
    """Plot the false match rates of groups for each network, with 95 % intervals. ImageError when `path` cannot be written."""
    rows = max(len(report.rates) for report in reports)
    figure = Figure((5.5 * len(reports) + 1, 0.24 * rows + 1.2), layout="constrained")
    for axes, report in zip(figure.subplots(1, len(reports), squeeze=False)[0], reports, strict=True):
        rates = [rate for rate in report.rates if rate.false_match_rate is not None and rate.uncorrected_rate is not None]
        corrected = 100 * np.array([rate.false_match_rate for rate in rates], np.float64)
        plain = 100 * np.array([rate.uncorrected_rate for rate in rates], np.float64)
        ends = 100 * np.array([(rate.low, rate.high) for rate in rates], np.float64).reshape(-1, 2)
        places = np.arange(len(rates))
        axes.barh(places, plain, color="0.85", label="the same threshold for everybody")
        axes.barh(places, corrected, 0.5, color=_BLUE, label="own thresholds, as shipped")
        axes.hlines(places, ends[:, 0], ends[:, 1], color=_BLACK, linewidth=1, label="95 % interval")
        axes.set_yticks(places, [f"{rate.label}: {rate.value} ({rate.people})" for rate in rates], fontsize="small")
        axes.set_ylim(len(rates) - 0.4, -0.6)
        axes.set_xscale("log")
        axes.set(xlabel="% of pairs of people that match", title=report.label, xlim=(0.02, 100))
        axes.grid(axis="x", alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize="small")
    _save(figure, path)


def draw_roc(distances_l2: Floats, same: Flags, title: str, path: Path) -> None:
    """Plot the ROC curve and both distributions of distances. ImageError when `path` cannot be written."""
    thresholds = np.linspace(0, 1.6, 400)
    tar = [(distances_l2[same] <= t).mean() for t in thresholds]
    far = [(distances_l2[~same] <= t).mean() for t in thresholds]
    figure = Figure((10, 4.2), layout="constrained")
    roc, histogram = figure.subplots(1, 2)
    roc.plot(far, tar, color=_BLUE, linewidth=2)
    roc.set_xscale("symlog", linthresh=1e-3)
    roc.set(xlabel="false accept rate", ylabel="true accept rate", xlim=(0, 1), ylim=(0, 1.01), title=title)
    roc.grid(alpha=0.3)
    bins = np.linspace(0, 1.6, 60).tolist()
    histogram.hist(distances_l2[same], bins, alpha=0.7, label="same person", color=_GREEN)
    histogram.hist(distances_l2[~same], bins, alpha=0.7, label="two people", color=_ORANGE)
    histogram.set(xlabel="L2 distance", ylabel="pairs", title="Distances")
    histogram.legend(frameon=False)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    kind = path.suffix.lower().removeprefix(".")
    try:
        with atomic_path(path) as part:
            figure.savefig(part, format=kind, dpi=120, metadata=PNG_METADATA if kind == "png" else None)
    except (OSError, ValueError) as error:  # matplotlib raises ValueError for an unknown format
        raise ImageError(f"{path} cannot be written: {error}; name a .png file in an existing folder") from error
