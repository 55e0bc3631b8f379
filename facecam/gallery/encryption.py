"""Encryption of a gallery: its header with the wrapped key, the format of its files, and the keys of this process.

    gallery/.encryption.toml     key derivation, salt, and the gallery's key, encrypted with the passphrase
    gallery/.manifest            encrypted list of all files; written with each change

A random key of 256 bits encrypts the files. A key that scrypt derives from the passphrase encrypts it. An encrypted file is

    8 bytes    FACECAM and a byte 1
    16 bytes   id of the gallery
    16 bytes   id of this version of the file, random
    8 bytes    length of the rest after the nonce, big-endian
    12 bytes   nonce, random
    ...        AES-256-GCM of: length of the original path (2 bytes, big-endian), the path (UTF-8), the content

The first 48 bytes and the purpose of the file are authenticated with it. The manifest lists the id of the file at each path: so a
file at another path, an older version of a file and a missing file are noticed, although a file can be renamed as it is.

Keys are in memory only, and never in arguments, the environment or a file.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from facecam.errors import GalleryError, LockedGalleryError, WrongPassphraseError
from facecam.fileio import MAX_TABLE_BYTES, MAX_TEXT_BYTES, parse_json, parse_toml, read_regular
from facecam.messages import TranslatableText

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEADER_FILE = ".encryption.toml"
MANIFEST_FILE = ".manifest"
MIN_PASSPHRASE_CHARACTERS = 8

_FORMAT = 1
_MAGIC = b"FACECAM\x01"
_ID_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_AUTHENTICATED_BYTES = len(_MAGIC) + 2 * _ID_BYTES + 8
_HEAD_BYTES = _AUTHENTICATED_BYTES + _NONCE_BYTES
_MAX_ORIGINAL_BYTES = 2**16 - 1
OVERHEAD_BYTES = _HEAD_BYTES + 2 + _MAX_ORIGINAL_BYTES + _TAG_BYTES
"""Maximum number of bytes by which an encrypted file is larger than its content."""

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1
"""scrypt needs 128 * n * r bytes of memory, 128 MB, and 0.26 s on the reference machine."""

_MAX_SCRYPT_BYTES = 512 * 2**20
_MAX_SCRYPT_P = 2

FILE, MANIFEST, CACHE, _KEY = b"file", b"manifest", b"cache", b"facecam gallery key"
"""Purposes, which keep an encrypted file from being used as one of another kind."""

_OPAQUE = re.compile(r"[0-9a-f]{16}( \(\d+\))?(\.[0-9a-z]{1,8})?")
_KEPT_NAMES = re.compile(r"person\.toml|\.encryption\.toml|\.manifest|\.negatives|\.aside|\d{4,}-\d{8}T\d{6}Z")
"""Names with a meaning, which say nothing about a person: see people.py and quarantine.py."""

TRUNCATED, ALTERED, SWAPPED = "file_truncated", "file_altered", "file_swapped"
REPLAYED, FOREIGN, NOT_ENCRYPTED, MISSING = "file_replayed", "file_foreign", "file_not_encrypted", "file_missing"
LOCKED, HEADER_MISSING = "gallery_locked", "header_missing"

FILE_PROBLEMS = frozenset({TRUNCATED, ALTERED, SWAPPED, REPLAYED, FOREIGN, NOT_ENCRYPTED, MISSING})
"""Reason codes of files of an encrypted gallery that cannot be used."""

_TEXTS = {
    TRUNCATED: TranslatableText("the encrypted file is cut off; restore it from a backup"),
    ALTERED: TranslatableText("the encrypted file was changed or damaged; restore it from a backup"),
    SWAPPED: TranslatableText("the encrypted file belongs to another place in the gallery; restore it from a backup"),
    REPLAYED: TranslatableText(
        "the encrypted file is an older version, or was removed before; restore the present one from a backup"
    ),
    FOREIGN: TranslatableText("the file was encrypted for another gallery, or before this one was encrypted again; delete it"),
    NOT_ENCRYPTED: TranslatableText("the file is not encrypted, so facecam has not written it; add photos with facecam"),
    MISSING: TranslatableText("the encrypted file is missing; restore it from a backup"),
    HEADER_MISSING: TranslatableText(
        "the file is encrypted, but .encryption.toml of its gallery is missing or damaged; restore it from a backup"
    ),
    LOCKED: TranslatableText("the file is encrypted; enter the passphrase of its gallery"),
}


class EncryptedFileError(OSError):
    """A file of an encrypted gallery cannot be used. `reason` is the code; `strerror` says it in words."""

    def __init__(self, reason: str, path: Path | str) -> None:
        super().__init__(errno.EBADMSG, _TEXTS[reason], str(path))
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class OpenedFile:
    """Content of an encrypted file, the path that it had in the plain gallery ("" if unknown), and its id."""

    data: bytes
    original: str
    file_id: bytes


class GalleryKey:
    """Key of one encrypted gallery: encrypts and decrypts its files and derives their names. Usable from any thread."""

    def __init__(self, gallery_id: bytes, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.gallery_id = gallery_id
        self.key = key
        self._cipher: AESGCM = AESGCM(key)

    @classmethod
    def new(cls) -> GalleryKey:
        """Return a new random key."""
        return cls(secrets.token_bytes(_ID_BYTES), secrets.token_bytes(32))

    def encrypt(self, data: bytes, path: Path | str, purpose: bytes = FILE, original: str = "") -> tuple[bytes, bytes]:
        """Return the bytes of the encrypted file and its id. `path` names it in the error for too long an original path."""
        name = original.encode("utf-8", "surrogateescape")
        if len(name) > _MAX_ORIGINAL_BYTES:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(path))
        plain = b"".join((len(name).to_bytes(2, "big"), name, data))
        file_id, nonce = secrets.token_bytes(_ID_BYTES), secrets.token_bytes(_NONCE_BYTES)
        head = b"".join((_MAGIC, self.gallery_id, file_id, (len(plain) + _TAG_BYTES).to_bytes(8, "big")))
        return b"".join((head, nonce, self._cipher.encrypt(nonce, plain, head + purpose))), file_id

    def decrypt(self, stored: bytes, path: Path | str, purpose: bytes = FILE) -> OpenedFile:
        """Return what `encrypt` was given. EncryptedFileError, with `path`, when that is not possible."""
        from cryptography.exceptions import InvalidTag

        if not _MAGIC.startswith(stored[: len(_MAGIC)]):
            raise EncryptedFileError(NOT_ENCRYPTED, path)
        head, nonce = stored[:_AUTHENTICATED_BYTES], stored[_AUTHENTICATED_BYTES:_HEAD_BYTES]
        length = int.from_bytes(head[-8:], "big")
        if len(stored) < _HEAD_BYTES:
            raise EncryptedFileError(TRUNCATED, path)
        if head[len(_MAGIC) : len(_MAGIC) + _ID_BYTES] != self.gallery_id:
            raise EncryptedFileError(FOREIGN, path)
        try:
            plain = self._cipher.decrypt(nonce, stored[_HEAD_BYTES:], head + purpose)
        except InvalidTag as error:
            raise EncryptedFileError(TRUNCATED if len(stored) < _HEAD_BYTES + length else ALTERED, path) from error
        end = 2 + int.from_bytes(plain[:2], "big")
        file_id = head[len(_MAGIC) + _ID_BYTES : len(_MAGIC) + 2 * _ID_BYTES]
        return OpenedFile(plain[end:], plain[2:end].decode("utf-8", "surrogateescape"), file_id)

    def opaque_name(self, name: bytes, suffix: str = "") -> str:
        """Return 16 hex digits that follow from a name or content only with the key, then the suffix in lower case."""
        suffix = suffix.lower()
        digits = hmac.digest(self.key, b"name\0" + name, hashlib.sha256)[:8].hex()
        return digits + (suffix if _OPAQUE.fullmatch(digits + suffix) else "")

    def opaque_path(self, path: PurePosixPath, *, renames_file: bool = False, renames_all: bool = False) -> PurePosixPath:
        """Return a path inside the gallery with opaque names in place of those that say something about a person.

        With `renames_file`, the file gets another name even if it is opaque: it may be the hash of the content. With
        `renames_all`, so do the folders.
        """
        parts = list(path.parts)
        for depth, name in enumerate(path.parts):
            is_last = depth == len(parts) - 1
            if is_kept_name(name) or (is_opaque(name) and not renames_all and not (is_last and renames_file)):
                continue
            full = "/".join(path.parts[: depth + 1]).encode("utf-8", "surrogateescape")
            parts[depth] = self.opaque_name(full, PurePosixPath(name).suffix if is_last else "")
        return PurePosixPath(*parts)

    def encrypt_manifest(self, files: Mapping[str, bytes]) -> bytes:
        """Return the bytes of the manifest with the id of the file at each path."""
        table = {"format": _FORMAT, "files": {path: files[path].hex() for path in sorted(files)}}
        return self.encrypt(json.dumps(table, ensure_ascii=True).encode(), MANIFEST_FILE, MANIFEST)[0]

    def read_manifest(self, path: Path) -> dict[str, bytes]:
        """Return the id of the file at each path. GalleryError when the manifest at `path` is missing or damaged."""
        try:
            table = parse_json(self.decrypt(read_regular(path, MAX_TABLE_BYTES), path, MANIFEST).data)
            return {str(name): bytes.fromhex(file_id) for name, file_id in table["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise GalleryError(
                "the list of the files of the encrypted gallery, {path}, is missing or damaged ({reason}), so swapped files "
                "would not be noticed; restore it from a backup",
                path=path,
                reason=error if isinstance(error, OSError) else TranslatableText("it has another format"),
            ) from error


def is_opaque(name: str) -> bool:
    """Return whether a file or folder of this name says nothing about a person."""
    return _OPAQUE.fullmatch(name) is not None or is_kept_name(name)


def is_kept_name(name: str) -> bool:
    """Return whether a file or folder has the same name in a plain and in an encrypted gallery."""
    return _KEPT_NAMES.fullmatch(name) is not None


def is_encrypted_file(stored: bytes) -> bool:
    """Return whether the content of a file begins like an encrypted one."""
    return stored.startswith(_MAGIC)


def gallery_id_of(stored: bytes) -> bytes:
    """Return the id of the gallery in the head of an encrypted file."""
    return stored[len(_MAGIC) : len(_MAGIC) + _ID_BYTES]


def check_passphrase(passphrase: str) -> None:
    """Raise GalleryError for a passphrase that is too short for a new one."""
    if len(passphrase) < MIN_PASSPHRASE_CHARACTERS:
        raise GalleryError(
            "the passphrase has {count} characters; use at least {limit}, better five random words",
            count=len(passphrase),
            limit=MIN_PASSPHRASE_CHARACTERS,
        )


def encode_header(key: GalleryKey, passphrase: str) -> bytes:
    """Return the header file of a gallery with this key and passphrase."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE_BYTES)
    wrapping = AESGCM(_derive(passphrase, salt, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P))
    wrapped = nonce + wrapping.encrypt(nonce, key.key, _KEY + key.gallery_id)
    values = {
        "format_version": _FORMAT,
        "gallery_id": key.gallery_id.hex(),
        "kdf": "scrypt",
        "n": _SCRYPT_N,
        "r": _SCRYPT_R,
        "p": _SCRYPT_P,
        "salt": salt.hex(),
        "wrapped_key": wrapped.hex(),
        "key_check": _key_check(key.key).hex(),
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in (values | {"checksum": _checksum(values)}).items()]
    comment = "# This file and the passphrase decrypt the gallery: see docs/guides/gallery.md. Without it, all photos are lost."
    return "\n".join([comment, *lines, ""]).encode()


