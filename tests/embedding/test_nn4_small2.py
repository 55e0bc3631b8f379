"""Embedding network in Keras and compiled, compared with OpenCV's reader of OpenFace's file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecam.embedding import nn4_small2
from facecam.embedding.embedder import Embedder
from facecam.errors import ModelError
from facecam.networks.litert import open_network
from facecam.networks.manifest import entries
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

NETWORKS = [entry.name for entry in entries() if entry.role == "embedding"]


def _golden(test_data: Path, network: str) -> tuple[Image, Floats]:
    with np.load(test_data / "golden" / f"{network}.npz", allow_pickle=False) as stored:
        return stored["rgb"], stored["embedding"]


@functools.cache
def _embed_in_keras(network: str) -> Callable[[Floats], Floats]:
    model = nn4_small2.create_model(network)
    return lambda batch: np.asarray(model(batch, training=False))


def test_the_network_has_openfaces_number_of_parameters() -> None:
    model = nn4_small2.create_model(weights=None)

    assert model.count_params() == 3_743_280
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 3_733_968
    assert model.input_shape == (None, 96, 96, 3)
    assert model.output_shape == (None, 128)


def test_an_untrained_network_can_be_trained() -> None:
    model = nn4_small2.create_model(weights=None)
    random = np.random.default_rng(0)
    faces = random.random((2, 96, 96, 3), np.float32)
    goal = random.normal(size=(2, 128)).astype(np.float32)
    goal /= np.linalg.norm(goal, axis=1, keepdims=True)
    # Eager: two steps take a second, tracing their graph half a minute.
    model.compile(optimizer="adam", loss="mse", run_eagerly=True)

    losses = model.fit(faces, goal, epochs=2, verbose=0).history["loss"]

    assert losses[-1] < losses[0]


@pytest.mark.parametrize("network", NETWORKS)
def test_keras_gives_the_reference_embeddings(test_data: Path, network: str) -> None:
    rgb, expected = _golden(test_data, network)

    found = _embed_in_keras(network)(rgb.astype(np.float32) / 255)

    assert np.linalg.norm(found - expected, axis=1).max() < 1e-4


@pytest.mark.parametrize("network", NETWORKS)
def test_the_compiled_network_gives_the_reference_embeddings(test_data: Path, network: str) -> None:
    rgb, expected = _golden(test_data, network)

    found = Embedder(IdentifySettings(network=network, mirrored=False)).embed(list(rgb))

    assert np.linalg.norm(found - expected, axis=1).max() < 1e-4


@pytest.mark.parametrize("network", NETWORKS)
def test_keras_and_the_compiled_network_agree_on_noise(network: str) -> None:
    noise = np.random.default_rng(5).random((3, 96, 96, 3), np.float32)

    in_keras = _embed_in_keras(network)(noise)
    compiled = open_network(network, threads=2)
    on_litert = compiled(noise)

    assert np.linalg.norm(in_keras - on_litert, axis=1).max() < 1e-4
    assert np.allclose(np.linalg.norm(on_litert, axis=1), 1, atol=1e-5)


def test_a_mirrored_average_is_symmetric() -> None:
    crop = np.random.default_rng(2).integers(0, 256, (96, 96, 3), np.uint8)
    embedder = Embedder(IdentifySettings(mirrored=True))

    both = embedder.embed([crop, np.ascontiguousarray(crop[:, ::-1])])

    assert np.linalg.norm(both[0] - both[1]) < 1e-4
    assert np.allclose(np.linalg.norm(both, axis=1), 1, atol=1e-5)


def test_the_embedding_id_depends_on_network_and_averaging() -> None:
    settings = [IdentifySettings(network=n, mirrored=m) for n in NETWORKS for m in (True, False)]

    assert len({Embedder(s).embedding_id for s in settings}) == 4


def test_no_crops_give_no_embeddings() -> None:
    assert Embedder(IdentifySettings()).embed([]).shape == (0, 128)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ModelError, match=r"the weights mtcnn do not fit the network nn4_small2 at conv1/kernel"):
        nn4_small2.create_model("mtcnn")
