"""A picture -> its three likeliest names, on LiteRT."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from facecam.compile import open_network
from facecam.errors import ModelError
from facecam.inference import Network
from facecam.objects.imagenet import CLASSES, INPUT_SIZE_PX
from facecam.settings import ObjectSettings
from facecam.trained import read_trained
from facecam.types import Floats, Label, Picture
from facecam.weights import entry, verified_path

NETWORK = "efficientnet_lite0_imagenet"
_LABELS = "imagenet_classes"
TOP = 3


class ObjectNamer(Protocol):
    """Names what a picture shows."""

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The likeliest labels of `bgr` (height, width, 3) uint8, best first; none when it says nothing."""
        ...


def object_network(settings: ObjectSettings) -> str:
    """What has to be compiled for naming objects: the packaged network, or a trained one by its folder."""
    return str(_folder(settings)) if settings.network else NETWORK


def object_facts(settings: ObjectSettings) -> dict[str, dict[str, str]]:
    """Name -> hash and role of that network, for the log's session file. ModelError when it is damaged."""
    if settings.network:
        return {object_network(settings): {"sha256": read_trained(_folder(settings)).sha256, "role": "objects"}}
    return {NETWORK: {"sha256": entry(NETWORK).sha256, "role": entry(NETWORK).role}}


def open_classifier(settings: ObjectSettings, threads: int) -> ObjectNamer:
    """What the settings ask for, ready to name. ModelError when its weights are missing or damaged."""
    if settings.network:
        from facecam.objects.trained_classifier import TrainedClassifier

        return TrainedClassifier(_folder(settings), threads)
    from facecam.objects.taught_names import TaughtNames, WithTaught
    from facecam.objects.taught_store import taught_dir

    return WithTaught(TaughtNames(taught_dir(), threads), Classifier(threads))


def _folder(settings: ObjectSettings) -> Path:
    """A trained network's folder in full: a bare name would be taken for a packaged network."""
    return Path(settings.network).expanduser().absolute()


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


def preprocess(bgr: Picture) -> Floats:
    """(224, 224, 3) float32 RGB as (x - 127) / 128: the centred square of 7/8 of the shorter side, as for ImageNet's test."""
    height, width = bgr.shape[:2]
    side = max(1, round(min(height, width) * 7 / 8))
    top, left = (height - side) // 2, (width - side) // 2
    square = bgr[top : top + side, left : left + side]
    shrinks = side > INPUT_SIZE_PX
    scaled = cv2.resize(square, (INPUT_SIZE_PX,) * 2, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    rgb: Floats = cv2.cvtColor(scaled, cv2.COLOR_BGR2RGB).astype(np.float32)
    return (rgb - np.float32(127)) / np.float32(128)


def class_names() -> list[tuple[str, str]]:
    """(WordNet id, name) of each class, in the order of the logits."""
    lines = verified_path(_LABELS).read_text(encoding="utf-8").splitlines()
    names = [(line.split("\t")[1], line.split("\t")[2]) for line in lines]
    if len(names) != CLASSES:
        raise ModelError(f"{_LABELS} names {len(names)} classes, expected {CLASSES}; install facecam again")
    return names
