"""Where facecam writes: each folder by really writing to it, and the room that is left on its disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from facecam.doctor.check import Finding, Verdict

LITTLE_BYTES = 1_000_000_000
TOO_LITTLE_BYTES = 50_000_000

_PROBE = bytes(4096)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that facecam writes to. `verdict` is how bad it is when that fails; `advice` what to do then."""

    name: str
    folder: Path
    advice: str
    verdict: Verdict = Verdict.FAULT


def writable(place: Place) -> Finding:
    """Whether a file can be made in the folder; where there is none yet, in the nearest one above it. Leaves nothing behind."""
    folder = place.folder.absolute()
    there = nearest_folder(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".facecam-doctor-") as probe:
            probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}" if there.is_dir() else "is a file"
        return Finding(place.name, place.verdict, f"{there} {why}", place.advice)
    made = "" if there == folder else ", will be made when it is needed"
    return Finding(place.name, Verdict.OK, f"{folder}{made}")


def nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest path above it that is there."""
    folder = folder.absolute()
    return next((path for path in (folder, *folder.parents) if _is_there(path)), folder)


def disks(folders: Mapping[str, Path], little: int = LITTLE_BYTES, too_little: int = TOO_LITTLE_BYTES) -> Iterator[Finding]:
    """The room on each disk that holds one of the named folders: less bytes than `little` are a warning, `too_little` a fault."""
    held: dict[int, list[str]] = {}
    paths: dict[int, Path] = {}
    for name, folder in folders.items():
        there = nearest_folder(folder)
        disk = there.stat().st_dev
        held.setdefault(disk, []).append(name)
        paths.setdefault(disk, there)
    for disk, names in held.items():
        free = shutil.disk_usage(paths[disk]).free
        found = f"{_amount(free)} free for {_listed(names)}"
        verdict = Verdict.FAULT if free < too_little else Verdict.WARNING if free < little else Verdict.OK
        advice = "" if verdict is Verdict.OK else "Make room on this disk: delete old logs and videos, or name folders on another"
        yield Finding("disk", verdict, found, advice)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # below a folder that may not be entered
        return False


def _amount(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
