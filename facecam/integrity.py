"""Authentication of files that facecam has written for itself: caches, converted networks and taught objects.

    integrity.key                 32 random bytes and the time of their creation, in the user's data folder; private
    approved/<hash>.json          one file's path and purpose, and the keyed hashes of the contents that this user approved

A keyed hash shows that this user's facecam has written a content, and that no byte has changed. Caches carry theirs; of networks
and taught objects, which the user may copy and share, it is kept apart. It does not protect from programs that run as the
same user, which can read the key.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import logging
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from facecam.fileio import (
    MAX_TEXT_BYTES,
    atomic_path,
    create_atomic,
    create_private_folder,
    data_dir,
    open_regular,
    parse_json,
)
from facecam.messages import TranslatableText, system_text

KEY_FILE = "integrity.key"
TAG_BYTES = 32

_APPROVED_FOLDER = "approved"
_KEY_BYTES = 32
_TIME_BYTES = 8
_NOT_APPROVED = TranslatableText("it has changed or was moved, or another program, user or computer has written it")

_CLOCK_STEP_NS = 2_000_000_000
"""FAT stamps files in steps of 2 s."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    secret: bytes
    created_ns: int


def key_path() -> Path:
    """Return the path of the user's key."""
    return data_dir() / KEY_FILE


def approved_dir() -> Path:
    """Return the folder of the approvals."""
    return data_dir() / _APPROVED_FOLDER


def authentication_tag(data: bytes, purpose: str) -> bytes:
    """Return the keyed hash (32 bytes) of a file's content; `purpose` is what kind of file it is, such as "embeddings".

    OSError when the key can neither be read nor created, or other users can read it.
    """
    return hmac.digest(_key(key_path()).secret, purpose.encode() + b"\0" + data, hashlib.sha256)


def is_authentic(data: bytes, tag: bytes, purpose: str) -> bool:
    """Return whether this user's facecam made the tag for this content and purpose; False too when the key cannot be read."""
    try:
        return hmac.compare_digest(authentication_tag(data, purpose), tag)
    except OSError as error:
        _log_unusable_key(key_path(), str(system_text(error)))
        return False


def read_own_file(path: Path, max_bytes: int) -> bytes:
    """Return the content of a file that only this user can have written.

    Raises:
        OSError: The file cannot be read, is a link, belongs to another user, or other users can change it.
    """
    return _read_own_file(path, max_bytes, stat.S_IWGRP | stat.S_IWOTH)


def write_own_file(path: Path, data: bytes) -> None:
    """Write a file that `read_own_file` reads, as `write_private`. A link in its place is replaced, not followed."""
    with atomic_path(path, private=True, follow_link=False) as part:
        part.write_bytes(data)


def _read_own_file(path: Path, max_bytes: int, forbidden_mode: int) -> bytes:
    if path.is_symlink():
        raise OSError(errno.ELOOP, TranslatableText("it is a link"), str(path))
    with open_regular(path) as file:
        if reason := _distrust_reason(os.fstat(file.fileno()), forbidden_mode):
            raise PermissionError(errno.EPERM, reason, str(path))
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(errno.EFBIG, TranslatableText("it is larger than expected"), str(path))
    return data


def _distrust_reason(found: os.stat_result, forbidden_mode: int) -> TranslatableText | None:
    """Return why a file may not be this user's own. On Windows the folder's access list decides, which Python cannot read."""
    if sys.platform == "win32":
        return None
    if found.st_uid not in (0, os.geteuid()):
        return TranslatableText("it belongs to another user")
    if found.st_mode & forbidden_mode & (stat.S_IRGRP | stat.S_IROTH):
        return TranslatableText("other users can read it")
    if found.st_mode & forbidden_mode:
        return TranslatableText("other users can change it")
    return None


def trust_problem(path: Path, sha256: str, purpose: str) -> TranslatableText | None:
    """Return why a file with this content may not be used, None if this user's facecam wrote it or the user approved it.

    A file from before this user had a key is approved here, once, if it is the user's own and no other user can change it.

    Args:
        path: The file.
        sha256: SHA-256 of the content that was read.
        purpose: The kind of file, such as "taught objects".
    """
    try:
        approved = _approved_tags(path, purpose)
        tag = _approval_tag(path, sha256, purpose)
        if approved is not None:
            return None if any(hmac.compare_digest(tag, other) for other in approved) else _NOT_APPROVED
        if problem := _problem_before_key(path):
            return problem
        approve(path, sha256, purpose)
    except OSError as error:
        return TranslatableText("{path} cannot be used: {error}", path=error.filename or key_path(), error=system_text(error))
    _log.warning("%s is of an earlier version of facecam; it is used as it is now, and later changes are detected", path)
    return None


