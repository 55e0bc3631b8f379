"""Changes of a gallery folder as transactions: changes that happen as a whole, and what an interruption leaves.

    gallery/.lock                locked while a program changes the gallery, see folder_lock.py; stays there
    gallery/.journal             renames of a change that has begun; finished by the next change
    .staging-*, .trash-*         files of a change that has not ended, in the gallery or in a person's folder
    .part-*                      unfinished files

In an encrypted gallery, a change encrypts what it writes, and also replaces the list of files, see encryption.py.

A change writes new files to a hidden folder and then only renames. One rename is atomic. Before several, the journal is written:
from then on readers see them all as done, and the next change does those that an interruption has left.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import re
import shutil
import stat
import sys
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import TracebackType
from typing import Literal

from facecam.errors import ChangeExpiredError, GalleryError
from facecam.fileio import (
    MAX_TEXT_BYTES,
    PART_PREFIX,
    create_private,
    create_private_folder,
    parse_json,
    private_mode,
    read_regular,
    set_mode,
    write_private,
)
from facecam.gallery.encryption import HEADER_FILE, MANIFEST_FILE, OVERHEAD_BYTES, GalleryKey, is_opaque, key_at
from facecam.gallery.folder_lock import LOCK_TIMEOUT_S, busy_error, folder_lock

JOURNAL_FILE = ".journal"
STAGING_PREFIX = ".staging-"
TRASH_PREFIX = ".trash-"
_LEFTOVER = re.compile(rf"({'|'.join(map(re.escape, (STAGING_PREFIX, TRASH_PREFIX, PART_PREFIX)))})[0-9a-f]+")
"""Names of hidden folders and unfinished files: a gallery can be in a folder with those of other programs."""

_JOURNAL_POLL_S = 0.01
_JOURNAL_WAIT_S = 0.5
"""Readers wait this long for a change in progress, which usually ends within milliseconds."""

_STALE_S = 600.0
"""Age of files without a lock, such as those of the cache, from which no program can still be writing them."""

_UNLOCKED_JOURNAL_S = 10.0
"""Age of a journal from which, without a lock, its change counts as interrupted."""

_JOURNAL_FORMAT = 1
_MAX_JOURNAL_BYTES = 64 * 2**20
_DELETE_ATTEMPTS = 5
_DELETE_PAUSE_S = 0.1

_log = logging.getLogger(__name__)

Moves = list[tuple[Path, Path]]
"""Old and new path of each file or folder."""


@contextmanager
def gallery_lock(root: Path, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Keep every other thread and program from changing the gallery at `root`, and finish what an interrupted change has left.

    A thread may nest it. For folders and file systems that cannot be locked, see `folder_lock`.

    Raises:
        GalleryError: Another thread or program still changes the gallery after `timeout_s`, or an interrupted change cannot be
            finished.
    """
    with folder_lock(root, timeout_s) as lock:
        if lock.depth == 1:
            _finish_interrupted(root, 0.0 if lock.descriptor is not None else _STALE_S)
        yield


def recover(root: Path) -> None:
    """Finish what an interrupted change has left, and delete stale files. For the start of a program that uses the gallery.

    Writes nothing when there is nothing to do, and leaves a gallery alone that another program is changing.
    """
    if os.path.lexists(root / JOURNAL_FILE) or any(True for _ in _leftovers(root, 0.0)):
        try:
            with gallery_lock(root, timeout_s=0):
                pass
        except GalleryError as error:
            _log.info("the gallery was not cleaned up: %s", error)


def finish_change(root: Path) -> None:
    """Finish an interrupted change, or wait for one in progress, so that every file is where it belongs.

    GalleryError as `gallery_lock`.
    """
    if os.path.lexists(root / JOURNAL_FILE):
        with gallery_lock(root):
            pass


