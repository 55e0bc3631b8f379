"""What a training looked like, as PNG: its history, and what was taken for what. By matplotlib without a window."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from facecam.teach.train import Epoch

# Okabe and Ito's palette: told apart by colour-blind eyes too.
_FITTED, _VALIDATED = "#0072B2", "#D55E00"
_NUMBERS_UP_TO = 20


def history_png(history: Sequence[Epoch], title: str) -> bytes:
    """Loss and accuracy over the epochs, of the pictures fitted and of those held back for stopping."""
    figure = _figure(9, 3.8)
    left, right = figure.subplots(1, 2)
    numbers = [epoch.number for epoch in history]
    for axes, name in ((left, "loss"), (right, "accuracy")):
        axes.plot(numbers, [getattr(epoch, name) for epoch in history], color=_FITTED, label="fitted")
        axes.plot(numbers, [getattr(epoch, f"validation_{name}") for epoch in history], color=_VALIDATED, label="held back")
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
    left.legend(frameon=False)
    figure.suptitle(title)
    return _png(figure)


def confusion_png(counts: NDArray[np.intp], labels: Sequence[str], title: str) -> bytes:
    """The true label by row, the found one by column; numbers stand in the squares while they can be read."""
    side = min(12.0, 2.5 + 0.42 * len(labels))
    figure = _figure(side + 0.8, side)
    axes = figure.subplots()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set(title=title, xlabel="found", ylabel="true")
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    if len(labels) <= _NUMBERS_UP_TO:
        for row, column in zip(*np.nonzero(counts), strict=True):
            shade = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=8, color=shade)
    return _png(figure)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=110)
    return target.getvalue()
