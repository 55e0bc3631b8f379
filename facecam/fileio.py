"""Files: bounded reads of regular files, atomic writes, and the checks of a path that a user named for an output.

Written data goes to a hidden file in the target's folder, is flushed to disk and moved over the target.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import sys
import tomllib
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import platformdirs

from facecam.errors import OutputError, SettingsError
from facecam.messages import TranslatableText

PART_PREFIX = ".part-"
"""Prefix of unfinished files. One that a power cut leaves behind is never read."""

PNG_METADATA = {"Software": "facecam"}
"""Text chunk of the PNG images that facecam draws, by which `is_replaceable` recognizes them."""

APP_ID = "io.github.facecam.Facecam"
"""Name of facecam's files among those of other programs, such as its desktop entry."""

MAX_TEXT_BYTES = 64 * 1024
"""Maximum size of a small text file, such as person.toml or facecam.toml. A usual one has less than 4 KB."""

MAX_TABLE_BYTES = 64 * 1024**2
"""Maximum size of a table or list that is read as a whole."""

_MAX_DOTS_PER_LINE = 1000
"""tomllib takes time that is quadratic in the parts of a dotted key: 7 s for the 32,000 that fit into 64 KB."""

_GENERATED = re.compile(
    rb"# facecam report: "
    rb'|<!DOCTYPE html>.*<meta name="generator" content="facecam">'
    rb"|\x89PNG\r\n\x1a\n.*\0\0\0\x10tEXtSoftware\0facecam",
    re.DOTALL,
)
_HEAD_BYTES = 1024


def expand_home(path: Path | str) -> Path:
    """Return a path with a leading `~` or `~user` replaced by the home folder; unchanged for an unknown user."""
    with suppress(RuntimeError):
        return Path(path).expanduser()
    return Path(path)


def cache_dir() -> Path:
    """Return the folder of facecam's caches: $FACECAM_CACHE, else the user's."""
    named = os.environ.get("FACECAM_CACHE")
    return expand_home(named) if named else _user_folder(platformdirs.user_cache_dir)


def data_dir() -> Path:
    """Return the user's data folder of facecam: gallery, logs, networks and taught objects."""
    return _user_folder(platformdirs.user_data_dir)


def is_in_data_dir(path: Path) -> bool:
    """Return whether a path is in the user's data folder of facecam, and no link leads to another folder."""
    own = data_dir()
    return Path(os.path.realpath(path)).is_relative_to(Path(os.path.realpath(own.parent), own.name))


def config_dir() -> Path:
    """Return the user's configuration folder of facecam."""
    return _user_folder(platformdirs.user_config_dir)


def _user_folder(find: Callable[..., str]) -> Path:
    """Return facecam's folder in one of the user's. SettingsError for a user without a home folder, as in a container."""
    try:
        return Path(find("facecam", appauthor=False))
    except RuntimeError as error:
        raise SettingsError("the home folder of this user is unknown: set HOME to a folder that you can write") from error


def autostart_entry() -> Path:
    """Return the path of the entry by which the desktop starts facecam at login. Windows has it in the registry instead."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{APP_ID}.plist"
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    # The specification tells programs to ignore relative paths.
    base = Path(folder) if folder.startswith("/") else Path.home() / ".config"
    return base / "autostart" / f"{APP_ID}.desktop"


def private_mode(folder: Path, *, is_shared: bool = False) -> int:
    """Return the permissions of a new private file in a folder: read and write for this user.

    With `is_shared`, the group gets the same when the folder is writable for the group: its owner shares it. Others never do.
    """
    if is_shared:
        with suppress(OSError):
            return 0o660 if folder.stat().st_mode & stat.S_IWGRP else 0o600
    return 0o600


def create_private_folder(folder: Path, *, is_shared: bool = False) -> None:
    """Create a folder, and the missing ones above it, which only this user can open, whatever the umask.

    What an administrator creates in another user's folder belongs to that user.

    With `is_shared`, the group can too where it can write to the folder above it, see `private_mode`.
    """
    if not folder.is_dir():
        if folder.parent != folder:  # On Windows, a drive may be missing.
            create_private_folder(folder.parent, is_shared=is_shared)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # another process was first, or it is a file
            if not folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
        else:
            give_to_owner(folder, folder.parent)
            group = stat.S_IRWXG if private_mode(folder.parent, is_shared=is_shared) & stat.S_IWGRP else 0
            set_mode(folder, stat.S_IRWXU | group | (folder.stat().st_mode & stat.S_ISGID))


def set_mode(path: Path, mode: int) -> None:
    """Set the permissions of a file or folder of this user. Nothing happens on a file system without permissions, such as FAT."""
    if stat.S_IMODE(path.stat().st_mode) != mode:
        with suppress(PermissionError):
            path.chmod(mode)


def give_to_owner(created: Path | int, folder: Path) -> None:
    """Give what an administrator has created in another user's folder to that user, who could not read it otherwise.

    `created` is the path of a folder, or the descriptor of a file.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    owner, now = folder.stat(), os.fstat(created) if isinstance(created, int) else created.stat()
    if now.st_uid == 0 and owner.st_uid != 0:
        with suppress(PermissionError):  # a file system without owners, or a share that does not let administrators do it
            os.chown(created, owner.st_uid, owner.st_gid, follow_symlinks=isinstance(created, int))


