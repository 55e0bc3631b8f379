"""Feature maps layer by layer, on the Keras graph: for each of a few layers the maps that answer most to one picture.

What the layers of such networks answer to was first shown by Zeiler, Fergus, "Visualizing and Understanding Convolutional
Networks", ECCV 2014: edges and colors, then corners and textures, then parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from facecam.explain.occlusion import ObjectSaliency
from facecam.networks.keras_imagenet import load_keras
from facecam.rendering.figures import SheetPanel, SheetRow, draw_heatmap, draw_sheet, over_square
from facecam.types import Floats, Image

if TYPE_CHECKING:
    import keras


MAPS_SHOWN = 8
_WITH_RIM = 12
"""From so many places a side on, the outermost answer to the zeros beyond the picture's edge, and are not what is looked for."""


@dataclass(frozen=True, slots=True)
class _Tap:
    """A layer to look at, by its name in the graph, and in words what its maps are mostly about. `highest`: its ReLU's limit."""

    layer: str
    about: str
    highest: float | None = None


_FACES = (
    _Tap("bn1", "edges, light and color"),
    _Tap("bn3", "corners, lines, texture"),
    _Tap("inception_3a", "small parts: an eye, a nostril, the edge of a cheek"),
    _Tap("inception_3b", "parts: eyes, mouth, chin"),
    _Tap("inception_4a", "where the parts are"),
    _Tap("inception_5b", "the whole face, in 3 x 3 places: what the 128 numbers are made of"),
)
_OBJECTS = (
    _Tap("bn0", "edges, light and color", 6),
    _Tap("block_2_bn1", "lines and corners", 6),
    _Tap("block_4_bn1", "textures", 6),
    _Tap("block_7_bn1", "patterns and small parts", 6),
    _Tap("block_10_bn1", "parts of things", 6),
    _Tap("bn1", "whole things: what the names are made of", 6),
)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMaps:
    """One layer's answer: `maps` (at most MAPS_SHOWN, height, width) float32 of 0 or more, the strongest first, of `channels`."""

    name: str
    about: str
    maps: Floats
    channels: int


def face_layers(crop_rgb: Image, weights: str) -> tuple[FeatureMaps, ...]:
    """nn4.small2's layers for an aligned crop (96, 96, 3) uint8; `weights` names a set in models/MANIFEST.toml.

    Imports TensorFlow. ModelError when the weights are missing or damaged.
    """
    from facecam.embedding.nn4_small2 import create_model

    return _look(lambda: create_model(weights), _FACES, crop_rgb.astype(np.float32) / np.float32(255))


def object_layers(rgb: Floats) -> tuple[FeatureMaps, ...]:
    """EfficientNet-Lite0's layers for its input (224, 224, 3) float32. Imports TensorFlow; ModelError as above."""
    from facecam.objects.imagenet import create_model

    return _look(create_model, _OBJECTS, rgb)


def _look(create: Callable[[], keras.Model], taps: Sequence[_Tap], picture: Floats) -> tuple[FeatureMaps, ...]:
    load_keras()
    import keras

    model = create()
    looked = keras.Model(model.input, [model.get_layer(tap.layer).output for tap in taps])
    answers = looked(picture[np.newaxis], training=False)
    return tuple(_layer(tap, np.asarray(answer)[0]) for tap, answer in zip(taps, answers, strict=True))


def _layer(tap: _Tap, answer: Floats) -> FeatureMaps:
    """The maps that differ most from place to place: one that is bright everywhere shows nothing, nor one that is at its rim."""
    clipped = np.clip(answer, 0, tap.highest)
    rim = 1 if len(clipped) >= _WITH_RIM else 0
    inside = clipped[rim : len(clipped) - rim, rim : len(clipped) - rim]
    strongest = np.argsort(-inside.std(axis=(0, 1)), kind="stable")[:MAPS_SHOWN]
    return FeatureMaps(tap.layer, tap.about, np.ascontiguousarray(clipped[..., strongest].transpose(2, 0, 1)), answer.shape[-1])


# MERGED explain.pictures: What was explained, as one picture to keep.

_HIGH_PX = 360
_MAP_PX = 112
_FRAME = (222, 222, 222)


def object_picture(bgr: Image, found: ObjectSaliency, name: str) -> Image:
    """(height, width, 3) uint8 BGR: the picture of that name, and the same under the heat map of its label."""
    shown = _sized(bgr, _HIGH_PX)
    factor = shown.shape[1] / bgr.shape[1]
    heated = shown.copy()
    draw_heatmap(heated, found.heat, over_square(found.square, len(found.heat)) * np.float32(factor))
    (left, top, right, bottom) = (round(edge * factor) for edge in found.square.xyxy)
    cv2.rectangle(heated, (left, top), (right - 1, bottom - 1), _FRAME, 1, cv2.LINE_AA)
    words = ("Bright is what speaks for this label. The frame is what the network looks at.",)
    title = f"{found.label.name}, {found.label.probability * 100:.0f} %"
    return draw_sheet(title, words, [SheetRow((SheetPanel(shown, name), SheetPanel(heated)))])


def face_picture(crop_rgb: Image, heat: Floats, photo_rgb: Image, title: str, captions: tuple[str, str]) -> Image:
    """The same for a face: its crop, the crop under its heat map, and the crop of the photo it was compared with."""
    face, photo = (_sized(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), _HIGH_PX) for rgb in (crop_rgb, photo_rgb))
    heated = face.copy()
    factor = _HIGH_PX / len(heat)
    draw_heatmap(heated, heat, np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2]], np.float32))
    words = ("Bright is what makes the face like the photo: covered, it would be farther from it.",)
    return draw_sheet(
        title, words, [SheetRow((SheetPanel(face, captions[0]), SheetPanel(heated), SheetPanel(photo, captions[1])))]
    )


def layers_picture(rgb: Image, layers: Sequence[FeatureMaps], title: str) -> Image:
    """What goes into a network, and below it a row for each layer: its maps that answer most, each from black to white."""
    rows = [SheetRow((SheetPanel(_sized(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), 2 * _MAP_PX)),))]
    for number, layer in enumerate(layers, start=1):
        _, high, wide = layer.maps.shape
        size = f"{wide} x {high} places, {len(layer.maps)} of {layer.channels} maps ({layer.name})"
        heading = f"{number}. {layer.about[0].upper()}{layer.about[1:]} · {size}"
        rows.append(SheetRow(tuple(SheetPanel(_map(one)) for one in layer.maps), heading))
    return draw_sheet(title, ("Each small picture is one feature map: bright where it answers.",), rows)


def _map(values: Floats) -> Image:
    gray = np.round(values / max(float(values.max()), 1e-6) * 255).astype(np.uint8)
    large = cv2.resize(gray, (_MAP_PX, _MAP_PX), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)


def _sized(bgr: Image, high_px: int) -> Image:
    height, width = bgr.shape[:2]
    how = cv2.INTER_AREA if height > high_px else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(bgr, (max(1, round(width * high_px / height)), high_px), interpolation=how), np.uint8)
