"""Gallery search: facecam's exact index, faiss-cpu's, and the bound that memory bandwidth sets to both."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from benchmarks.machine import cores, resident_mb
from benchmarks.report import Row, rows
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.matching import Index
from facecam.types import Floats, Sample

PART = "search"
SIZES = (1_000, 100_000, 1_000_000)
_OURS = "facecam Index.nearest"
_PER_PERSON = 10
_QUERIES = 8
_SIZE = embedding_network(DEFAULT_NETWORK).length
_STREAM_MB = 512
# A smaller matrix may stay in the processor's cache, where memory sets no bound.
_CACHED_MB = 40


def measure(turns: Turns, sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """Yield milliseconds for one embedding against all samples, with the memory of each index."""
    rate_mb_per_s = streaming_read_mb_per_s()
    for size in sizes:
        yield from _measure_size(size, turns)
        matrix_mb = size * _SIZE * 4 / 1e6
        if matrix_mb < _CACHED_MB:
            continue
        remark = f"{matrix_mb:,.0f} MB of float32 at the {rate_mb_per_s / 1e3:.1f} GB/s that reading alone reaches here"
        yield Row(PART, f"{size:,} samples", "bound: the matrix read once", matrix_mb / rate_mb_per_s * 1e3, remark=remark)


def streaming_read_mb_per_s() -> float:
    """Return the highest observed read rate: a maximum over one slice per core, each in its own thread."""
    array = np.ones(_STREAM_MB * 1_000_000 // 4, np.float32)
    slices = np.array_split(array, cores())
    best = 0.0
    with ThreadPoolExecutor(cores()) as pool:
        for _ in range(6):
            started = time.perf_counter()
            list(pool.map(np.max, slices))
            best = max(best, _STREAM_MB / (time.perf_counter() - started))
    return best


def _measure_size(size: int, turns: Turns) -> Iterator[Row]:
    case = f"{size:,} samples"
    vectors = _vectors(size, 0)
    queries = _vectors(_QUERIES, 1)
    index, taken = _built(lambda: Index(_samples(vectors)))
    remarks = {_OURS: _memory(taken)}
    contestants = [Contestant(_OURS, lambda number: index.nearest(queries[number % _QUERIES]))]
    absent = peers.missing("faiss")
    if not absent:
        flat, taken = _built(lambda: _flat_index(vectors))
        agreed = sum(_same(index, flat, query) for query in queries)
        remarks[peers.FAISS] = f"{_memory(taken)}; agrees with facecam on {agreed} of {_QUERIES}"
        contestants.append(Contestant(peers.FAISS, lambda number: flat.search(queries[[number % _QUERIES]], 1)))
    yield from rows(PART, case, summarize(take_turns(contestants, turns), peers.FAISS), peers.FAISS, remarks)
    if absent:
        yield Row(PART, case, peers.FAISS, remark=absent)


def _built(build: Any) -> tuple[Any, float | None]:
    """Return what `build` makes, and the memory in MB that it keeps."""
    before = resident_mb()
    made = build()
    after = resident_mb()
    return made, None if before is None or after is None else after - before


def _memory(taken_mb: float | None) -> str:
    return "" if taken_mb is None else f"{max(taken_mb, 0):,.0f} MB"


def _samples(vectors: Floats) -> Iterator[Sample]:
    photo = Path("photo.jpg")
    for number, vector in enumerate(vectors):
        person = number // _PER_PERSON
        yield Sample(f"{person}/{number}.jpg", str(person), str(person), photo, vector)


def _flat_index(vectors: Floats) -> Any:
    import faiss

    flat = faiss.IndexFlatL2(_SIZE)
    flat.add(vectors)
    return flat


def _same(index: Index, flat: Any, query: Floats) -> bool:
    """Return whether both find the same sample."""
    nearest, _ = index.nearest(query)
    _, found = flat.search(query[np.newaxis], 1)
    number = int(found[0, 0])
    return nearest is not None and nearest.sample_id == f"{number // _PER_PERSON}/{number}.jpg"


def _vectors(count: int, seed: int) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((count, _SIZE), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
