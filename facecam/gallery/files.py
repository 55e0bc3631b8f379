"""Read the files of a gallery folder, plain or encrypted, and unlock an encrypted one for this process."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import numpy as np

from facecam.errors import GalleryError, ImageError, LockedGalleryError
from facecam.fileio import read_regular
from facecam.gallery.encryption import (
    ALTERED,
    HEADER_FILE,
    HEADER_MISSING,
    LOCKED,
    MANIFEST_FILE,
    NOT_ENCRYPTED,
    OVERHEAD_BYTES,
    REPLAYED,
    SWAPPED,
    TRUNCATED,
    EncryptedFileError,
    GalleryKey,
    Header,
    OpenedFile,
    header_at,
    is_encrypted_file,
    key_at,
    known_key,
    remember_key,
)
from facecam.gallery.transaction import JOURNAL_FILE, PendingMoves
from facecam.imageio import MAX_FILE_BYTES, decode_image
from facecam.messages import TranslatableText
from facecam.types import Image

_MAX_DEPTH = 8
"""Levels of folders between a gallery and its files, at most: a folder of a person, of a quarantine set, of a change."""

_MAX_ATTEMPTS = 20
"""A file that does not fit the list of files is read again while a change goes on."""

_CHANGE_POLL_S = 0.01

_Stamp = tuple[int, int, int]
_manifests: dict[Path, tuple[_Stamp, dict[str, bytes]]] = {}


def read_gallery_file(path: Path, max_bytes: int) -> bytes:
    """Return the content of a photo or person.toml in a gallery, decrypted in an encrypted one.

    Raises:
        EncryptedFileError: The file of an encrypted gallery is damaged, in the wrong place, or locked.
        OSError: As `read_regular`.
    """
    return open_gallery_file(path, max_bytes).data


def open_gallery_file(path: Path, max_bytes: int) -> OpenedFile:
    """Return the content of a file as `read_gallery_file`, and its id, which is empty in a plain gallery."""
    for attempt in range(_MAX_ATTEMPTS):
        root = _gallery_of(path)
        before = _state(root)
        try:
            return _read(path, root, max_bytes)
        except EncryptedFileError as error:
            # A change in progress can be seen in part: it has a journal, or has ended meanwhile.
            is_changing = _state(root) != before or (root is not None and os.path.lexists(root / JOURNAL_FILE))
            if error.reason in (TRUNCATED, ALTERED) or not is_changing or attempt == _MAX_ATTEMPTS - 1:
                raise
            time.sleep(_CHANGE_POLL_S)
    raise AssertionError


def read_gallery_image(path: Path) -> Image:
    """Return a photo of a gallery as BGR (height, width, 3) uint8. ImageError when it cannot be read or decoded."""
    try:
        data = read_gallery_file(path, MAX_FILE_BYTES)
    except OSError as error:
        raise ImageError("{path} cannot be read: {reason}", path=path, reason=error) from error
    return decode_image(np.frombuffer(data, np.uint8), path)


def _read(path: Path, root: Path | None, max_bytes: int) -> OpenedFile:
    pending = None if root is None else PendingMoves(root, wait_s=0)
    try:
        key = None if root is None else encryption_key(root, pending)
        files = None if root is None or key is None else manifest(root, key, pending)
    except GalleryError as error:
        stored = read_regular(path, max_bytes + OVERHEAD_BYTES)
        reason = LOCKED if isinstance(error, LockedGalleryError) else HEADER_MISSING
        raise EncryptedFileError(reason if is_encrypted_file(stored) else NOT_ENCRYPTED, path) from error
    stored = read_regular(path, max_bytes if key is None else max_bytes + OVERHEAD_BYTES)
    if key is None:
        if is_encrypted_file(stored):
            raise EncryptedFileError(HEADER_MISSING, path)
        return OpenedFile(stored, "", b"")
    opened = key.decrypt(stored, path)
    if len(opened.data) > max_bytes:
        raise OSError(errno.EFBIG, TranslatableText("it has more than {limit}", limit=f"{max_bytes // 1024} KB"), str(path))
    assert files is not None
    assert root is not None
    assert pending is not None
    place = pending.destination(path.absolute()).relative_to(root).as_posix()
    if files.get(place) != opened.file_id:
        raise EncryptedFileError(SWAPPED if opened.file_id in files.values() else REPLAYED, path)
    return opened


def _gallery_of(path: Path) -> Path | None:
    """Return the gallery of a file if that is encrypted or being changed, as an absolute path; else None."""
    for folder in path.absolute().parents[:_MAX_DEPTH]:
        if os.path.lexists(folder / HEADER_FILE) or os.path.lexists(folder / JOURNAL_FILE):
            return folder
    return None


def _state(root: Path | None) -> tuple[_Stamp | None, ...]:
    """Return what changes while the gallery is changed."""
    return () if root is None else tuple(_stamp(root / name) for name in (HEADER_FILE, MANIFEST_FILE, JOURNAL_FILE))


def _stamp(path: Path) -> _Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _located(root: Path, name: str, pending: PendingMoves | None) -> Path | None:
    path = root / name
    return path if pending is None else pending.locate(path)


def _header(root: Path, pending: PendingMoves | None = None) -> Header | None:
    path = _located(root, HEADER_FILE, PendingMoves(root, wait_s=0) if pending is None else pending)
    return None if path is None else header_at(path)


def encryption_key(root: Path, pending: PendingMoves | None = None) -> GalleryKey | None:
    """Return the key of an encrypted gallery, None for a plain one.

    Args:
        root: The gallery folder.
        pending: Renames that an interrupted change has left; None to look for them.

    Raises:
        LockedGalleryError: This process does not have the key.
        GalleryError: The header is damaged.
    """
    path = _located(root, HEADER_FILE, PendingMoves(root, wait_s=0) if pending is None else pending)
    return None if path is None else key_at(path, root)


def manifest(root: Path, key: GalleryKey, pending: PendingMoves | None = None) -> dict[str, bytes]:
    """Return the id of the file at each path of an encrypted gallery. GalleryError when the list is missing or damaged."""
    path = _located(root, MANIFEST_FILE, pending) or root / MANIFEST_FILE
    stamp = _stamp(path)
    known = _manifests.get(path)
    if known is None or stamp is None or known[0] != stamp:
        files = key.read_manifest(path)
        if stamp is None:
            return files
        known = _manifests[path] = stamp, files
    return known[1]


def is_encrypted(root: Path) -> bool:
    """Return whether the gallery is encrypted. GalleryError when its header is damaged."""
    return _header(root) is not None


def is_locked(root: Path) -> bool:
    """Return whether the gallery is encrypted, and this process does not have its key. GalleryError as `is_encrypted`."""
    header = _header(root)
    return header is not None and known_key(header.gallery_id) is None


def unlock_gallery(root: Path, passphrase: str) -> None:
    """Let this process read and change the encrypted gallery at `root`; nothing happens for a plain one.

    Raises:
        WrongPassphraseError: The passphrase is another one.
        GalleryError: The header is damaged.
    """
    header = _header(root)
    if header is not None:
        remember_key(header.unwrap(passphrase))


def unlock_gallery_with_key(root: Path, key: bytes) -> bool:
    """Unlock an encrypted gallery with its key of 32 bytes, as `unlock_gallery`; return False when it has another one."""
    header = _header(root)
    if header is None:
        return True
    if not header.accepts(key):
        return False
    remember_key(GalleryKey(header.gallery_id, key))
    return True
