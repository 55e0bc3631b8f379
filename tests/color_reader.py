"""A reader that needs no networks: a face is a bright patch on black, and its color is who it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.gallery.gallery import Gallery
from facecam.recognition.face_analyzer import FaceObservation
from facecam.types import Box, Face, Floats, Image, Quality

Color = tuple[int, int, int]


class ColorReader:
    """Reads every bright patch as a face. Patches under 20 px are `too_small`; sharpness is the size, yaw the place."""

    def __init__(self, embedding_id: str = "colors-1") -> None:
        self.embedding_id = embedding_id
        self.pictures_read = 0

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        self.pictures_read += 1
        count, marks, stats, _ = cv2.connectedComponentsWithStats((bgr.max(axis=2) > 60).astype(np.uint8))
        readings = [self._reading(bgr, marks == mark, stats[mark]) for mark in range(1, count) if stats[mark][4] > 16]
        return tuple(sorted(readings, key=lambda reading: -reading.face.box.longer_side_px))

    def _reading(self, bgr: Image, inside: np.ndarray, stats: np.ndarray) -> FaceObservation:
        x, y, w, h = map(float, stats[:4])
        face = Face(Box(x, y, w, h), 0.99, np.full((5, 2), (x, y), np.float32))
        quality = Quality(yaw_deg=0, pitch_deg=0, roll_deg=0, sharpness=max(w, h), brightness=128)
        gate = "too_small" if max(w, h) < 20 else None
        return FaceObservation(face, quality, gate, None if gate else embedding_of(bgr[inside].mean(axis=0)))


def embedding_of(color: Sequence[float] | np.ndarray) -> Floats:
    """(128,) of length 1: the color's direction."""
    embedding = np.zeros(128, np.float32)
    embedding[:3] = np.asarray(color) / np.linalg.norm(color)
    return embedding


@dataclass(frozen=True)
class Studio:
    """Makes pictures and folders of them, and reads galleries with the color reader."""

    root: Path
    reader: ColorReader

    def picture(self, *colors: Color, size: int = 60) -> Image:
        """Black, 240 x 480, one patch per color from left to right."""
        bgr = np.zeros((240, 480, 3), np.uint8)
        for place, color in enumerate(colors):
            left = 10 + place * 150
            bgr[60 : 60 + size, left : left + size] = color
        return bgr

    def save(self, path: Path, *colors: Color, size: int = 60) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(path.suffix, self.picture(*colors, size=size))
        path.write_bytes(data.tobytes())
        return path

    def load(self, conditions: str = "") -> Gallery:
        return Gallery.load(self.root, self.reader, conditions=conditions)


@pytest.fixture
def reader() -> ColorReader:
    return ColorReader()


@pytest.fixture
def studio(tmp_path: Path, reader: ColorReader) -> Studio:
    return Studio(tmp_path / "gallery", reader)


@pytest.fixture
def reader_named() -> Callable[[str], ColorReader]:
    """The same reader under another network's name."""
    return ColorReader
