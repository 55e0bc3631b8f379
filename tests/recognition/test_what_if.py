"""What a threshold that is not in force would mean: the very figures of `calibrate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facecam.gallery.gallery import Gallery
from facecam.recognition.calibration import Calibration, ThresholdModel, calibrate
from facecam.settings import IdentifySettings
from facecam.types import Sample

SETTINGS = IdentifySettings()


def gallery_of(people: int, photos: int, tmp_path: Path) -> Gallery:
    """People with photos scattered around a direction of their own."""
    random = np.random.default_rng(people)
    samples: list[Sample] = []
    for person in range(people):
        middle = random.normal(size=128)
        for photo in range(photos):
            embedding = middle + random.normal(size=128) * 0.2
            embedding = (embedding / np.linalg.norm(embedding)).astype(np.float32)
            key = f"{person:03}/{photo}.jpg"
            samples.append(Sample(key, f"{person:03}", f"person {person}", tmp_path / key, embedding))
    return Gallery(tmp_path, "some", samples=tuple(samples))


def asked(gallery: Gallery) -> tuple[Calibration, ThresholdModel]:
    found = calibrate(gallery, SETTINGS)
    return found, ThresholdModel.of(gallery, found, SETTINGS.network)


@pytest.mark.parametrize(("people", "photos"), [(0, 0), (1, 1), (1, 3), (3, 2), (25, 2)])
@pytest.mark.parametrize("threshold_l2", [0.005, 0.2, 0.32, 0.6, 1.4])
def test_a_pinned_threshold_means_what_calibrate_says(people: int, photos: int, threshold_l2: float, tmp_path: Path) -> None:
    gallery = gallery_of(people, photos, tmp_path)
    _, what_if = asked(gallery)
    pinned = calibrate(gallery, replace(SETTINGS, threshold_l2=threshold_l2))

    promise = what_if.at(threshold_l2)

    assert promise.stranger_share == pinned.now.stranger_share
    assert promise.miss_share == pytest.approx(pinned.now.miss_share, abs=1e-12)
    assert what_if.confused(threshold_l2) == pinned.confused


@pytest.mark.parametrize("people", [0, 1, 3, 25])
@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
def test_a_rate_means_what_calibrate_says(people: int, rate: float, tmp_path: Path) -> None:
    gallery = gallery_of(people, 2, tmp_path)
    _, what_if = asked(gallery)

    chosen = calibrate(gallery, SETTINGS, stranger_rate=rate).chosen

    assert what_if.for_rate(rate).threshold_l2 == chosen.threshold_l2
    assert what_if.for_rate(rate).miss_share == pytest.approx(chosen.miss_share, abs=1e-12)
