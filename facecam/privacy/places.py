"""List of all places where facecam stores something for itself.

`facecam privacy` prints them, `facecam doctor` checks their permissions, and `facecam forget` searches and deletes in them. A
file that a user names for a command, such as that of `--record` or of `log export`, is the user's and not in the list.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser, Error
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import platformdirs

from facecam.fileio import (
    PART_PREFIX,
    autostart_entry,
    cache_dir,
    config_dir,
    data_dir,
    expand_home,
    is_in_data_dir,
    read_regular,
)
from facecam.gallery.encryption import HEADER_FILE, MANIFEST_FILE
from facecam.gallery.folder_lock import LOCK_FILE
from facecam.gallery.people import is_ignored, is_persons_own, photos_in
from facecam.gallery.transaction import JOURNAL_FILE
from facecam.imageio import IMAGE_SUFFIXES
from facecam.integrity import approved_dir, key_path
from facecam.logbook.dictionary import FILE_NAME
from facecam.logbook.parquet_logs import PARQUET_LOG
from facecam.logbook.sessions import SESSION_FILE
from facecam.networks.user_networks import networks_dir
from facecam.objects.taught import taught_dir
from facecam.settings import user_config

WINDOW_FILE = "window.ini"
"""File of the window's own state in the user's configuration folder."""

_MAX_WINDOW_FILE_BYTES = 4 * 2**20

_PART = rf"{re.escape(PART_PREFIX)}[^/]*(/.*)?"
MEDIA_NAME = "facecam %Y-%m-%d %H.%M.%S"
"""Name, without a suffix, of a snapshot, a recording or a report of the window, for strftime.

Cameras and cloud storages name their files by the time alone: without the first word, those in a folder that a user has chosen
could be taken for facecam's and deleted.
"""

_DATED = r"facecam \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d( \(\d+\))?"

_LOGS = (
    rf"(\d{{4}}-\d\d-\d\d/)?({SESSION_FILE.pattern}|{re.escape(FILE_NAME)}|{_PART})|\.marks/.*"
    rf"|([^/]+/)?{PARQUET_LOG.pattern}"
)
_CACHE = rf"embeddings/[0-9a-f]{{32}}/.*|undo/tmp[0-9a-z_]+|compiled/[^/]+\.litert|embedding_costs\.json|{_PART}"
_ARRAYS = r"-[0-9a-f]+\.(safetensors|keras)"
_OBJECTS = rf"taught\.json|(features|head){_ARRAYS}|confusion\.png|{_PART}"
_NETWORKS = rf"[^/]+/(network\.(json|litert|litert\.json)|weights{_ARRAYS}|(history|confusion)\.png|{_PART})"
_RECORDINGS = rf"{_DATED}(-\d+)?(\.recording-[0-9a-f]+)?\.(mp4|mkv)"
_SNAPSHOTS = rf"{_DATED}\.png|{_PART}"
_REPORTS = rf"{_DATED}\.(html|columns\.json)|{_PART}"


class PlaceKind(StrEnum):
    """Purpose of a place. The values are part of the JSON of `facecam privacy`."""

    GALLERY = "gallery"
    LOGS = "logs"
    RECORDINGS = "recordings"
    SNAPSHOTS = "snapshots"
    REPORTS = "reports"
    OBJECTS = "objects"
    NETWORKS = "networks"
    CACHE = "cache"
    KEY = "key"
    SETTINGS = "settings"
    WINDOW = "window"
    AUTOSTART = "autostart"


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """A file or folder in which facecam stores something. It need not exist.

    Attributes:
        kind: What the place is for.
        path: The file or folder.
        holds: What is in it, as part of a sentence.
        is_private: Whether only this user can read what facecam writes there.
        names: Regular expression of the paths in the folder (with slashes) that are facecam's; "" when all are. A folder that a
            user has chosen can have other files.
        is_whole_owned: Whether the folder itself was made by facecam and can be deleted when it is empty.
        depth: Levels of folders below it that have files of facecam; None for any.
        roots: Names of the folders directly in it that have files of facecam; None for any.
    """

    kind: PlaceKind
    path: Path
    holds: str
    is_private: bool = True
    names: str = ""
    is_whole_owned: bool = True
    depth: int | None = None
    roots: frozenset[str] | None = None

    def files(self) -> Iterator[Path]:
        """Yield the files that are facecam's, sorted: hidden files and links, which are not followed, included.

        What cannot be listed is left out.
        """
        if not self.path.is_dir():
            if os.path.lexists(self.path):
                yield self.path
            return
        pattern = re.compile(self.names, re.DOTALL) if self.names else None
        for top, folders, names in os.walk(self.path):
            folders.sort()
            links = [name for name in folders if Path(top, name).is_symlink()]
            if self.depth is not None and len(Path(top).relative_to(self.path).parts) >= self.depth:
                folders.clear()
            if self.roots is not None and top == os.fspath(self.path):
                folders[:] = [name for name in folders if name in self.roots]
            for name in sorted([*names, *links]):
                path = Path(top, name)
                if pattern is None or pattern.fullmatch(path.relative_to(self.path).as_posix()):
                    yield path

    def other_files(self) -> Iterator[Path]:
        """Yield the files in a folder of the user's that are not facecam's, such as exports, as deep as facecam's can be."""
        if self.names and self.path.is_dir():
            own = set(self.files())
            yield from (path for path in replace(self, names="").files() if path not in own)

    def folders(self) -> Iterator[Path]:
        """Yield the folder and the folders below it that are facecam's, the deepest last. A folder of the user's is left out."""
        if not self.path.is_dir():
            return
        if self.is_whole_owned:
            yield self.path
        if self.names:
            yield from sorted({parent for file in self.files() for parent in file.parents if self.path in parent.parents})
            return
        for top, names, _ in os.walk(self.path):
            yield from (Path(top, name) for name in sorted(names) if not Path(top, name).is_symlink())