def _finish_interrupted(root: Path, min_age_s: float) -> None:
    """Do the renames that are left in the journal, then delete leftovers of at least this age."""
    journal, moves = root / JOURNAL_FILE, Moves()
    if os.path.lexists(journal):
        if min_age_s > 0 and _age_s(journal) < _UNLOCKED_JOURNAL_S:
            raise busy_error(root)  # without a lock, only this tells
        moves = _read_journal(root)
        try:
            for old, new in _pending(moves):
                if os.path.lexists(old):
                    create_private_folder(new.parent, is_shared=True)
                    old.rename(free_path(new))
            sync_folders(folder for old, new in moves for folder in (old.parent, new.parent))
            delete_tree(journal)
            sync_folders([root])
        except OSError as error:
            raise GalleryError(
                "an interrupted change of {gallery} cannot be finished, {path}: {reason}; close other programs that use the "
                "folder, then try again",
                gallery=root,
                path=error.filename,
                reason=error,
            ) from error
        _log.info("an interrupted change of %s was finished", root)
    for path in list(_leftovers(root, min_age_s)):
        with contextlib.suppress(OSError):  # tried again by the next change
            delete_tree(path)
    remove_empty(folder for old, _ in moves for folder in (old.parent, old.parent.parent) if root in folder.parents)


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return 0.0


def _leftovers(root: Path, min_age_s: float) -> Iterator[Path]:
    """Yield staging and trash folders of at least this age, and unfinished files of at least _STALE_S."""
    now_s = time.time()
    for folder in (root, *_subfolders(root)):
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not _LEFTOVER.fullmatch(entry.name):
                        continue
                    age_s = min_age_s if entry.name.startswith((STAGING_PREFIX, TRASH_PREFIX)) else _STALE_S
                    if age_s == 0 or now_s - entry.stat(follow_symlinks=False).st_mtime >= age_s:
                        yield Path(entry.path)
        except OSError:
            continue


def _subfolders(root: Path) -> list[Path]:
    hidden = (STAGING_PREFIX, TRASH_PREFIX)
    try:
        with os.scandir(root) as entries:
            return [Path(entry.path) for entry in entries if not entry.name.startswith(hidden) and entry.is_dir()]
    except OSError:
        return []


def _read_journal(root: Path) -> Moves:
    """Return the renames in the journal; none without one, or when it is damaged or names a path outside of the gallery.

    Raises _NewerJournalError if a newer version of facecam has written it.
    """
    try:
        table = parse_json(read_regular(root / JOURNAL_FILE, _MAX_JOURNAL_BYTES))
        if table["format_version"] > _JOURNAL_FORMAT:
            raise _NewerJournalError(
                "a newer version of facecam was interrupted while it changed the gallery {gallery}; open the gallery with "
                "that version once, which finishes the change",
                gallery=root,
            )
        moves = [(PurePath(old), PurePath(new)) for old, new in table["moves"]]
        is_valid = table["format_version"] == _JOURNAL_FORMAT and all(_is_inside(path) for move in moves for path in move)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("%s is ignored, because it is damaged: %s", root / JOURNAL_FILE, error)
        return []
    if not is_valid:
        _log.warning("%s is ignored, because this version of facecam has not written it", root / JOURNAL_FILE)
        return []
    return [(root / old, root / new) for old, new in moves]


class _NewerJournalError(GalleryError):
    """The journal has a format that this version does not know."""


def _is_inside(path: PurePath) -> bool:
    return bool(path.parts) and not path.is_absolute() and not path.drive and ".." not in path.parts


def _pending(moves: Moves) -> Moves:
    """Return the renames that are not done. They are done in order, and a later one can make the old path of an earlier one."""
    is_next = (number for number, (old, new) in enumerate(moves) if os.path.lexists(old) and not os.path.lexists(new))
    return moves[next(is_next, len(moves)) :]


