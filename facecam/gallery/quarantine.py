"""Quarantine of photos: `<gallery>/<person>/.aside/<set>/<photo>`, out of use without being deleted.

A quarantined photo stays inside its person's folder: it moves with the folder and is deleted with the person. Its path says where
it came from, so no separate list can get out of step, and each photo is moved by one rename.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from facecam.errors import GalleryError
from facecam.gallery.people import gallery_entries, photos_in

QUARANTINE_FOLDER = ".aside"

_SET_NAME = re.compile(r"(\d{4,})-\d{8}T\d{6}Z")
"""Number and time of a set. The number orders them, because clocks can be set back."""


@dataclass(frozen=True, slots=True)
class QuarantineSet:
    """Photos quarantined together, with the paths they have now."""

    name: str
    photos: tuple[Path, ...]


def quarantine_sets(root: Path) -> tuple[QuarantineSet, ...]:
    """Return the quarantined photos of the gallery at `root`, the oldest set first."""
    sets: dict[str, list[Path]] = {}
    for path in _all_set_folders(root):
        if photos := photos_in(path):
            sets.setdefault(path.name, []).extend(photos)
    found = (QuarantineSet(name, tuple(sorted(photos))) for name, photos in sets.items())
    return tuple(sorted(found, key=lambda one: (_number(one.name), one.name)))


def quarantined_photos(folder: Path) -> tuple[Path, ...]:
    """Return the quarantined photos in one of a person's folders."""
    return tuple(photo for path in _set_folders(folder) for photo in photos_in(path))


def quarantine(root: Path, photos: Iterable[Path], now: datetime | None = None) -> QuarantineSet:
    """Move photos out of use as one set. After an interruption or GalleryError each is in its old place or in the set."""
    last = max((_number(path.name) for path in _all_set_folders(root)), default=0)
    name = f"{last + 1:04}-{(now or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    moved: list[Path] = []
    for photo in photos:
        target = photo.parent / QUARANTINE_FOLDER / name / photo.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            photo.replace(target)
        except FileNotFoundError:  # another program has deleted it: then it is out of use
            continue
        except OSError as error:
            done = f"{len(moved)} photos were, restore them with --undo"
            raise GalleryError(f"{photo} cannot be set aside: {error.strerror}; {done}") from error
        moved.append(target)
    return QuarantineSet(name, tuple(moved))


def restore(root: Path) -> QuarantineSet:
    """Move the newest set back and return it with its restored paths. The next call restores the set before it.

    GalleryError, before anything is moved, when nothing is in quarantine or another file has a photo's old path.
    """
    sets = quarantine_sets(root)
    if not sets:
        raise GalleryError(f"nothing is set aside in {root}")
    newest = sets[-1]
    targets = [photo.parents[2] / photo.name for photo in newest.photos]
    taken = next((target for target in targets if target.exists()), None)
    if taken is not None:
        raise GalleryError(f"{taken} exists again and would be overwritten: move it, then call --undo again")
    for photo, target in zip(newest.photos, targets, strict=True):
        try:
            photo.rename(target)
        except OSError as error:
            raise GalleryError(f"{photo} cannot be moved back: {error.strerror}; call --undo again to continue") from error
    for folder in {photo.parent for photo in newest.photos}:
        with contextlib.suppress(OSError):  # other files in it are not ours to delete
            folder.rmdir()
            folder.parent.rmdir()
    return QuarantineSet(newest.name, tuple(targets))


def _number(name: str) -> int:
    found = _SET_NAME.fullmatch(name)
    return int(found.group(1)) if found else 0


def _all_set_folders(root: Path) -> list[Path]:
    return [path for folder in gallery_entries(root) if folder.is_dir() for path in _set_folders(folder)]


def _set_folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / QUARANTINE_FOLDER).iterdir() if _SET_NAME.fullmatch(path.name))
    except OSError:
        return []
