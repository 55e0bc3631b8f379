"""Benchmarks of galleries and strangers on synthetic people, and the promised rate on people who are in no table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import lfw_people, normalization, similar_people, strangers, video_samples
from facecam.evaluation.distance_table import PhotoSet
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK


@pytest.fixture
def photos() -> PhotoSet:
    """Photos of 30 people who do not resemble one another: four of each of the first twelve, one of each of the others."""
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(30), [4] * 12 + [1] * 18)
    faces = rng.normal(size=(30, 128))[person] + 0.1 * rng.normal(size=(len(person), 128))
    return PhotoSet((faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32), person)


def test_enrolled_photos_are_not_recognized(photos: PhotoSet) -> None:
    samples, others = strangers.gallery_of(photos, [0, 5], np.random.default_rng(0), count=3)

    assert [sample.person_id for sample in samples] == ["0", "0", "0", "5", "5", "5"]
    assert photos.person[others].tolist() == [0, 5]
    assert not any((sample.embedding == photos.embeddings[others]).all(axis=1).any() for sample in samples)


def test_people_with_another_photo_are_drawn_first(photos: PhotoSet) -> None:
    rng = np.random.default_rng(0)

    assert set(strangers.draw_people(photos, 12, 1, rng)) == set(range(12))
    assert set(range(12)) < set(strangers.draw_people(photos, 20, 1, rng))


@pytest.mark.parametrize("count", [1, 3])
def test_people_who_resemble_nobody_are_all_named_and_no_stranger_is(photos: PhotoSet, count: int) -> None:
    small, large = strangers.measure(photos, DEFAULT_NETWORK, count, sizes=(3, 12), draws=3)

    assert (small.people, large.people) == (3, 12)
    for row in (small, large):
        assert (row.stranger_share, row.right_share, row.wrong_share) == (0, 1, 0)
        assert set(row.right_at_rate.values()) == {1}


def test_no_gallery_is_larger_than_the_number_of_people_with_enough_photos(photos: PhotoSet) -> None:
    rows = strangers.measure(photos, DEFAULT_NETWORK, 3, sizes=(3, 50, 200), draws=1)

    assert [row.people for row in rows] == [3, 12]


def test_similar_people_come_into_one_group(photos: PhotoSet) -> None:
    toward = np.array([1.0 if person % 2 else -1.0 for person in photos.person])[:, np.newaxis] * np.eye(128)[0] * 2
    faces = photos.embeddings + toward
    alike = PhotoSet((faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32), photos.person)

    groups = similar_people.group_people(alike, 2)

    assert sorted(sorted(group.tolist()) for group in groups) == [list(range(0, 30, 2)), list(range(1, 30, 2))]


def test_a_norm_brings_faces_near_the_cohort_away() -> None:
    rng = np.random.default_rng(2)
    crowd = rng.normal(size=128)
    middles = rng.normal(size=(60, 128))
    middles[:30] += 3 * crowd  # half of the people resemble one another
    person = np.repeat(np.arange(60), 2)
    faces = middles[person] + 0.9 * rng.normal(size=(120, 128)) * np.linalg.norm(middles[person], axis=1, keepdims=True) / 11
    photos = PhotoSet((faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32), person)
    cohort = middles[:30] + rng.normal(size=(30, 128))
    cohort = (cohort / np.linalg.norm(cohort, axis=1, keepdims=True)).astype(np.float32)
    trials = normalization.Trials.of(photos, {"crowd": cohort})

    plain = trials.right_share(None, 10)
    normed = trials.right_share(normalization.Norm("crowd", "enrolled", 10, 0.5), 10)

    assert normed > plain


def test_frames_of_another_clip_are_named(photos: PhotoSet) -> None:
    rng = np.random.default_rng(3)
    clips = {}
    for own in video_samples.CLIPS.values():
        middle = rng.normal(size=128)
        for clip in own:
            faces = middle + 0.1 * rng.normal(size=(40, 128))
            clips[clip] = (faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32)

    assert video_samples.measure(clips, photos, DEFAULT_NETWORK, count=10, size=10) == (1, 0, 0)


@pytest.mark.long
@pytest.mark.parametrize(
    ("network", "least"),
    [(DEFAULT_NETWORK, {10: 0.78, 50: 0.68, 200: 0.58}), (HIGH_ACCURACY_NETWORK, {10: 0.97, 50: 0.95, 200: 0.93})],
)
def test_at_most_one_stranger_in_a_hundred_gets_a_name(test_data: Path, network: str, least: dict[int, float]) -> None:
    rows = strangers.measure(lfw_people.embed_half("test", network), network, sizes=tuple(least))

    for row in rows:
        assert 0.002 <= row.stranger_share <= 0.0102, "docs/internals/threshold.md says so"
        assert row.right_share >= least[row.people]
        assert row.wrong_share < 0.005
    assert rows[-1].fixed_stranger_share > 2 * rows[-1].stranger_share


def test_test_and_training_pairs_share_no_people(test_data: Path) -> None:
    train, test = (
        {photo.name for pair in lfw_people.read_list(name) for photo in (pair.a, pair.b)}
        for name in (lfw_people.TRAIN, lfw_people.TEST)
    )

    assert train.isdisjoint(test)
