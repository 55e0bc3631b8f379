"""Quarantine of a gallery: photos out of use, in `<gallery>/<person>/.aside/<set>/<photo>`.

They move with their person's folder and are deleted with the person, and their path says where they came from, so no separate
list can get out of step.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from facecam.gallery.people import Person, gallery_entries, is_folder, photos_in

QUARANTINE_FOLDER = ".aside"

_SET_NAME = re.compile(r"(\d{4,})-\d{8}T\d{6}Z")
"""Number and time of a set. The number orders them, because clocks can be set back."""


def quarantine_sets(root: Path) -> dict[str, list[Path]]:
    """Return the quarantined photos of the gallery at `root` by the name of their set, the oldest set first."""
    sets: dict[str, list[Path]] = {}
    for path in sorted(_set_folders(root), key=lambda path: (_number(path.name), path.name)):
        if photos := photos_in(path):
            sets.setdefault(path.name, []).extend(photos)
    return sets


def quarantined_photos(person: Person) -> list[Path]:
    """Return the quarantined photos of a person."""
    return [photo for folder in person.folders for path in _sets_in(folder) for photo in photos_in(path)]


def count_hidden_photos(person: Person) -> tuple[int, int]:
    """Return the numbers of the person's quarantined photos and rejected faces."""
    return len(quarantined_photos(person)), len(person.rejected)


def new_set_name(root: Path, now: datetime) -> str:
    """Return the name of the next set in the gallery at `root`."""
    last = max((_number(path.name) for path in _set_folders(root)), default=0)
    return f"{last + 1:04}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _number(name: str) -> int:
    found = _SET_NAME.fullmatch(name)
    return int(found.group(1)) if found else 0


def _set_folders(root: Path) -> list[Path]:
    return [path for folder in filter(is_folder, gallery_entries(root)) for path in _sets_in(folder)]


def _sets_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / QUARANTINE_FOLDER).iterdir() if _SET_NAME.fullmatch(path.name))
    except OSError:
        return []
