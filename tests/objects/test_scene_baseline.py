"""SceneBaseline and ColorHistogram: labels and colors of the scene before an object appears."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.imageio import read_image
from facecam.objects.classifier import Classifier
from facecam.objects.localization import ColorHistogram
from facecam.objects.pipeline import SceneBaseline
from facecam.types import Box, Image

SQUARE = Box(0, 0, 300, 300)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(1)


@pytest.fixture
def cat(portraits: dict[str, Path]) -> Image:
    return np.asarray(cv2.resize(read_image(portraits["cat"]), (300, 300)), np.uint8)


def settled_baseline(classifier: Classifier, bgr: Image) -> SceneBaseline:
    baseline = SceneBaseline(classifier)
    baseline.observe(bgr, 0.0)
    baseline.observe(bgr, 500.0)
    return baseline


def test_the_first_image_is_the_baseline_at_once(classifier: Classifier, cat: Image) -> None:
    baseline = SceneBaseline(classifier)
    baseline.reset(cat)

    assert baseline.subtract(classifier.probabilities(cat, SQUARE), SQUARE).max() == pytest.approx(0, abs=1e-6)


def test_labels_of_the_baseline_are_subtracted(classifier: Classifier, cat: Image) -> None:
    probabilities = classifier.probabilities(cat, SQUARE)

    assert settled_baseline(classifier, cat).subtract(probabilities, SQUARE).max() == pytest.approx(0, abs=1e-6)
    assert settled_baseline(classifier, np.full_like(cat, 90)).subtract(probabilities, SQUARE).max() > 0.8 * probabilities.max()


def test_an_image_shortly_before_the_object_is_found_does_not_become_the_baseline(classifier: Classifier, cat: Image) -> None:
    """An object is found a few frames after it appears."""
    baseline = settled_baseline(classifier, np.full_like(cat, 90))
    baseline.observe(cat, 800.0)

    probabilities = classifier.probabilities(cat, SQUARE)

    assert baseline.subtract(probabilities, SQUARE).max() > 0.8 * probabilities.max()


def test_without_a_baseline_nothing_is_subtracted_and_no_color_is_new(classifier: Classifier, cat: Image) -> None:
    probabilities = classifier.probabilities(cat, SQUARE)
    baseline = settled_baseline(classifier, cat)
    baseline.reset(None)

    assert np.array_equal(baseline.subtract(probabilities, SQUARE), probabilities)
    assert baseline.new_color_share(np.full_like(cat, 250), SQUARE) == 0


def test_colors_from_elsewhere_in_the_image_are_not_new(cat: Image) -> None:
    assert ColorHistogram(cat).new_share(np.ascontiguousarray(cat[::-1, ::-1])) < 0.01


def test_a_little_more_light_makes_no_new_colors(cat: Image) -> None:
    assert ColorHistogram(cat).new_share(cv2.convertScaleAbs(cat, alpha=1.08).astype(np.uint8)) < 0.02


@pytest.mark.parametrize("bgr", [(0, 0, 255), (255, 0, 0), (0, 255, 255)])
def test_colors_absent_from_the_image_are_new(cat: Image, bgr: tuple[int, int, int]) -> None:
    part = np.empty((60, 60, 3), np.uint8)
    part[:] = bgr

    assert ColorHistogram(cat).new_share(part) == 1
