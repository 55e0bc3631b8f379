"""Embedding cache on disk: one entry per photo, so that networks read each photo once. It can be deleted at any time.

It is in the user's own cache folder, so that several users of one gallery do not replace each other's:

    embeddings/<gallery_key>/gallery.txt        path of the gallery, which has this key
                             <key>.embeddings   entries of one network under one set of conditions (see `EmbeddingCache`)
                             .lock              locked while a program writes here

A file of entries is a safetensors block, so no pickle, sealed as `facecam.gallery.sealing` describes. The block holds
`embeddings` (n, d) float32 and `rows`, a JSON text with the photos' stamps and the entries of their contents. A file that is
damaged, a link, not this user's own, or that this user's facecam has not written for this gallery counts as absent and is written
again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from facecam.errors import GalleryError
from facecam.fileio import MAX_TEXT_BYTES, PART_PREFIX, cache_dir, create_private_folder, parse_json
from facecam.gallery.files import read_gallery_file
from facecam.gallery.folder_lock import folder_lock
from facecam.gallery.sealing import gallery_key, seal, unseal
from facecam.imageio import MAX_FILE_BYTES
from facecam.integrity import key_path, read_own_file, write_own_file
from facecam.messages import TranslatableText
from facecam.types import Floats

_CACHES_FOLDER = "embeddings"
_GALLERY_FILE = "gallery.txt"
_EARLIER_FOLDER = ".cache"
"""Folder of the caches inside a gallery in earlier versions."""

_GALLERY_KEY = re.compile("[0-9a-f]{32}")

_SUFFIX = ".embeddings"
_EARLIER_FILE = re.compile(r".*\.embeddings|network-comparison\.json|\.part-[0-9a-f]+")
"""Files in that folder. It is that of other programs too where the gallery is the user's home folder."""

_PURPOSE = "embeddings"
_FORMAT = 2
"""It changes when facecam reads more images, because the entries of unreadable photos become invalid."""

_MAX_CACHE_BYTES = 256 * 1024**2
"""Maximum size of a cache file: that of 100,000 photos with embeddings of 512 numbers."""

_MAX_FILES = 4
"""Older caches are deleted: they describe faces and belong to networks and settings not used any more."""

_MAX_GALLERIES = 32
"""Caches of galleries that were not used for longest are deleted."""

_MISSING_S = 30 * 86400.0
"""Time after the last use from which the cache of a gallery is deleted that is not there. It may be on a drive."""

_USED_STEP_S = 86400.0

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

    def encode(self, gallery: Path) -> bytes:
        """Return the sealed bytes of the cache file; `read` is the inverse. OSError when they cannot be sealed."""
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
        return seal(block, gallery, _PURPOSE)

    @classmethod
    def read(cls, path: Path, gallery: Path) -> CacheContent | None:
        """Return the content of a cache file of this gallery, None unless this user's facecam has written it so."""
        try:
            stored = read_own_file(path, _MAX_CACHE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.info("the cache %s is not used: %s", path, error.strerror)
            return None
        block = unseal(stored, gallery, _PURPOSE)
        content = None if block is None else cls._decode(block)
        if content is not None and path.name == _file_name(content.key):
            return content
        _log.warning("the cache %s has changed or is of another program, user or gallery; it is not used", path)
        return None

    @classmethod
    def _decode(cls, block: bytes) -> CacheContent | None:
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


def _file_name(key: list[Any]) -> str:
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16] + _SUFFIX


