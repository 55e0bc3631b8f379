"""The people of LFW's view 1 by the shipped pipeline, those of its training pairs and those of its test pairs apart."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.evaluation.lfw import LfwPair, LfwPhoto, embed_photos, read_pairs
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats

TRAIN, TEST = "pairsDevTrain.txt", "pairsDevTest.txt"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSet:
    """Photos that pass the gates: `embeddings` (n, 128), and `person` (n,), a number from 0; a person's rows stand together."""

    embeddings: Floats
    person: NDArray[np.intp]

    @property
    def rows(self) -> list[NDArray[np.intp]]:
        """The rows of each person."""
        return np.split(np.arange(len(self.person)), np.flatnonzero(np.diff(self.person)) + 1)


def folder() -> Path:
    """Where the set lies; PictureError when FACECAM_TEST_DATA does not say."""
    found = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data", "lfw-view1")
    if "FACECAM_TEST_DATA" not in os.environ or not (found / TRAIN).is_file():
        raise ImageError(f"set FACECAM_TEST_DATA to the folder that holds data/lfw-view1 with its {TRAIN}")
    return found


def embedded(pairs: list[LfwPair], network: str, progress: Callable[[int, int], None]) -> dict[LfwPhoto, Floats | None]:
    """The embedding of every photo of these pairs with default settings; None where no face passes the gates."""
    photos = {photo for pair in pairs for photo in (pair.a, pair.b)}
    with open_face_analyzer(Settings().replace({"identify.network": network})) as reader:
        return embed_photos(photos, folder() / "images", reader, progress)


def photo_set(embeddings: dict[LfwPhoto, Floats | None]) -> PhotoSet:
    """The same by person."""
    passed = [(photo.name, embedding) for photo, embedding in embeddings.items() if embedding is not None]
    _, person = np.unique([name for name, _ in passed], return_inverse=True)
    order = np.argsort(person, kind="stable")
    return PhotoSet(np.stack([passed[row][1] for row in order]), person[order])


def pairs_of(name: str) -> list[LfwPair]:
    """The pairs of TRAIN or TEST."""
    return read_pairs(folder() / name)
