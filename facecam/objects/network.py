"""What names objects, by the settings: facecam's own, one of keras.applications, or a folder that `facecam train` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from facecam.errors import ModelError
from facecam.keras_weights import keras_networks
from facecam.objects.classifier import NETWORK, Classifier
from facecam.objects.evidence import EvidenceRule
from facecam.objects.features import FEATURE_NETWORK
from facecam.objects.taught_names import TaughtNames, WithTaught
from facecam.objects.taught_store import INDEX, taught_dir
from facecam.objects.trained_classifier import TrainedClassifier
from facecam.settings import ObjectSettings
from facecam.types import Box, Floats, Label, Picture


class ObjectNamer(Protocol):
    """Names what a picture, or a square of one, shows. `rule` says when that is enough.

    Owned by the thread that calls it first.
    """

    rule: EvidenceRule

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The likeliest labels of `bgr` (height, width, 3) uint8, best first; none when it says nothing."""
        ...

    def probabilities(self, bgr: Picture, square: Box) -> Floats:
        """(n,) float32: how likely each of its names is for a square of `bgr`; all zero when it says nothing."""
        ...

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest names, best first, given the probabilities (n,) of all."""
        ...


def object_network(settings: ObjectSettings) -> str:
    """The network that names objects; a trained one by its folder in full. ModelError says what there is to choose."""
    name = settings.network
    if name == NETWORK or name in keras_networks():
        return name
    folder = Path(name).expanduser().absolute()
    if folder.is_dir():
        return str(folder)
    raise ModelError(
        f"{name} names no objects; choose {NETWORK}, the folder of a trained network, or of keras.applications "
        f"{', '.join(keras_networks())}"
    )


def networks(settings: ObjectSettings) -> list[str]:
    """The compiled networks that naming needs: also that of the taught labels, once there are some."""
    network = object_network(settings)
    teachable = not Path(network).is_absolute() and (taught_dir() / INDEX).is_file()
    return [network, FEATURE_NETWORK] if teachable else [network]


def open_namer(settings: ObjectSettings, threads: int) -> ObjectNamer:
    """What the settings ask for, ready to name; taught labels come before ImageNet's. ModelError when weights are damaged."""
    network = object_network(settings)
    if Path(network).is_absolute():
        return TrainedClassifier(Path(network), threads)
    return WithTaught(TaughtNames(taught_dir(), threads), Classifier(threads, network))
