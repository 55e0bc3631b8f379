"""Counts of the benchmark on mixed enrollments, on people whose photos are all alike or all different."""

from __future__ import annotations

import numpy as np

from benchmarks.mixed_enrollments import measure_mixed, measure_similar
from facecam.enrollment.samples import NewSample
from facecam.types import Box, Face, FaceObservation, Quality
from tests.color_reader import SELECTION


def sample(*parts: float) -> NewSample:
    embedding = np.zeros(128, np.float32)
    embedding[: len(parts)] = parts
    face = Face(Box(0, 0, 9, 9), 1, np.zeros((5, 2), np.float32))
    return NewSample(b"", FaceObservation(face, Quality(0, 0, 0), None, embedding / np.linalg.norm(embedding)))


def person(axis: int, photos: int = 4) -> list[NewSample]:
    return [sample(*np.eye(8)[axis]) for _ in range(photos)]


RNG = np.random.default_rng(0)


def test_different_people_never_pass_and_single_people_are_never_asked_about() -> None:
    row = measure_mixed([person(axis) for axis in range(6)], SELECTION, 2, 20, RNG)

    assert (row.silent, row.asked, row.single_people) == (0, 0, 6)


def test_people_alike_pass_silently_and_a_person_who_varies_is_asked_about() -> None:
    varied = [sample(*np.eye(8)[axis]) for axis in range(4)]

    assert measure_mixed([person(0), person(0)], SELECTION, 1, 10, RNG).silent == 10
    assert measure_mixed([varied, varied], SELECTION, 2, 10, RNG).asked == 10


def test_an_enrolled_person_is_caught_and_a_stranger_is_not_asked_about() -> None:
    row = measure_similar([person(axis) for axis in range(6)], SELECTION, 3, RNG)

    assert row.strangers == (0, 30)
    assert row.same == (30, 30)
