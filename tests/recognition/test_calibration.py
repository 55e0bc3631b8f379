"""What a gallery's photos say of its threshold, on people whose distances are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import SettingsError
from facecam.gallery.gallery import Gallery
from facecam.recognition.calibration import OperatingPoint, calibrate, sentence, wilson
from facecam.recognition.matching import decision_rule, own_threshold_l2
from facecam.settings import IdentifySettings
from facecam.types import Sample

NETWORK = IdentifySettings().network


def turned(axis: int, distance_l2: float) -> np.ndarray:
    """A unit vector this far from the first axis' one, in the direction of another axis."""
    cosine = 1 - distance_l2**2 / 2
    embedding = np.zeros(128, np.float32)
    embedding[[0, axis]] = cosine, np.sqrt(1 - cosine**2)
    return embedding


def sample(name: str, number: int, embedding: np.ndarray) -> Sample:
    return Sample(f"{name}/{number}.jpg", name.lower(), name, Path(name, f"{number}.jpg"), embedding)


def gallery(*samples: Sample) -> Gallery:
    return Gallery(Path("people"), "any", samples=samples)


def strangers_to_each_other(people: int) -> list[Sample]:
    """One photo each, all at right angles."""
    return [sample(f"P{number}", 1, np.eye(128, dtype=np.float32)[number]) for number in range(people)]


def test_of_nobody_there_is_nothing_to_say_and_nothing_fails() -> None:
    found = calibrate(gallery())

    assert (found.people, found.photos, found.closest, len(found.genuine_l2), len(found.impostor_l2)) == (0, 0, None, 0, 0)
    assert found.now.threshold_l2 == own_threshold_l2(NETWORK)
    assert found.sentence() == "nobody is enrolled: nobody gets a name"


def test_one_person_has_nobody_to_be_near_to() -> None:
    found = calibrate(gallery(sample("Ada", 1, turned(1, 0.0)), sample("Ada", 2, turned(1, 0.2))))

    assert (found.people, found.photos, found.closest) == (1, 2, None)
    np.testing.assert_allclose(found.genuine_l2, [0.2, 0.2], atol=1e-3)


def test_the_closest_two_people_are_named_with_their_photos() -> None:
    found = calibrate(
        gallery(sample("Ada", 1, turned(1, 0.0)), sample("Bess", 1, turned(1, 0.5)), sample("Cleo", 7, turned(2, 0.25)))
    )

    assert found.closest is not None
    assert found.closest.names == ("Ada", "Cleo")
    assert found.closest.sample_ids == ("Ada/1.jpg", "Cleo/7.jpg")
    assert found.closest.distance_l2 == pytest.approx(0.25, abs=1e-3)
    assert found.confused == 2
    assert found.confused_interval == wilson(2, 3)


def test_the_figures_are_those_of_the_rule_in_force() -> None:
    people = strangers_to_each_other(60)

    found = calibrate(gallery(*people), stranger_rate=0.001)

    assert found.now.threshold_l2 == decision_rule(IdentifySettings(), people).threshold_l2
    assert found.chosen.threshold_l2 < found.now.threshold_l2
    assert found.chosen_interval_l2[0] <= found.chosen.threshold_l2 <= found.chosen_interval_l2[1]
    assert found.now.stranger_share == pytest.approx(0.01, rel=1e-3)
    assert found.chosen.stranger_share == pytest.approx(0.001, rel=1e-3)
    assert found.chosen.miss_share > found.now.miss_share


def test_a_pinned_threshold_is_in_force_and_its_price_is_told() -> None:
    found = calibrate(gallery(*strangers_to_each_other(60)), IdentifySettings(threshold_l2=0.4))

    assert (found.pinned, found.now.threshold_l2) == (True, 0.4)
    assert found.now.stranger_share > 0.2
    assert found.chosen.stranger_share == pytest.approx(0.01, rel=1e-3)


def twins(people: int, apart_l2: float) -> Sequence[Sample]:
    """Two photos each, this far apart, the people at right angles."""
    axes = np.eye(128, dtype=np.float32)
    turn = 1 - apart_l2**2 / 2
    return [
        sample(
            f"P{number}", photo, axes[number] if photo == 1 else turn * axes[number] + np.sqrt(1 - turn**2) * axes[-1 - number]
        )
        for number in range(people)
        for photo in (1, 2)
    ]


def test_enough_people_with_two_photos_say_themselves_what_is_missed() -> None:
    few, many = calibrate(gallery(*twins(19, 0.5))), calibrate(gallery(*twins(20, 0.5)))

    assert (few.own_misses, many.own_misses) == (False, True)
    assert many.now.miss_share == 1.0
    assert 0 < few.now.miss_share < 1


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(SettingsError, match="stranger_rate"):
        calibrate(gallery(), stranger_rate=1.0)


@pytest.mark.parametrize(
    ("people", "photos", "stranger_share", "miss_share", "said"),
    [
        (42, 310, 0.01, 0.083, "42 people, 310 photos: about 1 stranger in 100 gets a name, 1 in 12 sightings {} stays unnamed"),
        (1, 1, 0.0098, 0.7, "1 person, 1 photo: about 1 stranger in 100 gets a name, 7 in 10 sightings {} stay unnamed"),
        (2, 2, 0.5, 0.00001, "2 people, 2 photos: about 5 strangers in 10 get a name, 0 in 10000 sightings {} stay unnamed"),
    ],
)
def test_one_sentence_says_what_a_threshold_means(
    people: int, photos: int, stranger_share: float, miss_share: float, said: str
) -> None:
    assert sentence(people, photos, OperatingPoint(0.3, stranger_share, miss_share)) == said.format("of an enrolled person")


def test_wilsons_interval_is_the_textbooks() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    np.testing.assert_allclose(wilson(1, 10), (0.0179, 0.4042), atol=1e-4)
    np.testing.assert_allclose(wilson(10, 10), (0.7225, 1.0), atol=1e-4)