def approve(path: Path, sha256: str, purpose: str) -> None:
    """Approve this content of a file, and no other one, for this user. OSError when that cannot be stored."""
    _write_approval(path, purpose, [_approval_tag(path, sha256, purpose)])


@contextmanager
def approving(path: Path, sha256: str, purpose: str) -> Iterator[None]:
    """Approve this content of a file, which the block moves into place. An interruption leaves the old or the new one approved.

    OSError when that cannot be stored.
    """
    tag = _approval_tag(path, sha256, purpose)
    earlier = _approved_tags(path, purpose) or []
    _write_approval(path, purpose, [tag, *earlier[:1]])
    yield
    _write_approval(path, purpose, [tag])


def approved_files(purpose: str) -> list[Path]:
    """Return the files of a purpose that this user has approved and that still exist."""
    found = []
    for record in sorted(approved_dir().glob("*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            facts = parse_json(read_own_file(record, MAX_TEXT_BYTES))
            path = Path(facts["path"])
            if facts["purpose"] == purpose and record == _record_path(path, purpose) and path.exists():
                found.append(path)
    return found


def withdraw_approval(path: Path, purpose: str) -> None:
    """Forget that a file was approved. OSError when that fails."""
    _record_path(path, purpose).unlink(missing_ok=True)


def _approval_tag(path: Path, sha256: str, purpose: str) -> bytes:
    return authentication_tag(f"{_record_path(path, purpose).stem} {sha256}".encode(), purpose)


def _approved_tags(path: Path, purpose: str) -> list[bytes] | None:
    """Return the keyed hashes of the approved contents, None without a record. A damaged record approves nothing."""
    record = _record_path(path, purpose)
    if not os.path.lexists(record):
        return None
    try:
        return [bytes.fromhex(tag) for tag in parse_json(read_own_file(record, MAX_TEXT_BYTES))["approved"]]
    except (ValueError, KeyError, TypeError):
        return []


def _write_approval(path: Path, purpose: str, tags: list[bytes]) -> None:
    record = _record_path(path, purpose)
    facts: dict[str, Any] = {"path": os.path.realpath(path), "purpose": purpose, "approved": [tag.hex() for tag in tags]}
    create_private_folder(record.parent)
    write_own_file(record, (json.dumps(facts, indent=2) + "\n").encode())


def _record_path(path: Path, purpose: str) -> Path:
    name = purpose.encode() + b"\0" + os.fsencode(os.path.normcase(os.path.realpath(path)))
    return approved_dir() / f"{hashlib.sha256(name).hexdigest()[:32]}.json"


def _problem_before_key(path: Path) -> TranslatableText | None:
    """Return why a file is not one that this user had before the key was made. OSError when that cannot be told."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return TranslatableText("it is a link")
    if found.st_ctime_ns >= _key(key_path()).created_ns - _CLOCK_STEP_NS:
        return _NOT_APPROVED
    return _distrust_reason(found, stat.S_IWGRP | stat.S_IWOTH)


@cache
def _log_unusable_key(path: Path, reason: str) -> None:
    """Log once per process why the key cannot be used."""
    _log.warning("%s cannot be used (%s): files that depend on it are made again", path, reason)


@cache
def _key(path: Path) -> _Key:
    """Return the key, created when missing.

    Raises:
        OSError: It cannot be created or read, is damaged, or belongs to, or can be read by, other users.
    """
    if not os.path.lexists(path):
        create_private_folder(path.parent)
        content = secrets.token_bytes(_KEY_BYTES) + time.time_ns().to_bytes(_TIME_BYTES, "big")
        create_atomic(path, content)
    stored = _read_own_file(path, _KEY_BYTES + _TIME_BYTES, stat.S_IRWXG | stat.S_IRWXO)
    if len(stored) != _KEY_BYTES + _TIME_BYTES:
        raise OSError(errno.EINVAL, TranslatableText("it is damaged; delete it"), str(path))
    return _Key(stored[:_KEY_BYTES], int.from_bytes(stored[_KEY_BYTES:], "big"))
