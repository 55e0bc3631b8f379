"""What speaks for a label: on the object and not beside it, and the same each time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facecam.errors import ModelError, SettingsError
from facecam.explain.occlusion import Cover, ObjectExplainer, covered, hottest
from facecam.imageio import read_image
from facecam.objects.classifier import Classifier, central_crop, cut
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.types import Box, Image


@pytest.fixture(scope="module")
def explainer() -> ObjectExplainer:
    return ObjectExplainer(threads=2)


@pytest.fixture(scope="module")
def coffee(portraits: dict[str, Path]) -> Image:
    return read_image(portraits["coffee"])


def test_covering_the_hottest_part_takes_more_from_the_label_than_covering_it_elsewhere(
    explainer: ObjectExplainer, coffee: Image
) -> None:
    middle = cut(coffee, central_crop(coffee), INPUT_SIZE_PX)
    found = explainer.explain(coffee)
    hot = hottest(found.heat, 0.2)
    elsewhere = [np.roll(hot, shift, (0, 1)) for shift in ((56, 0), (112, 0), (168, 0), (0, 112), (112, 112))]

    def left_of_label(mask: NDArray[np.bool_]) -> float:
        hidden = covered(middle, mask, Cover.GRAY)[..., ::-1]
        whole = Box(0, 0, INPUT_SIZE_PX, INPUT_SIZE_PX)
        return explainer.explain(np.ascontiguousarray(hidden), found.label.label_id, whole).label.probability

    assert left_of_label(hot) < found.label.probability
    assert left_of_label(hot) < np.mean([left_of_label(mask) for mask in elsewhere])


def test_without_a_label_the_likeliest_is_explained(explainer: ObjectExplainer, coffee: Image) -> None:
    found = explainer.explain(coffee)
    first = Classifier(threads=2).classify(coffee)[0]

    assert (found.label.name, found.label.label_id) == (first.name, first.label_id)
    assert found.label.probability == pytest.approx(first.probability, abs=1e-3)


def test_the_same_picture_has_the_same_map(explainer: ObjectExplainer, coffee: Image) -> None:
    one, two = explainer.explain(coffee), explainer.explain(coffee.copy())

    assert one.heat.shape == (224, 224)
    assert one.heat.dtype == np.float32
    assert 0 <= one.heat.min() < one.heat.max() == 1
    assert (one.heat == two.heat).all()


def test_the_heat_lies_on_the_cup_wherever_it_stands(explainer: ObjectExplainer, coffee: Image) -> None:
    small = cv2.resize(coffee, (300, 200), interpolation=cv2.INTER_AREA)
    hot = []
    for left, top in ((60, 60), (260, 240)):
        table = np.full((500, 620, 3), (60, 80, 110), np.uint8)
        table[top : top + 200, left : left + 300] = small
        found = explainer.explain(table, explainer.label_ids("espresso")[0])
        y, x = np.unravel_index(found.heat.argmax(), found.heat.shape)
        factor = found.square.w / 224
        hot.append((found.square.x + x * factor - left, found.square.y + y * factor - top))

    half_a_cell = found.square.w / 8 / 2
    assert all(-half_a_cell < x < 300 + half_a_cell and -half_a_cell < y < 200 + half_a_cell for x, y in hot), hot


def test_another_label_has_another_map(explainer: ObjectExplainer, portraits: dict[str, Path]) -> None:
    cat = read_image(portraits["cat"])

    found = explainer.explain(cat, explainer.label_ids("Egyptian CAT")[0])

    assert found.label.name == "Egyptian cat"
    assert (found.heat != explainer.explain(cat, explainer.label_ids("window screen")[0]).heat).any()


def test_two_labels_of_one_name_are_both_found(explainer: ObjectExplainer) -> None:
    assert len(explainer.label_ids("crane")) == 2


def test_a_label_that_is_unknown_is_answered_with_what_is_like_it(explainer: ObjectExplainer) -> None:
    with pytest.raises(SettingsError, match="espresso"):
        explainer.label_ids("expresso")


def test_what_is_no_label_of_imagenet_cannot_be_explained(explainer: ObjectExplainer, coffee: Image) -> None:
    with pytest.raises(ModelError, match="my mug"):
        explainer.explain(coffee, "my mug")
