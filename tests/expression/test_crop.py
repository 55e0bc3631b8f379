"""Framing and contrast of the expression network's input."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.detection.mtcnn import Mtcnn
from facecam.expression.reader import FRAME_XY, frame_gray, network_input
from facecam.imageio import read_image
from facecam.settings import DetectSettings
from facecam.types import Floats, Image


def moved(scale: float, degrees: float, shift: tuple[float, float]) -> Floats:
    """Return a (2, 3) similarity from the training frame into an image."""
    turn = cv2.getRotationMatrix2D((0.0, 0.0), degrees, scale)
    turn[:, 2] = shift
    return np.asarray(turn, np.float32)


def spots(landmarks_xy: Floats) -> Image:
    """Return a black image with a soft white spot at each landmark."""
    y, x = np.mgrid[:400, :400]
    light = sum(np.exp(-((x - px) ** 2 + (y - py) ** 2) / 72) for px, py in landmarks_xy)
    return np.asarray(np.dstack([np.clip(light * 255, 0, 255)] * 3), np.uint8)


@pytest.mark.parametrize(("scale", "degrees", "shift"), [(4, 0, (100, 90)), (4, 25, (90, 160)), (5, -35, (160, 60))])
def test_the_landmarks_match_their_training_positions(scale: float, degrees: float, shift: tuple[float, float]) -> None:
    landmarks = FRAME_XY @ moved(scale, degrees, shift)[:, :2].T + np.float32(shift)

    gray = frame_gray(spots(landmarks), landmarks).astype(np.float32)

    for px, py in FRAME_XY:
        near = gray[round(float(py)) - 3 : round(float(py)) + 4, round(float(px)) - 3 : round(float(px)) + 4]
        y, x = np.mgrid[round(float(py)) - 3 : round(float(py)) + 4, round(float(px)) - 3 : round(float(px)) + 4]
        assert near.max() > 150
        assert (near * x).sum() / near.sum() == pytest.approx(float(px), abs=0.4)
        assert (near * y).sum() / near.sum() == pytest.approx(float(py), abs=0.4)


@settings(max_examples=30)
@given(points=st.lists(st.floats(-300, 500), min_size=10, max_size=10))
def test_a_crop_has_a_fixed_size_and_range(points: list[float]) -> None:
    bgr = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)

    crop = network_input(frame_gray(bgr, np.array(points, np.float32).reshape(5, 2)))

    assert crop.shape == (48, 48, 1)
    assert crop.dtype == np.float32
    assert -1 <= crop.min() <= crop.max() <= 1


@settings(max_examples=30)
@given(seed=st.integers(0, 99), gain=st.floats(0.3, 1), lift=st.integers(0, 40))
def test_brightness_and_contrast_do_not_change_the_input(seed: int, gain: float, lift: int) -> None:
    gray = np.asarray(cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 200, (48, 48), np.uint8), (9, 9), 3), np.uint8)

    other = np.asarray(np.round(gray * gain + lift), np.uint8)

    # Gray values are integers: rounding in a darker image loses detail.
    step = 2 / (int(np.quantile(gray, 0.99)) - int(np.quantile(gray, 0.01))) / gain
    assert np.abs(network_input(gray) - network_input(other)).max() < 2 * step


def test_a_uniform_image_stays_uniform() -> None:
    assert np.ptp(network_input(np.full((48, 48), 90, np.uint8))) == 0


def test_the_crop_does_not_depend_on_the_resolution(portraits: dict[str, Path]) -> None:
    """Half and double resolution: the crop averages pixels."""
    bgr = read_image(portraits["eileen_collins"])
    (face,) = Mtcnn(DetectSettings()).detect(bgr)

    def crop_at(scale: float) -> Floats:
        sized = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        return frame_gray(np.asarray(sized, np.uint8), (face.landmarks_xy + 0.5) * scale - 0.5).astype(np.float32)

    assert np.abs(crop_at(1) - crop_at(0.5)).mean() < 4
    assert np.abs(crop_at(1) - crop_at(2)).mean() < 4
