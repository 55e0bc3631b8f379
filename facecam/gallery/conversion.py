"""Encrypt and decrypt a whole gallery, each as one change: an interruption leaves it plain or encrypted, and complete."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from facecam.errors import GalleryError
from facecam.fileio import PART_PREFIX, read_regular
from facecam.gallery.cache import store_caches, take_caches
from facecam.gallery.encryption import (
    HEADER_FILE,
    MANIFEST_FILE,
    EncryptedFileError,
    GalleryKey,
    OpenedFile,
    check_passphrase,
    encode_header,
    is_kept_name,
    remember_key,
)
from facecam.gallery.files import encryption_key, is_encrypted, manifest, open_gallery_file, unlock_gallery
from facecam.gallery.folder_lock import LOCK_FILE
from facecam.gallery.people import (
    PERSON_FILE,
    Person,
    folder_key,
    folder_name,
    read_people,
    to_toml,
)
from facecam.gallery.transaction import JOURNAL_FILE, Transaction, gallery_lock
from facecam.messages import TranslatableText

ProgressCallback = Callable[[int, int], None]

_OWN_FILES = frozenset({LOCK_FILE, JOURNAL_FILE, HEADER_FILE, MANIFEST_FILE})
_MAX_FILE_BYTES = 2**30
"""Maximum size of a file in a gallery that is encrypted, in memory."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Numbers of people and files that were encrypted or decrypted, and files that could not be deleted afterwards."""

    people: int
    files: int
    leftovers: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()
    """Encrypted files in the list that are not there, and so were not decrypted."""


def encrypt_gallery(root: Path, passphrase: str, progress: ProgressCallback | None = None) -> Conversion:
    """Encrypt every file of the gallery at `root` and its caches; afterward this process has the key.

    Args:
        root: The gallery folder.
        passphrase: The new passphrase.
        progress: Called after each file with the number of files done and of all.

    Raises:
        GalleryError: The passphrase is too short, the gallery is encrypted already, or has a file that cannot be encrypted.
    """
    check_passphrase(passphrase)
    check_convertible(root)
    with gallery_lock(root):
        check_convertible(root)  # since it was locked
        people = read_people(root)
        if (problem := next((one for one in people.problems if one.reason == "person_file_damaged"), None)) is not None:
            raise GalleryError(
                "{path} is damaged, and its folder's name would be lost; repair or delete it, then try again",
                path=problem.path / PERSON_FILE,
            )
        key = GalleryKey.new()
        header = encode_header(key, passphrase)
        names = _OpaqueNames(key)
        files, tops = list(_files_to_encrypt(root)), [path for path in root.iterdir() if path.name not in _OWN_FILES]
        written = {person.folders[0]: person for person in people.people if not os.path.lexists(person.folders[0] / PERSON_FILE)}
        caches = take_caches(root)
        try:
            with Transaction(root, encryption=key, files={}) as change:
                for done, path in enumerate(files, start=1):
                    _encrypt_file(change, path, names)
                    if progress is not None:
                        progress(done, len(files))
                for folder, person in written.items():
                    original = (folder / PERSON_FILE).relative_to(root)
                    change.write(
                        root / names.path(original, b""), to_toml(person.to_file()).encode(), original=original.as_posix()
                    )
                for path in tops:
                    change.remove(path)
                change.write_plain(root / HEADER_FILE, header)
                remember_key(key)
        except OSError as error:
            raise _failed(root, error) from error
        finally:
            with suppress(OSError, GalleryError):
                store_caches(root, caches)
    return Conversion(len(people.people), len(files), tuple(change.undeleted))


def check_convertible(root: Path) -> None:
    """Raise GalleryError if the gallery at `root` does not exist or is encrypted already."""
    _require_folder(root)
    if is_encrypted(root):
        raise GalleryError("the gallery {gallery} is encrypted already", gallery=root)


