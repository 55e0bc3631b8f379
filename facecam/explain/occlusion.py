"""What decided a score: a gray square covers one part of a picture after the other, and the score is taken anew.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2. It asks for nothing but scores, of
whatever network; docs/explain.md compares it with gradients (Grad-CAM).
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.embedding.embedder import Embedder
from facecam.errors import ModelError, SettingsError
from facecam.networks.convert import open_network
from facecam.networks.litert import InFixedBatches
from facecam.objects.classifier import NETWORK, central_crop, class_names, cut, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.settings import IdentifySettings
from facecam.types import Box, Floats, Image, Label

# MERGED explain.heat: Heat maps: where in a square picture lies what decided. And the test of them: cover their hottest part, and look again. Pure.
#
# The test by deletion: Petsiuk, Das, Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018.

Mask = NDArray[np.bool_]


class Cover(StrEnum):
    """What stands in the place of what is covered."""

    GRAY = "gray"
    """One gray for all pictures, 127 of 255."""
    BLUR = "blur"
    """The picture itself without its details: a Gaussian of a twelfth of the side. Adds no edges of its own."""


GRAY = 127
_BLUR_SHARE = 1 / 12


def spread(cells: Floats, side_px: int) -> Floats:
    """(side_px, side_px) float32 of (n, n) `cells`: from 0 to 1 at the hottest place. What speaks against counts as nothing.

    0 everywhere where no cell is positive.
    """
    heat = cv2.resize(np.maximum(cells, 0).astype(np.float32), (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    highest = float(heat.max())
    result: Floats = np.clip(heat / highest, 0, 1) if highest > 0 else np.zeros_like(heat)
    return result


def hottest(heat: Floats, share: float) -> Mask:
    """The hottest `share` of the pixels, exactly as many; of equally hot ones the upper left first."""
    count = round(share * heat.size)
    mask = np.zeros(heat.size, bool)
    mask[np.argsort(-heat, axis=None, kind="stable")[:count]] = True
    return mask.reshape(heat.shape)


def covering(rgb: Image, cover: Cover) -> Image:
    """What is put over `rgb` (n, n, 3) uint8 where it is covered, of the same shape."""
    if cover is Cover.GRAY:
        return np.full_like(rgb, GRAY)
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), len(rgb) * _BLUR_SHARE), np.uint8)


def covered(rgb: Image, mask: Mask, cover: Cover) -> Image:
    """A copy of `rgb` that is covered where `mask` is true."""
    return np.where(mask[..., np.newaxis], covering(rgb, cover), rgb)


Score = Callable[[Sequence[Image]], Floats]
"""Scores (n,) of n pictures; the higher, the more of what is to be explained."""


def occlusion(rgb: Image, score: Score, square_px: int, step_px: int) -> Floats:
    """(n, n) float32, 0 to 1: hot is what, covered, lowers the score of `rgb` (n, n, 3) uint8; what raises it is 0.

    `step_px` divides n: a square stands in the middle of each step, (n / step_px) ** 2 of them.
    """
    side = len(rgb)
    middles = range(step_px // 2, side, step_px)
    covered = [_covered(rgb, x, y, square_px // 2) for y, x in itertools.product(middles, repeat=2)]
    scores = score([rgb, *covered])
    return spread((scores[0] - scores[1:]).reshape(len(middles), -1), side)


def _covered(rgb: Image, x: int, y: int, half_px: int) -> Image:
    covered = rgb.copy()
    covered[max(0, y - half_px) : y + half_px, max(0, x - half_px) : x + half_px] = GRAY
    return covered


# MERGED explain.faces: What decided the distance of a face to a photo.

_FACES_SQUARE_PX, _FACES_STEP_PX = 24, 12


class FaceExplainer:
    """Explains distances of the network that the settings name. Owned by the thread that explains first.

    ModelError when its weights are missing or damaged.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        self._embedder = Embedder(settings)

    def explain(self, crop_rgb: Image, embedding: Floats) -> Floats:
        """(96, 96) float32, 0 to 1: which parts of an aligned crop (96, 96, 3) uint8 make it like a photo's `embedding` (128,).

        Hot is what, covered, puts the face farther away in plain L2.
        """

        def nearness(crops: Sequence[Image]) -> Floats:
            distances_l2: Floats = np.linalg.norm(self._embedder.embed(list(crops)) - embedding, axis=1)
            return -distances_l2

        return occlusion(crop_rgb, nearness, _FACES_SQUARE_PX, _FACES_STEP_PX)


# MERGED explain.objects: What decided an object's label.

_OBJECTS_SQUARE_PX, _OBJECTS_STEP_PX = 40, 28
_BATCHES = (1, 8)


@dataclass(frozen=True, slots=True, eq=False)
class ObjectSaliency:
    """The label that is explained, with its probability; `heat` (224, 224) float32, 0 to 1, over the `square` of the picture."""

    label: Label
    heat: Floats
    square: Box


class ObjectExplainer:
    """Explains labels of EfficientNet-Lite0. Owned by the thread that explains first.

    ModelError when its weights are missing or damaged.
    """

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(NETWORK, threads), _BATCHES)
        self._names = class_names()

    def explain(self, bgr: Image, label_id: str | None = None, square: Box | None = None) -> ObjectSaliency:
        """What in `bgr` (height, width, 3) uint8 speaks for a label, without one for the likeliest.

        `label_id` is a WordNet id; ModelError when the network does not know it. `square` is what the network looks at, as a rule
        the middle. Hot is what, covered, lowers the label's logit.
        """
        square = square or central_crop(bgr)
        rgb = cut(bgr, square, INPUT_SIZE_PX)
        logits = self._logits([rgb])[0]
        number = int(logits.argmax()) if label_id is None else self._number(label_id)
        likely = np.exp(logits - logits.max())
        label = Label(self._names[number][1], self._names[number][0], float(likely[number] / likely.sum()))
        return ObjectSaliency(label, self._heat(rgb, number), square)

    def heat(self, square_rgb: Image, label_id: str) -> Floats:
        """The heat map alone, for what the network looks at, (224, 224, 3) uint8. ModelError as above."""
        return self._heat(square_rgb, self._number(label_id))

    def label_ids(self, name: str) -> tuple[str, ...]:
        """The WordNet ids of the labels of that name, in any case: two pairs share one. SettingsError says what is like it."""
        wanted = name.strip().casefold()
        found = tuple(label_id for label_id, known in self._names if wanted in (known.casefold(), label_id))
        if not found:
            near = difflib.get_close_matches(wanted, [known.casefold() for _, known in self._names], 3, 0.5)
            hint = f"; there are {', '.join(near)}" if near else ""
            raise SettingsError(f"the network has no label {name!r}{hint}; `facecam classify PICTURE` shows labels")
        return found

    def _heat(self, rgb: Image, number: int) -> Floats:
        return occlusion(rgb, lambda pictures: self._logits(pictures)[:, number], _OBJECTS_SQUARE_PX, _OBJECTS_STEP_PX)

    def _logits(self, pictures: Sequence[Image]) -> Floats:
        return self._network(lite0_input(np.stack(pictures)))

    def _number(self, label_id: str) -> int:
        number = next((number for number, (known, _) in enumerate(self._names) if known == label_id), None)
        if number is None:
            raise ModelError(f"{NETWORK} has no label {label_id}; only ImageNet's labels can be explained")
        return number
