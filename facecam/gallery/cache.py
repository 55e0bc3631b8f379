"""What the networks said of a gallery's photos, so that they need not be asked again. Never trusted, always replaceable.

One file per embedding network (and per set of conditions, see `EmbeddingCache`) in `<gallery>/.cache/`. A file that is damaged or
belongs to something else counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.fileio import write_atomic
from facecam.types import Floats

# MERGED identify.cache_file: The bytes of one embedding cache: SHA-256 of what follows, then a safetensors block. No pickle, nothing that could run.
#
# The block holds `embeddings` (n, 128) float32 and `rows`, a JSON text with the photos' stamps and the verdicts on their contents.

_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVerdictEntry:
    """What a photo is worth: `reason` is "ok" and `embedding` (128,) is there, or it is the code for why it is not."""

    reason: str
    embedding: Floats | None = None


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A photo as it was when it was hashed. While size and times stay, so does the hash; `changed_ns` 0 never matches."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    sha256: str


@dataclass(slots=True, eq=False)
class CacheContent:
    """Stamps by the photo's path inside the gallery, verdicts by the photo's SHA-256, and what they were made with."""

    key: list[Any]
    stamps: dict[str, FileStamp] = field(default_factory=dict)
    verdicts: dict[str, PhotoVerdictEntry] = field(default_factory=dict)

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
    stamps = {photo: FileStamp(*stamp) for photo, stamp in rows["photos"].items()}
    verdicts = {
        sha256: PhotoVerdictEntry(reason, None if row is None else matrix[row])
        for sha256, (reason, row) in rows["verdicts"].items()
    }
    return CacheContent(rows["key"], stamps, verdicts)


CACHE_FOLDER = ".cache"

_SUFFIX = ".embeddings"
_FORMAT = 1
_FILES_KEPT = 4
"""Caches of networks and settings that were tried long ago are deleted: they describe faces, and nobody would miss them."""

_SETTLED_NS = 2_000_000_000
"""FAT stamps files in steps of 2 s: a photo hashed sooner than this after a change may change again under the same stamp."""

_log = logging.getLogger(__name__)


class EmbeddingCache:
    """Verdicts by the photo's SHA-256, and hashes by the photo's path and stamp.

    `conditions` is whatever besides the network decides a verdict: detector and gates. Another value is another cache.
    """

    def __init__(self, gallery: Path, embedding_id: str, conditions: str = "") -> None:
        """Open what is stored for this gallery and network; empty when there is nothing that can be believed."""
        key = [_FORMAT, embedding_id, conditions]
        self.path = gallery / CACHE_FOLDER / (hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16] + _SUFFIX)
        stored = _read(self.path)
        self._content = stored if stored is not None and stored.key == key else CacheContent(key)
        self._seen: set[str] = set()
        self._changed = False

    def sha256(self, photo: Path, key: str) -> str:
        """The photo's SHA-256 in hex; `key` is its path inside the gallery as text. OSError when it cannot be read."""
        self._seen.add(key)
        stat = photo.stat()
        stamp = self._content.stamps.get(key)
        now = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if stamp is not None and (stamp.size_bytes, stamp.modified_ns, stamp.changed_ns) == now:
            return stamp.sha256
        settled = time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _SETTLED_NS
        with photo.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        fresh = FileStamp(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns if settled else 0, digest)
        self._changed |= fresh != stamp
        self._content.stamps[key] = fresh
        return digest

    def get(self, sha256: str) -> PhotoVerdictEntry | None:
        """The verdict on a photo with this content, None when it was never read."""
        return self._content.verdicts.get(sha256)

    def put(self, sha256: str, verdict: PhotoVerdictEntry) -> None:
        self._content.verdicts[sha256] = verdict
        self._changed = True

    def save(self) -> None:
        """Write what was asked for since it was opened, and nothing of other photos. Unwritable is only slower."""
        if not self._changed and self._content.stamps.keys() <= self._seen:
            return
        self._content.keep_only(self._seen)
        try:
            self.path.parent.mkdir(exist_ok=True)
            write_atomic(self.path, self._content.encode())
            for old in sorted(_files(self.path.parent), key=lambda file: file.stat().st_mtime_ns)[:-_FILES_KEPT]:
                old.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the cache %s cannot be written (%s): photos are read again at each start", self.path, error.strerror)
        self._changed = False


def forget_missing(gallery: Path) -> int:
    """Drop, from every network's cache, the photos that are no longer in the gallery; how many verdicts were dropped.

    A cache that cannot be understood is deleted whole: what it holds cannot be known.
    """
    forgotten = 0
    for path in _files(gallery / CACHE_FOLDER):
        content = _read(path)
        if content is None:
            path.unlink(missing_ok=True)
            continue
        photos = len(content.stamps)
        forgotten += content.keep_only({key for key in content.stamps if (gallery / key).exists()})
        if len(content.stamps) < photos:
            write_atomic(path, content.encode())
    return forgotten


def cached_networks(gallery: Path) -> dict[Path, str | None]:
    """The embedding_id that each of the gallery's cache files was made with; None for a damaged one."""
    contents = {path: _read(path) for path in sorted(_files(gallery / CACHE_FOLDER))}
    return {path: None if content is None else str(content.key[1]) for path, content in contents.items()}


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("*" + _SUFFIX))


def _read(path: Path) -> CacheContent | None:
    try:
        return decode(path.read_bytes())
    except OSError:
        return None
