"""Embedding networks of the manifest, in Keras and compiled, compared with reference implementations."""

from __future__ import annotations

import functools
from pathlib import Path

import keras
import numpy as np
import pytest

from facecam.embedding.embedder import Embedder, network_input
from facecam.networks.convert import create_shipped
from facecam.networks.embedding_networks import embedding_network
from facecam.networks.litert import open_network
from facecam.networks.manifest import entries, load_arrays
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

NETWORKS = [entry.name for entry in entries() if entry.role == "embedding"]

pytestmark = pytest.mark.parametrize("network", NETWORKS)


def _golden(test_data: Path, network: str) -> tuple[Image, Floats]:
    with np.load(test_data / "golden" / f"{network}.npz", allow_pickle=False) as stored:
        return stored["rgb"], stored["embedding"]


@functools.cache
def _keras_model(network: str) -> keras.Model:
    return create_shipped(network)


def _embed_in_keras(network: str, crops_rgb: Image) -> Floats:
    return np.asarray(_keras_model(network)(network_input(crops_rgb, embedding_network(network)), training=False))


def _noise(network: str, count: int) -> Image:
    size_px = embedding_network(network).alignment.size_px
    return np.random.default_rng(5).integers(0, 256, (count, size_px, size_px, 3), np.uint8)


def test_the_registry_knows_the_networks_shapes(network: str) -> None:
    listed, model = embedding_network(network), _keras_model(network)

    assert model.input_shape == (None, listed.alignment.size_px, listed.alignment.size_px, 3)
    assert model.output_shape == (None, listed.length)


def test_every_stored_array_is_in_the_network(network: str) -> None:
    assert _keras_model(network).count_params() == sum(
        array.size for name, array in load_arrays(network).items() if not name.startswith("input/")
    )


def test_keras_gives_the_reference_embeddings(test_data: Path, network: str) -> None:
    rgb, expected = _golden(test_data, network)

    assert np.linalg.norm(_embed_in_keras(network, rgb) - expected, axis=1).max() < 1e-4


def test_the_compiled_network_gives_the_reference_embeddings(test_data: Path, network: str) -> None:
    rgb, expected = _golden(test_data, network)

    found = Embedder(IdentifySettings(network=network, mirrored=False)).embed(list(rgb))

    assert np.linalg.norm(found - expected, axis=1).max() < 1e-4


def test_keras_and_the_compiled_network_agree_on_noise(network: str) -> None:
    noise = _noise(network, 3)

    on_litert = open_network(network, threads=2)(network_input(noise, embedding_network(network)))

    assert np.linalg.norm(_embed_in_keras(network, noise) - on_litert, axis=1).max() < 1e-4
    assert np.allclose(np.linalg.norm(on_litert, axis=1), 1, atol=1e-5)


def test_a_mirrored_average_is_symmetric(network: str) -> None:
    (crop,) = _noise(network, 1)
    embedder = Embedder(IdentifySettings(network=network, mirrored=True))

    both = embedder.embed([crop, np.ascontiguousarray(crop[:, ::-1])])

    assert np.linalg.norm(both[0] - both[1]) < 1e-4
    assert np.allclose(np.linalg.norm(both, axis=1), 1, atol=1e-5)


def test_the_embedding_id_depends_on_network_and_averaging(network: str) -> None:
    ids = {(n, m): Embedder(IdentifySettings(network=n, mirrored=m)).embedding_id for n in NETWORKS for m in (True, False)}

    assert list(ids.values()).count(ids[network, True]) == list(ids.values()).count(ids[network, False]) == 1


def test_no_crops_give_no_embeddings(network: str) -> None:
    assert Embedder(IdentifySettings(network=network)).embed([]).shape == (0, embedding_network(network).length)
