"""Packed image pyramid: layout of the levels, and P-Net's output compared with each level alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.detection import pyramid
from facecam.networks.litert import open_network


@settings(max_examples=40, deadline=None)  # large images with many levels take a quarter of a second
@given(st.integers(12, 3000), st.integers(12, 3000), st.sampled_from([12, 20, 40, 80]), st.sampled_from([0.5, 0.709, 0.9]))
def test_levels_are_at_even_positions_inside_the_canvas_without_overlap(w: int, h: int, min_face_px: int, factor: float) -> None:
    plan = pyramid.layout((w, h), min_face_px, factor)

    if min(w, h) < min_face_px:
        assert plan is None
        return
    assert plan is not None
    for number, level in enumerate(plan.levels):
        assert level.x % 2 == 0
        assert level.y % 2 == 0
        assert level.x + level.w <= plan.w
        assert level.y + level.h <= plan.h
        for other in plan.levels[:number]:
            is_beside = level.x >= other.x + other.w or other.x >= level.x + level.w
            is_below = level.y >= other.y + other.h or other.y >= level.y + level.h
            assert is_beside or is_below


def test_the_smallest_level_is_the_last_that_fits_a_window() -> None:
    plan = pyramid.layout((640, 480), 20, 0.709)

    assert plan is not None
    smallest = plan.levels[-1].scale * 480
    assert smallest >= pyramid.CELL_PX > smallest * 0.709


@pytest.mark.parametrize("size_wh", [(160, 120), (161, 121), (97, 240)])
def test_pnet_over_the_canvas_equals_pnet_over_each_level(size_wh: tuple[int, int]) -> None:
    bgr = np.random.default_rng(0).integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)
    plan = pyramid.layout(size_wh, 20, 0.709)
    assert plan is not None
    pnet = open_network("pnet", threads=1)
    ((canvas, first_cell),) = pyramid.Pyramid().tiles(bgr, plan)
    assert first_cell == (0, 0)
    whole = pnet(canvas)[0]
    for level in plan.levels:
        alone = pnet(canvas[:, level.y : level.y + level.h, level.x : level.x + level.w].copy())[0]
        columns, rows = level.cells_wh
        assert alone.shape == (rows, columns, 5)
        part = whole[level.y // 2 : level.y // 2 + rows, level.x // 2 : level.x // 2 + columns]
        # An odd level's last window reaches a pixel into its neighbor.
        inner = slice(0, rows - level.h % 2), slice(0, columns - level.w % 2)
        assert np.abs(part[inner] - alone[inner]).max() < 1e-3


@pytest.mark.parametrize("size_wh", [(2400, 1800), (1801, 2401), (32_000, 60)])
def test_tiles_of_a_large_canvas_propose_what_the_whole_canvas_does(size_wh: tuple[int, int]) -> None:
    smooth = cv2.resize(np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8), size_wh)
    bgr = np.asarray(smooth, np.uint8)
    plan = pyramid.layout(size_wh, 20, 0.709)
    assert plan is not None
    assert plan.w * plan.h > pyramid.MAX_CANVAS_PIXELS
    pnet, scales = open_network("pnet", threads=1), pyramid.Pyramid()
    tiles = list(scales.tiles(bgr, plan))
    whole = np.zeros((1, plan.h, plan.w, 3), np.float32)
    for tile, (row, column) in tiles:
        target = whole[:, 2 * row : 2 * row + pyramid.TILE_PX, 2 * column : 2 * column + pyramid.TILE_PX]
        target[...] = tile[:, : target.shape[1], : target.shape[2]]

    in_tiles = [pyramid.decode_proposals(pnet(tile)[0], plan, -2.0, first_cell) for tile, first_cell in tiles]
    boxes, logits, levels = (np.concatenate(part) for part in zip(*in_tiles, strict=True))

    expected_boxes, expected_logits, expected_levels = pyramid.decode_proposals(pnet(whole)[0], plan, -2.0)
    found = {(*map(int, box), int(level)) for box, level in zip(boxes, levels, strict=True)}
    assert len(found) > 20
    assert found >= {(*map(int, box), int(level)) for box, level in zip(expected_boxes, expected_levels, strict=True)}
    assert set(np.round(logits, 2)) == set(np.round(expected_logits, 2))
