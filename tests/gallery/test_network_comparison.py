"""Both networks are compared on a gallery's own photos, each left out once; the figures are stored with the gallery."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from facecam.gallery import network_comparison
from facecam.gallery.cache import cache_file, cache_folder
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.network_comparison import (
    MAX_PHOTOS,
    NetworkComparison,
    NetworkFigures,
    can_be_compared,
    compare_networks,
    leave_photos_out,
    photos_to_leave_out,
    stored_comparison,
)
from facecam.gallery.sealing import seal, unseal
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.face_analyzer import FaceAnalyzer, ImageFaceAnalyzer, open_face_analyzer
from facecam.settings import IdentifySettings, Settings
from facecam.types import Floats, Sample
from tests.hard_people import enroll_hard_people

DEFAULT = Settings()
HIGH_ACCURACY = DEFAULT.replace({"identify.network": HIGH_ACCURACY_NETWORK})
LENGTH = embedding_network(DEFAULT_NETWORK).length


def direction(number: int, toward: int = 0, share: float = 0.0) -> Floats:
    """Return a unit vector along an axis, tilted toward another one."""
    vector = np.zeros(LENGTH, np.float32)
    vector[number] = 1.0
    vector[toward] += share
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def gallery_of(photos: dict[str, Sequence[Floats]]) -> Gallery:
    samples = [
        Sample(f"{name}/{number}.jpg", name, name, Path(name) / f"{number}.jpg", embedding)
        for name, embeddings in photos.items()
        for number, embedding in enumerate(embeddings)
    ]
    return Gallery(Path("gallery"), "", samples=tuple(samples))


def people(count: int, photos: int) -> dict[str, Sequence[Floats]]:
    """Return people whose photos are about 0.1 apart."""
    return {f"P{number:03}": [direction(number, 100 + photo, 0.1) for photo in range(photos)] for number in range(count)}


def test_each_photo_is_named_by_the_others_of_its_person() -> None:
    gallery = gallery_of(people(6, 2))

    assert leave_photos_out(gallery, DEFAULT.identify, photos_to_leave_out(gallery)) == NetworkFigures(12, 0)


def test_a_photo_unlike_the_others_gets_no_name_and_one_of_another_person_a_wrong_one() -> None:
    gallery = gallery_of(people(5, 3) | {"Q": [direction(60, 110, 0.1), direction(60, 111, 0.1), direction(70)]})
    mixed = gallery_of(people(5, 3) | {"Q": [direction(60, 110, 0.1), direction(60, 111, 0.1), direction(0, 110, 0.1)]})

    assert leave_photos_out(gallery, DEFAULT.identify, photos_to_leave_out(gallery)) == NetworkFigures(17, 0)
    # The photo of P000 under the name Q makes the three photos of P000 nearly as near to Q.
    figures = leave_photos_out(mixed, DEFAULT.identify, [f"Q/{number}.jpg" for number in range(3)])
    assert figures == NetworkFigures(2, 1)


def test_pinned_distances_do_not_count() -> None:
    gallery = gallery_of(people(6, 2))
    pinned = IdentifySettings(threshold_l2=0.01)

    assert leave_photos_out(gallery, pinned, photos_to_leave_out(gallery)).named_right == 12


def test_people_with_one_photo_are_only_compared_with() -> None:
    gallery = gallery_of(people(6, 2) | {"Q": [direction(60)]})

    assert "Q/0.jpg" not in photos_to_leave_out(gallery)
    assert len(photos_to_leave_out(gallery)) == 12


def test_photos_that_one_network_could_not_use_are_not_left_out() -> None:
    whole = gallery_of(people(6, 2))
    part = dataclasses.replace(whole, samples=whole.samples[1:])

    assert set(photos_to_leave_out(whole, part)) == {sample.sample_id for sample in whole.samples[2:]}


def test_of_many_photos_some_of_all_people_are_left_out() -> None:
    gallery = gallery_of(people(90, 5))

    photos = photos_to_leave_out(gallery)

    assert len(set(photos)) == len(photos) == MAX_PHOTOS
    assert len({photo.partition("/")[0] for photo in photos}) == 90


@pytest.mark.parametrize(("count", "photos", "expected"), [(5, 2, True), (4, 5, False), (40, 1, False)])
def test_a_comparison_needs_five_people_and_ten_photos_to_leave_out(count: int, photos: int, expected: bool) -> None:
    assert can_be_compared(gallery_of(people(count, photos))) is expected


@pytest.mark.parametrize(
    ("photos", "default", "high_accuracy", "expected"),
    [
        (20, (17, 0), (19, 0), True),
        (20, (18, 0), (19, 0), False),  # one photo
        (200, (190, 0), (193, 0), False),  # 1.5 points
        (200, (190, 0), (194, 0), True),
        (20, (17, 0), (19, 1), False),  # a wrong name more
        (20, (19, 0), (17, 0), False),
    ],
)
def test_high_accuracy_is_suggested_when_it_is_clearly_better(
    photos: int, default: tuple[int, int], high_accuracy: tuple[int, int], expected: bool
) -> None:
    comparison = NetworkComparison(6, photos, NetworkFigures(*default), NetworkFigures(*high_accuracy))

    assert comparison.favors_high_accuracy is expected


def load(folder: Path, settings: Settings) -> Gallery:
    with open_face_analyzer(settings) as analyzer:
        return Gallery.load(folder, analyzer, conditions=analysis_conditions(settings))


@pytest.fixture(scope="module")
def compared_folder(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gallery of six people, compared with nn4.small2 in use."""
    folder = enroll_hard_people(test_data, tmp_path_factory.mktemp("hard") / "gallery")
    compare_networks(load(folder, DEFAULT), DEFAULT)
    return folder