def forgetting_folder() -> Path:
    """Return the folder of what `facecam forget` has begun and not finished."""
    return data_dir() / "forgetting"


def stored_places(gallery: Path | None, logs: Path, config: Path | None = None) -> tuple[StoredPlace, ...]:
    """Return all places where this user's facecam stores something; none contains another.

    Args:
        gallery: The gallery's folder, None when it is unknown.
        logs: The folder of the logs.
        config: The configuration file in use, None for the user's own.
    """
    places = [] if gallery is None else [_gallery_place(gallery)]
    places.append(_logs_place(logs))
    for kind, holds, names in (
        (PlaceKind.RECORDINGS, "videos with every face in view", _RECORDINGS),
        (PlaceKind.SNAPSHOTS, "images with every face in view", _SNAPSHOTS),
        (PlaceKind.REPORTS, "reports of Open report, with names", _REPORTS),
    ):
        folders = dict.fromkeys([output_folder(kind), output_folder(kind, is_default=True)])
        places += [_chosen(kind, folder, output_folder(kind, is_default=True), holds, names, depth=0) for folder in folders]
    places += [
        _chosen(
            PlaceKind.OBJECTS, taught_dir(), data_dir() / "objects", "features of objects that you taught", _OBJECTS, depth=0
        ),
        _chosen(
            PlaceKind.NETWORKS,
            networks_dir(),
            networks_dir(),
            "networks that you trained or converted; the recipe names stores names",
            _NETWORKS,
        ),
        _chosen(
            PlaceKind.CACHE,
            cache_dir(),
            Path(platformdirs.user_cache_dir("facecam", appauthor=False)),
            "embeddings of photos, removed photos for undo (encrypted), measured times",
            _CACHE,
        ),
        StoredPlace(
            PlaceKind.CACHE, forgetting_folder(), "what an interrupted `facecam forget` has still to do; empty otherwise"
        ),
        StoredPlace(PlaceKind.KEY, key_path(), "the key with which facecam recognizes its own files"),
        StoredPlace(PlaceKind.KEY, approved_dir(), "paths and keyed hashes of networks and taught objects"),
        StoredPlace(PlaceKind.SETTINGS, user_config(), "settings"),
    ]
    if config is not None and not _is_same(config, user_config()):
        places.append(StoredPlace(PlaceKind.SETTINGS, config.absolute(), "settings", is_private=False, is_whole_owned=False))
    window_file = config_dir() / WINDOW_FILE
    places.append(StoredPlace(PlaceKind.WINDOW, window_file, "the window's options, recent sources, names of session labels"))
    if sys.platform != "win32":
        entry = autostart_entry()
        places.append(StoredPlace(PlaceKind.AUTOSTART, entry, "the command that starts facecam at login", is_private=False))
    return tuple(places)


def with_logs(places: Sequence[StoredPlace], folders: Iterable[Path]) -> tuple[StoredPlace, ...]:
    """Return places, and further folders of logs that are not among them."""
    known = {place.path for place in places}
    return (*places, *(_logs_place(folder) for folder in dict.fromkeys(folders) if folder not in known))


def own_folders() -> tuple[Path, ...]:
    """Return facecam's folders in the user's data, configuration and cache folders, which hold nothing of other programs."""
    return tuple(
        Path(folder("facecam", appauthor=False))
        for folder in (platformdirs.user_data_dir, platformdirs.user_config_dir, platformdirs.user_cache_dir)
    )


_OWN_ENTRIES = re.compile(
    r"gallery|logs|networks|objects|integrity\.key|approved|forgetting|embeddings|undo|compiled|embedding_costs\.json|no-gallery"
    rf"|facecam\.toml|window\.ini(\.lock)?|{re.escape(PART_PREFIX)}.*|\.lock"
)


def is_own_entry(name: str) -> bool:
    """Return whether facecam makes a file or folder of this name in its own folders."""
    return _OWN_ENTRIES.fullmatch(name) is not None


_FOLDERS = {
    PlaceKind.RECORDINGS: platformdirs.user_videos_dir,
    PlaceKind.SNAPSHOTS: platformdirs.user_pictures_dir,
    PlaceKind.REPORTS: platformdirs.user_documents_dir,
}
"""The user's folder of each kind of file that the window writes."""

