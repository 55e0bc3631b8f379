"""Networks of the user: folders that `facecam train` writes, and networks converted to LiteRT by `facecam models convert`.

A trained network is a folder; other networks are in the user's data folder below networks/NAME:

    network.json                  format, recipe, input, labels, weights file and its SHA-256, training figures
    weights-<hash>.safetensors    all arrays of the network
    history.png, confusion.png    training history and confusion matrix
    network.litert                compiled network
    network.litert.json           its SHA-256, the SHA-256 of the weights it was converted from, and the converter

network.json names its weights and is moved into place last, so a readable folder is always complete. Opening a converted network
does not import TensorFlow.

The two .json files have the SHA-256 of the others. They are used only if this user's facecam has written them, or the user has
approved them by `facecam models accept`; see `facecam.integrity`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.fileio import create_private_folder, data_dir, parse_json, read_regular, write_private
from facecam.integrity import approve, approving, trust_problem
from facecam.messages import TranslatableText
from facecam.networks.keras_imagenet import keras_networks
from facecam.networks.manifest import entry, file_sha256, read_verified

NETWORK_FILE = "network.json"
FORMAT = 1

SCALINGS = {"unit": (0.0, 255.0), "none": (0.0, 1.0), "efficientnet_lite": (127.0, 128.0), "mobilenet": (127.5, 127.5)}
"""Name -> (offset, divisor): a pixel value x (0 to 255) is scaled to (x - offset) / divisor."""

TRAINED, COMPILED = "trained network", "compiled network"
"""Purposes of the .json files, see `facecam.integrity`."""

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
    """Return the network in `folder` after verifying that it is this user's, and its weights. ModelError says what is wrong."""
    content = _description_content(folder)
    require_trust(folder / NETWORK_FILE, content, TRAINED, str(folder), _RESTORE)
    found = _parsed_description(folder, content)
    verified_weights(found)
    return found


def described_network(folder: Path) -> TrainedNetwork:
    """Return what network.json says, without verifying anything. ModelError when it cannot be read."""
    return _parsed_description(folder, _description_content(folder))


def _description_content(folder: Path) -> bytes:
    try:
        return read_regular(folder / NETWORK_FILE, _MAX_JSON_BYTES)
    except FileNotFoundError as error:
        raise ModelError(
            "{folder} is not a trained network: {file} is missing; create one with `facecam train`",
            folder=folder,
            file=NETWORK_FILE,
        ) from error
    except OSError as error:
        raise ModelError(
            "{path} cannot be read ({error}); {advice}", path=folder / NETWORK_FILE, error=error, advice=_RESTORE
        ) from error


