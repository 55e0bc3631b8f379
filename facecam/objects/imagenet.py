"""ImageNet classifiers as Keras graphs: EfficientNet-Lite0, and any network of keras.applications.

EfficientNet-Lite0 is written out here (Tan, Le, "EfficientNet", ICML 2019; the Lite variants of tensorflow/tpu drop squeeze
and excitation and use ReLU6), with ImageNet weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facecam.errors import ModelError
from facecam.networks.keras_imagenet import assign_arrays, keras_networks, load_keras, verified_sha256
from facecam.networks.manifest import load_arrays

if TYPE_CHECKING:
    import keras

INPUT_SIZE_PX = 224
CLASSES = 1000
_WEIGHTS = "efficientnet_lite0_imagenet"
_BN_EPSILON = 1e-3

# Repeats, kernel size, stride of the first, expansion, output channels.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def create_model(*, weights: bool = True) -> keras.Model:
    """Build EfficientNet-Lite0: (n, 224, 224, 3) float32 RGB, scaled as (x - 127) / 128, to (n, 1000) logits.

    Raises ModelError when the weights are missing, damaged or of another network.
    """
    load_keras()
    import keras
    from keras import layers

    inputs = keras.Input((INPUT_SIZE_PX, INPUT_SIZE_PX, 3), name="rgb")
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False, name="conv_stem")(inputs)
    x = _normalized(x, "bn0")
    number = 0
    for repeats, size, stride, expansion, channels in _STAGES:
        for repeat in range(repeats):
            x = _inverted_bottleneck(
                x, f"block_{number}", size=size, stride=stride if repeat == 0 else 1, expansion=expansion, channels=channels
            )
            number += 1
    x = _normalized(layers.Conv2D(1280, 1, use_bias=False, name="conv_head")(x), "bn1")
    x = layers.Dense(CLASSES, name="fc")(layers.GlobalAveragePooling2D(name="features")(x))
    model = keras.Model(inputs, x, name="efficientnet_lite0")
    if weights:
        # Keras treats a slash in a layer's name as a scope, so the weight file's "a/b/kernel" is "a_b/kernel" here.
        stored = ((*name.rpartition("/"), array) for name, array in load_arrays(_WEIGHTS).items())
        arrays = {f"{layer.replace('/', '_')}/{part}": array for layer, _, part, array in stored}
        assign_arrays(model, arrays, f"the weights {_WEIGHTS}")
    return model


def create_features() -> keras.Model:
    """Build the same network up to its pooled features, (n, 1280) float32 from 0 to 6."""
    whole = create_model()
    import keras

    return keras.Model(whole.input, whole.get_layer("features").output, name="efficientnet_lite0_features")


def create_application(name: str) -> keras.Model:
    """Build a network of keras.applications: (n, side, side, 3) float32 RGB from 0 to 255 to (n, 1000) logits.

    Keras's preprocess_input is part of the graph. The weights come from Keras's cache; ModelError when they do not fit.
    """
    load_keras()
    import keras

    network = keras_networks()[name]
    verified_sha256(network)
    try:
        model = getattr(keras.applications, name)(weights=str(network.file), classifier_activation=None)
    except (ValueError, OSError, KeyError) as error:
        raise ModelError(
            "{path} does not hold the weights of {name}: {error}; delete it and try again",
            path=network.file,
            name=name,
            error=error,
        ) from error
    inputs = keras.Input((network.side_px, network.side_px, 3), name="rgb")
    prepared = getattr(keras.applications, network.module).preprocess_input(inputs)
    return keras.Model(inputs, model(prepared), name=name.lower())


def _inverted_bottleneck(x: Any, name: str, *, size: int, stride: int, expansion: int, channels: int) -> Any:
    """Build an inverted residual block: expand, filter each channel, project, with a shortcut where the shapes allow it."""
    from keras import layers

    shortcut = x
    if expansion > 1:
        x = layers.Conv2D(x.shape[-1] * expansion, 1, use_bias=False, name=f"{name}_expand_conv")(x)
        x = _normalized(x, f"{name}_bn0")
    x = layers.DepthwiseConv2D(size, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv")(x)
    x = _normalized(x, f"{name}_bn1")
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(epsilon=_BN_EPSILON, name=f"{name}_bn2")(x)
    return layers.Add()([x, shortcut]) if stride == 1 and shortcut.shape[-1] == channels else x


def _normalized(x: Any, name: str) -> Any:
    from keras import layers

    return layers.ReLU(max_value=6)(layers.BatchNormalization(epsilon=_BN_EPSILON, name=name)(x))
