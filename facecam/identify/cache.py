"""What the networks said of a gallery's photos, so that they need not be asked again. Never trusted, always replaceable.

One file per embedding network (and per set of conditions, see `EmbeddingCache`) in `<gallery>/.cache/`. A file that is damaged or
belongs to something else counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from pathlib import Path

from facecam.atomic import write_atomic
from facecam.identify.cache_file import CacheContent, Stamp, Verdict, decode

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
        fresh = Stamp(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns if settled else 0, digest)
        self._changed |= fresh != stamp
        self._content.stamps[key] = fresh
        return digest

    def get(self, sha256: str) -> Verdict | None:
        """The verdict on a photo with this content, None when it was never read."""
        return self._content.verdicts.get(sha256)

    def put(self, sha256: str, verdict: Verdict) -> None:
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
