"""Files that are about to go, kept in memory so that they can be put back as they were, byte for byte.

In memory and not in a folder of leftovers: what is removed from a gallery is gone from the disk at once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from facecam.atomic import write_atomic
from facecam.errors import GalleryError

MOST_BYTES = 512 * 2**20
"""More than hundred photos as a phone takes them; nobody keeps so many of one person."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content: bytes
    modified_ns: int


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """What files held when they were read. `links` are folders that were links, and where they led."""

    files: tuple[_File, ...]
    links: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def of(cls, paths: Iterable[Path]) -> KeptFiles:
        """These files, and of folders everything in them; of a link only the link. What has just vanished is left out.

        GalleryError when they are too large to be kept, or one cannot be read.
        """
        files: list[_File] = []
        links: list[tuple[Path, str]] = []
        total = 0
        for path in paths:
            if path.is_symlink():
                links.append((path, str(path.readlink())))
                continue
            for file in sorted(_below(path)):
                with contextlib.suppress(FileNotFoundError):
                    stat = file.stat()
                    total += stat.st_size
                    if total > MOST_BYTES:
                        raise GalleryError(f"{path} has more than {MOST_BYTES >> 20} MB, which cannot be kept to be taken back")
                    files.append(_File(file, file.read_bytes(), stat.st_mtime_ns))
        return cls(tuple(files), tuple(links))

    def put_back(self) -> None:
        """Make all of it be there again. GalleryError, before anything is written, when a place is taken by something else."""
        self._refuse_taken()
        try:
            for path, target in self.links:
                if not path.is_symlink():
                    path.symlink_to(target, target_is_directory=True)
            for file in self.files:
                file.path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(file.path, file.content)
                os.utime(file.path, ns=(file.modified_ns, file.modified_ns))
        except OSError as error:
            raise GalleryError(
                f"{error.filename} cannot be put back: {error.strerror}; see that the folder can be written"
            ) from error

    def _refuse_taken(self) -> None:
        for file in self.files:
            if file.path.exists() and file.path.read_bytes() != file.content:
                raise GalleryError(f"{file.path} is another file now, and would be overwritten: move it away, then try again")


def _below(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_file()]
