"""Networks that the user adds, converted to LiteRT once by `facecam models convert`. Opening them does not import TensorFlow.

A network is in the folder that `facecam train` wrote, or in the user's data folder below networks/NAME:

    network.litert         the compiled network
    network.litert.json    its SHA-256, the SHA-256 of the weights that it was converted from, and the converter
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from facecam.errors import ModelError
from facecam.fileio import write_atomic
from facecam.networks.keras_imagenet import keras_networks
from facecam.networks.manifest import entry, file_sha256
from facecam.networks.trained import read_trained

LITERT_FILE = "network.litert"
RECORD_FILE = "network.litert.json"


@dataclass(frozen=True, slots=True)
class ConversionRecord:
    """Content of network.litert.json: hashes of the compiled network and of the weights it was converted from."""

    sha256: str
    weights_sha256: str
    converter: str


def networks_dir() -> Path:
    """Return the folder of networks in the user's data folder."""
    return Path(platformdirs.user_data_dir("facecam", appauthor=False)) / "networks"


def network_folder(name: str) -> Path:
    """Return the folder of a user's network: a trained network is named by its absolute folder."""
    return networks_dir() / name


def is_user_network(name: str) -> bool:
    """Return whether a name is that of a user's network: an absolute folder, or a network of keras.applications."""
    return Path(name).is_absolute() or name in keras_networks()


def weights_sha256(name: str) -> str:
    """Return the SHA-256 of a network's weights: from the manifest, a trained folder, or the record of the conversion."""
    if Path(name).is_absolute():
        return read_trained(Path(name)).sha256
    return _read_record(name).weights_sha256 if name in keras_networks() else entry(name).sha256


def role_of(name: str) -> str:
    """Return a network's role as in the manifest; the user's networks recognize objects."""
    return "objects" if is_user_network(name) else entry(name).role


def write_converted(name: str, content: bytes, weights_sha256: str, converter: str) -> Path:
    """Store a compiled network and its record, and return its path."""
    folder = network_folder(name)
    record = ConversionRecord(hashlib.sha256(content).hexdigest(), weights_sha256, converter)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / LITERT_FILE, content)
        write_atomic(folder / RECORD_FILE, (json.dumps(asdict(record), indent=2) + "\n").encode())
    except OSError as error:
        raise ModelError(f"the network {name} cannot be stored: {folder} ({error.strerror})") from error
    return folder / LITERT_FILE


def converted_content(name: str) -> bytes:
    """Return a user's compiled network. ModelError if it is missing, damaged or converted from other weights."""
    record = _read_record(name)
    weights = _current_weights_sha256(name)
    if weights not in ("", record.weights_sha256):
        raise ModelError(f"the weights of {name} have changed since it was converted: run {_command(name)} again")
    path = network_folder(name) / LITERT_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(_not_converted(name)) from error
    except OSError as error:
        raise ModelError(f"the compiled network {name} is unreadable: {path} ({error.strerror})") from error
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise ModelError(f"the compiled network {name} is damaged: {path}; run {_command(name)} again")
    return content


def _current_weights_sha256(name: str) -> str:
    """Return the SHA-256 of the present weights; "" for a network of keras.applications whose weights were deleted."""
    network = keras_networks().get(name)
    if network is None:
        return read_trained(Path(name)).sha256
    try:
        stat = network.file.stat()
        return file_sha256(network.file, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return ""


def _read_record(name: str) -> ConversionRecord:
    path = network_folder(name) / RECORD_FILE
    try:
        return ConversionRecord(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        if Path(name).is_absolute():
            read_trained(Path(name))  # Its error, if the folder holds no network, says more.
        raise ModelError(_not_converted(name)) from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} cannot be read ({error}); run {_command(name)} again") from error


def _not_converted(name: str) -> str:
    return f"{name} has not been converted yet: run {_command(name)} first"


def _command(name: str) -> str:
    return f"`facecam models convert {name}`"
