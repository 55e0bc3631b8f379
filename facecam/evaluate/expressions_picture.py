"""How expressions are read, as one picture: who is taken for whom, and whether the probabilities come true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facecam.evaluate.expressions import Reading, calibration_error, confusion, reliability
from facecam.types import EXPRESSIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette: told apart by colour-blind eyes too.
_CALIBRATED, _RAW = "#0072B2", "#D55E00"


def draw_expressions(reading: Reading, path: Path) -> None:
    """Left the confusion of the calibrated classes, right the reliability before and after. OSError when it cannot be written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _draw_confusion(left, reading)
    _draw_reliability(right, reading)
    figure.savefig(path, dpi=120)


def _draw_confusion(axes: Axes, reading: Reading) -> None:
    counts = confusion(reading.calibrated, reading.truth)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(column, row, str(count), ha="center", va="center", color="white" if shares[row, column] > 0.5 else "black")
    axes.set_xticks(range(len(EXPRESSIONS)), EXPRESSIONS, rotation=30)
    axes.set_yticks(range(len(EXPRESSIONS)), EXPRESSIONS)
    axes.set(xlabel="read as", ylabel="most voters say", title="Faces; shade: share of the row")


def _draw_reliability(axes: Axes, reading: Reading) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="comes true")
    ways = ("bare network", reading.raw, _RAW, "o"), ("calibrated", reading.calibrated, _CALIBRATED, "s")
    for name, said, colour, marker in ways:
        counts, sure, right = (np.array(values) for values in zip(*reliability(said, reading.truth), strict=True))
        label = f"{name}, calibration error {calibration_error(said, reading.truth):.3f}"
        axes.scatter(sure, right, s=6 + counts, color=colour, marker=marker, alpha=0.6, linewidths=0, label=label)
    axes.set(xlabel="probability of the likeliest class", ylabel="share right", title="Reliability; size: pictures in the bin")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9, edgecolor="none", fontsize="small", loc="lower right")