def _encrypt_file(change: Transaction, path: Path, names: _OpaqueNames) -> None:
    data, stat, original = read_regular(path, _MAX_FILE_BYTES), path.stat(), path.relative_to(change.root)
    change.write(change.root / names.path(original, data), data, modified_ns=stat.st_mtime_ns, original=original.as_posix())


class _OpaqueNames:
    """Names of the encrypted files: of a photo by its content, as for one that is added later; of a folder by its name."""

    def __init__(self, key: GalleryKey) -> None:
        self._key = key
        self._taken: set[PurePosixPath] = set()

    def path(self, original: Path, data: bytes) -> PurePosixPath:
        place = self._key.opaque_path(PurePosixPath(original.as_posix()), renames_all=True)
        wanted = place
        if not is_kept_name(original.name):
            wanted = place.with_name(self._key.opaque_name(data, original.suffix))
        found = place if wanted in self._taken else wanted
        self._taken.add(found)
        return found


def _files_to_encrypt(root: Path) -> Iterator[Path]:
    """Yield every file of a plain gallery but those of the transactions. GalleryError for a link, a pipe or a device."""
    for parent, folders, names in os.walk(root, onerror=_raise):
        folders.sort()
        for name in sorted([*names, *folders]):
            path = Path(parent, name)
            if path.is_symlink():
                raise GalleryError(
                    "{path} is a link, which an encrypted gallery cannot have; copy its files into the gallery, then try again",
                    path=path,
                )
        for name in sorted(names):
            if (Path(parent) == root and name in _OWN_FILES) or name.startswith(PART_PREFIX):
                continue
            yield Path(parent, name)


def _raise(error: OSError) -> None:
    raise error


def decrypt_gallery(root: Path, passphrase: str | None = None, progress: ProgressCallback | None = None) -> Conversion:
    """Decrypt every file of the gallery at `root` and give folders and files their names again.

    Args:
        root: The gallery folder.
        passphrase: Its passphrase; None if this process has the key.
        progress: Called after each file with the number of files done and of all.

    Raises:
        WrongPassphraseError: The passphrase is another one.
        GalleryError: The gallery is not encrypted, or has a file that cannot be decrypted. Nothing was changed.
    """
    _require_folder(root)
    with gallery_lock(root):
        if passphrase is not None:
            unlock_gallery(root, passphrase)
        key = encryption_key(root)
        if key is None:
            raise GalleryError("the gallery {gallery} is not encrypted", gallery=root)
        people = read_people(root).people
        listed = sorted(manifest(root, key))
        files = [path for path in listed if os.path.lexists(root / path)]
        names = PlainNames(root, files, people)
        caches = take_caches(root)
        try:
            with Transaction(root, encryption=None) as change:
                for done, path in enumerate(files, start=1):
                    _decrypt_file(change, PurePosixPath(path), names)
                    if progress is not None:
                        progress(done, len(files))
                for name in sorted({PurePosixPath(path).parts[0] for path in files}):
                    change.remove(root / name)
                change.remove(root / HEADER_FILE)
                change.remove(root / MANIFEST_FILE)
        except EncryptedFileError as error:
            raise GalleryError(
                "{path} cannot be decrypted: {reason}; then decrypt the gallery again", path=error.filename, reason=error
            ) from error
        except OSError as error:
            raise _failed(root, error) from error
        finally:
            with suppress(OSError, GalleryError):
                store_caches(root, caches)
    return Conversion(len(people), len(files), tuple(change.undeleted), tuple(sorted({*listed} - {*files})))


def _decrypt_file(change: Transaction, path: PurePosixPath, names: PlainNames) -> None:
    stored = change.root / path
    opened, modified_ns = open_gallery_file(stored, _MAX_FILE_BYTES), stored.stat().st_mtime_ns
    change.write(change.root / names.path(path, opened), opened.data, modified_ns=modified_ns)


