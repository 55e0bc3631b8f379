"""MTCNN networks as TensorFlow functions over models/mtcnn.safetensors, ready for compilation.

They take (n, height, width, 3) float32 **BGR in 0..255**: the package's RGB order and scaling (x - 127.5) / 128 are folded into
the first convolution, exactly, since it has no padding. The softmax over (not face, face) is the sigmoid of their difference,
which is one channel. Fully connected layers are convolutions over the whole map; the original flattens width before height,
hence the transposed kernels. The output channels are box (4), landmarks (10, O-Net only) and face logit (1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.networks.keras_imagenet import load_keras
from facecam.networks.manifest import load_arrays
from facecam.types import Floats

Graph = Callable[[Any], Any]


def pnet() -> Graph:
    """Return P-Net: (1, h, w, 3) to (1, ceil((h - 2) / 2) - 4, ..., 5), a proposal for each 12x12 window at stride 2."""
    layers = _Layers("pnet")

    def graph(x: Any) -> Any:
        x = layers.pool(layers.first_conv(x), 2, "SAME")
        x = layers.conv(layers.conv(x, "conv2", 2), "conv3", 3)
        return layers.heads(x, ["conv4-1"], "conv4-2")

    return graph


def rnet() -> Graph:
    """Return R-Net: (n, 24, 24, 3) to (n, 5)."""
    layers = _Layers("rnet")

    def graph(x: Any) -> Any:
        x = layers.pool(layers.first_conv(x), 3, "SAME")
        x = layers.pool(layers.conv(x, "conv2", 2), 3, "VALID")
        x = layers.dense_over_map(layers.conv(x, "conv3", 3), "fc4", 4)
        return layers.heads(x, ["fc5-1"], "fc5-2")

    return graph


def onet() -> Graph:
    """Return O-Net: (n, 48, 48, 3) to (n, 15)."""
    layers = _Layers("onet")

    def graph(x: Any) -> Any:
        x = layers.pool(layers.first_conv(x), 3, "SAME")
        x = layers.pool(layers.conv(x, "conv2", 2), 3, "VALID")
        x = layers.pool(layers.conv(x, "conv3", 3), 2, "SAME")
        x = layers.dense_over_map(layers.conv(x, "conv4", 4), "fc5", 5)
        return layers.heads(x, ["fc6-1", "fc6-2"], "fc6-3")

    return graph


class _Layers:
    """Layers of one network, by the names of their arrays."""

    def __init__(self, network: str) -> None:
        load_keras()
        import tensorflow as tf

        self._tf: Any = tf
        prefix = f"{network}/"
        arrays = load_arrays("mtcnn")
        self._arrays = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

    def first_conv(self, x: Any) -> Any:
        kernel = self._arrays["conv1/kernel"][:, :, ::-1]
        bias = self._arrays["conv1/bias"] - kernel.sum(axis=(0, 1, 2)) * np.float32(127.5 / 128)
        return self._prelu(self._conv(x, kernel / 128, bias), 1)

    def conv(self, x: Any, name: str, prelu: int) -> Any:
        return self._prelu(self._conv(x, self._arrays[f"{name}/kernel"], self._arrays[f"{name}/bias"]), prelu)

    def pool(self, x: Any, size: int, padding: str) -> Any:
        return self._tf.nn.max_pool2d(x, size, 2, padding)

    def dense_over_map(self, x: Any, name: str, prelu: int) -> Any:
        """Apply a dense layer to a (side, side, channels) map that the original flattens as (width, height, channels)."""
        kernel = self._arrays[f"{name}/kernel"]
        side, channels = int(x.shape[1]), int(x.shape[3])
        as_conv = kernel.reshape(side, side, channels, -1).transpose(1, 0, 2, 3)
        return self._prelu(self._conv(x, as_conv, self._arrays[f"{name}/bias"]), prelu)

    def heads(self, x: Any, regressions: list[str], score: str) -> Any:
        """Concatenate 1x1 outputs; spatial dimensions of size 1 are squeezed."""
        kernels = [self._as_1x1(f"{name}/kernel") for name in regressions]
        biases = [self._arrays[f"{name}/bias"] for name in regressions]
        face, bias = self._as_1x1(f"{score}/kernel"), self._arrays[f"{score}/bias"]
        kernels.append(face[..., 1:] - face[..., :1])
        biases.append(bias[1:] - bias[:1])
        x = self._conv(x, np.concatenate(kernels, axis=-1), np.concatenate(biases))
        return self._tf.squeeze(x, (1, 2)) if x.shape[1] == 1 else x

    def _as_1x1(self, name: str) -> Floats:
        kernel: Floats = self._arrays[name]
        return kernel.reshape(1, 1, -1, kernel.shape[-1])

    def _conv(self, x: Any, kernel: NDArray[Any], bias: NDArray[Any]) -> Any:
        return self._tf.nn.bias_add(self._tf.nn.conv2d(x, kernel.astype(np.float32), 1, "VALID"), bias.astype(np.float32))

    def _prelu(self, x: Any, number: int) -> Any:
        """Apply PReLU in a form that the converter recognizes; Keras's own layer converts to NaN."""
        slope = self._arrays[f"prelu{number}/alpha"].reshape(1, 1, -1)
        return self._tf.nn.relu(x) + (-slope) * self._tf.nn.relu(-x)
