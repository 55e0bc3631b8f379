"""Occlusion saliency maps: a gray square covers one part of an image after another, and the score is computed again.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2. It works for any network that
scores images; docs/internals/explain.md compares it with gradients (Grad-CAM), and benchmarks.explanations verifies the maps.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from facecam.embedding.embedder import Embedder
from facecam.errors import ModelError, SettingsError
from facecam.messages import TranslatableText
from facecam.networks.litert import FixedBatchNetwork, open_network, softmax
from facecam.objects.classifier import NETWORK, central_crop, class_names, crop_square, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.settings import IdentifySettings
from facecam.types import Box, Floats, Image, Label

Score = Callable[[Sequence[Image]], Floats]
"""Returns scores (n,) of n images; the explained property raises them."""

GRAY = 127
_FACE_STEPS = 8
_OBJECT_SQUARE_PX, _OBJECT_STEP_PX = 40, 28
_OBJECT_BATCHES = (1, 8)


def upsample_cells(cells: Floats, side_px: int) -> Floats:
    """Return the saliency map (side_px, side_px) float32 of (n, n) `cells`, 0 to 1; negative cells count as 0."""
    saliency_map = cv2.resize(np.maximum(cells, 0).astype(np.float32), (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    highest = float(saliency_map.max())
    result: Floats = np.clip(saliency_map / highest, 0, 1) if highest > 0 else np.zeros_like(saliency_map)
    return result


def occlusion(rgb: Image, score: Score, square_px: int, step_px: int) -> Floats:
    """Compute the saliency map of an image.

    Args:
        rgb: The image (n, n, 3) uint8.
        score: Scores images.
        square_px: Side of the gray square.
        step_px: Distance of its (n / step_px) ** 2 positions; it divides n.

    Returns:
        (n, n) float32, 0 to 1: high where occlusion lowers the score, 0 where it raises it.
    """
    side, half_px = len(rgb), square_px // 2
    centers = range(step_px // 2, side, step_px)
    images = [rgb]
    for y, x in itertools.product(centers, repeat=2):
        images.append(rgb.copy())
        images[-1][max(0, y - half_px) : y + half_px, max(0, x - half_px) : x + half_px] = GRAY
    scores = score(images)
    return upsample_cells((scores[0] - scores[1:]).reshape(len(centers), -1), side)


class FaceExplainer:
    """Explains face distances of the configured network. Owned by the thread that calls it first.

    Raises ModelError when the weights are missing or damaged.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        self._embedder = Embedder(settings)

    def explain(self, crop_rgb: Image, embedding: Floats) -> Floats:
        """Return the saliency map (size, size) of the similarity of an aligned crop (size, size, 3) uint8 and an embedding (d,).

        It is high where occlusion increases the distance in plain L2.
        """

        def negative_distances(crops: Sequence[Image]) -> Floats:
            distances_l2: Floats = np.linalg.norm(self._embedder.embed(list(crops)) - embedding, axis=1)
            return -distances_l2

        step_px = len(crop_rgb) // _FACE_STEPS
        return occlusion(crop_rgb, negative_distances, 2 * step_px, step_px)


@dataclass(frozen=True, slots=True, eq=False)
class ObjectSaliency:
    """The explained label, and its saliency map (224, 224) float32, 0 to 1, over a `square` of the image."""

    label: Label
    saliency_map: Floats
    square: Box


class ObjectExplainer:
    """Explains labels of EfficientNet-Lite0. Owned by the thread that calls it first.

    Raises ModelError when the weights are missing or damaged.
    """

    def __init__(self, threads: int) -> None:
        self._network = FixedBatchNetwork(open_network(NETWORK, threads), _OBJECT_BATCHES)
        self._names = class_names()

    def explain(self, bgr: Image, label_id: str | None = None, square: Box | None = None) -> ObjectSaliency:
        """Explain a label of an image; the map is high where occlusion lowers the label's logit.

        Args:
            bgr: The image (height, width, 3) uint8.
            label_id: WordNet id, by default that of the best label. ModelError when it is unknown.
            square: The square that is classified, by default the central crop.
        """
        square = square or central_crop(bgr)
        rgb = crop_square(bgr, square, INPUT_SIZE_PX)
        logits = self._logits([rgb])[0]
        number = int(logits.argmax()) if label_id is None else self._class_number(label_id)
        label = Label(self._names[number][1], self._names[number][0], float(softmax(logits)[number]))
        return ObjectSaliency(label, self._map(rgb, number), square)

    def saliency_map(self, square_rgb: Image, label_id: str) -> Floats:
        """Return the saliency map of a label for a classified square (224, 224, 3) uint8. ModelError when it is unknown."""
        return self._map(square_rgb, self._class_number(label_id))

    def label_ids(self, name: str) -> tuple[str, ...]:
        """Return the WordNet ids of a label, in any case; some names have two. SettingsError suggests similar names."""
        wanted = name.strip().casefold()
        found = tuple(label_id for label_id, known in self._names if wanted in (known.casefold(), label_id))
        if not found:
            similar = difflib.get_close_matches(wanted, [known.casefold() for _, known in self._names], 3, 0.5)
            hint = TranslatableText("; there are {names}", names=", ".join(similar)) if similar else ""
            raise SettingsError(
                "the network has no label {name!r}{hint}; `facecam classify IMAGE` prints labels", name=name, hint=hint
            )
        return found

    def _map(self, rgb: Image, number: int) -> Floats:
        return occlusion(rgb, lambda images: self._logits(images)[:, number], _OBJECT_SQUARE_PX, _OBJECT_STEP_PX)

    def _logits(self, images: Sequence[Image]) -> Floats:
        return self._network(lite0_input(np.stack(images)))

    def _class_number(self, label_id: str) -> int:
        number = next((number for number, (known, _) in enumerate(self._names) if known == label_id), None)
        if number is None:
            raise ModelError(
                "{network} has no label {label_id}; only ImageNet's labels can be explained", network=NETWORK, label_id=label_id
            )
        return number
