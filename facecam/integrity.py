"""Authentication of files that facecam has written for itself: caches, converted networks and taught heads.

A keyed hash with a key of the user's own shows whether this user's facecam has written a file, and that no byte has changed.
The key is 32 random bytes in the user's data folder, which only the user can read. It is no protection from programs that run as
the same user.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from facecam.fileio import create_atomic, create_private_folder, data_dir, read_regular

KEY_FILE = "integrity.key"
_KEY_BYTES = 32
TAG_BYTES = 32


def key_path() -> Path:
    """Return the path of the user's key."""
    return data_dir() / KEY_FILE


def authentication_tag(data: bytes, purpose: str) -> bytes:
    """Return the keyed hash (32 bytes) of a file's content; `purpose` is what kind of file it is, such as "embeddings".

    OSError when the key can neither be read nor created.
    """
    return hmac.digest(_key(key_path()), purpose.encode() + b"\0" + data, hashlib.sha256)


def is_authentic(data: bytes, tag: bytes, purpose: str) -> bool:
    """Return whether this user's facecam made the tag for this content and purpose; False too when the key cannot be read."""
    try:
        return hmac.compare_digest(authentication_tag(data, purpose), tag)
    except OSError:
        return False


@cache
def _key(path: Path) -> bytes:
    """Return the key, created when missing. OSError when that fails."""
    if not os.path.lexists(path):
        create_private_folder(path.parent)
        create_atomic(path, secrets.token_bytes(_KEY_BYTES))
    key = read_regular(path, _KEY_BYTES)
    if len(key) != _KEY_BYTES:
        raise OSError(f"{path} does not have {_KEY_BYTES} bytes")
    return key
