"""People and photos removed from a gallery for good, and until the program ends put back on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import GalleryError
from facecam.identify.cache import forget_missing
from facecam.identify.folder import GalleryFolder, Removal
from facecam.identify.kept_files import KeptFiles


@dataclass(frozen=True, slots=True)
class RemovedPerson:
    """What went with a person, and the files as they were."""

    removal: Removal
    files: KeptFiles

    def take_back(self) -> None:
        """Put the person back. GalleryError when a place is taken meanwhile."""
        self.files.put_back()


@dataclass(frozen=True, slots=True)
class RemovedPhotos:
    """The photos that went, and the files as they were. `cached_verdicts` is what the caches held of them."""

    photos: tuple[Path, ...]
    cached_verdicts: int
    files: KeptFiles

    def take_back(self) -> None:
        """Put the photos back. GalleryError when their person's folder has gone, or a place is taken."""
        gone = next((photo.parent for photo in self.photos if not photo.parent.is_dir()), None)
        if gone is not None:
            raise GalleryError(f"{gone} has gone since: the person was renamed or removed, and the photos have no place")
        self.files.put_back()


def remove_person(root: Path, name: str) -> RemovedPerson:
    """Delete a person as GalleryFolder.remove does; the folders' content is kept in memory. GalleryError when it is too much."""
    person = GalleryFolder(root).person(name)
    files = KeptFiles.of(person.folders)
    return RemovedPerson(GalleryFolder(root).remove(person.name), files)


def remove_photos(root: Path, photos: Sequence[Path]) -> RemovedPhotos:
    """Delete photos, and what the caches hold of them. GalleryError when one cannot be deleted; those before it are gone."""
    files = KeptFiles.of(photos)
    for photo in photos:
        try:
            photo.unlink(missing_ok=True)
        except OSError as error:
            raise GalleryError(f"{photo} cannot be deleted: {error.strerror}") from error
    return RemovedPhotos(tuple(photos), forget_missing(root), files)