class PendingMoves:
    """Renames that an interrupted change has left, for readers that see the change as a whole."""

    def __init__(self, root: Path, wait_s: float = _JOURNAL_WAIT_S) -> None:
        """Wait for a change in progress, at most `wait_s`."""
        journal = root / JOURNAL_FILE
        deadline_s = time.monotonic() + wait_s
        while os.path.lexists(journal) and time.monotonic() < deadline_s:
            time.sleep(_JOURNAL_POLL_S)
        self._moves: Moves = []
        try:
            self._moves = _pending(_read_journal(root))
        except _NewerJournalError as error:
            _log.warning("%s", error)

    def __bool__(self) -> bool:
        return bool(self._moves)

    def locate(self, path: Path) -> Path | None:
        """Return where the file or folder is that will have this path, None when there will be none."""
        for old, new in reversed(self._moves):
            if path.is_relative_to(new):
                path = old / path.relative_to(new)
            elif path.is_relative_to(old):
                return None
        return path

    def destination(self, path: Path) -> Path:
        """Return the path that the file or folder at this path will have; `locate` is the inverse."""
        for old, new in self._moves:
            if path.is_relative_to(old):
                path = new / path.relative_to(old)
        return path

    def children(self, folder: Path) -> list[Path]:
        """Return the paths that a folder will have, sorted. OSError when it cannot be read."""
        now = self.locate(folder)
        new = [path for _, path in self._moves if path != folder and path.is_relative_to(folder)]
        names = {path.relative_to(folder).parts[0] for path in new}
        if now is not None and (now.exists() or not names):
            names |= {path.name for path in now.iterdir() if self.locate(folder / path.name) is not None}
        return [folder / name for name in sorted(names)]


