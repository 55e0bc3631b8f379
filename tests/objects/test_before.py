"""What was to be seen before something new came: its names and its colors."""

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


def settled(classifier: Classifier, bgr: Image) -> SceneBaseline:
    before = SceneBaseline(classifier)
    before.keep(bgr, 0.0)
    before.keep(bgr, 500.0)
    return before


def test_the_first_picture_counts_at_once(classifier: Classifier, cat: Image) -> None:
    before = SceneBaseline(classifier)
    before.begin(cat)

    assert before.news(classifier.probabilities(cat, SQUARE), SQUARE).max() == pytest.approx(0, abs=1e-6)


def test_what_was_there_is_no_news(classifier: Classifier, cat: Image) -> None:
    likely = classifier.probabilities(cat, SQUARE)

    assert settled(classifier, cat).news(likely, SQUARE).max() == pytest.approx(0, abs=1e-6)
    assert settled(classifier, np.full_like(cat, 90)).news(likely, SQUARE).max() > 0.8 * likely.max()


def test_what_came_in_unnoticed_is_news_all_the_same(classifier: Classifier, cat: Image) -> None:
    """It is found a few frames after it came."""
    before = settled(classifier, np.full_like(cat, 90))
    before.keep(cat, 800.0)

    likely = classifier.probabilities(cat, SQUARE)

    assert before.news(likely, SQUARE).max() > 0.8 * likely.max()


def test_as_long_as_nothing_is_known_everything_is_news_and_no_color_is_new(classifier: Classifier, cat: Image) -> None:
    likely = classifier.probabilities(cat, SQUARE)
    before = settled(classifier, cat)
    before.begin(None)

    assert np.array_equal(before.news(likely, SQUARE), likely)
    assert before.new_colors(np.full_like(cat, 250), SQUARE) == 0


def test_colors_that_were_elsewhere_in_the_picture_are_not_new(cat: Image) -> None:
    assert ColorHistogram(cat).new_share(np.ascontiguousarray(cat[::-1, ::-1])) < 0.01


def test_a_little_more_light_makes_no_new_colors(cat: Image) -> None:
    assert ColorHistogram(cat).new_share(cv2.convertScaleAbs(cat, alpha=1.08).astype(np.uint8)) < 0.02


@pytest.mark.parametrize("bgr", [(0, 0, 255), (255, 0, 0), (0, 255, 255)])
def test_colors_that_were_nowhere_are_new(cat: Image, bgr: tuple[int, int, int]) -> None:
    part = np.empty((60, 60, 3), np.uint8)
    part[:] = bgr

    assert ColorHistogram(cat).new_share(part) == 1
