"""Expression network in Keras: a small residual network, trained by `python -m tools.training.expression`.

References:
    He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
    Barsoum, Zhang, Canton Ferrer, Zhang, "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
    Distribution", ICMI 2016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facecam.networks.keras_imagenet import assign_arrays, load_keras
from facecam.networks.manifest import load_arrays
from facecam.types import EXPRESSIONS

if TYPE_CHECKING:
    import keras

INPUT_SIZE_PX = 48
_WEIGHTS = "expression_facecam_v1"

CLASSES = (*EXPRESSIONS, "contempt")
"""Classes that the network is trained on. Contempt has no output: its share goes to the others in proportion."""

_STAGES = ((32, 1, 1), (64, 2, 2), (128, 2, 2), (256, 2, 2))
"""Channels, stride of the first block and number of blocks of each stage."""


def create_network() -> keras.Model:
    """Create the network without weights: (n, 48, 48, 1) float32 gray in -1..1 to (n, 8) logits of CLASSES."""
    load_keras()
    import keras
    from keras import layers

    inputs = keras.Input((INPUT_SIZE_PX, INPUT_SIZE_PX, 1), name="gray")
    x = _convolution(_convolution(inputs, "stem_1", 16), "stem_2", 32, stride=2)
    for stage, (filters, first_stride, blocks) in enumerate(_STAGES, start=1):
        for block in range(blocks):
            x = _residual_block(x, f"block_{stage}_{block + 1}", filters, first_stride if block == 0 else 1)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(len(CLASSES), dtype="float32", name="classes")(x)
    return keras.Model(inputs, x, name="expression")


def _convolution(x: Any, name: str, filters: int, size: int = 3, stride: int = 1, *, is_linear: bool = False) -> Any:
    from keras import layers

    x = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(name=f"{name}_normalization")(x)
    return x if is_linear else layers.ReLU()(x)


def _residual_block(x: Any, name: str, filters: int, stride: int) -> Any:
    from keras import layers

    y = _convolution(_convolution(x, f"{name}_1", filters, stride=stride), f"{name}_2", filters, is_linear=True)
    if stride > 1:
        x = layers.AveragePooling2D(stride)(x)
    if x.shape[-1] != filters:
        x = _convolution(x, f"{name}_shortcut", filters, size=1, is_linear=True)
    return layers.ReLU()(layers.Add()([x, y]))


def create_model() -> keras.Model:
    """Create the network: (n, 48, 48, 1) float32 gray in -1..1 to (n, 7) probabilities in the order of EXPRESSIONS.

    Raises ModelError if the weights are missing, damaged or of another network.
    """
    network = create_network()
    import keras
    from keras import layers

    assign_arrays(network, load_arrays(_WEIGHTS), f"the weights {_WEIGHTS}")
    probabilities = layers.Softmax(name="probabilities")(network.output[:, : len(EXPRESSIONS)])
    return keras.Model(network.input, probabilities, name="expression")