def _key_check(key: bytes) -> bytes:
    """Return bytes that tell the right key from another one, and nothing else about it."""
    return hmac.digest(key, b"key check", hashlib.sha256)[:16]


def _checksum(values: Mapping[str, Any]) -> str:
    """Return a checksum that tells a damaged header from a wrong passphrase."""
    return hashlib.sha256(json.dumps(sorted(values.items())).encode()).hexdigest()


def _derive(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    text = unicodedata.normalize("NFC", passphrase)  # as typed on every system
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Header:
    """Content of a header file."""

    path: Path
    gallery_id: bytes
    scrypt: tuple[int, int, int]
    salt: bytes
    wrapped_key: bytes
    key_check: bytes

    @classmethod
    def read(cls, path: Path) -> Header | None:
        """Return the header of a gallery, None without one. GalleryError when it is damaged or cannot be read."""
        try:
            table = parse_toml(read_regular(path, MAX_TEXT_BYTES))
            version = table["format_version"]
            if isinstance(version, int) and version > _FORMAT:
                raise GalleryError(
                    "a newer version of facecam has encrypted the gallery {gallery}; update facecam to use it",
                    gallery=path.parent,
                )
            checksum, scrypt = table.pop("checksum"), (table["n"], table["r"], table["p"])
            texts = (table[name] for name in ("salt", "wrapped_key", "key_check"))
            header = cls(path, bytes.fromhex(table["gallery_id"]), scrypt, *map(bytes.fromhex, texts))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged_header(path) from error
        n, r, p = scrypt
        is_bounded = all(type(value) is int and value > 0 for value in scrypt) and n > 1 and 128 * n * r <= _MAX_SCRYPT_BYTES
        if (
            not is_bounded
            or table.get("kdf") != "scrypt"
            or p > _MAX_SCRYPT_P
            or n & (n - 1)
            or len(header.gallery_id) != _ID_BYTES
            or checksum != _checksum(table)
        ):
            raise _damaged_header(path)
        return header

    def accepts(self, key: bytes) -> bool:
        """Return whether these 32 bytes are the gallery's key."""
        return len(key) == 32 and hmac.compare_digest(_key_check(key), self.key_check)

    def unwrap(self, passphrase: str) -> GalleryKey:
        """Return the gallery's key. WrongPassphraseError for another passphrase."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        wrapping = AESGCM(_derive(passphrase, self.salt, *self.scrypt))
        nonce, wrapped = self.wrapped_key[:_NONCE_BYTES], self.wrapped_key[_NONCE_BYTES:]
        try:
            return GalleryKey(self.gallery_id, wrapping.decrypt(nonce, wrapped, _KEY + self.gallery_id))
        except (InvalidTag, ValueError) as error:
            raise WrongPassphraseError(
                "the passphrase of the gallery {gallery} is wrong; check capital letters and the keyboard, and enter it again",
                gallery=self.path.parent,
            ) from error


def _damaged_header(path: Path) -> GalleryError:
    return GalleryError(
        "{path} is damaged, and without it the gallery cannot be decrypted; restore this file from a backup", path=path
    )


_keys: dict[bytes, GalleryKey] = {}
"""Keys of the galleries that are unlocked in this process, by gallery id."""

_headers: dict[str, tuple[tuple[int, int, int], Header]] = {}
"""Headers that were read, by path, with inode, time and size of the file."""

_guard = threading.Lock()


def remember_key(key: GalleryKey) -> None:
    """Keep a key in memory, so that this process can use its gallery."""
    with _guard:
        _keys[key.gallery_id] = key


def forget_keys() -> None:
    """Drop all keys of this process."""
    with _guard:
        _keys.clear()
        _headers.clear()


def known_key(gallery_id: bytes) -> GalleryKey | None:
    """Return the key of a gallery that is unlocked in this process, else None."""
    return _keys.get(gallery_id)


def header_at(path: Path) -> Header | None:
    """Return the header at this path, None without one. Raises like `Header.read`."""
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise GalleryError("{path} cannot be read: {reason}", path=path, reason=error) from error
    stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    known = _headers.get(str(path))
    if known is not None and known[0] == stamp:
        return known[1]
    header = Header.read(path)
    if header is not None:
        with _guard:
            _headers[str(path)] = (stamp, header)
    return header


def key_at(header_path: Path, gallery: Path) -> GalleryKey | None:
    """Return the key of a gallery by its header, None for a plain gallery.

    LockedGalleryError when the gallery is encrypted and this process does not have its key.
    """
    header = header_at(header_path)
    if header is None:
        return None
    key = known_key(header.gallery_id)
    if key is None:
        raise LockedGalleryError(
            "the gallery {gallery} is encrypted and locked; enter its passphrase, or name a file with it by --passphrase-file",
            gallery=gallery,
        )
    return key
