"""Networks of the user: folders that `facecam train` writes, and networks converted to LiteRT by `facecam models convert`.

A trained network is a folder; other networks are in the user's data folder below networks/NAME:

    network.json                  format, recipe, input, labels, weights file and its SHA-256, training figures
    weights-<hash>.safetensors    all arrays of the network
    history.png, confusion.png    training history and confusion matrix
    network.litert                compiled network
    network.litert.json           its SHA-256, the SHA-256 of the weights it was converted from, and the converter

network.json names its weights and is moved into place last, so a readable folder is always complete. Opening a converted network
does not import TensorFlow.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.fileio import data_dir, parse_json, read_regular, write_atomic
from facecam.messages import TranslatableText
from facecam.networks.keras_imagenet import keras_networks
from facecam.networks.manifest import entry, file_sha256, verify_file

NETWORK_FILE = "network.json"
FORMAT = 1

SCALINGS = {"unit": (0.0, 255.0), "none": (0.0, 1.0), "efficientnet_lite": (127.0, 128.0), "mobilenet": (127.5, 127.5)}
"""Name -> (offset, divisor): a pixel value x (0 to 255) is scaled to (x - offset) / divisor."""

_RESTORE = TranslatableText("copy the folder again, or train the network again")
_STORED_NAMES = {"ink": "handwritten", "ink_margin": "margin"}


@dataclass(frozen=True, slots=True)
class InputForm:
    """Input of a network: (n, size_px, size_px, channels) float32, RGB or gray, scaled by SCALINGS.

    `handwritten` networks are trained on light strokes on black; `margin` is the free border as a fraction of the side.
    """

    size_px: int
    channels: int
    scaling: str = "unit"
    handwritten: bool = False
    margin: float = 0.0

    def __post_init__(self) -> None:
        if not (4 <= self.size_px <= 1024 and self.channels in (1, 3)):
            raise ModelError(
                "input of {size_px} px and {channels} channels; expected 4 to 1024 px, 1 or 3",
                size_px=self.size_px,
                channels=self.channels,
            )
        if self.scaling not in SCALINGS or not 0 <= self.margin < 0.5:
            raise ModelError(
                "scaling {scaling!r} with a margin of {margin}; expected one of {scalings}",
                scaling=self.scaling,
                margin=self.margin,
                scalings=list(SCALINGS),
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size_px, self.size_px, self.channels


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """Content of network.json. `figures` are those of the training: test loss and accuracy, numbers of images, seed."""

    folder: Path
    recipe: str
    base: str
    form: InputForm
    labels: tuple[str, ...]
    weights: str
    sha256: str
    figures: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the content of network.json."""
        facts = asdict(self) | {"format": FORMAT}
        del facts["folder"]
        names = {field: stored for stored, field in _STORED_NAMES.items()}
        facts["form"] = {names.get(name, name): value for name, value in facts["form"].items()}
        return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


_MAX_JSON_BYTES = 16 * 1024**2
"""Maximum size of a network's description; labels can be many."""


def read_trained(folder: Path) -> TrainedNetwork:
    """Return the network in `folder` after verifying its weights. ModelError says what is wrong."""
    path = folder / NETWORK_FILE
    try:
        facts = parse_json(read_regular(path, _MAX_JSON_BYTES))
        if facts.pop("format") != FORMAT:
            raise ModelError(
                "{path} is not of format {format}; a newer version of facecam wrote it: install that version",
                path=path,
                format=FORMAT,
            )
        form = InputForm(**{_STORED_NAMES.get(name, name): value for name, value in facts.pop("form").items()})
        found = TrainedNetwork(folder, form=form, labels=tuple(map(str, facts.pop("labels"))), **facts)
    except FileNotFoundError as error:
        raise ModelError(
            "{folder} is not a trained network: {file} is missing; create one with `facecam train`",
            folder=folder,
            file=NETWORK_FILE,
        ) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError("{path} cannot be read ({error}); {advice}", path=path, error=error, advice=_RESTORE) from error
    texts = (found.recipe, found.base, found.weights, found.sha256)
    if not all(isinstance(text, str) and "\0" not in text for text in texts) or not isinstance(found.figures, dict):
        raise ModelError(
            "{path} has recipe, base, weights, sha256 or figures of the wrong kind; {advice}", path=path, advice=_RESTORE
        )
    if Path(found.weights).name != found.weights or len(found.labels) < 2 or len(set(found.labels)) != len(found.labels):
        raise ModelError(
            "{path} names {weights!r} and {count} labels, which does not describe a network; {advice}",
            path=path,
            weights=found.weights,
            count=len(found.labels),
            advice=_RESTORE,
        )
    _verify_weights(found)
    return found


