"""Feature maps of a few layers, computed on the Keras graph, and sheets that show explanations.

Such layers respond to edges and colors, then to corners and textures, then to parts (Zeiler, Fergus, "Visualizing and
Understanding Convolutional Networks", ECCV 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from facecam.embedding.embedder import network_input
from facecam.errors import ModelError
from facecam.explain.occlusion import ObjectSaliency
from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK, EmbeddingNetwork
from facecam.networks.keras_imagenet import load_keras
from facecam.networks.user_networks import is_embedding_file
from facecam.rendering.figures import SheetPanel, SheetRow, draw_heatmap, draw_sheet, square_transform
from facecam.types import Box, Floats, Image

if TYPE_CHECKING:
    import keras

MAPS_SHOWN = 8
_MIN_TRIMMED_SIDE = 12
"""From this side on, the outermost cells are ignored: they respond to the zeros beyond the image's edge."""
_IMAGE_HEIGHT_PX = 360
_MAP_PX = 112
_FRAME_BGR = (222, 222, 222)


_NN4_LAYERS = {
    "bn1": "edges, light and color",
    "bn3": "corners, lines, texture",
    "inception_3a": "small parts: an eye, a nostril, the edge of a cheek",
    "inception_3b": "parts: eyes, mouth, chin",
    "inception_4a": "where the parts are",
    "inception_5b": "the whole face, in 3 x 3 cells: the source of the embedding",
}
_RETAIL_LAYERS = {
    "stem_prelu": "edges, light and color",
    "block_03_expand_prelu": "corners, lines, texture",
    "block_06_expand_prelu": "small parts: an eye, a nostril, the edge of a cheek",
    "block_09_expand_prelu": "parts: eyes, mouth, chin",
    "block_13_expand_prelu": "where the parts are",
    "head_prelu": "the whole face, in 8 x 8 cells: the source of the embedding",
}
_OBJECT_LAYERS = {
    "bn0": "edges, light and color",
    "block_2_bn1": "lines and corners",
    "block_4_bn1": "textures",
    "block_7_bn1": "patterns and small parts",
    "block_10_bn1": "parts of objects",
    "bn1": "whole objects: the source of the labels",
}
"""Layers by their names in the graph, and what their maps mostly respond to."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMaps:
    """The strongest maps of a layer, (at most MAPS_SHOWN, height, width) float32 of 0 or more, of `channels`."""

    name: str
    description: str
    maps: Floats
    channels: int


def face_layers(crop_rgb: Image, network: EmbeddingNetwork) -> tuple[FeatureMaps, ...]:
    """Return the feature maps of a shipped embedding network for a crop (size, size, 3) uint8 in its alignment.

    Imports TensorFlow. Raises ModelError when the weights are missing or damaged, or the network is the user's own.
    """
    if is_embedding_file(network.name):
        raise ModelError(
            "feature maps need the graph of a shipped network, not {name}; choose another --network", name=network.name
        )
    load_keras()
    from facecam.networks.convert import create_shipped

    layers = _RETAIL_LAYERS if network.name == HIGH_ACCURACY_NETWORK else _NN4_LAYERS
    return _feature_maps(create_shipped(network.name), layers, None, network_input(crop_rgb[np.newaxis], network)[0])


def object_layers(rgb: Floats) -> tuple[FeatureMaps, ...]:
    """Return EfficientNet-Lite0's feature maps for its input (224, 224, 3) float32. Imports TensorFlow; ModelError as above."""
    load_keras()
    from facecam.objects.imagenet import create_model

    return _feature_maps(create_model(), _OBJECT_LAYERS, 6, rgb)


def _feature_maps(model: keras.Model, layers: Mapping[str, str], limit: float | None, image: Floats) -> tuple[FeatureMaps, ...]:
    """Return the maps of some layers, clipped to `limit`, the upper limit of their ReLU."""
    import keras

    tapped = keras.Model(model.input, [model.get_layer(name).output for name in layers])
    outputs = (np.clip(np.asarray(output)[0], 0, limit) for output in tapped(image[np.newaxis], training=False))
    return tuple(
        FeatureMaps(name, description, _strongest(output), output.shape[-1])
        for (name, description), output in zip(layers.items(), outputs, strict=True)
    )


