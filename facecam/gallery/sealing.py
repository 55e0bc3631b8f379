"""Seal the cache files of a gallery, so that only what this user's facecam has written for this gallery is read back.

A sealed file is the keyed hash of its content (see `facecam.integrity`), then the content. The hash also covers the purpose and
the gallery's real path: a file of another gallery, or of another kind under this name, counts as absent. The file of an encrypted
gallery is encrypted with the gallery's key instead, which authenticates it too.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from facecam.errors import GalleryError
from facecam.gallery.encryption import CACHE, EncryptedFileError
from facecam.gallery.files import encryption_key
from facecam.integrity import TAG_BYTES, authentication_tag, is_authentic


def gallery_key(gallery: Path) -> str:
    """Return a name for a gallery of this computer: a hash of its real path, 32 hex digits."""
    return hashlib.sha256(os.fsencode(os.path.normcase(os.path.realpath(gallery)))).hexdigest()[:32]


def seal(data: bytes, gallery: Path, purpose: str) -> bytes:
    """Return the content of a cache file to store. `unseal` is the inverse.

    Args:
        data: The content.
        gallery: Folder of the gallery that it was computed from.
        purpose: The kind of file, such as "embeddings".

    Raises:
        OSError: The user's key can neither be read nor created.
        GalleryError: The gallery is encrypted and locked.
    """
    if (key := encryption_key(gallery)) is not None:
        return key.encrypt(data, purpose, _encryption_purpose(purpose))[0]
    return authentication_tag(data, _bound_purpose(gallery, purpose)) + data


def unseal(stored: bytes, gallery: Path, purpose: str) -> bytes | None:
    """Return the content of a stored cache file; None unless this user's facecam wrote it for this gallery and purpose."""
    try:
        if (key := encryption_key(gallery)) is not None:
            return key.decrypt(stored, purpose, _encryption_purpose(purpose)).data
    except (EncryptedFileError, GalleryError):
        return None
    tag, data = stored[:TAG_BYTES], stored[TAG_BYTES:]
    return data if is_authentic(data, tag, _bound_purpose(gallery, purpose)) else None


def _encryption_purpose(purpose: str) -> bytes:
    return CACHE + b"\0" + purpose.encode()


def _bound_purpose(gallery: Path, purpose: str) -> str:
    return f"{purpose} of gallery {gallery_key(gallery)}"
