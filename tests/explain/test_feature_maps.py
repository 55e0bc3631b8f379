"""Feature maps of both networks, layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.embedding.nn4_small2 import DEFAULT_WEIGHTS
from facecam.explain.feature_maps import MAPS_SHOWN, face_layers, layers_sheet, object_layers
from facecam.imageio import read_image
from facecam.objects.classifier import central_crop, crop_square, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.types import Floats, Image


def network_input(bgr: Image) -> Floats:
    return lite0_input(crop_square(bgr, central_crop(bgr), INPUT_SIZE_PX))


@pytest.mark.parametrize("kind", ["faces", "objects"])
def test_the_maps_get_coarser_and_more_numerous_from_layer_to_layer(portraits: dict[str, Path], kind: str) -> None:
    bgr = read_image(portraits["cat"])
    layers = object_layers(network_input(bgr)) if kind == "objects" else face_layers(bgr[100:196, 150:246, ::-1], DEFAULT_WEIGHTS)

    sizes, channels = [len(layer.maps[0]) for layer in layers], [layer.channels for layer in layers]
    assert sizes == sorted(sizes, reverse=True)
    assert channels == sorted(channels)
    assert sizes[0] >= 48
    for layer in layers:
        assert len(layer.maps) == MAPS_SHOWN
        assert layer.maps.min() >= 0
        assert all(one.std() > 0 for one in layer.maps[:4]), layer.name


def test_the_first_layer_responds_to_an_edge_at_its_position() -> None:
    halves = np.zeros((96, 96, 3), np.uint8)
    halves[:, 48:] = 200

    first = face_layers(halves, DEFAULT_WEIGHTS)[0]

    columns = first.maps[:, 8:-8, 8:-8].std(axis=1).max(axis=1)
    assert (columns < 1e-3).all(), "nothing changes from row to row"
    assert any(14 <= one[8:-8, 8:-8].mean(axis=0).argmax() <= 17 for one in first.maps)


def test_the_sheet_has_a_row_for_each_layer(portraits: dict[str, Path]) -> None:
    layers = object_layers(network_input(read_image(portraits["coffee"])))
    rgb = np.zeros((224, 224, 3), np.uint8)

    few, all_of_them = (layers_sheet(rgb, some, "title") for some in (layers[:2], layers))

    assert few.shape[1] == all_of_them.shape[1]
    assert (len(all_of_them) - len(few)) % 4 == 0
    assert len(all_of_them) - len(few) > 4 * 112
