"""People of LFW view 1's training and test pairs, embedded by facecam."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from facecam.errors import ImageError
from facecam.evaluation.distance_table import PhotoSet
from facecam.evaluation.lfw import LfwPair, LfwPhoto, embed_photos, read_pairs
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats

TRAIN, TEST = "pairsDevTrain.txt", "pairsDevTest.txt"
HALVES: Mapping[str, str] = {"train": TRAIN, "test": TEST}


def folder() -> Path:
    """Return the folder of the data set; ImageError when FACECAM_TEST_DATA does not have it."""
    found = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data", "lfw-view1")
    if "FACECAM_TEST_DATA" not in os.environ or not (found / TRAIN).is_file():
        raise ImageError(f"set FACECAM_TEST_DATA to the folder that holds data/lfw-view1 with its {TRAIN}")
    return found


def embed_pairs(pairs: list[LfwPair], network: str, progress: Callable[[int, int], None]) -> dict[LfwPhoto, Floats | None]:
    """Return the embedding of every photo with default settings; None when no face passes the gates."""
    photos = {photo for pair in pairs for photo in (pair.a, pair.b)}
    with open_face_analyzer(Settings().replace({"identify.network": network})) as analyzer:
        return embed_photos(photos, folder() / "images", analyzer, progress)


def embed_half(half: str, network: str) -> PhotoSet:
    """Return the photos of one of HALVES, with a progress bar on standard error."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"reading faces, {network}")
        pairs = read_list(HALVES[half])
        return photo_set(embed_pairs(pairs, network, lambda done, total: bar.update(task, completed=done, total=total)))


def photo_set(embeddings: dict[LfwPhoto, Floats | None]) -> PhotoSet:
    """Return the photos that have an embedding, sorted by person."""
    passed = [(photo.name, embedding) for photo, embedding in embeddings.items() if embedding is not None]
    _, person = np.unique([name for name, _ in passed], return_inverse=True)
    order = np.argsort(person, kind="stable")
    return PhotoSet(np.stack([passed[row][1] for row in order]), person[order])


def read_list(name: str) -> list[LfwPair]:
    """Return the pairs of TRAIN or TEST."""
    return read_pairs(folder() / name)
