"""Read the files of a gallery folder."""

from __future__ import annotations

from pathlib import Path

from facecam.fileio import read_regular


def read_gallery_file(path: Path, max_bytes: int) -> bytes:
    """Return the content of a photo or person.toml in a gallery. Raises like `read_regular`."""
    return read_regular(path, max_bytes)
