"""Lock of a gallery's folder, or of that of its caches, against other threads and programs."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facecam.errors import GalleryError
from facecam.fileio import give_to_owner, private_mode

LOCK_FILE = ".lock"

LOCK_TIMEOUT_S = 15.0
"""A change takes milliseconds, and undoing the removal of a person with 500 MB of photos a few seconds."""

_LOCK_POLL_S = 0.01

_log = logging.getLogger(__name__)


class FolderLock:
    """Lock of one folder. Threads of this process wait for `thread_lock`; the outermost holder, at a depth of 1, locks the file.

    `descriptor` is that of the locked file, None where only this process is locked.
    """

    def __init__(self) -> None:
        self.thread_lock = threading.RLock()
        self.depth = 0
        self.descriptor: int | None = None


_locks: dict[str, FolderLock] = {}
_locks_guard = threading.Lock()
_without_locks: set[str] = set()
"""Folders on file systems without locks, each reported once."""


@contextmanager
def folder_lock(root: Path, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[FolderLock]:
    """Keep every other thread and program that calls this from the folder `root`; a thread may nest it.

    A folder that cannot be written is not locked, because nothing in it can be changed. On a file system without locks, only this
    process is locked, and a warning is logged.

    Raises:
        GalleryError: Another thread or program still holds the lock after `timeout_s`.
    """
    deadline_s = time.monotonic() + timeout_s
    key = os.path.realpath(root)
    with _locks_guard:
        lock = _locks.setdefault(key, FolderLock())
    if not lock.thread_lock.acquire(timeout=timeout_s):
        raise busy_error(root)
    try:
        if lock.depth == 0:
            lock.descriptor = _lock_file(root, deadline_s)
        lock.depth += 1
        try:
            yield lock
        finally:
            lock.depth -= 1
            if lock.depth == 0 and lock.descriptor is not None:
                os.close(lock.descriptor)  # which releases the lock
                lock.descriptor = None
    finally:
        lock.thread_lock.release()


def busy_error(root: Path) -> GalleryError:
    """Return the error for a gallery that another thread or program is changing."""
    return GalleryError(
        "another program is changing the gallery {gallery}; wait until it has finished, then try again", gallery=root
    )


def _lock_file(root: Path, deadline_s: float) -> int | None:
    """Open and lock the lock file, None where that is not possible. GalleryError when another program holds it too long."""
    path = root / LOCK_FILE
    while (descriptor := _open_lock_file(path)) is not None:
        is_locked = False
        try:
            is_locked = _wait_for_lock(descriptor, deadline_s)
            if is_locked and _is_open_file(path, descriptor):
                return descriptor
        except OSError as error:
            os.close(descriptor)
            if str(root) not in _without_locks:
                _without_locks.add(str(root))
                _log.warning("%s cannot be locked (%s): change the gallery from one program at a time", root, error.strerror)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not is_locked:
            raise busy_error(root)
        # The file was deleted or replaced meanwhile: lock the new one.
    return None


def _wait_for_lock(descriptor: int, deadline_s: float) -> bool:
    while not _try_lock(descriptor):
        if time.monotonic() >= deadline_s:
            return False
        time.sleep(_LOCK_POLL_S)
    return True


def _open_lock_file(path: Path) -> int | None:
    """Open the lock file, which only those can open who may change the gallery. None where the folder cannot be written.

    GalleryError when the owner has shared the gallery since the file was created, and has not changed it since.
    """
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    mode = private_mode(path.parent, is_shared=True)
    # The second one locks a file of another user.
    for access in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, access | flags, 0o600)
            give_to_owner(descriptor, path.parent)
            with contextlib.suppress(OSError):  # it is another user's
                if sys.platform != "win32" and os.fstat(descriptor).st_mode & mode != mode:
                    os.fchmod(descriptor, mode)
            return descriptor
    if os.path.lexists(path) and os.access(path.parent, os.W_OK) and not os.access(path, os.R_OK):
        raise GalleryError(
            "you may not open {path}, without which two programs could change the gallery at once; ask its owner to run "
            "chmod g+rw on it",
            path=path,
        )
    return None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            raise
        return True


def _is_open_file(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
