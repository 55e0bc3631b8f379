"""Snapshots of removed files for undo: small ones in memory, the rest in temporary files that only this process can decrypt.

What was removed must not be readable on disk. Each snapshot has a key of its own, which is never written, so no one else can read
its temporary file (AES-256-GCM), nor can anyone after the process has ended. The system deletes the file when the process ends,
however that happens; `sweep_spool` deletes what a power cut has left.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from facecam.errors import ChangeExpiredError, GalleryError
from facecam.fileio import cache_dir, create_private_folder, open_regular
from facecam.gallery.encryption import EncryptedFileError, GalleryKey, is_encrypted_file
from facecam.gallery.files import encryption_key, open_gallery_file, read_gallery_file
from facecam.gallery.transaction import Moves, Transaction

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_SNAPSHOT_BYTES = 512 * 2**20
"""More than a hundred photos from a phone, and more than anyone enrolls of one person."""

MAX_MEMORY_BYTES = 64 * 2**20
"""Of all snapshots together; further ones go to disk."""

MAX_DISK_BYTES = 4 * MAX_SNAPSHOT_BYTES
"""Of all snapshots together; the contents of the oldest ones are dropped."""

_log = logging.getLogger(__name__)

_CHUNK_BYTES = 4 * 2**20
_TEMPORARY = re.compile("tmp[0-9a-z_]{8}")
"""Names that Python's tempfile gives: $FACECAM_CACHE can name a folder whose `undo` has the files of other programs."""

_STALE_S = 60.0
"""A temporary file has a name for an instant only, except on Windows, where an open one cannot be deleted."""


def spool_folder() -> Path:
    """Return the folder for temporary files: private, and on this machine, unlike the gallery."""
    return cache_dir() / "undo"


def sweep_spool() -> None:
    """Delete temporary files that no process uses any more."""
    with contextlib.suppress(OSError):
        for path in spool_folder().iterdir():
            with contextlib.suppress(OSError):  # another process uses it
                if _TEMPORARY.fullmatch(path.name) and time.time() - path.stat().st_mtime > _STALE_S:
                    path.unlink()


class _Spool:
    """Number of bytes that all snapshots have in memory and on disk, and the snapshots on disk, the oldest first."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # A finalizer can run while this thread holds it.
        self.memory_bytes = 0
        self.disk_bytes = 0
        self.on_disk: dict[int, _Store] = {}

    def make_room(self, newest: _Store) -> None:
        """Drop the contents of the oldest snapshots until the limit is kept."""
        for store in [store for store in self.on_disk.values() if store is not newest]:
            if self.disk_bytes <= MAX_DISK_BYTES:
                break
            store.close()


class _Store:
    """Chunks of one snapshot's files: bytes in memory, or offset and length of the encrypted chunk in the temporary file."""

    def __init__(self) -> None:
        self._chunks: list[bytes | tuple[int, int]] = []
        self._file: IO[bytes] | None = None
        self._cipher: AESGCM | None = None
        self._memory_bytes = 0
        self._disk_bytes = 0
        self.is_closed = False

    def add(self, data: bytes) -> int:
        """Keep a chunk and return its number. OSError when the temporary file cannot be written."""
        with _spool.lock:
            if _spool.memory_bytes + len(data) <= MAX_MEMORY_BYTES:
                self._chunks.append(data)
                self._memory_bytes += len(data)
                _spool.memory_bytes += len(data)
            else:
                self._chunks.append(self._write(data))
            return len(self._chunks) - 1

    def read(self, number: int) -> bytes:
        """Return a chunk. ChangeExpiredError when it was dropped, OSError when the temporary file cannot be read."""
        with _spool.lock:
            if self.is_closed:
                raise ChangeExpiredError("the removed files were dropped because later changes needed the space for undo")
            chunk = self._chunks[number]
            if isinstance(chunk, bytes):
                return chunk
            assert self._file is not None
            assert self._cipher is not None
            from cryptography.exceptions import InvalidTag

            offset, length = chunk
            self._file.seek(offset)
            try:
                return self._cipher.decrypt(_nonce(number), self._file.read(length), None)
            except InvalidTag as error:
                raise ChangeExpiredError("the removed files cannot be restored: their copy for undo is damaged") from error

    def _write(self, data: bytes) -> tuple[int, int]:
        if self._file is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            folder = spool_folder()
            create_private_folder(folder)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this object
            self._cipher = AESGCM(AESGCM.generate_key(256))
        assert self._cipher is not None
        encrypted = self._cipher.encrypt(_nonce(len(self._chunks)), data, None)
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(encrypted)
        self._file.flush()
        self._disk_bytes += len(encrypted)
        _spool.disk_bytes += len(encrypted)
        _spool.on_disk[id(self)] = self
        _spool.make_room(self)
        return offset, len(encrypted)

    def close(self) -> None:
        """Drop all chunks, the key and the temporary file."""
        with _spool.lock:
            if self.is_closed:
                return
            self.is_closed = True
            _spool.memory_bytes -= self._memory_bytes
            _spool.disk_bytes -= self._disk_bytes
            _spool.on_disk.pop(id(self), None)
            self._chunks.clear()
            self._cipher = None
            if self._file is not None:
                self._file.close()
                self._file = None


_spool = _Spool()


