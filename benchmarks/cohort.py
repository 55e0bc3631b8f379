"""Synthetic faces for the cohort of the distance tables, made by `benchmarks.distances`. See docs/internals/groups.md.

Each is the average of two aligned faces of FairFace's validation part, of two people of the same group, gender and age band; its
embedding is that of no person. Only a third of the data set is used (COHORT_THIRD); `facecam evaluate groups` reports on another.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import Embedder, align, similarity_transform
from facecam.errors import ImageError
from facecam.imageio import read_image
from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.quality import QUALITY_ALIGNMENT, failed_gate, measure_quality
from facecam.settings import IdentifySettings, Settings
from facecam.types import Face, Floats, Image

COHORT_THIRD, CHOICE_THIRD, REPORT_THIRD = 0, 1, 2
"""Remainders of an image's number by 3: for the cohort, for choosing its parameters, for the report."""

_SIDE_PX = 224
_EYES_PX = 64
_DRAWS = 2
"""Averages that each face is part of."""


def folder() -> Path:
    """Return the folder of FairFace's validation part; ImageError when FACECAM_TEST_DATA does not have it."""
    found = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data", "fairface-val")
    if "FACECAM_TEST_DATA" not in os.environ or not (found / "labels.csv").is_file():
        raise ImageError("set FACECAM_TEST_DATA to the folder that holds data/fairface-val with its labels.csv")
    return found


def third_of(image: str) -> int:
    """Return which third of the data set an image belongs to."""
    return int(Path(image).stem) % 3


def averaged_faces(progress: Callable[[int, int], None]) -> list[Image]:
    """Return averages of two aligned faces (side, side, 3) uint8 BGR, whose landmarks are at `template_xy()`."""
    with (folder() / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if third_of(row["image"]) == COHORT_THIRD]
    settings = Settings()
    detector = Mtcnn(settings.detect)
    cells: Mapping[tuple[str, str, str], list[Image]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        bgr = read_image(folder() / "images" / row["image"])
        face = _usable_face(detector.detect(bgr), bgr, settings)
        if face is not None:
            cells[row["group"], row["gender"], row["age"]].append(_aligned(bgr, face.landmarks_xy))
        progress(number, len(rows))
    random = np.random.default_rng(0)
    averages: list[Image] = []
    for _, faces in sorted(cells.items()):
        for _ in range(_DRAWS):
            order = random.permutation(len(faces))
            averages += [_average(faces[a], faces[b], random) for a, b in zip(order[::2], order[1::2], strict=False)]
    return averages


def embed_averages(averages: list[Image], network: str) -> Floats:
    """Return (n, d) embeddings of averaged faces."""
    embedder, landmarks_xy = Embedder(IdentifySettings(network=network)), template_xy()
    crops = [align(average, landmarks_xy, embedder.network.alignment) for average in averages]
    return np.concatenate([embedder.embed(crops[start : start + 8]) for start in range(0, len(crops), 8)])


def template_xy() -> Floats:
    """Return the landmarks (5, 2) of the averages: those of the high-accuracy network's template, enlarged."""
    alignment = embedding_network(HIGH_ACCURACY_NETWORK).alignment
    points = alignment.template_xy - np.float32(alignment.size_px / 2)
    scaled: Floats = points * np.float32(_EYES_PX / np.linalg.norm(points[1] - points[0])) + np.float32(_SIDE_PX / 2)
    return scaled


def _usable_face(faces: list[Face], bgr: Image, settings: Settings) -> Face | None:
    """Return the largest face that passes the gates."""
    for face in sorted(faces, key=lambda face: -face.box.longer_side_px):
        quality = measure_quality(face, align(bgr, face.landmarks_xy, QUALITY_ALIGNMENT))
        if failed_gate(face, quality, (bgr.shape[1], bgr.shape[0]), settings.gate) is None:
            return face
    return None


def _aligned(bgr: Image, landmarks_xy: Floats) -> Image:
    matrix = similarity_transform(landmarks_xy, template_xy())
    return np.asarray(cv2.warpAffine(bgr, matrix, (_SIDE_PX, _SIDE_PX), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _average(a: Image, b: Image, random: np.random.Generator) -> Image:
    """Return the average of two faces, each mirrored at random."""
    first, second = (face[:, ::-1] if random.random() < 0.5 else face for face in (a, b))
    share = random.uniform(0.42, 0.58)
    return np.clip(first * share + second * (1 - share), 0, 255).astype(np.uint8)
