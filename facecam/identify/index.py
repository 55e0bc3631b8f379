"""The nearest sample of the nearest person, and of the next other person. Exact: every sample is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facecam.identify.cache_file import EMBEDDING_SIZE
from facecam.identify.decide import Match
from facecam.identify.gallery import Gallery, Sample
from facecam.types import Candidate, Floats

_TIE_DECIMALS = 6
"""Distances are rounded to this: BLAS adds in an order of its own, and a tie must not depend on it."""

_DOT_ERROR = 1e-5
"""More than a float32 dot product of two unit vectors of 128 numbers can be off: 128 roundings of 2 ** -24."""


class Index:
    """A gallery's samples, ready to be compared. Ties go to the smaller sample_id, whatever the order of the photos.

    All samples are compared by one float32 matrix product. Its rounding is enough to put two equal vectors 5e-4 apart, since
    2 - 2 dot cancels; the few samples that could be the nearest are therefore measured again in float64.
    """

    def __init__(self, gallery: Gallery | Iterable[Sample]) -> None:
        samples = gallery.samples if isinstance(gallery, Gallery) else gallery
        self._samples = sorted(samples, key=lambda sample: (sample.person_id, sample.sample_id))
        self.matrix = np.array([sample.embedding for sample in self._samples], np.float32).reshape(-1, EMBEDDING_SIZE)
        """(samples, 128) float32, one row per sample, a person's rows together."""
        self._rejected: dict[str, list[Floats]] = {}
        for face in gallery.rejected if isinstance(gallery, Gallery) else ():
            self._rejected.setdefault(face.person_id, []).append(face.embedding)
        people = np.array([sample.person_id for sample in self._samples])
        self._starts = np.flatnonzero(np.r_[True, people[1:] != people[:-1]]) if self._samples else np.array([], np.intp)

    def __len__(self) -> int:
        return len(self._samples)

    def nearest(self, embedding: Floats) -> Match:
        """The nearest person and the next other one for an embedding (128,); None where there is nobody."""
        return self.nearest_batch(embedding[np.newaxis])[0]

    def nearest_batch(self, embeddings: Floats) -> list[Match]:
        """The same for each row of (B, 128), with one matrix product."""
        if embeddings.ndim != 2 or embeddings.shape[1] != EMBEDDING_SIZE:
            raise ValueError(f"embeddings are {embeddings.shape}, expected (faces, {EMBEDDING_SIZE})")
        if not self._samples:
            return [(None, None)] * len(embeddings)
        dots = embeddings.astype(np.float32, copy=False) @ self.matrix.T
        return [self._two_nearest(embedding, row) for embedding, row in zip(embeddings, dots, strict=True)]

    def _two_nearest(self, embedding: Floats, dots: Floats) -> Match:
        """`dots` (samples,): the cosines to every sample."""
        by_person = np.maximum.reduceat(dots, self._starts)
        limit = np.partition(by_person, -2)[-2] if len(by_person) > 1 else by_person[0]
        people = np.flatnonzero(by_person >= limit - 2 * _DOT_ERROR)
        rivals = sorted(self._best_of(int(person), embedding, dots, by_person[person]) for person in people)
        first, second = (*rivals, None, None)[:2]
        nearest = _candidate(first, self._samples)
        if nearest is not None and nearest.person_id in self._rejected:
            faces = np.array(self._rejected[nearest.person_id])
            nearest = replace(nearest, rejected_l2=float(_distances(faces, embedding).min()))
        return nearest, _candidate(second, self._samples)

    def _best_of(self, person: int, embedding: Floats, dots: Floats, best: np.float32) -> tuple[float, str, int]:
        """The person's nearest sample as (distance, sample_id, row)."""
        start = self._starts[person]
        end = self._starts[person + 1] if person + 1 < len(self._starts) else len(dots)
        rows = start + np.flatnonzero(dots[start:end] >= best - 2 * _DOT_ERROR)
        distances = _distances(self.matrix[rows], embedding)
        return min(
            (float(distance), self._samples[row].sample_id, int(row)) for distance, row in zip(distances, rows, strict=True)
        )


def _distances(matrix: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Plain L2 from each row of (n, 128), in float64."""
    apart = matrix.astype(np.float64) - embedding
    rounded: NDArray[np.float64] = np.round(np.sqrt(np.einsum("ij,ij->i", apart, apart)), _TIE_DECIMALS)
    return rounded


def _candidate(found: tuple[float, str, int] | None, samples: list[Sample]) -> Candidate | None:
    if found is None:
        return None
    distance, _, row = found
    sample = samples[row]
    return Candidate(sample.name, sample.person_id, sample.sample_id, distance)
