"""Embedding network nn4.small2 in Keras: an aligned face of 96x96 pixels to a unit vector of 128 numbers.

The architecture is OpenFace's nn4.small2.v1 (cmusatyalab/openface, models/openface/nn4.small2.def.lua), a reduced FaceNet
(Schroff, Kalenichenko, Philbin, "FaceNet", CVPR 2015, table 2). Layers are named like the arrays in models/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from facecam.networks.keras_imagenet import assign_arrays, load_keras
from facecam.networks.manifest import load_arrays

if TYPE_CHECKING:
    import keras

EMBEDDING_SIZE = 128
INPUT_SIZE_PX = 96
DEFAULT_WEIGHTS = "nn4_small2_facecam_v2"

_BN_EPSILON = 1e-5


def create_model(weights: str | None = DEFAULT_WEIGHTS) -> keras.Model:
    """Create nn4.small2: (n, 96, 96, 3) float32 RGB in 0..1 to (n, 128) float32 of unit length; 3,733,968 trainable parameters.

    `weights` names a set in models/MANIFEST.toml; None keeps Keras's initialization for training.
    Raises ModelError if the weights are missing, damaged or of another network.
    """
    load_keras()
    import keras
    from keras import layers, ops

    inputs = keras.Input((INPUT_SIZE_PX, INPUT_SIZE_PX, 3), name="rgb")
    x = _conv(inputs, "conv1", "bn1", filters=64, size=7, stride=2)
    x = _max_pool_padded(x)
    x = _local_response_normalization(x)
    x = _conv(x, "conv2", "bn2", filters=64, size=1)
    x = _conv(x, "conv3", "bn3", filters=192, size=3)
    x = _local_response_normalization(x)
    x = _max_pool_padded(x)
    x = inception(x, "3a", three=(96, 128), five=(16, 32), pool=("max", 32), one=64)
    x = inception(x, "3b", three=(96, 128), five=(32, 64), pool=("l2", 64), one=64)
    x = inception(x, "3c", three=(128, 256), five=(32, 64), pool=("max", None), one=None, stride=2)
    x = inception(x, "4a", three=(96, 192), five=(32, 64), pool=("l2", 128), one=256)
    x = inception(x, "4e", three=(160, 256), five=(64, 128), pool=("max", None), one=None, stride=2)
    x = inception(x, "5a", three=(96, 384), five=None, pool=("l2", 96), one=256)
    x = inception(x, "5b", three=(96, 384), five=None, pool=("max", 96), one=256)
    x = layers.Dense(EMBEDDING_SIZE, name="dense")(layers.GlobalAveragePooling2D(name="average_pool")(x))
    length = ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=-1, keepdims=True), 1e-12))
    model = keras.Model(inputs, ops.divide(x, length), name="nn4_small2")
    if weights is not None:
        assign_arrays(model, load_arrays(weights), f"the weights {weights}")
    return model


def inception(
    x: Any,
    name: str,
    *,
    three: tuple[int, int],
    five: tuple[int, int] | None,
    pool: tuple[str, int | None],
    one: int | None,
    stride: int = 1,
) -> Any:
    """Add an inception block: 3x3, 5x5, pooling and 1x1 branches over `x`, concatenated in this order.

    `three` and `five` are (reduced, out) filters, `pool` is (max or l2, filters after it or None), `one` the 1x1 filters.
    Every branch is zero-padded to the size of the largest, centered, as in Torch's DepthConcat.
    """
    from keras import layers

    prefix = f"inception_{name}"
    branches = []
    for size, filters in ((3, three), (5, five)):
        if filters is not None:
            part = f"{prefix}_{size}x{size}"
            reduced = _conv(x, f"{part}_conv1", f"{part}_bn1", filters=filters[0], size=1)
            branches.append(_conv(reduced, f"{part}_conv2", f"{part}_bn2", filters=filters[1], size=size, stride=stride))
    kind, filters_after = pool
    pooled = layers.MaxPooling2D(3, 2)(x) if kind == "max" else _l2_pool(x)
    if filters_after is not None:
        pooled = _conv(pooled, f"{prefix}_pool_conv", f"{prefix}_pool_bn", filters=filters_after, size=1)
    branches.append(_centered(pooled, to_px=branches[0].shape[1]))
    if one is not None:
        branches.append(_conv(x, f"{prefix}_1x1_conv", f"{prefix}_1x1_bn", filters=one, size=1))
    return layers.Concatenate(name=prefix)(branches)


def _conv(x: Any, conv: str, bn: str, *, filters: int, size: int, stride: int = 1) -> Any:
    """Add a convolution with Torch's symmetric padding, batch normalization and ReLU."""
    from keras import layers

    if stride > 1:  # Keras's own padding would put the odd pixel on one side only
        x = layers.ZeroPadding2D(size // 2)(x)
    x = layers.Conv2D(filters, size, strides=stride, padding="same" if stride == 1 else "valid", name=conv)(x)
    x = layers.BatchNormalization(epsilon=_BN_EPSILON, name=bn)(x)
    return layers.ReLU()(x)


def _max_pool_padded(x: Any) -> Any:
    """Add 3x3 max pooling, stride 2. Padding with zeros equals Torch's minus infinity, since inputs are never negative."""
    from keras import layers

    return layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))


def _l2_pool(x: Any) -> Any:
    """Add L2 pooling over 3x3, stride 3 (Torch's SpatialLPPooling with p = 2).

    Nine zeros are common after ReLU; the infinite slope of the root there would make the first training step NaN. Below 1e-12
    the maximum passes no gradient and changes the result by no more than 1e-6.
    """
    from keras import layers, ops

    squares = ops.multiply(layers.AveragePooling2D(3)(ops.square(x)), 9.0)
    return ops.sqrt(ops.maximum(squares, 1e-12))


def _centered(x: Any, to_px: int) -> Any:
    """Zero-pad `x` to `to_px` pixels a side; an odd pixel goes right and below."""
    from keras import layers

    missing = to_px - x.shape[1]
    if missing == 0:
        return x
    before = missing // 2
    return layers.ZeroPadding2D(((before, missing - before), (before, missing - before)))(x)


def _local_response_normalization(x: Any) -> Any:
    """Add Krizhevsky's LRN over 5 channels, alpha 1e-4, beta 0.75, k 1: x / (1 + alpha / 5 * sum of squares) ** 0.75.

    A banded 1x1 convolution and roots run on LiteRT's fast kernels; its own LRN operator runs on one thread and takes longer
    than the rest of the network.
    """
    from keras import ops

    channels = x.shape[-1]
    near = np.abs(np.arange(channels)[:, None] - np.arange(channels)[None, :]) <= 2
    band = (near * (1e-4 / 5)).astype(np.float32)[None, None]
    root = ops.rsqrt(ops.add(ops.conv(ops.square(x), band, padding="valid"), 1.0))
    return ops.multiply(ops.multiply(x, root), ops.sqrt(root))
