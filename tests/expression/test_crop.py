"""What the expression network is shown of a face: where the landmarks land, and what light does not change."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.detection.mtcnn import Mtcnn
from facecam.expression.reader import FRAME_PX, FRAME_XY, frame_gray, network_input
from facecam.imageio import read_image
from facecam.settings import DetectSettings
from facecam.types import Floats, Image

SMALL_XY = (FRAME_XY + 0.5) * (64 / FRAME_PX) - 0.5
"""Where the landmarks lie in the crop."""


def moved(scale: float, degrees: float, shift: tuple[float, float]) -> Floats:
    """A (2, 3) similarity from the training frame into a picture."""
    turn = cv2.getRotationMatrix2D((0.0, 0.0), degrees, scale)
    turn[:, 2] = shift
    return np.asarray(turn, np.float32)


def spots(landmarks_xy: Floats) -> Image:
    """A black picture with a soft white spot at each landmark."""
    y, x = np.mgrid[:400, :400]
    light = sum(np.exp(-((x - px) ** 2 + (y - py) ** 2) / 72) for px, py in landmarks_xy)
    return np.asarray(np.dstack([np.clip(light * 255, 0, 255)] * 3), np.uint8)


@pytest.mark.parametrize(("scale", "degrees", "shift"), [(4, 0, (100, 90)), (4, 25, (90, 160)), (5, -35, (160, 60))])
def test_the_landmarks_come_to_lie_where_they_lie_in_training_pictures(
    scale: float, degrees: float, shift: tuple[float, float]
) -> None:
    landmarks = FRAME_XY @ moved(scale, degrees, shift)[:, :2].T + np.float32(shift)

    gray = frame_gray(spots(landmarks), landmarks).astype(np.float32)

    for px, py in SMALL_XY:
        near = gray[round(float(py)) - 3 : round(float(py)) + 4, round(float(px)) - 3 : round(float(px)) + 4]
        y, x = np.mgrid[round(float(py)) - 3 : round(float(py)) + 4, round(float(px)) - 3 : round(float(px)) + 4]
        assert near.max() > 150
        assert (near * x).sum() / near.sum() == pytest.approx(float(px), abs=0.4)
        assert (near * y).sum() / near.sum() == pytest.approx(float(py), abs=0.4)


@settings(max_examples=30)
@given(points=st.lists(st.floats(-300, 500), min_size=10, max_size=10))
def test_a_crop_has_one_size_and_range_wherever_the_landmarks_lie(points: list[float]) -> None:
    bgr = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)

    shown = network_input(frame_gray(bgr, np.array(points, np.float32).reshape(5, 2)))

    assert shown.shape == (64, 64, 1)
    assert shown.dtype == np.float32
    assert -1 <= shown.min() <= shown.max() <= 1


@settings(max_examples=30)
@given(seed=st.integers(0, 99), gain=st.floats(0.3, 1), lift=st.integers(0, 40))
def test_a_darker_or_paler_face_is_the_same_to_the_network(seed: int, gain: float, lift: int) -> None:
    gray = np.asarray(cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 200, (64, 64), np.uint8), (9, 9), 3), np.uint8)

    other = np.asarray(np.round(gray * gain + lift), np.uint8)

    # Grays are whole numbers: what a darker picture has lost to rounding does not come back.
    step = 2 / (int(np.quantile(gray, 0.99)) - int(np.quantile(gray, 0.01))) / gain
    assert np.abs(network_input(gray) - network_input(other)).max() < 2 * step


def test_an_even_picture_stays_even() -> None:
    assert np.ptp(network_input(np.full((64, 64), 90, np.uint8))) == 0


def test_a_face_is_seen_alike_near_and_far(portraits: dict[str, Path]) -> None:
    """Half and double the pixels: the crop is averaged, not picked from single pixels."""
    bgr = read_image(portraits["eileen_collins"])
    (face,) = Mtcnn(DetectSettings()).detect(bgr)

    def seen(scale: float) -> Floats:
        sized = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        return frame_gray(np.asarray(sized, np.uint8), (face.landmarks_xy + 0.5) * scale - 0.5).astype(np.float32)

    assert np.abs(seen(1) - seen(0.5)).mean() < 4
    assert np.abs(seen(1) - seen(2)).mean() < 4