@dataclass(eq=False)
class Transaction:
    """Change of files in a gallery that happens as a whole when its `with` block ends; the block's error discards it.

    The caller holds the gallery's lock. Afterward `moved` are the renames done with `move`, and `undeleted` are folders of
    removed files that could not be deleted. OSError, with nothing changed, when the change is not possible.
    """

    root: Path
    moved: Moves = field(default_factory=list)
    undeleted: list[Path] = field(default_factory=list)
    _key: str = field(default_factory=lambda: uuid.uuid4().hex)
    _moves: Moves = field(default_factory=list)
    _hidden: set[Path] = field(default_factory=set)
    """Staging and trash folders."""
    _written: set[Path] = field(default_factory=set)
    """Folders with staged files, which are flushed before the renames."""
    encryption: GalleryKey | Literal["present"] | None = "present"
    """Key with which files are encrypted, None for plain files; by default as the gallery is now."""
    files: dict[str, bytes] | None = None
    """Encrypted files before the change, as in the manifest; None to read it."""
    _encrypted: dict[str, bytes] = field(default_factory=dict)
    """Ids of the encrypted files that this change writes, by path."""

    def __enter__(self) -> Transaction:
        """Raise LockedGalleryError when the gallery is encrypted and this process has no key, GalleryError without its header."""
        if self.encryption == "present":
            self.encryption = key_at(self.root / HEADER_FILE, self.root)
            if self.encryption is None and os.path.lexists(self.root / MANIFEST_FILE):
                raise GalleryError(
                    "{path} is missing, so the gallery cannot be decrypted or changed; restore this file from a backup",
                    path=self.root / HEADER_FILE,
                )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        try:
            if error is None:
                self._commit()
        finally:
            # While there is a journal, the next change needs the files in the hidden folders.
            if not os.path.lexists(self.root / JOURNAL_FILE):
                for folder in self._hidden:
                    try:
                        delete_tree(folder)
                    except OSError:
                        self.undeleted.append(folder)

    def write(
        self,
        path: Path,
        data: bytes | Iterable[bytes],
        *,
        modified_ns: int | None = None,
        replace: bool = False,
        original: str | None = None,
    ) -> None:
        """Create a private file, or with `replace` a new version of one, whose permissions stay where they are narrower.

        The group can read and write it where the folder is writable for the group.

        `original` is the path that decryption gives the file, "" for one that follows from the content. By default a new version
        keeps that of the earlier one.
        """
        key = self._key_in_use
        if key is not None:
            if original is None:
                original = _original_of(path, key) if replace else ""
            content = data if isinstance(data, bytes) else b"".join(data)
            data, self._encrypted[self._name(path)] = key.encrypt(content, path, original=original)
        self._write(path, data, modified_ns=modified_ns, replace=replace)

    def write_plain(self, path: Path, data: bytes) -> None:
        """Create or replace a file as it is, also in an encrypted gallery."""
        self._write(path, data, modified_ns=None, replace=True)

    def _write(self, path: Path, data: bytes | Iterable[bytes], *, modified_ns: int | None, replace: bool) -> None:
        staged = self._stage(path, replace=replace)
        with create_private(staged, is_shared=True) as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        if replace and path.is_file():
            set_mode(staged, stat.S_IMODE(path.stat().st_mode) & private_mode(staged.parent, is_shared=True))
        if modified_ns is not None:
            os.utime(staged, ns=(modified_ns, modified_ns))

    def link(self, path: Path, target: str) -> None:
        """Create a symbolic link to this target."""
        if self._key_in_use is not None:
            raise GalleryError("an encrypted gallery cannot have the link {path}; copy the files instead", path=path)
        self._stage(path).symlink_to(target, target_is_directory=(path.parent / target).is_dir())

    def move(self, old: Path, new: Path) -> None:
        """Rename a file or folder. One that no longer exists is left out."""
        self._moves.append((old, new))

    def remove(self, path: Path) -> None:
        """Delete a file or folder. One that no longer exists is left out."""
        folder = self._container(path) / f"{TRASH_PREFIX}{self._key}"
        self._hidden.add(folder)
        self._moves.append((path, folder / str(len(self._moves))))

    @property
    def _key_in_use(self) -> GalleryKey | None:
        assert self.encryption != "present"
        return self.encryption

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _write_manifest(self) -> None:
        """Write the list of encrypted files as it will be after the change."""
        key = self._key_in_use
        if key is None or not self._moves:
            return
        self._require_opaque_names()
        files = key.read_manifest(self.root / MANIFEST_FILE) if self.files is None else dict(self.files)
        for old, new in self._moves:
            is_present = os.path.lexists(old) or self._is_made(old)
            if self._is_hidden(old) or not (is_present or self._is_hidden(new)):  # a missing file can be removed from the list
                continue
            name = self._name(old)
            inside = [name] if name in files else [path for path in files if path.startswith(f"{name}/")]
            for path in inside:
                file_id = files.pop(path)
                if not self._is_hidden(new):
                    files[self._name(new) + path[len(name) :]] = file_id
        self.write_plain(self.root / MANIFEST_FILE, key.encrypt_manifest(files | self._encrypted))

    def _require_opaque_names(self) -> None:
        """Raise ChangeExpiredError when a new path says something about a person, as in the undo of an earlier change."""
        moved = (new.relative_to(self.root) for _, new in self._moves if not self._is_hidden(new))
        if not all(is_opaque(name) for path in (*map(PurePath, self._encrypted), *moved) for name in path.parts):
            raise ChangeExpiredError(
                "the gallery {gallery} was encrypted after this change, which is not possible any more", gallery=self.root
            )

    def _stage(self, path: Path, *, replace: bool = False) -> Path:
        """Return the hidden path for a new file, in a folder that exists then."""
        container = self._container(path)
        hidden = container / f"{STAGING_PREFIX}{self._key}"
        staged = hidden / path.relative_to(container)
        if replace and os.path.lexists(path):
            self.remove(path)
        # A new folder is renamed as a whole.
        top = hidden / path.relative_to(container).parts[0]
        move = (top, self.root / top.name) if container == self.root else (staged, path)
        if move not in self._moves:
            self._moves.append(move)
        self._hidden.add(hidden)
        self._written |= {staged.parent, hidden, container}
        create_private_folder(staged.parent, is_shared=True)
        return staged

    def _container(self, path: Path) -> Path:
        """Return the top folder of the path, else the gallery: a linked folder can be on another file system."""
        parts = path.relative_to(self.root).parts
        folder = self.root / parts[0]
        return folder if len(parts) > 1 and folder.is_dir() else self.root

    def _commit(self) -> None:
        self._write_manifest()
        moves = [(old, new) for old, new in self._moves if os.path.lexists(old) or self._is_made(old)]
        sync_folders(self._written)
        if len(moves) > 1:
            self._write_journal(moves)
        begun: Moves = []
        folders: set[Path] = set()
        try:
            for old, new in moves:
                _require_free(new)
                folders |= {new.parent, new.parent.parent} - {self.root}
                create_private_folder(new.parent, is_shared=True)
                begun.append((old, new))
                with contextlib.suppress(FileNotFoundError):  # another program has deleted it meanwhile
                    old.rename(new)
        except BaseException as error:
            self._roll_back(begun)
            remove_empty(folders)
            if isinstance(error, OSError):  # Messages name the user's file, not its place in a hidden folder.
                error.filename = str(new if self._is_hidden(old) else old)
            raise
        sync_folders(folder for old, new in moves for folder in (old.parent, new.parent))
        self.moved = [
            (old, new) for old, new in moves if not self._is_hidden(old) and not self._is_hidden(new) and os.path.lexists(new)
        ]
        with contextlib.suppress(OSError):  # the next change deletes it
            delete_tree(self.root / JOURNAL_FILE)
        sync_folders([self.root])

    def _is_hidden(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._hidden)

    def _roll_back(self, begun: Moves) -> None:
        """Rename everything back. What cannot be renamed now is left to the next change.

        An interruption such as Ctrl-C can come between a rename and the next line, so the files tell what was renamed.
        """
        back = [(new, old) for old, new in reversed(begun)]
        try:
            for now, old in back:
                if os.path.lexists(now) and not os.path.lexists(old):
                    now.rename(old)
            if os.path.lexists(self.root / JOURNAL_FILE):  # On a read-only file system, deleting a missing file fails too.
                delete_tree(self.root / JOURNAL_FILE)
        except OSError as error:
            _log.warning(
                "%s cannot be renamed back now (%s): the next change of the gallery does it", error.filename, error.strerror
            )
            self._write_journal(back)

    def _write_journal(self, moves: Moves) -> None:
        pairs = [[path.relative_to(self.root).as_posix() for path in move] for move in moves]
        data = json.dumps({"format_version": _JOURNAL_FORMAT, "moves": pairs}).encode()
        write_private(self.root / JOURNAL_FILE, data, is_shared=True)
        sync_folders([self.root])

    def _is_made(self, path: Path) -> bool:
        """Return whether an earlier rename of this change makes the path."""
        return any(path.is_relative_to(new) for _, new in self._moves)


