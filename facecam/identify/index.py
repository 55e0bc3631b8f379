"""The nearest sample of the nearest person, and of the next other person. Exact: every sample is compared."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from facecam.identify.cache_file import EMBEDDING_SIZE
from facecam.identify.decide import Match
from facecam.identify.gallery import Gallery, Sample
from facecam.types import Candidate, Floats

_TIE_DECIMALS = 6
"""Distances closer than this are the same: BLAS adds in an order of its own, and a tie must not depend on it."""


class Index:
    """A gallery's samples, ready to be compared. Ties go to the smaller sample_id, whatever the order of the photos."""

    def __init__(self, gallery: Gallery | Iterable[Sample]) -> None:
        samples = gallery.samples if isinstance(gallery, Gallery) else gallery
        self._samples = sorted(samples, key=lambda sample: (sample.person_id, sample.sample_id))
        self.matrix = np.array([sample.embedding for sample in self._samples], np.float32).reshape(-1, EMBEDDING_SIZE)
        """(samples, 128) float32, one row per sample, a person's rows together."""
        people = np.array([sample.person_id for sample in self._samples])
        self._starts = np.flatnonzero(np.r_[True, people[1:] != people[:-1]]) if self._samples else np.array([], np.intp)
        order = sorted(range(len(self._samples)), key=lambda row: self._samples[row].sample_id)
        self._rank = np.argsort(np.array(order, np.intp))
        # In float32, two equal unit vectors come out up to 5e-4 apart: 2 - 2 dot cancels. In float64 it is 1e-8.
        self._rows = self.matrix.astype(np.float64)
        self._squares = np.einsum("ij,ij->i", self._rows, self._rows)

    def __len__(self) -> int:
        return len(self._samples)

    def nearest(self, embedding: Floats) -> Match:
        """The nearest person and the next other one for an embedding (128,); None where there is nobody."""
        return self.nearest_batch(embedding[np.newaxis])[0]

    def nearest_batch(self, embeddings: Floats) -> list[Match]:
        """The same for each row of (B, 128), with one matrix product."""
        distances = self.distances(embeddings)
        if not self._samples:
            return [(None, None)] * len(embeddings)
        by_person = np.minimum.reduceat(distances, self._starts, axis=1)
        return [self._two_nearest(row, minimum) for row, minimum in zip(distances, by_person, strict=True)]

    def distances(self, embeddings: Floats) -> NDArray[np.float64]:
        """Plain L2 from each row of (B, 128) to each row of `matrix`: (B, samples), rounded to 1e-6."""
        if embeddings.ndim != 2 or embeddings.shape[1] != EMBEDDING_SIZE:
            raise ValueError(f"embeddings are {embeddings.shape}, expected (faces, {EMBEDDING_SIZE})")
        queries = embeddings.astype(np.float64)
        squares = np.einsum("ij,ij->i", queries, queries)
        squared = squares[:, np.newaxis] + self._squares - 2 * (queries @ self._rows.T)
        distances: NDArray[np.float64] = np.round(np.sqrt(np.maximum(squared, 0)), _TIE_DECIMALS)
        return distances

    def _two_nearest(self, distances: NDArray[np.float64], by_person: NDArray[np.float64]) -> Match:
        """`distances` (samples,), `by_person` (people,): the smallest distance of each."""
        limit = np.partition(by_person, 1)[1] if len(by_person) > 1 else by_person[0]
        rivals = [self._best_row(int(person), distances, by_person[person]) for person in np.flatnonzero(by_person <= limit)]
        rivals.sort(key=lambda row: (distances[row], self._rank[row]))
        first, second = (*rivals, None, None)[:2]
        return self._candidate(first, distances), self._candidate(second, distances)

    def _best_row(self, person: int, distances: NDArray[np.float64], minimum: float) -> int:
        """The person's first row at the smallest distance: rows of a person stand in the order of their sample_id."""
        start = self._starts[person]
        end = self._starts[person + 1] if person + 1 < len(self._starts) else len(distances)
        return int(start + np.argmax(distances[start:end] == minimum))

    def _candidate(self, row: int | None, distances: NDArray[np.float64]) -> Candidate | None:
        if row is None:
            return None
        sample = self._samples[row]
        return Candidate(sample.name, sample.person_id, sample.sample_id, float(distances[row]))
