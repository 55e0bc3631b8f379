"""Generate the packaged distance tables: `python -m benchmarks.distances`. See docs/internals/threshold.md.

Only people of LFW view 1's training pairs are used, with default settings. Writes models/NAME_distances.safetensors and prints
the entries for models/MANIFEST.toml.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from benchmarks.lfw_people import TRAIN, PhotoSet, embed_pairs, photo_set, read_list
from facecam.fileio import write_atomic
from facecam.networks.manifest import entries, models_dir
from facecam.recognition.open_set import SUFFIX, Float64Array
from facecam.types import Floats

SMALLEST_SHARE = 5e-6
"""Ten of the two million pairs of people; fewer are not significant."""
SHARES = np.concatenate([np.geomspace(SMALLEST_SHARE, 0.3, 50), np.linspace(0.35, 1, 14)])
QUANTILES = np.linspace(0, 1, 51)
MOST_PHOTOS = 4
"""46 people have one photo more than this, 23 of them two more."""
RESAMPLES = 200


def impostor_columns(photos: PhotoSet) -> dict[str, Float64Array]:
    """Return quantiles of the distances between people, with 95 % intervals by bootstrap over people; all (len(SHARES),).

    A pair of people counts once: its pairs of photos share that weight.
    """
    first, second = np.triu_indices(len(photos.person), 1)
    other = photos.person[first] != photos.person[second]
    first, second = first[other], second[other]
    apart = np.sqrt(np.maximum(2 - 2 * photos.embeddings @ photos.embeddings.T, 0))[first, second]
    order = np.argsort(apart)
    apart, first, second = apart[order], photos.person[first[order]], photos.person[second[order]]
    each = 1 / np.bincount(photos.person)
    rng = np.random.default_rng(0)
    resampled = []
    for _ in range(RESAMPLES):
        drawn = rng.multinomial(len(each), np.full(len(each), 1 / len(each)))
        resampled.append(_weighted_quantiles(apart, (each * drawn)[first] * (each * drawn)[second]))
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0)
    return {
        "probability": SHARES,
        "impostor_l2": _weighted_quantiles(apart, each[first] * each[second]),
        "impostor_low_l2": low,
        "impostor_high_l2": high,
    }


def genuine_rows(photos: PhotoSet) -> Float64Array:
    """Return (MOST_PHOTOS, len(QUANTILES)): distances to the nearest of 1, 2 ... other photos; each person counts once."""
    rows = []
    for enrolled in range(1, MOST_PHOTOS + 1):
        nearest, weight = [], []
        for person in (rows for rows in photos.rows if len(rows) > enrolled):
            for place, sighting in enumerate(person):
                others = np.roll(person, -place)[1 : enrolled + 1]
                nearest.append(np.linalg.norm(photos.embeddings[others] - photos.embeddings[sighting], axis=1).min())
                weight.append(1 / len(person))
        order = np.argsort(nearest)
        rows.append(_weighted_quantiles(np.array(nearest)[order], np.array(weight)[order], QUANTILES))
    return np.minimum.accumulate(rows)


def _weighted_quantiles(ranked: Floats, weights: NDArray[np.float64], shares: NDArray[np.float64] = SHARES) -> Float64Array:
    reached = np.cumsum(weights)
    return np.interp(shares * reached[-1], reached, ranked).astype(np.float64)


def make(network: str, bar: Progress) -> Path:
    """Measure and write the network's table into models/."""
    task = bar.add_task(network)
    faces = embed_pairs(read_list(TRAIN), network, lambda done, total: bar.update(task, completed=done, total=total))
    photos = photo_set(faces)
    columns = {**impostor_columns(photos), "genuine_l2": genuine_rows(photos)}
    from safetensors.numpy import save

    path = models_dir() / f"{network}{SUFFIX}.safetensors"
    write_atomic(path, save({name: np.ascontiguousarray(column, np.float32) for name, column in columns.items()}))
    counts = np.bincount(photos.person)
    print(f"{network}: {len(counts)} people, {len(photos.person)} photos, {(counts > 1).sum()} people with two or more")
    return path


def main(arguments: list[str]) -> int:
    """Generate the tables of the given networks, by default of all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distances", description=__doc__)
    parser.add_argument("network", nargs="*", default=[model.name for model in entries() if model.role == "embedding"])
    with Progress(console=Console(stderr=True), transient=True) as bar:
        for path in [make(network, bar) for network in parser.parse_args(arguments).network]:
            content = path.read_bytes()
            print(f'file = "{path.name}"\nbytes = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
