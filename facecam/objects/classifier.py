"""A picture, or a square of one -> how likely each of ImageNet's names is, on LiteRT."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from facecam.errors import ModelError
from facecam.networks.convert import open_network
from facecam.networks.keras_imagenet import keras_networks
from facecam.networks.litert import Network
from facecam.networks.manifest import verified_path
from facecam.networks.trained import SCALINGS, InputForm, read_trained
from facecam.objects.digits import figure_on_paper
from facecam.objects.evidence import EvidenceRule
from facecam.objects.imagenet import CLASSES, INPUT_SIZE_PX
from facecam.types import Box, Floats, Image, Label

NETWORK = "efficientnet_lite0_imagenet"
_LABELS = "imagenet_classes"
TOP = 3
_LITE0 = (127.0, 128.0)
"""EfficientNet-Lite0's input: what is subtracted, and by what it is divided then."""


class Classifier:
    """EfficientNet-Lite0, or a network of keras.applications by name. Owned by the thread that calls it first."""

    rule = EvidenceRule()

    def __init__(self, threads: int, network: str = NETWORK) -> None:
        self._network: Network = open_network(network, threads)
        self._names = class_names()
        keras = keras_networks().get(network)
        self.side_px = INPUT_SIZE_PX if keras is None else keras.side_px
        # A network of keras.applications prepares its input itself, each in its own way.
        self._mean, self._divisor = _LITE0 if keras is None else (0.0, 1.0)

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """The three likeliest labels of `bgr` (height, width, 3) uint8, best first: of the middle, as for ImageNet's test."""
        return self.labels(self.probabilities(bgr, central_crop(bgr)))

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """(1000,) float32: how likely each name is for a square of `bgr`, which lies inside it."""
        logits = self._network(_scaled(cut(bgr, square, self.side_px), self._mean, self._divisor)[np.newaxis])[0]
        likely: Floats = np.exp(logits - logits.max())
        likely /= likely.sum()
        return likely

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest names, best first, given the probabilities (1000,) of all."""
        best = np.argsort(-likely, kind="stable")[:TOP]
        return tuple(Label(self._names[i][1], self._names[i][0], float(likely[i])) for i in best)


def central_crop(bgr: Image) -> Box:
    """The centered square of 7/8 of the shorter side, which ImageNet's test looks at. Its edges lie between pixels."""
    height, width = bgr.shape[:2]
    side = max(1, round(min(height, width) * 7 / 8))
    return Box((width - side) // 2, (height - side) // 2, side, side)


def cut(bgr: Image, square: Box, side_px: int) -> Image:
    """(side_px, side_px, 3) uint8 RGB: what lies in that square of `bgr`, at least one pixel of it."""
    height, width = bgr.shape[:2]
    side = max(1, round(square.w))
    left, top = min(max(0, round(square.x)), width - 1), min(max(0, round(square.y)), height - 1)
    part = bgr[top : top + side, left : left + side]
    shrinks = max(part.shape[:2]) > side_px
    scaled = cv2.resize(part, (side_px, side_px), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2RGB), np.uint8)


def preprocess(bgr: Image) -> Floats:
    """(224, 224, 3) float32 RGB as (x - 127) / 128, EfficientNet-Lite0's input: the middle, as for ImageNet's test."""
    return lite0_input(cut(bgr, central_crop(bgr), INPUT_SIZE_PX))


def lite0_input(rgb: Image) -> Floats:
    """Squares (..., 224, 224, 3) uint8 RGB as EfficientNet-Lite0 takes them: (x - 127) / 128, float32."""
    return _scaled(rgb, *_LITE0)


def _scaled(rgb: Image, mean: float, divisor: float) -> Floats:
    return (rgb.astype(np.float32) - np.float32(mean)) / np.float32(divisor)


def class_names() -> list[tuple[str, str]]:
    """(WordNet id, name) of each class, in the order of the logits."""
    lines = verified_path(_LABELS).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    if len(rows) != CLASSES:
        raise ModelError(f"{_LABELS} names {len(rows)} classes, expected {CLASSES}; install facecam again")
    return [(row[1], row[2]) for row in rows]


# MERGED objects.prepare: A picture as the input of a network that was trained here: middle square, size, channel order, scaling. Pure.


def network_input(bgr: Image, form: InputForm) -> Floats | None:
    """(size, size, channels) float32 of `bgr` (height, width, 3) uint8; None when a written figure is wanted and none is seen."""
    if form.ink:
        figure = figure_on_paper(bgr, form.size_px, form.ink_margin)
        return None if figure is None else scaled(np.repeat(figure[:, :, None], form.channels, axis=2), form)
    return scaled(squared(bgr, form), form)


def squared(bgr: Image, form: InputForm) -> Image:
    """(size, size, channels) uint8, RGB or gray: the centered square of the picture, averaged down or interpolated up."""
    height, width = bgr.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    sized = resized(bgr[top : top + side, left : left + side], form.size_px)
    if form.channels == 1:
        return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]
    return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2RGB), np.uint8)


def resized(square: Image, size_px: int) -> Image:
    """The square picture (n, n, channels) at another size, its channels as they are."""
    if square.shape[0] == size_px:
        return square
    how = cv2.INTER_AREA if square.shape[0] > size_px else cv2.INTER_LINEAR
    sized = np.asarray(cv2.resize(square, (size_px, size_px), interpolation=how), np.uint8)
    return sized.reshape(size_px, size_px, square.shape[2])


def scaled(pixels: Image, form: InputForm) -> Floats:
    """The same as float32, as the network's recipe scales it."""
    offset, divisor = SCALINGS[form.scaling]
    return (pixels.astype(np.float32) - np.float32(offset)) / np.float32(divisor)


# MERGED objects.trained_classifier: A network that was trained here, at work: a picture, or a square of one -> how likely its labels are, on LiteRT.

_INK_PX = 256
"""The side at which a sheet of paper is read; a pen's stroke is two pixels or more of it."""


class TrainedClassifier:
    """The network of a folder that `facecam train` wrote. Owned by the thread that calls it first.

    It has a label for everything, so it takes more than half to be shown, and what it made of the place before says nothing.
    Raises ModelError when the folder is damaged or is none.
    """

    rule = EvidenceRule(min_probability=0.6, min_new=0.6, three=None, news_only=False)

    def __init__(self, folder: Path, threads: int) -> None:
        self.network = read_trained(folder)
        self._compiled = open_network(str(folder.absolute()), threads)

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """The three likeliest labels of `bgr` (height, width, 3) uint8, best first; none when no written figure is seen."""
        return self.labels(self._likely(bgr))

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """(labels,) float32: how likely each label is for a square of `bgr`; all zero when no written figure is seen."""
        form = self.network.form
        rgb = cut(bgr, square, _INK_PX if form.ink else form.size_px)
        return self._likely(np.ascontiguousarray(rgb[:, :, ::-1]))

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest labels, best first; none when all are zero."""
        best = [i for i in np.argsort(-likely, kind="stable")[:TOP] if likely[i] > 0]
        return tuple(Label(self.network.labels[i], "", float(likely[i])) for i in best)

    def _likely(self, bgr: Image) -> Floats:
        batch = network_input(bgr, self.network.form)
        if batch is None:
            return np.zeros(len(self.network.labels), np.float32)
        likely: Floats = self._compiled(batch[None])[0]
        return likely
