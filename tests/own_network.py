"""A shipped embedding network as a file of the user, with description and calibration."""

from __future__ import annotations

import shutil
from pathlib import Path

from facecam.networks.embedding_networks import embedding_network, scaled_distances
from facecam.networks.manifest import load_arrays, models_dir
from facecam.networks.user_embeddings import (
    StoredCalibration,
    description_path,
    input_sha256,
    read_description,
    write_calibration,
)
from facecam.networks.user_networks import embedding_file_sha256
from facecam.recognition.open_set import SUFFIX


def copy_as_own(name: str, path: Path) -> Path:
    """Write a shipped network to `path`, with its own description and distances beside it, and return the path."""
    shipped = embedding_network(name)
    shutil.copy(models_dir() / f"{name}.litert", path)
    facts = {
        "size_px": shipped.alignment.size_px,
        "landmarks_xy": [list(point) for point in shipped.alignment.landmarks_xy],
    }
    words = {"channels": shipped.channels, "scaling": shipped.scaling}
    lines = [f"{key} = {value}" for key, value in facts.items()] + [f'{key} = "{value}"' for key, value in words.items()]
    description_path(path).write_text("\n".join(lines), encoding="utf-8")
    hashes = embedding_file_sha256(path), input_sha256(read_description(path))
    distances_l2 = {field: getattr(shipped, field) for field in scaled_distances(1.0)}
    write_calibration(path, StoredCalibration(*hashes, shipped.length, distances_l2, 20, 40, load_arrays(name + SUFFIX)))
    return path