def _parsed_description(folder: Path, content: bytes) -> TrainedNetwork:
    path = folder / NETWORK_FILE
    try:
        facts = parse_json(content)
        if facts.pop("format") != FORMAT:
            raise ModelError(
                "{path} is not of format {format}; a newer version of facecam wrote it: install that version",
                path=path,
                format=FORMAT,
            )
        form = InputForm(**{_STORED_NAMES.get(name, name): value for name, value in facts.pop("form").items()})
        found = TrainedNetwork(folder, form=form, labels=tuple(map(str, facts.pop("labels"))), **facts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
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
    return found


def require_trust(path: Path, content: bytes, purpose: str, name: str, advice: TranslatableText) -> None:
    """Raise ModelError unless this user's facecam wrote this content of a file, or the user approved it.

    `name` is what the user names to `facecam models accept`; `advice` is what else helps.
    """
    if problem := trust_problem(path, hashlib.sha256(content).hexdigest(), purpose):
        raise UntrustedNetworkError(
            "{path} is not used: {problem}; if you trust it, run `facecam models accept {name}`, otherwise {advice}",
            path=path,
            problem=problem,
            name=name,
            advice=advice,
        )


class UntrustedNetworkError(ModelError):
    """A file of a network is not this user's own, or has changed."""


class ChangedNetworkError(ModelError):
    """A compiled network cannot be used, and can be converted again from its source."""


def write_description(network: TrainedNetwork) -> None:
    """Write network.json, which makes the folder's present weights the network. OSError when that fails."""
    content, path = network.to_json().encode(), network.folder / NETWORK_FILE
    with approving(path, hashlib.sha256(content).hexdigest(), TRAINED):
        write_private(path, content)


def write_trained(
    network: TrainedNetwork, arrays: Mapping[str, NDArray[Any]], plots: Mapping[str, bytes] | None = None
) -> TrainedNetwork:
    """Write the folder of `network` and return it with the name and hash of its weights. OSError when that fails.

    network.json is moved into place last, so an interruption leaves the earlier network.
    """
    from safetensors.numpy import save

    content = save(dict(arrays))
    digest = hashlib.sha256(content).hexdigest()
    network = replace(network, weights=f"weights-{digest[:12]}.safetensors", sha256=digest)
    create_private_folder(network.folder)
    for name, data in {network.weights: content, **(plots or {})}.items():
        write_private(network.folder / name, data)
    write_description(network)
    delete_obsolete_weights(network)
    return network


def delete_obsolete_weights(network: TrainedNetwork) -> None:
    """Delete weights that the network's folder does not name, which an interruption may have left. OSError when that fails."""
    for path in network.folder.glob("weights-*.safetensors"):
        if path.name != network.weights:
            path.unlink(missing_ok=True)


def accept_network(name: str) -> list[Path]:
    """Approve the trained network of a folder, or of keras.applications, as it is now, and return the files.

    A compiled network that does not belong to its record is not approved: it is converted again before it is used.

    Raises:
        ModelError: The network is missing or damaged, or the approval cannot be stored.
    """
    accepted = []
    if Path(name).is_absolute():
        content = _description_content(Path(name))
        verified_weights(_parsed_description(Path(name), content))
        accepted.append(store_approval(Path(name) / NETWORK_FILE, content, TRAINED))
    if not accepted or (network_folder(name) / RECORD_FILE).exists():
        content = _record_content(name)
        _compiled_content(name, _parsed_record(name, content))
        accepted.append(store_approval(network_folder(name) / RECORD_FILE, content, COMPILED))
    return accepted


def store_approval(path: Path, content: bytes, purpose: str) -> Path:
    """Approve this content of a file, and return its path. ModelError when that cannot be stored."""
    try:
        approve(path, hashlib.sha256(content).hexdigest(), purpose)
    except OSError as error:
        raise ModelError("{path} cannot be approved: {error}", path=path, error=error) from error
    return path


def trained_arrays(network: TrainedNetwork) -> dict[str, NDArray[Any]]:
    """Return the verified arrays of the network by name. ModelError as from `read_trained`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = verified_weights(network)
    try:
        arrays: dict[str, NDArray[Any]] = load(content)
    except SafetensorError as error:
        raise ModelError(
            "the weights of {folder} are not a .safetensors file ({error}); {advice}",
            folder=network.folder,
            error=error,
            advice=_RESTORE,
        ) from error
    return arrays


def verified_weights(network: TrainedNetwork) -> bytes:
    """Return the content of the weights' file, whose SHA-256 matches network.json. ModelError else."""
    subject = TranslatableText("the weights of {name} are", name=network.folder)
    return read_verified(network.folder / network.weights, network.sha256, subject, _RESTORE)


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
        create_private_folder(folder)
        write_private(folder / LITERT_FILE, content)
        facts = (json.dumps(asdict(record), indent=2) + "\n").encode()
        with approving(folder / RECORD_FILE, hashlib.sha256(facts).hexdigest(), COMPILED):
            write_private(folder / RECORD_FILE, facts)
    except OSError as error:
        raise ModelError(
            "the network {name} cannot be stored: {folder} ({error})", name=name, folder=folder, error=error
        ) from error
    return folder / LITERT_FILE


def converted_content(name: str) -> bytes:
    """Return a user's compiled network.

    Raises:
        ChangedNetworkError: It is missing, or it or its record has changed.
        ModelError: It is not converted yet, or from other weights, or its source is not this user's own.
    """
    record = _read_record(name)
    weights = _current_weights_sha256(name)
    if weights not in ("", record.weights_sha256):
        raise ModelError(
            "the weights of {name} have changed since it was converted: run {command} again", name=name, command=_command(name)
        )
    return _compiled_content(name, record)


def _compiled_content(name: str, record: ConversionRecord) -> bytes:
    subject = TranslatableText("the compiled network {name} is", name=name)
    advice = TranslatableText("run {command} again", command=_command(name))
    try:
        return read_verified(network_folder(name) / LITERT_FILE, record.sha256, subject, advice)
    except ModelError as error:
        raise ChangedNetworkError(error.text) from error


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
    content = _record_content(name)
    try:
        advice = TranslatableText("run {command} again", command=_command(name))
        require_trust(network_folder(name) / RECORD_FILE, content, COMPILED, name, advice)
    except UntrustedNetworkError as error:
        raise ChangedNetworkError(error.text) from error
    return _parsed_record(name, content)


def _record_content(name: str) -> bytes:
    path = network_folder(name) / RECORD_FILE
    try:
        return read_regular(path, _MAX_JSON_BYTES)
    except FileNotFoundError as error:
        if Path(name).is_absolute():
            read_trained(Path(name))  # Its error, if the folder holds no network, says more.
        raise ModelError("{name} has not been converted yet: run {command} first", name=name, command=_command(name)) from error
    except OSError as error:
        raise _unreadable_record(name, error) from error


def _parsed_record(name: str, content: bytes) -> ConversionRecord:
    try:
        return ConversionRecord(**parse_json(content))
    except (ValueError, TypeError) as error:
        raise _unreadable_record(name, error) from error


def _unreadable_record(name: str, error: Exception) -> ChangedNetworkError:
    path = network_folder(name) / RECORD_FILE
    return ChangedNetworkError(
        "{path} cannot be read ({error}); run {command} again", path=path, error=error, command=_command(name)
    )


def _command(name: str) -> str:
    return f"`facecam models convert {name}`"
