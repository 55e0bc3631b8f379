"""Permissions of what facecam stores: who can read it, what others can change, and how to narrow it.

Owner, group and permission bits of POSIX are read, access control lists are not. Administrators can read everything. Windows
keeps permissions in access control lists that follow the user's profile, and is not checked.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path

from facecam.gallery.people import is_persons_own
from facecam.privacy.places import PlaceKind, StoredPlace

IS_SUPPORTED = sys.platform != "win32"
"""Whether the system has permission bits."""

UNSUPPORTED = "not checked: Windows keeps permissions in access control lists"


_UNMAPPED_UID = 65534
"""Owner that Linux shows for folders of users outside of the user namespace, such as the root folder in a sandbox."""


class Readers(IntEnum):
    """Users who can read something, apart from administrators, in ascending order."""

    USER = 0
    GROUP = 1
    EVERYONE = 2


class Exposure(StrEnum):
    """Access that others have to a file or folder, the most serious last."""

    READABLE = "readable"
    WRITABLE = "writable"
    OWNED = "owned"


@dataclass(frozen=True, slots=True)
class ExposedPath:
    """A file or folder of facecam that others can read, can change, or own."""

    path: Path
    exposure: Exposure
    readers: Readers
    owner_uid: int


@dataclass(frozen=True, slots=True)
class PlaceAccess:
    """Access to a place: readers of its most readable file or folder, and everything that others should not have access to.

    `is_shared`: the gallery's owner has made its folder writable for the group, so that the group's access is intended.
    """

    readers: Readers
    owner_uid: int
    group_gid: int
    is_shared: bool
    exposed: tuple[ExposedPath, ...]


def check_access(place: StoredPlace) -> PlaceAccess | None:
    """Return who can get at a place. None when it does not exist, cannot be looked at, or the system has no permission bits."""
    if not IS_SUPPORTED:
        return None
    try:
        found = place.path.stat()
        reach = _reach(Path(os.path.realpath(place.path)).parent)
    except OSError:
        return None
    is_shared = _is_shared(place, found)
    widest, exposed = Readers.USER, list[ExposedPath]()
    reachable = {Path(os.path.realpath(place.path)).parent: reach}
    for path in _entries(place):
        try:
            here = path.lstat()
        except OSError:  # deleted meanwhile
            continue
        if stat.S_ISLNK(here.st_mode):
            continue
        reach = reachable.get(path.parent, reachable.get(Path(os.path.realpath(path.parent)), Readers.EVERYONE))
        if stat.S_ISDIR(here.st_mode):
            reachable[path] = reachable[Path(os.path.realpath(path))] = min(reach, _audience(here.st_mode, 0o010, 0o001))
        readers = min(reach, _audience(here.st_mode, 0o040, 0o004))
        writers = min(reach, _audience(here.st_mode, 0o020, 0o002))
        widest = max(widest, readers)
        exposure = _exposure(place, here, readers, writers, is_shared=is_shared)
        if exposure is not None:
            exposed.append(ExposedPath(path, exposure, readers, here.st_uid))
    return PlaceAccess(widest, found.st_uid, found.st_gid, is_shared, tuple(exposed))


def _is_shared(place: StoredPlace, found: os.stat_result) -> bool:
    return place.kind is PlaceKind.GALLERY and bool(found.st_mode & stat.S_IWGRP)


def _entries(place: StoredPlace) -> Iterator[Path]:
    """Yield the folders of a place, each before what is in it, then its files."""
    yield from place.folders()
    yield from place.files()


def _reach(folder: Path) -> Readers:
    """Return who can enter a folder, which depends on all folders above it."""
    audiences = [_audience(path.stat().st_mode, 0o010, 0o001) for path in (folder, *folder.parents)]
    return min(audiences)


def _audience(mode: int, group_bit: int, other_bit: int) -> Readers:
    return Readers.EVERYONE if mode & other_bit else Readers.GROUP if mode & group_bit else Readers.USER


def _exposure(
    place: StoredPlace, found: os.stat_result, readers: Readers, writers: Readers, *, is_shared: bool
) -> Exposure | None:
    intended = Readers.GROUP if is_shared else Readers.USER
    if found.st_uid not in (os.geteuid(), 0) and not is_shared:
        return Exposure.OWNED
    if writers > intended:
        return Exposure.WRITABLE
    return Exposure.READABLE if readers > intended and place.is_private else None


def unsafe_parents(place: StoredPlace) -> list[Path]:
    """Return the folders above a place in which others can replace it: they own them, or can write there without a sticky bit."""
    found = []
    if IS_SUPPORTED:
        for folder in Path(os.path.realpath(place.path)).parents:
            with suppress(OSError):
                info = folder.stat()
                is_open = info.st_mode & stat.S_IWOTH and not info.st_mode & stat.S_ISVTX
                if is_open or info.st_uid not in (os.geteuid(), 0, _UNMAPPED_UID):
                    found.append(folder)
    return found


def narrow_permissions(places: Sequence[StoredPlace]) -> tuple[list[Path], list[ExposedPath]]:
    """Take from others the permissions for facecam's files and folders; in a shared gallery the group keeps its own.

    Returns:
        What was changed, and what is still exposed: it belongs to another user, or its file system has no permissions.
    """
    changed: list[Path] = []
    left: list[ExposedPath] = []
    for place in places:
        if (access := check_access(place)) is None:
            continue
        for found in access.exposed:
            with suppress(OSError):
                if (
                    found.exposure is not Exposure.OWNED
                    and _is_facecams(found.path, place)
                    and _narrow(found.path, place, is_shared=access.is_shared)
                ):
                    changed.append(found.path)
        after = check_access(place)
        left += after.exposed if after is not None else ()
    return changed, left


def _is_facecams(path: Path, place: StoredPlace) -> bool:
    """Return whether a file is facecam's to change: in a gallery with other files too, only those of a person.toml are."""
    if place.kind is not PlaceKind.GALLERY or place.is_whole_owned:
        return True
    parts = path.relative_to(place.path).parts
    return (len(parts) == 1 and path.is_file()) or is_persons_own(place.path / parts[0])


def _narrow(path: Path, place: StoredPlace, *, is_shared: bool) -> bool:
    """Narrow the permissions of a file or folder and return whether they changed. OSError when that is not possible."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW  # A link that was put there meanwhile is refused.
    descriptor = os.open(path, flags)
    try:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        taken = stat.S_IRWXO if is_shared else stat.S_IRWXG | stat.S_IRWXO
        if not place.is_private:
            taken &= stat.S_IWGRP | stat.S_IWOTH
        if mode & ~taken != mode:
            os.fchmod(descriptor, mode & ~taken)
        return mode & ~taken != mode
    finally:
        os.close(descriptor)


def user_name(uid: int) -> str:
    """Return the name of a user, or the number of an unknown one."""
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):
            return pwd.getpwuid(uid).pw_name
    return str(uid)


def group_name(gid: int) -> str:
    """Return the name of a group, or the number of an unknown one."""
    if sys.platform != "win32":
        import grp

        with suppress(KeyError):
            return grp.getgrgid(gid).gr_name
    return str(gid)
