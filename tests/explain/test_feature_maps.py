"""Feature maps of the networks, layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.explain.feature_maps import MAPS_SHOWN, FeatureMaps, face_layers, layers_sheet, object_layers
from facecam.imageio import read_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.objects.classifier import central_crop, crop_square, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.types import Floats, Image

FACE_NETWORKS = [DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK]


def network_input(bgr: Image) -> Floats:
    return lite0_input(crop_square(bgr, central_crop(bgr), INPUT_SIZE_PX))


def layers_of(bgr: Image, network: str) -> tuple[FeatureMaps, ...]:
    if network == "objects":
        return object_layers(network_input(bgr))
    side = embedding_network(network).alignment.size_px
    return face_layers(bgr[100 : 100 + side, 150 : 150 + side, ::-1], embedding_network(network))


@pytest.mark.parametrize("network", [*FACE_NETWORKS, "objects"])
def test_the_maps_get_coarser_and_more_numerous_from_layer_to_layer(portraits: dict[str, Path], network: str) -> None:
    layers = layers_of(read_image(portraits["cat"]), network)

    sizes, channels = [len(layer.maps[0]) for layer in layers], [layer.channels for layer in layers]
    assert sizes == sorted(sizes, reverse=True)
    assert channels == sorted(channels)
    assert sizes[0] >= 48
    for layer in layers:
        assert len(layer.maps) == MAPS_SHOWN
        assert layer.maps.min() >= 0
        assert all(one.std() > 0 for one in layer.maps[:4]), layer.name


@pytest.mark.parametrize("network", FACE_NETWORKS)
def test_the_first_layer_responds_to_an_edge_at_its_position(network: str) -> None:
    side = embedding_network(network).alignment.size_px
    halves = np.zeros((side, side, 3), np.uint8)
    halves[:, side // 2 :] = 200

    first = face_layers(halves, embedding_network(network))[0]

    columns = first.maps[:, 8:-8, 8:-8].std(axis=1).max(axis=1)
    assert (columns < 1e-3).all(), "nothing changes from row to row"
    middle = first.maps.shape[2] // 2 - 8
    assert any(middle - 2 <= one[8:-8, 8:-8].mean(axis=0).argmax() <= middle + 1 for one in first.maps)


def test_the_sheet_has_a_row_for_each_layer(portraits: dict[str, Path]) -> None:
    layers = object_layers(network_input(read_image(portraits["coffee"])))
    rgb = np.zeros((224, 224, 3), np.uint8)

    few, all_of_them = (layers_sheet(rgb, some, "title") for some in (layers[:2], layers))

    assert few.shape[1] == all_of_them.shape[1]
    assert (len(all_of_them) - len(few)) % 4 == 0
    assert len(all_of_them) - len(few) > 4 * 112