@pytest.fixture
def folder(compared_folder: Path, tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(compared_folder, tmp_path / "gallery"))
    for path in (path for path in cache_folder(compared_folder).iterdir() if path.suffix != ".txt" and path.stat().st_size):
        purpose = "embeddings" if path.suffix else network_comparison._PURPOSE
        content = unseal(path.read_bytes(), compared_folder, purpose)
        assert content is not None
        cache_file(copy, path.name).write_bytes(seal(content, copy, purpose))
    return copy


def opens_nothing(settings: Settings) -> AbstractContextManager[ImageFaceAnalyzer]:
    raise AssertionError(f"the figures are stored, but {settings.identify.network} was opened")


class CountingOpener:
    """Opens the real networks and counts."""

    def __init__(self) -> None:
        self.networks: list[str] = []

    def __call__(self, settings: Settings) -> FaceAnalyzer:
        self.networks.append(settings.identify.network)
        return open_face_analyzer(settings)


def test_high_accuracy_names_more_photos_of_people_whom_nn4_small2_misses(folder: Path) -> None:
    comparison = compare_networks(load(folder, DEFAULT), DEFAULT)

    assert comparison is not None
    assert (comparison.people, comparison.photos) == (6, 12)
    assert comparison.favors_high_accuracy, comparison


def test_a_second_comparison_reads_the_stored_figures(folder: Path) -> None:
    gallery = load(folder, DEFAULT)

    assert compare_networks(gallery, DEFAULT, None, opens_nothing) == stored_comparison(gallery, DEFAULT)
    assert stored_comparison(gallery, DEFAULT) is not None


def test_either_network_in_use_gives_the_same_figures(folder: Path) -> None:
    assert compare_networks(load(folder, HIGH_ACCURACY), HIGH_ACCURACY) == compare_networks(load(folder, DEFAULT), DEFAULT)


@pytest.mark.parametrize("change", ["photo", "rate", "damage"])
def test_the_networks_are_compared_again_after_a_change(folder: Path, change: str) -> None:
    settings, opener = DEFAULT, CountingOpener()
    if change == "photo":
        next(folder.glob("*/*.jpg")).unlink()
    elif change == "rate":
        settings = DEFAULT.replace({"identify.false_positive_identification_rate": 0.1})
    else:
        stored = cache_folder(folder) / network_comparison._FILE
        stored.write_bytes(stored.read_bytes().replace(b'"people": 6', b'"people": 7'))

    comparison = compare_networks(load(folder, settings), settings, None, opener)

    assert opener.networks == [HIGH_ACCURACY_NETWORK]
    assert comparison is not None
    assert comparison.photos == (10 if change == "photo" else 12)


def test_nothing_is_compared_for_another_network_or_too_few_people(folder: Path) -> None:
    openface = DEFAULT.replace({"identify.network": "nn4_small2_openface_v1"})
    assert compare_networks(load(folder, openface), openface, None, opens_nothing) is None

    for person in sorted(folder.glob("[!.]*"))[:2]:
        shutil.rmtree(person)
    assert compare_networks(load(folder, DEFAULT), DEFAULT, None, opens_nothing) is None