class EmbeddingCache:
    """Entries by the photo's SHA-256, and hashes by the photo's path and stamp; empty when no valid file is stored.

    `conditions` is everything besides the network that affects an entry: detector and gates. Each value has its own file.
    """

    def __init__(self, gallery: Path, embedding_id: str, conditions: str = "") -> None:
        key = [_FORMAT, embedding_id, conditions]
        self._gallery = gallery
        self.path = cache_folder(gallery) / _file_name(key)
        stored = CacheContent.read(self.path, gallery)
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
        digest = hashlib.sha256(read_gallery_file(photo, MAX_FILE_BYTES)).hexdigest()
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
        try:
            _delete_earlier(self._gallery)
        except OSError as error:  # in a gallery that others own and share
            _log.info("%s cannot be deleted: %s", error.filename, error.strerror)
        try:
            _sweep_folder(self.path.parent)
            if self._changed or any(not self._is_used(key) for key in self._content.stamps):
                _prepare_folder(self._gallery)
                with folder_lock(self.path.parent):  # Under the lock, so that a removal meanwhile is not undone.
                    self._content.retain({key for key in self._used if self._is_used(key)})
                    write_own_file(self.path, self._content.encode(self._gallery))
                    for old in sorted(self.path.parent.glob("*" + _SUFFIX), key=_modified_ns)[:-_MAX_FILES]:
                        old.unlink(missing_ok=True)
            _mark_used(self.path.parent)
        except (OSError, GalleryError) as error:
            reason = str(error.strerror if isinstance(error, OSError) else error)
            if isinstance(error, OSError) and error.filename == str(key_path()):
                reason = f"{error.filename}: {reason}"
            _log.warning("the cache %s cannot be written (%s): photos are read again at each start", self.path, reason)
        self._changed = False

    def _is_used(self, key: str) -> bool:
        return key in self._used and self._used[key].exists()


def _modified_ns(path: Path) -> int:
    with suppress(OSError):
        return path.lstat().st_mtime_ns
    return 0


def cache_folder(gallery: Path) -> Path:
    """Return the folder of everything that this user's facecam has cached of a gallery."""
    return cache_dir() / _CACHES_FOLDER / gallery_key(gallery)


def cache_file(gallery: Path, name: str) -> Path:
    """Return the path of another file in the folder of a gallery's caches, which is created. OSError when that fails."""
    _prepare_folder(gallery)
    return cache_folder(gallery) / name


def prune_caches(gallery: Path) -> int:
    """Drop photos that have left the gallery from every network's cache and return the number of entries dropped.

    Deleted with them is what may still describe such photos: caches that cannot be read, unfinished files, caches inside the
    gallery of earlier versions, and the caches of galleries that are not there any more. OSError when something stays.
    """
    try:
        dropped = _prune_own(gallery)
        _delete_caches_of_missing(unused_s=0)
    finally:
        _delete_earlier(gallery)
    return dropped


def _prune_own(gallery: Path) -> int:
    folder, dropped = cache_folder(gallery), 0
    if not folder.is_dir():
        return 0
    try:
        with folder_lock(folder):
            for path in _unfinished(folder):
                path.unlink(missing_ok=True)
            for path in list(folder.glob("*" + _SUFFIX)):
                content = CacheContent.read(path, gallery)
                if content is None:
                    path.unlink(missing_ok=True)
                    continue
                photos = len(content.stamps)
                dropped += content.retain({key for key in content.stamps if (gallery / key).exists()})
                if len(content.stamps) < photos:
                    write_own_file(path, content.encode(gallery))
    except GalleryError as error:
        raise OSError(str(error)) from error
    return dropped


def take_caches(gallery: Path) -> list[CacheContent]:
    """Return the caches of a gallery without the photos' stamps, and delete them: the gallery is encrypted or decrypted now."""
    contents = [CacheContent.read(path, gallery) for path in sorted(cache_folder(gallery).glob("*" + _SUFFIX))]
    delete_caches(gallery)
    return [CacheContent(content.key, {}, content.entries) for content in contents if content is not None]


def store_caches(gallery: Path, contents: Iterable[CacheContent]) -> None:
    """Write caches that were taken, sealed as the gallery now needs it. OSError when that fails."""
    _prepare_folder(gallery)
    with folder_lock(cache_folder(gallery)):
        for content in contents:
            write_own_file(cache_folder(gallery) / _file_name(content.key), content.encode(gallery))


