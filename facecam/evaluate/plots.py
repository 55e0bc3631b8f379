"""Pictures of the figures, by matplotlib without a window."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facecam.evaluate.verification import Flags
from facecam.types import Floats


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
