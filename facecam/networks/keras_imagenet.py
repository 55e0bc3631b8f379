"""ImageNet weights of keras.applications: where Keras keeps them, where they come from, what they must hash to.

No Keras here: a network is looked for, fetched and verified without importing it. keras_applications.toml lists them all.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import tomllib
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from facecam.errors import ModelError
from facecam.fileio import PART_PREFIX

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all; 0 when the server does not say how many."""

_LIST = Path(__file__).with_name("keras_applications.toml")
HOST = "https://storage.googleapis.com/"
_CHUNK_BYTES = 1 << 18
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class KerasNetwork:
    """One network of keras.applications. Of `md5` and `sha256` one at most is set: what Keras publishes of the file."""

    name: str
    module: str
    side_px: int
    path: str
    kept_as: str = ""
    md5: str = ""
    sha256: str = ""

    @property
    def file(self) -> Path:
        """Where Keras keeps the weights; the file need not be there."""
        return keras_home() / "models" / (self.kept_as or self.path.rpartition("/")[2])


def keras_networks() -> dict[str, KerasNetwork]:
    """All networks of keras.applications by name. ModelError when their list is missing or damaged."""
    try:
        return _listed(_LIST.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ModelError(f"the list of Keras's networks cannot be read: {_LIST} ({error}); install facecam again") from error


def fetch(network: KerasNetwork, progress: Progress | None = None, host: str = HOST) -> Path:
    """The weights' file, fetched from `host` into Keras's cache first when it is not there; a whole and verified file or none.

    Raises ModelError that says what to do, offline above all.
    """
    target = network.file
    if target.is_file():
        return target
    part = target.parent / f"{PART_PREFIX}{uuid.uuid4().hex}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.build_opener().open(host + network.path, timeout=_PATIENCE_S) as answer, part.open("xb") as file:
            _copy(answer, file, int(answer.headers.get("Content-Length") or 0), progress)
        _verify(network, part)
        part.replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(
            f"the weights of {network.name} are not on this machine and cannot be fetched ({_reason(error)}): go online and try "
            f"again, or copy the file of {host}{network.path} to {target}"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def verified_sha256(network: KerasNetwork) -> str:
    """The SHA-256 of the weights in Keras's cache, once they are what Keras publishes; hashed once per process and file.

    Raises ModelError when they are missing or damaged.
    """
    try:
        stat = network.file.stat()
        return _hashed(network, network.file, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise ModelError(
            f"the weights of {network.name} cannot be read: {network.file} ({error.strerror}); "
            f"`facecam run --mode objects --network {network.name}` fetches them when they are missing"
        ) from error


@cache
def _hashed(network: KerasNetwork, path: Path, mtime_ns: int, size_bytes: int) -> str:
    """As above. Path, time and size are there to make a changed file another question."""
    del mtime_ns, size_bytes
    _verify(network, path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(network: KerasNetwork, path: Path) -> None:
    """ModelError unless the file has the published hash. Keras publishes MD5 of most: that finds damage, not malice."""
    for kind, expected in (("md5", network.md5), ("sha256", network.sha256)):
        if not expected:
            continue
        with path.open("rb") as file:
            found = hashlib.file_digest(file, kind).hexdigest()
        if found != expected:
            raise ModelError(
                f"the weights of {network.name} are damaged: {kind} {found[:12]}, expected {expected[:12]}; "
                f"delete {network.file} if it is there, and try again"
            )


def _copy(answer: IO[bytes], file: IO[bytes], total: int, progress: Progress | None) -> None:
    """Copy to the end. OSError when the connection ends before all `total` bytes have come."""
    done = 0
    while chunk := answer.read(_CHUNK_BYTES):
        file.write(chunk)
        done += len(chunk)
        if progress is not None:
            progress(done, total)
    if total and done != total:
        raise OSError(f"only {done} of {total} bytes came")


def _reason(error: Exception) -> str:
    return str(error.reason) if isinstance(error, urllib.error.URLError) else str(error) or type(error).__name__


def keras_home() -> Path:
    """Keras's own folder: $KERAS_HOME, else ~/.keras."""
    named = os.environ.get("KERAS_HOME")
    return Path(named) if named else Path.home() / ".keras"


@cache
def _listed(text: str) -> dict[str, KerasNetwork]:
    return {name: KerasNetwork(name, **fields) for name, fields in tomllib.loads(text).items()}


# MERGED quiet: Libraries that greet on stderr, and have no switch for it.


def load_keras() -> None:
    """Import Keras, and TensorFlow with it: seconds the first time, after which `import keras` costs nothing and says nothing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # keeps TensorFlow quiet later, but not while it is imported
    with silence_stderr():
        import keras  # noqa: F401


@contextlib.contextmanager
def silence_stderr() -> Iterator[None]:
    """Lose what is written to file descriptor 2, by whatever thread: for libraries that greet there and have no switch for it."""
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed, so there is nothing to keep quiet
        yield
        return
    with Path(os.devnull).open("wb") as silence:
        os.dup2(silence.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
