"""ImageNet weights of keras.applications: location in Keras's cache, download and verification, all without importing Keras.

keras_applications.toml lists the networks. `load_keras` is how the rest of facecam imports Keras without its output on stderr,
`assign_arrays` how it loads weights into a Keras network.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.fileio import atomic_path
from facecam.networks.manifest import file_sha256

if TYPE_CHECKING:
    import keras

Progress = Callable[[int, int], None]
"""Called with the bytes done and the total, which is 0 when the server does not report it."""

_LIST = Path(__file__).with_name("keras_applications.toml")
HOST = "https://storage.googleapis.com/"
_CHUNK_BYTES = 1 << 18
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class KerasNetwork:
    """One network of keras.applications. At most one of `md5` and `sha256` is set, as published by Keras."""

    name: str
    module: str
    side_px: int
    path: str
    cached_as: str = ""
    md5: str = ""
    sha256: str = ""

    @property
    def file(self) -> Path:
        """Return the path of the weights in Keras's cache, which need not exist."""
        return keras_home() / "models" / (self.cached_as or self.path.rpartition("/")[2])


def keras_networks() -> dict[str, KerasNetwork]:
    """Return all networks of keras.applications by name. ModelError when their list is missing or damaged."""
    try:
        return _parsed_list(_LIST.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ModelError(
            "the list of Keras's networks cannot be read: {path} ({error}); reinstall facecam", path=_LIST, error=error
        ) from error


def fetch(network: KerasNetwork, progress: Progress | None = None, host: str = HOST) -> Path:
    """Return the path of the weights, downloading them to Keras's cache if needed; only a complete, verified file is stored.

    Raises:
        ModelError: The download failed; the message says what to do offline.
    """
    target = network.file
    if target.is_file():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as part:
            with urllib.request.build_opener().open(host + network.path, timeout=_TIMEOUT_S) as response, part.open("xb") as file:
                _copy(response, file, int(response.headers.get("Content-Length") or 0), progress)
            _verify(network, part)
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else str(error) or type(error).__name__
        raise ModelError(
            "the weights of {name} are not on this machine and cannot be downloaded ({reason}): go online and try "
            "again, or copy the file of {host}{path} to {file}",
            name=network.name,
            reason=reason,
            host=host,
            path=network.path,
            file=target,
        ) from error
    return target


def verified_sha256(network: KerasNetwork) -> str:
    """Return the SHA-256 of the verified weights in Keras's cache. ModelError if they are missing or damaged."""
    try:
        _verify(network, network.file)
        return file_sha256(network.file)
    except OSError as error:
        raise ModelError(
            "the weights of {name} cannot be read: {file} ({error}); `facecam models convert {name}` downloads "
            "them when they are missing",
            name=network.name,
            file=network.file,
            error=error,
        ) from error


def _verify(network: KerasNetwork, path: Path) -> None:
    """Raise ModelError unless the file has the published hash. Most are MD5, which detects damage but not tampering."""
    kind, expected = ("md5", network.md5) if network.md5 else ("sha256", network.sha256)
    if not expected:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != expected:
        raise ModelError(
            "the weights of {name} are damaged: {kind} {found}, expected {expected}; delete {file} if it exists, and try again",
            name=network.name,
            kind=kind,
            found=found[:12],
            expected=expected[:12],
            file=network.file,
        )


def _copy(response: IO[bytes], file: IO[bytes], total: int, progress: Progress | None) -> None:
    """Copy to the end. OSError when the connection ends before `total` bytes have arrived."""
    done = 0
    while chunk := response.read(_CHUNK_BYTES):
        file.write(chunk)
        done += len(chunk)
        if progress is not None:
            progress(done, total)
    if total and done != total:
        raise OSError(f"only {done} of {total} bytes arrived")


def keras_home() -> Path:
    """Return Keras's own folder: $KERAS_HOME, else ~/.keras."""
    named = os.environ.get("KERAS_HOME")
    return Path(named) if named else Path.home() / ".keras"


@cache
def _parsed_list(text: str) -> dict[str, KerasNetwork]:
    return {name: KerasNetwork(name, **fields) for name, fields in tomllib.loads(text).items()}


def load_keras() -> None:
    """Import Keras and TensorFlow without their output. It takes seconds the first time; `import keras` is then free.

    Raises:
        ModelError: TensorFlow or Keras is not installed or cannot be imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # Effective after the import only.
    try:
        with silence_stderr():
            import keras  # noqa: F401
            import tensorflow as tf  # noqa: F401
    except ImportError as error:
        raise ModelError(
            "TensorFlow is needed for this and cannot be imported ({error}); install it with `pip install tensorflow`",
            error=error,
        ) from error


def network_variables(model: keras.Model) -> dict[str, Any]:
    """Return the variables of a Keras network by "layer/variable", without the seeds of its random layers."""
    named = ((f"{layer.name}/{variable.name}", variable) for layer in model.layers for variable in layer.weights)
    return {name: variable for name, variable in named if "seed_generator" not in variable.path}


def assign_arrays(model: keras.Model, arrays: Mapping[str, NDArray[Any]], weights: str) -> None:
    """Assign arrays by "layer/variable" to a Keras network.

    Raises ModelError, which calls the arrays `weights`, unless each variable has an array of its shape and none is left over.
    """
    remaining = dict(arrays)
    for name, variable in network_variables(model).items():
        array = remaining.pop(name, None)
        if array is None or array.shape != tuple(variable.shape):
            raise ModelError(
                "{weights} do not fit the network {name} at {variable}; use weights of this network",
                weights=weights,
                name=model.name,
                variable=name,
            )
        variable.assign(array)
    if remaining:
        surplus = ", ".join(sorted(remaining)[:3])
        raise ModelError(
            "{weights} hold {surplus}, which the network {name} does not have; use weights of this network",
            weights=weights,
            surplus=surplus,
            name=model.name,
        )


@contextlib.contextmanager
def silence_stderr() -> Iterator[None]:
    """Discard output of all threads to file descriptor 2, for libraries that write there without an option to stop it."""
    try:
        saved = os.dup(2)
    except OSError:  # stderr is closed.
        yield
        return
    with Path(os.devnull).open("wb") as null:
        os.dup2(null.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