def _strongest(output: Floats) -> Floats:
    """Select the maps that vary most inside the edge: one that is bright everywhere shows nothing."""
    edge = 1 if len(output) >= _MIN_TRIMMED_SIDE else 0
    inside = output[edge : len(output) - edge, edge : len(output) - edge]
    strongest = np.argsort(-inside.std(axis=(0, 1)), kind="stable")[:MAPS_SHOWN]
    return np.ascontiguousarray(output[..., strongest].transpose(2, 0, 1))


def object_sheet(bgr: Image, found: ObjectSaliency, name: str) -> Image:
    """Draw the image of that name and its saliency map; (height, width, 3) uint8 BGR."""
    image = _resized(bgr, _IMAGE_HEIGHT_PX)
    factor = image.shape[1] / bgr.shape[1]
    with_map = image.copy()
    draw_heatmap(with_map, found.saliency_map, square_transform(found.square, len(found.saliency_map)) * np.float32(factor))
    (left, top, right, bottom) = (round(edge * factor) for edge in found.square.xyxy)
    cv2.rectangle(with_map, (left, top), (right - 1, bottom - 1), _FRAME_BGR, 1, cv2.LINE_AA)
    text = ("Bright areas support this label. The frame marks what the network sees.",)
    title = f"{found.label.name}, {found.label.probability * 100:.0f} %"
    return draw_sheet(title, text, [SheetRow((SheetPanel(image, name), SheetPanel(with_map)))])


def face_sheet(crop_rgb: Image, saliency_map: Floats, photo_rgb: Image, title: str, captions: tuple[str, str]) -> Image:
    """Draw a face's crop, its saliency map, and the crop of the photo it was compared with."""
    face, photo = _resized(_to_bgr(crop_rgb), _IMAGE_HEIGHT_PX), _resized(_to_bgr(photo_rgb), _IMAGE_HEIGHT_PX)
    with_map = face.copy()
    whole = Box(0, 0, _IMAGE_HEIGHT_PX, _IMAGE_HEIGHT_PX)
    draw_heatmap(with_map, saliency_map, square_transform(whole, len(saliency_map)))
    text = ("Bright areas make the face similar to the photo: covering them increases the distance.",)
    panels = SheetPanel(face, captions[0]), SheetPanel(with_map), SheetPanel(photo, captions[1])
    return draw_sheet(title, text, [SheetRow(panels)])


def layers_sheet(rgb: Image, layers: Sequence[FeatureMaps], title: str) -> Image:
    """Draw a network's input and below it a row of feature maps for each layer, from black to white."""
    rows = [SheetRow((SheetPanel(_resized(_to_bgr(rgb), 2 * _MAP_PX)),))]
    for number, layer in enumerate(layers, start=1):
        _, height, width = layer.maps.shape
        size = f"{width} x {height} cells, {len(layer.maps)} of {layer.channels} maps ({layer.name})"
        heading = f"{number}. {layer.description[0].upper()}{layer.description[1:]} · {size}"
        rows.append(SheetRow(tuple(SheetPanel(_map_image(values)) for values in layer.maps), heading))
    return draw_sheet(title, ("Each small image is one feature map: bright where it responds.",), rows)


def _map_image(values: Floats) -> Image:
    gray = np.round(values / max(float(values.max()), 1e-6) * 255).astype(np.uint8)
    large = cv2.resize(gray, (_MAP_PX, _MAP_PX), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)


def _to_bgr(rgb: Image) -> Image:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def _resized(bgr: Image, height_px: int) -> Image:
    height, width = bgr.shape[:2]
    interpolation = cv2.INTER_AREA if height > height_px else cv2.INTER_CUBIC
    size_wh = max(1, round(width * height_px / height)), height_px
    return np.asarray(cv2.resize(bgr, size_wh, interpolation=interpolation), np.uint8)
