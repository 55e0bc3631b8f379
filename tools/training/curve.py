"""Plot of a training's figures over the pictures seen: `python -m tools.training.curve CSV PNG`."""

import sys
from pathlib import Path

import pandas as pd

from facecam.fileio import PNG_METADATA, atomic_path

_PANELS = {"pictures for validation": ("validation_",), "LFW view 1, test pairs": ("lfw_view1_test_", "tar_")}
_COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]  # Okabe and Ito's palette is distinguishable for color-blind readers.


def draw_curve(table: Path, picture: Path) -> None:
    """Draw the figures of validation and LFW in a CSV as PNG, with a dashed line where its column `run` changes."""
    from matplotlib.figure import Figure

    figure, rows = Figure((9.6, 3.8), layout="constrained"), pd.read_csv(table)
    seen = rows["pictures_seen"] / 1e6
    runs = seen.groupby(rows.get("run", pd.Series(0, rows.index))).max().iloc[:-1]
    for axes, (title, prefixes) in zip(figure.subplots(1, 2), _PANELS.items(), strict=True):
        axes.set(title=title, xlabel="million pictures seen")
        for name, color in zip((name for name in map(str, rows) if name.startswith(prefixes)), _COLORS, strict=False):
            axes.plot(seen, rows[name], color=color, marker=".", label=name.removeprefix(prefixes[0]).replace("_", " "))
            axes.legend(frameon=False)
        axes.vlines(runs, *axes.get_ylim(), color="gray", linestyle="--", linewidth=0.8)
        axes.grid(alpha=0.3)
    with atomic_path(picture) as part:
        figure.savefig(part, format="png", dpi=110, metadata=PNG_METADATA)


if __name__ == "__main__":
    draw_curve(Path(sys.argv[1]), Path(sys.argv[2]))
