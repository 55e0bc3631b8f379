"""Networks against presentation attacks: their definition, their framing and the score."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.networks.convert import create_shipped
from facecam.networks.litert import open_network
from facecam.presentation.detector import NETWORKS, VIEWS, PresentationDetector, centered_surroundings, surroundings
from facecam.types import Box, Floats, Image


def golden(test_data: Path, network: str) -> tuple[Floats, Floats]:
    """Return the golden images as the network's input, and the logits of its authors' own code."""
    with np.load(test_data / "golden" / "minifasnet.npz", allow_pickle=False) as stored:
        return np.ascontiguousarray(stored["rgb"][..., ::-1]).astype(np.float32), stored[network]


@pytest.mark.parametrize("network", NETWORKS)
def test_the_compiled_network_gives_the_logits_of_its_authors(test_data: Path, network: str) -> None:
    bgr, expected = golden(test_data, network)

    assert open_network(network, threads=1)(bgr) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_keras_network_gives_the_logits_of_its_authors(test_data: Path, network: str) -> None:
    bgr, expected = golden(test_data, network)

    assert np.asarray(create_shipped(network)(bgr)) == pytest.approx(expected, abs=1e-4)


def framed_by_the_authors(bgr: Image, box: Box, scale: float) -> Image:
    """Return the crop as the networks' authors describe it, written again from their description, as a mean of pixels."""
    height, width = bgr.shape[:2]
    scale = min((height - 1) / box.h, (width - 1) / box.w, scale)
    w, h = box.w * scale, box.h * scale
    left, top = box.x + box.w / 2 - w / 2, box.y + box.h / 2 - h / 2
    right, bottom = box.x + box.w / 2 + w / 2, box.y + box.h / 2 + h / 2
    if left < 0:
        left, right = 0, right - left
    if top < 0:
        top, bottom = 0, bottom - top
    if right > width - 1:
        left, right = left - (right - width + 1), width - 1
    if bottom > height - 1:
        top, bottom = top - (bottom - height + 1), height - 1
    crop = bgr[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    how = cv2.INTER_AREA if crop.shape[1] > 80 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (80, 80), interpolation=how), np.uint8)


@pytest.mark.parametrize("scale", [scale for _, scale in VIEWS])
@pytest.mark.parametrize(
    "box",
    [
        Box(250, 180, 60, 75),
        Box(3, 180, 60, 75),
        Box(560, 180, 75, 60),
        Box(250.4, 2.7, 60.3, 75.9),
        Box(250, 395, 60, 75),
        Box(1, 1, 50, 50),
        Box(585.5, 425.5, 50, 50),
        Box(-12, -8, 50, 50),
        Box(600, 440, 70, 80),
        Box(170, 60, 300, 400),
        Box(0, 0, 640, 480),
    ],
)
def test_the_crop_at_the_image_border_is_that_of_the_authors(box: Box, scale: float) -> None:
    bgr = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)

    assert np.array_equal(surroundings(bgr, box, scale), framed_by_the_authors(bgr, box, scale))


@pytest.mark.parametrize("size_wh", [(1, 1), (2, 40), (40, 2)])
def test_an_image_of_any_size_gives_a_crop(size_wh: tuple[int, int]) -> None:
    bgr = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)

    box = Box(-5, -5, 90, 90)

    centered = centered_surroundings(bgr, box, 4.0)

    assert surroundings(bgr, box, 4.0).shape == (80, 80, 3)
    assert centered is None or centered.shape == (80, 80, 3)


def test_a_face_away_from_the_border_has_one_framing() -> None:
    assert centered_surroundings(np.zeros((480, 640, 3), np.uint8), Box(290, 200, 60, 75), 4.0) is None


@pytest.mark.parametrize("center_xy", [(20, 240), (620, 240), (320, 20), (320, 460), (20, 20)])
def test_a_face_at_the_border_is_in_the_middle_of_a_second_framing(center_xy: tuple[int, int]) -> None:
    x, y = center_xy
    bgr = np.full((480, 640, 3), 40, np.uint8)
    cv2.rectangle(bgr, (x - 20, y - 20), (x + 20, y + 20), (240, 240, 240), -1)

    box = Box(x - 20, y - 20, 41, 41)

    centered = centered_surroundings(bgr, box, 4.0)

    assert centered is not None
    assert surroundings(bgr, box, 4.0)[40, 40].max() < 60
    assert centered[40, 40].min() > 220
    assert centered[5, 5].max() < 60 or center_xy == (20, 20)


def test_noise_of_single_pixels_is_averaged() -> None:
    bgr = np.random.default_rng(3).normal(128, 20, (480, 640, 3)).clip(0, 255).astype(np.uint8)

    assert surroundings(bgr, Box(270, 190, 100, 100), 4.0).std() < 20 / 3


def test_faces_of_one_frame_are_scored_as_they_are_alone() -> None:
    bgr = cv2.GaussianBlur(np.random.default_rng(2).integers(0, 256, (480, 640, 3), np.uint8), (0, 0), 5)
    boxes = [Box(250, 180, 60, 75), Box(3, 300, 40, 44), Box(500, 20, 90, 100)]
    detector = PresentationDetector(threads=1)

    together = detector.live_scores(np.asarray(bgr), boxes)

    assert together == pytest.approx([detector.live_scores(np.asarray(bgr), [box])[0] for box in boxes], abs=1e-5)
    assert all(0 <= score <= 1 for score in together)
    assert detector.live_scores(np.asarray(bgr), []) == []