def create_private(path: Path, *, buffering: int = -1, is_shared: bool = False) -> BinaryIO:
    """Create a file for writing that only this user can read, whatever the umask; `is_shared` as for `private_mode`.

    What an administrator creates in another user's folder belongs to that user.

    `buffering` is that of open().

    Raises:
        OSError: The file exists, or cannot be created.
    """
    mode = private_mode(path.parent, is_shared=is_shared)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        give_to_owner(descriptor, path.parent)
        set_mode(path, mode)
        return os.fdopen(descriptor, "w+b", buffering)
    except BaseException:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise


def open_regular(path: Path | str) -> BinaryIO:
    """Open a regular file for reading without ever waiting for it.

    Raises:
        OSError: The file cannot be opened, or is a folder, a device, a pipe or a socket; `strerror` says which.
    """
    _require_regular(Path(path).stat(), path)  # Opening a device can already change it.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    descriptor = os.open(path, flags)
    try:
        _require_regular(os.fstat(descriptor), path)  # It may have been replaced since.
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path | str, max_bytes: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: As `open_regular`, or the file has more than `max_bytes`. A file of /proc can be endless at a size of 0.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size <= max_bytes:
            data = file.read(max_bytes + 1)
            if len(data) <= max_bytes:
                return data
    limit = f"{max_bytes // 1024**2} MB" if max_bytes >= 1024**2 else f"{max_bytes // 1024} KB"
    raise OSError(errno.EFBIG, TranslatableText("it has more than {limit}", limit=limit), str(path))


def parse_toml(data: bytes) -> dict[str, Any]:
    """Return the table of a TOML file, with or without a byte order mark. ValueError if it is not valid, or nested too deeply."""
    if any(line.count(b".") > _MAX_DOTS_PER_LINE for line in data.split(b"\n")):
        raise ValueError(TranslatableText("a line has more than {count} periods", count=_MAX_DOTS_PER_LINE))
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError(TranslatableText("the tables are nested too deeply")) from error


