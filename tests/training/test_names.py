"""Learned names: recognition of people, rejection of strangers, storage, and their evaluation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ImageError, TeachingError
from facecam.evaluation.lfw import LfwPair, LfwPhoto
from facecam.evaluation.names import compare, evaluate_head, split_photos
from facecam.networks.embedding_networks import DEFAULT_NETWORK
from facecam.networks.user_networks import read_trained, trained_arrays
from facecam.objects.taught import unit_rows
from facecam.training.names import (
    NamesData,
    NamesHead,
    fit_names,
    nearest,
    read_names,
    save_names,
    threshold_at_far,
    triplet_batches,
)
from facecam.types import Floats


def faces(person: int, count: int, spread: float = 0.35) -> Floats:
    """Return embeddings of one person, around a random direction."""
    random = np.random.default_rng(person)
    middle = random.normal(size=128)
    middle /= np.linalg.norm(middle)
    return unit_rows((middle + random.normal(0, spread / np.sqrt(128), (count, 128))).astype(np.float32))


@dataclass(frozen=True)
class Face:
    name: str
    person_id: str
    embedding: Floats


@pytest.fixture(scope="module")
def data() -> NamesData:
    """Twelve people with five photos each."""
    return NamesData.from_samples(
        [Face(f"P{person:02}", f"{person:032x}", row) for person in range(12) for row in faces(person, 5)], DEFAULT_NETWORK
    )


@pytest.fixture(scope="module")
def head(data: NamesData) -> NamesHead:
    return fit_names(data, far=0.01, cap_l2=1.0)


def identified(head: NamesHead, embeddings: Floats) -> list[str | None]:
    """Return the name for each face, None for a stranger."""
    people, distances_l2 = nearest(embeddings, head.prototypes, np.arange(len(head.names)))
    return [
        head.names[person] if distance_l2 <= head.threshold_l2 else None
        for person, distance_l2 in zip(people, distances_l2, strict=True)
    ]


def test_new_photos_of_enrolled_people_get_their_names(head: NamesHead) -> None:
    new = np.stack([faces(person, 9)[-1] for person in range(12)])

    assert identified(head, new) == [f"P{person:02}" for person in range(12)]


def test_strangers_get_no_name(head: NamesHead) -> None:
    strangers = np.concatenate([faces(person, 1) for person in range(100, 140)])

    assert identified(head, strangers) == [None] * 40


def test_the_threshold_never_exceeds_the_networks_own(data: NamesData) -> None:
    assert fit_names(data, far=0.5, cap_l2=0.3).threshold_l2 == 0.3


def test_two_people_get_the_networks_own_threshold() -> None:
    data = NamesData(("A", "B"), np.repeat([0, 1], 3), np.concatenate([faces(1, 3), faces(2, 3)]), DEFAULT_NETWORK)

    assert fit_names(data, 0.01, 0.4).threshold_l2 == 0.4


def test_one_person_or_one_photo_is_not_enough() -> None:
    with pytest.raises(TeachingError, match="there are 1 people"):
        fit_names(NamesData(("A",), np.zeros(3, np.intp), faces(1, 3), DEFAULT_NETWORK), 0.01, 0.4)
    embeddings = np.concatenate([faces(1, 3), faces(2, 1)])
    with pytest.raises(TeachingError, match="B have fewer"):
        fit_names(NamesData(("A", "B"), np.array([0, 0, 0, 1]), embeddings, DEFAULT_NETWORK), 0.01, 0.4)


def test_an_empty_gallery_is_refused() -> None:
    with pytest.raises(TeachingError, match="no usable photo"):
        NamesData.from_samples([], DEFAULT_NETWORK)


def test_a_head_is_saved_unchanged(data: NamesData, head: NamesHead, tmp_path: Path) -> None:
    save_names(data, 0.01, 1.0, tmp_path / "names")

    stored = read_trained(tmp_path / "names")
    assert stored.labels == head.names
    assert stored.figures["threshold_l2"] == pytest.approx(head.threshold_l2)
    arrays = trained_arrays(stored)
    assert arrays.keys() == {"prototypes"}
    assert np.array_equal(arrays["prototypes"], head.prototypes)


def test_a_stored_head_reads_back_with_its_network(data: NamesData, head: NamesHead, tmp_path: Path) -> None:
    save_names(data, 0.01, 1.0, tmp_path / "names")

    stored = read_names(tmp_path / "names")

    assert (stored.names, stored.weights, stored.threshold_l2) == (head.names, DEFAULT_NETWORK, pytest.approx(head.threshold_l2))
    assert np.array_equal(stored.prototypes, head.prototypes)
    assert not stored.tuned_arrays


def test_everybody_else_is_a_stranger_to_a_stored_head(lfw: tuple[Path, list[LfwPair], list[LfwPair]]) -> None:
    found = split_photos(*lfw)
    people = sorted({photo.name for photo in found.photos})
    embeddings = {photo: faces(people.index(photo.name), 8)[photo.number] for photo in found.photos}
    head = NamesHead(("Ann",), unit_rows(np.mean(faces(people.index("Ann"), 8), axis=0, keepdims=True)), 0.5, DEFAULT_NETWORK)

    figures = evaluate_head(found, embeddings, head, 0.01)

    assert (figures.accuracy, figures.stranger_far) == (1, 0)
    with pytest.raises(ImageError, match=r"no unseen photo shows one of the head's people \(Zoe"):
        evaluate_head(found, embeddings, replace(head, names=("Zoe",)), 0.01)


def test_a_threshold_keeps_the_false_accept_rate() -> None:
    distances = np.linspace(0.2, 1.2, 200).astype(np.float32)

    assert np.sum(distances <= threshold_at_far(distances, 0.01)) == 2
    assert np.sum(distances <= threshold_at_far(distances, 0.0)) == 0


def test_every_batch_of_triplets_has_four_faces_of_each_of_eight_people() -> None:
    people = np.repeat(np.arange(10), 12)

    order = triplet_batches(people, np.random.default_rng(1))

    for start in range(0, len(order), 32):
        _, counts = np.unique(people[order[start : start + 32]], return_counts=True)
        assert counts.tolist() == [4] * 8


@pytest.fixture
def lfw(tmp_path: Path) -> tuple[Path, list[LfwPair], list[LfwPair]]:
    """Create two people with six photos, one with two, and two others to choose thresholds on."""
    for name, count in (("Ann", 6), ("Bob", 6), ("Cy", 2), ("Dee", 3), ("Eve", 1)):
        (tmp_path / name).mkdir()
        for number in range(1, count + 1):
            (tmp_path / name / f"{name}_{number:04}.jpg").touch()

    def pair(a: str, b: str) -> LfwPair:
        return LfwPair(LfwPhoto(a, 1), LfwPhoto(b, 1), 0)

    return tmp_path, [pair("Ann", "Bob"), pair("Ann", "Cy")], [pair("Dee", "Eve")]


def test_enrolled_unseen_and_strangers_share_no_photo(lfw: tuple[Path, list[LfwPair], list[LfwPair]]) -> None:
    found = split_photos(*lfw)

    assert [photo.number for photo in found.enrolled if photo.name == "Ann"] == [1, 2, 3]
    assert [photo.number for photo in found.unseen if photo.name == "Bob"] == [4, 5, 6]
    assert {photo.name for photo in found.strangers} == {"Cy"}
    assert {photo.name for photo in found.choosing} == {"Dee", "Eve"}
    assert len(set(found.photos)) == len(found.photos) == 18


def test_a_photo_without_a_face_counts_as_not_named(lfw: tuple[Path, list[LfwPair], list[LfwPair]]) -> None:
    found = split_photos(*lfw)
    people = sorted({photo.name for photo in found.photos})
    embeddings = {photo: faces(people.index(photo.name), 8)[photo.number] for photo in found.photos}
    del embeddings[LfwPhoto("Ann", 6)]

    figures = compare(found, embeddings, "nearest-L2", 0.01, learned=False)

    assert figures.accuracy == pytest.approx(5 / 6)
    assert figures.wrong == 0
