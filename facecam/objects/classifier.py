"""Image classification on LiteRT: ImageNet's classes, or the labels of a network that `facecam train` wrote."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.networks.keras_imagenet import keras_networks
from facecam.networks.litert import open_network, softmax
from facecam.networks.manifest import verified_content
from facecam.networks.user_networks import SCALINGS, InputForm, read_trained
from facecam.objects.digit_preprocessing import central_square_of, extract_digit
from facecam.objects.evidence import EvidenceRule
from facecam.objects.imagenet import CLASSES, INPUT_SIZE_PX
from facecam.types import Box, Floats, Image, Label

NETWORK = "efficientnet_lite0_imagenet"
TOP_LABELS = 3
_LABELS_FILE = "imagenet_classes"
_LITE0_SCALING = (127.0, 128.0)
"""Offset and divisor of EfficientNet-Lite0's input."""
_PAPER_PX = 256
"""Side at which handwriting on paper is read; a pen stroke is at least two pixels wide."""

_log = logging.getLogger(__name__)


def label_text(name: str) -> str:
    """Return a label in Unicode's form NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def label_key(name: str) -> str:
    """Return the text by which labels are compared: those that differ only in case or spaces are one label."""
    return unicodedata.normalize("NFC", label_text(name).casefold())


def unique_labels(names: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the different labels in their first spelling, and for each name the index of its label."""
    spellings: dict[str, str] = {}
    for name in names:
        spellings.setdefault(label_key(name), name)
    order = list(spellings)
    return tuple(spellings.values()), np.array([order.index(label_key(name)) for name in names], np.intp)


@cache
def log_joined_labels(folder: Path, names: tuple[str, ...], advice: str) -> None:
    """Log once per process that labels in a folder differ only in case or spaces."""
    kept, owners = unique_labels(names)
    for index, name in enumerate(kept):
        others = [other for other, owner in zip(names, owners, strict=True) if owner == index and other != name]
        if others:
            text = f"{', '.join(others)} and {name} differ only in case or spaces: they are the label {name}"
            _log.warning("%s: %s; %s", folder, text, advice)


class Classifier:
    """EfficientNet-Lite0, or a network of keras.applications by name. Owned by the thread that calls it first."""

    rule = EvidenceRule()

    def __init__(self, threads: int, network: str = NETWORK) -> None:
        self._network = open_network(network, threads)
        self._names = class_names()
        keras = keras_networks().get(network)
        self.side_px = INPUT_SIZE_PX if keras is None else keras.side_px
        # Compiled networks of keras.applications contain their own preprocessing.
        self._offset, self._divisor = _LITE0_SCALING if keras is None else (0.0, 1.0)

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """Return the three most probable labels of the central crop of `bgr` (height, width, 3) uint8, best first."""
        return self.labels(self.probabilities(bgr, central_crop(bgr)))

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """Return the probability of each class, (1000,) float32, for a square inside `bgr`."""
        pixels = crop_square(bgr, square, self.side_px)
        return softmax(self._network(_scaled(pixels, self._offset, self._divisor)[np.newaxis])[0])

    def labels(self, probabilities: Floats) -> tuple[Label, ...]:
        """Return the three most probable labels, best first, given all probabilities (1000,)."""
        best = np.argsort(-probabilities, kind="stable")[:TOP_LABELS]
        return tuple(Label(self._names[i][1], self._names[i][0], float(probabilities[i])) for i in best)


