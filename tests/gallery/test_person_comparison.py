"""Comparison of two people before they are merged: their photos' mean distance and the limit that applies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facecam.gallery.person_comparison import PersonComparison, compare_people
from facecam.gallery.service import GalleryService
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.types import Floats
from tests.color_reader import Studio

RED, DARK_RED, GREEN = (0, 0, 255), (40, 20, 255), (0, 255, 0)
NETWORK = embedding_network(DEFAULT_NETWORK)


def compare(studio: Studio, colors: Sequence[Sequence[tuple[int, int, int]]]) -> PersonComparison | None:
    """Enroll Adam and Eve with a photo of each color, and compare them."""
    for name, own in zip(("Adam", "Eve"), colors, strict=True):
        for number, color in enumerate(own):
            studio.save(studio.root / name / f"{number}.png", color)
        (studio.root / name).mkdir(parents=True, exist_ok=True)
    service = GalleryService(studio.root)
    return compare_people(studio.load(), (service.person("Adam"), service.person("Eve")), NETWORK)


def with_mean_distance(studio: Studio, distance_l2: float, *photos: int) -> PersonComparison | None:
    """Compare two people with so many nearly equal embeddings, this far from each other."""
    studio.save(studio.root / "Adam" / "1.png", RED)
    studio.save(studio.root / "Eve" / "1.png", GREEN)
    gallery, service = studio.load(), GalleryService(studio.root)
    people = service.person("Adam"), service.person("Eve")
    angle = 2 * np.arcsin(distance_l2 / 2)
    samples = [
        replace(sample, embedding=_near(0.0 if sample.name == "Adam" else angle, number))
        for sample in gallery.samples
        for number in range(photos[0 if sample.name == "Adam" else 1])
    ]
    return compare_people(replace(gallery, samples=tuple(samples)), people, NETWORK)


def _near(angle: float, number: int) -> Floats:
    embedding = np.zeros(NETWORK.length, np.float32)
    embedding[:3] = np.cos(angle), np.sin(angle), 0.01 * number
    return embedding / np.linalg.norm(embedding)


def test_people_whose_photos_are_far_apart_look_different(studio: Studio) -> None:
    found = compare(studio, ([RED], [GREEN]))

    assert found is not None
    assert found.distance_l2 > NETWORK.outlier_l2
    assert found.look_different
    assert found.warning == "Adam and Eve look different. Merge them only if they are one person."


def test_people_whose_photos_are_alike_do_not_look_different(studio: Studio) -> None:
    found = compare(studio, ([RED], [DARK_RED]))

    assert found is not None
    assert not found.look_different


def test_people_cannot_be_compared_without_a_usable_photo_of_each(studio: Studio) -> None:
    assert compare(studio, ([RED], [(0, 0, 0)])) is None


def test_people_of_one_session_each_look_different_at_a_smaller_distance(studio: Studio) -> None:
    between_l2 = (NETWORK.video_apart_l2 + NETWORK.outlier_l2) / 2

    from_photos, from_sessions = with_mean_distance(studio, between_l2, 1, 1), with_mean_distance(studio, between_l2, 5, 5)
    from_both = with_mean_distance(studio, between_l2, 5, 1)

    assert from_photos is not None
    assert from_sessions is not None
    assert from_both is not None
    looks = from_photos.look_different, from_both.look_different, from_sessions.look_different
    assert looks == (False, False, True), "only two people who both have photos from one session"
