"""The bytes of one embedding cache: SHA-256 of what follows, then a safetensors block. No pickle, nothing that could run.

The block holds `embeddings` (n, 128) float32 and `rows`, a JSON text with the photos' stamps and the verdicts on their contents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from facecam.types import Floats

EMBEDDING_SIZE = 128
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a photo is worth: `reason` is "ok" and `embedding` (128,) is there, or it is the code for why it is not."""

    reason: str
    embedding: Floats | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """A photo as it was when it was hashed. While size and times stay, so does the hash; `changed_ns` 0 never matches."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    sha256: str


@dataclass(slots=True, eq=False)
class CacheContent:
    """Stamps by the photo's path inside the gallery, verdicts by the photo's SHA-256, and what they were made with."""

    key: list[Any]
    stamps: dict[str, Stamp] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def keep_only(self, photos: Container[str]) -> int:
        """Drop every photo that is not named; how many verdicts went with them."""
        before = len(self.verdicts)
        self.stamps = {photo: stamp for photo, stamp in self.stamps.items() if photo in photos}
        needed = {stamp.sha256 for stamp in self.stamps.values()}
        self.verdicts = {sha256: verdict for sha256, verdict in self.verdicts.items() if sha256 in needed}
        return before - len(self.verdicts)

    def encode(self) -> bytes:
        """The file's bytes."""
        from safetensors.numpy import save

        embeddings: list[Floats] = []
        verdicts: dict[str, tuple[str, int | None]] = {}
        for sha256, verdict in self.verdicts.items():
            verdicts[sha256] = (verdict.reason, None if verdict.embedding is None else len(embeddings))
            if verdict.embedding is not None:
                embeddings.append(verdict.embedding)
        photos = {photo: (s.size_bytes, s.modified_ns, s.changed_ns, s.sha256) for photo, s in self.stamps.items()}
        rows = json.dumps({"key": self.key, "photos": photos, "verdicts": verdicts}).encode()
        matrix = np.array(embeddings, np.float32).reshape(len(embeddings), EMBEDDING_SIZE)
        block: bytes = save({"embeddings": matrix, "rows": np.frombuffer(rows, np.uint8)})
        return hashlib.sha256(block).digest() + block


def decode(stored: bytes) -> CacheContent | None:
    """What `encode` was given, None for bytes that it did not make or that are not whole any more."""
    digest, block = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    if hashlib.sha256(block).digest() != digest:
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(block)
        return _content(json.loads(arrays["rows"].tobytes()), arrays["embeddings"])
    except (SafetensorError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _content(rows: dict[str, Any], matrix: Floats) -> CacheContent:
    if matrix.dtype != np.float32 or matrix.ndim != 2 or matrix.shape[1] != EMBEDDING_SIZE:
        raise ValueError(f"embeddings are {matrix.shape} {matrix.dtype}")
    if not np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3):
        raise ValueError("an embedding has not the length 1")
    stamps = {photo: Stamp(*stamp) for photo, stamp in rows["photos"].items()}
    verdicts = {
        sha256: Verdict(reason, None if row is None else matrix[row]) for sha256, (reason, row) in rows["verdicts"].items()
    }
    return CacheContent(rows["key"], stamps, verdicts)
