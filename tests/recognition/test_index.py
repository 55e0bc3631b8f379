"""Nearest-neighbor index, compared with plain loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.recognition.matching import Index
from facecam.types import Candidate, Floats, Sample


def sample(sample_id: str, person: str, embedding: Floats) -> Sample:
    return Sample(sample_id, person * 32, person.upper(), Path(sample_id), embedding)


def unit(*coordinates: float) -> Floats:
    embedding = np.zeros(128, np.float32)
    embedding[: len(coordinates)] = coordinates
    return (embedding / np.linalg.norm(embedding)).astype(np.float32)


@st.composite
def galleries(draw: st.DrawFn) -> tuple[list[Sample], Floats]:
    """Draw up to 20 samples of up to 5 people, some with equal embeddings, and faces, one of them equal to a sample."""
    count = draw(st.integers(0, 20))
    random_numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    few = random_numbers.normal(size=(draw(st.integers(1, 6)), 128))
    rows = (few / np.linalg.norm(few, axis=1, keepdims=True)).astype(np.float32)[random_numbers.integers(0, len(few), count + 1)]
    samples = [sample(f"{draw(st.sampled_from('pqr'))}/{i}", draw(st.sampled_from("abcde")), rows[i]) for i in range(count)]
    faces = random_numbers.normal(size=(3, 128))
    faces = (faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32)
    faces[0] = rows[-1]
    return samples, faces


def nearest_by_loops(samples: list[Sample], face: Floats) -> list[Candidate]:
    """Return the candidate of each person, nearest first."""
    people: dict[str, list[Sample]] = {}
    for s in sorted(samples, key=lambda s: s.sample_id):
        people.setdefault(s.person_id, []).append(s)
    candidates = []
    for own in people.values():
        distance, sample_id = min((distance_l2(s.embedding, face), s.sample_id) for s in own)
        total = np.sum([s.embedding for s in own], axis=0, dtype=np.float32)
        mean_l2 = distance_l2((total / np.linalg.norm(total)).astype(np.float32), face) if len(own) > 1 else distance
        sample_l2 = distance if mean_l2 < distance else None
        candidates.append(Candidate(own[0].name, own[0].person_id, sample_id, min(distance, mean_l2), sample_l2=sample_l2))
    return sorted(candidates, key=lambda c: (c.distance_l2, c.sample_id))


def distance_l2(a: Floats, b: Floats) -> float:
    return round(float(np.linalg.norm(a.astype(np.float64) - b)), 6)


@given(galleries())
@settings(max_examples=60)
def test_the_two_nearest_people_equal_those_of_plain_loops(case: tuple[list[Sample], Floats]) -> None:
    samples, faces = case

    found = Index(samples).nearest_batch(faces)

    for face, pair in zip(faces, found, strict=True):
        expected = nearest_by_loops(samples, face)
        of_person = {candidate.person_id: candidate for candidate in expected}
        candidates = [candidate for candidate in pair if candidate is not None]
        assert len(candidates) == len({candidate.person_id for candidate in candidates}) == min(2, len(expected))
        # People at the same distance may change places: their means have the same two photos, and are rounded differently.
        for candidate, in_order in zip(candidates, expected, strict=False):
            own = of_person[candidate.person_id]
            assert candidate.sample_id == own.sample_id
            assert candidate.distance_l2 == pytest.approx(own.distance_l2, abs=2e-6)
            assert candidate.distance_l2 == pytest.approx(in_order.distance_l2, abs=2e-6)


@given(galleries(), st.randoms())
@settings(max_examples=40)
def test_the_order_of_the_photos_does_not_matter(case: tuple[list[Sample], Floats], random) -> None:
    samples, faces = case
    shuffled = random.sample(samples, len(samples))

    assert Index(shuffled).nearest_batch(faces) == Index(samples).nearest_batch(faces)


def test_a_single_face_has_the_same_match_as_in_a_batch() -> None:
    samples = [sample("a/1", "a", unit(1, 0)), sample("b/1", "b", unit(0, 1)), sample("a/2", "a", unit(1, 0.2))]
    index = Index(samples)

    nearest, second = index.nearest(unit(1, 0.3))

    assert (nearest, second) == index.nearest_batch(np.stack([unit(1, 0.3), unit(0, 1)]))[0]
    assert nearest is not None
    assert second is not None
    assert (nearest.sample_id, second.sample_id) == ("a/2", "b/1")


def test_an_empty_index_has_no_match() -> None:
    assert Index([]).nearest(unit(1)) == (None, None)


def test_one_person_has_no_rival_however_many_photos() -> None:
    nearest, second = Index([sample("a/1", "a", unit(1)), sample("a/2", "a", unit(0, 1))]).nearest(unit(1))

    assert nearest == Candidate("A", "a" * 32, "a/1", 0.0)
    assert second is None


def test_no_faces_have_no_matches() -> None:
    assert Index([sample("a/1", "a", unit(1))]).nearest_batch(np.zeros((0, 128), np.float32)) == []


def test_an_embedding_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        Index([sample("a/1", "a", unit(1))]).nearest(np.zeros(64, np.float32))
