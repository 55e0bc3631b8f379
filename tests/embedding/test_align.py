"""Face alignment."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facecam.embedding.embedder import CROP_PX, TEMPLATE_XY, align, similarity_transform
from facecam.types import Floats


def _moved(points: Floats, degrees: float, scale: float, shift: tuple[float, float]) -> Floats:
    turn = math.radians(degrees)
    matrix = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return (points @ matrix.T + shift).astype(np.float32)


@given(st.floats(-180, 180), st.floats(0.2, 5), st.tuples(st.floats(-500, 500), st.floats(-500, 500)))
def test_the_transform_inverts_rotation_scale_and_translation(degrees: float, scale: float, shift: tuple[float, float]) -> None:
    landmarks = _moved(TEMPLATE_XY, degrees, scale, shift)

    matrix = similarity_transform(landmarks, TEMPLATE_XY)

    back = landmarks @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(back - TEMPLATE_XY).max() < 0.05


@given(st.integers(0, 2**32 - 1))
def test_the_transform_has_the_least_squared_error(seed: int) -> None:
    random = np.random.default_rng(seed)
    landmarks = (TEMPLATE_XY + random.normal(0, 6, (5, 2))).astype(np.float32)
    matrix = similarity_transform(landmarks, TEMPLATE_XY).astype(np.float64)

    def error(scale_turn: complex, shift: complex) -> float:
        points = landmarks.astype(np.float64) @ (1, 1j)
        goal = TEMPLATE_XY.astype(np.float64) @ (1, 1j)
        return float(np.sum(np.abs(scale_turn * points + shift - goal) ** 2))

    best = complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2])
    for _ in range(20):
        wiggle = [complex(*random.normal(0, 0.02, 2)), complex(*random.normal(0, 2, 2))]
        assert error(*best) <= error(best[0] + wiggle[0], best[1] + wiggle[1]) + 1e-3


def test_the_crop_is_rgb_and_puts_the_landmarks_on_the_template() -> None:
    bgr = np.zeros((400, 400, 3), np.uint8)
    landmarks = _moved(TEMPLATE_XY, 20, 2.5, (120, 90))
    for x, y in landmarks:
        bgr[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = (255, 0, 0)

    crop = align(bgr, landmarks)

    assert crop.shape == (CROP_PX, CROP_PX, 3)
    assert crop.dtype == np.uint8
    for x, y in TEMPLATE_XY:
        assert crop[round(y), round(x), 2] > 120
    assert crop[..., 0].max() == 0
