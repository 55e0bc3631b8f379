"""Keys of encrypted galleries in the system's keyring, by choice: Secret Service, macOS Keychain, Windows Credential Locker.

What is stored is the gallery's key, not the passphrase. The package keyring is an extra: `pip install "facecam[keyring]"`.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from facecam.errors import GalleryError
from facecam.gallery.encryption import HEADER_FILE, header_at
from facecam.gallery.files import encryption_key, unlock_gallery_with_key

_SERVICE = "facecam gallery"

_log = logging.getLogger(__name__)


def store_key(root: Path) -> None:
    """Store the key of an unlocked gallery. GalleryError when the package or the system's keyring is missing."""
    key = encryption_key(root)
    if key is None:
        raise GalleryError("the gallery {gallery} is not encrypted", gallery=root)
    require_keyring()
    try:
        _keyring().set_password(_SERVICE, key.gallery_id.hex(), key.key.hex())
    except Exception as error:  # each backend raises types of its own
        raise GalleryError("the system's keyring cannot be used: {reason}", reason=str(error) or type(error).__name__) from error


def require_keyring() -> None:
    """Raise GalleryError if the package keyring or a keyring of the system is missing."""
    module = _keyring()
    if module is None:
        raise GalleryError('the package keyring is missing; install it with: pip install "facecam[keyring]"')
    if module.get_keyring().priority <= 0:
        raise GalleryError("this system has no keyring; enter the passphrase, or use --passphrase-file")


def unlock_from_keyring(root: Path) -> bool:
    """Unlock a gallery with the key in the system's keyring, and return whether that was possible."""
    header, module = header_at(root / HEADER_FILE), _keyring()
    if header is None or module is None:
        return False
    try:
        stored = module.get_password(_SERVICE, header.gallery_id.hex())
        return stored is not None and unlock_gallery_with_key(root, bytes.fromhex(stored))
    except Exception as error:  # noqa: BLE001 - each backend raises types of its own, and the passphrase is asked for instead
        _log.info("the system's keyring was not used: %s", error)
        return False


def delete_key(gallery_id: bytes) -> bool:
    """Delete the key of a gallery from the system's keyring, if it is there; return False when it stays."""
    module = _keyring()
    try:
        if module is None or module.get_password(_SERVICE, gallery_id.hex()) is None:
            return True
    except Exception as error:  # noqa: BLE001 - as above: there is no keyring, which has no key then
        _log.info("the system's keyring was not used: %s", error)
        return True
    try:
        module.delete_password(_SERVICE, gallery_id.hex())
    except Exception as error:  # noqa: BLE001 - as above
        _log.warning("the key of the gallery stays in the system's keyring: %s", error)
        return False
    return True


def _keyring() -> Any:
    """Return the module keyring, None where it is not installed."""
    try:
        import keyring
    except ImportError:
        return None
    return keyring
