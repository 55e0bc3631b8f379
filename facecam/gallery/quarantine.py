"""Photos taken out of use without being deleted, and brought back: `<gallery>/<person>/.aside/<set>/<photo>`.

A photo that is set aside stays inside its person's folder: it goes where the folder goes, and is deleted with the person. Where
it lies says where it came from, so there is no list to be kept in step: each photo is one rename, done or not done.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from facecam.errors import GalleryError
from facecam.gallery.people import photos_in

ASIDE_FOLDER = ".aside"

_SET_NAME = re.compile(r"(\d{4,})-\d{8}T\d{6}Z")
"""Number and time of a set. The number orders them: clocks are set back."""


@dataclass(frozen=True, slots=True)
class QuarantineSet:
    """The photos that were set aside in one go, where they are now."""

    name: str
    photos: tuple[Path, ...]

    @property
    def number(self) -> int:
        return _number(self.name)


def quarantine_sets(root: Path) -> tuple[QuarantineSet, ...]:
    """What is set aside in the gallery at `root`, the oldest first."""
    sets: dict[str, list[Path]] = {}
    for folder in _person_folders(root):
        for path in _sets_in(folder):
            if photos := photos_in(path):
                sets.setdefault(path.name, []).extend(photos)
    return tuple(
        sorted((QuarantineSet(name, tuple(sorted(photos))) for name, photos in sets.items()), key=lambda s: (s.number, s.name))
    )


def quarantined_photos(folder: Path) -> tuple[Path, ...]:
    """A person's photos that are set aside; `folder` is one of the person's."""
    return tuple(photo for path in _sets_in(folder) for photo in photos_in(path))


def quarantine(root: Path, photos: Iterable[Path], now: datetime | None = None) -> QuarantineSet:
    """Move photos out of use as one set. Whatever interrupts it, each photo is in its old place or in the set.

    GalleryError when one cannot be moved; those before it are set aside.
    """
    last = max((_number(path.name) for folder in _person_folders(root) for path in _sets_in(folder)), default=0)
    name = f"{last + 1:04}-{(now or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    moved: list[Path] = []
    for photo in photos:
        target = photo.parent / ASIDE_FOLDER / name / photo.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            photo.replace(target)
        except FileNotFoundError:  # deleted by somebody else meanwhile: then it is out of use
            continue
        except OSError as error:
            raise GalleryError(
                f"{photo} cannot be set aside: {error.strerror}; {len(moved)} photos were, --undo brings them back"
            ) from error
        moved.append(target)
    return QuarantineSet(name, tuple(moved))


def restore(root: Path) -> QuarantineSet:
    """Move the newest set back to where it was; `photos` are the places it has now. The next call takes the set before it.

    GalleryError, before anything is moved, when nothing is set aside or when a photo's old place is taken.
    """
    sets = quarantine_sets(root)
    if not sets:
        raise GalleryError(f"nothing is set aside in {root}")
    newest = sets[-1]
    homes = [photo.parents[2] / photo.name for photo in newest.photos]
    _refuse_taken(homes)
    for photo, home in zip(newest.photos, homes, strict=True):
        try:
            photo.rename(home)
        except OSError as error:
            raise GalleryError(f"{photo} cannot be moved back: {error.strerror}; call --undo again to go on") from error
    for folder in {photo.parent for photo in newest.photos}:
        with contextlib.suppress(OSError):  # something else lies there, which is not ours to delete
            folder.rmdir()
            folder.parent.rmdir()
    return QuarantineSet(newest.name, tuple(homes))


def _refuse_taken(homes: Sequence[Path]) -> None:
    taken = next((home for home in homes if home.exists()), None)
    if taken is not None:
        raise GalleryError(f"{taken} is there again, and would be overwritten: move it away, then call --undo again")


def _number(name: str) -> int:
    found = _SET_NAME.fullmatch(name)
    return int(found.group(1)) if found else 0


def _person_folders(root: Path) -> list[Path]:
    try:
        return [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GalleryError(f"the gallery {root} cannot be read: {error.strerror}; name another folder with --gallery") from error


def _sets_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / ASIDE_FOLDER).iterdir() if _SET_NAME.fullmatch(path.name))
    except OSError:
        return []
