"""Automatic thresholds over people, photos and rates, and the packaged distance tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.errors import ModelError
from facecam.networks.embedding_networks import embedding_network
from facecam.networks.manifest import entries
from facecam.recognition.matching import decision_rule
from facecam.recognition.open_set import (
    COHORT_WEIGHT,
    SESSION_FACTOR,
    SESSION_SAMPLES,
    DistanceTable,
    OpenSetStatistics,
    cohort_distances_l2,
    equivalent_people,
    load_distance_table,
    open_set_statistics,
    session_limits_l2,
)
from facecam.settings import IdentifySettings
from facecam.types import Sample

NETWORKS = [model.name for model in entries() if model.role == "embedding"]
NETWORK = IdentifySettings().network
TABLE = load_distance_table(NETWORK)
NO_CAP = 2.0
WEIGHTED = replace(embedding_network(NETWORK), spread_weight=1.5)
PEOPLE = st.floats(1, 5000)
RATES = st.floats(1e-5, 0.5)


def samples(embeddings: np.ndarray, people: list[int]) -> list[Sample]:
    return [
        Sample(f"{person}/{number}", str(person), str(person), Path(f"{number}.jpg"), embedding)
        for number, (person, embedding) in enumerate(zip(people, embeddings, strict=True))
    ]


def unit(rng: np.random.Generator, count: int, spread: float = 100.0) -> np.ndarray:
    """Return random directions around a common one."""
    toward = np.eye(128)[0] + spread * rng.normal(size=(count, 128)) / np.sqrt(128)
    return (toward / np.linalg.norm(toward, axis=1, keepdims=True)).astype(np.float32)


def one_session(rng: np.random.Generator, people: int, photos: int) -> list[Sample]:
    """Return samples of people who are near to each other, each person's samples nearly the same."""
    own = np.repeat(unit(rng, people, spread=0.4), photos, axis=0)
    noisy = own + 0.02 * rng.normal(size=own.shape)
    embeddings = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)
    return samples(embeddings, [row // photos for row in range(len(embeddings))])


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_has_a_table_of_its_distances(network: str) -> None:
    table = load_distance_table(network)

    assert float(table.false_match_rate(table.impostor_quantile_l2(0.01))) == pytest.approx(0.01)
    assert (table.impostor_low_l2 <= table.impostor_l2 + 1e-3).all()
    assert table.false_negative_identification_rate(0.0, 1) == 1
    assert table.false_negative_identification_rate(2.0, 1) == 0


@given(PEOPLE, PEOPLE, RATES)
def test_more_people_never_widen_the_threshold(one: float, other: float, rate: float) -> None:
    fewer, more = (OpenSetStatistics(people).threshold_l2(rate, TABLE, NO_CAP) for people in sorted((one, other)))

    assert more <= fewer


@given(PEOPLE, RATES, RATES)
def test_a_higher_rate_never_narrows_the_threshold(people: float, one: float, other: float) -> None:
    strict, lax = (OpenSetStatistics(people).threshold_l2(rate, TABLE, NO_CAP) for rate in sorted((one, other)))

    assert strict <= lax


@given(PEOPLE, RATES)
def test_an_uncertain_table_never_gives_a_threshold_of_zero_or_less(people: float, rate: float) -> None:
    table = replace(TABLE, impostor_low_l2=TABLE.impostor_low_l2 - 2, impostor_high_l2=TABLE.impostor_high_l2 + 2)

    assert OpenSetStatistics(people).threshold_l2(rate, table, NO_CAP) > 0


def test_a_table_without_numbers_is_refused() -> None:
    with pytest.raises(ModelError, match="damaged"):
        replace(TABLE, impostor_l2=np.full_like(TABLE.impostor_l2, np.nan))


@given(PEOPLE, RATES, st.floats(0.3, 1))
def test_the_fpir_at_the_threshold_is_at_most_the_target_rate_and_near_it(people: float, rate: float, spread: float) -> None:
    statistics = OpenSetStatistics(people, spread)

    expected = statistics.false_positive_identification_rate(statistics.threshold_l2(rate, TABLE, NO_CAP), TABLE)

    assert 0.4 * rate < expected <= rate


@given(st.floats(0, 2), st.integers(1, 20))
def test_another_photo_never_raises_the_fnir(distance_l2: float, photos: int) -> None:
    table = load_distance_table(NETWORK)

    assert table.false_negative_identification_rate(distance_l2, photos + 1) <= table.false_negative_identification_rate(
        distance_l2, photos
    )


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_photos_of_one_person_count_less_than_photos_of_several(photos: list[int]) -> None:
    assert len(photos) <= equivalent_people(photos) <= sum(photos)


def test_the_automatic_threshold_falls_as_a_gallery_grows_and_never_exceeds_the_networks_own() -> None:
    embeddings = unit(np.random.default_rng(1), 400)

    thresholds = [
        decision_rule(IdentifySettings(), samples(embeddings[:people], list(range(people)))).threshold_l2
        for people in (0, 1, 5, 20, 100, 400)
    ]

    assert thresholds[:2] == [embedding_network(NETWORK).threshold_l2] * 2
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[-1] < 0.9 * thresholds[0]


def test_similar_people_narrow_the_threshold() -> None:
    rng = np.random.default_rng(2)

    alike = open_set_statistics(samples(unit(rng, 60, spread=0.25), list(range(60))), TABLE, WEIGHTED)
    unlike = open_set_statistics(samples(unit(rng, 60), list(range(60))), TABLE, WEIGHTED)

    assert unlike.spread == 1
    assert alike.spread < 0.7
    assert alike.threshold_l2(0.01, TABLE, NO_CAP) < unlike.threshold_l2(0.01, TABLE, NO_CAP)


@given(st.integers(2, 12), st.integers(1, 6))
def test_more_photos_of_the_same_people_do_not_bring_them_nearer(people: int, photos: int) -> None:
    listed = one_session(np.random.default_rng(6), people, photos)

    assert open_set_statistics(listed, TABLE, WEIGHTED).fixed_spread == pytest.approx(
        open_set_statistics(listed[::photos], TABLE, WEIGHTED).fixed_spread, abs=0.04
    )


def test_pairs_of_people_with_a_session_limit_do_not_narrow_the_automatic_threshold() -> None:
    rng = np.random.default_rng(8)
    videos = one_session(rng, 3, 12)
    photo = replace(one_session(rng, 1, 1)[0], person_id="new", name="new", sample_id="new/1")

    of_videos, with_photo = (open_set_statistics(listed, TABLE, WEIGHTED) for listed in (videos, [*videos, photo]))

    assert of_videos.spread == 1
    assert of_videos.fixed_spread < 0.9
    assert with_photo.spread < 0.9
    assert of_videos.false_positive_identification_rate(1.0, TABLE, fixed=True) > 2 * (
        of_videos.false_positive_identification_rate(1.0, TABLE)
    )


def test_a_person_enrolled_twice_hardly_changes_the_spread() -> None:
    embeddings = unit(np.random.default_rng(3), 40, spread=0.4)
    alone = open_set_statistics(samples(embeddings, list(range(40))), TABLE, WEIGHTED).spread
    embeddings[1] = embeddings[0]

    assert alone < 1
    assert open_set_statistics(samples(embeddings, list(range(40))), TABLE, WEIGHTED).spread == pytest.approx(alone, abs=0.01)


def test_only_people_close_to_the_cohort_get_a_lower_threshold() -> None:
    rng = np.random.default_rng(5)
    cohort = unit(rng, 40, spread=0.2)
    table = replace(TABLE, cohort=cohort.astype(np.float64), cohort_l2=0.8)

    reductions = table.threshold_reduction_l2(np.concatenate([cohort[:1], -cohort[:1]]))

    assert reductions[0] == pytest.approx(COHORT_WEIGHT * (0.8 - cohort_distances_l2(cohort[:1], cohort)[0]))
    assert reductions[0] > 0
    assert reductions[1] == 0
    assert not replace(table, cohort=np.empty((0, 0))).threshold_reduction_l2(cohort).any()


def test_the_cohort_holds_unit_vectors_of_the_networks_length() -> None:
    for network in NETWORKS:
        cohort = load_distance_table(network).cohort

        assert cohort.shape[1] == embedding_network(network).length
        assert np.linalg.norm(cohort, axis=1) == pytest.approx(1, abs=2e-3)


def test_samples_that_are_alike_limit_the_threshold_and_samples_of_other_days_widen_it() -> None:
    rng = np.random.default_rng(7)
    one_session, several = unit(rng, 6, spread=0.2), unit(rng, 6, spread=1.0)
    few = unit(rng, SESSION_SAMPLES - 1, spread=0.2)

    limits = session_limits_l2(np.concatenate([one_session, several, few]), np.array([0, 6, 12]), 0.5)

    pairs = np.triu_indices(6, 1)
    distances = np.linalg.norm(several[:, None] - several, axis=2)[pairs]
    assert limits[0] == 0.5
    assert limits[1] == pytest.approx(SESSION_FACTOR * np.sqrt(np.mean(distances**2)), rel=1e-4)
    assert np.isnan(limits[2])


def test_a_damaged_table_is_a_model_error() -> None:
    columns = {name: np.zeros(3) for name in ("probability", "impostor_l2", "impostor_low_l2", "impostor_high_l2")}

    with pytest.raises(ModelError, match="missing or unknown columns"):
        DistanceTable.from_arrays(columns)
    with pytest.raises(ModelError, match="columns of one length"):
        DistanceTable.from_arrays({**columns, "impostor_l2": np.zeros(4), "genuine_l2": np.zeros((1, 5))})
