"""Embedding network face-reidentification-retail-0095 in Keras: an aligned face of 128x128 pixels to 256 numbers.

The architecture is that of Open Model Zoo's network of this name: MobileNetV2 (Sandler et al., CVPR 2018) with
squeeze-and-excitation (Hu et al., CVPR 2018) and PReLU. Layers are named like the arrays in models/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from facecam.networks.keras_imagenet import assign_arrays, load_keras
from facecam.networks.manifest import load_arrays

if TYPE_CHECKING:
    import keras

WEIGHTS = "face_reidentification_retail_0095"
EMBEDDING_LENGTH = 256
INPUT_SIZE_PX = 128

_BLOCKS = (
    (128, 64, 2, 8),
    *[(128, 64, 1, 8)] * 4,
    (256, 128, 2, 16),
    *[(256, 128, 1, 16)] * 6,
    (512, 128, 2, 16),
    *[(256, 128, 1, 16)] * 2,
)
"""Expanded channels, output channels, stride and squeezed channels of each block. A block with stride 1 is residual."""

_UNTRAINED_SCALE, _UNTRAINED_SHIFT = 1 / 128, -1.0


def create_model(weights: str | None = WEIGHTS) -> keras.Model:
    """Create the network: (n, 128, 128, 3) float32 BGR in 0..255 to (n, 256) float32 of unit length; 1,106,808 parameters.

    `weights` names a set in models/MANIFEST.toml; None keeps Keras's initialization for training.
    Raises ModelError if the weights are missing, damaged or of another network.
    """
    load_keras()
    import keras
    from keras import layers, ops

    arrays = {} if weights is None else load_arrays(weights)
    inputs = keras.Input((INPUT_SIZE_PX, INPUT_SIZE_PX, 3), name="bgr")
    x = inputs * arrays.pop("input/scale", _UNTRAINED_SCALE) + arrays.pop("input/shift", _UNTRAINED_SHIFT)
    x = _prelu(layers.Conv2D(64, 3, strides=2, name="stem")(layers.ZeroPadding2D(1)(x)), "stem")
    x = _prelu(_depthwise(x, "stem_depthwise", stride=1), "stem_depthwise")
    for number, (expanded, filters, stride, squeezed) in enumerate(_BLOCKS, start=1):
        x = _block(x, f"block_{number:02}", expanded=expanded, filters=filters, stride=stride, squeezed=squeezed)
    x = _prelu(layers.Conv2D(512, 1, name="head")(x), "head")
    x = layers.DepthwiseConv2D(x.shape[1], name="global_depthwise")(x)
    x = layers.Flatten()(layers.Conv2D(EMBEDDING_LENGTH, 1, use_bias=False, name="embedding")(x))
    length = ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=-1, keepdims=True), 1e-12))
    model = keras.Model(inputs, ops.divide(x, length), name="face_reidentification")
    if weights is not None:
        assign_arrays(model, dict(map(_keras_array, arrays, arrays.values())), f"the weights {weights}")
    return model


def _block(x: Any, name: str, *, expanded: int, filters: int, stride: int, squeezed: int) -> Any:
    """Add an inverted residual block with squeeze-and-excitation of its output."""
    from keras import layers

    y = _prelu(layers.Conv2D(expanded, 1, name=f"{name}_expand")(x), f"{name}_expand")
    y = _prelu(_depthwise(y, f"{name}_depthwise", stride), f"{name}_depthwise")
    y = layers.Conv2D(filters, 1, name=f"{name}_project")(y)
    weight = layers.GlobalAveragePooling2D(keepdims=True)(y)
    weight = _prelu(layers.Conv2D(squeezed, 1, name=f"{name}_squeeze")(weight), f"{name}_squeeze")
    weight = layers.Conv2D(filters, 1, activation="sigmoid", name=f"{name}_excite")(weight)
    y = layers.Multiply()([y, weight])
    return layers.Add()([x, y]) if stride == 1 else y


def _depthwise(x: Any, name: str, stride: int) -> Any:
    """Add a 3x3 depthwise convolution with a pixel of padding on every side, also at stride 2 where Keras would pad one side."""
    from keras import layers

    if stride == 1:
        return layers.DepthwiseConv2D(3, padding="same", name=name)(x)
    return layers.DepthwiseConv2D(3, strides=stride, name=name)(layers.ZeroPadding2D(1)(x))


def _prelu(x: Any, name: str) -> Any:
    """Add PReLU with one slope for all channels."""
    from keras import layers

    return layers.PReLU(shared_axes=[1, 2, 3], name=f"{name}_prelu")(x)


def _keras_array(name: str, array: NDArray[Any]) -> tuple[str, NDArray[Any]]:
    """Return an array of the weights file under the name of its variable in Keras, where a slash would begin a scope."""
    layer, _, part = name.rpartition("/")
    layer = layer.replace("/", "_")
    return (f"{layer}_prelu/alpha", array.reshape(1, 1, 1)) if part == "alpha" else (f"{layer}/{part}", array)
