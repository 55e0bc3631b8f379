"""nn4.small2's last inception block and its dense layer, moved a little for the people enrolled, by triplets of faces.

FaceNet's loss (Schroff, Kalenichenko, Philbin, CVPR 2015), max(0, |a - p|^2 - |a - n|^2 + margin), with each batch's hardest
positive and negative for every anchor (Hermans, Beyer, Leibe, arXiv:1703.07737). All before block 5b stays as it is and runs
once over every crop, its mirror image and a darker, a brighter and a blurred one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.types import Floats, Picture

if TYPE_CHECKING:
    import keras

MARGIN = 0.2
RATE = 1e-5
EPOCHS = 12
_PEOPLE, _EACH = 8, 4
_BEFORE = "inception_5a"

Numbers = NDArray[np.intp]


def finetune(
    weights: str, crops_rgb: Picture, people: Numbers, seed: int, told: Callable[[int, int, float], None]
) -> dict[str, NDArray[Any]]:
    """The arrays of block 5b and the dense layer, by "layer/array", after EPOCHS rounds over (n, 96, 96, 3) uint8 RGB crops.

    `weights` names the embedding network. `told(epoch, epochs, loss)` hears of every round. Fixed seed.
    """
    import keras

    keras.utils.set_random_seed(seed)
    before, tail = _parts(weights)
    for layer in tail.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    x, y = varied(crops_rgb, people)
    features = np.concatenate([np.asarray(before(x[n : n + 64], training=False)) for n in range(0, len(x), 64)])
    tail.compile(optimizer=keras.optimizers.Adam(RATE), loss=_hardest_triplets, jit_compile=False)
    random = np.random.default_rng(seed)
    for epoch in range(EPOCHS):
        order = batches(y, random)
        fit = tail.fit(features[order], y[order].astype(np.float32), batch_size=_PEOPLE * _EACH, shuffle=False, verbose=0)
        told(epoch + 1, EPOCHS, float(fit.history["loss"][-1]))
    return {f"{layer.name}/{v.name}": v.numpy() for layer in tail.layers for v in layer.weights}


def embed_with(weights: str, arrays: dict[str, NDArray[Any]], crops_rgb: Picture) -> Floats:
    """(n, 128) embeddings of length 1, averaged with the mirror image's, by the network with these arrays at its end.

    ModelError when they are not those of its end.
    """
    before, tail = _parts(weights)
    for layer in tail.layers:
        for variable in layer.weights:
            array = arrays.get(f"{layer.name}/{variable.name}")
            if array is None or array.shape != tuple(variable.shape):
                raise ModelError(
                    f"these arrays are not the end of {weights}: {layer.name}/{variable.name} is missing; train anew"
                )
            variable.assign(array)
    found = []
    for start in range(0, len(crops_rgb), 32):
        batch = crops_rgb[start : start + 32].astype(np.float32) / np.float32(255)
        both = np.asarray(tail(before(np.concatenate([batch, batch[:, :, ::-1]]), training=False), training=False))
        mean = both[: len(batch)] + both[len(batch) :]
        found.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
    return np.concatenate(found)


def varied(crops_rgb: Picture, people: Numbers) -> tuple[Floats, Numbers]:
    """Every crop five times, (5 n, 96, 96, 3) float32 in 0..1: as it is, mirrored, darker, brighter, blurred; and its person."""
    unit = crops_rgb.astype(np.float32) / np.float32(255)
    blurred = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.2) for crop in unit])
    return np.concatenate([unit, unit[:, :, ::-1], unit**1.4, unit**0.7, blurred]).astype(np.float32), np.tile(people, 5)


def batches(people: Numbers, random: np.random.Generator) -> Numbers:
    """Rows in an order whose every 32 are eight people with four faces each; fewer people are asked again."""
    rows = {int(person): np.flatnonzero(people == person) for person in np.unique(people)}
    order: list[int] = []
    for _ in range(max(1, len(people) // (_PEOPLE * _EACH))):
        chosen = random.permutation(list(rows))[:_PEOPLE]
        for person in np.resize(chosen, _PEOPLE):
            order += list(random.choice(rows[int(person)], _EACH, replace=len(rows[int(person)]) < _EACH))
    return np.array(order, np.intp)


def _parts(weights: str) -> tuple[keras.Model, keras.Model]:
    """nn4.small2 up to block 5a, and from there to the embedding."""
    import keras

    from facecam.embed.nn4_small2 import create_model

    whole = create_model(weights)
    middle = whole.get_layer(_BEFORE).output
    return keras.Model(whole.input, middle), keras.Model(middle, whole.output)


def _hardest_triplets(people: Any, embeddings: Any) -> Any:
    """The loss of each anchor of a batch, (n,): its farthest face of the same person against its nearest of another."""
    from keras import ops

    people = ops.reshape(people, (-1,))
    squares = ops.maximum(2.0 - 2.0 * ops.matmul(embeddings, ops.transpose(embeddings)), 0.0)
    same = ops.cast(ops.equal(people[:, None], people[None, :]), "float32")
    farthest = ops.max(squares * same, axis=1)
    closest = ops.min(squares + 8.0 * same, axis=1)
    return ops.maximum(farthest - closest + MARGIN, 0.0)
