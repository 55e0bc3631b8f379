"""Calibration of galleries with known distances."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import SettingsError
from facecam.gallery.gallery import Gallery
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.calibration import OperatingPoint, calibrate, sentence, wilson
from facecam.recognition.matching import decision_rule
from facecam.recognition.open_set import SESSION_SAMPLES, load_distance_table
from facecam.settings import IdentifySettings
from facecam.types import Sample
from tests.lowered_threshold import most_resembling

NETWORK = IdentifySettings().network


def turned(axis: int, distance_l2: float) -> np.ndarray:
    """Return a unit vector at this distance from the first axis, toward another axis."""
    cosine = 1 - distance_l2**2 / 2
    embedding = np.zeros(128, np.float32)
    embedding[[0, axis]] = cosine, np.sqrt(1 - cosine**2)
    return embedding


def sample(name: str, number: int, embedding: np.ndarray) -> Sample:
    return Sample(f"{name}/{number}.jpg", name.lower(), name, Path(name, f"{number}.jpg"), embedding)


def gallery(*samples: Sample) -> Gallery:
    return Gallery(Path("people"), "any", samples=samples)


def dissimilar_people(people: int) -> list[Sample]:
    """Return one photo per person, with orthogonal embeddings."""
    return [sample(f"P{number}", 1, np.eye(128, dtype=np.float32)[number]) for number in range(people)]


def test_an_empty_gallery_can_be_calibrated() -> None:
    found = calibrate(gallery())

    assert (found.people, found.photos, found.closest, len(found.genuine_l2), len(found.impostor_l2)) == (0, 0, None, 0, 0)
    assert found.current.threshold_l2 == embedding_network(NETWORK).threshold_l2
    assert found.sentence() == "no people are enrolled, so every face stays unnamed"


def test_one_person_has_no_closest_pair() -> None:
    found = calibrate(gallery(sample("Ada", 1, turned(1, 0.0)), sample("Ada", 2, turned(1, 0.2))))

    assert (found.people, found.photos, found.closest) == (1, 2, None)
    np.testing.assert_allclose(found.genuine_l2, [0.2, 0.2], atol=1e-3)


def test_the_closest_two_people_are_named_with_their_photos() -> None:
    found = calibrate(
        gallery(sample("Ada", 1, turned(1, 0.0)), sample("Bess", 1, turned(1, 1.2)), sample("Cleo", 7, turned(2, 0.25)))
    )

    assert found.closest is not None
    assert found.closest.names == ("Ada", "Cleo")
    assert found.closest.sample_ids == ("Ada/1.jpg", "Cleo/7.jpg")
    assert found.closest.distance_l2 == pytest.approx(0.25, abs=1e-3)
    assert found.confusable_people == 2
    assert found.confusable_interval == wilson(2, 3)


def test_the_mean_of_the_other_photos_counts_if_it_is_nearer() -> None:
    left, right = turned(1, 0.4), turned(1, 0.4)
    right[1] *= -1
    found = calibrate(gallery(sample("Ada", 1, turned(1, 0.0)), sample("Ada", 2, left), sample("Ada", 3, right)))

    assert found.genuine_l2[0] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(found.genuine_l2[1:], 0.4, atol=1e-3)


def test_the_closest_two_people_can_be_so_by_the_mean_of_ones_photos() -> None:
    left, right = turned(1, 0.4), turned(1, 0.4)
    right[1] *= -1
    found = calibrate(gallery(sample("Ada", 1, turned(1, 0.0)), sample("Bess", 1, left), sample("Bess", 2, right)))

    assert found.closest is not None
    assert (found.closest.names, found.closest.mean_of) == (("Ada", "Bess"), "Bess")
    assert found.closest.distance_l2 == pytest.approx(0, abs=1e-6)


def toward(embedding: np.ndarray, distance_l2: float) -> np.ndarray:
    """Return a unit vector at this distance from another one."""
    sideways = np.roll(embedding, 1) - np.dot(np.roll(embedding, 1), embedding) * embedding
    cosine = 1 - distance_l2**2 / 2
    turned_away = cosine * embedding + np.sqrt(1 - cosine**2) * sideways / np.linalg.norm(sideways)
    return (turned_away / np.linalg.norm(turned_away)).astype(np.float32)


def test_people_who_resemble_many_need_a_higher_threshold_of_the_gallery() -> None:
    resembling = most_resembling(load_distance_table(NETWORK))
    plain = calibrate(gallery(sample("Ada", 1, -resembling), sample("Ada", 2, toward(-resembling, 0.2))))
    lowered = calibrate(gallery(sample("Bess", 1, resembling), sample("Bess", 2, toward(resembling, 0.2))))

    assert (plain.lowered_people, lowered.lowered_people) == (0, 1)
    np.testing.assert_allclose(plain.genuine_needed_l2, plain.genuine_l2)
    assert (lowered.genuine_needed_l2 > lowered.genuine_l2 + 0.01).all()
    between_l2 = float((lowered.genuine_l2[0] + lowered.genuine_needed_l2[0]) / 2)
    assert lowered.distances_l2(fixed=False)[0][0] > between_l2 > lowered.distances_l2(fixed=True)[0][0]


def test_a_person_who_resembles_many_is_confused_only_at_a_higher_threshold() -> None:
    resembling = most_resembling(load_distance_table(NETWORK))
    found = calibrate(gallery(sample("Bess", 1, resembling), sample("Cleo", 1, toward(-resembling, 0.2))))
    distance_l2, needed_l2 = float(found.impostor_l2[1]), float(found.impostor_needed_l2[1])

    assert needed_l2 > distance_l2
    assert found.confusable_at(distance_l2, fixed=True) == 2
    assert found.confusable_at(distance_l2) == 1
    assert found.confusable_at(needed_l2) == 2


def test_similar_photos_of_a_person_limit_the_threshold() -> None:
    network = embedding_network(NETWORK)
    photos = [sample("Ada", axis, turned(axis, 0.1)) for axis in range(1, SESSION_SAMPLES + 2)]
    stranger = sample("Bess", 1, turned(100, network.session_l2 + 0.01))

    found = calibrate(gallery(*photos, stranger))

    assert np.isinf(found.impostor_needed_l2).tolist() == [False] * len(photos) + [True]
    assert (found.confusable_at(2.0), found.confusable_at(2.0, fixed=True)) == (1, 2)


def test_the_current_point_is_that_of_the_decision_rule() -> None:
    people = dissimilar_people(120)

    found = calibrate(gallery(*people), target_fpir=0.001)

    assert found.current.threshold_l2 == decision_rule(IdentifySettings(), people).threshold_l2
    assert found.target.threshold_l2 < found.current.threshold_l2
    assert found.target_interval_l2[0] <= found.target.threshold_l2 <= found.target_interval_l2[1]
    assert 0.005 < found.current.false_positive_identification_rate < 0.0101
    assert 0.0005 < found.target.false_positive_identification_rate < 0.00101
    assert found.target.false_negative_identification_rate > found.current.false_negative_identification_rate


def test_a_pinned_threshold_is_the_current_one() -> None:
    found = calibrate(gallery(*dissimilar_people(120)), IdentifySettings(threshold_l2=1.2))

    assert (found.pinned, found.current.threshold_l2) == (True, 1.2)
    assert found.current.false_positive_identification_rate > 0.2
    assert found.target.false_positive_identification_rate < 0.0101


def people_with_two_photos(people: int, distance_l2: float) -> Sequence[Sample]:
    """Return two photos per person at this distance, with orthogonal people."""
    axes = np.eye(128, dtype=np.float32)
    turn = 1 - distance_l2**2 / 2
    return [
        sample(
            f"P{number}", photo, axes[number] if photo == 1 else turn * axes[number] + np.sqrt(1 - turn**2) * axes[-1 - number]
        )
        for number in range(people)
        for photo in (1, 2)
    ]


def test_enough_people_with_two_photos_give_a_measured_fnir() -> None:
    few, many = calibrate(gallery(*people_with_two_photos(19, 1.2))), calibrate(gallery(*people_with_two_photos(20, 1.2)))

    assert (few.fnir_is_measured, many.fnir_is_measured) == (False, True)
    assert many.current.false_negative_identification_rate == 1.0
    assert 0 < few.current.false_negative_identification_rate < 1


def test_a_rate_out_of_range_is_refused() -> None:
    with pytest.raises(SettingsError, match="false_positive_identification_rate"):
        calibrate(gallery(), target_fpir=1.0)


@pytest.mark.parametrize(
    ("people", "photos", "fpir", "fnir", "expected"),
    [
        (42, 310, 0.01, 0.083, "42 people, 310 photos: about 1 stranger in 100 gets a name, 1 in 12 sightings {} stays unnamed"),
        (1, 1, 0.0098, 0.7, "1 person, 1 photo: about 1 stranger in 100 gets a name, 7 in 10 sightings {} stay unnamed"),
        (
            2,
            2,
            0.5,
            0.00001,
            "2 people, 2 photos: about 5 strangers in 10 get a name, fewer than 1 in 10000 sightings {} stays unnamed",
        ),
        (
            2,
            2,
            0.00001,
            0.1,
            "2 people, 2 photos: fewer than 1 stranger in 10000 gets a name, 1 in 10 sightings {} stays unnamed",
        ),
    ],
)
def test_a_sentence_summarizes_an_operating_point(people: int, photos: int, fpir: float, fnir: float, expected: str) -> None:
    assert sentence(people, photos, OperatingPoint(0.3, fpir, fnir)) == expected.format("of an enrolled person")


def test_the_wilson_interval_equals_the_textbook_values() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    np.testing.assert_allclose(wilson(1, 10), (0.0179, 0.4042), atol=1e-4)
    np.testing.assert_allclose(wilson(10, 10), (0.7225, 1.0), atol=1e-4)


def random_gallery(people: int, photos: int) -> Gallery:
    """Return people with photos scattered around their own direction."""
    random = np.random.default_rng(people)
    samples: list[Sample] = []
    for person in range(people):
        center = random.normal(size=128)
        for photo in range(photos):
            embedding = center + random.normal(size=128) * 0.2
            samples.append(sample(f"P{person}", photo, (embedding / np.linalg.norm(embedding)).astype(np.float32)))
    return gallery(*samples)


@pytest.mark.parametrize(("people", "photos"), [(0, 0), (1, 1), (1, 3), (3, 2), (25, 2)])
@pytest.mark.parametrize("threshold_l2", [0.005, 0.2, 0.32, 0.6, 1.4])
def test_another_threshold_has_the_figures_of_a_pinned_one(people: int, photos: int, threshold_l2: float) -> None:
    people_gallery = random_gallery(people, photos)
    pinned = calibrate(people_gallery, IdentifySettings(threshold_l2=threshold_l2))
    calibration = calibrate(people_gallery)

    assert calibration.at(threshold_l2, fixed=True) == pinned.current
    assert calibration.confusable_at(threshold_l2, fixed=True) == pinned.confusable_people


@pytest.mark.parametrize("people", [0, 1, 3, 25])
@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
def test_another_rate_has_the_figures_of_a_target_rate(people: int, rate: float) -> None:
    people_gallery = random_gallery(people, 2)

    assert calibrate(people_gallery).at_fpir(rate) == calibrate(people_gallery, target_fpir=rate).target
