"""Face alignment."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.embedding.embedder import align, crop_to_image, similarity_transform
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, Alignment, embedding_network
from facecam.types import Floats

ALIGNMENTS = [embedding_network(name).alignment for name in (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)]


def _moved(points: Floats, degrees: float, scale: float, shift: tuple[float, float]) -> Floats:
    turn = math.radians(degrees)
    matrix = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return (points @ matrix.T + shift).astype(np.float32)


@given(
    st.sampled_from(ALIGNMENTS), st.floats(-180, 180), st.floats(0.2, 5), st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_the_transform_inverts_rotation_scale_and_translation(
    alignment: Alignment, degrees: float, scale: float, shift: tuple[float, float]
) -> None:
    template_xy = alignment.template_xy
    landmarks = _moved(template_xy, degrees, scale, shift)

    matrix = similarity_transform(landmarks, template_xy)

    back = landmarks @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(back - template_xy).max() < 0.05


@given(st.sampled_from(ALIGNMENTS), st.integers(0, 2**32 - 1))
def test_the_transform_has_the_least_squared_error(alignment: Alignment, seed: int) -> None:
    random, template_xy = np.random.default_rng(seed), alignment.template_xy
    landmarks = (template_xy + random.normal(0, 6, (5, 2))).astype(np.float32)
    matrix = similarity_transform(landmarks, template_xy).astype(np.float64)

    def error(scale_turn: complex, shift: complex) -> float:
        points = landmarks.astype(np.float64) @ (1, 1j)
        goal = template_xy.astype(np.float64) @ (1, 1j)
        return float(np.sum(np.abs(scale_turn * points + shift - goal) ** 2))

    best = complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2])
    for _ in range(20):
        wiggle = [complex(*random.normal(0, 0.02, 2)), complex(*random.normal(0, 2, 2))]
        assert error(*best) <= error(best[0] + wiggle[0], best[1] + wiggle[1]) + 1e-3


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_the_crop_is_rgb_and_puts_the_landmarks_on_the_template(alignment: Alignment) -> None:
    bgr = np.zeros((500, 500, 3), np.uint8)
    landmarks = _moved(alignment.template_xy, 20, 2.5, (150, 90))
    for x, y in landmarks:
        bgr[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = (255, 0, 0)

    crop = align(bgr, landmarks, alignment)

    assert crop.shape == (alignment.size_px, alignment.size_px, 3)
    assert crop.dtype == np.uint8
    for x, y in alignment.template_xy:
        assert crop[round(y), round(x), 2] > 120
    assert crop[..., 0].max() == 0


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_the_way_back_leads_from_the_template_to_the_landmarks(alignment: Alignment) -> None:
    landmarks = _moved(alignment.template_xy, -35, 1.7, (40, 210))

    matrix = crop_to_image(landmarks, alignment)

    assert np.abs(alignment.template_xy @ matrix[:, :2].T + matrix[:, 2] - landmarks).max() < 0.05
