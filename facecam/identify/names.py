"""A person's name in any script -> the name of their folder. Pure: no files are touched here.

The display name is what people read and what the log carries; the folder's name is only a safe stand-in for it, and nothing is
ever read back from it once a person.toml is there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from facecam.errors import GalleryError

MAX_NAME_CHARACTERS = 200
MAX_FOLDER_BYTES = 100
"""UTF-8 bytes: with a prefix and a photo's name it stays under the 255 bytes of common file systems."""

_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: invisible, yet part of how Persian and Indic names are spelled. No other format character is."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""What one of Windows, macOS and Linux refuses inside a file's name, or reads as a path."""

_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"] + [port + number for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
"""Windows opens a device under these names, whatever extension follows."""


def display_name(text: str) -> str:
    """The name as it is kept and compared: NFC, blanks folded to single spaces. GalleryError when it cannot be shown as text."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise GalleryError(f"{text!r} is no name: it has nothing that can be seen; write at least one letter")
    unprintable = next((character for character in name if not (character.isprintable() or character in _JOINERS)), None)
    if unprintable is not None:
        raise GalleryError(f"{text!r} is no name: it contains U+{ord(unprintable):04X}, which cannot be printed; leave it out")
    if len(name) > MAX_NAME_CHARACTERS:
        raise GalleryError(f"the name {name[:20]!r}... has {len(name)} characters, at most {MAX_NAME_CHARACTERS} are kept")
    return name


def folder_name(name: str, taken: Collection[str] = ()) -> str:
    """A name for the person's folder: one path component on every system, and not one of `taken`.

    `taken` are the folders that exist. Names that differ only in case or in composition share a folder on some systems, so
    they count as taken too, and a number is added until the name is free.
    """
    base = _component(display_name(name))
    used = {folder_key(folder) for folder in taken}
    candidate, number = base, 1
    while folder_key(candidate) in used:
        number += 1
        ending = f" ({number})"
        candidate = _cut(base, MAX_FOLDER_BYTES - len(ending)) + ending
    return candidate


def folder_key(folder: str) -> str:
    """Equal for two names that some file system would take for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folder).casefold())


def _component(name: str) -> str:
    safe = "".join("_" if character in _FORBIDDEN else character for character in name)
    safe = _cut(safe, MAX_FOLDER_BYTES)
    if safe.startswith(".") or safe.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        safe = _cut("_" + safe, MAX_FOLDER_BYTES)
    return safe


def _cut(text: str, limit_bytes: int) -> str:
    """The longest beginning of at most `limit_bytes` of UTF-8 that parts no character from its marks; no dot, no blank last."""
    if len(text.encode("utf-8")) > limit_bytes:
        while len(text.encode("utf-8")) > limit_bytes:
            text = text[:-1]
        whole = text
        while whole and unicodedata.category(whole[-1])[0] == "M":
            whole = whole[:-1]
        text = whole[:-1] or text
    return text.rstrip(". ") or "_"
