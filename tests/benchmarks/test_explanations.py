"""Deletion benchmark of the saliency maps, on images that nothing was chosen on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.explanations import DRAWS, IMAGES, KINDS, Case, Occluder, measure_falls


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_occluding_the_most_salient_fifth_lowers_the_score_most(test_data: Path, kind: str) -> None:
    cases = list(KINDS[kind]())
    assert len(cases) == IMAGES
    for occluder in Occluder:
        found = measure_falls(iter(cases), occluder, np.random.default_rng(0))
        for rival in ("moved", "cells"):
            assert found.salient.mean() > found.rivals[rival].mean()
            assert np.mean(found.salient > found.rivals[rival]) >= 0.8, (occluder, rival)


def test_a_score_of_one_part_falls_only_with_that_part() -> None:
    saliency_map = np.zeros((96, 96), np.float32)
    saliency_map[10:30, 10:30] = 1
    white = np.full((96, 96, 3), 255, np.uint8)
    case = Case(white, saliency_map, lambda images: np.array([image[10:30, 10:30].mean() / 255 for image in images], np.float32))

    found = measure_falls(iter([case] * 3), Occluder.GRAY, np.random.default_rng(0))

    assert found.salient == pytest.approx([128 / 255] * 3)
    assert all((some < found.salient).all() for some in found.rivals.values())
    assert found.rivals["pixels"] == pytest.approx([0.2 * 128 / 255] * 3, abs=0.03)
    assert DRAWS > 1