class PlainNames:
    """Names of decrypted files and folders: the original ones, else those that the plain gallery would have given them."""

    def __init__(self, root: Path, files: Sequence[str], people: Iterable[Person]) -> None:
        """Read the original names of `files`, the paths of an encrypted gallery's files."""
        by_folder = {folder.name: person for person in people for folder in person.folders}
        self._folders: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()
        self._used: set[str] = {path.name for path in root.iterdir()}
        originals = {path: PurePosixPath(_original(root / path)) for path in files}
        for path in sorted(map(PurePosixPath, files), key=lambda path: (path.name != PERSON_FILE, path)):
            original = originals[path.as_posix()]
            for depth in range(1, len(path.parts)):
                physical = path.parts[:depth]
                if physical in self._folders or is_kept_name(physical[-1]):
                    continue
                is_known = len(original.parts) > depth and (path.name == PERSON_FILE or physical[0] not in by_folder or depth > 1)
                name = original.parts[depth - 1] if is_known else physical[-1]
                if depth == 1 and not is_known and physical[0] in by_folder:
                    name = folder_name(by_folder[physical[0]].name)
                self._folders[physical] = self._free(name) if depth == 1 else name

    def _free(self, name: str) -> str:
        """Return the name, numbered if another folder has it."""
        found, number = name, 1
        while folder_key(found) in self._taken or found in self._used:
            number += 1
            found = f"{name} ({number})"
        self._taken.add(folder_key(found))
        return found

    def folder(self, name: str) -> str:
        """Return the plain name of a folder in the gallery."""
        return self._folders.get((name,), name)

    @staticmethod
    def file_name(path: PurePosixPath, opened: OpenedFile) -> str:
        """Return the plain name of a file; another file in its folder can have the same."""
        if is_kept_name(path.name):
            return path.name
        return PurePosixPath(opened.original).name or hashlib.sha256(opened.data).hexdigest()[:16] + path.suffix

    def path(self, path: PurePosixPath, opened: OpenedFile) -> PurePosixPath:
        """Return the plain path of a file, numbered if another file has it."""
        folders = [self._folders.get(path.parts[:depth], path.parts[depth - 1]) for depth in range(1, len(path.parts))]
        name = self.file_name(path, opened)
        place, number = PurePosixPath(*folders, name), 1
        while folder_key(place.as_posix()) in self._taken:
            number += 1
            place = place.with_name(f"{PurePosixPath(name).stem} ({number}){PurePosixPath(name).suffix}")
        self._taken.add(folder_key(place.as_posix()))
        return place


def _original(path: Path) -> str:
    try:
        return open_gallery_file(path, _MAX_FILE_BYTES).original
    except OSError:  # reported when the file is decrypted
        return ""


def change_passphrase(root: Path, passphrase: str) -> None:
    """Encrypt the gallery's key with a new passphrase. This process has the key; the files stay as they are.

    Raises:
        GalleryError: The passphrase is too short, the gallery is not encrypted, or locked.
    """
    check_passphrase(passphrase)
    _require_folder(root)
    with gallery_lock(root):
        key = encryption_key(root)
        if key is None:
            raise GalleryError("the gallery {gallery} is not encrypted", gallery=root)
        try:
            with Transaction(root) as change:
                change.write_plain(root / HEADER_FILE, encode_header(key, passphrase))
        except OSError as error:
            raise _failed(root, error) from error


def forget_missing(root: Path) -> list[Path]:
    """Take missing files off the list of files of an encrypted gallery and return their paths; none for a plain gallery."""
    with gallery_lock(root):
        key = encryption_key(root)
        if key is None:
            return []
        missing = [root / path for path in sorted(manifest(root, key)) if not os.path.lexists(root / path)]
        try:
            with Transaction(root) as change:
                for path in missing:
                    change.remove(path)
        except OSError as error:
            raise _failed(root, error) from error
    return missing


def _require_folder(root: Path) -> None:
    if not root.is_dir():
        raise GalleryError("the gallery {gallery} does not exist; enroll someone first", gallery=root)


def _failed(root: Path, error: OSError) -> GalleryError:
    return GalleryError(
        "the gallery {gallery} stays as it was, because {path} cannot be used: {reason}",
        gallery=root,
        path=error.filename or TranslatableText("a file"),
        reason=error,
    )
