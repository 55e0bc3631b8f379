"""Heat maps as numbers: what is hot, how much of it, and what it is covered with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.embedding.embedder import CROP_PX, TEMPLATE_XY, align, from_crop
from facecam.explain.occlusion import Cover, covered, covering, hottest, spread
from facecam.rendering.figures import draw_heatmap, heatmap_colors, over_square, painted
from facecam.types import Box


def test_the_hottest_place_is_1_and_what_speaks_against_is_cold() -> None:
    cells = np.array([[-3, -3, -3], [-3, 4, -3], [-3, -3, -3]], np.float32)

    heat = spread(cells, 96)

    assert heat.shape == (96, 96)
    assert heat.dtype == np.float32
    assert heat.max() == 1
    assert heat[:12].max() < 0.05  # what is left of the cubic curve
    assert np.unravel_index(heat.argmax(), heat.shape) in {(47, 47), (47, 48), (48, 47), (48, 48)}


def test_where_nothing_speaks_for_it_all_is_cold() -> None:
    assert not spread(np.full((7, 7), -1, np.float32), 224).any()


@given(st.integers(2, 12), st.integers(0, 1000))
def test_heat_lies_between_0_and_1(cells: int, seed: int) -> None:
    heat = spread(np.random.default_rng(seed).normal(size=(cells, cells)).astype(np.float32), 60)

    assert 0 <= heat.min() <= heat.max() <= 1


@given(st.floats(0, 1), st.integers(0, 1000))
def test_exactly_a_share_of_the_pixels_is_the_hottest(share: float, seed: int) -> None:
    heat = np.random.default_rng(seed).integers(0, 4, (20, 20)).astype(np.float32)

    mask = hottest(heat, share)

    assert mask.sum() == round(share * 400)
    if 0 < mask.sum() < 400:
        assert heat[mask].min() >= heat[~mask].max()


@pytest.mark.parametrize("cover", Cover)
def test_covered_is_what_the_mask_says_and_nothing_else(cover: Cover) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    mask = np.zeros((96, 96), bool)
    mask[20:40, 50:70] = True

    hidden = covered(rgb, mask, cover)

    assert (hidden[~mask] == rgb[~mask]).all()
    assert (hidden[mask] == covering(rgb, cover)[mask]).all()
    assert hidden[mask].std() < rgb[mask].std() / 4


def test_a_cold_map_leaves_the_picture_and_a_hot_one_shines_in_its_square_alone() -> None:
    bgr = np.full((100, 200, 3), 90, np.uint8)
    draw_heatmap(bgr, np.zeros((35, 35), np.float32), over_square(Box(50, 10, 70, 70), 35))
    assert (bgr == 90).all()

    draw_heatmap(bgr, np.ones((35, 35), np.float32), over_square(Box(50, 10, 70, 70), 35))

    assert (bgr[20:70, 60:110] == bgr[40, 80]).all()
    assert bgr[40, 80, 2] > 150
    assert (bgr[:, :45] == 90).all()
    assert (bgr[:, 125:] == 90).all()


@pytest.mark.parametrize("square", [Box(-300, -300, 70, 70), Box(190, 90, 70, 70), Box(-20, -20, 40, 40)])
def test_a_map_may_reach_beyond_the_picture(square: Box) -> None:
    bgr = np.full((100, 200, 3), 90, np.uint8)

    draw_heatmap(bgr, np.ones((7, 7), np.float32), over_square(square, 7))

    assert bgr.shape == (100, 200, 3)


def test_a_faces_map_lies_where_the_crop_was_taken() -> None:
    turned = (TEMPLATE_XY @ np.array([[1.4, 0.5], [-0.5, 1.4]], np.float32)) + (150, 60)
    bgr = np.zeros((300, 400, 3), np.uint8)
    heat = np.zeros((CROP_PX, CROP_PX), np.float32)
    heat[30:50, 60:80] = 1

    draw_heatmap(bgr, heat, from_crop(turned))

    hot = align(bgr, turned).max(axis=2) > 100
    assert hot[33:47, 63:77].all()
    assert not hot[:25].any()
    assert not hot[:, :55].any()


def test_a_map_fades_at_its_rim_and_not_inside() -> None:
    alpha = painted(np.ones((96, 96), np.float32))[..., 3].astype(int)

    assert (alpha[10:-10, 10:-10] == alpha[48, 48]).all()
    assert max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) < alpha[48, 48] / 8


def test_heat_is_brighter_the_hotter_it_is() -> None:
    bgra = heatmap_colors().astype(int)

    assert bgra[0, 3] == 0
    assert (np.diff(bgra[:, 3]) >= 0).all()
    assert (np.diff(bgra[:, :3] @ (0.11, 0.59, 0.3)) > -1).all()
