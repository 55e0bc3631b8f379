"""Arithmetic of the study on synthetic arrays, its crops on a synthetic image, and its shortest run."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.study import crops, figures, frames, steps
from benchmarks.study.__main__ import main
from benchmarks.study.people import naming
from facecam.embedding.embedder import TEMPLATE_XY, align
from facecam.evaluation.lfw import LfwPair, LfwPhoto, cross_person_distances_l2
from facecam.types import Floats


def unit(*angles_deg: float) -> Floats:
    """Return directions in a plane, (n, 2) of length 1."""
    turned = np.deg2rad(angles_deg)
    return np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (250, 250, 3), np.uint8)


@pytest.fixture
def place() -> crops.Place:
    return crops.Place(np.array([60, 50, 170, 190], np.float32), TEMPLATE_XY * np.float32(1.3) + np.float32(60))


def test_the_gain_between_equal_answers_is_zero_without_error() -> None:
    answers = np.array([True, False, True, True])

    assert figures.gain(answers, answers) == figures.Share(0, 0)


def test_the_error_of_a_share_is_binomial() -> None:
    share = figures.Share.from_values(np.array([True] * 9 + [False]))

    assert share.value == pytest.approx(0.9)
    assert share.error == pytest.approx(np.sqrt(0.9 * 0.1 / 10))


def test_a_mean_embedding_has_length_one() -> None:
    mean = figures.mean_embedding(np.stack([unit(0, 40), unit(20, 80)]))

    assert mean == pytest.approx(unit(10, 60), abs=1e-6)


def test_a_cohort_excludes_the_person() -> None:
    cohort = [LfwPhoto("Ada", 2), LfwPhoto("Grace", 1), LfwPhoto("Mary", 1)]

    near_l2 = figures.near_cohort_l2([LfwPhoto("Ada", 1)], unit(0), cohort, unit(0, 60, 180), count=1)

    assert near_l2 == pytest.approx([1])  # the chord of 60 degrees


def test_a_pair_moves_by_the_mean_of_its_shifts() -> None:
    a, b = LfwPhoto("Ada", 1), LfwPhoto("Grace", 1)
    embeddings = dict(zip((a, b), unit(0, 90), strict=True))

    still = figures.trial([LfwPair(a, b, 0)], embeddings)
    moved = figures.trial([LfwPair(a, b, 0)], embeddings, {a: 0.2, b: 0.4})

    assert still.pair_l2 - moved.pair_l2 == pytest.approx([0.3])
    assert still.impostors_l2 - moved.impostors_l2 == pytest.approx([0.3])


def test_zero_shifts_leave_the_distances_of_evaluate_lfw() -> None:
    photos = [LfwPhoto(name, number) for name in ("Ada", "Grace", "Mary") for number in (1, 2)]
    embeddings = dict(zip(photos, unit(0, 10, 50, 70, 120, 160), strict=True))
    pairs = [LfwPair(photos[0], photos[1], 0), LfwPair(photos[2], photos[3], 0), LfwPair(photos[4], photos[5], 0)]

    moved = figures.trial(pairs, embeddings, dict.fromkeys(photos, 0.0))

    expected = cross_person_distances_l2(unit(0, 10, 50, 70, 120, 160), [photo.name for photo in photos])
    assert moved.impostors_l2 == pytest.approx(expected)


def test_centers_of_fewer_than_three_faces_are_omitted() -> None:
    centers = figures.centers(unit(0, 1, 2, 3, 180), 2)

    assert len(centers) == 1
    assert centers[0] == pytest.approx(unit(1.5)[0], abs=0.01)


def test_templates_compute_the_named_distances() -> None:
    face, photos = unit(0), unit(10, 20, 90)
    chord = lambda degrees: 2 * np.sin(np.deg2rad(degrees) / 2)  # noqa: E731

    assert figures.TEMPLATES["nearest photo"](face, photos) == pytest.approx([chord(10)], abs=1e-5)
    assert figures.TEMPLATES["trimmed mean"](face, photos) == pytest.approx([chord(15)], abs=1e-5)
    assert figures.TEMPLATES["mean of the nearest 2"](face, photos) == pytest.approx([(chord(10) + chord(20)) / 2], abs=1e-5)
    assert figures.TEMPLATES["mean"](face, photos)[0] > chord(15)


def test_well_separated_people_are_all_named() -> None:
    rng = np.random.default_rng(1)
    embeddings = {}
    for person in range(12):
        middle = rng.normal(size=128)
        for number in range(6 if person < 5 else 1):
            face = middle + 0.1 * rng.normal(size=128)
            embeddings[LfwPhoto(f"person {person:02}", number)] = (face / np.linalg.norm(face)).astype(np.float32)

    rows = naming("a network", "test", embeddings, {})

    assert {row.step for row in rows} == set(figures.TEMPLATES)
    assert all(row.people == 5 and row.rank1.value == 1 and row.named.value == 1 for row in rows)


def test_the_similarity_crop_is_the_shipped_one(image: np.ndarray, place: crops.Place) -> None:
    assert np.array_equal(crops.CROPS["similarity"](image, place), align(image, place.landmarks_xy))


@pytest.mark.parametrize("name", crops.CROPS)
def test_every_crop_is_96_pixels_wide_and_high(name: str, image: np.ndarray, place: crops.Place) -> None:
    crop = crops.CROPS[name](image, place)

    assert crop.shape == (96, 96, 3)
    assert crop.dtype == np.uint8


def test_an_affine_transform_takes_stretched_points_exactly() -> None:
    stretched = TEMPLATE_XY * np.float32([2, 3]) + np.float32([5, 7])

    matrix = crops.affine(stretched, TEMPLATE_XY)

    assert cv2.transform(stretched[np.newaxis], matrix)[0] == pytest.approx(TEMPLATE_XY, abs=1e-3)


def test_a_scaled_template_keeps_its_center() -> None:
    scaled = crops.template(1.1)

    assert scaled.mean(axis=0) == pytest.approx(TEMPLATE_XY.mean(axis=0), abs=1e-4)
    assert np.ptp(scaled, axis=0) == pytest.approx(1.1 * np.ptp(TEMPLATE_XY, axis=0), rel=1e-4)


def test_every_step_refers_to_existing_crops_and_steps() -> None:
    names = {step.name for step in steps.STEPS}

    assert steps.SHIPPED in names
    for step in steps.STEPS:
        assert set(step.crops) <= set(crops.CROPS)
        assert step.baseline in names


def test_faces_are_detected_and_embedded_once(test_data: Path, tmp_path: Path) -> None:
    images = test_data / "data" / "lfw-view1" / "images"
    photos = [LfwPhoto("Abdullah_Gul", 13), LfwPhoto("Abdullah_Gul", 14)]
    worked: list[int] = []
    for _ in range(2):
        cache = crops.FaceCache(images, tmp_path)
        places = cache.places(photos, lambda done, total: worked.append(total))
        found = {photo: place for photo, place in places.items() if place is not None}
        embeddings = cache.embeddings("nn4_small2_facecam_v1", "similarity", found, lambda done, total: worked.append(total))

    assert worked == [2, 2]
    assert [np.linalg.norm(embeddings[photo]) for photo in photos] == pytest.approx([1, 1], abs=1e-5)
    assert np.linalg.norm(embeddings[photos[0]] - embeddings[photos[1]]) < 0.5


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_whole_study_runs_and_writes_both_halves(test_data: Path, tmp_path: Path) -> None:
    args = [str(test_data / "data" / "lfw-view1"), "--network", "nn4_small2_facecam_v1", "--output", str(tmp_path)]

    assert main([*args, "--train-every", "4"]) == 0

    (study,) = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    accuracy = {row["step"]: row["accuracy"]["value"] for row in study["rows"] if row["half"] == "test"}
    assert accuracy[steps.SHIPPED] > accuracy["box resized, no alignment"] + 0.05
    assert "| similarity, mirrored | 2 |" in (tmp_path / "study.md").read_text(encoding="utf-8")


def test_the_mean_of_more_frames_of_noise_separates_people_better() -> None:
    rng = np.random.default_rng(2)
    middles = {person: rng.normal(size=128) for person in "ABCD"}
    noisy = {clip: middles[person] + rng.normal(size=(30, 128)) for clip, person in frames.PERSON_OF.items()}
    clips = {clip: (face / np.linalg.norm(face, axis=1, keepdims=True)).astype(np.float32) for clip, face in noisy.items()}

    assert frames.separation(clips, 5).apart > frames.separation(clips, 1).apart
