"""Plot of the samples of `python -m benchmarks.soak`."""

from __future__ import annotations

import json
from pathlib import Path

_TITLES = {
    "fast": "every frame, as fast as they go",
    "live": "a camera of 30 frames per second",
    "lag": "100 frames per second, 80 ms each to recognize",
}


def plot(folder: Path) -> Path:
    """Plot memory, threads and open files, and latency over time, a column for each part."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    parts = [part for part in ("fast", "live", "lag") if (folder / f"soak-{part}.json").is_file()]
    figure, axes = plt.subplots(3, len(parts), figsize=(5.2 * len(parts), 8), squeeze=False, sharex="col")
    for column, part in enumerate(parts):
        recorded = json.loads((folder / f"soak-{part}.json").read_text(encoding="utf-8"))
        minutes = [row["s"] / 60 for row in recorded["samples"]]
        values = {name: [row[name] for row in recorded["samples"]] for name in recorded["samples"][0]}
        memory, counts, latency = axes[:, column]
        memory.plot(minutes, values["resident_mb"], color="#1b6ca8")
        memory.set(title=_TITLES[part], ylabel="memory, MB", ylim=(0, max(values["resident_mb"]) * 1.15))
        counts.plot(minutes, values["threads"], color="#1b6ca8", label="threads")
        counts.plot(minutes, values["open_files"], color="#d1495b", linestyle="--", label="open files")
        counts.set(ylabel="count", ylim=(0, None))
        counts.legend(loc="lower right")
        latency.plot(minutes, values["p99_ms"], color="#d1495b", linewidth=0.7, label="p99 of a second")
        latency.plot(minutes, values["median_ms"], color="#1b6ca8", label="median of a second")
        latency.set(
            xlabel="minutes", ylabel="age of a displayed frame, ms" if part == "lag" else "read to logged, ms", yscale="log"
        )
        latency.legend(loc="upper right")
        for axis in axes[:, column]:
            axis.grid(alpha=0.25)
    figure.tight_layout()
    path = folder / "soak.png"
    figure.savefig(path, dpi=110)
    return path
