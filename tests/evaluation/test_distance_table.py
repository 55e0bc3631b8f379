"""Distance tables from embeddings with known distances."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.evaluation.distance_table import QUANTILES, PhotoSet, table_arrays
from facecam.recognition.open_set import DistanceTable


def photos_of(people: int, photos: int) -> PhotoSet:
    """Return people at random places on the unit sphere, with photos close to them."""
    rng = np.random.default_rng(people)
    centers = np.repeat(rng.normal(size=(people, 64)), photos, axis=0)
    rows = (centers + 0.3 * rng.normal(size=centers.shape)).astype(np.float32)
    return PhotoSet(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.repeat(np.arange(people), photos))


@pytest.mark.parametrize(("people", "smallest"), [(201, 10 / 20_100), (8, 0.25)])
def test_the_smallest_share_stands_for_ten_pairs_of_people(people: int, smallest: float) -> None:
    arrays = table_arrays(photos_of(people, 2))

    assert arrays["probability"][0] == pytest.approx(smallest)


def test_quantiles_are_those_of_the_distances_between_people() -> None:
    photos = photos_of(60, 2)
    table = DistanceTable.from_arrays(table_arrays(photos))
    apart = np.linalg.norm(photos.embeddings[:, None] - photos.embeddings, axis=2)
    between = apart[photos.person[:, None] != photos.person]

    for rate in (0.02, 0.1, 0.5):
        assert table.impostor_quantile_l2(rate) == pytest.approx(np.quantile(between, rate), abs=0.01)
        low, high = table.impostor_interval_l2(rate)
        assert low < table.impostor_quantile_l2(rate) < high


@pytest.mark.parametrize(("photos", "rows"), [(2, 1), (3, 2), (9, 4)])
def test_genuine_distances_have_a_row_per_enrolled_photo_up_to_four(photos: int, rows: int) -> None:
    genuine = table_arrays(photos_of(12, photos))["genuine_l2"]

    assert genuine.shape == (rows, len(QUANTILES))
    assert (np.diff(genuine, axis=0) <= 0).all()