def _nonce(number: int) -> bytes:
    """Return the nonce of a chunk; it is unique because each store has its own key."""
    return number.to_bytes(12, "big")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size_bytes: int
    modified_ns: int
    chunks: tuple[int, ...]
    original: str | None = None
    """Of an encrypted file the path that it had in the plain gallery, "" if unknown; None for a plain file."""


class FileSnapshot:
    """Contents and times of files, and symbolic links with their targets. The contents are kept until this object is deleted."""

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._links: list[tuple[Path, str]] = []
        self._store = _Store()
        weakref.finalize(self, self._store.close)

    @classmethod
    def capture(cls, paths: Iterable[Path]) -> FileSnapshot:
        """Read files, folders with everything in them, and links without what they point to. Missing files are left out.

        GalleryError when they are larger than MAX_SNAPSHOT_BYTES or cannot be read.
        """
        snapshot, total_bytes = cls(), 0
        for path in chain.from_iterable(map(_with_content, paths)):
            try:
                if path.is_symlink():
                    snapshot._links.append((path, str(path.readlink())))
                elif path.is_file():
                    total_bytes += path.stat().st_size
                    if total_bytes > MAX_SNAPSHOT_BYTES:
                        raise GalleryError(
                            "{folder} has more than {limit} MB, too much to keep for undo; `facecam people remove` removes a "
                            "person without undo",
                            folder=path.parent,
                            limit=MAX_SNAPSHOT_BYTES >> 20,
                        )
                    snapshot._files.append(snapshot._keep(path))
            except FileNotFoundError:
                continue
            except EncryptedFileError as error:  # Nothing can be restored of a damaged file, but it can be removed.
                _log.info("%s is not kept for undo: %s", path, error.strerror)
            except OSError as error:
                raise GalleryError(
                    "{path} cannot be kept for undo: {reason}; nothing was changed", path=path, reason=error
                ) from error
        return snapshot

    def _keep(self, path: Path) -> _File:
        with open_regular(path) as file:
            modified_ns, size_bytes, chunks = os.fstat(file.fileno()).st_mtime_ns, 0, []
            data = file.read(_CHUNK_BYTES)
            if is_encrypted_file(data):
                opened = open_gallery_file(path, MAX_SNAPSHOT_BYTES)
                return _File(path, len(opened.data), modified_ns, (self._store.add(opened.data),), opened.original)
            while data:
                size_bytes += len(data)
                chunks.append(self._store.add(data))
                data = file.read(_CHUNK_BYTES)
        return _File(path, size_bytes, modified_ns, tuple(chunks))

    def restore(self, root: Path, folders: Mapping[Path, Path] | None = None, moves: Moves | None = None) -> None:
        """Write all files back into the gallery at `root`, as one change; the caller holds the gallery's lock.

        `folders` maps folders that were renamed meanwhile to the present ones. `moves` are done in the same change.

        GalleryError, with nothing written, when a file cannot be written or another one has its path.
        """
        key = encryption_key(root)
        files = {_target(file, root, folders or {}, key): file for file in self._files}
        links = {relocated(path, folders or {}): link_target for path, link_target in self._links}
        new = [target for target in (*files, *links) if not os.path.lexists(target)]
        unchanged = {target for target, file in files.items() if self._is_same(file, target)}
        unchanged |= {target for target, link_target in links.items() if _is_link(target, link_target)}
        other = next((target for target in (*files, *links) if target not in unchanged and target not in new), None)
        if other is not None:
            raise GalleryError("{path} is another file now and would be overwritten: move it, then try again", path=other)
        try:
            with Transaction(root) as change:
                for target in new:
                    if target in links:
                        change.link(target, links[target])
                    else:
                        file = files[target]
                        original = file.original
                        if original is None and key is not None:
                            original = file.path.relative_to(root).as_posix()
                        change.write(target, self._content(file), modified_ns=file.modified_ns, original=original)
                for move in moves or ():
                    change.move(*move)
        except OSError as error:
            raise GalleryError(
                "{path} cannot be restored: {reason}; free some space, or make the folder writable, then try again",
                path=new[0] if new else error.filename,
                reason=error,
            ) from error

    def _content(self, file: _File) -> Iterator[bytes]:
        return map(self._store.read, file.chunks)

    def _is_same(self, file: _File, target: Path) -> bool:
        try:
            now = memoryview(read_gallery_file(target, file.size_bytes))
            start = 0
            for data in self._content(file):
                if now[start : start + len(data)] != data:
                    return False
                start += len(data)
            return start == len(now)
        except OSError:
            return False


def _target(file: _File, root: Path, folders: Mapping[Path, Path], key: GalleryKey | None) -> Path:
    """Return where a file is restored. In an encrypted gallery no name says something about a person."""
    path = relocated(file.path, folders)
    if key is None:
        return path
    return root / key.opaque_path(PurePosixPath(path.relative_to(root)), renames_file=file.original is None)


def _with_content(path: Path) -> list[Path]:
    return sorted(path.rglob("*")) if path.is_dir() and not path.is_symlink() else [path]


def _is_link(path: Path, link_target: str) -> bool:
    return path.is_symlink() and str(path.readlink()) == link_target


def relocated(path: Path, folders: Mapping[Path, Path]) -> Path:
    """Return the path in the folder that its folder has become."""
    for old, new in folders.items():
        if path.is_relative_to(old):
            return new / path.relative_to(old)
    return path
