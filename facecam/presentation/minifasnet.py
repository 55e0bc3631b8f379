"""Networks MiniFASNetV2 and V1SE against presentation attacks in Keras: a face and what surrounds it to three logits.

The architectures are those of Silent-Face-Anti-Spoofing (minivision-ai), a pruned MobileFaceNet (Chen et al., CCBR 2018), in one
of them with squeeze-and-excitation (Hu et al., CVPR 2018). Layers are named like the arrays in models/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from facecam.networks.keras_imagenet import assign_arrays, load_keras
from facecam.networks.manifest import load_arrays

if TYPE_CHECKING:
    import keras

INPUT_SIZE_PX = 80
CLASSES = 3
LIVE_CLASS = 1
"""Class of a living face; the others are presentation attacks."""


class _Block(NamedTuple):
    """Expanded and output channels, stride, and squeezed channels if the output is weighted. With stride 1 it is residual."""

    expanded: int
    filters: int
    stride: int = 1
    squeezed: int | None = None


_BLOCKS = {
    "minifasnet_v2": (
        _Block(103, 64, 2),
        *[_Block(13, 64)] * 4,
        _Block(231, 128, 2),
        *[_Block(expanded, 128) for expanded in (231, 52, 26, 77, 26, 26)],
        _Block(308, 128, 2),
        *[_Block(26, 128)] * 2,
    ),
    "minifasnet_v1se": (
        _Block(103, 64, 2),
        *[_Block(expanded, 64) for expanded in (13, 26, 13)],
        _Block(52, 64, squeezed=16),
        _Block(231, 128, 2),
        *[_Block(expanded, 128) for expanded in (154, 52, 26, 52, 26)],
        _Block(26, 128, squeezed=32),
        _Block(308, 128, 2),
        _Block(26, 128),
        _Block(26, 128, squeezed=32),
    ),
}


def create_model(weights: str) -> keras.Model:
    """Create minifasnet_v2 or minifasnet_v1se: (n, 80, 80, 3) float32 BGR in 0..255 to (n, 3) logits.

    Raises ModelError if the weights are missing, damaged or of another network.
    """
    load_keras()
    import keras
    from keras import layers

    inputs = keras.Input((INPUT_SIZE_PX, INPUT_SIZE_PX, 3), name="bgr")
    x = _prelu(layers.Conv2D(32, 3, strides=2, name="stem")(layers.ZeroPadding2D(1)(inputs)), "stem")
    x = _prelu(_depthwise(x, "stem_depthwise", stride=1), "stem_depthwise")
    for number, block in enumerate(_BLOCKS[weights], start=1):
        x = _add_block(x, f"block_{number:02}", block)
    x = _prelu(layers.Conv2D(512, 1, name="head")(x), "head")
    x = layers.Flatten()(layers.DepthwiseConv2D(x.shape[1], name="global_depthwise")(x))
    x = layers.Dense(CLASSES, use_bias=False, name="classes")(layers.Dense(128, name="embedding")(x))
    model = keras.Model(inputs, x, name=weights)
    assign_arrays(model, dict(map(_keras_array, *zip(*load_arrays(weights).items(), strict=True))), f"the weights {weights}")
    return model


def _add_block(x: Any, name: str, block: _Block) -> Any:
    """Add an inverted residual block, with squeeze-and-excitation of its output where the block has squeezed channels."""
    from keras import layers

    y = _prelu(layers.Conv2D(block.expanded, 1, name=f"{name}_expand")(x), f"{name}_expand")
    y = _prelu(_depthwise(y, f"{name}_depthwise", block.stride), f"{name}_depthwise")
    y = layers.Conv2D(block.filters, 1, name=f"{name}_project")(y)
    if block.squeezed is not None:
        weight = layers.GlobalAveragePooling2D(keepdims=True)(y)
        weight = layers.Conv2D(block.squeezed, 1, activation="relu", name=f"{name}_squeeze")(weight)
        weight = layers.Conv2D(block.filters, 1, activation="sigmoid", name=f"{name}_excite")(weight)
        y = layers.Multiply()([y, weight])
    return layers.Add()([x, y]) if block.stride == 1 else y


def _depthwise(x: Any, name: str, stride: int) -> Any:
    """Add a 3x3 depthwise convolution with a pixel of padding on every side, also at stride 2 where Keras would pad one side."""
    from keras import layers

    return layers.DepthwiseConv2D(3, strides=stride, name=name)(layers.ZeroPadding2D(1)(x))


def _prelu(x: Any, name: str) -> Any:
    """Add PReLU with one slope per channel."""
    from keras import layers

    return layers.PReLU(shared_axes=[1, 2], name=f"{name}_prelu")(x)


def _keras_array(name: str, array: NDArray[Any]) -> tuple[str, NDArray[Any]]:
    """Return an array of the weights file under the name of its variable in Keras, where a slash would begin a scope."""
    layer, _, part = name.rpartition("/")
    layer = layer.replace("/", "_")
    return (f"{layer}_prelu/alpha", array.reshape(1, 1, -1)) if part == "alpha" else (f"{layer}/{part}", array)
