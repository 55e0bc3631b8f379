"""The heat maps by deletion, on pictures that nothing was chosen on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.explanations import DRAWS, KINDS, PICTURES, Case, falls
from facecam.explain.occlusion import Cover


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_covering_the_hottest_fifth_costs_more_than_covering_another_one(test_data: Path, kind: str) -> None:
    cases = list(KINDS[kind]())
    assert len(cases) == PICTURES
    for cover in Cover:
        found = falls(iter(cases), cover, np.random.default_rng(0))
        for rival in ("moved", "cells"):
            assert found.hottest.mean() > found.rivals[rival].mean()
            assert np.mean(found.hottest > found.rivals[rival]) >= 0.8, (cover, rival)


def test_a_score_that_only_the_hot_part_decides_falls_by_it_alone() -> None:
    heat = np.zeros((96, 96), np.float32)
    heat[10:30, 10:30] = 1
    white = np.full((96, 96, 3), 255, np.uint8)
    case = Case(white, heat, lambda pictures: np.array([picture[10:30, 10:30].mean() / 255 for picture in pictures], np.float32))

    found = falls(iter([case] * 3), Cover.GRAY, np.random.default_rng(0))

    assert found.hottest == pytest.approx([128 / 255] * 3)
    assert all((some < found.hottest).all() for some in found.rivals.values())
    assert found.rivals["pixels"] == pytest.approx([0.2 * 128 / 255] * 3, abs=0.03)
    assert DRAWS > 1
