"""ObjectExplainer: saliency maps of labels, verified by deletion."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.explanations import Occluder, most_salient, occlude
from facecam.errors import ModelError, SettingsError
from facecam.explain.occlusion import ObjectExplainer, ObjectSaliency
from facecam.imageio import read_image
from facecam.objects.classifier import Classifier, central_crop, class_names, crop_square
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.types import Box, Image


@pytest.fixture(scope="module")
def explainer() -> ObjectExplainer:
    return ObjectExplainer(threads=2)


@pytest.fixture(scope="module")
def coffee(portraits: dict[str, Path]) -> Image:
    return read_image(portraits["coffee"])


@pytest.fixture(scope="module")
def found(explainer: ObjectExplainer, coffee: Image) -> ObjectSaliency:
    """Explain the best label of the coffee."""
    return explainer.explain(coffee)


def test_occluding_the_most_salient_part_lowers_the_probability_most(found: ObjectSaliency, coffee: Image) -> None:
    middle = crop_square(coffee, central_crop(coffee), INPUT_SIZE_PX)
    classifier = Classifier(threads=2)
    number = [label_id for label_id, _ in class_names()].index(found.label.label_id)
    salient = most_salient(found.saliency_map, 0.2)
    elsewhere = [np.roll(salient, shift, (0, 1)) for shift in ((56, 0), (112, 0), (168, 0), (0, 112), (112, 112))]

    def occluded_probability(mask: NDArray[np.bool_]) -> float:
        hidden = np.ascontiguousarray(occlude(middle, mask, Occluder.GRAY)[..., ::-1])
        probabilities = classifier.probabilities(hidden, Box(0, 0, INPUT_SIZE_PX, INPUT_SIZE_PX))
        return float(probabilities[number])

    assert occluded_probability(salient) < found.label.probability
    assert occluded_probability(salient) < np.mean([occluded_probability(mask) for mask in elsewhere])


def test_without_a_label_the_best_one_is_explained(found: ObjectSaliency, coffee: Image) -> None:
    first = Classifier(threads=2).classify(coffee)[0]

    assert (found.label.name, found.label.label_id) == (first.name, first.label_id)
    assert found.label.probability == pytest.approx(first.probability, abs=1e-3)


def test_a_map_is_deterministic(explainer: ObjectExplainer, found: ObjectSaliency, coffee: Image) -> None:
    again = explainer.explain(coffee.copy())

    assert found.saliency_map.shape == (224, 224)
    assert found.saliency_map.dtype == np.float32
    assert 0 <= found.saliency_map.min() < found.saliency_map.max() == 1
    assert (found.saliency_map == again.saliency_map).all()


def test_the_map_peaks_on_the_cup_at_any_position(explainer: ObjectExplainer, coffee: Image) -> None:
    small = cv2.resize(coffee, (300, 200), interpolation=cv2.INTER_AREA)
    hot = []
    for left, top in ((60, 60), (260, 240)):
        table = np.full((500, 620, 3), (60, 80, 110), np.uint8)
        table[top : top + 200, left : left + 300] = small
        found = explainer.explain(table, explainer.label_ids("espresso")[0])
        y, x = np.unravel_index(found.saliency_map.argmax(), found.saliency_map.shape)
        factor = found.square.w / 224
        hot.append((found.square.x + x * factor - left, found.square.y + y * factor - top))

    half_a_cell = found.square.w / 8 / 2
    assert all(-half_a_cell < x < 300 + half_a_cell and -half_a_cell < y < 200 + half_a_cell for x, y in hot), hot


def test_another_label_has_another_map(explainer: ObjectExplainer, portraits: dict[str, Path]) -> None:
    cat = read_image(portraits["cat"])

    found = explainer.explain(cat, explainer.label_ids("Egyptian CAT")[0])

    assert found.label.name == "Egyptian cat"
    assert (found.saliency_map != explainer.explain(cat, explainer.label_ids("window screen")[0]).saliency_map).any()


def test_two_labels_of_one_name_are_both_found(explainer: ObjectExplainer) -> None:
    assert len(explainer.label_ids("crane")) == 2


def test_an_unknown_label_is_refused_with_similar_ones(explainer: ObjectExplainer) -> None:
    with pytest.raises(SettingsError, match="espresso"):
        explainer.label_ids("expresso")


def test_a_label_outside_imagenet_cannot_be_explained(explainer: ObjectExplainer, coffee: Image) -> None:
    with pytest.raises(ModelError, match="my mug"):
        explainer.explain(coffee, "my mug")
