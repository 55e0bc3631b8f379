"""Overview of what is stored: where, how much, since when, about whom, and who can read it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facecam.errors import FacecamError
from facecam.fileio import parse_json, read_regular
from facecam.gallery.people import read_people
from facecam.logbook.parquet_logs import PARQUET_LOG, parquet_details
from facecam.logbook.sessions import MAX_DETAILS_BYTES, SESSION_FILE
from facecam.networks.user_networks import NETWORK_FILE
from facecam.privacy.permissions import PlaceAccess, Readers, check_access, group_name, user_name
from facecam.privacy.places import PlaceKind, StoredPlace

_MAX_NETWORK_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class PlaceOverview:
    """Content of a place.

    Attributes:
        place: The place.
        files: Number of files.
        size_bytes: Their size.
        oldest_utc: Modification time of the oldest file; None without files.
        newest_utc: That of the newest.
        names: Names of the people about whom something is stored, sorted. For logs, everyone who was enrolled during a session,
            also those who were never seen. None where facecam cannot tell: videos and images have no names.
        access: Who can get at it; None when it does not exist or the system has no permission bits.
        unreadable: Folders that this user cannot list, so that what is in them is not counted.
    """

    place: StoredPlace
    files: int
    size_bytes: int
    oldest_utc: datetime | None
    newest_utc: datetime | None
    names: tuple[str, ...] | None
    access: PlaceAccess | None
    unreadable: tuple[Path, ...] = ()

    @property
    def readers_text(self) -> str:
        """Users who can read it, apart from administrators, as part of a sentence; "" when it does not exist."""
        if self.access is None:
            return "not checked" if self.files else ""
        group = f"the group {group_name(self.access.group_gid)}"
        who = {Readers.USER: "", Readers.GROUP: group, Readers.EVERYONE: "everyone"}[self.access.readers]
        is_own = not hasattr(os, "geteuid") or self.access.owner_uid == os.geteuid()
        owner = "you" if is_own else user_name(self.access.owner_uid)
        if not who:
            return f"only {owner}"
        return "everyone" if who == "everyone" else f"{owner} and {who}"

    def to_json(self, *, with_names: bool) -> dict[str, Any]:
        """Return the overview for --json, with names only on request."""
        access = self.access
        return {
            "kind": str(self.place.kind),
            "path": str(self.place.path.absolute()),
            "holds": self.place.holds,
            "files": self.files,
            "size_bytes": self.size_bytes,
            "oldest_utc": self.oldest_utc and self.oldest_utc.isoformat(timespec="seconds"),
            "newest_utc": self.newest_utc and self.newest_utc.isoformat(timespec="seconds"),
            "people": None if self.names is None else len(self.names),
            "names": list(self.names) if with_names and self.names is not None else None,
            "readers": None if access is None else access.readers.name.lower(),
            "owner": None if access is None else user_name(access.owner_uid),
            "group": None if access is None else group_name(access.group_gid),
            "unreadable": [str(path) for path in self.unreadable],
            "exposed": [] if access is None else [str(found.path) for found in access.exposed],
        }


def overview(
    places: Sequence[StoredPlace], report_progress: Callable[[int, int], None] = lambda done, total: None
) -> list[PlaceOverview]:
    """Return what is in each of these places. What cannot be read is not counted."""
    found = []
    for number, place in enumerate(places):
        report_progress(number, len(places))
        found.append(_overview_of(place))
    report_progress(len(places), len(places))
    return found


def _overview_of(place: StoredPlace) -> PlaceOverview:
    count, size_bytes, times_s = 0, 0, list[float]()
    for path in place.files():
        with suppress(OSError):
            info = path.lstat()
            count, size_bytes = count + 1, size_bytes + info.st_size
            times_s.append(info.st_mtime)
    oldest, newest = (datetime.fromtimestamp(pick(times_s), UTC) if times_s else None for pick in (min, max))
    closed = {path for path in (place.path, *place.folders()) if path.is_dir() and not os.access(path, os.R_OK | os.X_OK)}
    return PlaceOverview(place, count, size_bytes, oldest, newest, _names(place), check_access(place), tuple(sorted(closed)))


def _names(place: StoredPlace) -> tuple[str, ...] | None:
    readers = {PlaceKind.GALLERY: _enrolled, PlaceKind.LOGS: _logged, PlaceKind.NETWORKS: _trained}
    if place.kind in readers and place.path.is_dir():
        # A damaged file, or a locked gallery: it is unknown who is in it.
        with suppress(FacecamError, OSError):
            return tuple(sorted(set(readers[place.kind](place)), key=str.casefold))
    return None


def _enrolled(place: StoredPlace) -> Iterator[str]:
    yield from (person.name for person in read_people(place.path).people)


def _logged(place: StoredPlace) -> Iterator[str]:
    """Yield the names in the JSON of each session."""
    for path in place.files():
        is_details = path.suffix == ".json" and SESSION_FILE.fullmatch(path.name)
        if is_details or PARQUET_LOG.fullmatch(path.name):
            people = (_content(path, MAX_DETAILS_BYTES) if is_details else parquet_details(path)).get("people")
            yield from _texts(person.get("name") for person in people or () if isinstance(person, dict))


def _trained(place: StoredPlace) -> Iterator[str]:
    """Yield the labels of networks that were trained with the recipe `names`."""
    for path in place.files():
        if path.name == NETWORK_FILE:
            content = _content(path, _MAX_NETWORK_BYTES)
            if content.get("recipe") == "names":
                yield from _texts(content.get("labels") or ())


def _content(path: Path, max_bytes: int) -> dict[str, Any]:
    """Return the object in a JSON file, an empty one if it cannot be read."""
    with suppress(OSError, ValueError):
        content = parse_json(read_regular(path, max_bytes))
        if isinstance(content, dict):
            return content
    return {}


def _texts(values: Any) -> Iterator[str]:
    if not isinstance(values, str):
        yield from (value for value in values if isinstance(value, str))
