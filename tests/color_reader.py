"""Face analyzer without networks: a face is a bright patch on black, and its color is its identity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.enrollment.samples import SelectionRule
from facecam.gallery.gallery import Gallery
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.quality import QUALITY_ALIGNMENT
from facecam.types import Box, Face, FaceObservation, Floats, Image, Quality

Color = tuple[int, int, int]

NETWORK = EmbeddingNetwork(
    name="colors",
    label="colors",
    sha256="",
    alignment=QUALITY_ALIGNMENT,
    channels="bgr",
    scaling="unit",
    length=128,
    threshold_l2=0.32,
    margin_l2=0.03,
    unsure_band_l2=0.03,
    person_l2=0.5,
    video_apart_l2=0.5,
    same_person_l2=0.25,
    reread_l2=0.15,
    duplicate_l2=0.05,
    same_image_l2=0.35,
    outlier_l2=0.42,
    still_spread_l2=0.075,
    session_l2=0.32,
)
"""Distances between the colors in these tests; the alignment is not used."""

SELECTION = SelectionRule.for_network(NETWORK)


class ColorAnalyzer:
    """Analyzer that takes every bright patch as a face. Patches under 20 px are `too_small`; sharpness is the size."""

    def __init__(self, embedding_id: str = "colors-1") -> None:
        self.embedding_id = embedding_id
        self.images_analyzed = 0

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        self.images_analyzed += 1
        count, marks, stats, _ = cv2.connectedComponentsWithStats((bgr.max(axis=2) > 60).astype(np.uint8))
        observations = [self._observe(bgr, marks == mark, stats[mark]) for mark in range(1, count) if stats[mark][4] > 16]
        return tuple(sorted(observations, key=lambda observation: -observation.face.box.longer_side_px))

    def _observe(self, bgr: Image, inside: np.ndarray, stats: np.ndarray) -> FaceObservation:
        x, y, w, h = map(float, stats[:4])
        face = Face(Box(x, y, w, h), 0.99, np.full((5, 2), (x, y), np.float32))
        quality = Quality(yaw_deg=0, pitch_deg=0, roll_deg=0, sharpness=max(w, h), brightness=128)
        gate = "too_small" if max(w, h) < 20 else None
        return FaceObservation(face, quality, gate, None if gate else embedding_of(bgr[inside].mean(axis=0)))


def embedding_of(color: Sequence[float] | np.ndarray) -> Floats:
    """Return the direction of the color as (128,) of unit length."""
    embedding = np.zeros(NETWORK.length, np.float32)
    embedding[:3] = np.asarray(color) / np.linalg.norm(color)
    return embedding


@dataclass(frozen=True)
class Studio:
    """Factory of test images and galleries, read with the color analyzer."""

    root: Path
    reader: ColorAnalyzer

    def image(self, *colors: Color, size: int = 60) -> Image:
        """Return a black 240 x 480 image with one patch per color from left to right."""
        bgr = np.zeros((240, 480, 3), np.uint8)
        for number, color in enumerate(colors):
            left = 10 + number * 150
            bgr[60 : 60 + size, left : left + size] = color
        return bgr

    def save(self, path: Path, *colors: Color, size: int = 60) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(path.suffix, self.image(*colors, size=size))
        path.write_bytes(data.tobytes())
        return path

    def load(self, conditions: str = "") -> Gallery:
        return Gallery.load(self.root, self.reader, conditions=conditions)


@pytest.fixture
def reader() -> ColorAnalyzer:
    return ColorAnalyzer()


@pytest.fixture
def studio(tmp_path: Path, reader: ColorAnalyzer) -> Studio:
    return Studio(tmp_path / "gallery", reader)


@pytest.fixture
def reader_named() -> Callable[[str], ColorAnalyzer]:
    """Return a factory of color analyzers with another embedding id."""
    return ColorAnalyzer