def trained_arrays(network: TrainedNetwork) -> dict[str, NDArray[Any]]:
    """Return the verified arrays of the network by name. ModelError as from `read_trained`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    _verify_weights(network)
    try:
        arrays: dict[str, NDArray[Any]] = load_file(network.folder / network.weights)
    except SafetensorError as error:
        raise ModelError(
            "the weights of {folder} are not a .safetensors file ({error}); {advice}",
            folder=network.folder,
            error=error,
            advice=_RESTORE,
        ) from error
    return arrays


def _verify_weights(network: TrainedNetwork) -> None:
    subject = TranslatableText("the weights of {name} are", name=network.folder)
    verify_file(network.folder / network.weights, network.sha256, subject, _RESTORE)


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
    return data_dir() / "networks"


def network_folder(name: str) -> Path:
    """Return the folder of a user's network: a trained network is named by its absolute folder."""
    return networks_dir() / name


def is_user_network(name: str) -> bool:
    """Return whether a name is that of a user's network: a file, an absolute folder, or a network of keras.applications."""
    return is_embedding_file(name) or Path(name).is_absolute() or name in keras_networks()


def is_embedding_file(name: str) -> bool:
    """Return whether a name is the path of a user's embedding network, see `user_embeddings`."""
    return Path(name).suffix.lower() == ".tflite"


def embedding_file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file of an embedding network. ModelError when it cannot be read."""
    try:
        return file_sha256(path)
    except OSError as error:
        raise ModelError("the network {path} cannot be read: {error}", path=path, error=error) from error


def weights_sha256(name: str) -> str:
    """Return the SHA-256 of a network's weights: from the manifest, a file, a trained folder, or the record of the conversion."""
    if is_embedding_file(name):
        return embedding_file_sha256(Path(name))
    if Path(name).is_absolute():
        return read_trained(Path(name)).sha256
    return _read_record(name).weights_sha256 if name in keras_networks() else entry(name).sha256


def role_of(name: str) -> str:
    """Return a network's role as in the manifest; a user's network embeds faces if it is a file, else it recognizes objects."""
    if is_embedding_file(name):
        return "embedding"
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
        raise ModelError(
            "the network {name} cannot be stored: {folder} ({error})", name=name, folder=folder, error=error
        ) from error
    return folder / LITERT_FILE


def converted_path(name: str) -> Path:
    """Return the path of a user's compiled network. ModelError if it is missing, damaged or converted from other weights."""
    record = _read_record(name)
    weights = _current_weights_sha256(name)
    if weights not in ("", record.weights_sha256):
        raise ModelError(
            "the weights of {name} have changed since it was converted: run {command} again", name=name, command=_command(name)
        )
    path = network_folder(name) / LITERT_FILE
    subject = TranslatableText("the compiled network {name} is", name=name)
    verify_file(path, record.sha256, subject, TranslatableText("run {command} again", command=_command(name)))
    return path


def _current_weights_sha256(name: str) -> str:
    """Return the SHA-256 of the present weights; "" for a network of keras.applications whose weights were deleted."""
    network = keras_networks().get(name)
    if network is None:
        return read_trained(Path(name)).sha256
    try:
        return file_sha256(network.file)
    except OSError:
        return ""


def _read_record(name: str) -> ConversionRecord:
    path = network_folder(name) / RECORD_FILE
    try:
        return ConversionRecord(**parse_json(read_regular(path, _MAX_JSON_BYTES)))
    except FileNotFoundError as error:
        if Path(name).is_absolute():
            read_trained(Path(name))  # Its error, if the folder holds no network, says more.
        raise ModelError("{name} has not been converted yet: run {command} first", name=name, command=_command(name)) from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            "{path} cannot be read ({error}); run {command} again", path=path, error=error, command=_command(name)
        ) from error


def _command(name: str) -> str:
    return f"`facecam models convert {name}`"