class TrainedClassifier:
    """A network of a folder that `facecam train` wrote. Owned by the thread that calls it first.

    The network has a label for everything, so its probability must exceed one half, and its output for the empty scene
    is not subtracted. Raises ModelError when the folder is damaged or holds no trained network.
    """

    rule = EvidenceRule(min_probability=0.6, min_probability_new=0.6, top3_factor=None, subtract_baseline=False)

    def __init__(self, folder: Path, threads: int) -> None:
        self.network = read_trained(folder)
        self._names, self._owners = unique_labels(self.network.labels)
        if len(self._names) < len(self.network.labels):
            log_joined_labels(folder, self.network.labels, "train again to make them one")
        self._compiled = open_network(str(folder.absolute()), threads)

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """Return the three most probable labels of `bgr` (height, width, 3) uint8, best first; none when no digit is found."""
        return self.labels(self._probabilities(bgr))

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """Return the probability of each label, (labels,) float32, for a square of `bgr`; all zero when no digit is found."""
        form = self.network.form
        rgb = crop_square(bgr, square, _PAPER_PX if form.handwritten else form.size_px)
        return self._probabilities(np.ascontiguousarray(rgb[:, :, ::-1]))

    def labels(self, probabilities: Floats) -> tuple[Label, ...]:
        """Return the three most probable labels, best first; none when all are zero."""
        best = [i for i in np.argsort(-probabilities, kind="stable")[:TOP_LABELS] if probabilities[i] > 0]
        return tuple(Label(self._names[i], "", float(probabilities[i])) for i in best)

    def taught_shares(self) -> tuple[Label, ...]:
        """Return no taught labels: the network has only its own."""
        return ()

    def _probabilities(self, bgr: Image) -> Floats:
        batch = network_input(bgr, self.network.form)
        if batch is None:
            return np.zeros(len(self._names), np.float32)
        # Spellings of one label share its probability.
        return np.bincount(self._owners, self._compiled(batch[None])[0], len(self._names)).astype(np.float32)


def class_names() -> list[tuple[str, str]]:
    """Return (WordNet id, name) of each ImageNet class, in the order of the logits."""
    lines = verified_content(_LABELS_FILE).decode().splitlines()
    rows = [line.split("\t") for line in lines]
    if len(rows) != CLASSES:
        raise ModelError(
            "{path} names {count} classes, expected {expected}; install facecam again",
            path=_LABELS_FILE,
            count=len(rows),
            expected=CLASSES,
        )
    return [(row[1], row[2]) for row in rows]


def central_crop(bgr: Image) -> Box:
    """Return the centered square of 7/8 of the shorter side, ImageNet's test crop. Its edges lie between pixels."""
    height, width = bgr.shape[:2]
    side = max(1, round(min(height, width) * 7 / 8))
    return Box((width - side) // 2, (height - side) // 2, side, side)


def crop_square(bgr: Image, square: Box, side_px: int) -> Image:
    """Return a square of `bgr`, at least one pixel of it, as (side_px, side_px, 3) uint8 RGB."""
    height, width = bgr.shape[:2]
    side = max(1, round(square.w))
    left, top = min(max(0, round(square.x)), width - 1), min(max(0, round(square.y)), height - 1)
    part = bgr[top : top + side, left : left + side]
    shrinks = max(part.shape[:2]) > side_px
    sized = cv2.resize(part, (side_px, side_px), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2RGB), np.uint8)


def lite0_input(rgb: Image) -> Floats:
    """Scale squares (..., 224, 224, 3) uint8 RGB for EfficientNet-Lite0: (x - 127) / 128, float32."""
    return _scaled(rgb, *_LITE0_SCALING)


def network_input(bgr: Image, form: InputForm) -> Floats | None:
    """Return a trained network's input (size, size, channels) float32 of `bgr` (height, width, 3) uint8.

    None when the network reads handwriting and no digit is found.
    """
    if form.handwritten:
        digit = extract_digit(bgr, form.size_px, form.margin)
        return None if digit is None else scale_pixels(np.repeat(digit[:, :, None], form.channels, axis=2), form)
    return scale_pixels(square_pixels(bgr, form), form)


def square_pixels(bgr: Image, form: InputForm) -> Image:
    """Return the centered square of `bgr` as (size, size, channels) uint8, RGB or gray."""
    sized = resize_square(central_square_of(bgr), form.size_px)
    if form.channels == 1:
        return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]
    return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2RGB), np.uint8)


def resize_square(square: Image, size_px: int) -> Image:
    """Resize a square image (n, n, channels) uint8; its channels stay as they are."""
    if square.shape[0] == size_px:
        return square
    interpolation = cv2.INTER_AREA if square.shape[0] > size_px else cv2.INTER_LINEAR
    sized = np.asarray(cv2.resize(square, (size_px, size_px), interpolation=interpolation), np.uint8)
    return sized.reshape(size_px, size_px, square.shape[2])


def scale_pixels(pixels: Image, form: InputForm) -> Floats:
    """Scale uint8 pixels to the float32 values that the network's recipe expects."""
    return _scaled(pixels, *SCALINGS[form.scaling])


def _scaled(pixels: Image, offset: float, divisor: float) -> Floats:
    return (pixels.astype(np.float32) - np.float32(offset)) / np.float32(divisor)
