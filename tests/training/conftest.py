"""Small data sets, and a feature extractor that needs no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.imageio import write_image
from facecam.objects.classifier import crop_square
from facecam.objects.taught import FEATURES, TaughtLabel, unit_rows
from facecam.types import Box, Floats, Image

COLORS = {"blue": (200, 60, 40), "green": (50, 190, 60), "red": (40, 50, 210)}


def colored(color: str, number: int) -> Image:
    """Return a disk of that color on gray."""
    image = np.full((48, 60, 3), 120, np.uint8)
    cv2.circle(image, (24 + number % 11, 20 + number % 7), 14, COLORS[color], -1)
    return image


@pytest.fixture
def color_folder(tmp_path: Path) -> Path:
    """Create a folder of ten images for each of three colors."""
    for color in COLORS:
        folder = tmp_path / "colors" / color
        folder.mkdir(parents=True)
        for number in range(10):
            write_image(folder / f"{number}.png", colored(color, number))
    return tmp_path / "colors"


class ColorFeatures:
    """Features of length 1 that separate colors: a direction per primary, and a little noise seeded by the pixels."""

    def __call__(self, bgr: Image, squares: Sequence[Box]) -> Floats:
        rows = np.zeros((len(squares), FEATURES), np.float32)
        for row, square in zip(rows, squares, strict=True):
            image = crop_square(bgr, square, 32)[:, :, ::-1]
            mean = image.reshape(-1, 3).mean(axis=0)
            row[:3] = np.maximum(mean - mean.min(), 0) + 1
            row[3:] = np.random.default_rng(int(image.sum())).random(FEATURES - 3) * 0.2
        return unit_rows(rows)


@pytest.fixture
def features() -> ColorFeatures:
    return ColorFeatures()


def cluster(name: str, direction: int, count: int = 40, spread: float = 0.25) -> TaughtLabel:
    """Return views around one axis of the features, in ten blocks, without negatives."""
    random = np.random.default_rng(direction)
    rows = random.normal(0, spread / np.sqrt(FEATURES), (count, FEATURES)).astype(np.float32)
    rows[:, direction] += 1
    blocks = (np.arange(count) * 10 // count).astype(np.int32)
    return TaughtLabel(name, unit_rows(rows), blocks, np.empty((0, FEATURES), np.float32))


@pytest.fixture
def background() -> Callable[[], TaughtLabel]:
    return lambda: cluster("background", 9)
