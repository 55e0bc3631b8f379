"""Architectures of the embedding networks in Keras: size, training, and weights that do not fit."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from facecam.embedding import face_reidentification, nn4_small2
from facecam.errors import ModelError
from facecam.networks.keras_imagenet import load_keras


def test_nn4_small2_has_openfaces_number_of_parameters() -> None:
    model = nn4_small2.create_model(weights=None)

    assert model.count_params() == 3_743_280
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 3_733_968


def test_face_reidentification_has_open_model_zoos_number_of_parameters() -> None:
    assert face_reidentification.create_model(weights=None).count_params() == 1_106_808


@pytest.mark.parametrize("architecture", [nn4_small2, face_reidentification])
def test_an_untrained_network_can_be_trained(architecture: ModuleType) -> None:
    load_keras()
    import keras

    keras.utils.set_random_seed(1)  # From some random weights the first step goes too far for two photos.
    model = architecture.create_model(weights=None)
    random = np.random.default_rng(0)
    faces = random.random((2, *model.input_shape[1:]), np.float32)
    goal = random.normal(size=(2, model.output_shape[1])).astype(np.float32)
    goal /= np.linalg.norm(goal, axis=1, keepdims=True)
    # Eager: two steps take a second, tracing their graph half a minute.
    model.compile(optimizer="adam", loss="mse", run_eagerly=True)

    losses = model.fit(faces, goal, epochs=2, verbose=0).history["loss"]

    assert losses[-1] < losses[0]


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ModelError, match=r"the weights mtcnn do not fit the network nn4_small2 at conv1/kernel"):
        nn4_small2.create_model("mtcnn")
    with pytest.raises(ModelError, match=r"the weights nn4_small2_facecam_v2 do not fit the network face_reidentification"):
        face_reidentification.create_model("nn4_small2_facecam_v2")
