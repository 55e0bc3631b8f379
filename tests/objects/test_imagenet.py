"""EfficientNet-Lite0 against an independent PyTorch implementation's logits, and on labeled photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image
from facecam.networks.litert import open_network
from facecam.objects import imagenet
from facecam.objects.classifier import NETWORK, TOP_LABELS, Classifier, central_crop, class_names, crop_square, lite0_input
from facecam.types import Floats


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(threads=2)


@pytest.fixture(scope="module")
def golden(test_data: Path) -> tuple[Floats, Floats]:
    """Network input and reference logits."""
    with np.load(test_data / "golden" / "efficientnet_lite0.npz", allow_pickle=False) as stored:
        return (stored["rgb"].astype(np.float32) - 127) / 128, stored["logits"]


@pytest.fixture(scope="module")
def in_keras() -> Callable[[Floats], Floats]:
    model = imagenet.create_model()
    return lambda batch: np.asarray(model(batch, training=False))


def test_keras_gives_the_reference_logits(in_keras: Callable[[Floats], Floats], golden: tuple[Floats, Floats]) -> None:
    batch, expected = golden

    found = in_keras(batch)

    assert np.abs(found - expected).max() < 1e-3


def test_the_compiled_network_gives_the_reference_logits(golden: tuple[Floats, Floats]) -> None:
    batch, expected = golden

    network = open_network(NETWORK, threads=2)
    found = network(batch)

    assert np.abs(found - expected).max() < 1e-3


def test_keras_and_the_compiled_network_agree_on_noise(in_keras: Callable[[Floats], Floats]) -> None:
    noise = np.random.default_rng(6).random((2, 224, 224, 3), np.float32) * 2 - 1

    network = open_network(NETWORK, threads=2)
    on_litert = network(noise)

    assert np.abs(in_keras(noise) - on_litert).max() < 1e-3


@pytest.mark.parametrize(("name", "expected"), [("cat", {"tabby", "tiger cat", "Egyptian cat"}), ("coffee", {"espresso", "cup"})])
def test_bundled_images_get_correct_labels(
    classifier: Classifier, portraits: dict[str, Path], name: str, expected: set[str]
) -> None:
    assert classifier.classify(read_image(portraits[name]))[0].name in expected


def test_the_three_most_probable_labels_come_best_first(classifier: Classifier, portraits: dict[str, Path]) -> None:
    probabilities = [label.probability for label in classifier.classify(read_image(portraits["coffee"]))]

    assert len(probabilities) == TOP_LABELS == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 < sum(probabilities) <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (2, 3), (224, 224), (4320, 7680)])
def test_an_image_of_any_size_gets_labels(classifier: Classifier, shape: tuple[int, int]) -> None:
    labels = classifier.classify(np.zeros((*shape, 3), np.uint8))

    assert len(labels) == 3
    assert all(np.isfinite(label.probability) for label in labels)


def test_the_input_is_the_central_crop_as_rgb() -> None:
    """Blue, but for a margin of a sixteenth on each side of the shorter side's square."""
    bgr = np.full((160, 320, 3), 127, np.uint8)
    bgr[10:150, 90:230] = (255, 0, 0)

    batch = lite0_input(crop_square(bgr, central_crop(bgr), imagenet.INPUT_SIZE_PX))

    assert batch.shape == (224, 224, 3)
    assert batch[:, :, 2] == pytest.approx(1)
    assert batch[:, :, :2] == pytest.approx(-127 / 128)


def test_every_class_has_a_unique_wordnet_id() -> None:
    ids = [label_id for label_id, _ in class_names()]

    assert len(ids) == len(set(ids)) == 1000
    assert class_names()[0] == ("n01440764", "tench")


def test_most_photos_of_objects_get_the_correct_label(test_data: Path, classifier: Classifier) -> None:
    images = sorted((test_data / "data" / "objects").glob("n*.JPEG"))

    right = [classifier.classify(read_image(path))[0].label_id == path.stem.partition("_")[0] for path in images]

    assert len(right) == 100
    assert np.mean(right) >= 0.85
