"""A picture -> its three likeliest names, on LiteRT."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.compile import open_network
from facecam.errors import ModelError
from facecam.inference import Network
from facecam.objects.imagenet import CLASSES, INPUT_SIZE_PX
from facecam.types import Box, Floats, Label, Picture
from facecam.weights import verified_path

NETWORK = "efficientnet_lite0_imagenet"
_LABELS = "imagenet_classes"
TOP = 3


class Classifier:
    """EfficientNet-Lite0 over the whole picture. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network: Network = open_network(NETWORK, threads)
        self._names = class_names()

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The three likeliest labels of `bgr` (height, width, 3) uint8, best first."""
        logits = self._network(preprocess(bgr)[None])[0]
        likely = np.exp(logits - logits.max())
        likely /= likely.sum()
        best = np.argsort(-likely, kind="stable")[:TOP]
        return tuple(Label(self._names[i][1], self._names[i][0], float(likely[i])) for i in best)


def centre(bgr: Picture) -> Box:
    """The centred square of 7/8 of the shorter side, which ImageNet's test looks at. Its edges lie between pixels."""
    height, width = bgr.shape[:2]
    side = max(1, round(min(height, width) * 7 / 8))
    return Box((width - side) // 2, (height - side) // 2, side, side)


def cut(bgr: Picture, square: Box, side_px: int) -> Picture:
    """(side_px, side_px, 3) uint8 RGB: what lies in that square of `bgr`, at least one pixel of it."""
    height, width = bgr.shape[:2]
    side = max(1, round(square.w))
    left, top = min(max(0, round(square.x)), width - 1), min(max(0, round(square.y)), height - 1)
    part = bgr[top : top + side, left : left + side]
    shrinks = max(part.shape[:2]) > side_px
    scaled = cv2.resize(part, (side_px, side_px), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2RGB), np.uint8)


def preprocess(bgr: Picture) -> Floats:
    """(224, 224, 3) float32 RGB as (x - 127) / 128: the middle, as for ImageNet's test."""
    return scaled(cut(bgr, centre(bgr), INPUT_SIZE_PX))


def scaled(rgb: Picture) -> Floats:
    """RGB of uint8 as EfficientNet-Lite0 takes it: (x - 127) / 128, float32."""
    return (rgb.astype(np.float32) - np.float32(127)) / np.float32(128)


def class_names() -> list[tuple[str, str]]:
    """(WordNet id, name) of each class, in the order of the logits."""
    lines = verified_path(_LABELS).read_text(encoding="utf-8").splitlines()
    names = [(line.split("\t")[1], line.split("\t")[2]) for line in lines]
    if len(names) != CLASSES:
        raise ModelError(f"{_LABELS} names {len(names)} classes, expected {CLASSES}; install facecam again")
    return names
