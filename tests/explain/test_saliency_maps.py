"""Saliency maps as arrays: upsampling, masks, occluders and drawing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.explanations import Occluder, most_salient, occlude, occluder_pixels
from facecam.embedding.embedder import align, crop_to_image
from facecam.explain.occlusion import upsample_cells
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.rendering.figures import colorize_heatmap, draw_heatmap, heatmap_colors, square_transform
from facecam.types import Box


def test_the_highest_cell_is_1_and_negative_cells_are_0() -> None:
    cells = np.array([[-3, -3, -3], [-3, 4, -3], [-3, -3, -3]], np.float32)

    saliency_map = upsample_cells(cells, 96)

    assert saliency_map.shape == (96, 96)
    assert saliency_map.dtype == np.float32
    assert saliency_map.max() == 1
    assert saliency_map[:12].max() < 0.05  # the rest of the cubic interpolation
    assert np.unravel_index(saliency_map.argmax(), saliency_map.shape) in {(47, 47), (47, 48), (48, 47), (48, 48)}


def test_negative_cells_give_an_empty_map() -> None:
    assert not upsample_cells(np.full((7, 7), -1, np.float32), 224).any()


@given(st.integers(2, 12), st.integers(0, 1000))
def test_a_map_lies_between_0_and_1(cells: int, seed: int) -> None:
    saliency_map = upsample_cells(np.random.default_rng(seed).normal(size=(cells, cells)).astype(np.float32), 60)

    assert 0 <= saliency_map.min() <= saliency_map.max() <= 1


@given(st.floats(0, 1), st.integers(0, 1000))
def test_exactly_the_share_of_pixels_is_most_salient(share: float, seed: int) -> None:
    saliency_map = np.random.default_rng(seed).integers(0, 4, (20, 20)).astype(np.float32)

    mask = most_salient(saliency_map, share)

    assert mask.sum() == round(share * 400)
    if 0 < mask.sum() < 400:
        assert saliency_map[mask].min() >= saliency_map[~mask].max()


@pytest.mark.parametrize("occluder", Occluder)
def test_only_pixels_of_the_mask_are_occluded(occluder: Occluder) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    mask = np.zeros((96, 96), bool)
    mask[20:40, 50:70] = True

    hidden = occlude(rgb, mask, occluder)

    assert (hidden[~mask] == rgb[~mask]).all()
    assert (hidden[mask] == occluder_pixels(rgb, occluder)[mask]).all()
    assert hidden[mask].std() < rgb[mask].std() / 4


def test_a_map_is_drawn_in_its_square_only() -> None:
    bgr = np.full((100, 200, 3), 90, np.uint8)
    draw_heatmap(bgr, np.zeros((35, 35), np.float32), square_transform(Box(50, 10, 70, 70), 35))
    assert (bgr == 90).all()

    draw_heatmap(bgr, np.ones((35, 35), np.float32), square_transform(Box(50, 10, 70, 70), 35))

    assert (bgr[20:70, 60:110] == bgr[40, 80]).all()
    assert bgr[40, 80, 2] > 150
    assert (bgr[:, :45] == 90).all()
    assert (bgr[:, 125:] == 90).all()


@pytest.mark.parametrize("square", [Box(-300, -300, 70, 70), Box(190, 90, 70, 70), Box(-20, -20, 40, 40)])
def test_a_map_may_reach_beyond_the_image(square: Box) -> None:
    bgr = np.full((100, 200, 3), 90, np.uint8)

    draw_heatmap(bgr, np.ones((7, 7), np.float32), square_transform(square, 7))

    assert bgr.shape == (100, 200, 3)


@pytest.mark.parametrize("network", [DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK])
def test_a_faces_map_is_drawn_where_the_crop_was_taken(network: str) -> None:
    alignment = embedding_network(network).alignment
    turned = (alignment.template_xy @ np.array([[1.4, 0.5], [-0.5, 1.4]], np.float32)) + (150, 60)
    bgr = np.zeros((300, 400, 3), np.uint8)
    saliency_map = np.zeros((alignment.size_px, alignment.size_px), np.float32)
    saliency_map[30:50, 60:80] = 1

    draw_heatmap(bgr, saliency_map, crop_to_image(turned, alignment))

    hot = align(bgr, turned, alignment).max(axis=2) > 100
    assert hot[33:47, 63:77].all()
    assert not hot[:25].any()
    assert not hot[:, :55].any()


def test_a_map_fades_at_its_edge_only() -> None:
    alpha = colorize_heatmap(np.ones((96, 96), np.float32))[..., 3].astype(int)

    assert (alpha[10:-10, 10:-10] == alpha[48, 48]).all()
    assert max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) < alpha[48, 48] / 8


def test_colors_get_brighter_with_the_value() -> None:
    bgra = heatmap_colors().astype(int)

    assert bgra[0, 3] == 0
    assert (np.diff(bgra[:, 3]) >= 0).all()
    assert (np.diff(bgra[:, :3] @ (0.11, 0.59, 0.3)) > -1).all()