def parse_json(data: bytes) -> Any:
    """Return the value of a JSON file, with or without a byte order mark. ValueError if it is not valid, or nested too deeply."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError(TranslatableText("the values are nested too deeply")) from error


def _require_regular(found: os.stat_result, path: Path | str) -> None:
    """Raise OSError for anything but a regular file."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, TranslatableText("it is a folder"), str(path))
    if not stat.S_ISREG(found.st_mode):
        reasons = {
            stat.S_IFIFO: TranslatableText("it is a pipe, not a file"),
            stat.S_IFSOCK: TranslatableText("it is a socket, not a file"),
        }
        reason = reasons.get(stat.S_IFMT(found.st_mode), TranslatableText("it is a device, not a file"))
        raise OSError(errno.EINVAL, reason, str(path))


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`; readers see the old or the new content, even after a power cut. OSError as from open()."""
    with atomic_path(path) as part:
        part.write_bytes(data)


def write_private(path: Path, data: bytes, *, is_shared: bool = False) -> None:
    """Write a file of facecam's own as `write_atomic`, which others cannot read, whatever the umask.

    `is_shared` as for `private_mode`. The permissions of a file that is replaced stay where they are narrower. A pipe or a device
    in its place is replaced.
    """
    with atomic_path(path, private=True, is_shared=is_shared) as part:
        part.write_bytes(data)


def create_atomic(path: Path, data: bytes) -> bool:
    """Write a private file unless it exists, and return whether it was created. One of two processes at once succeeds."""
    with _part_in(path.parent) as part:
        with create_private(part) as file:
            file.write(data)
        _flush(part)
        try:
            os.link(part, path)
        except FileExistsError:
            return False
        except OSError:  # A file system without hard links (FAT, some network shares): the last writer wins.
            if path.exists():
                return False
            part.replace(path)
    return True


@contextmanager
def atomic_path(path: Path, *, private: bool = False, is_shared: bool = False, follow_link: bool = True) -> Iterator[Path]:
    """Yield a hidden path for content too large for memory. The file replaces `path` at the end and is deleted after an error.

    A link stays a link: its target is replaced. A file that is replaced keeps its permissions; the hidden one then exists
    already and is private. A device or a pipe, such as /dev/stdout, is written directly.

    With `private`, others cannot read the file, whatever the umask, see `write_private`. The hidden file exists already. Without
    `follow_link`, a link is replaced itself.
    """
    if is_stream(path) and not private:
        yield path
        return
    target = Path(os.path.realpath(path)) if follow_link and not is_stream(path) else path
    with _part_in(target.parent) as part:
        if private or target.is_file():
            create_private(part).close()
        yield part
        _flush(part)
        allowed = private_mode(target.parent, is_shared=is_shared) if private else 0o7777
        if target.is_file():
            set_mode(part, stat.S_IMODE(target.stat().st_mode) & allowed)
        elif private:
            set_mode(part, allowed)
        part.replace(target)


def write_output(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file that a user named, atomically; `private` when its place is facecam's choice. OutputError when that fails."""
    try:
        (write_private if private else write_atomic)(path, data)
    except OSError as error:
        raise OutputError("{path} cannot be written: {error}", path=path, error=error) from error


def check_output(path: Path, inputs: Iterable[Path] = (), *, overwrite: bool = False) -> None:
    """Check a path that a user named for a file to write, before the work begins.

    Args:
        path: The file. A device or a pipe passes.
        inputs: Files and folders that the work reads. They need not exist.
        overwrite: Whether a file that facecam did not write may be replaced. An input never is.

    Raises:
        OutputError: The file cannot be written, is an input, or would replace what facecam did not write.
    """
    try:
        if is_stream(path):
            return
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise OutputError("{path} is a folder; choose another name", path=path)
        if not target.parent.is_dir():
            folder = target.parent if path.is_symlink() else path.parent
            raise OutputError(
                "{path} cannot be written: the folder {folder} does not exist; create it first", path=path, folder=folder
            )
        is_kept = target.exists() and not is_replaceable(target)
        for source in inputs:
            if _is_same_file(target, source):
                raise OutputError("{path} is an input of this command; name another file", path=path)
            if is_kept and target.is_relative_to(os.path.realpath(source)):
                raise OutputError(
                    "{path} is in the folder {source}, which this command reads; name another file", path=path, source=source
                )
        if is_kept and not overwrite:
            raise OutputError("{path} exists; name another file, or add --overwrite to replace it", path=path)
        _check_writable(target.parent)
    except OSError as error:
        raise OutputError("{path} cannot be written: {error}; name another file", path=path, error=error) from error


def check_output_folder(folder: Path, own_file: str | None = None) -> None:
    """Check a folder that a user named for several files, before the work begins. It is created when they are written.

    Raises:
        OutputError: The folder cannot be written, or holds files but not `own_file`, if facecam writes this one there.
    """
    try:
        if own_file and folder.is_dir() and any(folder.iterdir()) and not (folder / own_file).exists():
            raise OutputError("{folder} holds other files; name a new or an empty folder", folder=folder)
        _check_writable(next(path for path in (folder, *folder.absolute().parents) if path.exists()))
    except OSError as error:
        raise OutputError(
            "the folder {folder} cannot be written: {error}; name another one", folder=folder, error=error
        ) from error


def is_replaceable(path: Path) -> bool:
    """Return whether a file is empty, or a report or PNG image that facecam wrote, which can be made again.

    Logs, tables and JSON are data and are not recognized.
    """
    with open_regular(path) as file:
        head = file.read(_HEAD_BYTES)
    return not head or _GENERATED.match(head) is not None


def is_stream(path: Path) -> bool:
    """Return whether the path is a device or a pipe. Of /dev/stdout in a shell pipeline, the real path does not exist."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _is_same_file(target: Path, source: Path) -> bool:
    """Return whether a real path and another path are the same file, also one that does not exist yet."""
    with suppress(OSError, ValueError):  # `source` does not exist, or is no path, such as a long address
        return target == Path(os.path.realpath(source)) or target.samefile(source)
    return False


def _check_writable(folder: Path) -> None:
    """Create and delete a file in the folder: permissions alone do not tell whether that is possible. OSError if not."""
    with _part_in(folder) as part:
        part.touch()


@contextmanager
def _part_in(folder: Path) -> Iterator[Path]:
    """Yield an unused hidden path in the folder, and delete the file that is left there."""
    part = folder / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _flush(part: Path) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())