MEDIA_NAMES = {PlaceKind.RECORDINGS: _RECORDINGS, PlaceKind.SNAPSHOTS: _SNAPSHOTS, PlaceKind.REPORTS: _REPORTS}
"""Regular expressions of the names that the window gives to these files itself."""

FOLDER_KEYS = {PlaceKind.RECORDINGS: "folders/recordings", PlaceKind.SNAPSHOTS: "folders/snapshots"}
"""The keys in window.ini of the folders that the user has chosen instead."""


def output_folder(kind: PlaceKind, *, is_default: bool = False) -> Path:
    """Return the folder of the window's recordings, snapshots or reports, which need not exist. For any thread.

    With `is_default`, a folder that the user has chosen in the settings does not count.
    """
    key = FOLDER_KEYS.get(kind)
    if key and not is_default and (chosen := Path(_window_value(key))).is_absolute():
        return chosen
    return Path(_FOLDERS[kind]()) / "facecam"


def window_files(kind: PlaceKind) -> list[Path]:
    """Return the recordings or snapshots that the window has named itself, in its default folder and in the chosen one.

    A file that a user named, such as that of `--record`, is not among them, and nor is a link.
    """
    pattern = re.compile(_RECORDINGS if kind is PlaceKind.RECORDINGS else rf"{_DATED}\.png")
    found = []
    for folder in dict.fromkeys([output_folder(kind), output_folder(kind, is_default=True)]):
        with suppress(OSError):
            found += [
                path for path in folder.iterdir() if pattern.fullmatch(path.name) and path.is_file() and not path.is_symlink()
            ]
    return sorted(found)


def _window_value(key: str) -> str:
    """Return a text of window.ini, which Qt writes, "" without it; `key` is section and name with a slash between."""
    section, _, name = key.partition("/")
    parser = ConfigParser(interpolation=None, strict=False, delimiters=("=",), comment_prefixes=(";",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    with suppress(OSError, ValueError, Error):
        parser.read_string(read_regular(config_dir() / WINDOW_FILE, _MAX_WINDOW_FILE_BYTES).decode())
        return _unescaped(parser.get(section, name, fallback=""))
    return ""


_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _unescaped(value: str) -> str:
    r"""Return a value of an INI file of Qt without its quotation marks and escapes, such as `\\` and `\xe9`."""
    text = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return re.sub(
        r"\\(x[0-9a-fA-F]{1,4}|.)",
        lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPES.get(found[1], found[1]),
        text,
    )


def _chosen(kind: PlaceKind, path: Path, default: Path, holds: str, names: str, *, depth: int | None = None) -> StoredPlace:
    """Return a place that has files of other programs too unless it is the default one, and no link leads there."""
    is_default = _is_same(path, default) and not (default.is_symlink() or default.parent.is_symlink())
    if is_default:
        return StoredPlace(kind, path, holds)
    return StoredPlace(kind, path, holds, names=names, is_whole_owned=False, depth=depth)


def _logs_place(folder: Path) -> StoredPlace:
    text = "who was seen when, with the figures of each face; no images"
    return _chosen(PlaceKind.LOGS, folder, data_dir() / "logs", text, _LOGS, depth=2)


_GALLERY_HOLDS = "photos, names and consent of enrolled people"
_GALLERY_TEXTS = (*IMAGE_SUFFIXES, ".md", ".txt")
"""Suffixes of files that a folder may have besides people without being one of other files too."""

_GALLERY_FILES = (JOURNAL_FILE, LOCK_FILE, HEADER_FILE, MANIFEST_FILE)


def _gallery_place(gallery: Path) -> StoredPlace:
    """Return the place of a gallery. A folder with other files too, such as Pictures, has facecam's in those of people only."""
    if is_in_data_dir(gallery):
        return StoredPlace(PlaceKind.GALLERY, gallery, _GALLERY_HOLDS)
    entries: list[Path] = []
    with suppress(OSError):  # missing, or another user's: nothing of it can be listed
        entries = [path for path in gallery.iterdir() if not is_ignored(path.name)]
    people = {path.name for path in entries if is_persons_own(path) or photos_in(path)}
    if not has_users_files(gallery) and all(path.name in people or path.suffix in _GALLERY_TEXTS for path in entries):
        return StoredPlace(PlaceKind.GALLERY, gallery, _GALLERY_HOLDS)
    names = "|".join(["[^/]+/.*", *map(re.escape, _GALLERY_FILES), _PART])
    return StoredPlace(PlaceKind.GALLERY, gallery, _GALLERY_HOLDS, names=names, is_whole_owned=False, roots=frozenset(people))


def has_users_files(folder: Path) -> bool:
    """Return whether a folder is the user's home, one of its usual folders such as Pictures, or above one of them."""
    real = os.path.realpath(folder)
    usual = (
        platformdirs.user_desktop_dir,
        platformdirs.user_documents_dir,
        platformdirs.user_downloads_dir,
        platformdirs.user_music_dir,
        platformdirs.user_pictures_dir,
        platformdirs.user_videos_dir,
    )
    folders = [expand_home("~"), *(Path(find()) for find in usual), *own_folders()]
    return any(Path(os.path.realpath(one)).is_relative_to(real) for one in folders)


def _is_same(path: Path, other: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)
