"""What speaks for a label: Grad-CAM as TensorFlow's gradients give it, on the object and not beside it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.errors import ModelError, SettingsError
from facecam.explain.heat import spread
from facecam.explain.objects import ObjectExplainer
from facecam.objects.classifier import Classifier, preprocess
from facecam.objects.imagenet import INPUT_SIZE_PX, create_model
from facecam.picture import read_picture
from facecam.types import Picture


@pytest.fixture(scope="module")
def explainer() -> ObjectExplainer:
    return ObjectExplainer(threads=2)


@pytest.fixture(scope="module")
def coffee(portraits: dict[str, Path]) -> Picture:
    return read_picture(portraits["coffee"])


def test_it_is_grad_cam(explainer: ObjectExplainer, coffee: Picture) -> None:
    import keras
    import tensorflow as tf

    model = create_model()
    looked = keras.Model(model.input, [model.get_layer("features").input, model.output])
    with tf.GradientTape() as tape:
        maps, logits = looked(preprocess(coffee)[None], training=False)
        score = tf.reduce_max(logits)
    weights = tape.gradient(score, maps).numpy().mean(axis=(1, 2), keepdims=True)

    expected = spread((maps.numpy() * weights).sum(axis=-1)[0], INPUT_SIZE_PX)

    assert np.abs(explainer.explain(coffee).heat - expected).max() < 1e-3


def test_without_a_label_the_likeliest_is_explained(explainer: ObjectExplainer, coffee: Picture) -> None:
    found = explainer.explain(coffee)
    first = Classifier(threads=2).classify(coffee)[0]

    assert (found.label.name, found.label.label_id) == (first.name, first.label_id)
    assert found.label.probability == pytest.approx(first.probability, abs=1e-3)


def test_the_same_picture_has_the_same_map(explainer: ObjectExplainer, coffee: Picture) -> None:
    one, two = explainer.explain(coffee), explainer.explain(coffee.copy())

    assert one.heat.shape == (224, 224)
    assert one.heat.dtype == np.float32
    assert 0 <= one.heat.min() < one.heat.max() == 1
    assert (one.heat == two.heat).all()


def test_the_heat_lies_on_the_cup_wherever_it_stands(explainer: ObjectExplainer, coffee: Picture) -> None:
    small = cv2.resize(coffee, (300, 200), interpolation=cv2.INTER_AREA)
    hot = []
    for left, top in ((60, 60), (260, 240)):
        table = np.full((500, 620, 3), (60, 80, 110), np.uint8)
        table[top : top + 200, left : left + 300] = small
        found = explainer.explain(table, explainer.label_ids("espresso")[0])
        y, x = np.unravel_index(found.heat.argmax(), found.heat.shape)
        factor = found.square.w / 224
        hot.append((found.square.x + x * factor - left, found.square.y + y * factor - top))

    half_a_cell = found.square.w / 7 / 2
    assert all(-half_a_cell < x < 300 + half_a_cell and -half_a_cell < y < 200 + half_a_cell for x, y in hot), hot


def test_another_label_has_another_map(explainer: ObjectExplainer, portraits: dict[str, Path]) -> None:
    cat = read_picture(portraits["cat"])

    found = explainer.explain(cat, explainer.label_ids("Egyptian CAT")[0])

    assert found.label.name == "Egyptian cat"
    assert (found.heat != explainer.explain(cat, explainer.label_ids("window screen")[0]).heat).any()


def test_two_labels_of_one_name_are_both_found(explainer: ObjectExplainer) -> None:
    assert len(explainer.label_ids("crane")) == 2


def test_a_label_that_is_unknown_is_answered_with_what_is_like_it(explainer: ObjectExplainer) -> None:
    with pytest.raises(SettingsError, match="espresso"):
        explainer.label_ids("expresso")


def test_what_is_no_label_of_imagenet_cannot_be_explained(explainer: ObjectExplainer, coffee: Picture) -> None:
    assert not explainer.knows("my mug")
    with pytest.raises(ModelError, match="my mug"):
        explainer.explain(coffee, "my mug")