def _original_of(path: Path, key: GalleryKey) -> str:
    """Return the path that an encrypted file had in the plain gallery, "" for a file that cannot be decrypted."""
    try:
        return key.decrypt(read_regular(path, MAX_TEXT_BYTES + OVERHEAD_BYTES), path).original
    except OSError:
        return ""


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def sync_folders(folders: Iterable[Path]) -> None:
    """Flush folders to disk, so that their new and renamed files survive a power cut. Windows has no such function."""
    if sys.platform == "win32":
        return
    for folder in set(folders):
        with contextlib.suppress(OSError):  # not possible on some network shares, or the folder was removed
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def delete_tree(path: Path) -> None:
    """Delete a folder, file or link. OSError when something stays, after some attempts: on Windows others may be reading it."""
    for attempt in range(_DELETE_ATTEMPTS):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError:
            if attempt == _DELETE_ATTEMPTS - 1:
                raise
            time.sleep(_DELETE_PAUSE_S)
        else:
            return


def remove_empty(folders: Iterable[Path]) -> None:
    """Delete the empty ones of these folders, the deepest first."""
    for folder in sorted(set(folders), reverse=True):
        with contextlib.suppress(OSError):  # it has other files, or is a file
            folder.rmdir()


def free_path(wanted: Path, taken: Collection[Path] = ()) -> Path:
    """Return the path, numbered if another file has it, or it is among `taken`."""
    path, number = wanted, 1
    while path in taken or os.path.lexists(path):
        number += 1
        path = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
    return path
