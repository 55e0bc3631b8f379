"""Generate the packaged distance tables: `python -m benchmarks.distances`. See docs/internals/threshold.md.

Only people of LFW view 1's training pairs are used, with default settings, and averages of FairFace's faces for the cohort.
Writes models/NAME_distances.safetensors and prints the entries for models/MANIFEST.toml.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.cohort import averaged_faces, embed_averages
from benchmarks.lfw_people import TRAIN, embed_pairs, photo_set, read_list
from facecam.evaluation.distance_table import table_arrays
from facecam.fileio import write_atomic
from facecam.networks.manifest import entries, models_dir
from facecam.recognition.open_set import SUFFIX
from facecam.types import Image


def make(network: str, averages: list[Image], bar: Progress) -> Path:
    """Measure and write the network's table into models/."""
    task = bar.add_task(network)
    faces = embed_pairs(read_list(TRAIN), network, lambda done, total: bar.update(task, completed=done, total=total))
    photos = photo_set(faces)
    columns = table_arrays(photos, embed_averages(averages, network).astype(np.float16).astype(np.float32))
    from safetensors.numpy import save

    path = models_dir() / f"{network}{SUFFIX}.safetensors"
    dtypes = {"cohort": np.float16}
    stored = {name: np.ascontiguousarray(column, dtypes.get(name, np.float32)) for name, column in columns.items()}
    write_atomic(path, save(stored))
    counts = np.bincount(photos.person)
    print(f"{network}: {len(counts)} people, {len(photos.person)} photos, {(counts > 1).sum()} people with two or more")
    return path


def main(arguments: list[str]) -> int:
    """Generate the tables of the given networks, by default of all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distances", description=__doc__)
    parser.add_argument("network", nargs="*", default=[model.name for model in entries() if model.role == "embedding"])
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("averaging faces")
        averages = averaged_faces(lambda done, total: bar.update(task, completed=done, total=total))
        for path in [make(network, averages, bar) for network in parser.parse_args(arguments).network]:
            content = path.read_bytes()
            print(f'file = "{path.name}"\nbytes = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
