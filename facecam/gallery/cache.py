"""Embedding cache on disk: one entry per photo, so that networks read each photo once. It can be deleted at any time.

`<gallery>/.cache/` holds one file per embedding network and set of conditions (see `EmbeddingCache`): the SHA-256 of the rest,
then a safetensors block, so no pickle. The block holds `embeddings` (n, d) float32 and `rows`, a JSON text with the photos'
stamps and the entries of their contents. A damaged or foreign file counts as absent.
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

from facecam.fileio import parse_json, read_regular, write_atomic, write_cache
from facecam.imageio import MAX_FILE_BYTES
from facecam.types import Floats

CACHE_FOLDER = ".cache"

_SUFFIX = ".embeddings"
_FORMAT = 2
"""It changes when facecam reads more images, because the entries of unreadable photos become invalid."""

_MAX_CACHE_BYTES = 256 * 1024**2
"""Maximum size of a cache file: that of 100,000 photos with embeddings of 512 numbers."""

_DIGEST_BYTES = 32
_MAX_FILES = 4
"""Older caches are deleted: they describe faces and belong to networks and settings not used any more."""

_SETTLED_NS = 2_000_000_000
"""FAT stamps files in steps of 2 s: a photo hashed sooner than this after a change may change again under the same stamp."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class CacheEntry:
    """Embedding (d,) of a photo with reason "ok", or the reason code for why it has none."""

    reason: str
    embedding: Floats | None = None


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Size, times and hash of a photo. The hash holds while size and times stay; `changed_ns` 0 never matches."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    sha256: str


@dataclass(slots=True, eq=False)
class CacheContent:
    """Content of a cache file: stamps by the photo's path inside the gallery, entries by the photo's SHA-256."""

    key: list[Any]
    stamps: dict[str, FileStamp] = field(default_factory=dict)
    entries: dict[str, CacheEntry] = field(default_factory=dict)

    def retain(self, photos: Container[str]) -> int:
        """Drop all other photos and return the number of entries dropped with them."""
        count = len(self.entries)
        self.stamps = {photo: stamp for photo, stamp in self.stamps.items() if photo in photos}
        needed = {stamp.sha256 for stamp in self.stamps.values()}
        self.entries = {sha256: entry for sha256, entry in self.entries.items() if sha256 in needed}
        return count - len(self.entries)

    def encode(self) -> bytes:
        """Return the bytes of the cache file; `read` is the inverse."""
        from safetensors.numpy import save

        embeddings: list[Floats] = []
        entries: dict[str, tuple[str, int | None]] = {}
        for sha256, entry in self.entries.items():
            entries[sha256] = (entry.reason, None if entry.embedding is None else len(embeddings))
            if entry.embedding is not None:
                embeddings.append(entry.embedding)
        photos = {photo: (s.size_bytes, s.modified_ns, s.changed_ns, s.sha256) for photo, s in self.stamps.items()}
        rows = json.dumps({"key": self.key, "photos": photos, "verdicts": entries}).encode()
        matrix = np.stack(embeddings) if embeddings else np.empty((0, 1), np.float32)
        block: bytes = save({"embeddings": matrix, "rows": np.frombuffer(rows, np.uint8)})
        return hashlib.sha256(block).digest() + block

    @classmethod
    def read(cls, path: Path) -> CacheContent | None:
        """Return the content of a cache file, None when it cannot be read, is damaged or is not a cache."""
        try:
            stored = read_regular(path, _MAX_CACHE_BYTES)
        except OSError:
            return None
        digest, block = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
        if hashlib.sha256(block).digest() != digest:
            return None
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            arrays = load(block)
            rows, matrix = parse_json(arrays["rows"].tobytes()), arrays["embeddings"]
            if matrix.dtype != np.float32 or matrix.ndim != 2:
                return None
            if not np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3):
                return None
            stamps = {photo: FileStamp(*stamp) for photo, stamp in rows["photos"].items()}
            found = {sha256: (reason, None if row is None else matrix[row]) for sha256, (reason, row) in rows["verdicts"].items()}
            return cls(rows["key"], stamps, {sha256: CacheEntry(*entry) for sha256, entry in found.items()})
        except (SafetensorError, KeyError, TypeError, ValueError, IndexError, AttributeError):
            return None


class EmbeddingCache:
    """Entries by the photo's SHA-256, and hashes by the photo's path and stamp; empty when no valid file is stored.

    `conditions` is everything besides the network that affects an entry: detector and gates. Each value has its own file.
    """

    def __init__(self, gallery: Path, embedding_id: str, conditions: str = "") -> None:
        key = [_FORMAT, embedding_id, conditions]
        self.path = gallery / CACHE_FOLDER / (hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16] + _SUFFIX)
        stored = CacheContent.read(self.path)
        self._content = stored if stored is not None and stored.key == key else CacheContent(key)
        self._used: dict[str, Path] = {}
        self._changed = False

    def sha256(self, photo: Path, key: str) -> str:
        """Return the photo's SHA-256 in hex; `key` is its path inside the gallery. OSError when it cannot be read."""
        self._used[key] = photo
        stat = photo.stat()
        stamp = self._content.stamps.get(key)
        now = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if stamp is not None and (stamp.size_bytes, stamp.modified_ns, stamp.changed_ns) == now:
            return stamp.sha256
        settled = time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _SETTLED_NS
        digest = hashlib.sha256(read_regular(photo, MAX_FILE_BYTES)).hexdigest()
        fresh = FileStamp(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns if settled else 0, digest)
        self._changed |= fresh != stamp
        self._content.stamps[key] = fresh
        return digest

    def get(self, sha256: str) -> CacheEntry | None:
        """Return the entry of a photo with this content, None when the networks have not read it yet."""
        return self._content.entries.get(sha256)

    def put(self, sha256: str, entry: CacheEntry) -> None:
        self._content.entries[sha256] = entry
        self._changed = True

    def save(self) -> None:
        """Write the photos used since opening that still exist and drop all others. An unwritable folder only costs time."""
        used = {key for key, photo in self._used.items() if photo.exists()}
        if not self._changed and self._content.stamps.keys() <= used:
            return
        self._content.retain(used)
        try:
            self.path.parent.mkdir(exist_ok=True)
            write_cache(self.path, self._content.encode())
            for old in sorted(self.path.parent.glob("*" + _SUFFIX), key=lambda file: file.stat().st_mtime_ns)[:-_MAX_FILES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the cache %s cannot be written (%s): photos are read again at each start", self.path, error.strerror)
        self._changed = False


def prune_caches(gallery: Path) -> int:
    """Drop photos that have left the gallery from every network's cache and return the number of entries dropped.

    A damaged cache is deleted, because it may still describe them.
    """
    dropped = 0
    for path in list((gallery / CACHE_FOLDER).glob("*" + _SUFFIX)):
        content = CacheContent.read(path)
        if content is None:
            path.unlink(missing_ok=True)
            continue
        photos = len(content.stamps)
        dropped += content.retain({key for key in content.stamps if (gallery / key).exists()})
        if len(content.stamps) < photos:
            write_atomic(path, content.encode())
    return dropped


def cached_networks(gallery: Path) -> dict[Path, str | None]:
    """Return the embedding_id of each of the gallery's cache files, None for a damaged one."""
    contents = {path: CacheContent.read(path) for path in sorted((gallery / CACHE_FOLDER).glob("*" + _SUFFIX))}
    return {path: None if content is None else str(content.key[1]) for path, content in contents.items()}