def delete_caches(gallery: Path) -> None:
    """Delete everything that this user's facecam has cached of a gallery. OSError when something stays."""
    try:
        _delete_folder(cache_folder(gallery))
    finally:
        _delete_earlier(gallery)


def cached_networks(gallery: Path) -> dict[Path, str | None]:
    """Return the embedding_id of each of the gallery's cache files, None for a damaged one."""
    contents = {path: CacheContent.read(path, gallery) for path in sorted(cache_folder(gallery).glob("*" + _SUFFIX))}
    return {path: None if content is None else str(content.key[1]) for path, content in contents.items()}


def sweep_caches() -> None:
    """Delete the caches of galleries that were not used for long: those that are not there any more, and all but the latest."""
    _delete_caches_of_missing(_MISSING_S)
    folders = sorted(_gallery_folders(), key=lambda folder: _modified_ns(folder / _GALLERY_FILE))
    for folder in folders[:-_MAX_GALLERIES]:
        _delete_folder(folder)


def _prepare_folder(gallery: Path) -> None:
    """Create the folder of a gallery's caches, if it is not there. OSError when that fails."""
    folder = cache_folder(gallery)
    if folder.is_symlink():
        folder.unlink()
    create_private_folder(folder)
    if not (folder / _GALLERY_FILE).is_file():
        write_own_file(folder / _GALLERY_FILE, os.fsencode(os.path.realpath(gallery)) + b"\n")
        sweep_caches()


def _mark_used(folder: Path) -> None:
    file = folder / _GALLERY_FILE
    if file.is_file() and time.time() - file.stat().st_mtime > _USED_STEP_S:
        os.utime(file)
        sweep_caches()


def _gallery_folders() -> list[Path]:
    """Return the folders of galleries. $FACECAM_CACHE can name a folder whose `embeddings` has the files of other programs."""
    with suppress(FileNotFoundError):
        found = (cache_dir() / _CACHES_FOLDER).iterdir()
        return [path for path in found if _GALLERY_KEY.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]
    return []


def _delete_caches_of_missing(unused_s: float) -> None:
    """Delete the caches of galleries that are not where they were, and that have not been used for so long."""
    for folder in _gallery_folders():
        file = folder / _GALLERY_FILE
        try:
            gallery = Path(os.fsdecode(read_own_file(file, MAX_TEXT_BYTES).removesuffix(b"\n")))
            is_there = gallery_key(gallery) == folder.name and gallery.is_dir()
        except (OSError, ValueError):
            is_there = False
        if not is_there and (not unused_s or time.time() - _modified_ns(file) / 1e9 >= unused_s):
            _delete_folder(folder)


def _delete_folder(folder: Path) -> None:
    """Delete a folder. Another program may delete it at the same time."""
    if folder.is_symlink():
        folder.unlink(missing_ok=True)
    while folder.is_dir():
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _unfinished(folder: Path) -> list[Path]:
    return list(folder.glob(PART_PREFIX + "*"))


def _sweep_folder(folder: Path) -> None:
    """Delete unfinished files, left by programs that have ended. The lock keeps those of running programs."""
    if _unfinished(folder):
        with folder_lock(folder):
            for path in _unfinished(folder):
                path.unlink(missing_ok=True)


def _delete_earlier(gallery: Path) -> None:
    """Delete what earlier versions have cached inside a gallery, in a folder that is not always facecam's own alone.

    OSError when something stays.
    """
    folder = gallery / _EARLIER_FOLDER
    if not folder.is_dir():
        return
    found = [path for path in folder.iterdir() if _EARLIER_FILE.fullmatch(path.name)]
    if found and folder.is_symlink():
        raise OSError(0, TranslatableText("it is a link; delete it and the embeddings in its folder yourself"), str(folder))
    for path in found:
        path.unlink(missing_ok=True)
    with suppress(OSError):  # other programs' files are there too
        folder.rmdir()
